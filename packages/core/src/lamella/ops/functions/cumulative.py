"""Running sums and products, and differences, along an axis."""

from __future__ import annotations

import builtins
from typing import Any

from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import cast, one_axis, unified
from lamella.ops.functions.reduce import _numbers
from lamella.ops.functions.shape import _an_int
from lamella.tensor import Tensor

__all__ = ["cumprod", "cumsum", "diff"]


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
