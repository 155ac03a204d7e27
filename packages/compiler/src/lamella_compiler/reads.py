"""What user code read from around it while a graph was built: what the driver has to guard."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, NamedTuple


class Read(NamedTuple):
    """Something that was read.

    Attributes:
        kind: "attribute", "global", "closure", "item" or "contents".
        holder: the object, the dict of globals, the closure's cell, or the container.
        key: the name or the index; None for "closure" and "contents".
        value: what was found; for "contents" a shallow copy of the container.
    """

    kind: str
    holder: Any
    key: Any
    value: Any


#: Where reads are noted; None while nobody wants to know.
noted: ContextVar[list[Read] | None] = ContextVar("noted", default=None)
