"""Convolution over the last axes of ``x[n, c, *spatial]``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import unified
from lamella.ops.nn.windows import per_axis, window_padding
from lamella.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv3d"]


def _conv(axes: int, example: str) -> Callable[..., Tensor]:
    name = f"conv{axes}d"
    subject = f"ops.{name}"

    def function(
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        stride: Any = 1,
        pad_mode: str = "valid",
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Tensor:
        x, w = unified(subject, input, weight)
        if x.ndim != axes + 2 or w.ndim != axes + 2:
            raise ValueError(
                explain(subject, given=f"input {x._type}, weight {w._type}", expected=f"{axes + 2} axes in both")
            )
        strides = per_axis(subject, "stride", stride, axes)
        spread = per_axis(subject, "dilation", dilation, axes)
        pads = window_padding(subject, pad_mode, padding, x.shape[2:], w.shape[2:], strides, spread)
        y: Tensor = prims.conv(x, w, strides=strides, padding=pads, dilation=spread, groups=groups)
        if bias is None:
            return y
        _, b = unified(subject, y, bias)
        if b.shape != (w.shape[0],):
            raise ValueError(explain(subject, given=f"bias {b._type}", expected=f"shape ({w.shape[0]},)"))
        return y + prims.reshape(b, shape=(w.shape[0], *(1,) * axes))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{axes}-d convolution (cross-correlation).

    Args:
        input: x[n, channels, {axes} spatial ax{"i" if axes == 1 else "e"}s].
        weight: w[out, channels / groups, {axes} window size{"s" * (axes > 1)}], of x's type.
        bias: b[out], or None.
        stride: step of the window: an int, or one for each spatial axis.
        pad_mode: "valid" for no padding, "same" for a result of ceil(size / stride), "pad" for `padding`.
        padding: zeros around x with "pad": an int, one for each spatial axis, or two for each.
        dilation: distance of the window's elements: an int, or one for each spatial axis.
        groups: into how many groups the channels are divided, each with out / groups of the weights.

    Returns:
        A tensor of shape [n, out, …].

    Raises:
        TypeError: types that do not go together.
        ValueError: shapes or settings that do not fit.

    Examples:
        >>> from lamella import ops
        >>> {example}
    """
    return function


conv1d = _conv(1, "ops.conv1d(ops.ones((1, 2, 8)), ops.ones((4, 2, 3))).shape\n        (1, 4, 6)")
conv2d = _conv(
    2, 'ops.conv2d(ops.ones((1, 2, 8, 8)), ops.ones((4, 2, 3, 3)), pad_mode="same").shape\n        (1, 4, 8, 8)'
)
conv3d = _conv(3, "ops.conv3d(ops.ones((1, 2, 4, 4, 4)), ops.ones((4, 2, 3, 3, 3))).shape\n        (1, 4, 2, 2, 2)")
