"""Building the graph of a call, and noting what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, NamedTuple

from lamella import tree
from lamella.dims import Dim, at_hand, needed
from lamella.engine import cell_changes
from lamella.engine.building import Building
from lamella.engine.conversion import converter
from lamella.engine.stack import current
from lamella.ir.graph import Graph
from lamella.ir.interpret import specialized
from lamella.ir.tracing import Traced
from lamella.nn.cell import Cell
from lamella.tensor import Tensor
from lamella.types import TensorType
from lamella_compiler.call.arguments import Arguments, check_unchanged
from lamella_compiler.call.open_sizes import equal, sizes_of
from lamella_compiler.frontend import convert, converting
from lamella_compiler.frontend.origin import is_transformed, is_users
from lamella_compiler.frontend.watching import watching
from lamella_compiler.state.effects import Effects
from lamella_compiler.state.guards import Guards
from lamella_compiler.state.journal import Journal, journal


def building_graph() -> Graph:
    """The graph that is being built."""
    engine = current()
    assert isinstance(engine, Building)
    return engine.graph


class Built(NamedTuple):
    """What became of a call that was built into a graph; Python's state is what it was before.

    Attributes:
        traced: the graph. Where there are effects, it returns a pair: what the function did, and `effects.tensors`.
        guards: under which conditions it does what the function would.
        effects: what the function did to Python's state; None if nothing.
    """

    traced: Traced
    guards: Guards
    effects: Effects | None


def trace(
    fn: Callable[..., Any],
    arguments: Arguments,
    types: Sequence[TensorType],
    name: str,
    known: Journal | None = None,
) -> Built:
    """Build a function into a graph.

    What the function asks of open sizes is decided by those of the inputs, and noted as guards of the graph. Where
    Python needs to know an open size, the graph is built again with that size closed, and is for that size only.

    Args:
        fn: the function, method or cell.
        arguments: what it is called with.
        types: a type for each input among them; its open sizes can be closed if the inputs are there.
        name: name of the graph.
        known: gets to know what the function does with Python's state.
    """
    known = known or Journal()
    sizes = sizes_of(types, [x._type for x in arguments.tensors]) if arguments.tensors else {}
    closed: dict[str, int] = {}
    while True:
        asked: set[str] = set()
        tokens = needed.set(asked), at_hand.set(sizes)
        try:
            built = _trace(fn, arguments, [specialized(t, closed) for t in types], name, known)
        except Exception:
            if not asked & sizes.keys():
                raise
        finally:
            needed.reset(tokens[0])
            at_hand.reset(tokens[1])
        if not asked & sizes.keys():
            built.traced.graph.guards += [guard for name in closed for guard in equal(Dim.symbol(name), closed[name])]
            return built
        # Whether or not there was an error: the user's code may have caught it.
        closed |= {symbol: sizes[symbol] for symbol in asked & sizes.keys()}
        known.clear()


def _trace(
    fn: Callable[..., Any], arguments: Arguments, types: Sequence[TensorType], name: str, known: Journal
) -> Built:
    cells: dict[int, Cell] = {}
    effects: list[Effects] = []
    since = cell_changes.number

    def noting(inner: Callable[..., Any]) -> Callable[..., Any]:
        cell = inner if isinstance(inner, Cell) else getattr(inner, "__self__", None)
        if isinstance(cell, Cell) and not known.is_fresh(cell):
            cells[id(cell)] = cell
            known.hold_attributes(cell)
        function = convert(inner)
        if isinstance(function, FunctionType) and is_users(function) and not is_transformed(function.__code__):
            known.watch()  # it has no source
        return function

    def call(*tensors: Tensor) -> Any:
        args, kwargs = arguments.rebuilt(tensors)
        leaves, spec = tree.flatten((args, kwargs))
        with converting():
            noting_cells, keeping = converter.set(noting), journal.set(known)
            try:
                with watching(known):
                    known.see(fn)
                    for leaf in leaves:
                        known.see(leaf)
                    result = noting(fn)(*args, **kwargs)
            finally:
                converter.reset(noting_cells)
                journal.reset(keeping)
        check_unchanged(args, kwargs, spec, leaves, name)
        changes = known.changes()
        if not changes:
            return result
        effects.append(Effects(known, changes, result, building_graph()))
        return result, effects[0].tensors

    try:
        traced = Traced(call, types, name)
    finally:
        known.undo()
    return Built(traced, Guards(known, list(cells.values()), since), effects[0] if effects else None)
