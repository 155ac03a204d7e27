"""Images made larger or smaller: the numbers between those of x[n, c, *spatial] along the last axes."""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes, wide
from lamella.ops.define.constants import constant
from lamella.ops.nn.pooling import adaptive_mean
from lamella.tensor import Tensor

__all__ = ["interpolate"]


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


def cubic(x: Tensor, axis: int, at: np.ndarray[Any, Any], a: float) -> Tensor:
    """Numbers on the cubic curves through four neighbours along an axis (Keys, 1981).

    Args:
        x: floating-point tensor.
        axis: the axis.
        at: the positions; outside the axis its ends go on.
        a: the slope of the curves at the next neighbour but one.
    """
    last = index(x.shape[axis]) - 1
    low = np.floor(at).astype(np.int64)
    part = at - low
    result: Tensor | None = None
    for step in range(-1, 3):
        d = np.abs(part - step)
        near = (a + 2) * d**3 - (a + 3) * d**2 + 1
        far = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
        weight = np.where(d <= 1, near, far)
        shape = tuple(len(at) if i == axis else 1 for i in range(x.ndim))
        factor = constant(weight.astype(x.dtype.numpy).reshape(shape))
        term = prims.gather(x, constant(np.clip(low + step, 0, last)), axis=axis) * factor
        result = term if result is None else result + term
    assert result is not None
    return result


#: How many axes each mode is for, besides n and c; None for any number.
_MODES: dict[str, int | None] = {
    "nearest": None,
    "nearest-exact": None,
    "area": None,
    "linear": 1,
    "bilinear": 2,
    "trilinear": 3,
    "bicubic": 2,
}


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """Images, or signals or volumes, in another size.

    Args:
        input: floating-point tensor [n, c, …] with one to three more axes, of known sizes.
        size: the sizes of these: an int for all or one for each.
        scale_factor: instead of that, what sizes are multiplied with: a number for all or one for each.
        mode: "nearest": the element whose interval begins before, "nearest-exact": the nearest, "area": means over
            parts, "linear", "bilinear" and "trilinear": on the lines between neighbours, "bicubic": on the curves
            through four.
        align_corners: for the last four, whether corners stay in their place; else elements are intervals of which the
            middles count.
        recompute_scale_factor: whether distances follow from the sizes and not from `scale_factor`, where that makes a
            difference.

    Returns:
        A tensor [n, c, …] of the new sizes.

    Raises:
        TypeError: integers, or sizes that are no ints.
        ValueError: neither or both of `size` and `scale_factor`, or settings that do not go together.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.interpolate(Tensor([[[1.0, 3.0]]]), size=4).tolist()
        [[[1.0, 1.0, 3.0, 3.0]]]
        >>> ops.interpolate(Tensor([[[1.0, 3.0]]]), scale_factor=2, mode="linear", align_corners=False).tolist()
        [[[1.0, 1.5, 2.5, 3.0]]]
    """
    subject = "ops.interpolate"
    x = as_tensor(input, None, subject)
    if not x.dtype.is_float:
        raise TypeError(explain(subject, given=f"a {x.dtype} tensor", expected="a floating-point tensor"))
    axes = x.ndim - 2
    if mode not in _MODES:
        raise ValueError(explain(subject, given=f"mode={mode!r}", expected=f"one of {', '.join(_MODES)}"))
    if not 1 <= axes <= 3 or _MODES[mode] not in (None, axes):
        wanted = 2 + (_MODES[mode] or 1)
        expected = f"{wanted} axes" if _MODES[mode] else "3 to 5 axes"
        raise ValueError(explain(subject, given=f"shape {x.shape} with mode={mode!r}", expected=expected))
    if align_corners is not None and _MODES[mode] is None:
        expected = "None: only modes with lines or curves have corners"
        raise ValueError(explain(subject, given=f"align_corners={align_corners} with mode={mode!r}", expected=expected))
    if (size is None) == (scale_factor is None):
        given = f"size={size!r}, scale_factor={scale_factor!r}"
        raise ValueError(explain(subject, given=given, expected="one of them"))
    old = [index(n) for n in x.shape[2:]]
    steps: list[float | None] = [None] * axes
    if size is not None:
        new = [index(n) for n in known_sizes(subject, size)]
        new = new * axes if len(new) == 1 and not isinstance(size, (tuple, list)) else new
    else:
        factors = list(scale_factor) if isinstance(scale_factor, (tuple, list)) else [scale_factor] * axes
        if any(isinstance(f, bool) or not isinstance(f, (int, float)) or not f > 0 for f in factors):
            raise ValueError(explain(subject, given=f"scale_factor={scale_factor!r}", expected="numbers above 0"))
        new = [int(n * f) for n, f in zip(old, factors, strict=False)]
        if not recompute_scale_factor:
            steps = [1 / f for f in factors]
    if len(new) != axes or min(new) < 1 or min(old) < 1:
        given = f"size {tuple(new)} of shape {x.shape}"
        raise ValueError(explain(subject, given=given, expected=f"{axes} sizes of at least 1"))
    if mode == "area":
        return adaptive_mean(subject, x, tuple(new), axes)
    dtype, x = x.dtype, wide(x)
    corners = bool(align_corners)
    for axis, (n, to, step) in enumerate(zip(old, new, steps, strict=True), 2):
        at = positions(n, to, corners, mode != "nearest", step)
        if mode.startswith("nearest"):
            x = nearest(x, axis, at, mode == "nearest-exact")
        else:
            x = cubic(x, axis, at, -0.75) if mode == "bicubic" else linear(x, axis, at)
    return cast(x, dtype)
