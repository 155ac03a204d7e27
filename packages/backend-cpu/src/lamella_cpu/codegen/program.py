"""A graph as one native function: memory for its values, a step of code for each group, and the code around them.

A step is a function `void(ptr table, i64 chunk, ptr scratch)`, run by the thread pool for each of its chunks. How a
step is cut depends on shapes only, so results are the same bits for any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from lamella.codegen.llvm import INDEX, Function, Module, Register, constant
from lamella.dtypes import DType
from lamella.ir import Graph, Node, Value
from lamella.ir.execute import note_node
from lamella.lowering.layout import VIEWED, Layout, dense, plain
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, OpDef
from lamella.types import TOKEN
from lamella_cpu.codegen import products
from lamella_cpu.codegen.blocks import write_product
from lamella_cpu.codegen.control import write_cond, write_scan, write_while
from lamella_cpu.codegen.elementwise import write_elementwise
from lamella_cpu.codegen.fusion import SAME, Group, source
from lamella_cpu.codegen.moving import copy, fill, move, write_concat, write_iota, write_pad
from lamella_cpu.codegen.plan import (
    NO_HALO,
    Arena,
    Base,
    Place,
    Schedule,
    constants,
    is_given,
    result_layout,
    schedule,
)
from lamella_cpu.codegen.primitives import write_cumulative, write_random_bits, write_scatter, write_sort, write_window
from lamella_cpu.codegen.products import Halo
from lamella_cpu.host import Host
from lamella_cpu.kernels.contraction import Contraction, emit
from lamella_cpu.kernels.windows import WINDOWS

#: The words of the status: 1 for a bad index or divisor; 1 when everything is computed; 1 from when state is written.
STATUS_WORDS = 3
FAILED, DONE, WRITING = range(STATUS_WORDS)


@dataclass
class NativeCode:
    """The code of a graph.

    Attributes:
        groups: what is computed together, a line for each group in the order in which they run.
        text: LLVM IR; its function `run` takes the table.
        slots: how many entries the table has.
        arena_bytes: size of the arena; it begins as zeros, and what surrounds values stays zero.
        constants: the values whose addresses follow in the table those of the arena and of the status.
        takes_over: for a result, by position: the parameter whose memory it may have, by position.
    """

    groups: str
    text: str
    slots: int
    arena_bytes: int
    constants: list[Value]
    takes_over: dict[int, int]


def compile_graph(graph: Graph, host: Host) -> NativeCode:
    """Write the code of a graph.

    Args:
        graph: a graph of native primitives with known sizes.
        host: the processor.
    """
    writer = GraphWriter(graph, host)
    return writer.program(schedule(graph))


class GraphWriter:
    """Writes the steps of a graph, one group after the other, and plans memory as it goes.

    Args:
        graph: a graph of native primitives with known sizes.
        host: the processor.

    Attributes:
        bases: the memory of each value that has any.
        given: memory that is meant for a value: a result's.
        main: the function that runs the steps.
        kernels: names of functions that are written already, by what they do.
    """

    def __init__(self, graph: Graph, host: Host) -> None:
        self.graph = graph
        self.host = host
        self.module = Module(graph.name)
        self.arena = Arena()
        self.bases: dict[Value, Base] = {}
        self.copies: dict[Value, dict[Hashable, Base]] = {}  # by what they, or what they are views of, come from
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
        self.pointers: dict[Function, dict[tuple[int, int], int]] = {}  # for each step, what its frame has where
        self.kernels: dict[Hashable, str] = {}  # names of functions, by what they do

    def program(self, plan: Schedule) -> NativeCode:
        """Write everything."""
        self.main = Function(self.module, "run", ["ptr"], external=True)
        self.arena_address = self._entry(self.arena_slot)
        self.frame = self.main.register("ptr")
        self.frame_size = [1]
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
        self.note(DONE)
        self.main.jump("stop")
        self.main.start("stop")
        self.main.ret()
        self.main.local("ptr", self.frame_size[0], value=self.frame)
        self.main.finish()
        groups = "".join(f"{group}\n" for group in plan.groups)
        arena_bytes = max(self.arena.size, 64)
        return NativeCode(groups, str(self.module), self.slots[0], arena_bytes, self.constants, plan.takes_over)

    def body(self, plan: Schedule, places: Sequence[Place]) -> None:
        """Write the steps of the graph, whose parameters have bases already; the results go to given places."""
        self.places = places
        self._results()
        self._read_last(plan)
        self.halos = _halos(self.graph)
        for number, group in enumerate(plan.groups):
            if not self.writers.isdisjoint(group.axes):
                self.note(WRITING)
                self.writers = set()
            try:
                self._group(group, plan.outputs[group.number])
            except (
                Exception
            ) as error:  # whatever it is, it is a fault of this package; its user's line helps to find it
                if not hasattr(error, "__notes__"):
                    note_node(error, group.nodes[0])
                raise
            self._release(number)
        for i in self.copied_results:
            move(self, self.results[i], self.places[i])

    def nested(self, graph: Graph, params: Sequence[tuple[Base, Layout]], places: Sequence[Place]) -> None:
        """Write the steps of a region into the code of this graph."""
        inner = GraphWriter(graph, self.host)
        inner.module, inner.main, inner.arena, inner.kernels = self.module, self.main, self.arena, self.kernels
        inner.slots, inner.steps = self.slots, self.steps
        inner.arena_address, inner.frame, inner.frame_size = self.arena_address, self.frame, self.frame_size
        inner.arena_slot, inner.status_slot = self.arena_slot, self.status_slot
        for param, (base, layout) in zip(inner.params, params, strict=True):
            halo = base.halo if layout == base.place.layout else NO_HALO  # a view's surroundings are others
            inner.bases[param] = Base(base.place._replace(layout=layout), halo)
        for value in constants(graph):
            inner.bases[value] = Base(Place(self.constant_slots[value], 0, plain(value.shape), value.dtype))
        inner.constant_slots = self.constant_slots
        inner.body(schedule(graph), places)
        for base in [*inner.bases.values(), *(base for copies in inner.copies.values() for base in copies.values())]:
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
        """For each group, the bases that it is the last to read."""
        last: dict[Value, int] = {}
        for number, group in enumerate(plan.groups):
            for node in group.nodes:
                for value in (*node.operands, *node.outputs):
                    last[source(value)] = number
        last.update((source(result), len(plan.groups)) for result in self.results)
        self.read_last: dict[int, list[Value]] = {}
        for value, number in last.items():
            self.read_last.setdefault(number, []).append(value)

    def _release(self, number: int) -> None:
        for value in self.read_last.get(number, ()):
            self.give_back(list(self.copies.pop(value, {}).values()))
            if value in self.bases:
                self.give_back([self.bases[value]])

    def allocate(self, layout: Layout, dtype: DType, halo: Halo = NO_HALO) -> Base:
        """Memory of the arena, until it is given back."""
        amount = layout.size * dtype.itemsize
        if any(any(pair) for pair in halo):
            # Nothing else is ever written into zeros that surround a value, so that they need not be set.
            return Base(Place(self.arena_slot, self.arena.take_new(amount), layout, dtype), halo)
        return Base(Place(self.arena_slot, self.arena.take(amount), layout, dtype), amount=amount)

    def view(self, value: Value) -> tuple[Base, Layout]:
        """The memory of a value that is a view of a base; copied in order first where no layout describes it."""
        node = value.node
        if value not in self.bases and is_given(value):
            assert node is not None, "a parameter without memory"
            if node.op is prims.iota:
                write_iota(self, value)
            else:
                self.bases[value] = made = self.allocate(plain(()), value.dtype)
                fill(self, value, made.place, value)
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

    def copied(self, value: Value, layout: Layout, halo: Halo = NO_HALO) -> Base:
        """A copy of a value with a layout; made once."""

        def make() -> Base:
            base, view = self.view(value)
            made = self.allocate(layout, value.dtype, halo)
            copy(self, value.dtype, base.place._replace(layout=view), made.place)
            return made

        return self.derived(value, layout, make)

    def derived(self, value: Value, how: Hashable, make: Callable[[], Base]) -> Base:
        """What is computed from a value alone; made once, and kept as long as the value."""
        key, copies = (value, how), self.copies.setdefault(source(value), {})
        if key not in copies:
            copies[key] = make()
        return copies[key]

    # -- steps --

    def step(self, name: str) -> Function:
        """The function of a new step: its parameters are its frame, the chunk and scratch memory.

        The frame has the addresses that the step uses, so that steps that do the same in other places are one function.
        """
        self.steps[0] += 1
        f = Function(self.module, f"s{self.steps[0]}_{name}", ["ptr noalias", INDEX, "ptr noalias"])
        self.pointers[f] = {}
        return f

    def run(self, f: Function, chunks: int) -> None:
        """End a step's function and call it."""
        f.ret()
        main, frame = self.main, self.pointers.pop(f)
        self.frame_size[0] = max(self.frame_size[0], len(frame))
        for (slot, offset), i in frame.items():
            entry = self.arena_address if slot == self.arena_slot else self._entry(slot)
            main.store(main.at(entry, "i8", offset), main.at(self.frame, "ptr", i))
        key = "step", f.text
        if key not in self.kernels:
            self.kernels[key] = f.name
            f.finish()
        step = Register("ptr", f"@{self.kernels[key]}")
        main.call("void", "lamella_parallel", step, self.frame, constant(INDEX, chunks))
        following = main.label()  # short blocks: LLVM takes time with long ones
        main.jump(following)
        main.start(following)

    def function(self, key: Hashable, name: str, write: Callable[[str], object]) -> str:
        """The name of a function, or other part of the module, that does something; one for all that need the same."""
        if key not in self.kernels:
            self.kernels[key] = name = f"{name}{len(self.kernels)}"
            write(name)
        return self.kernels[key]

    def contraction(self, spec: Contraction) -> str:
        """The function `void(ptr A, ptr B, ptr C)` of a contraction."""
        return self.function(spec, "contraction", lambda name: emit(self.module, name, spec, self.host))

    def status(self, f: Function) -> Register:
        """The address of the status: its first word is the one for a bad index or divisor."""
        return self._pointer(f, self.status_slot, 0)

    def _entry(self, slot: int) -> Register:
        """An entry of the table."""
        return self.main.load("ptr", self.main.at(self.main.parameters[0], "ptr", slot))

    def note(self, word: int) -> None:
        """Set a word of the status."""
        f = self.main
        f.write(f"store atomic i64 1, {f.at(self.status(f), INDEX, word)} release, align 8")

    def stop_if_aborted(self) -> None:
        """Leave a loop that would not end by itself when the pool runs no more chunks."""
        f = self.main
        self.module.declare("lamella_pool_aborted", "ptr", [])
        word = f.load(INDEX, f.call("ptr", "lamella_pool_aborted"))
        with f.when(f.compare("ne", word, constant(INDEX, 0))):
            f.jump("stop")
            f.start(f.label())  # nothing gets here

    def stop_if_failed(self) -> None:
        """End the run after a step that has met a bad index or divisor."""
        f = self.main
        failed = f.load(INDEX, f.at(self.status(f), INDEX, FAILED))
        with f.when(f.compare("ne", failed, constant(INDEX, 0))):
            f.jump("stop")
            f.start(f.label())  # nothing gets here

    def address(self, f: Function, place: Place) -> Register:
        """The address of the element of a place whose indices are all 0."""
        return self._pointer(f, place.slot, place.offset + place.layout.offset * place.dtype.itemsize)

    def _pointer(self, f: Function, slot: int, offset: int) -> Register:
        """The address so many bytes after what an entry of the table says."""
        if f is self.main:
            return f.at(self._entry(slot), "i8", offset)
        frame = self.pointers[f]
        return f.load("ptr", f.at(f.parameters[0], "ptr", frame.setdefault((slot, offset), len(frame))))

    def _group(self, group: Group, outputs: Sequence[Value]) -> None:
        if group.product is not None:
            write_product(self, group, outputs)
        elif group.opaque:
            _KERNELS[group.nodes[0].op](self, group.nodes[0])
        else:
            write_elementwise(self, group, outputs)

    def give_back(self, bases: Sequence[Base]) -> None:
        """Let others have the memory of bases."""
        for base in bases:
            if base.amount:
                self.arena.give(base.place.offset, base.amount)
                base.amount = 0

    def own(self, value: Value) -> Base:
        """Row-major memory for a value that a step of its own computes."""
        return self.given.get(value) or self.allocate(plain(value.shape), value.dtype)

    def own_plain(self, value: Value) -> Base:
        """Row-major memory for a value that a step of its own computes: a result's if that is row-major."""
        given = self.given.get(value)
        if given is not None and given.place.layout.is_plain:
            return given
        return self.allocate(plain(value.shape), value.dtype)

    def in_order(self, value: Value) -> tuple[Base, Layout]:
        """The memory of a value, row-major; copied where it is not."""
        base, view = self.view(value)
        if view.strides == plain(value.shape).strides:
            return base, view
        made = self.copied(value, plain(value.shape))
        return made, made.place.layout

    def base_for(self, value: Value, group: Group, order: Sequence[int]) -> Base:
        """Memory for an output: a result's, or of the arena with its axes in the order of the loops."""
        if value in self.given:
            return self.given[value]
        axes = group.axes[value]
        rank = {axis: i for i, axis in enumerate(order)}
        by_loop = sorted(range(len(axes)), key=lambda i: -1 if (a := axes[i]) is None else rank[a])
        halo = self.halos.get(value, NO_HALO)
        return self.allocate(dense(value.shape, by_loop, halo or None), value.dtype, halo)


#: Who writes the steps of a primitive that is in no group.
_KERNELS: dict[OpDef, Callable[[GraphWriter, Node], None]] = {
    prims.pad: write_pad,
    prims.concat: write_concat,
    prims.scatter: write_scatter,
    prims.random_bits: write_random_bits,
    prims.sort: write_sort,
    prims.cumsum: write_cumulative,
    prims.cumprod: write_cumulative,
    prims.cond: write_cond,
    prims.while_loop: write_while,
    prims.scan: write_scan,
    **dict.fromkeys(WINDOWS, write_window),
}


def _halos(graph: Graph) -> dict[Value, Halo]:
    """The zeros that convolutions want around values that they read."""
    found: dict[Value, Halo] = {}
    for node in graph.nodes:
        if node.op.kind is not Kind.PRODUCT or node.op is prims.dot_general:
            continue
        (choice,) = products.choices(node, [plain(v.shape) for v in node.operands])
        for value, halo in zip(node.operands, choice.halos, strict=True):
            base = value
            while base.node is not None and base.node.op in SAME:
                base = base.node.operands[0]
            if halo is None or not any(any(pair) for pair in halo):
                continue
            old = found.get(base, halo)
            found[base] = tuple((max(x[0], y[0]), max(x[1], y[1])) for x, y in zip(old, halo, strict=True))
    return found
