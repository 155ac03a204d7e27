"""Which nodes of a graph run in one loop: fusion groups.

Nodes that only look at memory in another way (transposes, broadcasts, …) are *views* and cost nothing. Every other
node belongs to a group. The nodes of a group are computed together, for each point of the group's iteration space, so
that what they hand to each other stays in registers. There are three kinds of group:

- elementwise nodes and reductions over one common set of axes. A value that lacks the reduced axes is computed once
  for each point of the others. `softmax` is one group: the reductions are passes over the reduced axes.
- a product (a contraction or convolution) with elementwise nodes on its result.
- one node of any other kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lamella.ir import Graph, Node, Value
from lamella.lowering.axes import Axes, forward, needs_memory, operand_axes, own_axes, source, sources
from lamella.ops import prims
from lamella.ops.define.opdef import Kind
from lamella.plugins import Target
from lamella.types import TOKEN


class Group:
    """Nodes that are computed together.

    Attributes:
        number: in order of creation.
        extents: size of each axis of the iteration space.
        reduced: the axes that its reductions sum (…) over.
        nodes: its nodes, in an order in which they can run.
        axes: for each value that is computed in it, the axes that index it.
        reads: for each reduction, the axes that index its operand.
        product: the product at its head, if it has one.
        opaque: whether it is one node that does all by itself.
    """

    def __init__(self, number: int, shape: Sequence[int]) -> None:
        self.number = number
        self.extents = [n for n in shape if n != 1]
        self.reduced: frozenset[int] = frozenset()
        self.nodes: list[Node] = []
        self.axes: dict[Value, Axes] = {}
        self.reads: dict[Node, Axes] = {}
        self.product: Node | None = None
        self.opaque = False
        #: An axis that is cut: (the axis inside a part, the axis that counts the parts).
        self.cut: tuple[int, int] | None = None

    @property
    def outer(self) -> list[int]:
        """The axes that are not reduced."""
        return [a for a in range(len(self.extents)) if a not in self.reduced]

    def is_inner(self, value: Value) -> bool:
        """Whether a value of the group has the reduced axes."""
        return not self.reduced.isdisjoint(a for a in self.axes[value] if a is not None)

    def phases(self) -> dict[Value, int]:
        """The walk over the reduced axes in which each value is computed: one later than reductions that it needs."""
        phase: dict[Value, int] = {}
        later: dict[Value, int] = {}  # from where on it is there
        for node in self.nodes:
            first = max([later[base] for v in node.operands if (base := source(v)) in later], default=0)
            phase.update(dict.fromkeys(node.outputs, first))
            later.update(dict.fromkeys(node.outputs, first + (node in self.reads)))
        return phase

    def passes(self) -> int:
        """How many times the reduced axes are walked: a reduction may need the result of another."""
        reductions = {v for n in self.reads for v in n.outputs}
        return 1 + max([n for v, n in self.phases().items() if v in reductions or self.is_inner(v)], default=0)

    def in_parts(self, axis: int, count: int) -> tuple[Group, Group, list[Value]]:
        """This group of one pass as two: one that reduces parts of an axis, and one that brings the parts together.

        Args:
            axis: a reduced axis.
            count: how many parts it is cut into; divides its size.

        Returns:
            The first group, whose last axis counts the parts; the second group; the partial results.
        """
        parts, final = Group(self.number, ()), Group(self.number, ())
        new = len(self.extents)
        parts.extents = [n // count if a == axis else n for a, n in enumerate(self.extents)] + [count]
        parts.cut = (axis, new)
        parts.reduced = self.reduced
        left = self.outer
        renamed = {a: i for i, a in enumerate(left)}
        final.extents = [*(self.extents[a] for a in left), count]
        final.reduced = frozenset([len(left)])
        pairs: list[Value] = []
        for node in self.nodes:
            (value,) = node.outputs
            own = self.axes[value]
            if node in self.reads:
                shape = tuple(1 if a is None else self.extents[a] for a in own)
                partial = Value(value.type.with_shape((*shape, count)), value.graph, None)
                partial.node = Node(node.op, node.operands, node.attrs, (partial,), node.location)
                parts.nodes.append(partial.node)
                parts.axes[partial] = (*own, new)
                parts.reads[partial.node] = self.reads[node]
                pairs.append(partial)
                total = Node(node.op, (partial,), {"axes": (len(shape),)}, (value,), node.location)
                kept = tuple(None if a is None else renamed[a] for a in own)
                final.nodes.append(total)
                final.axes[value] = kept
                final.reads[total] = (*kept, len(left))
            elif self.is_inner(value):
                parts.nodes.append(node)
                parts.axes[value] = own
            else:
                final.nodes.append(node)
                final.axes[value] = tuple(None if a is None else renamed[a] for a in own)
        return parts, final, pairs

    def __repr__(self) -> str:
        return f"<group {self.number} over {self.extents}: {' '.join(n.op.name for n in self.nodes)}>"


def fuse(graph: Graph, target: Target) -> list[Group]:
    """The groups of a graph of native primitives with known sizes, in an order in which they can run.

    Args:
        graph: the graph.
        target: the device, which says how far groups may grow.
    """
    return _Fusion(target.group_nodes).run(graph)


class _Fusion:
    def __init__(self, most_nodes: int) -> None:
        self._most_nodes = most_nodes
        self._groups: dict[int, Group] = {}
        self._home: dict[Value, Group] = {}
        self._needs: dict[int, int] = {}  # for each group, a bit for each that must run before it
        self._needed = 0  # a bit for each group that must run before any
        self._created = 0

    def run(self, graph: Graph) -> list[Group]:
        """The groups, in order."""
        self._position = {node: i for i, node in enumerate(graph.nodes)}
        for node in graph.nodes:
            kind = node.op.kind
            if kind is Kind.VIEW or kind is Kind.GIVEN:
                continue
            if kind is Kind.ELEMENTWISE or node.op is prims.gather:
                self._place(node, node.outputs[0].shape)
            elif kind is Kind.REDUCTION:
                self._place_reduction(node)
            else:
                self._alone(node)
        return self._ordered()

    # -- placing nodes --

    def _new(self, shape: Sequence[int]) -> Group:
        group = Group(self._created, shape)
        self._created += 1
        self._groups[group.number] = group
        self._needs[group.number] = 0
        return group

    def _alone(self, node: Node) -> None:
        is_product = node.op.kind is Kind.PRODUCT
        shape = node.outputs[0].shape if is_product else ()
        group = self._new(shape)
        if is_product:
            group.product = node
        else:
            group.opaque = True
        self._add(node, group, {v: own_axes(v.shape) if is_product else () for v in node.outputs if v.type != TOKEN})

    def _place(self, node: Node, shape: Sequence[int]) -> None:
        """An elementwise node: into the groups of its operands as far as they fit together."""
        result = node.outputs[0]
        joined: Group | None = None
        for group in self._candidates(node):
            if joined is None:
                axes = self._fit(node, group)
                if axes is not None and self._may_join(node, group):
                    self._add(node, group, {result: axes})
                    joined = group
            elif group.number in self._groups and group is not joined:
                self._try_merge(node, group, joined)
        if joined is None:
            group = self._new(shape)
            self._add(node, group, {result: own_axes(shape)})

    def _place_reduction(self, node: Node) -> None:
        operand, dims = node.operands[0], node.attrs["axes"]
        for group in self._candidates(node):
            if group.product is not None or group.opaque:
                continue
            known = self._axes_in(operand, group)
            if known is None or {a for a in known if a is not None} != set(range(len(group.extents))):
                continue
            if any(a is None and n != 1 for a, n in zip(known, operand.shape, strict=True)):
                continue  # stretched along an axis that the group does not have
            reduced = frozenset(a for i in dims if (a := known[i]) is not None)
            if group.reduced not in (frozenset(), reduced) or not reduced or not self._may_join(node, group):
                continue
            if not group.reduced and not self._may_reduce(group, reduced):
                continue
            group.reduced = reduced
            kept = tuple(a for i, a in enumerate(known) if i not in dims)
            group.reads[node] = known
            self._add(node, group, {node.outputs[0]: kept})
            return
        group = self._new(operand.shape)
        axes = own_axes(operand.shape)
        group.reads[node] = axes
        group.reduced = frozenset(a for i in dims if (a := axes[i]) is not None)
        self._add(node, group, {node.outputs[0]: tuple(a for i, a in enumerate(axes) if i not in dims)})

    def _may_reduce(self, group: Group, reduced: frozenset[int]) -> bool:
        """Whether a group without reductions stays valid with them: each value has all of the axes, or none."""
        for axes in group.axes.values():
            has = {a for a in axes if a is not None}
            if not (reduced <= has or reduced.isdisjoint(has)):
                return False
        return True

    def _candidates(self, node: Node) -> list[Group]:
        """The groups of the operands, the latest first."""
        found = {g.number: g for v in node.operands if (g := self._home.get(source(v))) is not None and not g.opaque}
        return [found[n] for n in sorted(found, reverse=True)]

    def _axes_in(self, operand: Value, group: Group) -> Axes | None:
        """The axes of an operand that is (a renaming view of) a value of the group."""
        base = source(operand)
        if base not in group.axes:
            return None
        return forward(operand, base, group.axes[base])

    def _fit(self, node: Node, group: Group) -> Axes | None:
        """The axes that the result of an elementwise node would have in a group."""
        result = node.outputs[0]
        shape = result.shape
        axes: list[int | None] = [None] * len(shape)
        for position, operand in enumerate(node.operands):
            base = source(operand)
            if base not in group.axes:
                continue
            known = forward(operand, base, group.axes[base])
            if known is None or needs_memory(node, position):
                return None
            lead = node.attrs["axis"] if node.op is prims.gather else len(shape) - len(known)
            for i, axis in enumerate(known):
                if axis is None:
                    continue
                if axes[lead + i] not in (None, axis):
                    return None
                axes[lead + i] = axis
        free = [a for a in range(len(group.extents)) if a not in axes]
        for i, n in enumerate(shape):
            if n != 1 and axes[i] is None:
                match = next((a for a in free if group.extents[a] == n), None)
                if match is None:
                    return None
                free.remove(match)
                axes[i] = match
        named = [a for a in axes if a is not None]
        if len(set(named)) != len(named):
            return None
        has = set(named)
        if not set(group.outer) <= has or not (group.reduced <= has or group.reduced.isdisjoint(has)):
            return None
        if group.product is not None and len(has) != len(group.extents):
            return None
        return tuple(axes)

    def _may_join(self, node: Node, group: Group) -> bool:
        """Whether there is room, and nothing that the node needs would then both precede and follow the group."""
        if len(group.nodes) >= self._most_nodes:
            return False
        bit = 1 << group.number
        for operand in node.operands:
            home = self._home.get(source(operand))
            if home is not None and home is not group and self._needs[home.number] & bit:
                return False
        return all(source(v) not in group.axes or self._axes_in(v, group) is not None for v in node.operands)

    def _add(self, node: Node, group: Group, axes: dict[Value, Axes]) -> None:
        group.nodes.append(node)
        group.axes.update(axes)
        self._home.update(dict.fromkeys(axes, group))
        self._home.update({v: group for v in node.outputs if v not in axes})
        before = 0
        for operand in node.operands:
            home = self._home.get(source(operand))
            if home is not None and home is not group:
                before |= self._needs[home.number] | 1 << home.number
        self._depend(group.number, before)

    def _depend(self, number: int, before: int) -> None:
        if before & ~self._needs[number]:
            self._needs[number] |= before
            self._needed |= before
            bit = 1 << number
            if self._needed & bit:
                for other, needs in self._needs.items():
                    if needs & bit:
                        self._needs[other] = needs | before

    def _is_between(self, first: Group, second: Group) -> bool:
        """Whether a third group must run after one and before the other."""
        bit = 1 << first.number
        for node in second.nodes:
            for operand in node.operands:
                home = self._home.get(source(operand))
                if home not in (None, first, second) and self._needs[home.number] & bit:
                    return True
        return False

    # -- merging groups --

    def _try_merge(self, node: Node, other: Group, group: Group) -> None:
        """Merge another group into the one that the node is in, if their iteration spaces are one."""
        if other.opaque or (other.product is not None and group.product is not None):
            return
        if len(other.nodes) + len(group.nodes) > self._most_nodes:
            return
        if self._is_between(other, group) or self._is_between(group, other):
            return  # it would have to run in the middle of the merged one
        mapping = self._axis_mapping(node, other, group)
        if mapping is None:
            return
        reduced = frozenset(mapping[a] for a in other.reduced)
        if reduced and group.reduced and reduced != group.reduced:
            return
        both = reduced or group.reduced
        if both and (other.product is not None or group.product is not None):
            return
        axes = {
            v: tuple(None if a is None else mapping[a] for a in known) for v, known in other.axes.items()
        } | group.axes
        for known in axes.values():
            has = {a for a in known if a is not None}
            if both and not (both <= has or both.isdisjoint(has)):
                return
            if not set(range(len(group.extents))) - both <= has:
                return
        whole = len(group.extents)
        has_product = other.product is not None or group.product is not None
        if has_product and any(sum(a is not None for a in known) != whole for known in axes.values()):
            return
        reads = {
            n: tuple(None if a is None else mapping[a] for a in known) for n, known in other.reads.items()
        } | group.reads
        nodes = sorted([*other.nodes, *group.nodes], key=self._position.__getitem__)
        if not _agree(nodes, axes, reads):
            return
        group.reduced = both
        group.product = group.product or other.product
        group.axes = axes
        group.reads = reads
        group.nodes = nodes
        self._home.update((v, group) for n in other.nodes for v in n.outputs)
        one, two = 1 << group.number, 1 << other.number
        needs = (self._needs.pop(other.number) | self._needs[group.number]) & ~(one | two)
        del self._groups[other.number]
        if self._needed & two:
            self._needed |= one
            for n in list(self._needs):
                if self._needs[n] & two:
                    self._needs[n] = self._needs[n] & ~two | one
        self._needs[group.number] = 0
        self._depend(group.number, needs)

    def _axis_mapping(self, node: Node, other: Group, group: Group) -> dict[int, int] | None:
        """The axis of `group` that each axis of `other` is, by what the node reads from it."""
        mine = group.axes[node.outputs[0]]
        mapping: dict[int, int] = {}
        for position, operand in enumerate(node.operands):
            base = source(operand)
            if base not in other.axes:
                continue
            known = forward(operand, base, other.axes[base])
            if known is None or needs_memory(node, position):
                return None
            aligned: Sequence[int | None] = mine
            if node.op is prims.gather:
                aligned = mine[node.attrs["axis"] : node.attrs["axis"] + len(known)]
            elif node.op.kind is not Kind.REDUCTION:
                aligned = mine[len(mine) - len(known) :]
            for theirs, ours in zip(known, aligned, strict=True):
                if theirs is None:
                    continue
                if ours is None or mapping.setdefault(theirs, ours) != ours:
                    return None
        left = [a for a in range(len(other.extents)) if a not in mapping]
        free = [a for a in range(len(group.extents)) if a not in mapping.values()]
        for axis in left:  # reduced axes, which the node does not see
            match = next((a for a in free if group.extents[a] == other.extents[axis]), None)
            if match is None:
                return None
            free.remove(match)
            mapping[axis] = match
        if len(mapping) != len(group.extents) or any(other.extents[a] != group.extents[b] for a, b in mapping.items()):
            return None
        return mapping

    # -- order --

    def _ordered(self) -> list[Group]:
        """The groups so that each comes after those it needs; otherwise as the graph has them."""
        return sorted(self._groups.values(), key=lambda g: (self._needs[g.number].bit_count(), g.number))


def _agree(nodes: Iterable[Node], axes: Mapping[Value, Axes], reads: Mapping[Node, Axes]) -> bool:
    """Whether all that nodes read from each other is indexed as it was computed."""
    for node in nodes:
        if node.op.kind is Kind.PRODUCT:
            if any(source(v) in axes for v in node.operands):
                return False
            continue
        for position, operand in enumerate(node.operands):
            base = source(operand)
            if base not in axes:
                continue
            if needs_memory(node, position):
                return False
            if sources(operand, operand_axes(node, position, axes, reads)) != (base, axes[base]):
                return False
    return True
