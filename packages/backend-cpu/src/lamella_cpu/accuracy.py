"""How exact and how fast the mathematical functions are: `python -m lamella_cpu.accuracy` prints a table.

Errors are counted in units in the last place of the exact result, which NumPy computes in a wider format. With
`--every 1` all floats are tried, which takes most of an hour; the default is every 4093rd.
"""

from __future__ import annotations

import argparse
import ctypes
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lamella.codegen import exponentials
from lamella.codegen.llvm import INDEX, Function, Module, vector
from lamella.codegen.vectormath import DOUBLE, TABLE, Emitter
from lamella_cpu.host import host
from lamella_cpu.runtime import native

Array = np.ndarray[Any, Any]

TYPES: dict[str, type[np.floating[Any]]] = {"float": np.float32, "double": np.float64}
WIDER: dict[str, type[np.floating[Any]]] = {"float": np.float64, "double": np.longdouble}

#: Formats for which there is a wider one to measure by.
MEASURED = [kind for kind in TYPES if np.finfo(WIDER[kind]).nmant > np.finfo(TYPES[kind]).nmant]

_CHUNK = 1 << 20


def _erf(x: Array) -> Array:
    """The error function, in the format of its argument: beyond double a series near 0, and 1 - erfc elsewhere."""
    from scipy import special

    if x.dtype == np.float64:
        return np.asarray(special.erf(x))
    a = np.minimum(np.abs(x), 2)
    total, term = a.copy(), a.copy()
    for n in range(1, 60):
        term = term * -(a * a) / n
        total += term / (2 * n + 1)
    half = np.arctan(x.dtype.type(1)) * 2
    far = 1 - special.erfc(np.abs(x).astype(np.float64)).astype(x.dtype)
    return np.asarray(np.copysign(np.where(np.abs(x) < 2, total * np.sqrt(2 / half), far), x))


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _rsqrt(x: Array) -> Array:
    return np.asarray(1 / np.sqrt(x))


#: The same functions by NumPy, in any format.
REFERENCES: dict[str, Callable[..., Array]] = {
    "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan,
    "atan2": np.arctan2, "atanh": np.arctanh, "cos": np.cos, "cosh": np.cosh, "erf": _erf, "exp": np.exp,
    "exp2": np.exp2, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "pow": np.power, "rsqrt": _rsqrt,
    "sigmoid": _sigmoid, "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt, "tan": np.tan, "tanh": np.tanh,
}  # fmt: skip

#: The functions of native code by name; that of `exp2` only others use.
FUNCTIONS: dict[str, Emitter] = {"exp2": exponentials.exp2, **{op.name: emit for op, emit in TABLE.items()}}
#: Those with algorithms for doubles, as exact as for floats.
IN_DOUBLE = frozenset(["exp2", *(op.name for op in DOUBLE)])

#: Those of two operands.
PAIRS = frozenset(["atan2", "pow"])


def compiled(name: str, kind: str, lanes: int | None = None) -> Callable[..., Array]:
    """A function of `FUNCTIONS` on whole arrays, whose length the number of lanes divides.

    Args:
        name: which.
        kind: "float" or "double".
        lanes: of the vectors; 0 for scalars; by default as many as fit.

    Examples:
        >>> compiled("sqrt", "double")(np.array([4.0] * 16))[0]
        np.float64(2.0)
    """
    count = host().lanes(kind) if lanes is None else lanes
    operands = 2 if name in PAIRS else 1
    module = Module(name)
    f = Function(module, "run", ["ptr"] * (operands + 1) + [INDEX], external=True)
    *sources, target, length = f.parameters
    with f.loop(0, length, count or 1) as loop:
        numbers = [f.load(vector(kind, count), f.at(source, kind, loop.index)) for source in sources]
        f.store(FUNCTIONS[name](f, *numbers), f.at(target, kind, loop.index))
    f.ret()
    f.finish()
    code = native.compile_module(str(module), name)
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * (operands + 1), ctypes.c_int64)(code.address("run"))

    def run(*arrays: Array) -> Array:
        arrays = tuple(np.ascontiguousarray(array, TYPES[kind]) for array in arrays)
        assert code is not None  # the function must not outlive it
        out = np.empty_like(arrays[0])
        function(*(array.ctypes.data for array in arrays), out.ctypes.data, out.size)
        return out

    return run


def units(got: Array, exact: Array) -> Array:
    """Errors in units in the last place; infinite where an infinity, a NaN or the sign of a zero is wrong.

    Args:
        got: results.
        exact: what they should be, in a wider format.
    """
    kind = got.dtype.type
    wide = exact.dtype.type
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = exact.astype(kind)
    unit = np.spacing(np.maximum(np.abs(rounded), np.finfo(kind).tiny)).astype(wide)
    # The largest numbers border on infinity, which there counts as the next one.
    beyond = np.copysign(wide(2) ** np.finfo(kind).maxexp, got)
    border = np.isfinite(exact) & (np.abs(exact) > np.finfo(kind).max * (1 - wide(2) * np.finfo(kind).eps))
    with np.errstate(invalid="ignore"):
        error = np.abs(np.where(np.isinf(got), beyond, got) - exact) / unit
    same = (got == rounded) & (np.signbit(got) == np.signbit(rounded)) | (np.isnan(got) & np.isnan(rounded))
    special = ~np.isfinite(rounded) | ~np.isfinite(got) | (rounded == 0)
    tiny = (rounded == 0) & (np.abs(got) <= np.finfo(kind).smallest_subnormal) & (np.signbit(got) == np.signbit(exact))
    return np.asarray(np.where(same & special, 0.0, np.where(special & ~border & ~tiny, np.inf, error)))


def largest_error(name: str, kind: str, arguments: Iterator[tuple[Array, ...]]) -> tuple[float, tuple[float, ...]]:
    """The largest error of a function, and where it is.

    Args:
        name: which.
        kind: "float" or "double".
        arguments: arrays to try, of lengths that are multiples of 64.
    """
    function, reference = compiled(name, kind), REFERENCES[name]
    worst: float = -1.0
    place: tuple[float, ...] = ()
    with np.errstate(all="ignore"):
        for arrays in arguments:
            errors = units(function(*arrays), reference(*(array.astype(WIDER[kind]) for array in arrays)))
            i = int(errors.argmax())
            if float(errors[i]) > worst:
                worst, place = float(errors[i]), tuple(float(array[i]) for array in arrays)
    return worst, place


def floats(every: int) -> Iterator[tuple[Array, ...]]:
    """All floats, or each so many-th of them, in parts."""
    for start in range(0, 1 << 32, _CHUNK * every):
        bits = np.arange(start, min(start + _CHUNK * every, 1 << 32), every, dtype=np.uint64).astype(np.uint32)
        yield (np.resize(bits, -(-bits.size // 64) * 64).view(np.float32),)


def samples(kind: str, operands: int, count: int) -> Iterator[tuple[Array, ...]]:
    """Random arguments: of all sizes, of usual sizes, and those at which functions change."""
    random, type = np.random.default_rng(0), TYPES[kind]
    edges: list[Any] = [
        0.0,
        1.0,
        0.5,
        2.0,
        3.0,
        1e-40,
        5e-324,
        2.3e-308,
        1e5,
        1e9,
        1e22,
        np.finfo(type).max,
        np.inf,
        np.nan,
    ]
    edges += [0.625, 0.6875, 1.5, 88.72, 88.73, 103.97, 104.0, 709.78, 709.79, 710.47, 745.1, 745.2, 16777217.0]
    points = np.array([sign * edge for edge in edges for sign in (1, -1)]).astype(type)
    grid = np.meshgrid(*[points] * operands)
    yield tuple(np.resize(axis.ravel(), -(-axis.size // 64) * 64) for axis in grid)
    yield tuple(np.frombuffer(random.bytes(count * points.itemsize), type) for _ in range(operands))
    for low, high in ((-1, 1), (-10, 10), (-110, 110), (0, 2), (-750, 750)):
        yield tuple(random.uniform(low, high, count).astype(type) for _ in range(operands))


def nanoseconds(function: Callable[..., Array], *arrays: Array) -> float:
    """Time for an element, the least of some tries."""
    times = []
    for _ in range(15):
        start = time.perf_counter()
        function(*arrays)
        times.append(time.perf_counter() - start)
    return min(times) / arrays[0].size * 1e9


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--every", type=int, default=4093, help="try each so many-th float")
    every = parser.parse_args().every
    print(f"| {'function':8} | {'type':6} | largest error | {'at':>24} | ns | NumPy ns |\n|---|---|---|---|---|---|")
    for name in sorted(FUNCTIONS):
        operands = 2 if name in PAIRS else 1
        for kind in MEASURED if name in IN_DOUBLE else MEASURED[:1]:
            exhaustive = kind == "float" and operands == 1
            arguments = floats(every) if exhaustive else samples(kind, operands, 1 << 18)
            error, place = largest_error(name, kind, arguments)
            arrays = [np.linspace(0.01, 0.99, 1 << 16).astype(TYPES[kind]) + (name == "acosh") for _ in range(operands)]
            own, peer = nanoseconds(compiled(name, kind), *arrays), nanoseconds(REFERENCES[name], *arrays)
            where = ", ".join(f"{x:.9g}" for x in place)
            print(f"| {name:8} | {kind:6} | {error:13.3f} | {where:>24} | {own:.2f} | {peer:.2f} |", flush=True)


if __name__ == "__main__":
    main()
