"""What backends share whose data are NumPy arrays in the memory of the host: types, and who sees an array's memory."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.buffer import Buffer
from lamella.dtypes import BY_NUMPY
from lamella.types import TensorType, interned


class Owner:
    """What a backend lets own the memory of one array (its `base`) where the array does not own it itself."""

    __slots__ = ("__weakref__",)


def type_of(array: np.ndarray[Any, Any]) -> TensorType:
    """The type of an array.

    Examples:
        >>> type_of(np.zeros((2, 3), np.float32))
        float32[2, 3]
    """
    return interned(BY_NUMPY[array.dtype], array.shape)


def sole_owners(buffers: Sequence[Buffer]) -> bool:
    """Whether each of some buffers with arrays is all that sees its memory: found out together, which is quick.

    Views, arrays that were given out, and other buffers all refer to the array or are its base.
    """
    data = [buffer.data for buffer in buffers]
    # No count is below that of a sole owner, so the sum is as for sole owners only if each count is.
    if _references(data) != len(data) * _SOLE:
        return False
    return all([_owns(array) for array in data])  # noqa: C419 - a generator takes twice as long


def _references(data: Sequence[Any]) -> int:
    return sum(map(sys.getrefcount, data))


def _owns(array: np.ndarray[Any, Any]) -> bool:
    """Whether an array and its views are all that can see its memory."""
    return array.base is None or isinstance(array.base, Owner)


def _sole() -> int:
    """What `_references` says, in `sole_owners`, of an array that only a buffer refers to; interpreters differ."""
    array = np.zeros(1)
    buffers = [Buffer(array, type_of(array), None)]  # type: ignore[arg-type]  # nothing runs on it
    del array
    data = [buffer.data for buffer in buffers]
    return _references(data)


_SOLE = _sole()
