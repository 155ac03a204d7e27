"""Primitives that run along an axis: sums and products so far, and the product of all, whose derivative needs those."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from lamella.dims import product
from lamella.dtypes import int64
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import Infer, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import FLOAT, NUMBER, REAL, batch_axes, check_axes, check_kind
from lamella.ops.kernels import indexed
from lamella.ops.kernels import reduce as kernels
from lamella.ops.prims.control import scan
from lamella.ops.prims.elementwise import add, eq, exp, mul, select, sub
from lamella.ops.prims.indexed import put_along_axis
from lamella.ops.prims.pieces import concat, narrow
from lamella.ops.prims.regions import trace
from lamella.ops.prims.shape import broadcast_to, flip, infer_reduce, inverse, reshape, transpose
from lamella.tensor import Tensor
from lamella.types import TensorType


def _infer_running(name: str, kinds: Sequence[str] = NUMBER) -> Infer:
    def infer(x: TensorType, *, axis: int, reverse: bool) -> TensorType:
        check_kind(name, x.dtype, kinds)
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

    def step(sum: Tensor, h: Tensor, following: Tensor) -> list[Tensor]:
        return [add(h, mul(following, sum))] * 2

    body = trace(step, [zero._type] * 3, "step")
    _, sums = scan(zero, h, following, body=body, consts=0, carry=1, length=size, reverse=True, save=False)
    result = transpose(mul(before, sums), permutation=inverse(order))
    return [flip(result, axes=(axis,)) if reverse else result]


def _running(name: str, kernel: Callable[..., Any], vjp: Vjp) -> OpDef:
    infer = _infer_running(name)
    return register(OpDef(name, infer, kernel, vjp, batch_axes("axis"), kind=Kind.SCAN, total=True, expensive=True))


cumsum: OpDef = _running("cumsum", indexed.cumsum, Vjp(_cumsum_vjp))
cumprod: OpDef = _running("cumprod", indexed.cumprod, Vjp(_cumprod_vjp, saves=(0,), conjugates=True))


def _infer_extremes(name: str) -> Infer:
    infer = _infer_running(name, REAL)

    def both(x: TensorType, *, axis: int) -> tuple[TensorType, TensorType]:
        values = infer(x, axis=axis, reverse=False)
        assert isinstance(values, TensorType), "a running result is one tensor"
        return values, x.with_dtype(int64)

    return both


def _extremes_vjp(c: Residuals, g: Tensor, _: Tensor | None) -> list[Tensor | None]:
    axis = c.attrs["axis"]
    return [put_along_axis(g, c.output(1), axis, c.types[0].shape[axis])]


def _extremes(name: str, largest: bool) -> OpDef:
    return register(
        OpDef(
            name,
            _infer_extremes(name),
            partial(indexed.cumulative_extreme, largest=largest),
            Vjp(_extremes_vjp, saves_outputs=(1,)),
            batch_axes("axis"),
            multiple=True,
            kind=Kind.SCAN,
            total=True,
            expensive=True,
        )
    )


# Values and where they stand: of equal ones at the latest place.
cummax: OpDef = _extremes("cummax", True)
cummin: OpDef = _extremes("cummin", False)


def _logcumsumexp_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """Backward recurrence in which no exponential exceeds 1.

    With y the result, dx[i] = exp(x[i] - y[i]) * s[i] and s[i] = g[i] + s[i+1] * exp(y[i] - y[i+1]): a linear
    recurrence, run as a scan. Where y is -inf all that came before is, and nothing depends on it.
    """
    axis, reverse = c.attrs["axis"], c.attrs["reverse"]
    if c.types[0].shape[axis] == 0:
        return [g]
    order = (axis, *(i for i in range(g.ndim) if i != axis))
    x, y, h = (transpose(flip(t, axes=(axis,)) if reverse else t, permutation=order) for t in (c.x, c.out, g))
    size, infinity = x.shape[0], scalar(-math.inf, x.dtype)
    nothing = eq(y, infinity)
    zero = scalar(0, x.dtype)
    share = select(nothing, zero, exp(sub(x, select(nothing, zero, y))))
    last = narrow(y, 0, size - 1, size)
    after = concat(narrow(y, 0, 1, size), last, axis=0)
    fading = select(nothing, zero, exp(sub(select(nothing, zero, y), select(nothing, zero, after))))

    def step(sum: Tensor, h: Tensor, fading: Tensor) -> list[Tensor]:
        return [add(h, mul(fading, sum))] * 2

    start = broadcast_to(zero, shape=x.shape[1:])
    body = trace(step, [start._type] * 3, "step")
    _, sums = scan(start, h, fading, body=body, consts=0, carry=1, length=size, reverse=True, save=False)
    result = transpose(mul(share, sums), permutation=inverse(order))
    return [flip(result, axes=(axis,)) if reverse else result]


logcumsumexp: OpDef = register(
    OpDef(
        "logcumsumexp",
        _infer_running("logcumsumexp", FLOAT),
        indexed.logcumsumexp,
        Vjp(_logcumsumexp_vjp, saves=(0,), saves_outputs=(0,)),
        batch_axes("axis"),
        kind=Kind.SCAN,
        total=True,
        expensive=True,
    )
)

# -- the product --


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


reduce_prod: OpDef = register(
    OpDef(
        "reduce_prod",
        infer_reduce("reduce_prod", NUMBER, needs_element=False),
        kernels.reduce_prod,
        Vjp(_prod_vjp, saves=(0,), conjugates=True),
        batch_axes("axes"),
        kind=Kind.REDUCTION,
        total=True,
        expensive=True,
    )
)
