"""Windows of signal processing: factors that let a piece of a signal begin and end softly.

Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", 1978.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lamella.dtypes import as_dtype, float32, float64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import cast
from lamella.ops.define.constants import scalar
from lamella.ops.functions.shape import _an_int
from lamella.tensor import Tensor

__all__ = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


def _window(
    name: str, length: Any, periodic: bool, dtype: Any, default: Any, shape: Callable[[Tensor], Tensor]
) -> Tensor:
    """A window from a function of the place in it, from 0 to 1."""
    subject = f"ops.{name}"
    if isinstance(length, Tensor):
        length = length.item()
    size = _an_int(subject, "window_length", length)
    if size < 0:
        raise ValueError(explain(subject, given=f"window_length={length}", expected="at least 0"))
    if not isinstance(periodic, bool):
        raise TypeError(explain(subject, given=f"periodic={periodic!r}", expected="True or False"))
    chosen = default if dtype is None else as_dtype(dtype, f"{subject}(dtype=…)")
    if not chosen.is_float:
        raise TypeError(explain(subject, given=f"dtype={chosen}", expected="a floating-point type"))
    if size == 1:
        return cast(prims.reshape(scalar(1, float64), shape=(1,)), chosen)
    places = cast(prims.iota(size=size, dtype="int64"), float64)
    return cast(shape(places / (size if periodic else max(size - 1, 1))), chosen)


def _cosines(*factors: float) -> Callable[[Tensor], Tensor]:
    """A sum of cosines of whole periods, with alternating signs."""

    def shape(place: Tensor) -> Tensor:
        total = scalar(factors[0], place.dtype)
        for k, factor in enumerate(factors[1:], 1):
            total = prims.add(total, prims.cos(place * (2 * math.pi * k)) * (factor * (-1) ** k))
        return total

    return shape


def hann_window(window_length: Any, periodic: bool = True, *, dtype: Any = None) -> Tensor:
    """Hann's window, 1/2 - 1/2 cos(2 pi n / N).

    Args:
        window_length: how many elements, at least 0.
        periodic: whether N is the length, as for a spectrum, or 1 less, so that both ends are equal.
        dtype: a floating-point type; default: float64.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: `window_length` is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.hann_window(4).asnumpy().round(4)
        array([0. , 0.5, 1. , 0.5])
    """
    return _window("hann_window", window_length, periodic, dtype, float64, _cosines(0.5, 0.5))


def hamming_window(
    window_length: Any, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, *, dtype: Any = None
) -> Tensor:
    """Hamming's window, alpha - beta cos(2 pi n / N).

    Args:
        window_length: how many elements, at least 0.
        periodic: whether N is the length, as for a spectrum, or 1 less, so that both ends are equal.
        alpha: the mean.
        beta: the height of the cosine.
        dtype: a floating-point type; default: float32.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: `window_length` is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.hamming_window(4).asnumpy().round(4)
        array([0.08, 0.54, 1.  , 0.54], dtype=float32)
    """
    return _window("hamming_window", window_length, periodic, dtype, float32, _cosines(alpha, beta))


def blackman_window(window_length: Any, periodic: bool = True, *, dtype: Any = None) -> Tensor:
    """Blackman's window, 0.42 - 0.5 cos(2 pi n / N) + 0.08 cos(4 pi n / N).

    Args:
        window_length: how many elements, at least 0.
        periodic: whether N is the length, as for a spectrum, or 1 less, so that both ends are equal.
        dtype: a floating-point type; default: float32.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: `window_length` is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.blackman_window(4).asnumpy()[1:].round(4)
        array([0.34, 1.  , 0.34], dtype=float32)
    """
    return _window("blackman_window", window_length, periodic, dtype, float32, _cosines(0.42, 0.5, 0.08))


def bartlett_window(window_length: Any, periodic: bool = True, *, dtype: Any = None) -> Tensor:
    """Bartlett's window, a triangle: 1 - abs(2 n / N - 1).

    Args:
        window_length: how many elements, at least 0.
        periodic: whether N is the length, as for a spectrum, or 1 less, so that both ends are equal.
        dtype: a floating-point type; default: float32.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: `window_length` is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.bartlett_window(4).asnumpy()
        array([0. , 0.5, 1. , 0.5], dtype=float32)
    """

    def shape(place: Tensor) -> Tensor:
        result: Tensor = 1 - prims.abs(place * 2 - 1)
        return result

    return _window("bartlett_window", window_length, periodic, dtype, float32, shape)


def kaiser_window(window_length: Any, periodic: bool = True, beta: float = 12.0, *, dtype: Any = None) -> Tensor:
    """Kaiser's window, I0(beta sqrt(1 - (2 n / N - 1) ** 2)) / I0(beta).

    Args:
        window_length: how many elements, at least 0.
        periodic: whether N is the length, as for a spectrum, or 1 less, so that both ends are equal.
        beta: how narrow it is.
        dtype: a floating-point type; default: float64.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: `window_length` is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.kaiser_window(4, beta=2.0).asnumpy().round(4)
        array([0.4387, 0.8348, 1.    , 0.8348])
    """
    if isinstance(beta, bool) or not isinstance(beta, (int, float)):
        raise TypeError(explain("ops.kaiser_window", given=f"beta={beta!r}", expected="a number"))

    def shape(place: Tensor) -> Tensor:
        off = place * 2 - 1
        inside = prims.maximum(1 - off * off, scalar(0, place.dtype))
        # I0(a) / I0(b) by the functions that are scaled by exp(-|x|), so that a large beta does not overflow.
        height = prims.sqrt(inside) * beta
        ratio = prims.div(prims.bessel_i0e(height), prims.bessel_i0e(scalar(float(beta), place.dtype)))
        result: Tensor = prims.mul(ratio, prims.exp(prims.abs(height) - abs(float(beta))))
        return result

    return _window("kaiser_window", window_length, periodic, dtype, float64, shape)
