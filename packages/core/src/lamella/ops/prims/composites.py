"""Composites: primitives that others could express, but that engines do better whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize
from lamella.ops.constants import scalar
from lamella.ops.kernels.indexed import check_indices
from lamella.ops.kernels.precision import widen
from lamella.ops.opdef import BatchResult, OpDef, Residuals, Vjp, register
from lamella.ops.prims.elementwise import div, eq, exp, log, mul, neg, select, sub
from lamella.ops.prims.indexed import take_along_axis
from lamella.ops.prims.reduce import reduce_max, reduce_sum
from lamella.ops.prims.shape import iota, reshape, stop_gradient
from lamella.ops.rules import FLOAT, INTEGER, batch_axes, check_axes, check_kind, fail, with_batch
from lamella.tensor import Tensor
from lamella.types import TensorType

Array = np.ndarray[Any, Any]

# -- softmax: exp(x) / sum(exp(x)) along an axis, with the maximum taken off first so that nothing overflows --


def _infer_softmax(x: TensorType, *, axis: int) -> TensorType:
    check_kind("softmax", x.dtype, FLOAT)
    check_axes("softmax", (axis,), x.ndim)
    return x


def _shifted(x: Array, axis: int) -> Array:
    wide = widen(x)
    return wide - wide.max(axis, keepdims=True, initial=-np.inf)


def _softmax_kernel(x: Array, *, axis: int) -> Array:
    result = _shifted(x, axis)
    np.exp(result, out=result)
    result /= result.sum(axis, keepdims=True)
    return result.astype(x.dtype, copy=False)


def _log_softmax_kernel(x: Array, *, axis: int) -> Array:
    result = _shifted(x, axis)
    result -= np.log(np.exp(result).sum(axis, keepdims=True))
    return result.astype(x.dtype, copy=False)


def _kept(x: Tensor, axis: int) -> Tensor:
    """A result of a reduction along one axis, with that axis back at size 1."""
    result: Tensor = reshape(x, shape=(*x.shape[:axis], 1, *x.shape[axis:]))
    return result


def _centered(x: Tensor, axis: int) -> Tensor:
    result: Tensor = sub(x, _kept(stop_gradient(reduce_max(x, axes=(axis,))), axis))
    return result


def _decompose_softmax(x: Tensor, *, axis: int) -> Tensor:
    powers = exp(_centered(x, axis))
    result: Tensor = div(powers, _kept(reduce_sum(powers, axes=(axis,)), axis))
    return result


def _decompose_log_softmax(x: Tensor, *, axis: int) -> Tensor:
    centered = _centered(x, axis)
    result: Tensor = sub(centered, _kept(log(reduce_sum(exp(centered), axes=(axis,))), axis))
    return result


def _softmax_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis = c.attrs["axis"]
    weighted = mul(g, c.out)
    return [sub(weighted, mul(c.out, _kept(reduce_sum(weighted, axes=(axis,)), axis)))]


def _log_softmax_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis = c.attrs["axis"]
    return [sub(g, mul(exp(c.out), _kept(reduce_sum(g, axes=(axis,)), axis)))]


softmax: OpDef = register(
    OpDef(
        "softmax",
        _infer_softmax,
        _softmax_kernel,
        Vjp(_softmax_vjp, saves_outputs=(0,)),
        batch_axes("axis"),
        decompose=_decompose_softmax,
    )
)
log_softmax: OpDef = register(
    OpDef(
        "log_softmax",
        _infer_softmax,
        _log_softmax_kernel,
        Vjp(_log_softmax_vjp, saves_outputs=(0,)),
        batch_axes("axis"),
        decompose=_decompose_log_softmax,
    )
)

# -- softmax_cross_entropy: -log(softmax(logits))[label] for each row; 0 for rows labelled `ignore` --


def _infer_cross_entropy(logits: TensorType, labels: TensorType, *, ignore: int) -> TensorType:
    check_kind("softmax_cross_entropy", logits.dtype, FLOAT)
    check_kind("softmax_cross_entropy", labels.dtype, INTEGER)
    if logits.ndim != labels.ndim + 1 or logits.shape[:-1] != labels.shape:
        raise fail("softmax_cross_entropy", f"logits {logits}, labels {labels}", "logits[…, classes] and labels[…]")
    return logits.with_shape(labels.shape)


def _cross_entropy_kernel(logits: Array, labels: Array, *, ignore: int) -> Array:
    kept = labels != ignore
    chosen = np.where(kept, labels, 0)
    check_indices(chosen, logits.shape[-1], -1, "softmax_cross_entropy")
    shifted = _shifted(logits, -1)
    picked = np.take_along_axis(shifted, chosen[..., None], -1)[..., 0]
    losses = np.log(np.exp(shifted).sum(-1)) - picked
    return np.where(kept, losses, 0).astype(logits.dtype, copy=False)


def _decompose_cross_entropy(logits: Tensor, labels: Tensor, *, ignore: int) -> Tensor:
    ignored = eq(labels, scalar(ignore, labels.dtype))
    chosen = select(ignored, scalar(0, labels.dtype), labels)
    axis = labels.ndim
    picked = take_along_axis(_decompose_log_softmax(logits, axis=axis), _kept(chosen, axis), axis)
    result: Tensor = select(ignored, scalar(0, logits.dtype), neg(reshape(picked, shape=labels.shape)))
    return result


def _cross_entropy_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    logits, labels, ignore, axis = c.x, c.y, c.attrs["ignore"], c.y.ndim
    ignored = eq(labels, scalar(ignore, labels.dtype))
    scale = _kept(select(ignored, scalar(0, g.dtype), g), axis)
    chosen = _kept(select(ignored, scalar(0, labels.dtype), labels), axis)
    is_chosen = eq(iota(size=logits.shape[axis], dtype=labels.dtype.name), chosen)
    spread = mul(softmax(logits, axis=axis), scale)
    return [sub(spread, select(is_chosen, scale, scalar(0, g.dtype))), None]


def _batch_cross_entropy(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    return [op(*(with_batch(x, b, size) for x, b in zip(operands, batched, strict=True)), **attrs)], [True]


softmax_cross_entropy: OpDef = register(
    OpDef(
        "softmax_cross_entropy",
        _infer_cross_entropy,
        _cross_entropy_kernel,
        Vjp(_cross_entropy_vjp, saves=(0, 1)),
        _batch_cross_entropy,
        decompose=_decompose_cross_entropy,
    )
)
