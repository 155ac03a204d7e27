"""Lamella: an all-scenario deep-learning framework with MindSpore's programming model and public names."""

from typing import Any

from lamella import plugins
from lamella.context import GRAPH_MODE, PYNATIVE_MODE, get_context, set_context
from lamella.version import __version__

__all__ = ["GRAPH_MODE", "PYNATIVE_MODE", "__version__", "get_context", "plugins", "set_context"]


def __getattr__(name: str) -> Any:
    """Find names that plugins provide, such as `lamella.dataset`, when they are first used."""
    value = globals()[name] = plugins.resolve_name(name)
    return value
