"""Functions that programs of MindSpore 1.x use, over those that do the same or nearly so."""

from __future__ import annotations

from typing import Any

from lamella import tree
from lamella.dtypes import as_dtype, int32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, one_axis
from lamella.ops.functions import elementwise, rearrange, reduce, sort
from lamella.tensor import Tensor

__all__ = [
    "bias_add",
    "cosine_similarity",
    "is_floating_point",
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


def bias_add(input_x: Any, bias: Any) -> Tensor:
    """x[n, c, …] with a number added for each channel.

    Args:
        input_x: tensor of at least two axes.
        bias: tensor of shape (c,).

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.bias_add(Tensor([[1.0, 2.0]]), Tensor([10.0, 20.0])).tolist()
        [[11.0, 22.0]]
    """
    x, b = as_tensor(input_x, None, "ops.bias_add"), as_tensor(bias, None, "ops.bias_add")
    if x.ndim < 2 or b.shape != (x.shape[1],):
        given = f"shapes {x.shape} and {b.shape}"
        raise ValueError(explain("ops.bias_add", given=given, expected="x[n, c, …] and bias[c]"))
    return elementwise.add(x, prims.reshape(b, shape=(*b.shape, *(1,) * (x.ndim - 2))))


def is_floating_point(input: Any) -> bool:
    """Whether the elements are floats.

    Args:
        input: any tensor.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.is_floating_point(Tensor([1.0]))
        True
    """
    return as_tensor(input, None, "ops.is_floating_point").dtype.is_float


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


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along an axis.

    Args:
        x1: floating-point tensor.
        x2: floating-point tensor of a shape that broadcasts with it.
        dim: the axis.
        eps: what norms are at least.

    Raises:
        ValueError: `dim` is out of range, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cosine_similarity(Tensor([[3.0, 4.0]]), Tensor([[4.0, 3.0]])).tolist()
        [0.9599999785423279]
    """
    x, y = floating("ops.cosine_similarity", x1, x2)
    product = elementwise.mul(x, y)
    axis = one_axis("ops.cosine_similarity", dim, product.ndim)
    shape = product.shape
    sizes = []
    for given in (x, y):
        whole = given if given.shape == shape else prims.broadcast_to(given, shape=shape)
        # The square is limited, not the root: the derivative of a root at 0 is infinite.
        square = reduce.reduce_sum(elementwise.square(whole), axis)
        sizes.append(elementwise.sqrt(elementwise.maximum(square, eps * eps)))
    return reduce.reduce_sum(product, axis) / (sizes[0] * sizes[1])
