"""Kernels along one axis that move numbers by index: gather, scatter, sort, and running sums and products."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lamella.errors import explain
from lamella.ops.kernels.precision import Array, widen

ScatterMode = Literal["set", "add", "mul", "max", "min"]

_COMBINE = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}

# Fewer updated numbers than this are added faster one by one than as a product with a sparse matrix.
_SPARSE_FROM = 8192


def gather(x: Array, indices: Array, *, axis: int) -> Array:
    """Take slices of `x` along `axis`.

    Args:
        x: array of any dtype.
        indices: integers in `[0, x.shape[axis])`, of any shape.
        axis: non-negative axis of `x`.

    Returns:
        `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`.

    Raises:
        IndexError: an index is out of range.

    Examples:
        >>> gather(np.array([10, 20, 30]), np.array([2, 0]), axis=0)
        array([30, 10])
    """
    check_indices(indices, x.shape[axis], axis, "gather")
    return np.asarray(x.take(indices, axis=axis))


def scatter(x: Array, indices: Array, updates: Array, *, axis: int, mode: ScatterMode) -> Array:
    """A copy of `x` with slices along `axis` replaced by, or combined with, `updates`.

    Args:
        x: array of any dtype.
        indices: integers in `[0, x.shape[axis])`, of any shape.
        updates: `x.shape[:axis] + indices.shape + x.shape[axis + 1:]`, in the dtype of `x`.
        axis: non-negative axis of `x`.
        mode: "set" replaces, and the last of updates with equal indices stays; "add", "mul", "max" and "min" combine
            all updates with what `x` holds. NaN wins in "max" and "min".

    Returns:
        An array of the shape and dtype of `x`.

    Raises:
        IndexError: an index is out of range.

    Examples:
        >>> scatter(np.zeros(3), np.array([2, 0, 2]), np.array([1.0, 2.0, 4.0]), axis=0, mode="add")
        array([2., 0., 5.])
    """
    check_indices(indices, x.shape[axis], axis, "scatter")
    rows = np.moveaxis(widen(x), axis, 0).copy(order="C")
    places = indices.reshape(-1)
    from_axes, to_axes = range(axis, axis + indices.ndim), range(indices.ndim)
    slices = np.moveaxis(widen(updates), from_axes, to_axes).reshape(places.size, *rows.shape[1:])
    if mode == "set":
        rows[places] = slices
    elif updates.size:
        _combine(rows.reshape(rows.shape[0], -1), places, slices.reshape(places.size, -1), mode)
    return np.ascontiguousarray(np.moveaxis(rows, 0, axis)).astype(x.dtype, copy=False)


def _combine(rows: Array, places: Array, slices: Array, mode: Literal["add", "mul", "max", "min"]) -> None:
    """Combine the rows of the matrix `slices` with `rows[places]`, in place."""
    if mode == "add" and slices.size >= _SPARSE_FROM:
        # A sum over equal places is a product with the matrix that has a one in column i at row places[i].
        from scipy.sparse import csc_array

        ones, starts = np.ones(places.size, slices.dtype), np.arange(places.size + 1)
        rows += csc_array((ones, places, starts), shape=(rows.shape[0], places.size)) @ slices
    else:
        width = rows.shape[1]
        flat = places.astype(np.int64)[:, None] * width + np.arange(width)  # ufunc.at is fastest in one dimension
        _COMBINE[mode].at(rows.reshape(-1), flat.reshape(-1), slices.reshape(-1))


def check_indices(indices: Array, size: int, axis: int, subject: str) -> None:
    """Raise for the first index that does not lie in `[0, size)`.

    Args:
        indices: integers of any shape.
        size: size of the axis that they index.
        axis: that axis, for the message.
        subject: the op, for the message.

    Raises:
        IndexError: an index is out of range.
    """
    if not indices.size or (indices.min() >= 0 and indices.max() < size):
        return
    position = np.unravel_index(int(np.argmax((indices < 0) | (indices >= size))), indices.shape)
    where = f" at position {tuple(map(int, position))} of the indices" if position else ""
    raise IndexError(
        explain(
            subject,
            given=f"index {indices[position]}{where}",
            expected=f"indices from 0 to {size - 1} along axis {axis}"
            if size
            else f"no index into the empty axis {axis}",
        )
    )


def sort(x: Array, *, axis: int, descending: bool) -> tuple[Array, Array]:
    """Sort along an axis, stably in both directions: equal numbers keep their order.

    Args:
        x: array of any real dtype.
        axis: non-negative axis.
        descending: the largest number first. NaN counts as larger than any number.

    Returns:
        The sorted array, and the int64 indices along `axis` that its numbers had.

    Examples:
        >>> sort(np.array([1.0, np.nan, 2.0, 1.0]), axis=0, descending=True)
        (array([nan,  2.,  1.,  1.]), array([1, 2, 0, 3]))
    """
    keys = np.flip(widen(x), axis) if descending else widen(x)
    indices = keys.argsort(axis=axis, kind="stable").astype(np.int64, copy=False)
    if descending:
        indices = np.flip(x.shape[axis] - 1 - indices, axis)
    return np.take_along_axis(x, indices, axis), np.ascontiguousarray(indices)


def cumsum(x: Array, *, axis: int, reverse: bool) -> Array:
    """Running sums along an axis.

    Args:
        x: array of integers or floats.
        axis: non-negative axis.
        reverse: sum from the end.

    Returns:
        An array of the shape and dtype of `x`.

    Examples:
        >>> cumsum(np.array([1, 2, 3]), axis=0, reverse=True)
        array([6, 5, 3])
    """
    return _accumulate(np.add, x, axis, reverse)


def cumprod(x: Array, *, axis: int, reverse: bool) -> Array:
    """Running products along an axis.

    Args:
        x: array of integers or floats.
        axis: non-negative axis.
        reverse: multiply from the end.

    Returns:
        An array of the shape and dtype of `x`.

    Examples:
        >>> cumprod(np.array([1, 2, 3]), axis=0, reverse=False)
        array([1, 2, 6])
    """
    return _accumulate(np.multiply, x, axis, reverse)


def cumulative_extreme(x: Array, *, axis: int, largest: bool) -> tuple[Array, Array]:
    """Running maxima or minima along an axis, and where the latest of each stands.

    Args:
        x: array of integers or floats; from the first NaN on all is NaN.
        axis: non-negative axis.
        largest: maxima rather than minima.

    Returns:
        An array of the shape and dtype of `x`, and int64 indices along `axis`.

    Examples:
        >>> cumulative_extreme(np.array([1, 3, 3, 2]), axis=0, largest=True)
        (array([1, 3, 3, 3]), array([0, 1, 2, 2]))
    """
    values = _accumulate(np.maximum if largest else np.minimum, x, axis, False)
    shape = tuple(x.shape[axis] if i == axis else 1 for i in range(x.ndim))
    places = np.arange(x.shape[axis]).reshape(shape)
    places = np.where((x == values) | (x != x), places, 0)
    return values, np.maximum.accumulate(places, axis=axis)


def logcumsumexp(x: Array, *, axis: int, reverse: bool) -> Array:
    """Logarithms of the running sums of exponentials along an axis, without overflow.

    Examples:
        >>> logcumsumexp(np.array([1000.0, 1000.0]), axis=0, reverse=False).round(4)
        array([1000.    , 1000.6931])
    """
    return _accumulate(np.logaddexp, x, axis, reverse)


def _accumulate(combine: np.ufunc, x: Array, axis: int, reverse: bool) -> Array:
    """Running results of `combine` in the dtype of `x`."""
    source = np.flip(widen(x), axis) if reverse else widen(x)
    result = combine.accumulate(source, axis=axis, dtype=source.dtype).astype(x.dtype, copy=False)
    return np.ascontiguousarray(np.flip(result, axis)) if reverse else result
