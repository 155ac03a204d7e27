"""Data types: one object for each, its NumPy twin, and MindSpore's implicit conversion table.

Reference for the table: MindSpore r1.11, "Operation operators and implicit conversion". It orders the types as
bool < uint8 < int8 < int16 < int32 < int64 < float16 < float32 < float64; the exceptions are spelled out in
`promote`. MindSpore 2.10 puts complex64 < complex128 behind them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final, Literal

import ml_dtypes
import numpy as np

from lamella.errors import explain

Kind = Literal["bool", "int", "uint", "float", "complex"]


class DType:
    """The type of a tensor's elements. There is one object for each type: compare with `is` or `==`.

    Attributes:
        name: "float32" and the like.
        kind: "bool", "int", "uint", "float" or "complex".
        itemsize: bytes an element takes in the memory of the host.
        numpy: the `numpy.dtype` with the same numbers.
        bits: bits that tell the numbers of the type apart; a device may store as few.
        computes: whether primitives compute in it. The others are to store numbers in: `cast` and `quantize` lead to
            them, `cast` and `dequantize` back, and nothing else takes them.
    """

    __slots__ = ("bits", "computes", "itemsize", "kind", "name", "numpy")

    def __init__(self, name: str, kind: Kind, numpy_type: Any, bits: int = 0, computes: bool = True) -> None:
        self.name: Final = name
        self.kind: Final[Kind] = kind
        self.numpy: Final[np.dtype[Any]] = np.dtype(numpy_type)
        self.itemsize: Final[int] = self.numpy.itemsize
        self.bits: Final[int] = bits or 8 * self.itemsize
        self.computes: Final[bool] = computes

    @property
    def is_float(self) -> bool:
        """Whether this is a floating-point type that is computed in."""
        return self.kind == "float" and self.computes

    @property
    def is_complex(self) -> bool:
        """Whether this is a type of complex numbers."""
        return self.kind == "complex"

    @property
    def is_inexact(self) -> bool:
        """Whether numbers of this type vary smoothly, as floats and complex numbers do: they have derivatives."""
        return self.kind in ("float", "complex") and self.computes

    @property
    def real(self) -> DType:
        """The type of the real and imaginary parts of a complex type; any other type itself.

        Examples:
            >>> complex64.real, float16.real
            (float32, float16)
        """
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    @property
    def complex(self) -> DType:
        """The complex type whose parts hold a real type's numbers; a complex type itself.

        Examples:
            >>> int8.complex, float64.complex
            (complex64, complex128)
        """
        return self if self.kind == "complex" else complex128 if self.name == "float64" else complex64

    @property
    def is_integer(self) -> bool:
        """Whether this is a signed or unsigned integer type that is computed in; bool is not one."""
        return self.kind in ("int", "uint") and self.computes

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest number of an integer type."""
        signed = self.kind == "int"
        return -(1 << self.bits - 1) if signed else 0, (1 << self.bits - signed) - 1

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


bool_: Final = DType("bool", "bool", np.bool_)
int8: Final = DType("int8", "int", np.int8)
int16: Final = DType("int16", "int", np.int16)
int32: Final = DType("int32", "int", np.int32)
int64: Final = DType("int64", "int", np.int64)
uint8: Final = DType("uint8", "uint", np.uint8)
uint16: Final = DType("uint16", "uint", np.uint16)
uint32: Final = DType("uint32", "uint", np.uint32)
uint64: Final = DType("uint64", "uint", np.uint64)
float16: Final = DType("float16", "float", np.float16)
bfloat16: Final = DType("bfloat16", "float", ml_dtypes.bfloat16)
float32: Final = DType("float32", "float", np.float32)
float64: Final = DType("float64", "float", np.float64)
complex64: Final = DType("complex64", "complex", np.complex64)
complex128: Final = DType("complex128", "complex", np.complex128)

int4: Final = DType("int4", "int", ml_dtypes.int4, bits=4, computes=False)
uint4: Final = DType("uint4", "uint", ml_dtypes.uint4, bits=4, computes=False)
float8_e4m3fn: Final = DType("float8_e4m3fn", "float", ml_dtypes.float8_e4m3fn, computes=False)
float8_e5m2: Final = DType("float8_e5m2", "float", ml_dtypes.float8_e5m2, computes=False)

#: The types that are computed in.
ALL: Final[tuple[DType, ...]] = (
    bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float16, bfloat16, float32, float64,
    complex64, complex128,
)  # fmt: skip
FLOATS: Final = tuple(d for d in ALL if d.is_float)
COMPLEX: Final = tuple(d for d in ALL if d.is_complex)
INTEGERS: Final = tuple(d for d in ALL if d.is_integer)
#: The types whose numbers have an order.
ORDERED: Final = tuple(d for d in ALL if not d.is_complex)
#: Those that numbers are only stored in.
STORAGE: Final = (int4, uint4, float8_e4m3fn, float8_e5m2)

BY_NAME: Final[dict[str, DType]] = {d.name: d for d in (*ALL, *STORAGE)}
BY_NUMPY: Final[dict[np.dtype[Any], DType]] = {d.numpy: d for d in (*ALL, *STORAGE)}

_PYTHON: Final[dict[Any, DType]] = {bool: bool_, int: int64, float: float32, complex: complex128}


def as_dtype(given: Any, subject: str = "dtype") -> DType:
    """The `DType` for a Lamella or NumPy type, its name, or a Python type: bool, int, float (float32) or complex.

    Args:
        given: what names the type.
        subject: who asks, for the error message.

    Raises:
        TypeError: `given` names no type that tensors can have.

    Examples:
        >>> as_dtype("float32"), as_dtype(np.int8), as_dtype(float)
        (float32, int8, float32)
    """
    if type(given) is DType:
        return given
    try:
        if given in _PYTHON:
            return _PYTHON[given]
        if isinstance(given, str) and given in BY_NAME:
            return BY_NAME[given]
        if given is not None:  # NumPy takes None for float64
            return BY_NUMPY[np.dtype(given)]
    except (KeyError, TypeError, ValueError):
        pass
    names = ", ".join(BY_NAME)
    raise TypeError(explain(subject, given=repr(given), expected=f"one of {names}"))


def no_arithmetic(subject: str, dtype: DType) -> str:
    """The words for an operand of a type that numbers are only stored in."""
    return explain(
        subject,
        given=f"a tensor of {dtype}, in which numbers are only stored",
        expected="a type to compute in",
        remedy="Convert it with .astype() or ops.dequantize first.",
    )


@cache
def promote(x: DType, y: DType) -> DType:
    """The type that an operation of an `x` tensor and a `y` tensor computes in.

    MindSpore's rule: the wider type of the stronger kind (bool < integers < floats). Where signed and unsigned
    integers meet, the narrowest signed type that holds both. uint16, uint32 and uint64 meet nothing but bool in
    MindSpore; here they follow the same rule, and uint64 with a signed type is an error. float16 with bfloat16
    gives float32, the narrowest type that holds both. A complex type with another gives the complex type whose parts
    hold both.

    Raises:
        TypeError: no integer type holds both, or one is for storage only.

    Examples:
        >>> promote(int64, float16), promote(uint8, int8), promote(float16, bfloat16), promote(complex64, float64)
        (float16, int16, float32, complex128)
    """
    if x is y:
        return x
    for dtype in (x, y):
        if not dtype.computes:
            raise TypeError(no_arithmetic("implicit conversion", dtype))
    if x.is_complex or y.is_complex:
        return complex128 if complex128 in (x.complex, y.complex) else complex64
    strength = {"bool": 0, "int": 1, "uint": 1, "float": 2}
    if strength[x.kind] != strength[y.kind]:
        return x if strength[x.kind] > strength[y.kind] else y
    if x.kind == y.kind:
        if x.itemsize == y.itemsize:  # float16 and bfloat16
            return float32
        return x if x.itemsize > y.itemsize else y
    signed, unsigned = (x, y) if x.kind == "int" else (y, x)
    for candidate in (int8, int16, int32, int64):
        if candidate.itemsize > unsigned.itemsize and candidate.itemsize >= signed.itemsize:
            return candidate
    raise TypeError(
        explain(
            "implicit conversion",
            given=f"{x} and {y}",
            expected="types that one integer type holds",
            remedy="Convert one of them with .astype().",
        )
    )
