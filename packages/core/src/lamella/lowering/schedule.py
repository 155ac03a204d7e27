"""Groups in an order: what crosses between them, and which results may be written over the parameters they replace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lamella.ir import Graph, Value
from lamella.lowering.axes import SAME, needs_memory, source
from lamella.lowering.checks import may_stop
from lamella.lowering.groups import Group, fuse
from lamella.ops.define.opdef import Kind
from lamella.plugins import Target
from lamella.types import TOKEN


class Schedule(NamedTuple):
    """The groups of a graph and what crosses between them.

    Attributes:
        groups: in the order in which they run.
        outputs: for each group, by number: the values that others read, or that are results.
        takes_over: for a result, by position: the parameter whose memory it may take, by position.
    """

    groups: list[Group]
    outputs: dict[int, list[Value]]
    takes_over: dict[int, int]


def schedule(graph: Graph, target: Target) -> Schedule:
    """Put a graph's nodes into groups, and those into an order.

    Groups that write over a parameter come after all that read its old value, and after all that can fail; where that
    cannot be, nothing is written over.

    Args:
        graph: a graph of native primitives with known sizes.
        target: the device.
    """
    groups = fuse(graph, target)
    home = {v: g for g in groups for n in g.nodes for v in n.outputs}
    outputs = _outputs(graph, groups, home)
    order = _Order(graph, groups, home)
    failing = [g for g in groups if any(map(may_stop, g.nodes))]
    takes_over = _overwrites(graph, home, order, failing)
    return Schedule(order.sorted(), outputs, takes_over)


def _outputs(graph: Graph, groups: Sequence[Group], home: Mapping[Value, Group]) -> dict[int, list[Value]]:
    found: dict[int, dict[Value, None]] = {g.number: {} for g in groups}
    for group in groups:
        for node in group.nodes:
            for operand in node.operands:
                base = source(operand)
                if base in home and home[base] is not group and base.type != TOKEN:
                    found[home[base].number][base] = None
    for result in graph.results:
        base = source(result)
        if base in home and base.type != TOKEN:
            found[home[base].number][base] = None
    for group in groups:
        if group.opaque:  # it computes all that it gives, wanted or not
            found[group.number].update((v, None) for v in group.nodes[0].outputs if v.type != TOKEN)
    return {number: list(values) for number, values in found.items()}


class _Order:
    """An order of groups that grows constraints."""

    def __init__(self, graph: Graph, groups: Sequence[Group], home: Mapping[Value, Group]) -> None:
        position = {node: i for i, node in enumerate(graph.nodes)}
        self.groups = list(groups)
        self.rank = {g.number: max(position[n] for n in g.nodes) for g in groups}
        self.readers: dict[Value, list[Group]] = {}
        self.after: dict[int, int] = {g.number: 0 for g in groups}  # a bit for each group that must come first
        self._preceding = 0  # a bit for each group that must come before any
        for group in groups:
            for node in group.nodes:
                for operand in node.operands:
                    base = source(operand)
                    self.readers.setdefault(base, []).append(group)
                    if base in home and home[base] is not group:
                        self._add(home[base], group)

    def _add(self, first: Group, second: Group) -> None:
        before = self.after[first.number] | 1 << first.number
        if before & ~self.after[second.number]:
            self.after[second.number] |= before
            self._preceding |= before
            bit = 1 << second.number
            if self._preceding & bit:
                for number, needs in self.after.items():
                    if needs & bit:
                        self.after[number] = needs | before

    def may_precede(self, first: Group, second: Group) -> bool:
        """Whether `first` can come before `second`."""
        return first is second or not self.after[first.number] >> second.number & 1

    def put_before(self, first: Group, second: Group) -> None:
        """Ask for an order of two groups, which is possible."""
        if first is not second:
            self._add(first, second)

    def sorted(self) -> list[Group]:
        """The groups, as the graph has them where nothing else is asked."""
        done, left, result = 0, sorted(self.groups, key=lambda g: self.rank[g.number]), []
        while left:
            following = next(g for g in left if not self.after[g.number] & ~done)
            left.remove(following)
            result.append(following)
            done |= 1 << following.number
        return result


def _overwrites(graph: Graph, home: Mapping[Value, Group], order: _Order, failing: Sequence[Group]) -> dict[int, int]:
    """The results that may be written over parameters, as (position among results, among parameters).

    The group that computes such a result reads the parameter element by element at the same place, and all other
    readers, and all that can fail, can come first.
    """
    results = [r for r in graph.results if r.type != TOKEN]
    params = [p for p in graph.params if p.type != TOKEN]
    pinned = {source(r) for r in results}  # a parameter that is a result itself keeps its memory
    position = {p: j for j, p in enumerate(params) if p not in pinned}
    times = Counter(results)
    chosen: dict[int, int] = {}
    for i, result in enumerate(results):
        group = home.get(result)
        if group is None or group.opaque or result.node is None or times[result] > 1 or group in failing:
            continue
        read = {source(v) for node in group.nodes for v in node.operands}
        for j in sorted(position[v] for v in read if v in position):
            param = params[j]
            if param.type != result.type or not _reads_in_place(group, param, result):
                continue
            before = [*order.readers[param], *failing]
            if all(order.may_precede(g, group) for g in before):
                for other in before:
                    order.put_before(other, group)
                chosen[i] = j
                del position[param]
                break
    return chosen


def _reads_in_place(group: Group, param: Value, result: Value) -> bool:
    """Whether a group reads a parameter only where it writes the result, and not as the operand of a product."""
    for node in group.nodes:
        for position, operand in enumerate(node.operands):
            if source(operand) is not param:
                continue
            if (
                node.op.kind is Kind.PRODUCT
                or needs_memory(node, position)
                or (operand is not param and not _is_alias(operand, param))
            ):
                return False
            if node in group.reads or group.axes[node.outputs[0]] != group.axes[result]:
                return False
            if group.reduced:
                return False
    return True


def _is_alias(value: Value, base: Value) -> bool:
    while value is not base:
        if value.node is None or value.node.op not in SAME:
            return False
        value = value.node.operands[0]
    return True
