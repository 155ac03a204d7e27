"""The CPU backend: graphs as native code, and single ops as NumPy or native code by their types."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.backends.reference import ReferenceBackend
from lamella.buffer import Buffer
from lamella.dims import Dim
from lamella.errors import InterruptedRun, explain
from lamella.ir import Graph, Segment, Value, legalize, partition, pipeline
from lamella.ir.execute import add_location, note_node, runner
from lamella.ir.interpret import bind_sizes, closed
from lamella.ops.define.opdef import OpDef
from lamella.plugins import Artifact, Target, hookimpl
from lamella.types import TOKEN, TensorType
from lamella_cpu import generator
from lamella_cpu.codegen.coverage import is_native_version
from lamella_cpu.codegen.lowering import rules
from lamella_cpu.eager import EagerKernels
from lamella_cpu.host import PLATFORMS, Host, host
from lamella_cpu.runtime.invocation import NativeGraph, address_of
from lamella_cpu.runtime.pool import allow_threads

if TYPE_CHECKING:
    from lamella.settings import Settings


#: Of a graph with open sizes: for how many combinations of them native code is kept, those that were used last.
_MOST_SIZES = 64


class CpuBackend(ReferenceBackend):
    """Runs graphs as native code.

    Attributes:
        name: "CPU".
    """

    name = "CPU"

    def __init__(self) -> None:
        super().__init__()
        self._eager = EagerKernels(self)

    @staticmethod
    @hookimpl
    def create_backend() -> CpuBackend:
        """Make the backend for the plugin manager."""
        return CpuBackend()

    @staticmethod
    @hookimpl
    def configure(settings: Settings) -> None:
        """Take over how many threads are allowed."""
        allow_threads(settings.runtime_num_threads)

    def target(self) -> Target:
        """This processor."""
        here = host()
        return Target(
            device=self.name, vector_bits=here.vector_bits, cores=here.cores, cache_bytes=here.l2_bytes, fuses=True
        )

    def put(self, array: np.ndarray[Any, Any]) -> Buffer:
        """A buffer with the array's elements, which lie row-major."""
        return Buffer(array if array.flags.c_contiguous else np.ascontiguousarray(array), self)

    def supports(self, op: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """Whether an op on operands of these types becomes native code."""
        return is_native_version(op, version, types, attrs)

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any]) -> list[Buffer]:
        """Run one primitive.

        Raises:
            TypeError: operand types do not fit.
            ValueError: shapes or attributes do not fit.
        """
        run = self._eager.find(op, buffers, attrs)
        if run is None:
            return super().run(op, buffers, attrs)
        try:
            return run(buffers)
        except InterruptedRun as stopped:
            raise stopped.interrupt from None

    @staticmethod
    def locate(buffer: Buffer) -> int:
        """Note where a buffer's elements are, row-major from now on: reference kernels give views of other orders."""
        if not buffer.data.flags.c_contiguous:
            buffer.data = np.ascontiguousarray(buffer.data)
        buffer.address = address_of(buffer.data)
        return buffer.address

    def compile(self, graph: Graph) -> Executable:
        """Make a graph callable."""
        return Executable(graph, self)

    def targets(self) -> Sequence[str]:
        """Names of platforms that `emit` writes code for."""
        return PLATFORMS

    def emit(self, graph: Graph, target: str, /, cpu: str = "", features: str = "") -> Artifact:
        """Write a graph for a platform, as an object file to link.

        Args:
            graph: a verified graph of known sizes, without effects.
            target: the platform, one of `targets`.
            cpu: the kind of processor, as LLVM calls it; default: any of the platform.
            features: what it has besides, such as "+avx2,+fma".

        Raises:
            ValueError: the target is not known; a size is open; a primitive has no native code.

        Examples:
            >>> import lamella as ms
            >>> graph = ms.ir.build(lambda x: ms.ops.tanh(x @ x), ms.ir.TensorType(ms.float32, (64, 64)))
            >>> artifact = CpuBackend().emit(graph, "aarch64-linux-gnu")
            >>> artifact.format, artifact.entry, artifact.code[1:4], artifact.needs
            ('object', 'run', b'ELF', ('lamella_parallel',))
        """
        return generator.emit(graph, Host.named(target, cpu, features))


class FallbackWarning(UserWarning):
    """A graph could not be compiled, and runs op by op."""


class Executable:
    """A compiled graph.

    Args:
        graph: any verified graph.
        backend: the backend whose buffers it takes and gives.
    """

    def __init__(self, graph: Graph, backend: CpuBackend) -> None:
        self.graph = graph
        self._backend = backend
        self._params = [p for p in graph.params if p.type != TOKEN]
        self._open = any(isinstance(n, Dim) for p in self._params for n in p.type.shape)
        self._programs: dict[Any, _Program] = {}
        self._compiling = threading.Lock()
        if not self._open:
            self._programs[()] = _Program(graph, backend)

    @property
    def is_native(self) -> bool:
        """Whether nothing in it runs on the reference kernels, as far as it was compiled for known sizes."""
        return all(program.is_native for program in self._programs.values())

    def __call__(self, buffers: Sequence[Buffer], donated: frozenset[int] = frozenset()) -> list[Buffer]:
        """Run.

        Args:
            buffers: one for each parameter that is not a token.
            donated: positions among them whose memory may be taken over. If the run fails, all of them are poisoned.

        Returns:
            One buffer for each result that is not a token.
        """
        return self._program(buffers).run(buffers, donated)

    def _program(self, buffers: Sequence[Buffer]) -> _Program:
        if not self._open:
            return self._programs[()]
        sizes: dict[str, Any] = {}
        for param, buffer in zip(self._params, buffers, strict=True):
            bind_sizes(param.type, buffer.shape, sizes)
        key = tuple(sorted(sizes.items()))
        with self._compiling:
            program = self._programs.pop(key, None) or _Program(closed(self.graph, sizes), self._backend)
            self._programs[key] = program  # as the latest
            if len(self._programs) > _MOST_SIZES:
                del self._programs[next(iter(self._programs))]
        return program


def lower(graph: Graph) -> Graph:
    """Write a graph by the primitives that become native code, as far as there are rules for it."""
    return legalize(graph, is_native_version, rules)


def _words(graph: Graph, error: Exception) -> str:
    """What to tell of a graph that could not be compiled."""
    first = next((node for _, node in graph.walk() if node.location is not None), None)
    if not hasattr(error, "__notes__") and first is not None:
        note_node(error, first)
    return explain(
        f"graph {graph.name} on the device CPU",
        given=f"{type(error).__name__}: {error} from its own compiler, {'; '.join(getattr(error, '__notes__', []))}",
        expected="native code",
        remedy="The graph runs op by op instead, with the same results. Please report this.",
    )


class _Program:
    """A graph with known sizes, in parts that run natively and parts that run on the reference kernels."""

    def __init__(self, graph: Graph, backend: CpuBackend) -> None:
        self._backend = backend
        self._whole: NativeGraph | None = None
        self._segments: list[tuple[Segment, NativeGraph | None]] = []
        try:
            lowered = self._compile(graph)
        except MemoryError:
            raise
        except Exception as error:  # a fault of the compiler, whatever it is: the graph itself has been checked
            warnings.warn(_words(graph, error), FallbackWarning, stacklevel=2)
            lowered = graph
            self._segments = [(Segment(graph, tuple(graph.params), tuple(graph.results), native=False), None)]
        self._params = [p for p in lowered.params if p.type != TOKEN]
        self._results = [r for r in lowered.results if r.type != TOKEN]

    def _compile(self, graph: Graph) -> Graph:
        """Compile the parts; the graph as it was lowered."""
        lowered = pipeline.run(graph, [lower], "cpu")
        segments = partition(lowered, self._backend.supports)
        if all(s.native for s in segments):
            self._whole = NativeGraph(lowered, self._backend, graph)
        else:
            self._segments = [(s, NativeGraph(s.graph, self._backend) if s.native else None) for s in segments]
        return lowered

    @property
    def is_native(self) -> bool:
        return self._whole is not None

    def run(self, buffers: Sequence[Buffer], donated: frozenset[int]) -> list[Buffer]:
        if self._whole is not None:
            return self._whole.run(buffers, donated)
        values: dict[Value, Buffer] = dict(zip(self._params, buffers, strict=True))
        for segment, compiled in self._segments:
            inputs = [values[v] for v in segment.inputs if v.type != TOKEN]
            try:
                results = (
                    self._reference(segment.graph, inputs) if compiled is None else compiled.run(inputs, frozenset())
                )
            except InterruptedRun as stopped:  # of this part, not of the whole graph
                raise stopped.interrupt from None
            values.update(zip([v for v in segment.outputs if v.type != TOKEN], results, strict=True))
        return [values[r] for r in self._results]

    def _reference(self, graph: Graph, inputs: Sequence[Buffer]) -> list[Buffer]:
        arrays = [buffer.data for buffer in inputs]
        try:
            with np.errstate(all="ignore"):
                results = runner(graph, arrays, frozenset())(*arrays, began=[])
        except BaseException as error:
            add_location(error)
            raise
        return [self._backend.put(np.asarray(result)) for result in results]
