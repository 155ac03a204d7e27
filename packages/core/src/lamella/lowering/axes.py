"""Which axes of an iteration space index a value, seen through views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lamella.ir import Node, Value
from lamella.ops import prims
from lamella.ops.define.opdef import Kind

#: Views of all elements, each where it was.
SAME = frozenset([prims.alias, prims.stop_gradient])
#: Views that groups see through: they only rename the axes of the iteration space.
_SOFT_VIEWS = SAME | {prims.transpose, prims.broadcast_to}

#: For each axis of a value, the axis of the iteration space that indexes it; None where its size is 1.
Axes = tuple[int | None, ...]


def source(value: Value) -> Value:
    """What a value is a view of."""
    while value.node is not None and value.node.op.kind is Kind.VIEW:
        value = value.node.operands[0]
    return value


def sources(value: Value, axes: Axes) -> tuple[Value, Axes] | None:
    """What a value is a view of, and the axes that index that; None if a view moves elements about."""
    while value.node is not None and value.node.op.kind is Kind.VIEW:
        node = value.node
        below = node.operands[0]
        if node.op is prims.transpose:
            permutation = node.attrs["permutation"]
            moved: list[int | None] = [None] * len(axes)
            for axis, p in zip(axes, permutation, strict=True):
                moved[p] = axis
            axes = tuple(moved)
        elif node.op is prims.broadcast_to:
            axes = broadcast_axes(axes, value.shape, below.shape)
        elif node.op is prims.reshape:
            kept = squeezed(value.shape, below.shape)
            if kept is None:
                return None
            axes = tuple(None if at is None else axes[at] for at in kept)
        elif node.op not in _SOFT_VIEWS:
            return None
        value = below
    return value, axes


def broadcast_axes(axes: Axes, shape: Sequence[int], operand: Sequence[int]) -> Axes:
    """The axes that index an operand which is stretched to a shape."""
    lead = len(shape) - len(operand)
    return tuple(None if n == 1 else axis for axis, n in zip(axes[lead:], operand, strict=True))


def squeezed(shape: Sequence[int], below: Sequence[int]) -> tuple[int | None, ...] | None:
    """For each axis of `below`, the equal axis of `shape`, if they differ in axes of size 1 only."""
    mine = [i for i, n in enumerate(shape) if n != 1]
    theirs = [i for i, n in enumerate(below) if n != 1]
    if [shape[i] for i in mine] != [below[i] for i in theirs]:
        return None
    at = dict(zip(theirs, mine, strict=True))
    return tuple(at.get(i) for i in range(len(below)))


def own_axes(shape: Sequence[int]) -> Axes:
    """The axes of a value whose shape is the iteration space."""
    axes: list[int | None] = []
    count = 0
    for n in shape:
        axes.append(None if n == 1 else count)
        count += n != 1
    return tuple(axes)


def forward(value: Value, base: Value, axes: Axes) -> Axes | None:
    """The axes of a view, from those of what it is a view of."""
    chain: list[Value] = []
    while value is not base:
        assert value.node is not None
        chain.append(value)
        value = value.node.operands[0]
    for view in reversed(chain):
        node = view.node
        assert node is not None
        below = node.operands[0]
        if node.op is prims.transpose:
            axes = tuple(axes[p] for p in node.attrs["permutation"])
        elif node.op is prims.broadcast_to:
            lead = len(view.shape) - len(below.shape)
            axes = (None,) * lead + axes  # an axis that is stretched is indexed by nothing
        elif node.op is prims.reshape:
            kept = squeezed(below.shape, view.shape)
            if kept is None:
                return None
            axes = tuple(None if at is None else axes[at] for at in kept)
        elif node.op not in _SOFT_VIEWS:
            return None
    return axes


def operand_axes(node: Node, position: int, axes: Mapping[Value, Axes], reads: Mapping[Node, Axes]) -> Axes:
    """The axes that index an operand of an elementwise node or a reduction.

    What `gather` takes numbers from is indexed along one axis by other numbers: None stands there.
    """
    if node in reads:
        return reads[node]
    result, operand = node.outputs[0], node.operands[position]
    if node.op is not prims.gather:
        return broadcast_axes(axes[result], result.shape, operand.shape)
    at, count = node.attrs["axis"], len(node.operands[1].shape)
    if position == 1:
        return axes[result][at : at + count]
    own = (*axes[result][:at], None, *axes[result][at + count :])
    return tuple(None if n == 1 else axis for axis, n in zip(own, operand.shape, strict=True))


def needs_memory(node: Node, position: int) -> bool:
    """Whether an operand is read at places that are known only when it is read."""
    return node.op is prims.gather and position == 0
