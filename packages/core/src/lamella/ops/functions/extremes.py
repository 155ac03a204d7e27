"""The largest and smallest elements, and where they are."""

from __future__ import annotations

import builtins
from typing import Any

from lamella.dims import product
from lamella.dtypes import bool_, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, cast, one_axis
from lamella.ops.define.constants import scalar
from lamella.ops.functions.reduce import _kept, _reduced
from lamella.tensor import Tensor

__all__ = ["amax", "amin", "argmax", "argmin", "max", "min", "reduce_max", "reduce_min"]


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
