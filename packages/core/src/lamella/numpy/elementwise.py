"""Functions of each element: a row each, over those of `ops`.

All take `dtype`, the type of the result. Integers are converted to float32 where a function has fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella import ops
from lamella.dtypes import float32
from lamella.errors import explain
from lamella.numpy.arrays import operand, tensor_of, typed
from lamella.ops import prims
from lamella.ops.convert import cast
from lamella.ops.define.constants import scalar
from lamella.tensor import Tensor

_Function = Callable[..., Any]


def _documented(function: Any, name: str, what: str, example: str, takes: str, gives: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__doc__ = f"""{what}

    Args:
{takes}
        dtype: type of the result; default: as computed.

    Returns:
        {gives}

    Raises:
        TypeError: an argument is no tensor, number or sequence of them, or of a type that it cannot be.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.{name}({example.replace(chr(10), chr(10) + "        ")}
    """
    return function


def _unary(name: str, compute: _Function, what: str, example: str, first: str = "x") -> _Function:
    subject = f"numpy.{name}"

    def by_x(x: Any, dtype: Any = None) -> Any:
        return typed(compute(tensor_of(x, subject)), dtype, subject)

    def by_a(a: Any, dtype: Any = None) -> Any:
        return by_x(a, dtype)

    def by_input(input: Any, dtype: Any = None) -> Any:
        return by_x(input, dtype)

    function = {"x": by_x, "a": by_a, "input": by_input}[first]
    takes = f"        {first}: a tensor, a number, or sequences of them."
    return _documented(function, name, what, example, takes, "A tensor of the same shape.")


def _binary(name: str, compute: _Function, what: str, example: str) -> _Function:
    subject = f"numpy.{name}"

    def function(x1: Any, x2: Any, dtype: Any = None) -> Any:
        first, second = operand(x1, subject), operand(x2, subject)
        if not isinstance(first, Tensor) and not isinstance(second, Tensor):
            first, second = tensor_of(first, subject), tensor_of(second, subject)
        result = compute(first, second)
        if isinstance(result, tuple):
            return tuple(typed(x, dtype, subject) for x in result)
        return typed(result, dtype, subject)

    takes = (
        "        x1: a tensor, a number, or sequences of them.\n"
        "        x2: a tensor, a number, or sequences of them; shapes broadcast."
    )
    return _documented(function, name, what, example, takes, "A tensor of the broadcast shape.")


# -- two operands --

add = _binary("add", ops.add, "Sum.", "[1, 2], 3).tolist()\n[4, 5]")
subtract = _binary("subtract", ops.sub, "Difference.", "[1, 2], 3).tolist()\n[-2, -1]")
multiply = _binary("multiply", ops.mul, "Product.", "[1, 2], 3).tolist()\n[3, 6]")
divide = _binary("divide", ops.true_divide, "Quotient; of integers as floats.", "[1, 2], 2).tolist()\n[0.5, 1.0]")
true_divide = _binary(
    "true_divide", ops.true_divide, "Quotient; of integers as floats.", "[1, 2], 2).tolist()\n[0.5, 1.0]"
)
floor_divide = _binary("floor_divide", ops.floor_div, "Quotient rounded down.", "[7, -7], 2).tolist()\n[3, -4]")
remainder = _binary("remainder", ops.floor_mod, "Remainder with the sign of `x2`.", "[7, -7], 3).tolist()\n[1, 2]")
fmod = _binary("fmod", ops.fmod, "Remainder with the sign of `x1`.", "[7, -7], 3).tolist()\n[1, -1]")
divmod = _binary(
    "divmod",
    lambda x, y: (ops.floor_div(x, y), ops.floor_mod(x, y)),
    "Quotient rounded down, and remainder.",
    "[7, -7], 3)[1].tolist()\n[1, 2]",
)
power = _binary("power", ops.pow, "Power.", "[2, 3], 2).tolist()\n[4, 9]")
float_power = _binary(
    "float_power",
    lambda x, y: ops.pow(cast(tensor_of(x), float32) if _integers(x) else x, y),
    "Power, of integers as float32.",
    "[2, 4], -1).tolist()\n[0.5, 0.25]",
)
maximum = _binary("maximum", ops.maximum, "The larger of each two; NaN if either is.", "[1, 5], 3).tolist()\n[3, 5]")
minimum = _binary("minimum", ops.minimum, "The smaller of each two; NaN if either is.", "[1, 5], 3).tolist()\n[1, 3]")
arctan2 = _binary("arctan2", ops.atan2, "Angle of the point (x2, x1) in radians.", "[0.0], 1.0).tolist()\n[0.0]")
hypot = _binary("hypot", ops.hypot, "Length of the vector (x1, x2).", "[3.0], 4.0).tolist()\n[5.0]")
copysign = _binary("copysign", ops.copysign, "`x1` with the sign of `x2`.", "[1.0, 2.0], -1.0).tolist()\n[-1.0, -2.0]")
logaddexp = _binary(
    "logaddexp", ops.logaddexp, "log(exp(x1) + exp(x2)), without overflow.", "[1000.0], 0.0).tolist()\n[1000.0]"
)
logaddexp2 = _binary(
    "logaddexp2", ops.logaddexp2, "log2(2 ** x1 + 2 ** x2), without overflow.", "[1.0], 1.0).tolist()\n[2.0]"
)
heaviside = _binary(
    "heaviside", ops.heaviside, "0 below 0, 1 above, `x2` at 0.", "[-1.0, 0.0, 2.0], 0.5).tolist()\n[0.0, 0.5, 1.0]"
)
gcd = _binary("gcd", ops.gcd, "Greatest common divisor of integers.", "[12, 8], 18).tolist()\n[6, 2]")
lcm = _binary("lcm", ops.lcm, "Least common multiple of integers.", "[4, 6], 6).tolist()\n[12, 6]")
bitwise_and = _binary("bitwise_and", ops.bitwise_and, "Bitwise and.", "[6], 3).tolist()\n[2]")
bitwise_or = _binary("bitwise_or", ops.bitwise_or, "Bitwise or.", "[6], 3).tolist()\n[7]")
bitwise_xor = _binary("bitwise_xor", ops.bitwise_xor, "Bitwise exclusive or.", "[6], 3).tolist()\n[5]")
equal = _binary("equal", ops.eq, "Whether equal.", "[1, 2], 2).tolist()\n[False, True]")
not_equal = _binary("not_equal", ops.ne, "Whether different.", "[1, 2], 2).tolist()\n[True, False]")
less = _binary("less", ops.lt, "Whether less.", "[1, 2], 2).tolist()\n[True, False]")
less_equal = _binary("less_equal", ops.le, "Whether at most.", "[1, 2], 1).tolist()\n[True, False]")
greater = _binary("greater", ops.gt, "Whether greater.", "[1, 2], 1).tolist()\n[False, True]")
greater_equal = _binary("greater_equal", ops.ge, "Whether at least.", "[1, 2], 2).tolist()\n[False, True]")
logical_and = _binary(
    "logical_and", ops.logical_and, "Whether both are.", "[True, False], True).tolist()\n[True, False]"
)
logical_or = _binary("logical_or", ops.logical_or, "Whether one is.", "[True, False], False).tolist()\n[True, False]")
logical_xor = _binary(
    "logical_xor", ops.logical_xor, "Whether exactly one is true.", "[True, False], True).tolist()\n[False, True]"
)


def _integers(x: Any) -> bool:
    return not isinstance(x, float) and not (isinstance(x, Tensor) and x.dtype.is_inexact)


# -- one operand --


def _floats(compute: _Function) -> _Function:
    """A function of numbers that leaves integers as they are."""
    return lambda x: compute(x) if x.dtype.is_inexact else x


def _cbrt(x: Tensor) -> Tensor:
    x = x if x.dtype.is_inexact else cast(x, float32)
    zero = prims.eq(x, scalar(0, x.dtype))
    size = prims.select(zero, scalar(1, x.dtype), prims.abs(x))
    root = prims.mul(prims.sign(x), prims.pow(size, scalar(1 / 3, x.dtype)))
    result: Tensor = prims.select(zero, x, root)
    return result


def _whole_reciprocal(x: Tensor) -> Tensor:
    return ops.reciprocal(x) if x.dtype.is_inexact else ops.truncate_div(1, x)


absolute = _unary("absolute", ops.abs, "Absolute value.", "[-1, 2]).tolist()\n[1, 2]")
negative = _unary("negative", ops.neg, "Negative.", "[-1, 2]).tolist()\n[1, -2]", "a")
positive = _unary("positive", ops.positive, "The number itself.", "[-1, 2]).tolist()\n[-1, 2]", "a")
sign = _unary("sign", ops.sign, "-1, 0 or 1 as the number is negative, zero or positive.", "[-5, 0]).tolist()\n[-1, 0]")
sqrt = _unary("sqrt", ops.sqrt, "Square root; NaN below 0.", "[4.0, 9.0]).tolist()\n[2.0, 3.0]")
cbrt = _unary("cbrt", _cbrt, "Cube root; its slope at 0 counts as 1.", "[-8.0, 27.0]).round().tolist()\n[-2.0, 3.0]")
square = _unary("square", ops.square, "Square.", "[-2, 3]).tolist()\n[4, 9]")
reciprocal = _unary(
    "reciprocal", _whole_reciprocal, "1 / x; of integers rounded towards zero.", "[2.0, 4.0]).tolist()\n[0.5, 0.25]"
)
exp = _unary("exp", ops.exp, "e to the power of each element.", "[0.0]).tolist()\n[1.0]")
exp2 = _unary("exp2", ops.exp2, "2 to the power of each element.", "[3.0]).tolist()\n[8.0]")
expm1 = _unary("expm1", ops.expm1, "exp(x) - 1, exact for small x.", "[0.0]).tolist()\n[0.0]")
log = _unary("log", ops.log, "Natural logarithm; NaN below 0.", "[1.0]).tolist()\n[0.0]")
log2 = _unary("log2", ops.log2, "Logarithm to base 2.", "[8.0]).tolist()\n[3.0]")
log10 = _unary("log10", ops.log10, "Logarithm to base 10.", "[1.0]).tolist()\n[0.0]")
log1p = _unary("log1p", ops.log1p, "log(1 + x), exact for small x.", "[0.0]).tolist()\n[0.0]")
sin = _unary("sin", ops.sin, "Sine of an angle in radians.", "[0.0]).tolist()\n[0.0]")
cos = _unary("cos", ops.cos, "Cosine of an angle in radians.", "[0.0]).tolist()\n[1.0]")
tan = _unary("tan", ops.tan, "Tangent of an angle in radians.", "[0.0]).tolist()\n[0.0]")
arcsin = _unary("arcsin", ops.asin, "Inverse sine; NaN beyond 1.", "[0.0]).tolist()\n[0.0]")
arccos = _unary("arccos", ops.acos, "Inverse cosine; NaN beyond 1.", "[1.0]).tolist()\n[0.0]", "input")
arctan = _unary("arctan", ops.atan, "Inverse tangent.", "[0.0]).tolist()\n[0.0]")
sinh = _unary("sinh", ops.sinh, "Hyperbolic sine.", "[0.0]).tolist()\n[0.0]")
cosh = _unary("cosh", ops.cosh, "Hyperbolic cosine.", "[0.0]).tolist()\n[1.0]")
tanh = _unary("tanh", ops.tanh, "Hyperbolic tangent.", "[0.0]).tolist()\n[0.0]")
arcsinh = _unary("arcsinh", ops.asinh, "Inverse hyperbolic sine.", "[0.0]).tolist()\n[0.0]")
arccosh = _unary("arccosh", ops.acosh, "Inverse hyperbolic cosine; NaN below 1.", "[1.0]).tolist()\n[0.0]")
arctanh = _unary("arctanh", ops.atanh, "Inverse hyperbolic tangent; NaN beyond 1.", "[0.0]).tolist()\n[0.0]")
deg2rad = _unary("deg2rad", ops.deg2rad, "Degrees to radians.", "[0.0]).tolist()\n[0.0]")
radians = _unary("radians", ops.deg2rad, "Degrees to radians.", "[0.0]).tolist()\n[0.0]")
rad2deg = _unary("rad2deg", ops.rad2deg, "Radians to degrees.", "[0.0]).tolist()\n[0.0]")
floor = _unary("floor", _floats(ops.floor), "Rounded down.", "[1.5, -1.5]).tolist()\n[1.0, -2.0]")
ceil = _unary("ceil", _floats(ops.ceil), "Rounded up.", "[1.5, -1.5]).tolist()\n[2.0, -1.0]")
trunc = _unary("trunc", _floats(ops.trunc), "Rounded towards zero.", "[1.5, -1.5]).tolist()\n[1.0, -1.0]")
rint = _unary("rint", _floats(ops.round), "The nearest whole, the even of two.", "[1.5, 2.5]).tolist()\n[2.0, 2.0]")
isnan = _unary("isnan", ops.isnan, "Whether each element is NaN.", "[1.0]).tolist()\n[False]")
isinf = _unary("isinf", ops.isinf, "Whether each element is an infinity.", "[1.0]).tolist()\n[False]")
isfinite = _unary("isfinite", ops.isfinite, "Whether each element is finite.", "[1.0]).tolist()\n[True]")
signbit = _unary("signbit", ops.signbit, "Whether the sign bit is set.", "[-1.0, 2.0]).tolist()\n[True, False]")
logical_not = _unary(
    "logical_not", ops.logical_not, "Whether the element is false.", "[True, False]).tolist()\n[False, True]", "a"
)
invert = _unary("invert", ops.bitwise_not, "Each bit turned over.", "[0, 5]).tolist()\n[-1, -6]")

__all__ = sorted(
    name for name, value in globals().items() if getattr(value, "__module__", "") == __name__ and name[0] != "_"
)


def fix(x: Any) -> Tensor:
    """Rounded towards zero.

    Args:
        x: a tensor, a number, or sequences of them.

    Returns:
        A tensor of the same shape.

    Raises:
        TypeError: `x` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.fix([1.5, -1.5]).tolist()
        [1.0, -1.0]
    """
    result: Tensor = trunc(x)
    return result


def isposinf(x: Any) -> Tensor:
    """Whether each element is positive infinity.

    Args:
        x: a tensor, a number, or sequences of them.

    Returns:
        A bool tensor of the same shape.

    Raises:
        TypeError: `x` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.isposinf([float("inf"), 1.0]).tolist()
        [True, False]
    """
    return ops.isposinf(tensor_of(x, "numpy.isposinf"))


def isneginf(x: Any) -> Tensor:
    """Whether each element is negative infinity.

    Args:
        x: a tensor, a number, or sequences of them.

    Returns:
        A bool tensor of the same shape.

    Raises:
        TypeError: `x` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.isneginf([float("-inf"), 1.0]).tolist()
        [True, False]
    """
    return ops.isneginf(tensor_of(x, "numpy.isneginf"))


def around(a: Any, decimals: int = 0) -> Tensor:
    """Rounded to a number of digits behind the point, to the even one of two.

    Args:
        a: a tensor, a number, or sequences of them.
        decimals: how many digits; negative ones before the point.

    Returns:
        A tensor of the same shape.

    Raises:
        TypeError: `decimals` is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.around([1.25, 12.5], 1).tolist()
        [1.2000000476837158, 12.5]
    """
    x = tensor_of(a, "numpy.around")
    if isinstance(decimals, bool) or not isinstance(decimals, int):
        raise TypeError(explain("numpy.around", given=f"decimals={decimals!r}", expected="an int"))
    if not x.dtype.is_inexact:
        if decimals >= 0:
            return x
        return cast(around(cast(x, float32), decimals), x.dtype)
    if decimals == 0:
        return ops.round(x)
    factor = 10.0 ** abs(decimals)
    return ops.round(x * factor) / factor if decimals > 0 else ops.round(x / factor) * factor


def clip(x: Any, xmin: Any, xmax: Any, dtype: Any = None) -> Tensor:
    """The nearest number between two bounds.

    Args:
        x: a tensor, a number, or sequences of them.
        xmin: the lower bound, a number or a tensor; None for none.
        xmax: the upper bound, a number or a tensor; None for none.
        dtype: type of the result.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: both bounds are None.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.clip([1, 5, 9], 2, 8).tolist()
        [2, 5, 8]
    """
    subject = "numpy.clip"
    if xmin is None and xmax is None:
        raise ValueError(explain(subject, given="no bound", expected="at least one"))
    result: Any = tensor_of(x, subject)
    if xmin is not None:
        result = ops.maximum(result, operand(xmin, subject))
    if xmax is not None:
        result = ops.minimum(result, operand(xmax, subject))
    clipped: Tensor = typed(result, dtype, subject)
    return clipped


__all__ += ["around", "clip", "fix", "isneginf", "isposinf"]
