"""Pooling to a given size, of powers, of random windows, and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamella.dims import Dim, product
from lamella.dtypes import float32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, wide
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.random import unit
from lamella.ops.functions.shape import _an_int
from lamella.ops.nn.pooling import avg_pool2d
from lamella.ops.nn.windows import per_axis
from lamella.tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]


def _spatial(subject: str, x: Tensor, axes: int) -> tuple[int, ...]:
    """Known sizes of the last axes of ``x[n, c, *spatial]`` or ``x[c, *spatial]``."""
    if x.ndim not in (axes + 1, axes + 2):
        raise ValueError(
            explain(subject, given=f"a tensor of shape {x.shape}", expected=f"{axes + 1} or {axes + 2} axes")
        )
    spatial = x.shape[-axes:]
    if any(isinstance(n, Dim) for n in spatial):
        raise TypeError(explain(subject, given=f"open sizes {spatial}", expected="known sizes of the spatial axes"))
    if 0 in spatial:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at least one element"))
    return tuple(int(n) for n in spatial)


def _output_size(subject: str, given: Any, spatial: tuple[int, ...]) -> tuple[int, ...]:
    """The sizes that are asked for; None keeps an axis."""
    axes = len(spatial)
    many = tuple(given) if isinstance(given, (tuple, list)) else (given,) * axes
    if len(many) != axes:
        raise ValueError(explain(subject, given=f"output_size={given}", expected=f"an int, or {axes}"))
    sizes = tuple(
        old if n is None else _an_int(subject, "output_size", n) for n, old in zip(many, spatial, strict=True)
    )
    if min(sizes) < 1:
        raise ValueError(explain(subject, given=f"output_size={given}", expected="at least 1"))
    return sizes


def _bounds(old: int, new: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Where each of `new` windows that cover an axis begins and ends."""
    places = np.arange(new)
    return places * old // new, -(-(places + 1) * old // new)


# -- means --


def averaged(x: Tensor, sizes: tuple[int, ...]) -> Tensor:
    """Means of windows that cover the last axes, as many as `sizes` says.

    Windows of one size are a sum of windows; others a product with a matrix of weights for each axis.

    Args:
        x: floating-point tensor whose last axes are of known size.
        sizes: new sizes of the last axes.
    """
    dtype, x = x.dtype, wide(x)
    axes = len(sizes)
    spatial = tuple(int(n) for n in x.shape[-axes:])
    if all(old % new == 0 for old, new in zip(spatial, sizes, strict=True)):
        window = tuple(old // new for old, new in zip(spatial, sizes, strict=True))
        if math.prod(window) == 1:
            return cast(x, dtype)
        none, ones = ((0, 0),) * axes, (1,) * axes
        total = prims.window_sum(x, window=window, strides=window, padding=none, dilation=ones)
        return cast(total * (1 / math.prod(window)), dtype)
    for i, (old, new) in enumerate(zip(spatial, sizes, strict=True)):
        axis = x.ndim - axes + i
        starts, ends = _bounds(old, new)
        places = np.arange(old)
        weights = (places >= starts[:, None]) & (places < ends[:, None])
        matrix = constant((weights / (ends - starts)[:, None]).astype(x.dtype.numpy))
        y = prims.dot_general(x, matrix, contract=((axis,), (1,)), batch=((), ()))
        x = prims.transpose(y, permutation=(*range(axis), x.ndim - 1, *range(axis, x.ndim - 1)))
    return cast(x, dtype)


def _adaptive_mean(name: str, input: Any, output_size: Any, axes: int) -> Tensor:
    subject = f"ops.{name}"
    (x,) = floating(subject, input)
    return averaged(x, _output_size(subject, output_size, _spatial(subject, x, axes)))


def adaptive_avg_pool1d(input: Any, output_size: Any) -> Tensor:
    """Means of as many windows as asked for, that cover the last axis.

    Args:
        input: floating-point tensor [n, c, l] or [c, l] of known l.
        output_size: how many windows.

    Returns:
        A tensor [n, c, output_size] or [c, output_size].

    Raises:
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.adaptive_avg_pool1d(Tensor([[[0.0, 1.0, 2.0, 3.0, 4.0]]]), 2).asnumpy()
        array([[[1., 3.]]], dtype=float32)
    """
    return _adaptive_mean("adaptive_avg_pool1d", input, output_size, 1)


def adaptive_avg_pool2d(input: Any, output_size: Any) -> Tensor:
    """Means of as many windows as asked for, that cover the last two axes.

    Args:
        input: floating-point tensor [n, c, h, w] or [c, h, w] of known h and w.
        output_size: how many windows: an int, or (height, width), of which None keeps an axis.

    Returns:
        A tensor ``[n, c, *output_size]`` or ``[c, *output_size]``.

    Raises:
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.adaptive_avg_pool2d(ops.arange(9.0).reshape(1, 1, 3, 3), (1, 2)).asnumpy()
        array([[[[3.5, 4.5]]]], dtype=float32)
    """
    return _adaptive_mean("adaptive_avg_pool2d", input, output_size, 2)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> Tensor:
    """Means of as many windows as asked for, that cover the last three axes.

    Args:
        input: floating-point tensor [n, c, d, h, w] or [c, d, h, w] of known d, h and w.
        output_size: how many windows: an int, or (depth, height, width), of which None keeps an axis.

    Returns:
        A tensor ``[n, c, *output_size]`` or ``[c, *output_size]``.

    Raises:
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.adaptive_avg_pool3d(ops.ones((1, 3, 4, 5)), 2).shape
        (1, 2, 2, 2)
    """
    return _adaptive_mean("adaptive_avg_pool3d", input, output_size, 3)


# -- maxima --


def _adaptive_max(name: str, input: Any, output_size: Any, axes: int) -> tuple[Tensor, Tensor]:
    """Maxima of windows, and their row-major places in the spatial axes."""
    subject = f"ops.{name}"
    x = as_tensor(input, None, subject)
    spatial = _spatial(subject, x, axes)
    sizes = _output_size(subject, output_size, spatial)
    places = []
    for old, new in zip(spatial, sizes, strict=True):
        starts, ends = _bounds(old, new)
        # Shorter windows name their last element again, which changes no maximum.
        places.append(np.minimum(starts[:, None] + np.arange((ends - starts).max()), ends[:, None] - 1))
    return _chosen(x, spatial, [constant(p) for p in places], [p.shape[1] for p in places], sizes)


def _chosen(
    x: Tensor, spatial: tuple[int, ...], places: list[Tensor], widths: list[int], sizes: tuple[int, ...]
) -> tuple[Tensor, Tensor]:
    """Maxima over windows whose places along each axis are tables [windows, width]."""
    axes = len(spatial)
    lead = x.shape[: x.ndim - axes]
    count = product(lead)
    flat = prims.reshape(x, shape=(count, math.prod(spatial)))
    spots: Tensor | None = None
    for i, (table, n) in enumerate(zip(places, spatial, strict=True)):
        # Windows of all axes first, their elements last.
        shape = tuple(sizes[j] if j == i else 1 for j in range(axes)) + tuple(
            widths[j] if j == i else 1 for j in range(axes)
        )
        one = prims.reshape(table, shape=shape)
        spots = one if spots is None else prims.add(prims.mul(spots, scalar(n, int64)), one)
    assert spots is not None, "there is at least one axis"
    whole = (*sizes, math.prod(widths))
    spots = prims.reshape(prims.broadcast_to(spots, shape=(*sizes, *widths)), shape=whole)
    taken = prims.gather(flat, spots, axis=1)
    best = prims.argmax(taken, axis=taken.ndim - 1)
    everywhere = prims.broadcast_to(spots, shape=(count, *whole))
    chosen = prims.reshape(best, shape=(*best.shape, 1))
    index = prims.take_along_axis(everywhere, chosen, everywhere.ndim - 1)
    value = prims.take_along_axis(taken, chosen, taken.ndim - 1)
    shape = (*lead, *sizes)
    return prims.reshape(value, shape=shape), prims.reshape(index, shape=shape)


def adaptive_max_pool1d(input: Any, output_size: Any) -> Tensor:
    """Maxima of as many windows as asked for, that cover the last axis.

    Args:
        input: tensor [n, c, l] or [c, l] of known l.
        output_size: how many windows.

    Returns:
        A tensor [n, c, output_size] or [c, output_size].

    Raises:
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.adaptive_max_pool1d(Tensor([[[0.0, 1.0, 2.0, 3.0]]]), 2).asnumpy()
        array([[[1., 3.]]], dtype=float32)
    """
    return _adaptive_max("adaptive_max_pool1d", input, output_size, 1)[0]


def adaptive_max_pool2d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima of as many windows as asked for, that cover the last two axes.

    Args:
        input: tensor [n, c, h, w] or [c, h, w] of known h and w.
        output_size: how many windows: an int, or (height, width), of which None keeps an axis.
        return_indices: whether to return, too, where the maxima are, as positions h * width + w.

    Returns:
        The maxima, or a pair of them and their int64 positions.

    Raises:
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.adaptive_max_pool2d(ops.arange(9.0).reshape(1, 1, 3, 3), (1, 2)).asnumpy()
        array([[[[7., 8.]]]], dtype=float32)
    """
    values, indices = _adaptive_max("adaptive_max_pool2d", input, output_size, 2)
    return (values, indices) if return_indices else values


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> Any:
    """Maxima of as many windows as asked for, that cover the last three axes.

    Args:
        input: tensor [n, c, d, h, w] or [c, d, h, w] of known d, h and w.
        output_size: how many windows: an int, or (depth, height, width), of which None keeps an axis.
        return_indices: whether to return, too, where the maxima are, as positions (d * height + h) * width + w.

    Returns:
        The maxima, or a pair of them and their int64 positions.

    Raises:
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.adaptive_max_pool3d(ops.arange(8.0).reshape(1, 1, 2, 2, 2), (1, 1, 2)).asnumpy()
        array([[[[[6., 7.]]]]], dtype=float32)
    """
    values, indices = _adaptive_max("adaptive_max_pool3d", input, output_size, 3)
    return (values, indices) if return_indices else values


def fractional_max_pool2d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """Maxima of windows at random distances (Graham, "Fractional max-pooling", 2014).

    Args:
        input: tensor [n, c, h, w] or [c, h, w] of known h and w.
        kernel_size: size of the window: an int or (height, width).
        output_size: how many windows: an int or (height, width).
        output_ratio: instead of `output_size`, what part of the size comes out, above 0 and below 1.
        return_indices: whether to return, too, where the maxima are, as positions h * width + w.
        _random_samples: numbers [n, c, 2] from [0, 1) that choose the windows; default: new ones.

    Returns:
        The maxima, or a pair of them and their int64 positions.

    Raises:
        ValueError: not one of `output_size` and `output_ratio`, or sizes that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x, half = ops.arange(16.0).reshape(1, 1, 4, 4), Tensor([[[0.5, 0.5]]])
        >>> ops.fractional_max_pool2d(x, 2, 2, _random_samples=half).asnumpy()[0, 0]
        array([[ 5.,  7.],
               [13., 15.]], dtype=float32)
    """
    settings = (kernel_size, output_size, output_ratio, return_indices, _random_samples)
    return _fractional("fractional_max_pool2d", 2, input, *settings)


def fractional_max_pool3d(
    input: Any,
    kernel_size: Any,
    output_size: Any = None,
    output_ratio: Any = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """Maxima of windows at random distances (Graham, "Fractional max-pooling", 2014).

    Args:
        input: tensor [n, c, d, h, w] or [c, d, h, w] of known d, h and w.
        kernel_size: size of the window: an int or (depth, height, width).
        output_size: how many windows: an int or (depth, height, width).
        output_ratio: instead of `output_size`, what part of the size comes out, above 0 and below 1.
        return_indices: whether to return, too, where the maxima are, as positions (d * height + h) * width + w.
        _random_samples: numbers [n, c, 3] from [0, 1) that choose the windows; default: new ones.

    Returns:
        The maxima, or a pair of them and their int64 positions.

    Raises:
        ValueError: not one of `output_size` and `output_ratio`, or sizes that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x, half = ops.arange(64.0).reshape(1, 1, 4, 4, 4), Tensor([[[0.5, 0.5, 0.5]]])
        >>> ops.fractional_max_pool3d(x, 2, 2, _random_samples=half).asnumpy()[0, 0, 0]
        array([[21., 23.],
               [29., 31.]], dtype=float32)
    """
    settings = (kernel_size, output_size, output_ratio, return_indices, _random_samples)
    return _fractional("fractional_max_pool3d", 3, input, *settings)


def _fractional(
    name: str,
    axes: int,
    input: Any,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    random_samples: Any,
) -> Any:
    subject = f"ops.{name}"
    x = as_tensor(input, None, subject)
    spatial = _spatial(subject, x, axes)
    window = per_axis(subject, "kernel_size", kernel_size, axes)
    if (output_size is None) == (output_ratio is None):
        raise ValueError(explain(subject, given="both or neither of output_size, output_ratio", expected="one of them"))
    if output_size is not None:
        sizes = _output_size(subject, output_size, spatial)
    else:
        ratios = output_ratio if isinstance(output_ratio, (tuple, list)) else (output_ratio,) * axes
        if len(ratios) != axes or not all(isinstance(r, (int, float)) and 0 < r < 1 for r in ratios):
            raise ValueError(explain(subject, given=f"output_ratio={output_ratio}", expected="numbers in (0, 1)"))
        sizes = tuple(int(n * r) for n, r in zip(spatial, ratios, strict=True))
    if any(new + k - 1 > old or new < 1 for old, new, k in zip(spatial, sizes, window, strict=True)):
        raise ValueError(
            explain(subject, given=f"{sizes} windows of {window} in {spatial}", expected="room for all of them")
        )
    batched = x if x.ndim == axes + 2 else prims.reshape(x, shape=(1, *x.shape))
    lead = batched.shape[:2]
    if random_samples is None:
        samples = unit((*lead, axes), float32)
    else:
        samples = cast(as_tensor(random_samples, None, subject), float32)
        if samples.shape != (*lead, axes):
            raise ValueError(
                explain(subject, given=f"_random_samples {samples._type}", expected=f"shape {(*lead, axes)}")
            )
    images = prims.reshape(batched, shape=(product(lead), math.prod(spatial)))
    parts = prims.reshape(samples, shape=(product(lead), axes))
    spots: Tensor | None = None
    for i, (old, new, k) in enumerate(zip(spatial, sizes, window, strict=True)):
        # Of two numbers the first is the width's, of three the depth's, as in MindSpore and PyTorch.
        place = 1 - i if axes == 2 else i
        part = prims.narrow(parts, 1, place, place + 1)
        start = _fractional_starts(part, old, new, k)
        table = prims.add(
            prims.reshape(start, shape=(*start.shape, 1)), constant(np.arange(k, dtype=np.int64).reshape(1, 1, k))
        )
        shape = (
            table.shape[0],
            *(new if j == i else 1 for j in range(axes)),
            *(k if j == i else 1 for j in range(axes)),
        )
        one = prims.reshape(table, shape=shape)
        spots = one if spots is None else prims.add(prims.mul(spots, scalar(old, int64)), one)
    assert spots is not None, "there is at least one axis"
    spots = prims.reshape(spots, shape=(product(lead), math.prod(sizes), math.prod(window)))
    flat = prims.reshape(spots, shape=(spots.shape[0], math.prod(sizes) * math.prod(window)))
    taken = prims.reshape(prims.take_along_axis(images, flat, 1), shape=spots.shape)
    best = prims.argmax(taken, axis=2)
    chosen = prims.reshape(best, shape=(*best.shape, 1))
    shape = (*x.shape[: x.ndim - axes], *sizes)
    values = prims.reshape(prims.take_along_axis(taken, chosen, 2), shape=shape)
    indices = prims.reshape(prims.take_along_axis(spots, chosen, 2), shape=shape)
    return (values, indices) if return_indices else values


def _fractional_starts(part: Tensor, old: int, new: int, window: int) -> Tensor:
    """Where windows begin: at distances that a number from [0, 1) shifts; the last touches the end."""
    if new == 1:
        return prims.broadcast_to(scalar(old - window, int64), shape=(part.shape[0], 1))
    alpha = (old - window) / (new - 1)
    steps = constant(np.arange(new - 1, dtype=np.float32).reshape(1, -1))
    begins = prims.sub(prims.floor(prims.add(steps, part) * alpha), prims.floor(part * alpha))
    last = prims.broadcast_to(scalar(old - window, int64), shape=(part.shape[0], 1))
    result: Tensor = prims.concat(cast(begins, int64), last, axis=1)
    return result


# -- means of powers --


def avg_pool1d(
    input_x: Any,
    kernel_size: Any = 1,
    stride: Any = 1,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Mean of each window along the last axis.

    Args:
        input_x: floating-point tensor [n, c, l] or [c, l].
        kernel_size: size of the window.
        stride: its step.
        padding: zeros before and after, at most half a window.
        ceil_mode: whether windows may stick out at the end; what sticks out is not counted.
        count_include_pad: whether the zeros of `padding` count.

    Returns:
        A tensor of as many axes.

    Raises:
        TypeError: integers.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.avg_pool1d(Tensor([[[0.0, 1.0, 2.0, 3.0]]]), 2, 2).asnumpy()
        array([[[0.5, 2.5]]], dtype=float32)
    """
    subject = "ops.avg_pool1d"
    x = as_tensor(input_x, None, subject)
    if x.ndim not in (2, 3):
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="[n, c, l] or [c, l]"))
    (window,), (step,) = (per_axis(subject, key, v, 1) for key, v in (("kernel_size", kernel_size), ("stride", stride)))
    (pad,) = per_axis(subject, "padding", padding, 1, 0)
    rows = prims.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    result = avg_pool2d(rows, (1, window), (1, step), (0, pad), ceil_mode, count_include_pad)
    shaped: Tensor = prims.reshape(result, shape=(*x.shape[:-1], result.shape[-1]))
    return shaped


def _power_pool(subject: str, x: Tensor, norm_type: Any, window: Any, stride: Any, ceil_mode: bool) -> Tensor:
    """Roots of sums of powers of windows over the last two axes."""
    if isinstance(norm_type, bool) or not isinstance(norm_type, (int, float)):
        raise TypeError(explain(subject, given=f"norm_type={norm_type!r}", expected="a number"))
    if norm_type == 0:
        raise ValueError(explain(subject, given="norm_type=0", expected="another number"))
    dtype, x = x.dtype, wide(x)
    degree = scalar(float(norm_type), x.dtype)
    total = avg_pool2d(prims.pow(x, degree), window, stride, ceil_mode=ceil_mode, divisor_override=1)
    # The sum of an odd power may be negative: its root is that of its size, where it is positive, else 0.
    zero = scalar(0, total.dtype)
    positive = prims.gt(total, zero)
    inside = prims.select(positive, total, scalar(1, total.dtype))
    root = prims.select(positive, prims.pow(inside, scalar(1 / float(norm_type), total.dtype)), zero)
    return cast(root, dtype)


def lp_pool1d(x: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The root of the sum of powers of each window along the last axis.

    Args:
        x: floating-point tensor [n, c, l] or [c, l].
        norm_type: the power, not 0; 1 gives sums, infinity's limit is the maximum.
        kernel_size: size of the window.
        stride: its step; default: its size.
        ceil_mode: whether windows may stick out at the end.

    Returns:
        A tensor of as many axes; 0 where the sum is not positive.

    Raises:
        TypeError: `norm_type` is not a number.
        ValueError: `norm_type` is 0, or shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.lp_pool1d(Tensor([[[3.0, 4.0]]]), 2, 2).asnumpy()
        array([[[5.]]], dtype=float32)
    """
    subject = "ops.lp_pool1d"
    (x,) = floating(subject, x)
    if x.ndim not in (2, 3):
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="[n, c, l] or [c, l]"))
    (window,) = per_axis(subject, "kernel_size", kernel_size, 1)
    (step,) = (window,) if stride is None else per_axis(subject, "stride", stride, 1)
    rows = prims.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    result = _power_pool(subject, rows, norm_type, (1, window), (1, step), ceil_mode)
    shaped: Tensor = prims.reshape(result, shape=(*x.shape[:-1], result.shape[-1]))
    return shaped


def lp_pool2d(x: Any, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Tensor:
    """The root of the sum of powers of each window over the last two axes.

    Args:
        x: floating-point tensor [n, c, h, w] or [c, h, w].
        norm_type: the power, not 0; 1 gives sums, infinity's limit is the maximum.
        kernel_size: size of the window: an int or (height, width).
        stride: its step; default: its size.
        ceil_mode: whether windows may stick out at the end.

    Returns:
        A tensor of as many axes; 0 where the sum is not positive.

    Raises:
        TypeError: `norm_type` is not a number.
        ValueError: `norm_type` is 0, or shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.lp_pool2d(Tensor([[[[3.0, 4.0]]]]), 2, (1, 2)).asnumpy()
        array([[[[5.]]]], dtype=float32)
    """
    subject = "ops.lp_pool2d"
    (x,) = floating(subject, x)
    window = per_axis(subject, "kernel_size", kernel_size, 2)
    return _power_pool(subject, x, norm_type, window, stride, ceil_mode)


# -- back --


def _unpooled(
    name: str, x: Any, indices: Any, kernel_size: Any, stride: Any, padding: Any, output_size: Any, axes: int
) -> Tensor:
    subject = f"ops.{name}"
    x, places = as_tensor(x, None, subject), as_tensor(indices, None, subject)
    if not places.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{places.dtype} indices", expected="integers"))
    spatial = _spatial(subject, x, axes)
    if places.shape != x.shape:
        raise ValueError(explain(subject, given=f"x {x._type}, indices {places._type}", expected="one shape"))
    window = per_axis(subject, "kernel_size", kernel_size, axes)
    steps = window if stride in (None, 0) else per_axis(subject, "stride", stride, axes)
    pads = per_axis(subject, "padding", padding, axes, 0)
    sizes = tuple((n - 1) * s - 2 * p + k for n, s, p, k in zip(spatial, steps, pads, window, strict=True))
    if output_size is not None and output_size != ():
        given = tuple(_an_int(subject, "output_size", n) for n in output_size)[-axes:]
        if len(given) != axes or any(abs(n - m) >= s for n, m, s in zip(given, sizes, steps, strict=True)):
            raise ValueError(
                explain(subject, given=f"output_size={output_size}", expected=f"less than a step from {sizes}")
            )
        sizes = given
    lead = x.shape[: x.ndim - axes]
    count, whole = product(lead), math.prod(sizes)
    flat = prims.reshape(x, shape=(count, math.prod(spatial)))
    spots = prims.checked_index(
        cast(prims.reshape(places, shape=(count, math.prod(spatial))), int64), size=whole, ignore=None
    )
    result: Tensor = prims.put_along_axis(flat, spots, 1, whole, mode="set")
    shaped: Tensor = prims.reshape(result, shape=(*lead, *sizes))
    return shaped


def max_unpool1d(
    x: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Tensor:
    """Zeros with the maxima of a pooling where they were, along the last axis.

    Args:
        x: the maxima, [n, c, l] or [c, l] of known l.
        indices: their places, integers of the same shape.
        kernel_size: size of the window that was pooled.
        stride: its step; default: its size.
        padding: what was padded.
        output_size: the size before; default: the least.

    Returns:
        A tensor of as many axes.

    Raises:
        IndexError: a place is out of range.
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.max_unpool1d(Tensor([[[5.0, 7.0]]]), Tensor([[[1, 2]]]), 2).asnumpy()
        array([[[0., 5., 7., 0.]]], dtype=float32)
    """
    return _unpooled("max_unpool1d", x, indices, kernel_size, stride, padding, output_size, 1)


def max_unpool2d(
    x: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Tensor:
    """Zeros with the maxima of a pooling where they were, over the last two axes.

    Args:
        x: the maxima, [n, c, h, w] or [c, h, w] of known h and w.
        indices: their places h * width + w, integers of the same shape.
        kernel_size: size of the window that was pooled.
        stride: its step; default: its size.
        padding: what was padded.
        output_size: the size before; default: the least.

    Returns:
        A tensor of as many axes.

    Raises:
        IndexError: a place is out of range.
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.max_unpool2d(Tensor([[[[7.0]]]]), Tensor([[[[2]]]]), 2).asnumpy()
        array([[[[0., 0.],
                 [7., 0.]]]], dtype=float32)
    """
    return _unpooled("max_unpool2d", x, indices, kernel_size, stride, padding, output_size, 2)


def max_unpool3d(
    x: Any, indices: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
) -> Tensor:
    """Zeros with the maxima of a pooling where they were, over the last three axes.

    Args:
        x: the maxima, [n, c, d, h, w] or [c, d, h, w] of known d, h and w.
        indices: their row-major places, integers of the same shape.
        kernel_size: size of the window that was pooled.
        stride: its step; default: its size.
        padding: what was padded.
        output_size: the size before; default: the least.

    Returns:
        A tensor of as many axes.

    Raises:
        IndexError: a place is out of range.
        ValueError: shapes or sizes that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.max_unpool3d(Tensor([[[[[7.0]]]]]), Tensor([[[[[5]]]]]), 2).sum().item()
        7.0
    """
    return _unpooled("max_unpool3d", x, indices, kernel_size, stride, padding, output_size, 3)
