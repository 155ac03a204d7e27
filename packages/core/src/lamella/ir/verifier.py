"""Whether a graph is well-formed."""

from __future__ import annotations

from typing import Any

from lamella.errors import GraphError
from lamella.ir.graph import Graph, Node, Value
from lamella.ops.define.opdef import Kind
from lamella.types import TOKEN


def verify(graph: Graph) -> Graph:
    """Check a graph; returns it.

    Every value is defined once, before it is used, in the graph that uses it (regions see nothing from around them);
    each node's types are those of its primitive's type rule; a token is used once, so that effects have one order.

    Raises:
        GraphError: names the node and what is wrong.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.parse_graph("graph g(%0: float32[2]) -> int8[2] { %1: int8[2] = neg(%0) return %1 }")
        >>> ms.ir.verify(graph)
        Traceback (most recent call last):
        lamella.errors.GraphError: graph g, node 0 (neg): has the types [int8[2]], its rule gives [float32[2]].
    """
    defined: set[Value] = set(graph.params)
    tokens_used: set[Value] = set()
    if len(defined) != len(graph.params):
        raise GraphError(f"graph {graph.name}: a parameter stands twice.")
    if any(p.type == TOKEN for p in graph.params[1:]):
        raise GraphError(f"graph {graph.name}: a token is not the first parameter.")
    for number, node in enumerate(graph.nodes):
        where = f"graph {graph.name}, node {number} ({node.op.name})"
        for operand in node.operands:
            if operand not in defined:
                raise GraphError(f"{where}: uses a value that is not defined before it in this graph.")
            if operand.type == TOKEN:
                if operand in tokens_used:
                    raise GraphError(f"{where}: uses a token a second time.")
                tokens_used.add(operand)
        for region in node.regions().values():
            verify(region)
        _verify_types(where, node)
        for output in node.outputs:
            if output in defined:
                raise GraphError(f"{where}: defines a value a second time.")
            defined.add(output)
    for result in graph.results:
        if result not in defined:
            raise GraphError(f"graph {graph.name}: returns a value that is not defined in it.")
    has = [r.type == TOKEN for r in graph.results]
    if graph.effects != (bool(has) and has[0]) or any(has[1:]):
        raise GraphError(f"graph {graph.name}: a token must be both first parameter and first result, or neither.")
    return graph


def _verify_types(where: str, node: Node) -> None:
    effect = node.op.kind is Kind.EFFECT or any(region.effects for region in node.regions().values())
    operands: list[Any] = [v.type for v in node.operands]
    outputs: list[Any] = [v.type for v in node.outputs]
    if effect != (operands[:1] == [TOKEN]) or effect != (outputs[:1] == [TOKEN]):
        raise GraphError(f"{where}: an effect takes a token first and gives one first; nothing else does.")
    if effect:
        operands, outputs = operands[1:], outputs[1:]
    try:
        expected = list(node.op.result_types(operands, dict(node.attrs)))
    except (TypeError, ValueError, KeyError) as error:
        raise GraphError(f"{where}: {error}") from error
    if expected != outputs:
        raise GraphError(f"{where}: has the types {outputs}, its rule gives {expected}.")
