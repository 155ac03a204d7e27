"""Elementwise kernels for which NumPy has no function of the right dtype and behaviour."""

from __future__ import annotations

import numpy as np

from lamella.dtypes import BY_NUMPY
from lamella.errors import explain
from lamella.ops.kernels.precision import Array, widen


def erf(x: Array) -> Array:
    """The error function of floats.

    Examples:
        >>> float(erf(np.array(1.0)).round(6))
        0.842701
    """
    from scipy import special  # takes long to import, and few programs need it

    return np.asarray(special.erf(widen(x))).astype(x.dtype, copy=False)


def sigmoid(x: Array) -> Array:
    """`1 / (1 + exp(-x))` of floats, as `exp(min(x, 0)) / (1 + exp(-abs(x)))`, which does not overflow.

    Examples:
        >>> sigmoid(np.array([-1e4, 0.0, 1e4]))
        array([0. , 0.5, 1. ])
    """
    wide = np.atleast_1d(widen(x))
    if wide.dtype.kind == "c":
        return np.asarray(_complex_sigmoid(wide)).reshape(x.shape)
    denominator = np.abs(wide)
    np.negative(denominator, out=denominator)
    np.exp(denominator, out=denominator)
    denominator += 1
    result = np.minimum(wide, 0)
    np.exp(result, out=result)
    result /= denominator
    return result.reshape(x.shape).astype(x.dtype, copy=False)


def _complex_sigmoid(x: Array) -> Array:
    """The same of complex numbers, by the exponential that does not overflow."""
    right = x.real >= 0
    power = np.exp(np.where(right, -x, x))
    return np.asarray(np.where(right, 1, power) / (1 + power)).astype(x.dtype, copy=False)


def rsqrt(x: Array) -> Array:
    """`1 / sqrt(x)` of floats: inf for 0, NaN for negative numbers."""
    wide = widen(x)
    return np.asarray(1 / np.sqrt(wide)).astype(x.dtype, copy=False)


def sign(x: Array) -> Array:
    """-1, 0 or 1 as `x` is negative, zero or positive; NaN of NaN."""
    return np.asarray(np.sign(widen(x))).astype(x.dtype, copy=False)


def round_half_even(x: Array) -> Array:
    """The nearest whole number, the even one of two.

    Examples:
        >>> round_half_even(np.array([0.5, 1.5, -2.5]))
        array([ 0.,  2., -2.])
    """
    return x if x.dtype.kind in "iub" else np.asarray(np.rint(widen(x))).astype(x.dtype, copy=False)


def floor_divide(x: Array, y: Array) -> Array:
    """Python's `x // y`, with broadcasting: the quotient rounded towards minus infinity.

    Division of floats by zero gives an infinity or NaN. The quotient of the lowest integer and -1 wraps around.

    Raises:
        ZeroDivisionError: a divisor among integers is 0.

    Examples:
        >>> floor_divide(np.array([7, -7]), np.array([2, 2]))
        array([ 3, -4])
    """
    check_divisors(y, "floor_divide")
    return np.asarray(np.floor_divide(widen(x), widen(y))).astype(x.dtype, copy=False)


def remainder(x: Array, y: Array) -> Array:
    """Python's `x % y`, with broadcasting: a remainder that has the sign of `y`.

    The remainder of floats by zero is NaN.

    Raises:
        ZeroDivisionError: a divisor among integers is 0.

    Examples:
        >>> remainder(np.array([7, -7]), np.array([3, 3]))
        array([1, 2])
    """
    check_divisors(y, "remainder")
    return np.asarray(np.remainder(widen(x), widen(y))).astype(x.dtype, copy=False)


def truncated_remainder(x: Array, y: Array) -> Array:
    """C's `fmod`, with broadcasting: a remainder that has the sign of `x`.

    The remainder of floats by zero is NaN.

    Raises:
        ZeroDivisionError: a divisor among integers is 0.

    Examples:
        >>> truncated_remainder(np.array([7, -7]), np.array([3, 3]))
        array([ 1, -1])
    """
    check_divisors(y, "fmod")
    return np.asarray(np.fmod(widen(x), widen(y))).astype(x.dtype, copy=False)


def hypot(x: Array, y: Array) -> Array:
    """The length of the vector (x, y), with broadcasting and without overflow."""
    return np.asarray(np.hypot(widen(x), widen(y))).astype(x.dtype, copy=False)


def power(x: Array, y: Array) -> Array:
    """`x ** y`, with broadcasting; integers wrap around.

    Raises:
        ValueError: an exponent of integers is negative.

    Examples:
        >>> power(np.array([2, 3]), np.array([10, 0]))
        array([1024,    1])
    """
    if y.dtype.kind == "i":
        negative = y < 0
        if negative.any():
            raise ValueError(
                explain(
                    "pow",
                    given=f"the exponent {_first(y, negative)} for integers",
                    expected="exponents of at least 0",
                    remedy="Convert the base to a float type for fractions.",
                )
            )
    return np.asarray(np.power(widen(x), widen(y))).astype(x.dtype, copy=False)


def cast(x: Array, *, dtype: np.dtype[np.generic]) -> Array:
    """Convert to another dtype, with a defined result for every number.

    * float to integer: fractions are cut off, numbers out of range become the nearest integer of the type, NaN 0;
    * anything to bool: whether it is not zero (NaN is not zero);
    * integer to integer: the lowest bits, as in C;
    * complex to real: that of the real part; real to complex: with the imaginary part 0;
    * anything to float: the nearest number of the type, the even one of two; an infinity where out of range, or NaN in
      float8_e4m3fn, which has none. To bfloat16 and the types of 8 bits by way of float32.

    Args:
        x: array of any dtype.
        dtype: NumPy dtype of the result.

    Returns:
        A new array.

    Examples:
        >>> cast(np.array([-1.9, 300.0, np.nan]), dtype=np.dtype(np.uint8))
        array([  0, 255,   0], dtype=uint8)
    """
    source, target = BY_NUMPY[x.dtype], BY_NUMPY[dtype]
    if target.kind == "bool":
        return np.asarray(x != 0)
    if target.is_complex:
        return x.astype(dtype) if source.is_complex else x.astype(target.real.numpy).astype(dtype)
    if source.is_complex:
        return cast(x.real, dtype=dtype)
    if target.kind == "float":
        return x.astype(dtype)
    if source.kind != "float":
        between = x if source.computes or target.computes else x.astype(np.int8)  # ml_dtypes converts no int4 to uint4
        return between.astype(dtype)
    wide = widen(x)
    least, most = target.limits
    # Powers of two: exact in every float type, unlike the limits themselves.
    low, high = float(least), float(most + 1)
    fits = (wide > low - 1) & (wide < high)
    if fits.all():
        return wide.astype(dtype)
    result = np.where(fits, wide, 0).astype(dtype)
    result[wide >= high] = most
    result[wide <= low] = least
    return result


def _first(x: Array, chosen: Array) -> int:
    """The first number of `x` that is chosen."""
    return int(x.reshape(-1)[int(chosen.argmax())])


def check_divisors(y: Array, subject: str) -> None:
    """Raise for the first divisor among integers that is 0.

    Args:
        y: the divisors, of any shape and dtype.
        subject: the op, for the message.

    Raises:
        ZeroDivisionError: there is one.
    """
    if y.dtype.kind in "iu" and not y.all():
        position = tuple(int(i) for i in np.unravel_index(int(np.argmin(y != 0)), y.shape))
        where = f"the divisor 0 at position {position}" if position else "the divisor 0"
        raise ZeroDivisionError(explain(subject, given=where, expected="integer divisors other than 0"))
