"""Patches of images as columns and back; pixels and channels moved to each other's axes."""

from __future__ import annotations

import itertools
from typing import Any

from lamella.dims import DimSize, product
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor
from lamella.ops.define.constants import scalar
from lamella.ops.functions import blocks
from lamella.ops.functions.shape import _an_int
from lamella.ops.nn.windows import per_axis
from lamella.tensor import Tensor

__all__ = ["channel_shuffle", "col2im", "fold", "pixel_shuffle", "pixel_unshuffle", "unfold"]

#: Size of a window along an axis, its dilation, padding and step.
_Place = tuple[int, int, int, int]


def _places(
    subject: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> list[tuple[int, int, int, int]]:
    """The settings by axis."""
    settings = (("kernel_size", kernel_size, 1), ("dilation", dilation, 1), ("padding", padding, 0))
    columns = [per_axis(subject, name, value, 2, least) for name, value, least in settings]
    columns.append(per_axis(subject, "stride", stride, 2))
    return [(k, d, p, s) for k, d, p, s in zip(*columns, strict=True)]


def _count(subject: str, size: DimSize, k: int, d: int, p: int, s: int) -> DimSize:
    """How many windows fit along an axis."""
    room = size + 2 * p - (k - 1) * d - 1
    if not room >= 0:
        raise ValueError(explain(subject, given=f"windows of {k} along an axis of {size}", expected="room for one"))
    return room // s + 1


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """Patches of an image, each as a column.

    Args:
        input: tensor [n, c, h, w] or [c, h, w].
        kernel_size: size of a patch: an int or (height, width).
        dilation: distance of its elements.
        padding: zeros around the image: an int or (height, width).
        stride: distance of neighbouring patches.

    Returns:
        A tensor [n, c * height * width, patches], or without n.

    Raises:
        TypeError: a setting is not ints.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.unfold(ops.arange(6.0).reshape(1, 1, 2, 3), (2, 2)).asnumpy()
        array([[[0., 1.],
                [1., 2.],
                [3., 4.],
                [4., 5.]]], dtype=float32)
    """
    subject = "ops.unfold"
    x = as_tensor(input, None, subject)
    if x.ndim not in (3, 4):
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="[n, c, h, w] or [c, h, w]"))
    places = _places(subject, kernel_size, dilation, padding, stride)
    lead = x.shape[:-2]
    none = (0,) * len(lead)
    pads = (*none, *(p for _, _, p, _ in places))
    counts = [_count(subject, n, k, d, p, s) for n, (k, d, p, s) in zip(x.shape[-2:], places, strict=True)]
    x = prims.pad(x, scalar(0, x.dtype), low=pads, high=pads, interior=(0,) * x.ndim)
    parts = []
    for place in itertools.product(*(range(k) for k, _, _, _ in places)):
        part = x
        for i, (at, count, (_, d, _, s)) in enumerate(zip(place, counts, places, strict=True)):
            part = prims.narrow(part, len(lead) + i, at * d, at * d + (count - 1) * s + 1, s)
        parts.append(prims.reshape(part, shape=(*lead, 1, counts[0] * counts[1])))
    columns = prims.concat(*parts, axis=len(lead))  # [n, c, height * width, patches]
    result: Tensor = prims.reshape(columns, shape=(*lead[:-1], lead[-1] * len(parts), counts[0] * counts[1]))
    return result


def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> Tensor:
    """Patches added up to an image, the adjoint of `unfold`.

    Args:
        input: tensor [n, c * height * width, patches], or without n.
        output_size: size of the image: an int or (h, w).
        kernel_size: size of a patch: an int or (height, width).
        dilation: distance of its elements.
        padding: zeros around the image that patches were taken from.
        stride: distance of neighbouring patches.

    Returns:
        A tensor [n, c, h, w] or [c, h, w].

    Raises:
        TypeError: a setting is not ints.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.fold(ops.ones((1, 4, 2)), (2, 3), (2, 2)).asnumpy()
        array([[[[1., 2., 1.],
                 [1., 2., 1.]]]], dtype=float32)
    """
    subject = "ops.fold"
    x = as_tensor(input, None, subject)
    if x.ndim not in (2, 3):
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="[n, c * k, patches]"))
    return _folded(subject, x, output_size, kernel_size, dilation, padding, stride)


def _folded(
    subject: str, x: Tensor, output_size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any
) -> Tensor:
    """An image from x[..., c * height * width, patches]."""
    sizes = per_axis(
        subject, "output_size", output_size.tolist() if isinstance(output_size, Tensor) else output_size, 2
    )
    places = _places(subject, kernel_size, dilation, padding, stride)
    counts = [int(_count(subject, n, k, d, p, s)) for n, (k, d, p, s) in zip(sizes, places, strict=True)]
    kernel = places[0][0] * places[1][0]
    if x.shape[-1] != counts[0] * counts[1] or x.shape[-2] % kernel != 0:
        raise ValueError(
            explain(
                subject,
                given=f"a tensor of shape {x.shape}",
                expected=f"{counts[0] * counts[1]} patches of a multiple of {kernel} elements",
            )
        )
    lead = (*x.shape[:-2], x.shape[-2] // kernel)
    x = prims.reshape(x, shape=(*lead, kernel, *counts))
    axis = len(lead)
    total: Tensor | None = None
    for number, place in enumerate(itertools.product(*(range(k) for k, _, _, _ in places))):
        part = prims.reshape(prims.narrow(x, axis, number, number + 1), shape=(*lead, *counts))
        low, high = [], []
        for at, count, n, (_, d, p, s) in zip(place, counts, sizes, places, strict=True):
            low.append(at * d - p)
            high.append(n - (at * d - p) - (count - 1) * s - 1)
        none = (0,) * len(lead)
        interior = (*none, *(s - 1 for _, _, _, s in places))
        spread = prims.pad(part, scalar(0, x.dtype), low=(*none, *low), high=(*none, *high), interior=interior)
        total = spread if total is None else prims.add(total, spread)
    assert total is not None, "a patch has at least one element"
    return total


def col2im(input_x: Any, output_size: Any, kernel_size: Any, dilation: Any, padding_value: Any, stride: Any) -> Tensor:
    """Patches added up to an image; as `fold`, of a tensor with an axis of channels.

    Args:
        input_x: tensor [n, c, height * width, patches].
        output_size: size of the image: (h, w), also as a tensor.
        kernel_size: size of a patch: (height, width).
        dilation: distance of its elements.
        padding_value: zeros around the image that patches were taken from.
        stride: distance of neighbouring patches.

    Returns:
        A tensor [n, c, h, w].

    Raises:
        TypeError: a setting is not ints.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.col2im(ops.ones((1, 1, 4, 2)), (2, 3), (2, 2), (1, 1), (0, 0), (1, 1)).asnumpy()
        array([[[[1., 2., 1.],
                 [1., 2., 1.]]]], dtype=float32)
    """
    subject = "ops.col2im"
    x = as_tensor(input_x, None, subject)
    kernel = per_axis(subject, "kernel_size", kernel_size, 2)
    if x.ndim != 4 or x.shape[2] != kernel[0] * kernel[1]:
        raise ValueError(
            explain(subject, given=f"a tensor of shape {x.shape}", expected=f"[n, c, {kernel[0] * kernel[1]}, patches]")
        )
    columns = prims.reshape(x, shape=(x.shape[0], x.shape[1] * x.shape[2], x.shape[3]))
    return _folded(subject, columns, output_size, kernel, dilation, padding_value, stride)


# -- pixels and channels --


def _factor(subject: str, name: str, given: Any) -> int:
    factor = _an_int(subject, name, given)
    if factor < 1:
        raise ValueError(explain(subject, given=f"{name}={given}", expected="at least 1"))
    return factor


def pixel_shuffle(input: Any, upscale_factor: int) -> Tensor:
    """Channels moved to pixels: r * r channels make each pixel r by r (Shi et al., 2016).

    Args:
        input: tensor [..., c * r * r, h, w].
        upscale_factor: r.

    Returns:
        A tensor [..., c, h * r, w * r].

    Raises:
        TypeError: `upscale_factor` is not an int.
        ValueError: it is not positive, or the channels are no multiple of its square.

    Examples:
        >>> from lamella import ops
        >>> ops.pixel_shuffle(ops.arange(4).reshape(1, 4, 1, 1), 2).asnumpy()
        array([[[[0, 1],
                 [2, 3]]]])
    """
    subject = "ops.pixel_shuffle"
    x, r = as_tensor(input, None, subject), _factor(subject, "upscale_factor", upscale_factor)
    return blocks.spread(subject, x, r, outer=False)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Tensor:
    """Pixels moved to channels, the inverse of `pixel_shuffle`.

    Args:
        input: tensor [..., c, h * r, w * r].
        downscale_factor: r.

    Returns:
        A tensor [..., c * r * r, h, w].

    Raises:
        TypeError: `downscale_factor` is not an int.
        ValueError: it is not positive, or a side is no multiple of it.

    Examples:
        >>> from lamella import ops
        >>> ops.pixel_unshuffle(ops.arange(4).reshape(1, 1, 2, 2), 2).tolist()
        [[[[0]], [[1]], [[2]], [[3]]]]
    """
    subject = "ops.pixel_unshuffle"
    x, r = as_tensor(input, None, subject), _factor(subject, "downscale_factor", downscale_factor)
    return blocks.gathered(subject, x, r, outer=False)


def channel_shuffle(x: Any, groups: int) -> Tensor:
    """Channels of groups taken in turn (Zhang et al., "ShuffleNet", 2018).

    Args:
        x: tensor ``[n, c, *spatial]``.
        groups: how many groups, that divide c.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        TypeError: `groups` is not an int.
        ValueError: it is not positive, or does not divide the channels.

    Examples:
        >>> from lamella import ops
        >>> ops.channel_shuffle(ops.arange(4).reshape(1, 4, 1, 1), 2).reshape(-1).tolist()
        [0, 2, 1, 3]
    """
    subject = "ops.channel_shuffle"
    x, count = as_tensor(x, None, subject), _factor(subject, "groups", groups)
    if x.ndim < 3 or x.shape[1] % count != 0:
        raise ValueError(
            explain(subject, given=f"a tensor of shape {x.shape}", expected=f"[n, a multiple of {count}, ...]")
        )
    n, c, *rest = x.shape
    apart = prims.reshape(x, shape=(n, count, c // count, product(tuple(rest))))
    result: Tensor = prims.reshape(prims.transpose(apart, permutation=(0, 2, 1, 3)), shape=x.shape)
    return result
