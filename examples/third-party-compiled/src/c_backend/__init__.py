"""A device that compiles graphs through C: the loops are its own, what they compute when and where is `lowering`'s."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from c_backend.scalars import REDUCE, TYPES, casts, expression
from c_backend.writing import flat, written
from lamella.backends.reference import ReferenceBackend
from lamella.buffer import Buffer
from lamella.dims import Dim
from lamella.ir import Graph, legalize, pipeline
from lamella.lowering import grouped, plan, rules
from lamella.lowering.decompositions import REWRITTEN
from lamella.lowering.layout import VIEWED
from lamella.lowering.regions import REGIONS
from lamella.lowering.segments import CompiledGraph, on_reference
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, OpDef, primitives
from lamella.plugins import Target, hookimpl
from lamella.types import TOKEN, TensorType

__version__ = "0.1.0"

COMPILER = shutil.which(os.environ.get("CC", "cc"))

_CONVOLUTIONS = frozenset([prims.conv, prims.conv_input_grad, prims.conv_weight_grad])
#: What needs nothing but that all types are C's: only places and loops.
_ANY_TYPE = frozenset([*VIEWED, *REWRITTEN, prims.pad, prims.concat, prims.iota, prims.gather, *REGIONS])


class CBackend(ReferenceBackend):
    """Runs graphs as C, and single primitives as the reference backend does.

    Attributes:
        name: "C".
    """

    name = "C"

    @staticmethod
    @hookimpl
    def create_backend() -> CBackend:
        """Make the device."""
        return CBackend()

    def target(self) -> Target:
        """Describe the device: one worker, groups of a moderate size."""
        return Target(device=self.name, group_nodes=64)

    def supports(self, op_name: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
        """Whether a primitive on operands of these types becomes C."""
        op = next((op for op in primitives() if op.name == op_name), None)
        if COMPILER is None or op is None or any(isinstance(v, Dim) for v in attrs.values()):
            return False
        known = all(t.dtype.name in TYPES and all(isinstance(n, int) and n for n in t.shape) for t in types)
        if not known or attrs.get("save") not in (None, False, True, "") or attrs.get("dtype", "bool") not in TYPES:
            return False
        if op is prims.constant:
            return attrs["value"].dtype.name in TYPES
        if op is prims.cast:
            return casts(types[0].dtype, attrs["dtype"])
        if op.kind is Kind.PRODUCT:
            is_known = op is prims.dot_general or (op in _CONVOLUTIONS and grouped.is_native(op, types, attrs))
            return is_known and all(t.dtype.is_float for t in types)
        dtype, op = (types[-1].dtype, REDUCE[op][1] if op in REDUCE else op) if types else (None, op)
        return op in _ANY_TYPE or (dtype is not None and expression(op, dtype) != "")

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any], ordinal: int = 0) -> list[Buffer]:
        """Run one primitive: mathematical functions as in graphs, so that both give the same bits."""
        types = [buffer.type for buffer in buffers]
        if op.kind is Kind.ELEMENTWISE and op.expensive and len({t.dtype for t in types}) == 1:
            (result,) = op.result_types(types, attrs)
            if self.supports(op.name, op.version, [*types, result], attrs):
                arrays = np.broadcast_arrays(*(buffer.data for buffer in buffers))
                out = np.empty(arrays[0].shape, result.dtype.numpy)
                _call(_compiled(flat(op, types[0].dtype, len(types))), [*arrays, out, np.array(out.size)])
                return [self.put(out)]
        return super().run(op, buffers, attrs, ordinal)

    def compile(self, graph: Graph, ordinal: int = 0) -> CompiledGraph:
        """Make a graph callable."""
        return CompiledGraph(graph, self, self.lowered, lambda lowered, original: Library(lowered, original, self))

    def lowered(self, graph: Graph) -> Graph:
        """A graph by the primitives that become C, as far as there are rules for it."""
        return legalize(graph, self.supports, rules)


class Library:
    """A graph of known sizes as a library, loaded; `original` is the one that was built, for the words of errors."""

    def __init__(self, graph: Graph, original: Graph, backend: CBackend) -> None:
        self._original = original
        self._backend = backend
        self._plan = plan(graph, backend.target())
        code = written(self._plan)
        pipeline.dump(graph.name, "code", code, ".c")
        self._run = _compiled(code)
        self._constants = self._plan.constants()
        self._results = [r.type for r in graph.results if r.type != TOKEN]

    def run(self, buffers: Sequence[Buffer], donated: frozenset[int]) -> list[Buffer]:
        """Run; results are written over what they may take over."""
        planned = self._plan
        inputs = [np.asarray(buffer.data, order="C") for buffer in buffers]
        outputs: list[np.ndarray[Any, Any]] = []
        for i, type in enumerate(self._results):
            over = planned.takes_over.get(i)
            outputs.append(inputs[over] if over in donated else np.empty(type.shape, type.dtype.numpy))
        arena, status = np.zeros(planned.arena_bytes, np.uint8), np.zeros(1, np.int64)
        if _call(self._run, [*inputs, *outputs, arena, status, *self._constants], planned.table.size):
            on_reference(self._original, buffers)  # raises the error, with the user's line
            raise AssertionError("C found something wrong where the reference kernels do not")
        return [self._backend.put(array) for array in outputs]


def _call(function: Callable[[Any], int], arrays: Sequence[np.ndarray[Any, Any]], entries: int = 0) -> int:
    """Call a function of the addresses of arrays, with room behind them."""
    arrays = [np.asarray(array, order="C") for array in arrays]
    return function((ctypes.c_void_p * max(len(arrays), entries))(*(array.ctypes.data for array in arrays)))


@cache
def _compiled(code: str) -> Callable[[Any], int]:
    """The function of a piece of code, compiled and loaded."""
    assert COMPILER is not None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "graph.c", Path(folder) / "graph.so"
        source.write_text(code)
        # Integers wrap around, and products are rounded before they are added, as in NumPy.
        flags = ["-O1", "-w", "-fPIC", "-shared", "-fwrapv", "-ffp-contract=off", "-fno-strict-aliasing"]
        command = [COMPILER, *flags, str(source), "-o", str(library), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{COMPILER} refuses the code of a graph: {done.stderr[:1000]}")
        function: Callable[[Any], int] = ctypes.CDLL(str(library)).run
    return function
