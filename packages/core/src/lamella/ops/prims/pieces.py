"""Primitives that cut tensors up and put them together: concat, slice and pad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize, Shape
from lamella.dtypes import bool_
from lamella.ops.define.constants import constant
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import check_axes, fail, same_dtype
from lamella.ops.prims.elementwise import select, sub
from lamella.ops.prims.shape import broadcast_to, reduce_sum, reshape, with_batch
from lamella.tensor import Tensor
from lamella.types import TensorType

# -- concat --


def _infer_concat(*xs: TensorType, axis: int) -> TensorType:
    dtype = same_dtype("concat", xs)
    first = xs[0]
    check_axes("concat", (axis,), first.ndim)
    total: DimSize = 0
    for x in xs:
        if x.ndim != first.ndim or any(
            a != b for i, (a, b) in enumerate(zip(x.shape, first.shape, strict=True)) if i != axis
        ):
            raise fail("concat", f"shapes {first.shape} and {x.shape}, axis {axis}", "equal sizes on the other axes")
        total = total + x.shape[axis]
    return TensorType(dtype, (*first.shape[:axis], total, *first.shape[axis + 1 :]))


def _concat_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis: int = c.attrs["axis"]
    parts: list[Tensor | None] = []
    start: DimSize = 0
    for needed, x in zip(c.needs, c.types, strict=True):
        stop = start + x.shape[axis]
        parts.append(narrow(g, axis, start, stop) if needed else None)
        start = stop
    return parts


def _batch_concat(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    whole = [with_batch(x, b, size) for x, b in zip(operands, batched, strict=True)]
    return [concat(*whole, axis=attrs["axis"] + 1)], [True]


concat: OpDef = register(
    OpDef(
        "concat",
        _infer_concat,
        lambda *xs, axis: np.concatenate(xs, axis),
        Vjp(_concat_vjp),
        _batch_concat,
        total=True,
        expensive=True,
    )
)

# -- slice --


def _infer_slice(x: TensorType, *, starts: Shape, stops: Shape, strides: tuple[int, ...]) -> TensorType:
    if not len(starts) == len(stops) == len(strides) == x.ndim:
        raise fail("slice", f"starts {starts}, stops {stops}, strides {strides}", f"{x.ndim} of each")
    sizes: list[DimSize] = []
    for start, stop, stride, size in zip(starts, stops, strides, x.shape, strict=True):
        if stride < 1 or not (start >= 0 and stop >= start and stop <= size):
            raise fail("slice", f"[{start}:{stop}:{stride}] of size {size}", "0 <= start <= stop <= size, stride >= 1")
        sizes.append((stop - start + stride - 1) // stride)
    return x.with_shape(tuple(sizes))


def _slice_kernel(
    x: np.ndarray[Any, Any], *, starts: tuple[int, ...], stops: tuple[int, ...], strides: tuple[int, ...]
) -> np.ndarray[Any, Any]:
    if any(map(int.__gt__, stops, x.shape)):
        raise ValueError("slice out of range")
    return x[tuple(map(slice, starts, stops, strides))]


def _slice_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    starts, strides = c.attrs["starts"], c.attrs["strides"]
    high: list[DimSize] = []
    for start, stride, size, kept in zip(starts, strides, c.types[0].shape, c.out_types[0].shape, strict=True):
        covered = (kept - 1) * stride + 1 if kept != 0 else 0
        high.append(size - start - covered)
    zero = constant(np.zeros((), g.dtype.numpy))
    return [pad(g, zero, low=starts, high=tuple(high), interior=tuple(s - 1 for s in strides))]


def _batch_slice(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    moved = {"starts": (0, *attrs["starts"]), "stops": (size, *attrs["stops"]), "strides": (1, *attrs["strides"])}
    return [slice_(operands[0], **moved)], [True]


slice_: OpDef = register(
    OpDef("slice", _infer_slice, _slice_kernel, Vjp(_slice_vjp), _batch_slice, kind=Kind.VIEW, total=True)
)


def narrow(x: Tensor, axis: int, start: DimSize, stop: DimSize, stride: int = 1) -> Tensor:
    """Slice one axis."""
    starts: list[DimSize] = [0] * x.ndim
    stops: list[DimSize] = list(x.shape)
    strides = [1] * x.ndim
    starts[axis], stops[axis], strides[axis] = start, stop, stride
    result: Tensor = slice_(x, starts=tuple(starts), stops=tuple(stops), strides=tuple(strides))
    return result


# -- pad --


def _infer_pad(x: TensorType, value: TensorType, *, low: Shape, high: Shape, interior: tuple[int, ...]) -> TensorType:
    same_dtype("pad", (x, value))
    if value.ndim or not len(low) == len(high) == len(interior) == x.ndim or min(interior, default=0) < 0:
        raise fail(
            "pad", f"value {value}, low {low}, high {high}, interior {interior}", f"a 0-d value, {x.ndim} of each"
        )
    sizes: list[DimSize] = []
    for before, after, inside, size in zip(low, high, interior, x.shape, strict=True):
        spread = size + inside * (size - 1) if inside and size != 0 else size
        total = before + after + spread
        if not total >= 0:
            raise fail("pad", f"low {before}, high {after} on size {size}", "a size of at least 0")
        sizes.append(total)
    return x.with_shape(tuple(sizes))


def _pad_kernel(
    x: np.ndarray[Any, Any],
    value: np.ndarray[Any, Any],
    *,
    low: tuple[int, ...],
    high: tuple[int, ...],
    interior: tuple[int, ...],
) -> np.ndarray[Any, Any]:
    spread = [n + i * max(n - 1, 0) for n, i in zip(x.shape, interior, strict=True)]
    result = np.full([lo + n + hi for lo, n, hi in zip(low, spread, high, strict=True)], value, x.dtype)
    into: list[slice] = []
    out_of: list[slice] = []
    for lo, step, n, size in zip(low, interior, x.shape, result.shape, strict=True):
        step += 1
        first = max(0, -(lo // step))  # the first element that is not cropped away
        last = min(n, (size - lo + step - 1) // step)  # one past the last
        last = max(first, last)
        out_of.append(slice(first, last))
        into.append(slice(lo + first * step, lo + (last - 1) * step + 1 if last > first else lo + first * step, step))
    if all(s.stop > s.start for s in out_of):
        result[tuple(into)] = x[tuple(out_of)]
    return result


def _pad_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    low, high, interior = c.attrs["low"], c.attrs["high"], c.attrs["interior"]
    zero = constant(np.zeros((), g.dtype.numpy))
    none = (0,) * len(low)
    cropped = pad(g, zero, low=tuple(-n for n in low), high=tuple(-n for n in high), interior=none)
    stops = cropped.shape
    inner = slice_(cropped, starts=none, stops=stops, strides=tuple(i + 1 for i in interior))
    all_axes = tuple(range(g.ndim))
    rest = None
    if c.needs[1] and g.dtype is not bool_:  # of bools there is no difference, and nothing that is one has a slope
        rest = sub(reduce_sum(g, axes=all_axes), reduce_sum(inner, axes=all_axes))
    return [inner if c.needs[0] else None, rest]


def _batch_pad(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    x = with_batch(operands[0], batched[0], size)
    moved = {name: (0, *sizes) for name, sizes in attrs.items()}
    if not batched[1]:
        return [pad(x, operands[1], **moved)], [True]
    # A padding value for each example: pad with anything, then choose by where the elements of x went.
    inside = pad(broadcast_to(constant(np.array(True)), shape=x.shape), constant(np.array(False)), **moved)
    padded = pad(x, constant(np.zeros((), x.dtype.numpy)), **moved)
    values = reshape(operands[1], shape=(size, *(1,) * (x.ndim - 1)))
    return [select(inside, padded, values)], [True]


pad: OpDef = register(OpDef("pad", _infer_pad, _pad_kernel, Vjp(_pad_vjp), _batch_pad, total=True, expensive=True))
