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
from typing import Any, TypeAlias

Container: TypeAlias = "list[Any] | dict[Any, Any] | set[Any] | deque[Any] | bytearray"
CONTAINERS = (list, dict, set, deque, bytearray)


class Contents:
    """A container as a place of values: those in it."""

    def __init__(self, container: Any) -> None:
        self.container = container

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return f"the {type(self.container).__name__}"

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
        values: what it sees from around it.

    Attributes:
        fresh: objects that were made in it, which may change as they like.
    """

    def __init__(self, values: Iterable[Any]) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}
        self.fresh: dict[int, Any] = {}
        for value in values:
            self.know(value)

    def know(self, value: Any) -> None:
        """Remember what a container from around the body holds, and the containers in it."""
        if id(value) in self._known:
            return
        if isinstance(value, CONTAINERS):
            held = Contents(value).get()
            self._known[id(value)] = value, held
        elif isinstance(value, tuple):
            self._known[id(value)] = value, value
        else:
            return
        for item in value.values() if isinstance(value, dict) else value:
            self.know(item)

    def changed(self) -> dict[int, tuple[Contents, Any]]:
        """The containers that hold something else by now, by identity, with what they held before the body."""
        found: dict[int, tuple[Contents, Any]] = {}
        for key, (container, before) in self._known.items():
            if not isinstance(container, tuple) and not _unchanged(Contents(container).get(), before):
                found[key] = Contents(container), before
        return found

    def undo(self) -> None:
        """Let every container hold again what it held before the body."""
        for contents, before in self.changed().values():
            contents.set(before)


_regions: ContextVar[tuple[Region, ...]] = ContextVar("regions", default=())


@contextmanager
def region(values: Iterable[Any]) -> Iterator[Region]:
    """A body that is traced inside the `with` block; at its end, what it did to containers is undone.

    Args:
        values: what the body sees from around it.
    """
    entered = Region(values)
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
        value: the container.
        holder: the object that has it as an attribute; a body in which that was made, and those around it, may forget.
    """
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
