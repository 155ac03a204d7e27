"""Losses of classes that few examples have, and of regions that should overlap."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, wide
from lamella.ops.functions.elementwise import log, maximum, minimum, sqrt
from lamella.ops.functions.gather_scatter import gather
from lamella.ops.functions.reduce import mean
from lamella.ops.functions.reduce import sum as total
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import reshape
from lamella.ops.nn.activation import log_softmax
from lamella.ops.nn.loss import reduced
from lamella.tensor import Tensor


def _alike(subject: str, logits: Any, labels: Any) -> tuple[Any, Tensor, Tensor]:
    """The type of the loss, and logits and labels of one shape in the type that is computed in."""
    x, y = floating(subject, logits, labels)
    if x.shape != y.shape:
        raise ValueError(explain(subject, given=f"shapes {x.shape} and {y.shape}", expected="one shape"))
    return x.dtype, wide(x), wide(y)


def focal_loss(logits: Any, labels: Any, weight: Any = None, gamma: float = 2.0, reduction: str = "mean") -> Tensor:
    """Cross-entropy, less where the class is sure: -(1 - p) ** gamma log(p) (Lin et al., "Focal loss", 2017)."""
    subject = "nn.FocalLoss"
    if isinstance(gamma, bool) or not isinstance(gamma, (int, float)) or gamma < 0:
        raise ValueError(explain(subject, given=f"gamma={gamma!r}", expected="a number of at least 0"))
    (x,), y = floating(subject, logits), as_tensor(labels, None, subject)
    if not 2 <= x.ndim <= 4 or y.ndim != x.ndim or y.shape[2:] != x.shape[2:] or y.shape[1] not in (1, x.shape[1]):
        raise ValueError(
            explain(
                subject,
                given=f"logits of shape {x.shape}, labels of shape {y.shape}",
                expected="logits[n, classes, ...] and labels[n, 1, ...] or of the logits' shape",
            )
        )
    dtype = x.dtype
    log_p = reshape(log_softmax(wide(x), 1), (*x.shape[:2], -1))
    target = reshape(y, (*y.shape[:2], -1))
    scale = None if weight is None else cast(as_tensor(weight, None, subject), log_p.dtype)
    if scale is not None and scale.shape != (x.shape[1],):
        raise ValueError(explain(subject, given=f"weight of shape {scale.shape}", expected=f"({x.shape[1]},)"))
    one_class = y.shape[1] == 1
    if one_class:
        places = cast(target, int64) if not target.dtype.is_integer else target
        log_p = reshape(prims.take_along_axis(log_p, places, 1), (x.shape[0], -1))
    losses = -((1 - prims.exp(log_p)) ** gamma) * log_p
    if not one_class:
        losses = losses * cast(target, losses.dtype)
        if scale is not None:
            losses = losses * reshape(scale, (1, -1, 1))
    elif scale is not None:
        losses = losses * reshape(gather(scale, reshape(places, (-1,)), 0), losses.shape)
    return reduced(subject, mean(losses, -1), reduction, dtype)


def dice_loss(logits: Any, labels: Any, smooth: float = 1e-5) -> Tensor:
    """1 - 2 overlap / (sum of squares of both + smooth): 0 where predictions and labels agree (Milletari, 2016)."""
    if isinstance(smooth, bool) or not isinstance(smooth, (int, float)) or not smooth > 0:
        raise ValueError(explain("nn.DiceLoss", given=f"smooth={smooth!r}", expected="a number above 0"))
    dtype, x, y = _alike("nn.DiceLoss", logits, labels)
    return cast(1 - total(x * y) * 2 / (total(x * x) + total(y * y) + smooth), dtype)


def multi_class_dice_loss(
    logits: Any, labels: Any, weights: Any = None, ignore_index: int | None = None, activation: Any = None
) -> Tensor:
    """Mean over classes of the dice loss of each, of logits[n, classes, ...] after an activation."""
    subject = "nn.MultiClassDiceLoss"
    dtype, x, y = _alike(subject, logits, labels)
    if x.ndim < 2:
        raise ValueError(explain(subject, given=f"shape {x.shape}", expected="[n, classes, ...]"))
    if activation is not None:
        x = activation(x)
    scale = None if weights is None else as_tensor(weights, None, subject)
    if scale is not None and (scale.ndim != 2 or scale.shape[0] != x.shape[1]):
        raise ValueError(explain(subject, given=f"weights of shape {scale.shape}", expected=f"[{x.shape[1]}, any]"))
    result: Any = 0.0
    for i in range(x.shape[1]):
        if i != ignore_index:
            loss = dice_loss(x[:, i], y[:, i])
            result = result + (loss if scale is None else loss * scale[i])
    return cast(as_tensor(result / x.shape[1], x.dtype, subject), dtype)


def poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean"
) -> Tensor:
    """Minus the logarithm of the Poisson probability of counts, less what does not depend on the input."""
    subject = "nn.PoissonNLLLoss"
    if isinstance(eps, bool) or not isinstance(eps, (int, float)) or not eps > 0:
        raise ValueError(explain(subject, given=f"eps={eps!r}", expected="a number above 0"))
    x, y = floating(subject, input, target)
    dtype, x, y = x.dtype, wide(x), wide(y)
    losses = prims.exp(x) - y * x if log_input else x - y * log(x + eps)
    if full:  # Stirling's approximation of log(y!)
        many = maximum(y, 1.0)
        losses = losses + where(y > 1, many * log(many) - many + log(many * (2 * math.pi)) * 0.5, 0.0)
    return reduced(subject, losses, reduction, dtype)


def triplet_with_distance(
    x: Any,
    positive: Any,
    negative: Any,
    distance_function: Callable[..., Any] | None = None,
    swap: bool = False,
    reduction: str = "mean",
    margin: float = 1.0,
) -> Tensor:
    """How much nearer than `margin` the negative example is than the positive one, by a distance of one's own."""
    subject = "nn.TripletMarginWithDistanceLoss"
    if isinstance(margin, bool) or not isinstance(margin, (int, float)) or not margin > 0:
        raise ValueError(explain(subject, given=f"margin={margin!r}", expected="a number above 0"))
    x, positive, negative = floating(subject, x, positive, negative)
    distance = _euclidean if distance_function is None else distance_function
    near, far = distance(x, positive), distance(x, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(subject, maximum(near - far + margin, 0.0), reduction, x.dtype)


def _euclidean(x: Tensor, y: Tensor) -> Tensor:
    x, y = wide(x), wide(y)
    return sqrt(total((x - y) * (x - y), -1))


def l1_regularizer(weights: Any, scale: float) -> Tensor:
    """Scale times the sum of absolute values, in float32 at least."""
    subject = "nn.L1Regularizer"
    if isinstance(scale, bool) or not isinstance(scale, (int, float)) or not 0 < scale < math.inf:
        raise ValueError(explain(subject, given=f"scale={scale!r}", expected="a number above 0"))
    (x,) = floating(subject, weights)
    return total(prims.abs(wide(x))) * scale
