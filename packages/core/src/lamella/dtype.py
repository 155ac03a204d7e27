"""MindSpore's `dtype`: the element types, groups of them, other names of theirs, and what they are in Python and NumPy.

from lamella import dtype as mstype
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella import dtypes
from lamella.dtypes import *  # noqa: F403 - every type there is
from lamella.dtypes import BY_NUMPY, DType, as_dtype
from lamella.errors import explain

Type = DType

#: The types by what they are.
all_types = dtypes.ALL
number_type = tuple(dtype for dtype in all_types if dtype.kind != "bool")
int_type = tuple(dtype for dtype in all_types if dtype.kind == "int")
uint_type = tuple(dtype for dtype in all_types if dtype.kind == "uint")
float_type = tuple(dtype for dtype in all_types if dtype.kind == "float")
signed_type = tuple(dtype for dtype in number_type if dtype.kind != "uint")

#: Other names, as in NumPy and C.
byte, short, intc, intp, long = (as_dtype(name) for name in ("int8", "int16", "int32", "int64", "int64"))
ubyte, ushort, uintc, uintp = (as_dtype(name) for name in ("uint8", "uint16", "uint32", "uint64"))
half, single, double = (as_dtype(name) for name in ("float16", "float32", "float64"))

_PYTHON = {"bool": bool, "int": int, "uint": int, "float": float, "complex": complex}


def _known(subject: str, type_: Any) -> DType:
    if not isinstance(type_, DType):
        raise TypeError(explain(subject, given=repr(type_), expected="an element type, such as lamella.float32"))
    return type_


def dtype_to_nptype(type_: DType) -> type[Any]:
    """The class of NumPy's numbers of a type.

    Args:
        type_: the type.

    Raises:
        TypeError: it is none.

    Examples:
        >>> import lamella as ms
        >>> ms.dtype_to_nptype(ms.int8)
        <class 'numpy.int8'>
    """
    found: type[Any] = _known("dtype_to_nptype", type_).numpy.type
    return found


def dtype_to_pytype(type_: DType) -> type[Any]:
    """The class of Python's numbers of a type.

    Args:
        type_: the type.

    Raises:
        TypeError: it is none.

    Examples:
        >>> import lamella as ms
        >>> ms.dtype_to_pytype(ms.int8)
        <class 'int'>
    """
    return _PYTHON[_known("dtype_to_pytype", type_).kind]


def pytype_to_dtype(obj: Any) -> DType:
    """The type of a class of Python's or NumPy's numbers; of float it is float64, which holds all of them.

    Args:
        obj: the class.

    Raises:
        TypeError: it is no class, or not of numbers that tensors can have.

    Examples:
        >>> import lamella as ms
        >>> ms.pytype_to_dtype(float), ms.pytype_to_dtype(bool)
        (float64, bool)
    """
    if not isinstance(obj, type):
        raise TypeError(explain("pytype_to_dtype", given=repr(obj), expected="a class, such as int"))
    try:
        return BY_NUMPY[np.dtype(obj)]
    except (KeyError, TypeError):
        expected = "a class of numbers, such as int"
        raise TypeError(explain("pytype_to_dtype", given=obj.__name__, expected=expected)) from None


def get_py_obj_dtype(obj: Any) -> DType:
    """The type of a number or tensor, or that of a class of numbers.

    Args:
        obj: the number, tensor or class.

    Raises:
        TypeError: it is none of these.

    Examples:
        >>> import lamella as ms
        >>> ms.get_py_obj_dtype(3), ms.get_py_obj_dtype(ms.Tensor([1.0]))
        (int64, float32)
    """
    found = getattr(obj, "dtype", None)
    if isinstance(found, DType):
        return found
    return pytype_to_dtype(obj if isinstance(obj, type) else type(obj))
