"""Statistics: medians, quantiles, sums without NaN, covariance, histograms."""

from __future__ import annotations

import builtins
from typing import Any

from lamella.dims import DimSize, product
from lamella.dtypes import as_dtype, bool_, float32, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, floating, one_axis, unified, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions.effects import check_parts
from lamella.ops.functions.extremes import amax, amin
from lamella.ops.functions.reduce import _kept, _reduced
from lamella.ops.functions.select import _numbers
from lamella.ops.functions.shape import _an_int
from lamella.ops.functions.sort import searchsorted
from lamella.ops.prims.complexes import conjugate
from lamella.tensor import Tensor

__all__ = [
    "aminmax",
    "bincount",
    "bucketize",
    "cov",
    "histc",
    "median",
    "nanmean",
    "nanmedian",
    "nanquantile",
    "nansum",
    "quantile",
]

# -- the middle --


def median(input: Any, axis: int = -1, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """The middle element along an axis, of an even number the lower one, and its index.

    Args:
        input: tensor of numbers.
        axis: the axis.
        keepdims: whether the axis stays, with size 1.

    Returns:
        Values (NaN where there is one) and int64 indices, both without the axis.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range, or has no element.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.median(Tensor([3.0, 1.0, 2.0]))
        >>> values.item(), indices.item()
        (2.0, 2)
    """
    x, at, size = _with_elements("ops.median", input, axis)
    values, indices = prims.sort(x, axis=at, descending=False)
    middle = prims.size_tensor((size - 1) // 2)
    if not x.dtype.is_float:
        return _at(values, indices, x, middle, at, keepdims)
    # NaN is sorted last: where the last is one, the first of them stands behind all numbers.
    counted = _numbers_along(values, at)
    place = prims.select(prims.lt(counted, prims.size_tensor(size)), counted, middle)
    return _at(values, indices, x, place, at, keepdims)


def nanmedian(input: Any, axis: int = -1, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """As `median`, of the elements that are no NaN; NaN where there is no other.

    Args:
        input: tensor of numbers.
        axis: the axis.
        keepdims: whether the axis stays, with size 1.

    Returns:
        Values and int64 indices, both without the axis.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range, or has no element.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.nanmedian(Tensor([3.0, float("nan"), 2.0]))
        >>> values.item(), indices.item()
        (2.0, 2)
    """
    x, at, size = _with_elements("ops.nanmedian", input, axis)
    values, indices = prims.sort(x, axis=at, descending=False)
    counted = _numbers_along(values, at) if x.dtype.is_float else prims.size_tensor(size)
    place = prims.floor_div(prims.sub(prims.maximum(counted, scalar(1, int64)), scalar(1, int64)), scalar(2, int64))
    return _at(values, indices, x, place, at, keepdims)


def _with_elements(subject: str, input: Any, axis: int) -> tuple[Tensor, int, DimSize]:
    """The tensor with at least one axis, the axis, and its size, which is not 0."""
    x = as_tensor(input, None, subject)
    if x.ndim == 0:
        axis_tuple(subject, one_axis(subject, axis, 1), 1)
        x = prims.reshape(x, shape=(1,))
    at = one_axis(subject, axis, x.ndim)
    if x.shape[at] == 0:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected=f"elements along axis {axis}"))
    return x, at, x.shape[at]


def _numbers_along(x: Tensor, axis: int) -> Tensor:
    """How many elements along an axis are no NaN, with the axis of size 1."""
    counted = prims.reduce_sum(cast(prims.bitwise_not(prims.isnan(x)), int64), axes=(axis,))
    return _kept(counted, x, (axis,), True)


def _at(values: Tensor, indices: Tensor, x: Tensor, place: Tensor, axis: int, keep: bool) -> tuple[Tensor, Tensor]:
    """The sorted values and their indices at a place along the axis."""
    shape = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
    place = prims.broadcast_to(place, shape=shape)
    found = tuple(prims.take_along_axis(one, place, axis) for one in (values, indices))
    if not keep:
        rest = tuple(n for i, n in enumerate(x.shape) if i != axis)
        found = tuple(prims.reshape(one, shape=rest) for one in found)
    return found[0], found[1]


def quantile(input: Any, q: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The numbers below which given parts of the elements lie, with linear interpolation.

    Args:
        input: tensor of numbers.
        q: a number from 0 to 1, or a tensor of one axis of them.
        axis: the axis; default: the flattened tensor.
        keepdims: whether the axis stays, with size 1.

    Returns:
        A floating-point tensor without the axis, NaN where there is one; a tensor `q` makes an axis in front.

    Raises:
        AssertionError: a number of the tensor `q` is not in [0, 1].
        ValueError: the number `q` is not in [0, 1], a tensor `q` has several axes, `axis` is out of range, or
            there is no element.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.quantile(Tensor([0.0, 1.0, 2.0]), 0.75).item()
        1.5
    """
    return _quantile("ops.quantile", input, q, axis, keepdims, ignoring=False)


def nanquantile(input: Any, q: Any, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """As `quantile`, of the elements that are no NaN; NaN where there is no other.

    Args:
        input: tensor of numbers.
        q: a number from 0 to 1, or a tensor of one axis of them.
        axis: the axis; default: the flattened tensor.
        keepdims: whether the axis stays, with size 1.

    Returns:
        A floating-point tensor without the axis; a tensor `q` makes an axis in front.

    Raises:
        AssertionError: a number of the tensor `q` is not in [0, 1].
        ValueError: the number `q` is not in [0, 1], a tensor `q` has several axes, `axis` is out of range, or
            there is no element.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.nanquantile(Tensor([0.0, float("nan"), 2.0]), 0.5).item()
        1.0
    """
    return _quantile("ops.nanquantile", input, q, axis, keepdims, ignoring=True)


def _quantile(subject: str, input: Any, q: Any, axis: int | None, keep: bool, *, ignoring: bool) -> Tensor:
    (x,) = floating(subject, input)
    parts = as_tensor(q, x.dtype, subject)
    if parts.ndim > 1:
        raise ValueError(explain(subject, given=f"q of shape {parts.shape}", expected="a number or one axis"))
    check_parts(subject, "q", q)
    dtype = x.dtype
    x, parts = wide(x), wide(cast(parts, dtype))
    shape = x.shape
    if axis is None:
        x, at = prims.reshape(x, shape=(product(shape),)), 0
    else:
        x, at, _ = _with_elements(subject, x, axis)
    if x.shape[at] == 0:
        raise ValueError(explain(subject, given=f"a tensor of shape {shape}", expected="at least one element"))
    values, _ = prims.sort(x, axis=at, descending=False)
    counted = _numbers_along(values, at)
    size = prims.size_tensor(x.shape[at])
    last = prims.sub(prims.maximum(counted, scalar(1, int64)) if ignoring else size, scalar(1, int64))
    # The parts as a new axis in front.
    front = prims.reshape(parts, shape=(*parts.shape, *(1,) * x.ndim) if parts.ndim else (1,) * (x.ndim + 1))
    position = prims.mul(front, cast(last, x.dtype))
    below = prims.floor(position)
    weight = prims.sub(position, below)
    low = cast(below, int64)
    high = prims.minimum(prims.add(low, scalar(1, int64)), last)
    spread = (front.shape[0], *(1 if i == at else n for i, n in enumerate(x.shape)))
    many = prims.broadcast_to(prims.reshape(values, shape=(1, *x.shape)), shape=(front.shape[0], *x.shape))
    lower, upper = (
        prims.take_along_axis(many, prims.broadcast_to(place, shape=spread), at + 1) for place in (low, high)
    )
    result = prims.add(lower, prims.mul(prims.sub(upper, lower), weight))
    result = prims.select(prims.eq(lower, upper), lower, result)  # of two infinities too
    if not ignoring:
        missing = prims.lt(prims.reshape(counted, shape=(1, *counted.shape)), size)
        result = prims.select(missing, scalar(float("nan"), result.dtype), result)
    if axis is None:
        rest: tuple[DimSize, ...] = (1,) * len(shape) if keep else ()
    else:
        rest = tuple(1 if i == at else n for i, n in enumerate(x.shape) if keep or i != at)
    shaped: Tensor = prims.reshape(result, shape=(*parts.shape, *rest))
    return cast(shaped, dtype)


# -- without NaN --


def nansum(input: Any, axis: Any = None, keepdims: bool = False, *, dtype: Any = None) -> Tensor:
    """Sum along axes, with NaN as 0.

    Args:
        input: tensor; bools are summed in int64.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        dtype: type to sum in; default: that of `input`.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.nansum(Tensor([1.0, float("nan")])).item()
        1.0
    """
    x = as_tensor(input, None, "ops.nansum")
    x = cast(x, int64 if x.dtype is bool_ else x.dtype)
    if x.dtype.is_float:
        x = prims.select(prims.isnan(x), scalar(0, x.dtype), x)
    if dtype is not None:
        x = cast(x, as_dtype(dtype, "ops.nansum"))
    return _reduced(prims.reduce_sum, "ops.nansum", x, axis, keepdims)


def nanmean(input: Any, axis: Any = None, keepdims: bool = False, *, dtype: Any = None) -> Tensor:
    """Mean along axes of the elements that are no NaN.

    Args:
        input: tensor; integers and bools are converted to float32.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        dtype: type to compute in; default: that of `input`.

    Returns:
        A tensor without the axes; NaN where there is no number.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.nanmean(Tensor([1.0, float("nan"), 3.0])).item()
        2.0
    """
    (x,) = floating("ops.nanmean", input)
    if dtype is not None:
        x = cast(x, as_dtype(dtype, "ops.nanmean"))
    dtype, x = x.dtype, wide(x)
    some = prims.bitwise_not(prims.isnan(x))
    total = _reduced(prims.reduce_sum, "ops.nanmean", prims.select(some, x, scalar(0, x.dtype)), axis, keepdims)
    count = _reduced(prims.reduce_sum, "ops.nanmean", cast(some, x.dtype), axis, keepdims)
    return cast(prims.div(total, count), dtype)


def aminmax(input: Any, *, axis: int | None = 0, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """The smallest and the largest element along an axis.

    Args:
        input: tensor.
        axis: the axis; None for all.
        keepdims: whether the axes stay, with size 1.

    Returns:
        Two tensors without the axis; NaN where there is one.

    Raises:
        ValueError: there is no element, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> low, high = ops.aminmax(Tensor([3, 1, 2]))
        >>> low.item(), high.item()
        (1, 3)
    """
    return amin(input, axis, keepdims), amax(input, axis, keepdims)


# -- several variables --


def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
    """Covariance matrix of variables.

    Args:
        input: tensor of shape (variables, observations), or of one variable's observations.
        correction: what the number of observations is lowered by: 1 for an unbiased estimate, 0 for a mean.
        fweights: how often each observation was seen, integers of shape (observations,).
        aweights: the weight of each observation, of shape (observations,).

    Returns:
        A floating-point tensor of shape (variables, variables), or () of one variable.

    Raises:
        TypeError: `correction` is not an int, or `fweights` are not integers.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cov(Tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])).asnumpy()
        array([[ 1., -1.],
               [-1.,  1.]], dtype=float32)
    """
    (x,) = floating("ops.cov", input)
    less = _an_int("ops.cov", "correction", correction)
    if x.ndim > 2:
        raise ValueError(explain("ops.cov", given=f"a tensor of shape {x.shape}", expected="at most two axes"))
    one = x.ndim < 2
    dtype, x = x.dtype, wide(x)
    x = prims.reshape(x, shape=(1, product(x.shape))) if one else x
    size = x.shape[1]
    weights = None
    for name, given in (("fweights", fweights), ("aweights", aweights)):
        if given is None:
            continue
        each = as_tensor(given, None, "ops.cov")
        if name == "fweights" and not each.dtype.is_integer:
            raise TypeError(explain("ops.cov", given=f"fweights of type {each.dtype}", expected="integers"))
        if each.shape != (size,):
            raise ValueError(explain("ops.cov", given=f"{name} of shape {each.shape}", expected=f"shape ({size},)"))
        each = cast(each, x.dtype.real)
        weights = each if weights is None else prims.mul(weights, each)
    if weights is None:
        total = cast(prims.size_tensor(size), x.dtype.real)
        weighted = x
    else:
        total = prims.reduce_sum(weights, axes=(0,))
        weighted = prims.mul(x, cast(weights, x.dtype))
    sums = _kept(prims.reduce_sum(weighted, axes=(1,)), x, (1,), True)
    centred = prims.sub(x, prims.div(sums, cast(total, x.dtype)))
    if weights is None or aweights is None:
        norm = prims.sub(total, scalar(less, total.dtype))
    else:
        squares = prims.mul(weights, cast(as_tensor(aweights, None, "ops.cov"), total.dtype))
        norm = prims.sub(total, prims.div(prims.reduce_sum(squares, axes=(0,)) * less, total))
    norm = prims.maximum(norm, scalar(0, norm.dtype))
    other = centred if weights is None else prims.mul(centred, cast(weights, x.dtype))
    product_ = prims.dot_general(other, conjugate(centred), contract=((1,), (1,)), batch=((), ()))
    result = cast(prims.div(product_, cast(norm, x.dtype)), dtype)
    return prims.reshape(result, shape=()) if one else result


# -- counting --


def histc(input: Any, bins: int = 100, min: float = 0.0, max: float = 0.0) -> Tensor:
    """How many elements lie in each of equally wide bins.

    Args:
        input: tensor of numbers.
        bins: how many bins, at least 1.
        min: where the first begins.
        max: where the last ends, itself in it; if equal to `min`, the smallest and largest element count.

    Returns:
        A tensor of shape (bins,) of the type of `input`; what lies outside is not counted.

    Raises:
        TypeError: `bins` is not an int.
        ValueError: `bins` is below 1, or `min` above `max`.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.histc(Tensor([1.0, 2.0, 4.0, 0.0]), bins=4).asnumpy()
        array([1., 1., 1., 1.], dtype=float32)
    """
    x = as_tensor(input, None, "ops.histc")
    count = _an_int("ops.histc", "bins", bins)
    if count < 1:
        raise ValueError(explain("ops.histc", given=f"bins={bins}", expected="at least 1"))
    if not min <= max:
        raise ValueError(explain("ops.histc", given=f"min={min}, max={max}", expected="min of at most max"))
    flat = prims.reshape(x, shape=(product(x.shape),))
    numbers = cast(flat, float32) if not x.dtype.is_float or x.dtype.itemsize == 2 else flat
    one = scalar(1, numbers.dtype)
    if min == max and flat.shape[0] != 0:
        low, high = prims.reduce_min(numbers, axes=(0,)), prims.reduce_max(numbers, axes=(0,))
    else:
        low, high = scalar(float(min), numbers.dtype), scalar(float(max), numbers.dtype)
    flat_range = prims.eq(low, high)
    low, high = prims.select(flat_range, prims.sub(low, one), low), prims.select(flat_range, prims.add(high, one), high)
    inside = prims.bitwise_and(prims.ge(numbers, low), prims.le(numbers, high))
    share = prims.div(prims.sub(prims.select(inside, numbers, low), low), prims.sub(high, low))
    bin = prims.floor(prims.mul(share, scalar(count, numbers.dtype)))
    bin = cast(prims.minimum(bin, scalar(count - 1, numbers.dtype)), int64)
    counts = prims.scatter(
        prims.broadcast_to(scalar(0, int64), shape=(count,)),
        bin,
        prims.select(inside, scalar(1, int64), scalar(0, int64)),
        axis=0,
        mode="add",
    )
    return cast(counts, x.dtype)


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Tensor:
    """How often each number from 0 on occurs, or the sum of the weights of its places.

    Args:
        input: integers of at least 0, one axis.
        weights: a weight for each place, of the same shape; default: 1 each.
        minlength: the result has at least so many elements.

    Returns:
        A float32 tensor of one axis that ends with the largest number; of the weights' type if that is float64.

    Raises:
        ConcretizationError: while a graph is built: how long the result is depends on numbers.
        TypeError: `input` is not integers, or `minlength` not an int.
        ValueError: a number or `minlength` is negative, or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.bincount(Tensor([1, 2, 1])).asnumpy()
        array([0., 2., 1.], dtype=float32)
    """
    x = as_tensor(input, None, "ops.bincount")
    least = _an_int("ops.bincount", "minlength", minlength)
    if least < 0:
        raise ValueError(explain("ops.bincount", given=f"minlength={minlength}", expected="at least 0"))
    if not x.dtype.is_integer:
        raise TypeError(explain("ops.bincount", given=f"a {x.dtype} tensor", expected="integers"))
    if x.ndim != 1:
        raise ValueError(explain("ops.bincount", given=f"a tensor of shape {x.shape}", expected="one axis"))
    numbers = _numbers("ops.bincount", x)
    if numbers.size and numbers.min() < 0:
        raise ValueError(explain("ops.bincount", given=f"the number {numbers.min()}", expected="numbers of at least 0"))
    length = builtins.max(least, int(numbers.max()) + 1 if numbers.size else 0)
    if weights is None:
        each = prims.broadcast_to(scalar(1, float32), shape=x.shape)
    else:
        each = as_tensor(weights, None, "ops.bincount")
        if each.shape != x.shape:
            raise ValueError(
                explain("ops.bincount", given=f"weights of shape {each.shape}", expected=f"shape {x.shape}")
            )
        each = each if each.dtype.is_float else cast(each, float32)
    empty = prims.broadcast_to(scalar(0, each.dtype), shape=(length,))
    result: Tensor = prims.scatter(empty, cast(x, int64), each, axis=0, mode="add")
    return result


def bucketize(input: Any, boundaries: Any, *, right: bool = False) -> Tensor:
    """Between which two of sorted boundaries each element lies.

    Args:
        input: tensor of numbers.
        boundaries: numbers in ascending order.
        right: whether a number that equals a boundary lies behind it.

    Returns:
        An int32 tensor of the shape of `input`: how many boundaries lie before each element.

    Raises:
        ValueError: `boundaries` has not one axis.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.bucketize(Tensor([1.0, 2.0]), [1.0, 3.0]).asnumpy()
        array([0, 1], dtype=int32)
    """
    edges = as_tensor(boundaries, None, "ops.bucketize")
    if edges.ndim != 1:
        raise ValueError(explain("ops.bucketize", given=f"boundaries of shape {edges.shape}", expected="one axis"))
    edges, x = unified("ops.bucketize", edges, input)
    return searchsorted(edges, x, out_int32=True, right=right)
