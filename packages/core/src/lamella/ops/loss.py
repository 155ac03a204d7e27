"""Loss functions and normalization."""

from __future__ import annotations

from typing import Any

from lamella.dims import product
from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import elementwise, prims
from lamella.ops.activation import log_one_plus_exp, log_softmax
from lamella.ops.constants import scalar
from lamella.ops.promote import as_tensor, axis_tuple, cast, unified
from lamella.tensor import Tensor


def _total(x: Tensor) -> Tensor:
    result: Tensor = prims.reduce_sum(x, axes=tuple(range(x.ndim)))
    return result


def _count(x: Tensor) -> Tensor:
    return cast(prims.size_tensor(product(x.shape)), x.dtype)


def reduced(subject: str, losses: Tensor, reduction: str) -> Tensor:
    """Losses as they are ("none"), their mean or their sum.

    Raises:
        ValueError: another reduction.
    """
    if reduction == "none":
        return losses
    if reduction == "sum":
        return _total(losses)
    if reduction == "mean":
        return _total(losses) / _count(losses)
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
    return reduced("ops.mse_loss", elementwise.square(x - y), reduction)


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
    return reduced("ops.l1_loss", elementwise.abs(x - y), reduction)


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
    distance = elementwise.abs(x - y)
    near = distance * distance * (0.5 / beta)
    losses: Tensor = prims.select(distance < beta, near, distance - 0.5 * beta)
    return reduced("ops.smooth_l1_loss", losses, reduction)


def _weighted(losses: Tensor, weight: Any) -> Tensor:
    return losses if weight is None else losses * as_tensor(weight, losses.dtype)


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
    losses = -(y * _log_cut_off(p) + (1.0 - y) * _log_cut_off(1.0 - p))
    return reduced("ops.binary_cross_entropy", _weighted(losses, weight), reduction)


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
    if pos_weight is None:
        losses = log_one_plus_exp(x) - x * y
    else:
        factor = (as_tensor(pos_weight, x.dtype) - 1.0) * y + 1.0
        losses = (1.0 - y) * x + factor * log_one_plus_exp(-x)
    return reduced(subject, _weighted(losses, weight), reduction)


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
        counted = cast(elementwise.not_equal(labels, scalar(ignore_index, labels.dtype)), losses.dtype)
        return _total(losses) / _total(counted)
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
    zero = scalar(0, log_p.dtype)
    axis = labels.ndim
    position = prims.reshape(chosen, shape=(*labels.shape, 1))
    picked = prims.reshape(prims.take_along_axis(log_p, position, axis), shape=labels.shape)
    if weight is None:
        factors = cast(elementwise.logical_not(ignored), log_p.dtype)
        spread = prims.reduce_sum(log_p, axes=(axis,))
    else:
        classes = cast(as_tensor(weight, log_p.dtype, subject), log_p.dtype)
        if classes.shape != (log_p.shape[-1],):
            raise ValueError(explain(subject, given=f"weight {classes._type}", expected=f"shape ({log_p.shape[-1]},)"))
        factors = prims.select(ignored, zero, prims.gather(classes, chosen, axis=0))
        spread = prims.reduce_sum(log_p * classes, axes=(axis,))
    losses = -(picked * factors)
    if smoothing:
        count = cast(prims.size_tensor(log_p.shape[-1]), log_p.dtype)
        smooth = prims.select(ignored, zero, -spread) / count
        losses = losses * (1 - smoothing) + smooth * smoothing
    if reduction == "mean":
        return _total(losses) / _total(factors)
    return reduced(subject, losses, reduction)


def _with_probabilities(
    subject: str, input: Any, target: Tensor, weight: Any, reduction: str, smoothing: float
) -> Tensor:
    x, y = unified(subject, input, target)
    if x.shape != y.shape or not x.ndim:
        raise ValueError(explain(subject, given=f"input {x._type}, target {y._type}", expected="one shape for both"))
    axis = 1 if x.ndim > 1 else 0
    if smoothing:
        y = y * (1 - smoothing) + smoothing / cast(prims.size_tensor(x.shape[axis]), x.dtype)
    terms = log_softmax(x, axis) * y
    if weight is not None:
        terms = terms * prims.reshape(as_tensor(weight, x.dtype), shape=(x.shape[axis], *(1,) * (x.ndim - axis - 1)))
    losses: Tensor = prims.neg(prims.reduce_sum(terms, axes=(axis,)))
    return reduced(subject, losses, reduction)


def layer_norm(input: Tensor, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias over the last axes (Ba et al., 2016).

    Args:
        input: floating-point tensor.
        normalized_shape: sizes of the axes over which mean and variance are taken: an int or a tuple.
        weight: scale of that shape, or None.
        bias: shift of that shape, or None.
        eps: added to the variance.

    Raises:
        ValueError: `input` does not end in that shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.layer_norm(Tensor([[1.0, 3.0]]), (2,), eps=0.0).asnumpy()
        array([[-1.,  1.]], dtype=float32)
    """
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    if not shape or input.shape[-len(shape) :] != shape:
        raise ValueError(explain("ops.layer_norm", given=f"input {input._type}", expected=f"shape (…, {shape})"))
    axes = tuple(range(input.ndim - len(shape), input.ndim))
    mean, variance = moments(input, axes)
    result = (input - mean) * elementwise.rsqrt(variance + eps)
    if weight is not None:
        result = result * weight
    return result if bias is None else result + bias


def moments(x: Tensor, axes: Any) -> tuple[Tensor, Tensor]:
    """Mean and (population) variance over axes, which stay with size 1.

    Args:
        x: floating-point tensor.
        axes: an int or a tuple of ints.

    Examples:
        >>> from lamella import Tensor
        >>> [t.item() for t in moments(Tensor([1.0, 3.0]), 0)]
        [2.0, 1.0]
    """
    over = axis_tuple("moments", axes, x.ndim)
    kept = tuple(1 if axis in over else size for axis, size in enumerate(x.shape))
    count = cast(prims.size_tensor(product(tuple(x.shape[axis] for axis in over))), x.dtype)
    mean = prims.reshape(prims.reduce_sum(x, axes=over), shape=kept) / count
    variance = prims.reshape(prims.reduce_sum(elementwise.square(x - mean), axes=over), shape=kept) / count
    return mean, variance


def batch_norm(
    input_x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Any,
    bias: Any,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """(x - mean) / sqrt(variance + eps) * weight + bias for each channel (Ioffe and Szegedy, 2015).

    While training, mean and variance are those of the batch, and the running ones move towards them in place, by
    `momentum`, the variance with the unbiased estimate.

    Args:
        input_x: floating-point tensor [n, c] or [n, c, …].
        running_mean: mean that is used when not training, [c].
        running_var: variance that is used when not training, [c].
        weight: scale [c].
        bias: shift [c].
        training: whether to use the batch's.
        momentum: weight of the batch in the running values.
        eps: added to the variance.

    Raises:
        ValueError: shapes that do not fit, or one value for a channel while training.

    Examples:
        >>> from lamella import Tensor, ops
        >>> zero, one = Tensor([0.0]), Tensor([1.0])
        >>> ops.batch_norm(Tensor([[1.0], [3.0]]), zero, one, one, zero, training=True, eps=0.0).asnumpy()
        array([[-1.],
               [ 1.]], dtype=float32)
    """
    x = input_x
    if x.ndim < 2 or running_mean.shape != (x.shape[1],):
        raise ValueError(
            explain(
                "ops.batch_norm",
                given=f"input {x._type}, running_mean {running_mean._type}",
                expected="x[n, c, …], mean[c]",
            )
        )
    over = tuple(axis for axis in range(x.ndim) if axis != 1)
    aligned = (x.shape[1], *(1,) * (x.ndim - 2))

    def spread(t: Any) -> Tensor:
        result: Tensor = prims.reshape(as_tensor(t, x.dtype), shape=aligned)
        return result

    scale, shift = spread(weight), spread(bias)  # read before the running values change: they may be the same tensors
    if training:
        count = product(tuple(x.shape[axis] for axis in over))
        if count == 1:
            raise ValueError(
                explain(
                    "ops.batch_norm", given=f"input {x._type} while training", expected="more than one value a channel"
                )
            )
        mean, variance = moments(x, over)
        flat_mean, flat_variance = (prims.reshape(t, shape=(x.shape[1],)) for t in (mean, variance))
        n = cast(prims.size_tensor(count), x.dtype)
        unbiased = flat_variance * (n / (n - 1.0))
        for running, new in ((running_mean, flat_mean), (running_var, unbiased)):
            kept = cast(prims.stop_gradient(new), running.dtype)
            running.assign_value(running * (1 - momentum) + kept * momentum)
    else:
        mean, variance = spread(running_mean), spread(running_var)
    return (x - mean) * (elementwise.rsqrt(variance + eps) * scale) + shift
