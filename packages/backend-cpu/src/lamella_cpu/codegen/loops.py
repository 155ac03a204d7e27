"""The code of a fusion group: loops over its iteration space, around the vector code of its nodes.

The axes of the space become loops: first those that are not reduced, the outermost of which is cut into chunks for
the workers; inside them, for each pass, those that are reduced. One axis, along which memory is contiguous, is walked
a vector register at a time. If that is an outer axis, each lane reduces on its own; if it is a reduced one, lanes hold
partial results that are combined after the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lamella.codegen import vectormath
from lamella.codegen.llvm import INDEX, NULL, Function, Int, Register, constant, element, lanes, suffix, vector, zero
from lamella.codegen.llvm import size as bytes_of
from lamella.codegen.scalars import MEMORY, REDUCE, REGISTER, TABLE, Combine, cast, literal
from lamella.dtypes import BY_NAME, DType
from lamella.ir import Node, Value
from lamella.lowering.axes import Axes, needs_memory, operand_axes, source, sources
from lamella.lowering.checks import CHECKS
from lamella.ops import prims
from lamella.ops.define.opdef import Kind
from lamella_cpu.codegen.nest import Cursor, Loop, Nest


def _is_expensive(node: Node) -> bool:
    """Whether a value is kept in memory from pass to pass rather than computed again: reductions are so anyway."""
    return node.op.expensive and node.op.kind is Kind.ELEMENTWISE


class GroupWriter:
    """Writes the code of a group into a function.

    Args:
        f: the function.
        nest: the loops.
        bits: width of a vector register.
        scratch: memory of the worker, for what is kept from pass to pass.
        scratch_bytes: how much that is.
        failed: where to note that something went wrong.
    """

    def __init__(
        self, f: Function, nest: Nest, bits: int, scratch: Register, scratch_bytes: int, failed: Register = NULL
    ) -> None:
        self.failed = failed
        self.f = f
        self.nest = nest
        self.group = nest.group
        self.scratch = scratch
        self.scratch_bytes = scratch_bytes
        self.where: dict[Cursor, Register] = {a: a.base for a in nest.cursors}
        self.opened: set[int] = set()
        self.scratch_used = 0
        self.lane_scratch: set[Cursor] = set()
        self.memo: dict[tuple[Value, int | None], Register] = {}
        self.leaf_memo: dict[tuple[Cursor, int | None], Register] = {}
        self.mask: Register | None = None
        self.kept: dict[Value, Cursor] = {}
        self.known: dict[Value, Node] = {}
        nodes = self.group.nodes
        self.producer = {v: n for n in nodes for v in n.outputs}
        wide = any(v.type.dtype.itemsize == 8 and v.type.dtype.is_float for n in nodes for v in n.outputs)
        self.vector_loop = nest.vector_loop
        self.lanes = bits // (64 if wide else 32) if self.vector_loop and self.vector_loop.range.extent > 1 else 0
        self.unroll = self._unroll()
        self.depends = self._depends()
        self.reductions_of = self._cones()
        self.phase = nest.group.phases()

    # -- what depends on what --

    def _unroll(self) -> int:
        """How many vectors an iteration takes: enough to hide latencies, few enough for the registers."""
        if not self.lanes or self.vector_loop is None:
            return 1
        cost = sum(6 if _is_expensive(n) else 1 for n in self.group.nodes)
        wanted = 4 if cost <= 6 else 2 if cost <= 14 else 1
        return max(1, min(wanted, self.vector_loop.range.extent // self.lanes))

    def _loops_of(self, cursor: Cursor) -> set[int]:
        return {i for i, loop in enumerate(self.nest.loops) if loop.strides.get(cursor, 0)}

    def _operand(self, node: Node, position: int) -> tuple[Value, Axes] | None:
        """What of the group or of memory an operand is; None for a constant."""
        group, operand = self.group, node.operands[position]
        axes = operand_axes(node, position, group.axes, group.reads)
        if needs_memory(node, position):
            return operand, axes
        found = sources(operand, axes)
        if found is not None:
            base, at = found
            if base.node is not None and base.node.op is prims.constant and not base.shape:
                return None
            if base in group.axes and group.axes[base] == at:
                return base, at
            if (base, at) in self.nest.reads:
                return base, at
        return operand, axes

    def _depends(self) -> dict[Value, set[int]]:
        """For each value of the group, the loops whose index it depends on."""
        known: dict[Value, set[int]] = {}
        for node in self.group.nodes:
            found: set[int] = set()
            for position in range(len(node.operands)) if node.op.kind is not Kind.PRODUCT else ():
                target = self._operand(node, position)
                if target is not None:
                    cursor = self.nest.reads.get(target)
                    found |= known[target[0]] if cursor is None else self._loops_of(cursor)
            if node.op in REDUCE:
                found = {i for i in found if not self.nest.loops[i].reduced}
            for value in node.outputs:
                cursor = self.nest.reads.get((value, self.group.axes[value]))
                known[value] = found if cursor is None else self._loops_of(cursor)
        return known

    def _cones(self) -> dict[Value, frozenset[Value]]:
        """The reductions whose results each value needs."""
        cones: dict[Value, frozenset[Value]] = {}
        for node in self.group.nodes:
            needed: frozenset[Value] = frozenset()
            for position in range(len(node.operands)):
                target = self._operand(node, position) if node.op.kind is not Kind.PRODUCT else None
                if target is not None and target[0] in cones:
                    base = target[0]
                    needed |= {base} if self.producer[base].op in REDUCE else cones[base]
            cones.update(dict.fromkeys(node.outputs, needed))
        return cones

    # -- the loops --

    def write(self) -> None:
        """Write everything."""
        outer = [loop for loop in self.nest.loops if not loop.reduced]
        if self.group.reduced:
            inner = [loop for loop in self.nest.loops if loop.reduced]
            self._over(outer, lambda: self._passes(inner))
        else:
            self._over(outer, self._store_results)

    def _over(self, loops: Sequence[Loop], body: Callable[[], None]) -> None:
        """The loops, around the body."""
        if not loops:
            self._hoist()
            body()
            return
        first, *rest = loops
        self._hoist()
        if first is self.vector_loop and self.lanes:
            self._in_vectors(first, lambda: self._over(rest, body))
            return
        with self._opened(first):
            self._over(rest, body)

    @contextmanager
    def _opened(self, loop: Loop, carried: Sequence[Register] = ()) -> Iterator[Any]:
        with (
            self.f.loop(loop.range.start, loop.range.stop, 1, carried) as written,
            self._at(loop, written.index),
        ):
            yield written

    @contextmanager
    def _at(self, loop: Loop, index: Int) -> Iterator[None]:
        """Addresses of a point of a loop; what is computed there is forgotten after."""
        where, memo, leaves = dict(self.where), dict(self.memo), dict(self.leaf_memo)
        number = self.nest.loops.index(loop)
        self.opened.add(number)
        for cursor, stride in loop.strides.items():
            base = where.get(cursor)  # scratch memory is there in its pass only
            if stride and base is not None:
                offset = self.f.mul(index, stride)
                if cursor.is_number:
                    self.where[cursor] = self.f.add(base, offset)
                else:
                    self.where[cursor] = self.f.at(base, MEMORY[cursor.dtype.name], offset)
        yield
        self.where, self.memo, self.leaf_memo = where, memo, leaves
        self.opened.remove(number)

    def _in_vectors(self, loop: Loop, body: Callable[[], None]) -> None:
        """An outer loop a vector at a time; what is left at its end under a mask."""
        f, width, span = self.f, self.lanes, self.lanes * self.unroll
        start, stop = loop.range.start, loop.range.stop
        known = isinstance(start, int) and isinstance(stop, int)
        if known:
            assert isinstance(start, int) and isinstance(stop, int)
            end: Int = start + (stop - start) // span * span
        else:
            whole = f.mul(f.udiv(f.sub(stop, start), span), span)
            end = f.add(start, whole)
        if not (known and end == start):
            with f.loop(start, end, span) as written, self._at(loop, written.index):
                body()
        if known and end == stop:
            return
        unroll, self.unroll = self.unroll, 1
        if known:
            assert isinstance(end, int) and isinstance(stop, int)
            for at in range(end, stop, width):
                self.mask = self._lanes_below(min(width, stop - at))
                with self._at(loop, at):
                    body()
        else:
            with f.loop(end, stop, width) as written:
                self.mask = self._lanes_below(f.sub(stop, written.index))
                with self._at(loop, written.index):
                    body()
        self.unroll, self.mask = unroll, None

    def _lanes_below(self, count: Int) -> Register | None:
        """A mask of the first lanes; None if it is all of them."""
        if isinstance(count, int):
            if count >= self.lanes:
                return None
            bits = ", ".join(f"i1 {int(i < count)}" for i in range(self.lanes))
            return Register(vector("i1", self.lanes), f"<{bits}>")
        numbers = ", ".join(f"i64 {i}" for i in range(self.lanes))
        kind = vector(INDEX, self.lanes)
        return self.f.compare("slt", Register(kind, f"<{numbers}>"), self.f.splat(count, self.lanes))

    # -- reductions --

    def _passes(self, inner: Sequence[Loop]) -> None:
        """The passes over the reduced axes at one point of the others."""
        kept, used = dict(self.kept), self.scratch_used
        for number in range(max(self.phase.values()) + 1):
            self._pass(number, inner)
        self._store_results()
        self.kept, self.scratch_used = kept, used

    def _pass(self, number: int, inner: Sequence[Loop]) -> None:
        group = self.group
        reductions = [n for n in group.nodes if n.op in REDUCE and self.phase[n.outputs[0]] == number]
        stored = [v for v in self.nest.writes if group.is_inner(v) and self.phase[v] == number]
        spilled = self._worth_keeping(number, inner)
        if not reductions and not stored:
            return
        along = self.vector_loop is not None and self.vector_loop.reduced and self.lanes > 0
        slots = self.unroll
        accumulators: list[Register] = []
        for node in reductions:
            dtype = node.outputs[0].type.dtype
            kind = vector(REGISTER[dtype.name], self.lanes)
            accumulators += [constant(kind, REDUCE[node.op][0](dtype))] * slots

        def step(state: Sequence[Register], live: int) -> list[Register]:
            """One iteration's part: `live` vectors of it."""
            for value in stored:
                for slot in range(live):
                    self._store(value, slot)
            for value, cursor in spilled.items():
                for slot in range(live):
                    self._put(cursor, slot, self.compute(value, slot))
            following = list(state)
            for i, node in enumerate(reductions):
                dtype = node.outputs[0].type.dtype
                for slot in range(live):
                    x = self._spread(self._read_operand(node, 0, slot))
                    at = i * slots + slot
                    combined = REDUCE[node.op][1](self.f, following[at], x, dtype)
                    if self.mask is not None and along:
                        combined = self.f.select(self.mask, combined, following[at])
                    following[at] = combined
            return following

        totals = self._reduce_over(inner, accumulators, step)
        for i, node in enumerate(reductions):
            dtype = node.outputs[0].type.dtype
            combine = REDUCE[node.op][1]
            parts = totals[i * slots : (i + 1) * slots]
            if along:
                while len(parts) > 1:
                    pairs = [parts[j : j + 2] for j in range(0, len(parts), 2)]
                    parts = [combine(self.f, p[0], p[1], dtype) if len(p) > 1 else p[0] for p in pairs]
                self.memo[node.outputs[0], None] = self._across(parts[0], dtype, combine)
            elif self.lanes:
                for slot, total in enumerate(parts):
                    self.memo[node.outputs[0], slot] = total
            else:
                self.memo[node.outputs[0], None] = parts[0]
        self.kept |= spilled
        self.kept |= {v: self.nest.writes[v] for v in stored if self._costs_much(v)}

    def _reduce_over(
        self, loops: Sequence[Loop], state: list[Register], step: Callable[[Sequence[Register], int], list[Register]]
    ) -> list[Register]:
        """The reduced loops, with accumulators carried through; gives the last ones."""
        if not loops:
            return step(state, self.unroll)
        first, *rest = loops
        self._hoist()
        if first is self.vector_loop and self.lanes:
            return self._reduce_vectors(first, state, step)
        with self._opened(first, state) as written:
            written.yields(*self._reduce_over(rest, written.carried, step))
        results: list[Register] = written.results
        return results

    def _reduce_vectors(
        self, loop: Loop, state: list[Register], step: Callable[[Sequence[Register], int], list[Register]]
    ) -> list[Register]:
        f, width, span = self.f, self.lanes, self.lanes * self.unroll
        start, stop = loop.range.start, loop.range.stop
        assert isinstance(start, int) and isinstance(stop, int), "reduced axes are walked whole"
        end = start + (stop - start) // span * span
        if end > start:
            with f.loop(start, end, span, state) as written, self._at(loop, written.index):
                written.yields(*step(written.carried, self.unroll))
            state = written.results
        for at in range(end, stop, width):
            self.mask = self._lanes_below(min(width, stop - at))
            with self._at(loop, at):
                state = step(state, 1)
        self.mask = None
        return state

    def _across(self, x: Register, dtype: DType, combine: Combine) -> Register:
        """All lanes of a register as one: halves, quarters, … so that the order is fixed."""
        count = lanes(x.type)
        while count > 1:
            half = count // 2
            low, high = self.f.shuffle(x, None, range(half)), self.f.shuffle(x, None, range(half, count))
            x = combine(self.f, low, high, dtype)
            count = half
        return self.f.extract(x, 0)

    def _costs_much(self, value: Value) -> bool:
        return value in self.producer and _is_expensive(self.producer[value])

    def _worth_keeping(self, number: int, inner: Sequence[Loop]) -> dict[Value, Cursor]:
        """Expensive values of a pass that later passes read: each gets a row of scratch memory."""
        group = self.group
        chosen: dict[Value, Cursor] = {}
        points = 1
        for loop in inner:
            points *= loop.range.extent
        across = self.vector_loop is not None and not self.vector_loop.reduced and self.lanes > 0
        width = self.lanes * self.unroll if across else 1
        for node in group.nodes:
            value = node.outputs[0]
            later = any(
                self.phase[n.outputs[0]] > number and any(source(o) is value for o in n.operands) for n in group.nodes
            )
            if not (self._costs_much(value) and group.is_inner(value) and self.phase[value] == number and later):
                continue
            if value in self.nest.writes:
                continue
            dtype = value.type.dtype
            span = (points * width * dtype.itemsize + 63) // 64 * 64
            if self.scratch_used + span > self.scratch_bytes:
                continue
            base = self.f.at(self.scratch, "i8", self.scratch_used)
            self.scratch_used += span
            cursor = Cursor(dtype, base, {})
            stride = width
            for loop in reversed(inner):
                loop.strides[cursor] = stride
                stride *= loop.range.extent
            if across:
                self.lane_scratch.add(cursor)
            self.where[cursor] = base
            chosen[value] = cursor
        return chosen

    # -- values --

    def _hoist(self) -> None:
        """Compute what does not depend on the loops that are still to be opened."""
        jumping = {self.nest.reads[target] for target in self.nest.jumps}
        for cursor in dict.fromkeys(self.nest.reads.values()):
            if cursor not in jumping and self._loops_of(cursor) <= self.opened:
                for slot in self._slots(cursor):
                    self._load(cursor, slot)
        for node in self.group.nodes:
            value = node.outputs[0]
            if node.op in REDUCE or node.op.kind is Kind.PRODUCT or not self.depends[value] <= self.opened:
                continue
            if all((r, None) in self.memo or (r, 0) in self.memo for r in self.reductions_of[value]):
                for slot in range(self.unroll):
                    self.compute(value, slot)

    def _slots(self, cursor: Cursor) -> range:
        return range(self.unroll if self._along(cursor) else 1)

    def _store_results(self) -> None:
        for value in self.nest.writes:
            if self.group.reduced and self.group.is_inner(value):
                continue
            slots = range(self.unroll) if self.lanes and not (self.vector_loop and self.vector_loop.reduced) else [0]
            for slot in slots:
                self._store(value, slot)

    def _store(self, value: Value, slot: int) -> None:
        self._put(self.nest.writes[value], slot, self.compute(value, slot))

    def compute(self, value: Value, slot: int) -> Register:
        """The register that holds a value of the group at the current point; a scalar if all lanes are alike."""
        if value in self.known:
            return literal(self.known[value].attrs["value"], value.type.dtype)
        key = (value, None)
        if key in self.memo:
            return self.memo[key]
        if (value, slot) in self.memo:
            return self.memo[value, slot]
        cursor = self.kept.get(value) or self.nest.reads.get((value, self.group.axes[value]))
        if cursor is not None:
            return self._load(cursor, slot)
        node = self.producer[value]
        if node.op is prims.gather:
            result = self._gathered(node, slot)
            self.memo[value, slot if lanes(result.type) else None] = result
            return result
        operands = [self._read_operand(node, position, slot) for position in range(len(node.operands))]
        width = max((lanes(x.type) for x in operands), default=0)
        spread = [self.f.splat(x, width) if width and not lanes(x.type) else x for x in operands]
        result = self._apply(node, spread)
        if node.op in CHECKS:
            self._check(node, result)
        self.memo[value, slot if width else None] = result
        return result

    def _apply(self, node: Node, operands: list[Register]) -> Register:
        dtype: DType = node.operands[-1].type.dtype
        if node.op in CHECKS:
            return operands[0]
        if node.op is prims.cast:
            return cast(self.f, operands[0], dtype, BY_NAME[node.attrs["dtype"]])
        if node.op in vectormath.TABLE:
            return vectormath.TABLE[node.op](self.f, *operands)
        return TABLE[node.op](self.f, operands, dtype, dict(node.attrs))

    def _check(self, node: Node, number: Register) -> None:
        """Note in memory that an index is out of range, or a divisor 0, for the code around to stop."""
        f = self.f
        if node.op is prims.checked_divisor:
            bad = f.compare("eq", number, constant(number.type, 0))
        else:
            place = self._widened(number, node.operands[0].type.dtype)
            bad = f.compare("uge", place, constant(place.type, node.attrs["size"]))
            if node.attrs["ignore"] is not None:
                counts = f.compare("ne", number, constant(number.type, node.attrs["ignore"]))
                bad = f.binary("and", bad, counts)
        width = lanes(number.type)
        if width:
            if self.mask is not None:
                bad = f.binary("and", bad, self.mask)
            f.module.declare(f"llvm.vector.reduce.or.v{width}i1", "i1", [bad.type])
            bad = f.call("i1", f"llvm.vector.reduce.or.v{width}i1", bad)
        with f.when(bad):
            f.write(f"store atomic i64 1, {self.failed} monotonic, align 8")

    def _widened(self, index: Register, dtype: DType) -> Register:
        """An index of any integer type as one of 64 bits."""
        wide = vector(INDEX, lanes(index.type))
        return index if index.type == wide else self.f.convert("sext" if dtype.kind == "int" else "zext", index, wide)

    def _gathered(self, node: Node, slot: int) -> Register:
        """Numbers from places that other numbers say. The places were checked before."""
        f = self.f
        target = self._operand(node, 0)
        assert target is not None
        cursor, stride = self.nest.reads[target], self.nest.jumps[target]
        index = self._widened(self._read_operand(node, 1, slot), node.operands[1].type.dtype)
        count = lanes(index.type)
        wide = vector(INDEX, count)
        # Whatever stands there: nothing outside is touched.
        index = f.intrinsic("umin", index, constant(wide, node.operands[0].shape[node.attrs["axis"]] - 1))
        name = cursor.dtype.name
        place, along = self.where[cursor], self._along(cursor)
        if cursor.is_number:
            offset = f.binary("mul", index, constant(wide, stride))
            return self._as_number(cursor, f.binary("add", offset, f.splat(place, count) if count else place))
        if not count:
            moved = Cursor(cursor.dtype, place, cursor.strides)
            for loop in self.nest.loops:
                loop.strides[moved] = loop.strides.get(cursor, 0)
            self.where[moved] = f.at(place, MEMORY[name], f.mul(index, stride))
            return self._load(moved, slot)
        offsets = f.binary("mul", index, constant(wide, stride))
        if along:
            steps = ", ".join(f"i64 {along * (i + slot * self.lanes)}" for i in range(self.lanes))
            offsets = f.binary("add", offsets, Register(wide, f"<{steps}>"))
        x = self._gather(vector(MEMORY[name], self.lanes), place, offsets)
        return f.compare("ne", x, constant(x.type, 0)) if cursor.dtype.kind == "bool" else x

    def _read_operand(self, node: Node, position: int, slot: int) -> Register:
        target = self._operand(node, position)
        if target is None:
            base = source(node.operands[position])
            assert base.node is not None
            return literal(base.node.attrs["value"], base.type.dtype)
        base, axes = target
        if base in self.group.axes and self.group.axes[base] == axes:
            return self.compute(base, slot)
        return self._load(self.nest.reads[base, axes], slot)

    def _spread(self, x: Register) -> Register:
        return self.f.splat(x, self.lanes) if self.lanes and not lanes(x.type) else x

    # -- memory --

    def _along(self, cursor: Cursor) -> int:
        """The stride of an cursor along the vector axis."""
        if not self.lanes or self.vector_loop is None:
            return 0
        if cursor in self.lane_scratch:
            return 1
        return self.vector_loop.strides.get(cursor, 0)

    def _load(self, cursor: Cursor, slot: int) -> Register:
        stride = self._along(cursor)
        key = (cursor, slot if stride else None)
        if key in self.leaf_memo:
            return self.leaf_memo[key]
        f, name = self.f, cursor.dtype.name
        place = self.where[cursor]
        kind = vector(MEMORY[name], self.lanes if stride else 0)
        if cursor.is_number:
            x = self._number(cursor, place, stride, slot)
        elif not stride:
            x = f.load(kind, place)
        else:
            place = f.at(place, MEMORY[name], slot * self.lanes * stride)
            if stride == 1:
                x = f.load(kind, place) if self.mask is None else f.masked_load(kind, place, self.mask)
            else:
                x = self._gather(kind, place, self._offsets(stride))
        if cursor.dtype.kind == "bool":
            x = f.compare("ne", x, constant(x.type, 0))
        self.leaf_memo[key] = x
        return x

    def _number(self, cursor: Cursor, place: Register, stride: int, slot: int) -> Register:
        """An `iota`: its number is its place."""
        f = self.f
        if stride:
            wide = vector(INDEX, self.lanes)
            steps = ", ".join(f"i64 {stride * (i + slot * self.lanes)}" for i in range(self.lanes))
            place = f.binary("add", f.splat(place, self.lanes), Register(wide, f"<{steps}>"))
        return self._as_number(cursor, place)

    def _as_number(self, cursor: Cursor, place: Register) -> Register:
        """What an `iota` has at a place, or at a vector of places."""
        f, kind = self.f, REGISTER[cursor.dtype.name]
        target = vector(kind, lanes(place.type))
        if cursor.dtype.is_float:
            return f.convert("sitofp", place, target)
        return place if kind == INDEX else f.convert("trunc", place, target)

    def _offsets(self, stride: int) -> Register:
        steps = ", ".join(f"i64 {stride * i}" for i in range(self.lanes))
        return Register(vector(INDEX, self.lanes), f"<{steps}>")

    def _everywhere(self) -> Register:
        return self.mask if self.mask is not None else constant(vector("i1", self.lanes), 1)

    def _gather(self, kind: str, place: Register, offsets: Register) -> Register:
        f = self.f
        pointers = f.emit(vector("ptr", self.lanes), f"getelementptr {element(kind)}, {place}, {offsets}")
        name = f"llvm.masked.gather.{suffix(kind)}.v{self.lanes}p0"
        f.module.declare(name, kind, [pointers.type, "i32", vector("i1", self.lanes), kind])
        align = Register("i32", str(bytes_of(element(kind))))
        return f.call(kind, name, pointers, align, self._everywhere(), zero(kind))

    def _put(self, cursor: Cursor, slot: int, x: Register) -> None:
        f, name = self.f, cursor.dtype.name
        stride = self._along(cursor)
        place = self.where[cursor]
        if stride:
            x = self._spread(x)
        if cursor.dtype.kind == "bool":
            x = f.convert("zext", x, vector("i8", lanes(x.type)))
        if not stride:
            if lanes(x.type):
                x = f.extract(x, 0)
            f.store(x, place)
            return
        place = f.at(place, MEMORY[name], slot * self.lanes * stride)
        if stride == 1:
            if self.mask is None:
                f.store(x, place)
            else:
                f.masked_store(x, place, self.mask)
            return
        pointers = f.emit(
            vector("ptr", self.lanes), f"getelementptr {element(x.type)}, {place}, {self._offsets(stride)}"
        )
        intrinsic = f"llvm.masked.scatter.{suffix(x.type)}.v{self.lanes}p0"
        f.module.declare(intrinsic, "void", [x.type, pointers.type, "i32", vector("i1", self.lanes)])
        align = Register("i32", str(bytes_of(element(x.type))))
        f.call("void", intrinsic, x, pointers, align, self._everywhere())
