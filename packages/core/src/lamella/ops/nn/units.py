"""Activation functions that are met less often than those of `activation`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import floating, one_axis, unified
from lamella.ops.define.constants import scalar
from lamella.ops.functions import elementwise
from lamella.ops.nn.activation import softmax
from lamella.tensor import Tensor

__all__ = [
    "celu",
    "fast_gelu",
    "glu",
    "hardshrink",
    "hardtanh",
    "logit",
    "prelu",
    "selu",
    "softmin",
    "softshrink",
    "softsign",
    "tanhshrink",
    "threshold",
]

# Klambauer et al., "Self-normalizing neural networks", 2017.
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946


def _number(subject: str, name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(explain(subject, given=f"{name}={value!r}", expected="a number"))
    return float(value)


def _above_and_below(x: Tensor, below: Callable[[Tensor], Tensor]) -> Tensor:
    """X where positive, elsewhere a function of it that is not asked about what is not taken."""
    zero = scalar(0, x.dtype)
    positive = prims.gt(x, zero)
    result: Tensor = prims.select(positive, x, below(prims.select(positive, zero, x)))
    return result


def softsign(x: Any) -> Tensor:
    """X / (1 + |x|).

    Args:
        x: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softsign(Tensor([-1.0, 3.0])).asnumpy()
        array([-0.5 ,  0.75], dtype=float32)
    """
    (tensor,) = floating("ops.softsign", x)
    return tensor / (elementwise.abs(tensor) + 1.0)


def selu(input_x: Any) -> Tensor:
    """S x where positive, s a (exp(x) - 1) elsewhere, with s = 1.0507 and a = 1.6733 (Klambauer et al., 2017).

    Args:
        input_x: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.selu(Tensor([0.0, 1.0])).asnumpy()
        array([0.      , 1.050701], dtype=float32)
    """
    (x,) = floating("ops.selu", input_x)
    return _above_and_below(x, lambda below: prims.expm1(below) * _SELU_ALPHA) * _SELU_SCALE


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """X where positive, alpha (exp(x / alpha) - 1) elsewhere (Barron, 2017).

    Args:
        x: floating-point tensor of any shape.
        alpha: minus the limit for very negative x; not 0.

    Raises:
        TypeError: `alpha` is not a number.
        ValueError: `alpha` is 0.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.celu(Tensor([-100.0, 1.0]), 2.0).asnumpy()
        array([-2.,  1.], dtype=float32)
    """
    (tensor,) = floating("ops.celu", x)
    slope = _number("ops.celu", "alpha", alpha)
    if slope == 0:
        raise ValueError(explain("ops.celu", given="alpha=0", expected="another number"))
    return _above_and_below(tensor, lambda below: prims.expm1(below / slope) * slope)


def prelu(input: Any, weight: Any) -> Tensor:
    """X where positive, weight * x elsewhere (He et al., 2015).

    Args:
        input: floating-point tensor; its axis 1 is that of channels.
        weight: tensor of shape (1,), or (channels,) for a slope each.

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.prelu(Tensor([[-2.0, -2.0]]), Tensor([0.5, 0.25])).asnumpy()
        array([[-1. , -0.5]], dtype=float32)
    """
    x, slope = floating("ops.prelu", input, weight)
    channels = x.shape[1] if x.ndim > 1 else 1
    if slope.ndim != 1 or slope.shape[0] not in (1, channels):
        expected = f"shape (1,) or ({channels},)"
        raise ValueError(explain("ops.prelu", given=f"weight {slope._type}, input {x._type}", expected=expected))
    if x.ndim > 2:
        slope = prims.reshape(slope, shape=(*slope.shape, *(1,) * (x.ndim - 2)))
    return _above_and_below(x, lambda below: below * slope)


def hardshrink(x: Any, lambd: float = 0.5) -> Tensor:
    """X where |x| > lambd, 0 elsewhere.

    Args:
        x: floating-point tensor of any shape.
        lambd: up to where it is 0.

    Raises:
        TypeError: `lambd` is not a number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hardshrink(Tensor([-1.0, 0.5, 2.0])).asnumpy()
        array([-1.,  0.,  2.], dtype=float32)
    """
    (tensor,) = floating("ops.hardshrink", x)
    limit = _number("ops.hardshrink", "lambd", lambd)
    inside = prims.bitwise_and(elementwise.ge(tensor, -limit), elementwise.le(tensor, limit))
    result: Tensor = prims.select(inside, scalar(0, tensor.dtype), tensor)
    return result


def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """X moved by lambd towards 0, and 0 where |x| <= lambd.

    Args:
        input: floating-point tensor of any shape.
        lambd: by how much, 0 or more.

    Raises:
        TypeError: `lambd` is not a number.
        ValueError: `lambd` is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softshrink(Tensor([-1.0, 0.5, 2.0])).asnumpy()
        array([-0.5,  0. ,  1.5], dtype=float32)
    """
    (x,) = floating("ops.softshrink", input)
    limit = _number("ops.softshrink", "lambd", lambd)
    if limit < 0:
        raise ValueError(explain("ops.softshrink", given=f"lambd={lambd}", expected="0 or more"))
    zero = scalar(0, x.dtype)
    upper = prims.select(elementwise.gt(x, limit), x - limit, zero)
    moved = prims.select(elementwise.lt(x, -limit), x + limit, upper)
    result: Tensor = prims.select(prims.ne(x, x), x, moved)
    return result


def tanhshrink(input: Any) -> Tensor:
    """X - tanh(x).

    Args:
        input: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.tanhshrink(Tensor([0.0, 100.0])).asnumpy()
        array([ 0., 99.], dtype=float32)
    """
    (x,) = floating("ops.tanhshrink", input)
    return x - elementwise.tanh(x)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """X, at least `min_val` and at most `max_val`; the derivative outside is 0.

    Args:
        input: tensor of numbers, any shape.
        min_val: the least result.
        max_val: the largest result.

    Raises:
        TypeError: a limit is not a number.
        ValueError: `min_val` is above `max_val`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hardtanh(Tensor([-3.0, 0.5, 2.0])).asnumpy()
        array([-1. ,  0.5,  1. ], dtype=float32)
    """
    (x,) = unified("ops.hardtanh", input)
    low, high = (_number("ops.hardtanh", name, value) for name, value in (("min_val", min_val), ("max_val", max_val)))
    if low > high:
        given = f"min_val={min_val}, max_val={max_val}"
        raise ValueError(explain("ops.hardtanh", given=given, expected="min_val <= max_val"))
    least, most = scalar(low, x.dtype), scalar(high, x.dtype)
    result: Tensor = prims.select(prims.le(x, least), least, prims.select(prims.ge(x, most), most, x))
    return result


def threshold(input: Any, thr: float, value: float) -> Tensor:
    """X where x > thr, a value elsewhere.

    Args:
        input: tensor of numbers, any shape.
        thr: the threshold.
        value: what stands where x is not above it.

    Raises:
        TypeError: `thr` or `value` is not a number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.threshold(Tensor([-1.0, 0.5, 2.0]), 0.5, 9.0).asnumpy()
        array([9., 9., 2.], dtype=float32)
    """
    (x,) = unified("ops.threshold", input)
    limit, other = (_number("ops.threshold", name, number) for name, number in (("thr", thr), ("value", value)))
    result: Tensor = prims.select(elementwise.le(x, limit), scalar(other, x.dtype), x)
    return result


def glu(x: Any, axis: int = -1) -> Tensor:
    """The first half of a tensor times the sigmoid of the second (Dauphin et al., 2016).

    Args:
        x: floating-point tensor.
        axis: the axis that is halved; of even size.

    Raises:
        ValueError: the size is odd, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.glu(Tensor([1.0, 2.0, 0.0, 0.0])).asnumpy()
        array([0.5, 1. ], dtype=float32)
    """
    (tensor,) = floating("ops.glu", x)
    at = one_axis("ops.glu", axis, tensor.ndim)
    size = tensor.shape[at]
    if size % 2:
        raise ValueError(explain("ops.glu", given=f"size {size} along axis {axis}", expected="an even size"))
    half = size // 2
    return prims.narrow(tensor, at, 0, half) * elementwise.sigmoid(prims.narrow(tensor, at, half, size))


def fast_gelu(x: Any) -> Tensor:
    """X * sigmoid(1.702 x), which is close to `gelu` (Hendrycks and Gimpel, 2016).

    Args:
        x: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.fast_gelu(Tensor([0.0, 100.0])).asnumpy()
        array([  0., 100.], dtype=float32)
    """
    (tensor,) = floating("ops.fast_gelu", x)
    return tensor * elementwise.sigmoid(tensor * 1.702)


def logit(input: Any, eps: float | None = None) -> Tensor:
    """log(x / (1 - x)), the inverse of `sigmoid`.

    Args:
        input: floating-point tensor of any shape.
        eps: if given and not negative, x counts as at least eps and at most 1 - eps.

    Raises:
        TypeError: `eps` is not a number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logit(Tensor([0.5, 1.0]), eps=0.5).asnumpy()
        array([0., 0.], dtype=float32)
    """
    (x,) = floating("ops.logit", input)
    limit = -1.0 if eps is None else _number("ops.logit", "eps", eps)
    if limit >= 0:
        x = hardtanh(x, limit, 1 - limit) if limit <= 0.5 else x * 0 + (1 - limit)
    return elementwise.log(x / (1.0 - x))


def softmin(x: Any, axis: int = -1, *, dtype: Any = None) -> Tensor:
    """`softmax` of -x.

    Args:
        x: floating-point tensor with at least one axis.
        axis: the axis along which the results sum to 1.
        dtype: a type to convert `x` to first.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softmin(Tensor([0.0, 1000.0])).asnumpy()
        array([1., 0.], dtype=float32)
    """
    (tensor,) = floating("ops.softmin", x)
    return softmax(-tensor, axis, dtype=dtype)
