"""Single ops: by NumPy where a call costs more than the work, natively where not; chosen by types and shapes only."""

from __future__ import annotations

import ctypes
import math
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from lamella.buffer import Buffer
from lamella.codegen import vectormath
from lamella.codegen.llvm import INDEX, Function, Module, Register, vector
from lamella.codegen.scalars import REGISTER
from lamella.ir import Graph
from lamella.ir.graph import single
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, OpDef
from lamella.types import TensorType
from lamella_cpu.codegen.coverage import is_native
from lamella_cpu.host import host
from lamella_cpu.runtime import memory, native
from lamella_cpu.runtime.invocation import Device

#: From about so many elements or multiplications on, a kernel of its own beats NumPy's.
_WORTH_COMPILING = 32_768

#: … and one of these, which NumPy does at the speed of memory, from here on. Below, it takes hundreds of calls to win
#: back the 10 ms that compiling takes for each new shape.
_WORTH_COMPILING_CHEAP = 262_144

#: Signatures remembered before starting over: bounds the memory of programs whose shapes keep changing.
_MOST_SIGNATURES = 4096

Run = Callable[[Sequence[Buffer]], list[Buffer]]


class EagerKernels:
    """Finds what runs a single op.

    Args:
        backend: the backend that the buffers belong to.
    """

    def __init__(self, backend: Device) -> None:
        self._backend = backend
        self._known: dict[Any, Run | None] = {}
        self._worth: dict[OpDef, int] = {}

    def find(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any]) -> Run | None:
        """What runs an op on operands like these natively; None where the reference kernel is to.

        Raises:
            TypeError: operand types do not fit.
            ValueError: shapes or attributes do not fit.
        """
        try:
            worth = self._worth[op]
        except KeyError:
            worth = self._worth[op] = _worth_compiling(op)
        if worth:
            # The common case, and so without a call or a generator: too little to do.
            for buffer in buffers:
                if buffer.data.size >= worth:
                    break
            else:
                return None
        if op.multiple and any(isinstance(a, Graph) for a in attrs.values()):
            return None
        types = [buffer.type for buffer in buffers]
        key: Any = (op, *types, *attrs.items())
        try:
            return self._known[key]
        except KeyError:
            pass
        except TypeError:  # an attribute that cannot be a key, such as an array
            return None
        if len(self._known) > _MOST_SIGNATURES:
            self._known.clear()
        results = op.result_types(types, attrs)
        found = self._known[key] = self._make(op, types, results, attrs)
        return found

    def _make(
        self, op: OpDef, types: Sequence[TensorType], results: Sequence[TensorType], attrs: dict[str, Any]
    ) -> Run | None:
        if not is_native(op, types, attrs):
            return None
        work: Any
        if op.kind is Kind.PRODUCT:
            work = _multiplications(op, [t.shape for t in types], results[0].shape, attrs)
        else:
            work = max(math.prod(t.shape) for t in (*types, *results))
        if work >= (self._worth[op] or _WORTH_COMPILING):
            return self._backend.compile(single(op, types, attrs))
        if op in vectormath.TABLE and all(t == types[0] and t.dtype.itemsize > 2 for t in types):
            return self._flat(op, types[0])
        return None

    def _flat(self, op: OpDef, type: TensorType) -> Run:
        """A mathematical function of few elements: one kernel for all shapes, so that both modes give the same bits."""
        call = _flat_kernel(op, type.dtype.name, _arity(op))
        shape, dtype, backend = type.shape, type.dtype.numpy, self._backend
        count = math.prod(shape)

        def run(buffers: Sequence[Buffer]) -> list[Buffer]:
            array, address = memory.empty(shape, dtype)
            out = Buffer(array, type, backend)
            out.note = address
            call(*(b.note or backend.locate(b) for b in buffers), address, count)
            return [out]

        return run


def _worth_compiling(op: OpDef) -> int:
    """An operand of how many elements an op takes at least to run natively; 0 where that does not tell."""
    if op.kind is Kind.VIEW or op.kind is Kind.GIVEN or op is prims.cast:
        return sys.maxsize
    if op in vectormath.TABLE or op.kind is Kind.PRODUCT:
        return 0
    is_cheap = op.kind is Kind.ELEMENTWISE and not op.expensive and op is not prims.select  # NumPy's `where` is slow
    return _WORTH_COMPILING_CHEAP if is_cheap else _WORTH_COMPILING


def _arity(op: OpDef) -> int:
    return 2 if op in (prims.pow, prims.atan2) else 1


@cache
def _flat_kernel(op: OpDef, dtype: str, operands: int) -> Callable[..., None]:
    """A function of the addresses of operands and result, and of how many elements they have."""
    module = Module(f"{op.name}_{dtype}")
    f = Function(module, "kernel", [*["ptr"] * operands, "ptr", INDEX], external=True)
    *inputs, out, count = f.parameters
    kind = REGISTER[dtype]
    width = host().lanes(kind)
    emit = vectormath.TABLE[op]
    whole = f.sub(count, f.urem(count, width))
    with f.loop(0, whole, width) as loop:
        xs = [f.load(vector(kind, width), f.at(p, kind, loop.index)) for p in inputs]
        f.store(emit(f, *xs), f.at(out, kind, loop.index))
    rest = f.sub(count, whole)
    with f.when(f.compare("sgt", rest, Register(INDEX, "0"))):
        numbers = ", ".join(f"i64 {i}" for i in range(width))
        mask = f.compare("slt", Register(vector(INDEX, width), f"<{numbers}>"), f.splat(rest, width))
        xs = [f.masked_load(vector(kind, width), f.at(p, kind, whole), mask) for p in inputs]
        f.masked_store(emit(f, *xs), f.at(out, kind, whole), mask)
    f.ret()
    f.finish()
    compiled = native.compile_module(str(module), module.name)
    call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (operands + 1), ctypes.c_int64)(compiled.address("kernel"))

    def kernel(*arguments: int) -> None:
        call(*arguments)

    kernel.__dict__["native"] = compiled  # keeps the code loaded
    return kernel


def _multiplications(op: OpDef, operands: Sequence[Any], result: Any, attrs: dict[str, Any]) -> int:
    """How many multiplications a product takes, by shapes; those with zeros between inputs included."""
    if op is prims.dot_general:
        return math.prod(result) * math.prod(operands[0][i] for i in attrs["contract"][0])
    weight = attrs["shape"] if op is prims.conv_weight_grad else operands[1]
    pixels = result if op is prims.conv else operands[op is prims.conv_weight_grad]
    return math.prod(pixels) * math.prod(weight[1:])
