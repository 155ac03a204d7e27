"""Pooling of volumes."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.nn.layers.pooling import _Pool
from lamella.ops.nn import pooling
from lamella.tensor import Tensor

__all__ = ["AvgPool3d", "MaxPool3d"]


class MaxPool3d(_Pool):
    """Maximum of each window over the last three axes.

    Args:
        kernel_size: size of the window: an int or (depth, height, width).
        stride: its step: an int or one for each axis.
        pad_mode: "valid" for no padding, "same" for an output of ceil(size / stride), "pad" for `padding`.
        padding: with "pad", what counts as less than every number around the input: an int or one for each axis.
        dilation: distance of the window's elements.
        return_indices: whether to return, too, where the maxima are, as positions (d * height + h) * width + w.
        ceil_mode: whether windows may stick out at the end.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.MaxPool3d(2, 2)(ops.ones((1, 3, 4, 8, 8))).shape
        (1, 3, 2, 4, 4)
    """

    axes = 3

    def __init__(
        self,
        kernel_size: Any = 1,
        stride: Any = 1,
        pad_mode: str = "valid",
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__(kernel_size, stride, pad_mode, padding, ceil_mode)
        self.dilation = dilation
        self.return_indices = return_indices

    def construct(self, x: Tensor) -> Any:
        """Apply to x[n, c, d, h, w] or x[c, d, h, w]."""
        return pooling.max_pool3d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
            pad_mode=self.pad_mode,
        )


class AvgPool3d(_Pool):
    """Mean of each window over the last three axes.

    Args:
        kernel_size: size of the window: an int or (depth, height, width).
        stride: its step: an int or one for each axis.
        pad_mode: "valid" for no padding, "same" for an output of ceil(size / stride), where only elements of the
            input count, "pad" for `padding`.
        padding: with "pad", zeros around the input: an int or one for each axis.
        ceil_mode: whether windows may stick out at the end; what sticks out does not count.
        count_include_pad: whether the zeros of `padding` count.
        divisor_override: what to divide by instead of the count.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.AvgPool3d(2, 2)(ops.ones((1, 3, 4, 8, 8))).shape
        (1, 3, 2, 4, 4)
    """

    axes = 3

    def __init__(
        self,
        kernel_size: Any = 1,
        stride: Any = 1,
        pad_mode: str = "valid",
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, pad_mode, padding, ceil_mode)
        if divisor_override is not None and divisor_override <= 0:
            raise ValueError(
                explain("nn.AvgPool3d", given=f"divisor_override={divisor_override}", expected="above 0, or None")
            )
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, c, d, h, w] or x[c, d, h, w], floating-point."""
        return pooling.avg_pool3d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad and self.pad_mode == "pad",
            self.divisor_override or 0,
            pad_mode=self.pad_mode,
        )
