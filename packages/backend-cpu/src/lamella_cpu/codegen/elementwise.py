"""The steps of elementwise groups and reductions, and how their loops are cut into chunks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lamella.codegen.llvm import INDEX, NULL, Function, Int, Register, constant
from lamella.ir import Node, Value
from lamella.lowering.axes import Axes, own_axes
from lamella.lowering.checks import CHECKS
from lamella.lowering.elementwise import MOST_CHUNKS, WORTH_A_CHUNK, axis_strides
from lamella.lowering.groups import Group
from lamella.lowering.plan import NUMBERS, Access, Count, Fill, Loops, Step
from lamella_cpu.codegen.loops import GroupWriter
from lamella_cpu.codegen.nest import Cursor, Nest, Range
from lamella_cpu.codegen.steps import Steps
from lamella_cpu.host import SCRATCH_BYTES


def write_group(w: Steps, step: Step) -> None:
    """A group of elementwise nodes and reductions."""
    work = step.work
    assert isinstance(work, Loops)
    f = w.step("_".join(n.op.name for n in work.group.nodes[:3]))
    reads, writes = cursors(w, f, work, step.reads, step.writes)
    write_loops(w, f, Nest(work.group, work.order, work.along, reads, writes, jumps=work.jumps(step.reads)))


def cursors(
    w: Steps, f: Function, work: Loops, reads: Sequence[Access], writes: Sequence[Access]
) -> tuple[dict[tuple[Value, Axes], Cursor], dict[Value, Cursor]]:
    """Where elements are read and written, in a function that is being written."""
    group = work.group
    read: dict[tuple[Value, Axes], Cursor] = {}
    for key, access in zip(work.operands, reads, strict=True):
        counts = access.slot == NUMBERS
        base = constant(INDEX, 0) if counts else w.address(f, access)
        read[key] = Cursor(access.dtype, base, axis_strides(access.layout, key[1], group), counts)
    written: dict[Value, Cursor] = {}
    for value, access in zip(work.outputs, writes, strict=True):
        strides = axis_strides(access.layout, group.axes[value], group)
        written[value] = Cursor(access.dtype, w.address(f, access), strides)
    return read, written


def write_fill(w: Steps, step: Step) -> None:
    """One known number everywhere."""
    work, (to,) = step.work, step.writes
    assert isinstance(work, Fill)
    f = w.step("fill")
    group, order = _single(work.value)
    write = Cursor(to.dtype, w.address(f, to), axis_strides(to.layout, group.axes[work.value]))
    nest = Nest(group, order, order[-1] if order else None, {}, {work.value: write})
    write_loops(w, f, nest, known={work.value: work.number})


def write_count(w: Steps, step: Step) -> None:
    """The numbers 0, 1, … in order."""
    work, (to,) = step.work, step.writes
    assert isinstance(work, Count)
    f = w.step("iota")
    group, order = _single(work.value)
    axes = group.axes[work.value]
    strides = axis_strides(to.layout, axes)
    read = Cursor(to.dtype, constant(INDEX, 0), strides, is_number=True)
    write = Cursor(to.dtype, w.address(f, to), strides)
    nest = Nest(group, order, order[-1] if order else None, {(work.value, axes): read}, {work.value: write})
    write_loops(w, f, nest)


def _single(value: Value) -> tuple[Group, list[int]]:
    """A group that only writes a value, and its axes in their order."""
    group = Group(-1, value.shape)
    group.axes[value] = own_axes(value.shape)
    return group, list(range(len(group.extents)))


def write_loops(w: Steps, f: Function, nest: Nest, known: Mapping[Value, Node] | None = None) -> None:
    """The loops of a group as a step, cut into chunks.

    Args:
        w: writes steps.
        f: the step's function.
        nest: the loops.
        known: values that are one known number, and the constants that they are.
    """
    chunks = _cut(w, f, nest)
    may_fail = any(n.op in CHECKS for n in nest.group.nodes)
    failed = w.status(f) if may_fail else NULL
    writer = GroupWriter(f, nest, w.host.vector_bits, f.parameters[2], SCRATCH_BYTES, failed)
    writer.known = dict(known or {})
    writer.write()
    w.run(f, chunks)
    if may_fail:
        w.stop_if_failed()


def _cut(w: Steps, f: Function, nest: Nest) -> int:
    """Cut the outer loops into chunks: the ranges of the loops come to depend on the chunk."""
    outer = [loop for loop in nest.loops if not loop.reduced]
    work = math.prod(loop.range.extent for loop in nest.loops) * (2 + len(nest.group.nodes))
    wanted = min(MOST_CHUNKS, work // WORTH_A_CHUNK)
    if wanted < 2 or not outer:
        return 1
    chunk: Register = f.parameters[1]
    total = 1
    pieces: list[tuple[int, int]] = []  # for each outer loop that is cut: (chunks, indices of each)
    for loop in outer:
        need = -(-wanted // total)
        extent = loop.range.extent
        grain = 1 if loop is not nest.vector_loop else 4 * w.host.lanes("float")
        block = max(-(-extent // need), 1)
        block = -(-block // grain) * grain
        count = -(-extent // block)
        pieces.append((count, block))
        total *= count
        if total >= wanted or block > 1:
            break
    for loop, (count, block) in reversed(list(zip(outer, pieces, strict=False))):
        index: Int = f.urem(chunk, count) if loop is not outer[0] else chunk
        chunk = f.udiv(chunk, count)
        extent = loop.range.extent
        start = f.mul(index, block)
        stop: Int = f.add(start, block)
        if extent % block:
            stop = f.smin(stop, extent)
        loop.range = Range(start, stop, block)
    return total
