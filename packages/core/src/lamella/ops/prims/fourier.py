"""Primitives of discrete Fourier transforms, none of them scaled: each is the derivative of itself, or of another.

The matrix of a transform is symmetric, so its derivative is the transform with the other sign. Of real numbers half a
transform is enough; each element of that half, but those that are their own conjugates, stands for two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dims import DimSize
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import Infer, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import COMPLEX, FLOAT, batch_axes, check_axes, check_kind, fail
from lamella.ops.kernels import fourier as kernels
from lamella.ops.prims.elementwise import bitwise_or, convert, eq, mul, select
from lamella.ops.prims.given import iota, size_tensor
from lamella.ops.prims.shape import reshape
from lamella.tensor import Tensor
from lamella.types import TensorType


def _define(name: str, infer: Infer, kernel: Callable[..., Any], vjp: Vjp, axes: str) -> OpDef:
    return register(OpDef(name, infer, kernel, vjp, batch_axes(axes), total=True, expensive=True))


def _along(name: str, x: TensorType, axes: tuple[int, ...]) -> None:
    check_axes(name, axes, x.ndim)
    if any(x.shape[axis] == 0 for axis in axes):
        raise fail(name, f"shape {x.shape}, axes {axes}", "at least one element along the axes")


def _infer_fft(x: TensorType, *, axes: tuple[int, ...], inverse: bool) -> TensorType:
    check_kind("fft", x.dtype, COMPLEX)
    _along("fft", x, axes)
    return x


def _fft_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    return [fft(g, axes=c.attrs["axes"], inverse=not c.attrs["inverse"])]


fft: OpDef = _define("fft", _infer_fft, kernels.fft, Vjp(_fft_vjp), "axes")


def _infer_rfft(x: TensorType, *, axis: int) -> TensorType:
    check_kind("rfft", x.dtype, FLOAT)
    if x.dtype.itemsize == 2:
        raise fail("rfft", f"a {x.dtype} tensor", "float32 or float64", kind=TypeError)
    _along("rfft", x, (axis,))
    return TensorType(x.dtype.complex, (*x.shape[:axis], x.shape[axis] // 2 + 1, *x.shape[axis + 1 :]))


def _rfft_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis = c.attrs["axis"]
    size = c.types[0].shape[axis]
    return [irfft(mul(g, _counts(g, axis, size, 0.5)), axis=axis, size=size)]


rfft: OpDef = _define("rfft", _infer_rfft, kernels.rfft, Vjp(_rfft_vjp), "axis")


def _infer_irfft(x: TensorType, *, axis: int, size: DimSize) -> TensorType:
    check_kind("irfft", x.dtype, COMPLEX)
    _along("irfft", x, (axis,))
    if x.shape[axis] != size // 2 + 1:
        raise fail("irfft", f"shape {x.shape}, size {size} along axis {axis}", "size // 2 + 1 elements")
    return TensorType(x.dtype.real, (*x.shape[:axis], size, *x.shape[axis + 1 :]))


def _irfft_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis = c.attrs["axis"]
    half = rfft(g, axis=axis)
    return [mul(half, _counts(half, axis, c.attrs["size"], 2.0))]


irfft: OpDef = _define("irfft", _infer_irfft, kernels.irfft, Vjp(_irfft_vjp), "axis")


def _counts(half: Tensor, axis: int, size: DimSize, twice: float) -> Tensor:
    """1 for the elements of half a transform that stand for themselves alone, another number for the others."""
    place = iota(size=half.shape[axis], dtype="int64")
    alone = bitwise_or(eq(place, scalar(0, place.dtype)), eq(mul(place, scalar(2, place.dtype)), size_tensor(size)))
    counts = select(alone, scalar(1, half.dtype.real), scalar(twice, half.dtype.real))
    shape = tuple(half.shape[axis] if i == axis else 1 for i in range(half.ndim))
    return convert(reshape(counts, shape=shape), half.dtype)
