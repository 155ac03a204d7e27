"""Updates combined with elements at positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast
from lamella.ops.define.constants import scalar
from lamella.ops.functions.gather_scatter import _flat_slices, _scattered
from lamella.tensor import Tensor

__all__ = [
    "tensor_scatter_div",
    "tensor_scatter_max",
    "tensor_scatter_min",
    "tensor_scatter_mul",
    "tensor_scatter_sub",
]


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
