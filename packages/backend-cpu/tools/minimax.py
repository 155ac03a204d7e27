"""Computes the polynomials of `lamella/codegen/coefficients.py`, which is what this prints. Needs mpmath.

Each has the least maximal error of its degree, found by Remez' exchange algorithm (see Cheney, "Introduction to
Approximation Theory", chapter 3). They are made for use where rounding their coefficients does not matter: what counts
most in a result is exact, and added last.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import NamedTuple

import mpmath as mp

mp.mp.dps = 50
Real = Callable[[mp.mpf], mp.mpf]


class Fit(NamedTuple):
    """A polynomial to find: p such that p(t) is near target(t).

    Attributes:
        name: the function that uses it.
        format: "float" or "double", in which it is used.
        terms: number of coefficients.
        low: where the interval begins.
        high: where it ends.
        target: what to be near.
        weight: what an error of p does to the function's relative error.
    """

    name: str
    format: str
    terms: int
    low: float | mp.mpf
    high: float | mp.mpf
    target: Real
    weight: Real


def at_zero(formula: Real) -> Real:
    """A formula that divides 0 by 0 at 0, with enough digits to come close."""

    def value(t: mp.mpf) -> mp.mpf:
        with mp.workdps(250):
            return formula(t if abs(t) > mp.mpf(10) ** -40 else mp.mpf(10) ** -40)

    return value


def minimax(fit: Fit) -> list[mp.mpf]:
    """The coefficients of the best polynomial."""
    low, high, count = mp.mpf(fit.low), mp.mpf(fit.high), fit.terms
    steps = 24 * (count + 1)
    grid = [(low + high) / 2 - (high - low) / 2 * mp.cos(mp.pi * i / steps) for i in range(steps + 1)]
    grid = [t for t in grid if fit.weight(t) > 1e-30]
    targets, weights = [fit.target(t) for t in grid], [fit.weight(t) for t in grid]
    chosen = [round(i * (len(grid) - 1) / count) for i in range(count + 1)]
    for _ in range(40):
        rows = [[grid[i] ** k for k in range(count)] + [(-1) ** n / weights[i]] for n, i in enumerate(chosen)]
        solution = mp.lu_solve(mp.matrix(rows), mp.matrix([targets[i] for i in chosen]))
        found = [solution[k] for k in range(count)]
        errors = [(targets[i] - mp.polyval(found[::-1], t)) * weights[i] for i, t in enumerate(grid)]
        peaks: list[int] = []
        for i, error in enumerate(errors):  # the largest error of each run of one sign
            if peaks and errors[peaks[-1]] * error > 0:
                peaks[-1] = max(peaks[-1], i, key=lambda j: abs(errors[j]))
            else:
                peaks.append(i)
        while len(peaks) > count + 1:
            peaks.pop(min(0, -1, key=lambda end: abs(errors[peaks[end]])))
        if len(peaks) <= count or peaks == chosen:
            break
        chosen = peaks
    return found


def rounded(number: mp.mpf, format: str) -> float:
    """The nearest number of a format."""
    return struct.unpack("f", struct.pack("f", float(number)))[0] if format == "float" else float(number)


def error(fit: Fit, coefficients: list[float]) -> float:
    """The largest error that a polynomial makes."""
    low, high = mp.mpf(fit.low), mp.mpf(fit.high)
    grid = [low + (high - low) * i / 500 for i in range(501)]
    return float(max(abs((fit.target(t) - mp.polyval(coefficients[::-1], t)) * fit.weight(t)) for t in grid))


HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.001")
QUARTER = mp.pi / 4 * mp.mpf("1.02")  # the reduction of large arguments misses the middle a little
ROOT = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)  # s = f / (2 + f) where 1 + f is the root of 2
EIGHTH = mp.tan(mp.pi / 8)

#: What is to be near, and what an error of it does to the function's relative error.
SHAPES: dict[str, tuple[Real, Real]] = {
    # exp(r) = 1 + r + r^2 p(r)
    "exp": (at_zero(lambda r: (mp.exp(r) - 1 - r) / r**2), lambda r: r**2 / mp.exp(r)),
    # 2^r = 1 + r p(r)
    "exp2": (at_zero(lambda r: (mp.power(2, r) - 1) / r), lambda r: abs(r) / mp.power(2, r)),
    # log((1 + s) / (1 - s)) = 2 s + s^3 p(s^2)
    "log": (at_zero(lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z), lambda z: z / 2),
    # sin r = r + r^3 p(r^2)
    "sin": (at_zero(lambda z: (mp.sin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), lambda z: z),
    # cos r = 1 - r^2 / 2 + r^4 p(r^2)
    "cos": (at_zero(lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2), lambda z: z**2),
    # tanh x = x + x^3 p(x^2) below 5/8
    "tanh": (at_zero(lambda z: (mp.tanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), lambda z: z),
    # sinh x = x + x^3 p(x^2) below 1
    "sinh": (at_zero(lambda z: (mp.sinh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), lambda z: z),
    # erf x = x + x p(x^2) below 1
    "erf": (at_zero(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1), lambda z: mp.mpf(1)),
    # erf x = 1 - exp(-p(x)) above
    "erfc": (lambda x: -mp.log(mp.erfc(x)), mp.erfc),
    # atan x = x + x^3 p(x^2)
    "atan": (at_zero(lambda z: (mp.atan(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), lambda z: z),
    # asin x = x + x^3 p(x^2)
    "asin": (at_zero(lambda z: (mp.asin(mp.sqrt(z)) / mp.sqrt(z) - 1) / z), lambda z: z),
}

FITS = [
    Fit(name, format, terms, low, high, *SHAPES[name])
    for name, format, terms, low, high in (
        ("exp", "float", 5, -HALF_LN2, HALF_LN2),
        ("exp", "double", 11, -HALF_LN2, HALF_LN2),
        ("exp2", "float", 6, -0.5, 0.5),
        ("exp2", "double", 12, -0.5, 0.5),
        ("log", "float", 4, 0, ROOT**2),
        ("log", "double", 7, 0, ROOT**2),
        ("sin", "float", 3, 0, QUARTER**2),
        ("sin", "double", 6, 0, QUARTER**2),
        ("cos", "float", 3, 0, QUARTER**2),
        ("cos", "double", 6, 0, QUARTER**2),
        ("tanh", "float", 5, 0, 0.625**2),
        ("tanh", "double", 11, 0, 0.625**2),
        ("sinh", "double", 8, 0, 1),
        ("erf", "float", 7, 0, 1),
        ("erf", "double", 13, 0, 1),
        ("erfc", "float", 8, 1, 4),
        ("erfc", "double", 18, 1, 6),
        ("atan", "double", 11, 0, EIGHTH**2),
        ("asin", "double", 12, 0, 0.25),
    )
]

HEADER = '''"""Polynomials, lowest power first: printed by tools/minimax.py, which says what each is near.

Above each stands its largest error, relative to the function's value.
"""

COEFFICIENTS: dict[tuple[str, str], tuple[float, ...]] = {'''


def main() -> None:
    """Print the module."""
    print(HEADER)
    for fit in FITS:
        coefficients = [rounded(c, fit.format) for c in minimax(fit)]
        print(f"    # 2^{math.log2(error(fit, coefficients)):.1f}")
        print(f'    ("{fit.name}", "{fit.format}"): (')
        for number in coefficients:
            print(f"        {number!r},")
        print("    ),")
    print("}")


if __name__ == "__main__":
    main()
