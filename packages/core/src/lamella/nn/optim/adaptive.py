"""Optimizers that give each element a rate of its own: `Adam`, `AdamWeightDecay`, `RMSProp`, `Adagrad`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lamella.dtypes import float32
from lamella.errors import explain
from lamella.nn.optim.checks import check_not_negative, check_positive
from lamella.nn.optim.optimizer import Optimizer, as_graph
from lamella.ops.functions.elementwise import cast, expm1, maximum, rsqrt, sqrt
from lamella.parameter import Parameter
from lamella.tensor import Tensor


def _check_betas(subject: str, beta1: float, beta2: float, eps: float) -> None:
    for name, value in (("beta1", beta1), ("beta2", beta2)):
        if not 0 < value < 1:
            raise ValueError(explain(subject, given=f"{name}={value}", expected="above 0 and below 1"))
    check_positive(subject, eps=eps)


class Adam(Optimizer):
    """Adam (Kingma and Ba, 2014).

    m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g**2, p -= lr_t m / (sqrt(v) + eps) with
    lr_t = lr sqrt(1 - beta2**t) / (1 - beta1**t): the paper's second form, with eps beside the uncorrected v.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        beta1: how much of the first moment stays.
        beta2: how much of the second moment stays.
        eps: added to the denominator.
        use_locking: has no effect.
        use_nesterov: whether to look ahead, with beta1 m + (1 - beta1) g in place of m (Dozat, 2016).
        weight_decay: how much of a parameter is added to its gradient.
        loss_scale: by what gradients are divided.
        use_amsgrad: whether to divide by the largest v so far (Reddi et al., 2018).

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.Adam([w], learning_rate=0.5)
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
        use_amsgrad: bool = False,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        _check_betas("nn.Adam", beta1, beta2, eps)
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.use_nesterov = use_nesterov
        self.moment1 = self.state_like("moment1")
        self.moment2 = self.state_like("moment2")
        if use_amsgrad:
            self.vhat = self.state_like("vhat")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        # 1 - beta**t, without the cancellation that powers close to 1 would bring.
        t = cast(self._step() + 1, float32)
        correction = sqrt(-expm1(t * math.log(self.beta2))) / -expm1(t * math.log(self.beta1))

        def update(parameter: Parameter, g: Tensor, rate: Tensor, m: Parameter, v: Parameter, *vhat: Parameter) -> None:
            m.assign_value(m * self.beta1 + g * (1 - self.beta1))
            v.assign_value(v * self.beta2 + g * g * (1 - self.beta2))
            largest: Tensor = v
            if vhat:
                vhat[0].assign_value(maximum(vhat[0], v))
                largest = vhat[0]
            ahead = m * self.beta1 + g * (1 - self.beta1) if self.use_nesterov else m
            parameter.assign_value(parameter - ahead / (sqrt(largest) + self.eps) * rate)

        return self.update_each(gradients, update, factor=correction)


class AdamWeightDecay(Optimizer):
    """Adam with decoupled weight decay and without correction of the moments (Loshchilov and Hutter, 2017; BERT).

    m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g**2, p -= lr (m / (sqrt(v) + eps) + weight_decay p).

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        beta1: how much of the first moment stays.
        beta2: how much of the second moment stays.
        eps: added to the denominator.
        weight_decay: how much of a parameter is added to its step.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.AdamWeightDecay([w], learning_rate=0.5, weight_decay=0.1)
        >>> done = optimizer((ms.Tensor([0.0]),))
        >>> w.asnumpy()
        array([0.95], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-6,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay)
        _check_betas("nn.AdamWeightDecay", beta1, beta2, eps)
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.moments1 = self.state_like("adam_m")
        self.moments2 = self.state_like("adam_v")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """

        def update(parameter: Parameter, g: Tensor, rate: Tensor, decay: Any, m: Parameter, v: Parameter) -> None:
            m.assign_value(m * self.beta1 + g * (1 - self.beta1))
            v.assign_value(v * self.beta2 + g * g * (1 - self.beta2))
            # p - rate * (step + decay * p) with one large temporary less, which takes half the time.
            kept = parameter if decay is None else parameter * (1 - rate * decay)
            parameter.assign_value(kept - m / (sqrt(v) + self.eps) * rate)

        return self.update_each(gradients, update, decoupled=True)


class RMSProp(Optimizer):
    """RMSProp (Tieleman and Hinton, 2012), plain or centered (Graves, 2013).

    s = decay s + (1 - decay) g**2, m = momentum m + lr g / sqrt(s + epsilon), p -= m; centered, the square of the
    mean gradient, a = decay a + (1 - decay) g, is taken from s under the root. s starts as 1.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        decay: how much of the mean square stays.
        momentum: how much of the last step is repeated.
        epsilon: added under the root.
        use_locking: has no effect.
        centered: whether to use the variance in place of the mean square.
        loss_scale: by what gradients are divided.
        weight_decay: how much of a parameter is added to its gradient.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.RMSProp([w], learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([1.0]),))
        >>> w.asnumpy()
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = 0.1,
        decay: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-10,
        use_locking: bool = False,
        centered: bool = False,
        loss_scale: float = 1.0,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_not_negative("nn.RMSProp", decay=decay, momentum=momentum)
        check_positive("nn.RMSProp", epsilon=epsilon)
        self.decay = decay
        self.momentum = momentum
        self.epsilon = epsilon
        self.centered = centered
        self.ms = self.state_like("mean_square", "ones")
        self.moment = self.state_like("moment")
        if centered:
            self.mg = self.state_like("mean_grad")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """

        def update(parameter: Parameter, g: Tensor, rate: Tensor, s: Parameter, m: Parameter, *mean: Parameter) -> None:
            s.assign_value(s * self.decay + g * g * (1 - self.decay))
            spread: Tensor = s
            if mean:
                mean[0].assign_value(mean[0] * self.decay + g * (1 - self.decay))
                spread = s - mean[0] * mean[0]
            m.assign_value(m * self.momentum + g * rsqrt(spread + self.epsilon) * rate)
            parameter.assign_value(parameter - m)

        return self.update_each(gradients, update)


class Adagrad(Optimizer):
    """Adagrad (Duchi et al., 2011): accum += g**2, p -= lr g / sqrt(accum).

    Args:
        params: parameters or groups of them, see `Optimizer`.
        accum: first value of the accumulated squares.
        learning_rate: a number, a list, or a schedule, see `Optimizer`.
        update_slots: whether the squares are accumulated.
        loss_scale: by what gradients are divided.
        weight_decay: how much of a parameter is added to its gradient.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.Adagrad([w], accum=0.0, learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy()
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        accum: float = 0.1,
        learning_rate: Any = 1e-3,
        update_slots: bool = True,
        loss_scale: float = 1.0,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay, loss_scale)
        check_not_negative("nn.Adagrad", accum=accum)
        self.update_slots = update_slots
        self.accum = self.state_like("accum", accum)

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """

        def update(parameter: Parameter, g: Tensor, rate: Tensor, accum: Parameter) -> None:
            if self.update_slots:
                accum.assign_value(accum + g * g)
            parameter.assign_value(parameter - g * rsqrt(accum) * rate)

        return self.update_each(gradients, update)
