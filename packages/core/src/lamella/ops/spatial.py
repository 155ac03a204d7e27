"""Convolution and pooling: windows that slide over the last axes of x[n, c, *spatial]."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lamella.dims import Shape
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.constants import constant, scalar
from lamella.ops.promote import cast, unified, wide
from lamella.tensor import Tensor


def per_axis(subject: str, name: str, value: Any, axes: int, least: int = 1) -> tuple[int, ...]:
    """One int for each spatial axis, from an int or a tuple.

    Raises:
        TypeError: not ints.
        ValueError: another number of them, or one too small.
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * axes
    if len(values) == axes + 2 and values[:2] == (1, 1):  # MindSpore also takes one for each axis of x
        values = values[2:]
    if any(isinstance(v, bool) or not isinstance(v, (int, np.integer)) for v in values):
        raise TypeError(explain(subject, given=f"{name}={value!r}", expected=f"an int or {axes} ints"))
    if len(values) != axes or min(values) < least:
        raise ValueError(
            explain(subject, given=f"{name}={value!r}", expected=f"an int or {axes} ints, {least} or more")
        )
    return tuple(int(v) for v in values)


def window_padding(
    subject: str,
    pad_mode: str,
    padding: Any,
    spatial: Shape,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    dilation: tuple[int, ...],
) -> tuple[tuple[int, int], ...]:
    """Padding before and after each spatial axis.

    Args:
        subject: who asks, for the error message.
        pad_mode: "valid" for none, "same" for as much as makes the result ceil(size / stride) long, with the odd one
            after, "pad" for `padding`.
        padding: with "pad", an int, one for each axis, or a pair for each axis in a row.
        spatial: sizes of the axes.
        window: sizes of the window.
        strides: its steps.
        dilation: distances between its elements.

    Raises:
        ValueError: another mode, another number of paddings, or padding with a mode that has none.
    """
    axes = len(spatial)
    if pad_mode == "pad":
        if isinstance(padding, (tuple, list)) and len(padding) == 2 * axes:
            flat = per_axis(subject, "padding", padding, 2 * axes, 0)
            return tuple(zip(flat[::2], flat[1::2], strict=True))
        return tuple((p, p) for p in per_axis(subject, "padding", padding, axes, 0))
    given = padding if isinstance(padding, (tuple, list)) else (padding,)
    if any(p != 0 for p in given):
        raise ValueError(
            explain(subject, given=f"padding={padding!r} with pad_mode={pad_mode!r}", expected='0, or pad_mode="pad"')
        )
    if pad_mode == "valid":
        return ((0, 0),) * axes
    if pad_mode != "same":
        raise ValueError(explain(subject, given=f"pad_mode={pad_mode!r}", expected='"same", "valid" or "pad"'))
    result: list[tuple[int, int]] = []
    for size, k, s, d in zip(spatial, window, strides, dilation, strict=True):
        beyond = next(r for r in range(s) if size % s <= r)  # of an open size, that is decided and noted
        total = max((k - 1) * d + 1 - (beyond or s), 0)
        result.append((total // 2, total - total // 2))
    return tuple(result)


def _conv(axes: int, example: str) -> Callable[..., Tensor]:
    name = f"conv{axes}d"
    subject = f"ops.{name}"

    def function(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        pad_mode: str = "valid",
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:
        x, w = unified(subject, input, weight)
        if x.ndim != axes + 2 or w.ndim != axes + 2:
            raise ValueError(
                explain(subject, given=f"input {x._type}, weight {w._type}", expected=f"{axes + 2} axes in both")
            )
        strides = per_axis(subject, "stride", stride, axes)
        spread = per_axis(subject, "dilation", dilation, axes)
        pads = window_padding(subject, pad_mode, padding, x.shape[2:], w.shape[2:], strides, spread)
        y: Tensor = prims.conv(x, w, strides=strides, padding=pads, dilation=spread, groups=groups)
        if bias is None:
            return y
        _, b = unified(subject, y, bias)
        if b.shape != (w.shape[0],):
            raise ValueError(explain(subject, given=f"bias {b._type}", expected=f"shape ({w.shape[0]},)"))
        return y + prims.reshape(b, shape=(w.shape[0], *(1,) * axes))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{axes}-d convolution (cross-correlation).

    Args:
        input: x[n, channels, {axes} spatial ax{"i" if axes == 1 else "e"}s].
        weight: w[out, channels / groups, {axes} window size{"s" * (axes > 1)}], of x's type.
        bias: b[out], or None.
        stride: step of the window: an int, or one for each spatial axis.
        pad_mode: "valid" for no padding, "same" for a result of ceil(size / stride), "pad" for `padding`.
        padding: zeros around x with "pad": an int, one for each spatial axis, or two for each.
        dilation: distance of the window's elements: an int, or one for each spatial axis.
        groups: into how many groups the channels are divided, each with out / groups of the weights.

    Returns:
        A tensor of shape [n, out, …].

    Raises:
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> {example}
    """
    return function


conv1d = _conv(1, "ops.conv1d(ops.ones((1, 2, 8)), ops.ones((4, 2, 3))).shape\n        (1, 4, 6)")
conv2d = _conv(
    2, 'ops.conv2d(ops.ones((1, 2, 8, 8)), ops.ones((4, 2, 3, 3)), pad_mode="same").shape\n        (1, 4, 8, 8)'
)
conv3d = _conv(3, "ops.conv3d(ops.ones((1, 2, 4, 4, 4)), ops.ones((4, 2, 3, 3, 3))).shape\n        (1, 4, 2, 2, 2)")


def _pool_place(
    subject: str, x: Tensor, kernel_size: Any, stride: Any, pad_mode: str, padding: Any, dilation: Any, ceil_mode: bool
) -> dict[str, Any]:
    """Attributes of a window primitive over the last two axes."""
    if x.ndim not in (3, 4):
        raise ValueError(explain(subject, given=f"shape {x.shape}", expected="x[n, c, h, w] or x[c, h, w]"))
    window = per_axis(subject, "kernel_size", kernel_size, 2)
    strides = window if stride is None else per_axis(subject, "stride", stride, 2)
    spread = per_axis(subject, "dilation", dilation, 2)
    spatial = x.shape[-2:]
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
    x = input_x
    if not x.dtype.is_float:
        raise TypeError(explain("ops.avg_pool2d", given=f"a {x.dtype} tensor", expected="a floating-point tensor"))
    place = _pool_place("ops.avg_pool2d", x, kernel_size, stride, pad_mode, padding, 1, False)
    floor_pads = place["padding"]
    place = _pool_place("ops.avg_pool2d", x, kernel_size, stride, pad_mode, padding, 1, ceil_mode)
    total: Tensor = prims.window_sum(wide(x), **place)
    size = math.prod(place["window"])
    if divisor_override:
        return cast(total / float(divisor_override), x.dtype)
    plain = place["padding"] == floor_pads and (count_include_pad or not any(map(any, floor_pads)))
    if plain:
        return cast(total * scalar(1 / size, total.dtype), x.dtype)
    # How many elements each window counts: the sum of ones where something counts, over one image.
    ones = constant(np.ones((1,) * x.ndim, total.dtype.numpy))
    image = prims.broadcast_to(ones, shape=(*(1,) * (x.ndim - 2), *x.shape[-2:]))
    if count_include_pad:
        none = (0,) * (x.ndim - 2)
        low = (*none, *(p[0] for p in floor_pads))
        high = (*none, *(p[1] for p in floor_pads))
        image = prims.pad(image, scalar(1, image.dtype), low=low, high=high, interior=(0,) * x.ndim)
        rest = tuple((0, after - before) for (_, before), (_, after) in zip(floor_pads, place["padding"], strict=True))
        place = {**place, "padding": rest}
    return cast(total / prims.window_sum(image, **place), x.dtype)
