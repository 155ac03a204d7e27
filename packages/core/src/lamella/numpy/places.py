"""What is asked about tensors, places counted through, and curves between points."""

from __future__ import annotations

from functools import reduce as folded
from typing import Any

import numpy as np

from lamella import ops
from lamella.dtypes import DType, as_dtype, float32, promote
from lamella.errors import explain
from lamella.numpy.arrays import operand, shape_of, tensor_of
from lamella.numpy.counting import searchsorted
from lamella.numpy.picking import _inside
from lamella.numpy.products import _both
from lamella.numpy.shapes import broadcast_arrays
from lamella.ops.convert import cast, unified
from lamella.ops.define.constants import constant
from lamella.tensor import Tensor

__all__ = [
    "array_equal",
    "array_equiv",
    "array_str",
    "choose",
    "interp",
    "isclose",
    "isscalar",
    "promote_types",
    "ravel_multi_index",
    "result_type",
    "unravel_index",
]

# -- questions --


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> Tensor:
    """Whether two tensors have one shape and equal elements.

    Args:
        a1: a tensor, or sequences of numbers.
        a2: the other.
        equal_nan: whether NaN equals NaN.

    Returns:
        A bool tensor without axes.

    Raises:
        TypeError: an argument is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.array_equal([1, 2], [1, 2]).item()
        True
    """
    x, y = _both("numpy.array_equal", a1, a2)
    return _same(x, y, equal_nan) if x.shape == y.shape else constant(np.array(False))


def _same(x: Tensor, y: Tensor, equal_nan: bool) -> Tensor:
    same = ops.eq(x, y)
    if equal_nan and x.dtype.is_inexact:
        same = ops.logical_or(same, ops.logical_and(ops.isnan(x), ops.isnan(y)))
    return ops.all(same)


def array_equiv(a1: Any, a2: Any) -> Tensor:
    """Whether two tensors have equal elements once they are stretched to one shape.

    Args:
        a1: a tensor, or sequences of numbers.
        a2: the other.

    Returns:
        A bool tensor without axes.

    Raises:
        TypeError: an argument is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.array_equiv([1, 1], 1).item()
        True
    """
    x, y = _both("numpy.array_equiv", a1, a2)
    shorter, longer = sorted((x.shape, y.shape), key=len)
    pairs = zip(reversed(shorter), reversed(longer), strict=False)
    if any(n != m and 1 not in (n, m) for n, m in pairs):
        return constant(np.array(False))
    return _same(x, y, False)


def isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Whether numbers differ by no more than atol + rtol abs(b).

    Args:
        a: a tensor, a number, or sequences of them.
        b: the other; shapes broadcast.
        rtol: the relative part.
        atol: the absolute part.
        equal_nan: whether NaN equals NaN.

    Returns:
        A bool tensor.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.isclose([1.0, 2.0], [1.0, 2.1]).tolist()
        [True, False]
    """
    x, y = _both("numpy.isclose", a, b)
    return ops.isclose(x, y, rtol, atol, equal_nan)


def isscalar(element: Any) -> bool:
    """Whether something is a plain number or text.

    Args:
        element: anything.

    Returns:
        A bool; False of tensors.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.isscalar(3.1), mnp.isscalar([3.1])
        (True, False)
    """
    return isinstance(element, (bool, int, float, complex, str, np.generic))


def array_str(a: Any) -> str:
    """A tensor as text.

    Args:
        a: a tensor, or sequences of numbers.

    Returns:
        The text that NumPy shows.

    Raises:
        TypeError: `a` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.array_str([0, 1, 2])
        '[0 1 2]'
    """
    return np.array_str(tensor_of(a, "numpy.array_str").asnumpy())


def promote_types(type1: Any, type2: Any) -> DType:
    """The type that holds the numbers of two.

    Args:
        type1: a dtype, or its name.
        type2: the other.

    Returns:
        A dtype.

    Raises:
        TypeError: one is none, or no type holds both.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.promote_types("float32", "float64")
        float64
    """
    return promote(*(as_dtype(t, "numpy.promote_types") for t in (type1, type2)))


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The type that operands are combined in.

    Args:
        arrays_and_dtypes: tensors, numbers, dtypes or their names.

    Returns:
        A dtype.

    Raises:
        TypeError: one is none of these.
        ValueError: there is none.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.result_type("int32", mnp.float32)
        float32
    """
    subject = "numpy.result_type"
    if not arrays_and_dtypes:
        raise ValueError(explain(subject, given="nothing", expected="at least one"))

    def kind(x: Any) -> DType:
        if isinstance(x, (Tensor, bool, int, float, list, tuple, np.ndarray)):
            return tensor_of(x, subject).dtype
        return as_dtype(x, subject)

    return folded(promote, map(kind, arrays_and_dtypes))


# -- places --


def unravel_index(indices: Any, shape: Any, order: str = "C") -> tuple[Tensor, ...]:
    """The place along each axis of elements that are counted through.

    Args:
        indices: integers.
        shape: the shape.
        order: "C" if the last axis changes fastest, "F" if the first does.

    Returns:
        A tensor for each axis.

    Raises:
        TypeError: `indices` are not integers.
        ValueError: another order.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [x.item() for x in mnp.unravel_index(7, (3, 4))]
        [1, 3]
    """
    subject = "numpy.unravel_index"
    at = tensor_of(indices, subject)
    if not at.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{at.dtype} indices", expected="integers"))
    if order not in ("C", "F"):
        raise ValueError(explain(subject, given=f"order={order!r}", expected="'C' or 'F'"))
    sizes = shape_of(shape, subject)
    places = []
    for n in reversed(sizes) if order == "C" else sizes:
        places.append(ops.floor_mod(at, n))
        at = ops.floor_div(at, n)
    return tuple(reversed(places) if order == "C" else places)


def ravel_multi_index(multi_index: Any, dims: Any, mode: str = "clip", order: str = "C") -> Tensor:
    """The number of elements, counted through, from their place along each axis.

    Args:
        multi_index: integers for each axis.
        dims: the shape.
        mode: for places out of range: "clip" takes the nearest, "wrap" counts on from the other end.
        order: "C" if the last axis changes fastest, "F" if the first does.

    Returns:
        An int64 tensor.

    Raises:
        ValueError: another mode or order, or another number of axes.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.ravel_multi_index(([3, 6], [4, 5]), (7, 6)).tolist()
        [22, 41]
    """
    subject = "numpy.ravel_multi_index"
    sizes = shape_of(dims, subject)
    parts = list(ops.unbind(multi_index)) if isinstance(multi_index, Tensor) else list(multi_index)
    if mode not in ("clip", "wrap") or order not in ("C", "F") or len(parts) != len(sizes):
        raise ValueError(
            explain(
                subject,
                given=f"mode={mode!r}, order={order!r}, {len(parts)} places",
                expected=f"'clip' or 'wrap', 'C' or 'F', {len(sizes)} places",
            )
        )
    places = [_inside(subject, tensor_of(p, subject), n, mode) for p, n in zip(parts, sizes, strict=True)]
    pairs = list(zip(places, sizes, strict=True))
    total, _ = pairs[0] if order == "C" else pairs[-1]
    for place, n in pairs[1:] if order == "C" else reversed(pairs[:-1]):
        total = ops.add(ops.mul(total, n), place)
    return total


def choose(a: Any, choices: Any, mode: str = "clip") -> Tensor:
    """For each element the one of several tensors that an integer names.

    Args:
        a: integers.
        choices: tensors, or one whose slices they are; shapes broadcast.
        mode: for integers out of range: "clip" takes the nearest, "wrap" counts on from the other end, "raise"
            refuses.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        IndexError: an integer is out of range, with "raise".
        ValueError: there is no choice, or another mode.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.choose([1, 0], [[1, 2], [3, 4]]).tolist()
        [3, 2]
    """
    subject = "numpy.choose"
    parts = list(ops.unbind(choices)) if isinstance(choices, Tensor) else [tensor_of(c, subject) for c in choices]
    if not parts:
        raise ValueError(explain(subject, given="no choice", expected="at least one"))
    at = tensor_of(a, subject)
    parts = unified(subject, *parts)
    *parts, at = broadcast_arrays(*parts, at)
    at = _inside(subject, at, len(parts), mode)
    result = parts[0]
    for i, part in enumerate(parts):
        result = ops.where(ops.eq(at, i), part, result)
    return result


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Tensor:
    """Numbers on the lines between the points of a curve.

    Args:
        x: where they are wanted.
        xp: the points' places, in ascending order.
        fp: the points' heights.
        left: the height before the first point; default: that of the first.
        right: the height behind the last point; default: that of the last.

    Returns:
        A floating-point tensor of the shape of `x`.

    Raises:
        ValueError: `xp` and `fp` are not one axis of as many elements.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.interp([0.5, 9.0], [0.0, 1.0], [3.0, 5.0]).tolist()
        [4.0, 5.0]
    """
    subject = "numpy.interp"
    at, places, heights = unified(subject, *(tensor_of(t, subject) for t in (x, xp, fp)))
    at, places, heights = (t if t.dtype.is_inexact else cast(t, float32) for t in (at, places, heights))
    if places.ndim != 1 or places.shape != heights.shape or places.shape[0] == 0:
        raise ValueError(
            explain(subject, given=f"shapes {places.shape}, {heights.shape}", expected="one axis of as many elements")
        )
    n = int(places.shape[0])
    high = ops.clamp(searchsorted(places, at, "right"), min(1, n - 1), n - 1)
    low = ops.maximum(high - 1, 0)
    x0, x1, y0, y1 = (ops.gather(t, i, 0) for t in (places, heights) for i in (low, high))
    width = ops.where(ops.eq(x1, x0), 1.0, x1 - x0)
    result = y0 + (y1 - y0) * ((at - x0) / width)
    first, last = operand(heights[0] if left is None else left, subject), heights[n - 1] if right is None else right
    result = ops.where(ops.lt(at, places[0]), first, result)
    return ops.where(ops.gt(at, places[n - 1]), operand(last, subject), result)
