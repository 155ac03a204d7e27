"""What type checkers read about `lamella.ops`; run as a program (`nox -s names`), it writes that file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lamella import ops
from lamella.ops import convert, functions, nn
from lamella.ops.classes import primitive, rows

STUB = Path(str(ops.__file__)).with_suffix(".pyi")


def order(name: str) -> list[Any]:
    """As ruff sorts: classes first, numbers by what they count."""
    parts = re.split(r"(\d+)", name)
    return [not name[0].isupper(), *(int(part) if part.isdigit() else part for part in parts)]


def imported(module: str, names: Iterable[str]) -> str:
    """An import, a name a line."""
    found = sorted(names, key=order)
    if len(found) == 1:
        return f"from {module} import {found[0]}\n"
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in found) + ")\n"


def stub() -> str:
    """The text of `ops/__init__.pyi`."""
    modules = {module.__name__: module.__all__ for module in (convert, *functions.MODULES, *nn.MODULES, primitive)}
    modules |= {"lamella.autodiff": ["GradOperation"], "lamella.ops": ["prims"]}
    return "".join(
        [
            "# Written by `nox -s names` from the `__all__` of the modules; change those.\n\n",
            *(imported(module, names) for module, names in sorted(modules.items())),
            "\n",
            *(f"{name}: type[Primitive]\n" for name in sorted(rows.BY_NAME, key=order)),
            "\n__all__ = [\n",
            *(f'    "{name}",\n' for name in sorted(ops.__all__, key=order)),
            "]\n",
        ]
    )


if __name__ == "__main__":
    STUB.write_text(stub())
