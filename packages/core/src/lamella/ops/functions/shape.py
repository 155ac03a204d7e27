"""Shapes: asked for, and changed without moving an element."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamella.dims import product
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, one_axis, sizes
from lamella.tensor import Tensor

__all__ = [
    "broadcast_to",
    "expand_dims",
    "flatten",
    "numel",
    "rank",
    "ravel",
    "reshape",
    "shape",
    "size",
    "squeeze",
    "unsqueeze",
]


def _view(result: Tensor, of: str) -> Tensor:
    """Mark a result that NumPy would let share memory, so that a change in place, which would not be seen, raises."""
    result._view_of = f"ops.{of}"
    return result


def _an_int(subject: str, name: str, value: Any) -> int:
    if isinstance(value, (bool, Tensor)) or not isinstance(value, (int, np.integer)):
        raise TypeError(explain(subject, given=f"{name}={value!r}", expected="an int"))
    return int(value)


def shape(input_x: Tensor) -> tuple[int, ...]:
    """Size of each axis.

    Args:
        input_x: any tensor.

    Examples:
        >>> from lamella import ops
        >>> ops.shape(ops.zeros((2, 3)))
        (2, 3)
    """
    return as_tensor(input_x, None, "ops.shape").shape


def size(input_x: Tensor) -> int:
    """Number of elements.

    Args:
        input_x: any tensor.

    Examples:
        >>> from lamella import ops
        >>> ops.size(ops.zeros((2, 3)))
        6
    """
    return as_tensor(input_x, None, "ops.size").size


def rank(input_x: Tensor) -> int:
    """Number of axes.

    Args:
        input_x: any tensor.

    Examples:
        >>> from lamella import ops
        >>> ops.rank(ops.zeros((2, 3)))
        2
    """
    return as_tensor(input_x, None, "ops.rank").ndim


numel = size


def reshape(input: Any, shape: Any) -> Tensor:
    """The same elements, in the same order, in another shape.

    Args:
        input: any tensor.
        shape: the shape; one size may be -1, which stands for what is left.

    Returns:
        A tensor of that shape.

    Raises:
        TypeError: a size is not an int.
        ValueError: the numbers of elements differ, or -1 stands twice.

    Examples:
        >>> from lamella import ops
        >>> ops.reshape(ops.arange(6), (2, -1)).asnumpy()
        array([[0, 1, 2],
               [3, 4, 5]])
    """
    x = as_tensor(input, None, "ops.reshape")
    wanted = sizes("ops.reshape", shape)
    open_axes = [i for i, n in enumerate(wanted) if isinstance(n, int) and n == -1]
    if open_axes:
        rest = product(tuple(n for i, n in enumerate(wanted) if i not in open_axes))
        if len(open_axes) > 1 or rest == 0:
            raise ValueError(
                explain("ops.reshape", given=f"shape {x.shape} to {wanted}", expected="one -1, beside sizes above 0")
            )
        left = product(x.shape) // rest
        if left * rest != product(x.shape):
            given = f"{product(x.shape)} elements of shape {x.shape}"
            raise ValueError(explain("ops.reshape", given=given, expected=f"a multiple of {rest} for {wanted}"))
        wanted = tuple(left if i in open_axes else n for i, n in enumerate(wanted))
    return _view(prims.reshape(x, shape=wanted), "reshape")


def flatten(input: Any, order: str = "C", *, start_dim: int = 1, end_dim: int = -1) -> Tensor:
    """Merge neighbouring axes into one.

    Args:
        input: any tensor; one without axes gets one.
        order: "C": the last axis runs fastest; "F": the first.
        start_dim: first axis of those to merge.
        end_dim: last axis of those to merge.

    Returns:
        A tensor with the axes from `start_dim` to `end_dim` merged.

    Raises:
        ValueError: an axis is out of range, `start_dim` comes after `end_dim`, or `order` is something else.

    Examples:
        >>> from lamella import ops
        >>> ops.flatten(ops.zeros((2, 3, 4))).shape
        (2, 12)
    """
    x = as_tensor(input, None, "ops.flatten")
    if order not in ("C", "F"):
        raise ValueError(explain("ops.flatten", given=f"order={order!r}", expected="'C' or 'F'"))
    if x.ndim <= 1:
        if x.ndim == 1 and start_dim not in (-1, 0, 1):
            one_axis("ops.flatten", start_dim, x.ndim)
        return _view(prims.reshape(x, shape=(x.size,)), "flatten")
    start, end = (one_axis("ops.flatten", axis, x.ndim) for axis in (start_dim, end_dim))
    if start > end:
        raise ValueError(
            explain("ops.flatten", given=f"start_dim {start_dim}, end_dim {end_dim}", expected="start_dim <= end_dim")
        )
    if order == "F":
        x = prims.transpose(x, permutation=tuple(reversed(builtins.range(x.ndim))))
        start, end = x.ndim - 1 - end, x.ndim - 1 - start
    flat = prims.reshape(x, shape=(*x.shape[:start], product(x.shape[start : end + 1]), *x.shape[end + 1 :]))
    if order == "F":
        flat = prims.transpose(flat, permutation=tuple(reversed(builtins.range(flat.ndim))))
    return _view(flat, "flatten")


def ravel(input: Any) -> Tensor:
    """All axes merged into one.

    Args:
        input: any tensor.

    Returns:
        A tensor of shape (number of elements,).

    Examples:
        >>> from lamella import ops
        >>> ops.ravel(ops.zeros((2, 3))).shape
        (6,)
    """
    x = as_tensor(input, None, "ops.ravel")
    return _view(prims.reshape(x, shape=(product(x.shape),)), "ravel")


def squeeze(input: Any, axis: Any = None) -> Tensor:
    """Drop axes of size 1.

    Args:
        input: any tensor.
        axis: the axes to drop; default: all of size 1. Axes of open size stay.

    Returns:
        A tensor without those axes.

    Raises:
        ValueError: an axis is out of range, or has another size.

    Examples:
        >>> from lamella import ops
        >>> ops.squeeze(ops.zeros((1, 2, 1))).shape
        (2,)
    """
    x = as_tensor(input, None, "ops.squeeze")
    if axis is None:
        axes = tuple(i for i, n in enumerate(x.shape) if n == 1)
    else:
        axes = axis_tuple("ops.squeeze", axis, x.ndim) if axis != () else ()
        for i in axes:
            if x.shape[i] != 1:
                raise ValueError(
                    explain("ops.squeeze", given=f"axis {i} of shape {x.shape}", expected="an axis of size 1")
                )
    kept = tuple(n for i, n in enumerate(x.shape) if i not in axes)
    return _view(prims.reshape(x, shape=kept), "squeeze")


def expand_dims(input_x: Any, axis: int) -> Tensor:
    """Add an axis of size 1.

    Args:
        input_x: any tensor.
        axis: where it is in the result; negative counts from the result's end.

    Returns:
        A tensor with one more axis.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import ops
        >>> ops.expand_dims(ops.zeros((2, 3)), -1).shape
        (2, 3, 1)
    """
    return _expanded("expand_dims", input_x, axis)


def unsqueeze(input: Any, dim: int) -> Tensor:
    """Add an axis of size 1; as `expand_dims`.

    Args:
        input: any tensor.
        dim: where it is in the result; negative counts from the result's end.

    Returns:
        A tensor with one more axis.

    Raises:
        ValueError: `dim` is out of range.

    Examples:
        >>> from lamella import ops
        >>> ops.unsqueeze(ops.zeros((2, 3)), 0).shape
        (1, 2, 3)
    """
    return _expanded("unsqueeze", input, dim)


def _expanded(name: str, input: Any, axis: int) -> Tensor:
    x = as_tensor(input, None, f"ops.{name}")
    at = one_axis(f"ops.{name}", axis, x.ndim + 1)
    return _view(prims.reshape(x, shape=(*x.shape[:at], 1, *x.shape[at:])), name)


# -- repeating --


def broadcast_to(input: Any, shape: Any) -> Tensor:
    """Repeat along axes of size 1, and along new leading axes.

    Args:
        input: any tensor.
        shape: the shape; -1 keeps the size of an axis.

    Returns:
        A tensor of that shape.

    Raises:
        ValueError: an axis that is not 1 has another size.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.broadcast_to(Tensor([1, 2]), (2, -1)).asnumpy()
        array([[1, 2],
               [1, 2]])
    """
    x = as_tensor(input, None, "ops.broadcast_to")
    wanted = list(sizes("ops.broadcast_to", shape))
    lead = len(wanted) - x.ndim
    for i, n in enumerate(wanted):
        if isinstance(n, int) and n == -1:
            if i < lead or lead < 0:
                raise ValueError(
                    explain("ops.broadcast_to", given=f"-1 for a new axis in {shape}", expected="its size")
                )
            wanted[i] = x.shape[i - lead]
    return _view(prims.broadcast_to(x, shape=tuple(wanted)), "broadcast_to")
