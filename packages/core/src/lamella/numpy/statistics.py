"""Running sums, differences and integrals along an axis; covariance."""

from __future__ import annotations

import math
from typing import Any

from lamella import ops
from lamella.dtypes import bool_, int32
from lamella.errors import explain
from lamella.numpy.arrays import floats_of, tensor_of, typed
from lamella.numpy.reductions import _without_nan
from lamella.ops import prims
from lamella.ops.convert import axis_tuple, cast, one_axis
from lamella.tensor import Tensor

__all__ = [
    "corrcoef",
    "cov",
    "cumprod",
    "cumsum",
    "diff",
    "ediff1d",
    "gradient",
    "nancumsum",
    "trapz",
    "unwrap",
]

# -- along an axis --


def cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running sum along an axis.

    Args:
        a: a tensor, or sequences of numbers.
        axis: the axis; default: the flattened tensor.
        dtype: type to sum in.

    Returns:
        A tensor.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.cumsum([1, 2, 3]).tolist()
        [1, 3, 6]
    """
    return _running("numpy.cumsum", ops.cumsum, a, axis, dtype)


def nancumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running sum along an axis, with NaN as 0.

    Args:
        a: a tensor, or sequences of numbers.
        axis: the axis; default: the flattened tensor.
        dtype: type to sum in.

    Returns:
        A tensor.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.nancumsum([1.0, float("nan"), 2.0]).tolist()
        [1.0, 1.0, 3.0]
    """
    return cumsum(_without_nan(tensor_of(a, "numpy.nancumsum"), 0.0), axis, dtype)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Tensor:
    """Running product along an axis.

    Args:
        a: a tensor, or sequences of numbers.
        axis: the axis; default: the flattened tensor.
        dtype: type to multiply in.

    Returns:
        A tensor.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.cumprod([1, 2, 3]).tolist()
        [1, 2, 6]
    """
    return _running("numpy.cumprod", ops.cumprod, a, axis, dtype)


def _running(subject: str, function: Any, a: Any, axis: int | None, dtype: Any) -> Tensor:
    x = tensor_of(a, subject)
    if x.dtype is bool_ and dtype is None:
        x = cast(x, int32)
    if axis is None:
        x, axis = ops.reshape(x, (-1,)), 0
    result: Tensor = function(x, axis, dtype)
    return result


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Differences of neighbours along an axis.

    Args:
        a: a tensor, or sequences of numbers.
        n: how often to take them.
        axis: the axis.
        prepend: numbers to put in front first.
        append: numbers to put behind first.

    Returns:
        A tensor that is shorter by `n` along the axis.

    Raises:
        ValueError: `n` is negative, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.diff([1, 4, 9]).tolist()
        [3, 5]
    """
    subject = "numpy.diff"
    x = tensor_of(a, subject)
    at = one_axis(subject, axis, x.ndim)

    def side(given: Any) -> Any:
        if given is None:
            return None
        part = tensor_of(given, subject)
        shape = tuple(1 if i == at else m for i, m in enumerate(x.shape))
        return prims.broadcast_to(part, shape=shape) if part.ndim == 0 else part

    return ops.diff(x, n, at, side(prepend), side(append))


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Tensor:
    """Differences of neighbours of the flattened tensor.

    Args:
        ary: a tensor, or sequences of numbers.
        to_end: numbers behind them.
        to_begin: numbers in front of them.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: an argument is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.ediff1d([1, 4, 9], to_begin=[0]).tolist()
        [0, 3, 5]
    """
    subject = "numpy.ediff1d"
    result = ops.diff(ops.reshape(tensor_of(ary, subject), (-1,)))
    parts = [result]
    if to_begin is not None:
        parts.insert(0, ops.reshape(tensor_of(to_begin, subject), (-1,)))
    if to_end is not None:
        parts.append(ops.reshape(tensor_of(to_end, subject), (-1,)))
    return ops.concat([cast(part, result.dtype) for part in parts]) if len(parts) > 1 else result


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes of a function on a grid: central differences inside, one-sided ones at the ends.

    Args:
        f: its values, a tensor or sequences of numbers.
        varargs: the distance of neighbours, one for all axes or one for each.
        axis: an axis or a tuple of axes; default: all.
        edge_order: 1, the order of accuracy at the ends.

    Returns:
        A tensor, or a list of one for each axis.

    Raises:
        ValueError: an axis has fewer than two elements, or the distances do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.gradient([1.0, 2.0, 4.0]).tolist()
        [1.0, 1.5, 2.0]
    """
    subject = "numpy.gradient"
    x = floats_of(f, subject)
    if edge_order != 1:
        raise ValueError(explain(subject, given=f"edge_order={edge_order}", expected="1"))
    axes = axis_tuple(subject, axis, x.ndim)
    if len(varargs) not in (0, 1, len(axes)):
        raise ValueError(explain(subject, given=f"{len(varargs)} distances", expected=f"none, 1 or {len(axes)}"))
    steps = (varargs or (1,)) * (1 if len(varargs) == len(axes) else len(axes))
    results = []
    for at, step in zip(axes, steps, strict=True):
        n = x.shape[at]
        if not n >= 2:
            raise ValueError(explain(subject, given=f"{n} elements along axis {at}", expected="at least 2"))
        first = prims.narrow(x, at, 1, 2) - prims.narrow(x, at, 0, 1)
        last = prims.narrow(x, at, n - 1, n) - prims.narrow(x, at, n - 2, n - 1)
        inner = (prims.narrow(x, at, 2, n) - prims.narrow(x, at, 0, n - 2)) / 2.0
        results.append(prims.concat(first, inner, last, axis=at) / step)
    return results[0] if len(results) == 1 else results


def trapz(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Tensor:
    """Integral along an axis by the trapezoidal rule.

    Args:
        y: the function's values.
        x: where they were taken; default: `dx` apart.
        dx: the distance of neighbours.
        axis: the axis.

    Returns:
        A tensor without the axis.

    Raises:
        ValueError: `axis` is out of range, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.trapz([1.0, 2.0, 3.0]).item()
        4.0
    """
    places = None if x is None else tensor_of(x, "numpy.trapz")
    return ops.trapz(tensor_of(y, "numpy.trapz"), places, dx=dx, dim=axis)


def unwrap(p: Any, discont: float = math.pi, axis: int = -1) -> Tensor:
    """Angles without jumps: by whole turns nearer to the one before.

    Args:
        p: angles in radians.
        discont: the jump that is left as it is.
        axis: the axis.

    Returns:
        A tensor of the same shape.

    Raises:
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.unwrap([0.0, 6.0]).numpy().round(4).tolist()
        [0.0, -0.2831999957561493]
    """
    subject = "numpy.unwrap"
    x = floats_of(p, subject)
    at = one_axis(subject, axis, x.ndim)
    if x.shape[at] == 0:
        return x
    step = ops.diff(x, 1, at)
    turned = ops.floor_mod(step + math.pi, 2 * math.pi) - math.pi
    edge = ops.logical_and(ops.eq(turned, -math.pi), ops.gt(step, 0))
    correction = ops.where(edge, math.pi, turned) - step
    correction = ops.where(ops.lt(ops.abs(step), discont), 0.0, correction)
    start = prims.narrow(x, at, 0, 1)
    rest = prims.narrow(x, at, 1, x.shape[at]) + ops.cumsum(correction, at)
    result: Tensor = prims.concat(start, rest, axis=at)
    return result


# -- several variables --


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    dtype: Any = None,
) -> Tensor:
    """Covariance matrix of variables.

    Args:
        m: a tensor of one axis or two.
        y: more variables, in the same form.
        rowvar: whether rows are variables, rather than columns.
        bias: whether the number of observations counts as it is, rather than less 1.
        ddof: instead of `bias`, what it is lowered by.
        fweights: how often each observation was seen.
        aweights: the weight of each observation.
        dtype: type of the result.

    Returns:
        A tensor of shape (variables, variables), or () of one variable.

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.cov([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    subject = "numpy.cov"

    def rows(given: Any) -> Tensor:
        x = floats_of(given, subject)
        if x.ndim > 2:
            raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at most two axes"))
        x = ops.atleast_2d(x)
        return x if rowvar or x.shape[0] == 1 else ops.swapaxes(x, 0, 1)

    x = rows(m)
    if y is not None:
        x = ops.concat((x, rows(y)), 0)
    lowered = (0 if bias else 1) if ddof is None else ddof
    weights = [None if w is None else tensor_of(w, subject) for w in (fweights, aweights)]
    result = ops.cov(x, correction=lowered, fweights=weights[0], aweights=weights[1])
    result = ops.reshape(result, ()) if result.size == 1 else result
    shaped: Tensor = typed(result, dtype, subject)
    return shaped


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, dtype: Any = None) -> Tensor:
    """Correlation coefficients of variables (Pearson).

    Args:
        x: a tensor of one axis or two.
        y: more variables, in the same form.
        rowvar: whether rows are variables, rather than columns.
        dtype: type of the result.

    Returns:
        A tensor of shape (variables, variables), or () of one variable.

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.corrcoef([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]).numpy().round(4).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]
    """
    c = cov(x, y, rowvar)
    if c.ndim == 0:
        one: Tensor = typed(c / c, dtype, "numpy.corrcoef")
        return one
    deviation = ops.sqrt(ops.diagonal(c))
    result = c / ops.reshape(deviation, (-1, 1)) / deviation
    if result.dtype.is_complex:
        limited = ops.complex(*(ops.clamp(part(result), -1.0, 1.0) for part in (ops.real, ops.imag)))
    else:
        limited = ops.clamp(result, -1.0, 1.0)
    answer: Tensor = typed(limited, dtype, "numpy.corrcoef")
    return answer
