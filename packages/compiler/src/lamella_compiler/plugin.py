"""The compiler as a plugin: what core calls in GRAPH_MODE."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import MethodType
from typing import Any

from lamella.ir.tracing import name_of
from lamella.nn.cell import Cell
from lamella.plugins import hookimpl
from lamella_compiler.cells import HELD_AS
from lamella_compiler.function import Compiled



class GraphCompiler:
    """Turns functions into graphs."""

    @staticmethod
    @hookimpl
    def create_compiler() -> GraphCompiler:
        """Make the compiler for the plugin manager."""
        return GraphCompiler()

    def call_cell(self, cell: Cell, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a cell as a graph.

        Args:
            cell: the cell.
            args: its positional arguments.
            kwargs: its arguments by keyword.
        """
        return _form(vars(cell), (), cell, type(cell).__name__)(*args, **kwargs)

    def call_transformed(
        self,
        of: Callable[..., Any],
        settings: tuple[Hashable, ...],
        transformed: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Call what a transform made of a function, as a graph.

        Args:
            of: the function that was transformed; it holds the graphs, so that transforming it again makes no new ones.
            settings: what else decides what came of it.
            transformed: what came of it.
            args: its positional arguments.
            kwargs: its arguments by keyword.
        """
        holder: Any = of
        key = settings
        if isinstance(of, MethodType):
            holder, key = of.__self__, (of.__func__, *settings)
        state = getattr(holder, "__dict__", None)
        name = f"{settings[0]}_{name_of(of)}"
        return _form(vars(transformed) if state is None else state, key, transformed, name)(*args, **kwargs)


class _Forms(dict[tuple[Hashable, ...], Compiled]):
    """The compiled forms of a cell or function; a copy of that gets none of them, as they hold its parameters."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Forms:
        return _Forms()

    def __copy__(self) -> _Forms:
        return _Forms()

    def __reduce__(self) -> Any:
        return _Forms, ()


def _form(state: Any, key: tuple[Hashable, ...], fn: Callable[..., Any], name: str) -> Compiled:
    """The compiled form of a function that the attributes of an object hold; made when it is first asked for."""
    forms: _Forms = state.get(HELD_AS) or state.setdefault(HELD_AS, _Forms())
    return forms.get(key) or forms.setdefault(key, Compiled(fn, name))


def compiled_forms(fn: Any) -> list[Compiled]:
    """The compiled forms that a function or cell holds."""
    return list(getattr(fn, "__dict__", {}).get(HELD_AS, {}).values())
