"""The geometry that convolutions and window reductions share: which input each output position sees."""

from __future__ import annotations

from collections.abc import Sequence
from types import EllipsisType

Padding = tuple[tuple[int, int], ...]
Index = tuple[EllipsisType | slice, ...]


def output_size(
    size: Sequence[int], window: Sequence[int], strides: Sequence[int], padding: Padding, dilation: Sequence[int]
) -> tuple[int, ...]:
    """How many positions a window takes along each axis.

    Args:
        size: input size of each spatial axis.
        window: elements of the window along each axis.
        strides: step of the window.
        padding: elements added before and after each axis; negative numbers crop.
        dilation: distance between neighbouring elements of the window.

    Examples:
        >>> output_size((28, 28), (3, 3), (2, 1), ((1, 1), (0, 0)), (1, 1))
        (14, 26)
    """
    return tuple(
        max((s + low + high - d * (k - 1) - 1) // stride + 1, 0)
        for s, k, stride, (low, high), d in zip(size, window, strides, padding, dilation, strict=True)
    )


def element_index(
    position: Sequence[int], size: Sequence[int], strides: Sequence[int], dilation: Sequence[int]
) -> Index:
    """Where the window element at `position` lies in a padded input, for all output positions.

    Args:
        position: which element of the window.
        size: output size of each spatial axis, the last axes of the input.
        strides: step of the window.
        dilation: distance between neighbouring elements of the window.

    Examples:
        >>> element_index((1,), (3,), (2,), (1,))
        (Ellipsis, slice(1, 6, 2))
    """
    return (
        ...,
        *(
            slice(p * d, p * d + (s - 1) * stride + 1, stride) if s else slice(0)
            for p, s, stride, d in zip(position, size, strides, dilation, strict=True)
        ),
    )


def element_overlap(
    position: int, source: int, target: int, stride: int, dilation: int, low: int
) -> tuple[slice, slice]:
    """Along one axis, the outputs whose window element `position` lies inside the unpadded input, and where.

    Args:
        position: which element of the window.
        source: input size of the axis, without padding.
        target: output size of the axis.
        stride: step of the window.
        dilation: distance between neighbouring elements of the window.
        low: padding before the axis.

    Returns:
        A slice of the output and the slice of the input that belongs to it, of equal lengths.

    Examples:
        >>> element_overlap(0, source=5, target=5, stride=1, dilation=1, low=1)
        (slice(1, 5, 1), slice(0, 4, 1))
    """
    offset = position * dilation - low
    first = max(-(offset // stride), 0)
    stop = min((source - 1 - offset) // stride + 1, target)
    if stop <= first:
        return slice(0, 0, 1), slice(0, 0, 1)
    start = first * stride + offset
    return slice(first, stop, 1), slice(start, start + (stop - first - 1) * stride + 1, stride)
