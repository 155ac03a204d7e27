"""Relatives of Adam and Adagrad: `AdaMax`, `Adadelta`, `LazyAdam`, `AdamOffload`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lamella.dtypes import float32
from lamella.nn.optim.adaptive import Adam, _check_betas
from lamella.nn.optim.checks import check_not_negative, check_positive
from lamella.nn.optim.optimizer import Optimizer, as_graph
from lamella.ops.functions.elementwise import abs as magnitude
from lamella.ops.functions.elementwise import cast, expm1, maximum, rsqrt, sqrt
from lamella.parameter import Parameter
from lamella.tensor import Tensor

__all__ = ["AdaMax", "Adadelta", "AdamOffload", "LazyAdam"]


class AdaMax(Optimizer):
    """Adam with the largest gradient in place of the mean square (Kingma and Ba, 2014).

    m = beta1 m + (1 - beta1) g, v = max(beta2 v, abs(g)), p -= lr / (1 - beta1**t) m / (v + eps).

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        beta1: how much of the first moment stays.
        beta2: how much of the largest gradient stays.
        eps: added to the denominator.
        weight_decay: how much of a parameter is added to its gradient.
        loss_scale: by what gradients are divided.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.AdaMax([w], learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: Any = 0.0,
        loss_scale: float = 1.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        _check_betas("nn.AdaMax", beta1, beta2, eps)
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.moment1 = self.state_like("moment1")
        self.moment2 = self.state_like("moment2")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        t = cast(self._step() + 1, float32)
        correction = 1 / -expm1(t * math.log(self.beta1))

        def update(parameter: Parameter, g: Tensor, rate: Tensor, m: Parameter, v: Parameter) -> None:
            m.assign_value(m * self.beta1 + g * (1 - self.beta1))
            v.assign_value(maximum(v * self.beta2, magnitude(g)))
            parameter.assign_value(parameter - m / (v + self.eps) * rate)

        return self.update_each(gradients, update, factor=correction)


class Adadelta(Optimizer):
    """Adadelta (Zeiler, 2012).

    accum = rho accum + (1 - rho) g**2, u = g sqrt(accum_update + epsilon) / sqrt(accum + epsilon),
    accum_update = rho accum_update + (1 - rho) u**2, p -= lr u.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        rho: how much of the means of squares stays, from 0 to 1.
        epsilon: added under the roots.
        loss_scale: by what gradients are divided.
        weight_decay: how much of a parameter is added to its gradient.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.Adadelta([w], rho=0.5, epsilon=1.0)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([-0.2792], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 1.0,
        rho: float = 0.9,
        epsilon: float = 1e-6,
        loss_scale: float = 1.0,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_not_negative("nn.Adadelta", rho=rho, one_minus_rho=1 - rho)
        check_positive("nn.Adadelta", epsilon=epsilon)
        self.rho = rho
        self.epsilon = epsilon
        self.accum = self.state_like("accum")
        self.accum_update = self.state_like("accum_update")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """

        def update(parameter: Parameter, g: Tensor, rate: Tensor, squares: Parameter, steps: Parameter) -> None:
            squares.assign_value(squares * self.rho + g * g * (1 - self.rho))
            step = g * sqrt(steps + self.epsilon) * rsqrt(squares + self.epsilon)
            steps.assign_value(steps * self.rho + step * step * (1 - self.rho))
            parameter.assign_value(parameter - step * rate)

        return self.update_each(gradients, update)


class LazyAdam(Adam):
    """`Adam` for tables of which few rows are used: all gradients here are whole, so that it does what `Adam` does.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        beta1: how much of the first moment stays.
        beta2: how much of the second moment stays.
        eps: added to the denominator.
        use_locking: has no effect.
        use_nesterov: whether to look ahead, see `Adam`.
        weight_decay: how much of a parameter is added to its gradient.
        loss_scale: by what gradients are divided.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.LazyAdam([w], learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        use_locking: bool = False,
        use_nesterov: bool = False,
        weight_decay: Any = 0.0,
        loss_scale: float = 1.0,
    ) -> None:
        super().__init__(params, learning_rate, beta1, beta2, eps, use_locking, use_nesterov, weight_decay, loss_scale)


class AdamOffload(LazyAdam):
    """`Adam` whose step the host makes for a device with little memory: here it is made where the parameters are.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        beta1: how much of the first moment stays.
        beta2: how much of the second moment stays.
        eps: added to the denominator.
        use_locking: has no effect.
        use_nesterov: whether to look ahead, see `Adam`.
        weight_decay: how much of a parameter is added to its gradient.
        loss_scale: by what gradients are divided.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.AdamOffload([w], learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([0.5], dtype=float32)
    """
