"""The dtype that a kernel computes in when its operands have only 16 bits."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

NARROW_FLOATS = frozenset(
    map(np.dtype, (np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2))
)


def widen(x: Array) -> Array:
    """`x` itself, or in float32 where it is of a floating-point type of 16 bits or fewer.

    Examples:
        >>> widen(np.ones(2, np.float16)).dtype, widen(np.ones(2, np.int8)).dtype
        (dtype('float32'), dtype('int8'))
    """
    return x.astype(np.float32) if x.dtype in NARROW_FLOATS else x
