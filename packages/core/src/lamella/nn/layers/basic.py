"""Layers that need no explanation: Dense, Flatten, Dropout, Embedding and the like."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lamella.dtypes import as_dtype, float32
from lamella.errors import explain
from lamella.initializer import HeUniform, Uniform, initializer
from lamella.nn.cell import Cell
from lamella.nn.layers.activation import get_activation
from lamella.ops.functions import elementwise, join_split, pad, rearrange, select
from lamella.ops.functions import shape as shapes
from lamella.ops.functions.create import one_hot
from lamella.ops.functions.products import dense
from lamella.ops.nn import dropout
from lamella.ops.prims import gather
from lamella.parameter import Parameter
from lamella.tensor import Tensor


def positive_int(subject: str, name: str, value: Any) -> int:
    """An int of at least 1.

    Raises:
        TypeError: not an int.
        ValueError: less than 1.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(explain(subject, given=f"{name}={value!r}", expected="an int"))
    if value < 1:
        raise ValueError(explain(subject, given=f"{name}={value}", expected="1 or more"))
    return int(value)


class Dense(Cell):
    """Fully connected layer: activation(x @ weight.T + bias).

    Args:
        in_channels: size of the last axis of the input.
        out_channels: size of the last axis of the output.
        weight_init: initializer of the weight, of shape (out_channels, in_channels); default: `HeUniform(sqrt(5))`.
        bias_init: initializer of the bias, of shape (out_channels,); default: `Uniform(1 / sqrt(in_channels))`.
        has_bias: whether there is a bias.
        activation: a cell, the name of an activation, or None.
        dtype: type of the parameters.

    Raises:
        TypeError: channels that are not ints, an activation that is neither a name nor a cell.
        ValueError: channels that are not positive, an initial tensor of another shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Dense(3, 4)(Tensor([[1.0, 2.0, 3.0]])).shape
        (1, 4)
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        weight_init: Any = None,
        bias_init: Any = None,
        has_bias: bool = True,
        activation: Any = None,
        dtype: Any = float32,
    ) -> None:
        super().__init__()
        self.in_channels = positive_int("nn.Dense", "in_channels", in_channels)
        self.out_channels = positive_int("nn.Dense", "out_channels", out_channels)
        self.has_bias = has_bias
        if weight_init is None:
            weight_init = HeUniform(math.sqrt(5))
        self.weight = Parameter(initializer(weight_init, (out_channels, in_channels), dtype))
        self.bias = None
        if has_bias:
            if bias_init is None:
                bias_init = Uniform(1 / math.sqrt(in_channels))
            self.bias = Parameter(initializer(bias_init, (out_channels,), dtype))
        if isinstance(activation, str):
            activation = get_activation(activation, "nn.Dense")
        if activation is not None and not isinstance(activation, Cell):
            raise TypeError(explain("nn.Dense", given=f"activation={activation!r}", expected="a Cell, a name or None"))
        self.activation = activation

    def construct(self, x: Tensor) -> Tensor:
        """Apply to x[…, in_channels], giving y[…, out_channels]."""
        y = dense(x, self.weight, self.bias)
        return y if self.activation is None else self.activation(y)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        shown = f"input_channels={self.in_channels}, output_channels={self.out_channels}"
        if self.has_bias:
            shown += ", has_bias=True"
        return shown if self.activation is None else f"{shown}, activation={self.activation}"


class Flatten(Cell):
    """Merges axes into one.

    Args:
        start_dim: the first axis to merge; default 1: all but the batch.
        end_dim: the last.

    Examples:
        >>> from lamella import nn, ops
        >>> nn.Flatten()(ops.ones((2, 3, 4))).shape
        (2, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a tensor of any type."""
        return shapes.flatten(x, start_dim=self.start_dim, end_dim=self.end_dim)


class Identity(Cell):
    """Returns what it is given.

    Args:
        args: anything, not used.
        kwargs: anything, not used.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Identity()(Tensor([1, 2])).asnumpy()
        array([1, 2])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def construct(self, x: Tensor) -> Tensor:
        """Return `x`."""
        return x


class Dropout(Cell):
    """While training, zeroes a random part of the elements and scales the others so that the expected value stays.

    Args:
        keep_prob: probability of keeping an element, above 0 and at most 1; only used where `p` is None.
        p: probability of zeroing an element, at least 0 and below 1.

    Raises:
        TypeError: a probability is not a number.
        ValueError: a probability is out of its range.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Dropout(p=0.5)(Tensor([1.0, 2.0])).asnumpy()
        array([1., 2.], dtype=float32)
        >>> nn.Dropout(p=0.0).set_train()(Tensor([1.0, 2.0])).asnumpy()
        array([1., 2.], dtype=float32)
    """

    def __init__(self, keep_prob: float = 0.5, p: float | None = None) -> None:
        super().__init__()
        name, value = ("keep_prob", keep_prob) if p is None else ("p", p)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(explain("nn.Dropout", given=f"{name}={value!r}", expected="a number"))
        if p is None and not 0 < keep_prob <= 1:
            raise ValueError(explain("nn.Dropout", given=f"keep_prob={keep_prob}", expected="above 0 and at most 1"))
        if p is not None and not 0 <= p < 1:
            raise ValueError(explain("nn.Dropout", given=f"p={p}", expected="at least 0 and below 1"))
        self.keep_prob = keep_prob
        self.p = p

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor of any shape."""
        return dropout.dropout(x, 1 - self.keep_prob if self.p is None else self.p, self.training)

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return f"keep_prob={self.keep_prob}" if self.p is None else f"p={self.p}"


class Embedding(Cell):
    """Looks rows up in a table.

    Args:
        vocab_size: number of rows.
        embedding_size: size of a row.
        use_one_hot: whether to multiply one-hot rows with the table instead; the result is the same.
        embedding_table: initializer of the table, of shape (vocab_size, embedding_size).
        dtype: type of the table.
        padding_idx: a row that starts as zeros.

    Raises:
        TypeError: sizes that are not ints.
        ValueError: sizes that are not positive, `padding_idx` that is no row.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Embedding(10, 4)(Tensor([[1, 2, 3]])).shape
        (1, 3, 4)
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_size: int,
        use_one_hot: bool = False,
        embedding_table: Any = "normal",
        dtype: Any = float32,
        padding_idx: int | None = None,
    ) -> None:
        super().__init__()
        self.vocab_size = positive_int("nn.Embedding", "vocab_size", vocab_size)
        self.embedding_size = positive_int("nn.Embedding", "embedding_size", embedding_size)
        self.use_one_hot = use_one_hot
        self.padding_idx = padding_idx
        self.dtype = as_dtype(dtype, "nn.Embedding(dtype=…)")
        table = initializer(embedding_table, (vocab_size, embedding_size), dtype)
        if padding_idx is not None:
            if not 0 <= padding_idx < vocab_size:
                raise ValueError(
                    explain("nn.Embedding", given=f"padding_idx={padding_idx}", expected=f"0 to {vocab_size - 1}")
                )
            rows = np.array(table.asnumpy())
            rows[padding_idx] = 0
            table = Tensor(rows)
        self.embedding_table = Parameter(table, name="embedding_table")

    def construct(self, ids: Tensor) -> Tensor:
        """Apply to integers of any shape, each from 0 to vocab_size - 1; the rows are the last axis."""
        if not ids.dtype.is_integer:
            raise TypeError(explain("nn.Embedding", given=f"ids of type {ids.dtype}", expected="integers"))
        if self.use_one_hot:
            rows = one_hot(ids, self.vocab_size, 1.0, 0.0)
            return dense(
                elementwise.cast(rows, self.embedding_table.dtype), rearrange.transpose(self.embedding_table, (1, 0))
            )
        result: Tensor = gather(self.embedding_table, ids, axis=0)
        return result

    def extend_repr(self) -> str:
        """Settings that `repr` shows."""
        return (
            f"vocab_size={self.vocab_size}, embedding_size={self.embedding_size}, use_one_hot={self.use_one_hot}, "
            f"embedding_table={self.embedding_table!r}, dtype={self.dtype}, padding_idx={self.padding_idx}"
        )


_PAD_MODES = {"CONSTANT": "constant", "REFLECT": "reflect", "SYMMETRIC": "symmetric"}


class Pad(Cell):
    """Puts elements around a tensor.

    Args:
        paddings: a pair for each axis: how many before and after.
        mode: "CONSTANT" for zeros, "REFLECT" to mirror without the edge, "SYMMETRIC" to mirror with it.

    Raises:
        ValueError: `paddings` is not pairs of ints of at least 0, another mode.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Pad(((0, 0), (1, 2)))(Tensor([[1.0, 2.0]])).asnumpy()
        array([[0., 1., 2., 0., 0.]], dtype=float32)
    """

    def __init__(self, paddings: Any, mode: str = "CONSTANT") -> None:
        super().__init__()
        if mode not in _PAD_MODES:
            raise ValueError(explain("nn.Pad", given=f"mode={mode!r}", expected=f"one of {', '.join(_PAD_MODES)}"))
        pairs = tuple(tuple(pair) for pair in paddings)
        if any(len(pair) != 2 or any(not isinstance(n, int) or n < 0 for n in pair) for pair in pairs):
            raise ValueError(explain("nn.Pad", given=f"paddings={paddings}", expected="a pair of counts for each axis"))
        self.paddings = pairs
        self.mode = mode

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a tensor with as many axes as there are pairs."""
        if x.ndim != len(self.paddings):
            raise ValueError(
                explain("nn.Pad", given=f"shape {x.shape}, {len(self.paddings)} pairs", expected="a pair for each axis")
            )
        if self.mode == "CONSTANT":
            return pad.pad(x, [n for pair in reversed(self.paddings) for n in pair])
        skip = 1 if self.mode == "REFLECT" else 0
        for axis, (before, after) in enumerate(self.paddings):
            x = _mirrored(x, axis, before, after, skip)
        return x


def _mirrored(x: Tensor, axis: int, before: int, after: int, skip: int) -> Tensor:
    """`x` with mirror images at both ends of an axis, which leave out `skip` elements at the edge."""
    size = x.shape[axis]
    if max(before, after) > size - skip:
        raise ValueError(
            explain(
                "nn.Pad", given=f"paddings {(before, after)} for an axis of {size}", expected=f"at most {size - skip}"
            )
        )
    low = rearrange.flip(select.narrow(x, axis, skip, before), (axis,))
    high = rearrange.flip(select.narrow(x, axis, size - skip - after, after), (axis,))
    return join_split.concat((low, x, high), axis)


class OneHot(Cell):
    """One value at the position that an integer names, another elsewhere.

    Args:
        axis: where the new axis is; default: last.
        depth: its size.
        on_value: value at the position.
        off_value: value elsewhere.
        dtype: type of the result.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.OneHot(depth=3)(Tensor([2, 0])).asnumpy()
        array([[0., 0., 1.],
               [1., 0., 0.]], dtype=float32)
    """

    def __init__(
        self, axis: int = -1, depth: int = 1, on_value: Any = 1.0, off_value: Any = 0.0, dtype: Any = float32
    ) -> None:
        super().__init__()
        self.axis = axis
        self.depth = depth
        self.dtype = as_dtype(dtype, "nn.OneHot(dtype=…)")
        self.on_value = on_value
        self.off_value = off_value

    def construct(self, indices: Tensor) -> Tensor:
        """Apply to integers of any shape; out of range, all values are `off_value`."""
        return elementwise.cast(one_hot(indices, self.depth, self.on_value, self.off_value, self.axis), self.dtype)
