"""Primitives that move or repeat elements without changing them, and the sum, which undoes repeating."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize, Shape, product
from lamella.dtypes import bool_
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import BatchResult, Infer, Kind, OpDef, Vjp, lookup, register
from lamella.ops.define.rules import NUMBER, ZERO, batch_axes, check_axes, check_kind, fail, infer_same, shifted
from lamella.ops.kernels import reduce as kernels
from lamella.tensor import Tensor
from lamella.types import TensorType

# -- lining a batch axis up with the axes of other operands --


def batch_elementwise(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    """Line the batch axis up in front of the widest operand."""
    ndim = max(x.ndim - b for x, b in zip(operands, batched, strict=True))
    aligned: list[Tensor] = []
    for x, b in zip(operands, batched, strict=True):
        missing = ndim - (x.ndim - 1)
        if b and missing:
            x = reshape(x, shape=(x.shape[0], *(1,) * missing, *x.shape[1:]))
        aligned.append(x)
    return [op(*aligned, **attrs)], [True]


# -- alias: the same value under a new identity, so that a derivative can be taken at it --

alias: OpDef = register(
    OpDef("alias", infer_same, lambda x: x, Vjp(lambda c, g: [g]), batch_elementwise, kind=Kind.VIEW, total=True),
)

# What a derivative does not pass.
stop_gradient: OpDef = register(
    OpDef("stop_gradient", infer_same, lambda x: x, ZERO, batch_elementwise, kind=Kind.VIEW, total=True)
)

# -- reshape --


def _infer_reshape(x: TensorType, *, shape: Shape) -> TensorType:
    if product(shape) != x.size or any(isinstance(size, int) and size < 0 for size in shape):
        raise fail("reshape", f"shape {x.shape} to {tuple(shape)}", f"a shape of {x.size} elements")
    return x.with_shape(tuple(shape))


def _batch_reshape(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    return [reshape(operands[0], shape=(size, *attrs["shape"]))], [True]


reshape: OpDef = register(
    OpDef(
        "reshape",
        _infer_reshape,
        lambda x, *, shape: x.reshape(shape),
        Vjp(lambda c, g: [reshape(g, shape=c.types[0].shape)]),
        _batch_reshape,
        kind=Kind.VIEW,
        total=True,
    )
)

# -- transpose --


def _infer_transpose(x: TensorType, *, permutation: tuple[int, ...]) -> TensorType:
    if sorted(permutation) != list(range(x.ndim)):
        raise fail("transpose", f"permutation {permutation} of {x.ndim} axes", f"each of 0..{x.ndim - 1} once")
    return x.with_shape(tuple(x.shape[axis] for axis in permutation))


def _batch_transpose(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    return [transpose(operands[0], permutation=(0, *shifted(attrs["permutation"])))], [True]


def inverse(permutation: Sequence[int]) -> tuple[int, ...]:
    """The permutation that undoes another."""
    return tuple(sorted(range(len(permutation)), key=permutation.__getitem__))


transpose: OpDef = register(
    OpDef(
        "transpose",
        _infer_transpose,
        lambda x, *, permutation: x.transpose(permutation),
        Vjp(lambda c, g: [transpose(g, permutation=inverse(c.attrs["permutation"]))]),
        _batch_transpose,
        kind=Kind.VIEW,
        total=True,
    )
)

# -- broadcast_to --


def _infer_broadcast_to(x: TensorType, *, shape: Shape) -> TensorType:
    tail = tuple(shape)[len(shape) - x.ndim :]
    if len(shape) < x.ndim or any(mine not in (1, theirs) for mine, theirs in zip(x.shape, tail, strict=True)):
        raise fail("broadcast_to", f"shape {x.shape} to {tuple(shape)}", "a shape that it stretches to")
    return x.with_shape(tuple(shape))


def _batch_broadcast_to(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    (x,), shape = operands, attrs["shape"]
    aligned = reshape(x, shape=(size, *(1,) * (len(shape) - x.ndim + 1), *x.shape[1:]))
    return [broadcast_to(aligned, shape=(size, *shape))], [True]


broadcast_to: OpDef = register(
    OpDef(
        "broadcast_to",
        _infer_broadcast_to,
        lambda x, *, shape: np.broadcast_to(x, shape),
        Vjp(lambda c, g: [unbroadcast(g, c.types[0].shape)]),
        _batch_broadcast_to,
        kind=Kind.VIEW,
        total=True,
    )
)


def with_batch(x: Tensor, batched: bool, size: DimSize) -> Tensor:
    """`x` with a batch axis 0, repeated along it if it had none."""
    return x if batched else broadcast_to(x, shape=(size, *x.shape))


def batch_stacked(rule: Callable[..., Any]) -> Callable[..., BatchResult]:
    """Batching rule from a function of operands that all carry the batch axis: rule(op, size, *operands, **attrs)."""

    def apply(
        op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
    ) -> BatchResult:
        results = rule(op, size, *(with_batch(x, b, size) for x, b in zip(operands, batched, strict=True)), **attrs)
        results = results if isinstance(results, tuple) else (results,)
        return results, [True] * len(results)

    return apply


# -- sum: the adjoint of stretching --


def infer_reduce(name: str, kinds: tuple[str, ...], *, needs_element: bool) -> Infer:
    """Type rule of a reduction: its axes go."""

    def infer(x: TensorType, *, axes: tuple[int, ...]) -> TensorType:
        check_kind(name, x.dtype, kinds)
        check_axes(name, axes, x.ndim)
        if needs_element and any(x.shape[axis] == 0 for axis in axes):
            raise fail(name, f"shape {x.shape}, axes {axes}", "at least one element along the axes")
        return x.with_shape(tuple(size for axis, size in enumerate(x.shape) if axis not in axes))

    return infer


def filled(type: TensorType) -> Tensor:
    """Zeros of a type."""
    result: Tensor = broadcast_to(scalar(0, type.dtype), shape=type.shape)
    return result


def restored(x: Tensor, axes: tuple[int, ...], shape: Shape) -> Tensor:
    """A reduction's result with the reduced axes back, stretched to `shape`."""
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    result: Tensor = broadcast_to(reshape(x, shape=kept), shape=shape)
    return result


reduce_sum: OpDef = register(
    OpDef(
        "reduce_sum",
        infer_reduce("reduce_sum", NUMBER, needs_element=False),
        kernels.reduce_sum,
        Vjp(lambda c, g: [restored(g, c.attrs["axes"], c.types[0].shape)]),
        batch_axes("axes"),
        kind=Kind.REDUCTION,
        total=True,
        expensive=True,
    )
)


def unbroadcast(x: Tensor, shape: Shape) -> Tensor:
    """Sum over the axes along which `shape` was stretched to `x`'s: the adjoint of broadcasting."""
    if x.shape == shape:
        return x
    lead = x.ndim - len(shape)
    stretched = [axis for axis in range(lead, x.ndim) if shape[axis - lead] == 1 and x.shape[axis] != 1]
    if x.dtype is bool_:  # in derivatives: whether any is true
        return lookup("cast")(unbroadcast(lookup("cast")(x, dtype="int64"), shape), dtype="bool")
    summed = reduce_sum(x, axes=(*range(lead), *stretched)) if lead or stretched else x
    return summed if summed.shape == shape else reshape(summed, shape=shape)


# -- flip --


def _infer_flip(x: TensorType, *, axes: tuple[int, ...]) -> TensorType:
    check_axes("flip", axes, x.ndim)
    return x


flip: OpDef = register(
    OpDef(
        "flip",
        _infer_flip,
        lambda x, *, axes: np.flip(x, axes),
        Vjp(lambda c, g: [flip(g, axes=c.attrs["axes"])]),
        batch_axes("axes"),
        kind=Kind.VIEW,
        total=True,
    )
)
