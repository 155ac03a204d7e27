"""Polynomials and windows."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamella import ops
from lamella.dtypes import float32
from lamella.errors import explain
from lamella.numpy.arrays import tensor_of
from lamella.numpy.products import convolve
from lamella.ops import prims
from lamella.ops.convert import cast, unified
from lamella.ops.define.constants import constant, scalar
from lamella.tensor import Tensor

__all__ = [
    "bartlett",
    "blackman",
    "hamming",
    "hanning",
    "polyadd",
    "polyder",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
]

# -- polynomials: coefficients, the highest power first --


def _coefficients(subject: str, *polynomials: Any) -> list[Tensor]:
    tensors = unified(subject, *(tensor_of(p, subject) for p in polynomials))
    for t in tensors:
        if t.ndim > 1:
            raise ValueError(explain(subject, given=f"coefficients of shape {t.shape}", expected="one axis"))
    return [ops.atleast_1d(t) for t in tensors]


def _added(subject: str, a1: Any, a2: Any, function: Any) -> Tensor:
    x, y = _coefficients(subject, a1, a2)
    n = max(int(x.shape[0]), int(y.shape[0]))
    x, y = (prims.pad(t, scalar(0, t.dtype), low=(n - int(t.shape[0]),), high=(0,), interior=(0,)) for t in (x, y))
    result: Tensor = function(x, y)
    return result


def polyadd(a1: Any, a2: Any) -> Tensor:
    """The sum of two polynomials.

    Args:
        a1: coefficients, the highest power first.
        a2: coefficients.

    Returns:
        Coefficients.

    Raises:
        ValueError: there are several axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.polyadd([1, 2], [9, 5, 4]).tolist()
        [9, 6, 6]
    """
    return _added("numpy.polyadd", a1, a2, ops.add)


def polysub(a1: Any, a2: Any) -> Tensor:
    """The difference of two polynomials.

    Args:
        a1: coefficients, the highest power first.
        a2: coefficients.

    Returns:
        Coefficients.

    Raises:
        ValueError: there are several axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.polysub([2, 10, -2], [3, 10, -4]).tolist()
        [-1, 0, 2]
    """
    return _added("numpy.polysub", a1, a2, ops.sub)


def polymul(a1: Any, a2: Any) -> Tensor:
    """The product of two polynomials.

    Args:
        a1: coefficients, the highest power first.
        a2: coefficients.

    Returns:
        Coefficients.

    Raises:
        ValueError: there are several axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.polymul([3, 1, 2], [2, 5]).tolist()
        [6, 17, 9, 10]
    """
    x, y = _coefficients("numpy.polymul", a1, a2)
    return convolve(x, y)


def polyval(p: Any, x: Any) -> Tensor:
    """A polynomial at given places (Horner's scheme), or of another polynomial's coefficients as numbers.

    Args:
        p: coefficients, the highest power first.
        x: the places.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        ValueError: the coefficients have several axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.polyval([3.0, 0.0, 1.0], 5.0).item()
        76.0
    """
    subject = "numpy.polyval"
    coefficients, at = unified(subject, tensor_of(p, subject), tensor_of(x, subject))
    if coefficients.ndim > 1:
        raise ValueError(explain(subject, given=f"coefficients of shape {coefficients.shape}", expected="one axis"))
    result = ops.zeros_like(at)
    for each in ops.unbind(ops.atleast_1d(coefficients)):
        result = result * at + each
    return result


def polyder(p: Any, m: int = 1) -> Tensor:
    """The derivative of a polynomial.

    Args:
        p: coefficients, the highest power first.
        m: which derivative, at least 0.

    Returns:
        Coefficients.

    Raises:
        ValueError: `m` is negative, or there are several axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.polyder([1, 1, 1, 1]).tolist()
        [3, 2, 1]
    """
    subject = "numpy.polyder"
    (x,) = _coefficients(subject, p)
    if isinstance(m, bool) or not isinstance(m, int) or m < 0:
        raise ValueError(explain(subject, given=f"m={m}", expected="an int of at least 0"))
    for _ in builtins.range(m):
        n = int(x.shape[0])
        if n == 0:
            break
        powers = constant(np.arange(n - 1, 0, -1).astype(x.dtype.numpy))
        x = prims.mul(prims.narrow(x, 0, 0, n - 1), powers)
    return x


def polyint(p: Any, m: int = 1, k: Any = None) -> Tensor:
    """The integral of a polynomial.

    Args:
        p: coefficients, the highest power first.
        m: how often to integrate, at least 0.
        k: the constant of each integration; default: 0.

    Returns:
        Coefficients.

    Raises:
        ValueError: `m` is negative, there are several axes, or too few constants.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.polyint([2.0, 1.0]).tolist()
        [1.0, 1.0, 0.0]
    """
    subject = "numpy.polyint"
    (x,) = _coefficients(subject, p)
    x = x if x.dtype.is_inexact else cast(x, float32)
    if isinstance(m, bool) or not isinstance(m, int) or m < 0:
        raise ValueError(explain(subject, given=f"m={m}", expected="an int of at least 0"))
    constants = ops.zeros((m,), x.dtype) if k is None else cast(ops.atleast_1d(tensor_of(k, subject)), x.dtype)
    if constants.shape[0] == 1:
        constants = prims.broadcast_to(constants, shape=(m,))
    if constants.shape != (m,):
        raise ValueError(explain(subject, given=f"{constants.shape[0]} constants", expected=f"{m}"))
    for i in builtins.range(m):
        n = int(x.shape[0])
        powers = constant(np.arange(n, 0, -1).astype(x.dtype.numpy))
        x = prims.concat(prims.div(x, powers), prims.narrow(constants, 0, i, i + 1), axis=0)
    return x


# -- windows --


def bartlett(M: int) -> Tensor:  # noqa: N803 - NumPy's name
    """Bartlett's window, a triangle.

    Args:
        M: how many elements.

    Returns:
        A float32 tensor of one axis.

    Raises:
        TypeError: `M` is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.bartlett(3).tolist()
        [0.0, 1.0, 0.0]
    """
    return ops.bartlett_window(M, False, dtype=float32)


def blackman(M: int) -> Tensor:  # noqa: N803 - NumPy's name
    """Blackman's window.

    Args:
        M: how many elements.

    Returns:
        A float32 tensor of one axis.

    Raises:
        TypeError: `M` is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.blackman(3)[1].item()
        1.0
    """
    return ops.blackman_window(M, False, dtype=float32)


def hamming(M: int) -> Tensor:  # noqa: N803 - NumPy's name
    """Hamming's window.

    Args:
        M: how many elements.

    Returns:
        A float32 tensor of one axis.

    Raises:
        TypeError: `M` is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.hamming(3)[1].item()
        1.0
    """
    return ops.hamming_window(M, False, dtype=float32)


def hanning(M: int) -> Tensor:  # noqa: N803 - NumPy's name
    """Hann's window.

    Args:
        M: how many elements.

    Returns:
        A float32 tensor of one axis.

    Raises:
        TypeError: `M` is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.hanning(3).tolist()
        [0.0, 1.0, 0.0]
    """
    return ops.hann_window(M, False, dtype=float32)
