"""How each elementwise primitive is computed on one vector register: a table.

A bool is an `i1` in a register and a byte in memory. Integers wrap around.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lamella.codegen import half
from lamella.codegen.llvm import Function, Register, constant, lanes, suffix, vector
from lamella.dtypes import DType, float32
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

#: LLVM's type for the elements of each native type, in a register.
REGISTER: Mapping[str, str] = {
    "float32": "float",
    "float64": "double",
    "bool": "i1",
    **dict.fromkeys(half.NARROW, "i16"),  # the bits
    **{f"{sign}int{bits}": f"i{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
#: … and in memory.
MEMORY: Mapping[str, str] = {**REGISTER, "bool": "i8"}

Emitter = Callable[[Function, list[Register], DType, dict[str, Any]], Register]
Combine = Callable[[Function, Register, Register, DType], Register]


def _binary(floats: str, ints: str, bools: str = "") -> Emitter:
    def emit(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
        return f.binary(floats if dtype.is_float else bools if dtype.kind == "bool" else ints, x[0], x[1])

    return emit


def _compare(floats: str, signed: str, unsigned: str) -> Emitter:
    def emit(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
        return f.compare(floats if dtype.is_float else signed if dtype.kind == "int" else unsigned, x[0], x[1])

    return emit


def larger(f: Function, x: Register, y: Register, dtype: DType) -> Register:
    """The larger of two; NaN if either is."""
    return _extreme(f, x, y, dtype, "ogt", "smax", "umax", "or")


def smaller(f: Function, x: Register, y: Register, dtype: DType) -> Register:
    """The smaller of two; NaN if either is."""
    return _extreme(f, x, y, dtype, "olt", "smin", "umin", "and")


def _extreme(
    f: Function, x: Register, y: Register, dtype: DType, wins: str, signed: str, unsigned: str, bools: str
) -> Register:
    if dtype.kind == "bool":
        return f.binary(bools, x, y)
    if not dtype.is_float:
        return f.intrinsic(signed if dtype.kind == "int" else unsigned, x, y)
    x_wins = f.binary("or", f.compare(wins, x, y), f.compare("uno", x, x))
    return f.select(x_wins, x, y)


def _shift(word: str, signed_word: str = "") -> Emitter:
    """A shift; one by as many bits as there are, or more, leaves nothing but the sign."""

    def emit(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
        value, count = x
        bits = 8 * dtype.itemsize
        inside = f.compare("ult", count, constant(count.type, bits))
        if signed_word and dtype.kind == "int":
            return f.binary(signed_word, value, f.select(inside, count, constant(count.type, bits - 1)))
        safe = f.select(inside, count, constant(count.type, 0))
        return f.select(inside, f.binary(word, value, safe), constant(value.type, 0))

    return emit


def _sign(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
    (value,) = x
    none = constant(value.type, 0)
    one = constant(value.type, 1)
    if dtype.is_float:  # x itself where it is NaN or a zero
        sized = f.intrinsic("copysign", one, value)
        return f.select(f.compare("one", value, none), sized, value)
    if dtype.kind == "uint":
        return f.select(f.compare("ne", value, none), one, none)
    above, below = f.compare("sgt", value, none), f.compare("slt", value, none)
    return f.select(above, one, f.select(below, constant(value.type, -1), none))


def _abs(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
    (value,) = x
    if dtype.is_float:
        return f.intrinsic("fabs", value)
    if dtype.kind == "uint":
        return value
    none = constant(value.type, 0)
    return f.select(f.compare("slt", value, none), f.binary("sub", none, value), value)


def _neg(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
    return f.fneg(x[0]) if dtype.is_float else f.binary("sub", constant(x[0].type, 0), x[0])


def _not(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
    return f.binary("xor", x[0], constant(x[0].type, 1 if dtype.kind == "bool" else -1))


def _isfinite(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
    return f.compare("olt", f.intrinsic("fabs", x[0]), constant(x[0].type, float("inf")))


def _quotient(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
    """The quotient rounded towards minus infinity, of floats as NumPy finds it: from the remainder, which is exact."""
    a, b = x
    if not dtype.is_float:
        return _divided(f, a, b, dtype)[0]
    plain, zero, one = f.fdiv(a, b), constant(a.type, 0), constant(a.type, 1)
    rest = f.binary("frem", a, b)
    quotient = f.fdiv(f.fsub(a, rest), b)
    quotient = f.select(_crosses_zero(f, rest, b), f.fsub(quotient, one), quotient)
    whole = f.intrinsic("floor", quotient)
    is_below = f.compare("ogt", f.fsub(quotient, whole), constant(a.type, 0.5))
    whole = f.select(is_below, f.fadd(whole, one), whole)
    whole = f.select(f.compare("une", quotient, zero), whole, f.intrinsic("copysign", zero, plain))
    return f.select(f.compare("oeq", b, zero), plain, whole)


def _remainder(f: Function, x: list[Register], dtype: DType, attrs: dict[str, Any]) -> Register:
    """The remainder that has the sign of the divisor."""
    a, b = x
    if not dtype.is_float:
        return _divided(f, a, b, dtype)[1]
    zero, rest = constant(a.type, 0), f.binary("frem", a, b)
    found = f.select(_crosses_zero(f, rest, b), f.fadd(rest, b), rest)
    is_zero = f.binary("and", f.compare("oeq", rest, zero), f.compare("une", b, zero))
    return f.select(is_zero, f.intrinsic("copysign", zero, b), found)


def _crosses_zero(f: Function, rest: Register, b: Register) -> Register:
    """Whether a remainder is not 0 and has the other sign than the divisor."""
    zero = constant(b.type, 0)
    differ = f.binary("xor", f.compare("olt", b, zero), f.compare("olt", rest, zero))
    return f.binary("and", f.compare("une", rest, zero), differ)


def _divided(f: Function, a: Register, b: Register, dtype: DType) -> tuple[Register, Register]:
    """Quotient and remainder of integers; of a division by 0, whatever: the processor must not see it."""
    zero, one = constant(a.type, 0), constant(a.type, 1)
    no_divisor = f.compare("eq", b, zero)
    if dtype.kind == "uint":
        quotient = f.binary("udiv", a, f.select(no_divisor, one, b))
        return quotient, f.binary("sub", a, f.binary("mul", quotient, b))
    # Nor the lowest integer by -1, which wraps around here.
    negates = f.compare("eq", b, constant(a.type, -1))
    quotient = f.binary("sdiv", a, f.select(f.binary("or", no_divisor, negates), one, b))
    quotient = f.select(negates, f.binary("sub", zero, a), quotient)
    rest = f.binary("sub", a, f.binary("mul", quotient, b))
    differ = f.compare("slt", f.binary("xor", rest, b), zero)
    below = f.binary("and", f.compare("ne", rest, zero), differ)
    return (
        f.select(below, f.binary("sub", quotient, one), quotient),
        f.select(below, f.binary("add", rest, b), rest),
    )


def _intrinsic(name: str) -> Emitter:
    return lambda f, x, dtype, attrs: f.intrinsic(name, x[0])


def cast(f: Function, x: Register, source: DType, target: DType) -> Register:
    """Conversion as NumPy does it, where that is defined."""
    if source is target:
        return x
    if source.name in half.NARROW:
        return cast(f, half.to_float(f, x, source), float32, target)
    if target.name in half.NARROW:
        return half.from_float(f, cast(f, x, source, float32), target)
    kind = vector(REGISTER[target.name], lanes(x.type))
    if target.kind == "bool":
        return f.compare("une" if source.is_float else "ne", x, constant(x.type, 0))
    if source.is_float and target.is_float:
        return f.convert("fpext" if target.itemsize > source.itemsize else "fptrunc", x, kind)
    if source.is_float:
        return _to_integer(f, x, target, kind)
    if target.is_float:
        return f.convert("sitofp" if source.kind == "int" else "uitofp", x, kind)
    if source.kind != "bool" and target.itemsize == source.itemsize:
        return Register(kind, x.name)
    if source.kind != "bool" and target.itemsize < source.itemsize:
        return f.convert("trunc", x, kind)
    return f.convert("sext" if source.kind == "int" else "zext", x, kind)


def _to_integer(f: Function, x: Register, target: DType, kind: str) -> Register:
    """The nearest integer of the type toward zero; 0 for NaN."""
    word = "fptosi" if target.kind == "int" else "fptoui"
    name = f"llvm.{word}.sat.{suffix(kind)}.{suffix(x.type)}"
    f.module.declare(name, kind, [x.type])
    return f.call(kind, name, x)


#: Emitters of the elementwise primitives that need no polynomial; those come from `vectormath`.
TABLE: Mapping[OpDef, Emitter] = {
    prims.add: _binary("fadd", "add", "or"),
    prims.sub: _binary("fsub", "sub"),
    prims.mul: _binary("fmul", "mul", "and"),
    prims.div: lambda f, x, dtype, attrs: f.fdiv(x[0], x[1]),
    prims.floor_div: _quotient,
    prims.floor_mod: _remainder,
    prims.maximum: lambda f, x, dtype, attrs: larger(f, x[0], x[1], dtype),
    prims.minimum: lambda f, x, dtype, attrs: smaller(f, x[0], x[1], dtype),
    prims.bitwise_and: _binary("", "and", "and"),
    prims.bitwise_or: _binary("", "or", "or"),
    prims.bitwise_xor: _binary("", "xor", "xor"),
    prims.shift_left: _shift("shl"),
    prims.shift_right: _shift("lshr", "ashr"),
    prims.eq: _compare("oeq", "eq", "eq"),
    prims.ne: _compare("une", "ne", "ne"),
    prims.lt: _compare("olt", "slt", "ult"),
    prims.le: _compare("ole", "sle", "ule"),
    prims.gt: _compare("ogt", "sgt", "ugt"),
    prims.ge: _compare("oge", "sge", "uge"),
    prims.neg: _neg,
    prims.abs: _abs,
    prims.sign: _sign,
    prims.sqrt: _intrinsic("sqrt"),
    prims.floor: _intrinsic("floor"),
    prims.ceil: _intrinsic("ceil"),
    prims.round: _intrinsic("rint"),
    prims.bitwise_not: _not,
    prims.isfinite: _isfinite,
    prims.isnan: lambda f, x, dtype, attrs: f.compare("uno", x[0], x[0]),
    prims.select: lambda f, x, dtype, attrs: f.select(x[0], x[1], x[2]),
}

#: The element of a reduction that changes nothing, and how two partial results become one.
REDUCE: Mapping[OpDef, tuple[Callable[[DType], float], Combine]] = {
    prims.reduce_sum: (lambda dtype: 0, lambda f, x, y, dtype: f.binary("fadd" if dtype.is_float else "add", x, y)),
    prims.reduce_prod: (lambda dtype: 1, lambda f, x, y, dtype: f.binary("fmul" if dtype.is_float else "mul", x, y)),
    prims.reduce_max: (lambda dtype: _limit(dtype, "min"), larger),
    prims.reduce_min: (lambda dtype: _limit(dtype, "max"), smaller),
}


def _limit(dtype: DType, which: str) -> Any:
    if dtype.is_float:
        return float("-inf") if which == "min" else float("inf")
    if dtype.kind == "bool":
        return which == "max"
    return int(getattr(np.iinfo(dtype.numpy), which))


def literal(array: np.ndarray[Any, Any], dtype: DType) -> Register:
    """A constant of one element."""
    kind = REGISTER[dtype.name]
    number = (array.view(np.uint16) if dtype.name in half.NARROW else array).reshape(-1)[0].item()
    if kind[0] == "i" and number >= 1 << (8 * dtype.itemsize - 1):
        number -= 1 << (8 * dtype.itemsize)
    return constant(kind, number)
