"""Sums and maxima over sliding windows of the last axes.

A window is a box, so both reductions take one axis at a time: `K1 + K2` passes over the data instead of `K1 * K2`.
Padding is never materialised: each element of the window is applied to the outputs for which it lies in the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from lamella.ops.kernels.precision import Array, widen
from lamella.ops.kernels.spatial import Index, Padding, element_overlap, output_size


def window_sum(
    x: Array, *, window: Sequence[int], strides: Sequence[int], padding: Padding, dilation: Sequence[int]
) -> Array:
    """Sum `x` over sliding windows of its last `len(window)` axes.

    Args:
        x: input `[..., *S]`.
        window: elements of the window along each axis.
        strides: step of the window.
        padding: zeros before and after each axis; negative numbers crop.
        dilation: distance between neighbouring elements of the window.

    Returns:
        `[..., *P]` in the dtype of `x`, where `P` is `output_size` of the last axes.

    Examples:
        >>> window_sum(np.arange(4.0), window=(2,), strides=(2,), padding=((0, 0),), dilation=(1,))
        array([1., 5.])
    """
    total = widen(x)
    size = output_size(x.shape[x.ndim - len(window) :], window, strides, padding, dilation)
    for axis in reversed(range(len(window))):
        source, total = total, _resized(total, axis - len(window), size[axis], 0)
        for _, outputs, inputs in _elements(axis, source.shape, size, window, strides, padding, dilation):
            total[outputs] += source[inputs]
    return total.astype(x.dtype, copy=False)


def window_sum_grad(
    g: Array,
    *,
    shape: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
) -> Array:
    """The adjoint of `window_sum`: add each number of `g` to every input that its window covers.

    Args:
        g: cotangent `[..., *P]` of the output.
        shape: shape `[..., *S]` of the input.
        window: as in `window_sum`.
        strides: as in `window_sum`.
        padding: as in `window_sum`.
        dilation: as in `window_sum`.

    Returns:
        An array of the shape `shape` in the dtype of `g`.
    """
    total = widen(g)
    size = g.shape[g.ndim - len(window) :]
    for axis in range(len(window)):
        place = axis - len(window)
        source, total = total, _resized(total, place, shape[place], 0)
        for _, outputs, inputs in _elements(axis, total.shape, size, window, strides, padding, dilation):
            total[inputs] += source[outputs]
    return total.astype(g.dtype, copy=False)


def window_max(
    x: Array, *, window: Sequence[int], strides: Sequence[int], padding: Padding, dilation: Sequence[int]
) -> tuple[Array, Array]:
    """The maxima of sliding windows of the last `len(window)` axes, and where they are.

    Args:
        x: input `[..., *S]`.
        window: elements of the window along each axis.
        strides: step of the window.
        padding: elements before and after each axis that are never the maximum; negative numbers crop.
        dilation: distance between neighbouring elements of the window.

    Returns:
        The maxima `[..., *P]` in the dtype of `x`, and int64 indices into the flattened axes `S`: of the first NaN of
        the window, else of the first maximum. A window that lies in the padding has the lowest number of the dtype
        (-inf for floats) and some valid index.

    Examples:
        >>> window_max(np.array([1.0, 3.0, 3.0]), window=(2,), strides=(1,), padding=((0, 0),), dilation=(1,))
        (array([3., 3.]), array([1, 1]))
    """
    values = widen(x)
    spatial = x.shape[x.ndim - len(window) :]
    size = output_size(spatial, window, strides, padding, dilation)
    # A code is a number with one digit for each axis. Digits count elements of the window from its end, so that the
    # first maximum has the largest code; 0 stands for none.
    unit = 1
    codes = np.zeros((1,) * x.ndim, np.min_scalar_type(prod(k + 1 for k in window) - 1))
    for axis in reversed(range(len(window))):
        place = axis - len(window)
        source, values = values, _resized(values, place, size[axis], lowest(values.dtype))
        source_codes = np.broadcast_to(codes, source.shape)
        codes = np.zeros(values.shape, codes.dtype)
        elements = _elements(axis, source.shape, size, window, strides, padding, dilation)
        for _, outputs, inputs in elements:
            np.maximum(values[outputs], source[inputs], out=values[outputs])
        has_nan = values.dtype.kind == "f" and bool(np.isnan(values).any())
        for position, outputs, inputs in elements:
            found = source[inputs] == values[outputs]
            if has_nan:
                found |= np.isnan(source[inputs])
            code = source_codes[inputs] + codes.dtype.type((window[axis] - position) * unit)
            code *= found.view(np.uint8)
            np.maximum(codes[outputs], code, out=codes[outputs])
        unit *= window[axis] + 1
    indices = _decoded(codes, spatial, size, window, strides, padding, dilation)
    return values.astype(x.dtype, copy=False), indices


def window_max_grad(g: Array, indices: Array, *, shape: Sequence[int], window: Sequence[int], **_: Any) -> Array:
    """The derivative of `window_max`: add each number of `g` to the input that was its window's maximum.

    Args:
        g: cotangent `[..., *P]` of the maxima.
        indices: where they are, as `window_max` gives it, `[..., *P]`.
        shape: shape `[..., *S]` of the input.
        window: as in `window_max`, whose other attributes are taken and not needed.

    Returns:
        An array of the shape `shape` in the dtype of `g`.

    Examples:
        >>> window_max_grad(np.array([2.0, 5.0]), np.array([1, 1]), shape=(3,), window=(2,))
        array([0., 7., 0.])
    """
    lead = len(shape) - len(window)
    places = prod(shape[lead:])
    rows = np.arange(prod(shape[:lead])).reshape(*shape[:lead], *(1,) * len(window))
    flat = (indices + rows * places).reshape(-1)
    total = np.bincount(flat, weights=g.reshape(-1).astype(np.float64, copy=False), minlength=prod(shape))
    return total.reshape(shape).astype(g.dtype)


def _decoded(
    codes: Array,
    spatial: Sequence[int],
    size: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
) -> Array:
    """Flat indices: where the window of each output begins, and how far its maximum is from there."""
    starts, offsets = np.zeros((), np.int64), np.zeros((), np.int64)
    for axis, extent in enumerate(spatial):
        starts = starts[..., None] * extent + (np.arange(size[axis]) * strides[axis] - padding[axis][0])
        offsets = offsets[..., None] * extent + (window[axis] - np.arange(window[axis] + 1)) * dilation[axis]
    indices = offsets.reshape(-1).take(codes)
    indices += starts
    return np.clip(indices, 0, max(prod(spatial) - 1, 0), out=indices)


def lowest(dtype: np.dtype[Any]) -> float | int | bool:
    """The number that is no greater than any other of a NumPy `dtype`.

    Examples:
        >>> lowest(np.dtype(np.float32)), lowest(np.dtype(np.int8)), lowest(np.dtype(np.bool_))
        (-inf, -128, False)
    """
    if dtype.kind in "iu":
        return int(np.iinfo(dtype).min)
    return False if dtype.kind == "b" else float("-inf")


def _resized(x: Array, axis: int, size: int, value: float) -> Array:
    """An array filled with `value` like `x` but for the size of one axis."""
    shape = list(x.shape)
    shape[axis] = size
    return np.full(shape, value, x.dtype)


def _elements(
    axis: int,
    source: Sequence[int],
    size: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
) -> list[tuple[int, Index, Index]]:
    """The elements of the window along one spatial axis, each with an index of outputs and one of their inputs."""
    place = axis - len(window)
    after = (slice(None),) * (-place - 1)
    found: list[tuple[int, Index, Index]] = []
    for position in range(window[axis]):
        outputs, inputs = element_overlap(
            position, source[place], size[axis], strides[axis], dilation[axis], padding[axis][0]
        )
        if outputs.stop:
            found.append((position, (..., outputs, *after), (..., inputs, *after)))
    return found
