"""Primitives are told apart by what they are, not by what they are called: two packages may choose one name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGES = ("lamella", "lamella_compiler", "lamella_cpu", "lamella_gpu", "lamella_ascend", "lamella_insight")

#: Where names are what it is about: texts of graphs. (Messages only put names in.)
TEXTS = ("ir/printer.py", "ir/parser.py")


def is_name(node: ast.AST) -> bool:
    """Whether an expression is the name of a primitive: `op.name`, `node.op.name`, …"""
    if not (isinstance(node, ast.Attribute) and node.attr == "name"):
        return False
    owner = node.value
    return (isinstance(owner, ast.Name) and owner.id == "op") or (
        isinstance(owner, ast.Attribute) and owner.attr == "op"
    )


def has_name(*nodes: ast.AST) -> bool:
    return any(is_name(inner) for node in nodes for inner in ast.walk(node))


def decisions(tree: ast.AST) -> Iterator[int]:
    """The lines on which something is decided, or may be, by the name of a primitive."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            found = has_name(node.left, *node.comparators)
        elif isinstance(node, ast.Subscript):
            found = has_name(node.slice)
        elif isinstance(node, ast.Match):
            found = has_name(node.subject)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            found = any(value is not None and is_name(value) for value in values)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = node.func.attr == "get" and has_name(*node.args)
            found = asked or is_name(node.func.value)  # op.name.startswith(…)
        else:
            found = False
        if found:
            yield node.lineno


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_is_decided_by_the_name_of_a_primitive(package: str) -> None:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    root = Path(spec.origin).parent
    found = {
        path.relative_to(root).as_posix(): lines
        for path in root.rglob("*.py")
        if (lines := [*decisions(ast.parse(path.read_text()))])
    }
    assert {name: lines for name, lines in found.items() if name not in TEXTS} == {}


@pytest.mark.parametrize(
    "text",
    [
        'node.op.name == "add"',
        '"add" != op.name',
        "node.op.name in NAMES",
        "node.op.name not in NAMES",
        "TABLE[node.op.name]",
        "TABLE.get(op.name)",
        "name = node.op.name",
        "name, below = node.op.name, node.operands[0]",
        'op.name.endswith("_grad")',
        "match op.name:\n    case 'add': pass",
    ],
)
def test_what_decides_by_name_is_found(text: str) -> None:
    assert [*decisions(ast.parse(text))]


def test_messages_may_name_primitives() -> None:
    assert not [*decisions(ast.parse("fail(f'in ops.{node.op.name}', op.name)\ntitle = f'{op.name}!'"))]
