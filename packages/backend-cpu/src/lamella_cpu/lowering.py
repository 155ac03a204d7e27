"""Composites and awkward primitives as others that become one loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lamella.ir import Node
from lamella.ops import prims
from lamella.ops.constants import scalar
from lamella.tensor import Tensor


def _cross_entropy(logits: Tensor, labels: Tensor, *, ignore: int) -> Tensor:
    """-log(softmax(logits))[label], with the label's logit picked by comparing rather than by an address."""
    axis = labels.ndim
    kept = (*labels.shape, 1)
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


def _is_thin(node: Node) -> bool:
    """Whether an operand of a matrix product has no axis of its own."""
    for operand, contract, batch in zip(node.operands, node.attrs["contract"], node.attrs["batch"], strict=True):
        own = [n for i, n in enumerate(operand.shape) if i not in (*contract, *batch) and n != 1]
        if not own:
            return True
    return False


def rules(node: Node) -> Callable[..., Any] | None:
    """How a node is written here; None if as it is."""
    if node.op.name == "dot_general":
        return _product_as_sum if _is_thin(node) else None
    return _RULES.get(node.op.name)


_RULES: Mapping[str, Callable[..., Any]] = {"softmax_cross_entropy": _cross_entropy}
