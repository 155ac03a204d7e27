"""Primitives between real and complex numbers: a complex number's parts, the number of two parts, the conjugate.

Cotangents follow the convention of `Vjp.conjugates`: that of z is the one of its real part plus 1j times that of its
imaginary part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import Infer, Kind, OpDef, Vjp, register
from lamella.ops.define.rules import COMPLEX, FLOAT, broadcast_shapes, check_kind, fail, infer_elementwise, same_dtype
from lamella.ops.kernels import complexes as kernels
from lamella.ops.prims.elementwise import abs, add, convert, div, hypot, mul, or_one, partials, sign
from lamella.ops.prims.shape import alias, batch_elementwise
from lamella.tensor import Tensor
from lamella.types import TensorType


def _define(name: str, infer: Infer, kernel: Callable[..., Any], vjp: Vjp) -> OpDef:
    return register(OpDef(name, infer, kernel, vjp, batch_elementwise, kind=Kind.ELEMENTWISE, total=True))


def _infer_part(name: str) -> Infer:
    def infer(x: TensorType) -> TensorType:
        check_kind(name, x.dtype, COMPLEX)
        return x.with_dtype(x.dtype.real)

    return infer


def _infer_complex(x: TensorType, y: TensorType) -> TensorType:
    dtype = same_dtype("complex", (x, y))
    check_kind("complex", dtype, FLOAT)
    if dtype.itemsize == 2:
        raise fail("complex", f"{dtype} parts", "float32 or float64 parts", kind=TypeError)
    return TensorType(dtype.complex, broadcast_shapes("complex", (x.shape, y.shape)))


def _imaginary(g: Tensor) -> Tensor:
    """1j times real numbers."""
    result: Tensor = complex(scalar(0, g.dtype), g)
    return result


conj: OpDef = _define("conj", infer_elementwise("conj", COMPLEX), kernels.conj, partials(lambda c, g: conj(g)))
real: OpDef = _define("real", _infer_part("real"), kernels.real, partials(lambda c, g: convert(g, g.dtype.complex)))
imag: OpDef = _define("imag", _infer_part("imag"), kernels.imag, partials(lambda c, g: _imaginary(g)))
complex: OpDef = _define(
    "complex", _infer_complex, kernels.complex, partials(lambda c, g: real(g), lambda c, g: imag(g))
)


# -- what is made of them, and of real numbers too --


def magnitude(x: Tensor) -> Tensor:
    """The sizes of numbers, in the type of their parts; bools as they are."""
    kind = x.dtype.kind
    result: Tensor = hypot(real(x), imag(x)) if kind == "complex" else alias(x) if kind == "bool" else abs(x)
    return result


def direction(x: Tensor) -> Tensor:
    """Numbers divided by their sizes, 0 for 0; the sign of real ones."""
    if not x.dtype.is_complex:
        result: Tensor = sign(x)
        return result
    size = magnitude(x)
    return div(x, convert(or_one(size, size), x.dtype))


def real_part(x: Tensor) -> Tensor:
    """The real parts of numbers; real ones as they are."""
    return real(x) if x.dtype.is_complex else x


def squares(x: Tensor) -> Tensor:
    """The squares of the sizes of numbers, in the type of their parts."""
    if not x.dtype.is_complex:
        return mul(x, x)
    a, b = real(x), imag(x)
    return add(mul(a, a), mul(b, b))


def conjugate(x: Tensor) -> Tensor:
    """The conjugates of numbers; real ones as they are."""
    return conj(x) if x.dtype.is_complex else x
