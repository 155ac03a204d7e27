"""Every public name of `ops`, `Tensor` and `nn` gives what a formula made elsewhere gives: a row each, all run."""

from __future__ import annotations

import ast
import itertools
import re
from collections import Counter
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from every_name import analysis, formulas, layers, networks, operations, tensors
from scipy import linalg, special, stats

import lamella as ms
from lamella import Tensor, nn, ops

FUNCTIONS = (*analysis.TABLES, layers.FUNCTIONS, operations.FUNCTIONS, tensors.METHODS, tensors.OPERATORS)
TABLES = (
    *FUNCTIONS,
    operations.CLASSES,
    networks.LAYERS,
    networks.LOSSES,
    layers.LAYERS,
    layers.LOSSES,
    layers.TRAINING,
    networks.TRAINING,
)
ROWS = [line for table in TABLES for line in table.strip().splitlines()]
FUNCTION_ROWS = [line for table in FUNCTIONS for line in table.strip().splitlines()]
MODULES = {"ops": ops, "nn": nn, "Tensor": Tensor}
SCOPE = {**vars(formulas), **MODULES, "ms": ms, "itertools": itertools, "linalg": linalg, "np": np}
SCOPE |= {"special": special, "stats": stats}

# What Python asks of every object, and how tensors are shown, compared by identity, and pickled.
OF_EVERY_OBJECT = {"__annotations__", "__array_priority__", "__doc__", "__firstlineno__", "__hash__", "__init__"} | {
    "__module__", "__reduce__", "__repr__", "__slots__", "__static_attributes__", "__str__", "__weakref__",
    "__format__", "__getstate__", "__setstate__", "__reduce_ex__",
}  # fmt: skip


def name_of(node: ast.AST | None) -> str | None:
    """The name that an expression is about."""
    match node:
        case ast.Attribute(value=ast.Name(id="ops" | "nn" | "Tensor" as holder), attr=name):
            return f"{holder}.{name}"
        case ast.Attribute(value=ast.Name(id=module)) if module in SCOPE:
            return None
        case ast.Attribute(value=value, attr=name):
            return name_of(value) or f"Tensor.{name}"
        case ast.Call(func=func, args=args):
            return name_of(func) or (name_of(args[0]) if args else None)
        case ast.Subscript(value=part) | ast.Lambda(body=part) | ast.BinOp(left=part):
            return name_of(part)
        case ast.Tuple(elts=[part, *_]):
            return name_of(part)
    return None


def parsed(row: str) -> tuple[str, str, str, float]:
    """The name that a row is about, its left and right side, and the tolerance."""
    comparison = ast.parse(row, mode="eval").body
    assert isinstance(comparison, ast.Compare) and isinstance(comparison.ops[0], ast.Eq), row
    tolerance = re.search(r" # ([\d.]+)$", row)
    name = name_of(comparison.left)
    assert name is not None, f"{row}: what is it about?"
    left, right = ast.unparse(comparison.left), ast.unparse(comparison.comparators[0])
    return name, left, right, float(tolerance[1]) if tolerance else 2e-5


def public() -> set[str]:
    """Every public name that is no module, and no function of `ops` as a method too."""
    names = {f"{module}.{name}" for module in ("ops", "nn") for name in MODULES[module].__all__}
    for name in dir(Tensor):
        dunder = name.startswith("__") and name in vars(Tensor) and name not in OF_EVERY_OBJECT
        if dunder or (not name.startswith("_") and getattr(ops, name, None) is not getattr(Tensor, name)):
            names.add(f"Tensor.{name}")
    return {name for name in names if not isinstance(getattr(*_held(name)), ModuleType)}


def _held(name: str) -> tuple[Any, str]:
    holder, _, own = name.partition(".")
    return MODULES[holder], own


def agree(ours: Any, theirs: Any, tolerance: float) -> None:
    """Equal structure, shape and kind of type, and numbers within a tolerance."""
    if isinstance(ours, Tensor):
        theirs = np.asarray(theirs)
        assert ours.shape == theirs.shape and ours.dtype.numpy.kind == theirs.dtype.kind
        np.testing.assert_allclose(ours.asnumpy(), theirs, tolerance, tolerance)
    elif isinstance(theirs, (tuple, list)):
        assert isinstance(ours, (tuple, list)) and len(ours) == len(theirs)
        for mine, other in zip(ours, theirs, strict=True):
            agree(mine, other, tolerance)
    elif isinstance(ours, float) or isinstance(theirs, np.ndarray):
        np.testing.assert_allclose(ours, theirs, tolerance, tolerance)
    else:
        assert ours == theirs


@pytest.mark.parametrize("row", ROWS)
def test_row(row):
    _, left, right, tolerance = parsed(row)
    ours = eval(left, {**SCOPE, **{name: Tensor(array) for name, array in formulas.INPUTS.items()}})
    agree(ours, eval(right, {**SCOPE, **formulas.INPUTS}), tolerance)


def test_every_public_name_has_one_row():
    rows = Counter(parsed(row)[0] for row in ROWS)
    assert sorted(public() - rows.keys()) == [], "names without a row"
    assert sorted(rows.keys() - public()) == [], "rows about nothing public"
    assert [name for name, count in rows.items() if count > 1] == []
