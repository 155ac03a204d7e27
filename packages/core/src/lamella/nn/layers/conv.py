"""Convolutions and their transposes."""

from __future__ import annotations

import math
from typing import Any

from lamella.dtypes import float32
from lamella.errors import explain
from lamella.initializer import HeUniform, Uniform, initializer
from lamella.nn.cell import Cell
from lamella.nn.layers.basic import positive_int
from lamella.ops import prims
from lamella.ops.convert import unified
from lamella.ops.nn import convolution, windows
from lamella.parameter import Parameter
from lamella.tensor import Tensor


class _Conv(Cell):
    """Settings and parameters of a convolution over some number of axes."""

    axes: int
    transposed: bool = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        pad_mode: str = "same",
        padding: Any = 0,
        dilation: Any = 1,
        group: int = 1,
        has_bias: bool = False,
        weight_init: Any = None,
        bias_init: Any = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        name = f"nn.{type(self).__name__}"
        self.in_channels = positive_int(name, "in_channels", in_channels)
        self.out_channels = positive_int(name, "out_channels", out_channels)
        self.kernel_size = windows.per_axis(name, "kernel_size", kernel_size, self.axes)
        self.stride = windows.per_axis(name, "stride", stride, self.axes)
        self.dilation = windows.per_axis(name, "dilation", dilation, self.axes)
        self.group = positive_int(name, "group", group)
        if in_channels % group or out_channels % group:
            raise ValueError(
                explain(
                    name,
                    given=f"group={group} for {in_channels} and {out_channels} channels",
                    expected="a divisor of both",
                )
            )
        self.pad_mode = pad_mode.lower() if isinstance(pad_mode, str) else pad_mode
        self.padding = padding
        self._pads(self.kernel_size)  # refuses what does not fit now rather than at the first call
        self.has_bias = has_bias
        self.weight_init = HeUniform(math.sqrt(5)) if weight_init is None else weight_init
        self.weight = Parameter(initializer(self.weight_init, self._weight_shape(), dtype))
        self.bias = None
        self.bias_init = bias_init
        if has_bias:
            if bias_init is None:
                self.bias_init = Uniform(1 / math.sqrt(in_channels // group * math.prod(self.kernel_size)))
            self.bias = Parameter(initializer(self.bias_init, (out_channels,), dtype))

    def _weight_shape(self) -> tuple[int, ...]:
        if self.transposed:
            return self.in_channels, self.out_channels // self.group, *self.kernel_size
        return self.out_channels, self.in_channels // self.group, *self.kernel_size

    def _pads(self, sizes: Any) -> tuple[tuple[int, int], ...]:
        """Padding of a convolution over axes of some sizes."""
        return windows.window_padding(
            f"nn.{type(self).__name__}",
            self.pad_mode,
            self.padding,
            sizes,
            self.kernel_size,
            self.stride,
            self.dilation,
        )

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return (
            f"input_channels={self.in_channels}, output_channels={self.out_channels}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, pad_mode={self.pad_mode}, padding={self.padding}, dilation={self.dilation}, "
            f"group={self.group}, has_bias={self.has_bias}, weight_init={self.weight_init}, bias_init={self.bias_init}"
        )


class Conv1d(_Conv):
    """Convolution (cross-correlation) over one axis.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window.
        stride: its step.
        pad_mode: "same" for an output of ceil(size / stride), "valid" for no padding, "pad" for `padding`.
        padding: zeros at both ends with "pad": an int, or a pair.
        dilation: distance of the window's elements.
        group: into how many groups the channels are divided.
        has_bias: whether there is a bias.
        weight_init: initializer of the weight, of shape (out_channels, in_channels / group, 1, kernel_size); default:
            `HeUniform(sqrt(5))`.
        bias_init: initializer of the bias; default: `Uniform(1 / sqrt(fan_in))`.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Conv1d(3, 8, 5)(ops.ones((2, 3, 16))).shape
        (2, 8, 16)
    """

    axes = 1

    def _weight_shape(self) -> tuple[int, ...]:
        out, each, size = super()._weight_shape()
        return out, each, 1, size  # as MindSpore keeps it, for whom this is a convolution over (1, length)

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, in_channels, length]."""
        out, each, _, size = self.weight.shape
        weight: Tensor = prims.reshape(self.weight, shape=(out, each, size))
        return convolution.conv1d(
            x, weight, self.bias, self.stride, self.pad_mode, self.padding, self.dilation, self.group
        )


class Conv2d(_Conv):
    """Convolution (cross-correlation) over two axes.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window: an int or (height, width).
        stride: its step: an int or one for each axis.
        pad_mode: "same" for an output of ceil(size / stride), "valid" for no padding, "pad" for `padding`.
        padding: zeros around the input with "pad": an int, or (top, bottom, left, right).
        dilation: distance of the window's elements: an int or one for each axis.
        group: into how many groups the channels are divided.
        has_bias: whether there is a bias.
        weight_init: initializer of the weight, of shape (out_channels, in_channels / group, height, width); default:
            `HeUniform(sqrt(5))`.
        bias_init: initializer of the bias; default: `Uniform(1 / sqrt(fan_in))`.
        data_format: "NCHW".
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Conv2d(3, 8, 5, stride=2)(ops.ones((2, 3, 16, 16))).shape
        (2, 8, 8, 8)
    """

    axes = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        pad_mode: str = "same",
        padding: Any = 0,
        dilation: Any = 1,
        group: int = 1,
        has_bias: bool = False,
        weight_init: Any = None,
        bias_init: Any = None,
        data_format: str = "NCHW",
        dtype: Any = float32,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias, weight_init,
            bias_init, dtype,
        )  # fmt: skip
        check_format("nn.Conv2d", data_format, "NCHW")

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, in_channels, height, width]."""
        return convolution.conv2d(
            x, self.weight, self.bias, self.stride, self.pad_mode, self.padding, self.dilation, self.group
        )

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"{super().extend_repr()}, format=NCHW"


class Conv3d(_Conv):
    """Convolution (cross-correlation) over three axes.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window: an int or (depth, height, width).
        stride: its step: an int or one for each axis.
        pad_mode: "same" for an output of ceil(size / stride), "valid" for no padding, "pad" for `padding`.
        padding: zeros around the input with "pad": an int, or two for each axis in a row.
        dilation: distance of the window's elements: an int or one for each axis.
        group: into how many groups the channels are divided.
        has_bias: whether there is a bias.
        weight_init: initializer of the weight, of shape (out_channels, in_channels / group, depth, height, width);
            default: `HeUniform(sqrt(5))`.
        bias_init: initializer of the bias; default: `Uniform(1 / sqrt(fan_in))`.
        data_format: "NCDHW".
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Conv3d(3, 8, 3)(ops.ones((2, 3, 4, 6, 6))).shape
        (2, 8, 4, 6, 6)
    """

    axes = 3

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        pad_mode: str = "same",
        padding: Any = 0,
        dilation: Any = 1,
        group: int = 1,
        has_bias: bool = False,
        weight_init: Any = None,
        bias_init: Any = None,
        data_format: str = "NCDHW",
        dtype: Any = float32,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias, weight_init,
            bias_init, dtype,
        )  # fmt: skip
        check_format("nn.Conv3d", data_format, "NCDHW")

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, in_channels, depth, height, width]."""
        return convolution.conv3d(
            x, self.weight, self.bias, self.stride, self.pad_mode, self.padding, self.dilation, self.group
        )

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"{super().extend_repr()}, format=NCDHW"


class _ConvTranspose(_Conv):
    """Transpose of a convolution over some number of axes."""

    transposed = True
    output_padding: tuple[int, ...] = ()

    def _set_output_padding(self, output_padding: Any) -> None:
        name = f"nn.{type(self).__name__}"
        self.output_padding = windows.per_axis(name, "output_padding", output_padding, self.axes, least=0)
        for extra, step, spread in zip(self.output_padding, self.stride, self.dilation, strict=True):
            if extra and (self.pad_mode != "pad" or extra >= max(step, spread)):
                raise ValueError(
                    explain(
                        name,
                        given=f"output_padding={output_padding} with pad_mode={self.pad_mode!r}, stride={self.stride}",
                        expected='pad_mode="pad", and less than the stride or the dilation',
                    )
                )

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, in_channels, …]."""
        name = f"nn.{type(self).__name__}"
        if x.ndim != self.axes + 2 or x.shape[1] != self.in_channels:
            raise ValueError(
                explain(
                    name,
                    given=f"input {x._type}",
                    expected=f"shape [n, {self.in_channels}, …], {self.axes + 2} axes",
                )
            )
        x, weight = unified(name, x, self._kernel())
        sizes = self._output_sizes(x.shape[2:])
        if any(size < 0 for size in sizes):
            raise ValueError(
                explain(
                    name,
                    given=f"sizes {x.shape[2:]} with {self.extend_repr()}, which give sizes {sizes}",
                    expected="settings that give sizes of 0 or more",
                )
            )
        result: Tensor = prims.conv_input_grad(
            x,
            weight,
            shape=(x.shape[0], self.out_channels, *sizes),
            strides=self.stride,
            padding=self._pads(sizes),
            dilation=self.dilation,
            groups=self.group,
        )
        if self.bias is None:
            return result
        _, bias = unified(name, result, self.bias)
        return result + prims.reshape(bias, shape=(self.out_channels, *(1,) * self.axes))

    def _kernel(self) -> Tensor:
        """The weight, with an axis for each of the window's."""
        return self.weight

    def _output_sizes(self, sizes: Any) -> tuple[Any, ...]:
        covered = [(k - 1) * d + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True)]
        if self.pad_mode == "same":
            return tuple(n * s for n, s in zip(sizes, self.stride, strict=True))
        if self.pad_mode == "valid":
            return tuple(n * s + max(c - s, 0) for n, s, c in zip(sizes, self.stride, covered, strict=True))
        return tuple(
            (n - 1) * s + c - low - high + extra
            for n, s, c, (low, high), extra in zip(
                sizes, self.stride, covered, self._pads(sizes), self.output_padding or (0,) * self.axes, strict=True
            )
        )


class Conv1dTranspose(_ConvTranspose):
    """Transpose of a convolution over one axis: its derivative by the input, as a layer.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window.
        stride: step of the convolution; the output is about so many times larger.
        pad_mode: padding of the convolution: "same" for an output of size * stride, "valid" for none, "pad" for
            `padding`.
        padding: with "pad": an int, or a pair.
        dilation: distance of the window's elements.
        group: into how many groups the channels are divided.
        has_bias: whether there is a bias.
        weight_init: initializer of the weight, of shape (in_channels, out_channels / group, 1, kernel_size); default:
            `HeUniform(sqrt(5))`.
        bias_init: initializer of the bias; default: `Uniform(1 / sqrt(fan_in))`.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Conv1dTranspose(8, 3, 5, stride=2)(ops.ones((2, 8, 8))).shape
        (2, 3, 16)
    """

    axes = 1

    def _weight_shape(self) -> tuple[int, ...]:
        into, each, size = super()._weight_shape()
        return into, each, 1, size  # as MindSpore keeps it, for whom this is a convolution over (1, length)

    def _kernel(self) -> Tensor:
        into, each, _, size = self.weight.shape
        result: Tensor = prims.reshape(self.weight, shape=(into, each, size))
        return result


class Conv2dTranspose(_ConvTranspose):
    """Transpose of a convolution over two axes: its derivative by the input, as a layer.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window: an int or (height, width).
        stride: step of the convolution: an int or one for each axis; the output is about so many times larger.
        pad_mode: padding of the convolution: "same" for an output of size * stride, "valid" for none, "pad" for
            `padding`.
        padding: with "pad": an int, or (top, bottom, left, right).
        output_padding: with "pad", by how much the output is larger at the end: an int or one for each axis.
        dilation: distance of the window's elements: an int or one for each axis.
        group: into how many groups the channels are divided.
        has_bias: whether there is a bias.
        weight_init: initializer of the weight, of shape (in_channels, out_channels / group, height, width); default:
            `HeUniform(sqrt(5))`.
        bias_init: initializer of the bias; default: `Uniform(1 / sqrt(fan_in))`.
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Conv2dTranspose(8, 3, 5, stride=2)(ops.ones((2, 8, 8, 8))).shape
        (2, 3, 16, 16)
    """

    axes = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        pad_mode: str = "same",
        padding: Any = 0,
        output_padding: Any = 0,
        dilation: Any = 1,
        group: int = 1,
        has_bias: bool = False,
        weight_init: Any = None,
        bias_init: Any = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias, weight_init,
            bias_init, dtype,
        )  # fmt: skip
        self._set_output_padding(output_padding)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"{super().extend_repr()}, format=NCHW"


class Conv3dTranspose(_ConvTranspose):
    """Transpose of a convolution over three axes: its derivative by the input, as a layer.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window: an int or (depth, height, width).
        stride: step of the convolution: an int or one for each axis; the output is about so many times larger.
        pad_mode: padding of the convolution: "same" for an output of size * stride, "valid" for none, "pad" for
            `padding`.
        padding: with "pad": an int, or two for each axis in a row.
        dilation: distance of the window's elements: an int or one for each axis.
        group: into how many groups the channels are divided.
        output_padding: with "pad", by how much the output is larger at the end: an int or one for each axis.
        has_bias: whether there is a bias.
        weight_init: initializer of the weight, of shape (in_channels, out_channels / group, depth, height, width);
            default: `HeUniform(sqrt(5))`.
        bias_init: initializer of the bias; default: `Uniform(1 / sqrt(fan_in))`.
        data_format: "NCDHW".
        dtype: type of the parameters.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Conv3dTranspose(8, 3, 3, stride=2)(ops.ones((2, 8, 2, 4, 4))).shape
        (2, 3, 4, 8, 8)
    """

    axes = 3

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        pad_mode: str = "same",
        padding: Any = 0,
        dilation: Any = 1,
        group: int = 1,
        output_padding: Any = 0,
        has_bias: bool = False,
        weight_init: Any = None,
        bias_init: Any = None,
        data_format: str = "NCDHW",
        dtype: Any = float32,
    ) -> None:
        super().__init__(
            in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias, weight_init,
            bias_init, dtype,
        )  # fmt: skip
        check_format("nn.Conv3dTranspose", data_format, "NCDHW")
        self._set_output_padding(output_padding)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"{super().extend_repr()}, format=NCDHW"


def check_format(subject: str, given: str, only: str) -> None:
    """Refuse orders of axes other than MindSpore's default.

    Raises:
        ValueError: another order.
    """
    if given != only:
        raise ValueError(
            explain(
                subject,
                given=f"data_format={given!r}",
                expected=f'"{only}"',
                remedy="Transpose the input before the layer.",
            )
        )
