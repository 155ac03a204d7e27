"""Images made larger or smaller: the numbers between those of ``x[n, c, *spatial]`` along the last axes."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes, wide
from lamella.ops.define.constants import constant
from lamella.tensor import Tensor


def positions(size: int, to: int, corners: bool, centers: bool, scale: float | None = None) -> np.ndarray[Any, Any]:
    """Where the elements of a resized axis lie on the old one.

    Args:
        size: size of the axis.
        to: its new size.
        corners: whether the first and the last element stay where they are.
        centers: whether elements are intervals of which the middles count.
        scale: how far apart neighbours are; default: by the sizes.

    Examples:
        >>> positions(4, 2, False, True)
        array([0.5, 2.5])
    """
    number = np.arange(to, dtype=np.float64)
    if corners:
        return number * ((size - 1) / (to - 1) if to > 1 else 0.0)
    step = size / to if scale is None else scale
    return (number + 0.5) * step - 0.5 if centers else number * step


def nearest(x: Tensor, axis: int, at: np.ndarray[Any, Any], rounded: bool) -> Tensor:
    """The elements of an axis that are nearest to positions.

    Args:
        x: any tensor.
        axis: the axis.
        at: the positions.
        rounded: whether to round them, half up; else they are cut off.
    """
    place = np.clip(np.floor(at + 0.5 if rounded else at), 0, index(x.shape[axis]) - 1).astype(np.int64)
    result: Tensor = prims.gather(x, constant(place), axis=axis)
    return result


def linear(x: Tensor, axis: int, at: np.ndarray[Any, Any]) -> Tensor:
    """Numbers on the lines between neighbours along an axis.

    Args:
        x: floating-point tensor.
        axis: the axis.
        at: the positions; outside the axis its ends go on.
    """
    last = index(x.shape[axis]) - 1
    inside = np.clip(at, 0, last)
    low = np.floor(inside).astype(np.int64)
    high = np.minimum(low + 1, last)
    shape = tuple(len(at) if i == axis else 1 for i in range(x.ndim))
    part = constant((inside - low).astype(x.dtype.numpy).reshape(shape))
    left, right = (prims.gather(x, constant(place), axis=axis) for place in (low, high))
    return left + (right - left) * part


def resized(subject: str, input: Any, size: Any, corners: bool, centers: bool, by: str) -> Tensor:
    """x[n, c, h, w] in another size, as MindSpore's resizing primitives make it.

    Args:
        subject: who asks, for the error message.
        input: the images.
        size: (height, width).
        corners: whether corners stay in their place.
        centers: whether elements are intervals of which the middles count.
        by: "nearest" or "linear".

    Raises:
        ValueError: shapes or settings that do not fit.
    """
    x = as_tensor(input, None, subject)
    to = known_sizes(subject, size)
    if x.ndim != 4 or len(to) != 2 or not all(n >= 1 for n in to):
        expected = "x[n, c, h, w] and (height, width) of at least 1"
        raise ValueError(explain(subject, given=f"shape {x.shape} to {size!r}", expected=expected))
    if corners and centers:
        given = "align_corners=True, half_pixel_centers=True"
        raise ValueError(explain(subject, given=given, expected="at most one of them"))
    # Positions are computed from known sizes: an open one is closed by `index`.
    places = [positions(index(size), index(n), corners, centers) for size, n in zip(x.shape[2:], to, strict=True)]
    if by == "nearest":
        for axis, at in enumerate(places, 2):
            x = nearest(x, axis, at, corners or centers)
        return x
    dtype, x = x.dtype, wide(x)
    for axis, at in enumerate(places, 2):
        x = linear(x, axis, at)
    return cast(x, dtype)
