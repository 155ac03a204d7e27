"""The settings of a process: execution mode, device and what plugins may want to know; `set_context`, `get_context`.

What is read on every op is a plain attribute of this module: `mode` and `backend`. `backend` comes into being when
it is first read, so that a program which never computes loads no device.
"""

from __future__ import annotations

import os
from threading import RLock
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lamella import plugins
from lamella.errors import explain
from lamella.plugins import Backend

GRAPH_MODE: Final = 0
PYNATIVE_MODE: Final = 1


class Settings(BaseModel):
    """All settings, valid. Core acts on `mode` and `device_target`; every plugin is given all of them.

    The descriptions say what is allowed; error messages quote them. Names and defaults are MindSpore's, except that
    `runtime_num_threads` is by default the number of processors.
    """

    # Building the validator takes longer than all else at import, and only set_context needs it.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    mode: Literal[0, 1] = Field(PYNATIVE_MODE, description="GRAPH_MODE (0) or PYNATIVE_MODE (1)")
    device_target: str = Field("reference", min_length=1, description="the name of an installed device")
    device_id: int = Field(0, ge=0, description="an int, 0 or more")
    deterministic: Literal["ON", "OFF"] = Field("OFF", description='"ON" or "OFF"')
    pynative_synchronize: bool = Field(False, description="True or False")
    max_call_depth: int = Field(1000, ge=1, description="an int, 1 or more")
    runtime_num_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="an int, 1 or more")
    max_device_memory: str = Field(
        "1024GB", pattern=r"^\d+(\.\d+)?GB$", description='a number of gigabytes such as "8GB" or "2.5GB"'
    )
    save_graphs: bool | Annotated[int, Field(ge=0, le=3)] = Field(
        False, description="True, False, or a level from 0 to 3"
    )
    save_graphs_path: str = Field(".", min_length=1, description="the path of a folder")
    enable_compile_cache: bool = Field(False, description="True or False")
    compile_cache_path: str = Field(".", min_length=1, description="the path of a folder")


settings: Settings = Settings.model_construct(device_target=os.environ.get("LAMELLA_DEVICE") or "reference")
mode: int = settings.mode
backend: Backend  # made by __getattr__ when it is first read
plugins.configure(settings)

_changing = RLock()


def set_context(**changes: Any) -> None:
    """Change settings of this process; those not named stay as they are. After an error, all do.

    Args:
        changes: settings by name:

            - mode (int): `PYNATIVE_MODE` (1, the default) runs ops one by one; `GRAPH_MODE` (0) compiles functions,
              for which a compiler has to be installed.
            - device_target (str): the device to run on, in upper or lower case; an installed plugin of the group
              `lamella.backends`. Default: the environment variable `LAMELLA_DEVICE`, or "reference".
            - device_id (int): which of several devices. Default 0.
            - deterministic (str): "ON" for kernels that give the same bits on every run. Default "OFF".
            - pynative_synchronize (bool): wait for every op, to see errors where they arise. Default False.
            - max_call_depth (int): how deep calls may nest in a compiled function. Default 1000.
            - runtime_num_threads (int): threads that a backend may use. Default: the number of processors.
            - max_device_memory (str): memory that a backend may use, in gigabytes. Default "1024GB".
            - save_graphs (bool or int): whether, or how thoroughly (0 to 3), to write graphs between passes.
              Default False.
            - save_graphs_path (str): the folder for them. Default ".".
            - enable_compile_cache (bool): whether to keep compiled graphs between runs. Default False.
            - compile_cache_path (str): the folder for them. Default ".".

            Core acts on the first two; the others are handed to the plugins, which use what concerns them.

    Raises:
        TypeError: a value is of a type that the setting does not take.
        ValueError: there is no such setting, or it does not take this value.
        PluginError: the plugin of the device, or that of the compiler, is missing, incompatible or broken.

    Examples:
        >>> from lamella.context import PYNATIVE_MODE, get_context, set_context
        >>> set_context(mode=PYNATIVE_MODE, device_id=0)
        >>> get_context("mode") == PYNATIVE_MODE
        True
    """
    global settings, mode, backend
    for name in changes:
        _require_known("set_context", name)
    with _changing:
        new = _validated(changes)
        if new.mode == GRAPH_MODE:
            plugins.compiler()
        if "device_target" in changes:
            chosen = plugins.backend(new.device_target)
            new = new.model_copy(update={"device_target": chosen.name})
        plugins.configure(new)
        settings, mode = new, new.mode
        if "device_target" in changes:
            backend = chosen


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
    return getattr(settings, attr_key)


def __getattr__(name: str) -> Any:
    """Load the default device when `backend` is first read."""
    if name != "backend":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _loaded_backend()


def _loaded_backend() -> Backend:
    with _changing:
        if "backend" not in globals():
            set_context(device_target=settings.device_target)
    return backend


def _validated(changes: dict[str, Any]) -> Settings:
    try:
        return Settings(**{**settings.model_dump(), **changes})
    except ValidationError as invalid:
        problems = invalid.errors(include_url=False, include_context=False)
        name = str(problems[0]["loc"][0])
        error = TypeError if all(problem["type"].endswith("_type") for problem in problems) else ValueError
        allowed = Settings.model_fields[name].description or ""
        raise error(explain(f"set_context({name}=...)", given=repr(changes[name]), expected=allowed)) from None


def _require_known(subject: str, name: str) -> None:
    known = list(Settings.model_fields)
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            explain(subject, given=f"setting {name!r}", expected=f"one of {', '.join(known)}", remedy=remedy)
        )
