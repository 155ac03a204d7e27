"""Pooling: the maximum or the mean of windows."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.nn.layers.conv import check_format
from lamella.ops import prims
from lamella.ops.nn import pooling, windows
from lamella.tensor import Tensor


class _Pool(Cell):
    """Settings of a window over one or two axes."""

    axes: int

    def __init__(self, kernel_size: Any, stride: Any, pad_mode: str, padding: Any, ceil_mode: bool) -> None:
        super().__init__()
        name = f"nn.{type(self).__name__}"
        windows.per_axis(name, "kernel_size", kernel_size, self.axes)
        windows.per_axis(name, "stride", stride, self.axes)
        self.kernel_size = kernel_size
        self.stride = stride
        self.pad_mode = pad_mode.lower() if isinstance(pad_mode, str) else pad_mode
        self.padding = padding
        self.ceil_mode = ceil_mode
        ones = (1,) * self.axes
        windows.window_padding(name, self.pad_mode, padding, ones, ones, ones, ones)  # refuses what does not fit

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, pad_mode={self.pad_mode.upper()}"


def _flat(value: Any) -> tuple[int, int]:
    """A setting of one axis for two, the first of size 1."""
    return 1, value[0] if isinstance(value, tuple) else value


def _as_image(subject: str, x: Tensor) -> Tensor:
    """x[…, length] as x[…, 1, length]."""
    if x.ndim not in (2, 3):
        raise ValueError(explain(subject, given=f"shape {x.shape}", expected="x[n, c, length] or x[c, length]"))
    result: Tensor = prims.reshape(x, shape=(*x.shape[:-1], 1, x.shape[-1]))
    return result


def _as_line(y: Tensor) -> Tensor:
    """y[…, 1, length] as y[…, length]."""
    result: Tensor = prims.reshape(y, shape=(*y.shape[:-2], y.shape[-1]))
    return result


class MaxPool2d(_Pool):
    """Maximum of each window over the last two axes.

    Args:
        kernel_size: size of the window: an int or (height, width).
        stride: its step: an int or one for each axis.
        pad_mode: "valid" for no padding, "same" for an output of ceil(size / stride), "pad" for `padding`.
        padding: with "pad", what counts as less than every number around the input: an int or (height, width).
        dilation: distance of the window's elements.
        return_indices: whether to return, too, where the maxima are, as positions h * width + w.
        ceil_mode: whether windows may stick out at the end.
        data_format: "NCHW".

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.MaxPool2d(2, 2)(ops.ones((1, 3, 8, 8))).shape
        (1, 3, 4, 4)
    """

    axes = 2

    def __init__(
        self,
        kernel_size: Any = 1,
        stride: Any = 1,
        pad_mode: str = "valid",
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
        data_format: str = "NCHW",
    ) -> None:
        super().__init__(kernel_size, stride, pad_mode, padding, ceil_mode)
        check_format("nn.MaxPool2d", data_format, "NCHW")
        self.dilation = dilation
        self.return_indices = return_indices

    def construct(self, x: Tensor) -> Any:
        """Apply to x[n, c, h, w] or x[c, h, w]."""
        return pooling.max_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.return_indices,
            self.ceil_mode,
            pad_mode=self.pad_mode,
        )


class MaxPool1d(_Pool):
    """Maximum of each window over the last axis.

    Args:
        kernel_size: size of the window.
        stride: its step.
        pad_mode: "valid" for no padding, "same" for an output of ceil(size / stride), "pad" for `padding`.
        padding: with "pad", what counts as less than every number at both ends.
        dilation: distance of the window's elements.
        return_indices: whether to return, too, where the maxima are.
        ceil_mode: whether windows may stick out at the end.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.MaxPool1d(2, 2)(Tensor([[[1.0, 3.0, 2.0, 0.0]]])).asnumpy()
        array([[[3., 2.]]], dtype=float32)
    """

    axes = 1

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
        """Apply to x[n, c, length] or x[c, length]."""
        padding = (0, self.padding) if self.pad_mode == "pad" else 0
        values, indices = pooling.max_pool2d(
            _as_image("nn.MaxPool1d", x),
            _flat(self.kernel_size),
            _flat(self.stride),
            padding,
            _flat(self.dilation),
            True,
            self.ceil_mode,
            pad_mode=self.pad_mode,
        )
        return (_as_line(values), _as_line(indices)) if self.return_indices else _as_line(values)


class AvgPool2d(_Pool):
    """Mean of each window over the last two axes.

    Args:
        kernel_size: size of the window: an int or (height, width).
        stride: its step: an int or one for each axis.
        pad_mode: "valid" for no padding, "same" for an output of ceil(size / stride), where only elements of the
            input count, "pad" for `padding`.
        padding: with "pad", zeros around the input: an int or (height, width).
        ceil_mode: whether windows may stick out at the end; what sticks out does not count.
        count_include_pad: whether the zeros of `padding` count.
        divisor_override: what to divide by instead of the count.
        data_format: "NCHW".

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.AvgPool2d(2, 2)(ops.ones((1, 3, 8, 8))).shape
        (1, 3, 4, 4)
    """

    axes = 2

    def __init__(
        self,
        kernel_size: Any = 1,
        stride: Any = 1,
        pad_mode: str = "valid",
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
        data_format: str = "NCHW",
    ) -> None:
        super().__init__(kernel_size, stride, pad_mode, padding, ceil_mode)
        check_format("nn.AvgPool2d", data_format, "NCHW")
        if divisor_override is not None and divisor_override == 0:
            raise ValueError(explain("nn.AvgPool2d", given="divisor_override=0", expected="another number, or None"))
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, c, h, w] or x[c, h, w], floating-point."""
        return pooling.avg_pool2d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad and self.pad_mode == "pad",
            self.divisor_override or 0,
            pad_mode=self.pad_mode,
        )


class AvgPool1d(_Pool):
    """Mean of each window over the last axis.

    Args:
        kernel_size: size of the window.
        stride: its step.
        pad_mode: "valid" for no padding, "same" for an output of ceil(size / stride), where only elements of the
            input count, "pad" for `padding`.
        padding: with "pad", zeros at both ends.
        ceil_mode: whether windows may stick out at the end; what sticks out does not count.
        count_include_pad: whether the zeros of `padding` count.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.AvgPool1d(2, 2)(Tensor([[[1.0, 3.0, 2.0, 0.0]]])).asnumpy()
        array([[[2., 1.]]], dtype=float32)
    """

    axes = 1

    def __init__(
        self,
        kernel_size: Any = 1,
        stride: Any = 1,
        pad_mode: str = "valid",
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, pad_mode, padding, ceil_mode)
        self.count_include_pad = count_include_pad

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, c, length] or x[c, length], floating-point."""
        padding = (0, self.padding) if self.pad_mode == "pad" else 0
        y = pooling.avg_pool2d(
            _as_image("nn.AvgPool1d", x),
            _flat(self.kernel_size),
            _flat(self.stride),
            padding,
            self.ceil_mode,
            self.count_include_pad and self.pad_mode == "pad",
            pad_mode=self.pad_mode,
        )
        return _as_line(y)
