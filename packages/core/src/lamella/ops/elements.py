"""Functions that move and choose elements: reversal, padding, selection, slices."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

from lamella.dims import Dim, DimSize, product
from lamella.dtypes import bool_, promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.array import _an_int, _view
from lamella.ops.promote import as_tensor, axis_tuple, known_sizes, one_axis, sizes, unified
from lamella.ops.promote import cast as converted
from lamella.tensor import Tensor

# -- moving elements --


def flip(input: Any, dims: Any) -> Tensor:
    """The elements in reverse order along axes.

    Args:
        input: any tensor.
        dims: an axis or a tuple of axes.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        ValueError: an axis is out of range or named twice.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.flip(Tensor([1, 2, 3]), 0).asnumpy()
        array([3, 2, 1])
    """
    x = as_tensor(input, None, "ops.flip")
    axes = axis_tuple("ops.flip", dims, x.ndim) if dims != () else ()
    return _view(prims.flip(x, axes=axes), "flip")


def roll(input: Any, shifts: Any, dims: Any = None) -> Tensor:
    """The elements moved along axes; what falls off one end comes in at the other.

    Args:
        input: any tensor.
        shifts: how far; an int, or one for each of `dims`.
        dims: an axis or a tuple of axes; default: the flattened tensor.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: a shift is not an int.
        ValueError: an axis is out of range, or there are not as many shifts as axes.

    Examples:
        >>> from lamella import ops
        >>> ops.roll(ops.arange(5), 2).asnumpy()
        array([3, 4, 0, 1, 2])
    """
    x = as_tensor(input, None, "ops.roll")
    moves = [_an_int("ops.roll", "shifts", s) for s in (shifts if isinstance(shifts, (tuple, list)) else (shifts,))]
    if dims is None:
        if len(moves) != 1:
            raise ValueError(explain("ops.roll", given=f"shifts {shifts} and no dims", expected="one shift"))
        flat = _rolled(prims.reshape(x, shape=(product(x.shape),)), moves[0], 0)
        result: Tensor = prims.reshape(flat, shape=x.shape)
        return result
    axes = [one_axis("ops.roll", axis, x.ndim) for axis in (dims if isinstance(dims, (tuple, list)) else (dims,))]
    if len(moves) != len(axes):
        raise ValueError(explain("ops.roll", given=f"shifts {shifts}, dims {dims}", expected="a shift for each axis"))
    for shift, axis in zip(moves, axes, strict=True):
        x = _rolled(x, shift, axis)
    return x if axes else x.copy()


def _rolled(x: Tensor, shift: int, axis: int) -> Tensor:
    size = x.shape[axis]
    if size == 0:
        return x.copy()
    cut: DimSize = (size - shift) % size if isinstance(size, int) else (-shift if shift < 0 else size - shift)
    before, after = prims.narrow(x, axis, 0, cut), prims.narrow(x, axis, cut, size)
    result: Tensor = prims.concat(after, before, axis=axis)
    return result


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

# -- choosing --


def where(condition: Any, x: Any, y: Any) -> Tensor:
    """Elements of `x` where a condition holds, of `y` elsewhere.

    Args:
        condition: bool tensor; of numbers, what is not 0 counts as true.
        x: tensor or number.
        y: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([-1.0, 2.0])
        >>> ops.where(x > 0, x, 0).asnumpy()
        array([0., 2.], dtype=float32)
    """
    return _chosen("ops.where", condition, x, y)


def select(cond: Any, x: Any, y: Any) -> Tensor:
    """Elements of `x` where a condition holds, of `y` elsewhere; as `where`.

    Args:
        cond: bool tensor.
        x: tensor or number.
        y: tensor or number; the three broadcast.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.select(Tensor([True, False]), Tensor([1, 2]), Tensor([3, 4])).asnumpy()
        array([1, 4])
    """
    return _chosen("ops.select", cond, x, y)


def _chosen(subject: str, condition: Any, x: Any, y: Any) -> Tensor:
    chosen = converted(as_tensor(condition, None, subject), bool_)
    first, second = unified(subject, x, y)
    result: Tensor = prims.select(chosen, first, second)
    return result


def masked_fill(input_x: Any, mask: Any, value: Any) -> Tensor:
    """One number where a mask is true, the tensor's elements elsewhere.

    Args:
        input_x: any tensor.
        mask: bool tensor; broadcasts with `input_x`.
        value: number or 0-d tensor, converted to the type of `input_x`.

    Returns:
        A tensor of the broadcast shape.

    Raises:
        TypeError: `mask` is not bool, or `value` is a float and `input_x` has none.
        ValueError: the shapes do not broadcast, or `value` is not one number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.masked_fill(Tensor([1.0, 2.0]), Tensor([True, False]), 0).asnumpy()
        array([0., 2.], dtype=float32)
    """
    x = as_tensor(input_x, None, "ops.masked_fill")
    chosen = as_tensor(mask, None, "ops.masked_fill")
    if chosen.dtype is not bool_:
        raise TypeError(explain("ops.masked_fill", given=f"a {chosen.dtype} mask", expected="a bool tensor"))
    number = as_tensor(value, x.dtype, "ops.masked_fill")
    if number.ndim:
        raise ValueError(explain("ops.masked_fill", given=f"a value of shape {number.shape}", expected="one number"))
    if number.dtype.is_float and not x.dtype.is_float:
        raise TypeError(explain("ops.masked_fill", given=f"a float for a {x.dtype} tensor", expected="an integer"))
    result: Tensor = prims.select(chosen, converted(number, x.dtype), x)
    return result


# -- slices --


def slice(input_x: Any, begin: Any, size: Any) -> Tensor:
    """A box of elements.

    Args:
        input_x: any tensor.
        begin: for each axis, where it begins.
        size: for each axis, how long it is; -1 is to the end.

    Returns:
        A tensor of shape `size`.

    Raises:
        ValueError: the box does not lie in the tensor, or an axis has no begin or size.

    Examples:
        >>> from lamella import ops
        >>> ops.slice(ops.reshape(ops.arange(6), (2, 3)), (0, 1), (2, -1)).asnumpy()
        array([[1, 2],
               [4, 5]])
    """
    x = as_tensor(input_x, None, "ops.slice")
    starts, counts = known_sizes("ops.slice", begin), sizes("ops.slice", size)
    if not len(starts) == len(counts) == x.ndim:
        raise ValueError(
            explain(
                "ops.slice", given=f"begin {begin}, size {size} of shape {x.shape}", expected="one of each per axis"
            )
        )
    stops = tuple(
        n if isinstance(count, int) and count == -1 else start + count
        for start, count, n in zip(starts, counts, x.shape, strict=True)
    )
    return _view(prims.slice_(x, starts=starts, stops=stops, strides=(1,) * x.ndim), "slice")


def strided_slice(
    input_x: Any,
    begin: Sequence[int],
    end: Sequence[int],
    strides: Sequence[int],
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
) -> Tensor:
    """`x[begin:end:strides]`, an index for each axis; masks say by their bits what an item means instead.

    Args:
        input_x: any tensor.
        begin: for each axis, the first index.
        end: for each axis, the index before which to stop.
        strides: for each axis, the step.
        begin_mask: bits of the items whose `begin` is left out.
        end_mask: bits of the items whose `end` is left out.
        ellipsis_mask: the bit of the item that stands for all axes not named.
        new_axis_mask: bits of the items that add an axis of size 1.
        shrink_axis_mask: bits of the items that are the index `begin`, which drops the axis.

    Returns:
        The slice.

    Raises:
        IndexError: there are more items than axes.
        ValueError: a stride is 0, or there are not as many of each.

    Examples:
        >>> from lamella import ops
        >>> ops.strided_slice(ops.arange(6), (1,), (6,), (2,)).asnumpy()
        array([1, 3, 5])
    """
    x = as_tensor(input_x, None, "ops.strided_slice")
    if not len(begin) == len(end) == len(strides):
        raise ValueError(
            explain(
                "ops.strided_slice", given=f"begin {begin}, end {end}, strides {strides}", expected="as many of each"
            )
        )
    index: list[Any] = []
    for i, (start, stop, step) in enumerate(zip(begin, end, strides, strict=True)):
        bit = 1 << i
        if ellipsis_mask & bit:
            index.append(Ellipsis)
        elif new_axis_mask & bit:
            index.append(None)
        elif shrink_axis_mask & bit:
            index.append(start)
        else:
            low, high = (None if begin_mask & bit else start), (None if end_mask & bit else stop)
            index.append(builtins.slice(low, high, step))
    return x[tuple(index)]


def narrow(input: Any, axis: int, start: int, length: int) -> Tensor:
    """A part of one axis.

    Args:
        input: any tensor.
        axis: the axis.
        start: where the part begins.
        length: how long it is.

    Returns:
        A tensor of size `length` along the axis.

    Raises:
        ValueError: the part does not lie in the axis.

    Examples:
        >>> from lamella import ops
        >>> ops.narrow(ops.arange(6), 0, 2, 3).asnumpy()
        array([2, 3, 4])
    """
    x = as_tensor(input, None, "ops.narrow")
    at = one_axis("ops.narrow", axis, x.ndim)
    first, count = known_sizes("ops.narrow", (start, length))
    return _view(prims.narrow(x, at, first, first + count), "narrow")
