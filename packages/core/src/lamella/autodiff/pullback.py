"""The backward part of a `vjp` as a graph of its own, for GRAPH_MODE: compiled, and called as often as one likes.

While the forward part is built, its tape is run backwards into a second graph. What that reads of the first are the
residuals: further results of the forward graph, and operands of the backward one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella import context, plugins
from lamella.engine.building import Building
from lamella.engine.eager import EAGER
from lamella.engine.stack import current
from lamella.errors import InterruptedRun
from lamella.ir.graph import Graph
from lamella.ir.interpret import run_graph
from lamella.plugins import Backend, Executable
from lamella.tensor import Tensor, wrap


class Pullback:
    """Takes cotangents of the results of a function back to its inputs, given the residuals.

    Args:
        graph: takes a cotangent for each result and then the residuals; gives one for each input.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._compiled: dict[tuple[Backend, int], Executable] = {}

    def __call__(self, cotangents: Sequence[Tensor], residuals: Sequence[Tensor]) -> list[Tensor]:
        """Cotangents of the inputs."""
        engine = current()
        values: Any = [engine.read(x) for x in (*cotangents, *residuals)]
        if engine is not EAGER:
            return [wrap(value) for value in run_graph(engine, self._graph, values)]
        device = backend, ordinal = context.backend, context.ordinal
        execute = self._compiled.get(device)
        if execute is None:
            execute = self._compiled[device] = backend.compile(plugins.compiler().optimized(self._graph), ordinal)
        try:
            return [wrap(value) for value in execute(values)]
        except InterruptedRun as stopped:
            raise stopped.interrupt from None


def backward_graph(
    gradients: Callable[[list[Tensor | None], Building], Sequence[Tensor]], outputs: Sequence[Tensor]
) -> tuple[Pullback, list[Tensor]]:
    """The backward part of the graph that is being built, and the residuals that it takes from there.

    Args:
        gradients: takes a cotangent for each output and the engine to work on, and gives one for each input.
        outputs: the outputs.
    """
    building = Building("pullback")
    seeds: list[Tensor | None] = [building.param(y._type) for y in outputs]
    with building.recording():
        graph = building.finish(gradients(seeds, building))
    return Pullback(graph), [wrap(value) for value in building.captures]
