"""Making a graph fit a backend: decomposing composites it lacks, and cutting the graph where it lacks a primitive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lamella.engine.building import Building
from lamella.engine.stack import entered
from lamella.ir.graph import Graph, Node, Value
from lamella.tensor import wrap
from lamella.types import TOKEN, TensorType

#: Whether a backend has a primitive: (name, version, operand types, attributes).
Supports = Callable[[str, int, Sequence[TensorType], Mapping[str, Any]], bool]

#: How a backend wants a node to be written.
Rules = Callable[[Node], Callable[..., Any] | None]


def _supported(node: Node, supports: Supports) -> bool:
    types = [v.type for v in node.operands if v.type != TOKEN]
    inner = all(_supported(n, supports) for region in node.regions().values() for n in region.nodes)
    return inner and supports(node.op.name, node.op.version, types, node.attrs)


def legalize(graph: Graph, supports: Supports, rules: Rules = lambda node: None) -> Graph:
    """A graph in which composites that the backend lacks are replaced by their decompositions, in regions too.

    What a decomposition or a rule gives is treated likewise. The very graph, if nothing is to be replaced.

    Args:
        graph: the graph.
        supports: what the backend has.
        rules: what the backend wants to be written otherwise although it has it: for a node, the same computation by
            other primitives, or None.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.build(ms.ops.softmax, ms.ir.TensorType(ms.float32, (2, 3)))
        >>> [node.op.name for node in ms.ir.legalize(graph, lambda *_: False).nodes]
        ['reduce_max', 'stop_gradient', 'reshape', 'sub', 'exp', 'reduce_sum', 'reshape', 'div']
    """
    while any(_replacement(node, supports, rules) is not None for _, node in graph.walk()):
        graph = _replaced(graph, supports, rules)
    return graph


def _replacement(node: Node, supports: Supports, rules: Rules) -> Callable[..., Any] | None:
    """How a node is to be written instead; None if as it is."""
    return rules(node) if _supported(node, supports) else node.op.decompose


def _replaced(graph: Graph, supports: Supports, rules: Rules) -> Graph:
    """The graph with each node replaced once."""
    building = Building(graph.name)
    copy = building.graph
    env: dict[Value, Value] = {p: copy.add_param(p.type) for p in graph.params}
    for node in graph.nodes:
        attrs = {k: _replaced(v, supports, rules) if isinstance(v, Graph) else v for k, v in node.attrs.items()}
        operands = [env[v] for v in node.operands]
        rule = _replacement(node, supports, rules)
        if rule is None:
            outputs = copy.add_node(node.op, operands, attrs, [v.type for v in node.outputs], node.location)
        else:
            made = len(copy.nodes)
            with entered(building):
                result = rule(*map(wrap, operands), **attrs)
                parts = result if isinstance(result, tuple) else (result,)
                outputs = tuple(building.read(part) for part in parts)
            for new in copy.nodes[made:]:
                new.location = node.location
        env.update(zip(node.outputs, outputs, strict=True))
    copy.results = [env[v] for v in graph.results]
    copy.guards = list(graph.guards)
    return copy


class Segment(NamedTuple):
    """A part of a graph that runs in one place.

    Attributes:
        graph: the part; its parameters and results are `inputs` and `outputs`.
        inputs: values of the whole graph that it reads, a token first if it has effects.
        outputs: values of the whole graph that it gives to later segments or as results.
        native: whether the backend runs it; else the reference kernels do.
    """

    graph: Graph
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    native: bool


def partition(graph: Graph, supports: Supports) -> list[Segment]:
    """Cut a graph into segments that a backend can run whole, and segments for the reference kernels.

    Nodes keep their order, except that a node joins the latest segment of its kind that everything it needs precedes,
    so that independent pieces do not cut each other. Constants and the like are in each segment that reads them.

    Args:
        graph: the graph.
        supports: what the backend has.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.build(lambda x: ms.ops.exp(ms.ops.sin(x) + x), ms.ir.TensorType(ms.float32, (2,)))
        >>> [(s.native, len(s.graph.nodes)) for s in ms.ir.partition(graph, lambda name, *_: name != "add")]
        [(True, 1), (False, 1), (True, 1)]
    """
    kinds: list[bool] = []
    members: list[list[Node]] = []
    home: dict[Value, int] = dict.fromkeys(graph.params, -1)
    results = set(graph.results)
    for node in graph.nodes:
        native = _supported(node, supports)
        if _is_free(node) and results.isdisjoint(node.outputs):
            continue
        earliest = max((home.get(v, -1) for v in node.operands), default=-1)
        at = next((i for i in range(max(earliest, 0), len(kinds)) if kinds[i] == native), len(kinds))
        if at == len(kinds):
            kinds.append(native)
            members.append([])
        members[at].append(node)
        home.update(dict.fromkeys(node.outputs, at))
    readers: dict[Value, set[int]] = {}
    for i, nodes in enumerate(members):
        for node in nodes:
            for v in node.operands:
                readers.setdefault(v, set()).add(i)
    for v in graph.results:
        readers.setdefault(v, set()).add(len(members))
    return [_segment(graph, i, nodes, kinds[i], home, readers) for i, nodes in enumerate(members)]


def _is_free(node: Node) -> bool:
    """Whether a node needs nothing and costs little, such as a constant."""
    return not node.operands and not node.op.random and not node.op.effect


def _segment(
    graph: Graph, index: int, nodes: list[Node], native: bool, home: dict[Value, int], readers: dict[Value, set[int]]
) -> Segment:
    free = dict.fromkeys(v.node for node in nodes for v in node.operands if v.node is not None and _is_free(v.node))
    nodes = [*(node for node in free if node not in nodes), *nodes]
    inputs = dict.fromkeys(
        v for node in nodes for v in node.operands if home.get(v) != index and (v.node is None or not _is_free(v.node))
    )
    outputs = [v for node in nodes for v in node.outputs if readers.get(v, set()) - {index}]
    ordered = sorted(inputs, key=lambda v: v.type != TOKEN)  # a token comes first
    outputs.sort(key=lambda v: v.type != TOKEN)
    part = Graph(f"{graph.name}_{index}")
    env = {v: part.add_param(v.type) for v in ordered}
    for node in nodes:
        made = part.add_node(
            node.op, [env[v] for v in node.operands], node.attrs, [v.type for v in node.outputs], node.location
        )
        env.update(zip(node.outputs, made, strict=True))
    part.results = [env[v] for v in outputs]
    return Segment(part, tuple(ordered), tuple(outputs), native)
