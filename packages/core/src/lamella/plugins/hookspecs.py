"""The hooks: everything core asks of a plugin.

A plugin is what an entry point names: a module, a class or an object whose functions carry `@hookimpl`. The entry
point's group says what kind of plugin it is and thereby which of these hooks is asked first (`groups.GROUPS`). A
plugin is imported when it is first named. Hooks are called when a plugin is loaded, when settings change and
when something is compiled; what they return is kept as a plain reference, so that no step of a program calls a hook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from pydantic import BaseModel

    from lamella.ir.registry import IrRegistry
    from lamella.plugins.protocols import Backend, Compiler

PROJECT = "lamella"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_ops(registry: Any) -> None:
    """Add the definitions of primitives.

    Called by `lamella.ops`, once, when an op is looked up by a name that only the plugin provides, which happens
    while an IR file is read; with core's registry. Who calls the op's own function has imported it by then.
    """


@hookspec
def register_ir(registry: IrRegistry) -> None:
    """Add passes and rules of compiling, importers and exporters of graphs.

    Called by `lamella.ir`, once, with core's registry: on plugins of the group `lamella.ir` when something is first
    compiled, on those of `lamella.formats` when `ir.load` or `ir.save` is first given a file with their suffix.
    """


@hookspec(firstresult=True)
def create_backend() -> Backend:  # type: ignore[empty-body]
    """Make the object that runs and compiles ops on a device.

    Called by `plugins.backend`, once, when the device is first named: in `set_context(device_target=...)`, in
    `LAMELLA_DEVICE` or in `jit(backend=...)`.
    """


@hookspec(firstresult=True)
def create_compiler() -> Compiler:  # type: ignore[empty-body]
    """Make the object that turns Python functions into graphs.

    Called by `plugins.compiler`, once, when `GRAPH_MODE` is set or `jit` is first used.
    """


@hookspec
def configure(settings: BaseModel) -> None:
    """Take note of the settings (`lamella.context.Settings`); each plugin looks at those that concern it.

    Called by `plugins.load` and after every `set_context`, with all settings, valid and read-only.
    """
