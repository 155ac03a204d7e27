"""What functions of `lamella.numpy` take, and tensors of given numbers.

A tensor stays what it is. Lists, NumPy arrays and numbers become tensors of at most 32 bits: ints int32, floats
float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella import ops
from lamella.dtypes import BY_NUMPY, DType, as_dtype, float32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes
from lamella.ops.define.constants import constant
from lamella.tensor import Tensor

__all__ = [
    "array",
    "asarray",
    "asfarray",
    "copy",
    "empty",
    "empty_like",
    "full",
    "full_like",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

_NARROWER = {np.dtype(np.float64): np.float32, np.dtype(np.int64): np.int32, np.dtype(np.uint64): np.uint32}


def tensor_of(value: Any, subject: str = "argument") -> Tensor:
    """A tensor from a tensor (itself), a number, a NumPy array, or nested sequences of these.

    Args:
        value: what to convert.
        subject: who asks, for the error message.

    Raises:
        TypeError: `value` is none of these.
    """
    if isinstance(value, Tensor):
        return value
    if isinstance(value, (tuple, list)) and _holds_tensor(value):
        return ops.stack([tensor_of(item, subject) for item in value])
    if isinstance(value, (bool, int, float, np.ndarray, np.generic, tuple, list)):
        try:
            numbers = np.asarray(value)
        except ValueError as error:
            raise ValueError(explain(subject, given=f"{value!r}", expected="rows of equal lengths")) from error
        narrower = _NARROWER.get(numbers.dtype)
        if narrower is not None:
            if numbers.dtype.kind in "iu" and numbers.size:
                limits: Any = np.iinfo(np.dtype(narrower))
                if numbers.min() < limits.min or numbers.max() > limits.max:
                    raise ValueError(
                        explain(
                            subject,
                            given=f"integers up to {numbers.max()}",
                            expected="integers of 32 bits",
                            remedy="Pass a Tensor of dtype int64.",
                        )
                    )
            numbers = numbers.astype(narrower)
        if numbers.dtype in BY_NUMPY:
            return constant(numbers)
    raise TypeError(
        explain(subject, given=f"a {type(value).__name__}", expected="a Tensor, numbers or sequences of them")
    )


def _holds_tensor(value: Any) -> bool:
    return any(isinstance(item, Tensor) or (isinstance(item, (tuple, list)) and _holds_tensor(item)) for item in value)


def operand(value: Any, subject: str) -> Any:
    """As `tensor_of`, but numbers stay numbers, which take the type of what they are combined with."""
    return value if isinstance(value, (bool, int, float, complex)) else tensor_of(value, subject)


def floats_of(value: Any, subject: str) -> Tensor:
    """As `tensor_of`, with integers and bools as float32."""
    x = tensor_of(value, subject)
    return x if x.dtype.is_inexact else cast(x, float32)


def typed(result: Any, dtype: Any, subject: str) -> Any:
    """A result in the type that was asked for."""
    return result if dtype is None else cast(result, as_dtype(dtype, f"{subject}(dtype=…)"))


def shape_of(shape: Any, subject: str) -> tuple[Any, ...]:
    """A shape from an int, a tuple, or a tensor."""
    return known_sizes(subject, shape)


# -- from numbers --


def array(obj: Any, dtype: Any = None, copy: bool = True, ndmin: int = 0) -> Tensor:
    """A tensor from numbers.

    Args:
        obj: a tensor, a NumPy array, a number, or nested sequences.
        dtype: type of the result; default: that of a tensor, else int32, float32 or bool.
        copy: whether a tensor is copied.
        ndmin: how many axes there are at least; new ones come in front.

    Returns:
        A tensor.

    Raises:
        TypeError: `obj` is none of these.
        ValueError: `ndmin` is negative, or rows have different lengths.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.array([1, 2, 3]).dtype, mnp.array([1.5], ndmin=2).shape
        (int32, (1, 1))
    """
    if ndmin < 0:
        raise ValueError(explain("numpy.array", given=f"ndmin={ndmin}", expected="at least 0"))
    x = typed(tensor_of(obj, "numpy.array"), dtype, "numpy.array")
    if x.ndim < ndmin:
        x = prims.reshape(x, shape=(1,) * (ndmin - x.ndim) + x.shape)
    result: Tensor = x.copy() if copy and x is obj else x
    return result


def asarray(a: Any, dtype: Any = None) -> Tensor:
    """A tensor from numbers; as `array`, without a copy of a tensor.

    Args:
        a: a tensor, a NumPy array, a number, or nested sequences.
        dtype: type of the result.

    Returns:
        A tensor.

    Raises:
        TypeError: `a` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.asarray([1, 2, 3]).tolist()
        [1, 2, 3]
    """
    return array(a, dtype, copy=False)


def asfarray(a: Any, dtype: Any = float32) -> Tensor:
    """A floating-point tensor from numbers.

    Args:
        a: a tensor, a NumPy array, a number, or nested sequences.
        dtype: type of the result; float32 in place of an integer one.

    Returns:
        A tensor.

    Raises:
        TypeError: `a` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.asfarray([1, 2, 3]).tolist()
        [1.0, 2.0, 3.0]
    """
    chosen = float32 if dtype is None else as_dtype(dtype, "numpy.asfarray(dtype=…)")
    return array(a, chosen if chosen.is_inexact else float32, copy=False)


def copy(a: Any) -> Tensor:
    """A copy.

    Args:
        a: a tensor, a NumPy array, a number, or nested sequences.

    Returns:
        A tensor of its own.

    Raises:
        TypeError: `a` is none of these.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.copy([1, 2]).tolist()
        [1, 2]
    """
    return array(a)


# -- filled --


def zeros(shape: Any, dtype: Any = float32) -> Tensor:
    """A tensor of zeros.

    Args:
        shape: its shape, an int or a tuple.
        dtype: its type.

    Returns:
        A tensor.

    Raises:
        TypeError: `shape` is not ints.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.zeros((2, 2)).tolist()
        [[0.0, 0.0], [0.0, 0.0]]
    """
    return ops.zeros(shape, dtype or float32)


def ones(shape: Any, dtype: Any = float32) -> Tensor:
    """A tensor of ones.

    Args:
        shape: its shape, an int or a tuple.
        dtype: its type.

    Returns:
        A tensor.

    Raises:
        TypeError: `shape` is not ints.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.ones(2).tolist()
        [1.0, 1.0]
    """
    return ops.ones(shape, dtype or float32)


def empty(shape: Any, dtype: Any = float32) -> Tensor:
    """A tensor whose numbers mean nothing: zeros.

    Args:
        shape: its shape, an int or a tuple.
        dtype: its type.

    Returns:
        A tensor.

    Raises:
        TypeError: `shape` is not ints.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.empty((2, 3)).shape
        (2, 3)
    """
    return zeros(shape, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """A tensor of one number.

    Args:
        shape: its shape, an int or a tuple.
        fill_value: the number, or a tensor that broadcasts to the shape.
        dtype: its type; default: that of the number, int32, float32 or bool.

    Returns:
        A tensor.

    Raises:
        TypeError: `shape` is not ints.
        ValueError: a size is negative.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.full(2, 7).tolist()
        [7, 7]
    """
    subject = "numpy.full"
    number = typed(tensor_of(fill_value, subject), dtype, subject)
    result: Tensor = prims.broadcast_to(number, shape=shape_of(shape, subject))
    return result


def _like(subject: str, prototype: Any, value: Any, dtype: Any, shape: Any) -> Tensor:
    x = tensor_of(prototype, subject)
    chosen: DType = x.dtype if dtype is None else as_dtype(dtype, f"{subject}(dtype=…)")
    number = cast(as_tensor(value, chosen, subject), chosen)
    result: Tensor = prims.broadcast_to(number, shape=x.shape if shape is None else shape_of(shape, subject))
    return result


def zeros_like(a: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """Zeros in the shape and type of a tensor.

    Args:
        a: the tensor.
        dtype: another type.
        shape: another shape.

    Returns:
        A tensor.

    Raises:
        TypeError: `a` is no tensor or numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.zeros_like([1, 2]).tolist()
        [0, 0]
    """
    return _like("numpy.zeros_like", a, 0, dtype, shape)


def ones_like(a: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """Ones in the shape and type of a tensor.

    Args:
        a: the tensor.
        dtype: another type.
        shape: another shape.

    Returns:
        A tensor.

    Raises:
        TypeError: `a` is no tensor or numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.ones_like([1.5, 2]).tolist()
        [1.0, 1.0]
    """
    return _like("numpy.ones_like", a, 1, dtype, shape)


def empty_like(prototype: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """A tensor in the shape and type of another whose numbers mean nothing: zeros.

    Args:
        prototype: the tensor.
        dtype: another type.
        shape: another shape.

    Returns:
        A tensor.

    Raises:
        TypeError: `prototype` is no tensor or numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.empty_like([1, 2]).shape
        (2,)
    """
    return _like("numpy.empty_like", prototype, 0, dtype, shape)


def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Tensor:
    """One number in the shape and type of a tensor.

    Args:
        a: the tensor.
        fill_value: the number, converted to the type.
        dtype: another type.
        shape: another shape.

    Returns:
        A tensor.

    Raises:
        TypeError: `a` is no tensor or numbers.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.full_like([1, 2], 7).tolist()
        [7, 7]
    """
    subject = "numpy.full_like"
    x = tensor_of(a, subject)
    chosen = x.dtype if dtype is None else as_dtype(dtype, f"{subject}(dtype=…)")
    number = cast(tensor_of(fill_value, subject), chosen)
    result: Tensor = prims.broadcast_to(number, shape=x.shape if shape is None else shape_of(shape, subject))
    return result
