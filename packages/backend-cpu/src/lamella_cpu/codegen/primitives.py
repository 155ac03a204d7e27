"""Steps of primitives that have a kernel of their own: scatter, random bits, sort, cumulative sums, windows."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from lamella.codegen import philox
from lamella.codegen.llvm import INDEX, Int, Register, constant, vector
from lamella.codegen.scalars import MEMORY, REDUCE
from lamella.ir import Node
from lamella.lowering.elementwise import MOST_CHUNKS, WORTH_A_CHUNK
from lamella.lowering.plan import Kernel, Step
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef
from lamella_cpu.codegen.steps import Steps
from lamella_cpu.kernels import scatter, sorting, windows


def write_kernel(w: Steps, step: Step) -> None:
    """A primitive."""
    assert isinstance(step.work, Kernel)
    _KERNELS[step.work.node.op](w, step.work.node, step)


def _scatter(w: Steps, node: Node, step: Step) -> None:
    """The updates in their order over the operand; each chunk takes those that fall into its part of the axis."""
    accesses = (*step.reads, *step.writes)
    f = w.step("scatter")
    addresses, layouts = [w.address(f, a) for a in accesses], [a.layout for a in accesses]
    writer = scatter.ScatterWriter(f, node, addresses, layouts, w.host)
    writer.write(f.parameters[1], w.status(f))
    w.run(f, writer.chunks)
    w.stop_if_failed()


def _random_bits(w: Steps, node: Node, step: Step) -> None:
    """Each chunk its part of the stream, and the counter moved on."""
    bits, moved = step.writes
    count = math.prod(node.attrs["shape"])
    streams = math.prod(node.operands[0].shape)
    generator = w.function(
        "random", "random", lambda name: philox.emit_random_bits(w.module, name, w.host.lanes(INDEX))
    )
    chunks = max(1, min(MOST_CHUNKS, count * 4 // WORTH_A_CHUNK))
    block = -(-count // chunks // 64) * 64
    chunks = max(1, -(-count // max(block, 1)))
    f = w.step("random_bits")
    stream, part = f.udiv(f.parameters[1], chunks), f.urem(f.parameters[1], chunks)
    key, counter = (f.at(w.address(f, access), INDEX, stream) for access in step.reads)
    first = f.mul(part, block)
    size = f.smin(f.sub(count, first), block)
    out = f.at(w.address(f, bits), "i32", f.add(f.mul(stream, count), first))
    f.call("void", generator, key, counter, f.udiv(first, 4), size, out)
    with f.when(f.compare("eq", part, constant(INDEX, 0))):
        following = f.add(f.load(INDEX, counter), -(-count // 4))
        f.store(following, f.at(w.address(f, moved), INDEX, stream))
    w.run(f, chunks * streams)


def _sort(w: Steps, node: Node, step: Step) -> None:
    """Sort along an axis: rows are shared out."""
    x, axis, descending = node.operands[0], node.attrs["axis"], node.attrs["descending"]
    accesses = (*step.reads, *step.writes)
    extent, dtype = x.shape[axis], x.dtype
    read, values, positions = (a.layout.strides[axis] for a in accesses)
    sort = w.function(
        ("sort", dtype.name, extent, descending, (read, values, positions)),
        "sort",
        lambda name: sorting.emit_sort(w.module, name, dtype, extent, descending, (read, values, positions)),
    )
    f = w.step("sort")
    addresses = [w.address(f, access) for access in accesses]
    others = [i for i, n in enumerate(x.shape) if i != axis and n != 1]
    rows = math.prod(x.shape[i] for i in others)
    block = -(-rows // max(1, min(MOST_CHUNKS, rows * extent * 16 // WORTH_A_CHUNK)))
    first = f.mul(f.parameters[1], block)
    with f.loop(first, f.smin(f.add(first, block), rows)) as loop:
        index, at = loop.index, addresses
        for i in reversed(others):
            here, index = f.urem(index, x.shape[i]), f.udiv(index, x.shape[i])
            at = [
                f.at(address, MEMORY[access.dtype.name], f.mul(here, access.layout.strides[i]))
                for address, access in zip(at, accesses, strict=True)
            ]
        f.call("void", sort, *at, f.parameters[2])
    w.run(f, -(-rows // block))


def _cumulative(w: Steps, node: Node, step: Step) -> None:
    """Cumulative sums or products along an axis, one line after the other; lines that lie side by side as a vector."""
    (x,), axis = node.operands, node.attrs["axis"]
    accesses = (*step.reads, *step.writes)
    layout, moved = (a.layout for a in accesses)
    kind, extent = MEMORY[x.dtype.name], x.shape[axis]
    first, combine = REDUCE[prims.reduce_sum if node.op is prims.cumsum else prims.reduce_prod]
    side = next((i for i, s in enumerate(layout.strides) if i != axis and s == 1 and moved.strides[i] == 1), None)
    count = 1 if side is None else x.shape[side]
    others = [i for i, n in enumerate(x.shape) if i not in (axis, side) and n != 1]
    f = w.step(node.op.name)
    index: Register = f.parameters[1]
    at = [w.address(f, access) for access in accesses]
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


def _window(w: Steps, node: Node, step: Step) -> None:
    """Sums and maxima of windows: channels side by side, a chunk for each line of places."""
    f = w.step(node.op.name)
    memories = [
        windows.Memory(w.address(f, access), access.layout, MEMORY[access.dtype.name])
        for access in (*step.reads, *step.writes)
    ]
    count = len(step.reads)
    writer = windows.WindowWriter(f, node, memories[:count], memories[count:], w.host.vector_bits)
    writer.write(f.parameters[1])
    w.run(f, writer.chunks)


_KERNELS: Mapping[OpDef, Callable[[Steps, Node, Step], None]] = {
    prims.scatter: _scatter,
    prims.random_bits: _random_bits,
    prims.sort: _sort,
    prims.cumsum: _cumulative,
    prims.cumprod: _cumulative,
    **dict.fromkeys(windows.WINDOWS, _window),
}
