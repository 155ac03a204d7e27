"""Optimizers of averages and of signs: `ASGD`, `Rprop`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella.dtypes import float32
from lamella.errors import explain
from lamella.nn.optim.checks import check_not_negative, check_positive
from lamella.nn.optim.optimizer import Optimizer, as_graph
from lamella.ops.functions.elementwise import cast, maximum, minimum, sign
from lamella.ops.functions.select import where
from lamella.parameter import Parameter
from lamella.tensor import Tensor

__all__ = ["ASGD", "Rprop"]


class ASGD(Optimizer):
    """Averaged gradient descent (Polyak and Juditsky, 1992).

    p = p (1 - lambd eta) - eta g with eta = lr / (1 + lambd lr t)**alpha; `ax` is the parameter, from step t0 on the
    mean since then: ax += (p - ax) / max(1, t - t0).

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        lambd: how much parameters are drawn to 0.
        alpha: the exponent of eta.
        t0: the step from which on parameters are averaged.
        weight_decay: how much of a parameter is added to its gradient.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.ASGD([w], learning_rate=0.5, lambd=0.0)
        >>> done = optimizer((ms.Tensor([1.0]),))
        >>> w.asnumpy().round(4)
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 0.1,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay)
        check_not_negative("nn.ASGD", lambd=lambd, alpha=alpha, t0=t0)
        self.lambd = float(lambd)
        self.alpha = float(alpha)
        self.t0 = float(t0)
        self.ax = self.state_like("ax_")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        t = cast(self._step(), float32)
        part = 1 / maximum(t - self.t0, 1.0)

        def update(parameter: Parameter, g: Tensor, rate: Tensor, mean: Parameter) -> None:
            eta = rate / (1 + self.lambd * rate * t) ** self.alpha
            parameter.assign_value(parameter * (1 - self.lambd * eta) - g * eta)
            mean.assign_value(mean + (parameter - mean) * part)

        return self.update_each(gradients, update)


class Rprop(Optimizer):
    """Resilient backpropagation (Riedmiller and Braun, 1993): steps by the signs of gradients, for whole data sets.

    An element's step grows where its gradient keeps its sign, and shrinks, and is not made, where that changes.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: the first step: a number, a list, or a schedule, see `Optimizer`.
        etas: by what steps shrink, and by what they grow.
        step_sizes: the smallest and the largest step.
        weight_decay: how much of a parameter is added to its gradient.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.Rprop([w], learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 0.1,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay)
        for name, pair in (("etas", etas), ("step_sizes", step_sizes)):
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise TypeError(explain("nn.Rprop", given=f"{name}={pair!r}", expected="a pair of numbers"))
            check_positive("nn.Rprop", **{f"{name}[{i}]": value for i, value in enumerate(pair)})
        if not etas[0] < 1 < etas[1] or not step_sizes[0] <= step_sizes[1]:
            given = f"etas={etas}, step_sizes={step_sizes}"
            raise ValueError(explain("nn.Rprop", given=given, expected="etas below and above 1, step sizes in order"))
        self.shrinking, self.growing = map(float, etas)
        self.smallest, self.largest = map(float, step_sizes)
        self.prev = self.state_like("prev")
        self.step_size = self.state_like("step_size")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        first = self._step() == 0

        def update(parameter: Parameter, g: Tensor, rate: Tensor, before: Parameter, size: Parameter) -> None:
            agreement = g * before
            turned = agreement < 0
            change = where(agreement > 0, self.growing, where(turned, self.shrinking, 1.0))
            step = where(first, rate, minimum(maximum(size * change, self.smallest), self.largest))
            g = where(turned, 0.0, g)
            parameter.assign_value(parameter - sign(g) * step)
            before.assign_value(g)
            size.assign_value(step)

        return self.update_each(gradients, update)
