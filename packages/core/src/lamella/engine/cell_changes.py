"""A number that grows whenever a cell changes, so that who depends on many cells need not look at each of them."""

from __future__ import annotations

from itertools import count

_next = count(1).__next__

#: How often cells, their hooks and the settings of their parameters have changed in this process.
number: int = 0


def advance() -> None:
    """Say that a cell has changed; called after the change."""
    global number
    number = _next()
