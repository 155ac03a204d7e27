"""Elements dropped at random."""

from __future__ import annotations

from lamella.dtypes import bool_, float32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.define.constants import scalar
from lamella.ops.functions.elementwise import less, mul
from lamella.ops.functions.random import Generator, _seeded, unit
from lamella.tensor import Tensor

__all__ = ["dropout"]


def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, seed: int | None = None, generator: Generator | None = None
) -> Tensor:
    """Zero a random part of the elements and scale the others so that the expected value stays.

    Args:
        input: floating-point tensor of any shape.
        p: the probability of zeroing, from 0 to 1.
        training: whether to do anything at all.
        seed: an int for a stream of its own, which zeroes the same elements every time.
        generator: the stream to draw from; default: the common one.

    Raises:
        TypeError: `input` is not floating-point.
        ValueError: `p` is not in [0, 1].

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.dropout(Tensor([1.0, 2.0]), p=0.0).asnumpy()
        array([1., 2.], dtype=float32)
    """
    if not 0 <= p <= 1:
        raise ValueError(explain("ops.dropout", given=f"p={p}", expected="a probability from 0 to 1"))
    if not input.dtype.is_float:
        raise TypeError(explain("ops.dropout", given=f"a {input.dtype} tensor", expected="a floating-point tensor"))
    if not training or p == 0:
        return input.copy()
    zero = scalar(0, input.dtype)
    if p == 1:  # not a product with 0, which would keep NaN
        none: Tensor = prims.broadcast_to(zero, shape=input.shape)
        return none
    kept = less(unit(input.shape, float32, _seeded(seed, generator)), 1 - p)
    assert kept.dtype is bool_
    result: Tensor = prims.select(kept, mul(input, 1 / (1 - p)), zero)
    return result
