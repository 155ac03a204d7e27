"""Two devices that compute while the program goes on; the arithmetic is NumPy's, through core's kernels."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np

from lamella.backends.host import type_of
from lamella.buffer import Buffer
from lamella.engine import place
from lamella.engine.conversion import add_library
from lamella.ir import Graph, TensorType
from lamella.ir.execute import add_location, runner
from lamella.ops.define.opdef import Kind, OpDef
from lamella.plugins import Backend, Target, hookimpl
from lamella.types import TOKEN, interned

__version__ = "0.1.0"

add_library(os.path.dirname(__file__))  # so that the lines of its own are not taken for the user's

Arrays: TypeAlias = "Sequence[np.ndarray[Any, Any]]"


class Promise:
    """The data of a buffer: one of the results of some work.

    Args:
        work: the work, which gives arrays.
        position: which of them.
    """

    def __init__(self, work: Future[Arrays], position: int = 0) -> None:
        self._work = work
        self._position = position

    def kept(self) -> np.ndarray[Any, Any]:
        """The array, waited for.

        Raises:
            Exception: what went wrong, here or in what it was to be computed from.
        """
        return self._work.result()[self._position]


class QueuedBackend(Backend):
    """Two devices, each with a queue.

    Attributes:
        name: what `set_context(device_target=…)` calls them.
        on_host: no: data are promises.
        device_count: two.
    """

    name = "Queued"
    on_host = False
    device_count = 2

    def __init__(self) -> None:
        self._queues = [ThreadPoolExecutor(1, f"Queued:{number}") for number in range(self.device_count)]

    @staticmethod
    @hookimpl
    def create_backend() -> QueuedBackend:
        """Make the devices; Lamella asks once, when one is first named."""
        return QueuedBackend()

    def target(self) -> Target:
        """Describe a device."""
        return Target(device=self.name)

    def supports(self, op_name: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """It has no kernels of its own."""
        return False

    def put(self, array: np.ndarray[Any, Any], ordinal: int = 0) -> Buffer:
        """Take an array over."""
        done: Future[Arrays] = Future()
        done.set_result([array])
        return self._buffer(done, 0, type_of(array), ordinal)

    def get(self, buffer: Buffer) -> np.ndarray[Any, Any]:
        """Give an array back, a copy."""
        return buffer.data.kept().copy()

    def wait(self, buffer: Buffer) -> None:
        """Wait for an array."""
        buffer.data.kept()

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: Mapping[str, Any], ordinal: int = 0) -> list[Buffer]:
        """Put one primitive into the queue."""
        types = op.result_types([buffer.type for buffer in buffers], dict(attrs))
        here = place.here()

        def work(*arrays: np.ndarray[Any, Any]) -> Arrays:
            try:
                with np.errstate(all="ignore"):
                    result = op.kernel(*arrays, **attrs)
            except BaseException as error:
                place.note(error, op.name, here)
                raise
            return [np.asarray(array) for array in (result if op.multiple else (result,))]

        is_effect = op.kind is Kind.EFFECT or any(isinstance(a, Graph) and a.effects for a in attrs.values())
        return self._enqueued(work, buffers, types, is_effect, ordinal)

    def compile(self, graph: Graph, ordinal: int = 0) -> Callable[..., list[Buffer]]:
        """Make a graph callable: it goes into the queue as a whole."""
        types = [result.type for result in graph.results if isinstance(result.type, TensorType)]

        def work(*arrays: np.ndarray[Any, Any]) -> Arrays:
            try:
                with np.errstate(all="ignore"):
                    results = runner(graph, arrays, frozenset())(*arrays, began=[])
            except BaseException as error:
                add_location(error)
                raise
            return [np.asarray(array) for array in results]

        def run(buffers: Sequence[Buffer], donated: frozenset[int] = frozenset()) -> list[Buffer]:
            return self._enqueued(work, buffers, types, TOKEN in [r.type for r in graph.results], ordinal)

        return run

    def _enqueued(
        self,
        work: Callable[..., Arrays],
        buffers: Sequence[Buffer],
        types: Sequence[TensorType],
        now: bool,
        ordinal: int,
    ) -> list[Buffer]:
        """Results of work that is done in the queue, or `now`, in the caller's thread, if it acts on the world."""
        promises = [buffer.data for buffer in buffers]

        def whole() -> Arrays:
            return work(*[promise.kept() for promise in promises])

        if now:
            done: Future[Arrays] = Future()
            done.set_result(whole())
        else:
            done = self._queues[ordinal].submit(whole)
        if any(not isinstance(size, int) for type in types for size in type.shape):
            types = [type_of(array) for array in done.result()]  # sizes that follow from numbers have to be waited for
        return [self._buffer(done, i, type, ordinal) for i, type in enumerate(types)]

    def _buffer(self, work: Future[Arrays], position: int, type: TensorType, ordinal: int) -> Buffer:
        return Buffer(Promise(work, position), interned(type.dtype, type.shape), self, ordinal)


__all__ = ["Promise", "QueuedBackend"]
