"""The CPU backend: graphs as native code, and single ops as NumPy or native code by their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.backends.reference import ReferenceBackend
from lamella.buffer import Buffer
from lamella.errors import InterruptedRun
from lamella.ir import Graph
from lamella.lowering.segments import CompiledGraph
from lamella.ops.define.opdef import OpDef
from lamella.plugins import Artifact, Memory, Target, hookimpl
from lamella.types import TensorType
from lamella_cpu import generator
from lamella_cpu.codegen.coverage import is_native_version, lower
from lamella_cpu.eager import EagerKernels
from lamella_cpu.host import PLATFORMS, Host, host
from lamella_cpu.runtime import memory
from lamella_cpu.runtime.invocation import NativeGraph, address_of, arena_bytes
from lamella_cpu.runtime.pool import allow_threads

if TYPE_CHECKING:
    from lamella.settings import Settings


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
        return host().target()

    def put(self, array: np.ndarray[Any, Any], ordinal: int = 0) -> Buffer:
        """A buffer with the array's elements, which lie row-major."""
        return super().put(array if array.flags.c_contiguous else np.ascontiguousarray(array))

    def supports(self, op: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """Whether an op on operands of these types becomes native code."""
        return is_native_version(op, version, types, attrs)

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any], ordinal: int = 0) -> list[Buffer]:
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

    def memory(self, ordinal: int = 0) -> Memory:
        """Live is what is lent from blocks that are used again: smaller results are in NumPy's own memory."""
        return Memory(memory.live_bytes(), memory.idle_bytes(), arena_bytes())

    @staticmethod
    def locate(buffer: Buffer) -> int:
        """Note where a buffer's elements are, row-major from now on: reference kernels give views of other orders."""
        if not buffer.data.flags.c_contiguous:
            buffer.data = np.ascontiguousarray(buffer.data)
        address = buffer.note = address_of(buffer.data)
        return address

    def compile(self, graph: Graph, ordinal: int = 0) -> CompiledGraph:
        """Make a graph callable."""
        return CompiledGraph(graph, self, lower, lambda lowered, original: NativeGraph(lowered, self, original))

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
