"""Control flow: regions whose steps are written into the code of the graph around them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lamella.codegen.llvm import Register, constant
from lamella.codegen.scalars import MEMORY
from lamella.ir import Node, Value
from lamella.lowering.layout import plain
from lamella_cpu.codegen.moving import copy, move
from lamella_cpu.codegen.plan import Base, Place

if TYPE_CHECKING:
    from lamella_cpu.codegen.program import GraphWriter


def write_cond(w: GraphWriter, node: Node) -> None:
    """One of two regions, as a bool in memory says."""
    condition, *operands = node.operands
    views = [w.view(v) for v in operands]
    base, layout = w.view(condition)
    bases = [w.own(v) for v in node.outputs]
    places = [b.place for b in bases]
    chosen = _flag(w, base.place._replace(layout=layout))
    w.main.either(
        chosen,
        lambda: w.nested(node.attrs["then"], views, places),
        lambda: w.nested(node.attrs["orelse"], views, places),
    )
    w.bases.update(zip(node.outputs, bases, strict=True))


def write_while(w: GraphWriter, node: Node) -> None:
    """The body for as long as the test holds, on memory that is the carry's."""
    f, consts = w.main, node.attrs["consts"]
    views = [w.view(v) for v in node.operands]
    carry = _carry(w, node.operands[consts:], node.outputs)
    following = [w.allocate(plain(v.shape), v.dtype) for v in node.outputs]
    test = w.allocate(plain(()), node.attrs["test"].results[0].dtype)
    params = [*views[:consts], *((b, b.place.layout) for b in carry)]
    head, then, done = f.label(), f.label(), f.label()
    f.jump(head)
    f.start(head)
    w.nested(node.attrs["test"], params, [test.place])
    f.branch(_flag(w, test.place), then, done)
    f.start(then)
    w.stop_if_aborted()
    w.nested(node.attrs["body"], params, [b.place for b in following])
    for value, old, new in zip(node.outputs, carry, following, strict=True):
        copy(w, value.dtype, new.place, old.place)
    f.jump(head)
    f.start(done)
    w.give_back([*following, test])
    w.bases.update(zip(node.outputs, carry, strict=True))


def write_scan(w: GraphWriter, node: Node) -> None:
    """The body for each element of the streams; entries of the table follow the elements."""
    f, attrs = w.main, node.attrs
    consts, n, length = attrs["consts"], attrs["carry"], attrs["length"]
    views = [w.view(v) for v in node.operands]
    outputs = list(node.outputs)
    streams = views[consts + n :]
    carry = _carry(w, node.operands[consts : consts + n], outputs[:n])
    stacks = [w.own(v) for v in outputs[n:]]
    following = [w.allocate(plain(v.shape), v.dtype) for v in outputs[:n]]
    moving = [base.place._replace(layout=layout) for base, layout in streams] + [b.place for b in stacks]
    with f.loop(0, length) as loop:
        w.stop_if_aborted()
        index = f.sub(length - 1, loop.index) if attrs["reverse"] else loop.index
        elements = [_element(w, place, index) for place in moving]
        items, results = elements[: len(streams)], elements[len(streams) :]
        ys, saved = results[: len(attrs["body"].results) - n], results[len(attrs["body"].results) - n :]
        for value, base, place in zip(outputs, carry, saved, strict=False):
            copy(w, value.dtype, base.place, place)
        params = [*views[:consts], *((b, b.place.layout) for b in carry), *((Base(p), p.layout) for p in items)]
        w.nested(attrs["body"], params, [*(b.place for b in following), *ys])
        for value, old, new in zip(outputs, carry, following, strict=False):
            copy(w, value.dtype, new.place, old.place)
    w.give_back(following)
    w.bases.update(zip(outputs, [*carry, *stacks], strict=True))


def _carry(w: GraphWriter, first: Sequence[Value], results: Sequence[Value]) -> list[Base]:
    """Memory of what is handed from iteration to iteration, with its first values."""
    carry = [w.own(v) for v in results]
    for value, base in zip(first, carry, strict=True):
        move(w, value, base.place)
    return carry


def _flag(w: GraphWriter, place: Place) -> Register:
    f = w.main
    byte = f.load("i8", w.address(f, place))
    return f.compare("ne", byte, constant("i8", 0))


def _element(w: GraphWriter, place: Place, index: Register) -> Place:
    """One element along the first axis of a place, by an entry of the table that is written here."""
    f, layout = w.main, place.layout
    table = f.parameters[0]
    entry = f.load("ptr", f.at(table, "ptr", place.slot))
    moved = f.at(entry, MEMORY[place.dtype.name], f.mul(index, layout.strides[0]))
    slot = w.slots[0]
    w.slots[0] += 1
    f.store(moved, f.at(table, "ptr", slot))
    inner = layout._replace(shape=layout.shape[1:], strides=layout.strides[1:])
    return place._replace(slot=slot, layout=inner)
