"""Memory for large results: what arrays have given back is used again.

The system hands memory out page by page, each zeroed when it is first touched; for a large result that takes longer
than many a kernel that computes it. A program that works in steps asks for the same sizes again and again, so blocks
that are in no use any more wait here for the next array of their size. They begin at a cache line, as vectors like.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.backends.host import Owner

#: Arrays of fewer bytes come from NumPy, whose own allocator uses their memory again.
SMALLEST = 64 << 10

#: When more bytes than this lie idle, they all go back to the system.
MOST_IDLE = 1 << 30
if hasattr(os, "sysconf") and {"SC_PHYS_PAGES", "SC_PAGE_SIZE"} <= os.sysconf_names.keys():
    MOST_IDLE = min(MOST_IDLE, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 8)

_ALIGNMENT = 64
_STEP = 16 << 10  # sizes are rounded up to a multiple of this, so that similar ones share blocks

# No lock: an array may be freed in the middle of anything, and each operation on these is atomic.
_idle: dict[int, list[np.ndarray[Any, Any]]] = {}
_lent: dict[int, int] = {}  # by the block's identity: its bytes


class _Lent(Owner):
    """Owns the elements of one array; when that and its views are gone, the block waits for the next."""

    __slots__ = ("__array_interface__", "_block")

    def __init__(self, block: np.ndarray[Any, Any], address: int, shape: Sequence[int], dtype: np.dtype[Any]) -> None:
        self.__array_interface__ = {
            "version": 3,
            "shape": shape,
            "typestr": dtype.str,
            "data": (address, False),
        }
        self._block = block
        _lent[id(block)] = block.nbytes

    def __del__(self) -> None:
        _take_back(self._block)


def empty(shape: Any, dtype: np.dtype[Any]) -> tuple[np.ndarray[Any, Any], int]:
    """An array for a result, with any numbers in it, and the address of its first element.

    Args:
        shape: its shape, a tuple of ints.
        dtype: its type.

    Raises:
        MemoryError: there is not enough.

    Examples:
        >>> import numpy as np
        >>> array, address = empty((1000, 1000), np.dtype(np.float32))
        >>> array.shape, address % 64
        ((1000, 1000), 0)
    """
    size = math.prod(shape) * dtype.itemsize
    if size < SMALLEST or dtype.kind == "V":  # a bfloat16 is unknown to the protocol by which a block is lent
        array: np.ndarray[Any, Any] = np.empty(shape, dtype)
        return array, array.__array_interface__["data"][0]
    block = _block(-(-(size + _ALIGNMENT) // _STEP) * _STEP)
    address = -(-block.__array_interface__["data"][0] // _ALIGNMENT) * _ALIGNMENT
    return np.asarray(_Lent(block, address, shape, dtype)), address


def live_bytes() -> int:
    """How many bytes are lent to arrays."""
    return sum(list(_lent.values()))


def idle_bytes() -> int:
    """How many bytes wait to be used again."""
    return sum([size * len(blocks) for size, blocks in list(_idle.items())])


def release_idle() -> None:
    """Give all that waits back to the system."""
    _idle.clear()


def _block(size: int) -> np.ndarray[Any, Any]:
    try:
        return _idle[size].pop()
    except (KeyError, IndexError):
        pass
    try:
        return np.empty(size, np.uint8)
    except MemoryError:
        release_idle()
        return np.empty(size, np.uint8)


def _take_back(block: np.ndarray[Any, Any]) -> None:
    _lent.pop(id(block), None)
    _idle.setdefault(block.nbytes, []).append(block)
    if idle_bytes() > MOST_IDLE:
        release_idle()
