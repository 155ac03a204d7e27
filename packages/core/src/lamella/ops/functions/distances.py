"""Distances of points, products of vectors, and sums of products."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, one_axis, unified, wide
from lamella.ops.define.constants import constant, scalar
from lamella.ops.functions.products import _dot, _scaled_sum
from lamella.ops.functions.reduce import _vector_norm
from lamella.tensor import Tensor

__all__ = [
    "addbmm",
    "addmv",
    "addr",
    "batch_dot",
    "bias_add",
    "cdist",
    "cross",
    "dist",
    "kron",
    "pdist",
    "renorm",
]


def _degree(subject: str, p: Any, least: float = 0.0) -> float:
    if isinstance(p, bool) or not isinstance(p, (int, float)):
        raise TypeError(explain(subject, given=f"p={p!r}", expected="a number"))
    if not p >= least:
        raise ValueError(explain(subject, given=f"p={p}", expected=f"at least {least:g}"))
    return p


# -- distances --


def dist(input: Any, other: Any, p: Any = 2) -> Tensor:
    """The norm of the difference of two tensors.

    Args:
        input: tensor; integers are converted to float32.
        other: tensor; shapes broadcast.
        p: the norm's degree: a number of at least 0, or infinity.

    Returns:
        A tensor without axes.

    Raises:
        TypeError: `p` is not a number.
        ValueError: `p` is negative, or the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.dist(Tensor([0.0, 3.0]), Tensor([4.0, 0.0])).item()
        5.0
    """
    x, y = floating("ops.dist", input, other)
    off = prims.sub(wide(x), wide(y))
    axes = tuple(builtins.range(off.ndim))
    return cast(_vector_norm(off, _degree("ops.dist", p), axes, False), x.dtype.real)


def cdist(x1: Any, x2: Any, p: float = 2.0) -> Tensor:
    """The distance of each point of one tensor from each of another.

    Args:
        x1: floating-point tensor of shape (..., n, size).
        x2: floating-point tensor of shape (..., m, size); the first axes broadcast.
        p: the norm's degree: a number of at least 0, or infinity.

    Returns:
        A tensor of shape (..., n, m).

    Raises:
        TypeError: `p` is not a number.
        ValueError: `p` is negative, or shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cdist(Tensor([[0.0, 3.0]]), Tensor([[4.0, 0.0], [0.0, 3.0]])).asnumpy()
        array([[5., 0.]], dtype=float32)
    """
    subject = "ops.cdist"
    x, y = floating(subject, x1, x2)
    degree = _degree(subject, p)
    if x.ndim < 2 or y.ndim < 2 or x.shape[-1] != y.shape[-1]:
        raise ValueError(
            explain(subject, given=f"shapes {x.shape} and {y.shape}", expected="(..., n, size) and (..., m, size)")
        )
    dtype, x, y = x.dtype, wide(x), wide(y)
    rows = prims.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    columns = prims.reshape(y, shape=(*y.shape[:-2], 1, *y.shape[-2:]))
    off = prims.sub(rows, columns)
    if off.shape[-1] == 0:
        return cast(prims.reduce_sum(off, axes=(off.ndim - 1,)), dtype)
    return cast(_vector_norm(off, degree, (off.ndim - 1,), False), dtype)


def pdist(input: Any, p: float = 2.0) -> Tensor:
    """The distances of all pairs of points.

    Args:
        input: floating-point tensor of shape (..., n, size) of known n.
        p: the norm's degree: a number of at least 0, or infinity.

    Returns:
        Distances of shape (..., n (n - 1) / 2), of point 0 from 1, 2, ..., then of 1 from 2, 3, ...

    Raises:
        TypeError: `p` is not a number.
        ValueError: `p` is negative, or `input` has fewer than two axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.pdist(Tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])).asnumpy().round(4)
        array([5.    , 1.    , 4.2426], dtype=float32)
    """
    subject = "ops.pdist"
    (x,) = floating(subject, input)
    degree = _degree(subject, p)
    if x.ndim < 2:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="(..., n, size)"))
    first, second = np.triu_indices(int(x.shape[-2]), 1)
    dtype, x = x.dtype, wide(x)
    ends = [prims.gather(x, constant(places.astype(np.int64)), axis=x.ndim - 2) for places in (first, second)]
    return cast(_vector_norm(prims.sub(*ends), degree, (x.ndim - 1,), False), dtype)


def renorm(input: Any, p: Any, axis: int, maxnorm: Any) -> Tensor:
    """A tensor whose slices along an axis are made shorter where their norm exceeds a bound.

    Args:
        input: floating-point tensor of at least two axes.
        p: the norm's degree, above 0.
        axis: the axis.
        maxnorm: the bound, at least 0.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `p` or `maxnorm` is not a number.
        ValueError: one is out of range, or `input` has fewer than two axes.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.renorm(Tensor([[3.0, 4.0], [0.0, 1.0]]), 2, 0, 2.5).asnumpy().round(4)
        array([[1.5, 2. ],
               [0. , 1. ]], dtype=float32)
    """
    subject = "ops.renorm"
    (x,) = floating(subject, input)
    degree = _degree(subject, p)
    if degree == 0:
        raise ValueError(explain(subject, given="p=0", expected="a number above 0"))
    if isinstance(maxnorm, bool) or not isinstance(maxnorm, (int, float)):
        raise TypeError(explain(subject, given=f"maxnorm={maxnorm!r}", expected="a number"))
    if not maxnorm >= 0:
        raise ValueError(explain(subject, given=f"maxnorm={maxnorm}", expected="at least 0"))
    if x.ndim < 2:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected="at least two axes"))
    at = one_axis(subject, axis, x.ndim)
    others = tuple(i for i in builtins.range(x.ndim) if i != at)
    dtype, x = x.dtype, wide(x)
    norms = _vector_norm(x, degree, others, True)
    limit = scalar(float(maxnorm), x.dtype)
    long = prims.gt(norms, limit)
    factor = prims.div(limit, prims.select(long, norms + 1e-7, scalar(1, x.dtype)))
    return cast(prims.mul(x, prims.select(long, factor, scalar(1, x.dtype))), dtype)


# -- products --


def cross(input: Any, other: Any, dim: int | None = None) -> Tensor:
    """The cross product of vectors of three numbers.

    Args:
        input: tensor.
        other: tensor; shapes broadcast.
        dim: the axis of three elements; default: the first such axis.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: `dim` is not an int.
        ValueError: the axis has another size, or there is none.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.cross(Tensor([1.0, 0.0, 0.0]), Tensor([0.0, 1.0, 0.0])).asnumpy()
        array([0., 0., 1.], dtype=float32)
    """
    subject = "ops.cross"
    x, y = unified(subject, input, other)
    shape = prims.add(x, y).shape if x.shape != y.shape else x.shape
    x, y = (prims.broadcast_to(t, shape=shape) for t in (x, y))
    if dim is None or dim == -65530:  # what MindSpore documents as "the first axis of three"
        at = next((i for i, n in enumerate(shape) if n == 3), -1)
        if at < 0:
            raise ValueError(explain(subject, given=f"shape {shape}", expected="an axis of three elements"))
    else:
        at = one_axis(subject, dim, len(shape))
        if shape[at] != 3:
            raise ValueError(explain(subject, given=f"{shape[at]} elements along axis {dim}", expected="three"))
    xs, ys = ([prims.narrow(t, at, i, i + 1) for i in builtins.range(3)] for t in (x, y))
    parts = [prims.sub(prims.mul(xs[i], ys[j]), prims.mul(xs[j], ys[i])) for i, j in ((1, 2), (2, 0), (0, 1))]
    result: Tensor = prims.concat(*parts, axis=at)
    return result


def kron(input: Any, other: Any) -> Tensor:
    """Kronecker's product: each element of one tensor times the whole of another.

    Args:
        input: tensor.
        other: tensor; the one of fewer axes gets axes of size 1 in front.

    Returns:
        A tensor whose sizes are the products of both.

    Raises:
        TypeError: an operand is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.kron(Tensor([[1, 2]]), Tensor([[1, 10]])).asnumpy()
        array([[ 1, 10,  2, 20]])
    """
    x, y = unified("ops.kron", input, other)
    ndim = max(x.ndim, y.ndim)
    xs, ys = ((1,) * (ndim - t.ndim) + t.shape for t in (x, y))
    apart = prims.reshape(x, shape=tuple(n for size in xs for n in (size, 1)))
    each = prims.reshape(y, shape=tuple(n for size in ys for n in (1, size)))
    shape = tuple(n * m for n, m in zip(xs, ys, strict=True))
    result: Tensor = prims.reshape(prims.mul(apart, each), shape=shape)
    return result


def addr(x: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """Beta * x + alpha * outer(vec1, vec2).

    Args:
        x: tensor that broadcasts to (n, m).
        vec1: tensor of shape (n,).
        vec2: tensor of shape (m,).
        beta: factor of `x`.
        alpha: factor of the product.

    Returns:
        A tensor of shape (n, m).

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addr(Tensor([[1.0, 1.0]]), Tensor([2.0]), Tensor([3.0, 4.0])).asnumpy()
        array([[7., 9.]], dtype=float32)
    """
    column, row = unified("ops.addr", vec1, vec2)
    if column.ndim != 1 or row.ndim != 1:
        raise ValueError(explain("ops.addr", given=f"shapes {column.shape}, {row.shape}", expected="(n,) and (m,)"))
    column = prims.reshape(column, shape=(*column.shape, 1))
    return _scaled_sum("ops.addr", x, column, prims.reshape(row, shape=(1, *row.shape)), beta, alpha, 2, "(n,), (m,)")


def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """Beta * input + alpha * (mat @ vec).

    Args:
        input: tensor that broadcasts to (n,).
        mat: tensor of shape (n, m).
        vec: tensor of shape (m,).
        beta: factor of `input`.
        alpha: factor of the product.

    Returns:
        A tensor of shape (n,).

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.addmv(Tensor([1.0]), Tensor([[1.0, 2.0]]), Tensor([3.0, 4.0])).asnumpy()
        array([12.], dtype=float32)
    """
    matrix, vector = unified("ops.addmv", mat, vec)
    if matrix.ndim != 2 or vector.ndim != 1:
        raise ValueError(explain("ops.addmv", given=f"shapes {matrix.shape}, {vector.shape}", expected="(n, m), (m,)"))
    vector = prims.reshape(vector, shape=(*vector.shape, 1))
    rest = as_tensor(input, matrix.dtype, "ops.addmv")
    if rest.ndim > 1:
        raise ValueError(explain("ops.addmv", given=f"input of shape {rest.shape}", expected="one axis at most"))
    rest = prims.reshape(rest, shape=(*rest.shape, 1)) if rest.ndim else rest
    result = _scaled_sum("ops.addmv", rest, matrix, vector, beta, alpha, 2, "(n, m) and (m,)")
    shaped: Tensor = prims.reshape(result, shape=(result.shape[0],))
    return shaped


def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """Beta * input + alpha * the sum over a batch of batch1 @ batch2.

    Args:
        input: tensor that broadcasts to (n, m).
        batch1: tensor of shape (b, n, k).
        batch2: tensor of shape (b, k, m).
        beta: factor of `input`.
        alpha: factor of the sum.

    Returns:
        A tensor of shape (n, m).

    Raises:
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import ops
        >>> ops.addbmm(ops.ones((1, 1)), ops.ones((2, 1, 3)), ops.ones((2, 3, 1))).item()
        7.0
    """
    x, y = unified("ops.addbmm", batch1, batch2)
    if x.ndim != 3 or y.ndim != 3 or x.shape[0] != y.shape[0] or x.shape[2] != y.shape[1]:
        raise ValueError(
            explain("ops.addbmm", given=f"shapes {x.shape} and {y.shape}", expected="(b, n, k) and (b, k, m)")
        )
    # The sum over the batch is one product, over both axes.
    b, n, k = x.shape
    left = prims.reshape(prims.transpose(x, permutation=(1, 0, 2)), shape=(n, b * k))
    right = prims.reshape(y, shape=(b * k, y.shape[2]))
    return _scaled_sum("ops.addbmm", input, left, right, beta, alpha, 2, "(b, n, k) and (b, k, m)")


def batch_dot(x1: Any, x2: Any, axes: Any = None) -> Tensor:
    """The product of two tensors over one axis of each, for each element of a batch along axis 0.

    Args:
        x1: tensor of at least two axes.
        x2: tensor of at least two axes, with as many along axis 0.
        axes: the axis of each that is summed over: an int or two, not 0; default: the last of `x1`, and the last but
            one of `x2` (the last, if that is the batch).

    Returns:
        A tensor of the batch, the other axes of `x1` and those of `x2`; of two matrices of shape (batch, 1).

    Raises:
        TypeError: `axes` are not ints.
        ValueError: shapes do not fit, or an axis is that of the batch.

    Examples:
        >>> from lamella import ops
        >>> ops.batch_dot(ops.ones((2, 2, 3)), ops.ones((2, 3, 4))).shape
        (2, 2, 4)
    """
    subject = "ops.batch_dot"
    x, y = unified(subject, x1, x2)
    if x.ndim < 2 or y.ndim < 2 or x.shape[0] != y.shape[0]:
        raise ValueError(
            explain(subject, given=f"shapes {x.shape} and {y.shape}", expected="two axes or more, of one batch")
        )
    if axes is None:
        axes = (x.ndim - 1, max(y.ndim - 2, 1))
    pair = tuple(axes) if isinstance(axes, (tuple, list)) else (axes, axes)
    if len(pair) != 2:
        raise ValueError(explain(subject, given=f"axes={axes}", expected="an int, or two"))
    first, second = one_axis(subject, pair[0], x.ndim), one_axis(subject, pair[1], y.ndim)
    if first == 0 or second == 0:
        raise ValueError(explain(subject, given=f"axes={axes}", expected="axes other than that of the batch, 0"))
    if x.shape[first] != y.shape[second]:
        raise ValueError(
            explain(subject, given=f"{x.shape[first]} and {y.shape[second]} along axes {axes}", expected="equal sizes")
        )
    result = _dot(x, y, ((first,), (second,)), ((0,), (0,)))
    return prims.reshape(result, shape=(result.shape[0], 1)) if result.ndim == 1 else result


def bias_add(input_x: Any, bias: Any) -> Tensor:
    """A number added to each channel.

    Args:
        input_x: tensor of at least two axes, of which axis 1 counts channels.
        bias: tensor of one axis, a number for each channel.

    Returns:
        A tensor of the shape of `input_x`.

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.bias_add(Tensor([[1.0, 2.0]]), Tensor([10.0, 20.0])).asnumpy()
        array([[11., 22.]], dtype=float32)
    """
    subject = "ops.bias_add"
    x, each = unified(subject, input_x, bias)
    if x.ndim < 2 or each.shape != (x.shape[1],):
        raise ValueError(
            explain(subject, given=f"shapes {x.shape} and {each.shape}", expected="a number for each of axis 1")
        )
    result: Tensor = prims.add(x, prims.reshape(each, shape=(*each.shape, *(1,) * (x.ndim - 2))))
    return result
