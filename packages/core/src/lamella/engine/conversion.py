"""What a compiler does to the functions that it builds graphs of, so that core can do it to those that it is given."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

#: Set by a compiler while it builds a graph: takes a function, gives the one to call in its place.
converter: ContextVar[Callable[[Callable[..., Any]], Callable[..., Any]] | None] = ContextVar("converter", default=None)


def converted(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function to call in the place of one that a user gave: itself, unless a compiler builds a graph."""
    convert = converter.get()
    return fn if convert is None else convert(fn)
