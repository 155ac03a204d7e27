"""Floats of 16 bits: kept in memory as they are, computed as float32.

Whatever computes with them becomes the same on float32 between casts, which is what the reference kernels do: each
primitive's result is rounded to 16 bits. In a fused loop the casts are a few instructions on registers. What only moves
elements treats them as bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella.dtypes import DType, float32
from lamella.ir import Node
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, OpDef
from lamella.tensor import Tensor
from lamella.types import TensorType

NARROW = frozenset(["float16", "bfloat16"])

#: What moves numbers, beside views.
_MOVING = frozenset([prims.cast, prims.constant, prims.select, prims.gather, prims.concat, prims.pad])


def takes_bits(op: OpDef) -> bool:
    """Whether a primitive takes 16-bit floats as they are: it moves them, or hands them on to what does not."""
    return op.kind is Kind.VIEW or op.kind is Kind.CONTROL or op in _MOVING


def computed(types: Sequence[TensorType], op: OpDef) -> list[TensorType]:
    """The types on which an op on operands of some types is computed."""
    if takes_bits(op):
        return list(types)
    return [TensorType(float32, t.shape) if t.dtype.name in NARROW else t for t in types]


def rule(node: Node) -> Callable[..., Any] | None:
    """How a primitive is written on float32; None if it computes nothing with 16-bit floats."""
    if takes_bits(node.op) or not any(v.dtype.name in NARROW for v in (*node.operands, *node.outputs)):
        return None
    if node.op is prims.iota:
        return lambda *, size, dtype: prims.cast(prims.iota(size=size, dtype="int64"), dtype=dtype)
    targets = [v.dtype for v in node.outputs]

    def wide(*operands: Tensor, **attrs: Any) -> Any:
        results = node.op(*(_cast(x, float32) if x.dtype.name in NARROW else x for x in operands), **attrs)
        if not node.op.multiple:
            return _cast(results, targets[0])
        return tuple(_cast(x, target) for x, target in zip(results, targets, strict=True))

    return wide


def _cast(x: Tensor, dtype: DType) -> Tensor:
    if x.dtype is dtype:
        return x
    result: Tensor = prims.cast(x, dtype=dtype.name)
    return result
