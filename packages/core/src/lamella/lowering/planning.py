"""From a graph to its plan: one group after the other, each with the memory that is free by then."""

from __future__ import annotations

from collections.abc import Sequence

from lamella.ir import Graph, Value, pipeline
from lamella.ir.execute import note_node
from lamella.lowering.arena import Arena
from lamella.lowering.axes import source
from lamella.lowering.contractions import Minimal, halos, plan_product
from lamella.lowering.elementwise import plan_elementwise
from lamella.lowering.groups import Group
from lamella.lowering.layout import NO_HALO, Layout, plain
from lamella.lowering.memory import Base, Memory, is_given, result_layout
from lamella.lowering.plan import Access, Plan, Step, Table, constants
from lamella.lowering.primitives import plan_primitive
from lamella.lowering.regions import plan_region
from lamella.lowering.schedule import Schedule, schedule
from lamella.ops.define.opdef import Kind
from lamella.plugins import Target
from lamella.types import TOKEN


def plan(graph: Graph, target: Target, minimal: Minimal | None = None) -> Plan:
    """Decide what a graph's code computes when, and where everything lies; the environment's LAMELLA_DUMP gets it too.

    Args:
        graph: a graph of known sizes, of primitives that the backend writes code for.
        target: the device.
        minimal: the backend's way to compute some convolutions with fewer multiplications, if it has one.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.build(lambda x: ms.ops.exp(x.T) + 1.0, ms.ir.TensorType(ms.float32, (2, 3)))
        >>> print(plan(graph, Target(device="example", group_nodes=8)))
        plan of lambda: (float32[2, 3]) -> (float32[3, 2])
          arena of 64 bytes, 4 entries
          <group 0 over [3, 2]: exp add>: reads in0 float32[2, 3]; writes out0 float32[3, 2]
        <BLANKLINE>
    """
    table, arena = Table(graph), Arena()
    results = [r for r in graph.results if r.type != TOKEN]
    bases: dict[Value, Base] = {}
    for i, param in enumerate(p for p in graph.params if p.type != TOKEN):
        bases[param] = Base(Access(i, 0, plain(param.shape), param.dtype))
    places = [Access(table.inputs + i, 0, plain(r.shape), r.dtype) for i, r in enumerate(results)]
    order = schedule(graph, target)
    planner = _Planner(graph, Memory(table, arena, target), minimal)
    planner.run(order, bases, places, {source(results[i]) for i in order.takes_over})
    made = Plan(
        graph=graph,
        steps=planner.memory.steps,
        table=table,
        arena_bytes=max(arena.size, 64),
        takes_over=order.takes_over,
        writes_from=planner.writes_from,
        halos={base.place: base.halo for base in planner.memory.bases.values() if base.halo},
    )
    pipeline.dump(graph.name, "plan", made, ".txt")
    return made


class _Planner:
    """Plans a graph, or a region."""

    def __init__(self, graph: Graph, memory: Memory, minimal: Minimal | None) -> None:
        self.graph = graph
        self.memory = memory
        self.minimal = minimal
        self.results = [r for r in graph.results if r.type != TOKEN]

    def run(
        self, order: Schedule, bases: dict[Value, Base], places: Sequence[Access], overwriting: set[Value] | None = None
    ) -> None:
        """Plan the steps; parameters have bases, results go to places. Some are written over parameters."""
        m = self.memory
        m.bases = bases
        for value in constants(self.graph):
            m.bases[value] = Base(Access(m.table.constants[value], 0, plain(value.shape), value.dtype))
        copied = self._give(places)
        read_last = self._read_last(order)
        m.halos = halos(self.graph, self.minimal)
        left, self.writes_from = overwriting or set(), -1
        for number, group in enumerate(order.groups):
            if not left.isdisjoint(group.axes):
                self.writes_from, left = len(m.steps), set()
            m.node = group.nodes[0]
            try:
                self._group(group, order.outputs[group.number])
            except Exception as error:  # whatever it is, it is a fault of lowering; its user's line helps to find it
                if not hasattr(error, "__notes__"):
                    note_node(error, group.nodes[0])
                raise
            m.release(read_last.get(number, ()))
        for i in copied:
            m.move(self.results[i], places[i])
        if self.writes_from < 0:
            self.writes_from = len(m.steps)

    def _group(self, group: Group, outputs: Sequence[Value]) -> None:
        if group.product is not None:
            plan_product(self.memory, group, outputs, self.minimal)
        elif not group.opaque:
            plan_elementwise(self.memory, group, outputs)
        elif group.nodes[0].op.kind is Kind.CONTROL:
            plan_region(self.memory, group.nodes[0], self._nested)
        else:
            plan_primitive(self.memory, group.nodes[0])

    def _nested(self, graph: Graph, params: Sequence[tuple[Base, Layout]], places: Sequence[Access]) -> list[Step]:
        """The steps of a region, whose memory is free again after it."""
        m = self.memory
        inner = _Planner(graph, Memory(m.table, m.arena, m.target), self.minimal)
        bases: dict[Value, Base] = {}
        for param, (base, layout) in zip((p for p in graph.params if p.type != TOKEN), params, strict=True):
            halo = base.halo if layout == base.place.layout else NO_HALO  # a view's surroundings are others
            bases[param] = Base(base.place._replace(layout=layout), halo)
        inner.run(schedule(graph, m.target), bases, places)
        inner.memory.release_all()
        return inner.memory.steps

    def _give(self, places: Sequence[Access]) -> list[int]:
        """Places for the results that a group can write itself; those that have to be copied at the end."""
        given: dict[Value, Base] = {}
        copied: list[int] = []
        for i, (result, place) in enumerate(zip(self.results, places, strict=True)):
            found = result_layout(result)
            if found is None or found[0] in given or source(result) is not found[0] or is_given(found[0]):
                copied.append(i)
            elif found[0] is result:
                given[result] = Base(place)
            elif place.layout.is_plain:
                given[found[0]] = Base(place._replace(layout=found[1]))
            else:
                copied.append(i)
        self.memory.given = given
        return copied

    def _read_last(self, order: Schedule) -> dict[int, list[Value]]:
        """For each group, the bases that it is the last to read."""
        last: dict[Value, int] = {}
        for number, group in enumerate(order.groups):
            for node in group.nodes:
                for value in (*node.operands, *node.outputs):
                    last[source(value)] = number
        last.update((source(result), len(order.groups)) for result in self.results)
        read_last: dict[int, list[Value]] = {}
        for value, number in last.items():
            read_last.setdefault(number, []).append(value)
        return read_last
