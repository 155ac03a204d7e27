"""Functions that choose elements: by conditions, masks and slices."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import product
from lamella.dtypes import bool_
from lamella.errors import ConcretizationError, explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, known_sizes, one_axis, sizes, unified
from lamella.ops.convert import cast as converted
from lamella.ops.define.constants import constant
from lamella.ops.define.rules import broadcast_shapes
from lamella.ops.functions.shape import _view
from lamella.tensor import Tensor

__all__ = [
    "argwhere",
    "masked_fill",
    "masked_select",
    "narrow",
    "nonzero",
    "select",
    "slice",
    "strided_slice",
    "where",
]

# -- choosing --


def where(condition: Any, x: Any, y: Any) -> Tensor:
    """Elements of `x` where a condition holds, of `y` elsewhere.

    Args:
        condition: bool tensor; of numbers, what is not 0 counts as true.
        x: tensor or number.
        y: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([-1.0, 2.0])
        >>> ops.where(x > 0, x, 0).asnumpy()
        array([0., 2.], dtype=float32)
    """
    return _chosen("ops.where", condition, x, y)


def select(cond: Any, x: Any, y: Any) -> Tensor:
    """Elements of `x` where a condition holds, of `y` elsewhere; as `where`.

    Args:
        cond: bool tensor.
        x: tensor or number.
        y: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.select(Tensor([True, False]), Tensor([1, 2]), Tensor([3, 4])).asnumpy()
        array([1, 4])
    """
    return _chosen("ops.select", cond, x, y)


def _chosen(subject: str, condition: Any, x: Any, y: Any) -> Tensor:
    chosen = converted(as_tensor(condition, None, subject), bool_)
    first, second = unified(subject, x, y)
    result: Tensor = prims.select(chosen, first, second)
    return result


def masked_fill(input_x: Any, mask: Any, value: Any) -> Tensor:
    """One number where a mask is true, the tensor's elements elsewhere.

    Args:
        input_x: any tensor.
        mask: bool tensor; broadcasts with `input_x`.
        value: number or 0-d tensor, converted to the type of `input_x`.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: `mask` is not bool, or `value` is a float and `input_x` has none.
        ValueError: the shapes do not broadcast, or `value` is not one number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.masked_fill(Tensor([1.0, 2.0]), Tensor([True, False]), 0).asnumpy()
        array([0., 2.], dtype=float32)
    """
    x = as_tensor(input_x, None, "ops.masked_fill")
    chosen = as_tensor(mask, None, "ops.masked_fill")
    if chosen.dtype is not bool_:
        raise TypeError(explain("ops.masked_fill", given=f"a {chosen.dtype} mask", expected="a bool tensor"))
    number = as_tensor(value, x.dtype, "ops.masked_fill")
    if number.ndim:
        raise ValueError(explain("ops.masked_fill", given=f"a value of shape {number.shape}", expected="one number"))
    if number.dtype.is_inexact and not x.dtype.is_inexact:
        raise TypeError(explain("ops.masked_fill", given=f"a float for a {x.dtype} tensor", expected="an integer"))
    if number.dtype.is_complex and not x.dtype.is_complex:
        raise TypeError(explain("ops.masked_fill", given="a complex number", expected=f"one that {x.dtype} holds"))
    result: Tensor = prims.select(chosen, converted(number, x.dtype), x)
    return result


# -- slices --


def slice(input_x: Any, begin: Any, size: Any) -> Tensor:
    """A box of elements.

    Args:
        input_x: any tensor.
        begin: for each axis, where it begins.
        size: for each axis, how long it is; -1 is to the end.

    Returns:
        A tensor of shape `size`.

    Raises:
        ValueError: the box does not lie in the tensor, or an axis has no begin or size.

    Examples:
        >>> from lamella import ops
        >>> ops.slice(ops.reshape(ops.arange(6), (2, 3)), (0, 1), (2, -1)).asnumpy()
        array([[1, 2],
               [4, 5]])
    """
    x = as_tensor(input_x, None, "ops.slice")
    starts, counts = known_sizes("ops.slice", begin), sizes("ops.slice", size)
    if not len(starts) == len(counts) == x.ndim:
        raise ValueError(
            explain(
                "ops.slice", given=f"begin {begin}, size {size} of shape {x.shape}", expected="one of each per axis"
            )
        )
    stops = tuple(
        n if isinstance(count, int) and count == -1 else start + count
        for start, count, n in zip(starts, counts, x.shape, strict=True)
    )
    return _view(prims.slice_(x, starts=starts, stops=stops, strides=(1,) * x.ndim), "slice")


def strided_slice(
    input_x: Any,
    begin: Sequence[int],
    end: Sequence[int],
    strides: Sequence[int],
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Tensor:
    """The slice `x[begin:end:strides]`, an index for each axis; masks say by their bits what an item means instead.

    Args:
        input_x: any tensor.
        begin: for each axis, the first index.
        end: for each axis, the index before which to stop.
        strides: for each axis, the step.
        begin_mask: bits of the items whose `begin` is left out.
        end_mask: bits of the items whose `end` is left out.
        ellipsis_mask: the bit of the item that stands for all axes not named.
        new_axis_mask: bits of the items that add an axis of size 1.
        shrink_axis_mask: bits of the items that are the index `begin`, which drops the axis.

    Returns:
        The slice.

    Raises:
        IndexError: there are more items than axes.
        ValueError: a stride is 0, or there are not as many of each.

    Examples:
        >>> from lamella import ops
        >>> ops.strided_slice(ops.arange(6), (1,), (6,), (2,)).asnumpy()
        array([1, 3, 5])
    """
    x = as_tensor(input_x, None, "ops.strided_slice")
    if not len(begin) == len(end) == len(strides):
        raise ValueError(
            explain(
                "ops.strided_slice", given=f"begin {begin}, end {end}, strides {strides}", expected="as many of each"
            )
        )
    index: list[Any] = []
    for i, (start, stop, step) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            index.append(Ellipsis)
        elif new_axis_mask & bit:
            index.append(None)
        elif shrink_axis_mask & bit:
            index.append(start)
        else:
            low, high = (None if begin_mask & bit else start), (None if end_mask & bit else stop)
            index.append(builtins.slice(low, high, step))
    return x[tuple(index)]


def narrow(input: Any, axis: int, start: int, length: int) -> Tensor:
    """A part of one axis.

    Args:
        input: any tensor.
        axis: the axis.
        start: where the part begins.
        length: how long it is.

    Returns:
        A tensor of size `length` along the axis.

    Raises:
        ValueError: the part does not lie in the axis.

    Examples:
        >>> from lamella import ops
        >>> ops.narrow(ops.arange(6), 0, 2, 3).asnumpy()
        array([2, 3, 4])
    """
    x = as_tensor(input, None, "ops.narrow")
    at = one_axis("ops.narrow", axis, x.ndim)
    first, count = known_sizes("ops.narrow", (start, length))
    return _view(prims.narrow(x, at, first, first + count), "narrow")


def masked_select(input: Any, mask: Any) -> Tensor:
    """The elements where a mask is true, in order, as one axis.

    Args:
        input: any tensor.
        mask: bool tensor; broadcasts with `input`.

    Returns:
        A tensor with one axis.

    Raises:
        TypeError: `mask` is not bool.
        ValueError: the shapes do not broadcast.
        ConcretizationError: while a graph is built: how many elements there are depends on numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.masked_select(Tensor([1, 2, 3]), Tensor([True, False, True])).asnumpy()
        array([1, 3])
    """
    x, chosen = as_tensor(input, None, "ops.masked_select"), as_tensor(mask, None, "ops.masked_select")
    if chosen.dtype is not bool_:
        raise TypeError(explain("ops.masked_select", given=f"a {chosen.dtype} mask", expected="a bool tensor"))
    shape: Any = broadcast_shapes("masked_select", (x.shape, chosen.shape))
    found = np.flatnonzero(np.broadcast_to(_numbers("ops.masked_select", chosen), shape))
    flat = prims.reshape(prims.broadcast_to(x, shape=shape), shape=(product(shape),))
    result: Tensor = prims.gather(flat, constant(found), axis=0)
    return result


def _numbers(subject: str, x: Tensor) -> np.ndarray[Any, Any]:
    """The numbers of a tensor, for a result whose size depends on them."""
    try:
        return x.asnumpy()
    except ConcretizationError as error:
        raise ConcretizationError(
            explain(
                subject,
                given="a tensor whose numbers are not known yet, because a graph is being built or vmap runs",
                expected="a computed tensor, because the size of the result depends on them",
                remedy="Call it outside, or use ops.where to keep the shape.",
            )
        ) from error


# -- results whose size depends on the numbers: not while a graph is built --


def nonzero(input: Any) -> Tensor:
    """Positions of the elements that are not 0.

    Args:
        input: any tensor.

    Returns:
        An int64 tensor of shape (how many, axes of `input`).

    Raises:
        ConcretizationError: while a graph is built: how many there are depends on numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.nonzero(Tensor([0, 7, 8])).asnumpy()
        array([[1],
               [2]])
    """
    return constant(np.argwhere(_numbers("ops.nonzero", as_tensor(input, None, "ops.nonzero"))).astype(np.int64))


argwhere = nonzero
