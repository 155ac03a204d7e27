"""Kernels of special functions: SciPy's, in float32 where the operands have 16 bits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from lamella.ops.kernels.precision import Array, widen


def from_scipy(name: str) -> Callable[..., Array]:
    """The elementwise kernel that a function of `scipy.special` is.

    Args:
        name: the function's name.

    Examples:
        >>> from_scipy("gammaln")(np.array([1.0, 4.0])).round(6)
        array([0.      , 1.791759])
    """

    def kernel(*operands: Array) -> Array:
        from scipy import special  # takes long to import, and few programs need it

        function: Any = getattr(special, name)
        return np.asarray(function(*map(widen, operands))).astype(operands[0].dtype, copy=False)

    return kernel


def polygamma(x: Array, *, n: int) -> Array:
    """The derivative number `n` of the digamma function.

    Examples:
        >>> polygamma(np.array([1.0]), n=1).round(6)
        array([1.644934])
    """
    from scipy import special

    return np.asarray(special.polygamma(n, widen(x))).astype(x.dtype, copy=False)


def igamma_slope(a: Array, x: Array) -> Array:
    """The derivative of the regularized lower incomplete gamma function P(a, x) in `a`.

    There is no closed form. Central differences of four widths in float64, extrapolated to width 0 (Richardson, "The
    approximate arithmetical solution by finite differences", 1911), leave an error of about 1e-10. NaN where `a` is
    not positive or `x` is negative.

    Examples:
        >>> igamma_slope(np.array([1.0]), np.array([1.0])).round(6)
        array([-0.43173])
    """
    from scipy import special

    a64, x64 = np.broadcast_arrays(a.astype(np.float64), x.astype(np.float64))
    width = np.minimum(0.4 * a64, 0.05 + 0.05 * np.sqrt(np.maximum(a64, 0)))
    # The smaller of the two complementary functions has the better relative precision.
    upper = special.gammainc(a64, x64) > 0.5
    table = []
    for level in range(5):
        h = width / 2**level
        below = special.gammainc(a64 + h, x64) - special.gammainc(a64 - h, x64)
        above = special.gammaincc(a64 - h, x64) - special.gammaincc(a64 + h, x64)
        with np.errstate(divide="ignore", invalid="ignore"):
            table.append(np.where(upper, above, below) / (2 * h))
    for order in range(1, 5):
        table = [(4**order * fine - coarse) / (4**order - 1) for coarse, fine in pairwise(table)]
    return np.asarray(table[0]).astype(a.dtype)


def signed_like(x: Array, y: Array) -> Array:
    """`x` with the sign of `y`, also of zeros and NaN."""
    return np.asarray(np.copysign(widen(x), widen(y))).astype(x.dtype, copy=False)


def set_bits(x: Array) -> Array:
    """How many bits of each integer are 1; of the two's complement, where it is negative.

    Examples:
        >>> set_bits(np.array([0, 6, -1], np.int8))
        array([0, 2, 8], dtype=uint8)
    """
    unsigned = x.view(np.dtype(f"u{x.dtype.itemsize}")) if x.dtype.kind == "i" else x
    return np.asarray(np.bitwise_count(unsigned), np.uint8)


def next_after(x: Array, y: Array) -> Array:
    """The next number of the type after `x` towards `y`."""
    return np.asarray(np.nextafter(x, y))
