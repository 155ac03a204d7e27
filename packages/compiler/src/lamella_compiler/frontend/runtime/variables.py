"""The variables that bodies of control flow bind: read, set and unbound through the cells that the bodies share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from types import CellType, FunctionType
from typing import Any, Final, TypeAlias

Body: TypeAlias = Callable[..., Any]


class _Unbound:
    def __repr__(self) -> str:
        return "nothing"


#: Stands for the value of a variable that has none.
UNBOUND: Final = _Unbound()


class Variable:
    """A variable of the user's function, or of one around it.

    Attributes:
        name: its name.
        cell: where its value is.
    """

    def __init__(self, name: str, cell: CellType) -> None:
        self.name = name
        self.cell = cell

    @property
    def shared(self) -> bool:
        """Whether it is from outside the build: what the graph computes must not get into it."""
        return id(self.cell) in outside_cells.get({})

    def get(self) -> Any:
        """Its value, or `UNBOUND`."""
        try:
            return self.cell.cell_contents
        except ValueError:
            return UNBOUND

    def set(self, value: Any) -> None:
        """Give it a value, or none (`UNBOUND`)."""
        if value is not UNBOUND:
            self.cell.cell_contents = value
        elif self.get() is not UNBOUND:
            del self.cell.cell_contents


class Global:
    """A variable that the user's function declares global."""

    shared = True

    def __init__(self, name: str, names: dict[str, Any]) -> None:
        self.name = name
        self.names = names

    def get(self) -> Any:
        """Its value, or `UNBOUND`."""
        return self.names.get(self.name, UNBOUND)

    def set(self, value: Any) -> None:
        """Give it a value, or none (`UNBOUND`)."""
        if value is UNBOUND:
            self.names.pop(self.name, None)
        else:
            self.names[self.name] = value


def cells(*bodies: Body | None) -> dict[str, CellType]:
    """The variables from around them that bodies read or bind."""
    found: dict[str, CellType] = {}
    for body in bodies:
        if isinstance(body, FunctionType) and body.__closure__ is not None:
            found.update(zip(body.__code__.co_freevars, body.__closure__, strict=True))
    return found


def variables(names: Iterable[str], body: Body) -> list[Variable]:
    """The variables with these names that a body binds."""
    known = cells(body)
    return [Variable(name, known[name]) for name in names]


#: The variables of functions around those that were converted for this build, by identity.
outside_cells: ContextVar[dict[int, CellType]] = ContextVar("outside_cells")

#: Why a variable of a file has no value, told if it is read: (file, name) to the reason. Made anew for each function
#: that is compiled.
reasons: ContextVar[dict[tuple[str, str], str]] = ContextVar("reasons")


def explain_unbound(file: str, name: str, reason: str) -> None:
    """Note why a variable has no value after control flow that depends on a tensor."""
    known = reasons.get(None)
    if known is not None:
        known[file, name] = reason
