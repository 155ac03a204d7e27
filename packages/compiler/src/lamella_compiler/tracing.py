"""Building the graph of a call, and noting what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella import tree
from lamella.dims import Dim, at_hand, needed
from lamella.engine import epoch
from lamella.engine.conversion import converter
from lamella.ir.interpret import specialized
from lamella.ir.tracing import Traced
from lamella.nn.cell import Cell
from lamella.tensor import Tensor
from lamella.types import TensorType
from lamella_compiler.arguments import Arguments, check_unchanged
from lamella_compiler.frontend import convert, converting
from lamella_compiler.guards import Guards
from lamella_compiler.open_sizes import equal, sizes_of
from lamella_compiler.reads import Read, noted


def trace(
    fn: Callable[..., Any], arguments: Arguments, types: Sequence[TensorType], name: str
) -> tuple[Traced, Guards]:
    """Build a function into a graph.

    What the function asks of open sizes is decided by those of the inputs, and noted as guards of the graph. Where
    Python needs to know an open size, the graph is built again with that size closed, and is for that size only.

    Args:
        fn: the function, method or cell.
        arguments: what it is called with.
        types: a type for each input among them; its open sizes can be closed if the inputs are there.
        name: name of the graph.
    """
    sizes = sizes_of(types, [x._type for x in arguments.tensors]) if arguments.tensors else {}
    known: dict[str, int] = {}
    while True:
        asked: set[str] = set()
        tokens = needed.set(asked), at_hand.set(sizes)
        try:
            traced, guards = _trace(fn, arguments, [specialized(t, known) for t in types], name)
        except Exception:
            if not asked & sizes.keys():
                raise
        finally:
            needed.reset(tokens[0])
            at_hand.reset(tokens[1])
        if not asked & sizes.keys():
            traced.graph.guards += [guard for symbol in known for guard in equal(Dim.symbol(symbol), known[symbol])]
            return traced, guards
        # Whether or not there was an error: the user's code may have caught it.
        known |= {symbol: sizes[symbol] for symbol in asked & sizes.keys()}


def _trace(
    fn: Callable[..., Any], arguments: Arguments, types: Sequence[TensorType], name: str
) -> tuple[Traced, Guards]:
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
