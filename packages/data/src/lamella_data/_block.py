"""Rows travel through a pipeline in blocks, so that an operation on many rows can be one call of NumPy.

A column of a block is one array with a row along its first axis wherever the rows are alike, and a list with one
array a row where they may differ. The pipeline owns every array in a block: sources copy what they take from their
user's memory, and so does `as_row` with what user code returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamella.errors import explain

Array = np.ndarray[Any, np.dtype[Any]]
Column = Array | list[Array]


@dataclass(slots=True)
class Block:
    """Some consecutive rows.

    Attributes:
        columns: one for each column of the data set, `rows` long; empty only where there are no rows.
        rows: how many.
    """

    columns: list[Column]
    rows: int

    def take(self, indices: Array) -> Block:
        """The rows at `indices`, in that order, copied."""
        return Block([_take(column, indices) for column in self.columns], len(indices))


def _take(column: Column, indices: Array) -> Column:
    if isinstance(column, list):
        return [column[i].copy() for i in indices]
    return column.take(indices, axis=0)


def rows_of(column: Column) -> list[Array]:
    """The rows of a column, each an array of its own shape (a 0-d array where a row is a number)."""
    return column if isinstance(column, list) else [column[i, ...] for i in range(len(column))]


def stacked(column: Column) -> Array | None:
    """The column as one array, or None where its rows differ in shape or type."""
    if not isinstance(column, list):
        return column
    first = column[0]
    if len(column) == 1:
        return first[np.newaxis]
    if any(row.shape != first.shape or not same_type(row, first) for row in column):
        return None
    return np.stack(column)


def same_type(x: Array, y: Array) -> bool:
    """Whether two rows may share an array: the same type, or text of any two lengths."""
    return x.dtype == y.dtype or x.dtype.kind == y.dtype.kind in "SU"


def as_row(value: Any) -> Array:
    """What user code gave for one column of one row, as an array that nothing else holds.

    Raises:
        TypeError: it is not a number, text, or an array of them.
    """
    array: Array | None
    try:
        array = np.array(value.asnumpy() if hasattr(value, "asnumpy") else value)
    except ValueError:  # nested lists of unequal lengths
        array = None
    if array is None or array.dtype == object:
        given = f"{type(value).__name__} {value!r:.80}"
        raise TypeError(explain("a column of a row", given=given, expected="a number, text, or an array of them"))
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def concat(blocks: Sequence[Block]) -> Block:
    """The rows of all blocks, in order."""
    filled = [block for block in blocks if block.rows]
    if len(filled) <= 1:
        return filled[0] if filled else Block([], 0)
    columns = [_join(parts) for parts in zip(*(block.columns for block in filled), strict=True)]
    return Block(columns, sum(block.rows for block in filled))


def _join(parts: Iterable[Column]) -> Column:
    parts = list(parts)
    arrays = [part for part in parts if not isinstance(part, list)]
    if len(arrays) == len(parts) and all(_fits(array, arrays[0]) for array in arrays):
        return np.concatenate(arrays)
    return [row for part in parts for row in rows_of(part)]


def _fits(x: Array, y: Array) -> bool:
    return x.shape[1:] == y.shape[1:] and x.dtype == y.dtype


class RowStore:
    """Rows that are read and replaced at random, kept in columns like a block's.

    Arrays become lists of rows as soon as a row arrives that does not fit.
    """

    def __init__(self) -> None:
        self._columns: list[Column] = []

    def write(self, start: int, block: Block) -> None:
        """Put the rows of `block` at `start` and after; `start` is at most the number of rows ever written."""
        if not self._columns:
            self._columns = [[] if isinstance(c, list) else c[:0].copy() for c in block.columns]
        for i, new in enumerate(block.columns):
            self._columns[i] = _write(self._columns[i], start, new)

    def move(self, sources: Array, targets: Array) -> None:
        """Copy the rows at `sources` to `targets`."""
        for column in self._columns:
            if isinstance(column, list):
                for source, target in zip(sources.tolist(), targets.tolist(), strict=True):
                    column[target] = column[source]
            else:
                column[targets] = column[sources]

    def take(self, indices: Array) -> Block:
        """The rows at `indices`, copied."""
        return Block([_take(column, indices) for column in self._columns], len(indices))


def _write(old: Column, start: int, new: Column) -> Column:
    """Put the rows of `new` into `old` from `start` on; the column to use from now on, grown where needed."""
    if not isinstance(old, list) and not isinstance(new, list) and _fits(old, new):
        end = start + len(new)
        if end > len(old):
            grown = np.empty((max(end, 2 * len(old)), *old.shape[1:]), old.dtype)
            grown[:start] = old[:start]
            old = grown
        old[start:end] = new
        return old
    rows = old if isinstance(old, list) else [row.copy() for row in rows_of(old)]
    rows[start : start + len(new)] = rows_of(new)
    return rows
