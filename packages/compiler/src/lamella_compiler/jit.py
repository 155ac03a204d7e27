"""`jit`: functions that run as compiled graphs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella_compiler.function import Compiled


def jit(function: Callable[..., Any] | None = None, *, backend: str = "") -> Any:
    if function is None:
        return lambda fn: Compiled(fn, backend=backend)
    return Compiled(function, backend=backend)
