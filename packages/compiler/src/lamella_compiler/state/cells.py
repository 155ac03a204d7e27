"""What of a cell a graph depends on, and whether that is still so.

The functions of a user's cell are converted, and note each attribute that they read. The framework's own code is not:
of cells that run some of it every attribute counts, and of all cells what `Cell.__call__` looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from lamella.nn.cell import Cell
from lamella.nn.hooks import Hooks
from lamella.parameter import Parameter
from lamella.tensor import Tensor
from lamella_compiler.call.forms import HELD_AS
from lamella_compiler.state.reads import MISSING
from lamella_compiler.state.values import same, snapshot

# What `Cell.__call__` and those who walk over cells look at.
_FRAMEWORK = ("training", "requires_grad", "_params", "_cells", "_Cell__hooks", "_Cell__float_type", "construct")
# Names for people, and what is not the cell's own.
_IGNORED = frozenset({"cls_name", "_param_prefix", "_auto_prefix", "_Cell__flags", HELD_AS})
# Attributes of these kinds are not noted when they are read.
_CODE = (FunctionType, BuiltinFunctionType, MethodType, type)


class CellState:
    """A cell as it was when a graph was built.

    Args:
        cell: the cell.
    """

    __slots__ = ("_checks", "_names", "cell")

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        state = vars(cell)
        whole = _runs_framework_code(type(cell))
        self._names = frozenset(state) | _IGNORED if whole else None
        if whole:
            names = [name for name in (*_FRAMEWORK, *state) if name not in _IGNORED]
        else:
            names = [*_FRAMEWORK, *(name for name, value in state.items() if isinstance(value, _CODE))]
        self._checks: list[tuple[str, Any, Callable[[Any], bool]]] = [
            (name, value, _check(value)) for name in names for value in [_attribute(cell, name)]
        ]

    def broken(self) -> str:
        """What has changed, in words; "" if nothing has."""
        state = vars(self.cell)
        for name, value, unchanged in self._checks:
            now = state[name] if name in state else _attribute(self.cell, name)
            if (now is not value or isinstance(value, (dict, list, Hooks, Parameter))) and not unchanged(now):
                return f"attribute {name} of {type(self.cell).__name__}: {described(value)} became {described(now)}"
        for name in state.keys() - self._names if self._names is not None else ():
            if not same(state[name], getattr(type(self.cell), name, MISSING)):
                return f"attribute {name} of {type(self.cell).__name__}: is new"
        return ""


def _attribute(cell: Cell, name: str) -> Any:
    """An attribute of a cell, or what its class has under the name."""
    state = vars(cell)
    return state[name] if name in state else getattr(type(cell), name, MISSING)


def _settings(parameter: Parameter) -> tuple[Any, ...]:
    """What of a parameter graphs are built by."""
    return parameter.requires_grad, parameter.gradient_hooks


def described(value: Any) -> str:
    """A value in a few words."""
    if value is MISSING:
        return "missing"
    if isinstance(value, Tensor):
        return f"a {type(value).__name__}"
    text = repr(value) if isinstance(value, (bool, int, float, str, bytes, tuple, type(None))) else ""
    return text if text and len(text) < 60 else f"a {type(value).__name__}"


def with_descendants(cells: list[Cell]) -> Iterator[Cell]:
    """Cells and all below them, each once."""
    seen: set[int] = set()
    for cell in cells:
        for _, found in cell.cells_and_names(seen):
            yield found


def _runs_framework_code(kind: type) -> bool:
    return any(base is not Cell and base.__module__.startswith("lamella.") for base in kind.__mro__)


def _check(value: Any) -> Callable[[Any], bool]:
    if isinstance(value, Hooks):
        kinds = [snapshot(hooks) for hooks in vars(value).values()]
        return lambda now: (
            now is value and all(unchanged(hooks) for unchanged, hooks in zip(kinds, vars(now).values(), strict=True))
        )
    if isinstance(value, Parameter):
        wanted = _settings(value)
        return lambda now: now is value and _settings(value) == wanted
    if isinstance(value, dict) and all(isinstance(item, Parameter) for item in value.values()):
        settings = [_settings(item) for item in value.values()]
        unchanged = snapshot(value)
        return lambda now: unchanged(now) and [_settings(item) for item in now.values()] == settings
    return snapshot(value)
