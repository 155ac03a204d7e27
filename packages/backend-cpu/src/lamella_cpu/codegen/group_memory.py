"""What a fusion group reads and writes in memory, and the order of axes that this suggests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lamella.codegen.llvm import INDEX, Function, constant
from lamella.ir import Value
from lamella.lowering.layout import Layout, plain
from lamella.ops import prims
from lamella.ops.define.opdef import Kind
from lamella_cpu.codegen.fusion import Axes, Group, needs_memory, operand_axes, sources
from lamella_cpu.codegen.nest import Access, access_strides
from lamella_cpu.codegen.plan import Base, is_scalar_constant

if TYPE_CHECKING:
    from lamella_cpu.codegen.program import GraphWriter


class GroupMemory:
    """The memory of a group. Making one writes copies where no layout describes what the group reads.

    Args:
        w: the graph's writer.
        group: the group.

    Attributes:
        needed: what is read, by value and the axes that index it.
        views: the memory of each value that is read.
    """

    def __init__(self, w: GraphWriter, group: Group) -> None:
        self._w = w
        self._group = group
        self.needed = _needed(group)
        self.views: dict[Value, tuple[Base, Layout]] = {v: w.view(v) for v, _ in self.needed if not _is_iota(v)}

    def accesses(
        self, f: Function, outputs: Sequence[Value], bases: Mapping[Value, Base]
    ) -> tuple[dict[tuple[Value, Axes], Access], dict[Value, Access]]:
        """Where elements are read and written, in a function that is being written."""
        group, address = self._group, self._w.address
        reads: dict[tuple[Value, Axes], Access] = {}
        for value, axes in self.needed:
            if value not in self.views:
                strides = access_strides(self._layout(value), axes, group)
                reads[value, axes] = Access(value.dtype, constant(INDEX, 0), strides, is_number=True)
                continue
            base, view = self.views[value]
            place = base.place._replace(layout=view)
            reads[value, axes] = Access(value.dtype, address(f, place), access_strides(view, axes, group))
        writes: dict[Value, Access] = {}
        for value in outputs:
            place = bases[value].place
            strides = access_strides(place.layout, group.axes[value], group)
            writes[value] = Access(value.dtype, address(f, place), strides)
        return reads, writes

    def jumps(self) -> dict[tuple[Value, Axes], int]:
        """For what `gather` reads: the stride of the axis that numbers index."""
        found: dict[tuple[Value, Axes], int] = {}
        for node in self._group.nodes:
            if node.op is prims.gather:
                axes = operand_axes(node, 0, self._group.axes, self._group.reads)
                found[node.operands[0], axes] = self._layout(node.operands[0]).strides[node.attrs["axis"]]
        return found

    def _layout(self, value: Value) -> Layout:
        """Where the elements of what is read lie; the numbers of an `iota` as if they lay in order."""
        return self.views[value][1] if value in self.views else plain(value.shape)

    def strides(self, outputs: Sequence[Value]) -> list[dict[int, int]]:
        """For each memory that is given already, its strides along the axes of the group."""
        given = self._w.given
        reads = [access_strides(self.views[v][1], axes) for v, axes in self.needed if v in self.views]
        return reads + [access_strides(given[v].place.layout, self._group.axes[v]) for v in outputs if v in given]

    def order(self, outputs: Sequence[Value]) -> tuple[list[int], int | None]:
        """The axes as most of the memory lies, outermost first, and the one to walk in vectors."""
        extents = self._group.extents
        if not extents:
            return [], None
        sized = [(math.prod(extents[a] for a in strides), strides) for strides in self.strides(outputs)]
        score = dict.fromkeys(range(len(extents)), 0.0)
        for covered, strides in sized:
            for axis, stride in strides.items():
                if abs(stride) == 1:
                    score[axis] += covered
        _, dominant = max(sized, key=lambda item: item[0], default=(0, {}))
        farthest = {a: max((abs(s.get(a, 0)) for _, s in sized), default=0) for a in score}

        def outermost_first(axis: int) -> tuple[float, int]:
            return -(abs(dominant.get(axis, 0)) or farthest[axis] or math.inf), axis

        best = max(score, key=lambda a: (score[a], -abs(dominant.get(a, 1 << 60)), a))
        if not score[best]:
            best = max(score, key=outermost_first)
        return sorted(score, key=lambda a: (a == best, outermost_first(a))), best


def _needed(group: Group) -> dict[tuple[Value, Axes], None]:
    found: dict[tuple[Value, Axes], None] = {}
    for node in group.nodes:
        if node.op.kind is Kind.PRODUCT:
            continue
        for position, operand in enumerate(node.operands):
            axes = operand_axes(node, position, group.axes, group.reads)
            target = None if needs_memory(node, position) else sources(operand, axes)
            if target is None:
                found[operand, axes] = None
            elif not is_scalar_constant(target[0]) and group.axes.get(target[0]) != target[1]:
                found[target] = None
    return found


def _is_iota(value: Value) -> bool:
    return value.node is not None and value.node.op is prims.iota
