"""Primitives that combine elements along axes: reductions, scans, sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dims import Shape, product
from lamella.dtypes import int64
from lamella.ops.constants import scalar
from lamella.ops.kernels import indexed
from lamella.ops.kernels import reduce as kernels
from lamella.ops.opdef import Infer, OpDef, Residuals, Vjp, register
from lamella.ops.prims.elementwise import add, cast, convert, div, eq, mul, wide
from lamella.ops.prims.indexed import put_along_axis
from lamella.ops.prims.shape import broadcast_to, concat, flip, inverse, narrow, reshape, transpose
from lamella.ops.rules import ANY, NUMBER, ZERO, batch_axes, check_axes, check_kind, fail
from lamella.tensor import Tensor
from lamella.types import TensorType


def _infer_reduce(name: str, kinds: tuple[str, ...], needs_element: bool) -> Infer:
    def infer(x: TensorType, *, axes: tuple[int, ...]) -> TensorType:
        check_kind(name, x.dtype, kinds)
        check_axes(name, axes, x.ndim)
        if needs_element and any(x.shape[axis] == 0 for axis in axes):
            raise fail(name, f"shape {x.shape}, axes {axes}", "at least one element along the axes")
        return x.with_shape(tuple(size for axis, size in enumerate(x.shape) if axis not in axes))

    return infer


def restored(x: Tensor, axes: tuple[int, ...], shape: Shape) -> Tensor:
    """A reduction's result with the reduced axes back, stretched to `shape`."""
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    result: Tensor = broadcast_to(reshape(x, shape=kept), shape=shape)
    return result


def _extreme_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """Elements equal to the extreme share the cotangent."""
    axes, shape = c.attrs["axes"], c.types[0].shape
    h = wide(g)
    hits = cast(eq(c.x, restored(c.out, axes, shape)), dtype=h.dtype.name)
    share = div(h, reduce_sum(hits, axes=axes))
    return [convert(mul(hits, restored(share, axes, shape)), g.dtype)]


def _prod_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """Each element's cotangent is the product of the others: those before it times those after it, no division."""
    axes, shape = c.attrs["axes"], c.types[0].shape
    rest = tuple(axis for axis in range(len(shape)) if axis not in axes)
    order = (*rest, *axes)
    moved = transpose(c.x, permutation=order)
    count = product(tuple(shape[axis] for axis in axes))
    if count == 0:
        return [broadcast_to(scalar(0, g.dtype), shape=shape)]
    lead = tuple(shape[axis] for axis in rest)
    flat, last = reshape(moved, shape=(*lead, count)), len(rest)
    one = broadcast_to(scalar(1, g.dtype), shape=(*lead, 1))
    before = cumprod(concat(one, narrow(flat, last, 0, count - 1), axis=last), axis=last, reverse=False)
    after = cumprod(concat(narrow(flat, last, 1, count), one, axis=last), axis=last, reverse=True)
    result = mul(mul(before, after), reshape(g, shape=(*lead, 1)))
    return [transpose(reshape(result, shape=moved.shape), permutation=inverse(order))]


def _reduce(name: str, kernel: Callable[..., Any], vjp: Vjp, kinds: tuple[str, ...], needs_element: bool) -> OpDef:
    return register(OpDef(name, _infer_reduce(name, kinds, needs_element), kernel, vjp, batch_axes("axes")))


_extreme = Vjp(_extreme_vjp, saves=(0,), saves_outputs=(0,))

reduce_sum: OpDef = _reduce(
    "reduce_sum", kernels.reduce_sum, Vjp(lambda c, g: [restored(g, c.attrs["axes"], c.types[0].shape)]), NUMBER, False
)
reduce_prod: OpDef = _reduce("reduce_prod", kernels.reduce_prod, Vjp(_prod_vjp, saves=(0,)), NUMBER, False)
reduce_max: OpDef = _reduce("reduce_max", kernels.reduce_max, _extreme, ANY, True)
reduce_min: OpDef = _reduce("reduce_min", kernels.reduce_min, _extreme, ANY, True)


def _infer_arg(name: str) -> Infer:
    def infer(x: TensorType, *, axis: int) -> TensorType:
        check_axes(name, (axis,), x.ndim)
        if x.shape[axis] == 0:
            raise fail(name, f"shape {x.shape}, axis {axis}", "at least one element along the axis")
        return TensorType(int64, (*x.shape[:axis], *x.shape[axis + 1 :]))

    return infer


argmax: OpDef = register(OpDef("argmax", _infer_arg("argmax"), kernels.argmax, ZERO, batch_axes("axis")))
argmin: OpDef = register(OpDef("argmin", _infer_arg("argmin"), kernels.argmin, ZERO, batch_axes("axis")))

# -- running sums and products --


def _infer_running(name: str) -> Infer:
    def infer(x: TensorType, *, axis: int, reverse: bool) -> TensorType:
        check_kind(name, x.dtype, NUMBER)
        check_axes(name, (axis,), x.ndim)
        return x

    return infer


def _cumsum_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    return [cumsum(g, axis=c.attrs["axis"], reverse=not c.attrs["reverse"])]


def _cumprod_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """Backward recurrence of y[i] = x[i] * y[i-1] without division, so that zeros are no special case.

    With d y[k] / d x[i] = prod(x[:k+1] without x[i]), the sum over k of g[k] * that product is
    (product before i) * s[i], s[i] = g[i] + x[i+1] * s[i+1]: a linear recurrence, run as a scan.
    """
    from lamella.ops.control import scan

    axis, reverse = c.attrs["axis"], c.attrs["reverse"]
    if c.types[0].shape[axis] == 0:
        return [g]
    x = flip(c.x, axes=(axis,)) if reverse else c.x
    h = flip(g, axes=(axis,)) if reverse else g
    order = (axis, *(i for i in range(x.ndim) if i != axis))
    x, h = transpose(x, permutation=order), transpose(h, permutation=order)
    size = x.shape[0]
    one = broadcast_to(scalar(1, x.dtype), shape=(1, *x.shape[1:]))
    before = cumprod(concat(one, narrow(x, 0, 0, size - 1), axis=0), axis=0, reverse=False)
    following = concat(narrow(x, 0, 1, size), one, axis=0)
    zero = broadcast_to(scalar(0, x.dtype), shape=x.shape[1:])

    def step(carry: Tensor, item: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        carry = add(item[0], mul(item[1], carry))
        return carry, carry

    _, sums = scan(step, zero, (h, following), reverse=True)
    result = transpose(mul(before, sums), permutation=inverse(order))
    return [flip(result, axes=(axis,)) if reverse else result]


cumsum: OpDef = register(
    OpDef("cumsum", _infer_running("cumsum"), indexed.cumsum, Vjp(_cumsum_vjp), batch_axes("axis"))
)
cumprod: OpDef = register(
    OpDef("cumprod", _infer_running("cumprod"), indexed.cumprod, Vjp(_cumprod_vjp, saves=(0,)), batch_axes("axis"))
)

# -- sort --


def _infer_sort(x: TensorType, *, axis: int, descending: bool) -> tuple[TensorType, TensorType]:
    check_axes("sort", (axis,), x.ndim)
    return x, x.with_dtype(int64)


def _sort_vjp(c: Residuals, g: Tensor | None, _: Tensor | None) -> list[Tensor | None]:
    return [None if g is None else put_along_axis(g, c.output(1), c.attrs["axis"], c.types[0].shape[c.attrs["axis"]])]


#: Sorted elements and where each was: stable, NaN counts as the largest.
sort: OpDef = register(
    OpDef("sort", _infer_sort, indexed.sort, Vjp(_sort_vjp, saves_outputs=(1,)), batch_axes("axis"), multiple=True)
)
