"""Graphs: typed values in single assignment, computed by nodes in order; regions are graphs in attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from lamella.buffer import next_uid
from lamella.dims import Guard
from lamella.dtypes import DType
from lamella.types import TOKEN, TensorType, Type

if TYPE_CHECKING:
    from lamella.ops.opdef import OpDef


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


def tensor_type(value: Value) -> TensorType:
    """The type of a value that is a tensor, not a token."""
    assert isinstance(value.type, TensorType), "a token where a tensor was expected"
    return value.type
