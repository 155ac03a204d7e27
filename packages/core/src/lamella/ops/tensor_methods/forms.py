# ruff: noqa: D417 - `self` is the tensor
"""Methods of tensors whose signature differs from the function of the name."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast
from lamella.ops.functions import (
    create,
    cumulative,
    elementwise,
    extremes,
    gather_scatter,
    limits,
    linalg,
    rearrange,
    reduce,
    select,
)
from lamella.ops.functions import shape as shapes
from lamella.tensor import Tensor


def _unpacked(items: tuple[Any, ...]) -> Any:
    """Sizes or axes given one by one or as one sequence."""
    return items[0] if len(items) == 1 and not isinstance(items[0], int) else items


# -- shape --


def _reshape(self: Tensor, *shape: Any) -> Tensor:
    """`ops.reshape` with the sizes one by one, or as one tuple.

    Args:
        shape: the sizes; one may be -1.

    Examples:
        >>> from lamella import ops
        >>> ops.arange(6).reshape(2, -1).shape
        (2, 3)
    """
    return shapes.reshape(self, _unpacked(shape))


def _view(self: Tensor, *shape: Any) -> Tensor:
    """As `reshape`; not a view: a change of one is not seen in the other, so changing the result in place raises.

    Args:
        shape: the sizes; one may be -1.

    Examples:
        >>> from lamella import ops
        >>> ops.arange(6).view(2, -1).shape
        (2, 3)
    """
    return shapes.reshape(self, _unpacked(shape))


def _view_as(self: Tensor, other: Tensor) -> Tensor:
    """In the shape of another tensor of as many elements.

    Args:
        other: the tensor with the shape.

    Examples:
        >>> from lamella import ops
        >>> ops.arange(6).view_as(ops.zeros((2, 3))).shape
        (2, 3)
    """
    return shapes.reshape(self, as_tensor(other).shape)


def _flatten(self: Tensor, order: str = "C", *, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """`ops.flatten` of all axes, unless others are named.

    Args:
        order: "C": the last axis runs fastest; "F": the first.
        start_dim: first axis of those to merge.
        end_dim: last axis of those to merge.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((2, 3)).flatten().shape
        (6,)
    """
    return shapes.flatten(self, order, start_dim=start_dim, end_dim=end_dim)


def _transpose(self: Tensor, *axes: Any) -> Tensor:
    """The axes in another order, or in reverse order if none is named.

    Args:
        axes: for each axis of the result, the axis that it is; one by one, or as one tuple.

    Examples:
        >>> from lamella import ops
        >>> x = ops.zeros((2, 3, 4))
        >>> x.transpose().shape, x.transpose(0, 2, 1).shape
        ((4, 3, 2), (2, 4, 3))
    """
    order = _unpacked(axes)
    return rearrange.transpose(self, tuple(reversed(range(self.ndim))) if order is None or order == () else order)


def _permute(self: Tensor, *axis: Any) -> Tensor:
    """`ops.permute` with the axes one by one, or as one tuple.

    Args:
        axis: for each axis of the result, the axis that it is.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((2, 3, 4)).permute(0, 2, 1).shape
        (2, 4, 3)
    """
    return rearrange.permute(self, _unpacked(axis))


def _t(self: Tensor) -> Tensor:
    """A matrix with rows and columns exchanged.

    Raises:
        ValueError: the tensor has more than two axes.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((2, 3)).t().shape
        (3, 2)
    """
    if self.ndim > 2:
        raise ValueError(explain("Tensor.t", given=f"shape {self.shape}", expected="at most two axes"))
    return rearrange.transpose(self, tuple(reversed(range(self.ndim))))


def _expand(self: Tensor, *size: Any) -> Tensor:
    """`ops.broadcast_to` with the sizes one by one, or as one tuple.

    Args:
        size: the sizes; -1 keeps that of an axis.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((1, 3)).expand(2, -1).shape
        (2, 3)
    """
    return shapes.broadcast_to(self, _unpacked(size))


def _expand_as(self: Tensor, x: Tensor) -> Tensor:
    """`ops.broadcast_to` the shape of another tensor.

    Args:
        x: the tensor with the shape.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((1, 3)).expand_as(ops.zeros((2, 3))).shape
        (2, 3)
    """
    return shapes.broadcast_to(self, as_tensor(x).shape)


def _repeat(self: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    """Repeat each element, as NumPy's `repeat`; `tile` repeats the whole.

    Args:
        repeats: how often, an int or one for each element.
        axis: the axis along which to repeat; default: the flattened tensor.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).repeat(2).asnumpy()
        array([1, 1, 2, 2])
    """
    return rearrange.repeat_interleave(self, repeats, axis)


def _dim(self: Tensor) -> int:
    """Number of axes.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((2, 3)).dim()
        2
    """
    return self.ndim


def _diagonal(self: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """`ops.diagonal` with NumPy's names.

    Args:
        offset: how far above the main diagonal; negative is below.
        axis1: the axis of the rows.
        axis2: the axis of the columns.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).diagonal().asnumpy()
        array([1, 4])
    """
    return linalg.diagonal(self, offset, axis1, axis2)


def _new_zeros(self: Tensor, size: Any, *, dtype: Any = None) -> Tensor:
    """Zeros, by default in the type of the tensor.

    Args:
        size: shape, an int or a tuple of ints.
        dtype: type of the elements.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).new_zeros(3).asnumpy()
        array([0, 0, 0])
    """
    return create.zeros(size, self.dtype if dtype is None else dtype)


def _new_ones(self: Tensor, size: Any, *, dtype: Any = None) -> Tensor:
    """Ones, by default in the type of the tensor.

    Args:
        size: shape, an int or a tuple of ints.
        dtype: type of the elements.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).new_ones(3).asnumpy()
        array([1, 1, 1])
    """
    return create.ones(size, self.dtype if dtype is None else dtype)


def _fill(self: Tensor, value: Any) -> Tensor:
    """A tensor of the same shape and type with one number everywhere; `fill_` changes the tensor itself.

    Args:
        value: the number.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).fill(7).asnumpy()
        array([7, 7])
    """
    return create.full_like(self, value)


# -- reductions --


def _sum(self: Tensor, axis: Any = None, dtype: Any = None, keepdims: bool = False, initial: Any = None) -> Tensor:
    """`ops.sum` with NumPy's names.

    Args:
        axis: an axis or a tuple of axes; default: all.
        dtype: type to sum in; default int64 for bools and integers.
        keepdims: whether the axes stay, with size 1.
        initial: a number to start from.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).sum(axis=0).asnumpy()
        array([4, 6])
    """
    total = reduce.sum(self, axis, keepdims, dtype=dtype)
    return total if initial is None else elementwise.add(total, initial)


def _max(
    self: Tensor,
    axis: Any = None,
    keepdims: bool = False,
    *,
    initial: Any = None,
    where: Any = None,
    return_indices: bool = False,
) -> Any:
    """The largest element along axes: `ops.amax`, or `ops.max` if the indices are wanted.

    Args:
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bool tensor of the elements that take part; needs `initial`.
        return_indices: whether to give (values, indices); then `axis` is one.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 5], [7, 2]]).max(axis=1).asnumpy()
        array([5, 7])
    """
    extreme = extremes.max if return_indices else extremes.amax
    return extreme(self, axis, keepdims, initial=initial, where=None if where is True else where)


def _min(
    self: Tensor,
    axis: Any = None,
    keepdims: bool = False,
    *,
    initial: Any = None,
    where: Any = None,
    return_indices: bool = False,
) -> Any:
    """The smallest element along axes: `ops.amin`, or `ops.min` if the indices are wanted.

    Args:
        axis: an axis or a tuple of axes; default: all.
        keepdims: whether the axes stay, with size 1.
        initial: a number that takes part.
        where: bool tensor of the elements that take part; needs `initial`.
        return_indices: whether to give (values, indices); then `axis` is one.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 5], [7, 2]]).min(axis=1).asnumpy()
        array([1, 2])
    """
    extreme = extremes.min if return_indices else extremes.amin
    return extreme(self, axis, keepdims, initial=initial, where=None if where is True else where)


def _argmax(self: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """`ops.argmax` with NumPy's names.

    Args:
        axis: the axis; default: the flattened tensor.
        keepdims: whether the axis stays, with size 1.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 5], [7, 2]]).argmax(axis=1).asnumpy()
        array([1, 0])
    """
    return extremes.argmax(self, axis, keepdims)


def _logsumexp(self: Tensor, axis: Any, keepdims: bool = False) -> Tensor:
    """`ops.logsumexp` with NumPy's names.

    Args:
        axis: an axis or a tuple of axes; (): all.
        keepdims: whether the axes stay, with size 1.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1000.0, 1000.0]).logsumexp(0).item()
        1000.6931762695312
    """
    return reduce.logsumexp(self, axis, keepdims)


def _cumsum(self: Tensor, axis: int | None = None, dtype: Any = None) -> Tensor:
    """`ops.cumsum`; of the flattened tensor if no axis is named.

    Args:
        axis: the axis.
        dtype: type to sum in.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).cumsum().asnumpy()
        array([ 1,  3,  6, 10])
    """
    if axis is None:
        return cumulative.cumsum(shapes.ravel(self), 0, dtype)
    return cumulative.cumsum(self, axis, dtype)


# -- choosing --


def _where(self: Tensor, condition: Any, y: Any) -> Tensor:
    """The tensor's elements where a condition holds, those of `y` elsewhere.

    Args:
        condition: bool tensor.
        y: tensor or number; the three broadcast.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).where(Tensor([True, False]), 0).asnumpy()
        array([1, 0])
    """
    return select.where(condition, self, y)


def _select(self: Tensor, condition: Any, y: Any) -> Tensor:
    """As `where`.

    Args:
        condition: bool tensor.
        y: tensor or number; the three broadcast.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).select(Tensor([True, False]), 0).asnumpy()
        array([1, 0])
    """
    return select.select(condition, self, y)


def _take(self: Tensor, indices: Any, axis: int | None = None, mode: str = "clip") -> Tensor:
    """Slices along an axis, as NumPy's `take`.

    Args:
        indices: integer tensor or sequence.
        axis: the axis; default: the flattened tensor.
        mode: what an index out of range means: "clip": the nearest element; "wrap": counted round and round;
            "raise": an error.

    Raises:
        ValueError: `mode` is something else.
        IndexError: an index is out of range, in mode "raise".

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([10, 20, 30]).take(Tensor([0, 9])).asnumpy()
        array([10, 30])
    """
    if mode not in ("clip", "wrap", "raise"):
        raise ValueError(explain("Tensor.take", given=f"mode={mode!r}", expected="'clip', 'wrap' or 'raise'"))
    x, at = (shapes.ravel(self), 0) if axis is None else (self, axis)
    index = cast(as_tensor(indices, None, "Tensor.take"), int64)
    size = prims.size_tensor(x.shape[at])
    if mode == "clip":
        index = limits.clamp(index, 0, size - 1)
    elif mode == "wrap":
        index = elementwise.floor_mod(index, size)
    return gather_scatter.gather(x, index, at)
