"""Optimizers that keep parameters small or zero: `FTRL`, `ProximalAdagrad`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella.errors import explain
from lamella.nn.optim.checks import check_not_negative
from lamella.nn.optim.optimizer import Optimizer, as_graph
from lamella.ops.functions.elementwise import abs as magnitude
from lamella.ops.functions.elementwise import maximum, rsqrt, sign
from lamella.ops.functions.select import where
from lamella.parameter import Parameter
from lamella.tensor import Tensor

__all__ = ["FTRL", "ProximalAdagrad"]


class FTRL(Optimizer):
    """Follow the regularized leader (McMahan et al., "Ad click prediction", 2013).

    With n' = n + g ** 2 and q = -`lr_power`: z += g - (n' ** q - n ** q) / lr p, and p = (sign(z) l1 - z) /
    (n' ** q / lr + 2 l2) where abs(z) > l1, else 0.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        initial_accum: first value of the accumulated squares n.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        lr_power: the exponent q, at most 0.
        l1: how much parameters are drawn to 0.
        l2: how much they are made smaller.
        use_locking: has no effect.
        loss_scale: by what gradients are divided.
        weight_decay: how much of a parameter is added to its gradient.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.FTRL([w], initial_accum=1.0, learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([1.0]),))
        >>> w.asnumpy().round(4)
        array([-0.0607], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        initial_accum: float = 0.1,
        learning_rate: Any = 1e-3,
        lr_power: float = -0.5,
        l1: float = 0.0,
        l2: float = 0.0,
        use_locking: bool = False,
        loss_scale: float = 1.0,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_not_negative("nn.FTRL", initial_accum=initial_accum, l1=l1, l2=l2)
        if isinstance(lr_power, bool) or not isinstance(lr_power, (int, float)) or lr_power > 0:
            raise ValueError(explain("nn.FTRL", given=f"lr_power={lr_power!r}", expected="a number of at most 0"))
        self.lr_power = lr_power
        self.l1 = l1
        self.l2 = l2
        self.moments = self.state_like("moments", initial_accum)
        self.linear = self.state_like("linear")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """

        def update(parameter: Parameter, g: Tensor, rate: Tensor, squares: Parameter, linear: Parameter) -> None:
            total = squares + g * g
            grown, before = total ** (-self.lr_power), squares ** (-self.lr_power)
            linear.assign_value(linear + g - (grown - before) / rate * parameter)
            squares.assign_value(total)
            nearest = (sign(linear) * self.l1 - linear) / (grown / rate + 2 * self.l2)
            parameter.assign_value(where(magnitude(linear) > self.l1, nearest, 0.0))

        return self.update_each(gradients, update)


class ProximalAdagrad(Optimizer):
    """Adagrad followed by a proximal step (Duchi and Singer, 2009).

    accum += g**2, r = lr / sqrt(accum), q = p - r g, p = sign(q) max(abs(q) - r l1, 0) / (1 + r l2).

    Args:
        params: parameters or groups of them, see `Optimizer`.
        accum: first value of the accumulated squares.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        l1: how much parameters are drawn to 0.
        l2: how much they are made smaller.
        use_locking: has no effect.
        loss_scale: by what gradients are divided.
        weight_decay: how much of a parameter is added to its gradient.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.ProximalAdagrad([w], accum=0.0, learning_rate=0.5, l1=0.5)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([0.4167], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        accum: float = 0.1,
        learning_rate: Any = 1e-3,
        l1: float = 0.0,
        l2: float = 0.0,
        use_locking: bool = False,
        loss_scale: float = 1.0,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_not_negative("nn.ProximalAdagrad", accum=accum, l1=l1, l2=l2)
        self.l1 = l1
        self.l2 = l2
        self.accum = self.state_like("accum", accum)

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """

        def update(parameter: Parameter, g: Tensor, rate: Tensor, accum: Parameter) -> None:
            accum.assign_value(accum + g * g)
            own_rate = rsqrt(accum) * rate
            point = parameter - g * own_rate
            less = maximum(magnitude(point) - own_rate * self.l1, 0.0)
            parameter.assign_value(sign(point) * less / (1 + own_rate * self.l2))

        return self.update_each(gradients, update)
