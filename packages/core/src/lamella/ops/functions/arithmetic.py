"""Functions of two operands that are met less often than those of `elementwise`: a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import floating, unified
from lamella.ops.define.constants import scalar
from lamella.ops.functions import combined, elementwise
from lamella.tensor import Tensor

__all__ = [
    "bitwise_left_shift",
    "bitwise_right_shift",
    "fmax",
    "fmin",
    "fmod",
    "heaviside",
    "hypot",
    "logaddexp",
    "logaddexp2",
    "pows",
    "remainder",
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
    "xdivy",
    "xlogy",
]

_Binary = Callable[[Any, Any], Tensor]


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


def _truncate_div(x: Tensor, y: Tensor) -> Tensor:
    return truncated(x, y) if x.dtype.is_integer else combined.trunc(elementwise.div(x, y))


def _fmod(x: Tensor, y: Tensor) -> Tensor:
    return elementwise.sub(x, elementwise.mul(_truncate_div(x, y), y))


def _div_no_nan(x: Tensor, y: Tensor) -> Tensor:
    zero = scalar(0, y.dtype)
    none = prims.eq(y, zero)
    divisor = prims.select(none, scalar(1, y.dtype), y)
    quotient = truncated(x, divisor) if y.dtype.is_integer else prims.div(x, divisor)
    result: Tensor = prims.select(none, zero, quotient)
    return result


def _mul_no_nan(x: Tensor, y: Tensor) -> Tensor:
    zero = scalar(0, y.dtype)
    none = prims.eq(y, zero)
    result: Tensor = prims.select(none, zero, prims.mul(prims.select(none, zero, x), y))
    return result


def _beside_zero(inner: Any, outer: Any) -> _Binary:
    """outer(x, inner(y)), and 0 where x is 0, unless y is NaN; no slope comes from what is not taken."""

    def function(x: Tensor, y: Tensor) -> Tensor:
        zero, one = scalar(0, x.dtype), scalar(1, x.dtype)
        none = prims.bitwise_and(prims.eq(x, zero), prims.eq(y, y))
        result: Tensor = prims.select(none, zero, outer(x, inner(prims.select(none, one, y))))
        return result

    return function


def _hypot(x: Tensor, y: Tensor) -> Tensor:
    a, b = elementwise.abs(x), elementwise.abs(y)
    large, small = elementwise.maximum(a, b), elementwise.minimum(a, b)
    none = prims.eq(large, scalar(0, large.dtype))
    ratio = prims.div(small, prims.select(none, scalar(1, large.dtype), large))
    root = elementwise.sqrt(elementwise.square(ratio) + 1.0) * large
    result: Tensor = prims.select(prims.eq(small, large), large * 2.0**0.5, root)
    return result


def _log_of_sum(x: Tensor, y: Tensor) -> Tensor:
    large, small = elementwise.maximum(x, y), elementwise.minimum(x, y)
    same = prims.eq(large, small)  # also of infinities, whose difference is none
    gap = prims.select(same, scalar(0, large.dtype), prims.sub(small, large))
    result: Tensor = prims.add(large, prims.log1p(prims.exp(gap)))
    return result


def _log_of_sum_2(x: Tensor, y: Tensor) -> Tensor:
    log_2 = 0.6931471805599453
    return _log_of_sum(x * log_2, y * log_2) / log_2


def _fewer_nans(function: _Binary) -> _Binary:
    def of(x: Tensor, y: Tensor) -> Tensor:
        result: Tensor = prims.select(prims.ne(x, x), y, prims.select(prims.ne(y, y), x, function(x, y)))
        return result

    return of


def _integers(name: str, primitive: Any) -> _Binary:
    def function(x: Tensor, y: Tensor) -> Tensor:
        if not x.dtype.is_integer:
            raise TypeError(explain(f"ops.{name}", given=f"{x.dtype} tensors", expected="integers"))
        result: Tensor = primitive(x, y)
        return result

    return function


def _documented(function: Any, name: str, what: str, names: tuple[str, str], example: str, gives: str) -> Any:
    first, second = names
    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__doc__ = f"""{what}

    Args:
        {first}: tensor or number.
        {second}: tensor or number; shapes broadcast, types follow MindSpore's implicit conversion table.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not a tensor or number of such a type.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor{", ops" if name in __all__ else ""}
        >>> {"ops." if name in __all__ else ""}{name}({example}).tolist()
        {gives}
    """
    return function


def _row(name: str, body: _Binary, what: str, example: str, gives: str, floats: bool = False) -> _Binary:
    convert, subject = floating if floats else unified, f"ops.{name}"

    def function(input: Any, other: Any) -> Tensor:
        return body(*convert(subject, input, other))

    documented: _Binary = _documented(function, name, what, ("input", "other"), example, gives)
    return documented


def _row_of_x_and_y(name: str, body: _Binary, what: str, example: str, gives: str, floats: bool = False) -> _Binary:
    convert, subject = floating if floats else unified, f"ops.{name}"

    def function(x: Any, y: Any) -> Tensor:
        return body(*convert(subject, x, y))

    documented: _Binary = _documented(function, name, what, ("x", "y"), example, gives)
    return documented


_WHOLE = "Tensor([7, -7]), 2"
fmod = _row("fmod", _fmod, "Remainder with the sign of the dividend.", _WHOLE, "[1, -1]")
remainder = _row("remainder", elementwise.floor_mod, "Remainder with the sign of the divisor.", _WHOLE, "[1, 1]")
truncate_div = _row_of_x_and_y("truncate_div", _truncate_div, "Quotient rounded towards 0.", _WHOLE, "[3, -3]")
truncate_mod = _row_of_x_and_y("truncate_mod", _fmod, "Remainder with the sign of the dividend.", _WHOLE, "[1, -1]")
div_no_nan = _row_of_x_and_y(
    "div_no_nan",
    _div_no_nan,
    "Quotient; 0 where the divisor is 0.",
    "Tensor([1.0, 4.0]), Tensor([0.0, 2.0])",
    "[0.0, 2.0]",
)
mul_no_nan = _row_of_x_and_y(
    "mul_no_nan",
    _mul_no_nan,
    "Product; 0 where the second is 0, also beside infinities and NaN.",
    'Tensor([float("inf"), 4.0]), Tensor([0.0, 2.0])',
    "[0.0, 8.0]",
)
xdivy = _row_of_x_and_y(
    "xdivy",
    _beside_zero(lambda y: y, elementwise.div),
    "Quotient; 0 where the dividend is 0, unless the divisor is NaN.",
    "Tensor([0.0, 4.0]), Tensor([0.0, 2.0])",
    "[0.0, 2.0]",
    floats=True,
)
xlogy = _row(
    "xlogy",
    _beside_zero(elementwise.log, elementwise.mul),
    "The first times the logarithm of the second; 0 where the first is 0, unless the second is NaN.",
    "Tensor([0.0, 4.0]), Tensor([0.0, 1.0])",
    "[0.0, 0.0]",
    floats=True,
)
hypot = _row(
    "hypot",
    _hypot,
    "The square root of the sum of two squares.",
    "Tensor([3.0, 0.0]), Tensor([4.0, 2.0])",
    "[5.0, 2.0]",
    True,
)
logaddexp = _row(
    "logaddexp",
    _log_of_sum,
    "log(exp(x) + exp(y)), without overflow.",
    "Tensor([1000.0]), Tensor([0.0])",
    "[1000.0]",
    True,
)
logaddexp2 = _row(
    "logaddexp2", _log_of_sum_2, "log2(2**x + 2**y), without overflow.", "Tensor([1.0]), Tensor([1.0])", "[2.0]", True
)
fmax = _row(
    "fmax",
    _fewer_nans(elementwise.maximum),
    "The larger of each two; of a number and NaN the number.",
    'Tensor([float("nan"), 4.0]), 2.0',
    "[2.0, 4.0]",
)
fmin = _row(
    "fmin",
    _fewer_nans(elementwise.minimum),
    "The smaller of each two; of a number and NaN the number.",
    'Tensor([float("nan"), 4.0]), 2.0',
    "[2.0, 2.0]",
)
bitwise_left_shift = _row(
    "bitwise_left_shift",
    _integers("bitwise_left_shift", prims.shift_left),
    "Integers with their bits moved up.",
    "Tensor([1, 3]), 2",
    "[4, 12]",
)
bitwise_right_shift = _row(
    "bitwise_right_shift",
    _integers("bitwise_right_shift", prims.shift_right),
    "Integers with their bits moved down.",
    "Tensor([4, -3]), 1",
    "[2, -2]",
)
squared_difference = _row_of_x_and_y(
    "squared_difference",
    lambda x, y: elementwise.square(elementwise.sub(x, y)),
    "The square of the difference.",
    "Tensor([1.0, 4.0]), 2.0",
    "[1.0, 4.0]",
)


def heaviside(input: Any, values: Any) -> Tensor:
    """0 below 0, 1 above, and a value of its own at 0.

    Args:
        input: tensor or number.
        values: tensor or number: what stands where `input` is 0; shapes broadcast.

    Raises:
        TypeError: an operand is not a tensor or number.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.heaviside(Tensor([-1.0, 0.0, 2.0]), 0.5).tolist()
        [0.0, 0.5, 1.0]
    """
    x, y = unified("ops.heaviside", input, values)
    zero = scalar(0, x.dtype)
    above = prims.cast(prims.gt(x, zero), dtype=x.dtype.name)
    result: Tensor = prims.select(prims.eq(x, zero), y, above)
    return result


def pows(input: Any, exponent: Any) -> Tensor:
    """Power.

    Args:
        input: tensor or number.
        exponent: tensor or number; shapes broadcast.

    Raises:
        TypeError: an operand is not a tensor or number.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.pows(Tensor([1.0, 4.0]), 2).tolist()
        [1.0, 16.0]
    """
    return elementwise.pow(input, exponent)


tensor_add, tensor_sub, tensor_mul = elementwise.add, elementwise.sub, elementwise.mul
tensor_div, tensor_floordiv, tensor_mod = elementwise.true_divide, elementwise.floor_div, elementwise.floor_mod
tensor_ge, tensor_gt, tensor_le, tensor_lt = elementwise.ge, elementwise.gt, elementwise.le, elementwise.lt
tensor_pow = pows
