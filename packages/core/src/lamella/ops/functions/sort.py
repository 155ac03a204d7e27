"""Order: sorting, the largest, positions in sorted tensors, different elements."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamella.dims import product
from lamella.dtypes import int32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes, one_axis, unified
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.gather_scatter import gather_elements
from lamella.ops.functions.select import _numbers
from lamella.tensor import Tensor

__all__ = ["argsort", "searchsorted", "sort", "topk", "unique"]

# -- order --


def sort(input_x: Any, axis: int = -1, descending: bool = False) -> tuple[Tensor, Tensor]:
    """Sort along an axis; equal elements keep their order, NaN counts as the largest.

    Args:
        input_x: any tensor.
        axis: the axis.
        descending: whether the largest comes first.

    Returns:
        The sorted elements, and int64 indices of where each was.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.sort(Tensor([3, 1, 2]))
        >>> values.asnumpy(), indices.asnumpy()
        (array([1, 2, 3]), array([1, 2, 0]))
    """
    return _sorted("ops.sort", input_x, axis, descending)


def _sorted(subject: str, input: Any, axis: int, descending: bool) -> tuple[Tensor, Tensor]:
    x = as_tensor(input, None, subject)
    values, indices = prims.sort(x, axis=one_axis(subject, axis, x.ndim), descending=bool(descending))
    return values, indices


def argsort(input: Any, axis: int = -1, descending: bool = False) -> Tensor:
    """The indices that sort a tensor along an axis.

    Args:
        input: any tensor.
        axis: the axis.
        descending: whether the largest comes first.

    Returns:
        An int64 tensor of the shape of `input`.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.argsort(Tensor([3, 1, 2])).asnumpy()
        array([1, 2, 0])
    """
    return _sorted("ops.argsort", input, axis, descending)[1]


def topk(
    input: Any, k: int, dim: int | None = None, largest: bool = True, sorted: bool = True
) -> tuple[Tensor, Tensor]:
    """The largest (or smallest) elements along an axis.

    Args:
        input: tensor of at least one axis.
        k: how many.
        dim: the axis; default: the last.
        largest: whether the largest or the smallest.
        sorted: accepted for MindSpore's sake; they are always in order.

    Returns:
        The elements, the extreme one first, and int64 indices of where each was.

    Raises:
        TypeError: `k` is not an int.
        ValueError: `k` is negative or larger than the axis, or `dim` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.topk(Tensor([3, 1, 2]), 2)
        >>> values.asnumpy(), indices.asnumpy()
        (array([3, 2]), array([0, 2]))
    """
    x = as_tensor(input, None, "ops.topk")
    at = one_axis("ops.topk", -1 if dim is None else dim, x.ndim)
    (count,) = known_sizes("ops.topk", k)
    if not count <= x.shape[at]:
        raise ValueError(explain("ops.topk", given=f"k={k} of {x.shape[at]} elements", expected="at most as many"))
    values, indices = prims.sort(x, axis=at, descending=bool(largest))
    return prims.narrow(values, at, 0, count), prims.narrow(indices, at, 0, count)


def searchsorted(sorted_sequence: Any, values: Any, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Where values belong in an ascending sequence, by bisection.

    Args:
        sorted_sequence: tensor of shape (n,), or (..., n) with the leading axes of `values`; n is a known size.
        values: tensor or number.
        out_int32: whether the indices are int32 rather than int64.
        right: whether a value goes behind its equals rather than in front.

    Returns:
        For each value the number of elements in front of it, of the shape of `values`.

    Raises:
        TypeError: n is open while a graph is built, and cannot be closed.
        ValueError: the leading axes differ.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.searchsorted(Tensor([1.0, 3.0, 5.0]), Tensor([3.0, 9.0])).asnumpy()
        array([1, 3])
    """
    x, y = unified("ops.searchsorted", sorted_sequence, values)
    if not x.ndim or (x.ndim > 1 and x.shape[:-1] != y.shape[:-1]):
        raise ValueError(
            explain("ops.searchsorted", given=f"shapes {x.shape} and {y.shape}", expected="(n,), or equal leading axes")
        )
    size = int(x.shape[-1])
    low: Tensor = prims.broadcast_to(scalar(0, int64), shape=y.shape)
    if size:
        high: Tensor = prims.broadcast_to(scalar(size, int64), shape=y.shape)
        last, half = scalar(size - 1, int64), scalar(2, int64)
        for _ in builtins.range(size.bit_length()):
            middle = prims.floor_div(prims.add(low, high), half)
            place = prims.minimum(middle, last)
            found = prims.gather(x, place, axis=0) if x.ndim == 1 else gather_elements(x, -1, place)
            behind = _before(found, y, right)
            behind = prims.bitwise_and(behind, prims.lt(low, high))
            low = prims.select(behind, prims.add(middle, scalar(1, int64)), low)
            high = prims.select(behind, high, middle)
    return cast(low, int32 if out_int32 else int64)


def _before(found: Tensor, value: Tensor, right: bool) -> Tensor:
    """Whether an element stands in front of a value; NaN stands behind all numbers."""
    result: Tensor = (prims.le if right else prims.lt)(found, value)
    if value.dtype.is_float:
        missing = prims.isnan(value)
        here = missing if right else prims.bitwise_and(missing, prims.bitwise_not(prims.isnan(found)))
        result = prims.bitwise_or(result, here)
    return result


def unique(input: Any) -> tuple[Tensor, Tensor]:
    """The different elements in the order in which they first appear, and which of them each element is.

    Args:
        input: any tensor.

    Returns:
        The different elements as one axis, and int64 indices into them of the shape of `input`.

    Raises:
        ConcretizationError: while a graph is built: how many there are depends on numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.unique(Tensor([5, 2, 5, 1]))
        >>> values.asnumpy(), indices.asnumpy()
        (array([5, 2, 1]), array([0, 1, 0, 2]))
    """
    x = as_tensor(input, None, "ops.unique")
    flat = _numbers("ops.unique", x).reshape(-1)
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    order = np.argsort(first)
    places = np.empty_like(order)
    places[order] = np.arange(order.size)
    values: Tensor = prims.gather(prims.reshape(x, shape=(product(x.shape),)), constant(first[order]), axis=0)
    return values, constant(places[inverse.reshape(-1)].reshape(x.shape).astype(np.int64))
