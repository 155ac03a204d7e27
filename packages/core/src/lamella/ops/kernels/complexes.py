"""Kernels between real and complex numbers."""

from __future__ import annotations

import numpy as np

from lamella.ops.kernels.precision import Array


def real(x: Array) -> Array:
    """The real parts of complex numbers."""
    return np.array(x.real)


def imag(x: Array) -> Array:
    """The imaginary parts of complex numbers."""
    return np.array(x.imag)


def conj(x: Array) -> Array:
    """The numbers with the sign of their imaginary parts changed."""
    return np.asarray(np.conjugate(x))


def complex(x: Array, y: Array) -> Array:
    """Complex numbers of real parts `x` and imaginary parts `y`, with broadcasting; infinities stay in their part.

    Examples:
        >>> complex(np.array([1.0, 2.0]), np.array(np.inf))
        array([1.+infj, 2.+infj])
    """
    result = np.empty(np.broadcast_shapes(x.shape, y.shape), np.result_type(x, np.complex64))
    result.real, result.imag = x, y
    return result
