"""Elementwise primitives: a row each. Operands have one element type and broadcast; results keep the type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from lamella.dtypes import BY_NAME, DType, float32
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import Kind, OpDef, Residuals, Total, Vjp, register
from lamella.ops.define.rules import (
    ANY,
    BITS,
    FLOAT,
    INEXACT,
    NUMBER,
    ORDERED,
    REAL,
    ZERO,
    broadcast_shapes,
    check_kind,
    fail,
    infer_compare,
    infer_elementwise,
    same_dtype,
)
from lamella.ops.kernels import elementwise as kernels
from lamella.ops.prims.shape import batch_elementwise, unbroadcast
from lamella.tensor import Tensor
from lamella.types import TensorType

Partial: TypeAlias = "Callable[[Residuals, Tensor], Tensor] | None"


def partials(*rules: Partial, saves: Sequence[int] = (), saves_outputs: Sequence[int] = ()) -> Vjp:
    """The derivative of an elementwise primitive from one function for each operand.

    Each takes the residuals and the cotangent of the result, and gives the cotangent of its operand as if nothing
    had been broadcast; None where the derivative is zero. They are those of a holomorphic function (see `Vjp`).
    """

    def rule(c: Residuals, g: Tensor) -> list[Tensor | None]:
        return [
            unbroadcast(partial(c, g), t.shape) if needed and partial is not None else None
            for partial, needed, t in zip(rules, c.needs, c.types, strict=True)
        ]

    return Vjp(rule, tuple(saves), tuple(saves_outputs), conjugates=True)


def elementwise(
    name: str,
    kernel: Callable[..., Any],
    *rules: Partial,
    kinds: Sequence[str] = NUMBER,
    saves: Sequence[int] = (),
    saves_outputs: Sequence[int] = (),
    total: Total = True,
    expensive: bool = False,
) -> OpDef:
    """Define an elementwise primitive.

    Args:
        name: its name.
        kernel: its NumPy function.
        rules: the derivative in each operand (see `partials`); none at all where it is zero everywhere.
        kinds: kinds of element types it takes.
        saves: operands that the rules use.
        saves_outputs: outputs that the rules use.
        total: whether it runs through on any numbers (see `OpDef`).
        expensive: whether keeping its result costs less than computing it again.
    """
    vjp = partials(*rules, saves=saves, saves_outputs=saves_outputs) if rules else ZERO
    infer = infer_elementwise(name, kinds)
    return register(
        OpDef(name, infer, kernel, vjp, batch_elementwise, kind=Kind.ELEMENTWISE, total=total, expensive=expensive)
    )


def of_floats(types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
    """Whether no operand is integers, which cannot be divided by 0 nor raised to any power."""
    return all(t.dtype.is_inexact for t in types)


def compare(name: str, kernel: Callable[..., Any], kinds: Sequence[str] = ANY) -> OpDef:
    """Define a comparison: an elementwise primitive with a bool result."""
    infer = infer_compare(name, kinds)
    return register(OpDef(name, infer, kernel, ZERO, batch_elementwise, kind=Kind.ELEMENTWISE, total=True))


X, Y, OUT = (0,), (1,), (0,)
XY = (0, 1)

# -- two operands --

add: OpDef = elementwise("add", np.add, lambda c, g: g, lambda c, g: g)
sub: OpDef = elementwise("sub", np.subtract, lambda c, g: g, lambda c, g: neg(g))
mul: OpDef = elementwise("mul", np.multiply, lambda c, g: mul(g, c.y), lambda c, g: mul(g, c.x), saves=XY)
div: OpDef = elementwise(
    "div",
    np.true_divide,
    lambda c, g: div(g, c.y),
    lambda c, g: neg(div(mul(g, c.out), c.y)),
    kinds=INEXACT,
    saves=Y,
    saves_outputs=OUT,
)
floor_div: OpDef = elementwise("floor_div", kernels.floor_divide, kinds=REAL, total=of_floats)
floor_mod: OpDef = elementwise(
    "floor_mod",
    kernels.remainder,
    lambda c, g: g,
    lambda c, g: neg(mul(g, floor_div(c.x, c.y) if c.x.dtype.is_integer else floor(div(c.x, c.y)))),
    kinds=REAL,
    saves=XY,
    total=of_floats,
)
# x**y: the derivative in x is y * x**(y-1), which is 0 and not NaN where y is 0; in y it is x**y * log(x), which is
# 0 and not NaN where x is 0 and y is positive.
pow: OpDef = elementwise(
    "pow",
    kernels.power,
    lambda c, g: mul(g, mul(c.y, pow(c.x, or_one(c.y, c.y - 1)))),
    lambda c, g: mul(g, mul(c.out, _logarithm(or_one(c.x, c.x)))),
    saves=XY,
    saves_outputs=OUT,
    total=of_floats,
    expensive=True,
)
# Where both operands are equal each gets half of the cotangent, so that the derivative of max(x, x) is 1.
maximum: OpDef = elementwise(
    "maximum",
    np.maximum,
    lambda c, g: share(c.x, c.y, g, gt),
    lambda c, g: share(c.y, c.x, g, gt),
    kinds=REAL,
    saves=XY,
)
minimum: OpDef = elementwise(
    "minimum",
    np.minimum,
    lambda c, g: share(c.x, c.y, g, lt),
    lambda c, g: share(c.y, c.x, g, lt),
    kinds=REAL,
    saves=XY,
)
atan2: OpDef = elementwise(
    "atan2",
    np.arctan2,
    lambda c, g: div(mul(g, c.y), add(mul(c.x, c.x), mul(c.y, c.y))),
    lambda c, g: neg(div(mul(g, c.x), add(mul(c.x, c.x), mul(c.y, c.y)))),
    kinds=FLOAT,
    saves=XY,
    expensive=True,
)
# The remainder of the division that rounds towards zero, as C's fmod.
fmod: OpDef = elementwise(
    "fmod",
    kernels.truncated_remainder,
    lambda c, g: g,
    lambda c, g: neg(mul(g, _whole_quotient(c.x, c.y))),
    kinds=REAL,
    saves=XY,
    total=of_floats,
)
# The length of the vector (x, y) without overflow; its derivative at (0, 0) is taken to be 0.
hypot: OpDef = elementwise(
    "hypot",
    kernels.hypot,
    lambda c, g: mul(g, div(c.x, or_one(c.out, c.out))),
    lambda c, g: mul(g, div(c.y, or_one(c.out, c.out))),
    kinds=FLOAT,
    saves=XY,
    saves_outputs=OUT,
    expensive=True,
)
gcd: OpDef = elementwise("gcd", np.gcd, kinds=("int", "uint"))
bitwise_and: OpDef = elementwise("bitwise_and", np.bitwise_and, kinds=BITS)
bitwise_or: OpDef = elementwise("bitwise_or", np.bitwise_or, kinds=BITS)
bitwise_xor: OpDef = elementwise("bitwise_xor", np.bitwise_xor, kinds=BITS)
shift_left: OpDef = elementwise("shift_left", np.left_shift, kinds=("int", "uint"))
shift_right: OpDef = elementwise("shift_right", np.right_shift, kinds=("int", "uint"))

eq: OpDef = compare("eq", np.equal)
ne: OpDef = compare("ne", np.not_equal)
lt: OpDef = compare("lt", np.less, ORDERED)
le: OpDef = compare("le", np.less_equal, ORDERED)
gt: OpDef = compare("gt", np.greater, ORDERED)
ge: OpDef = compare("ge", np.greater_equal, ORDERED)

# -- one operand --

neg: OpDef = elementwise("neg", np.negative, lambda c, g: neg(g))
abs: OpDef = elementwise("abs", np.absolute, lambda c, g: mul(g, sign(c.x)), kinds=REAL, saves=X)
sign: OpDef = elementwise("sign", kernels.sign, kinds=REAL)
exp: OpDef = elementwise("exp", np.exp, lambda c, g: mul(g, c.out), kinds=INEXACT, saves_outputs=OUT, expensive=True)
expm1: OpDef = elementwise(
    "expm1", np.expm1, lambda c, g: mul(g, c.out + 1), kinds=INEXACT, saves_outputs=OUT, expensive=True
)
log: OpDef = elementwise("log", np.log, lambda c, g: div(g, c.x), kinds=INEXACT, saves=X, expensive=True)
log1p: OpDef = elementwise("log1p", np.log1p, lambda c, g: div(g, c.x + 1), kinds=INEXACT, saves=X, expensive=True)
sqrt: OpDef = elementwise("sqrt", np.sqrt, lambda c, g: div(g, c.out * 2), kinds=INEXACT, saves_outputs=OUT)
rsqrt: OpDef = elementwise(
    "rsqrt",
    kernels.rsqrt,
    lambda c, g: mul(g * -0.5, div(c.out, c.x)),
    kinds=INEXACT,
    saves=X,
    saves_outputs=OUT,
    expensive=True,
)
sin: OpDef = elementwise("sin", np.sin, lambda c, g: mul(g, cos(c.x)), kinds=INEXACT, saves=X, expensive=True)
cos: OpDef = elementwise("cos", np.cos, lambda c, g: neg(mul(g, sin(c.x))), kinds=INEXACT, saves=X, expensive=True)
tan: OpDef = elementwise(
    "tan", np.tan, lambda c, g: mul(g, mul(c.out, c.out) + 1), kinds=INEXACT, saves_outputs=OUT, expensive=True
)
asin: OpDef = elementwise(
    "asin", np.arcsin, lambda c, g: mul(g, rsqrt(1 - mul(c.x, c.x))), kinds=INEXACT, saves=X, expensive=True
)
acos: OpDef = elementwise(
    "acos", np.arccos, lambda c, g: neg(mul(g, rsqrt(1 - mul(c.x, c.x)))), kinds=INEXACT, saves=X, expensive=True
)
atan: OpDef = elementwise(
    "atan", np.arctan, lambda c, g: div(g, mul(c.x, c.x) + 1), kinds=INEXACT, saves=X, expensive=True
)
sinh: OpDef = elementwise("sinh", np.sinh, lambda c, g: mul(g, cosh(c.x)), kinds=INEXACT, saves=X, expensive=True)
cosh: OpDef = elementwise("cosh", np.cosh, lambda c, g: mul(g, sinh(c.x)), kinds=INEXACT, saves=X, expensive=True)
tanh: OpDef = elementwise(
    "tanh", np.tanh, lambda c, g: mul(g, 1 - mul(c.out, c.out)), kinds=INEXACT, saves_outputs=OUT, expensive=True
)
asinh: OpDef = elementwise(
    "asinh", np.arcsinh, lambda c, g: mul(g, rsqrt(mul(c.x, c.x) + 1)), kinds=INEXACT, saves=X, expensive=True
)
acosh: OpDef = elementwise(
    "acosh",
    np.arccosh,
    lambda c, g: mul(g, mul(rsqrt(c.x - 1), rsqrt(c.x + 1))),
    kinds=INEXACT,
    saves=X,
    expensive=True,
)
atanh: OpDef = elementwise(
    "atanh", np.arctanh, lambda c, g: div(g, 1 - mul(c.x, c.x)), kinds=INEXACT, saves=X, expensive=True
)
sigmoid: OpDef = elementwise(
    "sigmoid",
    kernels.sigmoid,
    lambda c, g: mul(g, mul(c.out, 1 - c.out)),
    kinds=INEXACT,
    saves_outputs=OUT,
    expensive=True,
)
erf: OpDef = elementwise(
    "erf",
    kernels.erf,
    lambda c, g: mul(g, exp(neg(mul(c.x, c.x))) * (2 / math.sqrt(math.pi))),
    kinds=FLOAT,
    saves=X,
    expensive=True,
)
floor: OpDef = elementwise("floor", np.floor, kinds=FLOAT)
ceil: OpDef = elementwise("ceil", np.ceil, kinds=FLOAT)
round: OpDef = elementwise("round", np.rint, kinds=FLOAT)
bitwise_not: OpDef = elementwise("bitwise_not", np.invert, kinds=BITS)
isfinite: OpDef = compare("isfinite", np.isfinite, kinds=INEXACT)
isnan: OpDef = compare("isnan", np.isnan, kinds=INEXACT)


def _whole_quotient(x: Tensor, y: Tensor) -> Tensor:
    """The quotient rounded towards zero."""
    if x.dtype.is_integer:
        exact: Tensor = floor_div(sub(x, fmod(x, y)), y)
        return exact
    quotient = div(x, y)
    result: Tensor = select(lt(quotient, scalar(0, x.dtype)), ceil(quotient), floor(quotient))
    return result


def quotient(x: Tensor, y: Tensor) -> Tensor:
    """The quotient in derivatives; of integers rounded down."""
    result: Tensor = floor_div(x, y) if x.dtype.is_integer else div(x, y)
    return result


def _logarithm(x: Tensor) -> Tensor:
    """The logarithm; of integers without its fraction."""
    return convert(log(convert(x, float32)), x.dtype) if x.dtype.is_integer else log(x)


def or_one(x: Tensor, value: Tensor) -> Tensor:
    """`value`, or 1 where `x` is 0."""
    return select(eq(x, scalar(0, x.dtype)), scalar(1, x.dtype), value)


def share(mine: Tensor, other: Tensor, g: Tensor, wins: OpDef) -> Tensor:
    """The part of a cotangent that goes to the operand that wins, half where they draw."""
    return select(wins(mine, other), g, select(eq(mine, other), convert(g * 0.5, g.dtype), scalar(0, g.dtype)))


# -- those with a rule of their own --


def _infer_select(condition: TensorType, x: TensorType, y: TensorType) -> TensorType:
    check_kind("select", condition.dtype, ("bool",))
    dtype = same_dtype("select", (x, y))
    return TensorType(dtype, broadcast_shapes("select", (condition.shape, x.shape, y.shape)))


def _select_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    zero = scalar(0, g.dtype)
    return [
        None,
        unbroadcast(select(c.x, g, zero), c.types[1].shape) if c.needs[1] else None,
        unbroadcast(select(c.x, zero, g), c.types[2].shape) if c.needs[2] else None,
    ]


select: OpDef = register(
    OpDef(
        "select",
        _infer_select,
        np.where,
        Vjp(_select_vjp, saves=X),
        batch_elementwise,
        kind=Kind.ELEMENTWISE,
        total=True,
    )
)


def _infer_cast(x: TensorType, *, dtype: str) -> TensorType:
    if dtype not in BY_NAME:
        raise fail("cast", f"dtype={dtype!r}", f"one of {', '.join(BY_NAME)}", kind=TypeError)
    return x.with_dtype(BY_NAME[dtype])


def _cast_kernel(x: np.ndarray[Any, Any], *, dtype: str) -> np.ndarray[Any, Any]:
    return kernels.cast(x, dtype=BY_NAME[dtype].numpy)


def _cast_vjp(c: Residuals, g: Tensor) -> list[Tensor | None]:
    source: DType = c.types[0].dtype
    return [cast(g, dtype=source.name) if source.computes else None]


cast: OpDef = register(
    OpDef(
        "cast",
        _infer_cast,
        _cast_kernel,
        Vjp(_cast_vjp),
        batch_elementwise,
        kind=Kind.ELEMENTWISE,
        total=True,
        stored=True,
    )
)


def convert(x: Tensor, dtype: DType) -> Tensor:
    """`x` in another element type; `x` itself if it has that type."""
    if x.dtype is dtype:
        return x
    result: Tensor = cast(x, dtype=dtype.name)
    return result


def wide(x: Tensor) -> Tensor:
    """`x`, in float32 if it is of a floating-point type of 16 bits.

    For sums: they may overflow, and lose digits, where what is made of them does not; that is then converted back.
    """
    dtype = x.dtype
    return convert(x, float32) if dtype.itemsize == 2 and dtype.is_float else x
