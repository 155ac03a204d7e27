"""Kernels of discrete Fourier transforms: pocketfft by SciPy, in the precision of the operand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lamella.ops.kernels.precision import Array


def fft(x: Array, *, axes: Sequence[int], inverse: bool) -> Array:
    """The transform along axes, not scaled: sums of x[k] * exp(-2j * pi * k * n / size), of +2j if `inverse`.

    Args:
        x: complex array; the axes have at least one element.
        axes: non-negative axes; none gives `x`.
        inverse: the sign in the exponent.

    Returns:
        An array of the shape and dtype of `x`.

    Examples:
        >>> fft(np.array([1.0, 2.0]) + 0j, axes=(0,), inverse=False)
        array([ 3.+0.j, -1.+0.j])
    """
    from scipy import fft as pocket  # takes long to import, and few programs need it

    if not x.size or not axes:
        return np.array(x)
    result = pocket.ifftn(x, axes=axes, norm="forward") if inverse else pocket.fftn(x, axes=axes)
    return np.ascontiguousarray(result)


def rfft(x: Array, *, axis: int) -> Array:
    """The first half of the transform of real numbers; the other half is its conjugate.

    Args:
        x: array of floats; the axis has at least one element.
        axis: non-negative axis.

    Returns:
        A complex array with `size // 2 + 1` elements along the axis.

    Examples:
        >>> rfft(np.array([1.0, 2.0, 0.0]), axis=0).round(3)
        array([3.+0.j   , 0.-1.732j])
    """
    from scipy import fft as pocket

    if not x.size:
        shape = (*x.shape[:axis], x.shape[axis] // 2 + 1, *x.shape[axis + 1 :])
        return np.empty(shape, np.result_type(x.dtype, np.complex64))
    return np.ascontiguousarray(pocket.rfft(x, axis=axis))


def irfft(x: Array, *, axis: int, size: int) -> Array:
    """Real numbers from the first half of their transform, not scaled: `size` times what `rfft` was given.

    Args:
        x: complex array with `size // 2 + 1` elements along the axis; the imaginary part of the first, and of the
            last if `size` is even, is not read.
        axis: non-negative axis.
        size: how many elements the result has along the axis.

    Examples:
        >>> irfft(rfft(np.array([1.0, 2.0, 0.0]), axis=0), axis=0, size=3).round(3)
        array([3., 6., 0.])
    """
    from scipy import fft as pocket

    if not x.size:
        return np.empty((*x.shape[:axis], size, *x.shape[axis + 1 :]), x.real.dtype)
    return np.ascontiguousarray(pocket.irfft(x, size, axis=axis, norm="forward"))
