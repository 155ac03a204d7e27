"""The steps of products: blocks of rows and columns, each with what follows on its elements.

A block is computed by a kernel of its own into its place or, if other nodes follow, into scratch memory of the worker,
where they find it in the cache. So no memory is written for what only they need, such as a gradient that goes straight
into the update of its weight.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lamella.codegen.llvm import INDEX, NULL, Register, constant
from lamella.codegen.scalars import MEMORY
from lamella.ir import Value
from lamella.lowering.axes import Axes
from lamella.lowering.checks import CHECKS
from lamella.lowering.layout import Layout
from lamella.lowering.plan import Product, Step
from lamella.lowering.products import Form, Term
from lamella.ops import prims
from lamella_cpu.codegen import winograd
from lamella_cpu.codegen.elementwise import cursors
from lamella_cpu.codegen.loops import GroupWriter
from lamella_cpu.codegen.nest import Cursor, Nest, Range
from lamella_cpu.codegen.steps import Steps
from lamella_cpu.host import SCRATCH_BYTES, Host
from lamella_cpu.kernels import contraction, winograd_plan

#: A block has at least this many rows: as many as a tile of the kernel may take.
_TILE_ROWS = 12
#: With fewer chunks than this, many threads would have little to do.
_ENOUGH_CHUNKS = 16


def write_product(w: Steps, step: Step) -> None:
    """A product and the elementwise nodes on its result."""
    work = step.work
    assert isinstance(work, Product)
    kernel = _kernel(w, work)
    for form in work.forms:
        _Blocks(w, step, work, kernel, form).write()


class _Kernel(NamedTuple):
    """How blocks are computed.

    Attributes:
        function: the name of the function `void(ptr A, ptr B, ptr C)` of a block.
        cut: how a product is cut into blocks: the contraction, whose first row axis is cut, and how many indices of
            that, and how many columns, a block has.
        tile: how many places of each of the last two row axes it computes at a time; if that is not 1, it computes
            whole tiles, and needs the scratch memory behind the block.
    """

    function: Callable[[contraction.Contraction], str]
    cut: Callable[[Form, Host], tuple[Form, tuple[int, int]]]
    tile: int = 1


def _kernel(w: Steps, work: Product) -> _Kernel:
    node = work.group.product
    assert node is not None
    if not work.choice.minimal:
        itemsize = node.outputs[0].dtype.itemsize
        return _Kernel(w.contraction, lambda form, host: _cut(form, host, itemsize))
    if node.op is prims.conv_weight_grad:
        return _Kernel(lambda spec: winograd.weight_grad(w, spec), winograd_plan.cut_weights)
    return _Kernel(lambda spec: winograd.convolution(w, spec), winograd_plan.cut, winograd_plan.TILE)


class _Blocks:
    """One contraction: blocks of rows and columns.

    Args:
        w: writes steps.
        step: the step.
        work: its work.
        kernel: what computes a block.
        form: the contraction.
    """

    def __init__(self, w: Steps, step: Step, work: Product, kernel: _Kernel, form: Form) -> None:
        assert work.group.product is not None
        self.w = w
        self.work = work
        self.group = work.group
        self.a, self.b, *self.reads = step.reads
        self.writes = step.writes
        self.kernel = kernel
        self.form, self.block = form, _ = kernel.cut(form, w.host)
        self.result: Value = work.group.product.outputs[0]
        self.axes = self.group.axes[self.result]
        self.kind = MEMORY[self.result.dtype.name]
        self.rows = form.rows or [Term(1, 0, 0)]
        self.outer_depth, self.depth = _split_depth(form)
        columns = form.columns.axis
        #: Whether a block is computed where it belongs, because nothing follows on its elements.
        self.direct = (
            list(work.outputs) == [self.result]
            and len(self.group.nodes) == 1
            and kernel.tile == 1
            and columns is not None
            and self.writes[0].layout.strides[columns] in (0, 1)
        )
        names = "_".join(n.op.name for n in self.group.nodes[:3])
        self.f = w.step(names)
        #: For each axis of the space, the index where the block begins.
        self.origin: dict[int, Register] = {}

    def write(self) -> None:
        """The whole contraction."""
        f, form, lead = self.f, self.form, self.rows[0]
        rows, columns = -(-lead.extent // self.block[0]), -(-form.columns.extent // self.block[1])
        index: Register = f.parameters[1]
        column, index = f.urem(index, columns), f.udiv(index, columns)
        row, index = f.urem(index, rows), f.udiv(index, rows)
        a_at = self.w.address(f, self.a.at(form.a_offset))
        b_at = self.w.address(f, self.b.at(form.b_offset))
        for term in reversed(form.outer):
            at, index = f.urem(index, term.extent), f.udiv(index, term.extent)
            a_at, b_at = f.at(a_at, self.kind, f.mul(at, term.a)), f.at(b_at, self.kind, f.mul(at, term.b))
            self._begin(term, at)
        first_row, first_column = f.mul(row, self.block[0]), f.mul(column, self.block[1])
        a_at = f.at(a_at, self.kind, f.mul(first_row, lead.a))
        b_at = f.at(b_at, self.kind, f.add(f.mul(first_row, lead.b), first_column))
        self._begin(lead, first_row)
        self._begin(form.columns, first_column)
        for term in self.rows[1:]:
            self._begin(term, constant(INDEX, 0))
        last_row, last_column = (
            lead.extent - (rows - 1) * self.block[0],
            form.columns.extent - (columns - 1) * self.block[1],
        )
        f.by_size(row, rows, self.block[0], last_row,
                  lambda height: f.by_size(column, columns, self.block[1], last_column,
                                           lambda width: self._block(a_at, b_at, height, width)))  # fmt: skip
        self.w.run(f, rows * columns * math.prod(t.extent for t in form.outer))
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
            (place,) = self.writes
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
        reads, writes = cursors(self.w, f, self.work, self.reads, self.writes)
        block = Cursor(self.result.dtype, f.parameters[2], {})
        ranges: dict[int, Range] = {a: Range(0, 1, 1) for a in range(len(group.extents))}
        steps: dict[int, int] = {}
        order: list[int] = []
        along: int | None = None
        terms = zip([*self.rows, self.form.columns], [*sizes, width], [*strides, 1], strict=True)
        for term, n, stride in terms:
            axis = None if term.axis is None else self.axes[term.axis]
            if axis is not None:
                ranges[axis], steps[axis] = Range(0, n, n), term.target[1]
                block.strides[axis] = stride
                order.append(axis)
                along = axis if term is self.form.columns else along
        for cursor in [*reads.values(), *writes.values()]:
            for axis, start in self.origin.items():
                offset, kind = f.mul(start, cursor.strides.get(axis, 0)), MEMORY[cursor.dtype.name]
                cursor.base = f.add(cursor.base, offset) if cursor.is_number else f.at(cursor.base, kind, offset)
            cursor.strides = {a: s * steps.get(a, 1) for a, s in cursor.strides.items()}
        reads[self.result, self.axes] = block
        order = [*(a for a in ranges if a not in order), *order]
        nest = Nest(group, order, along, reads, writes, ranges, self.work.jumps(self.reads))
        failed = self.w.status(f) if self._may_fail else NULL
        rest = f.at(f.parameters[2], "i8", taken)
        GroupWriter(f, nest, self.w.host.vector_bits, rest, SCRATCH_BYTES - taken, failed).write()


def _stride(layout: Layout, term: Term) -> int:
    return 0 if term.axis is None else layout.strides[term.axis]


def _axis_stride(layout: Layout, axes: Axes, axis: int) -> int:
    return sum(s for a, s in zip(axes, layout.strides, strict=True) if a == axis)


def _cut(form: Form, host: Host, itemsize: int) -> tuple[Form, tuple[int, int]]:
    """For contractions: how many indices of the first row axis and how many columns a block has, by shapes only."""
    form = _shared_out(form)
    rows, columns = (form.rows[0].extent if form.rows else 1), form.columns.extent
    width = math.prod(t.extent for t in form.rows[1:])  # rows for each index of the first axis
    depth = math.prod(t.extent for t in form.depth)
    column_block = columns
    limit = max(host.l2_bytes // 4, 1)
    while column_block > 64 and column_block * depth * itemsize > limit:
        column_block = -(-column_block // 2 // 64) * 64
    outer = math.prod(t.extent for t in form.outer) * -(-columns // column_block)
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
    return form, (min(rows, room, -(-even // grain) * grain), column_block)


def _shared_out(form: Form) -> Form:
    """With so many of the row axes walked by chunks that there are enough of those."""
    while len(form.rows) > 1 and math.prod(t.extent for t in form.outer) * form.rows[0].extent < _ENOUGH_CHUNKS:
        form = form._replace(outer=[*form.outer, form.rows[0]], rows=form.rows[1:])
    return form


def _split_depth(form: Form) -> tuple[list[Term], list[Term]]:
    """The axes of the depth that are walked outside the kernel: those of images, where rows are a kernel's taps."""
    if len(form.depth) > 2 and not any(t.b for t in form.outer):
        return form.depth[:1], form.depth[1:]
    return [], form.depth
