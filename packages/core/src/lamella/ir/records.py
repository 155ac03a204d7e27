"""What a graph records, as results: so that a graph that records is as pure, and as quick, as one that does not.

A node `record` is an effect, and would cut the code that a backend makes. So before a graph is compiled, what it
records becomes results after its own: of a branch, with a flag that says whether it was taken (the other branch gives
zeros); of a `scan`, stacked, an item for each iteration. A `while_loop` runs an unknown number of times: a graph with
one that records stays as it is, so that everything is recorded in the order of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lamella import recording
from lamella.ir.graph import Graph, Node, Value
from lamella.ops import prims
from lamella.ops.prims.given import constant
from lamella.types import TOKEN, TensorType, Type


class Record(NamedTuple):
    """A `record`: where its operands are among the additional results."""

    kind: str
    tag: str
    places: tuple[int, ...]


class Branch(NamedTuple):
    """What one branch records: the flag's place, and what counts if it is true."""

    flag: int
    items: tuple[Item, ...]


class Loop(NamedTuple):
    """What each iteration of a `scan` records; its results have one more axis."""

    reverse: bool
    items: tuple[Item, ...]


Item: TypeAlias = "Record | Branch | Loop"


def lifted(graph: Graph) -> tuple[Graph, tuple[Item, ...]]:
    """A graph that gives what it records as results after its own, and what those are.

    Args:
        graph: the graph; it stays as it is, and is given back itself if it records nothing, or in a `while_loop`.

    Examples:
        >>> import lamella as ms
        >>> def fn(x):
        ...     prims.record(x * 2, kind="tensor", tag="twice")
        ...     return x + 1
        >>> print(lifted(ms.ir.build(fn, ms.ir.TensorType(ms.float32, ())))[0])
        graph fn(%0: float32[]) -> (float32[], float32[]) {
          %1: float32[] = constant() {value=float32[](2.0)}
          %2: float32[] = mul(%0, %1)
          %3: float32[] = constant() {value=float32[](1.0)}
          %4: float32[] = add(%0, %3)
          return %4, %2
        }
    """
    if not _records(graph) or not _can_be_lifted(graph):
        return graph, ()
    lifting = _Lifting(graph)
    if lifting.is_pure:
        lifting.drop_token()
    return lifting.graph, tuple(lifting.items)


def hand_out(items: Sequence[Item], arrays: Sequence[np.ndarray[Any, Any]], at: tuple[int, ...] = ()) -> None:
    """Give what a run has recorded to the listeners, in the order of the program.

    Args:
        items: what the additional results are.
        arrays: those results.
        at: the iterations of the loops around the items.
    """
    for item in items:
        match item:
            case Record(kind, tag, places):
                recording.hand_out(kind, tag, [np.asarray(arrays[place][at])[...] for place in places])
            case Branch(flag, inner):
                if arrays[flag][at]:
                    hand_out(inner, arrays, at)
            case Loop(reverse, inner):
                trips = range(arrays[_first(inner)].shape[len(at)])
                for i in reversed(trips) if reverse else trips:
                    hand_out(inner, arrays, (*at, i))


def _records(graph: Graph) -> bool:
    return any(node.op is prims.record for _, node in graph.walk())


def _can_be_lifted(graph: Graph) -> bool:
    """Whether all that records stands in branches and loops of known lengths."""
    return all(
        _can_be_lifted(region) if node.op in (prims.cond, prims.scan) else not _records(region)
        for node in graph.nodes
        for region in node.regions().values()
    )


def _first(items: Sequence[Item]) -> int:
    """The place of one of the results of items."""
    match items[0]:
        case Record(_, _, places):
            return places[0]
        case Branch(flag, _):
            return flag
        case Loop(_, inner):
            return _first(inner)


def _moved(items: Sequence[Item], by: int) -> tuple[Item, ...]:
    """Items whose results stand so many places further on."""
    moved: list[Item] = []
    for item in items:
        match item:
            case Record(kind, tag, places):
                moved.append(Record(kind, tag, tuple(place + by for place in places)))
            case Branch(flag, inner):
                moved.append(Branch(flag + by, _moved(inner, by)))
            case Loop(reverse, inner):
                moved.append(Loop(reverse, _moved(inner, by)))
    return tuple(moved)


class _Lifting:
    """A copy of a graph that gives what the graph records.

    Attributes:
        graph: the copy.
        items: what it records.
        types: the types of the additional results.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = Graph(graph.name)
        self.graph.guards = list(graph.guards)
        self.items: list[Item] = []
        self._extra: list[Value] = []
        self._env: dict[Value, Value] = {p: self.graph.add_param(p.type) for p in graph.params}
        for node in graph.nodes:
            self._copy(node)
        self.graph.results = [*(self._env[v] for v in graph.results), *self._extra]

    @property
    def types(self) -> list[Type]:
        return [value.type for value in self._extra]

    @property
    def is_pure(self) -> bool:
        """Whether nothing takes the token that the graph may have."""
        return not self.graph.effects or self.graph.results[0] is self.graph.params[0]

    def drop_token(self) -> None:
        if self.graph.effects:
            del self.graph.params[0], self.graph.results[0]

    def add(self, array: Any, shape: Sequence[Any] = ()) -> None:
        """One more result: the same number everywhere."""
        value = np.asarray(array)
        (made,) = self.graph.add_node(constant, (), {"value": value}, constant.result_types((), {"value": value}))
        if shape:
            attrs = {"shape": tuple(shape)}
            (made,) = self.graph.add_node(
                prims.broadcast_to, (made,), attrs, prims.broadcast_to.result_types([made.type], attrs)
            )
        self.graph.results.append(made)

    def _copy(self, node: Node) -> None:
        operands = [self._env[v] for v in node.operands]
        if node.op is prims.record:
            token, *recorded = operands
            self._env[node.outputs[0]] = token
            places = tuple(range(len(self._extra), len(self._extra) + len(recorded)))
            self._extra += recorded
            self.items.append(Record(node.attrs["kind"], node.attrs["tag"], places))
        elif node.op is prims.cond and any(map(_records, node.regions().values())):
            self._cond(node, operands)
        elif node.op is prims.scan and _records(node.attrs["body"]):
            self._scan(node, operands)
        else:
            types = [v.type for v in node.outputs]
            outputs = self.graph.add_node(node.op, operands, node.attrs, types, node.location)
            self._env.update(zip(node.outputs, outputs, strict=True))

    def _cond(self, node: Node, operands: list[Value]) -> None:
        then, orelse = branches = [_Lifting(node.attrs[name]) for name in ("then", "orelse")]
        additional: list[int] = []
        for taken in branches:
            if taken.items:
                flag = len(self._extra) + sum(additional)
                self.items.append(Branch(flag, _moved(taken.items, flag + 1)))
                additional.append(1 + len(taken.types))
        for branch in branches:  # first what `then` records, then what `orelse` does
            own = branch.graph.results[len(branch.graph.results) - len(branch.types) :]
            del branch.graph.results[len(branch.graph.results) - len(branch.types) :]
            for recording_branch in branches:
                if recording_branch.items:
                    branch.add(np.bool_(recording_branch is branch))
                    if recording_branch is branch:
                        branch.graph.results += own
                    else:
                        for type in recording_branch.types:
                            assert isinstance(type, TensorType)
                            branch.add(np.zeros((), type.dtype.numpy), type.shape)
        attrs = {**node.attrs, "then": then.graph, "orelse": orelse.graph}
        self._place(node, operands, attrs, branches, len(_tensors(node.outputs)), sum(additional))

    def _scan(self, node: Node, operands: list[Value]) -> None:
        body = _Lifting(node.attrs["body"])
        own = len(_tensors(node.attrs["body"].results))
        self.items.append(Loop(node.attrs["reverse"], _moved(body.items, len(self._extra))))
        self._place(node, operands, {**node.attrs, "body": body.graph}, [body], own, len(body.types))

    def _place(
        self,
        node: Node,
        operands: list[Value],
        attrs: dict[str, Any],
        regions: Sequence[_Lifting],
        before: int,
        additional: int,
    ) -> None:
        """Put a node with lifted regions in, which gives so many additional results after some of its own."""
        pure = all(region.is_pure for region in regions)
        given = operands
        if pure:
            for region in regions:
                region.drop_token()
            self._env[node.outputs[0]] = operands[0]
            given = operands[1:]
        types: list[Type] = list(node.op.result_types([v.type for v in _tensors(given)], attrs))
        if not pure:
            types.insert(0, TOKEN)
        outputs = list(self.graph.add_node(node.op, given, attrs, types, node.location))
        if not pure:
            self._env[node.outputs[0]] = outputs.pop(0)
        self._extra += outputs[before : before + additional]
        del outputs[before : before + additional]
        self._env.update(zip(node.outputs[1:], outputs, strict=True))


def _tensors(values: Sequence[Value]) -> list[Value]:
    return [value for value in values if value.type != TOKEN]
