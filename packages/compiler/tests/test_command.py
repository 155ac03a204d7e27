"""`lamella graph` with the compiler."""

from __future__ import annotations

import sys

import pytest

from lamella import cli

SOURCE = """
import lamella as ms
from lamella import nn, ops

class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.dense = nn.Dense(3, 2)
    def construct(self, x):
        while x.sum() < 3:
            x = x * 2 * 1
        return self.dense(x)

def scaled(x, n, how="sum"):
    return x * n if how == "sum" else x
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "program_for_graph.py"
    path.write_text(SOURCE)
    return path


def test_a_class_of_cells(file, capsys):
    assert cli.main(["graph", f"{file}:Net", "--input", "float32[n,3]"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("graph Net(%0: float32[n, 3]") and "while_loop" in text
    assert "x = x * 2 * 1" in text and text.count("mul(") == 1


def test_before_the_passes(file, capsys):
    assert cli.main(["graph", f"{file}:Net", "--input", "float32[n,3]", "--plain"]) == 0
    assert capsys.readouterr().out.count("mul(") == 2


def test_values_among_the_arguments(file, capsys):
    assert cli.main(["graph", f"{file}:scaled", "--input", "float32[2]", "--input", "3", "--input", "sum"]) == 1
    assert "--input" in capsys.readouterr().err
    assert cli.main(["graph", f"{file}:scaled", "--input", "float32[2]", "--input", "3"]) == 0
    assert "float32[](3.0)" in capsys.readouterr().out


def test_graphs_are_written_on_the_way(tmp_path, monkeypatch, file):
    monkeypatch.setenv("LAMELLA_DUMP", str(tmp_path / "graphs"))
    assert cli.main(["graph", f"{file}:Net", "--input", "float32[4,3]"]) == 0
    titles = [path.stem.partition("_")[2] for path in sorted((tmp_path / "graphs").iterdir())]
    assert titles[0] == "Net_graph_begin" and "Net_graph_simplify" in titles
