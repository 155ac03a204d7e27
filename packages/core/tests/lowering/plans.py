"""Plans of graphs as a backend with all primitives would have them, and NumPy as a machine that runs them.

The machine reads and writes memory by the layouts of accesses only, so that what it computes is right only if all that
the plan says of memory is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamella import ir
from lamella.lowering import Access, Plan, Step, plan, rules
from lamella.lowering.axes import source
from lamella.lowering.layout import plain
from lamella.lowering.plan import NUMBERS, Cond, Copy, Count, Fill, Kernel, Loops, Product, Scan, While
from lamella.ops import prims
from lamella.plugins import Target

TARGET = Target(device="NumPy", vector_bits=256, group_nodes=128)

Array = np.ndarray[Any, Any]


def lowered(fn: Callable[..., Any], *types: ir.TensorType, lacks: Sequence[str] = ()) -> ir.Graph:
    """The graph of a function, as a backend with all primitives but some gets it."""
    return ir.legalize(ir.build(fn, *types), lambda name, *_: name not in lacks, rules)


class Machine:
    """Memory for one run of a plan, and what its steps do to it."""

    def __init__(self, plan: Plan, inputs: Sequence[Array], taken: bool) -> None:
        results = [r.type for r in plan.graph.results]
        given = [np.array(a, order="C").reshape(-1).view(np.uint8) for a in inputs]
        outputs = [np.full(int(np.prod(t.shape)) * t.dtype.itemsize, 0xFF, np.uint8) for t in results]
        if taken:
            for result, over in plan.takes_over.items():
                outputs[result] = given[over]
        arena, status = np.zeros(plan.arena_bytes, np.uint8), np.zeros(24, np.uint8)
        constants = [c.reshape(-1).view(np.uint8) for c in plan.constants()]
        #: Memory, and where an entry of the table begins in it.
        self.table = [(memory, 0) for memory in (*given, *outputs, arena, status, *constants)]
        self.table += [self.table[0]] * (plan.table.size - len(self.table))
        self.outputs = [Access(plan.table.inputs + i, 0, plain(t.shape), t.dtype) for i, t in enumerate(results)]
        self.run(plan.steps)

    def results(self) -> list[Array]:
        """What the graph's results are."""
        return [self.view(access).copy() for access in self.outputs]

    def view(self, access: Access) -> Array:
        """The elements of an access."""
        dtype, layout = access.dtype.numpy, access.layout
        if access.slot == NUMBERS:
            return np.arange(int(np.prod(layout.shape))).astype(dtype).reshape(layout.shape)
        memory, begin = self.table[access.slot]
        strides = [s * dtype.itemsize for s in layout.strides]
        ends = [(n - 1) * s for n, s in zip(layout.shape, strides, strict=True)]
        lowest, highest = sum(min(e, 0) for e in ends), sum(max(e, 0) for e in ends)
        first = begin + access.start
        assert first + lowest >= 0 and first + highest + dtype.itemsize <= memory.size, "outside of its memory"
        return np.ndarray(layout.shape, dtype, memory, first, strides)

    def run(self, steps: Sequence[Step]) -> None:
        """Do steps in their order."""
        for step in steps:
            self._step(step, step.work)

    def _step(self, step: Step, work: Any) -> None:
        if isinstance(work, Product):
            node = work.group.product
            assert node is not None
            a, b = (self.view(access).copy() for access in step.reads[:2])
            values = dict(zip(node.operands, (a, b) if work.choice.left == 0 else (b, a), strict=True))
            self._group(step, work, step.reads[2:], values)
        elif isinstance(work, Loops):
            self._group(step, work, step.reads, {})
        elif isinstance(work, Copy):
            self.view(step.writes[0])[...] = self.view(step.reads[0]).copy()
        elif isinstance(work, Fill):
            self.view(step.writes[0])[...] = work.number.attrs["value"]
        elif isinstance(work, Count):
            self.view(step.writes[0])[...] = self.view(step.writes[0]._replace(slot=NUMBERS))
        elif isinstance(work, Kernel):
            reads = [self.view(access).copy() for access in step.reads]
            if work.node.op is prims.scatter:
                reads.insert(0, self.view(step.writes[0]).copy())
            self._write(step.writes, _kernel(work.node, reads))
        elif isinstance(work, Cond):
            self.run(work.then if self.view(step.reads[0]) else work.orelse)
        elif isinstance(work, While):
            self.run(work.test)
            while self.view(step.scratch[-1]):
                self.run(work.body)
                self.run(work.test)
        else:
            assert isinstance(work, Scan)
            for i in range(work.length):
                index = work.length - 1 - i if work.reverse else i
                for stream, entry in work.streams:
                    memory, begin = self.table[stream.slot]
                    self.table[entry] = memory, begin + index * stream.layout.strides[0] * stream.dtype.itemsize
                self.run(work.body)

    def _group(self, step: Step, work: Loops, reads: Sequence[Access], values: dict[ir.Value, Array]) -> None:
        known = values | {v: self.view(a).copy() for (v, _), a in zip(work.operands, reads, strict=True)}

        def value(v: ir.Value) -> Array:
            if v not in known:
                assert (v.node is not None and source(v) is not v) or v.node.op is prims.constant
                (known[v],) = _kernel(v.node, [value(operand) for operand in v.node.operands])
            return known[v]

        for node in work.group.nodes:
            if not all(v in known for v in node.outputs):
                known.update(zip(node.outputs, _kernel(node, [value(v) for v in node.operands]), strict=True))
        self._write(step.writes, [known[v] for v in work.outputs])

    def _write(self, accesses: Sequence[Access], arrays: Sequence[Array]) -> None:
        for access, array in zip(accesses, arrays, strict=True):
            self.view(access)[...] = array


def _kernel(node: ir.Node, operands: Sequence[Array]) -> list[Array]:
    with np.errstate(all="ignore"):
        found = node.op.kernel(*operands, **node.attrs)
    return [np.asarray(a) for a in (found if node.op.multiple else (found,))]


def planned(graph: ir.Graph) -> Plan:
    """The plan of a lowered graph."""
    return plan(graph, TARGET)
