"""Products of vectors, matrices and series, and norms."""

from __future__ import annotations

import builtins
from functools import reduce as folded
from itertools import pairwise
from typing import Any

from lamella import ops
from lamella.dtypes import float32
from lamella.errors import explain
from lamella.numpy.arrays import tensor_of, typed
from lamella.numpy.shapes import broadcast_arrays
from lamella.ops import prims
from lamella.ops.convert import cast, one_axis, unified, wide
from lamella.ops.define.constants import scalar
from lamella.ops.prims.complexes import conjugate
from lamella.tensor import Tensor

__all__ = [
    "convolve",
    "correlate",
    "cross",
    "dot",
    "inner",
    "kron",
    "matmul",
    "matrix_power",
    "multi_dot",
    "norm",
    "outer",
    "tensordot",
    "trace",
]

# -- products --


def _both(subject: str, a: Any, b: Any) -> list[Tensor]:
    return unified(subject, tensor_of(a, subject), tensor_of(b, subject))


def dot(a: Any, b: Any) -> Tensor:
    """The sum of products over the last axis of one tensor and the last but one of another.

    Args:
        a: a tensor, a number, or sequences of numbers.
        b: the other; of one axis its only one counts.

    Returns:
        A tensor of the other axes of both; of a number the product.

    Raises:
        ValueError: the sizes differ.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.dot([1, 2], [3, 4]).item()
        11
    """
    x, y = _both("numpy.dot", a, b)
    if not x.ndim or not y.ndim:
        return ops.mul(x, y)
    return _over("numpy.dot", x, y, (x.ndim - 1,), (max(y.ndim - 2, 0),))


def _over(subject: str, x: Tensor, y: Tensor, first: tuple[int, ...], second: tuple[int, ...]) -> Tensor:
    for i, j in zip(first, second, strict=True):
        if x.shape[i] != y.shape[j]:
            raise ValueError(
                explain(
                    subject, given=f"shapes {x.shape} and {y.shape}", expected=f"equal sizes along axes {i} and {j}"
                )
            )
    result: Tensor = prims.dot_general(x, y, contract=(first, second), batch=((), ()))
    return result


def matmul(x1: Any, x2: Any, dtype: Any = None) -> Tensor:
    """Matrix product.

    Args:
        x1: a tensor of shape (..., n, k); with one axis it is a row.
        x2: a tensor of shape (..., k, m); with one axis it is a column.
        dtype: type of the result.

    Returns:
        A tensor of shape (..., n, m), without the axes that were added.

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.matmul([[1, 2]], [[3], [4]]).tolist()
        [[11]]
    """
    result: Tensor = typed(ops.matmul(*_both("numpy.matmul", x1, x2)), dtype, "numpy.matmul")
    return result


def inner(a: Any, b: Any) -> Tensor:
    """The sum of products over the last axes.

    Args:
        a: a tensor, a number, or sequences of numbers.
        b: the other.

    Returns:
        A tensor of the other axes of both.

    Raises:
        ValueError: the sizes differ.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.inner([1, 2], [3, 4]).item()
        11
    """
    x, y = _both("numpy.inner", a, b)
    if not x.ndim or not y.ndim:
        return ops.mul(x, y)
    return _over("numpy.inner", x, y, (x.ndim - 1,), (y.ndim - 1,))


def outer(a: Any, b: Any) -> Tensor:
    """Each element of one flattened tensor times each of another.

    Args:
        a: a tensor, or sequences of numbers.
        b: the other.

    Returns:
        A tensor of two axes.

    Raises:
        TypeError: an argument is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.outer([1, 2], [3, 4]).tolist()
        [[3, 4], [6, 8]]
    """
    x, y = _both("numpy.outer", a, b)
    return ops.mul(ops.reshape(x, (-1, 1)), ops.reshape(y, (1, -1)))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Tensor:
    """The sum of products over several axes.

    Args:
        a: a tensor, or sequences of numbers.
        b: the other.
        axes: how many of the last axes of `a` and the first of `b`; or the axes of `a` and those of `b`.

    Returns:
        A tensor of the other axes of both.

    Raises:
        ValueError: the sizes differ, or an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.tensordot([[1, 2]], [[3, 4]], 2).item()
        11
    """
    subject = "numpy.tensordot"
    x, y = _both(subject, a, b)
    if isinstance(axes, int):
        if not 0 <= axes <= min(x.ndim, y.ndim):
            raise ValueError(explain(subject, given=f"axes={axes}", expected="no more than both have"))
        first, second = tuple(builtins.range(x.ndim - axes, x.ndim)), tuple(builtins.range(axes))
    else:
        pair = [tuple(part) if isinstance(part, (tuple, list)) else (part,) for part in axes]
        if len(pair) != 2 or len(pair[0]) != len(pair[1]):
            raise ValueError(explain(subject, given=f"axes={axes}", expected="as many axes of both"))
        first = tuple(one_axis(subject, axis, x.ndim) for axis in pair[0])
        second = tuple(one_axis(subject, axis, y.ndim) for axis in pair[1])
    return _over(subject, x, y, first, second)


def multi_dot(arrays: Any) -> Tensor:
    """The product of several matrices, in the order that takes the fewest multiplications (Cormen et al., 15.2).

    Args:
        arrays: at least two tensors of two axes; the first and the last may have one.

    Returns:
        A tensor.

    Raises:
        ValueError: there are fewer than two, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.multi_dot(([[1, 2]], [[1], [1]], [[3]])).tolist()
        [[9]]
    """
    subject = "numpy.multi_dot"
    parts = unified(subject, *(tensor_of(x, subject) for x in arrays))
    if len(parts) < 2:
        raise ValueError(explain(subject, given=f"{len(parts)} tensors", expected="at least two"))
    row, column = parts[0].ndim == 1, parts[-1].ndim == 1
    if row:
        parts[0] = ops.reshape(parts[0], (1, -1))
    if column:
        parts[-1] = ops.reshape(parts[-1], (-1, 1))
    for x, y in pairwise(parts):
        if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[0]:
            raise ValueError(
                explain(subject, given=f"shapes {x.shape} and {y.shape}", expected="matrices that can be multiplied")
            )
    sizes = [int(x.shape[0]) for x in parts] + [int(parts[-1].shape[1])]
    n = len(parts)
    cost = [[0] * n for _ in parts]
    cut = [[0] * n for _ in parts]
    for length in builtins.range(1, n):
        for i in builtins.range(n - length):
            j = i + length
            options = [
                (cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in builtins.range(i, j)
            ]
            cost[i][j], cut[i][j] = min(options)

    def product(i: int, j: int) -> Tensor:
        if i == j:
            return parts[i]
        return ops.matmul(product(i, cut[i][j]), product(cut[i][j] + 1, j))

    result = product(0, n - 1)
    shape = ([] if row else [result.shape[0]]) + ([] if column else [result.shape[1]])
    return ops.reshape(result, tuple(shape))


def matrix_power(a: Any, n: int) -> Tensor:
    """The product of a matrix with itself, several times.

    Args:
        a: a tensor [..., m, m].
        n: how often, at least 0 for integers.

    Returns:
        A tensor [..., m, m].

    Raises:
        ValueError: `a` are no square matrices.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.matrix_power([[1, 1], [0, 1]], 3).tolist()
        [[1, 3], [0, 1]]
    """
    subject = "numpy.matrix_power"
    x = tensor_of(a, subject)
    if x.dtype.is_inexact:
        return ops.matrix_power(x, n)
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="square matrices"))
    if isinstance(n, bool) or not isinstance(n, int) or n < 0:
        raise ValueError(explain(subject, given=f"n={n} of integers", expected="an int of at least 0"))
    unit = prims.broadcast_to(ops.eye(x.shape[-1], x.shape[-1], x.dtype), shape=x.shape)
    return folded(ops.matmul, [x] * n, unit)


def kron(a: Any, b: Any) -> Tensor:
    """Kronecker's product: each element of one tensor times the whole of another.

    Args:
        a: a tensor, or sequences of numbers.
        b: the other.

    Returns:
        A tensor whose sizes are the products of both.

    Raises:
        TypeError: an argument is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.kron([1, 2], [1, 10]).tolist()
        [1, 10, 2, 20]
    """
    return ops.kron(*_both("numpy.kron", a, b))


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    """The cross product of vectors of two or three numbers.

    Args:
        a: a tensor, or sequences of numbers.
        b: the other; other axes broadcast.
        axisa: the axis of the vectors of `a`.
        axisb: that of `b`.
        axisc: that of the result.
        axis: all three.

    Returns:
        A tensor of vectors of three numbers; of two vectors of two numbers only the third, without an axis.

    Raises:
        ValueError: a vector has another size, or an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.cross([1, 0, 0], [0, 1, 0]).tolist()
        [0, 0, 1]
    """
    subject = "numpy.cross"
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = _both(subject, a, b)
    x, y = ops.moveaxis(x, axisa, -1), ops.moveaxis(y, axisb, -1)
    if x.shape[-1] not in (2, 3) or y.shape[-1] not in (2, 3):
        raise ValueError(explain(subject, given=f"shapes {x.shape} and {y.shape}", expected="2 or 3 numbers"))
    flat = x.shape[-1] == y.shape[-1] == 2

    def whole(t: Tensor) -> Tensor:
        if t.shape[-1] == 3:
            return t
        none = (0,) * (t.ndim - 1)
        padded: Tensor = prims.pad(t, scalar(0, t.dtype), low=(*none, 0), high=(*none, 1), interior=(0,) * t.ndim)
        return padded

    x, y = whole(x), whole(y)
    x, y = broadcast_arrays(x, y)
    result = ops.cross(x, y, -1)
    if flat:
        return result[..., 2]
    return result if result.ndim == 1 else ops.moveaxis(result, -1, axisc)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Tensor:
    """The sum of the diagonal over two axes.

    Args:
        a: a tensor of at least two axes.
        offset: which diagonal; 0 is the main one.
        axis1: the axis of the rows.
        axis2: the axis of the columns.
        dtype: type to sum in.

    Returns:
        A tensor without the two axes.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.trace([[1, 2], [3, 4]]).item()
        5
    """
    subject = "numpy.trace"
    numbers = typed(ops.diagonal(tensor_of(a, subject), offset, axis1, axis2), dtype, subject)
    result: Tensor = prims.reduce_sum(numbers, axes=(numbers.ndim - 1,))
    return result


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Norm of a vector or a matrix.

    Args:
        x: a tensor, or sequences of numbers; integers are converted to float32.
        ord: for vectors a number, inf or -inf; for matrices "fro", "nuc", 1, -1, 2, -2, inf or -inf.
        axis: an axis or two; default: all.
        keepdims: whether the axes stay, with size 1.

    Returns:
        A tensor without the axes.

    Raises:
        ValueError: another `ord`, or `axis` does not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.norm([3.0, 4.0]).item()
        5.0
    """
    return ops.norm(tensor_of(x, "numpy.norm"), ord, axis, keepdims)


def correlate(a: Any, v: Any, mode: str = "valid") -> Tensor:
    """Sums of products of one series with another, at each place.

    Args:
        a: numbers of one axis.
        v: numbers of one axis.
        mode: "valid" where they overlap whole, "same" for as many places as the longer has, "full" for all.

    Returns:
        A tensor of one axis.

    Raises:
        ValueError: one has another number of axes or no element, or another mode.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.correlate([1.0, 2.0, 3.0], [0.0, 1.0]).tolist()
        [2.0, 3.0]
    """
    return _slid("numpy.correlate", a, v, mode, turned=False)


def convolve(a: Any, v: Any, mode: str = "full") -> Tensor:
    """As `correlate`, with the second series turned round.

    Args:
        a: numbers of one axis.
        v: numbers of one axis.
        mode: "full", "same" or "valid".

    Returns:
        A tensor of one axis.

    Raises:
        ValueError: one has another number of axes or no element, or another mode.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.convolve([1.0, 2.0], [1.0, 10.0]).tolist()
        [1.0, 12.0, 20.0]
    """
    return _slid("numpy.convolve", a, v, mode, turned=True)


def _slid(subject: str, a: Any, v: Any, mode: str, *, turned: bool) -> Tensor:
    x, y = _both(subject, a, v)
    if x.ndim != 1 or y.ndim != 1 or x.shape[0] == 0 or y.shape[0] == 0:
        raise ValueError(explain(subject, given=f"shapes {x.shape}, {y.shape}", expected="one axis with elements each"))
    if mode not in ("full", "same", "valid"):
        raise ValueError(explain(subject, given=f"mode={mode!r}", expected="'full', 'same' or 'valid'"))
    whole = not x.dtype.is_inexact
    kept = x.dtype
    x, y = (cast(t, float32) if whole else t for t in (x, y))
    y = y if turned else conjugate(y)
    exchanged = not y.shape[0] <= x.shape[0]
    if exchanged:  # the longer one is slid over; correlation then runs backwards
        x, y = y, x
    kernel = ops.flip(y, (0,)) if turned else y
    k = int(y.shape[0])
    before, after = {"valid": (0, 0), "full": (k - 1, k - 1), "same": (k // 2, (k - 1) // 2)}[mode]
    dtype = x.dtype
    image, weight = (wide(prims.reshape(t, shape=(1, 1, t.shape[0]))) for t in (x, kernel))
    result = prims.conv(image, weight, strides=(1,), padding=((before, after),), dilation=(1,), groups=1)
    line = cast(prims.reshape(result, shape=(result.shape[2],)), dtype)
    if exchanged and not turned:
        line = ops.flip(line, (0,))
    return cast(ops.round(line), kept) if whole else line
