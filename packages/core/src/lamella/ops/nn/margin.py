"""Loss functions of distances, margins and distributions. Tensors of 16 bits are compared and summed in float32."""

from __future__ import annotations

import math
from typing import Any

from lamella.dtypes import DType, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, one_axis, wide
from lamella.ops.define.constants import scalar
from lamella.ops.nn.activation import log_one_plus_exp, relu
from lamella.ops.nn.loss import reduced
from lamella.tensor import Tensor

__all__ = [
    "cosine_embedding_loss",
    "cosine_similarity",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "huber_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
]


def _wide(subject: str, *operands: Any) -> tuple[DType, list[Tensor]]:
    """The operands' common floating-point type, and the operands in the type that is computed in."""
    tensors = floating(subject, *operands)
    return tensors[0].dtype, [wide(x) for x in tensors]


def _one_shape(subject: str, *operands: Tensor) -> None:
    if any(x.shape != operands[0].shape for x in operands):
        shapes = ", ".join(str(x.shape) for x in operands)
        raise ValueError(explain(subject, given=f"shapes {shapes}", expected="one shape"))


def _signs(subject: str, target: Any, dtype: DType) -> Tensor:
    """Targets of 1 and -1 in the type of what they are compared with."""
    given = as_tensor(target, None, subject)
    return cast(given, dtype)


def _number(subject: str, name: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise TypeError(explain(subject, given=f"{name}={given!r}", expected="a number"))
    return given


# -- distances --


def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Half the squared difference up to `delta`, and delta (abs(x - y) - delta / 2) beyond (Huber, 1964).

    Args:
        input: floating-point tensor.
        target: floating-point tensor; shapes broadcast.
        reduction: "none", "mean" or "sum".
        delta: where the square ends, above 0.

    Raises:
        TypeError: `delta` is not a number.
        ValueError: `delta` is not above 0, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.huber_loss(Tensor([1.0, 5.0]), Tensor([2.0, 2.0]), "none").asnumpy()
        array([0.5, 2.5], dtype=float32)
    """
    if not _number("ops.huber_loss", "delta", delta) > 0:
        raise ValueError(explain("ops.huber_loss", given=f"delta={delta}", expected="a number above 0"))
    dtype, (x, y) = _wide("ops.huber_loss", input, target)
    off = prims.abs(prims.sub(x, y))
    losses = prims.select(
        prims.le(off, scalar(float(delta), off.dtype)), prims.mul(off, off) * 0.5, (off - delta / 2) * delta
    )
    return reduced("ops.huber_loss", losses, reduction, dtype)


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-08) -> Tensor:
    """The cosine of the angle between vectors along an axis.

    Args:
        x1: floating-point tensor.
        x2: floating-point tensor; shapes broadcast.
        dim: the axis of the vectors, in the broadcast shape.
        eps: the length that shorter vectors count as.

    Returns:
        A tensor of the broadcast shape without the axis.

    Raises:
        TypeError: `dim` is not an int.
        ValueError: `dim` is out of range, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cosine_similarity(Tensor([3.0, 4.0]), Tensor([1.0, 0.0]), 0).asnumpy().round(4)
        np.float32(0.6)
    """
    least = _number("ops.cosine_similarity", "eps", eps)
    dtype, (x, y) = _wide("ops.cosine_similarity", x1, x2)
    products = prims.mul(x, y)
    at = one_axis("ops.cosine_similarity", dim, products.ndim)
    x, y = (prims.broadcast_to(t, shape=products.shape) for t in (x, y))
    lengths = []
    for t in (x, y):
        squares = prims.reduce_sum(prims.mul(t, t), axes=(at,))
        lengths.append(prims.sqrt(prims.maximum(squares, scalar(least * least, t.dtype))))
    sums = prims.reduce_sum(products, axes=(at,))
    return cast(prims.div(prims.div(sums, lengths[0]), lengths[1]), dtype)


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean"
) -> Tensor:
    """1 - cosine where the target is 1, max(0, cosine - margin) where it is -1.

    Args:
        input1: vectors of shape (n, size), or one of shape (size,).
        input2: vectors of the same shape.
        target: 1 or -1 for each pair.
        margin: the cosine up to which pairs of target -1 cost nothing, from -1 to 1.
        reduction: "none", "mean" or "sum".

    Raises:
        TypeError: `margin` is not a number.
        ValueError: `margin` is not in [-1, 1], or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cosine_embedding_loss(Tensor([[1.0, 0.0]]), Tensor([[0.0, 1.0]]), Tensor([1])).item()
        1.0
    """
    subject = "ops.cosine_embedding_loss"
    if not -1 <= _number(subject, "margin", margin) <= 1:
        raise ValueError(explain(subject, given=f"margin={margin}", expected="a number from -1 to 1"))
    dtype, (x, y) = _wide(subject, input1, input2)
    _one_shape(subject, x, y)
    if not x.ndim >= 1:
        raise ValueError(explain(subject, given="tensors without axes", expected="vectors"))
    axis = 1 if x.ndim > 1 else 0
    sign = _signs(subject, target, x.dtype)
    wanted = (*x.shape[:axis], *x.shape[axis + 1 :])
    if sign.shape != wanted:
        raise ValueError(explain(subject, given=f"target of shape {sign.shape}", expected=f"shape {wanted}"))
    cosine = cosine_similarity(x, y, axis)
    one, zero = scalar(1, x.dtype), scalar(0, x.dtype)
    alike = prims.select(prims.eq(sign, one), 1 - cosine, zero)
    apart = prims.select(prims.eq(sign, prims.neg(one)), relu(cosine - margin), zero)
    return reduced(subject, prims.add(alike, apart), reduction, dtype)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: Any = 1.0,
    p: int = 2,
    eps: float = 1e-06,
    swap: bool = False,
    reduction: str = "mean",
) -> Tensor:
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) (Balntas et al., 2016).

    Args:
        anchor: vectors along the last axis.
        positive: vectors that should be near; shapes broadcast.
        negative: vectors that should be far.
        margin: by how much nearer, a number or a tensor of one above 0.
        p: the degree of the norm that distances are taken in.
        eps: what is added to each difference, so that the derivative at distance 0 is finite.
        swap: whether the distance of positive and negative counts, where it is less than that of anchor and negative.
        reduction: "none", "mean" or "sum".

    Raises:
        TypeError: a setting has a wrong type.
        ValueError: `margin` is not above 0, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> near, far = Tensor([[0.0, 1.0]]), Tensor([[0.0, 1.5]])
        >>> round(ops.triplet_margin_loss(Tensor([[0.0, 0.0]]), near, far).item(), 4)
        0.5
    """
    subject = "ops.triplet_margin_loss"
    if isinstance(margin, Tensor):
        margin = float(margin.item())
    if not _number(subject, "margin", margin) > 0:
        raise ValueError(explain(subject, given=f"margin={margin}", expected="a number above 0"))
    if not isinstance(swap, bool):
        raise TypeError(explain(subject, given=f"swap={swap!r}", expected="True or False"))
    degree, small = _number(subject, "p", p), _number(subject, "eps", eps)
    dtype, (a, near, far) = _wide(subject, anchor, positive, negative)
    if not a.ndim or not near.ndim or not far.ndim:
        raise ValueError(explain(subject, given="a tensor without axes", expected="vectors along the last axis"))

    def distance(x: Tensor, y: Tensor) -> Tensor:
        off = prims.abs(prims.sub(x, y) + small)
        if degree == math.inf:
            return prims.reduce_max(off, axes=(off.ndim - 1,))
        powers = prims.pow(off, scalar(float(degree), off.dtype))
        result: Tensor = prims.pow(prims.reduce_sum(powers, axes=(off.ndim - 1,)), scalar(1 / degree, off.dtype))
        return result

    away = distance(a, far)
    if swap:
        away = prims.minimum(away, distance(near, far))
    return reduced(subject, relu(prims.sub(distance(a, near), away) + margin), reduction, dtype)


# -- margins --


def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: str = "mean") -> Tensor:
    """max(0, -target (input1 - input2) + margin): which of two should be larger.

    Args:
        input1: floating-point tensor.
        input2: floating-point tensor; shapes broadcast.
        target: 1 where `input1` should be larger, -1 where `input2` should.
        margin: by how much.
        reduction: "none", "mean" or "sum".

    Raises:
        TypeError: `margin` is not a number.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.margin_ranking_loss(Tensor([1.0, 5.0]), Tensor([2.0, 2.0]), Tensor([1, 1])).item()
        0.5
    """
    subject = "ops.margin_ranking_loss"
    least = _number(subject, "margin", margin)
    dtype, (x, y) = _wide(subject, input1, input2)
    sign = _signs(subject, target, x.dtype)
    losses = relu(prims.add(prims.neg(prims.mul(sign, prims.sub(x, y))), scalar(float(least), x.dtype)))
    return reduced(subject, losses, reduction, dtype)


def hinge_embedding_loss(inputs: Any, targets: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """The distance itself where the target is 1, max(0, margin - distance) where it is -1.

    Args:
        inputs: distances, a floating-point tensor.
        targets: 1 or -1 for each.
        margin: the distance from which pairs of target -1 cost nothing.
        reduction: "none", "mean" or "sum".

    Raises:
        TypeError: `margin` is not a number.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hinge_embedding_loss(Tensor([0.5, 0.25]), Tensor([1, -1]), reduction="none").asnumpy()
        array([0.5 , 0.75], dtype=float32)
    """
    subject = "ops.hinge_embedding_loss"
    limit = _number(subject, "margin", margin)
    dtype, (x,) = _wide(subject, inputs)
    sign = _signs(subject, targets, x.dtype)
    one, zero = scalar(1, x.dtype), scalar(0, x.dtype)
    alike = prims.select(prims.eq(sign, prims.neg(one)), zero, x)
    apart = prims.select(prims.eq(sign, one), zero, relu(limit - x))
    return reduced(subject, prims.add(alike, apart), reduction, dtype)


def soft_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-target input)).

    Args:
        input: floating-point tensor.
        target: 1 or -1 for each, of the same shape.
        reduction: "none", "mean" or "sum".

    Raises:
        ValueError: the shapes differ.

    Examples:
        >>> from lamella import Tensor, ops
        >>> round(ops.soft_margin_loss(Tensor([0.0]), Tensor([1.0])).item(), 4)
        0.6931
    """
    subject = "ops.soft_margin_loss"
    dtype, (x,) = _wide(subject, input)
    sign = _signs(subject, target, x.dtype)
    _one_shape(subject, x, sign)
    return reduced(subject, log_one_plus_exp(prims.neg(prims.mul(sign, x))), reduction, dtype)


def multi_margin_loss(
    input: Any, target: Any, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: str = "mean"
) -> Tensor:
    """The mean over the other classes of max(0, margin - x[target] + x[class]) ** p.

    Args:
        input: scores of shape (n, classes), or (classes,) of one example.
        target: the class of each, integers of shape (n,) or ().
        p: 1 or 2.
        margin: by how much the target's score should exceed the others.
        weight: a factor for each class, that counts for examples of it.
        reduction: "none", "mean" or "sum".

    Raises:
        IndexError: a target is not a class.
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.multi_margin_loss(Tensor([[1.0, 3.0, 0.0]]), Tensor([1]), reduction="sum").item()
        0.0
    """
    subject = "ops.multi_margin_loss"
    if p not in (1, 2):
        raise ValueError(explain(subject, given=f"p={p}", expected="1 or 2"))
    limit = _number(subject, "margin", margin)
    dtype, (x,) = _wide(subject, input)
    labels = as_tensor(target, None, subject)
    if not labels.dtype.is_integer:
        raise TypeError(explain(subject, given=f"a target of type {labels.dtype}", expected="integers"))
    if x.ndim not in (1, 2) or labels.shape != x.shape[:-1]:
        raise ValueError(
            explain(subject, given=f"input {x._type}, target {labels._type}", expected="(n, classes) and (n,)")
        )
    classes, axis = x.shape[-1], x.ndim - 1
    labels = prims.checked_index(cast(labels, int64), size=classes, ignore=None)
    places = prims.reshape(labels, shape=(*labels.shape, 1))
    own = prims.take_along_axis(x, places, axis)
    short = relu(prims.add(prims.sub(x, own), scalar(float(limit), x.dtype)))
    costs = prims.mul(short, short) if p == 2 else short
    if weight is not None:
        factors = cast(as_tensor(weight, dtype, subject), x.dtype)
        if factors.shape != (classes,):
            raise ValueError(explain(subject, given=f"weight {factors._type}", expected=f"shape ({classes},)"))
        costs = prims.mul(costs, prims.gather(factors, places, axis=0))
    others = prims.ne(prims.iota(size=classes, dtype="int64"), places)
    costs = prims.select(others, costs, scalar(0, costs.dtype))
    count = cast(prims.size_tensor(classes), costs.dtype)
    return reduced(subject, prims.div(prims.reduce_sum(costs, axes=(axis,)), count), reduction, dtype)


def multilabel_margin_loss(input: Any, target: Any, reduction: str = "mean") -> Tensor:
    """The mean over classes of the sum, over targets t and other classes c, of max(0, 1 - x[t] + x[c]).

    Args:
        input: scores of shape (n, classes), or (classes,) of one example.
        target: the classes of each example, integers of the same shape; what follows a -1 does not count.
        reduction: "none", "mean" or "sum".

    Raises:
        AssertionError: a target is not a class.
        TypeError: `target` is not integers.
        ValueError: the shapes differ, or have another number of axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x, target = Tensor([0.1, 0.2, 0.4, 0.8]), Tensor([3, 0, -1, 1])
        >>> round(ops.multilabel_margin_loss(x, target).item(), 4)
        0.85
    """
    subject = "ops.multilabel_margin_loss"
    dtype, (x,) = _wide(subject, input)
    labels = as_tensor(target, None, subject)
    if not labels.dtype.is_integer:
        raise TypeError(explain(subject, given=f"a target of type {labels.dtype}", expected="integers"))
    _one_shape(subject, x, labels)
    if x.ndim not in (1, 2):
        raise ValueError(explain(subject, given=f"input {x._type}", expected="(n, classes) or (classes,)"))
    rows = x if x.ndim == 2 else prims.reshape(x, shape=(1, *x.shape))
    labels = prims.reshape(cast(labels, int64), shape=rows.shape)
    classes = rows.shape[1]
    zero = scalar(0, int64)
    ended = prims.cumsum(cast(prims.lt(labels, zero), int64), axis=1, reverse=False)
    counts = prims.eq(ended, zero)
    chosen = prims.select(counts, labels, zero)
    prims.check(prims.lt(chosen, prims.size_tensor(classes)), message=f"{subject}: a target is not a class.")
    own = prims.take_along_axis(rows, chosen, 1)
    # Which classes are targets of each example, by (example, target, class).
    each = prims.reshape(prims.iota(size=classes, dtype="int64"), shape=(1, 1, classes))
    at = prims.reshape(chosen, shape=(*rows.shape, 1))
    valid = prims.reshape(counts, shape=(*rows.shape, 1))
    is_target = prims.bitwise_and(prims.eq(at, each), valid)
    targets = prims.gt(prims.reduce_sum(cast(is_target, int64), axes=(1,)), zero)
    others = prims.bitwise_not(prims.reshape(targets, shape=(rows.shape[0], 1, classes)))
    off = prims.sub(prims.reshape(rows, shape=(rows.shape[0], 1, classes)), prims.reshape(own, shape=(*rows.shape, 1)))
    costs = prims.select(prims.bitwise_and(valid, others), relu(off + 1.0), scalar(0, off.dtype))
    losses = prims.div(prims.reduce_sum(costs, axes=(1, 2)), cast(prims.size_tensor(classes), costs.dtype))
    losses = losses if x.ndim == 2 else prims.reshape(losses, shape=())
    return reduced(subject, losses, reduction, dtype)


def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """The mean over classes of the cross-entropy of sigmoid(input) with the target.

    Args:
        input: scores of shape (n, classes).
        target: 1 for each class of an example, 0 for the others, of the same shape.
        weight: a factor for each class.
        reduction: "none", "mean" or "sum".

    Raises:
        ValueError: the shapes differ, or `weight` does not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> round(ops.multilabel_soft_margin_loss(Tensor([[0.0, 0.0]]), Tensor([[1.0, 0.0]])).item(), 4)
        0.6931
    """
    subject = "ops.multilabel_soft_margin_loss"
    dtype, (x, y) = _wide(subject, input, target)
    _one_shape(subject, x, y)
    if not x.ndim:
        raise ValueError(explain(subject, given="tensors without axes", expected="(n, classes)"))
    costs = prims.sub(log_one_plus_exp(x), prims.mul(x, y))
    if weight is not None:
        costs = prims.mul(costs, cast(as_tensor(weight, dtype, subject), x.dtype))
        if costs.shape != x.shape:
            raise ValueError(explain(subject, given="a weight that is larger than the input", expected="(classes,)"))
    count = cast(prims.size_tensor(x.shape[-1]), x.dtype)
    losses = prims.div(prims.reduce_sum(costs, axes=(x.ndim - 1,)), count)
    return reduced(subject, losses, reduction, dtype)


# -- distributions --


def gaussian_nll_loss(
    x: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-06, reduction: str = "mean"
) -> Tensor:
    """Minus the logarithm of the normal density: (log(var) + (x - target) ** 2 / var) / 2.

    Args:
        x: means.
        target: what was seen, of the same shape, or one that broadcasts to it.
        var: variances: of the shape of `x`, or of that without the last axis or with it of size 1.
        full: whether log(2 pi) / 2 is added.
        eps: the variance that lower ones count as, without derivative; above 0.
        reduction: "none", "mean" or "sum".

    Raises:
        AssertionError: a variance is negative.
        TypeError: a setting has a wrong type.
        ValueError: `eps` is not above 0, or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.gaussian_nll_loss(Tensor([1.0]), Tensor([3.0]), Tensor([1.0])).item()
        2.0
    """
    subject = "ops.gaussian_nll_loss"
    if not _number(subject, "eps", eps) > 0:
        raise ValueError(explain(subject, given=f"eps={eps}", expected="a number above 0"))
    if not isinstance(full, bool):
        raise TypeError(explain(subject, given=f"full={full!r}", expected="True or False"))
    dtype, (mean, seen, spread) = _wide(subject, x, target, var)
    if spread.shape != mean.shape and mean.ndim:
        if spread.shape == mean.shape[:-1]:
            spread = prims.reshape(spread, shape=(*spread.shape, 1))
        elif spread.shape != (*mean.shape[:-1], 1) and spread.ndim:
            raise ValueError(
                explain(subject, given=f"var {spread._type} for x {mean._type}", expected="the same shape")
            )
    prims.check(prims.ge(spread, scalar(0, spread.dtype)), message=f"{subject}: variances must be at least 0.")
    low = prims.lt(spread, scalar(float(eps), spread.dtype))
    # The bound has no derivative: what is below counts with the slope of the bound's number.
    spread = prims.add(spread, prims.stop_gradient(prims.select(low, eps - spread, scalar(0, spread.dtype))))
    off = prims.sub(mean, seen)
    losses = prims.add(prims.log(spread), prims.div(prims.mul(off, off), spread)) * 0.5
    if full:
        losses = losses + math.log(2 * math.pi) / 2
    return reduced(subject, losses, reduction, dtype)
