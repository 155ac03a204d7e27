"""The compiler as a plugin: what core calls in GRAPH_MODE."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from types import MethodType
from typing import Any

from lamella import tree
from lamella.ir.graph import Graph
from lamella.ir.tracing import name_of
from lamella.nn.cell import Cell
from lamella.plugins import hookimpl
from lamella.types import TensorType
from lamella_compiler import passes
from lamella_compiler.call.arguments import TENSOR, Arguments
from lamella_compiler.call.forms import HELD_AS, held_form
from lamella_compiler.call.function import Compiled, Options
from lamella_compiler.call.signature import Signature
from lamella_compiler.call.tracing import trace
from lamella_compiler.state.values import fingerprint


class GraphCompiler:
    """Turns functions into graphs."""

    @staticmethod
    @hookimpl
    def create_compiler() -> GraphCompiler:
        """Make the compiler for the plugin manager."""
        return GraphCompiler()

    def graph(self, fn: Callable[..., Any], args: Sequence[Any], optimized: bool = True) -> Graph:
        """The graph that a function is compiled to.

        Args:
            fn: the function or cell.
            args: its positional arguments; a `TensorType` stands for a tensor.
            optimized: whether the passes have run.
        """
        leaves, spec = tree.flatten((tuple(args), {}))
        types = [leaf for leaf in leaves if isinstance(leaf, TensorType)]
        keys = [TENSOR if isinstance(leaf, TensorType) else fingerprint(leaf) for leaf in leaves]
        traced = trace(fn, Arguments(spec, keys, (), leaves), types, name_of(fn)).traced
        return self.optimized(traced.graph) if optimized else traced.graph

    def optimized(self, graph: Graph) -> Graph:
        """A graph after the passes."""
        return passes.optimized(graph)

    def call_cell(self, cell: Cell, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a cell as a graph.

        Args:
            cell: the cell.
            args: its positional arguments.
            kwargs: its arguments by keyword.
        """
        return _form_of_cell(cell)(*args, **kwargs)

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
        form = held_form(vars(transformed) if state is None else state, key, lambda: Compiled(transformed, name))
        return form(*args, **kwargs)


def _form_of_cell(cell: Cell) -> Compiled:
    inputs = cell.get_inputs()
    form: Compiled | None = vars(cell).get(HELD_AS, {}).get(inputs)
    if form is None:
        name = type(cell).__name__
        signature = None if inputs is None else Signature(f"{name}.set_inputs", inputs)
        form = held_form(vars(cell), inputs, lambda: Compiled(cell, name, Options(signature=signature)))
    return form
