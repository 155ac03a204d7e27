"""One thing that a function read, while it was built into a graph, that is no argument of it."""

from __future__ import annotations

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
            "item" of a list, tuple, dict or deque; "contents" of an object (`holders.CONTENTS`) or tuple; "context" for
            the value of a context variable.
        holder: the object; the dict of the module's globals; the cell; the container.
        key: the attribute's, global's or closure variable's name; the index or key; None for contents.
        value: what was read, or `MISSING`; for contents a shallow copy.
    """

    kind: str
    holder: Any
    key: Any
    value: Any
