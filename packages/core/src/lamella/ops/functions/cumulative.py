"""Running sums, products and extremes, differences and integrals, along an axis."""

from __future__ import annotations

import builtins
from typing import Any

from lamella.dtypes import as_dtype, int32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, floating, one_axis, unified
from lamella.ops.define.constants import scalar
from lamella.ops.functions.reduce import _numbers
from lamella.ops.functions.shape import _an_int
from lamella.tensor import Tensor

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "diff", "logcumsumexp", "trapz"]


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


def cummax(input: Any, axis: int) -> tuple[Tensor, Tensor]:
    """Running maximum along an axis, and where it stands.

    Args:
        input: tensor of numbers with at least one axis.
        axis: the axis.

    Returns:
        Values (NaN from the first NaN on) of the shape of `input`, and int64 indices along the axis, of equal ones the
        latest.

    Raises:
        TypeError: `input` is bool.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.cummax(Tensor([1, 3, 2]), 0)
        >>> values.asnumpy(), indices.asnumpy()
        (array([1, 3, 3]), array([0, 1, 1]))
    """
    x = as_tensor(input, None, "ops.cummax")
    values, indices = prims.cummax(x, axis=one_axis("ops.cummax", axis, x.ndim))
    return values, indices


def cummin(input: Any, axis: int) -> tuple[Tensor, Tensor]:
    """Running minimum along an axis, and where it stands.

    Args:
        input: tensor of numbers with at least one axis.
        axis: the axis.

    Returns:
        Values (NaN from the first NaN on) of the shape of `input`, and int32 indices along the axis, of equal ones the
        latest.

    Raises:
        TypeError: `input` is bool.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> values, indices = ops.cummin(Tensor([3, 1, 2]), 0)
        >>> values.asnumpy(), indices.asnumpy()
        (array([3, 1, 1]), array([0, 1, 1], dtype=int32))
    """
    x = as_tensor(input, None, "ops.cummin")
    values, indices = prims.cummin(x, axis=one_axis("ops.cummin", axis, x.ndim))
    return values, cast(indices, int32)


def logcumsumexp(input: Any, axis: int) -> Tensor:
    """Logarithm of the running sum of exponentials along an axis, without overflow.

    Args:
        input: floating-point tensor with at least one axis.
        axis: the axis.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `axis` is not an int.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logcumsumexp(Tensor([0.0, 0.0]), 0).asnumpy()
        array([0.       , 0.6931472], dtype=float32)
    """
    (x,) = floating("ops.logcumsumexp", input)
    result: Tensor = prims.logcumsumexp(x, axis=one_axis("ops.logcumsumexp", axis, x.ndim), reverse=False)
    return result


def trapz(y: Any, x: Any = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """Integral along an axis by the trapezoidal rule.

    Args:
        y: tensor of the function's values.
        x: where they were taken: a tensor of the shape of `y`, or of the axis's size alone; default: `dx` apart.
        dx: the distance of neighbours, where `x` is None.
        dim: the axis.

    Returns:
        A floating-point tensor without the axis.

    Raises:
        TypeError: `dx` is not a number.
        ValueError: `dim` is out of range, or the shape of `x` does not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.trapz(Tensor([1.0, 2.0, 3.0])).item()
        4.0
    """
    (values,) = floating("ops.trapz", y)
    at = one_axis("ops.trapz", dim, values.ndim)
    if isinstance(dx, bool) or not isinstance(dx, (int, float)):
        raise TypeError(explain("ops.trapz", given=f"dx={dx!r}", expected="a number"))
    size = values.shape[at]
    if size == 0:
        nothing: Tensor = prims.reduce_sum(values, axes=(at,))
        return nothing
    sums = prims.add(prims.narrow(values, at, 1, size), prims.narrow(values, at, 0, size - 1))
    if x is None:
        widths = scalar(float(dx), sums.dtype)
    else:
        sums, places = floating("ops.trapz", sums, x)
        if places.ndim == 1 and values.ndim > 1 and places.shape[0] == size:
            places = prims.reshape(places, shape=tuple(size if i == at else 1 for i in builtins.range(values.ndim)))
        fits = places.ndim == values.ndim and places.shape[at] == size
        if not fits or any(n not in (1, m) for n, m in zip(places.shape, values.shape, strict=True)):
            raise ValueError(
                explain("ops.trapz", given=f"x {places._type} for y {values._type}", expected="a place for each value")
            )
        widths = prims.sub(prims.narrow(places, at, 1, size), prims.narrow(places, at, 0, size - 1))
    result: Tensor = prims.reduce_sum(prims.mul(sums, widths), axes=(at,))
    return result / 2


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
