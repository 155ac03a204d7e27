"""What a `for` on tensors goes through: rows of a tensor, ranges whose bounds a graph computes, and pairs of these."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from lamella import Tensor, ops
from lamella.dims import Dim, DimSize
from lamella.dtypes import int64
from lamella.engine.stack import current
from lamella.errors import ConcretizationError
from lamella.ops import prims
from lamella_compiler.frontend.errors import compile_error
from lamella_compiler.frontend.runtime.number import Number, kind_of, number, prims_tensor


class Series(ABC):
    """Items that follow one from the other by a rule that a graph can compute.

    Attributes:
        count: how many: an int, an open size, or a `Number`.
        indexed: whether `item` looks at the index.
    """

    count: Any
    indexed: bool = True

    @abstractmethod
    def at(self, index: Any) -> Any:
        """The item at an index: an int, or a 0-d int64 tensor."""

    def streams(self) -> list[Tensor]:
        """The tensors whose rows, in order, the items are made of."""
        return []

    def item(self, index: Any, rows: Iterator[Tensor]) -> Any:
        """The item at an index, from the rows of `streams` that belong to it."""
        return self.at(index)

    def __len__(self) -> int:
        if isinstance(self.count, (int, Dim)):
            return int(self.count)
        raise ConcretizationError(_UNKNOWN)

    def __iter__(self) -> Iterator[Any]:
        return (self.at(i) for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return self.at(index if isinstance(index, Tensor) else range(len(self))[index])


_UNKNOWN = (
    "iteration: got a range whose length a graph computes, expected one that is known. Use it in a `for` statement, "
    "which becomes a loop of the graph."
)


class Rows(Series):
    """A tensor's elements along its first axis."""

    def __init__(self, tensor: Tensor) -> None:
        if not tensor.shape:
            raise compile_error("iteration over a 0-d tensor.", "Iterate over a tensor with at least one axis.")
        self._tensor = tensor
        self.count: DimSize = tensor.shape[0]
        self.indexed = False

    def at(self, index: Any) -> Any:
        """The row at an index."""
        return prims.gather(self._tensor, index, axis=0) if isinstance(index, Tensor) else self._tensor[index]

    def streams(self) -> list[Tensor]:
        """The tensor."""
        return [self._tensor]

    def item(self, index: Any, rows: Iterator[Tensor]) -> Any:
        """The row."""
        return next(rows)


class Range(Series):
    """The numbers of a `range`."""

    def __init__(self, *bounds: Any) -> None:
        start, stop, step = (0, bounds[0], 1) if len(bounds) == 1 else (*bounds, 1)[:3]
        for bound in (start, stop, step):
            _check_bound(bound)
        self._bounds = start, stop, step
        self._start, self._step = start, step
        if all(type(bound) is int for bound in self._bounds):
            self.count = len(range(start, stop, step))
        elif all(isinstance(bound, (int, Dim)) for bound in self._bounds) and step == 1 and start <= stop:
            self.count = stop - start
        else:
            first, last, by = (_as_int(bound) for bound in (start, stop, step))
            if isinstance(by, int):
                length = (last - first + (by - 1 if by > 0 else by + 1)) // by
            else:
                length = (last - first + by - number(ops.sign(prims_tensor(by, int64)), int)) // by
            self.count = number(ops.maximum(prims_tensor(length, int64), 0), int)

    def __len__(self) -> int:
        if all(isinstance(bound, (int, Dim)) for bound in self._bounds):
            return len(range(*map(int, self._bounds)))
        return super().__len__()

    def at(self, index: Any) -> Any:
        """The number at an index."""
        position = number(index, int) if isinstance(index, Tensor) else index
        scaled = position if type(self._step) is int and self._step == 1 else position * self._step
        return scaled if type(self._start) is int and self._start == 0 else scaled + self._start


def _check_bound(bound: Any) -> None:
    if isinstance(bound, Tensor):
        if bound.dtype.kind not in ("int", "uint") or bound.size != 1:
            raise compile_error(f"range() got a tensor of type {bound._type}.", "Pass an int tensor of one element.")
    elif not isinstance(bound, (int, Dim)):
        raise TypeError(f"'{type(bound).__name__}' object cannot be interpreted as an integer")


def _as_int(bound: Any) -> Any:
    if isinstance(bound, Dim):
        return number(ops.reshape(prims.dim_value(dim=bound), ()), int)
    if isinstance(bound, Tensor) and kind_of(bound) is None:
        return number(ops.reshape(bound, ()), int)
    return bound


class Zipped(Series):
    """`zip` of several series."""

    def __init__(self, parts: Sequence[Series]) -> None:
        self.parts = parts
        self.indexed = any(part.indexed for part in parts)
        self.count = functools.reduce(_shorter, [part.count for part in parts])

    def __len__(self) -> int:
        return min(map(len, self.parts))

    def at(self, index: Any) -> Any:
        """A tuple with the item of each series."""
        return tuple(part.at(index) for part in self.parts)

    def streams(self) -> list[Tensor]:
        """Those of all."""
        return [stream for part in self.parts for stream in part.streams()]

    def item(self, index: Any, rows: Iterator[Tensor]) -> Any:
        """A tuple with the item of each series."""
        return tuple(part.item(index, rows) for part in self.parts)


def as_int_tensor(count: Any) -> Tensor:
    """A number of items as a 0-d int64 tensor."""
    return prims_tensor(_as_int(count), int64)


def _shorter(first: Any, second: Any) -> Any:
    """The smaller of two numbers of items."""
    if isinstance(first, int) and isinstance(second, int):
        return min(first, second)
    if isinstance(first, Dim) and first == second:
        return first
    return number(ops.minimum(as_int_tensor(first), as_int_tensor(second)), int)


class Counted(Series):
    """`enumerate` of a series."""

    def __init__(self, items: Series, start: Any) -> None:
        self._items, self._start = items, start
        self.count = items.count

    def __len__(self) -> int:
        return len(self._items)

    def at(self, index: Any) -> Any:
        """A number and an item."""
        return self._number(index), self._items.at(index)

    def streams(self) -> list[Tensor]:
        """Those of the series."""
        return self._items.streams()

    def item(self, index: Any, rows: Iterator[Tensor]) -> Any:
        """A number and an item."""
        return self._number(index), self._items.item(index, rows)

    def _number(self, index: Any) -> Any:
        position = number(index, int) if isinstance(index, Tensor) else index
        return position if type(self._start) is int and self._start == 0 else position + self._start


class Reversed(Series):
    """A series from its end."""

    def __init__(self, items: Series) -> None:
        self._items = items
        self.count = items.count
        self.indexed = items.indexed

    def __len__(self) -> int:
        return len(self._items)

    def at(self, index: Any) -> Any:
        """The item at an index from the end."""
        return self._items.at(self._other(index))

    def streams(self) -> list[Tensor]:
        """Those of the series, from the end."""
        return [ops.flip(stream, (0,)) for stream in self._items.streams()]

    def item(self, index: Any, rows: Iterator[Tensor]) -> Any:
        """The item at an index from the end."""
        return self._items.item(self._other(index) if self.indexed else index, rows)

    def _other(self, index: Any) -> Any:
        last = self.count - 1
        if isinstance(index, int) and isinstance(last, int):
            return last - index
        return as_int_tensor(_as_int(last) - number(index, int))


def series_of(items: Any) -> Series | None:
    """An iterable as a series, if it is one that a graph can go through; None for any other."""
    if isinstance(items, Series):
        return items
    if not current().builds:
        return None
    if isinstance(items, Number):
        raise TypeError(f"'{items._number_kind.__name__}' object is not iterable")
    if isinstance(items, Tensor):
        return Rows(items)
    return Range(items.start, items.stop, items.step) if isinstance(items, range) else None
