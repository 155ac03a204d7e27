"""Graphs as callables of a backend that compiles: sizes that are open, and primitives that the backend lacks.

Code is for known sizes: a graph with open ones is compiled for each combination that it is called with. Where a backend
lacks a primitive, the graph is cut into segments, and the reference kernels compute those that are not the backend's,
on the host. A graph that its compiler fails on runs so as a whole.
"""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from lamella.buffer import Buffer
from lamella.dims import Dim
from lamella.errors import InterruptedRun, explain
from lamella.ir import Graph, Segment, Value, partition, pipeline
from lamella.ir.execute import add_location, note_node, runner
from lamella.ir.interpret import bind_sizes, closed
from lamella.plugins.protocols import Backend
from lamella.types import TOKEN

#: Of a graph with open sizes: for how many combinations of them code is kept, those that were used last.
_MOST_SIZES = 64


class FallbackWarning(UserWarning):
    """A graph could not be compiled, and runs op by op."""


class Native(Protocol):
    """A graph of known sizes as code of a backend."""

    def run(self, buffers: Sequence[Buffer], donated: frozenset[int], /) -> list[Buffer]:
        """Run; see `plugins.protocols.Executable`."""
        ...


#: Compiles a graph of primitives that the backend has; the second graph is the one as its builder wrote it.
Make = Callable[[Graph, Graph], Native]


class CompiledGraph:
    """A graph as a backend's executable.

    Args:
        graph: any verified graph.
        backend: the backend whose buffers it takes and gives; `supports` says which primitives it has.
        lower: writes a graph by primitives that the backend has, as far as that can be.
        make: compiles a graph of these, of known sizes.

    Attributes:
        on_host: how often each primitive ran on the host.
    """

    def __init__(self, graph: Graph, backend: Backend, lower: pipeline.Pass, make: Make) -> None:
        self.graph = graph
        self.on_host: Counter[str] = Counter()
        self._backend = backend
        self._lower = lower
        self._make = make
        self._params = [p for p in graph.params if p.type != TOKEN]
        self._open = any(isinstance(n, Dim) for p in self._params for n in p.type.shape)
        self._segmented: dict[Any, _Segmented] = {}
        self._compiling = threading.Lock()
        if not self._open:
            self._segmented[()] = self._compiled(graph)

    @property
    def is_native(self) -> bool:
        """Whether nothing in it runs on the host, as far as it was compiled for known sizes."""
        return all(segmented.whole is not None for segmented in self._segmented.values())

    def __call__(self, buffers: Sequence[Buffer], donated: frozenset[int] = frozenset()) -> list[Buffer]:
        """Run.

        Args:
            buffers: one for each parameter that is not a token.
            donated: positions among them whose memory may be taken over. If the run fails, all of them are poisoned.

        Returns:
            One buffer for each result that is not a token.
        """
        segmented = self._segmented[()] if not self._open else self._for_sizes(buffers)
        return (segmented.whole or segmented).run(buffers, donated)

    def _for_sizes(self, buffers: Sequence[Buffer]) -> _Segmented:
        sizes: dict[str, Any] = {}
        for param, buffer in zip(self._params, buffers, strict=True):
            bind_sizes(param.type, buffer.shape, sizes)
        key = tuple(sorted(sizes.items()))
        with self._compiling:
            segmented = self._segmented.pop(key, None) or self._compiled(closed(self.graph, sizes))
            self._segmented[key] = segmented  # as the latest
            if len(self._segmented) > _MOST_SIZES:
                del self._segmented[next(iter(self._segmented))]
        return segmented

    def _compiled(self, graph: Graph) -> _Segmented:
        try:
            lowered = pipeline.run(graph, [self._lower], self._backend.name.lower())
            segments = partition(lowered, self._backend.supports)
            if all(s.native for s in segments):
                return _Segmented(lowered, self._backend, [], self.on_host, self._make(lowered, graph))
            parts = [(s, self._make(s.graph, s.graph) if s.native else None) for s in segments]
            return _Segmented(lowered, self._backend, parts, self.on_host)
        except MemoryError:
            raise
        except Exception as error:  # a fault of the compiler, whatever it is: the graph itself has been checked
            warnings.warn(_words(graph, self._backend.name, error), FallbackWarning, stacklevel=2)
            whole = Segment(graph, tuple(graph.params), tuple(graph.results), native=False)
            return _Segmented(graph, self._backend, [(whole, None)], self.on_host)


class _Segmented:
    """A graph with known sizes: `whole` as one piece of code, or parts of which some run on the host."""

    def __init__(
        self,
        graph: Graph,
        backend: Backend,
        parts: Sequence[tuple[Segment, Native | None]],
        on_host: Counter[str],
        whole: Native | None = None,
    ) -> None:
        self.whole = whole
        self._backend = backend
        self._parts = parts
        self._on_host = on_host
        self._params = [p for p in graph.params if p.type != TOKEN]
        self._results = [r for r in graph.results if r.type != TOKEN]

    def run(self, buffers: Sequence[Buffer], donated: frozenset[int]) -> list[Buffer]:
        """Run one part after the other; none takes memory over."""
        values: dict[Value, Buffer] = dict(zip(self._params, buffers, strict=True))
        for segment, native in self._parts:
            inputs = [values[v] for v in segment.inputs if v.type != TOKEN]
            try:
                results = self._reference(segment.graph, inputs) if native is None else native.run(inputs, frozenset())
            except InterruptedRun as stopped:  # of this part, not of the whole graph
                raise stopped.interrupt from None
            values.update(zip([v for v in segment.outputs if v.type != TOKEN], results, strict=True))
        return [values[r] for r in self._results]

    def _reference(self, graph: Graph, inputs: Sequence[Buffer]) -> list[Buffer]:
        self._on_host.update(node.op.name for node in graph.nodes)
        return [self._backend.put(np.asarray(array)) for array in on_reference(graph, inputs)]


def on_reference(graph: Graph, inputs: Sequence[Buffer]) -> list[np.ndarray[Any, Any]]:
    """What the reference kernels make of a graph: its results, or its error in their words and with the user's line."""
    arrays = [buffer.plain() for buffer in inputs]
    try:
        with np.errstate(all="ignore"):
            return list(runner(graph, arrays, frozenset())(*arrays, began=[]))
    except BaseException as error:
        add_location(error)
        raise


def _words(graph: Graph, device: str, error: Exception) -> str:
    """What to tell of a graph that could not be compiled."""
    first = next((node for _, node in graph.walk() if node.location is not None), None)
    if not hasattr(error, "__notes__") and first is not None:
        note_node(error, first)
    return explain(
        f"graph {graph.name} on the device {device}",
        given=f"{type(error).__name__}: {error} from its own compiler, {'; '.join(getattr(error, '__notes__', []))}",
        expected="native code",
        remedy="The graph runs op by op instead, with the same results. Please report this.",
    )
