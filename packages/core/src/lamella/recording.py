"""Who gets to know what programs record (`ops.prims.record`): a list of listeners, one for the whole process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import numpy as np

#: Takes kind, tag and the recorded arrays, which nothing changes afterwards.
Listener: TypeAlias = "Callable[[str, str, tuple[np.ndarray[Any, Any], ...]], object]"

_listeners: tuple[Listener, ...] = ()


def listen(listener: Listener) -> Callable[[], None]:
    """Call a function with all that is recorded in this process, in the thread that records it.

    Args:
        listener: takes the kind, the tag and a tuple of read-only arrays. What it raises is raised where the program
            was called; a compiled one has kept the new values of its state by then.

    Returns:
        A function that ends it; calling it again does nothing.

    Examples:
        >>> import lamella as ms
        >>> from lamella.ops import prims
        >>> from lamella.recording import listen
        >>> end = listen(lambda kind, tag, arrays: print(kind, tag, *arrays))
        >>> done = prims.record(ms.Tensor(0.5), kind="scalar", tag="loss")
        scalar loss 0.5
        >>> end()
    """
    global _listeners
    own = partial(listener)  # the same function may listen twice
    _listeners = (*_listeners, own)

    def end() -> None:
        global _listeners
        _listeners = tuple(other for other in _listeners if other is not own)

    return end


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Listen inside a `with` block; see `listen`."""
    end = listen(listener)
    try:
        yield
    finally:
        end()


def is_heard() -> bool:
    """Whether anyone listens."""
    return bool(_listeners)


def hand_out(kind: str, tag: str, arrays: Sequence[np.ndarray[Any, Any]]) -> None:
    """Give arrays to all listeners."""
    for array in arrays:
        array.flags.writeable = False
    for listener in _listeners:
        listener(kind, tag, tuple(arrays))
