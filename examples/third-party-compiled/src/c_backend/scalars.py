"""What is known of C: its types, and each elementwise primitive as an expression of its operands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamella.dtypes import BY_NAME, DType
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

#: C's word for the elements of each type that it has.
TYPES: Mapping[str, str] = {
    "float32": "float",
    "float64": "double",
    "bool": "bool",
    **{f"{sign}int{bits}": f"{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}

#: For floats, integers and bools: an expression of the operands {0}, {1}, {2}; "" where there is none.
_ROWS: Mapping[OpDef, tuple[str, str, str]] = {
    prims.add: ("{0} + {1}", "{0} + {1}", "{0} | {1}"),
    prims.sub: ("{0} - {1}", "{0} - {1}", ""),
    prims.mul: ("{0} * {1}", "{0} * {1}", "{0} & {1}"),
    prims.div: ("{0} / {1}", "", ""),
    prims.maximum: ("({0} > {1} || {0} != {0}) ? {0} : {1}", "{0} > {1} ? {0} : {1}", "{0} | {1}"),
    prims.minimum: ("({0} < {1} || {0} != {0}) ? {0} : {1}", "{0} < {1} ? {0} : {1}", "{0} & {1}"),
    prims.neg: ("-{0}", "-{0}", ""),
    prims.abs: ("fabs({0})", "{0} < 0 ? -{0} : {0}", ""),
    prims.sign: ("{0} > 0 ? 1 : {0} < 0 ? -1 : {0}", "({0} > 0) - ({0} < 0)", ""),
    prims.bitwise_and: ("", "{0} & {1}", "{0} & {1}"),
    prims.bitwise_or: ("", "{0} | {1}", "{0} | {1}"),
    prims.bitwise_xor: ("", "{0} ^ {1}", "{0} ^ {1}"),
    prims.bitwise_not: ("", "~{0}", "!{0}"),
    prims.isfinite: ("isfinite({0})", "", ""),
    prims.isnan: ("{0} != {0}", "", ""),
    prims.round: ("rint({0})", "", ""),
    prims.rsqrt: ("1 / sqrt({0})", "", ""),
    prims.sigmoid: ("1 / (1 + exp(-{0}))", "", ""),
    prims.atan2: ("atan2({0}, {1})", "", ""),
    prims.pow: ("pow({0}, {1})", "", ""),
    prims.checked_index: ("", "{0}", ""),
    **dict.fromkeys([prims.select], ("{0} ? {1} : {2}",) * 3),
    **{
        getattr(prims, name): (f"{{0}} {word} {{1}}",) * 3
        for name, word in [("eq", "=="), ("ne", "!="), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">=")]
    },
    **{
        getattr(prims, name): (f"{name}({{0}})", "", "")
        for name in (
            *("sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf"),
            *("asin", "acos", "atan", "asinh", "acosh", "atanh", "floor", "ceil"),
        )
    },
}

#: Of each reduction: what is combined with nothing, by type, and how two become one.
REDUCE: Mapping[OpDef, tuple[Any, OpDef]] = {
    prims.reduce_sum: (lambda dtype: 0, prims.add),
    prims.reduce_prod: (lambda dtype: 1, prims.mul),
    prims.reduce_max: (lambda dtype: _limit(dtype, highest=False), prims.maximum),
    prims.reduce_min: (lambda dtype: _limit(dtype, highest=True), prims.minimum),
}


def expression(op: OpDef, dtype: DType) -> str:
    """A primitive on operands of a type, the last of them if they differ; "" if C has it not."""
    return _ROWS.get(op, ("", "", ""))[0 if dtype.is_float else 2 if dtype.kind == "bool" else 1]


def casts(source: DType, target: str) -> bool:
    """Whether C converts as NumPy does: not floats to integers, where it leaves open what is out of range."""
    return target in TYPES and not (source.is_float and BY_NAME[target].kind in ("int", "uint"))


def number(value: Any, dtype: DType) -> str:
    """A constant."""
    if dtype.is_float:
        text = "NAN" if math.isnan(value) else "INFINITY" if math.isinf(value) else abs(float(value)).hex()
        return f"(({TYPES[dtype.name]}){'-' if math.copysign(1, value) < 0 else ''}{text})"
    return f"(({TYPES[dtype.name]})UINT64_C({int(value) % (1 << 64)}))"


def _limit(dtype: DType, highest: bool) -> Any:
    if dtype.is_float:
        return math.inf if highest else -math.inf
    if dtype.kind == "bool":
        return highest
    return np.iinfo(dtype.numpy).max if highest else np.iinfo(dtype.numpy).min
