"""How tensors look when they are printed: `str` shows the numbers as NumPy does, `repr` the type as well.

The form of `repr` is MindSpore's: floats in scientific notation, and of axes with more than six elements the first
and the last three. Lists of numbers are shown in full up to a thousand elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ml_dtypes
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

_EDGE = 3
_LONGEST_LIST = 1000

# The formats of MindSpore; every other type is written as Python does, and aligned to the widest number shown.
_FORMATS: dict[np.dtype[Any], str] = {
    np.dtype(np.float16): "11.4e",
    np.dtype(np.float32): "15.8e",
    np.dtype(np.float64): "15.8e",
    **dict.fromkeys(map(np.dtype, (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2)), "g"),
}
_NUMBERS_A_LINE = {"f": 12, "b": 12}
_INTEGERS_A_LINE = 24


def format_tensor(array: Array, dtype_name: str) -> str:
    """The `repr` of a tensor.

    Args:
        array: its numbers.
        dtype_name: its type as it shall be written, such as "Float32".

    Examples:
        >>> print(format_tensor(np.array([[1, 20], [3, 4]]), "Int64"))
        Tensor(shape=[2, 2], dtype=Int64, value=
        [[ 1, 20],
         [ 3,  4]])
    """
    gap = " " if array.ndim < 2 else "\n"
    return f"Tensor(shape={list(array.shape)}, dtype={dtype_name}, value={gap}{_value(array)})"


def format_value(array: Array) -> str:
    """The `str` of a tensor: its numbers alone, as NumPy prints them.

    Examples:
        >>> format_value(np.array([1.0, 2.5]))
        '[1.  2.5]'
    """
    return str(array)


def _value(array: Array) -> str:
    """The numbers of a `repr`."""
    if array.size == 0:
        return ""
    if array.ndim == 0:
        number = array.item()
        if array.dtype.kind == "c":
            return _complex(number)
        return f"{float(number):g}" if array.dtype in _FORMATS else str(number)
    longest = _LONGEST_LIST if array.ndim == 1 else 2 * _EDGE
    shortened = [size > longest for size in array.shape]
    shown = array[
        np.ix_(
            *(
                [*range(_EDGE), *range(size - _EDGE, size)] if short else range(size)
                for size, short in zip(array.shape, shortened, strict=True)
            )
        )
    ]
    form = _FORMATS.get(array.dtype, "")
    numbers = shown.reshape(-1).tolist()
    texts = [_complex(number) if array.dtype.kind == "c" else format(number, form) for number in numbers]
    width = max(5 if array.dtype.kind == "b" else 0, *map(len, texts))
    aligned = np.array([text.rjust(width) for text in texts], dtype=object).reshape(shown.shape)
    return _nested(aligned, shortened, _NUMBERS_A_LINE.get(array.dtype.kind, _INTEGERS_A_LINE), depth=1)


def _complex(number: complex) -> str:
    return f"{number.real:g}{number.imag:+g}j"


def _nested(texts: Array, shortened: Sequence[bool], a_line: int, depth: int) -> str:
    """Texts in brackets, one axis in the other."""
    indent = "\n" + " " * depth
    if texts.ndim > 1:
        parts = [_nested(part, shortened[1:], a_line, depth + 1) for part in texts]
        between, dots = f",{indent}", f",{indent}...{indent}"
        if shortened[0]:
            return f"[{between.join(parts[:_EDGE])}{dots}{between.join(parts[_EDGE:])}]"
        return f"[{between.join(parts)}]"
    numbers: list[str] = texts.tolist()
    if shortened[0]:
        return f"[{', '.join(numbers[:_EDGE])} ... {', '.join(numbers[_EDGE:])}]"
    lines = [", ".join(numbers[start : start + a_line]) for start in range(0, len(numbers), a_line)]
    return f"[{f',{indent}'.join(lines)}]"
