"""What is known of a graph's nodes and values: what can fail, what shares memory, how long it lives."""

from __future__ import annotations

from typing import NamedTuple

from lamella.ir.graph import Graph, Node, Value
from lamella.types import TensorType


def is_total(node: Node) -> bool:
    """Whether a node runs through on any numbers, so that it may run where it otherwise would not have, or late.

    Examples:
        >>> import lamella as ms
        >>> types = [ms.ir.TensorType(dtype, ()) for dtype in (ms.float32, ms.int32)]
        >>> graph = ms.ir.build(lambda x, i: (x // x, i // i), *types)
        >>> [is_total(node) for node in graph.nodes]
        [True, False]
    """
    return node.op.is_total([v.type for v in node.operands if isinstance(v.type, TensorType)], node.attrs)


class Lifetime(NamedTuple):
    """When a value exists, as positions in the graph's nodes.

    Attributes:
        start: the node that computes it; -1 for a parameter.
        end: its last reader; the number of nodes for a result, its own position if it is not read.
    """

    start: int
    end: int


def lifetimes(graph: Graph) -> dict[Value, Lifetime]:
    """The lifetime of each value, not counting values that share its memory (see `aliases`).

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.build(lambda x: (x + x) * x, ms.ir.TensorType(ms.float32, (2,)))
        >>> list(ms.ir.lifetimes(graph).values())
        [Lifetime(start=-1, end=1), Lifetime(start=0, end=1), Lifetime(start=1, end=2)]
    """
    start = dict.fromkeys(graph.params, -1)
    end = dict.fromkeys(graph.params, -1)
    for number, node in enumerate(graph.nodes):
        for value in node.outputs:
            start[value] = end[value] = number
        for value in node.operands:
            end[value] = number
    for value in graph.results:
        end[value] = len(graph.nodes)
    return {value: Lifetime(start[value], end[value]) for value in start}


def aliases(graph: Graph) -> dict[Value, frozenset[Value]]:
    """For each value, all that may share its memory, itself included: through views and control flow.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.build(lambda x: x.reshape(2, 1) * 2, ms.ir.TensorType(ms.float32, (2,)))
        >>> len(ms.ir.aliases(graph)[graph.params[0]])
        2
    """
    group: dict[Value, set[Value]] = {p: {p} for p in graph.params}
    for node in graph.nodes:
        for value in node.outputs:
            group[value] = {value}
        if node.op.shares:
            merged = set().union(*(group[v] for v in (*node.operands, *node.outputs)))
            for value in merged:
                group[value] = merged
    return {value: frozenset(shared) for value, shared in group.items()}
