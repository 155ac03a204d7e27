"""The plugin manager: finds a plugin by group and name, checks it, imports it and asks its hook, each once."""

from __future__ import annotations

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
        self._registering = RLock()
        # One lock for each plugin: a plugin may load another while it is imported.
        self._locks: dict[_Key, RLock] = {}

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
            with self._lock(key):
                if key not in self._resolved:
                    result = self._call(group, found, plugin, kind.hook, arguments)
                    try:
                        _check(kind, result)
                    except TypeError as error:
                        raise self._broken(group, found, error, f"from {kind.hook}()") from None
                    self._resolved[key] = result
        return self._resolved[key]

    def configure(self, settings: BaseModel) -> None:
        """Give the settings to every loaded plugin, and to those loaded later.

        Raises:
            BrokenPluginError: a plugin raised.
        """
        self._settings = settings
        for (group, _), (found, plugin) in list(self._loaded.items()):
            if GROUPS[group].hook:
                self._call(group, found, plugin, "configure", {"settings": settings})

    def _load(self, group: str, name: str) -> _Loaded:
        key = group, _group(group).normal(name)
        if key not in self._loaded:
            with self._lock(key):
                if key not in self._loaded:
                    self._loaded[key] = self._import(group, name)
                    self._errors.pop(key, None)
        return self._loaded[key]

    def _import(self, group: str, name: str) -> _Loaded:
        kind, installed = GROUPS[group], _find(group)
        candidates = [found for found in installed if kind.normal(found.name) == kind.normal(name)]
        if not candidates:
            raise failures.missing(group, name, installed)
        if len(candidates) > 1:
            raise failures.ambiguous(group, name, candidates)
        found = candidates[0]
        if not found.compatible:
            raise failures.incompatible(group, found)
        try:
            plugin = found.load()
            if kind.hook:
                self._register(kind, plugin, f"{group}:{found.name}")
            else:
                _check(kind, plugin)
        except Exception as error:  # whatever a plugin raises must not take the others down
            raise self._broken(group, found, error, "while it was loaded") from error
        if kind.hook and self._settings is not None:
            self._call(group, found, plugin, "configure", {"settings": self._settings})
        return _Loaded(found, plugin)

    def _register(self, kind: Group, plugin: Any, label: str) -> None:
        """Enter a plugin into pluggy, which checks its hooks; entry points of several groups may name the same one."""
        with self._registering:
            known = self._hooks.is_registered(plugin)
            try:
                if not known:
                    self._hooks.register(plugin, name=label)
                    self._hooks.check_pending()
                if kind.hook not in {caller.name for caller in self._hooks.get_hookcallers(plugin) or ()}:
                    raise TypeError(f"{plugin!r} has no function {kind.hook} marked with lamella.plugins.hookimpl")
            except Exception:
                if not known and self._hooks.is_registered(plugin):
                    self._hooks.unregister(plugin)
                raise

    def _call(self, group: str, found: Found, plugin: Any, hook: str, arguments: dict[str, Any]) -> Any:
        """Call one hook of one plugin."""
        others = [other for other in self._hooks.get_plugins() if other is not plugin]
        try:
            return self._hooks.subset_hook_caller(hook, others)(**arguments)
        except Exception as error:  # as above
            raise self._broken(group, found, error, f"in {hook}()") from error

    def _broken(self, group: str, found: Found, error: Exception, stage: str) -> PluginError:
        failure = failures.broken(group, found, error, stage)
        self._errors[group, GROUPS[group].normal(found.name)] = str(failure)
        return failure

    def _lock(self, key: _Key) -> RLock:
        return self._locks.setdefault(key, RLock())


def _group(group: str) -> Group:
    try:
        return GROUPS[group]
    except KeyError:
        names = ", ".join(GROUPS)
        raise ValueError(explain("plugin group", given=repr(group), expected=f"one of {names}")) from None


def _check(kind: Group, given: Any) -> None:
    if not isinstance(given, kind.protocol):
        raise TypeError(f"{given!r} is no {kind.protocol.__name__}")


def _find(group: str) -> list[Found]:
    from lamella.plugins import discovery

    return discovery.find(group)
