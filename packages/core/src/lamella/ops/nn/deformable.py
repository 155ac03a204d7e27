"""Convolution whose windows are moved and weighted element by element (Dai et al., 2017; Zhu et al., 2018)."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions import elementwise
from lamella.ops.nn.convolution import conv2d
from lamella.ops.nn.windows import per_axis
from lamella.tensor import Tensor

__all__ = ["deformable_conv2d"]


def deformed(
    subject: str,
    x: Any,
    offsets: Any,
    window: tuple[int, ...],
    strides: Any,
    pads: Any,
    dilations: Any,
    groups: int,
    modulated: bool,
) -> Tensor:
    """The elements of x[n, c, h, w] that moved windows see, side by side: [n, c, rows * kh, columns * kw].

    Args:
        subject: who asks, for the error message.
        x: floating-point images.
        offsets: for each element of a window and group how far it is moved to the right, then how far down, then what
            it is multiplied with if `modulated`: [n, (3 or 2) * groups * kh * kw, rows, columns].
        window: (kh, kw).
        strides: (1, 1, down, right).
        pads: zeros above, below, left and right.
        dilations: (1, 1, down, right).
        groups: into how many groups of equal offsets the channels are divided.
        modulated: whether elements are multiplied.

    Raises:
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.
    """
    images, moves = as_tensor(x, None, subject), as_tensor(offsets, None, subject)
    if not images.dtype.is_float or moves.dtype is not images.dtype:
        given = f"{images.dtype} and {moves.dtype} tensors"
        raise TypeError(explain(subject, given=given, expected="floating-point tensors of one type"))
    if images.ndim != 4:
        raise ValueError(explain(subject, given=f"x of shape {images.shape}", expected="[n, c, h, w]"))
    steps, spread = per_axis(subject, "strides", strides, 2), per_axis(subject, "dilations", dilations, 2)
    around = per_axis(subject, "pads", pads, 4, 0)
    n, c, *size = images.shape
    if isinstance(groups, bool) or not isinstance(groups, int) or groups < 1 or c % groups:
        given = f"deformable_groups={groups!r} of {c} channels"
        raise ValueError(explain(subject, given=given, expected="a number that divides the channels"))
    out = [
        (size[at] + around[2 * at] + around[2 * at + 1] - (window[at] - 1) * spread[at] - 1) // steps[at] + 1
        for at in range(2)
    ]
    parts, taps = 3 if modulated else 2, window[0] * window[1]
    expected = (n, parts * groups * taps, *out)
    if moves.shape != expected:
        raise ValueError(explain(subject, given=f"offsets of shape {moves.shape}", expected=f"shape {expected}"))
    full, dtype = wide(images), images.dtype
    kind = full.dtype
    grid = (n, groups, *window, *out)
    split = prims.reshape(wide(moves), shape=(n, parts, groups, *window, *out))
    right, down, *factor = (prims.reshape(prims.narrow(split, 1, part, part + 1), shape=grid) for part in range(parts))
    places = []
    for at, move in ((0, down), (1, right)):
        starts = prims.iota(size=out[at], dtype="int64") * steps[at] - around[2 * at]
        shape = tuple(out[at] if axis == 4 + at else 1 for axis in range(6))
        taps_shape = tuple(window[at] if axis == 2 + at else 1 for axis in range(6))
        own = prims.reshape(starts, shape=shape) + prims.reshape(
            prims.iota(size=window[at], dtype="int64") * spread[at], shape=taps_shape
        )
        places.append(move + cast(own, kind))
    flat = prims.reshape(
        prims.transpose(prims.reshape(full, shape=(n, groups, c // groups, *size)), permutation=(0, 1, 3, 4, 2)),
        shape=(n * groups * size[0] * size[1], c // groups),
    )
    image = prims.broadcast_to(
        prims.reshape(prims.iota(size=n * groups, dtype="int64"), shape=(n, groups, 1, 1, 1, 1)), shape=grid
    )
    corners = []
    for place, extent in zip(places, size, strict=True):
        low = elementwise.floor(prims.stop_gradient(place))
        fraction = place - low
        for step, weight in ((0, 1.0 - fraction), (1, fraction)):
            row = cast(low, int64) + step
            last = prims.size_tensor(extent - 1)
            inside = prims.bitwise_and(prims.ge(row, scalar(0, int64)), prims.le(row, last))
            kept = prims.minimum(prims.maximum(row, scalar(0, int64)), last)
            corners.append((kept, prims.select(inside, weight, scalar(0, kind))))
    total: Tensor | None = None
    for row, above in corners[:2]:
        for column, beside in corners[2:]:
            position = prims.flat_index(image, row, column, sizes=(n * groups, *size))
            weight = above * beside
            term = prims.gather(flat, position, axis=0) * prims.reshape(weight, shape=(*grid, 1))
            total = term if total is None else total + term
    assert total is not None
    if factor:
        total = total * prims.reshape(factor[0], shape=(*grid, 1))
    turned = prims.transpose(total, permutation=(0, 1, 6, 4, 2, 5, 3))
    result = prims.reshape(turned, shape=(n, c, out[0] * window[0], out[1] * window[1]))
    return cast(result, dtype)


def deformable_conv2d(
    x: Any,
    weight: Any,
    offsets: Any,
    kernel_size: Any,
    strides: Any,
    padding: Any,
    bias: Any = None,
    dilations: Any = (1, 1, 1, 1),
    groups: int = 1,
    deformable_groups: int = 1,
    modulated: bool = True,
) -> Tensor:
    """2-d convolution whose windows are moved and weighted element by element (Zhu et al., 2018).

    Args:
        x: floating-point images [n, c, h, w].
        weight: [out, c / groups, kh, kw].
        offsets: for each element of a window how far it is moved to the right, for all down, then what each is
            multiplied with: [n, 3 * deformable_groups * kh * kw, rows, columns], or 2 * … without the last.
        kernel_size: (kh, kw), or an int.
        strides: (1, 1, down, right).
        padding: zeros above, below, left and right.
        bias: [out], or None.
        dilations: (1, 1, down, right).
        groups: into how many groups channels are divided.
        deformable_groups: into how many groups of equal offsets.
        modulated: whether elements are multiplied.

    Returns:
        A tensor [n, out, rows, columns].

    Raises:
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([[[[1.0, 2.0, 4.0]]]])
        >>> offsets = Tensor([[[[0.5, 0.0]], [[0.0, 0.0]], [[1.0, 10.0]]]])
        >>> ops.deformable_conv2d(x[..., :2], Tensor([[[[1.0]]]]), offsets, 1, (1, 1, 1, 1), (0, 0, 0, 0)).tolist()
        [[[[1.5, 20.0]]]]
    """
    window = per_axis("ops.deformable_conv2d", "kernel_size", kernel_size, 2)
    seen = deformed(
        "ops.deformable_conv2d", x, offsets, window, strides, padding, dilations, deformable_groups, modulated
    )
    return conv2d(seen, as_tensor(weight), bias, window, groups=groups)
