"""What comes out of lowering: steps in their order, and where everything lies that they read and write.

A step finds memory through a *table* of addresses: the parameters, the results, one arena for everything between, the
status and the constants. What a step does is its *work*: data, from which a backend writes code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from lamella.dtypes import DType
from lamella.ir import Graph, Node, Value
from lamella.lowering.axes import Axes, operand_axes
from lamella.lowering.groups import Group
from lamella.lowering.layout import Halo, Layout, plain
from lamella.lowering.products import Choice, Form
from lamella.ops import prims
from lamella.types import TOKEN

#: The slot of what has no memory: counting numbers (`iota`), of which each is its place.
NUMBERS = -1


class Access(NamedTuple):
    """Where the elements of a value lie.

    Attributes:
        slot: the entry of the table that its address counts from.
        offset: how many bytes after that its memory begins.
        layout: where its elements lie from there.
        dtype: their type.
    """

    slot: int
    offset: int
    layout: Layout
    dtype: DType

    @property
    def start(self) -> int:
        """How many bytes after the entry's address the element lies whose indices are all 0."""
        return self.offset + self.layout.offset * self.dtype.itemsize

    def at(self, offset: int) -> Access:
        """The same with the element in front that lies at another offset, in elements."""
        return self._replace(layout=self.layout._replace(offset=offset))


# -- what steps do --


@dataclass(frozen=True, eq=False)
class Loops:
    """A group is computed in one nest of loops.

    Attributes:
        group: the group.
        order: the axes of its space, outermost first, reduced ones after the others; the last is worth walking in
            vectors.
        along: the axis to be walked in vectors; None for a single point.
        operands: what each of the step's reads is: a value, and the axes that index it.
        outputs: what each of the step's writes is.
    """

    group: Group
    order: Sequence[int]
    along: int | None
    operands: Sequence[tuple[Value, Axes]]
    outputs: Sequence[Value]

    def jumps(self, reads: Sequence[Access]) -> dict[tuple[Value, Axes], int]:
        """For what `gather` reads: the stride of the axis that numbers index."""
        layouts = {key: access.layout for key, access in zip(self.operands, reads, strict=True)}
        found: dict[tuple[Value, Axes], int] = {}
        for node in self.group.nodes:
            if node.op is prims.gather:
                key = node.operands[0], operand_axes(node, 0, self.group.axes, self.group.reads)
                found[key] = layouts[key].strides[node.attrs["axis"]]
        return found

    def __str__(self) -> str:
        return f"{self.group}"


@dataclass(frozen=True, eq=False)
class Product(Loops):
    """A product is computed block by block, and the rest of its group on each block.

    The step's first two reads are the operands A and B of the product; the others, what the rest of the group reads.

    Attributes:
        choice: how the product is computed.
        forms: the contractions that it is; each computes a part of the result.
    """

    choice: Choice
    forms: Sequence[Form]


@dataclass(frozen=True, eq=False)
class Copy:
    """Elements are copied from one layout to another, with strides of 0 where they repeat."""

    def __str__(self) -> str:
        return "copy"


@dataclass(frozen=True, eq=False)
class Fill:
    """One known number is written everywhere.

    Attributes:
        value: what is written.
        number: the constant.
    """

    value: Value
    number: Node

    def __str__(self) -> str:
        return f"fill with {self.number.attrs['value']}"


@dataclass(frozen=True, eq=False)
class Count:
    """The numbers 0, 1, … are written.

    Attributes:
        value: what is written.
    """

    value: Value

    def __str__(self) -> str:
        return "count"


@dataclass(frozen=True, eq=False)
class Kernel:
    """One primitive is computed by code of its own.

    Attributes:
        node: the primitive; the step's reads and writes are its operands and results.
    """

    node: Node

    def __str__(self) -> str:
        return self.node.op.name


@dataclass(frozen=True, eq=False)
class Cond:
    """One of two regions runs; the step's first read says which.

    Attributes:
        then: the steps if it is true.
        orelse: the steps if it is false.
    """

    then: Sequence[Step]
    orelse: Sequence[Step]

    def __str__(self) -> str:
        return "cond"


@dataclass(frozen=True, eq=False)
class While:
    """The body runs for as long as the test holds; the last of the step's scratch holds what the test gives.

    Attributes:
        test: steps.
        body: steps; the last ones copy what was computed over the carry.
    """

    test: Sequence[Step]
    body: Sequence[Step]

    def __str__(self) -> str:
        return "while"


@dataclass(frozen=True, eq=False)
class Scan:
    """The body runs for each element of the streams, which it finds by entries of the table of their own.

    Attributes:
        length: how often.
        reverse: whether the last element comes first.
        streams: what is read or written element by element, along its first axis, and the entry that is to have the
            address of the element.
        body: steps.
    """

    length: int
    reverse: bool
    streams: Sequence[tuple[Access, int]]
    body: Sequence[Step]

    def __str__(self) -> str:
        return f"scan of {self.length}{' in reverse' if self.reverse else ''}"


#: What a step does: one of the above, or what a backend's way of minimal filtering does before a product.
Work: TypeAlias = object


@dataclass(frozen=True, eq=False)
class Step:
    """A part of a graph's work that ends before the next begins.

    Attributes:
        work: what is done.
        reads: memory that is read.
        writes: memory that is written.
        scratch: memory that holds nothing before and nothing after.
        node: a node that it is for, which knows the user's line.
    """

    work: Work
    reads: Sequence[Access]
    writes: Sequence[Access]
    scratch: Sequence[Access] = ()
    node: Node | None = None


class Table:
    """The entries by which steps find memory.

    Attributes:
        inputs: how many parameters there are; theirs are the first entries.
        outputs: how many results; theirs are the next.
        arena: the entry of the arena.
        status: the entry of the status.
        constants: the entries of the constants.
        size: how many entries there are in all.
    """

    def __init__(self, graph: Graph) -> None:
        self.inputs = sum(p.type != TOKEN for p in graph.params)
        self.outputs = sum(r.type != TOKEN for r in graph.results)
        self.arena = self.inputs + self.outputs
        self.status = self.arena + 1
        found = dict.fromkeys(constants(graph))
        for _, node in graph.walk():
            for region in node.regions().values():
                found.update(dict.fromkeys(constants(region)))
        self.constants: Mapping[Value, int] = {v: self.status + 1 + i for i, v in enumerate(found)}
        self.size = self.status + 1 + len(found)

    def entry(self) -> int:
        """A new entry."""
        self.size += 1
        return self.size - 1

    def name(self, slot: int) -> str:
        """What an entry is of."""
        if slot == NUMBERS:
            return "numbers"
        if slot < self.arena:
            return f"in{slot}" if slot < self.inputs else f"out{slot - self.inputs}"
        if slot in (self.arena, self.status):
            return "arena" if slot == self.arena else "status"
        first = self.status + 1
        return f"const{slot - first}" if slot < first + len(self.constants) else f"entry{slot}"


@dataclass
class Plan:
    """A graph, planned.

    Attributes:
        graph: the graph.
        steps: in the order in which they run.
        table: the entries by which steps find memory.
        arena_bytes: size of the arena; it begins as zeros, and what surrounds values stays zero.
        takes_over: for a result, by position: the parameter whose memory it may have, by position.
        writes_from: the first of the steps from which on parameters are written over; the number of steps if none is.
        halos: what lies between zeros that products want around it, and how many those are along each axis.
    """

    graph: Graph
    steps: Sequence[Step]
    table: Table
    arena_bytes: int
    takes_over: Mapping[int, int]
    writes_from: int
    halos: Mapping[Access, Halo]

    def constants(self) -> list[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
        """The elements of the constants, row-major, in the order of their entries."""
        nodes = (value.node for value in self.table.constants)
        return [np.ascontiguousarray(node.attrs["value"]) for node in nodes if node is not None]

    def __str__(self) -> str:
        """A line for each step, with what it reads, writes and uses."""
        over = ", ".join(f"out{i} over in{j}" for i, j in self.takes_over.items())
        lines = [f"plan of {self.graph.name}: {self.graph.signature}"]
        lines += [f"  arena of {self.arena_bytes} bytes, {self.table.size} entries{f', {over}' if over else ''}"]
        lines += [f"  const{i}: {value.type}" for i, value in enumerate(self.table.constants)]
        lines += [f"  zeros around {_text(a, self.table)}: {[*halo]}" for a, halo in self.halos.items()]
        lines += _lines(self.steps, self.table, "  ", self.writes_from if over else None)
        return "\n".join(lines) + "\n"


def _lines(steps: Sequence[Step], table: Table, indent: str, writes_from: int | None = None) -> Iterator[str]:
    for number, step in enumerate(steps):
        if number == writes_from:
            yield f"{indent}from here on, parameters are written over"
        accesses = {"reads": step.reads, "writes": step.writes, "scratch": step.scratch}
        parts = [f"{word} {', '.join(_text(a, table) for a in found)}" for word, found in accesses.items() if found]
        yield f"{indent}{step.work}: {'; '.join(parts)}"
        for name, inner in vars(step.work).items():
            if isinstance(inner, Sequence) and inner and isinstance(inner[0], Step):
                yield f"{indent}  {name}"
                yield from _lines(inner, table, indent + "    ")


def _text(access: Access, table: Table) -> str:
    """An access in a few words: `arena+64 float32[2, 3]`, with its strides where they are not those of its shape."""
    layout = access.layout
    strides = "" if layout.strides == plain(layout.shape).strides else f":{list(layout.strides)}"
    start = f"+{access.start}" if access.start else ""
    return f"{table.name(access.slot)}{start} {access.dtype.name}{list(layout.shape)}{strides}"


def constants(graph: Graph) -> list[Value]:
    """The constants of a graph that need memory."""
    return [n.outputs[0] for n in graph.nodes if n.op is prims.constant and n.outputs[0].shape]
