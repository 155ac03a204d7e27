"""Public names that plugins provide: `lamella.dataset` is the module `lamella_data`, `lamella.Profiler` is its class.

The real module and its alias are one object, and so are their submodules: `sys.modules` holds it under both names.
Two finders do that. One stands last in `sys.meta_path` and so is asked for `lamella.<name>` only where core has no
such module; the other stands first and is asked for what is inside an alias, which the ordinary finder would import
a second time.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lamella.errors import MissingPluginError
from lamella.plugins import failures
from lamella.plugins.groups import MODULES, NAMES

if TYPE_CHECKING:
    from importlib.abc import Loader

    from lamella.plugins.manager import PluginManager
else:
    Loader = object  # all that importlib.abc would add is time: 4 ms of `import lamella`

_ROOT = "lamella"


class _Alias(Loader):
    """Puts the real module in the place of the one that the import system has just made."""

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system make its own module."""

    def exec_module(self, module: ModuleType) -> None:
        """Replace it."""
        sys.modules[module.__name__] = self.real(module.__name__)

    def real(self, alias: str) -> ModuleType:
        """The module inside an alias: `lamella_data.vision` for `lamella.dataset.vision`."""
        return importlib.import_module(_real_name(alias))


class _TopAlias(_Alias):
    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager

    def real(self, alias: str) -> ModuleType:
        """The module that an entry point of the group `lamella.modules` names."""
        module: ModuleType = self._manager.load(MODULES, alias.rpartition(".")[2])
        return module


class _InsideFinder:
    """Finds submodules of aliases."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for `lamella.dataset.vision` where `lamella.dataset` is an alias and has a `vision`."""
        if not fullname.startswith(f"{_ROOT}."):
            return None
        real = _real_name(fullname)
        return ModuleSpec(fullname, _Alias()) if real != fullname and find_spec(real) else None


class _TopFinder:
    """Finds `lamella.<name>` among the plugins of the group `lamella.modules`."""

    def __init__(self, manager: PluginManager) -> None:
        self._manager = manager

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A spec for a provided name.

        Raises:
            MissingPluginError: the name belongs to a package of Lamella that is not installed.
        """
        parent, _, name = fullname.rpartition(".")
        if parent == _ROOT and not self._manager.provides(NAMES, name) and _may_provide(self._manager, NAMES, name):
            # `from lamella import Profiler` looks for a module once there is no such attribute.
            self._manager.load(NAMES, name)
        if parent != _ROOT or not _may_provide(self._manager, MODULES, name):
            return None
        return ModuleSpec(fullname, _TopAlias(self._manager))


def install(manager: PluginManager) -> None:
    """Make `import lamella.<name>` find what plugins provide; calling it again changes nothing."""
    if not any(isinstance(finder, _TopFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _InsideFinder())
        sys.meta_path.append(_TopFinder(manager))


def resolve_name(manager: PluginManager, name: str) -> Any:
    """The object that a plugin provides as `lamella.<name>`.

    Raises:
        AttributeError: no plugin has such a name, or none is installed; then it says which to install. `hasattr` is
            False in both cases.
        PluginError: the plugin that has it is incompatible or broken.
    """
    try:
        if not name.startswith("_"):
            if _may_provide(manager, NAMES, name):
                return manager.load(NAMES, name)
            if _may_provide(manager, MODULES, name):
                return importlib.import_module(f"{_ROOT}.{name}")
    except MissingPluginError as missing:
        raise AttributeError(str(missing), name=name, obj=sys.modules[_ROOT]) from missing
    raise AttributeError(f"module {_ROOT!r} has no attribute {name!r}", name=name, obj=sys.modules[_ROOT])


def _may_provide(manager: PluginManager, group: str, name: str) -> bool:
    """Whether a plugin provides a name, or would if it were installed: then loading it says what to install."""
    return manager.provides(group, name) or failures.known_provider(group, name) is not None


def _real_name(alias: str) -> str:
    """The real name of a module inside an alias; the name itself where the parent is no alias."""
    parent, _, name = alias.rpartition(".")
    return f"{sys.modules[parent].__name__}.{name}" if parent in sys.modules else alias
