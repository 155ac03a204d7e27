"""The steps of elementwise groups and reductions: how their loops are cut into chunks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lamella.codegen.llvm import NULL, Function, Int, Register
from lamella.ir import Node, Value
from lamella_cpu.codegen.fusion import Group
from lamella_cpu.codegen.group_memory import GroupMemory
from lamella_cpu.codegen.loops import GroupWriter
from lamella_cpu.codegen.lowering import CHECKS
from lamella_cpu.codegen.nest import Nest, Range
from lamella_cpu.codegen.plan import MOST_CHUNKS, WORTH_A_CHUNK, Base
from lamella_cpu.host import SCRATCH_BYTES

if TYPE_CHECKING:
    from lamella_cpu.codegen.program import GraphWriter


def write_elementwise(w: GraphWriter, group: Group, outputs: Sequence[Value]) -> None:
    """The steps of a group of elementwise nodes and reductions."""
    memory = GroupMemory(w, group)
    order, along = memory.order(outputs)
    bases = {v: w.base_for(v, group, order) for v in outputs}
    cut = _reduction_cut(w, group, order)
    if cut is None:
        _write_group(w, group, memory, outputs, bases, order, along)
    else:
        _in_parts(w, group, outputs, bases, order, along, *cut)
    w.bases.update(bases)


def _write_group(
    w: GraphWriter,
    group: Group,
    memory: GroupMemory,
    outputs: Sequence[Value],
    bases: Mapping[Value, Base],
    order: Sequence[int],
    along: int | None,
) -> None:
    loops = sorted(order, key=lambda a: (a in group.reduced, a == along))  # stable: otherwise as memory lies
    f = w.step("_".join(n.op.name for n in group.nodes[:3]))
    reads, writes = memory.accesses(f, outputs, bases)
    write_loops(w, f, Nest(group, loops, along, reads, writes, jumps=memory.jumps()))


def _reduction_cut(w: GraphWriter, group: Group, order: Sequence[int]) -> tuple[int, int] | None:
    """The reduced axis to cut, and into how many parts, where there is too little else to share among workers."""
    work = math.prod(group.extents) * (2 + len(group.nodes))
    if not group.reduced or work < 4 * WORTH_A_CHUNK or group.passes() > 1:
        return None
    outer = math.prod(group.extents[a] for a in group.outer) / (w.host.lanes("float") if group.outer else 1)
    wanted = min(MOST_CHUNKS // 2, work // (2 * WORTH_A_CHUNK))
    if outer >= min(wanted, MOST_CHUNKS // 4):
        return None
    axis = next(a for a in order if a in group.reduced)
    extent = group.extents[axis]
    count = max(n for n in range(1, min(wanted, extent) + 1) if extent % n == 0)
    return (axis, count) if count > 1 else None


def _in_parts(
    w: GraphWriter,
    group: Group,
    outputs: Sequence[Value],
    bases: Mapping[Value, Base],
    order: Sequence[int],
    along: int | None,
    axis: int,
    count: int,
) -> None:
    """A group whose reductions are done in parts: one step for the parts, one that brings them together."""
    parts, final, pairs = group.in_parts(axis, count)
    by_parts = [len(group.extents), *order]  # the axis that counts the parts comes first
    inner = {v: bases[v] for v in outputs if v in parts.axes}
    for partial in pairs:
        w.bases[partial] = inner[partial] = w.base_for(partial, parts, by_parts)
    _write_group(w, parts, GroupMemory(w, parts), list(inner), inner, by_parts, along)
    memory = GroupMemory(w, final)
    rest = [v for v in outputs if v not in parts.axes]
    _write_group(w, final, memory, rest, bases, *memory.order(rest))
    w.give_back([inner[partial] for partial in pairs])


def write_loops(w: GraphWriter, f: Function, nest: Nest, known: Mapping[Value, Node] | None = None) -> None:
    """The loops of a group as a step, cut into chunks.

    Args:
        w: the graph's writer.
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


def _cut(w: GraphWriter, f: Function, nest: Nest) -> int:
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
