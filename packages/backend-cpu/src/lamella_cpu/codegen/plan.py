"""Decisions about a graph before any code is written: which groups, in which order, with what memory.

A *base* is a value that lies in memory: a parameter, a constant, or what a group gives to others. Every other value is
a view of one, or lives in registers. Code finds memory through a table of addresses: the parameters, the results, one
arena for everything between, and the constants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lamella.dtypes import DType
from lamella.ir import Graph, Node, Value
from lamella.ir.analysis import is_total
from lamella.lowering.layout import Layout, plain
from lamella.ops import prims
from lamella.ops.define.opdef import Kind
from lamella.types import TOKEN
from lamella_cpu.codegen.fusion import SAME, Group, fuse, needs_memory, source
from lamella_cpu.codegen.products import Halo

#: A chunk is worth handing to another thread from about this many elementary operations on.
WORTH_A_CHUNK = 16_384
#: More chunks than this bring no better balance.
MOST_CHUNKS = 64

NO_HALO: Halo = ()

_ALIGNMENT = 64


class Place(NamedTuple):
    """Where a base lies.

    Attributes:
        slot: the entry of the table that its address counts from.
        offset: how many bytes after that it begins.
        layout: where its elements lie from there.
        dtype: their type.
    """

    slot: int
    offset: int
    layout: Layout
    dtype: DType


@dataclass
class Base:
    """Memory of a value between steps.

    Attributes:
        place: where.
        halo: the zeros around it; empty for none.
        amount: bytes of the arena to give back; 0 if they are not the arena's, or stay.
    """

    place: Place
    halo: Halo = NO_HALO
    amount: int = 0


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


#: What cannot stop a run although it is not total: `lowering` has put checks in front, or makes sure that none is
#: needed; and the derivative of a window's maximum compares places, where the reference kernel would use them.
_CHECKED = frozenset([prims.gather, prims.floor_div, prims.floor_mod, prims.window_max_grad])


def schedule(graph: Graph) -> Schedule:
    """Put a graph's nodes into groups, and those into an order.

    Groups that write over a parameter come after all that read its old value, and after all that can fail; where that
    cannot be, nothing is written over.

    Args:
        graph: a graph of native primitives with known sizes.
    """
    groups = fuse(graph)
    home = {v: g for g in groups for n in g.nodes for v in n.outputs}
    outputs = _outputs(graph, groups, home)
    order = _Order(graph, groups, home)
    failing = [g for g in groups if any(map(_may_stop, g.nodes))]
    takes_over = _overwrites(graph, home, order, failing)
    return Schedule(order.sorted(), outputs, takes_over)


def _may_stop(node: Node) -> bool:
    """Whether a node, or one in its regions, may stop the run."""
    if node.op.kind is Kind.CONTROL:
        return any(map(_may_stop, (n for region in node.regions().values() for n in region.nodes)))
    return not is_total(node) and node.op not in _CHECKED


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


# -- memory between the groups --


class Arena:
    """Hands out memory for values that live from one step to another.

    Attributes:
        size: how many bytes are needed in all.
    """

    def __init__(self) -> None:
        self.size = 0
        self._free: list[tuple[int, int]] = []  # (offset, bytes), by offset

    def take_new(self, amount: int) -> int:
        """The offset of so many bytes that were never handed out before, and that are all zeros when a run begins."""
        at = self.size
        self.size += _rounded(amount)
        return at

    def take(self, amount: int) -> int:
        """The offset of so many bytes, at the smallest gap that has them."""
        amount = _rounded(amount)
        fitting = [(n, at) for at, n in self._free if n >= amount]
        if fitting:
            n, at = min(fitting)
            self._free.remove((at, n))
            if n > amount:
                self.give(at + amount, n - amount)
            return at
        if self._free and sum(self._free[-1]) == self.size:  # the last gap grows
            at, _ = self._free.pop()
        else:
            at = self.size
        self.size = at + amount
        return at

    def give(self, offset: int, amount: int) -> None:
        """Take memory back."""
        amount = _rounded(amount)
        self._free.append((offset, amount))
        self._free.sort()
        merged: list[tuple[int, int]] = []
        for at, n in self._free:
            if merged and sum(merged[-1]) == at:
                merged[-1] = merged[-1][0], merged[-1][1] + n
            else:
                merged.append((at, n))
        self._free = merged


def _rounded(amount: int) -> int:
    return max(amount + _ALIGNMENT - 1, _ALIGNMENT) // _ALIGNMENT * _ALIGNMENT


def is_scalar_constant(value: Value) -> bool:
    """Whether a value is one known number, which code holds in itself."""
    return value.node is not None and value.node.op is prims.literal and not value.shape


def constants(graph: Graph) -> list[Value]:
    """The constants of a graph that need memory."""
    return [n.outputs[0] for n in graph.nodes if n.op is prims.literal and n.outputs[0].shape]


def constant_array(value: Value) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
    """The elements of a constant, row-major."""
    assert value.node is not None
    return np.ascontiguousarray(value.node.attrs["value"])


def is_given(value: Value) -> bool:
    """Whether a value is there without being computed."""
    return value.node is None or value.node.op.kind is Kind.GIVEN


#: Views that say in another order, or by other axes, where all elements are.
_REARRANGING = SAME | {prims.reshape, prims.transpose}


def result_layout(result: Value) -> tuple[Value, Layout] | None:
    """The base that a result is a view of, laid out so that the result is row-major; None if no layout does that."""
    layout: Layout | None = plain(result.shape)
    value = result
    while value.node is not None and value.node.op in _REARRANGING:
        node: Node = value.node
        value = node.operands[0]
        assert layout is not None
        if node.op is prims.transpose:
            permutation = node.attrs["permutation"]
            layout = layout.transposed(sorted(range(len(permutation)), key=permutation.__getitem__))
        elif node.op is prims.reshape:
            layout = layout.reshaped(value.shape)
        if layout is None:
            return None
    assert layout is not None
    return value, layout
