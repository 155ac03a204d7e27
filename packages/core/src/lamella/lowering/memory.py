"""Where values lie while a graph is planned: memory is handed out and taken back, and copies are asked for.

A *base* is a value that lies in memory: a parameter, a constant, or what a group gives to others. Every other value is
a view of one, or lives in registers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from lamella.dtypes import DType
from lamella.ir import Node, Value
from lamella.lowering.arena import Arena
from lamella.lowering.axes import SAME, source
from lamella.lowering.groups import Group
from lamella.lowering.layout import NO_HALO, VIEWED, Halo, Layout, dense, plain
from lamella.lowering.plan import Access, Copy, Count, Fill, Step, Table, Work
from lamella.ops import prims
from lamella.ops.define.opdef import Kind
from lamella.plugins import Target


@dataclass
class Base:
    """Memory of a value between steps.

    Attributes:
        place: where.
        halo: the zeros around it; empty for none.
        amount: bytes of the arena to give back; 0 if they are not the arena's, or stay.
    """

    place: Access
    halo: Halo = NO_HALO
    amount: int = 0


class Memory:
    """Where the values of a graph, or of a region, lie.

    Args:
        table: the entries by which steps find memory.
        arena: the memory of what lives between steps.
        target: the device.

    Attributes:
        steps: what was planned so far.
        node: the node that steps are planned for.
        bases: the memory of each value that has any.
        given: memory that is meant for a value: a result's.
        halos: the zeros that are wanted around a value.
    """

    def __init__(self, table: Table, arena: Arena, target: Target) -> None:
        self.table = table
        self.arena = arena
        self.target = target
        self.steps: list[Step] = []
        self.node: Node | None = None
        self.bases: dict[Value, Base] = {}
        self.given: dict[Value, Base] = {}
        self.halos: Mapping[Value, Halo] = {}
        self._copies: dict[Value, dict[Hashable, Base]] = {}  # by what they, or what they are views of, come from

    # -- steps --

    def add(
        self, work: Work, reads: Sequence[Access], writes: Sequence[Access], scratch: Sequence[Access] = ()
    ) -> None:
        """Plan a step."""
        self.steps.append(Step(work, tuple(reads), tuple(writes), tuple(scratch), self.node))

    def copy(self, from_: Access, to: Access) -> None:
        """Elements from one place to another of the same shape."""
        self.add(Copy(), [from_], [to])

    def move(self, value: Value, to: Access, stretch: Value | None = None) -> None:
        """A value to where it is wanted, whatever it is; stretched to the shape of another."""
        like = stretch or value
        number = source(value)
        if is_scalar_constant(number):
            assert number.node is not None
            self.add(Fill(like, number.node), [], [to])
            return
        base, view = self.view(value)
        self.copy(base.place._replace(layout=view.broadcast(like.shape)), to)

    # -- memory --

    def allocate(self, layout: Layout, dtype: DType, halo: Halo = NO_HALO) -> Base:
        """Memory of the arena, until it is given back."""
        amount = layout.size * dtype.itemsize
        if any(any(pair) for pair in halo):
            # Nothing else is ever written into zeros that surround a value, so that they need not be set.
            return Base(Access(self.table.arena, self.arena.take_new(amount), layout, dtype), halo)
        return Base(Access(self.table.arena, self.arena.take(amount), layout, dtype), amount=amount)

    def give_back(self, bases: Sequence[Base]) -> None:
        """Let others have the memory of bases."""
        for base in bases:
            if base.amount:
                self.arena.give(base.place.offset, base.amount)
                base.amount = 0

    def release(self, values: Sequence[Value]) -> None:
        """Give back what values have, and what was computed from them alone."""
        for value in values:
            self.give_back(list(self._copies.pop(value, {}).values()))
            if value in self.bases:
                self.give_back([self.bases[value]])

    def release_all(self) -> None:
        """Give back everything."""
        self.give_back([*self.bases.values(), *(base for made in self._copies.values() for base in made.values())])

    def own(self, value: Value) -> Base:
        """Row-major memory for a value that a step of its own computes."""
        return self.given.get(value) or self.allocate(plain(value.shape), value.dtype)

    def own_plain(self, value: Value) -> Base:
        """Row-major memory for a value that a step of its own computes: a result's if that is row-major."""
        given = self.given.get(value)
        if given is not None and given.place.layout.is_plain:
            return given
        return self.allocate(plain(value.shape), value.dtype)

    def base_for(self, value: Value, group: Group, order: Sequence[int]) -> Base:
        """Memory for an output: a result's, or of the arena with its axes in the order of the loops."""
        if value in self.given:
            return self.given[value]
        axes = group.axes[value]
        rank = {axis: i for i, axis in enumerate(order)}
        by_loop = sorted(range(len(axes)), key=lambda i: -1 if (a := axes[i]) is None else rank[a])
        halo = self.halos.get(value, NO_HALO)
        return self.allocate(dense(value.shape, by_loop, halo or None), value.dtype, halo)

    def settle(self, bases: Mapping[Value, Base]) -> None:
        """Note where values lie that were computed; a result that lies elsewhere is copied to its place."""
        self.bases.update(bases)
        for value, base in bases.items():
            given = self.given.get(value)
            if given is not None and base is not given:
                self.copy(base.place, given.place)

    # -- views --

    def view(self, value: Value) -> tuple[Base, Layout]:
        """The memory of a value that is a view of a base; copied in order first where no layout describes it."""
        node = value.node
        if value not in self.bases and is_given(value):
            assert node is not None, "a parameter without memory"
            if node.op is prims.iota:
                self.bases[value] = made = self.allocate(plain(value.shape), value.dtype)
                self.add(Count(value), [], [made.place])
            else:
                self.bases[value] = made = self.allocate(plain(()), value.dtype)
                self.add(Fill(value, node), [], [made.place])
        if value in self.bases:
            return self.bases[value], self.bases[value].place.layout
        assert node is not None, "a value that was not computed"
        below, layout = self.view(node.operands[0])
        viewed = VIEWED[node.op](layout, node.attrs)
        if viewed is None:
            below = self.copied(node.operands[0], plain(node.operands[0].shape))
            viewed = VIEWED[node.op](below.place.layout, node.attrs)
            assert viewed is not None
        return below, viewed

    def access(self, value: Value) -> Access:
        """Where the elements of a value lie."""
        base, layout = self.view(value)
        return base.place._replace(layout=layout)

    def in_order(self, value: Value) -> Access:
        """Where the elements of a value lie row-major; copied where they do not."""
        found = self.access(value)
        if found.layout.strides == plain(value.shape).strides:
            return found
        return self.copied(value, plain(value.shape)).place

    def copied(self, value: Value, layout: Layout, halo: Halo = NO_HALO) -> Base:
        """A copy of a value with a layout; made once."""

        def make() -> Base:
            from_ = self.access(value)
            made = self.allocate(layout, value.dtype, halo)
            self.copy(from_, made.place)
            return made

        return self.derived(value, layout, make)

    def derived(self, value: Value, how: Hashable, make: Callable[[], Base]) -> Base:
        """What is computed from a value alone; made once, and kept as long as the value."""
        key, copies = (value, how), self._copies.setdefault(source(value), {})
        if key not in copies:
            copies[key] = make()
        return copies[key]


def is_scalar_constant(value: Value) -> bool:
    """Whether a value is one known number, which code holds in itself."""
    return value.node is not None and value.node.op is prims.constant and not value.shape


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
