"""Rewriting a graph by local rules, in one walk over its nodes.

A rule looks at one node and may say which values to use in the place of its outputs. Rules stand in a table by the
primitive that they are for. The walk goes in the order of the nodes, so that a rule sees operands that have been
rewritten already, and what a rule makes is rewritten in its turn: one walk finds nearly all there is to find, and takes
time in proportion to the graph. Equal nodes become one on the way. Regions are rewritten like graphs of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeAlias
from weakref import WeakSet

import numpy as np

from lamella.dims import guards
from lamella.ir.graph import Graph, Location, Node, Value
from lamella.ops.define.opdef import OpDef
from lamella.ops.prims.given import constant
from lamella.types import TOKEN, TensorType, TokenType, Type

#: From a node to the values to use in the place of its outputs; None where the rule does not apply. The node's operands
#: and outputs belong to the new graph, the node itself does not yet.
Rule: TypeAlias = Callable[["Rewriting", Node], Sequence[Value] | None]
#: What a rule is for: a primitive, or all for which a function is true.
Subject: TypeAlias = OpDef | Callable[[OpDef], bool]

# Constants above so many bytes are not compared with each other.
_MOST_COMPARED = 1024


class Rules:
    """Rules and what they are for, in the order in which they are tried.

    Args:
        rows: what a rule is for, and the rule.
    """

    def __init__(self, *rows: tuple[Subject, Rule]) -> None:
        self.rows = rows
        self._by_op: dict[OpDef, tuple[Rule, ...]] = {}
        #: Regions in which nothing is left to rewrite.
        self.settled: WeakSet[Graph] = WeakSet()

    def __add__(self, other: Rules) -> Rules:
        return Rules(*self.rows, *other.rows)

    def for_op(self, op: OpDef) -> tuple[Rule, ...]:
        """The rules that are for a primitive."""
        found = self._by_op.get(op)
        if found is None:
            found = self._by_op[op] = tuple(
                rule for subject, rule in self.rows if (subject is op if isinstance(subject, OpDef) else subject(op))
            )
        return found


def rewritten(graph: Graph, rules: Rules, merging: bool = True) -> Graph:
    """A graph rewritten by rules; the very graph if no rule applies and no two nodes are equal.

    Args:
        graph: the graph; it stays as it is.
        rules: the rules.
        merging: whether equal nodes become one. What composites have in common may be worth computing for each of
            them rather than keeping it.

    Examples:
        >>> import lamella as ms
        >>> from lamella.ops import prims
        >>> graph = ms.ir.build(lambda x: -(-x), ms.ir.TensorType(ms.float32, ()))
        >>> def twice_negated(rewriting, node):
        ...     inner = node.operands[0].node
        ...     return inner.operands if inner is not None and inner.op.name == "neg" else None
        >>> print(rewritten(graph, Rules((prims.neg, twice_negated))))
        graph lambda(%0: float32[]) -> float32[] {
          %1: float32[] = neg(%0)
          return %0
        }
    """
    rewriting = Rewriting(graph, rules, merging)
    token = guards.set(rewriting.graph.guards)
    try:
        result = rewriting.run(graph)
    finally:
        guards.reset(token)
    if not rewriting.changed:
        rules.settled.add(graph)
        return graph
    return result


class Rewriting:
    """One walk over a graph.

    Attributes:
        graph: the new graph so far.
        uses: how often each value of the old graph is read.
        changed: whether the new graph differs from the old one.
    """

    def __init__(self, graph: Graph, rules: Rules, merging: bool = True) -> None:
        self.graph = Graph(graph.name)
        self.graph.guards = list(graph.guards)
        self.changed = False
        self.uses: dict[Value, int] = {}
        self._rules = rules
        self._merging = merging
        self._known: dict[Hashable, tuple[Value, ...]] = {}
        self._location: Location | None = None

    # -- what rules use --

    def emit(self, op: OpDef, operands: Sequence[Value], **attrs: Any) -> Sequence[Value]:
        """Add a node, unless the rules know better; its outputs, or what takes their place.

        Args:
            op: the primitive.
            operands: values of the new graph; a token first for an effect.
            attrs: its attributes.
        """
        node = Node(op, tuple(operands), attrs, (), self._location)
        types: Sequence[Type] = op.result_types(tensor_types(operands), attrs)
        if operands and type(operands[0].type) is TokenType:
            types = (TOKEN, *types)
        node.outputs = tuple([Value(t, self.graph, node) for t in types])
        return self.place(node)

    def one(self, op: OpDef, *operands: Value, **attrs: Any) -> Value:
        """As `emit`, of a primitive with one result."""
        (value,) = self.emit(op, operands, **attrs)
        return value

    def constant(self, array: np.ndarray[Any, Any]) -> Value:
        """A value with these elements; the array is never changed afterwards."""
        return self.one(constant, value=array)

    def inline(self, region: Graph, values: Sequence[Value]) -> list[Value]:
        """Put the nodes of a region in; its results.

        Args:
            region: the region.
            values: one for each of its parameters, a token included.
        """
        env = dict(zip(region.params, values, strict=True))
        self._copy(region, env)
        return [env[v] for v in region.results]

    # -- the walk --

    def run(self, graph: Graph) -> Graph:
        """Rewrite the graph."""
        self.uses = uses_of(graph)
        env: dict[Value, Value] = {}
        for param in graph.params:
            env[param] = self.graph.add_param(param.type)
            self.uses[env[param]] = self.uses.get(param, 0)
        self._copy(graph, env)
        self.graph.results = [env[v] for v in graph.results]
        self.graph.guards = list(dict.fromkeys(self.graph.guards))
        return self.graph

    def _copy(self, graph: Graph, env: dict[Value, Value]) -> None:
        uses = self.uses
        for old in graph.nodes:
            attrs = old.attrs
            for value in attrs.values():
                if type(value) is Graph:
                    attrs = {name: self._region(value) for name, value in attrs.items()}
                    break
            node = Node(old.op, tuple([env[v] for v in old.operands]), attrs, (), old.location)
            node.outputs = tuple([Value(v.type, self.graph, node) for v in old.outputs])
            self._location = old.location
            for new, output in zip(self.place(node), old.outputs, strict=True):
                env[output] = new
                if output in uses:
                    uses[new] = uses.get(new, 0) + uses[output]

    def _region(self, value: Any) -> Any:
        if type(value) is not Graph or value in self._rules.settled:
            return value
        region = rewritten(value, self._rules, self._merging)
        self.changed |= region is not value
        return region

    def place(self, node: Node) -> Sequence[Value]:
        """Put a node in, or find what takes its place."""
        for rule in self._rules.for_op(node.op):
            found = rule(self, node)
            if found is not None:
                self.changed = True
                return found
        key = _key(node) if self._merging else None
        if key is not None:
            known = self._known.setdefault(key, node.outputs)
            if known is not node.outputs:
                self.changed = True
                return known
        self.graph.nodes.append(node)
        return node.outputs


def uses_of(graph: Graph) -> dict[Value, int]:
    """How often each value is read, as an operand or a result."""
    uses: dict[Value, int] = dict.fromkeys(graph.params, 0)
    for node in graph.nodes:
        for value in node.operands:
            uses[value] += 1
        for value in node.outputs:
            uses[value] = 0
    for value in graph.results:
        uses[value] += 1
    return uses


def constant_of(value: Value) -> np.ndarray[Any, Any] | None:
    """The elements of a value that is a constant of its graph."""
    node = value.node
    return node.attrs["value"] if node is not None and node.op is constant else None


def maker(value: Value, op: OpDef) -> Node | None:
    """The node that computes a value, if it is of a primitive."""
    return value.node if value.node is not None and value.node.op is op else None


def has_effect(node: Node) -> bool:
    """Whether a node acts on the world outside its results."""
    return bool(node.outputs) and type(node.outputs[0].type) is TokenType


def tensor_types(values: Sequence[Value]) -> list[TensorType]:
    """The types of values that are no tokens."""
    return [v.type for v in values if isinstance(v.type, TensorType)]


def _key(node: Node) -> Hashable | None:
    """Something that is equal for nodes that compute the same; None where comparing them is not worth while.

    Effects are no exception: no two take the same token.
    """
    attributes = attributes_key(node.attrs)
    if attributes is None:
        return None
    return node.op, tuple([v.uid for v in node.operands]), attributes


def attributes_key(attrs: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Something that is equal for equal attributes; None for regions, and for arrays too large to compare."""
    if not attrs:
        return ()
    parts: list[Any] = []
    for value in attrs.values():
        if isinstance(value, np.ndarray):
            if value.nbytes > _MOST_COMPARED:
                return None
            parts += [value.dtype, value.shape, value.tobytes()]
        elif isinstance(value, Graph):
            return None
        else:
            parts.append(repr(value) if isinstance(value, float) else value)
    return tuple(parts)
