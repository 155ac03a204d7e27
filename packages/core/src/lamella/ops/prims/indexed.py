"""Primitives that read and write at given positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize, Shape
from lamella.dtypes import int64
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import (
    INTEGER,
    ORDERED,
    ZERO,
    broadcast_shapes,
    check_axes,
    check_kind,
    fail,
    same_dtype,
)
from lamella.ops.kernels import indexed as kernels
from lamella.ops.prims.elementwise import add, cast, eq, mul, quotient, select
from lamella.ops.prims.given import iota, size_tensor
from lamella.ops.prims.shape import batch_elementwise, broadcast_to, reshape, transpose, with_batch
from lamella.tensor import Tensor
from lamella.types import TensorType

# -- flat_index: one index for each of several axes as one row-major position; counts negative ones from the end and
#    refuses those out of range, which a position alone would hide --


def _infer_flat_index(*indices: TensorType, sizes: Shape) -> TensorType:
    for index in indices:
        check_kind("index", index.dtype, INTEGER)
    if len(indices) != len(sizes) or not sizes:
        raise fail("index", f"{len(indices)} indices for sizes {sizes}", "an index for each size")
    return TensorType(int64, broadcast_shapes("index", [index.shape for index in indices]))


def _flat_index_kernel(*indices: np.ndarray[Any, Any], sizes: tuple[int, ...]) -> np.ndarray[Any, Any]:
    flat: Any = 0
    for axis, (index, size) in enumerate(zip(indices, sizes, strict=True)):
        wide = np.asarray(index).astype(np.int64, copy=False)
        wrapped = np.where(wide < 0, wide + size, wide)
        kernels.check_indices(wrapped, size, axis, "index")
        flat = flat * size + wrapped
    return flat


flat_index: OpDef = register(
    OpDef("flat_index", _infer_flat_index, _flat_index_kernel, ZERO, batch_elementwise, kind=Kind.ELEMENTWISE)
)

# -- gather: result[..., i..., ...] = x[..., indices[i...], ...] along one axis --


def _infer_gather(x: TensorType, indices: TensorType, *, axis: int) -> TensorType:
    check_kind("gather", indices.dtype, INTEGER)
    check_axes("gather", (axis,), x.ndim)
    return x.with_shape((*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


def _gather_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    x = c.types[0]
    zeros = broadcast_to(scalar(0, x.dtype), shape=x.shape)
    return [scatter(zeros, c.y, g, axis=c.attrs["axis"], mode="add"), None]


def _batch_gather(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    (x, indices), axis = operands, attrs["axis"]
    if not batched[1]:
        return [gather(x, indices, axis=axis + 1)], [True]
    if not batched[0]:
        result = gather(x, indices, axis=axis)
        return [_batch_to_front(result, axis)], [True]
    # Both: number the rows of all examples through, with the batch axis folded into the gathered one.
    folded, count = _fold_batch(x, axis)
    result = gather(folded, _offset(indices, count), axis=axis)
    return [_batch_to_front(result, axis)], [True]


gather: OpDef = register(
    OpDef(
        "gather",
        _infer_gather,
        kernels.gather,
        Vjp(_gather_vjp, saves=(1,)),
        _batch_gather,
        kind=Kind.INDEXED,
        expensive=True,
    )
)

# -- scatter: x with updates at positions along one axis --

MODES = ("set", "add", "mul", "max", "min")


def _infer_scatter(x: TensorType, indices: TensorType, updates: TensorType, *, axis: int, mode: str) -> TensorType:
    check_kind("scatter", indices.dtype, INTEGER)
    check_axes("scatter", (axis,), x.ndim)
    same_dtype("scatter", (x, updates))
    if mode not in MODES:
        raise fail("scatter", f"mode={mode!r}", f"one of {', '.join(MODES)}")
    if mode in ("max", "min"):
        check_kind("scatter", x.dtype, ORDERED)
    expected = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :])
    if updates.shape != expected:
        raise fail("scatter", f"updates of shape {updates.shape}", f"shape {expected}")
    return x


def _scatter_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis, mode = c.attrs["axis"], c.attrs["mode"]
    indices = c.y
    if mode == "add":
        return [g, None, gather(g, indices, axis=axis) if c.needs[2] else None]
    if mode == "set":
        zero = broadcast_to(scalar(0, g.dtype), shape=c.types[2].shape)
        to_x = scatter(g, indices, zero, axis=axis, mode="set") if c.needs[0] else None
        return [to_x, None, _last_writers(c, g) if c.needs[2] else None]
    if mode == "mul":
        ones = broadcast_to(scalar(1, g.dtype), shape=g.shape)
        factor = scatter(ones, indices, c.input(2), axis=axis, mode="mul")
        to_x = mul(g, factor) if c.needs[0] else None
        # The product of x and the other updates; exact where the update is not 0, as for torch's scatter_reduce.
        to_updates = quotient(gather(mul(g, c.out), indices, axis=axis), c.input(2)) if c.needs[2] else None
        return [to_x, None, to_updates]
    # max and min: all that equal the result share its cotangent.
    x_hits = cast(eq(c.x, c.out), dtype=g.dtype.name)
    update_hits = cast(eq(c.input(2), gather(c.out, indices, axis=axis)), dtype=g.dtype.name)
    share = quotient(g, scatter(x_hits, indices, update_hits, axis=axis, mode="add"))
    return [mul(share, x_hits), None, mul(gather(share, indices, axis=axis), update_hits)]


def _last_writers(c: Residuals, g: Tensor) -> Tensor:
    """Of several updates to one position the last stays: only that one has a derivative."""
    axis, indices = c.attrs["axis"], c.y
    count = indices.size
    order = reshape(iota(size=count, dtype="int64"), shape=indices.shape)
    none = broadcast_to(scalar(-1, order.dtype), shape=(c.types[0].shape[axis],))
    winner = gather(scatter(none, indices, order, axis=0, mode="max"), indices, axis=0)
    wins = reshape(eq(winner, order), shape=(*indices.shape, *(1,) * (g.ndim - axis - 1)))
    result: Tensor = select(wins, gather(g, indices, axis=axis), scalar(0, g.dtype))
    return result


def _batch_scatter(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    axis, mode = attrs["axis"], attrs["mode"]
    x, updates = with_batch(operands[0], batched[0], size), with_batch(operands[2], batched[2], size)
    indices = operands[1]
    if not batched[1]:
        return [scatter(x, indices, updates, axis=axis + 1, mode=mode)], [True]
    folded, count = _fold_batch(x, axis)
    # With the batch in front of the indices, the updates' batch axis belongs at the scattered axis.
    order = (*range(1, axis + 1), 0, *range(axis + 1, updates.ndim))
    moved = transpose(updates, permutation=order)
    result = scatter(folded, _offset(indices, count), moved, axis=axis, mode=mode)
    unfolded = reshape(result, shape=(*result.shape[:axis], size, count, *result.shape[axis + 1 :]))
    return [_batch_to_front(unfolded, axis)], [True]


scatter: OpDef = register(
    OpDef(
        "scatter",
        _infer_scatter,
        kernels.scatter,
        Vjp(_scatter_vjp, saves=(0, 1, 2), saves_outputs=(0,), conjugates=True),
        _batch_scatter,
        kind=Kind.INDEXED,
        expensive=True,
    )
)


def _fold_batch(x: Tensor, axis: int) -> tuple[Tensor, DimSize]:
    """Move the batch axis 0 in front of an (unbatched) axis and merge the two; also that axis's size."""
    order = (*range(1, axis + 1), 0, *range(axis + 1, x.ndim))
    moved = transpose(x, permutation=order)
    size, count = moved.shape[axis], moved.shape[axis + 1]
    return reshape(moved, shape=(*moved.shape[:axis], size * count, *moved.shape[axis + 2 :])), count


def _offset(indices: Tensor, count: DimSize) -> Tensor:
    """Batched indices into an axis of `count` as indices into the folded axis."""
    wide = cast(indices, dtype="int64")
    start = mul(iota(size=indices.shape[0], dtype="int64"), size_tensor(count))
    result: Tensor = add(wide, reshape(start, shape=(indices.shape[0], *(1,) * (indices.ndim - 1))))
    return result


def _batch_to_front(x: Tensor, axis: int) -> Tensor:
    result: Tensor = transpose(x, permutation=(axis, *(i for i in range(x.ndim) if i != axis)))
    return result


# -- positions that differ along an axis, folded into one flat axis --


def take_along_axis(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    """result[..., i, ...] = x[..., indices[..., i, ...], ...]; other axes of the two have equal sizes."""
    flat = _flat_positions(indices, axis, x.shape[axis])
    result: Tensor = gather(reshape(x, shape=(x.size,)), flat, axis=0)
    return result


def put_along_axis(updates: Tensor, indices: Tensor, axis: int, size: DimSize, mode: str = "add") -> Tensor:
    """The adjoint of `take_along_axis`: zeros of `size` along the axis, with the updates added at the indices."""
    shape = (*updates.shape[:axis], size, *updates.shape[axis + 1 :])
    total: DimSize = 1
    for n in shape:
        total = total * n
    flat = _flat_positions(indices, axis, size)
    zeros = broadcast_to(scalar(0, updates.dtype), shape=(total,))
    result: Tensor = reshape(scatter(zeros, flat, updates, axis=0, mode=mode), shape=shape)
    return result


def _flat_positions(indices: Tensor, axis: int, size: DimSize) -> Tensor:
    """Row-major positions in a tensor that has `size` along the axis and the indices' sizes elsewhere."""
    positions = cast(indices, dtype="int64")
    stride: DimSize = 1
    result: Tensor | None = None
    for i in reversed(range(indices.ndim)):
        n = size if i == axis else indices.shape[i]
        if i == axis:
            index = positions
        else:
            index = reshape(iota(size=n, dtype="int64"), shape=tuple(n if j == i else 1 for j in range(indices.ndim)))
        term = mul(index, size_tensor(stride))
        result = term if result is None else add(result, term)
        stride = stride * n
    assert result is not None, "indices have at least the axis"
    return broadcast_to(result, shape=indices.shape)
