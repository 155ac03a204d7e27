"""Tensors of given numbers, made for the engine that is current."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from lamella import context
from lamella.buffer import Buffer
from lamella.dtypes import DType
from lamella.engine.eager import NUMBERS
from lamella.engine.stack import current
from lamella.tensor import Tensor, wrap


def constant(array: np.ndarray[Any, Any]) -> Tensor:
    """A tensor of the array's elements; the array must not be changed afterwards."""
    return wrap(current().constant(array))


def scalar(value: complex, dtype: DType) -> Tensor:
    """A 0-d tensor of one number."""
    engine = current()
    # As a key, -0.0 would equal 0.0.
    if engine.builds or type(value) is complex or (value == 0 and math.copysign(1.0, value.real) < 0):
        return wrap(engine.constant(_array(value, dtype)))
    backend: Any = context.backend  # hashable, as every object that is not a value
    return wrap(_eager_scalar(value, dtype, backend, context.ordinal))


@lru_cache(maxsize=1024, typed=True)
def _eager_scalar(value: complex, dtype: DType, backend: Any, ordinal: int) -> Buffer:
    buffer: Buffer = backend.put(_array(value, dtype), ordinal)
    NUMBERS.add(buffer)
    return buffer


def _array(value: complex, dtype: DType) -> np.ndarray[Any, Any]:
    with np.errstate(over="ignore"):  # a float beyond the type's range is infinite in it
        return np.array(value, dtype.numpy)
