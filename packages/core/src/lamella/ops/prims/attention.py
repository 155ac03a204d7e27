"""Attention, a composite: softmax(q k' * scale + bias) v, which engines can do without the matrix between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, Residuals, Vjp, register
from lamella.ops.define.rules import FLOAT, check_kind, fail
from lamella.ops.kernels.precision import widen
from lamella.ops.prims.composites import softmax
from lamella.ops.prims.elementwise import add, convert, mul, sub, wide
from lamella.ops.prims.linear import dot_general
from lamella.ops.prims.shape import broadcast_to, reduce_sum, reshape, with_batch
from lamella.tensor import Tensor
from lamella.types import TensorType

Array = np.ndarray[Any, Any]


def _infer(q: TensorType, k: TensorType, v: TensorType, *bias: TensorType, scale: float) -> TensorType:
    check_kind("attention", q.dtype, FLOAT)
    fits = all(x.ndim == 3 and x.dtype is q.dtype for x in (q, k, v)) and len(bias) <= 1
    fits = fits and q.shape[0] == k.shape[0] == v.shape[0]
    fits = fits and q.shape[2] == k.shape[2] and k.shape[1] == v.shape[1]
    if not fits:
        given = ", ".join(map(str, (q, k, v, *bias)))
        raise fail("attention", given, "q[n, l, e], k[n, s, e], v[n, s, d] of one type, and perhaps a bias")
    for b in bias:
        if (
            b.dtype is not q.dtype
            or b.ndim != 3
            or b.shape[0] not in (1, q.shape[0])
            or b.shape[1:] != (q.shape[1], k.shape[1])
        ):
            raise fail("attention", f"a bias {b} for q {q}, k {k}", "bias[n, l, s] or bias[1, l, s] of their type")
    return q.with_shape((*q.shape[:2], v.shape[2]))


def _kernel(q: Array, k: Array, v: Array, *bias: Array, scale: float) -> Array:
    scores = np.matmul(widen(q), widen(k).swapaxes(1, 2)) * widen(q).dtype.type(scale)
    for b in bias:
        scores = scores + widen(b)
    scores = np.exp(scores - scores.max(-1, keepdims=True, initial=-np.inf))
    scores /= scores.sum(-1, keepdims=True)
    return np.matmul(scores, widen(v)).astype(q.dtype, copy=False)


def _weights(q: Tensor, k: Tensor, *bias: Tensor, scale: float) -> Tensor:
    """How much each of l attends to each of s, in the type that is computed in."""
    scores = mul(dot_general(wide(q), wide(k), contract=((2,), (2,)), batch=((0,), (0,))), scalar(scale, wide(q).dtype))
    for b in bias:
        scores = add(scores, broadcast_to(wide(b), shape=scores.shape))
    result: Tensor = softmax(scores, axis=2)
    return result


def _decompose(q: Tensor, k: Tensor, v: Tensor, *bias: Tensor, scale: float) -> Tensor:
    weights = _weights(q, k, *bias, scale=scale)
    return convert(dot_general(weights, wide(v), contract=((2,), (1,)), batch=((0,), (0,))), q.dtype)


def _vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    """By the weights made again, which take less time than they would take memory (Dao et al., 2022)."""
    q, k, v, *bias = (c.input(i) for i in range(len(c.types)))
    scale = c.attrs["scale"]
    weights = _weights(q, k, *bias, scale=scale)
    wide_g = wide(g)
    by_v = dot_general(weights, wide_g, contract=((1,), (1,)), batch=((0,), (0,)))
    by_weights = dot_general(wide_g, wide(v), contract=((2,), (2,)), batch=((0,), (0,)))
    weighted = mul(by_weights, weights)
    total = reduce_sum(weighted, axes=(2,))
    by_scores = sub(weighted, mul(weights, reshape(total, shape=(*total.shape, 1))))
    factor = scalar(scale, by_scores.dtype)
    by_q = mul(dot_general(by_scores, wide(k), contract=((2,), (1,)), batch=((0,), (0,))), factor)
    by_k = mul(dot_general(by_scores, wide(q), contract=((1,), (1,)), batch=((0,), (0,))), factor)
    result = [convert(by_q, q.dtype), convert(by_k, k.dtype), convert(by_v, v.dtype)]
    for b in bias:
        each = by_scores if b.shape[0] == q.shape[0] else reshape(reduce_sum(by_scores, axes=(0,)), shape=b.shape)
        result.append(convert(each, b.dtype))
    return [*result]


def _batch(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    n = next(x.shape[1] if b else x.shape[0] for x, b in zip(operands, batched, strict=True))

    def merged(x: Tensor, is_batched: bool) -> Tensor:
        whole = with_batch(x, is_batched, size)
        if whole.shape[1] != n:
            whole = broadcast_to(whole, shape=(size, n, *whole.shape[2:]))
        result: Tensor = reshape(whole, shape=(size * n, *whole.shape[2:]))
        return result

    result = op(*(merged(x, b) for x, b in zip(operands, batched, strict=True)), **attrs)
    return [reshape(result, shape=(size, n, *result.shape[1:]))], [True]


attention: OpDef = register(
    OpDef(
        "attention",
        _infer,
        _kernel,
        Vjp(_vjp, saves=None),
        _batch,
        kind=Kind.COMPOSITE,
        total=True,
        expensive=True,
        decompose=_decompose,
    )
)
