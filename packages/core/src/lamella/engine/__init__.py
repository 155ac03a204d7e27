"""Engines: what runs, records, transforms or observes primitives; see the README in this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamella.engine.observation import Observed, observing

__all__ = ["Observed", "observing"]


def __getattr__(name: str) -> Any:
    if name in __all__:  # on first use: what everybody imports at the start is below what observing needs
        from lamella.engine import observation

        return getattr(observation, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
