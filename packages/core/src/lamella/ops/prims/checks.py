"""Checks of numbers, as values: what they give is their operand, and a run in which it is bad ends with an error.

Backends put them in front of primitives whose own code then need not look: in a loop that is fused with others, a check
is a comparison, and everything that can fail stands in the graph where it can be put before the first write to state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella.dims import DimSize
from lamella.ops.define.opdef import Kind, OpDef, register
from lamella.ops.define.rules import INTEGER, ZERO, check_kind, fail
from lamella.ops.kernels.elementwise import check_divisors
from lamella.ops.kernels.indexed import check_indices
from lamella.ops.prims.shape import batch_elementwise
from lamella.types import TensorType


def _infer_index(index: TensorType, *, size: DimSize, ignore: int | None) -> TensorType:
    check_kind("checked_index", index.dtype, INTEGER)
    if not size >= 0:
        raise fail("checked_index", f"size {size}", "a size of at least 0")
    return index


def _index_kernel(index: np.ndarray[Any, Any], *, size: int, ignore: int | None) -> np.ndarray[Any, Any]:
    check_indices(index if ignore is None else np.where(index == ignore, 0, index), size, 0, "index")
    return index.copy()


#: Indices, of which each must be one into an axis of the attribute `size`, or be the attribute `ignore` unless None.
checked_index: OpDef = register(
    OpDef("checked_index", _infer_index, _index_kernel, ZERO, batch_elementwise, kind=Kind.ELEMENTWISE)
)


def _infer_divisor(divisor: TensorType) -> TensorType:
    check_kind("checked_divisor", divisor.dtype, INTEGER)
    return divisor


def _divisor_kernel(divisor: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    check_divisors(divisor, "floor_div")
    return divisor.copy()


#: Integer divisors, none of which may be 0.
checked_divisor: OpDef = register(
    OpDef("checked_divisor", _infer_divisor, _divisor_kernel, ZERO, batch_elementwise, kind=Kind.ELEMENTWISE)
)
