"""Losses: cells that compare what a network gives with what it should."""

from __future__ import annotations

from typing import Any

from lamella import ops
from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.ops.convert import cast, unified, wide
from lamella.ops.functions import elementwise
from lamella.ops.nn import loss
from lamella.tensor import Tensor

_REDUCTIONS = ("mean", "sum", "none")


class LossBase(Cell):
    """Base of losses that reduce elements to one number.

    Args:
        reduction: "mean", "sum" or "none".

    Raises:
        ValueError: another reduction.

    Examples:
        >>> from lamella import Tensor, nn, ops
        >>> class Distance(nn.LossBase):
        ...     def construct(self, logits, labels):
        ...         return self.get_loss(ops.abs(logits - labels))
        >>> Distance("sum")(Tensor([1.0, 2.0]), Tensor([2.0, 4.0])).item()
        3.0
    """

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in _REDUCTIONS:
            raise ValueError(
                explain(
                    type(self).__name__, given=f"reduction={reduction!r}", expected=f"one of {', '.join(_REDUCTIONS)}"
                )
            )
        self.reduction = reduction

    def get_loss(self, x: Tensor, weights: Any = 1.0) -> Tensor:
        """Reduce elements.

        Args:
            x: losses of any shape.
            weights: a factor for each, which broadcasts.
        """
        return loss.reduced(type(self).__name__, x * weights, self.reduction)


class MSELoss(LossBase):
    """Squared difference (logits - labels)**2.

    Args:
        reduction: "mean", "sum" or "none".

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.MSELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        2.0
    """

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare two tensors whose shapes broadcast."""
        return loss.mse_loss(logits, labels, self.reduction)


class L1Loss(LossBase):
    """Absolute difference.

    Args:
        reduction: "mean", "sum" or "none".

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.L1Loss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        1.0
    """

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare two tensors whose shapes broadcast."""
        return loss.l1_loss(logits, labels, self.reduction)


class SmoothL1Loss(LossBase):
    """Squared difference / (2 beta) below beta, absolute difference - beta / 2 above (Girshick, 2015).

    Args:
        beta: where one becomes the other, above 0.
        reduction: "none", "mean" or "sum".

    Raises:
        ValueError: `beta` is not positive, or another reduction.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.SmoothL1Loss()(Tensor([1.0, 2.0]), Tensor([1.5, 4.0])).asnumpy()
        array([0.125, 1.5  ], dtype=float32)
    """

    def __init__(self, beta: float = 1.0, reduction: str = "none") -> None:
        super().__init__(reduction)
        if not beta > 0:
            raise ValueError(explain("nn.SmoothL1Loss", given=f"beta={beta}", expected="a number above 0"))
        self.beta = beta

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare two tensors whose shapes broadcast."""
        return loss.smooth_l1_loss(logits, labels, self.beta, self.reduction)


class MAELoss(L1Loss):
    """Mean absolute error, another name of `L1Loss`.

    Args:
        reduction: "mean", "sum" or "none".

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.MAELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        1.0
    """


class RMSELoss(LossBase):
    """Square root of the mean squared difference.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.RMSELoss()(Tensor([1.0, 2.0]), Tensor([1.0, 2.0])).item()
        0.0
    """

    def __init__(self) -> None:
        super().__init__()

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare two tensors whose shapes broadcast."""
        logits, labels = unified("nn.RMSELoss", logits, labels)
        return cast(elementwise.sqrt(loss.mse_loss(wide(logits), wide(labels))), logits.dtype)


class BCELoss(LossBase):
    """-(y log(p) + (1 - y) log(1 - p)) of probabilities p.

    Args:
        weight: a factor for each loss, which broadcasts; or None.
        reduction: "mean", "sum" or "none".

    Examples:
        >>> from lamella import Tensor, nn
        >>> round(nn.BCELoss()(Tensor([0.5]), Tensor([1.0])).item(), 4)
        0.6931
    """

    def __init__(self, weight: Any = None, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = weight

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare probabilities in [0, 1] with labels of the same shape."""
        return loss.binary_cross_entropy(logits, labels, self.weight, self.reduction)


class BCEWithLogitsLoss(LossBase):
    """`BCELoss` of sigmoid(logits), without overflow.

    Args:
        reduction: "mean", "sum" or "none".
        weight: a factor for each loss, which broadcasts; or None.
        pos_weight: a factor for the loss of positive labels, which broadcasts; or None.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.BCEWithLogitsLoss()(Tensor([-1000.0]), Tensor([1.0])).item()
        1000.0
    """

    def __init__(self, reduction: str = "mean", weight: Any = None, pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self.weight = weight
        self.pos_weight = pos_weight

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare logits with labels in [0, 1] of the same shape."""
        return loss.binary_cross_entropy_with_logits(logits, labels, self.weight, self.pos_weight, self.reduction)


class CrossEntropyLoss(LossBase):
    """Cross-entropy of softmax(logits) with a target class, or with target probabilities.

    Args:
        weight: a factor for each class, of shape (classes,); or None.
        ignore_index: a class that does not count.
        reduction: "mean" (by the weights of what counts), "sum" or "none".
        label_smoothing: part of the probability that is spread over all classes, from 0 to 1.

    Examples:
        >>> from lamella import Tensor, nn
        >>> round(nn.CrossEntropyLoss()(Tensor([[0.0, 0.0]]), Tensor([1])).item(), 4)
        0.6931
    """

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
    ) -> None:
        super().__init__(reduction)
        self.weight = weight
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare logits[n, classes, …] with int classes[n, …], or with probabilities of the logits' shape."""
        return loss.cross_entropy(logits, labels, self.weight, self.ignore_index, self.reduction, self.label_smoothing)


class NLLLoss(LossBase):
    """Minus the log-probability of the target class.

    Args:
        weight: a factor for each class, of shape (classes,); or None.
        ignore_index: a class that does not count.
        reduction: "mean" (by the weights of what counts), "sum" or "none".

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.NLLLoss()(Tensor([[-1.0, -2.0]]), Tensor([1])).item()
        2.0
    """

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.weight = weight
        self.ignore_index = ignore_index

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare log-probabilities[n, classes, …] with int classes[n, …]."""
        return loss.nll_loss(logits, labels, self.weight, self.ignore_index, self.reduction)


class SoftmaxCrossEntropyWithLogits(LossBase):
    """Cross-entropy of softmax(logits), a number for each row unless reduced.

    Args:
        sparse: whether labels are classes (ints) rather than probabilities.
        reduction: "none", "mean" or "sum".

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.SoftmaxCrossEntropyWithLogits(sparse=True)(Tensor([[0.0, 0.0]]), Tensor([1])).asnumpy().round(4)
        array([0.6931], dtype=float32)
    """

    def __init__(self, sparse: bool = False, reduction: str = "none") -> None:
        super().__init__(reduction)
        self.sparse = sparse

    def construct(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Compare logits[n, classes] with int classes[n], or with probabilities[n, classes]."""
        if self.sparse != labels.dtype.is_integer:
            raise TypeError(
                explain(
                    "nn.SoftmaxCrossEntropyWithLogits",
                    given=f"sparse={self.sparse} and labels of type {labels.dtype}",
                    expected="integers if sparse, else floating-point probabilities",
                )
            )
        return loss.cross_entropy(logits, labels, reduction=self.reduction)


class CTCLoss(LossBase):
    """Minus the log-probability of labels, summed over all their timings, see `ops.ctc_loss`.

    Args:
        blank: the class that stands for no label.
        reduction: "mean" (of losses by their numbers of labels), "sum" or "none".
        zero_infinity: whether losses of labels that do not fit into the steps are 0, and not infinite.

    Raises:
        ValueError: another reduction.

    Examples:
        >>> from lamella import Tensor, nn, ops
        >>> log_p = ops.log_softmax(ops.zeros((2, 1, 2)))
        >>> round(nn.CTCLoss()(log_p, Tensor([[1]]), Tensor([2]), Tensor([1])).item(), 4)
        0.2877
    """

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def construct(self, log_probs: Tensor, targets: Any, input_lengths: Any, target_lengths: Any) -> Tensor:
        """The loss.

        Args:
            log_probs: log-probabilities [t, n, classes].
            targets: classes [n, s].
            input_lengths: how many steps of each example count, [n].
            target_lengths: how many labels each example has, [n].
        """
        settings = (self.blank, self.reduction, self.zero_infinity)
        return ops.ctc_loss(log_probs, targets, input_lengths, target_lengths, *settings)[0]
