"""Functions that combine elements along axes: sums, products, means, norms."""

from __future__ import annotations

import builtins
import math
from typing import Any

from lamella.dims import product
from lamella.dtypes import as_dtype, bool_, float32, int32, int64, uint64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions.elementwise import abs, add, exp, log, not_equal, pow, sqrt, sub
from lamella.ops.prims.complexes import squares
from lamella.tensor import Tensor

__all__ = [
    "all",
    "any",
    "count_nonzero",
    "logsumexp",
    "mean",
    "norm",
    "prod",
    "reduce_mean",
    "reduce_prod",
    "reduce_sum",
    "std",
    "std_mean",
    "sum",
    "var",
    "var_mean",
]


def _reduced(primitive: Any, subject: str, x: Tensor, axis: Any, keep: bool) -> Tensor:
    """Apply a primitive that drops axes; `keep` brings them back with size 1."""
    axes = axis_tuple(subject, axis, x.ndim)
    return _kept(primitive(x, axes=axes), x, axes, keep)


def _kept(result: Tensor, x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    if not keep:
        return result
    shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    restored: Tensor = prims.reshape(result, shape=shape)
    return restored


def _floating(x: Tensor) -> Tensor:
    return x if x.dtype.is_inexact else cast(x, float32)


def _summable(subject: str, x: Tensor, dtype: Any) -> Tensor:
    """In the type that sums are taken in: the one asked for, else int64 for bools and integers."""
    if dtype is not None:
        return cast(x, as_dtype(dtype, subject))
    return x if x.dtype.is_inexact or x.dtype is uint64 else cast(x, int64)


def sum(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """Sum along axes.

    Args:
        input: tensor; bools and integers are summed in int64.
        dim: an axis or a tuple of axes; default: all.
        keepdim: whether the axes stay, with size 1.
        dtype: type to sum in.

    Returns:
        A tensor without the axes; nothing sums to 0.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.sum(Tensor([[1.0, 2.0], [3.0, 4.0]]), 0).asnumpy()
        array([4., 6.], dtype=float32)
    """
    x = _summable("ops.sum", as_tensor(input, None, "ops.sum"), dtype)
    return _reduced(prims.reduce_sum, "ops.sum", x, dim, keepdim)


def prod(input: Any, axis: Any = None, keep_dims: bool = False, dtype: Any = None) -> Tensor:
    """Product along axes.

    Args:
        input: tensor; bools and integers are multiplied in int64.
        axis: an axis or a tuple of axes; default: all.
        keep_dims: whether the axes stay, with size 1.
        dtype: type to multiply in.

    Returns:
        A tensor without the axes; nothing multiplies to 1.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.prod(Tensor([1.0, 2.0, 3.0])).item()
        6.0
    """
    x = _summable("ops.prod", as_tensor(input, None, "ops.prod"), dtype)
    return _reduced(prims.reduce_prod, "ops.prod", x, axis, keep_dims)


def mean(x: Any, axis: Any = None, keep_dims: bool = False) -> Tensor:
    """Mean along axes.

    Args:
        x: tensor; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; default: all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes; the mean of nothing is NaN.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.mean(Tensor([[1.0, 2.0], [3.0, 4.0]]), 1).asnumpy()
        array([1.5, 3.5], dtype=float32)
    """
    return _mean("ops.mean", x, axis, keep_dims)


def _mean(subject: str, input: Any, axis: Any, keep: bool) -> Tensor:
    x = _floating(as_tensor(input, None, subject))
    axes = axis_tuple(subject, axis, x.ndim)
    count = product(tuple(x.shape[i] for i in axes))
    data = wide(x)
    averaged = _divided(prims.reduce_sum(data, axes=axes), count, 0)
    return _kept(averaged if data is x else cast(averaged, x.dtype), x, axes, keep)


def _divided(total: Tensor, count: Any, ddof: int) -> Tensor:
    if isinstance(count, int):
        divisor = scalar(builtins.max(count - ddof, 0), total.dtype)
    else:
        divisor = cast(prims.size_tensor(count - ddof), total.dtype)
    result: Tensor = prims.div(total, divisor)
    return result


def var(input: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> Tensor:
    """Variance along axes: the mean squared distance from the mean.

    Args:
        input: tensor; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; default: all.
        ddof: what the number of elements is lowered by before dividing by it; True is 1.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.var(Tensor([1.0, 3.0])).item()
        1.0
    """
    x, variance = _variance("ops.var", input, axis, ddof, keepdims)
    return cast(variance, x.dtype.real)


def _variance(subject: str, input: Any, axis: Any, ddof: Any, keep: bool) -> tuple[Tensor, Tensor]:
    """The input as a floating-point tensor, and its variance, in float32 where the input has 16 bits."""
    x = _floating(as_tensor(input, None, subject))
    axes = axis_tuple(subject, axis, x.ndim)
    data = wide(x)
    distance = sub(data, _mean(subject, data, axes or (), True) if axes else data)
    count = product(tuple(x.shape[i] for i in axes))
    total = prims.reduce_sum(squares(distance), axes=axes)
    return x, _kept(_divided(total, count, int(ddof)), x, axes, keep)


def std(input: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> Tensor:
    """Standard deviation along axes: the square root of the variance.

    Args:
        input: tensor; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; default: all.
        ddof: what the number of elements is lowered by before dividing by it; True is 1.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.std(Tensor([1.0, 3.0])).item()
        1.0
    """
    x, variance = _variance("ops.std", input, axis, ddof, keepdims)
    return cast(_root(variance), x.dtype.real)


def var_mean(input: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """Variance and mean along axes.

    Args:
        input: tensor; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; default: all.
        ddof: what the number of elements is lowered by before dividing by it; True is 1.
        keepdims: whether the axes stay, with size 1.

    Returns:
        Two tensors without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.item() for x in ops.var_mean(Tensor([1.0, 3.0]))]
        [1.0, 2.0]
    """
    return var(input, axis, ddof, keepdims), _mean("ops.var_mean", input, axis, keepdims)


def std_mean(input: Any, axis: Any = None, ddof: Any = 0, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """Standard deviation and mean along axes.

    Args:
        input: tensor; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; default: all.
        ddof: what the number of elements is lowered by before dividing by it; True is 1.
        keepdims: whether the axes stay, with size 1.

    Returns:
        Two tensors without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.item() for x in ops.std_mean(Tensor([1.0, 3.0]))]
        [1.0, 2.0]
    """
    return std(input, axis, ddof, keepdims), _mean("ops.std_mean", input, axis, keepdims)


def all(input: Any, axis: Any = None, keep_dims: bool = False) -> Tensor:
    """Whether all elements along axes are true.

    Args:
        input: tensor; what is not 0 counts as true.
        axis: an axis or a tuple of axes; default: all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A bool tensor without the axes; true for no elements.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.all(Tensor([[True, False], [True, True]]), 1).asnumpy()
        array([False,  True])
    """
    return _logical("ops.all", input, axis, keep_dims, every=True)


def any(input: Any, axis: Any = None, keep_dims: bool = False) -> Tensor:
    """Whether an element along axes is true.

    Args:
        input: tensor; what is not 0 counts as true.
        axis: an axis or a tuple of axes; default: all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A bool tensor without the axes; false for no elements.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.any(Tensor([[False, False], [True, False]]), 1).asnumpy()
        array([False,  True])
    """
    return _logical("ops.any", input, axis, keep_dims, every=False)


def _logical(subject: str, input: Any, axis: Any, keep: bool, *, every: bool) -> Tensor:
    x = cast(as_tensor(input, None, subject), bool_)
    axes = axis_tuple(subject, axis, x.ndim)
    if not builtins.all(isinstance(x.shape[i], int) and x.shape[i] > 0 for i in axes):
        # An extreme needs an element; a count does not.
        counted = prims.bitwise_not(x) if every else x
        found = not_equal(
            _reduced(prims.reduce_sum, subject, cast(counted, int64), axes, keep) if axes else cast(counted, int64), 0
        )
        result: Tensor = prims.bitwise_not(found) if every else found
        return result
    return _kept((prims.reduce_min if every else prims.reduce_max)(x, axes=axes), x, axes, keep)


def count_nonzero(x: Any, axis: Any = (), keep_dims: bool = False, dtype: Any = int32) -> Tensor:
    """How many elements along axes are not 0.

    Args:
        x: tensor.
        axis: an axis or a tuple of axes; default: all.
        keep_dims: whether the axes stay, with size 1.
        dtype: type of the counts.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.count_nonzero(Tensor([[1, 0], [2, 3]]), 0).asnumpy()
        array([2, 1], dtype=int32)
    """
    hits = cast(cast(as_tensor(x, None, "ops.count_nonzero"), bool_), int64)
    counts = _reduced(prims.reduce_sum, "ops.count_nonzero", hits, axis, keep_dims)
    return cast(counts, as_dtype(dtype, "ops.count_nonzero"))


# -- MindSpore's names for the same with `keep_dims`; integers keep their type --


def reduce_sum(x: Any, axis: Any = (), keep_dims: bool = False) -> Tensor:
    """Sum along axes, in the type of `x` (bools in int64).

    Args:
        x: tensor.
        axis: an axis or a tuple of axes; (): all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reduce_sum(Tensor([1.0, 2.0])).item()
        3.0
    """
    return _reduced(prims.reduce_sum, "ops.reduce_sum", _numbers("ops.reduce_sum", x), axis, keep_dims)


def reduce_prod(x: Any, axis: Any = (), keep_dims: bool = False) -> Tensor:
    """Product along axes, in the type of `x` (bools in int64).

    Args:
        x: tensor.
        axis: an axis or a tuple of axes; (): all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reduce_prod(Tensor([2.0, 3.0])).item()
        6.0
    """
    return _reduced(prims.reduce_prod, "ops.reduce_prod", _numbers("ops.reduce_prod", x), axis, keep_dims)


def _numbers(subject: str, x: Any) -> Tensor:
    tensor = as_tensor(x, None, subject)
    return cast(tensor, int64) if tensor.dtype is bool_ else tensor


def reduce_mean(x: Any, axis: Any = (), keep_dims: bool = False) -> Tensor:
    """Mean along axes.

    Args:
        x: tensor; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; (): all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reduce_mean(Tensor([1.0, 2.0])).item()
        1.5
    """
    return _mean("ops.reduce_mean", x, axis, keep_dims)


# -- norms --


def logsumexp(input: Any, axis: Any, keep_dims: bool = False) -> Tensor:
    """log(sum(exp(x))) along axes, without overflow: the maximum is taken off first.

    Args:
        input: tensor; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; (): all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logsumexp(Tensor([1000.0, 1000.0]), 0).item()
        1000.6931762695312
    """
    x = _floating(as_tensor(input, None, "ops.logsumexp"))
    axes = axis_tuple("ops.logsumexp", axis, x.ndim)
    top = prims.stop_gradient(_kept(prims.reduce_max(x, axes=axes), x, axes, True))
    top = wide(prims.select(prims.isfinite(top), top, scalar(0, x.dtype)))  # inf - inf would be NaN
    total = prims.reduce_sum(exp(sub(wide(x), top)), axes=axes)
    flat = prims.reshape(top, shape=total.shape)
    return _kept(cast(add(log(total), flat), x.dtype), x, axes, keep_dims)


def norm(
    A: Any,  # noqa: N803 - MindSpore's name
    ord: Any = None,
    dim: Any = None,
    keepdim: bool = False,
    *,
    dtype: Any = None,
) -> Tensor:
    """Norm of a vector or a matrix.

    Args:
        A: tensor; bools and integers are converted to float32.
        ord: for vectors: a number p, inf, -inf or 0 (how many are not 0), default 2; for matrices: "fro" (default),
            1, -1, inf or -inf (largest or smallest absolute sum of a column or row), 2 or -2 (largest or smallest
            singular value), "nuc" (the sum of singular values).
        dim: an axis (vector norm) or two (matrix norm); default: all elements as one vector if `ord` is None, else
            the axes there are.
        keepdim: whether the axes stay, with size 1.
        dtype: type to compute in.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: `ord` is none of these, or there are not one or two axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.norm(Tensor([3.0, 4.0])).item()
        5.0
    """
    x = _floating(as_tensor(A, None, "ops.norm"))
    if dtype is not None:
        x = cast(x, as_dtype(dtype, "ops.norm"))
    return cast(_norm(wide(x), ord, dim, keepdim), x.dtype.real)


def _norm(x: Tensor, ord: Any, dim: Any, keepdim: bool) -> Tensor:
    axes = axis_tuple("ops.norm", dim, x.ndim)
    if ord is None:
        return _length(x, axes, keepdim)
    if len(axes) == 1:
        return _vector_norm(x, ord, axes, keepdim)
    if len(axes) != 2:
        raise ValueError(explain("ops.norm", given=f"axes {axes} with ord={ord!r}", expected="one axis or two"))
    if ord == "fro":
        return _length(x, axes, keepdim)
    if ord not in (1, -1, 2, -2, math.inf, -math.inf, "nuc"):
        raise ValueError(
            explain("ops.norm", given=f"ord={ord!r} of a matrix", expected="'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
        )
    rows, columns = axes
    if ord in (2, -2, "nuc"):
        rest = tuple(i for i in builtins.range(x.ndim) if i not in axes)
        values, _, _ = prims.svd(prims.transpose(x, permutation=(*rest, rows, columns)), full=False)
        combine = prims.reduce_sum if ord == "nuc" else prims.reduce_max if ord == 2 else prims.reduce_min
        return _kept(combine(values, axes=(values.ndim - 1,)), x, axes, keepdim)
    summed, left = (rows, columns) if math.isfinite(ord) else (columns, rows)
    sums = _kept(prims.reduce_sum(abs(x), axes=(summed,)), x, (summed,), True)
    extreme = prims.reduce_max if ord > 0 else prims.reduce_min
    return _kept(extreme(sums, axes=tuple(sorted((summed, left)))), x, axes, keepdim)


def _length(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    return _kept(_root(prims.reduce_sum(squares(x), axes=axes)), x, axes, keep)


def _root(x: Tensor, degree: float = 2) -> Tensor:
    """A root of a sum of powers. Its slope at 0 is infinite: left out there, so that the sum's own, 0, remains."""
    zero = prims.eq(x, scalar(0, x.dtype))
    inside = prims.select(zero, scalar(1, x.dtype), x)
    result: Tensor = prims.select(zero, x, sqrt(inside) if degree == 2 else pow(inside, 1.0 / degree))
    return result


def _vector_norm(x: Tensor, ord: Any, axes: tuple[int, ...], keep: bool) -> Tensor:
    if isinstance(ord, bool) or not isinstance(ord, (int, float)):
        raise ValueError(explain("ops.norm", given=f"ord={ord!r} of a vector", expected="a number"))
    if ord == 2:
        return _length(x, axes, keep)
    if ord == 0:
        result = prims.reduce_sum(cast(not_equal(x, 0), x.dtype.real), axes=axes)
    elif math.isinf(ord):
        result = (prims.reduce_max if ord > 0 else prims.reduce_min)(abs(x), axes=axes)
    elif ord == 1:
        result = prims.reduce_sum(abs(x), axes=axes)
    else:
        total = prims.reduce_sum(pow(abs(x), float(ord)), axes=axes)
        result = _root(total, ord) if ord > 0 else pow(total, 1.0 / ord)
    return _kept(result, x, axes, keep)
