"""The ways in which a function can run: as it is, as a built graph, and by the compiler where one is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import lamella as ms
from lamella import ir, plugins

Mode = Callable[[Callable[..., Any]], Callable[..., Any]]


def eagerly(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function itself."""
    return fn


#: How to make a function run in each of the ways, by name.
MODES: Final[dict[str, Mode]] = {"eager": eagerly, "graph": ir.staged}
if any(plugin.name == "graph" and plugin.compatible for plugin in plugins.available(plugins.COMPILERS)):
    MODES["compiled"] = ms.jit
