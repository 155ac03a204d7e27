# ruff: noqa: D417 - `self` is the tensor
"""Methods of tensors about shape, type and place whose signature differs from the function of the name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella import plugins
from lamella.dtypes import BY_NAME, DType, as_dtype, bool_, float16, float32, int32, int64
from lamella.dtypes import bfloat16 as bfloat16_type
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.ops import (
    array,
    creation,
    linalg,
)
from lamella.ops.promote import as_tensor, cast
from lamella.tensor import Tensor, wrap


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
    return array.reshape(self, _unpacked(shape))


def _view(self: Tensor, *shape: Any) -> Tensor:
    """As `reshape`; not a view: a change of one is not seen in the other, so changing the result in place raises.

    Args:
        shape: the sizes; one may be -1.

    Examples:
        >>> from lamella import ops
        >>> ops.arange(6).view(2, -1).shape
        (2, 3)
    """
    return array.reshape(self, _unpacked(shape))


def _view_as(self: Tensor, other: Tensor) -> Tensor:
    """In the shape of another tensor of as many elements.

    Args:
        other: the tensor with the shape.

    Examples:
        >>> from lamella import ops
        >>> ops.arange(6).view_as(ops.zeros((2, 3))).shape
        (2, 3)
    """
    return array.reshape(self, as_tensor(other).shape)


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
    return array.flatten(self, order, start_dim=start_dim, end_dim=end_dim)


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
    return array.transpose(self, tuple(reversed(range(self.ndim))) if order is None or order == () else order)


def _permute(self: Tensor, *axis: Any) -> Tensor:
    """`ops.permute` with the axes one by one, or as one tuple.

    Args:
        axis: for each axis of the result, the axis that it is.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((2, 3, 4)).permute(0, 2, 1).shape
        (2, 4, 3)
    """
    return array.permute(self, _unpacked(axis))


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
    return array.transpose(self, tuple(reversed(range(self.ndim))))


def _expand(self: Tensor, *size: Any) -> Tensor:
    """`ops.broadcast_to` with the sizes one by one, or as one tuple.

    Args:
        size: the sizes; -1 keeps that of an axis.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((1, 3)).expand(2, -1).shape
        (2, 3)
    """
    return array.broadcast_to(self, _unpacked(size))


def _expand_as(self: Tensor, x: Tensor) -> Tensor:
    """`ops.broadcast_to` the shape of another tensor.

    Args:
        x: the tensor with the shape.

    Examples:
        >>> from lamella import ops
        >>> ops.zeros((1, 3)).expand_as(ops.zeros((2, 3))).shape
        (2, 3)
    """
    return array.broadcast_to(self, as_tensor(x).shape)


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
    return array.repeat_interleave(self, repeats, axis)


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


# -- type and place --


def _astype(self: Tensor, dtype: Any, copy: bool = True) -> Tensor:
    """Convert to another element type.

    Args:
        dtype: the type.
        copy: whether the result is a tensor of its own even if the type is the same.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.5]).astype("int32").asnumpy()
        array([1], dtype=int32)
    """
    result = cast(self, as_dtype(dtype, "Tensor.astype"))
    return self.copy() if copy and result is self else result


def _to(self: Tensor, dtype: Any) -> Tensor:
    """Convert to another element type, or move to another device.

    Args:
        dtype: an element type; or the name of an installed device, outside graphs and transforms.

    Raises:
        TypeError: it is neither.
        MissingPluginError: no device of that name is installed.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.5]).to("float64").dtype, Tensor([1.5]).to("reference").device
        (float64, 'reference')
    """
    if not isinstance(dtype, str) or dtype in BY_NAME:
        return cast(self, as_dtype(dtype, "Tensor.to"))
    engine = current()
    if engine.builds or engine.parent is not None:
        raise TypeError(
            explain("Tensor.to", given=f"device {dtype!r} in a graph or transform", expected="to be called outside")
        )
    return wrap(plugins.backend(dtype).put(self._buffer("to()").plain().copy()))


def _type_as(self: Tensor, other: Tensor) -> Tensor:
    """Convert to the element type of another tensor.

    Args:
        other: the tensor with the type.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.5]).type_as(Tensor([1])).dtype
        int64
    """
    return cast(self, as_tensor(other).dtype)


def _conversion(dtype: DType, name: str) -> Callable[[Tensor], Tensor]:
    def convert(self: Tensor) -> Tensor:
        return cast(self, dtype)

    convert.__name__ = convert.__qualname__ = name
    convert.__doc__ = f"""Convert to {dtype}.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1]).{name}().dtype
        {dtype}
    """
    return convert


_half = _conversion(float16, "half")
_float = _conversion(float32, "float")
_bfloat16 = _conversion(bfloat16_type, "bfloat16")
_int = _conversion(int32, "int")
_long = _conversion(int64, "long")
_bool = _conversion(bool_, "bool")


def _is_floating_point(self: Tensor) -> bool:
    """Whether the elements are floats.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0]).is_floating_point()
        True
    """
    return self.dtype.is_float


def _contiguous(self: Tensor) -> Tensor:
    """The tensor itself: what a tensor shows is always in row-major order.

    Examples:
        >>> from lamella import Tensor
        >>> x = Tensor([1.0])
        >>> x.contiguous() is x
        True
    """
    return self


def _value(self: Tensor) -> Tensor:
    """A tensor of its own with the same value.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).value().asnumpy()
        array([1, 2])
    """
    return self.copy()


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
    return creation.zeros(size, self.dtype if dtype is None else dtype)


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
    return creation.ones(size, self.dtype if dtype is None else dtype)


def _fill(self: Tensor, value: Any) -> Tensor:
    """A tensor of the same shape and type with one number everywhere; `fill_` changes the tensor itself.

    Args:
        value: the number.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).fill(7).asnumpy()
        array([7, 7])
    """
    return creation.full_like(self, value)
