"""Elements combined that belong together, and updates combined with elements at positions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lamella.dims import product
from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes
from lamella.ops.define.constants import scalar
from lamella.ops.functions.gather_scatter import _flat_slices, _indices, _scattered
from lamella.tensor import Tensor

__all__ = [
    "tensor_scatter_div",
    "tensor_scatter_max",
    "tensor_scatter_min",
    "tensor_scatter_mul",
    "tensor_scatter_sub",
    "unsorted_segment_max",
    "unsorted_segment_min",
    "unsorted_segment_prod",
    "unsorted_segment_sum",
]


def _least(dtype: Any) -> Any:
    return -math.inf if dtype.is_float else int(np.iinfo(dtype.numpy).min)


def _most(dtype: Any) -> Any:
    return math.inf if dtype.is_float else int(np.iinfo(dtype.numpy).max)


#: What a segment of nothing has: where a reduction starts.
_START: dict[str, Callable[[Any], Any]] = {
    "add": lambda dtype: 0,
    "mul": lambda dtype: 1,
    "max": _least,
    "min": _most,
}


def _segments(name: str, mode: str, what: str, nothing: str, example: str) -> Callable[[Any, Any, int], Tensor]:
    subject = f"ops.{name}"

    def function(input_x: Any, segment_ids: Any, num_segments: int) -> Tensor:
        x, ids = as_tensor(input_x, None, subject), _indices(subject, segment_ids)
        (count,) = known_sizes(subject, num_segments)
        if not ids.ndim or ids.shape != x.shape[: ids.ndim]:
            raise ValueError(
                explain(subject, given=f"ids of shape {ids.shape} for shape {x.shape}", expected="its first axes")
            )
        if not count >= 1:
            raise ValueError(explain(subject, given=f"num_segments={num_segments}", expected="at least 1"))
        rest = x.shape[ids.ndim :]
        flat = prims.reshape(x, shape=(product(ids.shape), *rest))
        at = cast(prims.reshape(ids, shape=(product(ids.shape),)), int64)
        # Elements of a negative id belong to no segment: they go to one more behind the others.
        zero = scalar(0, int64)
        inside = prims.flat_index(prims.maximum(at, zero), sizes=(count,))
        place = prims.select(prims.lt(at, zero), prims.size_tensor(count), inside)
        start = prims.broadcast_to(scalar(_START[mode](x.dtype), x.dtype), shape=(count + 1, *rest))
        return prims.narrow(prims.scatter(start, place, flat, axis=0, mode=mode), 0, 0, count)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{what} of the elements of each segment.

    Args:
        input_x: tensor of numbers.
        segment_ids: integer tensor of the shape of the first axes of `input_x`: the segment of each; what has a
            negative one is left out.
        num_segments: how many segments there are.

    Returns:
        A tensor of shape (num_segments, …) in the type of `input_x`; a segment of nothing has {nothing}.

    Raises:
        TypeError: the ids are not integers.
        ValueError: shapes do not fit.
        IndexError: an id is too large.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.{name}(Tensor([1, 5, 3]), Tensor([1, 0, 1]), 2).asnumpy()
        array([{example}])
    """
    return function


unsorted_segment_sum = _segments("unsorted_segment_sum", "add", "The sum", "0", "5, 4")
unsorted_segment_prod = _segments("unsorted_segment_prod", "mul", "The product", "1", "5, 3")
unsorted_segment_max = _segments("unsorted_segment_max", "max", "The largest", "the least of the type", "5, 3")
unsorted_segment_min = _segments(
    "unsorted_segment_min", "min", "The smallest", "the largest number of the type", "5, 1"
)


def _combined(name: str, mode: str, what: str, example: str, turn: Any = None) -> Callable[[Any, Any, Any], Tensor]:
    subject = f"ops.{name}"

    def function(input_x: Any, indices: Any, updates: Any) -> Tensor:
        x = as_tensor(input_x, None, subject)
        flat, positions = _flat_slices(subject, x, indices)
        given = cast(as_tensor(updates, flat.dtype, subject), flat.dtype)
        if turn is None:
            return _scattered(subject, flat, positions, given, mode, x.shape)
        return turn(subject, x, flat, positions, given, mode)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""A copy with {what} updates: at indices[i, 0], indices[i, 1], … with updates[i].

    Args:
        input_x: tensor of numbers.
        indices: integer tensor of shape (..., m): positions along the first m axes.
        updates: tensor of shape indices.shape[:-1] + input_x.shape[m:], converted to the type of `input_x`.

    Returns:
        A tensor of the shape and type of `input_x`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.{name}(Tensor([4.0, 12.0]), Tensor([[1], [1]]), Tensor([2.0, 3.0])).asnumpy()
        array([{example}], dtype=float32)
    """
    return function


def _negated(subject: str, x: Tensor, flat: Tensor, positions: Tensor, updates: Tensor, mode: str) -> Tensor:
    return _scattered(subject, flat, positions, prims.neg(updates), mode, x.shape)


def _divided(subject: str, x: Tensor, flat: Tensor, positions: Tensor, updates: Tensor, mode: str) -> Tensor:
    """Quotients by the product of the updates of each element."""
    ones = prims.broadcast_to(scalar(1, flat.dtype), shape=flat.shape)
    divisor = _scattered(subject, ones, positions, updates, mode, x.shape)
    if not x.dtype.is_integer:
        return x / divisor
    down, rest = prims.floor_div(x, divisor), prims.floor_mod(x, divisor)
    zero = scalar(0, x.dtype)
    raised = prims.bitwise_and(prims.lt(down, zero), prims.ne(rest, zero))
    result: Tensor = prims.add(down, cast(raised, x.dtype))
    return result


tensor_scatter_sub = _combined("tensor_scatter_sub", "add", "elements less", "4., 7.", _negated)
tensor_scatter_mul = _combined("tensor_scatter_mul", "mul", "elements multiplied by", " 4., 72.")
tensor_scatter_div = _combined("tensor_scatter_div", "mul", "elements divided by", "4., 2.", _divided)
tensor_scatter_max = _combined("tensor_scatter_max", "max", "the larger of elements and", " 4., 12.")
tensor_scatter_min = _combined("tensor_scatter_min", "min", "the smaller of elements and", "4., 2.")
