"""Functions that combine elements along axes: sums, extremes, norms, running sums."""

from __future__ import annotations

import builtins
import math
from typing import Any

from lamella.dims import product
from lamella.dtypes import as_dtype, bool_, float32, int32, int64, uint64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.array import _an_int
from lamella.ops.constants import scalar
from lamella.ops.elementwise import abs, add, exp, log, mul, not_equal, pow, sqrt, sub
from lamella.ops.promote import as_tensor, axis_tuple, cast, one_axis, unified
from lamella.tensor import Tensor


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
    return x if x.dtype.is_float else cast(x, float32)


def _summable(subject: str, x: Tensor, dtype: Any) -> Tensor:
    """In the type that sums are taken in: the one asked for, else int64 for bools and integers."""
    if dtype is not None:
        return cast(x, as_dtype(dtype, subject))
    return x if x.dtype.is_float or x.dtype is uint64 else cast(x, int64)


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
    if x.dtype.itemsize == 2:  # a sum may overflow where the mean does not
        total = prims.reduce_sum(cast(x, float32), axes=axes)
        averaged = cast(_divided(total, count, 0), x.dtype)
    else:
        averaged = _divided(prims.reduce_sum(x, axes=axes), count, 0)
    return _kept(averaged, x, axes, keep)


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
    return _variance("ops.var", input, axis, ddof, keepdims)


def _variance(subject: str, input: Any, axis: Any, ddof: Any, keep: bool) -> Tensor:
    x = _floating(as_tensor(input, None, subject))
    axes = axis_tuple(subject, axis, x.ndim)
    wide = cast(x, float32) if x.dtype.itemsize == 2 else x
    distance = sub(wide, _mean(subject, wide, axes or (), True) if axes else wide)
    count = product(tuple(x.shape[i] for i in axes))
    total = prims.reduce_sum(mul(distance, distance), axes=axes)
    return _kept(cast(_divided(total, count, int(ddof)), x.dtype), x, axes, keep)


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
    return _root(_variance("ops.std", input, axis, ddof, keepdims))


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
    return _variance("ops.var_mean", input, axis, ddof, keepdims), _mean("ops.var_mean", input, axis, keepdims)


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
    variance, average = var_mean(input, axis, ddof, keepdims)
    return _root(variance), average


# -- extremes --


def max(
    input: Any, axis: int | None = None, keepdims: bool = False, *, initial: Any = None, where: Any = None
) -> tuple[Tensor, Tensor]:
    """The largest element along an axis and its index.

    Args:
        input: tensor.
        axis: the axis; default: all elements, with index 0.
        keepdims: whether the axis stays, with size 1.
        initial: a number that takes part; with `where` only.
        where: bool tensor of the elements that take part; the others count as `initial`.

    Returns:
        Values (NaN where there is one) and int64 indices, both without the axis.

    Raises:
        ValueError: there is no element, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.max(Tensor([[1, 5], [7, 2]]), axis=1)
        >>> values.asnumpy(), indices.asnumpy()
        (array([5, 7]), array([1, 0]))
    """
    return _extreme("max", input, axis, keepdims, initial, where)


def min(
    input: Any, axis: int | None = None, keepdims: bool = False, *, initial: Any = None, where: Any = None
) -> tuple[Tensor, Tensor]:
    """The smallest element along an axis and its index.

    Args:
        input: tensor.
        axis: the axis; default: all elements, with index 0.
        keepdims: whether the axis stays, with size 1.
        initial: a number that takes part; with `where` only.
        where: bool tensor of the elements that take part; the others count as `initial`.

    Returns:
        Values (NaN where there is one) and int64 indices, both without the axis.

    Raises:
        ValueError: there is no element, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.min(Tensor([[1, 5], [7, 2]]), axis=1)
        >>> values.asnumpy(), indices.asnumpy()
        (array([1, 2]), array([0, 1]))
    """
    return _extreme("min", input, axis, keepdims, initial, where)


_EXTREMES = {
    "max": (prims.reduce_max, prims.argmax, prims.maximum),
    "min": (prims.reduce_min, prims.argmin, prims.minimum),
}


def _extreme(name: str, input: Any, axis: Any, keep: bool, initial: Any, where: Any) -> tuple[Tensor, Tensor]:
    subject = f"ops.{name}"
    x = _masked(name, subject, input, initial, where)
    reduce, arg, _ = _EXTREMES[name]
    if axis is None:
        values = _reduced(reduce, subject, x, None, False)
        return values, scalar(0, int64)
    if x.ndim == 0:
        axis_tuple(subject, axis, 0)
        return reduce(x, axes=()), scalar(0, int64)
    at = one_axis(subject, axis, x.ndim)
    values, indices = reduce(x, axes=(at,)), arg(x, axis=at)
    return _kept(values, x, (at,), keep), _kept(indices, x, (at,), keep)


def _masked(name: str, subject: str, input: Any, initial: Any, where: Any) -> Tensor:
    """The tensor with `initial` where the mask is false, and at least `initial` elsewhere."""
    x = as_tensor(input, None, subject)
    if initial is None:
        if where is not None:
            raise ValueError(explain(subject, given="`where` without `initial`", expected="both"))
        return x
    bound = cast(as_tensor(initial, x.dtype, subject), x.dtype)
    x = _EXTREMES[name][2](x, bound)
    if where is None:
        return x
    chosen: Tensor = prims.select(cast(as_tensor(where, None, subject), bool_), x, bound)
    return chosen


def amax(input: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Tensor:
    """The largest element along axes.

    Args:
        input: tensor.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bool tensor of the elements that take part; needs `initial`.

    Returns:
        A tensor without the axes; NaN where there is one.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.amax(Tensor([[1, 5], [7, 2]])).item()
        7
    """
    return _reduced(prims.reduce_max, "ops.amax", _masked("max", "ops.amax", input, initial, where), axis, keepdims)


def amin(input: Any, axis: Any = None, keepdims: bool = False, *, initial: Any = None, where: Any = None) -> Tensor:
    """The smallest element along axes.

    Args:
        input: tensor.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bool tensor of the elements that take part; needs `initial`.

    Returns:
        A tensor without the axes; NaN where there is one.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.amin(Tensor([[1, 5], [7, 2]])).item()
        1
    """
    return _reduced(prims.reduce_min, "ops.amin", _masked("min", "ops.amin", input, initial, where), axis, keepdims)


def argmax(input: Any, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """Index of the largest element along an axis; of the first, if several are equal.

    Args:
        input: tensor.
        dim: the axis; default: the flattened tensor.
        keepdim: whether the axis stays, with size 1.

    Returns:
        An int64 tensor without the axis.

    Raises:
        ValueError: there is no element, or `dim` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.argmax(Tensor([[1, 5], [7, 2]]), 1).asnumpy()
        array([1, 0])
    """
    return _arg("ops.argmax", prims.argmax, input, dim, keepdim)


def argmin(input: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Index of the smallest element along an axis; of the first, if several are equal.

    Args:
        input: tensor.
        axis: the axis; default: the flattened tensor.
        keepdims: whether the axis stays, with size 1.

    Returns:
        An int64 tensor without the axis.

    Raises:
        ValueError: there is no element, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.argmin(Tensor([[1, 5], [7, 2]]), 1).asnumpy()
        array([0, 1])
    """
    return _arg("ops.argmin", prims.argmin, input, axis, keepdims)


def _arg(subject: str, primitive: Any, input: Any, axis: Any, keep: bool) -> Tensor:
    x = as_tensor(input, None, subject)
    if axis is None or x.ndim == 0:
        if axis is not None:
            axis_tuple(subject, axis, 0)
        result: Tensor = primitive(prims.reshape(x, shape=(product(x.shape),)), axis=0)
        return _kept(result, x, tuple(builtins.range(x.ndim)), keep)
    at = one_axis(subject, axis, x.ndim)
    return _kept(primitive(x, axis=at), x, (at,), keep)


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


def reduce_max(x: Any, axis: Any = (), keep_dims: bool = False) -> Tensor:
    """The largest element along axes.

    Args:
        x: tensor.
        axis: an axis or a tuple of axes; (): all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reduce_max(Tensor([1.0, 2.0])).item()
        2.0
    """
    return _reduced(prims.reduce_max, "ops.reduce_max", as_tensor(x, None, "ops.reduce_max"), axis, keep_dims)


def reduce_min(x: Any, axis: Any = (), keep_dims: bool = False) -> Tensor:
    """The smallest element along axes.

    Args:
        x: tensor.
        axis: an axis or a tuple of axes; (): all.
        keep_dims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.reduce_min(Tensor([1.0, 2.0])).item()
        1.0
    """
    return _reduced(prims.reduce_min, "ops.reduce_min", as_tensor(x, None, "ops.reduce_min"), axis, keep_dims)


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
    top = prims.select(prims.isfinite(top), top, scalar(0, x.dtype))  # inf - inf would be NaN
    total = prims.reduce_sum(exp(sub(x, top)), axes=axes)
    flat = prims.reshape(top, shape=total.shape)
    return _kept(add(log(total), flat), x, axes, keep_dims)


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
            1, -1, inf or -inf (largest or smallest absolute sum of a column or row).
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
    wide = cast(x, float32) if x.dtype.itemsize == 2 else x  # squares of float16 soon overflow
    return cast(_norm(wide, ord, dim, keepdim), x.dtype)


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
    if ord not in (1, -1, math.inf, -math.inf):
        raise ValueError(explain("ops.norm", given=f"ord={ord!r} of a matrix", expected="'fro', 1, -1, inf or -inf"))
    rows, columns = axes
    summed, left = (rows, columns) if math.isfinite(ord) else (columns, rows)
    sums = _kept(prims.reduce_sum(abs(x), axes=(summed,)), x, (summed,), True)
    extreme = prims.reduce_max if ord > 0 else prims.reduce_min
    return _kept(extreme(sums, axes=tuple(sorted((summed, left)))), x, axes, keepdim)


def _length(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    return _kept(_root(prims.reduce_sum(mul(x, x), axes=axes)), x, axes, keep)


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
        result = prims.reduce_sum(cast(not_equal(x, 0), x.dtype), axes=axes)
    elif math.isinf(ord):
        result = (prims.reduce_max if ord > 0 else prims.reduce_min)(abs(x), axes=axes)
    elif ord == 1:
        result = prims.reduce_sum(abs(x), axes=axes)
    else:
        total = prims.reduce_sum(pow(abs(x), float(ord)), axes=axes)
        result = _root(total, ord) if ord > 0 else pow(total, 1.0 / ord)
    return _kept(result, x, axes, keep)


# -- running --


def cumsum(x: Any, axis: int, dtype: Any = None) -> Tensor:
    """Running sum along an axis.

    Args:
        x: tensor; bools are summed in int64.
        axis: the axis.
        dtype: type to sum in; default: that of `x`.

    Returns:
        A tensor of the shape of `x`.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cumsum(Tensor([1, 2, 3]), 0).asnumpy()
        array([1, 3, 6])
    """
    return _running("ops.cumsum", prims.cumsum, x, axis, dtype)


def cumprod(input: Any, dim: int, dtype: Any = None) -> Tensor:
    """Running product along an axis.

    Args:
        input: tensor; bools are multiplied in int64.
        dim: the axis.
        dtype: type to multiply in; default: that of `input`.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: `dim` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cumprod(Tensor([1, 2, 3]), 0).asnumpy()
        array([1, 2, 6])
    """
    return _running("ops.cumprod", prims.cumprod, input, dim, dtype)


def _running(subject: str, primitive: Any, input: Any, axis: Any, dtype: Any) -> Tensor:
    x = _numbers(subject, input)
    if dtype is not None:
        x = cast(x, as_dtype(dtype, subject))
    result: Tensor = primitive(x, axis=one_axis(subject, axis, x.ndim), reverse=False)
    return result


def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Differences of neighbours along an axis.

    Args:
        x: tensor.
        n: how often to take them, at least 0.
        axis: the axis.
        prepend: tensor to put in front first.
        append: tensor to put behind first.

    Returns:
        A tensor that is shorter by `n` along the axis.

    Raises:
        TypeError: `n` is not an int, or `x` is bool.
        ValueError: `n` is negative, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.diff(Tensor([1, 4, 9])).asnumpy()
        array([3, 5])
    """
    count = _an_int("ops.diff", "n", n)
    if count < 0:
        raise ValueError(explain("ops.diff", given=f"n={n}", expected="at least 0"))
    parts = unified("ops.diff", *(part for part in (prepend, x, append) if part is not None))
    at = one_axis("ops.diff", axis, parts[0].ndim)
    result: Tensor = prims.concat(*parts, axis=at) if len(parts) > 1 else parts[0].copy()
    for _ in builtins.range(count):
        size = result.shape[at]
        if size == 0:
            break
        result = prims.sub(prims.narrow(result, at, 1, size), prims.narrow(result, at, 0, size - 1))
    return result
