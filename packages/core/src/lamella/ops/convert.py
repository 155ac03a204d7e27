"""From what users pass to what primitives take: conversion of numbers and arrays to tensors, and of types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.dims import Dim, DimSize, Shape
from lamella.dtypes import BY_NUMPY, DType, bool_, complex64, float32, int64, no_arithmetic, promote
from lamella.errors import explain
from lamella.ops.define.constants import constant, scalar
from lamella.ops.prims.elementwise import convert
from lamella.ops.prims.elementwise import wide as wide
from lamella.ops.prims.given import size_tensor
from lamella.tensor import Tensor, to_array

__all__ = ["as_tensor"]


def cast(x: Tensor, dtype: DType) -> Tensor:
    """`x` in the type that a function computes in; `x` itself if it has that type.

    Raises:
        TypeError: numbers are only stored in `x`'s type, or it is complex and `dtype` real numbers: who calls the
            function is to say what they shall become.
    """
    source = x.dtype
    if source is not dtype:
        if not source.computes:
            raise TypeError(no_arithmetic("implicit conversion", source))
        if source.is_complex and dtype.kind not in ("complex", "bool"):
            raise TypeError(
                explain(
                    "implicit conversion",
                    given=f"a {source} tensor for {dtype}",
                    expected="real numbers",
                    remedy="Take .real(), .imag() or .abs() first.",
                )
            )
    return convert(x, dtype)


def as_tensor(value: Any, like: DType | None = None, subject: str = "argument") -> Tensor:
    """A tensor from a tensor (itself), a number, a NumPy array or nested sequences.

    Args:
        value: what to convert; an open size of a graph counts as the int that it will be.
        like: the type of the tensor that a Python number is combined with; the number takes it if its kind allows
            (MindSpore's rule: an int keeps any number type, a float any floating-point or complex type; a complex
            number takes the complex type whose parts hold the tensor's numbers).
        subject: who asks, for the error message.

    Raises:
        TypeError: `value` is none of these.
    """
    if isinstance(value, Tensor):
        kind = value._number_kind
        return value if kind is None else cast(value, scalar_type(kind(), like, subject))
    if isinstance(value, (bool, int, float, complex)):
        return scalar(value, scalar_type(value, like, subject))
    if isinstance(value, (np.ndarray, np.generic, list, tuple)):
        return constant(to_array(value, None, subject))
    if isinstance(value, Dim):
        return cast(size_tensor(value), scalar_type(0, like, subject))
    raise TypeError(explain(subject, given=f"a {type(value).__name__}", expected="a Tensor, a number or a NumPy array"))


def scalar_type(value: int | float | complex, like: DType | None, subject: str) -> DType:
    """The type that a Python number takes beside a tensor of type `like`."""
    if isinstance(value, bool):
        return like or bool_
    if isinstance(value, float):
        return like if like is not None and like.is_inexact else float32
    if isinstance(value, complex):
        return complex64 if like is None else like.complex
    if like is None or like is bool_:
        return int64
    if like.is_integer:
        limits = np.iinfo(like.numpy)
        if not limits.min <= value <= limits.max:
            raise ValueError(
                explain(
                    subject,
                    given=f"the number {value} with a {like} tensor",
                    expected=f"a number from {limits.min} to {limits.max}",
                    remedy="Convert the tensor with .astype() first.",
                )
            )
    return like


def unified(subject: str, *operands: Any) -> list[Tensor]:
    """Operands as tensors of one element type, by MindSpore's implicit conversion table.

    Raises:
        TypeError: an operand is not numbers, or no type holds all of them.
        ValueError: a Python int is out of the range of the tensor type it takes.
    """
    if all(type(x) is Tensor for x in operands):
        first = operands[0].dtype
        if all(x.dtype is first for x in operands[1:]):
            return list(operands)
    kind: DType | None = None
    for x in operands:
        if isinstance(x, Tensor):
            dtype = x.dtype if x._number_kind is None else None
        else:
            dtype = BY_NUMPY.get(x.dtype) if isinstance(x, np.ndarray) else None
        if dtype is not None:
            kind = dtype if kind is None else promote(kind, dtype)
    tensors = [as_tensor(x, kind, subject) for x in operands]
    common = tensors[0].dtype
    for x in tensors[1:]:
        common = promote(common, x.dtype)
    return [cast(x, common) for x in tensors]


def floating(subject: str, *operands: Any) -> list[Tensor]:
    """As `unified`, with integers and bools as float32; complex numbers stay."""
    tensors = unified(subject, *operands)
    return tensors if tensors[0].dtype.is_inexact else [cast(x, float32) for x in tensors]


def axis_tuple(subject: str, axis: Any, ndim: int) -> tuple[int, ...]:
    """Axes as a tuple of ints in [0, ndim); None and () stand for all.

    Raises:
        TypeError: not an int, or a sequence of them.
        ValueError: an axis is out of range or named twice.
    """
    if axis is None or (isinstance(axis, Sequence) and not axis and not isinstance(axis, str)):
        return tuple(range(ndim))
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    result: list[int] = []
    for item in axes:
        if isinstance(item, bool) or not isinstance(item, (int, np.integer)):
            raise TypeError(explain(subject, given=f"axis={axis!r}", expected="an int or a tuple of ints"))
        if not -max(ndim, 1) <= item < max(ndim, 1):
            raise ValueError(
                explain(
                    subject, given=f"axis={axis} of a tensor with {ndim} axes", expected=f"-{ndim} <= axis < {ndim}"
                )
            )
        if ndim:
            result.append(int(item) % ndim)
    if len(set(result)) != len(result):
        raise ValueError(explain(subject, given=f"axis={axis}", expected="each axis once"))
    return tuple(result)


def one_axis(subject: str, axis: Any, ndim: int) -> int:
    """One axis as an int in [0, ndim).

    Raises:
        TypeError: not an int.
        ValueError: out of range.
    """
    if isinstance(axis, (tuple, list)):
        raise TypeError(explain(subject, given=f"axis={axis!r}", expected="one int"))
    if axis is None:
        raise TypeError(explain(subject, given="axis=None", expected="an int"))
    if ndim == 0:
        raise ValueError(explain(subject, given="a 0-d tensor", expected="at least one axis"))
    return axis_tuple(subject, axis, ndim)[0]


def sizes(subject: str, given: Any) -> Shape:
    """A shape as a tuple of ints and open sizes, from an int or a sequence (also a tensor) of them.

    Raises:
        TypeError: an item is not an integer.
        ValueError: an item is below -1.
    """
    items = given.asnumpy() if isinstance(given, Tensor) and given.shape else given
    result: list[DimSize] = []
    for item in items if isinstance(items, (tuple, list, np.ndarray)) else (items,):
        if isinstance(item, Dim):
            result.append(item)
            continue
        if isinstance(item, (bool, float, str)) or not hasattr(item, "__index__"):
            raise TypeError(explain(subject, given=f"shape {given!r}", expected="an int or a tuple of ints"))
        size = int(item.__index__())
        if size < -1:
            raise ValueError(explain(subject, given=f"shape {given!r}", expected="sizes of at least 0"))
        result.append(size)
    return tuple(result)


def known_sizes(subject: str, given: Any) -> Shape:
    """As `sizes`, without -1.

    Raises:
        TypeError: an item is not an integer.
        ValueError: an item is negative.
    """
    shape = sizes(subject, given)
    if any(size == -1 for size in shape):
        raise ValueError(explain(subject, given=f"shape {given!r}", expected="sizes of at least 0"))
    if math.prod(size for size in shape if isinstance(size, int)) >= 2**62:
        raise ValueError(explain(subject, given=f"shape {given!r}", expected="fewer than 2**62 elements"))
    return shape
