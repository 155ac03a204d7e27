"""Classes of functions of each element: arithmetic, comparisons, elementary functions."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.classes.primitive import Row
from lamella.ops.convert import as_tensor, unified
from lamella.ops.define.constants import scalar
from lamella.ops.functions import arithmetic, combined, elementwise, older, reduce, special
from lamella.tensor import Tensor


def _round(input: Any, decimals: int = 0) -> Tensor:
    """The nearest number with so many decimals; of two equally near ones the even."""
    if isinstance(decimals, bool) or not isinstance(decimals, int):
        raise TypeError(explain("ops.Round", given=f"decimals={decimals!r}", expected="an int"))
    if decimals == 0:
        return elementwise.round(input)
    factor = 10.0**decimals
    return elementwise.round(input * factor) / factor


def _real_div(x: Any, y: Any) -> Tensor:
    """Quotient; of integers rounded towards 0."""
    a, b = unified("ops.RealDiv", x, y)
    return arithmetic.truncated(a, b) if a.dtype.is_integer else elementwise.true_divide(a, b)


def _square_sum_all(x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """The sums of the squares of two tensors."""
    a, b = unified("ops.SquareSumAll", x, y)
    return reduce.reduce_sum(elementwise.square(a)), reduce.reduce_sum(elementwise.square(b))


def _approximate_equal(x: Any, y: Any, tolerance: float) -> Tensor:
    """Whether the difference is below a tolerance."""
    return elementwise.less(elementwise.abs(elementwise.sub(x, y)), tolerance)


def _eps(x: Any) -> Tensor:
    """The distance of 1 to the next number of the type, everywhere."""
    tensor = as_tensor(x, None, "ops.Eps")
    if not tensor.dtype.is_float:
        raise TypeError(explain("ops.Eps", given=f"a {tensor.dtype} tensor", expected="a floating-point tensor"))
    step = 2.0 ** -{"float16": 10, "bfloat16": 7, "float32": 23, "float64": 52}[tensor.dtype.name]
    result: Tensor = prims.broadcast_to(scalar(step, tensor.dtype), shape=tensor.shape)
    return result


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
    Row("DivNoNan", arithmetic.div_no_nan),
    Row("MulNoNan", arithmetic.mul_no_nan),
    Row("FloorDiv", elementwise.floor_div),
    Row("FloorMod", elementwise.floor_mod, call=_OF_X_Y),
    Row("Mod", arithmetic.truncate_mod),
    Row("TruncateDiv", arithmetic.truncate_div),
    Row("TruncateMod", arithmetic.truncate_mod),
    Row("Xdivy", special.xdivy),
    Row("Xlogy", special.xlogy),
    Row("Hypot", arithmetic.hypot, call=("x1", "x2")),
    Row("Maximum", elementwise.maximum),
    Row("Minimum", elementwise.minimum),
    Row("Fmax", arithmetic.fmax, call=("x1", "x2")),
    Row("Fmin", arithmetic.fmin, call=("x1", "x2")),
    Row("SquaredDifference", arithmetic.squared_difference),
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
    Row("LeftShift", arithmetic.bitwise_left_shift, call=("x1", "x2")),
    Row("RightShift", arithmetic.bitwise_right_shift, call=("input_x", "input_y")),
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
    Row("Tanh", elementwise.tanh),
    Row("Asinh", elementwise.asinh),
    Row("Acosh", elementwise.acosh),
    Row("Atanh", elementwise.atanh),
    Row("Erf", elementwise.erf),
    Row("Sigmoid", elementwise.sigmoid),
    Row("Heaviside", arithmetic.heaviside, call=("x", "values")),
    Row("IsNan", elementwise.isnan, call=_OF_X),
    Row("IsInf", combined.isinf),
    Row("IsFinite", elementwise.isfinite),
    Row("NanToNum", combined.nan_to_num, init={"nan": None, "posinf": None, "neginf": None}),
    Row("Identity", elementwise.identity, call=("input_x",)),
    Row("StopGradient", elementwise.stop_gradient),
    Row("Eps", _eps),
    Row("ScalarCast", older.scalar_cast),
)
