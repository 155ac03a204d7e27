"""The kinds of plugin, and who is known to provide what.

A group is a group of entry points in the metadata of installed distributions, such as
`[project.entry-points."lamella.backends"]` in a pyproject.toml.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final, NamedTuple

from lamella.plugins.protocols import Backend, Compiler

BACKENDS: Final = "lamella.backends"
DEFAULTS: Final = "lamella.default_backends"
COMPILERS: Final = "lamella.compilers"
MODULES: Final = "lamella.modules"
NAMES: Final = "lamella.names"


class Group(NamedTuple):
    """One kind of plugin.

    Attributes:
        kind: what its plugins are, for messages.
        hook: the hook of `hookspecs` that gives what the plugin is for; empty where that is the named object itself.
        protocol: what that has to be an instance of.
        any_case: whether "cpu", "CPU" and "Cpu" are the same name.
    """

    kind: str
    hook: str = ""
    protocol: type = object
    any_case: bool = False

    def normal(self, name: str) -> str:
        """The form of a plugin's name that names are compared in."""
        return name.casefold() if self.any_case else name


GROUPS: Final[dict[str, Group]] = {
    "lamella.ops": Group("op library", "register_ops"),
    "lamella.ir": Group("IR extension", "register_ir"),
    "lamella.formats": Group("file format", "register_ir", any_case=True),
    BACKENDS: Group("device", "create_backend", Backend, any_case=True),
    DEFAULTS: Group("default device", any_case=True),
    COMPILERS: Group("compiler", "create_compiler", Compiler),
    MODULES: Group("module", protocol=ModuleType),
    NAMES: Group("name"),
}

# Words for messages, nothing else: which distribution to install when something is missing. Whether a plugin is
# there, and which one is loaded, is decided by entry points alone.
KNOWN_PROVIDERS: Final[dict[str, dict[str, str]]] = {
    BACKENDS: {"cpu": "lamella-backend-cpu", "gpu": "lamella-backend-gpu", "ascend": "lamella-backend-ascend"},
    COMPILERS: {"graph": "lamella-compiler"},
    MODULES: {"dataset": "lamella-data"},
    NAMES: {
        **dict.fromkeys(
            ("JitConfig", "export", "jit", "jit_cache_info", "jit_class", "ms_function", "mutable"), "lamella-compiler"
        ),
        "Profiler": "lamella-insight",
        "SummaryCollector": "lamella-insight",
        "SummaryRecord": "lamella-insight",
    },
}
