"""Changes of Python objects in bodies that are traced for a tensor's sake.

Both branches of an `if` on a tensor are traced, and the body of a loop perhaps several times, so what they do to lists,
dicts and sets is undone after each, and what they leave is merged like values of variables. Other changes of objects
are refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FunctionType
from typing import Any

from lamella_compiler.frontend.runtime.variables import Global, Variable, cells

CONTAINERS = (list, dict, set, deque, bytearray)


class Contents:
    """A container as a place of values: those in it."""

    shared = False

    def __init__(self, container: Any) -> None:
        self.container = container

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return f"a {type(self.container).__name__}"

    def get(self) -> Any:
        """What it holds, as a list, a dict, or something that does not change."""
        for kind, form in _FORMS.items():
            if isinstance(self.container, kind):
                return form(self.container)
        raise AssertionError(self.container)

    def set(self, value: Any) -> None:
        """Let the container hold again what `get` has given."""
        self.container.clear()
        add = self.container.update if isinstance(self.container, (dict, set)) else self.container.extend
        add(value)


_FORMS: dict[type, type] = {list: list, dict: dict, set: frozenset, deque: list, bytearray: bytes}


def _unchanged(now: Any, before: Any) -> bool:
    """Whether two results of `Contents.get` hold the very same things."""
    if isinstance(now, dict):
        return list(now) == list(before) and all(now[key] is before[key] for key in now)
    if isinstance(now, list):
        return len(now) == len(before) and all(a is b for a, b in zip(now, before, strict=True))
    return bool(now == before)


class Region:
    """A body that is being traced.

    Args:
        bodies: functions that see what the body sees from around it.

    Attributes:
        fresh: objects that were made in it, which may change as they like.
    """

    def __init__(self, bodies: Iterable[Any]) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}
        self._variables: dict[Any, tuple[Variable | Global, Any]] = {}
        self.fresh: dict[int, Any] = {}
        for body in bodies:
            self.know(body)

    def know(self, value: Any) -> None:
        """Remember what a container from around the body holds, or what the variables are that a function sees."""
        if id(value) in self._known:
            return
        if isinstance(value, CONTAINERS):
            held = Contents(value).get()
            self._known[id(value)] = value, held
            parts = held.values() if isinstance(held, dict) else held
        elif isinstance(value, tuple):
            self._known[id(value)] = value, value
            parts = value
        elif isinstance(value, FunctionType) and value.__closure__ is not None:
            self._known[id(value)] = value, value
            variables = [Variable(name, cell) for name, cell in cells(value).items()]
            self._variables.update((id(variable.cell), (variable, variable.get())) for variable in variables)
            parts = [variable.get() for variable in variables]
        else:
            return
        for part in parts:
            self.know(part)

    def know_global(self, variable: Global) -> None:
        """Remember a variable of a module that is about to change."""
        self._variables.setdefault((variable.name, id(variable.names)), (variable, variable.get()))

    def changed(self) -> dict[Any, tuple[Contents | Variable | Global, Any]]:
        """Containers and variables that hold something else by now, with what they held before the body."""
        found: dict[Any, tuple[Contents | Variable | Global, Any]] = {}
        for key, (container, before) in self._known.items():
            if isinstance(container, CONTAINERS) and not _unchanged(Contents(container).get(), before):
                found[key] = Contents(container), before
        found.update((key, known) for key, known in self._variables.items() if known[0].get() is not known[1])
        return found

    def undo(self) -> None:
        """Let everything be again as it was before the body."""
        for place, before in self.changed().values():
            place.set(before)


_regions: ContextVar[tuple[Region, ...]] = ContextVar("regions", default=())


@contextmanager
def region(bodies: Iterable[Any]) -> Iterator[Region]:
    """A body that is traced inside the `with` block; at its end, what it did to containers and variables is undone.

    Args:
        bodies: functions that see what the body sees from around it.
    """
    entered = Region(bodies)
    token = _regions.set((*_regions.get(), entered))
    try:
        yield entered
    finally:
        _regions.reset(token)
        entered.undo()


def inside() -> bool:
    """Whether a body is being traced whose execution depends on a tensor."""
    return bool(_regions.get())


def know(value: Any, holder: Any = None) -> None:
    """Tell the bodies that are being traced of a container that was read from outside them.

    Args:
        value: the container; anything else is no matter.
        holder: the object that has it as an attribute; a body in which that was made, and those around it, may forget.
    """
    if not isinstance(value, (*CONTAINERS, tuple)):
        return
    for entered in reversed(_regions.get()):
        if id(holder) in entered.fresh:
            return
        entered.know(value)


def made(value: Any) -> None:
    """Tell the innermost body that an object was made in it."""
    entered = _regions.get()
    if entered:
        entered[-1].fresh[id(value)] = value


def is_fresh(value: Any) -> bool:
    """Whether an object was made in the innermost body."""
    entered = _regions.get()
    return bool(entered) and id(value) in entered[-1].fresh


def changes_global(variable: Global) -> None:
    """Tell the bodies that are being traced that a variable of a module is about to change."""
    for entered in _regions.get():
        entered.know_global(variable)
