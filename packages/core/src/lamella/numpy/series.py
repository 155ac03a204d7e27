"""Series of numbers, and random ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella import ops
from lamella.dtypes import float32, int32
from lamella.errors import explain
from lamella.numpy.arrays import shape_of, tensor_of, typed
from lamella.ops import prims
from lamella.ops.convert import cast
from lamella.ops.define.constants import constant, scalar
from lamella.tensor import Tensor

__all__ = [
    "arange",
    "geomspace",
    "linspace",
    "logspace",
    "rand",
    "randint",
    "randn",
]

# -- series --


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Tensor:
    """Numbers at equal distances, the last below an end.

    Args:
        start: the first number; the end, if `stop` is None, and the first is then 0.
        stop: the end.
        step: the distance; default: 1.
        dtype: type of the result; default: int32 of ints, else float32.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: an argument is not a number.
        ValueError: `step` is 0.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.arange(1, 2, 0.25).tolist()
        [1.0, 1.25, 1.5, 1.75]
    """
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    if dtype is None:
        dtype = float32 if any(isinstance(n, float) for n in (start, stop, step)) else int32
    return ops.arange(start, stop, step, dtype=dtype)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """A number of equally distant numbers.

    Args:
        start: the first, a number or a tensor.
        stop: the last, a number or a tensor.
        num: how many, at least 0.
        endpoint: whether `stop` is the last; else it would follow the last.
        retstep: whether the distance is returned too.
        dtype: type of the result; default: float32.
        axis: where the axis of the series is, if `start` or `stop` has axes.

    Returns:
        A tensor, or a pair of it and the distance.

    Raises:
        TypeError: `num` is not an int.
        ValueError: `num` is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.linspace(0, 1, 5).tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    subject = "numpy.linspace"
    series, step = _series(subject, start, stop, num, endpoint)
    series = typed(_moved(series, axis, subject), dtype, subject)
    return (series, step) if retstep else series


def _series(subject: str, start: Any, stop: Any, num: Any, endpoint: bool) -> tuple[Tensor, Tensor]:
    """Equally distant numbers along axis 0, and their distance."""
    if isinstance(num, bool) or not isinstance(num, int):
        raise TypeError(explain(subject, given=f"num={num!r}", expected="an int"))
    if num < 0:
        raise ValueError(explain(subject, given=f"num={num}", expected="at least 0"))
    first, last = (tensor_of(x, subject) for x in (start, stop))
    first, last = (x if x.dtype.is_inexact else cast(x, float32) for x in (first, last))
    difference = last - first
    parts = num - 1 if endpoint else num
    step = difference / parts if parts > 0 else difference * float("nan")
    places = np.arange(num)
    shape = (num, *(1,) * difference.ndim)
    share = constant((places / max(parts, 1)).astype(difference.dtype.numpy).reshape(shape))
    # From both ends, so that both are exact.
    from_end = constant(((parts - places) / max(parts, 1)).astype(difference.dtype.numpy).reshape(shape))
    series = prims.select(
        prims.le(share, scalar(0.5, share.dtype)), first + difference * share, last - difference * from_end
    )
    return series, step


def _moved(series: Tensor, axis: int, subject: str) -> Tensor:
    return series if axis == 0 or series.ndim == 1 else ops.moveaxis(series, 0, axis)


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: float = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Tensor:
    """Powers of a number, with equally distant exponents.

    Args:
        start: the first exponent.
        stop: the last exponent.
        num: how many, at least 0.
        endpoint: whether `stop` is the last; else it would follow the last.
        base: the number.
        dtype: type of the result; default: float32.
        axis: where the axis of the series is, if `start` or `stop` has axes.

    Returns:
        A tensor.

    Raises:
        TypeError: `num` is not an int.
        ValueError: `num` is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.logspace(0, 2, 3, base=2.0).tolist()
        [1.0, 2.0, 4.0]
    """
    subject = "numpy.logspace"
    exponents, _ = _series(subject, start, stop, num, endpoint)
    result: Tensor = typed(_moved(ops.pow(float(base), exponents), axis, subject), dtype, subject)
    return result


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Tensor:
    """Numbers each of which is the one before times the same factor.

    Args:
        start: the first, not 0.
        stop: the last, of the same sign.
        num: how many, at least 0.
        endpoint: whether `stop` is the last; else it would follow the last.
        dtype: type of the result; default: float32.
        axis: where the axis of the series is, if `start` or `stop` has axes.

    Returns:
        A tensor; NaN where the signs differ.

    Raises:
        TypeError: `num` is not an int.
        ValueError: `num` is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.geomspace(1, 8, 4).tolist()
        [1.0, 2.0, 4.0, 8.0]
    """
    subject = "numpy.geomspace"
    first, last = (tensor_of(x, subject) for x in (start, stop))
    first = first if first.dtype.is_inexact else cast(first, float32)
    exponents, _ = _series(subject, ops.zeros_like(first), ops.log2(last / first), num, endpoint)
    result: Tensor = typed(_moved(first * ops.exp2(exponents), axis, subject), dtype, subject)
    return result


# -- random numbers --


def rand(*shape: int, dtype: Any = float32) -> Tensor:
    """Random numbers from [0, 1).

    Args:
        shape: the sizes.
        dtype: a floating-point type.

    Returns:
        A tensor.

    Raises:
        TypeError: a size is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.rand(2, 3).shape
        (2, 3)
    """
    return ops.rand(*shape, dtype=dtype)


def randn(*shape: int, dtype: Any = float32) -> Tensor:
    """Random numbers from the standard normal distribution.

    Args:
        shape: the sizes.
        dtype: a floating-point type.

    Returns:
        A tensor.

    Raises:
        TypeError: a size is not an int.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.randn(2, 3).shape
        (2, 3)
    """
    return ops.randn(*shape, dtype=dtype)


def randint(minval: int, maxval: int | None = None, shape: Any = None, dtype: Any = int32) -> Tensor:
    """Random integers from [minval, maxval).

    Args:
        minval: the least; one past the greatest, if `maxval` is None, and the least is then 0.
        maxval: one past the greatest.
        shape: shape of the result; default: none.
        dtype: an integer type.

    Returns:
        A tensor.

    Raises:
        TypeError: a bound is not an int.
        ValueError: `minval` is not below `maxval`.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.randint(3, shape=(2, 3)).shape
        (2, 3)
    """
    low, high = (0, minval) if maxval is None else (minval, maxval)
    return ops.randint(low, high, () if shape is None else shape_of(shape, "numpy.randint"), dtype=dtype)
