"""Activation functions as cells."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.ops.functions import elementwise
from lamella.ops.functions.create import full
from lamella.ops.functions.shape import reshape
from lamella.ops.nn import activation
from lamella.parameter import Parameter
from lamella.tensor import Tensor


class ReLU(Cell):
    """max(x, 0), of any shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.ReLU()(Tensor([-1.0, 2.0])).asnumpy()
        array([0., 2.], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a tensor of numbers."""
        return activation.relu(x)


class ReLU6(Cell):
    """min(max(x, 0), 6), of any shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.ReLU6()(Tensor([-1.0, 8.0])).asnumpy()
        array([0., 6.], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a tensor of numbers."""
        return activation.relu6(x)


class LeakyReLU(Cell):
    """x where positive, alpha * x elsewhere, of any shape.

    Args:
        alpha: slope of the negative part.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.LeakyReLU(0.5)(Tensor([-1.0, 2.0])).asnumpy()
        array([-0.5,  2. ], dtype=float32)
    """

    def __init__(self, alpha: float = 0.2) -> None:
        super().__init__()
        self.alpha = alpha

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.leaky_relu(x, self.alpha)


class ELU(Cell):
    """x where positive, alpha * (exp(x) - 1) elsewhere, of any shape (Clevert et al., 2015).

    Args:
        alpha: minus the limit for very negative x.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.ELU()(Tensor([0.0, 2.0])).asnumpy()
        array([0., 2.], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.elu(x, self.alpha)


class SiLU(Cell):
    """x * sigmoid(x), of any shape (Elfwing et al., 2017).

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.SiLU()(Tensor([0.0])).asnumpy()
        array([0.], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.silu(x)


class GELU(Cell):
    """x times the standard normal distribution function at x, of any shape (Hendrycks and Gimpel, 2016).

    Args:
        approximate: whether to use tanh in place of the error function.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.GELU()(Tensor([0.0, 10.0])).asnumpy()
        array([ 0., 10.], dtype=float32)
    """

    def __init__(self, approximate: bool = True) -> None:
        super().__init__()
        self.approximate = approximate

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.gelu(x, "tanh" if self.approximate else "none")


class Sigmoid(Cell):
    """1 / (1 + exp(-x)), of any shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Sigmoid()(Tensor([0.0])).asnumpy()
        array([0.5], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return elementwise.sigmoid(x)


class LogSigmoid(Cell):
    """log(sigmoid(x)), without underflow, of any shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.LogSigmoid()(Tensor([-1000.0])).asnumpy()
        array([-1000.], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.logsigmoid(x)


class Tanh(Cell):
    """Hyperbolic tangent, of any shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Tanh()(Tensor([0.0])).asnumpy()
        array([0.], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return elementwise.tanh(x)


class HSigmoid(Cell):
    """min(max(x / 6 + 1/2, 0), 1), of any shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.HSigmoid()(Tensor([-3.0, 0.0, 3.0])).asnumpy()
        array([0. , 0.5, 1. ], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.hardsigmoid(x)


class HSwish(Cell):
    """x * min(max(x / 6 + 1/2, 0), 1), of any shape (Howard et al., 2019).

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.HSwish()(Tensor([3.0])).asnumpy()
        array([3.], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.hardswish(x)


class Mish(Cell):
    """x * tanh(log(1 + exp(x))), of any shape (Misra, 2019).

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Mish()(Tensor([0.0])).asnumpy()
        array([0.], dtype=float32)
    """

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.mish(x)


class Softmax(Cell):
    """exp(x) / sum(exp(x)) along an axis.

    Args:
        axis: the axis along which the results sum to 1.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.Softmax()(Tensor([1.0, 1.0])).asnumpy()
        array([0.5, 0.5], dtype=float32)
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.softmax(x, self.axis)


class LogSoftmax(Cell):
    """Logarithm of `Softmax`, without underflow.

    Args:
        axis: the axis along which the exponentials of the results sum to 1.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.LogSoftmax()(Tensor([0.0, 1000.0])).asnumpy()
        array([-1000.,     0.], dtype=float32)
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        return activation.log_softmax(x, self.axis)


class PReLU(Cell):
    """x where positive, w * x elsewhere, with a trained w (He et al., 2015).

    Args:
        channel: 1 for one w, or the number of channels, the second axis of x, for one w each.
        w: first value of w: a number, or a tensor of shape (channel,).

    Raises:
        ValueError: `channel` is not positive, or `w` of another shape.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.PReLU()(Tensor([-1.0, 2.0])).asnumpy()
        array([-0.25,  2.  ], dtype=float32)
    """

    def __init__(self, channel: int = 1, w: Any = 0.25) -> None:
        super().__init__()
        if channel < 1:
            raise ValueError(explain("nn.PReLU", given=f"channel={channel}", expected="1 or more"))
        first = full((channel,), float(w)) if isinstance(w, (int, float)) else Tensor(np.asarray(w, np.float32))
        if first.shape != (channel,):
            raise ValueError(explain("nn.PReLU", given=f"w of shape {first.shape}", expected=f"shape ({channel},)"))
        self.w = Parameter(first, name="a")

    def construct(self, x: Tensor) -> Tensor:
        """Apply to a floating-point tensor."""
        w = self.w if x.ndim < 2 or self.w.size == 1 else reshape(self.w, (-1, *(1,) * (x.ndim - 2)))
        return elementwise.maximum(x, 0.0) + elementwise.minimum(x, 0.0) * w


_BY_NAME: dict[str, type[Cell]] = {
    "softmax": Softmax, "logsoftmax": LogSoftmax, "relu": ReLU, "relu6": ReLU6, "silu": SiLU, "tanh": Tanh,
    "gelu": GELU, "elu": ELU, "sigmoid": Sigmoid, "prelu": PReLU,
    "leakyrelu": LeakyReLU, "hswish": HSwish, "hsigmoid": HSigmoid, "logsigmoid": LogSigmoid, "mish": Mish,
}  # fmt: skip


def get_activation(name: str | None, prim_name: str | None = None) -> Cell | None:
    """The activation of that name.

    Args:
        name: such as "relu", "gelu" or "sigmoid"; None for none.
        prim_name: who asks, for the error message.

    Raises:
        ValueError: there is none of that name.

    Examples:
        >>> from lamella import nn
        >>> nn.get_activation("relu")
        ReLU()
    """
    if name is None:
        return None
    if name not in _BY_NAME:
        raise ValueError(
            explain(
                prim_name or "nn.get_activation", given=f"activation {name!r}", expected=f"one of {', '.join(_BY_NAME)}"
            )
        )
    return _BY_NAME[name]()
