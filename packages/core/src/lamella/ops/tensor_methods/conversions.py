# ruff: noqa: D417 - `self` is the tensor
"""Methods of tensors about type and place whose signature differs from the function of the name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella import plugins
from lamella.dtypes import BY_NAME, DType, as_dtype, bool_, float16, float32, float64, int16, int32, int64, uint8
from lamella.dtypes import bfloat16 as bfloat16_type
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.ops.convert import as_tensor, one_axis
from lamella.ops.prims.elementwise import convert as convert_to
from lamella.tensor import Tensor, wrap


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
    result = convert_to(self, as_dtype(dtype, "Tensor.astype"))
    return self.copy() if copy and result is self else result


def _to(self: Tensor, dtype: Any) -> Tensor:
    """Convert to another element type, or move to another device.

    Args:
        dtype: an element type; or the name of an installed device, outside graphs and transforms. Where there are
            several, a number tells which: "GPU:1".

    Raises:
        TypeError: it is neither.
        MissingPluginError: no device of that name is installed.
        ValueError: there is no device of that number.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.5]).to("float64").dtype, Tensor([1.5]).to("reference").device
        (float64, 'reference')
    """
    if not isinstance(dtype, str) or dtype in BY_NAME:
        return convert_to(self, as_dtype(dtype, "Tensor.to"))
    engine = current()
    if engine.builds or engine.parent is not None:
        raise TypeError(
            explain("Tensor.to", given=f"device {dtype!r} in a graph or transform", expected="to be called outside")
        )
    backend, ordinal = plugins.device(dtype)
    return wrap(backend.put(self._buffer("to()").plain().copy(), ordinal))


def _type_as(self: Tensor, other: Tensor) -> Tensor:
    """Convert to the element type of another tensor.

    Args:
        other: the tensor with the type.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.5]).type_as(Tensor([1])).dtype
        int64
    """
    return convert_to(self, as_tensor(other).dtype)


def _conversion(dtype: DType, name: str) -> Callable[[Tensor], Tensor]:
    def convert(self: Tensor) -> Tensor:
        return convert_to(self, dtype)

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
_double = _conversion(float64, "double")
_short = _conversion(int16, "short")
_byte = _conversion(uint8, "byte")


def _type(self: Tensor, dtype: Any = None) -> Any:
    """The name of the element type, or the tensor converted to another.

    Args:
        dtype: the type to convert to; without it, the name is given.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.5]).type(), Tensor([1.5]).type("int32").tolist()
        ('Float32', [1])
    """
    if dtype is not None:
        return convert_to(self, as_dtype(dtype, "Tensor.type"))
    name: str = self.dtype.name
    return (
        name.replace("uint", "UInt").replace("bfloat", "BFloat")
        if name[0] in "ub" and name != "bool"
        else name.capitalize()
    )


def _is_signed(self: Tensor) -> bool:
    """Whether the element type has negative numbers.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1]).is_signed(), Tensor([1], "uint8").is_signed()
        (True, False)
    """
    return self.dtype.kind in ("int", "float")


def _is_contiguous(self: Tensor) -> bool:
    """True: what a tensor shows is always in row-major order.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2]]).is_contiguous()
        True
    """
    return True


def _stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements neighbours along each axis, or one, are apart in row-major order.

    Args:
        dim: the axis; default: a list of all.

    Raises:
        ValueError: `dim` is out of range.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2, 3]]).stride(), Tensor([[1, 2, 3]]).stride(0)
        ([3, 1], 3)
    """
    steps: list[Any] = [1]
    for size in reversed(self.shape[1:]):
        steps.insert(0, steps[0] * size)
    steps = steps[: self.ndim]
    return steps if dim is None else steps[one_axis("Tensor.stride", dim, self.ndim)]


def _storage_offset(self: Tensor) -> int:
    """0: a tensor begins where its memory does.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).storage_offset()
        0
    """
    return 0


def _get_bytes(self: Tensor) -> bytes:
    """The elements' bytes, in row-major order.

    Examples:
        >>> from lamella import Tensor
        >>> len(Tensor([1, 2], "int16").get_bytes())
        4
    """
    return self.asnumpy().tobytes()


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
