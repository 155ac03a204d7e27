"""Matrices: diagonals, triangles, traces."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamella.dims import DimSize
from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, one_axis
from lamella.ops.define.constants import scalar
from lamella.ops.functions.create import _row_and_column
from lamella.tensor import Tensor

__all__ = ["diag", "diagonal", "trace", "tril", "triu"]

# -- diagonals --


def diagonal(input: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The diagonal over two axes.

    Args:
        input: tensor of at least two axes.
        offset: how far above the main diagonal; negative is below.
        dim1: the axis of the rows.
        dim2: the axis of the columns.

    Returns:
        A tensor without the two axes, and with the diagonal as the last.

    Raises:
        ValueError: an axis is out of range, the two are one, or the diagonal does not lie in the matrix.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.diagonal(Tensor([[1, 2], [3, 4]])).asnumpy()
        array([1, 4])
    """
    x = as_tensor(input, None, "ops.diagonal")
    first, second = (one_axis("ops.diagonal", axis, x.ndim) for axis in (dim1, dim2))
    if first == second:
        raise ValueError(explain("ops.diagonal", given=f"dim1={dim1}, dim2={dim2}", expected="two axes"))
    others = [i for i in builtins.range(x.ndim) if i not in (first, second)]
    moved = prims.transpose(x, permutation=(*others, first, second))
    rows, columns = moved.shape[-2], moved.shape[-1]
    down, right = max(-offset, 0), max(offset, 0)
    room_down, room_right = rows - down, columns - right
    count = room_down if room_down == room_right or room_down <= room_right else room_right
    if not count >= 0:
        count = 0
    flat = prims.reshape(moved, shape=(*moved.shape[:-2], rows * columns))
    index = prims.iota(size=count, dtype="int64")
    position = prims.add(prims.mul(index, prims.size_tensor(columns + 1)), prims.size_tensor(down * columns + right))
    result: Tensor = prims.gather(flat, position, axis=flat.ndim - 1)
    return result


def trace(input: Any) -> Tensor:
    """Sum of the main diagonal.

    Args:
        input: tensor of shape (n, m).

    Returns:
        A 0-d tensor.

    Raises:
        ValueError: `input` is no matrix.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.trace(Tensor([[1.0, 2.0], [3.0, 4.0]])).item()
        5.0
    """
    x = as_tensor(input, None, "ops.trace")
    if x.ndim != 2:
        raise ValueError(explain("ops.trace", given=f"a tensor of shape {x.shape}", expected="a matrix"))
    if x.dtype.kind == "bool":
        x = cast(x, int64)
    kept = prims.select(_on_diagonal(*x.shape), x, scalar(0, x.dtype))
    result: Tensor = prims.reduce_sum(kept, axes=(0, 1))
    return result


def _on_diagonal(rows: DimSize, columns: DimSize) -> Tensor:
    row = prims.reshape(prims.iota(size=rows, dtype="int64"), shape=(rows, 1))
    result: Tensor = prims.eq(row, prims.iota(size=columns, dtype="int64"))
    return result


def diag(input: Any) -> Tensor:
    """A tensor with the elements of another on its diagonal, zeros elsewhere.

    Args:
        input: tensor of at least one axis.

    Returns:
        A tensor with the axes of `input` twice.

    Raises:
        ValueError: `input` has no axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.diag(Tensor([1, 2])).asnumpy()
        array([[1, 0],
               [0, 2]])
    """
    x = as_tensor(input, None, "ops.diag")
    if not x.ndim:
        raise ValueError(explain("ops.diag", given="a 0-d tensor", expected="at least one axis"))
    size = x.size
    spread = prims.select(_on_diagonal(size, size), prims.reshape(x, shape=(size, 1)), scalar(0, x.dtype))
    result: Tensor = prims.reshape(spread, shape=(*x.shape, *x.shape))
    return result


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The lower triangle of a matrix, with zeros above.

    Args:
        input: tensor of shape (..., n, m).
        diagonal: how many diagonals above the main one belong to it; negative leaves some below it out.

    Returns:
        A tensor of the shape and type of `input`.

    Raises:
        ValueError: `input` has fewer than two axes.

    Examples:
        >>> from lamella import ops
        >>> ops.tril(ops.ones((2, 3))).asnumpy()
        array([[1., 0., 0.],
               [1., 1., 0.]], dtype=float32)
    """
    return _triangle("ops.tril", input, diagonal, prims.ge)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The upper triangle of a matrix, with zeros below.

    Args:
        input: tensor of shape (..., n, m).
        diagonal: which diagonal it starts at: positive is above the main one.

    Returns:
        A tensor of the shape and type of `input`.

    Raises:
        ValueError: `input` has fewer than two axes.

    Examples:
        >>> from lamella import ops
        >>> ops.triu(ops.ones((2, 3)), 1).asnumpy()
        array([[0., 1., 1.],
               [0., 0., 1.]], dtype=float32)
    """
    return _triangle("ops.triu", input, diagonal, prims.le)


def _triangle(subject: str, input: Any, diagonal: Any, keep: Any) -> Tensor:
    x = as_tensor(input, None, subject)
    if x.ndim < 2:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at least two axes"))
    if isinstance(diagonal, bool) or not isinstance(diagonal, (int, np.integer)):
        raise TypeError(explain(subject, given=f"diagonal={diagonal!r}", expected="an int"))
    row, column = _row_and_column(x.shape[-2], x.shape[-1])
    kept = keep(prims.add(row, scalar(int(diagonal), int64)), column)
    result: Tensor = prims.select(kept, x, scalar(0, x.dtype))
    return result
