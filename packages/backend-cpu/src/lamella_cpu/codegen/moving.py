"""Steps that move elements: copies between layouts, fills, `concat` and `pad`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lamella.codegen.llvm import INDEX, constant
from lamella.codegen.scalars import MEMORY
from lamella.dtypes import DType
from lamella.ir import Node, Value
from lamella.lowering.layout import plain
from lamella_cpu.codegen.elementwise import write_loops
from lamella_cpu.codegen.fusion import Group, own_axes, source
from lamella_cpu.codegen.nest import Access, Nest, access_strides
from lamella_cpu.codegen.plan import MOST_CHUNKS, WORTH_A_CHUNK, Place, is_scalar_constant
from lamella_cpu.kernels import transpose

if TYPE_CHECKING:
    from lamella_cpu.codegen.program import GraphWriter


def move(w: GraphWriter, value: Value, to: Place, stretch: Value | None = None) -> None:
    """A value to where it is wanted, whatever it is; stretched to the shape of another."""
    like = stretch or value
    if is_scalar_constant(source(value)):
        fill(w, like, to, source(value))
        return
    base, view = w.view(value)
    copy(w, value.dtype, base.place._replace(layout=view.broadcast(like.shape)), to)


def copy(w: GraphWriter, dtype: DType, from_: Place, to: Place) -> None:
    """Elements from one place to another of the same shape, in chunks along the axis that is outermost there."""
    f = w.step("copy")
    kind = MEMORY[dtype.name]
    axes = sorted(
        (
            (n, source_stride, target_stride)
            for n, source_stride, target_stride in zip(
                to.layout.shape, from_.layout.strides, to.layout.strides, strict=True
            )
            if n != 1
        ),
        key=lambda axis: -axis[2],
    ) or [(1, 0, 0)]  # fmt: skip
    (extent, source_stride, target_stride), *inner = axes
    total = math.prod(n for n, _, _ in axes)
    wanted = max(1, min(MOST_CHUNKS, total // WORTH_A_CHUNK))
    grain = w.host.lanes(kind) if source_stride == 1 else 1  # of what is transposed, whole squares
    block = min(extent, max(1, -(-extent // wanted // grain) * grain))
    chunks = -(-extent // block) if extent else 1
    first = f.mul(f.parameters[1], block)
    read = f.at(w.address(f, from_), kind, f.mul(first, source_stride))
    write = f.at(w.address(f, to), kind, f.mul(first, target_stride))

    def part(size: int) -> None:
        f.call("void", _copier(w, kind, ((size, source_stride, target_stride), *inner)), read, write)

    f.by_size(f.parameters[1], chunks, block, extent - (chunks - 1) * block, part)
    w.run(f, chunks)


def _copier(w: GraphWriter, kind: str, axes: tuple[tuple[int, int, int], ...]) -> str:
    """The function of a copy; one for all places that need the same."""
    return w.function((kind, axes), "copy", lambda name: transpose.emit_copy(w.module, name, kind, axes, w.host))


def fill(w: GraphWriter, like: Value, to: Place, number: Value) -> None:
    """One known number everywhere in a place of the shape of a value."""
    assert number.node is not None
    f = w.step("fill")
    group, order = _moved(like)
    write = Access(like.dtype, w.address(f, to), access_strides(to.layout, group.axes[like]))
    nest = Nest(group, order, order[-1] if order else None, {}, {like: write})
    write_loops(w, f, nest, known={like: number.node})


def write_iota(w: GraphWriter, value: Value) -> None:
    """Give a counting value memory, with its numbers in it."""
    if value in w.bases:
        return
    w.bases[value] = base = w.allocate(plain(value.shape), value.dtype)
    f = w.step("iota")
    group, order = _moved(value)
    axes = group.axes[value]
    strides = access_strides(base.place.layout, axes)
    read = Access(value.dtype, constant(INDEX, 0), strides, is_number=True)
    write = Access(value.dtype, w.address(f, base.place), strides)
    nest = Nest(group, order, order[-1] if order else None, {(value, axes): read}, {value: write})
    write_loops(w, f, nest)


def _moved(value: Value) -> tuple[Group, list[int]]:
    """A group that only writes a value, and its axes in their order."""
    group = Group(-1, value.shape)
    group.axes[value] = own_axes(value.shape)
    return group, list(range(len(group.extents)))


def write_concat(w: GraphWriter, node: Node) -> None:
    """Each operand to its place in the result."""
    result = node.outputs[0]
    base = w.own(result)
    at, axis = 0, node.attrs["axis"]
    layout = base.place.layout
    for operand in node.operands:
        size = operand.shape[axis]
        part = layout._replace(shape=operand.shape, offset=layout.offset + at * layout.strides[axis])
        move(w, operand, base.place._replace(layout=part))
        at += size
    w.bases[result] = base


def write_pad(w: GraphWriter, node: Node) -> None:
    """The padding everywhere, then the operand over it."""
    result = node.outputs[0]
    base = w.own(result)
    x, padding = node.operands
    layout = base.place.layout
    move(w, padding, base.place, stretch=result)
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
        source_base, view = w.view(x)
        cropped = view.sliced(starts, stops, (1,) * len(shape))
        target = layout._replace(shape=shape, strides=tuple(strides), offset=offset)
        copy(w, x.dtype, source_base.place._replace(layout=cropped), base.place._replace(layout=target))
    w.bases[result] = base
