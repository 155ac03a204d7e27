"""The mathematical functions, written inline for vectors of any number of lanes and for scalars.

Every function is within 2 units in the last place (`python -m lamella_cpu.accuracy` measures it).
"""

from __future__ import annotations

from collections.abc import Callable

from lamella_cpu import exponentials, trigonometry
from lamella_cpu.floats import Maths
from lamella_cpu.llvm import Function, Value, element, lanes, vector

Emitter = Callable[..., Value]


def _in_double(emit: Emitter) -> Emitter:
    """A function of floats that is computed in doubles."""

    def emitter(f: Function, *operands: Value) -> Value:
        type = operands[0].type
        wide = vector("double", lanes(type))
        return f.convert("fptrunc", emit(f, *(f.convert("fpext", x, wide) for x in operands)), type)

    return emitter


def _sqrt(f: Function, x: Value) -> Value:
    return f.intrinsic("sqrt", x)


def _rsqrt(f: Function, x: Value) -> Value:
    return f.fdiv(Maths(f, x.type).number(1.0), f.intrinsic("sqrt", x))


#: Functions with algorithms for both formats.
_EITHER: dict[str, Emitter] = {
    "cos": trigonometry.cos,
    "erf": exponentials.erf,
    "exp": exponentials.exp,
    "exp2": exponentials.exp2,
    "expm1": exponentials.expm1,
    "log": exponentials.log,
    "log1p": exponentials.log1p,
    "rsqrt": _rsqrt,
    "sigmoid": exponentials.sigmoid,
    "sin": trigonometry.sin,
    "sqrt": _sqrt,
    "tanh": exponentials.tanh,
}

#: Functions with algorithms for doubles.
_DOUBLE: dict[str, Emitter] = {
    "acos": trigonometry.acos,
    "acosh": exponentials.acosh,
    "asin": trigonometry.asin,
    "asinh": exponentials.asinh,
    "atan": trigonometry.atan,
    "atan2": trigonometry.atan2,
    "atanh": exponentials.atanh,
    "cosh": exponentials.cosh,
    "sinh": exponentials.sinh,
    "tan": trigonometry.tan,
}


def _either(emit: Emitter) -> Emitter:
    """A function of floats or doubles whose algorithm is for doubles."""

    def emitter(f: Function, *operands: Value) -> Value:
        return (emit if element(operands[0].type) == "double" else _in_double(emit))(f, *operands)

    return emitter


#: How each function is written: `TABLE[name](f, x)` or `(f, x, y)`, of operands of one type, gives its value.
TABLE: dict[str, Emitter] = {
    **_EITHER,
    **{name: _either(emit) for name, emit in _DOUBLE.items()},
    "pow": _in_double(exponentials.power),
}

#: Those that are within 2 units for doubles, too; all are for floats.
DOUBLE = frozenset(TABLE) - {"acosh", "pow", "tan"}
