"""Steps of elementwise groups and reductions: what they read, and the order of axes that this suggests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lamella.ir import Value
from lamella.lowering.axes import Axes, needs_memory, operand_axes, sources
from lamella.lowering.groups import Group
from lamella.lowering.layout import Layout, plain
from lamella.lowering.memory import Base, Memory, is_scalar_constant
from lamella.lowering.plan import NUMBERS, Access, Loops
from lamella.ops import prims
from lamella.ops.define.opdef import Kind

#: A chunk is worth handing to another thread from about this many elementary operations on.
WORTH_A_CHUNK = 16_384
#: More chunks than this bring no better balance.
MOST_CHUNKS = 64


class Reading:
    """What a group reads from memory. Making one plans copies where no layout describes that.

    Args:
        m: where values lie.
        group: the group.

    Attributes:
        operands: what is read: values, and the axes that index them.
        accesses: where each of them lies.
    """

    def __init__(self, m: Memory, group: Group) -> None:
        self._m = m
        self._group = group
        self.operands = list(_needed(group))
        self.accesses = [_numbers(v) if _is_iota(v) else m.access(v) for v, _ in self.operands]

    def strides(self, outputs: Sequence[Value]) -> list[dict[int, int]]:
        """For each memory that is there already, its strides along the axes of the group."""
        given = self._m.given
        reads = [
            axis_strides(access.layout, axes)
            for (_, axes), access in zip(self.operands, self.accesses, strict=True)
            if access.slot != NUMBERS
        ]
        return reads + [axis_strides(given[v].place.layout, self._group.axes[v]) for v in outputs if v in given]

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


def axis_strides(layout: Layout, axes: Axes, group: Group | None = None) -> dict[int, int]:
    """For each axis of the space, the stride of a value with this layout that is indexed by these axes.

    Args:
        layout: where the value lies.
        axes: the axes of the space that index it.
        group: the group; one with a cut axis walks that by parts.
    """
    strides: dict[int, int] = {}
    for axis, stride, n in zip(axes, layout.strides, layout.shape, strict=True):
        if axis is not None and stride and n != 1:
            strides[axis] = strides.get(axis, 0) + stride
    if group is not None and group.cut is not None and (stride := strides.get(group.cut[0], 0)):
        inside, parts = group.cut
        strides[parts] = stride * group.extents[inside]
    return strides


def plan_elementwise(m: Memory, group: Group, outputs: Sequence[Value]) -> None:
    """The steps of a group of elementwise nodes and reductions."""
    reading = Reading(m, group)
    order, along = reading.order(outputs)
    bases = {v: m.base_for(v, group, order) for v in outputs}
    cut = _reduction_cut(m, group, order)
    if cut is None:
        _add(m, group, reading, bases, order, along)
    else:
        _in_parts(m, group, outputs, bases, order, along, *cut)
    m.bases.update(bases)


def _add(
    m: Memory, group: Group, reading: Reading, bases: Mapping[Value, Base], order: Sequence[int], along: int | None
) -> None:
    loops = sorted(order, key=lambda a: (a in group.reduced, a == along))  # stable: otherwise as memory lies
    m.add(
        Loops(group, loops, along, reading.operands, list(bases)),
        reading.accesses,
        [base.place for base in bases.values()],
    )


def _reduction_cut(m: Memory, group: Group, order: Sequence[int]) -> tuple[int, int] | None:
    """The reduced axis to cut, and into how many parts, where there is too little else to share among workers."""
    work = math.prod(group.extents) * (2 + len(group.nodes))
    if not group.reduced or work < 4 * WORTH_A_CHUNK or group.passes() > 1:
        return None
    lanes = max(m.target.vector_bits // 32, 1)
    outer = math.prod(group.extents[a] for a in group.outer) / (lanes if group.outer else 1)
    wanted = min(MOST_CHUNKS // 2, work // (2 * WORTH_A_CHUNK))
    if outer >= min(wanted, MOST_CHUNKS // 4):
        return None
    axis = next(a for a in order if a in group.reduced)
    extent = group.extents[axis]
    count = max(n for n in range(1, min(wanted, extent) + 1) if extent % n == 0)
    return (axis, count) if count > 1 else None


def _in_parts(
    m: Memory,
    group: Group,
    outputs: Sequence[Value],
    bases: Mapping[Value, Base],
    order: Sequence[int],
    along: int | None,
    axis: int,
    count: int,
) -> None:
    """A group whose reductions are done in parts: one step for the parts, one that brings them together."""
    parts, final, partials = group.in_parts(axis, count)
    by_parts = [len(group.extents), *order]  # the axis that counts the parts comes first
    inner = {v: bases[v] for v in outputs if v in parts.axes}
    for partial in partials:
        m.bases[partial] = inner[partial] = m.base_for(partial, parts, by_parts)
    _add(m, parts, Reading(m, parts), inner, by_parts, along)
    reading = Reading(m, final)
    rest = {v: bases[v] for v in outputs if v not in parts.axes}
    _add(m, final, reading, rest, *reading.order(list(rest)))
    m.give_back([inner[partial] for partial in partials])


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


def _numbers(value: Value) -> Access:
    """The numbers of an `iota`, as if they lay in order."""
    return Access(NUMBERS, 0, plain(value.shape), value.dtype)
