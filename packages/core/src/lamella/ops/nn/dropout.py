"""Elements dropped at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dtypes import bool_, float32
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor
from lamella.ops.define.constants import scalar
from lamella.ops.functions.elementwise import less, mul
from lamella.ops.functions.random import Generator, _seeded, unit
from lamella.tensor import Tensor

__all__ = ["dropout", "dropout1d", "dropout2d", "dropout3d"]


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
    return _dropped("ops.dropout", input, p, training, input.shape, _seeded(seed, generator))


def _dropped(subject: str, input: Tensor, p: float, training: bool, shape: Any, generator: Any = None) -> Tensor:
    """Elements zeroed together where an axis of `shape` is 1."""
    if not 0 <= p <= 1:
        raise ValueError(explain(subject, given=f"p={p}", expected="a probability from 0 to 1"))
    if not input.dtype.is_float:
        raise TypeError(explain(subject, given=f"a {input.dtype} tensor", expected="a floating-point tensor"))
    if not training or p == 0:
        return input.copy()
    zero = scalar(0, input.dtype)
    if p == 1:  # not a product with 0, which would keep NaN
        none: Tensor = prims.broadcast_to(zero, shape=input.shape)
        return none
    kept = less(unit(shape, float32, generator), 1 - p)
    assert kept.dtype is bool_
    if shape != input.shape:
        kept = prims.broadcast_to(kept, shape=input.shape)
    result: Tensor = prims.select(kept, mul(input, 1 / (1 - p)), zero)
    return result


def _of_channels(axes: int) -> Callable[..., Tensor]:
    """`dropout` of whole channels, each of some axes."""
    name = f"dropout{axes}d"
    spatial = ("length", "height, width", "depth, height, width")[axes - 1]

    def function(input: Any, p: float = 0.5, training: bool = True) -> Tensor:
        x = as_tensor(input, None, f"ops.{name}")
        if x.ndim not in (axes + 1, axes + 2):
            expected = f"[n, c, {spatial}] or [c, {spatial}]"
            raise ValueError(explain(f"ops.{name}", given=f"shape {x.shape}", expected=expected))
        return _dropped(f"ops.{name}", x, p, training, (*x.shape[: x.ndim - axes], *(1,) * axes))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""Zero channels at random, each as a whole, and scale the others (Tompson et al., 2015).

    Args:
        input: floating-point tensor [n, c, {spatial}] or [c, {spatial}].
        p: the probability of zeroing a channel, from 0 to 1.
        training: whether to do anything at all.

    Raises:
        TypeError: `input` is not floating-point.
        ValueError: `p` is not in [0, 1], or `input` has another number of axes.

    Examples:
        >>> from lamella import ops
        >>> ops.{name}(ops.ones({(2, 3, *(1,) * axes)}), p=1.0).sum().item()
        0.0
    """
    return function


dropout1d = _of_channels(1)
dropout2d = _of_channels(2)
dropout3d = _of_channels(3)
