"""Graphs as object files, for processors that need not be this one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from lamella.dims import Dim
from lamella.errors import explain
from lamella.ir import Graph, legalize
from lamella.lowering import rules
from lamella.ops.define.opdef import Kind
from lamella.plugins import Artifact
from lamella.types import TOKEN, TensorType
from lamella_cpu.codegen.coverage import is_native_version
from lamella_cpu.codegen.program import compile_graph
from lamella_cpu.host import Host
from lamella_cpu.runtime import native

_DECLARED = re.compile(r"^declare [^@\n]*@(?!llvm\.)([\w.$-]+)\(", re.MULTILINE)


def emit(graph: Graph, target: Host) -> Artifact:
    """Write a graph for a processor; see `plugins.Generator`."""
    supports = partial(is_native_version, target=target)
    subject = f"graph {graph.name} for {target.triple}"
    if any(isinstance(n, Dim) for p in graph.params if p.type != TOKEN for n in p.type.shape):
        raise ValueError(explain(subject, given=graph.signature, expected="known sizes"))
    lowered = legalize(graph, supports, rules)
    foreign = {
        node.op.name
        for _, node in lowered.walk()
        if node.op.kind is Kind.EFFECT or not supports(node.op.name, node.op.version, _types(node.operands), node.attrs)
    }
    if foreign:
        raise ValueError(
            explain(subject, given=f"the primitives {', '.join(sorted(foreign))}", expected="those with native code")
        )
    program = compile_graph(lowered, target)
    return Artifact(
        format="object",
        code=native.object_code(program.text, graph.name, target),
        entry="run",
        needs=tuple(_DECLARED.findall(program.text)),
        table_entries=program.plan.table.size,
        arena_bytes=program.plan.arena_bytes,
        constants=tuple(program.plan.constants()),
        inputs=tuple(_types(graph.params)),
        outputs=tuple(_types(graph.results)),
        takes_over=program.plan.takes_over,
    )


def _types(values: Sequence[Any]) -> list[TensorType]:
    return [v.type for v in values if v.type != TOKEN]
