"""Functions that move elements: axes in another order, reversal, repetition."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import DimSize, product
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, axis_tuple, known_sizes, one_axis
from lamella.ops.functions.shape import _an_int, _view
from lamella.tensor import Tensor

__all__ = [
    "flip",
    "moveaxis",
    "movedim",
    "permute",
    "repeat_elements",
    "repeat_interleave",
    "roll",
    "swapaxes",
    "swapdims",
    "tile",
    "transpose",
]

# -- order of axes --


def transpose(input: Any, input_perm: Sequence[int]) -> Tensor:
    """The axes in another order.

    Args:
        input: any tensor.
        input_perm: for each axis of the result, the axis of `input` that it is.

    Returns:
        A tensor with the axes in that order.

    Raises:
        ValueError: not each axis stands once.

    Examples:
        >>> from lamella import ops
        >>> ops.transpose(ops.zeros((2, 3, 4)), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return _permuted("transpose", input, input_perm)


def permute(input: Any, axis: Sequence[int]) -> Tensor:
    """The axes in another order; as `transpose`.

    Args:
        input: any tensor.
        axis: for each axis of the result, the axis of `input` that it is.

    Returns:
        A tensor with the axes in that order.

    Raises:
        ValueError: not each axis stands once.

    Examples:
        >>> from lamella import ops
        >>> ops.permute(ops.zeros((2, 3, 4)), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return _permuted("permute", input, axis)


def _permuted(name: str, input: Any, axes: Any) -> Tensor:
    x = as_tensor(input, None, f"ops.{name}")
    if not isinstance(axes, (tuple, list)):
        raise TypeError(explain(f"ops.{name}", given=f"axes {axes!r}", expected="a tuple of ints"))
    order = axis_tuple(f"ops.{name}", axes, x.ndim) if axes else ()
    if len(order) != x.ndim:
        raise ValueError(explain(f"ops.{name}", given=f"axes {axes} of shape {x.shape}", expected="each axis once"))
    return _view(prims.transpose(x, permutation=order), name)


def swapaxes(input: Any, axis0: int, axis1: int) -> Tensor:
    """Two axes exchanged.

    Args:
        input: any tensor.
        axis0: one axis.
        axis1: the other.

    Returns:
        A tensor with the two exchanged.

    Raises:
        ValueError: an axis is out of range.

    Examples:
        >>> from lamella import ops
        >>> ops.swapaxes(ops.zeros((2, 3, 4)), 0, 2).shape
        (4, 3, 2)
    """
    x = as_tensor(input, None, "ops.swapaxes")
    a, b = (one_axis("ops.swapaxes", axis, x.ndim) for axis in (axis0, axis1))
    order = list(builtins.range(x.ndim))
    order[a], order[b] = b, a
    return _view(prims.transpose(x, permutation=tuple(order)), "swapaxes")


def moveaxis(x: Any, source: Any, destination: Any) -> Tensor:
    """Axes moved to other places; the rest keep their order.

    Args:
        x: any tensor.
        source: an axis or a tuple of axes.
        destination: where each goes in the result.

    Returns:
        A tensor with the axes moved.

    Raises:
        ValueError: an axis is out of range or named twice, or there are not as many destinations as sources.

    Examples:
        >>> from lamella import ops
        >>> ops.moveaxis(ops.zeros((2, 3, 4)), 0, -1).shape
        (3, 4, 2)
    """
    tensor = as_tensor(x, None, "ops.moveaxis")
    start, end = (axis_tuple("ops.moveaxis", axis, tensor.ndim) if axis != () else () for axis in (source, destination))
    if len(start) != len(end):
        raise ValueError(
            explain("ops.moveaxis", given=f"{source} to {destination}", expected="a destination for each source")
        )
    order = [axis for axis in builtins.range(tensor.ndim) if axis not in start]
    for to, axis in sorted(zip(end, start, strict=True)):
        order.insert(to, axis)
    return _view(prims.transpose(tensor, permutation=tuple(order)), "moveaxis")


movedim = moveaxis
swapdims = swapaxes


def tile(input: Any, multiples: Any) -> Tensor:
    """Repeat the whole tensor along its axes.

    Args:
        input: any tensor.
        multiples: how often along each axis; more of them than axes add axes in front.

    Returns:
        A tensor whose sizes are those of `input` times `multiples`.

    Raises:
        ValueError: a multiple is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.tile(Tensor([1, 2]), (2, 2)).asnumpy()
        array([[1, 2, 1, 2],
               [1, 2, 1, 2]])
    """
    x = as_tensor(input, None, "ops.tile")
    counts = known_sizes("ops.tile", multiples)
    counts = (1,) * (x.ndim - len(counts)) + counts
    shape = (1,) * (len(counts) - x.ndim) + tuple(x.shape)
    apart = tuple(n for size in shape for n in (1, size))
    spread = tuple(n for pair in zip(counts, shape, strict=True) for n in pair)
    repeated = prims.broadcast_to(prims.reshape(x, shape=apart), shape=spread)
    result: Tensor = prims.reshape(repeated, shape=tuple(n * m for n, m in zip(counts, shape, strict=True)))
    return result


def repeat_interleave(input: Any, repeats: Any, axis: int | None = None) -> Tensor:
    """Repeat each element.

    Args:
        input: any tensor.
        repeats: how often: an int, or one for each element along the axis.
        axis: the axis along which to repeat; default: the flattened tensor.

    Returns:
        A tensor that is longer along the axis.

    Raises:
        TypeError: a repeat is not an int.
        ValueError: a repeat is negative, or there are not as many as elements.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.repeat_interleave(Tensor([1, 2]), 2).asnumpy()
        array([1, 1, 2, 2])
    """
    return _repeated("ops.repeat_interleave", input, repeats, axis)


def repeat_elements(x: Any, rep: int, axis: int = 0) -> Tensor:
    """Repeat each element along an axis, as NumPy's `repeat` does.

    Args:
        x: any tensor.
        rep: how often.
        axis: the axis along which to repeat.

    Returns:
        A tensor that is `rep` times as long along the axis.

    Raises:
        TypeError: `rep` is not an int.
        ValueError: `rep` is negative, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.repeat_elements(Tensor([[1, 2]]), 2, 1).asnumpy()
        array([[1, 1, 2, 2]])
    """
    return _repeated("ops.repeat_elements", x, rep, axis)


def _repeated(subject: str, input: Any, repeats: Any, axis: int | None) -> Tensor:
    x = as_tensor(input, None, subject)
    if axis is None:
        x, at = prims.reshape(x, shape=(product(x.shape),)), 0
    else:
        at = one_axis(subject, axis, x.ndim)
    counts = known_sizes(subject, repeats)
    if len(counts) == 1:
        count = counts[0]
        apart = prims.reshape(x, shape=(*x.shape[: at + 1], 1, *x.shape[at + 1 :]))
        spread = prims.broadcast_to(apart, shape=(*x.shape[: at + 1], count, *x.shape[at + 1 :]))
        result: Tensor = prims.reshape(spread, shape=(*x.shape[:at], x.shape[at] * count, *x.shape[at + 1 :]))
        return result
    if len(counts) != x.shape[at]:
        raise ValueError(
            explain(subject, given=f"{len(counts)} repeats for {x.shape[at]} elements", expected="one for each")
        )
    index = np.repeat(np.arange(len(counts)), np.array(counts, np.int64))
    gathered: Tensor = prims.gather(x, as_tensor(index), axis=at)
    return gathered


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
