"""What type checkers read about `lamella.ops` and `lamella.nn`; run as a program (`nox -s names`), it writes that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module, reload
from inspect import Signature
from pathlib import Path
from types import ModuleType
from typing import Any

from lamella import nn, ops
from lamella.nn import layers, optim
from lamella.nn.layers.rows import ROWS as LAYERS
from lamella.ops import convert, functions
from lamella.ops import nn as networks
from lamella.ops.classes import composite, custom, primitive, rows

HEAD = "# Written by `nox -s names` from what the modules say; change those.\n\n"


def order(name: str) -> list[Any]:
    """Classes first, numbers by what they count."""
    parts = re.split(r"(\d+)", name)
    return [not name[0].isupper(), *(int(part) if part.isdigit() else part for part in parts)]


def imported(modules: dict[str, Iterable[str]]) -> str:
    """Imports, a name a line."""
    found = {
        module: "".join(f"    {name},\n" for name in sorted(names, key=order)) for module, names in modules.items()
    }
    return "".join(f"from {module} import (\n{names})\n" for module, names in sorted(found.items()))


def method(name: str, wanted: Signature, gives: str) -> str:
    """A method of a class; its parameters without their defaults."""
    taken = [f"{p.name}: Any{'' if p.default is p.empty else ' = ...'}" for p in wanted.parameters.values()]
    return f"    def {name}({', '.join(['self', *taken])}) -> {gives}: ...\n"


def listed(module: ModuleType) -> str:
    """`__all__`."""
    return "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in sorted(module.__all__, key=order)) + "]\n"


def loaded_later(*rooms: ModuleType) -> list[ModuleType]:
    """The modules of rooms that are loaded when something of theirs is first used."""
    return [import_module(f"{room.__name__}.{name}") for room in rooms for name in room.LATER]


def table(modules: Iterable[ModuleType], package: str) -> str:
    """The text of a `later.py`."""
    where = {name: module.__name__.removeprefix(package) for module in modules for name in module.__all__}
    rows = "".join(f'    "{name}": "{where[name]}",\n' for name in sorted(where, key=order))
    title = '"""Where the names are whose modules are loaded when they are first used."""\n\n'
    return HEAD + title + "WHERE = {\n" + rows + "}\n"


def later_of_ops() -> str:
    """The text of `ops/later.py`."""
    return table(loaded_later(functions, networks), "lamella.ops")


def later_of_nn() -> str:
    """The text of `nn/later.py`."""
    return table(loaded_later(nn, layers, optim), "lamella.nn")


def of_ops() -> str:
    """The text of `ops/__init__.pyi`."""
    modules: dict[str, Iterable[str]] = {
        module.__name__: module.__all__
        for module in (
            convert,
            *functions.MODULES,
            *networks.MODULES,
            *loaded_later(functions, networks),
            primitive,
            composite,
            custom,
        )
    }
    modules |= {"lamella.autodiff": ["GradOperation"], "lamella.ops": ["prims"], "typing": ["Any"]}
    classes = "".join(
        f"\nclass {row.name}(Primitive):\n"
        + method("__init__", row.settings(), "None")
        + method("__call__", row.operands(), "Any")
        for row in sorted(rows.ROWS, key=lambda row: order(row.name))
    )
    return HEAD + imported(modules) + classes + listed(ops)


def of_nn() -> str:
    """The text of `nn/__init__.pyi`."""
    modules = defaultdict(list, {"typing": ["Any"]})
    for name in set(nn.__all__) - LAYERS.keys():
        modules[getattr(nn, name).__module__].append(name)
    written = "".join(
        f"\nclass {name}({'LossBase' if 'reduction' in LAYERS[name].init else 'Cell'}):\n"
        + method("__init__", LAYERS[name].settings(), "None")
        + method("construct", LAYERS[name].operands(), "Any")
        for name in sorted(LAYERS, key=order)
    )
    return HEAD + imported(modules) + written + listed(nn)


#: What is written, by the file; what comes later is written from what came before.
STUBS = {
    Path(str(ops.__file__)).with_name("later.py"): later_of_ops,
    Path(str(nn.__file__)).with_name("later.py"): later_of_nn,
    Path(str(ops.__file__)).with_suffix(".pyi"): of_ops,
    Path(str(nn.__file__)).with_suffix(".pyi"): of_nn,
}

if __name__ == "__main__":
    for file, text in STUBS.items():
        file.write_text(text())
        if file.suffix == ".py":
            package = f"lamella.{file.parent.name}"
            reload(import_module(f"{package}.later"))
            reload(import_module(package))
