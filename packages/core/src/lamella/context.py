"""The settings of a process: execution mode, device and what plugins may want to know; `set_context`, `get_context`.

What is read on every op is a plain attribute of this module: `mode`, `backend` and `ordinal`, the number of the device
on which new tensors are made (read `backend` first, which decides it). `backend` and `settings` come into
being when they are first read, so that importing Lamella loads no device and no pydantic.
"""

from __future__ import annotations

import os
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from lamella import plugins
from lamella.errors import explain

if TYPE_CHECKING:
    from lamella.plugins import Backend
    from lamella.settings import Settings

GRAPH_MODE: Final = 0
PYNATIVE_MODE: Final = 1


mode: int = PYNATIVE_MODE
settings: Settings  # these two are made by __getattr__ when they are first read
backend: Backend
ordinal: int = 0

#: MindSpore's settings that have no effect here, as they were set.
_kept: dict[str, Any] = {}
_told: set[str] = set()  # those of which a warning was given

_changing = RLock()
_making = RLock()  # apart from `_changing`, because a plugin may be loaded in another thread while that is held
if hasattr(os, "register_at_fork"):  # a fork waits for it, so that the child does not find it held for ever
    os.register_at_fork(before=_making.acquire, after_in_parent=_making.release, after_in_child=_making.release)


def set_context(**changes: Any) -> None:
    """Change settings of this process; those not named stay as they are. After an error, all do.

    Args:
        changes: settings by name:

            - mode (int): `PYNATIVE_MODE` (1, the default) runs ops one by one; `GRAPH_MODE` (0) compiles functions,
              for which a compiler has to be installed.
            - device_target (str): the device to run on, in upper or lower case; an installed plugin of the group
              `lamella.backends`; "GPU:1" is short for `device_target="GPU", device_id=1`. Default: the environment
              variable `LAMELLA_DEVICE`, or "CPU" if lamella-backend-cpu is installed (see `plugins.default_device`), or
              "reference". Tensors that are in the memory of the host follow when they are used with others.
            - device_id (int): which of several devices new tensors are made on. Default 0, also for a device_target
              that is named without it.
            - deterministic (str): "ON" for kernels that give the same bits on every run. Default "OFF".
            - pynative_synchronize (bool): wait for every op, to see errors where they arise. Default False.
            - max_call_depth (int): how deep calls may nest in a compiled function. Default 1000.
            - runtime_num_threads (int): threads that a backend may use. Default: the number of processors.
            - max_device_memory (str): memory that a backend may use, in gigabytes. Default "1024GB".
            - op_timeout (int): seconds for which a tensor is waited for that a step in another thread is changing;
              0 for ever. Default 900.
            - save_graphs (bool or int): whether, or how thoroughly (0 to 3), to write graphs between passes.
              Default False.
            - save_graphs_path (str): the folder for them. Default ".".
            - enable_compile_cache (bool): whether to keep compiled graphs between runs. Default False.
            - compile_cache_path (str): the folder for them. Default ".".

            Core acts on mode, device_target, device_id and op_timeout; the others are handed to the plugins, which use
            what concerns them. MindSpore's other settings, such as enable_graph_kernel, have nothing to set here: they
            are kept, given back by `get_context`, and a warning says once in a process that they have no effect.

    Raises:
        TypeError: a value is of a type that the setting does not take.
        ValueError: there is no such setting, or it does not take this value, or there is no device of that number.
        PluginError: the plugin of the device, or that of the compiler, is missing, incompatible or broken.

    Examples:
        >>> from lamella.context import PYNATIVE_MODE, get_context, set_context
        >>> set_context(mode=PYNATIVE_MODE, device_id=0)
        >>> get_context("mode") == PYNATIVE_MODE
        True
    """
    global settings, mode, backend, ordinal
    for name in changes:
        _require_known("set_context", name)
    without_effect = {name: changes.pop(name) for name in list(changes) if name not in type(_settings()).model_fields}
    if without_effect:
        _keep(without_effect)
    with _changing:
        new = _validated(changes)
        if new.mode == GRAPH_MODE:
            plugins.compiler()
        chosen = None
        if not changes.keys().isdisjoint(("device_target", "device_id")):
            kind, _, number = new.device_target.partition(":")
            chosen = plugins.device(f"{kind}:{changes.get('device_id', number or 0)}")
            new = new.model_copy(update={"device_target": chosen[0].name, "device_id": chosen[1]})
        plugins.configure(new)
        settings, mode = new, new.mode
        if chosen is not None:
            backend, ordinal = chosen


def get_context(attr_key: str) -> Any:
    """The value of a setting.

    Args:
        attr_key: the name of the setting, one of those that `set_context` takes.

    Raises:
        ValueError: there is no such setting.
        PluginError: "device_target" was asked for, and the plugin that `LAMELLA_DEVICE` names cannot be used.

    Examples:
        >>> from lamella.context import get_context
        >>> get_context("deterministic")
        'OFF'
    """
    _require_known("get_context", attr_key)
    if attr_key == "device_target":
        return _loaded_backend().name
    if attr_key in type(_settings()).model_fields:
        return getattr(_settings(), attr_key)
    from lamella.settings import WITHOUT_EFFECT

    return _kept.get(attr_key, WITHOUT_EFFECT[attr_key])


def __getattr__(name: str) -> Any:
    """Make `settings`, and load the default device for `backend`, when they are first read."""
    if name == "backend":
        return _loaded_backend()
    if name == "settings":
        return _settings()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _settings() -> Settings:
    global settings
    with _making:
        if "settings" not in globals():
            from lamella.settings import Settings

            device = os.environ.get("LAMELLA_DEVICE") or plugins.default_device()
            settings = Settings.model_construct(device_target=device)
    return settings


plugins.configure_first(_settings)


def _loaded_backend() -> Backend:
    with _changing:
        if "backend" not in globals():
            set_context(device_target=_settings().device_target)
    return backend


def _validated(changes: dict[str, Any]) -> Settings:
    from pydantic import ValidationError

    from lamella.settings import Settings

    try:
        return Settings(**{**_settings().model_dump(), **changes})
    except ValidationError as invalid:
        problems = invalid.errors(include_url=False, include_context=False)
        name = str(problems[0]["loc"][0])
        error = TypeError if all(problem["type"].endswith("_type") for problem in problems) else ValueError
        allowed = Settings.model_fields[name].description or ""
        raise error(explain(f"set_context({name}=...)", given=repr(changes[name]), expected=allowed)) from None


def _keep(without_effect: dict[str, Any]) -> None:
    """Keep settings, and warn of each once."""
    import warnings

    _kept.update(without_effect)
    for name in sorted(without_effect.keys() - _told):
        _told.add(name)
        warnings.warn(f"set_context({name}=...): the setting has no effect in Lamella.", stacklevel=3)


def _require_known(subject: str, name: str) -> None:
    from lamella.settings import WITHOUT_EFFECT

    known = [*type(_settings()).model_fields, *WITHOUT_EFFECT]
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else ""
        expected = f"one of {', '.join(type(_settings()).model_fields)}, or another that MindSpore has"
        raise ValueError(explain(subject, given=f"setting {name!r}", expected=expected, remedy=remedy))
