"""Gradient descent with and without momentum: `SGD`, `Momentum`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella.errors import explain
from lamella.nn.optim.checks import check_not_negative
from lamella.nn.optim.optimizer import Optimizer, as_graph
from lamella.ops.functions.select import where
from lamella.parameter import Parameter
from lamella.tensor import Tensor


class SGD(Optimizer):
    """Stochastic gradient descent: p -= lr * v with v = momentum * v + (1 - dampening) * gradient, at first gradient.

    With `nesterov`, p -= lr * (gradient + momentum * v) (Sutskever et al., 2013).

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        momentum: how much of the last step is repeated.
        dampening: what part of the gradient does not enter the momentum.
        weight_decay: how much of a parameter is added to its gradient.
        nesterov: whether to look ahead; needs momentum, and no dampening.
        loss_scale: by what gradients are divided.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.SGD([w], learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([1.0]),))
        >>> w.asnumpy()
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 0.1,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: Any = 0.0,
        nesterov: bool = False,
        loss_scale: float = 1.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_not_negative("nn.SGD", momentum=momentum, dampening=dampening)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                explain(
                    "nn.SGD",
                    given=f"nesterov with momentum={momentum}, dampening={dampening}",
                    expected="momentum above 0 and no dampening",
                )
            )
        self.momentum = float(momentum)
        self.dampening = float(dampening)
        self.nesterov = nesterov
        if momentum:
            self.accum = self.state_like("accum")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        # What part of the gradients enters the momentum: all of it in the first step.
        entering = where(self._step() == 0, 1.0, 1 - self.dampening) if self.dampening else None

        def update(parameter: Parameter, gradient: Tensor, rate: Tensor, *state: Parameter) -> None:
            step = gradient
            if state:
                (accum,) = state
                accum.assign_value(accum * self.momentum + (gradient if entering is None else gradient * entering))
                step = gradient + accum * self.momentum if self.nesterov else accum
            parameter.assign_value(parameter - step * rate)

        return self.update_each(gradients, update)


class Momentum(Optimizer):
    """Gradient descent with momentum: p -= lr * v with v = momentum * v + gradient.

    With `use_nesterov`, p -= lr * (gradient + momentum * v) (Sutskever et al., 2013).

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        momentum: how much of the last step is repeated.
        weight_decay: how much of a parameter is added to its gradient.
        loss_scale: by what gradients are divided.
        use_nesterov: whether to look ahead.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.Momentum([w], learning_rate=0.5, momentum=0.9)
        >>> done = optimizer((ms.Tensor([1.0]),))
        >>> w.asnumpy()
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any,
        momentum: float,
        weight_decay: Any = 0.0,
        loss_scale: float = 1.0,
        use_nesterov: bool = False,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_not_negative("nn.Momentum", momentum=momentum)
        self.momentum = float(momentum)
        self.use_nesterov = use_nesterov
        self.moments = self.state_like("moments")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """

        def update(parameter: Parameter, gradient: Tensor, rate: Tensor, moment: Parameter) -> None:
            moment.assign_value(moment * self.momentum + gradient)
            step = gradient + moment * self.momentum if self.use_nesterov else moment
            parameter.assign_value(parameter - step * rate)

        return self.update_each(gradients, update)
