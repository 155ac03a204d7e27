"""Numbers in few bits: `quantize` and `dequantize`.

Each number of a scale, and of a zero point of the same shape, holds for a block of elements: without axes for all of
them; else there are as many axes as the operand has, of sizes that divide its sizes. A scale of shape (1, 8) so serves
the 8 columns of a matrix, and one of shape (4, 2) the halves of 4 rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from lamella.dims import DimSize, Shape
from lamella.dtypes import BY_NAME, DType, float8_e4m3fn, float8_e5m2, int4, int8, int32, uint4, uint8
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import FLOAT, ZERO, check_kind, fail
from lamella.ops.kernels.precision import widen
from lamella.ops.prims.elementwise import (
    add,
    convert,
    div,
    isnan,
    maximum,
    minimum,
    mul,
    round,
    select,
    sub,
    wide,
)  # fmt: skip
from lamella.ops.prims.shape import broadcast_to, reshape, unbroadcast
from lamella.tensor import Tensor
from lamella.types import TensorType

Array = np.ndarray[Any, Any]

#: The types that numbers are quantized to, and the least and greatest of their numbers.
LIMITS: Final[dict[DType, tuple[float, float]]] = {
    **{dtype: dtype.limits for dtype in (int8, uint8, int4, uint4)},
    float8_e4m3fn: (-448.0, 448.0),
    float8_e5m2: (-57344.0, 57344.0),
}


def _check(op: str, x: TensorType, scale: TensorType, zero_point: TensorType, quantized: DType) -> None:
    check_kind(op, scale.dtype, FLOAT)
    if quantized not in LIMITS:
        raise fail(op, f"type {quantized}", f"one of {', '.join(d.name for d in LIMITS)}", kind=TypeError)
    if zero_point.dtype is not int32 or zero_point.shape != scale.shape:
        raise fail(op, f"a zero point {zero_point}", f"int32 in the shape of the scale {scale}", kind=TypeError)
    if scale.shape and not (scale.ndim == x.ndim and all(map(_divides, scale.shape, x.shape))):
        raise fail(op, f"a scale {scale} for {x}", "no axes, or one size that divides the operand's for each axis")


def _divides(blocks: DimSize, size: DimSize) -> bool:
    if blocks == size or blocks == 1:
        return True
    return isinstance(blocks, int) and isinstance(size, int) and blocks > 0 and size % blocks == 0


def _infer_quantize(x: TensorType, scale: TensorType, zero_point: TensorType, *, dtype: str) -> TensorType:
    if dtype not in BY_NAME or scale.dtype is not x.dtype:
        raise fail("quantize", f"{x} by {scale} to {dtype!r}", "one floating-point type, and a type", kind=TypeError)
    _check("quantize", x, scale, zero_point, BY_NAME[dtype])
    return x.with_dtype(BY_NAME[dtype])


def _infer_dequantize(x: TensorType, scale: TensorType, zero_point: TensorType) -> TensorType:
    _check("dequantize", x, scale, zero_point, x.dtype)
    return x.with_dtype(scale.dtype)


def _stretched(of_blocks: Array, x: Array) -> Array:
    """What holds for a block, for each of its elements; to be broadcast."""
    for axis, blocks in enumerate(of_blocks.shape):
        if blocks not in (1, x.shape[axis]):
            of_blocks = np.repeat(of_blocks, x.shape[axis] // blocks, axis)
    return of_blocks


def _quantize_kernel(x: Array, scale: Array, zero_point: Array, *, dtype: str) -> Array:
    target = BY_NAME[dtype]
    steps = np.asarray(widen(x) / _stretched(widen(scale), x))
    zero = _stretched(zero_point, x).astype(steps.dtype)
    if target.kind != "float":
        steps = np.asarray(np.rint(steps))
    steps = np.asarray(steps + zero)
    if target.kind != "float":
        steps = np.where(np.isnan(steps), zero, steps)
    return np.asarray(np.clip(steps, *LIMITS[target])).astype(target.numpy)


def _dequantize_kernel(x: Array, scale: Array, zero_point: Array) -> Array:
    factor = _stretched(widen(scale), x)
    steps = x.astype(factor.dtype) - _stretched(zero_point, x).astype(factor.dtype)
    return np.asarray(steps * factor).astype(scale.dtype, copy=False)


def _split(shape: Shape, blocks: Shape) -> tuple[list[DimSize], list[DimSize]]:
    """Shapes in which an operand and its scale stretch to each other: an axis of several blocks becomes two axes."""
    whole: list[DimSize] = []
    parts: list[DimSize] = []
    for size, count in zip(shape, blocks, strict=True):
        if isinstance(size, int) and isinstance(count, int) and count not in (1, size):
            whole += [count, size // count]
            parts += [count, 1]
        else:
            whole.append(size)
            parts.append(count)
    return whole, parts


def _in_blocks(x: Tensor, *of_blocks: Tensor) -> list[Tensor]:
    """An operand and what holds for its blocks, in shapes that stretch to each other."""
    blocks = of_blocks[0].shape
    if not blocks:
        return [x, *of_blocks]
    whole, parts = _split(x.shape, blocks)
    return [reshape(x, shape=tuple(whole)), *(reshape(y, shape=tuple(parts)) for y in of_blocks)]


def _decompose_quantize(x: Tensor, scale: Tensor, zero_point: Tensor, *, dtype: str) -> Tensor:
    target = BY_NAME[dtype]
    steps, factor, zero = _in_blocks(wide(x), wide(scale), convert(zero_point, wide(x).dtype))
    steps = div(steps, factor)
    if target.kind != "float":
        steps = add(round(steps), zero)
        steps = select(isnan(steps), zero, steps)
    else:
        steps = add(steps, zero)
    least, most = (scalar(float(limit), steps.dtype) for limit in LIMITS[target])
    return convert(reshape(minimum(maximum(steps, least), most), shape=x.shape), target)


def _decompose_dequantize(x: Tensor, scale: Tensor, zero_point: Tensor) -> Tensor:
    factor = wide(scale)
    steps, factor, zero = _in_blocks(convert(x, factor.dtype), factor, convert(zero_point, factor.dtype))
    return convert(reshape(mul(sub(steps, zero), factor), shape=x.shape), scale.dtype)


def _dequantize_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """Linear in the scale; the operand and the zero point are whole numbers, which do not vary smoothly."""
    cotangent, scale = wide(g), c.types[1]
    steps, zero = _in_blocks(convert(c.x, cotangent.dtype), convert(c.input(2), cotangent.dtype))
    each = mul(sub(steps, zero), reshape(cotangent, shape=steps.shape))
    return [None, convert(reshape(unbroadcast(each, zero.shape), shape=scale.shape), scale.dtype), None]


def _batch(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    """The batch is one more axis of blocks."""
    x, scale, zero_point = operands
    rank = len(x.shape) - batched[0]
    of_blocks = [
        reshape(y, shape=(*(y.shape[:1] if known else (1,)), *(y.shape[known:] or (1,) * rank)))
        for y, known in ((scale, batched[1]), (zero_point, batched[2]))
    ]
    if batched[1] != batched[2]:
        rows = (size, *of_blocks[0].shape[1:])
        of_blocks = [broadcast_to(y, shape=rows) for y in of_blocks]
    if batched[0]:
        return [op(x, *of_blocks, **attrs)], [True]
    if op is quantize:
        return [op(broadcast_to(x, shape=(size, *x.shape)), *of_blocks, **attrs)], [True]
    numbers = convert(x, wide(scale).dtype)  # numbers that are only stored cannot be repeated
    return [_decompose_dequantize(broadcast_to(numbers, shape=(size, *x.shape)), *of_blocks)], [True]


#: round(x / scale) + zero_point, with the nearest numbers that the attribute `dtype` has; NaN becomes the zero point.
#: To a floating-point type it is x / scale + zero_point, rounded to that, without becoming infinite; NaN stays.
quantize: OpDef = register(
    OpDef(
        "quantize",
        _infer_quantize,
        _quantize_kernel,
        ZERO,
        _batch,
        kind=Kind.COMPOSITE,
        total=True,
        decompose=_decompose_quantize,
    )
)

#: (x - zero_point) * scale.
dequantize: OpDef = register(
    OpDef(
        "dequantize",
        _infer_dequantize,
        _dequantize_kernel,
        Vjp(_dequantize_vjp, saves=(0, 2)),
        _batch,
        kind=Kind.COMPOSITE,
        total=True,
        decompose=_decompose_dequantize,
        stored=True,
    )
)
