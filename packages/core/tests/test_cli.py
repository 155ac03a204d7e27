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


def test_env_with_an_unusable_device_says_why_and_gives_one(monkeypatch, capsys):
    def missing(key: str) -> str:
        raise MissingPluginError("no such device")

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
