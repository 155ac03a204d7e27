"""Steps of control flow: the steps of regions, and what they hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from lamella.ir import Graph, Node, Value
from lamella.lowering.layout import Layout, plain
from lamella.lowering.memory import Base, Memory
from lamella.lowering.plan import Access, Cond, Copy, Scan, Step, While
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

#: Plans a region: its parameters lie in given memory, its results go to given places.
Nested: TypeAlias = Callable[[Graph, Sequence[tuple[Base, Layout]], Sequence[Access]], list[Step]]


def plan_region(m: Memory, node: Node, nested: Nested) -> None:
    """The steps of control flow."""
    _PLANS[node.op](m, node, nested)


def _cond(m: Memory, node: Node, nested: Nested) -> None:
    """One of two regions, as a bool in memory says."""
    condition, *operands = node.operands
    views = [m.view(v) for v in operands]
    flag = m.access(condition)
    bases = [m.own(v) for v in node.outputs]
    places = [b.place for b in bases]
    then, orelse = (nested(node.attrs[name], views, places) for name in ("then", "orelse"))
    m.add(Cond(then, orelse), [flag, *_accesses(views)], places)
    m.bases.update(zip(node.outputs, bases, strict=True))


def _while(m: Memory, node: Node, nested: Nested) -> None:
    """The body for as long as the test holds, on memory that is the carry's."""
    consts = node.attrs["consts"]
    views = [m.view(v) for v in node.operands]
    carry = _carry(m, node.operands[consts:], node.outputs)
    following = [m.allocate(plain(v.shape), v.dtype) for v in node.outputs]
    flag = m.allocate(plain(()), node.attrs["test"].results[0].dtype)
    params = [*views[:consts], *((b, b.place.layout) for b in carry)]
    test = nested(node.attrs["test"], params, [flag.place])
    body = nested(node.attrs["body"], params, [b.place for b in following])
    body += [_copy(m, new.place, old.place) for old, new in zip(carry, following, strict=True)]
    scratch = [b.place for b in (*following, flag)]
    m.add(While(test, body), _accesses(views[:consts]), [b.place for b in carry], scratch)
    m.give_back([*following, flag])
    m.bases.update(zip(node.outputs, carry, strict=True))


def _scan(m: Memory, node: Node, nested: Nested) -> None:
    """The body for each element of the streams; entries of the table follow the elements."""
    attrs = node.attrs
    consts, n = attrs["consts"], attrs["carry"]
    views = [m.view(v) for v in node.operands]
    outputs = list(node.outputs)
    carry = _carry(m, node.operands[consts : consts + n], outputs[:n])
    stacks = [m.own(v) for v in outputs[n:]]
    following = [m.allocate(plain(v.shape), v.dtype) for v in outputs[:n]]
    inputs = _accesses(views[consts + n :])
    streams = [(place, m.table.entry()) for place in (*inputs, *(b.place for b in stacks))]
    elements = [_element(place, entry) for place, entry in streams]
    items, results = elements[: len(inputs)], elements[len(inputs) :]
    count = len(attrs["body"].results) - n
    ys, saved = results[:count], results[count:]
    body = [_copy(m, base.place, place) for base, place in zip(carry, saved, strict=False)]
    params = [*views[:consts], *((b, b.place.layout) for b in carry), *((Base(p), p.layout) for p in items)]
    body += nested(attrs["body"], params, [*(b.place for b in following), *ys])
    body += [_copy(m, new.place, old.place) for old, new in zip(carry, following, strict=True)]
    m.add(
        Scan(attrs["length"], attrs["reverse"], streams, body),
        [*_accesses(views[:consts]), *inputs],
        [b.place for b in (*carry, *stacks)],
        [b.place for b in following],
    )
    m.give_back(following)
    m.bases.update(zip(outputs, [*carry, *stacks], strict=True))


def _accesses(views: Sequence[tuple[Base, Layout]]) -> list[Access]:
    return [base.place._replace(layout=layout) for base, layout in views]


def _copy(m: Memory, from_: Access, to: Access) -> Step:
    return Step(Copy(), (from_,), (to,), (), m.node)


def _carry(m: Memory, first: Sequence[Value], results: Sequence[Value]) -> list[Base]:
    """Memory of what is handed from iteration to iteration, with its first values."""
    carry = [m.own(v) for v in results]
    for value, base in zip(first, carry, strict=True):
        m.move(value, base.place)
    return carry


def _element(place: Access, entry: int) -> Access:
    """One element along the first axis of a place, by the entry that has its address."""
    layout = place.layout
    return place._replace(slot=entry, layout=layout._replace(shape=layout.shape[1:], strides=layout.strides[1:]))


_PLANS: Mapping[OpDef, Callable[[Memory, Node, Nested], None]] = {
    prims.cond: _cond,
    prims.while_loop: _while,
    prims.scan: _scan,
}

#: The primitives that are planned here.
REGIONS = frozenset(_PLANS)
