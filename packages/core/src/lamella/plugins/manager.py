"""The plugin manager: finds a plugin by group and name, checks it, imports it and asks its hook, each once."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

import pluggy

from lamella.errors import PluginError, explain
from lamella.plugins import failures, hookspecs
from lamella.plugins.groups import GROUPS, Group

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lamella.plugins.discovery import Found

_Key = tuple[str, str]


class PluginInfo(NamedTuple):
    """An installed plugin.

    Attributes:
        group: the entry point group, which says what kind of plugin it is.
        name: the name it is loaded by.
        distribution: the distribution that brings it.
        version: the version of that distribution.
        requires: the versions of lamella-core it needs, such as ">=0.1,<0.2"; "" means any.
        compatible: whether the installed lamella-core is one of them.
        error: why it cannot be used; "" where nothing is known against it.
    """

    group: str
    name: str
    distribution: str
    version: str
    requires: str
    compatible: bool
    error: str


class _Loaded(NamedTuple):
    found: Found
    plugin: Any


class PluginManager:
    """Loads plugins on demand. Safe to use from several threads: a plugin is imported and asked once.

    What failed is tried again when it is asked for again, so that a notebook may install what was missing.
    """

    def __init__(self) -> None:
        self._hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self._hooks.add_hookspecs(hookspecs)
        self._loaded: dict[_Key, _Loaded] = {}
        self._resolved: dict[_Key, Any] = {}
        self._errors: dict[_Key, str] = {}
        self._settings: BaseModel | None = None
        #: Makes the settings that hold before the first `configure`; asked when a plugin is first loaded.
        self.initial_settings: Callable[[], BaseModel] | None = None
        self._changing = RLock()
        self._locks: dict[_Key, RLock] = {}  # one for each plugin: making a backend may load others

    def available(self, group: str) -> list[PluginInfo]:
        """The installed plugins of a group, from their metadata alone: nothing is imported."""
        kind, infos = _group(group), []
        for found in _find(group):
            error = self._errors.get((group, kind.normal(found.name)), "")
            if not found.compatible:
                error = str(failures.incompatible(group, found))
            facts = (found.name, found.distribution, found.version, found.requires, found.compatible)
            infos.append(PluginInfo(group, *facts, error))
        return infos

    def provides(self, group: str, name: str) -> bool:
        """Whether something installed has this name in this group, usable or not."""
        normal = _group(group).normal
        return any(normal(found.name) == normal(name) for found in _find(group))

    def load(self, group: str, name: str) -> Any:
        """The object that an entry point names, imported and registered when first asked for.

        Args:
            group: the entry point group, such as "lamella.backends".
            name: the name of the entry point.

        Raises:
            MissingPluginError: nothing installed provides it.
            IncompatiblePluginError: its distribution requires another lamella-core; it was not imported.
            BrokenPluginError: it raised while it was imported, or is not what its group asks for.
            PluginError: two distributions provide it.
            ValueError: there is no such group.
        """
        return self._load(group, name).plugin

    def resolve(self, group: str, name: str, **arguments: Any) -> Any:
        """What a plugin is for: the result of its group's hook, called when first asked for.

        Args:
            group: the entry point group; one that has a hook.
            name: the name of the entry point.
            arguments: the hook's arguments.

        Raises:
            PluginError: as `load` does; BrokenPluginError also where the hook raised or gave the wrong thing.
            ValueError: there is no such group, or it has no hook.
        """
        key = group, _group(group).normal(name)
        if key not in self._resolved:
            kind = GROUPS[group]
            if not kind.hook:
                raise ValueError(explain("plugins.resolve", given=f"group {group!r}", expected="one with a hook"))
            found, plugin = self._load(group, name)
            with self._locks.setdefault(key, RLock()):
                if key not in self._resolved:
                    try:
                        result = self._ask(plugin, kind.hook, **arguments)
                        _check(kind, result)
                    except Exception as error:  # as in _load
                        raise self._broken(group, found, error, f"in {kind.hook}()") from error
                    self._resolved[key] = result
        return self._resolved[key]

    def configure(self, settings: BaseModel) -> None:
        """Give the settings to every loaded plugin, and to those loaded later; if one raises, none keeps them.

        Raises:
            BrokenPluginError: a plugin raised.
        """
        with self._changing:
            before, told = self._settings, []
            # By object: entry points of several groups may name the same one. Modules and names have no hook to call.
            loaded = {id(entry.plugin): (group, entry) for (group, _), entry in self._loaded.items()}
            for group, (found, plugin) in loaded.values():
                try:
                    told.append(plugin)
                    self._ask(plugin, "configure", settings=settings)
                except Exception as error:  # as in _load
                    for other in told if before is not None else ():
                        self._ask(other, "configure", settings=before)
                    raise self._broken(group, found, error, "in configure()") from error
            self._settings = settings

    def _load(self, group: str, name: str) -> _Loaded:
        key = group, _group(group).normal(name)
        if key not in self._loaded:
            found = _find_usable(group, name)
            try:
                plugin = found.load()
                # What a plugin is asked while it is entered is done under the lock, so that no settings pass it by.
                with self._changing:
                    if key not in self._loaded:
                        self._enter(GROUPS[group], found, plugin)
                        self._loaded[key] = _Loaded(found, plugin)
                        self._errors.pop(key, None)
            except Exception as error:  # whatever a plugin raises must not take the others down
                raise self._broken(group, found, error, "while it was loaded") from error
        return self._loaded[key]

    def _enter(self, kind: Group, found: Found, plugin: Any) -> None:
        """Check what an entry point names; give pluggy its hooks, and the plugin the settings."""
        if not kind.hook:
            _check(kind, plugin)
            return
        known = self._hooks.is_registered(plugin)  # entry points of several groups may name the same object
        try:
            if not known:
                self._hooks.register(plugin, name=found.entry_point.value)
                self._hooks.check_pending()
            if kind.hook not in {caller.name for caller in self._hooks.get_hookcallers(plugin) or ()}:
                raise TypeError(f"{plugin!r} has no function {kind.hook} marked with lamella.plugins.hookimpl")
            if self._settings is None and self.initial_settings is not None:
                self._settings = self.initial_settings()
            if not known and self._settings is not None:
                self._ask(plugin, "configure", settings=self._settings)
        except Exception:
            if not known and self._hooks.is_registered(plugin):
                self._hooks.unregister(plugin)
            raise

    def _ask(self, plugin: Any, hook: str, **arguments: Any) -> Any:
        """Call one hook of one plugin."""
        others = [other for other in self._hooks.get_plugins() if other is not plugin]
        return self._hooks.subset_hook_caller(hook, others)(**arguments)

    def _broken(self, group: str, found: Found, error: Exception, stage: str) -> PluginError:
        failure = failures.broken(group, found, error, stage)
        self._errors[group, GROUPS[group].normal(found.name)] = str(failure)
        return failure


def _group(group: str) -> Group:
    try:
        return GROUPS[group]
    except KeyError:
        names = ", ".join(GROUPS)
        raise ValueError(explain("plugin group", given=repr(group), expected=f"one of {names}")) from None


def _find_usable(group: str, name: str) -> Found:
    """The one installed plugin of a name, if it fits this core."""
    kind, installed = GROUPS[group], _find(group)
    candidates = [found for found in installed if kind.normal(found.name) == kind.normal(name)]
    if not candidates:
        raise failures.missing(group, name, installed)
    if len(candidates) > 1:
        raise failures.ambiguous(group, name, candidates)
    if not candidates[0].compatible:
        raise failures.incompatible(group, candidates[0])
    return candidates[0]


def _check(kind: Group, given: Any) -> None:
    if not isinstance(given, kind.protocol):
        raise TypeError(f"{given!r} is no {kind.protocol.__name__}")


def _find(group: str) -> list[Found]:
    from lamella.plugins import discovery

    return discovery.find(group)
