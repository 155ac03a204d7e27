"""Elements that move between channels and places of images, and along sequences of different lengths."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, one_axis
from lamella.ops.define.constants import scalar
from lamella.tensor import Tensor

__all__ = ["reverse_sequence"]


def spread(subject: str, x: Tensor, factor: int, outer: bool) -> Tensor:
    """x[…, c, h, w] with groups of factor² channels as blocks of places.

    Args:
        subject: who asks, for the error message.
        x: the images.
        factor: the size of a block.
        outer: whether a block's channels are far apart (those of each place together) or side by side.

    Raises:
        ValueError: the channels do not divide.
    """
    lead = x.ndim - 3
    if lead < 0 or x.shape[lead] % (factor * factor):
        given = f"shape {x.shape}"
        raise ValueError(explain(subject, given=given, expected=f"[…, c, h, w], c a multiple of {factor * factor}"))
    c, h, w = x.shape[lead:]
    kept = c // (factor * factor)
    split = (factor, factor, kept) if outer else (kept, factor, factor)
    y = prims.reshape(x, shape=(*x.shape[:lead], *split, h, w))
    own, rows, columns = (lead + 2, lead, lead + 1) if outer else (lead, lead + 1, lead + 2)
    order = (*range(lead), own, lead + 3, rows, lead + 4, columns)
    y = prims.transpose(y, permutation=order)
    result: Tensor = prims.reshape(y, shape=(*x.shape[:lead], kept, h * factor, w * factor))
    return result


def gathered(subject: str, x: Tensor, factor: int, outer: bool) -> Tensor:
    """x[…, c, h, w] with blocks of places as groups of channels: undoes `spread`.

    Args:
        subject: who asks, for the error message.
        x: the images.
        factor: the size of a block.
        outer: whether a block's channels go far apart or side by side.

    Raises:
        ValueError: height or width do not divide.
    """
    lead = x.ndim - 3
    if lead < 0 or x.shape[-2] % factor or x.shape[-1] % factor:
        given = f"shape {x.shape}"
        raise ValueError(explain(subject, given=given, expected=f"[…, c, h, w], h and w multiples of {factor}"))
    c, h, w = x.shape[lead:]
    y = prims.reshape(x, shape=(*x.shape[:lead], c, h // factor, factor, w // factor, factor))
    block = (lead + 2, lead + 4)
    order = (*block, lead) if outer else (lead, *block)
    y = prims.transpose(y, permutation=(*range(lead), *order, lead + 1, lead + 3))
    result: Tensor = prims.reshape(y, shape=(*x.shape[:lead], c * factor * factor, h // factor, w // factor))
    return result


def reverse_sequence(x: Any, seq_lengths: Any, seq_dim: int, batch_dim: int = 0) -> Tensor:
    """Sequences of different lengths backwards; what is behind their ends stays.

    Args:
        x: any tensor.
        seq_lengths: integer tensor: the length of each sequence.
        seq_dim: the axis along which a sequence goes.
        batch_dim: the axis along which sequences are.

    Raises:
        TypeError: lengths that are not integers.
        ValueError: axes out of range or equal, or lengths of another shape.
        IndexError: a sequence is longer than the axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reverse_sequence(Tensor([[1, 2, 3], [4, 5, 6]]), Tensor([3, 2]), 1).tolist()
        [[3, 2, 1], [5, 4, 6]]
    """
    subject = "ops.reverse_sequence"
    tensor, lengths = as_tensor(x, None, subject), as_tensor(seq_lengths, None, subject)
    along, across = (one_axis(subject, axis, tensor.ndim) for axis in (seq_dim, batch_dim))
    if not lengths.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{lengths.dtype} lengths", expected="integers"))
    if along == across or lengths.shape != (tensor.shape[across],):
        given = f"seq_dim={seq_dim}, batch_dim={batch_dim}, lengths {lengths.shape} of shape {tensor.shape}"
        raise ValueError(explain(subject, given=given, expected="different axes, and a length for each sequence"))
    size = tensor.shape[along]

    def aligned(t: Tensor, axis: int) -> Tensor:
        result: Tensor = prims.reshape(t, shape=tuple(t.shape[0] if i == axis else 1 for i in range(tensor.ndim)))
        return result

    at, length = aligned(prims.iota(size=size, dtype="int64"), along), aligned(cast(lengths, int64), across)
    inside = prims.lt(at, length)
    mirrored = prims.sub(prims.sub(length, at), scalar(1, int64))
    # Too long a sequence asks for a place behind the end, which is refused.
    place = prims.flat_index(prims.select(inside, mirrored, at), sizes=(size,))
    spread_place = prims.broadcast_to(place, shape=tensor.shape)
    result: Tensor = prims.take_along_axis(tensor, spread_place, along)
    return result
