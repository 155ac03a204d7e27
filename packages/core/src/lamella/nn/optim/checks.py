"""Checks of settings that optimizers and learning rates share."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain


def check_positive(subject: str, **settings: Any) -> None:
    """Check numbers: those called …steps, …step or …epoch are ints.

    Raises:
        TypeError: one is of another type.
        ValueError: one is not positive.
    """
    for name, value in settings.items():
        whole = name.endswith(("steps", "step", "epoch"))
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            raise TypeError(explain(subject, given=f"{name}={value!r}", expected="an int" if whole else "a number"))
        if not value > 0:
            raise ValueError(explain(subject, given=f"{name}={value}", expected="above 0"))


def check_not_negative(subject: str, **settings: Any) -> None:
    """Check numbers.

    Raises:
        TypeError: one is not a number.
        ValueError: one is negative.
    """
    for name, value in settings.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(explain(subject, given=f"{name}={value!r}", expected="a number"))
        if not value >= 0:
            raise ValueError(explain(subject, given=f"{name}={value}", expected="at least 0"))


def check_order(subject: str, min_lr: Any, max_lr: Any) -> None:
    """Check the ends of a range.

    Raises:
        TypeError: one is not a number.
        ValueError: `min_lr` is negative, or not below `max_lr`.
    """
    check_not_negative(subject, min_lr=min_lr, max_lr=max_lr)
    if not min_lr < max_lr:
        raise ValueError(explain(subject, given=f"min_lr={min_lr}, max_lr={max_lr}", expected="min_lr below max_lr"))
