"""When two Python values are the same to a graph that was built with one of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import is_
from types import BuiltinFunctionType, FunctionType, MethodType
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
    if kind is MethodType:  # another object each time that it is looked up
        return value.__func__ is other.__func__ and value.__self__ is other.__self__
    if kind is BuiltinFunctionType:  # as above
        return bool(value == other)
    if kind is float or kind is complex or isinstance(value, np.generic):
        return bool(fingerprint(value) == fingerprint(other))
    return False


def same_items(items: Collection[Any], others: Collection[Any]) -> bool:
    """Whether two collections hold the same, in the same order."""
    # Mostly they hold the very same objects, which is found out in a fraction of the time.
    return len(items) == len(others) and (all(map(is_, items, others)) or all(map(same, items, others)))


def snapshot(value: Any) -> Callable[[Any], bool]:
    """A function that tells whether a value is still the same as now, contents of containers and arrays included."""
    if isinstance(value, np.ndarray):
        held, copy = value, value.copy()
        return lambda now: now is held and now.shape == copy.shape and now.tobytes() == copy.tobytes()
    if isinstance(value, dict):
        table = dict(value)
        return lambda now: now is value and same_items(now, table) and same_items(now.values(), table.values())
    if isinstance(value, list):
        listed = list(value)
        return lambda now: now is value and same_items(now, listed)
    if isinstance(value, FunctionType):
        code = value.__code__
        return lambda now: now is value and now.__code__ is code
    return lambda now: same(now, value)
