"""Graphs are written in few places: passes and backends say what they want by copies, rules and functions."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGES = ("lamella", "lamella_compiler", "lamella_cpu", "lamella_gpu", "lamella_ascend", "lamella_insight")

#: Where nodes are put into graphs: the representation itself, and the engine that records.
WRITING = ("ir/", "engine/building.py")


def makes_graphs(tree: ast.AST) -> list[int]:
    """The lines on which a graph is made, or a node put into one."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if (isinstance(call.func, ast.Name) and call.func.id == "Graph")
        or (isinstance(call.func, ast.Attribute) and call.func.attr in ("Graph", "add_node"))
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_representation_and_the_building_engine_write_graphs(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    root = Path(spec.origin).parent
    found = {}
    for path in root.rglob("*.py"):
        name = path.relative_to(root).as_posix()
        lines = makes_graphs(ast.parse(path.read_text()))
        if lines and not (package == "lamella" and name.startswith(WRITING)):
            found[name] = lines
    assert found == {}


def test_what_makes_graphs_is_found() -> None:
    for text in ("Graph('g')", "ir.Graph('g')", "copy.add_node(op, (), {}, ())"):
        assert makes_graphs(ast.parse(text))
    assert not makes_graphs(ast.parse("graph.copied(nodes=nodes)"))
