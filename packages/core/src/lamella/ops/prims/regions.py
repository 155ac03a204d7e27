"""Regions: what the primitives of control flow do with the graphs that are their bodies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella.dims import DimSize
from lamella.engine.batching import Batching
from lamella.engine.building import Building
from lamella.engine.stack import current, entered
from lamella.engine.tape import Tape
from lamella.ir.graph import Graph, Value, substitute
from lamella.ir.interpret import run_graph
from lamella.ops.define.opdef import Kind
from lamella.ops.define.rules import fail
from lamella.ops.prims.shape import filled, with_batch
from lamella.tensor import Tensor, wrap
from lamella.types import TOKEN, TensorType


def params_of(region: Graph) -> list[TensorType]:
    """Types of the parameters that are not tokens."""
    return [p.type for p in region.params if isinstance(p.type, TensorType)]


def results_of(region: Graph) -> tuple[TensorType, ...]:
    """Types of the results that are not tokens."""
    return tuple(r.type for r in region.results if isinstance(r.type, TensorType))


def trace(function: Callable[..., Sequence[Tensor]], types: Sequence[TensorType], name: str) -> Graph:
    """A graph of a function of tensors that uses nothing but its arguments."""
    building = Building(name)
    with building.recording():
        results = function(*map(building.param, types))
        graph = building.finish(results)
    assert not building.captures, f"region {name} uses values from around it"
    return graph


def call(region: Graph, operands: Sequence[Tensor]) -> list[Tensor]:
    """Run a region on the current engine."""
    engine = current()
    return [wrap(v) for v in run_graph(engine, region, [engine.read(x) for x in operands])]


def region_vjp(
    region: Graph, operands: Sequence[Tensor], cotangents: Sequence[Tensor | None], wanted: Sequence[int]
) -> list[Tensor]:
    """Run a region again under a tape, and its derivative: cotangents of the wanted operands, zeros included.

    What it does besides computing (printing, recording) it has done, and does not do again.
    """
    tape = Tape(current())
    values = [tape.read(x) for x in operands]
    for i in wanted:
        tape.watch(values[i])
    with entered(tape):
        outputs = run_graph(tape, _silent(region), values)
    grads = tape.gradients(outputs, cotangents, [values[i] for i in wanted])
    return [filled(values[i].type) if g is None else g for i, g in zip(wanted, grads, strict=True)]


def _silent(graph: Graph) -> Graph:
    """A graph without its effects; itself if it has none, or if it needs what they give."""
    acting = {node for _, node in graph.walk() if node.op.kind is Kind.EFFECT}
    if not graph.effects or any(len(node.outputs) > 1 for node in acting):
        return graph
    nodes = [
        substitute(
            node,
            operands=_tensors(node.operands),
            attrs={name: _silent(value) if isinstance(value, Graph) else value for name, value in node.attrs.items()},
            outputs=_tensors(node.outputs),
        )
        for node in graph.nodes
        if node not in acting
    ]
    return graph.copied(params=_tensors(graph.params), nodes=nodes, results=_tensors(graph.results))


def _tensors(values: Sequence[Value]) -> list[Value]:
    return [value for value in values if value.type != TOKEN]


def batched_call(
    region: Graph, size: DimSize, operands: Sequence[Tensor], flags: Sequence[bool]
) -> list[tuple[Tensor, bool]]:
    """Run a region for a batch: results of the engine below and whether each has a batch axis."""
    engine = Batching(current(), size)
    with entered(engine):
        values = [engine.batch(x) if flag else x for x, flag in zip(operands, flags, strict=True)]
        return [engine.unbatch(x) for x in call(region, values)]


def batched_types(types: Sequence[TensorType], flags: Sequence[bool], size: DimSize) -> list[TensorType]:
    """Types with the batch axis where flagged."""
    return [t.with_shape((size, *t.shape)) if flag else t for t, flag in zip(types, flags, strict=True)]


def result_flags(region: Graph, size: DimSize, flags: Sequence[bool]) -> list[bool]:
    """Which results carry a batch axis if the flagged parameters do."""
    found: list[bool] = []

    def probe(*operands: Tensor) -> list[Tensor]:
        parts = batched_call(region, size, operands, flags)
        found[:] = [flag for _, flag in parts]
        return [x for x, _ in parts]

    trace(probe, batched_types(params_of(region), flags, size), region.name)
    return found


def batched_region(region: Graph, size: DimSize, flags: Sequence[bool], forced: Sequence[bool]) -> Graph:
    """The region for a batch, with a batch axis on the results where `forced`."""

    def body(*operands: Tensor) -> list[Tensor]:
        parts = batched_call(region, size, operands, flags)
        return [with_batch(x, flag, size) if force else x for (x, flag), force in zip(parts, forced, strict=True)]

    return trace(body, batched_types(params_of(region), flags, size), region.name)


def check_region(op: str, name: str, region: Any, expected: Sequence[TensorType]) -> None:
    """Refuse a region whose parameters differ from what it is called with."""
    if not isinstance(region, Graph):
        raise fail(op, f"{name}={type(region).__name__}", "a graph", kind=TypeError)
    if params_of(region) != list(expected):
        raise fail(op, f"{name} taking {params_of(region)}", f"a graph that takes {list(expected)}", kind=TypeError)


def differentiable(types: Sequence[TensorType], needs: Sequence[bool]) -> list[int]:
    """Positions whose cotangents are wanted and exist: bools have none here."""
    return [i for i, (t, needed) in enumerate(zip(types, needs, strict=True)) if needed and t.dtype.kind != "bool"]


def spread(wanted: Sequence[int], grads: Sequence[Tensor], length: int, offset: int = 0) -> list[Tensor | None]:
    """Cotangents at their positions, None elsewhere."""
    result: list[Tensor | None] = [None] * length
    for i, g in zip(wanted, grads, strict=True):
        result[i + offset] = g
    return result
