"""Learning rates as lists, with the rate of each step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from lamella.errors import explain
from lamella.nn.optim.checks import check_not_negative, check_order, check_positive


def _each_step(subject: str, total_step: int, step_per_epoch: int, rate: Callable[[int], float]) -> list[float]:
    """The rate of each step, from that of its epoch."""
    check_positive(subject, total_step=total_step, step_per_epoch=step_per_epoch)
    return [rate(step // step_per_epoch) for step in range(total_step)]


def piecewise_constant_lr(milestone: Any, learning_rates: Any) -> list[float]:
    """Rates that stay the same between milestones.

    Args:
        milestone: after how many steps each rate ends, increasing: a list or tuple of ints.
        learning_rates: the rates: a list or tuple of as many numbers.

    Returns:
        A rate for each step up to the last milestone.

    Raises:
        TypeError: no lists or tuples, or of other types.
        ValueError: the lengths differ, or milestones that are not positive and increasing.

    Examples:
        >>> from lamella import nn
        >>> nn.piecewise_constant_lr([2, 3], [0.1, 0.05])
        [0.1, 0.1, 0.05]
    """
    subject = "nn.piecewise_constant_lr"
    for name, value in (("milestone", milestone), ("learning_rates", learning_rates)):
        if not isinstance(value, (list, tuple)):
            raise TypeError(explain(subject, given=f"{name}={value!r}", expected="a list or tuple"))
    if len(milestone) != len(learning_rates) or not milestone:
        raise ValueError(
            explain(
                subject,
                given=f"{len(milestone)} milestones, {len(learning_rates)} rates",
                expected="as many of each, at least one",
            )
        )
    result: list[float] = []
    for step, rate in zip(milestone, learning_rates, strict=True):
        check_positive(subject, milestone_step=step)
        if step < len(result):
            raise ValueError(explain(subject, given=f"milestones {list(milestone)}", expected="increasing ones"))
        result += [rate] * (step - len(result))
    return result


def exponential_decay_lr(
    learning_rate: float,
    decay_rate: float,
    total_step: int,
    step_per_epoch: int,
    decay_epoch: int,
    is_stair: bool = False,
) -> list[float]:
    """Rates learning_rate * decay_rate**(epoch / decay_epoch).

    Args:
        learning_rate: the first rate.
        decay_rate: by what it is multiplied in each `decay_epoch`.
        total_step: number of rates.
        step_per_epoch: steps in an epoch.
        decay_epoch: number of epochs.
        is_stair: whether the exponent is rounded down.

    Returns:
        A rate for each step.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import nn
        >>> [round(rate, 4) for rate in nn.exponential_decay_lr(0.1, 0.9, 4, 2, 1)]
        [0.1, 0.1, 0.09, 0.09]
    """
    subject = "nn.exponential_decay_lr"
    check_positive(subject, learning_rate=learning_rate, decay_rate=decay_rate, decay_epoch=decay_epoch)

    def rate(epoch: int) -> float:
        return learning_rate * decay_rate ** (epoch // decay_epoch if is_stair else epoch / decay_epoch)

    return _each_step(subject, total_step, step_per_epoch, rate)


def natural_exp_decay_lr(
    learning_rate: float,
    decay_rate: float,
    total_step: int,
    step_per_epoch: int,
    decay_epoch: int,
    is_stair: bool = False,
) -> list[float]:
    """Rates learning_rate * exp(-decay_rate * epoch).

    Args:
        learning_rate: the first rate.
        decay_rate: how fast it falls.
        total_step: number of rates.
        step_per_epoch: steps in an epoch.
        decay_epoch: number of epochs.
        is_stair: whether it falls only every `decay_epoch` epochs.

    Returns:
        A rate for each step.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import nn
        >>> [round(rate, 4) for rate in nn.natural_exp_decay_lr(0.1, 0.9, 4, 2, 1)]
        [0.1, 0.1, 0.0407, 0.0407]
    """
    subject = "nn.natural_exp_decay_lr"
    check_positive(subject, learning_rate=learning_rate, decay_rate=decay_rate, decay_epoch=decay_epoch)

    def rate(epoch: int) -> float:
        return learning_rate * math.exp(-decay_rate * (epoch // decay_epoch * decay_epoch if is_stair else epoch))

    return _each_step(subject, total_step, step_per_epoch, rate)


def inverse_decay_lr(
    learning_rate: float,
    decay_rate: float,
    total_step: int,
    step_per_epoch: int,
    decay_epoch: int,
    is_stair: bool = False,
) -> list[float]:
    """Rates learning_rate / (1 + decay_rate * epoch / decay_epoch).

    Args:
        learning_rate: the first rate.
        decay_rate: how fast it falls.
        total_step: number of rates.
        step_per_epoch: steps in an epoch.
        decay_epoch: number of epochs.
        is_stair: whether epoch / decay_epoch is rounded down.

    Returns:
        A rate for each step.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import nn
        >>> [round(rate, 4) for rate in nn.inverse_decay_lr(0.1, 0.5, 4, 2, 1)]
        [0.1, 0.1, 0.0667, 0.0667]
    """
    subject = "nn.inverse_decay_lr"
    check_positive(subject, learning_rate=learning_rate, decay_rate=decay_rate, decay_epoch=decay_epoch)

    def rate(epoch: int) -> float:
        return learning_rate / (1 + decay_rate * (epoch // decay_epoch if is_stair else epoch / decay_epoch))

    return _each_step(subject, total_step, step_per_epoch, rate)


def cosine_decay_lr(
    min_lr: float, max_lr: float, total_step: int, step_per_epoch: int, decay_epoch: int
) -> list[float]:
    """Rates min_lr + (max_lr - min_lr) * (1 + cos(pi * epoch / decay_epoch)) / 2 until decay_epoch, min_lr after it.

    Args:
        min_lr: the last rate, at least 0.
        max_lr: the first rate, above `min_lr`.
        total_step: number of rates.
        step_per_epoch: steps in an epoch.
        decay_epoch: number of epochs.

    Returns:
        A rate for each step.

    Raises:
        TypeError: settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn
        >>> [round(rate, 4) for rate in nn.cosine_decay_lr(0.01, 0.1, 6, 2, 2)]
        [0.1, 0.1, 0.055, 0.055, 0.01, 0.01]
    """
    subject = "nn.cosine_decay_lr"
    check_positive(subject, decay_epoch=decay_epoch)
    check_order(subject, min_lr, max_lr)

    def rate(epoch: int) -> float:
        return min_lr + 0.5 * (max_lr - min_lr) * (1 + math.cos(math.pi * min(epoch / decay_epoch, 1)))

    return _each_step(subject, total_step, step_per_epoch, rate)


def polynomial_decay_lr(
    learning_rate: float,
    end_learning_rate: float,
    total_step: int,
    step_per_epoch: int,
    decay_epoch: int,
    power: float,
    update_decay_epoch: bool = False,
) -> list[float]:
    """Rates (learning_rate - end_learning_rate) * (1 - p)**power + end_learning_rate.

    Here p = epoch / decay_epoch, at most 1.

    Args:
        learning_rate: the first rate.
        end_learning_rate: the last rate, at least 0.
        total_step: number of rates.
        step_per_epoch: steps in an epoch.
        decay_epoch: number of epochs.
        power: the exponent.
        update_decay_epoch: whether decay_epoch is multiplied so that it is never less than the epoch.

    Returns:
        A rate for each step.

    Raises:
        TypeError: settings of other types.
        ValueError: settings out of their range.

    Examples:
        >>> from lamella import nn
        >>> [round(rate, 4) for rate in nn.polynomial_decay_lr(0.1, 0.01, 6, 2, 2, 0.5)]
        [0.1, 0.1, 0.0736, 0.0736, 0.01, 0.01]
    """
    subject = "nn.polynomial_decay_lr"
    check_positive(subject, learning_rate=learning_rate, decay_epoch=decay_epoch, power=power)
    check_not_negative(subject, end_learning_rate=end_learning_rate)

    def rate(epoch: int) -> float:
        span = decay_epoch * max(math.ceil(epoch / decay_epoch), 1) if update_decay_epoch else decay_epoch
        return (learning_rate - end_learning_rate) * (1 - min(epoch / span, 1)) ** power + end_learning_rate

    return _each_step(subject, total_step, step_per_epoch, rate)


def warmup_lr(learning_rate: float, total_step: int, step_per_epoch: int, warmup_epoch: int) -> list[float]:
    """Rates learning_rate * epoch / warmup_epoch until warmup_epoch, learning_rate after it.

    Args:
        learning_rate: the last rate.
        total_step: number of rates.
        step_per_epoch: steps in an epoch.
        warmup_epoch: number of epochs.

    Returns:
        A rate for each step.

    Raises:
        TypeError: settings of other types.
        ValueError: settings that are not positive.

    Examples:
        >>> from lamella import nn
        >>> nn.warmup_lr(0.1, 6, 2, 2)
        [0.0, 0.0, 0.05, 0.05, 0.1, 0.1]
    """
    subject = "nn.warmup_lr"
    check_positive(subject, learning_rate=learning_rate, warmup_epoch=warmup_epoch)
    return _each_step(subject, total_step, step_per_epoch, lambda epoch: learning_rate * min(epoch / warmup_epoch, 1))
