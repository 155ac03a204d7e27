"""Activation functions of neural networks."""

from __future__ import annotations

import math
from typing import Any, Literal

from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, one_axis, unified
from lamella.ops.define.constants import scalar
from lamella.ops.functions import elementwise
from lamella.tensor import Tensor

__all__ = [
    "elu",
    "gelu",
    "hardsigmoid",
    "hardswish",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "relu",
    "relu6",
    "silu",
    "softmax",
    "softplus",
]


def relu(input: Any) -> Tensor:
    """max(x, 0); the derivative at 0 is 0.

    Args:
        input: tensor of numbers, any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.relu(Tensor([-1.0, 2.0])).asnumpy()
        array([0., 2.], dtype=float32)
    """
    (x,) = unified("ops.relu", input)
    zero = scalar(0, x.dtype)
    # `select` and not `maximum`: NaN stays NaN in both, but the derivative at 0 is 0, as everywhere in the field.
    result: Tensor = prims.select(prims.le(x, zero), zero, x)
    return result


def relu6(x: Any) -> Tensor:
    """min(max(x, 0), 6).

    Args:
        x: tensor of numbers, any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.relu6(Tensor([-1.0, 8.0])).asnumpy()
        array([0., 6.], dtype=float32)
    """
    x = relu(x)
    six = scalar(6, x.dtype)
    result: Tensor = prims.select(prims.ge(x, six), six, x)
    return result


def leaky_relu(input: Any, alpha: float = 0.2) -> Tensor:
    """X where positive, alpha * x elsewhere.

    Args:
        input: floating-point tensor of any shape.
        alpha: slope of the negative part.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.leaky_relu(Tensor([-1.0, 2.0]), alpha=0.5).asnumpy()
        array([-0.5,  2. ], dtype=float32)
    """
    (x,) = floating("ops.leaky_relu", input)
    result: Tensor = prims.select(prims.gt(x, scalar(0, x.dtype)), x, prims.mul(x, scalar(alpha, x.dtype)))
    return result


def elu(input_x: Any, alpha: float = 1.0) -> Tensor:
    """X where positive, alpha * (exp(x) - 1) elsewhere (Clevert et al., 2015).

    Args:
        input_x: floating-point tensor of any shape.
        alpha: minus the limit for very negative x.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.elu(Tensor([0.0, 2.0])).asnumpy()
        array([0., 2.], dtype=float32)
    """
    (x,) = floating("ops.elu", input_x)
    zero = scalar(0, x.dtype)
    positive = prims.gt(x, zero)
    below = prims.expm1(prims.select(positive, zero, x))  # no overflow on the side that is not taken
    result: Tensor = prims.select(positive, x, prims.mul(below, scalar(alpha, x.dtype)))
    return result


def silu(input: Any) -> Tensor:
    """X * sigmoid(x), also called swish (Elfwing et al., 2017).

    Args:
        input: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.silu(Tensor([0.0])).asnumpy()
        array([0.], dtype=float32)
    """
    (x,) = floating("ops.silu", input)
    result: Tensor = prims.mul(x, prims.sigmoid(x))
    return result


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta * x)) / beta, a smooth `relu`.

    Args:
        input: floating-point tensor of any shape.
        beta: how close it is to `relu`.
        threshold: where beta * x is above it the result is x.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softplus(Tensor([0.0, 100.0])).asnumpy()
        array([  0.6931472, 100.       ], dtype=float32)
    """
    (x,) = floating("ops.softplus", input)
    scaled = prims.mul(x, scalar(beta, x.dtype))
    zero = scalar(0, x.dtype)
    linear = prims.gt(scaled, scalar(threshold, x.dtype))
    inner = prims.select(linear, zero, scaled)
    result: Tensor = prims.select(linear, x, log_one_plus_exp(inner) / beta)
    return result


def log_one_plus_exp(x: Tensor) -> Tensor:
    """log(1 + exp(x)) without overflow, as x + log(1 + exp(-x)) where x >= 0.

    The sides are chosen by a comparison, not by max(x, 0) and abs(x): their derivatives at 0 would make that of the
    whole 0 there instead of 1/2.
    """
    upper = prims.ge(x, scalar(0, x.dtype))
    tail = prims.log1p(prims.exp(prims.select(upper, prims.neg(x), x)))
    result: Tensor = prims.add(prims.select(upper, x, scalar(0, x.dtype)), tail)
    return result


def gelu(input: Any, approximate: Literal["none", "tanh"] = "none") -> Tensor:
    """X times the standard normal distribution function at x (Hendrycks and Gimpel, 2016).

    Args:
        input: floating-point tensor of any shape.
        approximate: "none" for the exact function, "tanh" for 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3))).

    Raises:
        ValueError: another `approximate`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.gelu(Tensor([0.0, 10.0])).asnumpy()
        array([ 0., 10.], dtype=float32)
    """
    (x,) = floating("ops.gelu", input)
    if approximate == "none":
        return x * 0.5 * (elementwise.erf(x * math.sqrt(0.5)) + 1.0)
    if approximate == "tanh":
        return x * 0.5 * (elementwise.tanh((x + x * x * x * 0.044715) * math.sqrt(2 / math.pi)) + 1.0)
    raise ValueError(explain("ops.gelu", given=f"approximate={approximate!r}", expected='"none" or "tanh"'))


def hardsigmoid(input: Any) -> Tensor:
    """min(max(x / 6 + 1/2, 0), 1).

    Args:
        input: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hardsigmoid(Tensor([-3.0, 0.0, 3.0])).asnumpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    (x,) = floating("ops.hardsigmoid", input)
    return relu6(x + 3.0) / 6.0


def hardswish(input: Any) -> Tensor:
    """X * hardsigmoid(x) (Howard et al., 2019).

    Args:
        input: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hardswish(Tensor([-3.0, 3.0])).asnumpy()
        array([-0.,  3.], dtype=float32)
    """
    (x,) = floating("ops.hardswish", input)
    return x * hardsigmoid(x)


def mish(x: Any) -> Tensor:
    """X * tanh(softplus(x)) (Misra, 2019).

    Args:
        x: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.mish(Tensor([0.0])).asnumpy()
        array([0.], dtype=float32)
    """
    (x,) = floating("ops.mish", x)
    return x * elementwise.tanh(softplus(x))


def logsigmoid(x: Any) -> Tensor:
    """log(sigmoid(x)), without underflow.

    Args:
        x: floating-point tensor of any shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logsigmoid(Tensor([-1000.0])).asnumpy()
        array([-1000.], dtype=float32)
    """
    (x,) = floating("ops.logsigmoid", x)
    result: Tensor = prims.neg(softplus(prims.neg(x)))
    return result


def softmax(input: Any, axis: int = -1, *, dtype: Any = None) -> Tensor:
    """exp(x) / sum(exp(x)) along an axis.

    Args:
        input: floating-point tensor with at least one axis.
        axis: the axis along which the results sum to 1.
        dtype: a type to convert `input` to first.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.softmax(Tensor([1.0, 1.0])).asnumpy()
        array([0.5, 0.5], dtype=float32)
    """
    x = _typed("ops.softmax", input, dtype)
    result: Tensor = prims.softmax(x, axis=one_axis("ops.softmax", axis, x.ndim))
    return result


def log_softmax(logits: Any, axis: int = -1) -> Tensor:
    """Logarithm of `softmax`, without underflow.

    Args:
        logits: floating-point tensor with at least one axis.
        axis: the axis along which the exponentials of the results sum to 1.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.log_softmax(Tensor([0.0, 1000.0])).asnumpy()
        array([-1000.,     0.], dtype=float32)
    """
    (x,) = floating("ops.log_softmax", logits)
    result: Tensor = prims.log_softmax(x, axis=one_axis("ops.log_softmax", axis, x.ndim))
    return result


def _typed(subject: str, input: Any, dtype: Any) -> Tensor:
    x = as_tensor(input, None, subject)
    (x,) = floating(subject, x if dtype is None else cast(x, as_dtype(dtype, f"{subject}(dtype=…)")))
    return x
