"""Functions that programs of MindSpore 1.x use, over those that do the same or nearly so."""

from __future__ import annotations

from typing import Any

from lamella import tree
from lamella.dtypes import as_dtype, int32
from lamella.errors import explain
from lamella.ops.convert import as_tensor, cast
from lamella.ops.functions import rearrange, sort
from lamella.tensor import Tensor

__all__ = [
    "mixed_precision_cast",
    "reverse",
    "scalar_cast",
    "scalar_to_array",
    "top_k",
]


def top_k(input_x: Any, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The largest elements along the last axis, and their int32 indices.

    Args:
        input_x: tensor of at least one axis.
        k: how many.
        sorted: accepted for MindSpore's sake; they are always in order.

    Raises:
        TypeError: `k` is not an int.
        ValueError: `k` is negative or larger than the axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.top_k(Tensor([3, 1, 2]), 2)[1].tolist()
        [0, 2]
    """
    values, indices = sort.topk(input_x, k, sorted=sorted)
    return values, cast(indices, int32)


def scalar_to_array(input_x: int | float) -> Tensor:
    """A number as a tensor without axes.

    Args:
        input_x: the number.

    Raises:
        TypeError: it is none.

    Examples:
        >>> from lamella import ops
        >>> ops.scalar_to_array(3.0).item()
        3.0
    """
    if not isinstance(input_x, (bool, int, float)):
        raise TypeError(explain("ops.scalar_to_array", given=f"a {type(input_x).__name__}", expected="a number"))
    return as_tensor(input_x)


def scalar_cast(input_x: int | float, input_y: Any) -> Any:
    """A Python number as another kind of number.

    Args:
        input_x: the number.
        input_y: an element type, whose kind the result has.

    Raises:
        TypeError: it is no number, or no type.

    Examples:
        >>> from lamella import int64, ops
        >>> ops.scalar_cast(1.5, int64)
        1
    """
    if not isinstance(input_x, (bool, int, float)):
        raise TypeError(explain("ops.scalar_cast", given=f"a {type(input_x).__name__}", expected="a number"))
    kind = as_dtype(input_y, "ops.scalar_cast")
    return bool(input_x) if kind.kind == "bool" else float(input_x) if kind.is_float else int(input_x)


def mixed_precision_cast(dst_dtype: Any, x: Any) -> Any:
    """The floating-point tensors of nested tuples, lists and dicts in another type; anything else as it is.

    Args:
        dst_dtype: a floating-point type.
        x: a tensor, or nested ones.

    Raises:
        TypeError: it is no floating-point type.

    Examples:
        >>> from lamella import Tensor, float16, ops
        >>> [x.dtype for x in ops.mixed_precision_cast(float16, (Tensor([1.0]), Tensor([1])))]
        [float16, int64]
    """
    dtype = as_dtype(dst_dtype, "ops.mixed_precision_cast")
    if not dtype.is_float:
        raise TypeError(explain("ops.mixed_precision_cast", given=str(dtype), expected="a floating-point type"))
    return tree.map_leaves(
        lambda leaf: cast(leaf, dtype) if isinstance(leaf, Tensor) and leaf.dtype.is_float else leaf, x
    )


def reverse(x: Any, axis: Any) -> Tensor:
    """The elements along axes in the opposite order; as `flip`.

    Args:
        x: any tensor.
        axis: an axis, or a tuple or list of them.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reverse(Tensor([1, 2, 3]), 0).tolist()
        [3, 2, 1]
    """
    return rearrange.flip(x, axis)
