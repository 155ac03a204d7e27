"""When two Python values are the same to a graph that was built with one of them."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

_EXACT = (int, bool, str, bytes, type(None))


def fingerprint(value: Any) -> Any:
    """Something that is equal for two values only if a graph cannot tell them apart.

    Numbers, texts and tuples of them count by type and value (0.0, -0.0, False and 0 are four values, all NaN are
    one), everything else by identity; who keeps the fingerprint of such an object must keep the object too.
    """
    kind = type(value)
    if kind in _EXACT:
        return kind, value
    if kind is float or kind is complex:
        return kind, repr(value)
    if kind is tuple:
        return tuple, tuple(map(fingerprint, value))
    if isinstance(value, np.generic):
        return kind, value.tobytes()
    return kind, id(value)


def same(value: Any, other: Any) -> bool:
    """Whether a graph cannot tell two values apart."""
    if value is other:
        return True
    kind = type(value)
    if kind is not type(other):
        return False
    if kind in _EXACT:
        return bool(value == other)
    if kind is tuple:
        return len(value) == len(other) and all(map(same, value, other))
    if kind is float or kind is complex or isinstance(value, np.generic):
        return bool(fingerprint(value) == fingerprint(other))
    return False


def snapshot(value: Any) -> Callable[[Any], bool]:
    """A function that tells whether a value is still the same as now, contents of containers and arrays included."""
    if isinstance(value, np.ndarray):
        held, copy = value, value.copy()
        return lambda now: now is held and now.shape == copy.shape and now.tobytes() == copy.tobytes()
    if isinstance(value, dict):
        return _dict_snapshot(value)
    if isinstance(value, (list, tuple)) and type(value) is not tuple:
        return _sequence_snapshot(value)
    if isinstance(value, FunctionType):
        code = value.__code__
        return lambda now: now is value and now.__code__ is code
    return lambda now: same(now, value)


def _dict_snapshot(value: dict[Any, Any]) -> Callable[[Any], bool]:
    copy = dict(value)

    def unchanged(now: Any) -> bool:
        return (
            now is value
            and len(now) == len(copy)
            and all(key in now and same(now[key], item) for key, item in copy.items())
        )

    return unchanged


def _sequence_snapshot(value: Any) -> Callable[[Any], bool]:
    copy = list(value)
    return lambda now: now is value and len(now) == len(copy) and all(map(same, now, copy))
