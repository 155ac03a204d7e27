"""Checks of arguments, worded alike everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lamella.errors import explain

MOST_ROWS = 2**31 - 1
"""The largest count that a step takes, as in MindSpore."""


def check_int(subject: str, value: Any, low: int, high: int = MOST_ROWS) -> int:
    """`value`, if it is an integer from `low` to `high`.

    Raises:
        TypeError: it is no integer (True and False are none).
        ValueError: it is out of range.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(explain(subject, given=f"{value!r:.80}", expected="an int"))
    number: int = value.__index__()
    if not low <= number <= high:
        span = f"an int of at least {low}" if high == MOST_ROWS else f"an int from {low} to {high}"
        raise ValueError(explain(subject, given=str(number), expected=span))
    return number


def check_workers(subject: str, value: Any) -> int:
    """The number of threads that `num_parallel_workers` asks for; None is one."""
    return 1 if value is None else check_int(f"{subject}: num_parallel_workers", value, 1, 1024)


def check_no_processes(subject: str, value: Any) -> None:
    """Refuse `python_multiprocessing=True`.

    Raises:
        TypeError: it is no bool.
        ValueError: it is True.
    """
    if not isinstance(value, bool):
        raise TypeError(explain(f"{subject}: python_multiprocessing", given=repr(value), expected="a bool"))
    if value:
        remedy = "Rows are worked on by threads: set num_parallel_workers."
        raise ValueError(explain(f"{subject}: python_multiprocessing", given="True", expected="False", remedy=remedy))


def name_list(subject: str, names: Any) -> list[str]:
    """Column names as a list, from one name or several.

    Raises:
        TypeError: something is not a str.
        ValueError: there is none, one is empty, or one occurs twice.
    """
    listed: list[Any] = [names] if isinstance(names, str) else list(names) if isinstance(names, Sequence) else [names]
    if not all(isinstance(name, str) for name in listed):
        raise TypeError(explain(subject, given=repr(names), expected="a column name or a list of them"))
    if not listed or "" in listed:
        raise ValueError(explain(subject, given=repr(names), expected="at least one column name, none of them empty"))
    check_distinct(subject, listed)
    return listed


def check_distinct(subject: str, names: Sequence[str]) -> None:
    """Refuse names that occur twice.

    Raises:
        ValueError: one does.
    """
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        given = f"{list(names)}, with {', '.join(map(repr, twice))} more than once"
        raise ValueError(explain(subject, given=given, expected="column names that differ"))


def positions(subject: str, names: Sequence[str], available: Sequence[str]) -> list[int]:
    """Where the columns called `names` are among those `available`.

    Raises:
        ValueError: one is not there.
    """
    missing = [name for name in names if name not in available]
    if missing:
        raise ValueError(
            explain(subject, given=f"column {', '.join(map(repr, missing))}", expected=f"names among {list(available)}")
        )
    return [list(available).index(name) for name in names]
