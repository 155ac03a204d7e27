"""Primitives that combine elements along axes: reductions, scans, sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dtypes import int64
from lamella.ops.define.opdef import Infer, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import ORDERED, ZERO, batch_axes, check_axes, check_kind, fail
from lamella.ops.kernels import indexed
from lamella.ops.kernels import reduce as kernels
from lamella.ops.prims.elementwise import cast, convert, eq, mul, quotient, wide
from lamella.ops.prims.indexed import put_along_axis
from lamella.ops.prims.shape import infer_reduce, reduce_sum, restored
from lamella.tensor import Tensor
from lamella.types import TensorType


def _extreme_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """Elements equal to the extreme share the cotangent."""
    axes, shape = c.attrs["axes"], c.types[0].shape
    h = wide(g)
    hits = cast(eq(c.x, restored(c.out, axes, shape)), dtype=h.dtype.name)
    share = quotient(h, reduce_sum(hits, axes=axes))
    return [convert(mul(hits, restored(share, axes, shape)), g.dtype)]


def _extreme(name: str, kernel: Callable[..., Any]) -> OpDef:
    vjp = Vjp(_extreme_vjp, saves=(0,), saves_outputs=(0,))
    infer = infer_reduce(name, ORDERED, needs_element=True)
    return register(
        OpDef(name, infer, kernel, vjp, batch_axes("axes"), kind=Kind.REDUCTION, total=True, expensive=True)
    )


reduce_max: OpDef = _extreme("reduce_max", kernels.reduce_max)
reduce_min: OpDef = _extreme("reduce_min", kernels.reduce_min)


def _infer_arg(name: str) -> Infer:
    def infer(x: TensorType, *, axis: int) -> TensorType:
        check_kind(name, x.dtype, ORDERED)
        check_axes(name, (axis,), x.ndim)
        if x.shape[axis] == 0:
            raise fail(name, f"shape {x.shape}, axis {axis}", "at least one element along the axis")
        return TensorType(int64, (*x.shape[:axis], *x.shape[axis + 1 :]))

    return infer


def _arg_extreme(name: str, kernel: Callable[..., Any]) -> OpDef:
    infer = _infer_arg(name)
    return register(
        OpDef(name, infer, kernel, ZERO, batch_axes("axis"), kind=Kind.REDUCTION, total=True, expensive=True)
    )


argmax: OpDef = _arg_extreme("argmax", kernels.argmax)
argmin: OpDef = _arg_extreme("argmin", kernels.argmin)

# -- sort --


def _infer_sort(x: TensorType, *, axis: int, descending: bool) -> tuple[TensorType, TensorType]:
    check_kind("sort", x.dtype, ORDERED)
    check_axes("sort", (axis,), x.ndim)
    return x, x.with_dtype(int64)


def _sort_vjp(c: Residuals, g: Tensor | None, _: Tensor | None) -> list[Tensor | None]:
    return [None if g is None else put_along_axis(g, c.output(1), c.attrs["axis"], c.types[0].shape[c.attrs["axis"]])]


#: Sorted elements and where each was: stable, NaN counts as the largest.
sort: OpDef = register(
    OpDef(
        "sort",
        _infer_sort,
        indexed.sort,
        Vjp(_sort_vjp, saves_outputs=(1,)),
        batch_axes("axis"),
        multiple=True,
        kind=Kind.SORT,
        total=True,
        expensive=True,
    )
)
