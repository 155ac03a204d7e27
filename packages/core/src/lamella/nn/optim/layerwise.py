"""Optimizers that scale steps by the sizes of parameters: `Lamb`, `LARS`, `AdaFactor`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from lamella.dtypes import float32
from lamella.errors import explain
from lamella.initializer import initializer
from lamella.nn.cell import Cell
from lamella.nn.optim.adaptive import _check_betas
from lamella.nn.optim.checks import check_not_negative, check_positive
from lamella.nn.optim.optimizer import Optimizer, as_graph
from lamella.ops.convert import wide
from lamella.ops.functions.elementwise import cast, expm1, maximum, minimum, rsqrt, sqrt
from lamella.ops.functions.reduce import mean
from lamella.ops.functions.reduce import sum as total
from lamella.ops.functions.select import where
from lamella.ops.functions.shape import expand_dims
from lamella.parameter import Parameter, ParameterTuple
from lamella.tensor import Tensor

__all__ = ["LARS", "AdaFactor", "Lamb"]


def _norm(x: Tensor) -> Tensor:
    """Euclidean norm of all elements."""
    numbers = wide(x)
    return sqrt(total(numbers * numbers))


def _root_mean_square(x: Tensor) -> Tensor:
    numbers = wide(x)
    return sqrt(mean(numbers * numbers))


class Lamb(Optimizer):
    """Adam with steps as long as the parameter says (You et al., "Large batch optimization", 2019).

    u = m' / (sqrt(v') + eps) + weight_decay p with the corrected moments of Adam, p -= lr norm(p) / norm(u) u; with a
    norm of 0, p -= lr u.

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
        >>> w = ms.Parameter(ms.Tensor([2.0]), name="w")
        >>> optimizer = nn.Lamb([w], learning_rate=0.5)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([1.], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-6,
        weight_decay: Any = 0.0,
    ) -> None:
        super().__init__(learning_rate, params, weight_decay)
        _check_betas("nn.Lamb", beta1, beta2, eps)
        self.beta1 = beta1
        self.beta2 = beta2
        self.eps = eps
        self.moments1 = self.state_like("lamb_m")
        self.moments2 = self.state_like("lamb_v")

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        t = cast(self._step() + 1, float32)
        of_first, of_second = (1 / -expm1(t * math.log(beta)) for beta in (self.beta1, self.beta2))

        def update(parameter: Parameter, g: Tensor, rate: Tensor, decay: Any, m: Parameter, v: Parameter) -> None:
            m.assign_value(m * self.beta1 + g * (1 - self.beta1))
            v.assign_value(v * self.beta2 + g * g * (1 - self.beta2))
            step = m * of_first / (sqrt(v * of_second) + self.eps)
            if decay is not None:
                step = step + parameter * decay
            size, length = _norm(parameter), _norm(step)
            ratio = where((size > 0) & (length > 0), size / where(length > 0, length, 1.0), 1.0)
            parameter.assign_value(parameter - step * cast(ratio * rate, parameter.dtype))

        return self.update_each(gradients, update, decoupled=True)


def _by_lars(parameter: Parameter) -> bool:
    """Neither of a layer normalization nor a bias."""
    return "LayerNorm" not in parameter.name and "bias" not in parameter.name


class LARS(Optimizer):
    """Another optimizer, with gradients scaled by the sizes of parameters (You et al., 2017).

    The gradient that the optimizer gets is ratio (g + weight_decay p) with ratio = coefficient norm(p) / (norm(g) +
    weight_decay norm(p) + epsilon), and 1 if a norm is 0.

    Args:
        optimizer: the optimizer; the weight decay of the parameters chosen is done here instead.
        epsilon: added to the denominator.
        coefficient: how much a parameter's size counts.
        use_clip: whether the ratio is at most the learning rate, and divided by it.
        lars_filter: takes a parameter, and says whether its gradient is scaled.

    Raises:
        TypeError: settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([2.0]), name="w")
        >>> optimizer = nn.LARS(nn.SGD([w], learning_rate=1.0), epsilon=0.0, coefficient=0.5)
        >>> done = optimizer((ms.Tensor([8.0]),))
        >>> w.asnumpy()
        array([1.], dtype=float32)
    """

    def __init__(
        self,
        optimizer: Any,
        epsilon: float = 1e-5,
        coefficient: float = 1e-3,
        use_clip: bool = False,
        lars_filter: Callable[[Parameter], bool] = _by_lars,
    ) -> None:
        if not isinstance(optimizer, Optimizer):
            given = f"a {type(optimizer).__name__}"
            raise TypeError(explain("nn.LARS", given=given, expected="an optimizer"))
        Cell.__init__(self, auto_prefix=False)
        self._subject = "nn.LARS"
        check_not_negative(self._subject, epsilon=epsilon)
        check_positive(self._subject, coefficient=coefficient)
        self.opt: Optimizer = optimizer
        self.epsilon = float(epsilon)
        self.coefficient = float(coefficient)
        self.use_clip = use_clip
        self.loss_scale = optimizer.loss_scale
        self.global_step = optimizer.global_step
        self.learning_rate = optimizer.learning_rate
        self.is_group = optimizer.is_group
        self.is_group_lr = optimizer.is_group_lr
        self.parameters = optimizer.parameters
        self._chosen = [bool(lars_filter(parameter)) for parameter in optimizer.parameters]
        self._own_settings = list(optimizer._settings)
        optimizer._settings = [
            settings._replace(weight_decay=0.0) if chosen else settings
            for settings, chosen in zip(optimizer._settings, self._chosen, strict=True)
        ]
        self._graph = None
        self._given = optimizer._given
        self._rates = optimizer._rates
        self._settings = optimizer._settings
        self.weight_decay = optimizer.weight_decay

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        rates = self._current_rates()
        scaled = [
            self._scaled(parameter, gradient, rates[settings.rate], self._at_step(settings.weight_decay))
            if chosen
            else gradient
            for parameter, gradient, settings, chosen in zip(
                self.parameters, gradients, self._own_settings, self._chosen, strict=True
            )
        ]
        result: Tensor = self.opt.construct(scaled)
        return result

    def _scaled(self, parameter: Parameter, gradient: Tensor, rate: Tensor, decay: Any) -> Tensor:
        g = gradient if self.loss_scale == 1 else gradient * (1 / self.loss_scale)
        size, length = _norm(parameter), _norm(g)
        bottom = length + size * decay + self.epsilon
        both = (size > 0) & (length > 0)
        ratio = where(both, size * self.coefficient / where(both, bottom, 1.0), 1.0)
        if self.use_clip:
            ratio = minimum(ratio / rate, 1.0)
        return (g + parameter * decay) * cast(ratio * self.loss_scale, g.dtype)


class AdaFactor(Optimizer):
    """Adafactor (Shazeer and Stern, 2018): of matrices only the mean squares of rows and columns are kept.

    Args:
        params: parameters or groups of them, see `Optimizer`.
        learning_rate: a number, a list, or a schedule, see `Optimizer`; None with `relative_step`.
        eps: what is added to squares of gradients, and the least size that a parameter counts as.
        clip_threshold: the root mean square to which steps are scaled down.
        decay_rate: how fast the decay of the mean squares, 1 - t**-decay_rate, comes near 1.
        beta1: how much of the last step stays; 0 for none.
        weight_decay: how much parameters are drawn to 0, by the learning rate.
        scale_parameter: whether the learning rate is multiplied by the root mean square of the parameter.
        relative_step: whether the learning rate is min(1 / sqrt(t), 0.01).
        warmup_init: whether it is min(1 / sqrt(t), t * 1e-6) instead.
        compression: has no effect.
        loss_scale: by what gradients are divided.

    Raises:
        TypeError: parameters or settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> w = ms.Parameter(ms.Tensor([1.0]), name="w")
        >>> optimizer = nn.AdaFactor([w], learning_rate=0.5, beta1=0.0, scale_parameter=False, relative_step=False)
        >>> done = optimizer((ms.Tensor([3.0]),))
        >>> w.asnumpy().round(4)
        array([0.5], dtype=float32)
    """

    def __init__(
        self,
        params: Any,
        learning_rate: Any = None,
        eps: tuple[float, float] = (1e-30, 1e-3),
        clip_threshold: float = 1.0,
        decay_rate: float = 0.8,
        beta1: float = 0.9,
        weight_decay: Any = 0.0,
        scale_parameter: bool = True,
        relative_step: bool = True,
        warmup_init: bool = False,
        compression: bool = False,
        loss_scale: float = 1.0,
    ) -> None:
        if (learning_rate is None) != relative_step:
            given = f"learning_rate={learning_rate!r} with relative_step={relative_step}"
            raise ValueError(explain("nn.AdaFactor", given=given, expected="a learning rate or relative steps"))
        if warmup_init and not relative_step:
            raise ValueError(
                explain("nn.AdaFactor", given="warmup_init without relative_step", expected="both or neither")
            )
        super().__init__(0.0 if learning_rate is None else learning_rate, params, weight_decay, loss_scale)
        if not isinstance(eps, (tuple, list)) or len(eps) != 2:
            raise TypeError(explain("nn.AdaFactor", given=f"eps={eps!r}", expected="a pair of numbers"))
        check_not_negative("nn.AdaFactor", beta1=beta1, **{f"eps[{i}]": value for i, value in enumerate(eps)})
        check_positive("nn.AdaFactor", clip_threshold=clip_threshold, decay_rate=decay_rate)
        if beta1 >= 1:
            raise ValueError(explain("nn.AdaFactor", given=f"beta1={beta1}", expected="below 1"))
        self.of_squares, self.least_size = map(float, eps)
        self.clip_threshold = float(clip_threshold)
        self.decay_rate = float(decay_rate)
        self.beta1 = float(beta1)
        self.scale_parameter = scale_parameter
        self.relative_step = relative_step
        self.warmup_init = warmup_init
        if beta1:
            self.exp_avg = self.state_like("exp_avg")
        self.exp_avg_sq_row = self._squares("exp_avg_sq_row", lambda p: p.shape[:-1] if p.ndim > 1 else (1,))
        self.exp_avg_sq_col = self._squares(
            "exp_avg_sq_col", lambda p: p.shape[:-2] + p.shape[-1:] if p.ndim > 1 else (1,)
        )
        self.exp_avg_sq = self._squares("exp_avg_sq", lambda p: (1,) if p.ndim > 1 else p.shape)

    def _squares(self, prefix: str, shape: Callable[[Parameter], Any]) -> ParameterTuple:
        """Mean squares, of shapes that differ from the parameters'."""
        state = ParameterTuple(
            Parameter(initializer("zeros", shape(p), p.dtype), name=f"{prefix}_{p.name}", requires_grad=False)
            for p in self.parameters
        )
        self._states.append(state)
        return state

    @as_graph
    def construct(self, gradients: Sequence[Tensor]) -> Tensor:
        """Change the parameters.

        Args:
            gradients: one for each of `parameters`, in their order.
        """
        t = cast(self._step() + 1, float32)
        stays = 1 - t ** (-self.decay_rate)
        relative = minimum(rsqrt(t), t * 1e-6 if self.warmup_init else 1e-2)

        def update(parameter: Parameter, g: Tensor, rate: Tensor, decay: Any, *state: Parameter) -> None:
            *last, rows, columns, squares = state
            if self.relative_step:
                rate = relative
            if self.scale_parameter:
                rate = rate * maximum(_root_mean_square(parameter), self.least_size)
            square = g * g + self.of_squares
            if parameter.ndim > 1:
                rows.assign_value(rows * stays + mean(square, -1) * (1 - stays))
                columns.assign_value(columns * stays + mean(square, -2) * (1 - stays))
                of_rows = rsqrt(rows / mean(rows, -1, True))
                step = g * expand_dims(of_rows, -1) * expand_dims(rsqrt(columns), -2)
            else:
                squares.assign_value(squares * stays + square * (1 - stays))
                step = g * rsqrt(squares)
            step = step / maximum(_root_mean_square(step) / self.clip_threshold, 1.0) * rate
            for mean_step in last:
                mean_step.assign_value(mean_step * self.beta1 + step * (1 - self.beta1))
                step = mean_step
            kept = parameter if decay is None else parameter * (1 - rate * decay)
            parameter.assign_value(kept - step)

        return self.update_each(gradients, update, decoupled=True)
