"""Calling the native function of a graph: memory for the call, and what happens when it does not go well."""

from __future__ import annotations

import ctypes
import struct
import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NoReturn, Protocol
from weakref import WeakSet

import numpy as np

from lamella.buffer import Buffer
from lamella.errors import InterruptedRun, explain
from lamella.ir import Graph, pipeline
from lamella.lowering.segments import CompiledGraph, on_reference
from lamella.plugins.protocols import Backend
from lamella.types import TOKEN, interned
from lamella_cpu.codegen.program import compile_graph
from lamella_cpu.codegen.steps import DONE, FAILED, STATUS_WORDS, WRITING
from lamella_cpu.host import host
from lamella_cpu.runtime import memory, native
from lamella_cpu.runtime.pool import pool

# A call that may take longer than this runs in a thread of its own, so that the main one can be interrupted.
_LONG = 0.05

_ALIGNMENT = 64
_CLEAR = (0,) * STATUS_WORDS


class Device(Backend, Protocol):
    """A backend whose buffers native code reads and writes."""

    def compile(self, graph: Graph, ordinal: int = 0, /) -> CompiledGraph:
        """Make a graph callable."""
        ...

    def locate(self, buffer: Buffer, /) -> int:
        """Note where a buffer's elements are, row-major from now on; gives the address."""
        ...


class NativeGraph:
    """A graph as one native function.

    Args:
        graph: a graph of native primitives with known sizes.
        backend: the backend whose buffers it takes and gives.
        original: the graph as its builder wrote it, for the words of errors; default: `graph`.
    """

    def __init__(self, graph: Graph, backend: Device, original: Graph | None = None) -> None:
        self._graph = original or graph
        self._backend = backend
        pool()
        program = compile_graph(graph, host())
        self.text = program.text
        planned = program.plan
        pipeline.dump(graph.name, "native", program.text, ".ll")
        self._native = native.compile_module(program.text, graph.name)
        self._call: Callable[[int], None] = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self._native.address("run"))
        self._arena_bytes = planned.arena_bytes
        results = [r for r in graph.results if r.type != TOKEN]
        # Of each result: its type, shape and NumPy type, and the parameter whose memory it may have; -1 for none.
        self._types = [
            (interned(r.dtype, r.type.shape), r.type.shape, r.dtype.numpy, planned.takes_over.get(i, -1))
            for i, r in enumerate(results)
        ]
        self._constants = planned.constants()
        self._addresses = [address_of(array) for array in self._constants]
        given = sum(p.type != TOKEN for p in graph.params)
        entries = given + len(self._types) + 2 + len(self._constants)
        self._table_bytes = 8 * planned.table.size
        layout = struct.Struct(f"{STATUS_WORDS}q{entries}q")
        self._pack = layout.pack_into
        self._frames: list[_Frame] = []
        self._is_long = True  # until it has been measured

    def run(self, buffers: Sequence[Buffer], donated: frozenset[int]) -> list[Buffer]:
        """Run.

        Args:
            buffers: one for each parameter.
            donated: positions among them whose memory may be taken over. Those are poisoned if the run fails after it
                has begun to write there.

        Returns:
            One buffer for each result.

        Raises:
            InterruptedRun: an interrupt came when everything was computed.
        """
        backend = self._backend
        given = [buffer.note or backend.locate(buffer) for buffer in buffers]
        results: list[Buffer] = []
        places: list[int] = []
        for type, shape, dtype, over in self._types:
            if over in donated:
                data, address = buffers[over].data, given[over]
            else:
                data, address = memory.empty(shape, dtype)
            result = Buffer(data, type, backend)
            result.note = address
            results.append(result)
            places.append(address)
        try:
            frame = self._frames.pop()
        except IndexError:
            frame = _Frame(self._table_bytes, self._arena_bytes, self._graph.name)
        own = frame.arena_address, frame.status_address
        self._pack(frame.memory, 0, *_CLEAR, *given, *places, *own, *self._addresses)
        try:
            self._invoke(frame)
            if frame.status[FAILED]:
                self._explain(buffers)
        except BaseException as error:
            done, writing = frame.status[DONE], frame.status[WRITING]
            self._frames.append(frame)
            if done:
                raise InterruptedRun(results) from error
            if writing:
                for position in donated:
                    buffers[position].poison(f"the graph {self._graph.name}")
            raise
        self._frames.append(frame)
        return results

    def _invoke(self, frame: _Frame) -> None:
        started = perf_counter()
        if self._is_long and threading.current_thread() is threading.main_thread():
            self._invoke_aside(frame)
        else:
            self._call(frame.table_address)
        self._is_long = perf_counter() - started > _LONG

    def _invoke_aside(self, frame: _Frame) -> None:
        """Run in another thread: native code hears no signals, but a thread that waits does.

        By an event, not `Thread.join`: that one, once interrupted, takes the thread for ended.
        """
        taken, ended = threading.Lock(), threading.Event()

        def run() -> None:
            if taken.acquire(blocking=False):
                self._call(frame.table_address)
                ended.set()

        try:
            threading.Thread(target=run, daemon=True).start()
            ended.wait()
        except BaseException:
            if taken.acquire(blocking=False):
                raise  # the thread has not begun, and now will not
            self._end(ended)
            raise

    @staticmethod
    def _end(ended: threading.Event) -> None:
        """Wait for a run that is to end early, whatever is raised meanwhile: it still writes into its operands."""
        try:
            while not ended.is_set():
                try:
                    pool().interrupt()
                    ended.wait()
                except BaseException:  # the first one is raised when the run has ended
                    continue
        finally:
            pool().resume()

    def _explain(self, buffers: Sequence[Buffer]) -> NoReturn:
        """Raise the error of a run that stopped: as the reference kernels word it."""
        on_reference(self._graph, buffers)
        raise AssertionError(f"the graph {self._graph.name} stopped, and the reference kernels found nothing wrong")


_frames: WeakSet[_Frame] = WeakSet()


def arena_bytes() -> int:
    """How many bytes graphs hold for what is between their steps."""
    return sum(frame.arena_bytes for frame in list(_frames))


class _Frame:
    """What one call needs to itself: words for its status, the table of addresses, and the arena."""

    def __init__(self, table_bytes: int, arena_bytes: int, name: str) -> None:
        words = np.zeros(STATUS_WORDS + table_bytes // 8, np.int64)
        self.memory = words.data.cast("B")
        #: An index or divisor was bad; everything is computed; state is being written: each 0 or 1.
        self.status = words.data
        self.status_address = address_of(words)
        self.table_address = self.status_address + 8 * STATUS_WORDS
        try:
            self._arena = np.zeros(arena_bytes + _ALIGNMENT, np.uint8)
        except MemoryError:
            raise MemoryError(
                explain(
                    f"graph {name}",
                    given=f"a need for {arena_bytes / 1e9:.1f} GB between its steps",
                    expected="as much free memory",
                    remedy="Use smaller batches.",
                )
            ) from None
        self.arena_bytes = arena_bytes
        _frames.add(self)
        self.arena_address = -(-address_of(self._arena) // _ALIGNMENT) * _ALIGNMENT


def address_of(array: np.ndarray[Any, Any]) -> int:
    """Where the elements of an array begin."""
    address: int = array.__array_interface__["data"][0]
    return address
