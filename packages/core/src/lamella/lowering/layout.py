"""Where the elements of a value lie in memory: `Layout`, and how views of it are taken without moving anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

#: How many zeros lie before and behind a value along each axis; empty for none.
Halo = tuple[tuple[int, int], ...]

NO_HALO: Halo = ()


class Layout(NamedTuple):
    """An offset and a stride for each axis, in elements.

    Attributes:
        shape: size of each axis.
        strides: distance of neighbours along each axis.
        offset: where the element with all indices 0 lies.
        size: how many elements the memory holds; more than the shape's where a halo surrounds them.
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    size: int

    def transposed(self, permutation: Sequence[int]) -> Layout:
        """With the axes in another order."""
        return self._replace(
            shape=tuple(self.shape[i] for i in permutation), strides=tuple(self.strides[i] for i in permutation)
        )

    def broadcast(self, shape: Sequence[int]) -> Layout:
        """Stretched to a shape."""
        lead = len(shape) - len(self.shape)
        strides = (0,) * lead + tuple(
            0 if mine != theirs else stride
            for mine, theirs, stride in zip(self.shape, shape[lead:], self.strides, strict=True)
        )
        return self._replace(shape=tuple(shape), strides=strides)

    def sliced(self, starts: Sequence[int], stops: Sequence[int], steps: Sequence[int]) -> Layout:
        """Every so many elements of a range of each axis."""
        sizes = tuple(max(0, -(-(b - a) // step)) for a, b, step in zip(starts, stops, steps, strict=True))
        return self._replace(
            shape=sizes,
            strides=tuple(s * step for s, step in zip(self.strides, steps, strict=True)),
            offset=self.offset + sum(a * s for a, s in zip(starts, self.strides, strict=True)),
        )

    def flipped(self, axes: Sequence[int]) -> Layout:
        """From the last element to the first along some axes."""
        offset = self.offset + sum((self.shape[i] - 1) * self.strides[i] for i in axes)
        strides = tuple(-s if i in axes else s for i, s in enumerate(self.strides))
        return self._replace(strides=strides, offset=offset)

    def reshaped(self, shape: Sequence[int]) -> Layout | None:
        """In another shape of as many elements; None where that takes moving them."""
        if math.prod(shape) == 0:
            return self._replace(shape=tuple(shape), strides=(0,) * len(shape))
        merged: list[tuple[int, int]] = []  # runs of axes that are one axis in memory: (size, stride)
        for n, stride in zip(self.shape, self.strides, strict=True):
            if n == 1:
                continue
            if merged and merged[-1][1] == n * stride:
                merged[-1] = merged[-1][0] * n, stride
            else:
                merged.append((n, stride))
        strides: list[int] = []
        left, stride = 1, 0
        for n in reversed(shape):
            if n == 1:
                strides.append(0)
                continue
            if left == 1:
                left, stride = merged.pop()
            if left % n:
                return None
            strides.append(stride)
            left, stride = left // n, stride * n
        return self._replace(shape=tuple(shape), strides=tuple(reversed(strides)))

    @property
    def is_plain(self) -> bool:
        """Whether the elements lie in row-major order without gaps."""
        return self == plain(self.shape)


def plain(shape: Sequence[int]) -> Layout:
    """Row-major without gaps."""
    return dense(shape, range(len(shape)))


def dense(shape: Sequence[int], order: Sequence[int], halo: Sequence[tuple[int, int]] | None = None) -> Layout:
    """Without gaps but for a halo, with the axes from the outermost to the innermost as `order` names them.

    Args:
        shape: size of each axis.
        order: the axes, outermost first.
        halo: how many elements lie before and behind each axis.
    """
    around = halo or ((0, 0),) * len(shape)
    strides = [0] * len(shape)
    size = 1
    for axis in reversed(order):
        strides[axis] = size if shape[axis] != 1 or any(around[axis]) else 0
        size *= shape[axis] + sum(around[axis])
    offset = sum(before * stride for (before, _), stride in zip(around, strides, strict=True))
    return Layout(tuple(shape), tuple(strides), offset, size)


#: Where the elements of a view lie, from where those of its operand do and its attributes; None if no layout says it.
VIEWED: Mapping[OpDef, Callable[[Layout, Mapping[str, Any]], Layout | None]] = {
    prims.alias: lambda layout, attrs: layout,
    prims.stop_gradient: lambda layout, attrs: layout,
    prims.transpose: lambda layout, attrs: layout.transposed(attrs["permutation"]),
    prims.broadcast_to: lambda layout, attrs: layout.broadcast(attrs["shape"]),
    prims.slice_: lambda layout, attrs: layout.sliced(attrs["starts"], attrs["stops"], attrs["strides"]),
    prims.flip: lambda layout, attrs: layout.flipped(attrs["axes"]),
    prims.reshape: lambda layout, attrs: layout.reshaped(attrs["shape"]),
}
