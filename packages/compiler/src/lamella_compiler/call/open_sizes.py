"""Graphs for many sizes: which axes of the inputs are open, and whether a call's sizes are among those.

An open axis is an `ir.Dim`. Open axes that have the same size in the call that a graph is built for share a symbol; a
call in which they differ gets another graph. Sizes 0 and 1 get graphs of their own: there broadcasting and emptiness
change what is computed. So does a size that Python needs to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella.dims import Dim, DimSize, Guard, holds
from lamella.ir.interpret import bind_sizes
from lamella.types import TensorType

#: For each input, its open axes.
OpenAxes = Sequence[frozenset[int]]

_LEAST = 2


def opened(types: Sequence[TensorType], axes: OpenAxes) -> list[TensorType]:
    """Types with open axes, where the sizes allow it.

    Examples:
        >>> from lamella.types import parse_type
        >>> types = [parse_type("float32[8, 3]"), parse_type("int32[8]")]
        >>> opened(types, [frozenset({0}), frozenset({0})])
        [float32[n0, 3], int32[n0]]
    """
    symbols: dict[int, Dim] = {}

    def size(given: DimSize, is_open: bool) -> DimSize:
        if not is_open or not isinstance(given, int) or given < _LEAST:
            return given
        return symbols.setdefault(given, Dim.symbol(f"n{len(symbols)}"))

    return [
        TensorType(t.dtype, tuple(size(n, i in chosen) for i, n in enumerate(t.shape)))
        for t, chosen in zip(types, axes, strict=True)
    ]


def differing_axes(before: Sequence[TensorType], now: Sequence[TensorType]) -> list[frozenset[int]] | None:
    """The axes in which inputs differ, or are open already; None where more than sizes differs."""
    if len(before) != len(now) or any(
        a.dtype is not b.dtype or a.ndim != b.ndim for a, b in zip(before, now, strict=True)
    ):
        return None
    return [
        frozenset(i for i, (m, n) in enumerate(zip(a.shape, b.shape, strict=True)) if isinstance(m, Dim) or m != n)
        for a, b in zip(before, now, strict=True)
    ]


def sizes_of(expected: Sequence[TensorType], given: Sequence[TensorType]) -> dict[str, Any]:
    """The open sizes of types, by symbol, in a call with inputs of given types.

    Examples:
        >>> from lamella.types import parse_type
        >>> sizes_of([parse_type("float32[n0, 3]")], [parse_type("float32[8, 3]")])
        {'n0': 8}
    """
    sizes: dict[str, Any] = {}
    for wanted, actual in zip(expected, given, strict=True):
        bind_sizes(wanted, actual.shape, sizes)
    return sizes


def equal(size: Dim, number: int) -> list[Guard]:
    """That an open size is a number, as guards."""
    over, under = size - number, number - size
    assert isinstance(over, Dim) and isinstance(under, Dim)
    return [(over, ">= 0"), (under, ">= 0")]


def admits(expected: Sequence[TensorType], guards: Sequence[Guard], given: Sequence[TensorType]) -> bool:
    """Whether a graph built for types with open sizes may be run on inputs of given types."""
    if len(expected) != len(given):
        return False
    sizes: dict[str, Any] = {}
    for wanted, actual in zip(expected, given, strict=True):
        if wanted.dtype is not actual.dtype or wanted.ndim != actual.ndim:
            return False
        for m, n in zip(wanted.shape, actual.shape, strict=True):
            if not isinstance(m, Dim):
                if m != n:
                    return False
                continue
            (name,) = m.symbols()
            if not isinstance(n, int) or n < _LEAST or sizes.setdefault(name, n) != n:
                return False
    return all(holds(guard, sizes) for guard in guards)
