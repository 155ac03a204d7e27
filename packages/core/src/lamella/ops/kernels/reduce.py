"""Reductions over axes, and the general product of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from lamella.errors import explain
from lamella.ops.kernels.precision import Array, widen

AxisPair = tuple[tuple[int, ...], tuple[int, ...]]


def reduce_sum(x: Array, *, axes: Sequence[int]) -> Array:
    """Sum over `axes`, which the result lacks.

    Args:
        x: array of integers or floats.
        axes: non-negative axes; none gives `x`.

    Returns:
        The sums in the dtype of `x`: integers wrap around. Nothing sums to 0.

    Examples:
        >>> reduce_sum(np.array([[100, 100], [3, 4]], np.int8), axes=(1,))
        array([-56,   7], dtype=int8)
    """
    return _reduce(np.add, x, axes)


def reduce_prod(x: Array, *, axes: Sequence[int]) -> Array:
    """Multiply over `axes`, which the result lacks.

    Args:
        x: array of integers or floats.
        axes: non-negative axes; none gives `x`.

    Returns:
        The products in the dtype of `x`: integers wrap around. Nothing multiplies to 1.
    """
    return _reduce(np.multiply, x, axes)


def reduce_max(x: Array, *, axes: Sequence[int]) -> Array:
    """The maximum over `axes`, which the result lacks; NaN where there is a NaN.

    Args:
        x: array of any real dtype.
        axes: non-negative axes; none gives `x`.

    Returns:
        The maxima in the dtype of `x`.

    Raises:
        ValueError: a maximum of nothing is asked for.
    """
    _check_not_empty(x, axes, "max")
    return _reduce(np.maximum, x, axes)


def reduce_min(x: Array, *, axes: Sequence[int]) -> Array:
    """The minimum over `axes`, which the result lacks; NaN where there is a NaN.

    Args:
        x: array of any real dtype.
        axes: non-negative axes; none gives `x`.

    Returns:
        The minima in the dtype of `x`.

    Raises:
        ValueError: a minimum of nothing is asked for.
    """
    _check_not_empty(x, axes, "min")
    return _reduce(np.minimum, x, axes)


def argmax(x: Array, *, axis: int) -> Array:
    """Where along `axis` the first NaN is, else the first maximum.

    Args:
        x: array of any real dtype.
        axis: non-negative axis, which the result lacks.

    Returns:
        int64 indices.

    Raises:
        ValueError: the axis is empty.

    Examples:
        >>> argmax(np.array([[1, 3, 3], [2, 0, 1]]), axis=1)
        array([1, 0])
    """
    _check_not_empty(x, (axis,), "argmax")
    return np.asarray(_axis_last(x, axis).argmax(axis=-1)).astype(np.int64, copy=False)


def argmin(x: Array, *, axis: int) -> Array:
    """Where along `axis` the first NaN is, else the first minimum.

    Args:
        x: array of any real dtype.
        axis: non-negative axis, which the result lacks.

    Returns:
        int64 indices.

    Raises:
        ValueError: the axis is empty.
    """
    _check_not_empty(x, (axis,), "argmin")
    return np.asarray(_axis_last(x, axis).argmin(axis=-1)).astype(np.int64, copy=False)


def dot_general(x: Array, y: Array, *, contract: AxisPair, batch: AxisPair) -> Array:
    """Sum the products of `x` and `y` over pairs of axes, for each element of other pairs of axes.

    This is XLA's DotGeneral (https://openxla.org/xla/operation_semantics#dotgeneral): matrix products, batched
    matrix products, tensor contractions and outer products are cases of it.

    Args:
        x: array of numbers.
        y: array of numbers in the dtype of `x`.
        contract: axes of `x`, and the axes of `y` that they are summed with.
        batch: axes of `x`, and the axes of `y` that they are matched with.

    Returns:
        Batch axes in the given order, then the other axes of `x`, then those of `y`; in the dtype of `x`.

    Examples:
        >>> x, y = np.arange(6.0).reshape(2, 3), np.ones((4, 3))
        >>> dot_general(x, y, contract=((1,), (1,)), batch=((), ())).shape
        (2, 4)
    """
    x_free = [axis for axis in range(x.ndim) if axis not in contract[0] and axis not in batch[0]]
    y_free = [axis for axis in range(y.ndim) if axis not in contract[1] and axis not in batch[1]]
    outer = [x.shape[axis] for axis in batch[0]]
    rows, columns = [x.shape[axis] for axis in x_free], [y.shape[axis] for axis in y_free]
    inner = prod(x.shape[axis] for axis in contract[0])
    # Transposes are views, and so are these reshapes unless they merge axes that are not neighbours in memory.
    left = widen(x).transpose(*batch[0], *x_free, *contract[0]).reshape(*outer, prod(rows), inner)
    right = widen(y).transpose(*batch[1], *contract[1], *y_free).reshape(*outer, inner, prod(columns))
    return np.matmul(left, right).reshape((*outer, *rows, *columns)).astype(x.dtype, copy=False)


def _reduce(combine: np.ufunc, x: Array, axes: Sequence[int]) -> Array:
    """Reduce in the dtype of `x`; NumPy refuses maxima of an empty array even where there are none to find."""
    wide = widen(x)
    if x.size == 0 and combine.identity is None:
        return np.empty([size for axis, size in enumerate(x.shape) if axis not in axes], x.dtype)
    return np.asarray(combine.reduce(wide, axis=tuple(axes), dtype=wide.dtype)).astype(x.dtype, copy=False)


def _axis_last(x: Array, axis: int) -> Array:
    """`x` with `axis` last and contiguous: NumPy is slow to search along another."""
    return np.ascontiguousarray(np.moveaxis(widen(x), axis, -1))


def _check_not_empty(x: Array, axes: Sequence[int], subject: str) -> None:
    """Raise if there are results, but no elements to take them from."""
    results = prod(size for axis, size in enumerate(x.shape) if axis not in axes)
    if x.size == 0 and results:
        raise ValueError(
            explain(subject, given=f"shape {x.shape}", expected=f"at least one element along axes {tuple(axes)}")
        )
