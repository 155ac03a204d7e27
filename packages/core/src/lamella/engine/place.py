"""Where in the user's program an op comes from: the line, the path of cells and the part of a training step.

Only engines that `locate` ask for it; nothing here runs while ops run eagerly and no one observes them.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

from lamella.engine.conversion import in_library
from lamella.ir.graph import Location

if TYPE_CHECKING:
    from lamella.nn.cell import Cell


class _Around(NamedTuple):
    """What is around an op.

    Attributes:
        scope: path of the cells that are being called.
        part: of a training step.
        cell: the innermost cell.
        node: the place that stands for the line, where the op comes from a graph or from a rule of a derivative.
    """

    scope: str = ""
    part: str = "forward"
    cell: Cell | None = None
    node: Location | None = None


_NOTHING = _Around()
_around: ContextVar[_Around] = ContextVar("around", default=_NOTHING)

#: Come back from a cell; takes what `enter` gave.
leave = _around.reset


def here() -> Location | None:
    """The place of an op that runs now: that of its node, or the innermost line that is not Lamella's own."""
    around = _around.get()
    if around.node is not None:
        return around.node
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and in_library(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return None
    return Location(frame.f_code.co_filename, frame.f_lineno, around.scope, around.part)


def enter(cell: Cell) -> Token[_Around]:
    """Go into a cell; what `leave` takes."""
    around = _around.get()
    name = type(cell).__name__
    if around.cell is not None:
        name = f"{around.scope}.{_name_in(around.cell, cell) or name}"
    return _around.set(_Around(name, cell._part or around.part, cell, around.node))


def _name_in(parent: Cell, cell: Cell) -> str:
    """The attributes that lead from one cell to another; "" if none do."""
    for name, child in parent._cells.items():
        if child is cell:
            return name
    return next((name for name, child in parent.cells_and_names() if child is cell), "")


def at_node(location: Location) -> Token[_Around]:
    """Let what runs now come from a node of a graph, whatever line runs it; what `leave` takes."""
    around = _around.get()
    if around.part == "backward":  # the graph, or a part of it, is being differentiated
        location = Location(*location[:3], "backward")
    return _around.set(_Around(around.scope, around.part, around.cell, location))


def at_derivative(place: Location) -> Token[_Around]:
    """Let what runs now be the derivative of an op with that place; what `leave` takes."""
    file, line, scope, _ = place
    return _around.set(_Around(scope, "backward", None, Location(file, line, scope, "backward")))


def note(error: BaseException, name: str, place: Location | None) -> None:
    """Note at an error which op it came from and where its user wrote that.

    Args:
        error: the error.
        name: the op's name.
        place: what `here` said while the op was called.
    """
    if place is not None:
        text = linecache.getline(place.file, place.line).strip()
        error.add_note(f"in ops.{name}, at {place.file}:{place.line}: {text}")


@contextmanager
def own_lines(part: str) -> Iterator[None]:
    """Let what runs in the `with` block, a body that a user wrote, have the lines where it stands."""
    token = _around.set(_around.get()._replace(part=part, node=None))
    try:
        yield
    finally:
        _around.reset(token)
