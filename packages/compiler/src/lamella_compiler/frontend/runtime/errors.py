"""Errors in code that is being compiled: raised where that depends on a tensor, caught by mistake, explained."""

from __future__ import annotations

import sys
from typing import Any

from lamella.context import get_context
from lamella.engine.stack import current
from lamella.errors import CompileError, ConcretizationError
from lamella_compiler.frontend.errors import Place, compile_error, here
from lamella_compiler.frontend.runtime.regions import inside


def raised(error: Any) -> Any:
    """What a `raise` statement raises; remembered where it depends on a tensor whether it runs."""
    if inside() and current().builds:
        error = error() if isinstance(error, type) else error
        error.lamella_raised = here()
    return error


def caught() -> None:
    """The beginning of an `except` block, which must not hide that something cannot be compiled."""
    error = sys.exc_info()[1]
    if not current().builds:
        return
    if isinstance(error, (CompileError, ConcretizationError)):
        raise error
    if hasattr(error, "lamella_noted"):
        raise compile_error(
            f"a {type(error).__name__} is caught, and it depends on a tensor whether it is raised.",
            "Put the `try` statement into the branch or the loop.",
        ) from error


def explained(error: Exception, place: Place | None) -> Exception:
    """An error from a body that was traced: a `raise` of the user's and an endless recursion are refused.

    Any other error is told why the body ran.

    Args:
        error: the error.
        place: the statement that the body belongs to.
    """
    line: Place | None = getattr(error, "lamella_raised", None)
    if line is not None:
        refused = compile_error(
            f"whether this `raise` of {type(error).__name__} runs depends on a tensor.",
            "Use `assert condition, message`, which the graph checks when it runs.",
            line,
        )
        refused.__cause__ = error
        return refused
    if isinstance(error, RecursionError) and place is not None:
        left: set[Place] = error.__dict__.setdefault("lamella_left", set())
        if place in left:  # the statement stood in itself
            return compile_error(
                f"a recursion goes on where a tensor decides, in `{place.text}`. A graph holds what may run as well as "
                f"what does, so that building it never ends: calls nest deeper than max_call_depth = "
                f"{get_context('max_call_depth')} allows.",
                "Write it as a loop, or let a number of Python decide where it ends.",
                place,
            )
        left.add(place)
    if not isinstance(error, CompileError) and place is not None and not hasattr(error, "lamella_noted"):
        error.lamella_noted = True  # type: ignore[attr-defined]
        error.add_note(f"while a part of `{place.text}` ({place}) was compiled, which depends on a tensor")
    return error
