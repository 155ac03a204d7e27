"""Transforms of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella_data.transforms import Array, Transform

__all__ = ["HWC2CHW", "Normalize", "Rescale"]


def _number(subject: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(explain(subject, given=f"{value!r:.80}", expected="a number"))
    if not np.isfinite(value):
        raise ValueError(explain(subject, given=str(value), expected="a finite number"))
    return float(value)


def _check_numbers(subject: str, rows: Array) -> None:
    if rows.dtype.kind not in "biuf" and rows.dtype.name != "bfloat16":
        raise TypeError(explain(subject, given=f"an image of type {rows.dtype}", expected="numbers"))


class Rescale(Transform):
    """Scale and shift: image * rescale + shift, in float32.

    Args:
        rescale: the factor.
        shift: what is added.

    Raises:
        TypeError: an argument is no number, or an image holds none.
        ValueError: an argument is not finite.

    Examples:
        >>> import lamella_data as data
        >>> data.vision.Rescale(0.5, -1.0)([[0, 2], [4, 6]])
        array([[-1.,  0.],
               [ 1.,  2.]], dtype=float32)
    """

    def __init__(self, rescale: float, shift: float) -> None:
        self.rescale = np.float32(_number("Rescale: rescale", rescale))
        self.shift = np.float32(_number("Rescale: shift", shift))

    def batched(self, rows: Array) -> Array:
        """Scale `rows`, shape (N, ...), any numbers, to float32."""
        _check_numbers("Rescale", rows)
        scaled = np.multiply(rows, self.rescale, dtype=np.float32, casting="unsafe")
        return np.add(scaled, self.shift, out=scaled)


class Normalize(Transform):
    """Shift and scale the channels of an image: (image - mean) / std, in float32.

    Args:
        mean: of each channel, from 0 to 255; a single one serves all channels.
        std: of each channel, above 0 and up to 255.
        is_hwc: whether the channels are the last axis, (..., H, W, C), rather than the third from last, (..., C, H, W).
            An image of shape (H, W) has one channel either way.

    Raises:
        TypeError: `mean` or `std` is no list or tuple of numbers, `is_hwc` is no bool, or an image holds no numbers.
        ValueError: `mean` or `std` is out of range, their lengths differ, or they do not fit an image.

    Examples:
        >>> import lamella_data as data
        >>> data.vision.Normalize(mean=[1.0], std=[2.0])([[1, 3], [5, 7]])
        array([[0., 1.],
               [2., 3.]], dtype=float32)
    """

    def __init__(self, mean: Sequence[float], std: Sequence[float], is_hwc: bool = True) -> None:
        for name, values in (("mean", mean), ("std", std)):
            if not isinstance(values, list | tuple | np.ndarray):
                given = f"{values!r:.80}"
                raise TypeError(explain(f"Normalize: {name}", given=given, expected="a list with a number a channel"))
        if not isinstance(is_hwc, bool):
            raise TypeError(explain("Normalize: is_hwc", given=repr(is_hwc), expected="a bool"))
        if len(mean) != len(std) or not len(mean):
            given = f"{len(mean)} of mean and {len(std)} of std"
            raise ValueError(explain("Normalize", given=given, expected="equally many, at least one"))
        means = [_number(f"Normalize: mean[{i}]", value) for i, value in enumerate(mean)]
        stds = [_number(f"Normalize: std[{i}]", value) for i, value in enumerate(std)]
        if not all(0 <= value <= 255 for value in means):
            raise ValueError(explain("Normalize: mean", given=str(means), expected="values from 0 to 255"))
        if not all(0 < value <= 255 for value in stds):
            raise ValueError(explain("Normalize: std", given=str(stds), expected="values above 0 and up to 255"))
        self.mean = np.array(means, np.float32)
        self.std = np.array(stds, np.float32)
        self.is_hwc = is_hwc

    def batched(self, rows: Array) -> Array:
        """Normalize `rows`, shape (N, H, W), (N, ..., H, W, C) or (N, ..., C, H, W), any numbers, to float32."""
        _check_numbers("Normalize", rows)
        shape = rows.shape[1:]
        if len(shape) < 2:
            raise ValueError(explain("Normalize", given=f"an image of shape {shape}", expected="at least 2 axes"))
        channels = 1 if len(shape) == 2 else shape[-1 if self.is_hwc else -3]
        mean, std = self.mean, self.std
        if len(mean) not in (1, channels):
            given = f"an image of shape {shape} with is_hwc={self.is_hwc} and mean and std of {len(mean)} channels"
            raise ValueError(explain("Normalize", given=given, expected="as many channels"))
        if not self.is_hwc:
            mean, std = mean[:, np.newaxis, np.newaxis], std[:, np.newaxis, np.newaxis]
        centred = np.subtract(rows, mean, dtype=np.float32, casting="unsafe")
        return np.divide(centred, std, out=centred)


class HWC2CHW(Transform):
    """Move the channels of an image to the front: (H, W, C) to (C, H, W). An image (H, W) stays as it is.

    Raises:
        ValueError: an image has another number of axes.

    Examples:
        >>> import numpy as np
        >>> import lamella_data as data
        >>> data.vision.HWC2CHW()(np.zeros((28, 20, 3))).shape
        (3, 28, 20)
    """

    def batched(self, rows: Array) -> Array:
        """Move the last axis of `rows`, shape (N, H, W, C), to (N, C, H, W); (N, H, W) is returned as it is."""
        if rows.ndim not in (3, 4):
            given = f"an image of shape {rows.shape[1:]}"
            raise ValueError(explain("HWC2CHW", given=given, expected="shape (H, W, C) or (H, W)"))
        return rows if rows.ndim == 3 else np.ascontiguousarray(np.moveaxis(rows, -1, 1))
