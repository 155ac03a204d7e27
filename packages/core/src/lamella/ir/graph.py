"""Graphs: typed values in single assignment, computed by nodes in order; regions are graphs in attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lamella.buffer import next_uid
from lamella.dims import Guard
from lamella.dtypes import DType
from lamella.types import TOKEN, TensorType, Type

if TYPE_CHECKING:
    from lamella.ops.define.opdef import OpDef


class Location(NamedTuple):
    """Where in the user's program a node comes from.

    Attributes:
        file: path of the file.
        line: line number, from 1.
        scope: path of the cells that were being called: the class of the outermost, then the attributes that lead to
            the others, such as "Net.blocks.0.conv"; empty outside cells.
        part: of a training step: "forward", "backward" (a derivative, with the line and scope of what it is the
            derivative of) or "update" (in an optimizer).
    """

    file: str
    line: int
    scope: str = ""
    part: str = "forward"


class Value:
    """What a node gives, or a parameter of a graph.

    Attributes:
        uid: a number that no other value of any engine has.
        type: its type.
        graph: the graph it belongs to.
        node: the node that computes it; None for a parameter.
    """

    __slots__ = ("__weakref__", "graph", "node", "type", "uid")

    def __init__(self, type: Any, graph: Graph, node: Node | None) -> None:
        self.uid = next_uid()
        self.type: Any = type
        self.graph = graph
        self.node = node

    @property
    def dtype(self) -> DType:
        """Type of the elements."""
        dtype: DType = self.type.dtype
        return dtype

    @property
    def shape(self) -> Any:
        """Size of each axis: an int or a `Dim`."""
        return self.type.shape

    def __repr__(self) -> str:
        return f"<value of type {self.type}>"


class Node:
    """One primitive applied to values.

    Attributes:
        op: the primitive.
        operands: what it is applied to; an effect's first operand is a token.
        attrs: its attributes; control flow has its regions here, as graphs.
        outputs: what it gives; an effect's first output is a token.
        location: where the user wrote it; None if unknown.
    """

    __slots__ = ("attrs", "location", "op", "operands", "outputs")

    def __init__(
        self,
        op: OpDef,
        operands: tuple[Value, ...],
        attrs: Mapping[str, Any],
        outputs: tuple[Value, ...],
        location: Location | None,
    ) -> None:
        self.op = op
        self.operands = operands
        self.attrs = attrs
        self.outputs = outputs
        self.location = location

    def regions(self) -> dict[str, Graph]:
        """The graphs among its attributes."""
        return {name: value for name, value in self.attrs.items() if isinstance(value, Graph)}


def substitute(node: Node, operands: Sequence[Value], attrs: Mapping[str, Any], outputs: Sequence[Value]) -> Node:
    """A node for the place of another, to be given to `Graph.copied`: of the same primitive, from the same line."""
    return Node(node.op, tuple(operands), attrs, tuple(outputs), node.location)


class Graph:
    """A function as data.

    A graph whose nodes have effects takes a token as its first parameter and gives one as its first result, so the
    order of effects is an order of data.

    Attributes:
        name: for people; need not be unique.
        params: what it is called with.
        nodes: in an order in which they can run.
        results: what it gives.
        guards: what was assumed of open sizes.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.build(lambda x: x * 2 + 1, ms.ir.TensorType(ms.float32, (3,)))
        >>> [node.op.name for node in graph.nodes]
        ['constant', 'mul', 'constant', 'add']
    """

    __slots__ = ("__weakref__", "guards", "name", "nodes", "params", "results")

    def __init__(self, name: str) -> None:
        self.name = name
        self.params: list[Value] = []
        self.nodes: list[Node] = []
        self.results: list[Value] = []
        self.guards: list[Guard] = []

    @property
    def effects(self) -> bool:
        """Whether anything in it acts on the world outside its results."""
        return bool(self.params) and self.params[0].type == TOKEN

    def add_param(self, type: Type) -> Value:
        """A new parameter, last."""
        value = Value(type, self, None)
        self.params.append(value)
        return value

    def add_node(
        self,
        op: OpDef,
        operands: Sequence[Value],
        attrs: Mapping[str, Any],
        types: Sequence[Type],
        location: Location | None = None,
    ) -> tuple[Value, ...]:
        """Append a node; its outputs."""
        node = Node(op, tuple(operands), attrs, (), location)
        node.outputs = tuple(Value(type, self, node) for type in types)
        self.nodes.append(node)
        return node.outputs

    def copied(
        self,
        *,
        params: Sequence[Value | Type] | None = None,
        nodes: Sequence[Node] | None = None,
        results: Sequence[Value] | None = None,
        instead: Mapping[Value, Value] | None = None,
    ) -> Graph:
        """A copy, with other parameters, nodes or results where they are given. This graph stays as it is.

        What is given says it with values of this graph, or of nodes that are given.

        Args:
            params: what the copy is called with: values, which are read there whatever computed them here, or types of
                parameters that nothing reads.
            nodes: what it has, in an order in which it can run; a node may be one that stands in no graph.
            results: what it gives.
            instead: values that are read in the place of others.

        Examples:
            >>> import lamella as ms
            >>> graph = ms.ir.build(lambda x: ms.ops.exp(x) * 2, ms.ir.TensorType(ms.float32, ()))
            >>> exp, two, product = graph.nodes
            >>> print(graph.copied(params=exp.outputs, nodes=[two, product]))
            graph lambda(%0: float32[]) -> float32[] {
              %1: float32[] = constant() {value=float32[](2.0)}
              %2: float32[] = mul(%0, %1)
              return %2
            }
        """
        copy = Graph(self.name)
        copy.guards = list(self.guards)
        env: dict[Value, Value] = {}

        def read(value: Value) -> Value:
            while instead and value in instead:
                value = instead[value]
            return env[value]

        for param in self.params if params is None else params:
            if isinstance(param, Value):
                env[param] = copy.add_param(param.type)
            else:
                copy.add_param(param)
        for node in self.nodes if nodes is None else nodes:
            types = [v.type for v in node.outputs]
            made = copy.add_node(node.op, [read(v) for v in node.operands], node.attrs, types, node.location)
            for old, new in zip(node.outputs, made, strict=True):
                env.setdefault(old, new)  # a parameter stays one
        copy.results = [read(v) for v in (self.results if results is None else results)]
        return copy

    def walk(self) -> Iterator[tuple[Graph, Node]]:
        """Every node with the graph it stands in, regions included, in order."""
        for node in self.nodes:
            yield self, node
            for region in node.regions().values():
                yield from region.walk()

    @property
    def signature(self) -> str:
        """Types of parameters and results, as text."""
        params = ", ".join(str(p.type) for p in self.params)
        return f"({params}) -> ({', '.join(str(r.type) for r in self.results)})"

    def __repr__(self) -> str:
        return f"<graph {self.name}{self.signature}, {len(self.nodes)} nodes>"


def single(op: OpDef, types: Sequence[TensorType], attrs: dict[str, Any]) -> Graph:
    """A graph of one primitive on its parameters.

    Args:
        op: the primitive, one without effects.
        types: types of its operands.
        attrs: its attributes.
    """
    graph = Graph(op.name)
    operands = [graph.add_param(type) for type in types]
    graph.results = list(graph.add_node(op, operands, attrs, op.result_types(types, attrs)))
    return graph


def tensor_type(value: Value) -> TensorType:
    """The type of a value that is a tensor, not a token."""
    assert isinstance(value.type, TensorType), "a token where a tensor was expected"
    return value.type
