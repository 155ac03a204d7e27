"""A graph as one native function: its plan, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lamella.ir import Graph
from lamella.ir.execute import note_node
from lamella.lowering.plan import Cond, Copy, Count, Fill, Kernel, Loops, Plan, Product, Scan, Step, While
from lamella.lowering.planning import plan
from lamella_cpu.codegen.blocks import write_product
from lamella_cpu.codegen.control import write_cond, write_scan, write_while
from lamella_cpu.codegen.elementwise import write_count, write_fill, write_group
from lamella_cpu.codegen.moving import write_copy
from lamella_cpu.codegen.primitives import write_kernel
from lamella_cpu.codegen.steps import WRITING, Steps
from lamella_cpu.codegen.winograd import Sums, Weights, Winograd, write_sums, write_weights
from lamella_cpu.host import Host


class NativeCode(NamedTuple):
    """The code of a graph.

    Attributes:
        text: LLVM IR; its function `run` takes the table.
        plan: what it does.
    """

    text: str
    plan: Plan


def compile_graph(graph: Graph, host: Host) -> NativeCode:
    """Write the code of a graph.

    Args:
        graph: a graph of native primitives with known sizes.
        host: the processor.
    """
    planned = plan(graph, host.target(), Winograd(host))
    w = Steps(graph.name, planned.table, host)
    _write(w, planned.steps[: planned.writes_from])
    if planned.writes_from < len(planned.steps):
        w.note(WRITING)
    _write(w, planned.steps[planned.writes_from :])
    return NativeCode(w.finish(), planned)


def _write(w: Steps, steps: Sequence[Step]) -> None:
    for step in steps:
        try:
            if (region := _REGIONS.get(type(step.work))) is not None:
                region(w, step, lambda inner: _write(w, inner))
            else:
                _WRITERS[type(step.work)](w, step)
        except Exception as error:  # whatever it is, it is a fault of this package; its user's line helps to find it
            if not hasattr(error, "__notes__") and step.node is not None:
                note_node(error, step.node)
            raise


#: What writes the code of a step, by its work.
_WRITERS: Mapping[type, Callable[[Steps, Step], None]] = {
    Loops: write_group,
    Product: write_product,
    Copy: write_copy,
    Fill: write_fill,
    Count: write_count,
    Kernel: write_kernel,
    Weights: write_weights,
    Sums: write_sums,
}
_REGIONS: Mapping[type, Callable[[Steps, Step, Callable[[Sequence[Step]], None]], Any]] = {
    Cond: write_cond,
    While: write_while,
    Scan: write_scan,
}
