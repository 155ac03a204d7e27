"""Random bits: counter-based, so that a stream is the same on every backend, in both modes and under vmap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella.dims import DimSize, Shape
from lamella.dtypes import uint32, uint64
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, register
from lamella.ops.define.rules import ZERO, fail
from lamella.ops.kernels import philox
from lamella.ops.prims.elementwise import add, bitwise_xor, mul
from lamella.ops.prims.given import iota
from lamella.ops.prims.shape import reshape, with_batch
from lamella.tensor import Tensor
from lamella.types import TensorType


def _infer_random_bits(key: TensorType, counter: TensorType, *, shape: Shape) -> tuple[TensorType, TensorType]:
    if key.dtype is not uint64 or counter.dtype is not uint64 or key.shape != counter.shape:
        raise fail("random_bits", f"key {key}, counter {counter}", "uint64 tensors of one shape", kind=TypeError)
    if any(isinstance(size, int) and size < 0 for size in shape):
        raise fail("random_bits", f"shape {shape}", "sizes of at least 0")
    return TensorType(uint32, (*key.shape, *shape)), counter


def _batch_random_bits(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    """Each example draws from a stream of its own: its key is the common one with the example's number folded in.

    The counter stays common if it was, so that a generator goes on as if one example had drawn.
    """
    key, counter = operands
    if not batched[0]:
        # Multiplying by an odd constant (Knuth's golden ratio, 2**64/phi) spreads neighbouring numbers over all bits.
        golden = scalar(0x9E3779B97F4A7C15, uint64)
        number = mul(add(iota(size=size, dtype="uint64"), scalar(1, uint64)), golden)
        key = bitwise_xor(reshape(number, shape=(size, *(1,) * key.ndim)), key)
    bits, advanced = random_bits(key, with_batch(counter, batched[1], size), **attrs)
    if not batched[1]:
        _, common = random_bits(counter, counter, **attrs)  # how far the counter moves depends on the shape only
        return [bits, common], [True, False]
    return [bits, advanced], [True, True]


#: (key, counter) to uint32 numbers of the attribute `shape` (after the axes of the key) and the advanced counter.
random_bits: OpDef = register(
    OpDef(
        "random_bits",
        _infer_random_bits,
        philox.random_bits,
        ZERO,
        _batch_random_bits,
        multiple=True,
        kind=Kind.RANDOM,
        total=True,
        expensive=True,
    )
)
