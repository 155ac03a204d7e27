"""Steps of primitives that have a kernel of their own: scatter, random bits, sort, cumulative sums, windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lamella.codegen import philox
from lamella.codegen.llvm import INDEX, Int, Register, constant, vector
from lamella.codegen.scalars import MEMORY, REDUCE
from lamella.ir import Node, Value
from lamella.lowering.layout import Layout, dense
from lamella.ops import prims
from lamella_cpu.codegen.moving import copy, move
from lamella_cpu.codegen.plan import MOST_CHUNKS, NO_HALO, WORTH_A_CHUNK, Base, Place
from lamella_cpu.kernels import scatter, sorting, windows

if TYPE_CHECKING:
    from lamella_cpu.codegen.program import GraphWriter


def write_scatter(w: GraphWriter, node: Node) -> None:
    """The operand, then the updates in their order; each chunk takes those that fall into its part of the axis."""
    x, indices, updates = node.operands
    result = node.outputs[0]
    base = w.own(result)
    move(w, x, base.place)
    sources_: list[Place] = []
    for operand in (indices, updates):
        held, view = w.view(operand)
        sources_.append(held.place._replace(layout=view))
    f = w.step("scatter")
    writer = scatter.ScatterWriter(f, node, [w.address(f, p) for p in (*sources_, base.place)],
                                   [p.layout for p in (*sources_, base.place)], w.host)  # fmt: skip
    writer.write(f.parameters[1], w.status(f))
    w.run(f, writer.chunks)
    w.stop_if_failed()
    w.bases[result] = base


def write_random_bits(w: GraphWriter, node: Node) -> None:
    """Each chunk its part of the stream, and the counter moved on."""
    (bits, advanced), shape = node.outputs, node.attrs["shape"]
    count = math.prod(shape)
    streams = math.prod(node.operands[0].shape)
    sources = [base.place._replace(layout=view) for base, view in map(w.in_order, node.operands)]
    base, moved = w.own_plain(bits), w.own_plain(advanced)
    if "random" not in w.kernels:
        philox.emit_random_bits(w.module, "random", w.host.lanes(INDEX))
        w.kernels["random"] = "random"
    chunks = max(1, min(MOST_CHUNKS, count * 4 // WORTH_A_CHUNK))
    block = -(-count // chunks // 64) * 64
    chunks = max(1, -(-count // max(block, 1)))
    f = w.step("random_bits")
    stream, part = f.udiv(f.parameters[1], chunks), f.urem(f.parameters[1], chunks)
    key, counter = (f.at(w.address(f, place), INDEX, stream) for place in sources)
    first = f.mul(part, block)
    size = f.smin(f.sub(count, first), block)
    out = f.at(w.address(f, base.place), "i32", f.add(f.mul(stream, count), first))
    f.call("void", "random", key, counter, f.udiv(first, 4), size, out)
    with f.when(f.compare("eq", part, constant(INDEX, 0))):
        following = f.add(f.load(INDEX, counter), -(-count // 4))
        f.store(following, f.at(w.address(f, moved.place), INDEX, stream))
    w.run(f, chunks * streams)
    for value, own in ((bits, base), (advanced, moved)):
        w.bases[value] = own
        if value in w.given and own is not w.given[value]:
            copy(w, value.dtype, own.place, w.given[value].place)


def write_sort(w: GraphWriter, node: Node) -> None:
    """Sort along an axis: rows are shared out."""
    x, axis, descending = node.operands[0], node.attrs["axis"], node.attrs["descending"]
    base, layout = w.view(x)
    bases = [w.own(v) for v in node.outputs]
    layouts = [layout, *(b.place.layout for b in bases)]
    extent, dtype = x.shape[axis], x.dtype
    strides = tuple(item.strides[axis] for item in layouts)
    key = "sort", dtype.name, extent, descending, strides
    if key not in w.kernels:
        w.kernels[key] = f"sort{len(w.kernels)}"
        sorting.emit_sort(w.module, w.kernels[key], dtype, extent, descending, (strides[0], strides[1], strides[2]))
    f = w.step("sort")
    places = [base.place._replace(layout=layout), *(b.place for b in bases)]
    addresses = [w.address(f, place) for place in places]
    others = [i for i, n in enumerate(x.shape) if i != axis and n != 1]
    rows = math.prod(x.shape[i] for i in others)
    block = -(-rows // max(1, min(MOST_CHUNKS, rows * extent * 16 // WORTH_A_CHUNK)))
    first = f.mul(f.parameters[1], block)
    with f.loop(first, f.smin(f.add(first, block), rows)) as loop:
        index, at = loop.index, addresses
        for i in reversed(others):
            here, index = f.urem(index, x.shape[i]), f.udiv(index, x.shape[i])
            at = [
                f.at(a, MEMORY[place.dtype.name], f.mul(here, item.strides[i]))
                for a, place, item in zip(at, places, layouts, strict=True)
            ]
        f.call("void", w.kernels[key], *at, f.parameters[2])
    w.run(f, -(-rows // block))
    w.bases.update(zip(node.outputs, bases, strict=True))


def write_cumulative(w: GraphWriter, node: Node) -> None:
    """Cumulative sums or products along an axis, one line after the other; lines that lie side by side as a vector."""
    (x,), (result,), axis = node.operands, node.outputs, node.attrs["axis"]
    base, layout = w.view(x)
    outermost_first = sorted(range(len(x.shape)), key=lambda i: -abs(layout.strides[i]))
    target = w.given.get(result) or w.allocate(dense(x.shape, outermost_first), x.dtype)
    moved = target.place.layout
    kind, extent = MEMORY[x.dtype.name], x.shape[axis]
    first, combine = REDUCE[prims.reduce_sum if node.op is prims.cumsum else prims.reduce_prod]
    side = next((i for i, s in enumerate(layout.strides) if i != axis and s == 1 and moved.strides[i] == 1), None)
    count = 1 if side is None else x.shape[side]
    others = [i for i, n in enumerate(x.shape) if i not in (axis, side) and n != 1]
    f = w.step(node.op.name)
    index: Register = f.parameters[1]
    at = [w.address(f, place) for place in (base.place._replace(layout=layout), target.place)]
    for i in reversed(others):
        here, index = f.urem(index, x.shape[i]), f.udiv(index, x.shape[i])
        at = [f.at(a, kind, f.mul(here, item.strides[i])) for a, item in zip(at, (layout, moved), strict=True)]

    def lines(offset: Int, width: int) -> None:
        wide = vector(kind, width)
        start, stop = (f.at(a, kind, offset) for a in at)
        with f.loop(0, extent, 1, [constant(wide, first(x.dtype))]) as loop:
            place = f.sub(extent - 1, loop.index) if node.attrs["reverse"] else loop.index
            number = f.load(wide, f.at(start, kind, f.mul(place, layout.strides[axis])))
            total = combine(f, loop.carried[0], number, x.dtype)
            f.store(total, f.at(stop, kind, f.mul(place, moved.strides[axis])))
            loop.yields(total)

    lanes = w.host.lanes(kind)
    whole = count // lanes * lanes
    if whole:
        with f.loop(0, whole, lanes) as loop:
            lines(loop.index, lanes)
    if whole < count:
        with f.loop(whole, count) as loop:
            lines(loop.index, 0)
    w.run(f, math.prod(x.shape[i] for i in others))
    w.bases[result] = target


def write_window(w: GraphWriter, node: Node) -> None:
    """Sums and maxima of windows: channels side by side, a chunk for each line of places."""
    order = windows.channels_last(node)
    places: list[Place] = []
    for operand in node.operands:
        base, layout = w.view(operand)
        if not _is_side_by_side(layout, order[-1]):
            base = w.copied(operand, dense(operand.shape, order))
            layout = base.place.layout
        places.append(base.place._replace(layout=layout))
    bases: dict[Value, Base] = {}
    for value in node.outputs:
        halo = w.halos.get(value, NO_HALO)
        given = w.given.get(value)
        fits = given is not None and _is_side_by_side(given.place.layout, order[-1])
        bases[value] = (
            given
            if given is not None and fits
            else w.allocate(dense(value.shape, order, halo or None), value.dtype, halo)
        )
    f = w.step(node.op.name)
    memories = [
        windows.Memory(w.address(f, place), place.layout, MEMORY[place.dtype.name])
        for place in (*places, *(base.place for base in bases.values()))
    ]
    writer = windows.WindowWriter(f, node, memories[: len(places)], memories[len(places) :], w.host.vector_bits)
    writer.write(f.parameters[1])
    w.run(f, writer.chunks)
    w.bases.update(bases)
    for value, base in bases.items():
        if value in w.given and base is not w.given[value]:
            copy(w, value.dtype, base.place, w.given[value].place)


def _is_side_by_side(layout: Layout, axis: int) -> bool:
    return layout.shape[axis] == 1 or layout.strides[axis] == 1
