"""Which engine is current: one for each thread (and asynchronous task), eager where none was entered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lamella.engine.base import Engine
from lamella.engine.eager import EAGER

_current: ContextVar[Engine] = ContextVar("engine", default=EAGER)

#: The current engine.
current = _current.get


@contextmanager
def entered(engine: Engine) -> Iterator[None]:
    """Make `engine` current inside a `with` block, in this thread only."""
    token = _current.set(engine)
    try:
        yield
    finally:
        _current.reset(token)
