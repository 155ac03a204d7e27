"""Numbers counted, sorted into bins, and compared as sets."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np

from lamella import ops
from lamella.dims import product
from lamella.dtypes import int32
from lamella.errors import explain
from lamella.numpy.arrays import array, floats_of, operand, tensor_of
from lamella.numpy.series import linspace
from lamella.ops import prims
from lamella.ops.convert import as_tensor, unified
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.select import _numbers
from lamella.tensor import Tensor

__all__ = [
    "bincount",
    "digitize",
    "histogram",
    "histogram2d",
    "histogram_bin_edges",
    "histogramdd",
    "in1d",
    "intersect1d",
    "isin",
    "searchsorted",
    "setdiff1d",
    "unique",
]

# -- counting --


def bincount(x: Any, weights: Any = None, minlength: int = 0, length: int | None = None) -> Tensor:
    """How often each number from 0 on occurs, or the sum of the weights of its places.

    Args:
        x: integers of at least 0, one axis.
        weights: a weight for each place.
        minlength: the result has at least so many elements.
        length: the result has so many elements; numbers beyond do not count. Then it can be part of a graph.

    Returns:
        A float32 tensor of one axis.

    Raises:
        TypeError: `x` is not integers.
        ValueError: a number is negative, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.bincount([1, 2, 1]).tolist()
        [0.0, 2.0, 1.0]
    """
    subject = "numpy.bincount"
    numbers = tensor_of(x, subject)
    each = None if weights is None else tensor_of(weights, subject)
    if length is None:
        return ops.bincount(numbers, each, minlength)
    if not numbers.dtype.is_integer or numbers.ndim != 1:
        raise TypeError(explain(subject, given=f"{numbers._type}", expected="integers of one axis"))
    inside = ops.lt(numbers, length)
    each = ops.ones(numbers.shape) if each is None else floats_of(each, subject)
    each = ops.where(inside, each, 0.0)
    return ops.unsorted_segment_sum(each, ops.where(inside, numbers, 0), length)


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Tensor:
    """Where numbers would be put into sorted ones.

    Args:
        a: numbers of one axis, in ascending order.
        v: the numbers to be put in.
        side: "left" of equal ones, or "right".
        sorter: integers that sort `a`, if it is not.

    Returns:
        An int32 tensor of the shape of `v`.

    Raises:
        ValueError: `a` has not one axis, or another side.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.searchsorted([1, 2, 3], 2).item()
        1
    """
    subject = "numpy.searchsorted"
    if side not in ("left", "right"):
        raise ValueError(explain(subject, given=f"side={side!r}", expected="'left' or 'right'"))
    x, values = tensor_of(a, subject), operand(v, subject)
    if x.ndim != 1:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="one axis"))
    if sorter is not None:
        x = ops.gather(x, tensor_of(sorter, subject), 0)
    x, values = unified(subject, x, values)
    return ops.searchsorted(x, values, out_int32=True, right=side == "right")


def digitize(x: Any, bins: Any, right: bool = False) -> Tensor:
    """Which bin each number lies in.

    Args:
        x: a tensor, or sequences of numbers.
        bins: the bins' borders, ascending or descending.
        right: whether a border belongs to the bin before it.

    Returns:
        An int32 tensor of the shape of `x`.

    Raises:
        ValueError: `bins` has not one axis.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.digitize([0.5, 1.5], [0.0, 1.0, 2.0]).tolist()
        [1, 2]
    """
    subject = "numpy.digitize"
    edges, numbers = tensor_of(bins, subject), tensor_of(x, subject)
    if edges.ndim != 1:
        raise ValueError(explain(subject, given=f"bins of shape {edges.shape}", expected="one axis"))
    n = int(edges.shape[0])
    if n == 0:
        return ops.zeros(numbers.shape, int32)
    rising = ops.le(edges[0], edges[n - 1])
    up = searchsorted(edges, numbers, "left" if right else "right")
    down = n - searchsorted(ops.flip(edges, (0,)), numbers, "right" if right else "left")
    return ops.where(rising, up, down)


def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Tensor:
    """The borders of the bins of a histogram.

    Args:
        a: a tensor, or sequences of numbers.
        bins: how many bins, or their borders.
        range: where they begin and end; default: with the smallest and largest number.
        weights: not used.

    Returns:
        A tensor of one axis.

    Raises:
        TypeError: `bins` is neither an int nor numbers.
        ValueError: `bins` is not positive.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.histogram_bin_edges([0.0, 2.0], 2).tolist()
        [0.0, 1.0, 2.0]
    """
    del weights
    subject = "numpy.histogram_bin_edges"
    x = floats_of(a, subject)
    if isinstance(bins, (Tensor, tuple, list, np.ndarray)):
        edges = floats_of(bins, subject)
        if edges.ndim != 1:
            raise ValueError(explain(subject, given=f"bins of shape {edges.shape}", expected="one axis"))
        return edges
    if isinstance(bins, bool) or not isinstance(bins, int):
        raise TypeError(explain(subject, given=f"bins={bins!r}", expected="an int or borders"))
    if bins < 1:
        raise ValueError(explain(subject, given=f"bins={bins}", expected="at least 1"))
    if range is not None:
        low, high = (as_tensor(float(n), x.dtype) for n in range)
    elif x.size == 0:
        low, high = scalar(0, x.dtype), scalar(1, x.dtype)
    else:
        low, high = ops.amin(x), ops.amax(x)
    flat = ops.eq(low, high)
    low, high = ops.where(flat, low - 0.5, low), ops.where(flat, high + 0.5, high)
    edges = linspace(low, high, bins + 1)
    result: Tensor = edges
    return result


def _binned(x: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
    """The bin of each number, and whether it lies in one; the last bin has its end too."""
    n = edges.shape[0] - 1
    place = ops.searchsorted(edges, x, right=True) - 1
    place = ops.where(ops.eq(x, edges[n]), n - 1, place)
    inside = ops.logical_and(ops.ge(x, edges[0]), ops.le(x, edges[n]))
    return ops.where(inside, place, 0), inside


def histogram(
    a: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: bool = False
) -> tuple[Tensor, Tensor]:
    """How many numbers lie in each of several bins.

    Args:
        a: a tensor, or sequences of numbers.
        bins: how many bins, or their borders.
        range: where they begin and end; default: with the smallest and largest number.
        weights: what each number counts.
        density: whether the result is a density, whose integral is 1.

    Returns:
        A float32 tensor of counts, and the borders.

    Raises:
        TypeError: `bins` is neither an int nor numbers.
        ValueError: `bins` is not positive, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.tolist() for x in mnp.histogram([1.0, 2.0, 2.0, 3.0], 2)]
        [[1.0, 3.0], [1.0, 2.0, 3.0]]
    """
    subject = "numpy.histogram"
    x = ops.reshape(floats_of(a, subject), (-1,))
    each = ops.ones(x.shape) if weights is None else ops.reshape(floats_of(weights, subject), (-1,))
    if each.shape != x.shape:
        raise ValueError(explain(subject, given=f"weights of shape {each.shape}", expected=f"shape {x.shape}"))
    edges = histogram_bin_edges(x, bins, range)
    x, edges = unified(subject, x, edges)
    place, inside = _binned(x, edges)
    counts = ops.unsorted_segment_sum(ops.where(inside, each, 0.0), place, int(edges.shape[0]) - 1)
    if density:
        counts = counts / (ops.sum(counts) * ops.diff(edges))
    return counts, edges


def histogramdd(
    sample: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: bool = False
) -> tuple[Tensor, list[Tensor]]:
    """How many points lie in each cell of a grid.

    Args:
        sample: points, a tensor of shape (points, axes), or a sequence of the coordinates along each axis.
        bins: how many bins along each axis, or their borders: one for all, or one for each axis.
        range: where they begin and end along each axis.
        weights: what each point counts.
        density: whether the result is a density, whose integral is 1.

    Returns:
        A float32 tensor of counts, and a list of the borders along each axis.

    Raises:
        TypeError: `bins` is neither an int nor numbers.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.histogramdd(([0.0, 1.0], [0.0, 1.0]), 2)[0].tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    subject = "numpy.histogramdd"
    if isinstance(sample, (tuple, list)):
        points = ops.stack([ops.reshape(floats_of(x, subject), (-1,)) for x in sample], 1)
    else:
        points = floats_of(sample, subject)
        points = points if points.ndim > 1 else ops.reshape(points, (-1, 1))
    if points.ndim != 2:
        raise ValueError(explain(subject, given=f"points of shape {points.shape}", expected="(points, axes)"))
    axes = int(points.shape[1])
    each_axis = list(bins) if isinstance(bins, (tuple, list)) else [bins] * axes
    ranges = [None] * axes if range is None else list(range)
    if len(each_axis) != axes or len(ranges) != axes:
        raise ValueError(explain(subject, given=f"bins={bins!r} of {axes} axes", expected="one, or one for each"))
    borders, place, inside = [], None, None
    for i in builtins.range(axes):
        x = points[:, i]
        edges = histogram_bin_edges(x, each_axis[i], ranges[i])
        borders.append(edges)
        at, within = _binned(x, edges)
        count = int(edges.shape[0]) - 1
        place = at if place is None else place * count + at
        inside = within if inside is None else ops.logical_and(inside, within)
    assert place is not None and inside is not None, "there is at least one axis"
    counts = [int(edges.shape[0]) - 1 for edges in borders]
    each = ops.ones((points.shape[0],)) if weights is None else ops.reshape(floats_of(weights, subject), (-1,))
    total = ops.unsorted_segment_sum(ops.where(inside, each, 0.0), ops.where(inside, place, 0), math.prod(counts))
    result = ops.reshape(total, tuple(counts))
    if density:
        result = result / ops.sum(result)
        for i, edges in enumerate(borders):
            shape = tuple(-1 if j == i else 1 for j in builtins.range(axes))
            result = result / ops.reshape(ops.diff(edges), shape)
    return result, borders


def histogram2d(
    x: Any, y: Any, bins: Any = 10, range: Any = None, weights: Any = None, density: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """How many points lie in each cell of a grid of two axes.

    Args:
        x: their first coordinates.
        y: their second coordinates.
        bins: how many bins along each axis, or their borders: one for all, or one for each axis.
        range: where they begin and end along each axis.
        weights: what each point counts.
        density: whether the result is a density, whose integral is 1.

    Returns:
        A float32 tensor of counts, and the borders along both axes.

    Raises:
        TypeError: `bins` is neither an int nor numbers.
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.histogram2d([0.0, 1.0], [0.0, 1.0], 2)[0].tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    if isinstance(bins, (tuple, list)) and len(bins) != 2:
        bins = [array(bins)] * 2
    counts, edges = histogramdd((x, y), bins, range, weights, density)
    return counts, edges[0], edges[1]


# -- sets --


def unique(x: Any, return_inverse: bool = False) -> Any:
    """The different numbers, in ascending order.

    Args:
        x: a tensor, or sequences of numbers.
        return_inverse: whether the place of each element among them is returned too.

    Returns:
        A tensor of one axis, or a pair of it and int32 places of one axis.

    Raises:
        ConcretizationError: while a graph is built: how many there are depends on numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.unique([3, 1, 3]).tolist()
        [1, 3]
    """
    subject = "numpy.unique"
    tensor = ops.reshape(tensor_of(x, subject), (-1,))
    _, first, inverse = np.unique(_numbers(subject, tensor), return_index=True, return_inverse=True)
    values: Tensor = prims.gather(tensor, constant(first), axis=0)
    return (values, constant(inverse.reshape(-1).astype(np.int32))) if return_inverse else values


def isin(element: Any, test_elements: Any, invert: bool = False) -> Tensor:
    """Whether each element is among others.

    Args:
        element: a tensor, or sequences of numbers.
        test_elements: the others.
        invert: whether the answer is turned round.

    Returns:
        A bool tensor of the shape of `element`.

    Raises:
        TypeError: an argument is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.isin([1, 2, 3], [2]).tolist()
        [False, True, False]
    """
    subject = "numpy.isin"
    x, others = unified(subject, tensor_of(element, subject), tensor_of(test_elements, subject))
    same = prims.eq(prims.reshape(x, shape=(*x.shape, 1)), prims.reshape(others, shape=(product(others.shape),)))
    found = ops.any(same, -1)
    return ops.logical_not(found) if invert else found


def in1d(ar1: Any, ar2: Any, invert: bool = False) -> Tensor:
    """As `isin`, of the flattened tensor.

    Args:
        ar1: a tensor, or sequences of numbers.
        ar2: the others.
        invert: whether the answer is turned round.

    Returns:
        A bool tensor of one axis.

    Raises:
        TypeError: an argument is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.in1d([[1, 2], [3, 4]], [2]).tolist()
        [False, True, False, False]
    """
    return ops.reshape(isin(ar1, ar2, invert), (-1,))


def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The numbers that two tensors share, in ascending order.

    Args:
        ar1: a tensor, or sequences of numbers.
        ar2: the other.
        assume_unique: whether the numbers of each differ already.
        return_indices: whether where they first stand in each is returned too.

    Returns:
        A tensor of one axis, or a triple of it and int32 places.

    Raises:
        ConcretizationError: while a graph is built: how many there are depends on numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.intersect1d([1, 3, 4, 3], [3, 1, 2, 1]).tolist()
        [1, 3]
    """
    subject = "numpy.intersect1d"
    x, y = unified(subject, tensor_of(ar1, subject), tensor_of(ar2, subject))
    _, first, second = np.intersect1d(
        _numbers(subject, x), _numbers(subject, y), assume_unique=assume_unique, return_indices=True
    )
    values: Tensor = prims.gather(ops.reshape(x, (-1,)), constant(first), axis=0)
    if not return_indices:
        return values
    return values, constant(first.astype(np.int32)), constant(second.astype(np.int32))


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Tensor:
    """The numbers of one tensor that are not in another, in ascending order.

    Args:
        ar1: a tensor, or sequences of numbers.
        ar2: the other.
        assume_unique: whether the numbers of each differ already; they keep their order then.

    Returns:
        A tensor of one axis.

    Raises:
        ConcretizationError: while a graph is built: how many there are depends on numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.setdiff1d([1, 2, 3, 2], [3, 4]).tolist()
        [1, 2]
    """
    subject = "numpy.setdiff1d"
    x = ops.reshape(tensor_of(ar1, subject), (-1,))
    x = x if assume_unique else unique(x)
    return ops.masked_select(x, isin(x, ar2, invert=True))
