"""Elementwise functions of several primitives: combinations and tolerances."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lamella.dtypes import bool_
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, unified, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions.elementwise import abs, add, div, equal, log, mul, sub
from lamella.ops.functions.reduce import all
from lamella.tensor import Tensor

__all__ = [
    "addcdiv",
    "addcmul",
    "addn",
    "allclose",
    "deg2rad",
    "exp2",
    "isclose",
    "isinf",
    "lerp",
    "log2",
    "log10",
    "nan_to_num",
    "rad2deg",
    "trunc",
]

# -- one operand --


def isinf(input: Any) -> Tensor:
    """Whether infinite.

    Args:
        input: tensor or number.

    Returns:
        A bool tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.isinf(Tensor([1.0, float("-inf")])).asnumpy()
        array([False,  True])
    """
    x = as_tensor(input, None, "ops.isinf")
    if not x.dtype.is_inexact:
        none: Tensor = prims.broadcast_to(scalar(False, bool_), shape=x.shape)
        return none
    return equal(abs(x), math.inf)


def log2(input: Any) -> Tensor:
    """Logarithm to base 2; NaN below 0.

    Args:
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.log2(Tensor([1.0, 8.0])).asnumpy()
        array([0., 3.], dtype=float32)
    """
    return div(log(input), math.log(2.0))


def log10(input: Any) -> Tensor:
    """Logarithm to base 10; NaN below 0.

    Args:
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.log10(Tensor([1.0, 100.0])).asnumpy()
        array([0., 2.], dtype=float32)
    """
    return div(log(input), math.log(10.0))


def exp2(input: Any) -> Tensor:
    """2 to the power of each element.

    Args:
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.exp2(Tensor([0.0, 3.0])).asnumpy()
        array([1., 8.], dtype=float32)
    """
    (x,) = floating("ops.exp2", input)
    result: Tensor = prims.pow(scalar(2, x.dtype), x)
    return result


def trunc(input: Any) -> Tensor:
    """The integer part: the fraction dropped.

    Args:
        input: tensor or number.

    Returns:
        A tensor of the shape and type of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.trunc(Tensor([1.7, -1.7])).asnumpy()
        array([ 1., -1.], dtype=float32)
    """
    x = as_tensor(input, None, "ops.trunc")
    if not x.dtype.is_float:
        return x.copy()
    result: Tensor = prims.select(prims.lt(x, scalar(0, x.dtype)), prims.ceil(x), prims.floor(x))
    return result


def deg2rad(x: Any) -> Tensor:
    """An angle in degrees as one in radians.

    Args:
        x: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `x`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.deg2rad(Tensor(180.0)).item()
        3.1415927410125732
    """
    return mul(floating("ops.deg2rad", x)[0], math.pi / 180.0)


def rad2deg(x: Any) -> Tensor:
    """An angle in radians as one in degrees.

    Args:
        x: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `x`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.rad2deg(Tensor(0.0)).item()
        0.0
    """
    return mul(floating("ops.rad2deg", x)[0], 180.0 / math.pi)


def nan_to_num(
    input: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """NaN and infinities replaced by numbers.

    Args:
        input: tensor or number.
        nan: for NaN; default 0.
        posinf: for infinity; default: the largest number of the type.
        neginf: for minus infinity; default: the smallest number of the type.

    Returns:
        A tensor of the shape and type of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.nan_to_num(Tensor([1.0, float("nan")]), nan=7.0).asnumpy()
        array([1., 7.], dtype=float32)
    """
    x = as_tensor(input, None, "ops.nan_to_num")
    if not x.dtype.is_float:
        return x.copy()
    from ml_dtypes import finfo

    limits: Any = finfo(x.dtype.numpy)  # type: ignore[no-untyped-call]
    high = scalar(float(limits.max) if posinf is None else posinf, x.dtype)
    low = scalar(float(limits.min) if neginf is None else neginf, x.dtype)
    result: Tensor = prims.select(prims.isnan(x), scalar(0.0 if nan is None else nan, x.dtype), x)
    result = prims.select(prims.eq(x, scalar(math.inf, x.dtype)), high, result)
    return prims.select(prims.eq(x, scalar(-math.inf, x.dtype)), low, result)


# -- several operands --


def addn(x: Sequence[Any]) -> Tensor:
    """Sum of several tensors of one shape.

    Args:
        x: at least one tensor.

    Returns:
        A tensor of that shape.

    Raises:
        TypeError: `x` is no sequence.
        ValueError: there are none, or the shapes differ.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addn([Tensor([1, 2]), Tensor([3, 4]), Tensor([5, 6])]).asnumpy()
        array([ 9, 12])
    """
    if not isinstance(x, (tuple, list)):
        raise TypeError(explain("ops.addn", given=f"a {type(x).__name__}", expected="a tuple or list of tensors"))
    tensors = unified("ops.addn", *x) if x else []
    if not tensors or any(t.shape != tensors[0].shape for t in tensors):
        raise ValueError(explain("ops.addn", given=f"shapes {[t.shape for t in tensors]}", expected="one shape"))
    if len(tensors) == 1:
        return tensors[0].copy()
    total = wide(tensors[0])
    for tensor in tensors[1:]:
        total = prims.add(total, wide(tensor))
    return cast(total, tensors[0].dtype)


def lerp(input: Any, end: Any, weight: Any) -> Tensor:
    """Input + weight * (end - input).

    Args:
        input: tensor or number.
        end: tensor or number.
        weight: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.lerp(Tensor([0.0, 10.0]), Tensor([10.0, 20.0]), 0.5).asnumpy()
        array([ 5., 15.], dtype=float32)
    """
    x, y, w = floating("ops.lerp", input, end, weight)
    return add(x, mul(w, sub(y, x)))


def addcmul(input: Any, tensor1: Any, tensor2: Any, value: Any = 1) -> Tensor:
    """Input + value * tensor1 * tensor2.

    Args:
        input: tensor or number.
        tensor1: tensor or number.
        tensor2: tensor or number.
        value: number or tensor; all broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addcmul(Tensor([1.0]), Tensor([2.0]), Tensor([3.0]), 0.5).asnumpy()
        array([4.], dtype=float32)
    """
    return add(input, mul(mul(tensor1, tensor2), value))


def addcdiv(input: Any, tensor1: Any, tensor2: Any, value: Any = 1) -> Tensor:
    """Input + value * tensor1 / tensor2.

    Args:
        input: tensor or number.
        tensor1: tensor or number.
        tensor2: tensor or number.
        value: number or tensor; all broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addcdiv(Tensor([1.0]), Tensor([3.0]), Tensor([2.0]), 2.0).asnumpy()
        array([4.], dtype=float32)
    """
    return add(input, mul(div(tensor1, tensor2), value))


# -- tolerances --


def allclose(input: Any, other: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether all elements of two tensors are close: abs(input - other) <= atol + rtol * abs(other).

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    Returns:
        A 0-d bool tensor.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.allclose(Tensor([1.0]), Tensor([1.0 + 1e-7])).item()
        True
    """
    return all(isclose(input, other, rtol, atol, equal_nan))


def isclose(x1: Any, x2: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Which elements of two tensors are close: abs(x1 - x2) <= atol + rtol * abs(x2).

    Args:
        x1: tensor or number.
        x2: tensor or number; shapes broadcast.
        rtol: relative tolerance.
        atol: absolute tolerance.
        equal_nan: whether NaN is close to NaN.

    Returns:
        A bool tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.isclose(Tensor([1.0, 2.0]), Tensor([1.0, 2.1])).asnumpy()
        array([ True, False])
    """
    x, y = floating("ops.isclose", x1, x2)
    near = abs(sub(x, y)) <= add(mul(abs(y), float(rtol)), float(atol))
    # An infinite bound would let everything pass: infinities are close to themselves only.
    close = prims.bitwise_or(equal(x, y), prims.bitwise_and(near, prims.isfinite(y)))
    if equal_nan:
        close = prims.bitwise_or(close, prims.bitwise_and(prims.isnan(x), prims.isnan(y)))
    result: Tensor = close
    return result
