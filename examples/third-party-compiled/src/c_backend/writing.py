"""A plan as a function in C: `int run(char **table)`, which is 1 if an index was bad."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from c_backend.scalars import REDUCE, TYPES, expression, number
from lamella.dtypes import DType
from lamella.ir import Node, Value
from lamella.lowering import Access, Plan, Step
from lamella.lowering.axes import Axes, needs_memory, operand_axes, source, sources
from lamella.lowering.elementwise import axis_strides
from lamella.lowering.groups import Group
from lamella.lowering.plan import NUMBERS, Cond, Copy, Count, Fill, Loops, Product, Scan, While
from lamella.lowering.products import Form
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef

_HEAD = """#include <stdbool.h>
#include <stdint.h>
#include <tgmath.h>
int run(char **table) {"""


def written(plan: Plan) -> str:
    """The code of a plan."""
    writer = _Writer()
    writer.steps(plan.steps)
    return "\n".join([_HEAD, *writer.lines, "  return 0;", "}", ""])


def flat(op: OpDef, dtype: DType, count: int) -> str:
    """The code of an elementwise primitive: operands, result, and how many elements each has."""
    places = [f"(({TYPES[dtype.name]} *)table[{i}])[i]" for i in range(count + 1)]
    loop = f"  for (int64_t i = 0; i < *(int64_t *)table[{count + 1}]; i++)"
    return f"{_HEAD}\n{loop} {places[-1]} = {expression(op, dtype).format(*places)};\n  return 0;\n}}\n"


class _Writer:
    """Writes steps, one after the other, as lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 1
        self._names = 0

    def line(self, text: str) -> None:
        """One line of code."""
        self.lines.append("  " * self._depth + text)

    def name(self) -> str:
        """A name that is not taken."""
        self._names += 1
        return f"v{self._names}"

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """A block of code."""
        self.line(head + " {")
        self._depth += 1
        yield
        self._depth -= 1
        self.line("}")

    def steps(self, steps: Sequence[Step]) -> None:
        """Steps, in their order."""
        for step in steps:
            with self.block(f"/* {step.work} */"):
                self._step(step)

    def _step(self, step: Step) -> None:
        work = step.work
        if isinstance(work, Loops):
            _Group(self, step, work).write()
        elif isinstance(work, Copy | Fill | Count):
            self._everywhere(step)
        elif isinstance(work, Cond):
            with self.block(f"if ({element(step.reads[0], '0')})"):
                self.steps(work.then)
            with self.block("else"):
                self.steps(work.orelse)
        elif isinstance(work, While):
            with self.block("for (;;)"):
                self.steps(work.test)
                self.line(f"if (!{element(step.scratch[-1], '0')}) break;")
                self.steps(work.body)
        else:
            assert isinstance(work, Scan), "there is nothing else that this device has"
            index = self.name()
            with self.loops([(index, work.length)]):
                place = f"({work.length - 1} - {index})" if work.reverse else index
                for stream, entry in work.streams:
                    size = stream.layout.strides[0] * stream.dtype.itemsize
                    self.line(f"table[{entry}] = table[{stream.slot}] + {place} * {size};")
                self.steps(work.body)

    def _everywhere(self, step: Step) -> None:
        """Every element of what is written: copied, one number, or its own place."""
        (to,), work = step.writes, step.work
        axes = range(len(to.layout.shape))
        with self.loops([(f"a{a}", to.layout.shape[a]) for a in axes]):
            if isinstance(work, Fill):
                what = number(work.number.attrs["value"].item(), to.dtype)
            else:
                from_ = step.reads[0] if step.reads else to._replace(slot=NUMBERS)
                what = element(from_, _sum((f"a{a}", from_.layout.strides[a]) for a in axes))
            self.line(f"{element(to, _sum((f'a{a}', to.layout.strides[a]) for a in axes))} = {what};")

    @contextmanager
    def loops(self, extents: Sequence[tuple[str, int]]) -> Iterator[None]:
        """Nested loops, over names for indices."""
        with ExitStack() as stack:
            for index, extent in extents:
                stack.enter_context(self.block(f"for (int64_t {index} = 0; {index} < {extent}; {index}++)"))
            yield


def _sum(terms: Iterable[tuple[str, int]]) -> str:
    return " + ".join(f"{index} * {stride}" for index, stride in terms if stride) or "0"


def element(access: Access, offset: str) -> str:
    """The element of an access that lies so many elements after the one whose indices are all 0."""
    kind = TYPES[access.dtype.name]
    if access.slot == NUMBERS:
        return f"(({kind})({offset}))"
    return f"(({kind} *)(table[{access.slot}] + {access.start}))[{offset}]"


class _Group:
    """Writes the loops of a group; within them, a variable for each value that is needed there."""

    def __init__(self, out: _Writer, step: Step, work: Loops) -> None:
        self.out = out
        self.work = work
        self.group: Group = work.group
        self.step = step
        reads = step.reads[len(step.reads) - len(work.operands) :]
        self.reads = dict(zip(work.operands, reads, strict=True))
        self.writes = dict(zip(work.outputs, step.writes, strict=True))
        self.jumps = work.jumps(reads)
        self.makers = {v: n for n in self.group.nodes for v in n.outputs}
        self.known: dict[Value, str] = {}  # the variables of values, in the blocks that are open

    def write(self) -> None:
        """Write everything."""
        if isinstance(self.work, Product):
            for form in self.work.forms:
                self._product(form)
            return
        group, order = self.group, self.work.order
        phases = group.phases()
        with self.out.loops([(f"a{a}", group.extents[a]) for a in order if a not in group.reduced]):
            for number_ in range(1 + max(phases.values(), default=0)):
                self._pass(
                    [n for n in group.nodes if n in group.reads and phases[n.outputs[0]] == number_],
                    [v for v in self.writes if group.is_inner(v) and phases[v] == number_],
                )
            for value in self.writes:
                if not group.is_inner(value):
                    self._store(value)

    def _pass(self, reductions: Sequence[Node], stored: Sequence[Value]) -> None:
        """One walk over the reduced axes."""
        if not reductions and not stored:
            return
        group = self.group
        totals = {node: self.out.name() for node in reductions}
        for node, name in totals.items():
            dtype = node.outputs[0].dtype
            kind = "double" if dtype.is_float else TYPES[dtype.name]
            self.out.line(f"{kind} {name} = {number(REDUCE[node.op][0](dtype), dtype)};")
        known = dict(self.known)
        with self.out.loops([(f"a{a}", group.extents[a]) for a in self.work.order if a in group.reduced]):
            for node, name in totals.items():
                combined = expression(REDUCE[node.op][1], node.outputs[0].dtype)
                x = self._variable(node.outputs[0], self._operand(node, 0))
                self.out.line(f"{name} = {combined.format(name, x)};")
            for value in stored:
                self._store(value)
        self.known = known
        for node, name in totals.items():
            self.known[node.outputs[0]] = self._variable(node.outputs[0], name)

    def _product(self, form: Form) -> None:
        """One contraction: each sum by itself, and what follows on it."""
        assert self.group.product is not None
        result = self.group.product.outputs[0]
        places = [(t, f"i{i}") for i, t in enumerate([*form.outer, *form.rows, form.columns])]
        sums = [(t, f"k{i}") for i, t in enumerate(form.depth)]
        a, b = self.step.reads[:2]
        in_a = _sum([("1", form.a_offset), *((i, t.a) for t, i in [*places, *sums])])
        in_b = _sum([("1", form.b_offset), *((i, t.b) for t, i in [*places, *sums])])
        with self.out.loops([(index, term.extent) for term, index in places]):
            total = self.out.name()
            self.out.line(f"double {total} = 0;")
            with self.out.loops([(index, term.extent) for term, index in sums]):
                self.out.line(f"{total} += (double){element(a.at(0), in_a)} * {element(b.at(0), in_b)};")
            named = dict.fromkeys(range(len(self.group.extents)), "0")
            for term, index in places:
                axis = None if term.axis is None else self.group.axes[result][term.axis]
                if axis is not None:
                    named[axis] = f"{term.target[0]} + {index} * {term.target[1]}"
            self.out.line(" ".join(f"int64_t a{axis} = {place};" for axis, place in named.items()))
            self.known = {result: self._variable(result, total)}
            for value in self.writes:
                self._store(value)

    # -- values --

    def _store(self, value: Value) -> None:
        access = self.writes[value]
        offset = self._index(access, self.group.axes[value])
        self.out.line(f"{element(access, offset)} = {self._value(value)};")

    def _variable(self, value: Value, what: str) -> str:
        name = self.out.name()
        self.out.line(f"{TYPES[value.dtype.name]} {name} = {what};")
        return name

    def _index(self, access: Access, axes: Axes) -> str:
        return _sum((f"a{axis}", s) for axis, s in axis_strides(access.layout, axes, self.group).items())

    def _value(self, value: Value) -> str:
        """The variable of a value of the group at the point of the loops."""
        if value not in self.known:
            node = self.makers[value]
            operands = [self._operand(node, i) for i in range(len(node.operands)) if not needs_memory(node, i)]
            if node.op is prims.gather:
                key = node.operands[0], operand_axes(node, 0, self.group.axes, self.group.reads)
                offset = f"{self._index(self.reads[key], key[1])} + (int64_t){operands[0]} * {self.jumps[key]}"
                self.known[value] = self._variable(value, element(self.reads[key], offset))
            elif node.op is prims.cast:
                self.known[value] = self._variable(value, operands[0])
            else:
                text = expression(node.op, node.operands[-1].dtype).format(*operands)
                self.known[value] = name = self._variable(value, text)
                if node.op is prims.checked_index:
                    ignore = node.attrs["ignore"]
                    unless = "" if ignore is None else f" && {name} != {ignore}"
                    self.out.line(f"if ((uint64_t)(int64_t){name} >= {node.attrs['size']}{unless}) return 1;")
        return self.known[value]

    def _operand(self, node: Node, position: int) -> str:
        """An operand of a node: a constant, a value of the group, or an element of memory."""
        operand = node.operands[position]
        axes = operand_axes(node, position, self.group.axes, self.group.reads)
        base, axes = sources(operand, axes) or (operand, axes)
        if (base, axes) in self.reads:
            access = self.reads[base, axes]
            return element(access, self._index(access, axes))
        base = source(base)
        if base in self.group.axes:
            return self._value(base)
        assert base.node is not None and base.node.op is prims.constant
        return number(base.node.attrs["value"].item(), base.dtype)
