"""Layers made of others, layers of two inputs, and tables for large vocabularies."""

from __future__ import annotations

import math
from typing import Any

from lamella.dtypes import float32
from lamella.errors import explain
from lamella.initializer import Uniform, initializer
from lamella.nn.cell import Cell
from lamella.nn.layers.activation import LeakyReLU, get_activation
from lamella.nn.layers.basic import Dense, positive_int
from lamella.nn.layers.conv import Conv2d
from lamella.nn.layers.normalization import BatchNorm1d, BatchNorm2d
from lamella.ops import prims
from lamella.ops.classes.primitive import Primitive
from lamella.ops.convert import cast, unified, wide
from lamella.ops.functions.elementwise import maximum, sqrt
from lamella.ops.functions.gather_scatter import gather
from lamella.ops.functions.join_split import stack
from lamella.ops.functions.products import matmul
from lamella.ops.functions.reduce import sum as total
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import reshape
from lamella.ops.nn.dropout import dropout1d, dropout2d, dropout3d
from lamella.parameter import Parameter
from lamella.tensor import Tensor

__all__ = [
    "BiDense",
    "Conv2dBnAct",
    "DenseBnAct",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "EmbeddingLookup",
    "MultiFieldEmbeddingLookup",
    "TimeDistributed",
]


def _activation(subject: str, given: Any, alpha: float) -> Any:
    """The activation of a name or class, or itself."""
    if isinstance(given, str):
        return LeakyReLU(alpha) if given.lower() == "leakyrelu" else get_activation(given.lower(), subject)
    if given is not None and not isinstance(given, (Cell, Primitive)):
        raise TypeError(explain(subject, given=f"activation={given!r}", expected="a name, a cell, a primitive or None"))
    return given


class Conv2dBnAct(Cell):
    """`Conv2d`, then perhaps `BatchNorm2d`, then perhaps an activation.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: size of the window: an int or (height, width).
        stride: its step.
        pad_mode: "same", "valid" or "pad", see `Conv2d`.
        padding: zeros around the input with "pad".
        dilation: distance of the window's elements.
        group: into how many groups the channels are divided.
        has_bias: whether there is a bias.
        weight_init: initializer of the weight.
        bias_init: initializer of the bias.
        has_bn: whether the result is normalized.
        momentum: how much of the moving values of the normalization stays at each step.
        eps: added to the variance.
        activation: a name, a cell, a primitive or None.
        alpha: slope of a "leakyrelu" below 0.
        after_fake: has no effect.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Conv2dBnAct(3, 8, 3, has_bn=True, activation="relu")(ops.ones((2, 3, 6, 6))).shape
        (2, 8, 6, 6)
    """

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
        weight_init: Any = "normal",
        bias_init: Any = "zeros",
        has_bn: bool = False,
        momentum: float = 0.997,
        eps: float = 1e-5,
        activation: Any = None,
        alpha: float = 0.2,
        after_fake: bool = True,
    ) -> None:
        super().__init__()
        self.conv = Conv2d(
            in_channels, out_channels, kernel_size, stride, pad_mode, padding, dilation, group, has_bias, weight_init,
            bias_init,
        )  # fmt: skip
        self.has_bn = has_bn
        if has_bn:
            self.batchnorm = BatchNorm2d(out_channels, eps, momentum)
        self.activation = _activation("nn.Conv2dBnAct", activation, alpha)
        self.has_act = self.activation is not None

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, in_channels, height, width]."""
        y = self.conv(x)
        if self.has_bn:
            y = self.batchnorm(y)
        result: Tensor = self.activation(y) if self.has_act else y
        return result


class DenseBnAct(Cell):
    """`Dense`, then perhaps `BatchNorm1d`, then perhaps an activation.

    Args:
        in_channels: size of the last axis of the input.
        out_channels: size of the last axis of the output.
        weight_init: initializer of the weight.
        bias_init: initializer of the bias.
        has_bias: whether there is a bias.
        has_bn: whether the result is normalized.
        momentum: how much of the moving values of the normalization stays at each step.
        eps: added to the variance.
        activation: a name, a cell, a primitive or None.
        alpha: slope of a "leakyrelu" below 0.
        after_fake: has no effect.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.DenseBnAct(3, 8, has_bn=True, activation="relu")(ops.ones((2, 3))).shape
        (2, 8)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        weight_init: Any = "normal",
        bias_init: Any = "zeros",
        has_bias: bool = True,
        has_bn: bool = False,
        momentum: float = 0.9,
        eps: float = 1e-5,
        activation: Any = None,
        alpha: float = 0.2,
        after_fake: bool = True,
    ) -> None:
        super().__init__()
        self.dense = Dense(in_channels, out_channels, weight_init, bias_init, has_bias)
        self.has_bn = has_bn
        if has_bn:
            self.batchnorm = BatchNorm1d(out_channels, eps, momentum)
        self.activation = _activation("nn.DenseBnAct", activation, alpha)
        self.has_act = self.activation is not None

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[n, in_channels]."""
        y = self.dense(x)
        if self.has_bn:
            y = self.batchnorm(y)
        result: Tensor = self.activation(y) if self.has_act else y
        return result


class BiDense(Cell):
    """A bilinear layer: for each output, x1 @ weight[output] @ x2 + bias[output].

    Args:
        in1_channels: size of the last axis of the first input.
        in2_channels: size of the last axis of the second input.
        out_channels: size of the last axis of the output.
        weight_init: initializer of the weight, of shape (out_channels, in1_channels, in2_channels); default:
            `Uniform(1 / sqrt(in1_channels))`.
        bias_init: initializer of the bias; default: the same.
        has_bias: whether there is a bias.
        dtype: type of the parameters.

    Raises:
        TypeError: channels that are not ints.
        ValueError: channels that are not positive.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.BiDense(3, 4, 5)(ops.ones((2, 3)), ops.ones((2, 4))).shape
        (2, 5)
    """

    def __init__(
        self,
        in1_channels: int,
        in2_channels: int,
        out_channels: int,
        weight_init: Any = None,
        bias_init: Any = None,
        has_bias: bool = True,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        self.in1_channels = positive_int("nn.BiDense", "in1_channels", in1_channels)
        self.in2_channels = positive_int("nn.BiDense", "in2_channels", in2_channels)
        self.out_channels = positive_int("nn.BiDense", "out_channels", out_channels)
        self.has_bias = has_bias
        small = Uniform(1 / math.sqrt(in1_channels))
        shape = (out_channels, in1_channels, in2_channels)
        self.weight = Parameter(initializer(small if weight_init is None else weight_init, shape, dtype))
        self.bias = None
        if has_bias:
            self.bias = Parameter(initializer(small if bias_init is None else bias_init, (out_channels,), dtype))

    def construct(self, input1: Tensor, input2: Tensor) -> Tensor:
        """Apply to input1[..., in1_channels] and input2[..., in2_channels], alike but for the last axis."""
        sizes = (self.in1_channels, self.in2_channels)
        last = (input1.shape[-1:], input2.shape[-1:])
        if last != tuple((n,) for n in sizes) or input1.shape[:-1] != input2.shape[:-1]:
            given = f"shapes {input1.shape} and {input2.shape}"
            raise ValueError(explain("nn.BiDense", given=given, expected=f"last axes of {sizes}, the others alike"))
        a, b, weight = unified("nn.BiDense", input1, input2, self.weight)
        lead = a.shape[:-1]
        rows = reshape(a, (-1, self.in1_channels))
        flat = reshape(_swapped(weight), (self.in1_channels, self.out_channels * self.in2_channels))
        between = reshape(matmul(rows, flat), (-1, self.out_channels, self.in2_channels))
        y = reshape(matmul(between, reshape(b, (-1, self.in2_channels, 1))), (*lead, self.out_channels))
        return y if self.bias is None else y + cast(self.bias, y.dtype)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return (
            f"in1_channels={self.in1_channels}, in2_channels={self.in2_channels}, output_channels={self.out_channels}, "
            f"has_bias={self.has_bias}"
        )


def _swapped(x: Tensor) -> Tensor:
    """x[a, b, c] as [b, a, c]."""
    result: Tensor = prims.transpose(x, permutation=(1, 0, 2))
    return result


class TimeDistributed(Cell):
    """A layer applied to each step of time, with the same parameters.

    Args:
        layer: a cell or primitive.
        time_axis: the axis of the steps.
        reshape_with_axis: an axis into which the steps may be merged, so that the layer is called once; default: None,
            to call it for each step.

    Raises:
        TypeError: `layer` is neither a cell nor a primitive.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.TimeDistributed(nn.Dense(3, 2), time_axis=1, reshape_with_axis=0)(ops.ones((4, 5, 3))).shape
        (4, 5, 2)
    """

    def __init__(self, layer: Any, time_axis: int, reshape_with_axis: int | None = None) -> None:
        super().__init__()
        if not isinstance(layer, (Cell, Primitive)):
            given = f"a {type(layer).__name__}"
            raise TypeError(explain("nn.TimeDistributed", given=given, expected="a cell or a primitive"))
        self.layer = layer
        self.time_axis = time_axis
        self.reshape_with_axis = reshape_with_axis

    def construct(self, inputs: Tensor) -> Tensor:
        """Apply to a tensor of at least 3 axes."""
        axis, n = self.time_axis, inputs.ndim
        fits = n >= 3 and all(-n <= a < n for a in (axis, self.reshape_with_axis or 0))
        if not fits or (self.reshape_with_axis is not None and (axis - self.reshape_with_axis) % n == 0):
            raise ValueError(
                explain(
                    "nn.TimeDistributed",
                    given=f"{inputs._type}, time_axis={axis}, reshape_with_axis={self.reshape_with_axis}",
                    expected="at least 3 axes, and two different ones of them",
                )
            )
        axis %= n
        if self.reshape_with_axis is None:
            steps = [prims.narrow(inputs, axis, i, i + 1) for i in range(inputs.shape[axis])]
            shape = inputs.shape[:axis] + inputs.shape[axis + 1 :]
            return stack([self.layer(reshape(step, shape)) for step in steps], axis)
        other = self.reshape_with_axis % n
        # The steps next to the other axis, merged with it.
        front = [a for a in range(n) if a not in (axis, other)]
        moved = prims.transpose(inputs, permutation=(other, axis, *front))
        size, steps_count = inputs.shape[other], inputs.shape[axis]
        where_other = other - (axis < other)
        merged = reshape(moved, (size * steps_count, *(inputs.shape[a] for a in front)))
        places = list(range(1, len(front) + 1))
        places.insert(where_other, 0)
        y = self.layer(prims.transpose(merged, permutation=tuple(places)))
        back = [where_other, *(a for a in range(y.ndim) if a != where_other)]
        apart = prims.transpose(y, permutation=tuple(back))
        apart = reshape(apart, (size, steps_count, *apart.shape[1:]))
        # Back to where they were, in what the layer gave.
        rest = list(range(2, apart.ndim))
        rest.insert(where_other, 0)
        rest.insert(axis, 1)
        result: Tensor = prims.transpose(apart, permutation=tuple(rest))
        return result


class _DropChannels(Cell):
    """Drops channels while training."""

    function: Any

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        if isinstance(p, bool) or not isinstance(p, (int, float)) or not 0 <= p <= 1:
            raise ValueError(explain(f"nn.{type(self).__name__}", given=f"p={p!r}", expected="a number from 0 to 1"))
        self.p = p

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor [n, c, …] or [c, …]."""
        result: Tensor = type(self).function(x, self.p, self.training)
        return result

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"p={self.p}"


class Dropout1d(_DropChannels):
    """Zeroes whole channels of x[n, c, length] at random while training, and scales the others.

    Args:
        p: the probability of zeroing a channel.

    Raises:
        ValueError: `p` is not in [0, 1].

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Dropout1d(0.5)(ops.ones((2, 3, 4))).sum().item()
        24.0
    """

    function = staticmethod(dropout1d)


class Dropout2d(_DropChannels):
    """Zeroes whole channels of x[n, c, height, width] at random while training, and scales the others.

    Args:
        p: the probability of zeroing a channel.

    Raises:
        ValueError: `p` is not in [0, 1].

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Dropout2d(0.5)(ops.ones((2, 3, 4, 4))).sum().item()
        96.0
    """

    function = staticmethod(dropout2d)


class Dropout3d(_DropChannels):
    """Zeroes whole channels of x[n, c, depth, height, width] at random while training, and scales the others.

    Args:
        p: the probability of zeroing a channel.

    Raises:
        ValueError: `p` is not in [0, 1].

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Dropout3d(0.5)(ops.ones((1, 1, 2, 2, 2))).sum().item()
        8.0
    """

    function = staticmethod(dropout3d)


def _shortened(rows: Tensor, max_norm: float | None) -> Tensor:
    """Rows scaled down to a norm."""
    if max_norm is None:
        return rows
    numbers = wide(rows)
    squares = total(numbers * numbers, -1, keepdim=True)
    length = sqrt(maximum(squares, max_norm * max_norm))
    return cast(numbers * (max_norm / length), rows.dtype)


class _Lookup(Cell):
    """A table of which rows are taken."""

    def __init__(
        self,
        vocab_size: int,
        embedding_size: int,
        param_init: Any,
        target: str,
        slice_mode: str,
        max_norm: float | None,
        sparse: bool,
        dtype: Any,
    ) -> None:
        super().__init__()
        name = f"nn.{type(self).__name__}"
        self.vocab_size = positive_int(name, "vocab_size", vocab_size)
        self.embedding_size = positive_int(name, "embedding_size", embedding_size)
        modes = ("batch_slice", "field_slice", "table_row_slice", "table_column_slice")
        for setting, given, allowed in (("target", target, ("CPU", "DEVICE")), ("slice_mode", slice_mode, modes)):
            if given not in allowed:
                raise ValueError(explain(name, given=f"{setting}={given!r}", expected=f"one of {', '.join(allowed)}"))
        if target == "CPU" and not sparse:
            raise ValueError(explain(name, given='target="CPU", sparse=False', expected="sparse=True"))
        if max_norm is not None and not max_norm > 0:
            raise ValueError(explain(name, given=f"max_norm={max_norm}", expected="a number above 0, or None"))
        self.target = target
        self.max_norm = max_norm
        self.embedding_table = Parameter(
            initializer(param_init, (vocab_size, embedding_size), dtype), name="embedding_table"
        )

    def _rows(self, ids: Tensor) -> Tensor:
        """Rows of the table; zeros for ids beyond it."""
        if not ids.dtype.is_integer:
            given = f"indices of type {ids.dtype}"
            raise TypeError(explain(f"nn.{type(self).__name__}", given=given, expected="integers"))
        inside = (ids >= 0) & (ids < self.vocab_size)
        rows = gather(self.embedding_table, where(inside, ids, 0), 0)
        return _shortened(where(reshape(inside, (*ids.shape, 1)), rows, 0.0), self.max_norm)


class EmbeddingLookup(_Lookup):
    """Rows of a trained table, zeros for indices beyond it.

    Args:
        vocab_size: number of rows.
        embedding_size: their size.
        param_init: initializer of the table.
        target: "CPU" or "DEVICE"; has no effect.
        slice_mode: how the table is divided over devices; has no effect on one.
        manual_shapes: sizes of the parts with "field_slice".
        max_norm: a norm to which rows are scaled down, or None.
        sparse: must be true with "CPU"; has no effect.
        dtype: type of the table.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.EmbeddingLookup(4, 2, "ones")(Tensor([[1, 7]])).asnumpy()
        array([[[1., 1.],
                [0., 0.]]], dtype=float32)
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_size: int,
        param_init: Any = "normal",
        target: str = "CPU",
        slice_mode: str = "batch_slice",
        manual_shapes: Any = None,
        max_norm: float | None = None,
        sparse: bool = True,
        dtype: Any = float32,
    ) -> None:
        super().__init__(vocab_size, embedding_size, param_init, target, slice_mode, max_norm, sparse, dtype)
        if slice_mode == "field_slice" and not isinstance(manual_shapes, tuple):
            raise ValueError(
                explain("nn.EmbeddingLookup", given=f"manual_shapes={manual_shapes!r}", expected="a tuple of ints")
            )

    def construct(self, indices: Tensor) -> Tensor:
        """Apply to integers of any shape; the rows are the last axis."""
        return self._rows(indices)


class MultiFieldEmbeddingLookup(_Lookup):
    """Rows of a trained table, weighted and combined for each field.

    Args:
        vocab_size: number of rows.
        embedding_size: their size.
        field_size: number of fields.
        param_init: initializer of the table.
        target: "CPU" or "DEVICE"; has no effect.
        slice_mode: how the table is divided over devices; has no effect on one.
        feature_num_list: has no effect.
        max_norm: a norm to which rows are scaled down, or None.
        sparse: must be true with "CPU"; has no effect.
        operator: "SUM", "MEAN" (by the weights) or "MAX".
        dtype: type of the table.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: settings that do not fit.

    Examples:
        >>> from lamella import Tensor, nn
        >>> layer = nn.MultiFieldEmbeddingLookup(4, 2, 2, "ones")
        >>> layer(Tensor([[1, 2, 0]]), Tensor([[1.0, 2.0, 3.0]]), Tensor([[0, 0, 1]])).asnumpy()
        array([[[3., 3.],
                [3., 3.]]], dtype=float32)
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_size: int,
        field_size: int,
        param_init: Any = "normal",
        target: str = "CPU",
        slice_mode: str = "batch_slice",
        feature_num_list: Any = None,
        max_norm: float | None = None,
        sparse: bool = True,
        operator: str = "SUM",
        dtype: Any = float32,
    ) -> None:
        super().__init__(vocab_size, embedding_size, param_init, target, slice_mode, max_norm, sparse, dtype)
        self.field_size = positive_int("nn.MultiFieldEmbeddingLookup", "field_size", field_size)
        if operator not in ("SUM", "MEAN", "MAX"):
            given = f"operator={operator!r}"
            raise ValueError(explain("nn.MultiFieldEmbeddingLookup", given=given, expected="SUM, MEAN or MAX"))
        self.operator = operator

    def construct(self, input_indices: Tensor, input_values: Tensor, field_ids: Tensor) -> Tensor:
        """Combine rows.

        Args:
            input_indices: integers [n, length].
            input_values: the weight of each, [n, length].
            field_ids: to which field each belongs, integers [n, length].

        Returns:
            A tensor [n, field_size, embedding_size]; zeros for fields without weights.
        """
        shapes = {x.shape for x in (input_indices, input_values, field_ids)}
        if len(shapes) != 1 or input_indices.ndim != 2:
            given = ", ".join(map(str, shapes))
            raise ValueError(explain("nn.MultiFieldEmbeddingLookup", given=given, expected="one shape [n, length]"))
        rows = self._rows(input_indices) * reshape(
            cast(input_values, self.embedding_table.dtype), (*input_values.shape, 1)
        )
        n = input_indices.shape[0]
        fields = prims.iota(size=self.field_size, dtype=field_ids.dtype.name)
        mine = reshape(field_ids, (n, 1, -1)) == reshape(fields, (1, -1, 1))  # [n, field, length]
        part = cast(mine, rows.dtype)
        if self.operator == "MAX":
            spread = where(reshape(mine, (*mine.shape, 1)), reshape(rows, (n, 1, *rows.shape[1:])), -math.inf)
            highest = spread.max(2)
            return where(highest == -math.inf, 0.0, highest)
        combined = matmul(part, rows)
        if self.operator == "SUM":
            return combined
        weights = matmul(part, reshape(abs(cast(input_values, rows.dtype)), (n, -1, 1)))
        return where(weights == 0, 0.0, combined / where(weights == 0, 1.0, weights))
