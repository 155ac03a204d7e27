"""Tensors with more elements around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamella import ops
from lamella.errors import explain
from lamella.numpy.arrays import tensor_of
from lamella.numpy.picking import apply_along_axis
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast
from lamella.ops.define.constants import constant, scalar
from lamella.tensor import Tensor

__all__ = [
    "pad",
]

# -- padding --

_MODES = ("constant", "edge", "empty", "linear_ramp", "reflect", "symmetric", "wrap")
_STATISTICS = ("maximum", "mean", "median", "minimum")


def pad(
    arr: Any,
    pad_width: Any,
    mode: Any = "constant",
    stat_length: Any = None,
    constant_values: Any = 0,
    end_values: Any = 0,
    reflect_type: str = "even",
    **kwargs: Any,
) -> Tensor:
    """A tensor with more elements around it.

    Args:
        arr: a tensor, or sequences of numbers.
        pad_width: how many before and after: an int, a pair, or a pair for each axis.
        mode: "constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric",
            "wrap", "empty", or a function of a line, the pair of widths, the axis and `kwargs`, that gives the line.
        stat_length: how many elements at each end count, for the statistics; default: all.
        constant_values: the numbers of "constant", given as `pad_width`.
        end_values: the outermost numbers of "linear_ramp", given as `pad_width`.
        reflect_type: "even", or "odd" for 2 edge - x in place of x.
        kwargs: for a function.

    Returns:
        A tensor.

    Raises:
        ValueError: another mode, or widths that do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.pad([1, 2], 1).tolist(), mnp.pad([1, 2, 3], (2, 0), "reflect").tolist()
        ([0, 1, 2, 0], [3, 2, 1, 2, 3])
    """
    subject = "numpy.pad"
    x = tensor_of(arr, subject)
    widths = _pairs(subject, "pad_width", pad_width, x.ndim)
    if any(isinstance(n, float) or n < 0 for pair in widths for n in pair):
        raise ValueError(explain(subject, given=f"pad_width={pad_width}", expected="ints of at least 0"))
    if callable(mode):
        return _padded_by(x, widths, mode, kwargs)
    if mode not in (*_MODES, *_STATISTICS):
        raise ValueError(explain(subject, given=f"mode={mode!r}", expected=", ".join((*_MODES, *_STATISTICS))))
    if reflect_type not in ("even", "odd"):
        raise ValueError(explain(subject, given=f"reflect_type={reflect_type!r}", expected="'even' or 'odd'"))
    values = _pairs(subject, "constant_values", constant_values, x.ndim)
    ends = _pairs(subject, "end_values", end_values, x.ndim)
    lengths = _pairs(subject, "stat_length", stat_length, x.ndim)
    for axis, (before, after) in enumerate(widths):
        if before == after == 0:
            continue
        if x.shape[axis] == 0 and mode not in ("constant", "empty"):
            raise ValueError(explain(subject, given=f"an empty axis {axis} with mode={mode!r}", expected="elements"))
        x = _padded(subject, x, axis, before, after, mode, values[axis], ends[axis], lengths[axis], reflect_type)
    return x


def _pairs(subject: str, name: str, given: Any, axes: int) -> list[tuple[Any, Any]]:
    """A pair for each axis, from a number, a pair, or pairs."""
    if isinstance(given, Tensor):
        given = given.tolist()
    if not isinstance(given, (tuple, list)):
        return [(given, given)] * axes
    rows = [tuple(row) if isinstance(row, (tuple, list)) else row for row in given]
    if rows and not any(isinstance(row, tuple) for row in rows):
        rows = [tuple(rows)] if len(rows) == 2 else [(row, row) for row in rows]
    rows = [row * 2 if len(row) == 1 else row for row in rows]
    if len(rows) == 1:
        rows = rows * axes
    if len(rows) != axes or any(len(row) != 2 for row in rows):
        raise ValueError(explain(subject, given=f"{name}={given}", expected=f"a number, a pair, or {axes} pairs"))
    return rows


def _padded(
    subject: str,
    x: Tensor,
    axis: int,
    before: int,
    after: int,
    mode: str,
    values: tuple[Any, Any],
    ends: tuple[Any, Any],
    lengths: tuple[Any, Any],
    reflect: str,
) -> Tensor:
    n = int(x.shape[axis])

    def repeated(part: Tensor, count: int) -> Tensor:
        shape = tuple(count if i == axis else m for i, m in enumerate(x.shape))
        return prims.broadcast_to(part, shape=shape)

    def number(value: Any) -> Tensor:
        return cast(as_tensor(value, x.dtype, subject), x.dtype)

    if mode in ("constant", "empty"):
        first, last = (number(v) for v in (values if mode == "constant" else (0, 0)))
        shape = x.shape
        sides = [
            prims.broadcast_to(v, shape=tuple(c if i == axis else m for i, m in enumerate(shape)))
            for v, c in ((first, before), (last, after))
        ]
        return prims.concat(sides[0], x, sides[1], axis=axis)
    if mode in ("edge", "linear_ramp"):
        edges = [prims.narrow(x, axis, 0, 1), prims.narrow(x, axis, n - 1, n)]
        if mode == "edge":
            return prims.concat(repeated(edges[0], before), x, repeated(edges[1], after), axis=axis)
        sides = []
        for edge, count, end, turned in ((edges[0], before, ends[0], False), (edges[1], after, ends[1], True)):
            share = np.arange(count) / max(count, 1)  # from the outermost number on
            share = share[::-1] if turned else share
            wide = edge if edge.dtype.is_inexact else cast(edge, ops.ones(()).dtype)
            part = constant(share.astype(wide.dtype.numpy).reshape([-1 if i == axis else 1 for i in range(x.ndim)]))
            ramp = prims.add(prims.mul(wide, part), prims.mul(number_like(end, wide), 1.0 - part))
            sides.append(cast(ops.floor(ramp), x.dtype) if not x.dtype.is_inexact else ramp)
        return prims.concat(sides[0], x, sides[1], axis=axis)
    if mode in ("reflect", "symmetric", "wrap"):
        return _mirrored(x, axis, before, after, mode, reflect)
    parts = []
    for length, count, front in ((lengths[0], before, True), (lengths[1], after, False)):
        taken = n if length is None else min(int(length), n)
        if taken < 1:
            raise ValueError(explain(subject, given=f"stat_length={length}", expected="at least 1"))
        part = prims.narrow(x, axis, 0, taken) if front else prims.narrow(x, axis, n - taken, n)
        parts.append(repeated(_statistic(part, axis, mode), count))
    return prims.concat(parts[0], x, parts[1], axis=axis)


def number_like(value: Any, like: Tensor) -> Tensor:
    """A number in the type of a tensor."""
    return cast(as_tensor(value, like.dtype, "numpy.pad"), like.dtype)


def _statistic(part: Tensor, axis: int, mode: str) -> Tensor:
    if mode in ("maximum", "minimum"):
        reduce = prims.reduce_max if mode == "maximum" else prims.reduce_min
        result = reduce(part, axes=(axis,))
        return prims.reshape(result, shape=tuple(1 if i == axis else n for i, n in enumerate(part.shape)))
    wide = part if part.dtype.is_inexact else cast(part, ops.ones(()).dtype)
    result = ops.mean(wide, axis, True) if mode == "mean" else ops.quantile(wide, 0.5, axis, True)
    return result if part.dtype.is_inexact else cast(ops.round(result), part.dtype)


def _mirrored(x: Tensor, axis: int, before: int, after: int, mode: str, reflect: str) -> Tensor:
    """Indices that go on beyond both ends, as the mode says."""
    n = int(x.shape[axis])
    places = np.arange(-before, n + after)
    if mode == "wrap":
        return prims.gather(x, constant(places % n), axis=axis)
    period = max(2 * n - 2, 1) if mode == "reflect" else 2 * n
    inner = places % period
    inner = np.minimum(inner, period - inner if mode == "reflect" else period - 1 - inner)
    result = prims.gather(x, constant(inner), axis=axis)
    if reflect == "even":
        return result
    # With "odd" each mirror turns the numbers about its edge: 2 edge - x, once more at every further mirror.
    shape = [-1 if i == axis else 1 for i in range(x.ndim)]
    step = n - 1 if mode == "reflect" else n
    if step == 0:
        return result
    crossings = places // step
    sign = constant(np.where(crossings % 2 == 0, 1, -1).astype(x.dtype.numpy).reshape(shape))
    first, last = prims.narrow(x, axis, 0, 1), prims.narrow(x, axis, n - 1, n)
    # After c mirrors the edges have moved on by c times their distance; mirrored numbers count from the other end.
    base_first = constant(np.where(crossings % 2 == 0, -crossings, 1 - crossings).astype(x.dtype.numpy).reshape(shape))
    base_last = constant(np.where(crossings % 2 == 0, crossings, crossings + 1).astype(x.dtype.numpy).reshape(shape))
    base = prims.add(prims.mul(first, base_first), prims.mul(last, base_last))
    return prims.add(prims.mul(result, sign), base)


def _padded_by(
    x: Tensor, widths: list[tuple[int, int]], function: Callable[..., Any], kwargs: dict[str, Any]
) -> Tensor:
    zero = scalar(0, x.dtype)
    low, high = tuple(a for a, _ in widths), tuple(b for _, b in widths)
    x = prims.pad(x, zero, low=low, high=high, interior=(0,) * x.ndim)
    for axis, pair in enumerate(widths):

        def line(vector: Tensor, pair: tuple[int, int] = pair, axis: int = axis) -> Tensor:
            return tensor_of(function(vector, pair, axis, kwargs), "numpy.pad")

        x = apply_along_axis(line, axis, x)
    return x
