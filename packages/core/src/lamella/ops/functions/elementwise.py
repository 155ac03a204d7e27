"""Elementwise functions: a row each, over the primitives."""

from __future__ import annotations

from functools import partial
from typing import Any

from lamella.dtypes import as_dtype, bool_
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, unified
from lamella.ops.define.constants import scalar
from lamella.ops.functions import pointwise
from lamella.ops.functions.pointwise import Binary, documented
from lamella.ops.prims.complexes import direction, magnitude
from lamella.ops.prims.elementwise import convert
from lamella.tensor import Tensor

__all__ = [
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_not",
    "bitwise_or",
    "bitwise_xor",
    "cast",
    "ceil",
    "cos",
    "cosh",
    "div",
    "divide",
    "eq",
    "equal",
    "erf",
    "exp",
    "expm1",
    "floor",
    "floor_div",
    "floor_divide",
    "floor_mod",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "identity",
    "isfinite",
    "isnan",
    "le",
    "less",
    "less_equal",
    "log",
    "log1p",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "maximum",
    "minimum",
    "mul",
    "multiply",
    "ne",
    "neg",
    "negative",
    "not_equal",
    "pow",
    "reciprocal",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "stop_gradient",
    "sub",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
]

unary, binary = partial(pointwise.unary, __name__), partial(pointwise.binary, __name__)


def _logical(name: str, primitive: Any, what: str, example: str) -> Binary:
    def function(input: Any, other: Any) -> Tensor:
        operands = (cast(as_tensor(x, None, f"ops.{name}"), bool_) for x in (input, other))
        result: Tensor = primitive(*operands)
        return result

    return documented(
        __name__,
        function,
        name,
        what,
        example,
        "        input: tensor or number; what is not 0 counts as true.\n"
        "        other: tensor or number; shapes broadcast.",
        "A bool tensor of the broadcast shape.",
        "TypeError: an operand is not a tensor or number.\n        ValueError: the shapes do not broadcast.",
    )


def _first_bool(x: Tensor, y: Tensor) -> Tensor:
    """The first of two bools, stretched to the shape of both."""
    result: Tensor = prims.bitwise_or(x, prims.bitwise_and(x, y))
    return result


_P = "Tensor([1.0, 4.0])"
_BOOL = "A bool tensor of the broadcast shape."
add = binary(
    "add",
    prims.add,
    "Sum; of two bools whether one of them is true.",
    f"add({_P}, 2).asnumpy()\narray([3., 6.], dtype=float32)",
    bools=prims.bitwise_or,
)
sub = binary(
    "sub",
    prims.sub,
    "Difference; of two bools whether they differ.",
    f"sub({_P}, 2).asnumpy()\narray([-1.,  2.], dtype=float32)",
    bools=prims.bitwise_xor,
)
mul = binary(
    "mul",
    prims.mul,
    "Product; of two bools whether both are true.",
    f"mul({_P}, 2).asnumpy()\narray([2., 8.], dtype=float32)",
    bools=prims.bitwise_and,
)
true_divide = binary(
    "true_divide",
    prims.div,
    "Quotient; of integers as floats.",
    f"true_divide({_P}, 2).asnumpy()\narray([0.5, 2. ], dtype=float32)",
    floats=True,
)
floor_div = binary(
    "floor_div",
    prims.floor_div,
    "Quotient rounded down, as Python's `//`; of two bools the first.",
    "floor_div(Tensor([7, -7]), 2).asnumpy()\narray([ 3, -4])",
    bools=_first_bool,
)
floor_mod = binary(
    "floor_mod",
    prims.floor_mod,
    "Remainder with the sign of `other`, as Python's `%`.",
    "floor_mod(Tensor([7, -7]), 3).asnumpy()\narray([1, 2])",
)
pow = binary("pow", prims.pow, "Power.", f"pow({_P}, 2).asnumpy()\narray([ 1., 16.], dtype=float32)")
maximum = binary(
    "maximum",
    prims.maximum,
    "The larger of each two; NaN if either is.",
    f"maximum({_P}, 2).asnumpy()\narray([2., 4.], dtype=float32)",
    bools=prims.bitwise_or,
)
minimum = binary(
    "minimum",
    prims.minimum,
    "The smaller of each two; NaN if either is.",
    f"minimum({_P}, 2).asnumpy()\narray([1., 2.], dtype=float32)",
    bools=prims.bitwise_and,
)
atan2 = binary(
    "atan2",
    prims.atan2,
    "Angle of the point (other, input), in radians from -pi to pi.",
    "atan2(Tensor(1.0), Tensor(0.0)).item()\n1.5707963705062866",
    floats=True,
)
bitwise_and = binary("bitwise_and", prims.bitwise_and, "Bitwise and.", "bitwise_and(Tensor(6), 3).item()\n2")
bitwise_or = binary("bitwise_or", prims.bitwise_or, "Bitwise or.", "bitwise_or(Tensor(6), 3).item()\n7")
bitwise_xor = binary("bitwise_xor", prims.bitwise_xor, "Bitwise exclusive or.", "bitwise_xor(Tensor(6), 3).item()\n5")
equal = binary("equal", prims.eq, "Whether equal.", f"equal({_P}, 4).asnumpy()\narray([False,  True])", gives=_BOOL)
not_equal = binary(
    "not_equal",
    prims.ne,
    "Whether different.",
    f"not_equal({_P}, 4).asnumpy()\narray([ True, False])",
    gives=_BOOL,
)
less = binary("less", prims.lt, "Whether less.", f"less({_P}, 4).asnumpy()\narray([ True, False])", gives=_BOOL)
less_equal = binary(
    "less_equal",
    prims.le,
    "Whether less or equal.",
    f"less_equal({_P}, 4).asnumpy()\narray([ True,  True])",
    gives=_BOOL,
)
greater = binary(
    "greater", prims.gt, "Whether greater.", f"greater({_P}, 1).asnumpy()\narray([False,  True])", gives=_BOOL
)
greater_equal = binary(
    "greater_equal",
    prims.ge,
    "Whether greater or equal.",
    f"greater_equal({_P}, 2).asnumpy()\narray([False,  True])",
    gives=_BOOL,
)
logical_and = _logical(
    "logical_and",
    prims.bitwise_and,
    "Whether both are true.",
    "logical_and(Tensor([True, False]), True).asnumpy()\narray([ True, False])",
)
logical_or = _logical(
    "logical_or",
    prims.bitwise_or,
    "Whether either is true.",
    "logical_or(Tensor([True, False]), True).asnumpy()\narray([ True,  True])",
)
logical_xor = _logical(
    "logical_xor",
    prims.bitwise_xor,
    "Whether exactly one is true.",
    "logical_xor(Tensor([True, False]), True).asnumpy()\narray([False,  True])",
)
neg = unary("neg", prims.neg, "Negative.", f"neg({_P}).asnumpy()\narray([-1., -4.], dtype=float32)", floats=False)
abs = unary(
    "abs",
    magnitude,
    "Absolute value; of a complex number its real size.",
    "abs(Tensor([-1, 2])).asnumpy()\narray([1, 2])",
    floats=False,
)
sign = unary(
    "sign",
    direction,
    "-1, 0 or 1; NaN for NaN. Of a complex number the number divided by its size.",
    "sign(Tensor([-3, 0, 2])).asnumpy()\narray([-1,  0,  1])",
    floats=False,
)
bitwise_not = unary("bitwise_not", prims.bitwise_not, "Bitwise not.", "bitwise_not(Tensor(5)).item()\n-6", floats=False)
exp = unary("exp", prims.exp, "e to the power of each element.", "exp(Tensor(0.0)).item()\n1.0")
expm1 = unary(
    "expm1",
    prims.expm1,
    "exp(x) - 1, exact for small x.",
    "expm1(Tensor(1e-20, dtype='float64')).item()\n1e-20",
)
log = unary("log", prims.log, "Natural logarithm; NaN below 0.", "log(Tensor(1.0)).item()\n0.0")
log1p = unary(
    "log1p",
    prims.log1p,
    "log(1 + x), exact for small x.",
    "log1p(Tensor(1e-20, dtype='float64')).item()\n1e-20",
)
sqrt = unary("sqrt", prims.sqrt, "Square root; NaN below 0.", f"sqrt({_P}).asnumpy()\narray([1., 2.], dtype=float32)")
rsqrt = unary("rsqrt", prims.rsqrt, "1 / sqrt(x).", f"rsqrt({_P}).asnumpy()\narray([1. , 0.5], dtype=float32)")
sin = unary("sin", prims.sin, "Sine of an angle in radians.", "sin(Tensor(0.0)).item()\n0.0")
cos = unary("cos", prims.cos, "Cosine of an angle in radians.", "cos(Tensor(0.0)).item()\n1.0")
tan = unary("tan", prims.tan, "Tangent of an angle in radians.", "tan(Tensor(0.0)).item()\n0.0")
asin = unary("asin", prims.asin, "Angle in radians whose sine it is.", "asin(Tensor(0.0)).item()\n0.0")
acos = unary("acos", prims.acos, "Angle in radians whose cosine it is.", "acos(Tensor(1.0)).item()\n0.0")
atan = unary("atan", prims.atan, "Angle in radians whose tangent it is.", "atan(Tensor(0.0)).item()\n0.0")
sinh = unary("sinh", prims.sinh, "Hyperbolic sine.", "sinh(Tensor(0.0)).item()\n0.0")
cosh = unary("cosh", prims.cosh, "Hyperbolic cosine.", "cosh(Tensor(0.0)).item()\n1.0")
tanh = unary("tanh", prims.tanh, "Hyperbolic tangent.", "tanh(Tensor(0.0)).item()\n0.0")
asinh = unary("asinh", prims.asinh, "Inverse hyperbolic sine.", "asinh(Tensor(0.0)).item()\n0.0")
acosh = unary("acosh", prims.acosh, "Inverse hyperbolic cosine; NaN below 1.", "acosh(Tensor(1.0)).item()\n0.0")
atanh = unary("atanh", prims.atanh, "Inverse hyperbolic tangent; NaN beyond 1.", "atanh(Tensor(0.0)).item()\n0.0")
sigmoid = unary("sigmoid", prims.sigmoid, "1 / (1 + exp(-x)).", "sigmoid(Tensor(0.0)).item()\n0.5")
erf = unary(
    "erf",
    prims.erf,
    "Error function, 2/sqrt(pi) times the integral of exp(-t*t) from 0 to x.",
    "erf(Tensor(0.0)).item()\n0.0",
)
floor = unary(
    "floor",
    prims.floor,
    "Largest integer not above.",
    "floor(Tensor([1.5, -1.5])).asnumpy()\narray([ 1., -2.], dtype=float32)",
)
ceil = unary(
    "ceil",
    prims.ceil,
    "Smallest integer not below.",
    "ceil(Tensor([1.5, -1.5])).asnumpy()\narray([ 2., -1.], dtype=float32)",
)
round = unary(
    "round",
    prims.round,
    "Nearest integer, half to even.",
    "round(Tensor([1.5, 2.5])).asnumpy()\narray([2., 2.], dtype=float32)",
)
isfinite = unary(
    "isfinite",
    prims.isfinite,
    "Whether neither infinite nor NaN.",
    "isfinite(Tensor([1.0, float('inf')])).asnumpy()\narray([ True, False])",
)
isnan = unary(
    "isnan",
    prims.isnan,
    "Whether NaN.",
    "isnan(Tensor([1.0, float('nan')])).asnumpy()\narray([False,  True])",
)

# Other names that MindSpore has for the same functions.
absolute, negative, subtract, multiply = abs, neg, sub, mul
eq, ne, lt, le, gt, ge = equal, not_equal, less, less_equal, greater, greater_equal
arccos, arcsin, arctan, arctan2, arcsinh, arccosh, arctanh = acos, asin, atan, atan2, asinh, acosh, atanh
floor_divide = floor_div


def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """Quotient; of integers as floats.

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast, types follow MindSpore's implicit conversion table.
        rounding_mode: None; "floor": rounded down; "trunc": the fraction dropped. Rounded ones keep integers.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not a tensor or number of such a type.
        ValueError: the shapes do not broadcast, or `rounding_mode` is something else.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.div(Tensor([-7, 7]), 2).asnumpy(), ops.div(Tensor([-7, 7]), 2, rounding_mode="trunc").asnumpy()
        (array([-3.5,  3.5], dtype=float32), array([-3,  3]))
    """
    if rounding_mode is None:
        return true_divide(input, other)
    if rounding_mode == "floor":
        return floor_div(input, other)
    if rounding_mode != "trunc":
        raise ValueError(
            explain("ops.div", given=f"rounding_mode={rounding_mode!r}", expected="None, 'floor' or 'trunc'")
        )
    x, y = unified("ops.div", input, other)
    if not x.dtype.is_float:  # rounded down, and up again where the signs differ and something is left over
        down, rest = prims.floor_div(x, y), prims.floor_mod(x, y)
        inexact = prims.ne(rest, scalar(0, x.dtype))
        negative = prims.lt(down, scalar(0, x.dtype))
        up: Tensor = prims.add(down, cast(prims.bitwise_and(inexact, negative), x.dtype))
        return up
    quotient = prims.div(x, y)
    result: Tensor = prims.select(prims.lt(quotient, scalar(0, x.dtype)), prims.ceil(quotient), prims.floor(quotient))
    return result


divide = div


def logical_not(input: Any) -> Tensor:
    """Whether false.

    Args:
        input: tensor or number; what is not 0 counts as true.

    Returns:
        A bool tensor of the shape of `input`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logical_not(Tensor([True, False])).asnumpy()
        array([False,  True])
    """
    result: Tensor = prims.bitwise_not(cast(as_tensor(input, None, "ops.logical_not"), bool_))
    return result


def square(input: Any) -> Tensor:
    """Each element times itself.

    Args:
        input: tensor or number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.square(Tensor([1.0, -3.0])).asnumpy()
        array([1., 9.], dtype=float32)
    """
    x = as_tensor(input, None, "ops.square")
    return mul(x, x)


def reciprocal(input: Any) -> Tensor:
    """1 divided by each element.

    Args:
        input: tensor or number; ints are converted to float32.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reciprocal(Tensor([2.0, 4.0])).asnumpy()
        array([0.5 , 0.25], dtype=float32)
    """
    return div(1.0, input)


# -- type and shape --


def cast(input: Any, dtype: Any) -> Tensor:
    """Convert to another element type.

    Floats become ints by dropping the fraction; anything but 0 becomes True.

    Args:
        input: tensor or number.
        dtype: the type.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `dtype` is no type that tensors can have.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cast(Tensor([1.7, -1.7]), "int32").asnumpy()
        array([ 1, -1], dtype=int32)
    """
    x = as_tensor(input, None, "ops.cast")
    result = convert(x, as_dtype(dtype, "ops.cast"))
    return x.copy() if result is x else result


def identity(x: Any) -> Any:
    """What it is given; for a tensor, one of its own with the same value.

    Args:
        x: anything.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.identity(Tensor([1, 2])).asnumpy()
        array([1, 2])
    """
    return x.copy() if isinstance(x, Tensor) else x


def stop_gradient(value: Any) -> Tensor:
    """The same value, through which no derivative passes.

    Args:
        value: any tensor.

    Examples:
        >>> from lamella import Tensor, grad, ops
        >>> grad(lambda x: x * ops.stop_gradient(x))(Tensor(3.0)).item()
        3.0
    """
    result: Tensor = prims.stop_gradient(as_tensor(value, None, "ops.stop_gradient"))
    return result
