"""Sums, means and extremes along axes."""

from __future__ import annotations

import builtins
import math
from typing import Any

from lamella import ops
from lamella.dtypes import bool_, float32
from lamella.errors import explain
from lamella.numpy.arrays import floats_of, operand, tensor_of, typed
from lamella.ops import prims
from lamella.ops.convert import cast, one_axis, unified
from lamella.ops.define.constants import scalar
from lamella.ops.prims.complexes import squares
from lamella.tensor import Tensor

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "argwhere",
    "average",
    "count_nonzero",
    "mean",
    "nanmax",
    "nanmean",
    "nanmin",
    "nanstd",
    "nansum",
    "nanvar",
    "ptp",
    "sometrue",
    "std",
    "sum",
    "var",
]

# -- sums and means --


def sum(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """Sum along axes.

    Args:
        a: a tensor, or sequences of numbers; bools and integers are summed in int64.
        axis: an axis or a tuple of axes; default: all.
        dtype: type to sum in.
        keepdims: whether the axes stay, with size 1.
        initial: what the sum begins with.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.sum([[1, 2], [3, 4]], 0).tolist()
        [4, 6]
    """
    result = ops.sum(tensor_of(a, "numpy.sum"), axis, keepdims, dtype=dtype)
    return result if initial is None else result + operand(initial, "numpy.sum")


def mean(a: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Tensor:
    """Mean along axes.

    Args:
        a: a tensor, or sequences of numbers; bools and integers are converted to float32.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        dtype: type to compute in.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.mean([[1, 2], [3, 4]]).item()
        2.5
    """
    x = typed(tensor_of(a, "numpy.mean"), dtype, "numpy.mean")
    return ops.mean(x, axis, keepdims)


def average(x: Any, axis: Any = None, weights: Any = None, returned: bool = False) -> Any:
    """Weighted mean along axes.

    Args:
        x: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        weights: of the shape of `x`, or along the axis; default: ones.
        returned: whether the sum of weights is returned too.

    Returns:
        A tensor, or a pair of it and the sum of weights.

    Raises:
        ValueError: an axis is out of range, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.average([1.0, 2.0], weights=[3.0, 1.0]).item()
        1.25
    """
    subject = "numpy.average"
    tensor = tensor_of(x, subject)
    tensor = tensor if tensor.dtype.is_inexact else cast(tensor, float32)
    if weights is None:
        result = ops.mean(tensor, axis)
        count = tensor.size // max(result.size, 1)
        return (result, ops.full_like(result, count)) if returned else result
    each = tensor_of(weights, subject)
    if each.shape != tensor.shape:
        if axis is None or isinstance(axis, (tuple, list)) or each.ndim != 1:
            raise ValueError(
                explain(
                    subject,
                    given=f"weights of shape {each.shape} for {tensor.shape}",
                    expected="one shape, or one axis",
                )
            )
        at = one_axis(subject, axis, tensor.ndim)
        if each.shape[0] != tensor.shape[at]:
            raise ValueError(
                explain(subject, given=f"{each.shape[0]} weights along axis {axis}", expected=f"{tensor.shape[at]}")
            )
        each = prims.reshape(each, shape=tuple(each.shape[0] if i == at else 1 for i in builtins.range(tensor.ndim)))
    tensor, each = unified(subject, tensor, each)
    each = prims.broadcast_to(each, shape=tensor.shape)
    total = ops.sum(each, axis)
    result = ops.sum(tensor * each, axis) / total
    return (result, total) if returned else result


def var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Tensor:
    """Variance along axes.

    Args:
        x: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        ddof: what the number of elements is lowered by.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.var([1.0, 3.0]).item()
        1.0
    """
    return ops.var(floats_of(x, "numpy.var"), axis, ddof, keepdims)


def std(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Tensor:
    """Standard deviation along axes.

    Args:
        x: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        ddof: what the number of elements is lowered by.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.std([1.0, 3.0]).item()
        1.0
    """
    return ops.std(floats_of(x, "numpy.std"), axis, ddof, keepdims)


# -- without NaN --


def _without_nan(x: Tensor, value: float) -> Tensor:
    if not x.dtype.is_inexact:
        return x
    result: Tensor = prims.select(prims.isnan(x), scalar(value, x.dtype), x)
    return result


def nansum(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Sum along axes, with NaN as 0.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        dtype: type to sum in.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.nansum([1.0, float("nan")]).item()
        1.0
    """
    return sum(_without_nan(tensor_of(a, "numpy.nansum"), 0.0), axis, dtype, keepdims)


def nanmean(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Mean along axes of the elements that are no NaN.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        dtype: type to compute in.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes; NaN where there is no number.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.nanmean([1.0, float("nan"), 3.0]).item()
        2.0
    """
    return ops.nanmean(tensor_of(a, "numpy.nanmean"), axis, keepdims, dtype=dtype)


def nanvar(a: Any, axis: Any = None, dtype: Any = None, ddof: int = 0, keepdims: bool = False) -> Tensor:
    """Variance along axes of the elements that are no NaN.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        dtype: type to compute in.
        ddof: what the number of elements is lowered by.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.nanvar([1.0, float("nan"), 3.0]).item()
        1.0
    """
    x = typed(floats_of(a, "numpy.nanvar"), dtype, "numpy.nanvar")
    some = prims.bitwise_not(prims.isnan(x))
    middle = ops.nanmean(x, axis, True)
    off = prims.select(some, prims.sub(_without_nan(x, 0.0), middle), scalar(0, x.dtype))
    count = ops.sum(cast(some, x.dtype.real), axis, keepdims)
    return ops.sum(squares(off), axis, keepdims) / (count - ddof)


def nanstd(a: Any, axis: Any = None, dtype: Any = None, ddof: int = 0, keepdims: bool = False) -> Tensor:
    """Standard deviation along axes of the elements that are no NaN.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        dtype: type to compute in.
        ddof: what the number of elements is lowered by.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.nanstd([1.0, float("nan"), 3.0]).item()
        1.0
    """
    return ops.sqrt(nanvar(a, axis, dtype, ddof, keepdims))


def _nan_extreme(subject: str, a: Any, axis: Any, dtype: Any, keepdims: bool, sign: int) -> Tensor:
    x = typed(tensor_of(a, subject), dtype, subject)
    extreme = ops.amax if sign > 0 else ops.amin
    if not x.dtype.is_inexact:
        return extreme(x, axis, keepdims)
    result = extreme(_without_nan(x, -math.inf * sign), axis, keepdims)
    nothing = ops.all(prims.isnan(x), axis, keepdims)
    return ops.where(nothing, math.nan, result)


def nanmax(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """The largest element along axes that is no NaN.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        dtype: type to compute in.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes; NaN where there is no number.

    Raises:
        ValueError: an axis is out of range, or there is no element.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.nanmax([1.0, float("nan"), 3.0]).item()
        3.0
    """
    return _nan_extreme("numpy.nanmax", a, axis, dtype, keepdims, 1)


def nanmin(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """The smallest element along axes that is no NaN.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        dtype: type to compute in.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes; NaN where there is no number.

    Raises:
        ValueError: an axis is out of range, or there is no element.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.nanmin([1.0, float("nan"), 3.0]).item()
        1.0
    """
    return _nan_extreme("numpy.nanmin", a, axis, dtype, keepdims, -1)


# -- extremes --


def _extreme(name: str, a: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Tensor:
    subject = f"numpy.{name}"
    x = tensor_of(a, subject)
    function = getattr(ops, name)
    if where is True:
        result: Tensor = function(x, axis, keepdims, initial=initial)
    else:
        result = function(x, axis, keepdims, initial=initial, where=tensor_of(where, subject))
    return result


def amax(a: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The largest element along axes.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bools, which elements take part; needs `initial`.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.amax([[1, 5], [7, 2]], 1).tolist()
        [5, 7]
    """
    return _extreme("amax", a, axis, keepdims, initial, where)


def amin(a: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The smallest element along axes.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bools, which elements take part; needs `initial`.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.amin([[1, 5], [7, 2]], 1).tolist()
        [1, 2]
    """
    return _extreme("amin", a, axis, keepdims, initial, where)


def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The largest less the smallest element along axes.

    Args:
        x: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: there is no element, or an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.ptp([1, 5, 3]).item()
        4
    """
    tensor = tensor_of(x, "numpy.ptp")
    return ops.amax(tensor, axis, keepdims) - ops.amin(tensor, axis, keepdims)


def argmax(a: Any, axis: int | None = None) -> Tensor:
    """Index of the largest element along an axis, of several the first.

    Args:
        a: a tensor, or sequences of numbers.
        axis: the axis; default: the flattened tensor.

    Returns:
        An int64 tensor.

    Raises:
        ValueError: there is no element, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.argmax([1, 5, 3]).item()
        1
    """
    return ops.argmax(tensor_of(a, "numpy.argmax"), axis)


def argmin(a: Any, axis: int | None = None) -> Tensor:
    """Index of the smallest element along an axis, of several the first.

    Args:
        a: a tensor, or sequences of numbers.
        axis: the axis; default: the flattened tensor.

    Returns:
        An int64 tensor.

    Raises:
        ValueError: there is no element, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.argmin([1, 5, 3]).item()
        0
    """
    return ops.argmin(tensor_of(a, "numpy.argmin"), axis)


def sometrue(a: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether an element along axes is true.

    Args:
        a: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A bool tensor.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.sometrue([0, 2]).item()
        True
    """
    return ops.any(cast(tensor_of(a, "numpy.sometrue"), bool_), axis, keepdims)


def count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """How many elements along axes are not 0.

    Args:
        x: a tensor, or sequences of numbers.
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.

    Returns:
        An int32 tensor.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.count_nonzero([0, 2, 3]).item()
        2
    """
    return ops.count_nonzero(tensor_of(x, "numpy.count_nonzero"), () if axis is None else axis, keepdims)


def argwhere(a: Any) -> Tensor:
    """Where the elements that are not 0 stand.

    Args:
        a: a tensor, or sequences of numbers.

    Returns:
        An int64 tensor of shape (elements, axes).

    Raises:
        ConcretizationError: while a graph is built: how many there are depends on numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.argwhere([0, 2]).tolist()
        [[1]]
    """
    return ops.nonzero(tensor_of(a, "numpy.argwhere"))
