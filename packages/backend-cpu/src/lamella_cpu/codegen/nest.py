"""The loops of a fusion group before they are written: which axes go together, and where each step leads in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lamella.codegen.llvm import Int, Register
from lamella.dtypes import DType
from lamella.ir import Value
from lamella.lowering.axes import Axes
from lamella.lowering.groups import Group


@dataclass(eq=False)
class Cursor:
    """Where the element of a value that belongs to a point of the space lies.

    Attributes:
        dtype: type of the elements.
        base: address of the element at the origin; for `iota`, the number itself.
        strides: for each axis of the space, the distance to the next element.
        is_number: whether the "address" is the value.
    """

    dtype: DType
    base: Register
    strides: dict[int, int]
    is_number: bool = False


@dataclass
class Range:
    """The part of an axis that a call covers.

    Attributes:
        start: first index.
        stop: one past the last.
        extent: how many those are, at most.
    """

    start: Int
    stop: Int
    extent: int


@dataclass
class Loop:
    """An axis of the nest: one or several axes of the space that are one axis in all memory.

    Attributes:
        axes: of the space, outermost first.
        range: what it runs over.
        reduced: whether it is reduced.
    """

    axes: list[int]
    range: Range
    reduced: bool
    strides: dict[Cursor, int] = field(default_factory=dict)


class Nest:
    """The loops of a group, before they are written.

    Args:
        group: the group.
        order: the axes of the space, outermost first, the reduced ones after the others.
        along: the axis that is walked in vectors: the last of its kind; None for a single point.
        reads: the memory of each value from outside, by the value and the axes that index it.
        writes: the memory of each value that is wanted outside.
        ranges: the axes that are not walked whole.
        jumps: for what `gather` reads, the stride of the axis that numbers index.
    """

    def __init__(
        self,
        group: Group,
        order: Sequence[int],
        along: int | None,
        reads: Mapping[tuple[Value, Axes], Cursor],
        writes: Mapping[Value, Cursor],
        ranges: Mapping[int, Range] | None = None,
        jumps: Mapping[tuple[Value, Axes], int] | None = None,
    ) -> None:
        self.group = group
        self.reads = dict(reads)
        self.writes = dict(writes)
        self.jumps = dict(jumps or {})
        self.cursors = list(dict.fromkeys([*reads.values(), *writes.values()]))
        self.loops = self._merged(order, ranges or {})
        self.vector_loop = next((loop for loop in self.loops if along in loop.axes), None)

    def _merged(self, order: Sequence[int], ranges: Mapping[int, Range]) -> list[Loop]:
        """One loop for axes that are neighbours in every memory."""
        loops: list[Loop] = []
        for axis in order:
            extent = self.group.extents[axis]
            whole = axis not in ranges
            loop = Loop([axis], ranges.get(axis) or Range(0, extent, extent), axis in self.group.reduced)
            loop.strides = {a: a.strides.get(axis, 0) for a in self.cursors}
            last = loops[-1] if loops else None
            if (
                last is not None
                and whole
                and last.range.start == 0
                and last.range.stop == last.range.extent
                and last.reduced == loop.reduced
                and all(last.strides[a] == extent * loop.strides[a] for a in self.cursors)
            ):
                last.axes.append(axis)
                total = last.range.extent * extent
                last.range = Range(0, total, total)
                last.strides = loop.strides
            else:
                loops.append(loop)
        return loops
