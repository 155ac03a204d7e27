"""Building the graph of a call, and noting what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella import tree
from lamella.engine import epoch
from lamella.engine.conversion import converter
from lamella.ir.tracing import Traced
from lamella.nn.cell import Cell
from lamella.tensor import Tensor
from lamella.types import TensorType
from lamella_compiler.arguments import Arguments, check_unchanged
from lamella_compiler.frontend import convert, converting
from lamella_compiler.guards import Guards
from lamella_compiler.reads import Read, noted


def trace(
    fn: Callable[..., Any], arguments: Arguments, types: Sequence[TensorType], name: str
) -> tuple[Traced, Guards]:
    """Build a function into a graph.

    Args:
        fn: the function, method or cell.
        arguments: what it is called with.
        types: a type for each input among them.
        name: name of the graph.
    """
    reads: list[Read] = []
    cells: dict[int, Cell] = {}
    since = epoch.number

    def noting(inner: Callable[..., Any]) -> Callable[..., Any]:
        cell = inner if isinstance(inner, Cell) else getattr(inner, "__self__", None)
        if isinstance(cell, Cell):
            cells[id(cell)] = cell
        return convert(inner)

    def call(*tensors: Tensor) -> Any:
        args, kwargs = arguments.rebuilt(tensors)
        leaves, spec = tree.flatten((args, kwargs))
        with converting():
            noting_cells, noting_reads = converter.set(noting), noted.set(reads)
            try:
                result = noting(fn)(*args, **kwargs)
            finally:
                converter.reset(noting_cells)
                noted.reset(noting_reads)
        check_unchanged(args, kwargs, spec, leaves, name)
        return result

    traced = Traced(call, types, name)
    return traced, Guards(reads, list(cells.values()), since)
