"""Pooling: windows that slide over the last axes of ``x[n, c, *spatial]``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import cast, wide
from lamella.ops.define.constants import constant, scalar
from lamella.ops.nn.windows import per_axis, window_padding
from lamella.tensor import Tensor

__all__ = ["avg_pool2d", "avg_pool3d", "max_pool2d", "max_pool3d"]


def _pool_place(
    subject: str,
    x: Tensor,
    kernel_size: Any,
    stride: Any,
    pad_mode: str,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    axes: int = 2,
) -> dict[str, Any]:
    """Attributes of a window primitive over the last axes."""
    if x.ndim not in (axes + 1, axes + 2):
        names = "d, h, w"[3 * (3 - axes) :]
        expected = f"x[n, c, {names}] or x[c, {names}]"
        raise ValueError(explain(subject, given=f"shape {x.shape}", expected=expected))
    window = per_axis(subject, "kernel_size", kernel_size, axes)
    strides = window if stride is None else per_axis(subject, "stride", stride, axes)
    spread = per_axis(subject, "dilation", dilation, axes)
    spatial = x.shape[-axes:]
    pads = window_padding(subject, pad_mode, padding, spatial, window, strides, spread)
    if any(2 * p > k for pair, k in zip(pads, window, strict=True) for p in pair) and pad_mode == "pad":
        raise ValueError(
            explain(subject, given=f"padding={padding} for windows {window}", expected="at most half a window")
        )
    if ceil_mode:
        pads = tuple(
            (low, high + _ceil_extra(size + low + high, (k - 1) * d + 1, s, size + low))
            for (low, high), size, k, s, d in zip(pads, spatial, window, strides, spread, strict=True)
        )
    return {"window": window, "strides": strides, "padding": pads, "dilation": spread}


def _ceil_extra(size: int, covered: int, stride: int, start_limit: int) -> int:
    """Padding that lets one more window start before the end of x and its padding before."""
    rest = (size - covered) % stride
    if rest == 0:
        return 0
    last_start = size - covered - rest + stride
    return stride - rest if last_start < start_limit else 0


def max_pool2d(
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    return_indices: bool = False,
    ceil_mode: bool = False,
    *,
    pad_mode: str = "pad",
) -> Any:
    """Maximum of each window.

    Args:
        x: tensor [n, c, h, w] or [c, h, w].
        kernel_size: size of the window: an int or (height, width).
        stride: its step; default: its size.
        padding: what counts as less than every number around x: an int or (height, width), at most half a window.
        dilation: distance of the window's elements.
        return_indices: whether to return, too, where the maxima are, as positions h * width + w.
        ceil_mode: whether windows may stick out at the end.
        pad_mode: "pad" for `padding`, or "same" or "valid".

    Returns:
        The maxima, or a pair of them and their int64 positions.

    Raises:
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.max_pool2d(ops.arange(16.0).reshape(1, 1, 4, 4), 2).asnumpy()[0, 0]
        array([[ 5.,  7.],
               [13., 15.]], dtype=float32)
    """
    place = _pool_place("ops.max_pool2d", x, kernel_size, stride, pad_mode, padding, dilation, ceil_mode)
    values, indices = prims.window_max(x, **place)
    return (values, indices) if return_indices else values


def avg_pool2d(
    input_x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int = 0,
    *,
    pad_mode: str = "pad",
) -> Tensor:
    """Mean of each window.

    Args:
        input_x: tensor [n, c, h, w] or [c, h, w].
        kernel_size: size of the window: an int or (height, width).
        stride: its step; default: its size.
        padding: zeros around x: an int or (height, width), at most half a window.
        ceil_mode: whether windows may stick out at the end; what sticks out is not counted.
        count_include_pad: whether the zeros of `padding` count.
        divisor_override: what to divide by instead of the count; 0 for the count.
        pad_mode: "pad" for `padding`, or "same" or "valid".

    Raises:
        TypeError: integers.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.avg_pool2d(ops.arange(16.0).reshape(1, 1, 4, 4), 2).asnumpy()[0, 0]
        array([[ 2.5,  4.5],
               [10.5, 12.5]], dtype=float32)
    """
    return mean_pooled(
        "ops.avg_pool2d",
        input_x,
        (kernel_size, stride, pad_mode, padding),
        ceil_mode,
        count_include_pad,
        divisor_override,
        2,
    )


def mean_pooled(
    subject: str,
    x: Tensor,
    place: tuple[Any, Any, str, Any],
    ceil_mode: bool,
    include_pad: bool,
    divisor: int,
    axes: int,
) -> Tensor:
    """Mean of each window over the last axes.

    Args:
        subject: who asks, for the error message.
        x: floating-point tensor.
        place: kernel size, stride, padding mode and padding.
        ceil_mode: whether windows may stick out at the end; what sticks out is not counted.
        include_pad: whether the zeros of the padding count.
        divisor: what to divide by instead of the count; 0 for the count.
        axes: how many axes windows have.

    Raises:
        TypeError: integers.
        ValueError: shapes or settings that do not fit.
    """
    if not x.dtype.is_float:
        raise TypeError(explain(subject, given=f"a {x.dtype} tensor", expected="a floating-point tensor"))
    size, stride, pad_mode, padding = place
    attrs = _pool_place(subject, x, size, stride, pad_mode, padding, 1, False, axes)
    floor_pads = attrs["padding"]
    attrs = _pool_place(subject, x, size, stride, pad_mode, padding, 1, ceil_mode, axes)
    total: Tensor = prims.window_sum(wide(x), **attrs)
    count = math.prod(attrs["window"])
    if divisor:
        return cast(total / float(divisor), x.dtype)
    plain = attrs["padding"] == floor_pads and (include_pad or not any(map(any, floor_pads)))
    if plain:
        return cast(total * scalar(1 / count, total.dtype), x.dtype)
    # How many elements each window counts: the sum of ones where something counts, over one image.
    ones = constant(np.ones((1,) * x.ndim, total.dtype.numpy))
    image = prims.broadcast_to(ones, shape=(*(1,) * (x.ndim - axes), *x.shape[-axes:]))
    if include_pad:
        none = (0,) * (x.ndim - axes)
        low = (*none, *(p[0] for p in floor_pads))
        high = (*none, *(p[1] for p in floor_pads))
        image = prims.pad(image, scalar(1, image.dtype), low=low, high=high, interior=(0,) * x.ndim)
        rest = tuple((0, after - before) for (_, before), (_, after) in zip(floor_pads, attrs["padding"], strict=True))
        attrs = {**attrs, "padding": rest}
    return cast(total / prims.window_sum(image, **attrs), x.dtype)


def max_pool3d(
    x: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    pad_mode: str = "pad",
) -> Any:
    """Maximum of each window of three axes.

    Args:
        x: tensor [n, c, d, h, w] or [c, d, h, w].
        kernel_size: size of the window: an int or (depth, height, width).
        stride: its step; default: its size.
        padding: what counts as less than every number around x: an int or three ints, at most half a window.
        dilation: distance of the window's elements.
        ceil_mode: whether windows may stick out at the end.
        return_indices: whether to return, too, where the maxima are, as positions (d * height + h) * width + w.
        pad_mode: "pad" for `padding`, or "same" or "valid".

    Returns:
        The maxima, or a pair of them and their int64 positions.

    Raises:
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.max_pool3d(ops.arange(16.0).reshape(1, 1, 4, 2, 2), 2).asnumpy().ravel()
        array([ 7., 15.], dtype=float32)
    """
    place = _pool_place("ops.max_pool3d", x, kernel_size, stride, pad_mode, padding, dilation, ceil_mode, 3)
    values, indices = prims.window_max(x, **place)
    return (values, indices) if return_indices else values


def avg_pool3d(
    input_x: Tensor,
    kernel_size: Any = 1,
    stride: Any = 1,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int = 0,
    *,
    pad_mode: str = "pad",
) -> Tensor:
    """Mean of each window of three axes.

    Args:
        input_x: tensor [n, c, d, h, w] or [c, d, h, w].
        kernel_size: size of the window: an int or (depth, height, width).
        stride: its step.
        padding: zeros around x: an int, three ints, or six, at most half a window.
        ceil_mode: whether windows may stick out at the end; what sticks out is not counted.
        count_include_pad: whether the zeros of `padding` count.
        divisor_override: what to divide by instead of the count; 0 for the count.
        pad_mode: "pad" for `padding`, or "same" or "valid".

    Raises:
        TypeError: integers.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.avg_pool3d(ops.arange(16.0).reshape(1, 1, 4, 2, 2), 2, 2).asnumpy().ravel()
        array([ 3.5, 11.5], dtype=float32)
    """
    return mean_pooled(
        "ops.avg_pool3d",
        input_x,
        (kernel_size, stride, pad_mode, padding),
        ceil_mode,
        count_include_pad,
        divisor_override,
        3,
    )
