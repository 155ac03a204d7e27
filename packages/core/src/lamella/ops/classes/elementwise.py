"""Classes of functions of each element: arithmetic, comparisons, elementary functions."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.primitive import Row
from lamella.ops.convert import as_tensor, floating, unified
from lamella.ops.define.constants import scalar
from lamella.ops.functions import combined, elementwise, reduce
from lamella.tensor import Tensor


def _round(input: Any, decimals: int = 0) -> Tensor:
    """The nearest number with so many decimals; of two equally near ones the even."""
    if isinstance(decimals, bool) or not isinstance(decimals, int):
        raise TypeError(explain("ops.Round", given=f"decimals={decimals!r}", expected="an int"))
    if decimals == 0:
        return elementwise.round(input)
    factor = 10.0**decimals
    return elementwise.round(input * factor) / factor


def _div_no_nan(x1: Any, x2: Any) -> Tensor:
    """Quotient; 0 where the divisor is 0."""
    x, y = unified("ops.DivNoNan", x1, x2)
    zero = scalar(0, y.dtype)
    none = prims.eq(y, zero)
    divisor = prims.select(none, scalar(1, y.dtype), y)
    quotient = _truncated(x, divisor) if y.dtype.is_integer else prims.div(x, divisor)
    result: Tensor = prims.select(none, zero, quotient)
    return result


def _mul_no_nan(x: Any, y: Any) -> Tensor:
    """Product; 0 where the second is 0, also beside infinities and NaN."""
    a, b = unified("ops.MulNoNan", x, y)
    zero = scalar(0, b.dtype)
    none = prims.eq(b, zero)
    result: Tensor = prims.select(none, zero, prims.mul(prims.select(none, zero, a), b))
    return result


def _truncated(x: Tensor, y: Tensor) -> Tensor:
    """Quotient of integers rounded towards 0."""
    down, rest = prims.floor_div(x, y), prims.floor_mod(x, y)
    zero = scalar(0, x.dtype)
    raised = prims.bitwise_and(prims.lt(down, zero), prims.ne(rest, zero))
    result: Tensor = prims.add(down, prims.cast(raised, dtype=x.dtype.name))
    return result


def _real_div(x: Any, y: Any) -> Tensor:
    """Quotient; of integers rounded towards 0."""
    a, b = unified("ops.RealDiv", x, y)
    return _truncated(a, b) if a.dtype.is_integer else elementwise.true_divide(a, b)


def _truncate_div(x: Any, y: Any) -> Tensor:
    """Quotient; of integers rounded towards 0."""
    a, b = unified("ops.TruncateDiv", x, y)
    return _truncated(a, b) if a.dtype.is_integer else combined.trunc(elementwise.div(a, b))


def _truncate_mod(x: Any, y: Any) -> Tensor:
    """Remainder with the sign of the dividend."""
    a, b = unified("ops.TruncateMod", x, y)
    whole = _truncated(a, b) if a.dtype.is_integer else combined.trunc(elementwise.div(a, b))
    return elementwise.sub(a, elementwise.mul(whole, b))


def _xlogy(input: Any, other: Any) -> Tensor:
    """The first times the logarithm of the second; 0 where the first is 0, unless the second is NaN."""
    x, y = floating("ops.Xlogy", input, other)
    return _beside_zero(x, y, elementwise.log, elementwise.mul)


def _xdivy(x: Any, y: Any) -> Tensor:
    """Quotient; 0 where the dividend is 0, unless the divisor is NaN."""
    a, b = floating("ops.Xdivy", x, y)
    return _beside_zero(a, b, lambda divisor: divisor, elementwise.div)


def _beside_zero(x: Tensor, y: Tensor, inner: Any, outer: Any) -> Tensor:
    zero, one = scalar(0, x.dtype), scalar(1, x.dtype)
    none = prims.bitwise_and(prims.eq(x, zero), prims.eq(y, y))
    result: Tensor = prims.select(none, zero, outer(x, inner(prims.select(none, one, y))))
    return result


def _hypot(x1: Any, x2: Any) -> Tensor:
    """The square root of the sum of two squares, without overflow."""
    x, y = (elementwise.abs(x) for x in floating("ops.Hypot", x1, x2))
    large, small = elementwise.maximum(x, y), elementwise.minimum(x, y)
    none = prims.eq(large, scalar(0, large.dtype))
    ratio = prims.div(small, prims.select(none, scalar(1, large.dtype), large))
    root = elementwise.sqrt(elementwise.square(ratio) + 1.0) * large
    result: Tensor = prims.select(prims.eq(small, large), large * 2.0**0.5, root)
    return result


def _squared_difference(x: Any, y: Any) -> Tensor:
    """The square of the difference."""
    return elementwise.square(elementwise.sub(x, y))


def _square_sum_all(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """The sums of the squares of two tensors."""
    a, b = unified("ops.SquareSumAll", x, y)
    return reduce.reduce_sum(elementwise.square(a)), reduce.reduce_sum(elementwise.square(b))


def _approximate_equal(x: Any, y: Any, tolerance: float) -> Tensor:
    """Whether the difference is below a tolerance."""
    return elementwise.less(elementwise.abs(elementwise.sub(x, y)), tolerance)


def _shift(subject: str, primitive: Any, x: Any, bits: Any) -> Tensor:
    a, b = unified(subject, x, bits)
    result: Tensor = primitive(a, b)
    return result


def _left_shift(x1: Any, x2: Any) -> Tensor:
    """Integers with their bits moved up."""
    return _shift("ops.LeftShift", prims.shift_left, x1, x2)


def _right_shift(input_x: Any, input_y: Any) -> Tensor:
    """Integers with their bits moved down."""
    return _shift("ops.RightShift", prims.shift_right, input_x, input_y)


def _fmax(x1: Any, x2: Any) -> Tensor:
    """The larger of each two; of a number and NaN the number."""
    return _fewer_nans("ops.Fmax", elementwise.maximum, x1, x2)


def _fmin(x1: Any, x2: Any) -> Tensor:
    """The smaller of each two; of a number and NaN the number."""
    return _fewer_nans("ops.Fmin", elementwise.minimum, x1, x2)


def _fewer_nans(subject: str, function: Any, x1: Any, x2: Any) -> Tensor:
    x, y = unified(subject, x1, x2)
    result: Tensor = prims.select(prims.ne(x, x), y, prims.select(prims.ne(y, y), x, function(x, y)))
    return result


def _heaviside(x: Any, values: Any) -> Tensor:
    """0 below 0, 1 above, and a value of its own at 0."""
    a, b = unified("ops.Heaviside", x, values)
    above = prims.cast(prims.gt(a, scalar(0, a.dtype)), dtype=a.dtype.name)
    result: Tensor = prims.select(prims.eq(a, scalar(0, a.dtype)), b, above)
    return result


def _eps(x: Any) -> Tensor:
    """The distance of 1 to the next number of the type, everywhere."""
    tensor = as_tensor(x, None, "ops.Eps")
    if not tensor.dtype.is_float:
        raise TypeError(explain("ops.Eps", given=f"a {tensor.dtype} tensor", expected="a floating-point tensor"))
    step = 2.0 ** -{"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}[tensor.dtype.name]
    result: Tensor = prims.broadcast_to(scalar(step, tensor.dtype), shape=tensor.shape)
    return result


def _scalar_cast(input_x: Any, input_y: Any) -> Any:
    """A Python number as another kind of number."""
    if isinstance(input_x, Tensor) or not isinstance(input_x, (bool, int, float)):
        raise TypeError(explain("ops.ScalarCast", given=f"a {type(input_x).__name__}", expected="a number"))
    kind = as_dtype(input_y, "ops.ScalarCast")
    return bool(input_x) if kind.kind == "bool" else float(input_x) if kind.is_float else int(input_x)


_OF_X = ("x",)
_OF_X_Y = ("x", "y")

ROWS = (
    Row("Cast", elementwise.cast, call=("input_x", "dtype")),
    Row("Mul", elementwise.mul),
    Row("Add", elementwise.add),
    Row("Sub", elementwise.sub),
    Row("TensorAdd", elementwise.add, call=_OF_X_Y),
    Row("Pow", elementwise.pow, call=("input", "exponent")),
    Row("RealDiv", _real_div),
    Row("Div", elementwise.true_divide),
    Row("DivNoNan", _div_no_nan),
    Row("MulNoNan", _mul_no_nan),
    Row("FloorDiv", elementwise.floor_div),
    Row("FloorMod", elementwise.floor_mod, call=_OF_X_Y),
    Row("Mod", _truncate_mod),
    Row("TruncateDiv", _truncate_div),
    Row("TruncateMod", _truncate_mod),
    Row("Xdivy", _xdivy),
    Row("Xlogy", _xlogy),
    Row("Hypot", _hypot),
    Row("Maximum", elementwise.maximum),
    Row("Minimum", elementwise.minimum),
    Row("Fmax", _fmax),
    Row("Fmin", _fmin),
    Row("SquaredDifference", _squared_difference),
    Row("SquareSumAll", _square_sum_all),
    Row("Addcdiv", combined.addcdiv),
    Row("Addcmul", combined.addcmul),
    Row("Lerp", combined.lerp),
    Row("LerpScalar", combined.lerp),
    Row("AddN", combined.addn, call=("x",)),
    Row("AccumulateNV2", combined.addn, call=("x",)),
    Row("Equal", elementwise.equal),
    Row("NotEqual", elementwise.not_equal),
    Row("Greater", elementwise.greater),
    Row("GreaterEqual", elementwise.greater_equal),
    Row("Less", elementwise.less),
    Row("LessEqual", elementwise.less_equal),
    Row("ApproximateEqual", _approximate_equal, init={"tolerance": 1e-5}),
    Row("IsClose", combined.isclose, init={"rtol": 1e-5, "atol": 1e-8, "equal_nan": False}, call=("input", "other")),
    Row("LogicalAnd", elementwise.logical_and, call=_OF_X_Y),
    Row("LogicalOr", elementwise.logical_or, call=_OF_X_Y),
    Row("LogicalXor", elementwise.logical_xor),
    Row("LogicalNot", elementwise.logical_not),
    Row("BitwiseAnd", elementwise.bitwise_and, call=_OF_X_Y),
    Row("BitwiseOr", elementwise.bitwise_or, call=_OF_X_Y),
    Row("BitwiseXor", elementwise.bitwise_xor, call=_OF_X_Y),
    Row("Invert", elementwise.bitwise_not, call=_OF_X),
    Row("LeftShift", _left_shift),
    Row("RightShift", _right_shift),
    Row("Abs", elementwise.abs),
    Row("Neg", elementwise.neg),
    Row("Sign", elementwise.sign),
    Row("Square", elementwise.square),
    Row("Sqrt", elementwise.sqrt, call=_OF_X),
    Row("Rsqrt", elementwise.rsqrt),
    Row("Reciprocal", elementwise.reciprocal),
    Row("Inv", elementwise.reciprocal, call=_OF_X),
    Row("Exp", elementwise.exp),
    Row("Expm1", elementwise.expm1),
    Row("Log", elementwise.log),
    Row("Log1p", elementwise.log1p),
    Row("Floor", elementwise.floor),
    Row("Ceil", elementwise.ceil),
    Row("Round", _round),
    Row("Rint", elementwise.round, call=("input_x",)),
    Row("Trunc", combined.trunc),
    Row("Sin", elementwise.sin),
    Row("Cos", elementwise.cos),
    Row("Tan", elementwise.tan),
    Row("Asin", elementwise.asin),
    Row("ACos", elementwise.acos),
    Row("Atan", elementwise.atan),
    Row("Atan2", elementwise.atan2),
    Row("Sinh", elementwise.sinh),
    Row("Cosh", elementwise.cosh),
    Row("Tanh", elementwise.tanh, layer="Tanh"),
    Row("Asinh", elementwise.asinh),
    Row("Acosh", elementwise.acosh),
    Row("Atanh", elementwise.atanh),
    Row("Erf", elementwise.erf),
    Row("Sigmoid", elementwise.sigmoid, layer="Sigmoid"),
    Row("Heaviside", _heaviside),
    Row("IsNan", elementwise.isnan, call=_OF_X),
    Row("IsInf", combined.isinf),
    Row("IsFinite", elementwise.isfinite),
    Row("NanToNum", combined.nan_to_num, init={"nan": None, "posinf": None, "neginf": None}),
    Row("Identity", elementwise.identity, call=("input_x",)),
    Row("StopGradient", elementwise.stop_gradient),
    Row("Eps", _eps),
    Row("ScalarCast", _scalar_cast),
)
