"""The steps of products: blocks of rows and columns, each with what follows on its elements.

A block is computed by a kernel of its own into its place or, if other nodes follow, into scratch memory of the worker,
where they find it in the cache. So no memory is written for what only they need, such as a gradient that goes straight
into the update of its weight.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lamella.codegen.llvm import INDEX, NULL, Register, constant
from lamella.codegen.scalars import MEMORY
from lamella.ir import Node, Value
from lamella.lowering.layout import Layout, dense
from lamella.ops import prims
from lamella_cpu.codegen import products, winograd
from lamella_cpu.codegen.fusion import Axes, Group
from lamella_cpu.codegen.group_memory import GroupMemory
from lamella_cpu.codegen.loops import GroupWriter
from lamella_cpu.codegen.lowering import CHECKS
from lamella_cpu.codegen.nest import Access, Nest, Range
from lamella_cpu.codegen.plan import NO_HALO, Base, Place
from lamella_cpu.codegen.products import Choice, Term
from lamella_cpu.host import SCRATCH_BYTES, Host
from lamella_cpu.kernels import contraction, winograd_plan

if TYPE_CHECKING:
    from lamella_cpu.codegen.program import GraphWriter

#: A block has at least this many rows: as many as a tile of the kernel may take.
_TILE_ROWS = 12
#: With fewer chunks than this, many threads would have little to do.
_ENOUGH_CHUNKS = 16
#: About how many cycles an element takes that has to be read or written by itself.
_STRAY = 1.5


def write_product(w: GraphWriter, group: Group, outputs: Sequence[Value]) -> None:
    """The steps of a product and the elementwise nodes on its result."""
    node = group.product
    assert node is not None
    memory = GroupMemory(w, group)
    choice, a, b = _chosen(w, group, memory, outputs)
    held: list[Base] = []
    if choice.minimal:
        a, b, held = winograd.transformed(w, node, a, b)
    kernel = _kernel(w, node, choice)
    plans = products.plan(node, choice, a.layout, b.layout)
    terms = [*plans[0].outer, *plans[0].rows, plans[0].columns]
    axes = group.axes[node.outputs[0]]
    named = [axis for t in terms if t.axis is not None and (axis := axes[t.axis]) is not None]
    order = [*(a for a in range(len(group.extents)) if a not in named), *named]
    bases = {v: w.base_for(v, group, order) for v in outputs}
    for plan in plans:
        _Blocks(w, group, memory, kernel, plan, outputs, bases).write(a, b)
    w.give_back(held)
    w.bases.update(bases)


def _chosen(w: GraphWriter, group: Group, memory: GroupMemory, outputs: Sequence[Value]) -> tuple[Choice, Place, Place]:
    """The cheapest way to compute a product, with its operands laid out for it."""
    node = group.product
    assert node is not None
    views = [w.view(v) for v in node.operands]
    options = products.choices(node, [layout for _, layout in views])
    choice = min(options, key=lambda c: _cost(w, group, memory, c, outputs))
    places: list[Place] = []
    for role, position in enumerate((choice.left, 1 - choice.left)):
        order, halo = (choice.a, choice.b)[role], choice.halos[role]
        operand, (base, layout) = node.operands[position], views[position]
        own = base.halo if operand in w.bases else NO_HALO
        if products.satisfies(layout, order, halo, own or None):
            places.append(base.place._replace(layout=layout))
        else:
            wanted = order or tuple(range(len(layout.shape)))
            places.append(w.copied(operand, dense(layout.shape, wanted, halo), halo or NO_HALO).place)
    return choice, places[0], places[1]


def _cost(w: GraphWriter, group: Group, memory: GroupMemory, choice: Choice, outputs: Sequence[Value]) -> float:
    """About how many cycles a choice takes beside the multiplications that any takes."""
    node = group.product
    assert node is not None
    result = node.outputs[0]
    axes = group.axes[result]
    lanes = w.host.lanes(MEMORY[result.dtype.name])
    contracted = node.attrs["contract"][0] if node.op is prims.dot_general else ()
    work = math.prod(result.shape) * math.prod(node.operands[0].shape[i] for i in contracted)
    columns = result.shape[choice.columns]
    cost = (-(-columns // lanes) * lanes / columns - 1) * work / lanes  # lanes that compute nothing
    if choice.b is not None and choice.a is None:
        cost += math.prod(node.operands[1 - choice.left].shape)  # elements to be packed
    # What the nodes behind it read or write in another order than the block has takes single elements.
    for strides in memory.strides(outputs):
        axis = axes[choice.columns]
        if axis in strides and strides[axis] != 1 and 1 in strides.values():
            cost += _STRAY * math.prod(group.extents[a] for a in strides)
    return cost


class _Kernel(NamedTuple):
    """How blocks are computed.

    Attributes:
        function: the name of the function `void(ptr A, ptr B, ptr C)` of a block.
        cut: how a product is cut into blocks: the plan, whose first row axis is cut, and how many indices of that, and
            how many columns, a block has.
        tile: how many places of each of the last two row axes it computes at a time; if that is not 1, it computes
            whole tiles, and needs the scratch memory behind the block.
    """

    function: Callable[[contraction.Contraction], str]
    cut: Callable[[products.Plan, Host], tuple[products.Plan, tuple[int, int]]]
    tile: int = 1


def _kernel(w: GraphWriter, node: Node, choice: Choice) -> _Kernel:
    if not choice.minimal:
        itemsize = node.outputs[0].dtype.itemsize
        return _Kernel(w.contraction, lambda plan, host: _cut(plan, host, itemsize))
    if node.op is prims.conv_weight_grad:
        return _Kernel(lambda spec: winograd.weight_grad(w, spec), winograd_plan.cut_weights)
    return _Kernel(lambda spec: winograd.convolution(w, spec), winograd_plan.cut, winograd_plan.TILE)


class _Blocks:
    """One step: blocks of rows and columns.

    Args:
        w: the graph's writer.
        group: the group of the product.
        memory: what the group reads.
        kernel: what computes a block.
        plan: the product.
        outputs: the values of the group that others read.
        bases: their memory.
    """

    def __init__(
        self,
        w: GraphWriter,
        group: Group,
        memory: GroupMemory,
        kernel: _Kernel,
        plan: products.Plan,
        outputs: Sequence[Value],
        bases: Mapping[Value, Base],
    ) -> None:
        assert group.product is not None
        self.w = w
        self.group = group
        self.memory = memory
        self.kernel = kernel
        self.plan, self.block = plan, _ = kernel.cut(plan, w.host)
        self.outputs = outputs
        self.bases = bases
        self.result: Value = group.product.outputs[0]
        self.axes = group.axes[self.result]
        self.kind = MEMORY[self.result.dtype.name]
        self.rows = plan.rows or [Term(1, 0, 0)]
        self.outer_depth, self.depth = _split_depth(plan)
        columns = plan.columns.axis
        #: Whether a block is computed where it belongs, because nothing follows on its elements.
        self.direct = (
            list(outputs) == [self.result]
            and len(group.nodes) == 1
            and kernel.tile == 1
            and columns is not None
            and bases[self.result].place.layout.strides[columns] in (0, 1)
        )
        names = "_".join(n.op.name for n in group.nodes[:3])
        self.f = w.step(names)
        #: For each axis of the space, the index where the block begins.
        self.origin: dict[int, Register] = {}

    def write(self, a: Place, b: Place) -> None:
        """The step, with its operands."""
        f, plan, lead = self.f, self.plan, self.rows[0]
        rows, columns = -(-lead.extent // self.block[0]), -(-plan.columns.extent // self.block[1])
        index: Register = f.parameters[1]
        column, index = f.urem(index, columns), f.udiv(index, columns)
        row, index = f.urem(index, rows), f.udiv(index, rows)
        a_at = self.w.address(f, a._replace(layout=a.layout._replace(offset=plan.a_offset)))
        b_at = self.w.address(f, b._replace(layout=b.layout._replace(offset=plan.b_offset)))
        for term in reversed(plan.outer):
            at, index = f.urem(index, term.extent), f.udiv(index, term.extent)
            a_at, b_at = f.at(a_at, self.kind, f.mul(at, term.a)), f.at(b_at, self.kind, f.mul(at, term.b))
            self._begin(term, at)
        first_row, first_column = f.mul(row, self.block[0]), f.mul(column, self.block[1])
        a_at = f.at(a_at, self.kind, f.mul(first_row, lead.a))
        b_at = f.at(b_at, self.kind, f.add(f.mul(first_row, lead.b), first_column))
        self._begin(lead, first_row)
        self._begin(plan.columns, first_column)
        for term in self.rows[1:]:
            self._begin(term, constant(INDEX, 0))
        last_row, last_column = (
            lead.extent - (rows - 1) * self.block[0],
            plan.columns.extent - (columns - 1) * self.block[1],
        )
        f.by_size(row, rows, self.block[0], last_row,
                  lambda height: f.by_size(column, columns, self.block[1], last_column,
                                           lambda width: self._block(a_at, b_at, height, width)))  # fmt: skip
        self.w.run(f, rows * columns * math.prod(t.extent for t in plan.outer))
        if self._may_fail:
            self.w.stop_if_failed()

    @property
    def _may_fail(self) -> bool:
        return any(n.op in CHECKS for n in self.group.nodes)

    def _begin(self, term: Term, at: Register) -> None:
        axis = None if term.axis is None else self.axes[term.axis]
        if axis is not None:
            first, step = term.target
            self.origin[axis] = self.f.add(self.f.mul(at, step), first)

    def _block(self, a: Register, b: Register, height: int, width: int) -> None:
        """One block: so many indices of the first row axis, and so many columns."""
        f = self.f
        sizes = [height, *(t.extent for t in self.rows[1:])]
        rows: list[tuple[int, int, int]] = []
        if self.direct:
            place = self.bases[self.result].place
            rows = [(n, t.a, _stride(place.layout, t) * t.target[1]) for n, t in zip(sizes, self.rows, strict=True)]
            c = self.w.address(f, place)
            for axis, start in self.origin.items():
                c = f.at(c, self.kind, f.mul(start, _axis_stride(place.layout, self.axes, axis)))
        else:
            stride = width
            for i, (n, t) in enumerate(zip(reversed(sizes), reversed(self.rows), strict=True)):
                rows.insert(0, (n, t.a, stride))
                stride *= n if i > 1 else -(-n // self.kernel.tile) * self.kernel.tile
            taken = -(-stride * self.result.dtype.itemsize // 64) * 64
            c = f.parameters[2]
        depth = tuple((t.extent, t.a, t.b) for t in self.depth)
        spec = contraction.Contraction(self.kind, tuple(rows), width, depth, bool(self.outer_depth))
        kernel = self.kernel.function(spec)
        if self.outer_depth:
            self._clear(c, spec)
            self._over_depth(self.outer_depth, a, b, lambda x, y: f.call("void", kernel, x, y, c))
        else:
            f.call("void", kernel, a, b, c)
        if not self.direct:
            self._follow(sizes, width, [stride for _, _, stride in rows], taken)

    def _clear(self, c: Register, spec: contraction.Contraction) -> None:
        """Zeros in a block, to sum onto."""
        f, length = self.f, spec.columns * self.result.dtype.itemsize

        def clear(pointer: Register, axes: Sequence[tuple[int, int, int]]) -> None:
            if not axes:
                f.clear(pointer, length)
                return
            (n, _, stride), *rest = axes
            with f.loop(0, n) as loop:
                clear(f.at(pointer, spec.dtype, f.mul(loop.index, stride)), rest)

        clear(c, spec.rows)

    def _over_depth(
        self, terms: Sequence[Term], a: Register, b: Register, body: Callable[[Register, Register], object]
    ) -> None:
        if not terms:
            body(a, b)
            return
        f, (first, *rest) = self.f, terms
        with f.loop(0, first.extent) as loop:
            x = f.at(a, self.kind, f.mul(loop.index, first.a))
            y = f.at(b, self.kind, f.mul(loop.index, first.b))
            self._over_depth(rest, x, y, body)

    def _follow(self, sizes: Sequence[int], width: int, strides: Sequence[int], taken: int) -> None:
        """What follows on the elements of a block, which takes so many bytes of scratch memory."""
        f, group = self.f, self.group
        reads, writes = self.memory.accesses(f, self.outputs, self.bases)
        block = Access(self.result.dtype, f.parameters[2], {})
        ranges: dict[int, Range] = {a: Range(0, 1, 1) for a in range(len(group.extents))}
        steps: dict[int, int] = {}
        order: list[int] = []
        along: int | None = None
        terms = zip([*self.rows, self.plan.columns], [*sizes, width], [*strides, 1], strict=True)
        for term, n, stride in terms:
            axis = None if term.axis is None else self.axes[term.axis]
            if axis is not None:
                ranges[axis], steps[axis] = Range(0, n, n), term.target[1]
                block.strides[axis] = stride
                order.append(axis)
                along = axis if term is self.plan.columns else along
        for access in [*reads.values(), *writes.values()]:
            for axis, start in self.origin.items():
                offset, kind = f.mul(start, access.strides.get(axis, 0)), MEMORY[access.dtype.name]
                access.base = f.add(access.base, offset) if access.is_number else f.at(access.base, kind, offset)
            access.strides = {a: s * steps.get(a, 1) for a, s in access.strides.items()}
        reads[self.result, self.axes] = block
        order = [*(a for a in ranges if a not in order), *order]
        nest = Nest(group, order, along, reads, writes, ranges, self.memory.jumps())
        failed = self.w.status(f) if self._may_fail else NULL
        rest = f.at(f.parameters[2], "i8", taken)
        GroupWriter(f, nest, self.w.host.vector_bits, rest, SCRATCH_BYTES - taken, failed).write()


def _stride(layout: Layout, term: Term) -> int:
    return 0 if term.axis is None else layout.strides[term.axis]


def _axis_stride(layout: Layout, axes: Axes, axis: int) -> int:
    return sum(s for a, s in zip(axes, layout.strides, strict=True) if a == axis)


def _cut(plan: products.Plan, host: Host, itemsize: int) -> tuple[products.Plan, tuple[int, int]]:
    """For contractions: how many indices of the first row axis and how many columns a block has, by shapes only."""
    plan = _shared_out(plan)
    rows, columns = (plan.rows[0].extent if plan.rows else 1), plan.columns.extent
    width = math.prod(t.extent for t in plan.rows[1:])  # rows for each index of the first axis
    depth = math.prod(t.extent for t in plan.depth)
    column_block = columns
    limit = max(host.l2_bytes // 4, 1)
    while column_block > 64 and column_block * depth * itemsize > limit:
        column_block = -(-column_block // 2 // 64) * 64
    outer = math.prod(t.extent for t in plan.outer) * -(-columns // column_block)
    room = max(1, SCRATCH_BYTES // 2 // (width * column_block * itemsize))
    work = 2 * width * column_block * depth
    enough = max(1, -(-2_000_000 // max(work, 1)))  # about 20 microseconds
    grain = _TILE_ROWS if width == 1 else 1
    row_block = max(enough, grain)
    if outer < _ENOUGH_CHUNKS:
        row_block = min(row_block, max(-(-rows * outer // _ENOUGH_CHUNKS), grain))
    row_block = min(rows, room, row_block)
    grain = 4 if width == 1 else 1
    even = -(-rows // max(1, round(rows / row_block)))  # the last block no smaller than the others
    return plan, (min(rows, room, -(-even // grain) * grain), column_block)


def _shared_out(plan: products.Plan) -> products.Plan:
    """With so many of the row axes walked by chunks that there are enough of those."""
    while len(plan.rows) > 1 and math.prod(t.extent for t in plan.outer) * plan.rows[0].extent < _ENOUGH_CHUNKS:
        plan = plan._replace(outer=[*plan.outer, plan.rows[0]], rows=plan.rows[1:])
    return plan


def _split_depth(plan: products.Plan) -> tuple[list[Term], list[Term]]:
    """The axes of the depth that are walked outside the kernel: those of images, where rows are a kernel's taps."""
    if len(plan.depth) > 2 and not any(t.b for t in plan.outer):
        return plan.depth[:1], plan.depth[1:]
    return [], plan.depth
