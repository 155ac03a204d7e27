"""Loss functions. Tensors of 16 bits are compared and summed in float32; the loss is rounded once."""

from __future__ import annotations

from typing import Any

from lamella.dims import product
from lamella.dtypes import DType, int64, promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, unified, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions import elementwise
from lamella.ops.nn.activation import log_one_plus_exp, log_softmax
from lamella.tensor import Tensor

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "kl_div",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "smooth_l1_loss",
]


def _total(x: Tensor) -> Tensor:
    result: Tensor = prims.reduce_sum(wide(x), axes=tuple(range(x.ndim)))
    return result


def _quotient(total: Tensor, count: Tensor) -> Tensor:
    """A mean; that of nothing is NaN, and does not depend on anything, so that its derivative is 0."""
    nothing = prims.eq(count, scalar(0, count.dtype))
    some = prims.select(nothing, scalar(1, count.dtype), count)
    result: Tensor = prims.select(nothing, prims.stop_gradient(total / count), total / some)
    return result


def reduced(subject: str, losses: Tensor, reduction: str, dtype: DType | None = None) -> Tensor:
    """Losses as they are ("none"), their mean or their sum.

    Args:
        subject: who asks, for the error message.
        losses: of any shape.
        reduction: "none", "mean" or "sum".
        dtype: type of the result; default: that of `losses`.

    Raises:
        ValueError: another reduction.
    """
    dtype = dtype or losses.dtype
    if reduction == "none":
        return cast(losses, dtype)
    if reduction == "sum":
        return cast(_total(losses), dtype)
    if reduction == "mean":
        total = _total(losses)
        return cast(total / cast(prims.size_tensor(product(losses.shape)), total.dtype), dtype)
    raise ValueError(explain(subject, given=f"reduction={reduction!r}", expected='"none", "mean" or "sum"'))


def _pair(subject: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    x, y = unified(subject, input, target)
    if not x.dtype.is_float:
        raise TypeError(explain(subject, given=f"{x.dtype} tensors", expected="floating-point tensors"))
    return x, y


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Squared difference.

    Args:
        input: floating-point tensor.
        target: tensor of a shape that broadcasts with it.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: integers.
        ValueError: another reduction, or shapes that do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.mse_loss(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        2.0
    """
    x, y = _pair("ops.mse_loss", input, target)
    return reduced("ops.mse_loss", elementwise.square(wide(x) - wide(y)), reduction, x.dtype)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """Absolute difference.

    Args:
        input: floating-point tensor.
        target: tensor of a shape that broadcasts with it.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: integers.
        ValueError: another reduction, or shapes that do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.l1_loss(Tensor([1.0, 2.0]), Tensor([1.0, 4.0])).item()
        1.0
    """
    x, y = _pair("ops.l1_loss", input, target)
    return reduced("ops.l1_loss", elementwise.abs(wide(x) - wide(y)), reduction, x.dtype)


def smooth_l1_loss(input: Any, target: Any, beta: float = 1.0, reduction: str = "none") -> Tensor:
    """Squared difference / (2 beta) below beta, absolute difference - beta / 2 above (Girshick, 2015).

    Args:
        input: floating-point tensor.
        target: tensor of a shape that broadcasts with it.
        beta: where one becomes the other, above 0.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: integers.
        ValueError: `beta` is not positive, another reduction, or shapes that do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.smooth_l1_loss(Tensor([1.0, 2.0]), Tensor([1.5, 4.0])).asnumpy()
        array([0.125, 1.5  ], dtype=float32)
    """
    if not beta > 0:
        raise ValueError(explain("ops.smooth_l1_loss", given=f"beta={beta}", expected="a number above 0"))
    x, y = _pair("ops.smooth_l1_loss", input, target)
    distance = elementwise.abs(wide(x) - wide(y))
    near = distance * distance * (0.5 / beta)
    losses: Tensor = prims.select(distance < beta, near, distance - 0.5 * beta)
    return reduced("ops.smooth_l1_loss", losses, reduction, x.dtype)


def kl_div(logits: Any, labels: Any, reduction: str = "mean") -> Tensor:
    """Relative entropy y (log(y) - x) of probabilities y with log-probabilities x (Kullback and Leibler, 1951).

    Args:
        logits: the logarithms x, floating-point.
        labels: the probabilities y, of the same shape; where they are 0, so is the loss.
        reduction: "mean" of all elements, "batchmean" for the sum by the size of axis 0, "sum" or "none".

    Raises:
        TypeError: integers.
        ValueError: shapes differ, or another reduction.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.kl_div(Tensor([-1.0, 0.0]), Tensor([1.0, 0.0]), "sum").item()
        1.0
    """
    x, y = _pair("ops.kl_div", logits, labels)
    if x.shape != y.shape:
        raise ValueError(explain("ops.kl_div", given=f"shapes {x.shape}, {y.shape}", expected="one shape"))
    dtype, x, y = x.dtype, wide(x), wide(y)
    none = prims.le(y, scalar(0, y.dtype))
    some = prims.select(none, scalar(1, y.dtype), y)
    losses: Tensor = prims.select(none, scalar(0, y.dtype), some * (elementwise.log(some) - x))
    if reduction == "batchmean":
        return cast(_total(losses) / cast(prims.size_tensor(x.shape[0] if x.ndim else 1), x.dtype), dtype)
    if reduction not in ("none", "mean", "sum"):
        given = f"reduction={reduction!r}"
        raise ValueError(explain("ops.kl_div", given=given, expected='"none", "mean", "batchmean" or "sum"'))
    return reduced("ops.kl_div", losses, reduction, dtype)


def _weighted(subject: str, losses: Tensor, weight: Any, reduction: str, dtype: DType) -> Tensor:
    """Losses times a factor for each, reduced to the type of what was compared, or a wider one of the factors."""
    if weight is None:
        return reduced(subject, losses, reduction, dtype)
    factors = as_tensor(weight, dtype, subject)
    return reduced(subject, losses * factors, reduction, promote(dtype, factors.dtype))


def binary_cross_entropy(logits: Any, labels: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """-(y log(p) + (1 - y) log(1 - p)) of probabilities; logarithms are cut off at -100.

    Args:
        logits: probabilities p, floating-point, in [0, 1].
        labels: y, of the same shape.
        weight: a factor for each loss, which broadcasts; or None.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: integers.
        ValueError: shapes differ, or another reduction.

    Examples:
        >>> from lamella import Tensor, ops
        >>> round(ops.binary_cross_entropy(Tensor([0.5]), Tensor([1.0])).item(), 4)
        0.6931
    """
    p, y = _pair("ops.binary_cross_entropy", logits, labels)
    if p.shape != y.shape:
        raise ValueError(
            explain("ops.binary_cross_entropy", given=f"shapes {p.shape}, {y.shape}", expected="one shape")
        )
    dtype, p, y = p.dtype, wide(p), wide(y)
    losses = -(y * _log_cut_off(p) + (1.0 - y) * _log_cut_off(1.0 - p))
    return _weighted("ops.binary_cross_entropy", losses, weight, reduction, dtype)


def _log_cut_off(p: Tensor) -> Tensor:
    """log(p), at least -100. Where p is 0 the logarithm is not taken: its slope would make that of the loss NaN."""
    least = scalar(-100.0, p.dtype)
    none = prims.eq(p, scalar(0, p.dtype))
    log = elementwise.log(prims.select(none, scalar(1, p.dtype), p))
    result: Tensor = prims.select(none, least, prims.maximum(log, least))
    return result


def binary_cross_entropy_with_logits(
    logits: Any, label: Any, weight: Any = None, pos_weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """`binary_cross_entropy` of sigmoid(logits), without overflow.

    Args:
        logits: floating-point tensor.
        label: y in [0, 1], of the same shape.
        weight: a factor for each loss, which broadcasts; or None.
        pos_weight: a factor for the loss of positive labels, which broadcasts; or None.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: integers.
        ValueError: shapes differ, or another reduction.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.binary_cross_entropy_with_logits(Tensor([-1000.0]), Tensor([1.0])).item()
        1000.0
    """
    subject = "ops.binary_cross_entropy_with_logits"
    x, y = _pair(subject, logits, label)
    if x.shape != y.shape:
        raise ValueError(explain(subject, given=f"shapes {x.shape}, {y.shape}", expected="one shape"))
    dtype, x, y = x.dtype, wide(x), wide(y)
    if pos_weight is None:
        losses = log_one_plus_exp(x) - x * y
    else:
        positive = as_tensor(pos_weight, dtype, subject)
        dtype = promote(dtype, positive.dtype)
        factor = (wide(positive) - 1.0) * y + 1.0
        losses = (1.0 - y) * x + factor * log_one_plus_exp(-x)
    return _weighted(subject, losses, weight, reduction, dtype)


def nll_loss(
    inputs: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Minus the log-probability of the target class.

    Args:
        inputs: log-probabilities [n, classes] or [n, classes, …].
        target: class of each, int [n] or [n, …].
        weight: a factor for each class, [classes]; or None.
        ignore_index: a class that does not count.
        reduction: "mean" (by the weights of what counts), "sum" or "none".
        label_smoothing: part of the probability that is spread over all classes, from 0 to 1.

    Raises:
        IndexError: a target is not a class.
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.nll_loss(Tensor([[-1.0, -2.0]]), Tensor([1])).item()
        2.0
    """
    subject = "ops.nll_loss"
    log_p, labels = _class_last(subject, inputs, target)
    _check_smoothing(subject, label_smoothing)
    return _picked(subject, log_p, labels, weight, ignore_index, reduction, label_smoothing)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Cross-entropy of softmax(input) with a target class, or with target probabilities.

    Args:
        input: logits [n, classes], [n, classes, …] or [classes].
        target: class of each, int [n], [n, …] or []; or probabilities of the shape of `input`.
        weight: a factor for each class, [classes]; or None.
        ignore_index: a class that does not count.
        reduction: "mean" (by the weights of what counts), "sum" or "none".
        label_smoothing: part of the probability that is spread over all classes, from 0 to 1.

    Raises:
        IndexError: a target is not a class.
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> round(ops.cross_entropy(Tensor([[0.0, 0.0]]), Tensor([1])).item(), 4)
        0.6931
    """
    subject = "ops.cross_entropy"
    _check_smoothing(subject, label_smoothing)
    labels = as_tensor(target, None, subject)
    if labels.dtype.is_float:
        return _with_probabilities(subject, input, labels, weight, reduction, label_smoothing)
    logits, labels = _class_last(subject, input, labels)
    if weight is None and not label_smoothing:
        losses: Tensor = prims.softmax_cross_entropy(logits, labels, ignore=ignore_index)
        if reduction != "mean":
            return reduced(subject, losses, reduction)
        total = _total(losses)
        counted = cast(elementwise.not_equal(labels, scalar(ignore_index, labels.dtype)), total.dtype)
        return cast(total / _total(counted), losses.dtype)  # the primitive has no slope where nothing counts
    return _picked(subject, log_softmax(logits), labels, weight, ignore_index, reduction, label_smoothing)


def _check_smoothing(subject: str, smoothing: float) -> None:
    if not 0 <= smoothing <= 1:
        raise ValueError(explain(subject, given=f"label_smoothing={smoothing}", expected="a number from 0 to 1"))


def _class_last(subject: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    """Logits with the class axis last, and int64 labels."""
    x, labels = as_tensor(input, None, subject), as_tensor(target, None, subject)
    if not x.dtype.is_float or not labels.dtype.is_integer:
        raise TypeError(
            explain(subject, given=f"{x.dtype} and {labels.dtype}", expected="floating-point logits and int classes")
        )
    at = 1 if x.ndim > 1 else 0
    if x.ndim == 0 or labels.shape != (*x.shape[:at], *x.shape[at + 1 :]):
        raise ValueError(
            explain(
                subject,
                given=f"logits {x._type}, target {labels._type}",
                expected="target[n, …] for logits[n, classes, …]",
            )
        )
    if at != x.ndim - 1:
        x = prims.transpose(x, permutation=(0, *range(2, x.ndim), 1))
    return x, cast(labels, int64)


def _picked(
    subject: str, log_p: Tensor, labels: Tensor, weight: Any, ignore_index: int, reduction: str, smoothing: float
) -> Tensor:
    ignored = elementwise.equal(labels, scalar(ignore_index, labels.dtype))
    chosen = prims.select(ignored, scalar(0, labels.dtype), labels)
    axis, dtype = labels.ndim, log_p.dtype
    position = prims.reshape(chosen, shape=(*labels.shape, 1))
    picked = wide(prims.reshape(prims.take_along_axis(log_p, position, axis), shape=labels.shape))
    zero = scalar(0, picked.dtype)
    if weight is None:
        classes = None
        factors = cast(elementwise.logical_not(ignored), picked.dtype)
    else:
        classes = cast(as_tensor(weight, dtype, subject), picked.dtype)
        if classes.shape != (log_p.shape[-1],):
            raise ValueError(explain(subject, given=f"weight {classes._type}", expected=f"shape ({log_p.shape[-1]},)"))
        factors = prims.select(ignored, zero, prims.gather(classes, chosen, axis=0))
    losses = -(picked * factors)
    if smoothing:
        terms = wide(log_p) if classes is None else wide(log_p) * classes
        count = cast(prims.size_tensor(log_p.shape[-1]), terms.dtype)
        smooth = prims.select(ignored, zero, -prims.reduce_sum(terms, axes=(axis,))) / count
        losses = losses * (1 - smoothing) + smooth * smoothing
    if reduction == "mean":
        return cast(_quotient(_total(losses), _total(factors)), dtype)
    return reduced(subject, losses, reduction, dtype)


def _with_probabilities(
    subject: str, input: Any, target: Tensor, weight: Any, reduction: str, smoothing: float
) -> Tensor:
    x, y = unified(subject, input, target)
    if x.shape != y.shape or not x.ndim:
        raise ValueError(explain(subject, given=f"input {x._type}, target {y._type}", expected="one shape for both"))
    axis, dtype = 1 if x.ndim > 1 else 0, x.dtype
    y = wide(y)
    if smoothing:
        y = y * (1 - smoothing) + smoothing / cast(prims.size_tensor(x.shape[axis]), y.dtype)
    terms = log_softmax(wide(x), axis) * y
    if weight is not None:
        factors = as_tensor(weight, dtype, subject)
        dtype = promote(dtype, factors.dtype)
        terms = terms * prims.reshape(factors, shape=(x.shape[axis], *(1,) * (x.ndim - axis - 1)))
    losses: Tensor = prims.neg(prims.reduce_sum(terms, axes=(axis,)))
    return reduced(subject, losses, reduction, dtype)
