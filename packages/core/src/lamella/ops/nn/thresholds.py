"""Activation functions that cut, shrink or gate."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, one_axis, unified, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions import elementwise
from lamella.ops.functions.random import unit
from lamella.ops.nn.activation import elu, silu, softmax
from lamella.tensor import Tensor

__all__ = [
    "celu",
    "fast_gelu",
    "glu",
    "gumbel_softmax",
    "hardshrink",
    "hardtanh",
    "prelu",
    "rrelu",
    "selu",
    "soft_shrink",
    "softmin",
    "softshrink",
    "softsign",
    "swiglu",
    "tanhshrink",
    "threshold",
]


def _number(subject: str, name: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, (int, float)):
        raise TypeError(explain(subject, given=f"{name}={given!r}", expected="a number"))
    return given


# -- exponential units --


def selu(input_x: Any) -> Tensor:
    """Scaled exponential linear unit, which keeps mean and variance (Klambauer et al., 2017).

    Args:
        input_x: floating-point tensor of any shape.

    Returns:
        1.0507 x where x is positive, 1.0507 * 1.6733 (exp(x) - 1) elsewhere.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.selu(Tensor([-1.0, 1.0])).asnumpy().round(4)
        array([-1.1113,  1.0507], dtype=float32)
    """
    (x,) = floating("ops.selu", input_x)
    return elu(x, 1.6732632423543772) * 1.0507009873554805


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """Continuously differentiable exponential linear unit (Barron, 2017).

    Args:
        x: floating-point tensor of any shape.
        alpha: minus the limit for very negative x, not 0.

    Returns:
        max(x, 0) + min(alpha (exp(x / alpha) - 1), 0).

    Raises:
        TypeError: `alpha` is not a number.
        ValueError: `alpha` is 0.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.celu(Tensor([-2.0, 1.0]), 2.0).asnumpy().round(4)
        array([-1.2642,  1.    ], dtype=float32)
    """
    if _number("ops.celu", "alpha", alpha) == 0:
        raise ValueError(explain("ops.celu", given="alpha=0", expected="another number"))
    (x,) = floating("ops.celu", x)
    zero = scalar(0, x.dtype)
    positive = prims.gt(x, zero)
    below = prims.expm1(prims.select(positive, zero, x) / alpha) * alpha
    result: Tensor = prims.select(positive, x, below)
    return result


def fast_gelu(x: Any) -> Tensor:
    """An approximation of `gelu`: x sigmoid(1.702 x) (Hendrycks and Gimpel, 2016).

    Args:
        x: floating-point tensor of any shape.

    Returns:
        A tensor of the shape of `x`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.fast_gelu(Tensor([-1.0, 2.0])).asnumpy().round(4)
        array([-0.1542,  1.9357], dtype=float32)
    """
    (x,) = floating("ops.fast_gelu", x)
    result: Tensor = prims.mul(x, prims.sigmoid(x * 1.702))
    return result


# -- cuts --


def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """Towards 0 by `lambd`, and 0 within it.

    Args:
        input: floating-point tensor of any shape.
        lambd: by how much, at least 0.

    Returns:
        x - lambd where x is above lambd, x + lambd where it is below -lambd, 0 between.

    Raises:
        TypeError: `lambd` is not a number.
        ValueError: `lambd` is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softshrink(Tensor([-1.0, 0.2, 2.0])).asnumpy()
        array([-0.5,  0. ,  1.5], dtype=float32)
    """
    x, limit = _shrunk("ops.softshrink", input, lambd)
    inside = prims.select(prims.isnan(x), x, scalar(0, x.dtype))
    below = prims.select(prims.lt(x, prims.neg(limit)), prims.add(x, limit), inside)
    result: Tensor = prims.select(prims.gt(x, limit), prims.sub(x, limit), below)
    return result


soft_shrink = softshrink


def hardshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """0 within `lambd` of 0, the number itself elsewhere.

    Args:
        input: floating-point tensor of any shape.
        lambd: the bound, at least 0.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `lambd` is not a number.
        ValueError: `lambd` is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hardshrink(Tensor([-1.0, 0.5])).asnumpy()
        array([-1.,  0.], dtype=float32)
    """
    x, limit = _shrunk("ops.hardshrink", input, lambd)
    inside = prims.le(prims.abs(x), limit)
    result: Tensor = prims.select(inside, scalar(0, x.dtype), x)
    return result


def _shrunk(subject: str, input: Any, lambd: Any) -> tuple[Tensor, Tensor]:
    if _number(subject, "lambd", lambd) < 0:
        raise ValueError(explain(subject, given=f"lambd={lambd}", expected="at least 0"))
    (x,) = floating(subject, input)
    return x, scalar(float(lambd), x.dtype)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """The nearest number between two bounds; the derivative outside is 0.

    Args:
        input: tensor of numbers, any shape.
        min_val: the lower bound.
        max_val: the upper bound.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: a bound is not a number.
        ValueError: `min_val` is above `max_val`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hardtanh(Tensor([-3.0, 0.5])).asnumpy()
        array([-1. ,  0.5], dtype=float32)
    """
    low, high = _number("ops.hardtanh", "min_val", min_val), _number("ops.hardtanh", "max_val", max_val)
    if low > high:
        raise ValueError(explain("ops.hardtanh", given=f"min_val={low}, max_val={high}", expected="min of at most max"))
    (x,) = unified("ops.hardtanh", input)
    if not x.dtype.is_float:
        low, high = int(low), int(high)
    lower, upper = scalar(low, x.dtype), scalar(high, x.dtype)
    result: Tensor = prims.select(prims.lt(x, lower), lower, prims.select(prims.gt(x, upper), upper, x))
    return result


def threshold(input: Any, thr: float, value: float) -> Tensor:
    """The number where it is above a threshold, another elsewhere.

    Args:
        input: tensor of numbers, any shape.
        thr: the threshold.
        value: what stands where the number is not above it.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `thr` or `value` is not a number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.threshold(Tensor([0.0, 2.0]), 1.0, 20.0).asnumpy()
        array([20.,  2.], dtype=float32)
    """
    limit, other = _number("ops.threshold", "thr", thr), _number("ops.threshold", "value", value)
    (x,) = unified("ops.threshold", input)
    under = prims.le(x, as_tensor(limit, x.dtype, "ops.threshold"))
    result: Tensor = prims.select(under, cast(as_tensor(other, x.dtype, "ops.threshold"), x.dtype), x)
    return result


def tanhshrink(input: Any) -> Tensor:
    """X - tanh(x).

    Args:
        input: floating-point tensor of any shape.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.tanhshrink(Tensor([1.0])).asnumpy().round(4)
        array([0.2384], dtype=float32)
    """
    (x,) = floating("ops.tanhshrink", input)
    result: Tensor = prims.sub(x, prims.tanh(x))
    return result


def softsign(x: Any) -> Tensor:
    """X / (1 + abs(x)) (Turian et al., 2009).

    Args:
        x: floating-point tensor of any shape.

    Returns:
        A tensor of the shape of `x`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softsign(Tensor([-1.0, 3.0])).asnumpy()
        array([-0.5 ,  0.75], dtype=float32)
    """
    (x,) = floating("ops.softsign", x)
    result: Tensor = prims.div(x, prims.abs(x) + 1.0)
    return result


def softmin(x: Any, axis: int = -1, *, dtype: Any = None) -> Tensor:
    """Softmax of -x.

    Args:
        x: floating-point tensor with at least one axis.
        axis: the axis along which the results sum to 1.
        dtype: a type to convert `x` to first.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softmin(Tensor([1.0, 1.0])).asnumpy()
        array([0.5, 0.5], dtype=float32)
    """
    return softmax(elementwise.neg(as_tensor(x, None, "ops.softmin")), axis, dtype=dtype)


# -- with weights, gates or chance --


def prelu(input: Any, weight: Any) -> Tensor:
    """The number where it is positive, a learnt multiple of it elsewhere (He et al., 2015).

    Args:
        input: floating-point tensor; axis 1 counts channels, where there are at least two axes.
        weight: the factor of negative numbers: one, or one for each channel.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: `weight` has several axes, or neither one element nor one for each channel.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.prelu(Tensor([[-1.0, -2.0]]), Tensor([0.5, 0.25])).asnumpy()
        array([[-0.5, -0.5]], dtype=float32)
    """
    x, slope = floating("ops.prelu", input, weight)
    channels = x.shape[1] if x.ndim > 1 else 1
    if slope.ndim > 1 or (slope.ndim == 1 and slope.shape[0] != 1 and slope.shape[0] != channels):
        raise ValueError(
            explain(
                "ops.prelu",
                given=f"weight {slope._type} for {x._type}",
                expected=f"1 or {channels} elements, as the input has channels",
            )
        )
    if x.ndim > 1 and slope.ndim:
        slope = prims.reshape(slope, shape=(slope.shape[0], *(1,) * (x.ndim - 2)))
    elif slope.ndim > x.ndim:
        slope = prims.reshape(slope, shape=())
    result: Tensor = prims.select(prims.gt(x, scalar(0, x.dtype)), x, prims.mul(x, slope))
    return result


def rrelu(input: Any, lower: float = 1 / 8, upper: float = 1 / 3) -> Tensor:
    """The number where it is not negative, a random multiple of it elsewhere (Xu et al., 2015).

    Args:
        input: floating-point tensor of any shape.
        lower: the least factor.
        upper: the largest factor.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: a bound is not a number.
        ValueError: the bounds are not in order, or not in [0, 1].

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.rrelu(Tensor([-1.0, 2.0]), 0.5, 0.5).asnumpy()
        array([-0.5,  2. ], dtype=float32)
    """
    low, high = _number("ops.rrelu", "lower", lower), _number("ops.rrelu", "upper", upper)
    if not 0 <= low <= high <= 1:
        raise ValueError(explain("ops.rrelu", given=f"lower={low}, upper={high}", expected="0 <= lower <= upper <= 1"))
    (x,) = floating("ops.rrelu", input)
    factors = unit(x.shape, x.dtype) * (high - low) + low
    result: Tensor = prims.select(prims.lt(x, scalar(0, x.dtype)), prims.mul(x, factors), x)
    return result


def _halves(subject: str, input: Any, axis: int) -> tuple[Tensor, Tensor]:
    (x,) = floating(subject, input)
    at = one_axis(subject, axis, x.ndim)
    size = x.shape[at]
    if size % 2 != 0:
        raise ValueError(explain(subject, given=f"{size} elements along axis {axis}", expected="an even number"))
    return prims.narrow(x, at, 0, size // 2), prims.narrow(x, at, size // 2, size)


def glu(x: Any, axis: int = -1) -> Tensor:
    """Gated linear unit: one half of an axis times the sigmoid of the other (Dauphin et al., 2016).

    Args:
        x: floating-point tensor with at least one axis.
        axis: an axis of an even number of elements.

    Returns:
        A tensor with half the elements along the axis.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range, or its number of elements is odd.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.glu(Tensor([4.0, 0.0])).asnumpy()
        array([2.], dtype=float32)
    """
    value, gate = _halves("ops.glu", x, axis)
    result: Tensor = prims.mul(value, prims.sigmoid(gate))
    return result


def swiglu(input: Any, dim: int = -1) -> Tensor:
    """As `glu`, with `silu` of the first half times the second (Shazeer, 2020).

    Args:
        input: floating-point tensor with at least one axis.
        dim: an axis of an even number of elements.

    Returns:
        A tensor with half the elements along the axis.

    Raises:
        TypeError: `dim` is not an int.
        ValueError: `dim` is out of range, or its number of elements is odd.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.swiglu(Tensor([0.0, 4.0])).asnumpy()
        array([0.], dtype=float32)
    """
    gate, value = _halves("ops.swiglu", input, dim)
    result: Tensor = prims.mul(silu(gate), value)
    return result


def gumbel_softmax(logits: Any, tau: float = 1.0, hard: bool = False, dim: int = -1) -> Tensor:
    """A draw from categories that has a derivative in their logits (Jang et al., Maddison et al., 2016).

    Args:
        logits: floating-point tensor with at least one axis, of logarithms of weights.
        tau: the temperature, above 0: the lower, the nearer to one category.
        hard: whether the result is 1 for one category and 0 for the others; its derivative is that of the soft one.
        dim: the axis of the categories.

    Returns:
        A tensor of the shape of `logits`, that sums to 1 along the axis.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: `tau` is not above 0, or `dim` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.gumbel_softmax(Tensor([0.0, 1000.0]), hard=True).asnumpy()
        array([0., 1.], dtype=float32)
    """
    if not _number("ops.gumbel_softmax", "tau", tau) > 0:
        raise ValueError(explain("ops.gumbel_softmax", given=f"tau={tau}", expected="a number above 0"))
    if not isinstance(hard, bool):
        raise TypeError(explain("ops.gumbel_softmax", given=f"hard={hard!r}", expected="True or False"))
    (x,) = floating("ops.gumbel_softmax", logits)
    at = one_axis("ops.gumbel_softmax", dim, x.ndim)
    dtype, x = x.dtype, wide(x)
    # The largest of x - log(-log(u)), u from (0, 1), is category i with probability softmax(x)[i].
    chance = prims.maximum(unit(x.shape, x.dtype), scalar(2.0**-24, x.dtype))
    noise = prims.neg(prims.log(prims.neg(prims.log(chance))))
    soft = softmax(prims.add(x, noise) / tau, at)
    if not hard:
        return cast(soft, dtype)
    best = prims.argmax(soft, axis=at)
    places = prims.reshape(best, shape=tuple(1 if i == at else n for i, n in enumerate(soft.shape)))
    each = tuple(soft.shape[at] if i == at else 1 for i in range(soft.ndim))
    one = cast(prims.eq(places, prims.reshape(prims.iota(size=soft.shape[at], dtype="int64"), shape=each)), soft.dtype)
    nothing = prims.sub(soft, prims.stop_gradient(soft))  # 0, with the derivative of the soft result
    return cast(prims.add(one, nothing), dtype)
