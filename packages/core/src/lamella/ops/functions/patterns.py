"""Tensors turned or with parts replaced; places in matrices, series of powers, combinations."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from itertools import combinations as subsets
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from lamella.dims import product
from lamella.dtypes import as_dtype, float32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, one_axis, unified
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.create import linspace, meshgrid
from lamella.ops.functions.join_split import stack
from lamella.ops.functions.matrices import _known
from lamella.ops.functions.rearrange import flip, transpose
from lamella.ops.functions.shape import _an_int
from lamella.tensor import Tensor

__all__ = [
    "cartesian_prod",
    "combinations",
    "fliplr",
    "flipud",
    "logspace",
    "rot90",
    "select_scatter",
    "slice_scatter",
    "tril_indices",
    "triu_indices",
    "vander",
]

# -- turned and with parts replaced --


def flipud(input: Any) -> Tensor:
    """A tensor with axis 0 turned round.

    Args:
        input: tensor with at least one axis.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: `input` has no axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.flipud(Tensor([1, 2])).asnumpy()
        array([2, 1])
    """
    return flip(input, (0,))


def fliplr(input: Any) -> Tensor:
    """A tensor with axis 1 turned round.

    Args:
        input: tensor with at least two axes.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: `input` has fewer axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.fliplr(Tensor([[1, 2]])).asnumpy()
        array([[2, 1]])
    """
    return flip(input, (1,))


def rot90(input: Any, k: int, dims: Sequence[int]) -> Tensor:
    """A tensor turned by right angles in the plane of two axes.

    Args:
        input: tensor with at least two axes.
        k: how many right angles, from the first axis towards the second; negative: the other way.
        dims: the two axes.

    Returns:
        The turned tensor.

    Raises:
        TypeError: `k` is not an int, or `dims` no sequence of them.
        ValueError: `dims` are not two different axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.rot90(Tensor([[0, 1], [2, 3]]), 1, (0, 1)).asnumpy()
        array([[1, 3],
               [0, 2]])
    """
    subject = "ops.rot90"
    x = as_tensor(input, None, subject)
    turns = _an_int(subject, "k", k) % 4
    if not isinstance(dims, (tuple, list)):
        raise TypeError(explain(subject, given=f"dims={dims!r}", expected="a tuple or list of two ints"))
    if len(dims) != 2:
        raise ValueError(explain(subject, given=f"dims={dims}", expected="two axes"))
    first, second = (one_axis(subject, axis, x.ndim) for axis in dims)
    if first == second:
        raise ValueError(explain(subject, given=f"dims={dims}", expected="two different axes"))
    if turns == 0:
        return x
    if turns == 2:
        return flip(x, (first, second))
    order = [first if i == second else second if i == first else i for i in builtins.range(x.ndim)]
    return transpose(flip(x, (second,)), order) if turns == 1 else flip(transpose(x, order), (second,))


def slice_scatter(
    input: Any, src: Any, axis: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A tensor with a slice along an axis replaced.

    Args:
        input: tensor with at least one axis.
        src: what takes its place, of the shape of the slice.
        axis: the axis.
        start: where the slice begins; default: at 0.
        end: where it ends; default: at the end.
        step: how far apart its places are, at least 1.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: a setting is not an int.
        ValueError: `step` is not positive, or the shape of `src` does not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.slice_scatter(ops.zeros((4,)), ops.ones((2,)), start=1, step=2).asnumpy()
        array([0., 1., 0., 1.], dtype=float32)
    """
    subject = "ops.slice_scatter"
    x, part = unified(subject, input, src)
    at = one_axis(subject, axis, x.ndim)
    (size,) = _known(subject, x.shape[at : at + 1])
    stride = _an_int(subject, "step", step)
    if stride < 1:
        raise ValueError(explain(subject, given=f"step={step}", expected="at least 1"))
    bounds = [None if n is None else _an_int(subject, name, n) for name, n in (("start", start), ("end", end))]
    places = np.arange(size)[builtins.slice(bounds[0], bounds[1], stride)]
    wanted = (*x.shape[:at], places.size, *x.shape[at + 1 :])
    if part.shape != wanted:
        raise ValueError(explain(subject, given=f"src of shape {part.shape}", expected=f"shape {wanted}"))
    result: Tensor = prims.scatter(x, constant(places), part, axis=at, mode="set")
    return result


def select_scatter(input: Any, src: Any, axis: int, index: int) -> Tensor:
    """A tensor with what stands at one index of an axis replaced.

    Args:
        input: tensor with at least one axis.
        src: what takes its place, of the shape of `input` without the axis.
        axis: the axis.
        index: the index; negative counts from the end.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        IndexError: `index` is out of range.
        TypeError: `index` is not an int.
        ValueError: the shape of `src` does not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.select_scatter(ops.zeros((2, 2)), Tensor([1.0, 2.0]), 1, -1).asnumpy()
        array([[0., 1.],
               [0., 2.]], dtype=float32)
    """
    subject = "ops.select_scatter"
    x, part = unified(subject, input, src)
    at = one_axis(subject, axis, x.ndim)
    (size,) = _known(subject, x.shape[at : at + 1])
    place = _an_int(subject, "index", index)
    if not -size <= place < size:
        raise IndexError(explain(subject, given=f"index={index}", expected=f"-{size} <= index < {size}"))
    wanted = (*x.shape[:at], *x.shape[at + 1 :])
    if part.shape != wanted:
        raise ValueError(explain(subject, given=f"src of shape {part.shape}", expected=f"shape {wanted}"))
    part = prims.reshape(part, shape=(*x.shape[:at], 1, *x.shape[at + 1 :]))
    result: Tensor = prims.scatter(x, constant(np.array([place % size])), part, axis=at, mode="set")
    return result


# -- places and series --


def _triangle_indices(name: str, row: Any, col: Any, offset: Any, dtype: Any) -> Tensor:
    subject = f"ops.{name}"
    sizes = [_an_int(subject, key, n) for key, n in (("row", row), ("col", col))]
    if min(sizes) < 0:
        raise ValueError(explain(subject, given=f"row={row}, col={col}", expected="sizes of at least 0"))
    function = np.tril_indices if name == "tril_indices" else np.triu_indices
    places = np.stack(function(sizes[0], _an_int(subject, "offset", offset), sizes[1]))
    chosen = as_dtype(dtype, f"{subject}(dtype=…)")
    if not chosen.is_integer:
        raise TypeError(explain(subject, given=f"dtype={chosen}", expected="int32 or int64"))
    return cast(constant(places.astype(np.int64)), chosen)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = int64) -> Tensor:
    """Where the elements of a matrix's lower triangle stand.

    Args:
        row: how many rows.
        col: how many columns.
        offset: how many diagonals above the main one belong to it.
        dtype: an integer type.

    Returns:
        Rows and columns as a tensor of shape (2, n), row by row.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.tril_indices(2, 2).asnumpy()
        array([[0, 1, 1],
               [0, 0, 1]])
    """
    return _triangle_indices("tril_indices", row, col, offset, dtype)


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = int64) -> Tensor:
    """Where the elements of a matrix's upper triangle stand.

    Args:
        row: how many rows.
        col: how many columns.
        offset: which diagonal it starts at.
        dtype: an integer type.

    Returns:
        Rows and columns as a tensor of shape (2, n), row by row.

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.triu_indices(2, 2).asnumpy()
        array([[0, 0, 1],
               [0, 1, 1]])
    """
    return _triangle_indices("triu_indices", row, col, offset, dtype)


def vander(x: Any, N: int | None = None) -> Tensor:  # noqa: N803 - MindSpore's name
    """Vandermonde's matrix: powers of each number, the highest first.

    Args:
        x: tensor of one axis.
        N: how many powers; default: as many as numbers.

    Returns:
        A tensor of shape (numbers, N).

    Raises:
        TypeError: `N` is not an int.
        ValueError: `x` has not one axis, or `N` is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.vander(Tensor([1, 2, 3]), 2).asnumpy()
        array([[1, 1],
               [2, 1],
               [3, 1]])
    """
    x = as_tensor(x, None, "ops.vander")
    if x.ndim != 1:
        raise ValueError(explain("ops.vander", given=f"a tensor of shape {x.shape}", expected="one axis"))
    (size,) = _known("ops.vander", x.shape) if N is None else (_an_int("ops.vander", "N", N),)
    if size < 0:
        raise ValueError(explain("ops.vander", given=f"N={N}", expected="at least 0"))
    column = prims.reshape(x, shape=(*x.shape, 1))
    parts = [prims.broadcast_to(scalar(1, x.dtype), shape=column.shape)]
    for _ in builtins.range(size - 1):
        parts.insert(0, prims.mul(parts[0], column))
    if size == 0:
        return prims.narrow(parts[0], 1, 0, 0)
    result: Tensor = prims.concat(*parts, axis=1)
    return result


def logspace(start: Any, end: Any, steps: int, base: int = 10, *, dtype: Any = float32) -> Tensor:
    """Powers of a number, with equally distant exponents.

    Args:
        start: the first exponent.
        end: the last exponent.
        steps: how many.
        base: the number.
        dtype: type of the result.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: `base` is not a number.
        ValueError: `steps` is negative.

    Examples:
        >>> from lamella import ops
        >>> ops.logspace(0, 2, 3).asnumpy()
        array([  1.,  10., 100.], dtype=float32)
    """
    if isinstance(base, bool) or not isinstance(base, (int, float)):
        raise TypeError(explain("ops.logspace", given=f"base={base!r}", expected="a number"))
    exponents = linspace(start, end, steps)
    return cast(prims.pow(scalar(float(base), exponents.dtype), exponents), as_dtype(dtype, "ops.logspace"))


def cartesian_prod(*inputs: Any) -> Tensor:
    """All combinations of one element of each tensor, the last changing fastest.

    Args:
        inputs: at least one tensor of one axis.

    Returns:
        A tensor of shape (combinations, tensors); of one tensor the tensor itself.

    Raises:
        ValueError: there is none, or one has another number of axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cartesian_prod(Tensor([1, 2]), Tensor([5, 6])).tolist()
        [[1, 5], [1, 6], [2, 5], [2, 6]]
    """
    if not inputs:
        raise ValueError(explain("ops.cartesian_prod", given="no tensor", expected="at least one"))
    parts = unified("ops.cartesian_prod", *inputs)
    for x in parts:
        if x.ndim != 1:
            raise ValueError(explain("ops.cartesian_prod", given=f"a tensor of shape {x.shape}", expected="one axis"))
    if len(parts) == 1:
        return parts[0]
    grids = meshgrid(*parts, indexing="ij")
    return stack([prims.reshape(grid, shape=(product(grid.shape),)) for grid in grids], axis=1)


def combinations(input: Any, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All combinations of some elements of a tensor, in the order of their places.

    Args:
        input: tensor of one axis of known size.
        r: how many elements, at least 0.
        with_replacement: whether an element may be taken several times.

    Returns:
        A tensor of shape (combinations, r).

    Raises:
        TypeError: `r` is not an int.
        ValueError: `input` has not one axis, or `r` is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.combinations(Tensor([1, 3, -1])).tolist()
        [[1, 3], [1, -1], [3, -1]]
    """
    subject = "ops.combinations"
    x = as_tensor(input, None, subject)
    if x.ndim != 1:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="one axis"))
    count = _an_int(subject, "r", r)
    if count < 0:
        raise ValueError(explain(subject, given=f"r={r}", expected="at least 0"))
    (size,) = _known(subject, x.shape)
    chosen = (combinations_with_replacement if with_replacement else subsets)(builtins.range(size), count)
    places = np.array(list(chosen), np.int64).reshape(-1, count)
    result: Tensor = prims.gather(x, constant(places), axis=0)
    return result
