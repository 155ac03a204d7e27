"""Functions on tensors, under MindSpore's names.

They convert what they are given (numbers, NumPy arrays, mixed types) and call primitives (`lamella.ops.prims`).
What is here is what the modules of `functions` and `nn` say in their `__all__`, and the classes of `classes`, which are
made, and whose rows are read, when they are first used; type checkers read it in `__init__.pyi`, which `nox -s names`
writes.
"""

import sys
from importlib import import_module
from typing import Any

from lamella.ops import convert, functions, later, nn
from lamella.ops.classes import primitive as _primitive
from lamella.ops.tensor_methods.methods import attach

_named = ["GradOperation", "prims"]

for _module in (convert, *functions.MODULES, *nn.MODULES, _primitive):
    _named += _module.__all__
    globals().update((_name, getattr(_module, _name)) for _name in _module.__all__)
_named += later.WHERE

attach()

#: MindSpore's paths of what is here: `import lamella.ops.operations as P`, `from lamella.ops import functional as F`.
for _path in ("composite", "functional", "operations", "primitive"):
    globals()[_path] = sys.modules[f"{__name__}.{_path}"] = sys.modules[__name__]


def __getattr__(name: str) -> Any:
    """Find a function, or make a class, when it is first used; `__all__` has the names of all."""
    if name in later.WHERE:
        value = getattr(import_module(later.WHERE[name], __name__), name)
    else:
        from lamella.ops.classes import rows

        if name == "__all__":
            return [*_named, *rows.BY_NAME, *rows.WRITTEN]
        value = rows.found(name, __name__)
    if value is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Every name, of classes not made yet too."""
    return sorted({*globals(), *__getattr__("__all__")})
