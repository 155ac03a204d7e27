from __future__ import annotations

import json

import pytest

import lamella
from lamella import cli, context, plugins
from lamella.errors import MissingPluginError
from lamella.plugins import BACKENDS, PluginInfo

GOOD = PluginInfo(BACKENDS, "Abacus", "abacus", "1.2", ">=0.1", True, "")
BAD = PluginInfo(BACKENDS, "Wreck", "wreck", "0.3", ">=9", False, "it needs another core")


@pytest.fixture
def installed(monkeypatch):
    """Decide which plugins seem to be installed."""

    def decide(*infos: PluginInfo) -> None:
        monkeypatch.setattr(plugins, "available", lambda group: [info for info in infos if info.group == group])
        monkeypatch.setattr(plugins, "load", lambda group, name: None)

    return decide


def test_plugins_are_a_table_and_all_well_is_zero(installed, capsys):
    installed(GOOD)
    assert cli.main(["plugins"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["kind", "name", "distribution", "version", "compatible", "error"]
    assert row.split() == ["device", "Abacus", "abacus", "1.2", "yes"]


def test_plugin_in_trouble_is_shown_and_gives_one(installed, capsys):
    installed(GOOD, BAD)
    assert cli.main(["plugins"]) == 1
    assert capsys.readouterr().out.splitlines()[2].split(maxsplit=5)[4:] == ["no", "it needs another core"]


def test_env_as_json_says_where_it_runs(monkeypatch, capsys):
    monkeypatch.setattr(context, "get_context", lambda key: "Abacus")
    assert cli.main(["env", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["lamella"] == lamella.__version__
    assert facts["device"] == "Abacus"
    assert facts["settings"]["mode"] == context.mode
    assert "numpy" in facts["distributions"]


@pytest.mark.parametrize("error", [MissingPluginError, ValueError])
def test_env_with_an_unusable_device_says_why_and_gives_one(monkeypatch, capsys, error):
    def missing(key: str) -> str:
        raise error("no such device")

    monkeypatch.setattr(context, "get_context", missing)
    assert cli.main(["env"]) == 1
    assert "no such device" in capsys.readouterr().out


def test_version(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"lamella {lamella.__version__}\n"


@pytest.mark.parametrize("words", [[], ["plugin"], ["env", "--yaml"]])
def test_senseless_words_are_one_usage_message_and_two(words, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)
    assert "usage: lamella" in capsys.readouterr().err


def test_coverage_tells_native_primitives_from_others(monkeypatch, capsys):
    from lamella.backends.reference import ReferenceBackend

    class Partial(ReferenceBackend):
        name = "Partial"

        def supports(self, op, version, types, attrs):
            return op != "sin" and (op != "cos" or types[0].dtype.name == "float32")

    monkeypatch.setattr(context, "backend", Partial(), raising=False)
    assert cli.main(["env", "--coverage"]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line.strip()}
    assert "reference kernel" in rows["sin"] and "native for 3" in rows["cos"]
    assert rows["exp"].split()[1] == "native" and "on Partial" in rows["primitive"]


class Stub:
    """A compiler that notes what it is asked."""

    def graph(self, fn, args, optimized=True):
        self.asked = fn, args, optimized
        return lamella.ir.build(lambda x: -x, lamella.ir.TensorType(lamella.float32, (2,)))


@pytest.fixture
def stub(monkeypatch):
    stub = Stub()
    monkeypatch.setattr(plugins, "compiler", lambda: stub)
    return stub


def test_the_graph_of_a_function_in_a_file(tmp_path, stub, capsys, monkeypatch):
    import sys

    monkeypatch.setattr(sys, "path", list(sys.path))
    file = tmp_path / "prog_for_cli.py"
    file.write_text("class Box:\n    def fn(self, x, n): ...\nbox = Box()\n")
    arguments = ["--input", "float32[2, n]", "--input", "3", "--input", "'mean'", "--plain"]
    assert cli.main(["graph", f"{file}:box.fn", *arguments]) == 0
    fn, args, optimized = stub.asked
    assert fn.__name__ == "fn" and [str(a) for a in args] == ["float32[2, n]", "3", "mean"] and not optimized
    assert "neg(%0)" in capsys.readouterr().out


@pytest.mark.parametrize(("form", "text"), [("dot", "digraph"), ("mermaid", "flowchart TD")])
def test_graphs_are_drawn(stub, capsys, form, text):
    assert cli.main(["graph", "lamella.nn:ReLU", "--input", "float32[2]", "--form", form]) == 0
    assert text in capsys.readouterr().out and isinstance(stub.asked[0], lamella.nn.ReLU)


@pytest.mark.parametrize(
    "words",
    [
        ["nowhere.py:fn"],
        ["lamella"],
        ["lamella:nothing"],
        ["no_such_module:fn"],
        ["lamella.nn:ReLU", "--input", "f32["],
    ],
)
def test_graphs_of_nothing(stub, capsys, words):
    assert cli.main(["graph", *words]) == 1
    assert capsys.readouterr().err.startswith("lamella: ")
