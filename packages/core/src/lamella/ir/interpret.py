"""Running a graph on an engine, node by node: how a graph is computed, differentiated, batched or copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lamella.dims import Dim, holds
from lamella.engine.base import AnyValue, Engine
from lamella.engine.place import at_node, leave
from lamella.errors import GraphError
from lamella.ir.graph import Graph, Value
from lamella.types import TOKEN, TensorType, Type


def bind_sizes(type: Type, shape: Sequence[Any], sizes: dict[str, Any]) -> None:
    """Learn sizes of open dimensions from the shape that a value of this type has.

    Args:
        type: a type of a graph.
        shape: the actual shape.
        sizes: what is known so far; added to.

    Raises:
        GraphError: the shape does not fit the type.
    """
    if not isinstance(type, TensorType):
        return
    if len(type.shape) != len(shape):
        raise GraphError(f"A value of shape {tuple(shape)} was given for {type}.")
    for expected, actual in zip(type.shape, shape, strict=True):
        if isinstance(expected, Dim) and len(symbols := expected.symbols()) == 1 and expected == Dim.symbol(*symbols):
            (name,) = symbols
            if sizes.setdefault(name, actual) != actual:
                raise GraphError(f"A value of shape {tuple(shape)} was given for {type}, where {name} = {sizes[name]}.")
        elif isinstance(expected, int) and expected != actual:
            raise GraphError(f"A value of shape {tuple(shape)} was given for {type}.")


def closed(graph: Graph, sizes: Mapping[str, Any]) -> Graph:
    """A copy of a graph for known sizes.

    Raises:
        GraphError: what the graph assumed of open sizes does not hold.
    """
    for guard in graph.guards:
        if not holds(guard, sizes):
            assumed = " ".join(map(str, guard))
            raise GraphError(f"graph {graph.name} was built for sizes with {assumed}, and was given {sizes}.")
    return specialize(graph, sizes)


def open_symbols(data: Any) -> set[str]:
    """The symbols in `data` (an attribute, a type, a shape or a graph) whose sizes are not known yet."""
    if isinstance(data, Dim):
        return data.symbols()
    if isinstance(data, TensorType):
        return open_symbols(data.shape)
    if isinstance(data, Graph):
        values = [*data.params, *(v for node in data.nodes for v in node.outputs)]
        inner = [open_symbols(attribute) for node in data.nodes for attribute in node.attrs.values()]
        return set().union(*(open_symbols(v.type) for v in values), *inner)
    return set().union(*map(open_symbols, data)) if isinstance(data, tuple) else set()


def specialized(data: Any, sizes: Mapping[str, Any], strict: bool = False) -> Any:
    """`data` (an attribute, a type, a shape or a graph) with open sizes replaced by known ones.

    Args:
        data: what may hold open sizes.
        sizes: what is known.
        strict: whether an unknown size is an error, rather than left open; inside graphs it never is.

    Raises:
        GraphError: a size is not known, and `strict`.
    """
    if isinstance(data, Dim):
        return data.evaluate(sizes) if strict or data.symbols() <= sizes.keys() else data
    if isinstance(data, tuple):
        return tuple(specialized(item, sizes, strict) for item in data)
    if isinstance(data, TensorType):
        return TensorType(data.dtype, specialized(data.shape, sizes))
    if isinstance(data, Graph) and sizes:
        return specialize(data, sizes)
    return data


def specialize(graph: Graph, sizes: Mapping[str, Any]) -> Graph:
    """A copy of a graph with open sizes replaced by known ones, regions included."""
    copy = Graph(graph.name)
    env: dict[Value, Value] = {p: copy.add_param(specialized(p.type, sizes)) for p in graph.params}
    for node in graph.nodes:
        attrs = {name: specialized(value, sizes) for name, value in node.attrs.items()}
        types = [specialized(v.type, sizes) for v in node.outputs]
        outputs = copy.add_node(node.op, [env[v] for v in node.operands], attrs, types, node.location)
        env.update(zip(node.outputs, outputs, strict=True))
    copy.results = [env[v] for v in graph.results]
    copy.guards = [(specialized(dim, sizes), text) for dim, text in graph.guards if specialized(dim, sizes) is dim]
    return copy


def run_graph(engine: Engine, graph: Graph, values: Sequence[AnyValue]) -> list[AnyValue]:
    """Run a graph on an engine.

    Args:
        engine: where the nodes go; it is made current only by what calls for it.
        graph: the graph.
        values: one for each parameter that is not a token.

    Returns:
        One value for each result that is not a token.
    """
    env: dict[Value, AnyValue] = {}
    sizes: dict[str, Any] = {}
    located = engine.locates
    params = [p for p in graph.params if p.type != TOKEN]
    for param, value in zip(params, values, strict=True):
        env[param] = value
        bind_sizes(param.type, value.shape, sizes)
    for node in graph.nodes:
        operands = [env[v] for v in node.operands if v.type != TOKEN]
        outputs = [v for v in node.outputs if v.type != TOKEN]
        attrs = {name: specialized(value, sizes) for name, value in node.attrs.items()}
        run = node.op.run
        token = at_node(node.location) if located and node.location is not None else None
        try:
            results = engine.run(node.op, operands, attrs) if run is None else run(engine, operands, attrs)
        finally:
            if token is not None:
                leave(token)
        for output, result in zip(outputs, results, strict=True):
            env[output] = result
            bind_sizes(output.type, result.shape, sizes)
    return [env[v] for v in graph.results if v.type != TOKEN]
