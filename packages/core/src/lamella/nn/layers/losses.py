"""Losses that are more than a function."""

from __future__ import annotations

import math
from typing import Any

from lamella.dtypes import int64
from lamella.errors import explain
from lamella.nn.layers.activation import get_activation
from lamella.nn.layers.basic import positive_int
from lamella.nn.layers.class_losses import multi_class_dice_loss
from lamella.nn.loss import LossBase
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, wide
from lamella.ops.functions.elementwise import log
from lamella.ops.functions.gather_scatter import gather
from lamella.ops.functions.join_split import concat
from lamella.ops.functions.products import matmul
from lamella.ops.functions.random import randperm
from lamella.ops.functions.reduce import sum as total
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import reshape
from lamella.ops.nn.activation import log_softmax
from lamella.ops.nn.loss import kl_div, reduced
from lamella.tensor import Tensor

__all__ = ["KLDivLoss", "MultiClassDiceLoss", "SampledSoftmaxLoss"]


class KLDivLoss(LossBase):
    """Kullback-Leibler divergence of target probabilities from log-probabilities: labels * (log(labels) - logits).

    Args:
        reduction: "mean", "batchmean" (the sum by the size of the first axis), "sum" or "none".

    Raises:
        ValueError: another reduction.

    Examples:
        >>> from lamella import Tensor, nn, ops
        >>> p = Tensor([[0.25, 0.75]])
        >>> nn.KLDivLoss("batchmean")(ops.log(p), p).item()
        0.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__("mean" if reduction == "batchmean" else reduction)
        self.reduction = reduction

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare log-probabilities with probabilities of the same shape."""
        return kl_div(logits, labels, self.reduction)


class MultiClassDiceLoss(LossBase):
    """Mean over classes of the dice loss of each, see `DiceLoss`.

    Args:
        weights: factors of shape [classes, any] of the classes' losses; or None.
        ignore_indiex: a class whose loss does not count; or None.
        activation: what is applied to logits before: a name, a cell or None.

    Raises:
        TypeError: an activation that is neither a name nor a cell.
        ValueError: an activation of another name.

    Examples:
        >>> from lamella import Tensor, nn
        >>> x = Tensor([[0.0, 1.0], [1.0, 0.0]])
        >>> round(nn.MultiClassDiceLoss(activation=None)(x, x).item(), 4)
        0.0
    """

    def __init__(self, weights: Any = None, ignore_indiex: int | None = None, activation: Any = "softmax") -> None:
        super().__init__()
        self.weights = weights
        self.ignore_indiex = ignore_indiex
        self.activation = activation
        if isinstance(activation, str):
            self.activation = get_activation(activation.lower(), "nn.MultiClassDiceLoss")
        elif activation is not None and not callable(activation):
            given = f"activation={activation!r}"
            raise TypeError(explain("nn.MultiClassDiceLoss", given=given, expected="a name, a cell or None"))

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare predictions and labels of one shape [n, classes, ...]."""
        return multi_class_dice_loss(logits, labels, self.weights, self.ignore_indiex, self.activation)


class SampledSoftmaxLoss(LossBase):
    """Softmax cross-entropy over the true classes and a sample of the others (Jean et al., 2015).

    Args:
        num_sampled: how many classes are drawn, without repetition, at each call.
        num_classes: how many there are.
        num_true: how many of them each example has.
        sampled_values: (classes, expected counts of the true ones, expected counts of the sampled ones) to use
            instead of a uniform sample.
        remove_accidental_hits: whether sampled classes that are an example's true ones do not count for it.
        seed: has no effect: samples are drawn from the common stream.
        reduction: "none", "mean" or "sum".

    Raises:
        TypeError: `sampled_values` is not a tuple or list.
        ValueError: more classes are wanted than there are, `sampled_values` are not three, or another reduction.

    Examples:
        >>> from lamella import Tensor, nn, ops
        >>> loss = nn.SampledSoftmaxLoss(num_sampled=3, num_classes=4)
        >>> loss(ops.ones((4, 2)), ops.zeros(4), Tensor([[1]]), ops.ones((1, 2))).shape
        (1,)
    """

    def __init__(
        self,
        num_sampled: int,
        num_classes: int,
        num_true: int = 1,
        sampled_values: Any = None,
        remove_accidental_hits: bool = True,
        seed: int = 0,
        reduction: str = "none",
    ) -> None:
        super().__init__(reduction)
        name = "nn.SampledSoftmaxLoss"
        self.num_classes = positive_int(name, "num_classes", num_classes)
        for setting, given in (("num_sampled", num_sampled), ("num_true", num_true)):
            if positive_int(name, setting, given) > num_classes:
                raise ValueError(explain(name, given=f"{setting}={given}", expected=f"at most {num_classes} classes"))
        if sampled_values is not None:
            if not isinstance(sampled_values, (tuple, list)):
                raise TypeError(explain(name, given=f"a {type(sampled_values).__name__}", expected="a tuple of three"))
            if len(sampled_values) != 3:
                raise ValueError(explain(name, given=f"{len(sampled_values)} sampled_values", expected="three"))
        self.num_sampled, self.num_true = num_sampled, num_true
        self.sampled_values = sampled_values
        self.remove_accidental_hits = remove_accidental_hits

    def construct(self, weights: Tensor, bias: Tensor, labels: Tensor, logits: Tensor) -> Tensor:
        """The loss.

        Args:
            weights: a row for each class, [num_classes, size].
            bias: a number for each class, [num_classes].
            labels: true classes, integers [n, num_true].
            logits: what stands before the last layer, [n, size].
        """
        name = "nn.SampledSoftmaxLoss"
        x, w, b = floating(name, logits, weights, bias)
        fits = w.ndim == 2 and b.shape == w.shape[:1] == (self.num_classes,) and x.ndim == 2
        if not fits or x.shape[1] != w.shape[1] or labels.shape != (x.shape[0], self.num_true):
            given = f"weights {w._type}, bias {b._type}, labels {labels._type}, logits {x._type}"
            expected = f"[{self.num_classes}, size], [{self.num_classes}], [n, {self.num_true}] and [n, size]"
            raise ValueError(explain(name, given=given, expected=expected))
        dtype, x, w, b = x.dtype, wide(x), wide(w), wide(b)
        n = x.shape[0]
        if self.sampled_values is None:
            sampled = cast(randperm(self.num_classes), int64)[: self.num_sampled]
            true_count = sampled_count = as_tensor(self.num_sampled / self.num_classes, x.dtype)
        else:
            sampled, true_count, sampled_count = (as_tensor(value, None, name) for value in self.sampled_values)
            true_count, sampled_count = cast(true_count, x.dtype), cast(sampled_count, x.dtype)
        flat = reshape(labels, (-1,))
        true_rows = reshape(gather(w, flat, 0), (n, self.num_true, -1))
        true = reshape(matmul(true_rows, reshape(x, (n, -1, 1))), (n, self.num_true))
        true = true + reshape(gather(b, flat, 0), (n, self.num_true)) - log(true_count)
        others = matmul(x, gather(w, sampled, 0).T) + gather(b, sampled, 0) - log(sampled_count)
        if self.remove_accidental_hits:
            same = reshape(sampled, (1, 1, -1)) == cast(reshape(labels, (n, -1, 1)), sampled.dtype)
            others = where(same.any(1), -math.inf, others)
        scores = log_softmax(concat((true, others), 1), 1)
        losses = -total(prims.narrow(scores, 1, 0, self.num_true), 1) * (1 / self.num_true)
        return reduced(name, losses, self.reduction, dtype)
