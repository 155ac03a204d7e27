"""Steps of primitives that are in no loop with others: in which order they want their operands, and copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lamella.ir import Node, Value
from lamella.lowering.layout import NO_HALO, Layout, dense
from lamella.lowering.memory import Base, Memory
from lamella.lowering.plan import Access, Kernel
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef


def plan_primitive(m: Memory, node: Node) -> None:
    """The steps of a primitive; operands and results of one that is not known here lie row-major."""
    _PLANS.get(node.op, _plain)(m, node)


def _plain(m: Memory, node: Node) -> None:
    reads = [m.in_order(v) for v in node.operands]
    bases = {v: m.own_plain(v) for v in node.outputs}
    m.add(Kernel(node), reads, [base.place for base in bases.values()])
    m.settle(bases)


def _scatter(m: Memory, node: Node) -> None:
    """The operand, then the updates over it."""
    x, indices, updates = node.operands
    base = m.own(node.outputs[0])
    m.move(x, base.place)
    m.add(Kernel(node), [m.access(indices), m.access(updates)], [base.place])
    m.bases[node.outputs[0]] = base


def _sort(m: Memory, node: Node) -> None:
    """Rows with any strides."""
    read = m.access(node.operands[0])
    bases = {v: m.own(v) for v in node.outputs}
    m.add(Kernel(node), [read], [base.place for base in bases.values()])
    m.bases.update(bases)


def _cumulative(m: Memory, node: Node) -> None:
    """The result lies as the operand does."""
    (x,), (result,) = node.operands, node.outputs
    read = m.access(x)
    outermost_first = sorted(range(len(x.shape)), key=lambda i: -abs(read.layout.strides[i]))
    base = m.given.get(result) or m.allocate(dense(x.shape, outermost_first), x.dtype)
    m.add(Kernel(node), [read], [base.place])
    m.bases[result] = base


def _window(m: Memory, node: Node) -> None:
    """Channels lie side by side."""
    order = channels_last(node)
    reads: list[Access] = []
    for operand in node.operands:
        found = m.access(operand)
        side_by_side = _is_side_by_side(found.layout, order[-1])
        reads.append(found if side_by_side else m.copied(operand, dense(operand.shape, order)).place)
    bases: dict[Value, Base] = {}
    for value in node.outputs:
        halo = m.halos.get(value, NO_HALO)
        given = m.given.get(value)
        fits = given is not None and _is_side_by_side(given.place.layout, order[-1])
        made = given if fits else m.allocate(dense(value.shape, order, halo or None), value.dtype, halo)
        assert made is not None
        bases[value] = made
    m.add(Kernel(node), reads, [base.place for base in bases.values()])
    m.settle(bases)


def channels_last(node: Node) -> tuple[int, ...]:
    """The memory order in which channels, the axis before those of a window, lie side by side."""
    rank, spatial = len(node.outputs[0].shape), len(node.attrs["window"])
    lead = rank - spatial
    if not lead:
        return tuple(range(rank))
    return (*range(lead - 1), *range(lead, rank), lead - 1)


def _is_side_by_side(layout: Layout, axis: int) -> bool:
    return layout.shape[axis] == 1 or layout.strides[axis] == 1


def _concat(m: Memory, node: Node) -> None:
    """Each operand to its place in the result."""
    result = node.outputs[0]
    base = m.own(result)
    at, axis = 0, node.attrs["axis"]
    layout = base.place.layout
    for operand in node.operands:
        part = layout._replace(shape=operand.shape, offset=layout.offset + at * layout.strides[axis])
        m.move(operand, base.place._replace(layout=part))
        at += operand.shape[axis]
    m.bases[result] = base


def _pad(m: Memory, node: Node) -> None:
    """The padding everywhere, then the operand over it."""
    result = node.outputs[0]
    base = m.own(result)
    x, padding = node.operands
    layout = base.place.layout
    m.move(padding, base.place, stretch=result)
    starts: list[int] = []
    stops: list[int] = []
    strides: list[int] = []
    offset = layout.offset
    for axis, (n, size) in enumerate(zip(x.shape, result.shape, strict=True)):
        low, step = node.attrs["low"][axis], node.attrs["interior"][axis] + 1
        first = max(0, -(low // step))  # what lies before it, and after `last`, is cropped away
        last = max(first, min(n, (size - low + step - 1) // step))
        starts.append(first)
        stops.append(last)
        strides.append(layout.strides[axis] * step)
        offset += (low + first * step) * layout.strides[axis]
    shape = tuple(b - a for a, b in zip(starts, stops, strict=True))
    if all(shape):
        from_ = m.access(x)
        cropped = from_.layout.sliced(starts, stops, (1,) * len(shape))
        target = layout._replace(shape=shape, strides=tuple(strides), offset=offset)
        m.copy(from_._replace(layout=cropped), base.place._replace(layout=target))
    m.bases[result] = base


_PLANS: Mapping[OpDef, Callable[[Memory, Node], None]] = {
    prims.pad: _pad,
    prims.concat: _concat,
    prims.scatter: _scatter,
    prims.sort: _sort,
    prims.cumsum: _cumulative,
    prims.cumprod: _cumulative,
    prims.window_max: _window,
    prims.window_sum: _window,
    prims.window_max_grad: _window,
    prims.window_sum_grad: _window,
}
