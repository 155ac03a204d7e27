"""Making a graph fit a backend: decomposing composites it lacks, and cutting the graph where it lacks a primitive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lamella.dims import Dim
from lamella.engine.base import AnyValue
from lamella.engine.building import Building
from lamella.engine.stack import entered
from lamella.ir.graph import Graph, Node, Value
from lamella.ir.interpret import open_symbols
from lamella.ir.rewriting import Rewriting, rewritten
from lamella.ir.rewriting import Rules as NodeRules
from lamella.ops.define.opdef import Kind, OpDef
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
    engines: dict[Rewriting, _Emitting] = {}

    def replaced(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
        rule = rules(node) if _supported(node, supports) else node.op.decompose
        if rule is None:
            return None
        if rewriting not in engines:
            engines[rewriting] = _Emitting(rewriting)
        engine = engines[rewriting]
        with entered(engine):
            result = rule(*map(wrap, node.operands), **node.attrs)
            parts = result if isinstance(result, tuple) else (result,)
            return [engine.read(part) for part in parts]

    return rewritten(graph, NodeRules((lambda op: True, replaced)), merging=False)


class _Emitting(Building):
    """Records into a graph that is being rewritten, so that what is recorded is rewritten in its turn."""

    def __init__(self, rewriting: Rewriting) -> None:
        super().__init__(rewriting.graph.name)
        self.graph = rewriting.graph
        self._rewriting = rewriting

    def run(self, op: OpDef, values: Sequence[AnyValue], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        return list(self._rewriting.emit(op, [self.lift(value) for value in values], **attrs))


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
    so that independent pieces do not cut each other. Constants and the like that the backend has are in each segment
    that reads them.

    Args:
        graph: the graph; the sizes that it leaves open are known only when it runs, as how often a loop has run.
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
    needs = _needs(graph)
    free: set[Node] = set()
    for node in graph.nodes:
        native = _supported(node, supports)
        if native and _is_free(node) and results.isdisjoint(node.outputs):
            free.add(node)
            continue
        earliest = max((home.get(v, -1) for v in needs[node]), default=-1)
        at = next((i for i in range(max(earliest, 0), len(kinds)) if kinds[i] == native), len(kinds))
        if at == len(kinds):
            kinds.append(native)
            members.append([])
        members[at].append(node)
        home.update(dict.fromkeys(node.outputs, at))
    readers: dict[Value, set[int]] = {}
    for i, nodes in enumerate(members):
        for node in nodes:
            for v in needs[node]:
                readers.setdefault(v, set()).add(i)
    for v in graph.results:
        readers.setdefault(v, set()).add(len(members))
    parts: list[Segment] = []
    for i, nodes in enumerate(members):
        copies = dict.fromkeys(v.node for node in nodes for v in node.operands if v.node is not None and v.node in free)
        inputs = dict.fromkeys(v for node in nodes for v in needs[node] if home.get(v) != i and v.node not in free)
        outputs = [v for node in nodes for v in node.outputs if readers.get(v, set()) - {i}]
        parts.append(_segment(f"{graph.name}_{i}", [*copies, *nodes], [*inputs], outputs, kinds[i]))
    return parts


def _needs(graph: Graph) -> dict[Node, list[Value]]:
    """What each node needs: its operands, and values that have the sizes which are open in its attributes."""
    having: dict[str, Value] = {}
    needs: dict[Node, list[Value]] = {}

    def learn(value: Value) -> None:
        if isinstance(value.type, TensorType):
            for size in value.type.shape:
                if isinstance(size, Dim) and size.symbols() == {str(size)}:
                    having.setdefault(str(size), value)

    for param in graph.params:
        learn(param)
    for node in graph.nodes:
        open_sizes = sorted(set().union(*map(open_symbols, node.attrs.values())))
        needs[node] = [*node.operands, *(having[name] for name in open_sizes if name in having)]
        for value in node.outputs:
            learn(value)
    return needs


def _is_free(node: Node) -> bool:
    """Whether a node needs nothing and costs little, such as a constant."""
    return node.op.kind is Kind.GIVEN


def _segment(
    name: str, nodes: Sequence[Node], inputs: Sequence[Value], outputs: Sequence[Value], native: bool
) -> Segment:
    inputs, outputs = (sorted(values, key=lambda v: v.type != TOKEN) for values in (inputs, outputs))  # a token first
    part = Graph(name).copied(params=inputs, nodes=nodes, results=outputs)
    return Segment(part, tuple(inputs), tuple(outputs), native)
