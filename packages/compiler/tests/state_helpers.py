"""What can be seen of the state of objects."""

from __future__ import annotations

import types
from collections import deque
from typing import Any

import numpy as np

from lamella import Tensor


def state_of(value: Any, seen: dict[int, int] | None = None) -> Any:
    """What can be seen of a value, with who is who, in a form to compare."""
    seen = {} if seen is None else seen
    if value is None or isinstance(value, (bool, int, float, str, bytes)):
        return type(value).__name__, repr(value)
    if isinstance(value, (np.generic, np.ndarray)):
        return type(value).__name__, value.tolist()
    if isinstance(value, Tensor):
        return "tensor", value.tolist()
    if id(value) in seen:
        return "again", seen[id(value)]
    seen[id(value)] = len(seen)
    if isinstance(value, dict):
        return [(key, state_of(item, seen)) for key, item in value.items()]
    if isinstance(value, (list, tuple, deque)):
        return [type(value).__name__, *(state_of(item, seen) for item in value)]
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, types.FunctionType):
        return [state_of(cell.cell_contents, seen) for cell in value.__closure__ or ()]
    names = getattr(value, "__slots__", None) or [k for k in vars(value) if not k.startswith("_")]
    return [(name, state_of(getattr(value, name, "missing"), seen)) for name in names]
