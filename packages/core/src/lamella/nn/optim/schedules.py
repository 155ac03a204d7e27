"""Learning rates as cells that take the step."""

from __future__ import annotations

import math
from typing import Any

from lamella.dtypes import float32
from lamella.nn.cell import Cell
from lamella.nn.optim.checks import check_not_negative, check_order, check_positive
from lamella.ops.functions import elementwise
from lamella.ops.functions.elementwise import cast
from lamella.tensor import Tensor


class LearningRateSchedule(Cell):
    """Base of learning rates that depend on the step: `construct(global_step)` returns the rate.

    Examples:
        >>> from lamella import Tensor, nn
        >>> class Halving(nn.LearningRateSchedule):
        ...     def construct(self, global_step):
        ...         return 0.1 / (global_step + 1)
        >>> round(Halving()(Tensor(1)).item(), 4)
        0.05
    """

    def construct(self, global_step: Any) -> Any:
        """The rate of a step; defined by subclasses."""
        return super().construct(global_step)


class _Decay(LearningRateSchedule):
    """Settings of a rate that decays with p = step / decay_steps."""

    def __init__(self, learning_rate: float, decay_rate: float, decay_steps: int, is_stair: bool = False) -> None:
        super().__init__()
        check_positive(
            f"nn.{type(self).__name__}", learning_rate=learning_rate, decay_rate=decay_rate, decay_steps=decay_steps
        )
        self.learning_rate = learning_rate
        self.decay_rate = decay_rate
        self.decay_steps = decay_steps
        self.is_stair = is_stair

    def _progress(self, global_step: Tensor) -> Tensor:
        p = cast(global_step, float32) / self.decay_steps
        return elementwise.floor(p) if self.is_stair else p


class ExponentialDecayLR(_Decay):
    """learning_rate * decay_rate**p with p = step / decay_steps.

    Args:
        learning_rate: the first rate.
        decay_rate: by what it is multiplied in each `decay_steps`.
        decay_steps: number of steps.
        is_stair: whether p is rounded down.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import Tensor, nn
        >>> round(nn.ExponentialDecayLR(0.1, 0.9, 4)(Tensor(4)).item(), 4)
        0.09
    """

    def construct(self, global_step: Tensor) -> Tensor:
        """The rate of a step, an int tensor."""
        return elementwise.pow(self.decay_rate, self._progress(global_step)) * self.learning_rate


class NaturalExpDecayLR(_Decay):
    """learning_rate * exp(-decay_rate * step), with `is_stair` the step rounded down to a multiple of decay_steps.

    Args:
        learning_rate: the first rate.
        decay_rate: how fast it falls.
        decay_steps: number of steps.
        is_stair: whether it falls only every `decay_steps`.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import Tensor, nn
        >>> round(nn.NaturalExpDecayLR(0.1, 0.9, 4)(Tensor(1)).item(), 4)
        0.0407
    """

    def construct(self, global_step: Tensor) -> Tensor:
        """The rate of a step, an int tensor."""
        steps = self._progress(global_step) * self.decay_steps
        return elementwise.exp(steps * -self.decay_rate) * self.learning_rate


class InverseDecayLR(_Decay):
    """learning_rate / (1 + decay_rate * p) with p = step / decay_steps.

    Args:
        learning_rate: the first rate.
        decay_rate: how fast it falls.
        decay_steps: number of steps.
        is_stair: whether p is rounded down.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.InverseDecayLR(0.5, 1.0, 4)(Tensor(4)).item()
        0.25
    """

    def construct(self, global_step: Tensor) -> Tensor:
        """The rate of a step, an int tensor."""
        return self.learning_rate / (self._progress(global_step) * self.decay_rate + 1.0)


class CosineDecayLR(LearningRateSchedule):
    """min_lr + (max_lr - min_lr) * (1 + cos(pi * step / decay_steps)) / 2 until decay_steps, min_lr after it.

    Args:
        min_lr: the last rate, at least 0.
        max_lr: the first rate, above `min_lr`.
        decay_steps: number of steps.

    Raises:
        TypeError: settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import Tensor, nn
        >>> round(nn.CosineDecayLR(0.01, 0.1, 4)(Tensor(2)).item(), 4)
        0.055
    """

    def __init__(self, min_lr: float, max_lr: float, decay_steps: int) -> None:
        super().__init__()
        check_positive("nn.CosineDecayLR", decay_steps=decay_steps)
        check_order("nn.CosineDecayLR", min_lr, max_lr)
        self.min_lr = min_lr
        self.max_lr = max_lr
        self.decay_steps = decay_steps

    def construct(self, global_step: Tensor) -> Tensor:
        """The rate of a step, an int tensor."""
        p = elementwise.minimum(cast(global_step, float32) / self.decay_steps, 1.0)
        return (elementwise.cos(p * math.pi) + 1.0) * (0.5 * (self.max_lr - self.min_lr)) + self.min_lr


class PolynomialDecayLR(LearningRateSchedule):
    """(learning_rate - end_learning_rate) * (1 - p)**power + end_learning_rate with p = step / decay_steps, at most 1.

    Args:
        learning_rate: the first rate.
        end_learning_rate: the last rate, at least 0.
        decay_steps: number of steps.
        power: the exponent.
        update_decay_steps: whether decay_steps is multiplied so that it is never less than the step.

    Raises:
        TypeError: settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import Tensor, nn
        >>> round(nn.PolynomialDecayLR(0.1, 0.01, 4, 0.5)(Tensor(3)).item(), 4)
        0.055
    """

    def __init__(
        self,
        learning_rate: float,
        end_learning_rate: float,
        decay_steps: int,
        power: float,
        update_decay_steps: bool = False,
    ) -> None:
        super().__init__()
        check_positive("nn.PolynomialDecayLR", learning_rate=learning_rate, decay_steps=decay_steps, power=power)
        check_not_negative("nn.PolynomialDecayLR", end_learning_rate=end_learning_rate)
        self.learning_rate = learning_rate
        self.end_learning_rate = end_learning_rate
        self.decay_steps = decay_steps
        self.power = power
        self.update_decay_steps = update_decay_steps

    def construct(self, global_step: Tensor) -> Tensor:
        """The rate of a step, an int tensor."""
        p = cast(global_step, float32) / self.decay_steps
        if self.update_decay_steps:
            p = p / elementwise.maximum(elementwise.ceil(p), 1.0)
        rest = 1.0 - elementwise.minimum(p, 1.0)
        return (
            elementwise.pow(rest, self.power) * (self.learning_rate - self.end_learning_rate) + self.end_learning_rate
        )


class WarmUpLR(LearningRateSchedule):
    """learning_rate * step / warmup_steps until warmup_steps, learning_rate after it.

    Args:
        learning_rate: the last rate.
        warmup_steps: number of steps.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import Tensor, nn
        >>> nn.WarmUpLR(0.5, 2)(Tensor(1)).item()
        0.25
    """

    def __init__(self, learning_rate: float, warmup_steps: int) -> None:
        super().__init__()
        check_positive("nn.WarmUpLR", learning_rate=learning_rate, warmup_steps=warmup_steps)
        self.learning_rate = learning_rate
        self.warmup_steps = warmup_steps

    def construct(self, global_step: Tensor) -> Tensor:
        """The rate of a step, an int tensor."""
        p = elementwise.minimum(cast(global_step, float32) / self.warmup_steps, 1.0)
        return p * self.learning_rate
