"""Elements added at the ends of axes."""

from __future__ import annotations

import builtins
from typing import Any

from lamella.dims import Dim, DimSize
from lamella.dtypes import promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor
from lamella.ops.convert import cast as converted
from lamella.ops.functions.shape import _an_int
from lamella.tensor import Tensor

__all__ = ["pad"]


def pad(input_x: Any, padding: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """Add elements at the ends of axes.

    Args:
        input_x: any tensor.
        padding: (before, after) of the last axis, then of the one before it, and so on; negative crops in "constant".
        mode: "constant": with `value`; "reflect": mirrored without repeating the edge; "replicate": the edge;
            "circular": from the other end.
        value: number for "constant"; default 0.

    Returns:
        A tensor with larger axes.

    Raises:
        TypeError: `padding` is not ints.
        ValueError: `padding` is no list of pairs or has too many, `mode` is something else, or more is asked for
            than there is to mirror.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.pad(Tensor([1, 2, 3]), (1, 2)).asnumpy()
        array([0, 1, 2, 3, 0, 0])
        >>> ops.pad(Tensor([1, 2, 3]), (2, 1), mode="reflect").asnumpy()
        array([3, 2, 1, 2, 3, 2])
    """
    x = as_tensor(input_x, None, "ops.pad")
    given = padding.tolist() if isinstance(padding, Tensor) else padding
    if not isinstance(given, (tuple, list)):
        raise TypeError(explain("ops.pad", given=f"padding={padding!r}", expected="a tuple of ints"))
    amounts = [n if isinstance(n, Dim) else _an_int("ops.pad", "padding", n) for n in given]
    if len(amounts) % 2 or len(amounts) > 2 * x.ndim:
        raise ValueError(
            explain(
                "ops.pad", given=f"padding={padding!r} of shape {x.shape}", expected="a pair for each of the last axes"
            )
        )
    pairs = {x.ndim - 1 - i: (amounts[2 * i], amounts[2 * i + 1]) for i in builtins.range(len(amounts) // 2)}
    if mode == "constant":
        low = tuple(pairs.get(axis, (0, 0))[0] for axis in builtins.range(x.ndim))
        high = tuple(pairs.get(axis, (0, 0))[1] for axis in builtins.range(x.ndim))
        fill = as_tensor(0 if value is None else value, x.dtype, "ops.pad")
        kind = promote(x.dtype, fill.dtype)
        result: Tensor = prims.pad(
            converted(x, kind), converted(fill, kind), low=low, high=high, interior=(0,) * x.ndim
        )
        return result
    if mode not in _MODES:
        expected = "'constant', 'reflect', 'replicate' or 'circular'"
        raise ValueError(explain("ops.pad", given=f"mode={mode!r}", expected=expected))
    if value is not None:
        raise ValueError(explain("ops.pad", given=f"value={value!r} with mode={mode!r}", expected="no value"))
    for axis, (before, after) in pairs.items():
        if before != 0 or after != 0:
            x = _MODES[mode](x, axis, before, after)
    return x if x is not input_x else x.copy()


def _check_pad(x: Tensor, axis: int, before: DimSize, after: DimSize, most: DimSize) -> None:
    if not (before >= 0 and after >= 0 and before <= most and after <= most):
        raise ValueError(
            explain("ops.pad", given=f"padding {(before, after)} of size {x.shape[axis]}", expected=f"0 to {most}")
        )


def _pad_reflect(x: Tensor, axis: int, before: DimSize, after: DimSize) -> Tensor:
    size = x.shape[axis]
    _check_pad(x, axis, before, after, size - 1)
    left = prims.flip(prims.narrow(x, axis, 1, 1 + before), axes=(axis,))
    right = prims.flip(prims.narrow(x, axis, size - 1 - after, size - 1), axes=(axis,))
    result: Tensor = prims.concat(left, x, right, axis=axis)
    return result


def _pad_replicate(x: Tensor, axis: int, before: DimSize, after: DimSize) -> Tensor:
    size = x.shape[axis]
    if size == 0 or not (before >= 0 and after >= 0):
        raise ValueError(
            explain("ops.pad", given=f"padding {(before, after)} of size {size}", expected="0 or more, of an edge")
        )

    def edge(at: DimSize, count: DimSize) -> Tensor:
        shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
        result: Tensor = prims.broadcast_to(prims.narrow(x, axis, at, at + 1), shape=shape)
        return result

    result: Tensor = prims.concat(edge(0, before), x, edge(size - 1, after), axis=axis)
    return result


def _pad_circular(x: Tensor, axis: int, before: DimSize, after: DimSize) -> Tensor:
    size = x.shape[axis]
    _check_pad(x, axis, before, after, size)
    left, right = prims.narrow(x, axis, size - before, size), prims.narrow(x, axis, 0, after)
    result: Tensor = prims.concat(left, x, right, axis=axis)
    return result


_MODES = {"reflect": _pad_reflect, "replicate": _pad_replicate, "circular": _pad_circular}
