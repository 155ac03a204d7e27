"""Activation functions as cells, where they are more than the function (see `functional`)."""

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


_OWN: dict[str, type[Cell]] = {kind.__name__.lower(): kind for kind in (GELU, LeakyReLU, LogSigmoid, PReLU, SiLU)}

#: The layers among the rows that can be asked for by name.
_MADE = {
    name.lower(): name
    for name in ("ELU", "HSigmoid", "HSwish", "LogSoftmax", "Mish", "ReLU", "ReLU6", "Sigmoid", "Softmax", "Tanh")
}


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
    if name in _OWN:
        return _OWN[name]()
    if name not in _MADE:
        known = ", ".join(sorted({*_OWN, *_MADE}))
        raise ValueError(
            explain(prim_name or "nn.get_activation", given=f"activation {name!r}", expected=f"one of {known}")
        )
    from lamella.nn.layers import functional

    made: Cell = getattr(functional, _MADE[name])()
    return made
