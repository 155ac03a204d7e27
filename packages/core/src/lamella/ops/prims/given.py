"""Primitives without operands: numbers that are given, counted, or the size of an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella.dims import Dim, DimSize
from lamella.dtypes import BY_NAME, BY_NUMPY
from lamella.ops.define import constants
from lamella.ops.define.opdef import Kind, OpDef, register
from lamella.ops.define.rules import check_kind, fail
from lamella.tensor import Tensor
from lamella.types import TensorType


def _infer_iota(*, size: DimSize, dtype: str) -> TensorType:
    result = TensorType(BY_NAME[dtype], (size,))
    check_kind("iota", result.dtype, ("int", "uint", "float"))
    if not size >= 0:
        raise fail("iota", f"size {size}", "a size of at least 0")
    return result


#: 0, 1, …, size - 1.
iota: OpDef = register(
    OpDef(
        "iota",
        _infer_iota,
        lambda *, size, dtype: np.arange(size).astype(BY_NAME[dtype].numpy),
        kind=Kind.GIVEN,
        total=True,
    )
)


def _infer_constant(*, value: np.ndarray[Any, Any]) -> TensorType:
    return TensorType(BY_NUMPY[value.dtype], value.shape)


#: Given numbers, in a graph.
constant: OpDef = register(OpDef("constant", _infer_constant, lambda *, value: value, kind=Kind.GIVEN, total=True))


def _infer_dim_value(*, dim: DimSize) -> TensorType:
    return TensorType(BY_NAME["int64"], ())


#: The size of an axis that a graph leaves open, as a number to compute with.
dim_value: OpDef = register(
    OpDef("dim_value", _infer_dim_value, lambda *, dim: np.array(dim, np.int64), kind=Kind.GIVEN)
)


def size_tensor(size: DimSize) -> Tensor:
    """A size, known or open, as a 0-d int64 tensor."""
    result: Tensor = dim_value(dim=size) if isinstance(size, Dim) else constants.constant(np.array(size, np.int64))
    return result
