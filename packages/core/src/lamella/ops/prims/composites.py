"""Composites: primitives that others could express, but that engines do better whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import FLOAT, INTEGER, batch_axes, check_axes, check_kind, fail
from lamella.ops.kernels.indexed import check_indices
from lamella.ops.kernels.precision import widen
from lamella.ops.prims.elementwise import convert, div, eq, exp, log, mul, neg, select, sub, wide
from lamella.ops.prims.given import iota
from lamella.ops.prims.indexed import take_along_axis
from lamella.ops.prims.reduce import reduce_max
from lamella.ops.prims.shape import reduce_sum, reshape, stop_gradient, with_batch
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
    if x.shape[axis] == 0:
        return x  # there is no maximum
    result: Tensor = sub(x, _kept(stop_gradient(reduce_max(x, axes=(axis,))), axis))
    return result


def _decompose_softmax(x: Tensor, *, axis: int) -> Tensor:
    powers = exp(_centered(wide(x), axis))
    return convert(div(powers, _kept(reduce_sum(powers, axes=(axis,)), axis)), x.dtype)


def _decompose_log_softmax(x: Tensor, *, axis: int) -> Tensor:
    centered = _centered(wide(x), axis)
    return convert(sub(centered, _kept(log(reduce_sum(exp(centered), axes=(axis,))), axis)), x.dtype)


def _softmax_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis, p = c.attrs["axis"], wide(c.out)
    weighted = mul(wide(g), p)
    return [convert(sub(weighted, mul(p, _kept(reduce_sum(weighted, axes=(axis,)), axis))), g.dtype)]


def _log_softmax_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    axis, h = c.attrs["axis"], wide(g)
    return [convert(sub(h, mul(exp(wide(c.out)), _kept(reduce_sum(h, axes=(axis,)), axis))), g.dtype)]


softmax: OpDef = register(
    OpDef(
        "softmax",
        _infer_softmax,
        _softmax_kernel,
        Vjp(_softmax_vjp, saves_outputs=(0,)),
        batch_axes("axis"),
        kind=Kind.COMPOSITE,
        total=True,
        expensive=True,
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
        kind=Kind.COMPOSITE,
        total=True,
        expensive=True,
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


def _chosen(labels: Array, classes: int, ignore: int) -> tuple[Array | None, tuple[Array, Array]]:
    """Which rows count, None for all; and the index of each row's label in a matrix of rows and classes."""
    counts = labels != ignore
    every = bool(counts.all())
    chosen = labels if every else np.where(counts, labels, 0)
    check_indices(chosen, classes, -1, "softmax_cross_entropy")
    return None if every else counts, (np.arange(chosen.size), chosen.ravel())


def _cross_entropy_kernel(logits: Array, labels: Array, *, ignore: int) -> Array:
    counts, at = _chosen(labels, logits.shape[-1], ignore)
    shifted = np.ascontiguousarray(_shifted(logits, -1))
    picked = shifted.reshape(-1, logits.shape[-1])[at].reshape(labels.shape)
    losses = np.log(np.exp(shifted).sum(-1)) - picked
    return (losses if counts is None else np.where(counts, losses, 0)).astype(logits.dtype, copy=False)


def _cross_entropy_grad_kernel(logits: Array, labels: Array, g: Array, *, ignore: int) -> Array:
    counts, at = _chosen(labels, logits.shape[-1], ignore)
    scale = widen(g if counts is None else np.where(counts, g, g.dtype.type(0)))
    result = np.ascontiguousarray(_softmax_kernel(widen(logits), axis=-1))
    result *= scale[..., None]
    result.reshape(-1, logits.shape[-1])[at] -= scale.ravel()
    return result.astype(logits.dtype, copy=False)


def _decompose_cross_entropy(logits: Tensor, labels: Tensor, *, ignore: int) -> Tensor:
    ignored = eq(labels, scalar(ignore, labels.dtype))
    chosen = select(ignored, scalar(0, labels.dtype), labels)
    axis = labels.ndim
    picked = take_along_axis(_decompose_log_softmax(logits, axis=axis), _kept(chosen, axis), axis)
    result: Tensor = select(ignored, scalar(0, logits.dtype), neg(reshape(picked, shape=labels.shape)))
    return result


def _cross_entropy_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    return [softmax_cross_entropy_grad(c.x, c.y, g, ignore=c.attrs["ignore"]), None]


# -- softmax_cross_entropy_grad: (softmax(logits) - one_hot(label)) * g for each row; 0 for rows labelled `ignore` --


def _infer_cross_entropy_grad(logits: TensorType, labels: TensorType, g: TensorType, *, ignore: int) -> TensorType:
    if g != _infer_cross_entropy(logits, labels, ignore=ignore):
        raise fail("softmax_cross_entropy_grad", f"logits {logits}, g {g}", "g[…] of the type of logits[…, classes]")
    return logits


def _is_label(logits: Tensor, labels: Tensor) -> Tensor:
    """Where the class is the row's label; nowhere for a label that is no class."""
    classes = iota(size=logits.shape[-1], dtype=labels.dtype.name)
    result: Tensor = eq(classes, _kept(labels, labels.ndim))
    return result


def _scale(labels: Tensor, g: Tensor, ignore: int) -> Tensor:
    """G where rows count, 0 elsewhere, with an axis for the classes."""
    ignored = eq(labels, scalar(ignore, labels.dtype))
    return _kept(select(ignored, scalar(0, g.dtype), g), labels.ndim)


def _decompose_cross_entropy_grad(logits: Tensor, labels: Tensor, g: Tensor, *, ignore: int) -> Tensor:
    scale = _scale(labels, g, ignore)
    spread = mul(softmax(logits, axis=labels.ndim), scale)
    result: Tensor = sub(spread, select(_is_label(logits, labels), scale, scalar(0, g.dtype)))
    return result


def _cross_entropy_grad_vjp(c: Residuals, h: Tensor) -> list[Tensor | None]:
    logits, labels, g, ignore, axis = c.x, c.y, c.input(2), c.attrs["ignore"], c.y.ndim
    p = softmax(logits, axis=axis)
    weighted = mul(mul(h, _scale(labels, g, ignore)), p)
    by_logits = sub(weighted, mul(p, _kept(reduce_sum(weighted, axes=(axis,)), axis)))
    zero = scalar(0, g.dtype)
    ignored = eq(labels, scalar(ignore, labels.dtype))
    gap = sub(mul(h, p), select(_is_label(logits, labels), h, zero))
    return [by_logits, None, select(ignored, zero, reduce_sum(gap, axes=(axis,)))]


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
        kind=Kind.COMPOSITE,
        expensive=True,
        decompose=_decompose_cross_entropy,
    )
)
softmax_cross_entropy_grad: OpDef = register(
    OpDef(
        "softmax_cross_entropy_grad",
        _infer_cross_entropy_grad,
        _cross_entropy_grad_kernel,
        Vjp(_cross_entropy_grad_vjp, saves=(0, 1, 2)),
        _batch_cross_entropy,
        kind=Kind.COMPOSITE,
        expensive=True,
        decompose=_decompose_cross_entropy_grad,
    )
)
