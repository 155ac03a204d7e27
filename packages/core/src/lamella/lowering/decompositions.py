"""Composites and awkward primitives as others that become one loop: rules for `lamella.ir.legalize`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lamella.ir import Graph, Node
from lamella.lowering import checks, grouped, narrow
from lamella.ops import prims
from lamella.ops.define.constants import constant, scalar
from lamella.ops.define.opdef import Kind, OpDef
from lamella.ops.prims.regions import call
from lamella.tensor import Tensor
from lamella.types import TOKEN

_REDUCTIONS = frozenset([prims.reduce_sum, prims.reduce_prod, prims.reduce_max, prims.reduce_min])


def _cross_entropy(logits: Tensor, labels: Tensor, *, ignore: int) -> Tensor:
    """-log(softmax(logits))[label], with the label's logit picked by comparing rather than by an address."""
    axis = labels.ndim
    kept = (*labels.shape, 1)
    labels = prims.checked_index(labels, size=logits.shape[axis], ignore=ignore)
    shifted = prims.sub(logits, prims.reshape(prims.reduce_max(logits, axes=(axis,)), shape=kept))
    total = prims.reduce_sum(prims.exp(shifted), axes=(axis,))
    classes = prims.iota(size=logits.shape[axis], dtype=labels.dtype.name)
    chosen = prims.eq(classes, prims.reshape(labels, shape=kept))
    picked = prims.reduce_sum(prims.select(chosen, shifted, scalar(0, logits.dtype)), axes=(axis,))
    loss = prims.sub(prims.log(total), picked)
    ignored = prims.eq(labels, scalar(ignore, labels.dtype))
    result: Tensor = prims.select(ignored, scalar(0, logits.dtype), loss)
    return result


def _product_as_sum(x: Tensor, y: Tensor, *, contract: Any, batch: Any) -> Tensor:
    """A matrix product one side of which is a vector: multiply and sum."""
    left = [i for i in range(x.ndim) if i not in (*contract[0], *batch[0])]
    right = [i for i in range(y.ndim) if i not in (*contract[1], *batch[1])]
    nb, nl, nr = len(batch[0]), len(left), len(right)
    x = prims.transpose(x, permutation=(*batch[0], *left, *contract[0]))
    y = prims.transpose(y, permutation=(*batch[1], *right, *contract[1]))
    shared, summed = x.shape[:nb], x.shape[nb + nl :]
    x = prims.reshape(x, shape=(*shared, *x.shape[nb : nb + nl], *(1,) * nr, *summed))
    y = prims.reshape(y, shape=(*shared, *(1,) * nl, *y.shape[nb : nb + nr], *summed))
    product = prims.mul(x, y)
    result: Tensor = prims.reduce_sum(product, axes=tuple(range(nb + nl + nr, product.ndim)))
    return result


def _arg_extreme(reduce: OpDef) -> Callable[..., Tensor]:
    """The first place of the extreme, or of a NaN: the least number of a place that equals it."""

    def rule(x: Tensor, *, axis: int) -> Tensor:
        kept = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
        hits = prims.eq(x, prims.reshape(reduce(x, axes=(axis,)), shape=kept))
        if x.dtype.is_float:
            hits = prims.bitwise_or(hits, prims.isnan(x))
        places = tuple(n if i == axis else 1 for i, n in enumerate(x.shape))
        numbers = prims.reshape(prims.iota(size=x.shape[axis], dtype="int64"), shape=places)
        result: Tensor = prims.reduce_min(
            prims.select(hits, numbers, scalar(x.shape[axis], numbers.dtype)), axes=(axis,)
        )
        return result

    return rule


def _forward_only(*operands: Tensor, forward: Graph, backward: Graph) -> tuple[Tensor, ...]:
    """A function with a derivative of its own: the derivative has been taken by now."""
    return tuple(call(forward, operands))


def _known_size(*, dim: int) -> Tensor:
    """A size that was open when the graph was built, and is known now."""
    return constant(np.array(dim, np.int64))


_RULES: Mapping[OpDef, Callable[..., Any] | None] = {
    prims.softmax: prims.softmax.decompose,
    prims.log_softmax: prims.log_softmax.decompose,
    prims.softmax_cross_entropy: _cross_entropy,
    prims.softmax_cross_entropy_grad: prims.softmax_cross_entropy_grad.decompose,
    prims.custom_vjp: _forward_only,
    prims.dim_value: _known_size,
    prims.argmax: _arg_extreme(prims.reduce_max),
    prims.argmin: _arg_extreme(prims.reduce_min),
}


#: What becomes others wherever it is: a backend that has those has it.
REWRITTEN = frozenset([*_RULES, prims.flat_index])


def _without_elements(node: Node) -> Callable[..., tuple[Tensor, ...]] | None:
    """What takes the place of a node whose results have no elements: there is nothing to compute."""
    if not node.outputs or node.regions() or any(v.type == TOKEN or 0 not in v.shape for v in node.outputs):
        return None
    empty = [np.zeros(v.shape, v.dtype.numpy) for v in node.outputs]
    return lambda *operands, **attrs: tuple(map(constant, empty))


def _nothing_to_reduce(x: Tensor, *, axes: tuple[int, ...]) -> Tensor:
    result: Tensor = prims.reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))
    return result


def rules(node: Node) -> Callable[..., Any] | None:
    """How a node that a backend has is written by others; None if it stays as it is."""
    if node.op is not prims.constant and (empty := _without_elements(node)) is not None:
        return empty
    if (wide := narrow.rule(node)) is not None:
        return wide
    if node.op in _REDUCTIONS and all(node.operands[0].shape[i] == 1 for i in node.attrs["axes"]):
        return _nothing_to_reduce
    if (check := checks.rule(node)) is not None:
        return check
    if node.op is prims.dot_general:
        return _product_as_sum if _is_thin(node) else None
    if node.op.kind is Kind.PRODUCT:
        return grouped.rule(node.op, node.attrs)
    return _RULES.get(node.op)


def _is_thin(node: Node) -> bool:
    """Whether an operand of a matrix product has no axis of its own."""
    for operand, contract, batch in zip(node.operands, node.attrs["contract"], node.attrs["batch"], strict=True):
        own = [n for i, n in enumerate(operand.shape) if i not in (*contract, *batch) and n != 1]
        if not own:
            return True
    return False
