"""Arithmetic beyond the four operations: remainders, roundings, signs, greatest common divisors, shifts of bits."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from lamella.dtypes import complex128, float64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, unified, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions import elementwise, pointwise
from lamella.ops.functions.combined import trunc
from lamella.tensor import Tensor

__all__ = [
    "approximate_equal",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "copysign",
    "float_power",
    "fmax",
    "fmin",
    "fmod",
    "frac",
    "gcd",
    "heaviside",
    "hypot",
    "inv",
    "invert",
    "is_floating_point",
    "is_nonzero",
    "isneginf",
    "isposinf",
    "lcm",
    "ldexp",
    "logaddexp",
    "logaddexp2",
    "nextafter",
    "population_count",
    "positive",
    "pows",
    "remainder",
    "signbit",
    "tensor_add",
    "tensor_div",
    "tensor_floordiv",
    "tensor_ge",
    "tensor_gt",
    "tensor_le",
    "tensor_lt",
    "tensor_mod",
    "tensor_mul",
    "tensor_pow",
    "tensor_sub",
    "truncate_div",
    "truncate_mod",
]

unary, binary = partial(pointwise.unary, __name__), partial(pointwise.binary, __name__)

# -- remainders and quotients --

remainder = binary(
    "remainder",
    prims.floor_mod,
    "Remainder with the sign of `other`, as Python's `%`.",
    "remainder(Tensor([7, -7]), 3).asnumpy()\narray([1, 2])",
)
fmod = binary(
    "fmod",
    prims.fmod,
    "Remainder with the sign of `input`, as C's `fmod`.",
    "fmod(Tensor([7, -7]), 3).asnumpy()\narray([ 1, -1])",
)
truncate_mod = binary(
    "truncate_mod",
    prims.fmod,
    "Remainder with the sign of `input`, as C's `%`.",
    "truncate_mod(Tensor([7, -7]), 3).asnumpy()\narray([ 1, -1])",
)


def truncate_div(x: Any, y: Any) -> Tensor:
    """Quotient rounded towards zero, as C's division of integers.

    Args:
        x: tensor or number.
        y: tensor or number; shapes broadcast, types follow MindSpore's implicit conversion table.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ZeroDivisionError: a divisor among integers is 0.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.truncate_div(Tensor([7, -7]), 3).asnumpy()
        array([ 2, -2])
    """
    x, y = unified("ops.truncate_div", x, y)
    if x.dtype.is_float:
        return trunc(prims.div(x, y))
    result: Tensor = prims.floor_div(prims.sub(x, prims.fmod(x, y)), y)
    return result


def truncated(x: Tensor, y: Tensor) -> Tensor:
    """Quotient of integers of one type rounded towards 0.

    Args:
        x: the dividend.
        y: the divisor.

    Raises:
        ZeroDivisionError: a divisor is 0.
    """
    down, rest = prims.floor_div(x, y), prims.floor_mod(x, y)
    zero = scalar(0, x.dtype)
    raised = prims.bitwise_and(prims.lt(down, zero), prims.ne(rest, zero))
    result: Tensor = prims.add(down, prims.cast(raised, dtype=x.dtype.name))
    return result


def frac(x: Any) -> Tensor:
    """The part behind the point, with the sign of the number.

    Args:
        x: tensor of numbers.

    Returns:
        x - trunc(x).

    Raises:
        TypeError: `x` is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.frac(Tensor([1.5, -1.25])).asnumpy()
        array([ 0.5 , -0.25], dtype=float32)
    """
    (x,) = unified("ops.frac", x)
    return x - trunc(x)


gcd = binary(
    "gcd", prims.gcd, "Greatest common divisor of integers.", "gcd(Tensor([12, -8]), 18).asnumpy()\narray([6, 2])"
)


def lcm(input: Any, other: Any) -> Tensor:
    """Least common multiple of integers.

    Args:
        input: tensor of integers, or an int.
        other: tensor of integers, or an int; shapes broadcast.

    Returns:
        A tensor of the broadcast shape; 0 where one of the two is 0.

    Raises:
        TypeError: an operand is not integers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.lcm(Tensor([4, 0]), 6).asnumpy()
        array([12,  0])
    """
    x, y = unified("ops.lcm", input, other)
    common = prims.gcd(x, y)
    common = prims.maximum(common, scalar(1, common.dtype))  # of 0 and 0
    result: Tensor = prims.abs(prims.mul(prims.floor_div(x, common), y))
    return result


# -- powers and logarithms --

inv = unary("inv", elementwise.reciprocal, "1 / x.", "inv(Tensor([2.0])).asnumpy()\narray([0.5], dtype=float32)")
hypot = binary(
    "hypot",
    prims.hypot,
    "Length of the vector (input, other), without overflow.",
    "hypot(Tensor([3.0]), 4.0).asnumpy()\narray([5.], dtype=float32)",
    floats=True,
)


def float_power(input: Any, exponent: Any) -> Tensor:
    """Power in float64.

    Args:
        input: tensor or number.
        exponent: tensor or number; shapes broadcast.

    Returns:
        A float64 tensor of the broadcast shape; complex128 of complex numbers.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.float_power(Tensor([2]), -1).asnumpy()
        array([0.5])
    """
    operands = [as_tensor(value, None, "ops.float_power") for value in (input, exponent)]
    wide = complex128 if any(operand.dtype.is_complex for operand in operands) else float64
    x, y = (cast(operand, wide) for operand in operands)
    result: Tensor = prims.pow(x, y)
    return result


def ldexp(x: Any, other: Any) -> Tensor:
    """X times 2 to the power of `other`.

    Args:
        x: tensor or number.
        other: tensor or number, usually an integer; shapes broadcast.

    Returns:
        A floating-point tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.ldexp(Tensor([1.5]), 3).asnumpy()
        array([12.], dtype=float32)
    """
    x, exponent = floating("ops.ldexp", x, other)
    result: Tensor = prims.mul(x, prims.pow(scalar(2, x.dtype), exponent))
    return result


def logaddexp(input: Any, other: Any) -> Tensor:
    """log(exp(input) + exp(other)), without overflow.

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast.

    Returns:
        A floating-point tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logaddexp(Tensor([1000.0]), 1000.0).asnumpy()
        array([1000.6932], dtype=float32)
    """
    x, y = floating("ops.logaddexp", input, other)
    dtype, x, y = x.dtype, wide(x), wide(y)
    return cast(_logaddexp(x, y), dtype)


def _logaddexp(x: Tensor, y: Tensor) -> Tensor:
    larger = prims.maximum(x, y)
    distance = prims.neg(prims.abs(prims.sub(x, y)))
    same = prims.eq(x, y)  # infinities too, whose difference is NaN
    distance = prims.select(same, scalar(0, x.dtype), distance)
    result: Tensor = prims.add(larger, prims.log1p(prims.exp(distance)))
    return result


def logaddexp2(input: Any, other: Any) -> Tensor:
    """log2(2 ** input + 2 ** other), without overflow.

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast.

    Returns:
        A floating-point tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logaddexp2(Tensor([1.0]), 1.0).asnumpy()
        array([2.], dtype=float32)
    """
    x, y = floating("ops.logaddexp2", input, other)
    dtype, x, y = x.dtype, wide(x), wide(y)
    factor = scalar(math.log(2), x.dtype)
    return cast(prims.div(_logaddexp(prims.mul(x, factor), prims.mul(y, factor)), factor), dtype)


# -- signs, steps and neighbours --

copysign = binary(
    "copysign",
    prims.copysign,
    "`input` with the sign of `other`, which is that of its sign bit.",
    "copysign(Tensor([1.0, 2.0]), Tensor([-0.0, 3.0])).asnumpy()\narray([-1.,  2.], dtype=float32)",
    floats=True,
)
nextafter = binary(
    "nextafter",
    prims.nextafter,
    "The next number of the type after `input` towards `other`.",
    "nextafter(Tensor([1.0]), 2.0).asnumpy()\narray([1.0000001], dtype=float32)",
    floats=True,
)


def signbit(input: Any) -> Tensor:
    """Whether the sign bit is set: for negative numbers and -0.0.

    Args:
        input: tensor or number.

    Returns:
        A bool tensor of the shape of `input`.

    Raises:
        TypeError: `input` is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.signbit(Tensor([-1.0, -0.0, 0.0])).asnumpy()
        array([ True,  True, False])
    """
    (x,) = unified("ops.signbit", input)
    signs = prims.copysign(scalar(1, x.dtype), x) if x.dtype.is_float else x
    result: Tensor = prims.lt(signs, scalar(0, x.dtype))
    return result


def positive(input: Any) -> Tensor:
    """The number itself, as Python's unary `+`.

    Args:
        input: tensor or number, not bool.

    Returns:
        A tensor with the elements of `input`.

    Raises:
        TypeError: `input` is bool or not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.positive(Tensor([-1.0])).asnumpy()
        array([-1.], dtype=float32)
    """
    (x,) = unified("ops.positive", input)
    if x.dtype.kind == "bool":
        raise TypeError(explain("ops.positive", given="a bool tensor", expected="numbers"))
    return x


def heaviside(input: Any, values: Any) -> Tensor:
    """0 for negative numbers, 1 for positive ones, `values` for 0.

    Args:
        input: tensor or number.
        values: tensor or number; shapes broadcast.

    Returns:
        A tensor of the broadcast shape; NaN of NaN.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.heaviside(Tensor([-1.0, 0.0, 2.0]), 0.5).asnumpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """
    x, at_zero = unified("ops.heaviside", input, values)
    zero, one = scalar(0, x.dtype), scalar(1, x.dtype)
    step = prims.select(prims.lt(x, zero), zero, prims.select(prims.gt(x, zero), one, x))
    result: Tensor = prims.select(prims.eq(x, zero), at_zero, step)
    return result


def fmax(input: Any, other: Any) -> Tensor:
    """The larger of each two; of a number and NaN the number.

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.fmax(Tensor([1.0, float("nan")]), 2.0).asnumpy()
        array([2., 2.], dtype=float32)
    """
    return _without_nan("ops.fmax", prims.maximum, input, other)


def fmin(input: Any, other: Any) -> Tensor:
    """The smaller of each two; of a number and NaN the number.

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.fmin(Tensor([1.0, float("nan")]), 2.0).asnumpy()
        array([1., 2.], dtype=float32)
    """
    return _without_nan("ops.fmin", prims.minimum, input, other)


def _without_nan(subject: str, primitive: Any, input: Any, other: Any) -> Tensor:
    x, y = unified(subject, input, other)
    if x.dtype.is_float:
        x, y = prims.select(prims.isnan(x), y, x), prims.select(prims.isnan(y), x, y)
    result: Tensor = primitive(x, y)
    return result


# -- questions --


def isposinf(input: Any) -> Tensor:
    """Whether each element is positive infinity.

    Args:
        input: tensor or number.

    Returns:
        A bool tensor of the shape of `input`.

    Raises:
        TypeError: `input` is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.isposinf(Tensor([float("inf"), float("-inf")])).asnumpy()
        array([ True, False])
    """
    (x,) = floating("ops.isposinf", input)
    result: Tensor = prims.eq(x, scalar(math.inf, x.dtype))
    return result


def isneginf(input: Any) -> Tensor:
    """Whether each element is negative infinity.

    Args:
        input: tensor or number.

    Returns:
        A bool tensor of the shape of `input`.

    Raises:
        TypeError: `input` is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.isneginf(Tensor([float("inf"), float("-inf")])).asnumpy()
        array([False,  True])
    """
    (x,) = floating("ops.isneginf", input)
    result: Tensor = prims.eq(x, scalar(-math.inf, x.dtype))
    return result


def approximate_equal(x: Any, y: Any, tolerance: float = 1e-5) -> Tensor:
    """Whether two tensors differ by less than a tolerance, element by element.

    Args:
        x: tensor or number.
        y: tensor or number of the same shape and type.
        tolerance: the difference that is too much.

    Returns:
        A bool tensor.

    Raises:
        TypeError: `tolerance` is not a number.
        ValueError: the shapes differ.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.approximate_equal(Tensor([1.0, 2.0]), Tensor([1.0, 2.1])).asnumpy()
        array([ True, False])
    """
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)):
        raise TypeError(explain("ops.approximate_equal", given=f"tolerance={tolerance!r}", expected="a number"))
    x, y = unified("ops.approximate_equal", x, y)
    if x.shape != y.shape:
        raise ValueError(explain("ops.approximate_equal", given=f"shapes {x.shape}, {y.shape}", expected="one shape"))
    result: Tensor = prims.lt(prims.abs(prims.sub(x, y)), cast(scalar(float(tolerance), float64), x.dtype))
    return result


def is_floating_point(input: Any) -> bool:
    """Whether a tensor has a floating-point type.

    Args:
        input: tensor.

    Returns:
        A bool.

    Raises:
        TypeError: `input` is no tensor.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.is_floating_point(Tensor([1.0])), ops.is_floating_point(Tensor([1]))
        (True, False)
    """
    return as_tensor(input, None, "ops.is_floating_point").dtype.is_float


def is_nonzero(input: Any) -> Tensor:
    """Whether the only element of a tensor is other than 0.

    Args:
        input: tensor of one element.

    Returns:
        A bool tensor without axes.

    Raises:
        ValueError: `input` has another number of elements.

    Examples:
        >>> from lamella import Tensor, ops
        >>> bool(ops.is_nonzero(Tensor([2.5])))
        True
    """
    x = as_tensor(input, None, "ops.is_nonzero")
    if x.size != 1:
        raise ValueError(
            explain("ops.is_nonzero", given=f"a tensor of shape {x.shape}", expected="a tensor of one element")
        )
    result: Tensor = prims.ne(prims.reshape(x, shape=()), scalar(0, x.dtype))
    return result


# -- bits --

invert = unary(
    "invert",
    prims.bitwise_not,
    "Each bit turned over.",
    "invert(Tensor([0, 5])).asnumpy()\narray([-1, -6])",
    floats=False,
)
bitwise_left_shift = binary(
    "bitwise_left_shift",
    prims.shift_left,
    "The bits of `input` moved up by `other` places, from 0 to less than the type has.",
    "bitwise_left_shift(Tensor([1, 3]), 2).asnumpy()\narray([ 4, 12])",
)
bitwise_right_shift = binary(
    "bitwise_right_shift",
    prims.shift_right,
    "The bits of `input` moved down by `other` places; a negative number stays negative.",
    "bitwise_right_shift(Tensor([8, -8]), 2).asnumpy()\narray([ 2, -2])",
)
population_count = unary(
    "population_count",
    prims.population_count,
    "How many bits of each integer are 1.",
    "population_count(Tensor([0, 6])).asnumpy()\narray([0, 2], dtype=uint8)",
    floats=False,
    gives="A uint8 tensor of the shape of `input`.",
)


# -- what classes are rows of --


def div_no_nan(x: Any, y: Any) -> Tensor:
    """The quotient; 0 where the divisor is 0."""
    x, y = unified("ops.DivNoNan", x, y)
    zero = scalar(0, y.dtype)
    none = prims.eq(y, zero)
    divisor = prims.select(none, scalar(1, y.dtype), y)
    quotient = truncated(x, divisor) if y.dtype.is_integer else prims.div(x, divisor)
    result: Tensor = prims.select(none, zero, quotient)
    return result


def mul_no_nan(x: Any, y: Any) -> Tensor:
    """The product; 0 where the second is 0, also beside infinities and NaN."""
    x, y = unified("ops.MulNoNan", x, y)
    zero = scalar(0, y.dtype)
    none = prims.eq(y, zero)
    result: Tensor = prims.select(none, zero, prims.mul(prims.select(none, zero, x), y))
    return result


def squared_difference(x: Any, y: Any) -> Tensor:
    """The square of the difference."""
    return elementwise.square(elementwise.sub(x, y))


# -- other names --

pows = tensor_pow = elementwise.pow
tensor_add, tensor_sub, tensor_mul = elementwise.add, elementwise.sub, elementwise.mul
tensor_div, tensor_floordiv, tensor_mod = elementwise.true_divide, elementwise.floor_div, elementwise.floor_mod
tensor_ge, tensor_gt, tensor_le, tensor_lt = elementwise.ge, elementwise.gt, elementwise.le, elementwise.lt
