"""Nodes of syntax trees: their parts, and new ones at the place of old ones."""

from __future__ import annotations

import ast
from typing import TypeVar

_N = TypeVar("_N", bound=ast.AST)


def children(node: ast.AST) -> list[ast.AST]:
    """The parts of a node that have parts or names."""
    found: list[ast.AST] = []
    for field in node._fields:
        value = getattr(node, field, None)
        if value.__class__ is list:
            found += [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST) and value._fields:
            found.append(value)
    return found


def at(node: _N, place: ast.AST) -> _N:
    """A new node at the place of another, and so the new nodes in it."""
    ast.copy_location(node, place)
    for inner in children(node):
        if not hasattr(inner, "lineno"):
            at(inner, place)
    return node
