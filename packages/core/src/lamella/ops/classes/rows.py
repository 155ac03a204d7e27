"""The classes of `ops`, a row each, by families."""

from __future__ import annotations

from typing import Any

from lamella.ops.classes import acting, arranging, elementwise, networks, reducing
from lamella.ops.classes.primitive import described

ROWS = (*elementwise.ROWS, *reducing.ROWS, *arranging.ROWS, *networks.ROWS, *acting.ROWS)

BY_NAME = {row.name: row for row in ROWS}


def __getattr__(name: str) -> Any:
    """`__test__`: where doctest finds the examples of classes, which are made when they are first used."""
    if name == "__test__":
        return {row.name: described(row) for row in ROWS}
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
