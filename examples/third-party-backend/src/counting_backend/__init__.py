"""A device that counts and times the primitives it runs; the arithmetic is NumPy's, through core's kernels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from time import perf_counter_ns
from typing import Any

import numpy as np

from lamella.backends.host import type_of
from lamella.buffer import Buffer
from lamella.ir import Graph, TensorType
from lamella.ir.interpret import bind_sizes, specialized
from lamella.ops.define.opdef import OpDef
from lamella.plugins import Backend, Target, hookimpl
from lamella.types import TOKEN

__version__ = "0.1.0"


class CountingBackend(Backend):
    """Runs everything, and remembers how often and how long. The rest it has from `Backend`, a simple device.

    Attributes:
        name: what `set_context(device_target=…)` calls it.
        on_host: no: tensors of other devices are refused, so that nothing runs there uncounted.
        calls: how often each primitive ran.
        nanoseconds: how long each took in all.
    """

    name = "Counting"
    on_host = False

    def __init__(self) -> None:
        self.calls: dict[str, int] = defaultdict(int)
        self.nanoseconds: dict[str, int] = defaultdict(int)

    @staticmethod
    @hookimpl
    def create_backend() -> CountingBackend:
        """Make the device; Lamella asks once, when it is first named."""
        return CountingBackend()

    def target(self) -> Target:
        """Describe the device."""
        return Target(device=self.name)

    def supports(self, op_name: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """It has no kernels of its own."""
        return False

    def put(self, array: np.ndarray[Any, Any], ordinal: int = 0) -> Buffer:
        """Take an array over."""
        return Buffer(array, type_of(array), self)

    def get(self, buffer: Buffer) -> np.ndarray[Any, Any]:
        """Give an array back."""
        array: np.ndarray[Any, Any] = buffer.data
        return array

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: Mapping[str, Any], ordinal: int = 0) -> list[Buffer]:
        """Run one primitive now."""
        op.result_types([b.type for b in buffers], dict(attrs))
        return [self.put(array) for array in self.measured(op, [b.data for b in buffers], attrs)]

    def compile(self, graph: Graph, ordinal: int = 0) -> CountedGraph:
        """Make a graph callable."""
        return CountedGraph(graph, self)

    def measured(self, op: OpDef, arrays: Sequence[Any], attrs: Mapping[str, Any]) -> list[Any]:
        """Run a reference kernel with a clock beside it."""
        start = perf_counter_ns()
        with np.errstate(all="ignore"):
            result = op.kernel(*arrays, **attrs)
        self.nanoseconds[op.name] += perf_counter_ns() - start
        self.calls[op.name] += 1
        return [np.asarray(array) for array in (result if op.multiple else (result,))]

    def report(self) -> str:
        """What ran, the longest first."""
        rows = sorted(self.calls, key=lambda name: -self.nanoseconds[name])
        return "\n".join(f"{name:20} {self.calls[name]:8} {self.nanoseconds[name] / 1e3:12.1f} us" for name in rows)


class CountedGraph:
    """A graph that runs node by node, so that each can be measured."""

    def __init__(self, graph: Graph, backend: CountingBackend) -> None:
        self.graph = graph
        self.backend = backend

    def __call__(self, buffers: Sequence[Buffer], donated: frozenset[int] = frozenset()) -> list[Buffer]:
        """Run; memory that may be taken over is left alone."""
        env: dict[Any, Any] = {}
        sizes: dict[str, Any] = {}
        for param, buffer in zip((p for p in self.graph.params if p.type != TOKEN), buffers, strict=True):
            env[param] = buffer.data
            bind_sizes(param.type, buffer.shape, sizes)
        for node in self.graph.nodes:
            operands = [env[v] for v in node.operands if v.type != TOKEN]
            attrs = {key: specialized(value, sizes) for key, value in node.attrs.items()}
            results = self.backend.measured(node.op, operands, attrs)
            for value, array in zip((v for v in node.outputs if v.type != TOKEN), results, strict=True):
                env[value] = array
                bind_sizes(value.type, array.shape, sizes)
        return [self.backend.put(env[v]) for v in self.graph.results if v.type != TOKEN]


__all__ = ["CountedGraph", "CountingBackend"]
