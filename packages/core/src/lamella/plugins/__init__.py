"""Plugins: what other distributions add to Lamella.

A plugin is an entry point in the metadata of an installed distribution. Its group says what it is (`groups`), its
hooks do what it is for (`hookspecs`), and it is imported when it is first named, after its `Requires-Dist` has been
compared with the installed lamella-core. Lamella's own packages are found in the same way.

    load      import a plugin and register its hooks
    resolve   ask the hook of its group, once; `backend` and `compiler` are the same with types
    available list what is installed without importing it
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from lamella.errors import explain
from lamella.plugins import finder
from lamella.plugins.groups import BACKENDS, COMPILERS, DEFAULTS, GROUPS, MODULES, NAMES
from lamella.plugins.hookspecs import hookimpl
from lamella.plugins.manager import PluginInfo, PluginManager
from lamella.plugins.protocols import Artifact, Backend, Compiler, Exchanging, Executable, Generator, Memory

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lamella.plugins.target import Target

__all__ = [
    "BACKENDS",
    "COMPILERS",
    "DEFAULTS",
    "GROUPS",
    "MODULES",
    "NAMES",
    "Artifact",
    "Backend",
    "Compiler",
    "Exchanging",
    "Executable",
    "Generator",
    "Memory",
    "PluginInfo",
    "PluginManager",
    "Target",
    "available",
    "backend",
    "compiler",
    "configure",
    "configure_first",
    "default_device",
    "device",
    "device_name",
    "hookimpl",
    "load",
    "resolve",
    "resolve_name",
]

_manager = PluginManager()
finder.install(_manager)

available = _manager.available
load = _manager.load
resolve = _manager.resolve
configure = _manager.configure


def configure_first(settings: Callable[[], BaseModel]) -> None:
    """Say how the settings are made that a plugin gets before any was changed."""
    _manager.initial_settings = settings


def backend(name: str) -> Backend:
    """The backend of a device, created when it is first named.

    Args:
        name: the device, such as "reference" or "CPU", in upper or lower case.

    Raises:
        PluginError: the plugin is missing, incompatible or broken, each with a class of its own.

    Examples:
        >>> from lamella import plugins
        >>> plugins.backend("Reference") is plugins.backend("reference")
        True
    """
    return cast(Backend, _manager.resolve(BACKENDS, name))


def device(name: str) -> tuple[Backend, int]:
    """The backend and the number of a device.

    Args:
        name: a backend's name, in upper or lower case, and a number, such as "GPU:1"; without a number it is 0.

    Raises:
        PluginError: as for `backend`.
        ValueError: there is no device of that number.

    Examples:
        >>> from lamella import plugins
        >>> plugins.device("reference:0") == (plugins.backend("reference"), 0)
        True
    """
    kind, separator, number = name.partition(":")
    chosen = backend(kind)
    count = chosen.device_count
    if separator and not (number.isascii() and number.isdigit() and int(number) < count):
        known = f"{count} devices, {chosen.name}:0 to {chosen.name}:{count - 1}" if count > 1 else "1 device"
        raise ValueError(explain("device", given=repr(name), expected=f"one of the devices: {chosen.name} has {known}"))
    return chosen, int(number or 0)


def device_name(backend: Backend, ordinal: int) -> str:
    """What a device is called: the number is left out where there is one device of the kind.

    Examples:
        >>> from lamella import plugins
        >>> plugins.device_name(plugins.backend("reference"), 0)
        'reference'
    """
    return backend.name if backend.device_count == 1 else f"{backend.name}:{ordinal}"


def default_device() -> str:
    """The device for those who name none: one whose distribution offers it for that, else "reference".

    A distribution offers a device that runs wherever it can be installed, by an entry point of the device's name in
    the group `lamella.default_backends`. Of several, the first by name is taken. Nothing is imported.

    Examples:
        >>> from lamella import plugins
        >>> plugins.default_device() in {info.name for info in plugins.available(plugins.BACKENDS)}
        True
    """
    offered = _manager.available(DEFAULTS)
    return offered[0].name if offered else "reference"


def compiler(name: str = "graph") -> Compiler:
    """The object that turns Python functions into graphs, created when it is first named.

    Args:
        name: which compiler; "graph" is the one that `GRAPH_MODE` uses.

    Raises:
        PluginError: the plugin is missing, incompatible or broken, each with a class of its own.
    """
    return cast(Compiler, _manager.resolve(COMPILERS, name))


def resolve_name(name: str) -> Any:
    """The object that a plugin provides as `lamella.<name>`; for `lamella.__getattr__`.

    Args:
        name: a name that core itself does not have.

    Raises:
        AttributeError: no plugin has such a name.
        PluginError: the plugin that has it is missing, incompatible or broken.
    """
    return finder.resolve_name(_manager, name)


def __getattr__(name: str) -> Any:
    """Load `Target`, a pydantic model, when it is first used: pydantic takes longer to import than core."""
    if name == "Target":
        from lamella.plugins.target import Target

        return Target
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
