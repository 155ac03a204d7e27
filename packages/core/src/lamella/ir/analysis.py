"""What a graph's values share and how long they live."""

from __future__ import annotations

from typing import NamedTuple

from lamella.ir.graph import Graph, Value


class Lifetime(NamedTuple):
    """When a value exists, as positions in the graph's nodes.

    Attributes:
        start: the node that computes it; -1 for a parameter.
        end: its last reader; the number of nodes for a result, its own position if nobody reads it.
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
        if node.op.view:
            merged = set().union(*(group[v] for v in (*node.operands, *node.outputs)))
            for value in merged:
                group[value] = merged
    return {value: frozenset(shared) for value, shared in group.items()}
