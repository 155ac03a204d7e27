"""The mathematical functions, written inline for vectors of any number of lanes and for scalars.

Every function is within 2 units in the last place (`python -m lamella_cpu.accuracy` measures it).
"""

from __future__ import annotations

from collections.abc import Callable

from lamella.codegen import exponentials, trigonometry
from lamella.codegen.floats import Maths
from lamella.codegen.llvm import Function, Register, element, lanes, vector
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

Emitter = Callable[..., Register]


def _in_double(emit: Emitter) -> Emitter:
    """A function of floats that is computed in doubles."""

    def emitter(f: Function, *operands: Register) -> Register:
        type = operands[0].type
        wide = vector("double", lanes(type))
        return f.convert("fptrunc", emit(f, *(f.convert("fpext", x, wide) for x in operands)), type)

    return emitter


def _sqrt(f: Function, x: Register) -> Register:
    return f.intrinsic("sqrt", x)


def _rsqrt(f: Function, x: Register) -> Register:
    return f.fdiv(Maths(f, x.type).number(1.0), f.intrinsic("sqrt", x))


#: Functions with algorithms for both formats.
_EITHER: dict[OpDef, Emitter] = {
    prims.cos: trigonometry.cos,
    prims.erf: exponentials.erf,
    prims.exp: exponentials.exp,
    prims.expm1: exponentials.expm1,
    prims.log: exponentials.log,
    prims.log1p: exponentials.log1p,
    prims.rsqrt: _rsqrt,
    prims.sigmoid: exponentials.sigmoid,
    prims.sin: trigonometry.sin,
    prims.sqrt: _sqrt,
    prims.tanh: exponentials.tanh,
}

#: Functions with algorithms for doubles.
_DOUBLE: dict[OpDef, Emitter] = {
    prims.acos: trigonometry.acos,
    prims.acosh: exponentials.acosh,
    prims.asin: trigonometry.asin,
    prims.asinh: exponentials.asinh,
    prims.atan: trigonometry.atan,
    prims.atan2: trigonometry.atan2,
    prims.atanh: exponentials.atanh,
    prims.cosh: exponentials.cosh,
    prims.pow: exponentials.power,
    prims.sinh: exponentials.sinh,
    prims.tan: trigonometry.tan,
}


def _either(emit: Emitter) -> Emitter:
    """A function of floats or doubles whose algorithm is for doubles."""

    def emitter(f: Function, *operands: Register) -> Register:
        return (emit if element(operands[0].type) == "double" else _in_double(emit))(f, *operands)

    return emitter


#: How each function is written: `TABLE[op](f, x)` or `(f, x, y)`, of operands of one type, gives its value.
TABLE: dict[OpDef, Emitter] = {
    **_EITHER,
    **{op: _either(emit) for op, emit in _DOUBLE.items()},
}

#: Those that are within 2 units for doubles, too; all are for floats.
DOUBLE = frozenset(TABLE) - {prims.acosh, prims.pow, prims.tan}
