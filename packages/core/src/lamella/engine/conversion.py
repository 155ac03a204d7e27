"""Where a compiler takes hold of functions that core calls for its users.

While a compiler builds a graph it sets `converter`; core asks it for another form of each function that a user wrote,
in which control flow on tensors becomes part of the graph. Outside a build functions run as they are.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

#: Gives the form of a function in which a graph is built; None outside a compiler's build.
converter: ContextVar[Callable[[Any], Callable[..., Any]] | None] = ContextVar("converter", default=None)


def converted(fn: Callable[..., Any]) -> Callable[..., Any]:
    """A user's function in the form to call: as it is, unless a compiler builds a graph."""
    convert = converter.get()
    return fn if convert is None else convert(fn)


_library_folders: tuple[str, ...] = (os.path.dirname(os.path.dirname(__file__)),)


def add_library(folder: str) -> None:
    """Count the code in a folder as a library's, so that it is never named as the place that a user wrote.

    Args:
        folder: path of a package that calls ops for its users.
    """
    global _library_folders
    _library_folders = (*_library_folders, folder)


def in_library(filename: str) -> bool:
    """Whether a source file belongs to Lamella or to a package that has said `add_library`."""
    return filename.startswith(_library_folders)
