"""Updates of a tensor at places that other numbers say, in the order of the updates."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lamella.codegen.llvm import INDEX, Function, Register, constant, vector
from lamella.codegen.scalars import MEMORY, REGISTER, larger, smaller
from lamella.ir import Node
from lamella.lowering.layout import Layout
from lamella_cpu.host import Host

_MOST_CHUNKS = 8
_WORTH_A_CHUNK = 32_768  # elements that are updated


class ScatterWriter:
    """Writes the code of one chunk: the updates that fall into its part of the axis, for all other axes.

    Args:
        f: the function.
        node: the primitive: (x, indices, updates); the result holds x already.
        addresses: of the indices, the updates and the result.
        layouts: of the same.
        host: the processor.
    """

    def __init__(
        self, f: Function, node: Node, addresses: Sequence[Register], layouts: Sequence[Layout], host: Host
    ) -> None:
        self.f = f
        self.indices, self.updates, self.result = addresses
        self.index_layout, self.update_layout, self.result_layout = layouts
        self.axis, self.mode = node.attrs["axis"], node.attrs["mode"]
        self.dtype = node.outputs[0].dtype
        self.index_dtype = node.operands[1].dtype
        self.size = node.outputs[0].shape[self.axis]
        self.rank = len(self.index_layout.shape)
        lead = range(self.axis)
        inner = range(self.axis + 1, len(self.result_layout.shape))
        #: The other axes as (extent, stride in the updates, stride in the result), the innermost last.
        self.others = [
            (n, self.update_layout.strides[u], self.result_layout.strides[r])
            for r, u in [*((i, i) for i in lead), *((i, i + self.rank - 1) for i in inner)]
            if (n := self.result_layout.shape[r]) != 1
        ]
        self.lanes = 0
        if self.others and self.others[-1][1:] == (1, 1) and self.dtype.kind != "bool":
            self.lanes = min(host.lanes(MEMORY[self.dtype.name]), 16)
        work = math.prod(self.update_layout.shape)
        self.chunks = max(1, min(_MOST_CHUNKS, self.size, work // _WORTH_A_CHUNK))

    def write(self, chunk: Register, failed: Register) -> None:
        """Write the code of a chunk; `failed` is where an index out of range is noted."""
        f = self.f
        part = -(-self.size // self.chunks)
        first = f.mul(chunk, part)
        stop = f.smin(f.add(first, part), self.size)
        self._each(0, self.indices, self.updates, first, stop, failed)

    def _each(
        self, axis: int, index_at: Register, update_at: Register, first: Register, stop: Register, failed: Register
    ) -> None:
        """The loops over the indices."""
        f = self.f
        if axis < self.rank:
            with f.loop(0, self.index_layout.shape[axis]) as loop:
                step = f.mul(loop.index, self.index_layout.strides[axis])
                move = f.mul(loop.index, self.update_layout.strides[self.axis + axis])
                self._each(
                    axis + 1,
                    f.at(index_at, MEMORY[self.index_dtype.name], step),
                    f.at(update_at, MEMORY[self.dtype.name], move),
                    first,
                    stop,
                    failed,
                )
            return
        kind = REGISTER[self.index_dtype.name]
        index = f.load(kind, index_at)
        if kind != INDEX:
            index = f.convert("sext" if self.index_dtype.kind == "int" else "zext", index, INDEX)
        with f.when(f.compare("uge", index, constant(INDEX, self.size))):
            f.write(f"store atomic i64 1, {failed} monotonic, align 8")
        mine = f.binary("and", f.compare("sge", index, first), f.compare("slt", index, stop))
        with f.when(mine):
            target = f.at(self.result, MEMORY[self.dtype.name], f.mul(index, self.result_layout.strides[self.axis]))
            self._update(self.others, update_at, target)

    def _update(self, others: Sequence[tuple[int, int, int]], update: Register, target: Register) -> None:
        f, kind = self.f, MEMORY[self.dtype.name]
        if not others:
            self._combine(kind, update, target, None)
            return
        (n, from_stride, to_stride), *rest = others
        if not rest and self.lanes:
            whole = n // self.lanes * self.lanes
            wide = vector(kind, self.lanes)
            if whole:
                with f.loop(0, whole, self.lanes) as loop:
                    self._combine(wide, f.at(update, kind, loop.index), f.at(target, kind, loop.index), None)
            if whole < n:
                bits = ", ".join(f"i1 {int(i < n - whole)}" for i in range(self.lanes))
                mask = Register(vector("i1", self.lanes), f"<{bits}>")
                self._combine(wide, f.at(update, kind, whole), f.at(target, kind, whole), mask)
            return
        with f.loop(0, n) as loop:
            self._update(
                rest,
                f.at(update, kind, f.mul(loop.index, from_stride)),
                f.at(target, kind, f.mul(loop.index, to_stride)),
            )

    def _combine(self, kind: str, update: Register, target: Register, mask: Register | None) -> None:
        """One element, or a vector of them: the new number from the old and the update."""
        f = self.f
        x = f.load(kind, update) if mask is None else f.masked_load(kind, update, mask)
        if self.mode != "set":
            old = f.load(kind, target) if mask is None else f.masked_load(kind, target, mask)
            if self.mode == "add":
                x = f.binary("fadd" if self.dtype.is_float else "add", old, x)
            elif self.mode == "mul":
                x = f.binary("fmul" if self.dtype.is_float else "mul", old, x)
            else:
                x = (larger if self.mode == "max" else smaller)(f, old, x, self.dtype)
        if mask is None:
            f.store(x, target)
        else:
            f.masked_store(x, target, mask)
