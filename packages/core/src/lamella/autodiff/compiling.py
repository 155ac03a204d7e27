"""Where GRAPH_MODE begins for transforms: at a call that no graph build surrounds."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any

from lamella import context, plugins
from lamella.context import GRAPH_MODE
from lamella.engine.stack import current


def begins_here() -> bool:
    """Whether a call at this place is the compiler's."""
    return context.mode == GRAPH_MODE and not current().builds


def outermost_compiles(of: Callable[..., Any], *settings: Hashable) -> Callable[[Callable[..., Any]], Any]:
    """Decorate what a transform makes of a function: in GRAPH_MODE the compiler runs it, as it runs cells.

    Args:
        of: the function that is transformed.
        settings: what else decides what comes of it; making the same of a function again compiles nothing new.
    """

    def decorate(transformed: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(of, updated=())  # what else a Cell or staged function holds is its own
        def call(*args: Any, **options: Any) -> Any:
            if begins_here():
                return plugins.compiler().call_transformed(of, settings, transformed, args, options)
            return transformed(*args, **options)

        return call

    return decorate
