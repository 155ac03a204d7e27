"""A graph as one native function: memory for its values, a step of code for each group, and the code around them.

A step is a function `void(ptr table, i64 chunk, ptr scratch)`, run by the thread pool for each of its chunks. How a
step is cut depends on shapes only, so results are the same bits for any number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from lamella.dtypes import DType
from lamella.ir import Graph, Node, Value
from lamella.types import TOKEN
from lamella_cpu import contraction, philox, products, scatter, transpose, windows
from lamella_cpu.coverage import ELEMENTWISE
from lamella_cpu.fusion import PRODUCTS, Axes, Group, needs_memory, operand_axes, own_axes, source, sources
from lamella_cpu.host import Host
from lamella_cpu.layout import Layout, dense, plain
from lamella_cpu.llvm import INDEX, NULL, Function, Int, Module, constant
from lamella_cpu.llvm import Value as Register
from lamella_cpu.loops import Access, GroupWriter, Nest, Range, access_strides
from lamella_cpu.lowering import checked_index
from lamella_cpu.plan import (
    Arena,
    Place,
    Schedule,
    constants,
    is_given,
    is_scalar_constant,
    result_layout,
    schedule,
)
from lamella_cpu.pool import SCRATCH_BYTES
from lamella_cpu.products import Choice, Halo, Term
from lamella_cpu.scalars import MEMORY

#: A chunk is worth handing to another thread from about this many elementary operations on.
_WORTH_A_CHUNK = 16_384
#: More chunks than this bring no better balance.
_MOST_CHUNKS = 64

_NO_HALO: Halo = ()

#: The words of the status: 1 for an index out of range; 1 when everything is computed; 1 from when state is written.
STATUS_WORDS = 3
_FAILED, _DONE, _WRITING = range(STATUS_WORDS)

#: Primitives that may stop a run.
MAY_FAIL = frozenset(["checked_index", "scatter", "cond", "while_loop", "scan"])


@dataclass
class Base:
    """Memory of a value between steps.

    Attributes:
        place: where.
        halo: the zeros around it; empty for none.
        amount: bytes of the arena to give back; 0 if they are not the arena's, or stay.
    """

    place: Place
    halo: Halo = _NO_HALO
    amount: int = 0


@dataclass
class Program:
    """The code of a graph.

    Attributes:
        text: LLVM IR; its function `run` takes the table.
        slots: how many entries the table has.
        arena_bytes: size of the arena; it begins as zeros, and what surrounds values stays zero.
        constants: the values whose addresses follow in the table those of the arena and of the status.
        takes_over: for a result, by position: the parameter whose memory it may have, by position.
    """

    text: str
    slots: int
    arena_bytes: int
    constants: list[Value]
    takes_over: dict[int, int] = field(default_factory=dict)


def compile_graph(graph: Graph, host: Host) -> Program:
    """Write the code of a graph.

    Args:
        graph: a graph of native primitives with known sizes.
        host: the processor.
    """
    writer = _Writer(graph, host)
    return writer.program(schedule(graph, ELEMENTWISE, MAY_FAIL))


class _Writer:
    def __init__(self, graph: Graph, host: Host) -> None:
        self.graph = graph
        self.host = host
        self.module = Module(graph.name)
        self.arena = Arena()
        self.bases: dict[Value, Base] = {}
        self.copies: dict[tuple[Value, Layout], Base] = {}
        self.params = [p for p in graph.params if p.type != TOKEN]
        self.results = [r for r in graph.results if r.type != TOKEN]
        self.constants = [
            *constants(graph),
            *(v for _, n in graph.walk() for r in n.regions().values() for v in constants(r)),
        ]
        self.constants = list(dict.fromkeys(self.constants))
        self.constant_slots: dict[Value, int] = {}
        self.writers: set[Value] = set()  # what is written over parameters
        self.arena_slot = len(self.params) + len(self.results)
        self.status_slot = self.arena_slot + 1
        self.slots = [self.status_slot + 1 + len(self.constants)]
        self.steps = [0]
        self.kernels: dict[Hashable, str] = {}  # names of functions, by what they do

    def program(self, plan: Schedule) -> Program:
        """Write everything."""
        self.main = Function(self.module, "run", ["ptr"], external=True)
        self.module.declare("lamella_parallel", "void", ["ptr", "ptr", INDEX])
        for i, param in enumerate(self.params):
            self.bases[param] = Base(Place(i, 0, plain(param.shape), param.dtype))
        for i, value in enumerate(self.constants):
            self.constant_slots[value] = self.status_slot + 1 + i
        for value in constants(self.graph):
            self.bases[value] = Base(Place(self.constant_slots[value], 0, plain(value.shape), value.dtype))
        places = [
            Place(len(self.params) + i, 0, plain(result.shape), result.dtype) for i, result in enumerate(self.results)
        ]
        self.writers = {source(self.results[i]) for i in plan.takes_over}
        self.body(plan, places)
        self._note(_DONE)
        self.main.jump("stop")
        self.main.start("stop")
        self.main.ret()
        self.main.finish()
        return Program(str(self.module), self.slots[0], max(self.arena.size, 64), self.constants, plan.takes_over)

    def body(self, plan: Schedule, places: Sequence[Place]) -> None:
        """Write the steps of the graph, whose parameters have bases already; the results go to given places."""
        self.places = places
        self._results()
        self._read_last(plan)
        self.halos = _halos(self.graph)
        for number, group in enumerate(plan.groups):
            if not self.writers.isdisjoint(group.axes):
                self._note(_WRITING)
                self.writers = set()
            self._group(group, plan.outputs[group.number])
            self._release(number)
        for i in self.copied_results:
            self._move(self.results[i], self.places[i])

    def nested(self, graph: Graph, params: Sequence[tuple[Base, Layout]], places: Sequence[Place]) -> None:
        """Write the steps of a region into the code of this graph."""
        inner = _Writer(graph, self.host)
        inner.module, inner.main, inner.arena, inner.kernels = self.module, self.main, self.arena, self.kernels
        inner.slots, inner.steps = self.slots, self.steps
        inner.arena_slot, inner.status_slot = self.arena_slot, self.status_slot
        for param, (base, layout) in zip(inner.params, params, strict=True):
            inner.bases[param] = Base(base.place._replace(layout=layout), base.halo)
        for value in constants(graph):
            inner.bases[value] = Base(Place(self.constant_slots[value], 0, plain(value.shape), value.dtype))
        inner.constant_slots = self.constant_slots
        inner.body(schedule(graph, ELEMENTWISE, MAY_FAIL), places)
        for base in [*inner.bases.values(), *(base for base in inner.copies.values())]:
            if base.amount:
                self.arena.give(base.place.offset, base.amount)
                base.amount = 0

    # -- memory --

    def _results(self) -> None:
        """Results that a group can write itself, and those that have to be copied at the end."""
        self.given: dict[Value, Base] = {}
        self.copied_results: list[int] = []
        for i, result in enumerate(self.results):
            found = result_layout(result)
            if found is None or found[0] in self.given or source(result) is not found[0] or is_given(found[0]):
                self.copied_results.append(i)
            else:
                place = self.places[i]
                if found[0] is result:
                    self.given[result] = Base(place)
                elif place.layout.is_plain:
                    self.given[found[0]] = Base(place._replace(layout=found[1]))
                else:
                    self.copied_results.append(i)

    def _read_last(self, plan: Schedule) -> None:
        """For each base, the last group that reads it."""
        self.last: dict[Value, int] = {}
        for number, group in enumerate(plan.groups):
            for node in group.nodes:
                for value in (*node.operands, *node.outputs):
                    self.last[source(value)] = number
        for result in self.results:
            self.last[source(result)] = len(plan.groups)

    def _release(self, number: int) -> None:
        for value in [v for v, last in self.last.items() if last == number]:
            del self.last[value]
            held = [self.bases.get(value), *(base for (v, _), base in self.copies.items() if source(v) is value)]
            self.copies = {key: base for key, base in self.copies.items() if source(key[0]) is not value}
            for base in held:
                if base is not None and base.amount:
                    self.arena.give(base.place.offset, base.amount)
                    base.amount = 0

    def _allocate(self, layout: Layout, dtype: DType, halo: Halo = _NO_HALO) -> Base:
        amount = layout.size * dtype.itemsize
        place = Place(self.arena_slot, self.arena.take(amount), layout, dtype)
        # Nobody else may write into zeros that surround a value, so that they need to be set only once.
        stays = any(any(pair) for pair in halo)
        return Base(place, halo, 0 if stays else amount)

    def _view(self, value: Value) -> tuple[Base, Layout]:
        """The memory of a value that is a view of a base; copied in order first where no layout describes it."""
        if value in self.bases:
            return self.bases[value], self.bases[value].place.layout
        node = value.node
        assert node is not None, "a value that nobody has computed"
        below, layout = self._view(node.operands[0])
        attrs = node.attrs
        name = node.op.name
        viewed: Layout | None = layout
        if name == "transpose":
            viewed = layout.transposed(attrs["permutation"])
        elif name == "broadcast_to":
            viewed = layout.broadcast(attrs["shape"])
        elif name == "slice":
            viewed = layout.sliced(attrs["starts"], attrs["stops"], attrs["strides"])
        elif name == "flip":
            viewed = layout.flipped(attrs["axes"])
        elif name == "reshape":
            viewed = layout.reshaped(attrs["shape"])
        if viewed is None:
            ordered = self._copied(node.operands[0], plain(node.operands[0].shape))
            below, viewed = ordered, ordered.place.layout.reshaped(attrs["shape"])
            assert viewed is not None
        return below, viewed

    def _copied(self, value: Value, layout: Layout, halo: Halo = _NO_HALO) -> Base:
        """A copy of a value with a layout; made once for all who ask."""
        key = value, layout
        if key not in self.copies:
            base, view = self._view(value)
            copy = self._allocate(layout, value.dtype, halo)
            self._copy_layout(value.dtype, base.place._replace(layout=view), copy.place)
            self.copies[key] = copy
        return self.copies[key]

    # -- steps --

    def _step(self, name: str) -> Function:
        self.steps[0] += 1
        return Function(self.module, f"s{self.steps[0]}_{name}", ["ptr noalias", INDEX, "ptr noalias"])

    def _run(self, f: Function, chunks: int) -> None:
        """End a step's function and call it."""
        f.ret()
        address = f.finish()
        self.main.call("void", "lamella_parallel", address, self.main.parameters[0], constant(INDEX, chunks))

    def _note(self, word: int) -> None:
        """Set a word of the status."""
        f = self.main
        status = f.load("ptr", f.at(f.parameters[0], "ptr", self.status_slot))
        f.write(f"store atomic i64 1, {f.at(status, INDEX, word)} release, align 8")

    def _stop_if_aborted(self) -> None:
        """Leave a loop that would not end by itself when the pool runs no more chunks."""
        f = self.main
        self.module.declare("lamella_pool_aborted", "ptr", [])
        word = f.load(INDEX, f.call("ptr", "lamella_pool_aborted"))
        with f.when(f.compare("ne", word, constant(INDEX, 0))):
            f.jump("stop")
            f.start(f.label())  # nothing gets here

    def _stop_if_failed(self) -> None:
        f = self.main
        status = f.load(INDEX, f.load("ptr", f.at(f.parameters[0], "ptr", self.status_slot)))
        with f.when(f.compare("ne", status, constant(INDEX, 0))):
            f.jump("stop")
            f.start(f.label())  # nothing gets here

    def _address(self, f: Function, place: Place) -> Register:
        """The address of the element of a place whose indices are all 0."""
        entry = f.load("ptr", f.at(f.parameters[0], "ptr", place.slot))
        start = f.at(entry, "i8", place.offset)
        return f.at(start, MEMORY[place.dtype.name], place.layout.offset)

    def _pseudo(self, value: Value) -> Group:
        """A group that only moves a value."""
        group = Group(-1, value.shape)
        group.axes[value] = own_axes(value.shape)
        return group

    def _copy_layout(self, dtype: DType, from_: Place, to: Place) -> None:
        """Elements from one place to another of the same shape, in chunks along the axis that is outermost there."""
        f = self._step("copy")
        kind = MEMORY[dtype.name]
        axes = sorted(
            (
                (n, source_stride, target_stride)
                for n, source_stride, target_stride in zip(
                    to.layout.shape, from_.layout.strides, to.layout.strides, strict=True
                )
                if n != 1
            ),
            key=lambda axis: -axis[2],
        ) or [(1, 0, 0)]  # fmt: skip
        (extent, source_stride, target_stride), *inner = axes
        total = math.prod(n for n, _, _ in axes)
        wanted = max(1, min(_MOST_CHUNKS, total // _WORTH_A_CHUNK))
        grain = self.host.lanes(kind) if source_stride == 1 else 1  # of what is transposed, whole squares
        block = min(extent, max(1, -(-extent // wanted // grain) * grain))
        chunks = -(-extent // block) if extent else 1
        first = f.mul(f.parameters[1], block)
        read = f.at(self._address(f, from_), kind, f.mul(first, source_stride))
        write = f.at(self._address(f, to), kind, f.mul(first, target_stride))

        def part(size: int) -> None:
            f.call("void", self._copier(kind, ((size, source_stride, target_stride), *inner)), read, write)

        rest = extent - (chunks - 1) * block
        if rest == block or chunks == 1:
            part(rest)
        else:
            is_last = f.compare("eq", f.parameters[1], constant(INDEX, chunks - 1))
            f.either(is_last, lambda: part(rest), lambda: part(block))
        self._run(f, chunks)

    def _copier(self, kind: str, axes: tuple[tuple[int, int, int], ...]) -> str:
        """The function of a copy; one for all places that need the same."""
        key = kind, axes
        if key not in self.kernels:
            name = f"copy{len(self.kernels)}"
            transpose.emit_copy(self.module, name, kind, axes, self.host)
            self.kernels[key] = name
        return self.kernels[key]

    def _iota(self, value: Value, base: Base) -> None:
        f = self._step("iota")
        group = self._pseudo(value)
        axes = group.axes[value]
        read = Access(value.dtype, constant(INDEX, 0), access_strides(plain(value.shape), axes), is_number=True)
        write = Access(value.dtype, self._address(f, base.place), access_strides(base.place.layout, axes))
        self._loops(f, group, {(value, axes): read}, {value: write})

    def _fill(self, value: Value, to: Place, number: Value | None = None) -> None:
        """One known number everywhere."""
        node = source(number or value).node
        assert node is not None
        f = self._step("fill")
        group = self._pseudo(value)
        write = Access(value.dtype, self._address(f, to), access_strides(to.layout, group.axes[value]))
        self._loops(f, group, {}, {value: write}, known={value: node})

    def _group(self, group: Group, outputs: Sequence[Value]) -> None:
        if group.product is not None:
            self._product(group, outputs)
        elif group.opaque:
            node = group.nodes[0]
            writers = {
                "pad": self._pad,
                "concat": self._concat,
                "scatter": self._scatter,
                "random_bits": self._random_bits,
                "cond": self._cond,
                "while_loop": self._while,
                "scan": self._scan,
            }
            writers.get(node.op.name, self._window)(node)
        else:
            self._elementwise(group, outputs)

    # -- windows --

    def _window(self, node: Node) -> None:
        """Sums and maxima of windows: channels side by side, a chunk for each line of places."""
        order = windows.channels_last(node)
        places: list[Place] = []
        for operand in node.operands:
            base, layout = self._view(operand)
            if layout.strides[order[-1]] not in (0, 1):
                base = self._copied(operand, dense(operand.shape, order))
                layout = base.place.layout
            places.append(base.place._replace(layout=layout))
        bases: dict[Value, Base] = {}
        for value in node.outputs:
            halo = self.halos.get(value, _NO_HALO)
            given = self.given.get(value)
            fits = given is not None and given.place.layout.strides[order[-1]] in (0, 1)
            bases[value] = (
                given
                if given is not None and fits
                else self._allocate(dense(value.shape, order, halo or None), value.dtype, halo)
            )
        f = self._step(node.op.name)
        memories = [
            windows.Memory(self._address(f, place), place.layout, MEMORY[place.dtype.name])
            for place in (*places, *(base.place for base in bases.values()))
        ]
        writer = windows.WindowWriter(f, node, memories[: len(places)], memories[len(places) :], self.host.vector_bits)
        writer.write(f.parameters[1])
        self._run(f, writer.chunks)
        self.bases.update(bases)
        for value, base in bases.items():
            if value in self.given and base is not self.given[value]:
                self._copy_layout(value.dtype, base.place, self.given[value].place)

    # -- control flow --

    def _cond(self, node: Node) -> None:
        """One of two regions, as a bool in memory says."""
        condition, *operands = node.operands
        views = [self._readable(v) for v in operands]
        base, layout = self._readable(condition)
        bases = [self._own(v) for v in node.outputs]
        places = [b.place for b in bases]
        chosen = self._flag(base.place._replace(layout=layout))
        self.main.either(
            chosen,
            lambda: self.nested(node.attrs["then"], views, places),
            lambda: self.nested(node.attrs["orelse"], views, places),
        )
        self.bases.update(zip(node.outputs, bases, strict=True))

    def _flag(self, place: Place) -> Register:
        f = self.main
        byte = f.load("i8", self._address(f, place))
        return f.compare("ne", byte, constant("i8", 0))

    def _while(self, node: Node) -> None:
        """The body for as long as the test holds, on memory that is the carry's."""
        f, consts = self.main, node.attrs["consts"]
        views = [self._readable(v) for v in node.operands]
        carry = self._carry(node.operands[consts:], node.outputs)
        following = [self._allocate(plain(v.shape), v.dtype) for v in node.outputs]
        test = self._allocate(plain(()), node.attrs["test"].results[0].dtype)
        params = [*views[:consts], *((b, b.place.layout) for b in carry)]
        head, then, done = f.label(), f.label(), f.label()
        f.jump(head)
        f.start(head)
        self.nested(node.attrs["test"], params, [test.place])
        f.branch(self._flag(test.place), then, done)
        f.start(then)
        self._stop_if_aborted()
        self.nested(node.attrs["body"], params, [b.place for b in following])
        for value, old, new in zip(node.outputs, carry, following, strict=True):
            self._copy_layout(value.dtype, new.place, old.place)
        f.jump(head)
        f.start(done)
        self._give_back([*following, test])
        self.bases.update(zip(node.outputs, carry, strict=True))

    def _carry(self, first: Sequence[Value], results: Sequence[Value]) -> list[Base]:
        """Memory of what is handed from iteration to iteration, with its first values."""
        carry = [self._own(v) for v in results]
        for value, base in zip(first, carry, strict=True):
            self._move(value, base.place)
        return carry

    def _give_back(self, bases: Sequence[Base]) -> None:
        for base in bases:
            if base.amount:
                self.arena.give(base.place.offset, base.amount)
                base.amount = 0

    def _scan(self, node: Node) -> None:
        """The body for each element of the streams; entries of the table follow the elements."""
        f, attrs = self.main, node.attrs
        consts, n, length = attrs["consts"], attrs["carry"], attrs["length"]
        views = [self._readable(v) for v in node.operands]
        outputs = list(node.outputs)
        streams = views[consts + n :]
        carry = self._carry(node.operands[consts : consts + n], outputs[:n])
        stacks = [self._own(v) for v in outputs[n:]]
        following = [self._allocate(plain(v.shape), v.dtype) for v in outputs[:n]]
        moving = [base.place._replace(layout=layout) for base, layout in streams] + [b.place for b in stacks]
        with f.loop(0, length) as loop:
            self._stop_if_aborted()
            index = f.sub(length - 1, loop.index) if attrs["reverse"] else loop.index
            elements = [self._element(place, index) for place in moving]
            items, results = elements[: len(streams)], elements[len(streams) :]
            ys, saved = results[: len(attrs["body"].results) - n], results[len(attrs["body"].results) - n :]
            for value, base, place in zip(outputs, carry, saved, strict=False):
                self._copy_layout(value.dtype, base.place, place)
            params = [*views[:consts], *((b, b.place.layout) for b in carry), *((Base(p), p.layout) for p in items)]
            self.nested(attrs["body"], params, [*(b.place for b in following), *ys])
            for value, old, new in zip(outputs, carry, following, strict=False):
                self._copy_layout(value.dtype, new.place, old.place)
        self._give_back(following)
        self.bases.update(zip(outputs, [*carry, *stacks], strict=True))

    def _element(self, place: Place, index: Register) -> Place:
        """One element along the first axis of a place, by an entry of the table that is written here."""
        f, layout = self.main, place.layout
        table = f.parameters[0]
        entry = f.load("ptr", f.at(table, "ptr", place.slot))
        moved = f.at(entry, MEMORY[place.dtype.name], f.mul(index, layout.strides[0]))
        slot = self.slots[0]
        self.slots[0] += 1
        f.store(moved, f.at(table, "ptr", slot))
        inner = layout._replace(shape=layout.shape[1:], strides=layout.strides[1:])
        return place._replace(slot=slot, layout=inner)

    # -- moving elements --

    def _own(self, value: Value) -> Base:
        """Row-major memory for a value that a step of its own computes."""
        return self.given.get(value) or self._allocate(plain(value.shape), value.dtype)

    def _concat(self, node: Node) -> None:
        """Each operand to its place in the result."""
        result = node.outputs[0]
        base = self._own(result)
        at, axis = 0, node.attrs["axis"]
        layout = base.place.layout
        for operand in node.operands:
            size = operand.shape[axis]
            part = layout._replace(shape=operand.shape, offset=layout.offset + at * layout.strides[axis])
            self._move(operand, base.place._replace(layout=part))
            at += size
        self.bases[result] = base

    def _pad(self, node: Node) -> None:
        """The padding everywhere, then the operand over it."""
        result = node.outputs[0]
        base = self._own(result)
        x, padding = node.operands
        layout = base.place.layout
        self._move(padding, base.place, stretch=result)
        starts: list[int] = []
        stops: list[int] = []
        strides: list[int] = []
        offset = layout.offset
        for axis, (n, size) in enumerate(zip(x.shape, result.shape, strict=True)):
            low, step = node.attrs["low"][axis], node.attrs["interior"][axis] + 1
            first = max(0, -(low // step))  # what lies before it, and after `last`, is cropped away
            last = max(first, min(n, (size - low + step - 1) // step))
            starts.append(first)
            stops.append(last)
            strides.append(layout.strides[axis] * step)
            offset += (low + first * step) * layout.strides[axis]
        shape = tuple(b - a for a, b in zip(starts, stops, strict=True))
        if all(shape):
            source_base, view = self._view(x)
            cropped = view.sliced(starts, stops, (1,) * len(shape))
            target = layout._replace(shape=shape, strides=tuple(strides), offset=offset)
            self._copy_layout(x.dtype, source_base.place._replace(layout=cropped), base.place._replace(layout=target))
        self.bases[result] = base

    def _move(self, value: Value, to: Place, stretch: Value | None = None) -> None:
        """A value to where it is wanted, whatever it is; stretched to the shape of another."""
        like = stretch or value
        if is_scalar_constant(source(value)):
            self._fill(like, to, source(value))
            return
        if source(value).node is not None and source(value).node.op.name == "iota":  # type: ignore[union-attr]
            self._write_iota(source(value))
        base, view = self._view(value)
        self._copy_layout(value.dtype, base.place._replace(layout=view.broadcast(like.shape)), to)

    def _scatter(self, node: Node) -> None:
        """The operand, then the updates in their order; each chunk takes those that fall into its part of the axis."""
        x, indices, updates = node.operands
        result, axis, mode = node.outputs[0], node.attrs["axis"], node.attrs["mode"]
        base = self._own(result)
        self._move(x, base.place)
        sources_: list[Place] = []
        for operand in (indices, updates):
            held, view = self._readable(operand)
            sources_.append(held.place._replace(layout=view))
        f = self._step("scatter")
        writer = scatter.ScatterWriter(f, node, [self._address(f, p) for p in (*sources_, base.place)],
                                       [p.layout for p in (*sources_, base.place)], self.host)  # fmt: skip
        failed = f.load("ptr", f.at(f.parameters[0], "ptr", self.status_slot))
        writer.write(f.parameters[1], failed)
        self._run(f, writer.chunks)
        self._stop_if_failed()
        self.bases[result] = base

    def _random_bits(self, node: Node) -> None:
        """Each chunk its part of the stream, and the counter moved on."""
        (bits, advanced), shape = node.outputs, node.attrs["shape"]
        count = math.prod(shape)
        streams = math.prod(node.operands[0].shape)
        sources = [base.place._replace(layout=view) for base, view in map(self._in_order, node.operands)]
        base, moved = self._own_plain(bits), self._own_plain(advanced)
        if "random" not in self.kernels:
            philox.emit_random_bits(self.module, "random", self.host)
            self.kernels["random"] = "random"
        chunks = max(1, min(_MOST_CHUNKS, count * 4 // _WORTH_A_CHUNK))
        block = -(-count // chunks // 64) * 64
        chunks = max(1, -(-count // max(block, 1)))
        f = self._step("random_bits")
        stream, part = f.udiv(f.parameters[1], chunks), f.urem(f.parameters[1], chunks)
        key, counter = (f.at(self._address(f, place), INDEX, stream) for place in sources)
        first = f.mul(part, block)
        size = f.smin(f.sub(count, first), block)
        out = f.at(self._address(f, base.place), "i32", f.add(f.mul(stream, count), first))
        f.call("void", "random", key, counter, f.udiv(first, 4), size, out)
        with f.when(f.compare("eq", part, constant(INDEX, 0))):
            following = f.add(f.load(INDEX, counter), -(-count // 4))
            f.store(following, f.at(self._address(f, moved.place), INDEX, stream))
        self._run(f, chunks * streams)
        for value, own in ((bits, base), (advanced, moved)):
            self.bases[value] = own
            if value in self.given and own is not self.given[value]:
                self._copy_layout(value.dtype, own.place, self.given[value].place)

    def _own_plain(self, value: Value) -> Base:
        """Row-major memory for a value that a step of its own computes: a result's if that is row-major."""
        given = self.given.get(value)
        if given is not None and given.place.layout.is_plain:
            return given
        return self._allocate(plain(value.shape), value.dtype)

    def _in_order(self, value: Value) -> tuple[Base, Layout]:
        """The memory of a value, row-major; copied where it is not."""
        base, view = self._readable(value)
        if view.strides == plain(value.shape).strides:
            return base, view
        copy = self._copied(value, plain(value.shape))
        return copy, copy.place.layout

    def _readable(self, value: Value) -> tuple[Base, Layout]:
        """The memory of any value, written first if it is only known so far."""
        base = source(value)
        if is_scalar_constant(base) and base not in self.bases:
            made = self._allocate(plain(()), base.dtype)
            self._fill(base, made.place)
            self.bases[base] = made
        elif base.node is not None and base.node.op.name == "iota":
            self._write_iota(base)
        return self._view(value)

    def _write_iota(self, value: Value) -> None:
        if value not in self.bases:
            base = self._allocate(plain(value.shape), value.dtype)
            self._iota(value, base)
            self.bases[value] = base

    # -- elementwise groups and reductions --

    def _needed(self, group: Group) -> dict[tuple[Value, Axes], None]:
        """What a group reads from memory, by value and the axes that index it."""
        found: dict[tuple[Value, Axes], None] = {}
        for node in group.nodes:
            if node.op.name in PRODUCTS:
                continue
            for position, operand in enumerate(node.operands):
                axes = operand_axes(node, position, group.axes, group.reads)
                if needs_memory(node, position):
                    found[operand, axes] = None
                    continue
                target = sources(operand, axes)
                if target is not None:
                    if is_scalar_constant(target[0]):
                        continue
                    if group.axes.get(target[0]) == target[1]:
                        continue
                    found[target] = None
                else:
                    found[operand, axes] = None
        return found

    def _accesses(
        self, f: Function, group: Group, outputs: Sequence[Value], layouts: Mapping[Value, Base]
    ) -> tuple[dict[tuple[Value, Axes], Access], dict[Value, Access]]:
        reads: dict[tuple[Value, Axes], Access] = {}
        for value, axes in self._needed(group):
            if value.node is not None and value.node.op.name == "iota":
                strides = access_strides(plain(value.shape), axes, group)
                reads[value, axes] = Access(value.dtype, constant(INDEX, 0), strides, is_number=True)
                continue
            base, view = self.views[value]
            place = base.place._replace(layout=view)
            reads[value, axes] = Access(value.dtype, self._address(f, place), access_strides(view, axes, group))
        writes = {
            v: Access(
                v.dtype,
                self._address(f, layouts[v].place),
                access_strides(layouts[v].place.layout, group.axes[v], group),
            )
            for v in outputs
        }
        return reads, writes

    def _jumps(self, group: Group) -> dict[tuple[Value, Axes], int]:
        """For what `gather` reads: the stride of the axis that numbers index."""
        return {
            (node.operands[0], operand_axes(node, 0, group.axes, group.reads)): self.views[node.operands[0]][1].strides[
                node.attrs["axis"]
            ]
            for node in group.nodes
            if node.op.name == "gather"
        }

    def _elementwise(self, group: Group, outputs: Sequence[Value]) -> None:
        self._prepare_views(group)
        memory, along = self._memory_order(group, outputs)
        bases = {v: self._base_for(v, group, memory) for v in outputs}
        cut = self._reduction_cut(group, memory)
        if cut is None:
            self._write_group(group, outputs, bases, memory, along)
        else:
            self._in_parts(group, outputs, bases, memory, along, *cut)
        self.bases.update(bases)

    def _write_group(
        self,
        group: Group,
        outputs: Sequence[Value],
        bases: Mapping[Value, Base],
        memory: Sequence[int],
        along: int | None,
    ) -> None:
        order = sorted(memory, key=lambda a: (a in group.reduced, a == along))  # stable: otherwise as memory lies
        f = self._step("_".join(n.op.name for n in group.nodes[:3]))
        reads, writes = self._accesses(f, group, outputs, bases)
        self._loops(f, group, reads, writes, order, along)

    def _reduction_cut(self, group: Group, memory: Sequence[int]) -> tuple[int, int] | None:
        """The reduced axis to cut, and into how many parts, where there is too little else to share among workers."""
        work = math.prod(group.extents) * (2 + len(group.nodes))
        if not group.reduced or work < 4 * _WORTH_A_CHUNK or group.passes() > 1:
            return None
        outer = math.prod(group.extents[a] for a in group.outer) / (self.host.lanes("float") if group.outer else 1)
        wanted = min(_MOST_CHUNKS // 2, work // (2 * _WORTH_A_CHUNK))
        if outer >= min(wanted, _MOST_CHUNKS // 4):
            return None
        axis = next(a for a in memory if a in group.reduced)
        extent = group.extents[axis]
        count = max(n for n in range(1, min(wanted, extent) + 1) if extent % n == 0)
        return (axis, count) if count > 1 else None

    def _in_parts(
        self,
        group: Group,
        outputs: Sequence[Value],
        bases: Mapping[Value, Base],
        memory: Sequence[int],
        along: int | None,
        axis: int,
        count: int,
    ) -> None:
        """A group whose reductions are done in parts: one step for the parts, one that brings them together."""
        parts, final, pairs = group.in_parts(axis, count)
        new = len(group.extents)  # the axis that counts the parts
        order = [new, *memory]
        inner = {v: bases[v] for v in outputs if v in parts.axes}
        for partial in pairs:
            inner[partial] = self._base_for(partial, parts, order)
            self.bases[partial] = inner[partial]
            self.views[partial] = (inner[partial], inner[partial].place.layout)
        self._write_group(parts, list(inner), inner, order, along)
        self._prepare_views(final)
        rest = [v for v in outputs if v not in parts.axes]
        last, across = self._memory_order(final, rest)
        self._write_group(final, rest, bases, last, across)
        self._give_back([inner[partial] for partial in pairs])

    def _prepare_views(self, group: Group) -> None:
        """Make sure that all that a group reads lies in memory as a layout can say; may write copies."""
        self.views: dict[Value, tuple[Base, Layout]] = {}
        for value, _ in self._needed(group):
            if value.node is None or value.node.op.name != "iota":
                self.views[value] = self._view(value)

    def _base_for(self, value: Value, group: Group, order: Sequence[int]) -> Base:
        """Memory for an output: a result's, or of the arena with its axes in the order of the loops."""
        if value in self.given:
            return self.given[value]
        axes = group.axes[value]
        rank = {axis: i for i, axis in enumerate(order)}
        by_loop = sorted(range(len(axes)), key=lambda i: -1 if (a := axes[i]) is None else rank[a])
        halo = self.halos.get(value, _NO_HALO)
        return self._allocate(dense(value.shape, by_loop, halo or None), value.dtype, halo)

    def _memory_order(self, group: Group, outputs: Sequence[Value]) -> tuple[list[int], int | None]:
        """The axes as most of the memory lies, outermost first, and the one to walk in vectors."""
        if not group.extents:
            return [], None
        layouts: list[tuple[int, dict[int, int]]] = []
        for value, axes in self._needed(group):
            if value in self.views:
                strides = access_strides(self.views[value][1], axes)
                covered = math.prod(group.extents[a] for a in strides)
                layouts.append((covered, strides))
        for value in outputs:
            if value in self.given:
                strides = access_strides(self.given[value].place.layout, group.axes[value])
                layouts.append((math.prod(group.extents[a] for a in strides), strides))
        score = dict.fromkeys(range(len(group.extents)), 0.0)
        for covered, strides in layouts:
            for axis, stride in strides.items():
                if abs(stride) == 1:
                    score[axis] += covered
        _, dominant = max(layouts, key=lambda item: item[0], default=(0, {}))
        far = {a: max((abs(s.get(a, 0)) for _, s in layouts), default=0) for a in score}

        def key(axis: int) -> tuple[float, int]:
            stride = abs(dominant.get(axis, 0))
            return (-(stride or far[axis] or math.inf), axis)

        best = max(score, key=lambda a: (score[a], -abs(dominant.get(a, 1 << 60)), a))
        if not score[best]:
            best = max(score, key=lambda a: (key(a)[0], a))
        return sorted(score, key=lambda a: (a == best, key(a))), best

    def _loops(
        self,
        f: Function,
        group: Group,
        reads: Mapping[tuple[Value, Axes], Access],
        writes: Mapping[Value, Access],
        order: Sequence[int] | None = None,
        along: int | None = None,
        known: Mapping[Value, Node] | None = None,
    ) -> None:
        """The loops of a group, cut into chunks."""
        if order is None:
            strides = [w.strides for w in writes.values()] + [r.strides for r in reads.values()]
            order = sorted(range(len(group.extents)), key=lambda a: -strides[0].get(a, 0))
            along = order[-1] if order else None
        nest = Nest(group, order, along, reads, writes, jumps=self._jumps(group))
        chunks = self._cut(f, nest)
        may_fail = any(n.op is checked_index for n in group.nodes)
        failed = f.load("ptr", f.at(f.parameters[0], "ptr", self.status_slot)) if may_fail else NULL
        writer = GroupWriter(f, nest, self.host.vector_bits, f.parameters[2], SCRATCH_BYTES, failed)
        if known:
            writer.known = dict(known)
        writer.write()
        self._run(f, chunks)
        if may_fail:
            self._stop_if_failed()

    def _cut(self, f: Function, nest: Nest) -> int:
        """Cut the outer loops into chunks: the ranges of the loops come to depend on the chunk."""
        outer = [loop for loop in nest.loops if not loop.reduced]
        work = math.prod(loop.range.extent for loop in nest.loops) * (2 + len(nest.group.nodes))
        wanted = min(_MOST_CHUNKS, work // _WORTH_A_CHUNK)
        if wanted < 2 or not outer:
            return 1
        chunk: Register = f.parameters[1]
        total = 1
        pieces: list[tuple[int, int]] = []  # for each outer loop that is cut: (chunks, indices of each)
        for loop in outer:
            need = -(-wanted // total)
            extent = loop.range.extent
            grain = 1 if loop is not nest.vector_loop else 4 * self.host.lanes("float")
            block = max(-(-extent // need), 1)
            block = -(-block // grain) * grain
            count = -(-extent // block)
            pieces.append((count, block))
            total *= count
            if total >= wanted or block > 1:
                break
        for loop, (count, block) in reversed(list(zip(outer, pieces, strict=False))):
            index: Int = f.urem(chunk, count) if loop is not outer[0] else chunk
            chunk = f.udiv(chunk, count)
            extent = loop.range.extent
            start = f.mul(index, block)
            stop: Int = f.add(start, block)
            if extent % block:
                stop = f.smin(stop, extent)
            loop.range = Range(start, stop, block)
        return total

    # -- products --

    def _product(self, group: Group, outputs: Sequence[Value]) -> None:
        node = group.product
        assert node is not None
        self._prepare_views(group)
        choice, a, b = self._chosen(group, outputs)
        plans = products.plan(node, choice, a.layout, b.layout)
        result = node.outputs[0]
        axes = group.axes[result]
        order = self._product_order(group, plans[0], axes)
        bases = {v: self._base_for(v, group, order) for v in outputs}
        for plan in plans:
            self._contraction(group, node, plan, a, b, outputs, bases)
        self.bases.update(bases)

    def _product_order(self, group: Group, plan: products.Plan, axes: Axes) -> list[int]:
        terms = [*plan.outer, *plan.rows, plan.columns]
        order = [a for t in terms if t.axis is not None and (a := axes[t.axis]) is not None]
        return [*(a for a in range(len(group.extents)) if a not in order), *order]

    def _chosen(self, group: Group, outputs: Sequence[Value]) -> tuple[Choice, Place, Place]:
        """The cheapest way to compute a product, with its operands laid out for it."""
        node = group.product
        assert node is not None
        operands = list(node.operands)
        views = [self._view(v) for v in operands]
        options = products.choices(node, [layout for _, layout in views])
        assert options, "a product without a free axis"
        choice = min(options, key=lambda c: self._cost(group, c, outputs))
        places: list[Place] = []
        for role, position in enumerate((choice.left, 1 - choice.left)):
            order, halo = (choice.a, choice.b)[role], choice.halos[role]
            base, layout = views[position]
            own = base.halo if operands[position] in self.bases else _NO_HALO
            if products.satisfies(layout, order, halo, own or None) and not self._aliases(layout, order, role):
                places.append(base.place._replace(layout=layout))
                continue
            assert order is not None
            copy = self._copied(operands[position], dense(layout.shape, order, halo), halo or _NO_HALO)
            places.append(copy.place)
        return choice, places[0], places[1]

    def _aliases(self, layout: Layout, order: Sequence[int] | None, role: int) -> bool:
        return False

    def _cost(self, group: Group, choice: Choice, outputs: Sequence[Value]) -> float:
        """About how many cycles a choice takes beside the multiplications that any takes."""
        node = group.product
        assert node is not None
        result = node.outputs[0]
        lanes = self.host.lanes(MEMORY[result.dtype.name])
        size = math.prod(result.shape)
        total_work = size * math.prod(node.operands[0].shape[i] for i in node.attrs.get("contract", ((),))[0])
        columns = result.shape[choice.columns]
        waste = -(-columns // lanes) * lanes / columns - 1
        cost = waste * total_work / lanes
        if choice.b is not None and choice.a is None:
            cost += 1.0 * math.prod(node.operands[1 - choice.left].shape)
        axis = group.axes[result][choice.columns]
        for value, axes in self._needed(group):
            if value in self.views:
                strides = access_strides(self.views[value][1], axes)
                if any(s == 1 and a != axis for a, s in strides.items()) and axis in strides:
                    cost += 1.5 * math.prod(group.extents[a] for a in strides)
        for value in outputs:
            if value in self.given:
                strides = access_strides(self.given[value].place.layout, group.axes[value])
                if strides.get(axis if axis is not None else -1) != 1:
                    cost += 2.0 * size
        return cost

    def _contraction(
        self,
        group: Group,
        node: Node,
        plan: products.Plan,
        a: Place,
        b: Place,
        outputs: Sequence[Value],
        bases: Mapping[Value, Base],
    ) -> None:
        """One step: blocks of rows and columns, each with what follows on its elements."""
        result = node.outputs[0]
        axes = group.axes[result]
        kind = MEMORY[result.dtype.name]
        itemsize = result.dtype.itemsize
        plan = _shared_out(plan)
        rows = plan.rows or [Term(1, 0, 0, None)]
        lead, *others = rows
        width = math.prod(t.extent for t in others)
        step = _block(plan, width, self.host, itemsize)
        row_block, column_block = step
        only = outputs == [result] and len(group.nodes) == 1
        direct = only and bases[result].place.layout.strides[plan.columns.axis or 0] in (0, 1)
        f = self._step(f"{node.op.name}_" + "_".join(n.op.name for n in group.nodes[1:3]))
        index: Register = f.parameters[1]
        row_count, column_count = -(-lead.extent // row_block), -(-plan.columns.extent // column_block)
        column = f.urem(index, column_count)
        index = f.udiv(index, column_count)
        row = f.urem(index, row_count)
        index = f.udiv(index, row_count)
        chunks = row_count * column_count
        a_at = f.at(self._address(f, a._replace(layout=a.layout._replace(offset=plan.a_offset))), kind, 0)
        b_at = self._address(f, b._replace(layout=b.layout._replace(offset=plan.b_offset)))
        origin: dict[int, Register] = {}  # of each axis of the space: the index where the block begins
        for term in reversed(plan.outer):
            at = f.urem(index, term.extent)
            index = f.udiv(index, term.extent)
            chunks *= term.extent
            a_at = f.at(a_at, kind, f.mul(at, term.a))
            b_at = f.at(b_at, kind, f.mul(at, term.b))
            self._begin(f, origin, axes, term, at)
        first_row, first_column = f.mul(row, row_block), f.mul(column, column_block)
        a_at = f.at(a_at, kind, f.mul(first_row, lead.a))
        b_at = f.at(b_at, kind, first_column)
        self._begin(f, origin, axes, lead, first_row)
        self._begin(f, origin, axes, plan.columns, first_column)
        for term in others:
            self._begin(f, origin, axes, term, constant(INDEX, 0))
        outer_depth, depth = _split_depth(plan)

        def block(row_size: int, column_size: int) -> None:
            sizes = [row_size, *(t.extent for t in others)]
            spec_rows: list[tuple[int, int, int]] = []
            if direct:
                layout = bases[result].place.layout
                spec_rows = [(n, t.a, _stride(layout, t) * t.target[1]) for n, t in zip(sizes, rows, strict=True)]
                c_at = self._address(f, bases[result].place)
                for axis, start in origin.items():
                    c_at = f.at(c_at, kind, f.mul(start, _axis_stride(layout, axes, axis)))
            else:
                stride = column_size
                for n, t in zip(reversed(sizes), reversed(rows), strict=True):
                    spec_rows.insert(0, (n, t.a, stride))
                    stride *= n
                c_at = f.parameters[2]
            spec = contraction.Contraction(
                kind,
                tuple(spec_rows),
                column_size,
                tuple((t.extent, t.a, t.b) for t in depth),
                bool(outer_depth),
            )
            name = self._kernel(spec)
            if outer_depth:
                self._clear(f, c_at, spec)
                self._over_depth(f, outer_depth, kind, a_at, b_at, lambda x, y: f.call("void", name, x, y, c_at))
            else:
                f.call("void", name, a_at, b_at, c_at)
            if not direct:
                self._epilogue(f, group, plan, rows, sizes, column_size, spec_rows, origin, outputs, bases)

        self._variants(f, row, row_count, lead.extent, row_block, column, column_count, plan.columns.extent,
                       column_block, block)  # fmt: skip
        self._run(f, chunks)
        if any(n.op is checked_index for n in group.nodes):
            self._stop_if_failed()

    def _begin(self, f: Function, origin: dict[int, Register], axes: Axes, term: Term, at: Register) -> None:
        if term.axis is not None and (axis := axes[term.axis]) is not None:
            first, step = term.target
            origin[axis] = f.add(f.mul(at, step), first)

    def _variants(
        self, f: Function, row: Register, rows: int, row_extent: int, row_block: int, column: Register, columns: int,
        column_extent: int, column_block: int, body: object,
    ) -> None:  # fmt: skip
        """The code for whole blocks, and for those at the lower and right edge."""
        assert callable(body)
        last_row, last_column = row_extent - (rows - 1) * row_block, column_extent - (columns - 1) * column_block

        def by_column(row_size: int) -> None:
            if last_column == column_block or columns == 1:
                body(row_size, last_column if columns == 1 else column_block)
                return
            is_last = f.compare("eq", column, constant(INDEX, columns - 1))
            f.either(is_last, lambda: body(row_size, last_column), lambda: body(row_size, column_block))

        if last_row == row_block or rows == 1:
            by_column(last_row if rows == 1 else row_block)
            return
        is_last = f.compare("eq", row, constant(INDEX, rows - 1))
        f.either(is_last, lambda: by_column(last_row), lambda: by_column(row_block))

    def _kernel(self, spec: contraction.Contraction) -> str:
        """The function of a contraction; one for all places that need the same."""
        if spec not in self.kernels:
            name = f"contraction{len(self.kernels)}"
            contraction.emit(self.module, name, spec, self.host)
            self.kernels[spec] = name
        return self.kernels[spec]

    def _clear(self, f: Function, c_at: Register, spec: contraction.Contraction) -> None:
        """Zeros in a block, to sum onto."""
        self.module.declare("llvm.memset.p0.i64", "void", ["ptr", "i8", INDEX, "i1"])
        lengths = spec.columns * (4 if spec.dtype == "float" else 8)

        def rows(pointer: Register, axes: Sequence[tuple[int, int, int]]) -> None:
            if not axes:
                f.call("void", "llvm.memset.p0.i64", pointer, Register("i8", "0"), constant(INDEX, lengths),
                       Register("i1", "false"))  # fmt: skip
                return
            (n, _, stride), *rest = axes
            with f.loop(0, n) as loop:
                rows(f.at(pointer, spec.dtype, f.mul(loop.index, stride)), rest)

        rows(c_at, spec.rows)

    def _over_depth(
        self, f: Function, terms: Sequence[Term], kind: str, a: Register, b: Register, body: object
    ) -> None:
        assert callable(body)
        if not terms:
            body(a, b)
            return
        first, *rest = terms
        with f.loop(0, first.extent) as loop:
            x = f.at(a, kind, f.mul(loop.index, first.a))
            y = f.at(b, kind, f.mul(loop.index, first.b))
            self._over_depth(f, rest, kind, x, y, body)

    def _epilogue(
        self,
        f: Function,
        group: Group,
        plan: products.Plan,
        rows: Sequence[Term],
        sizes: Sequence[int],
        column_size: int,
        spec_rows: Sequence[tuple[int, int, int]],
        origin: Mapping[int, Register],
        outputs: Sequence[Value],
        bases: Mapping[Value, Base],
    ) -> None:
        """What follows on the elements of a block, which lies in scratch memory."""
        node = group.product
        assert node is not None
        result = node.outputs[0]
        axes = group.axes[result]
        reads, writes = self._accesses(f, group, outputs, bases)
        steps: dict[int, int] = {}
        ranges: dict[int, Range] = {a: Range(0, 1, 1) for a in range(len(group.extents))}
        order: list[int] = []
        block = Access(result.dtype, f.parameters[2], {})
        for term, n, (_, _, stride) in zip(rows, sizes, spec_rows, strict=True):
            axis = None if term.axis is None else axes[term.axis]
            if axis is not None:
                ranges[axis] = Range(0, n, n)
                steps[axis] = term.target[1]
                block.strides[axis] = stride
                order.append(axis)
        column = axes[plan.columns.axis if plan.columns.axis is not None else 0]
        if column is not None:
            ranges[column] = Range(0, column_size, column_size)
            block.strides[column] = 1
            order.append(column)
        order = [*(a for a in ranges if a not in order), *order]
        for access in [*reads.values(), *writes.values()]:
            place = access.base
            for axis, start in origin.items():
                offset = f.mul(start, access.strides.get(axis, 0))
                if access.is_number:
                    place = f.add(place, offset)
                else:
                    place = f.at(place, MEMORY[access.dtype.name], offset)
            access.base = place
            access.strides = {a: s * steps.get(a, 1) for a, s in access.strides.items()}
        reads[result, axes] = block
        nest = Nest(group, order, column, reads, writes, ranges, self._jumps(group))
        taken = sizes[0] * spec_rows[0][2] * result.dtype.itemsize
        taken = (taken + 63) // 64 * 64
        may_fail = any(n.op is checked_index for n in group.nodes)
        failed = f.load("ptr", f.at(f.parameters[0], "ptr", self.status_slot)) if may_fail else NULL
        GroupWriter(
            f, nest, self.host.vector_bits, f.at(f.parameters[2], "i8", taken), SCRATCH_BYTES - taken, failed
        ).write()


def _stride(layout: Layout, term: Term) -> int:
    return 0 if term.axis is None else layout.strides[term.axis]


def _axis_stride(layout: Layout, axes: Axes, axis: int) -> int:
    return sum(s for a, s in zip(axes, layout.strides, strict=True) if a == axis)


def _block(plan: products.Plan, width: int, host: Host, itemsize: int) -> tuple[int, int]:
    """How many indices of the first row axis and how many columns a chunk computes, by shapes only."""
    rows, columns = (plan.rows[0].extent if plan.rows else 1), plan.columns.extent
    depth = math.prod(t.extent for t in plan.depth)
    column_block = columns
    limit = max(host.l2_bytes // 4, 1)
    while column_block > 64 and column_block * depth * itemsize > limit:
        column_block = -(-column_block // 2 // 64) * 64
    outer = math.prod(t.extent for t in plan.outer) * -(-columns // column_block)
    room = max(1, SCRATCH_BYTES // 2 // (width * column_block * itemsize))
    work = 2 * width * column_block * depth
    enough = max(1, -(-2_000_000 // max(work, 1)))  # about 20 microseconds
    tiles = 12 if width == 1 else 1
    row_block = min(rows, room, max(enough, 1))
    if outer < 16:
        row_block = min(row_block, -(-rows * outer // 16))
    row_block = min(rows, max(1, -(-row_block // tiles) * tiles), max(room // tiles * tiles, 1))
    return row_block, column_block


def _shared_out(plan: products.Plan) -> products.Plan:
    """With so many of the row axes walked by chunks that there are enough of those."""
    while len(plan.rows) > 1 and math.prod(t.extent for t in plan.outer) * plan.rows[0].extent < _MOST_CHUNKS // 8:
        plan = plan._replace(outer=[*plan.outer, plan.rows[0]], rows=plan.rows[1:])
    return plan


def _split_depth(plan: products.Plan) -> tuple[list[Term], list[Term]]:
    """The axes of the depth that are walked outside the kernel: those of images, where rows are a kernel's taps."""
    if len(plan.depth) > 2 and not any(t.b for t in plan.outer):
        return plan.depth[:1], plan.depth[1:]
    return [], plan.depth


def _halos(graph: Graph) -> dict[Value, Halo]:
    """The zeros that convolutions want around values that they read."""
    found: dict[Value, Halo] = {}
    for node in graph.nodes:
        if node.op.name not in PRODUCTS or node.op.name == "dot_general":
            continue
        (choice,) = products.choices(node, [plain(v.shape) for v in node.operands])
        for value, halo in zip(node.operands, choice.halos, strict=True):
            base = value
            while base.node is not None and base.node.op.name in ("alias", "stop_gradient"):
                base = base.node.operands[0]
            if halo is None or not any(any(pair) for pair in halo):
                continue
            old = found.get(base, halo)
            found[base] = tuple((max(x[0], y[0]), max(x[1], y[1])) for x, y in zip(old, halo, strict=True))
    return found
