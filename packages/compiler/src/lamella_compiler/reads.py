"""What a function read, while it was built into a graph, that is no argument of it: what the graph depends on."""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from typing import Any, Final, NamedTuple


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


#: Stands for the value of an attribute that was asked for and was not there.
MISSING: Final = _Missing()


class Read(NamedTuple):
    """One thing that was read.

    Attributes:
        kind: "attribute" of an object; "own" for one that would not be its class's; "global" name; "closure" variable;
            "item" of a list, tuple or dict; "contents" of a list, tuple, dict, set or deque.
        holder: the object; the dict of the module's globals; the cell; the container.
        key: the attribute's, global's or closure variable's name; the index or key; None for contents.
        value: what was read, or `MISSING`; for contents a shallow copy.
    """

    kind: str
    holder: Any
    key: Any
    value: Any


#: The list to which reads are added; None outside a build that wants to know.
noted: ContextVar[list[Read] | None] = ContextVar("noted", default=None)

_CONTAINERS = (list, tuple, dict, set, deque)


def note(kind: str, holder: Any, key: Any, value: Any) -> None:
    """Add a read, if somebody wants to know."""
    reads = noted.get()
    if reads is not None:
        reads.append(Read(kind, holder, key, value))


def note_contents(container: Any) -> None:
    """Note all that a container holds, and that the containers in it hold; nothing for what is none."""
    reads = noted.get()
    if reads is None:
        return
    seen: set[int] = set()
    todo = [container]
    while todo:
        item = todo.pop()
        if isinstance(item, _CONTAINERS) and id(item) not in seen:
            seen.add(id(item))
            reads.append(Read("contents", item, None, item if isinstance(item, tuple) else item.copy()))
            todo += reversed(list(item.values() if isinstance(item, dict) else item))
