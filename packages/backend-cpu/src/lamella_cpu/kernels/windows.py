"""Sums and maxima over sliding windows, and their derivatives.

Channels run in vectors; for each place of the result the taps of the window are written out. Where a tap may lie
outside of the data, a scalar test masks its reading. A derivative asks, for each place of the data, which windows
cover it, and so writes each number once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from lamella.codegen.llvm import INDEX, Function, Register, constant, vector
from lamella.codegen.scalars import MEMORY, REDUCE, REGISTER
from lamella.ir import Node
from lamella.lowering.layout import Layout
from lamella.ops import prims

WINDOWS = frozenset([prims.window_max, prims.window_sum, prims.window_sum_grad, prims.window_max_grad])


class Tap(NamedTuple):
    """One place of a window along one axis, for a given place of the result.

    Attributes:
        place: which place of the operand that is.
        inside: whether it exists; None if it always does.
    """

    place: Register
    inside: Register | None


class Memory(NamedTuple):
    """An operand or result: the address of its first element and its layout."""

    address: Register
    layout: Layout
    type: str


def spatial_axes(node: Node) -> int:
    """How many axes the windows slide over: the last ones."""
    return len(node.attrs["window"])


class WindowWriter:
    """Writes the code of one chunk: a line along all but the first of the windows' axes.

    Args:
        f: the function.
        node: the primitive.
        operands: its operands.
        results: its results.
        bits: width of a vector register.
    """

    def __init__(
        self, f: Function, node: Node, operands: Sequence[Memory], results: Sequence[Memory], bits: int
    ) -> None:
        self.f = f
        self.node = node
        self.operands = operands
        self.results = results
        self.spatial = spatial_axes(node)
        self.shape = node.outputs[0].shape
        self.lead = len(self.shape) - self.spatial
        self.channels = self.shape[self.lead - 1] if self.lead else 1
        self.dtype = node.outputs[0].dtype
        self.lanes = 0 if self.channels == 1 else bits // (64 if self.dtype.itemsize == 8 else 32)
        self.backward = node.op in (prims.window_sum_grad, prims.window_max_grad)

    @property
    def chunks(self) -> int:
        """How many calls cover everything."""
        return math.prod(self.shape[: max(self.lead - 1, 0)]) * self.shape[self.lead]

    def write(self, chunk: Register) -> None:
        """Write the code of a chunk."""
        f = self.f
        first = f.urem(chunk, self.shape[self.lead])
        rest = f.udiv(chunk, self.shape[self.lead])
        starts = [memory.address for memory in (*self.operands, *self.results)]
        memories = [*self.operands, *self.results]
        for axis in reversed(range(max(self.lead - 1, 0))):
            index, rest = f.urem(rest, self.shape[axis]), f.udiv(rest, self.shape[axis])
            starts = [
                f.at(start, m.type, f.mul(index, m.layout.strides[axis]))
                for start, m in zip(starts, memories, strict=True)
            ]
        n = len(self.operands)
        self._axes(0, [first], starts[:n], starts[n:], [])

    def _axes(
        self,
        axis: int,
        place: list[Register],
        operands: Sequence[Register],
        results: Sequence[Register],
        taps: list[list[Tap]],
    ) -> None:
        """The loops over the axes of the windows; `place` is the index along this one."""
        f = self.f
        index = place[-1]
        results = [
            f.at(r, m.type, f.mul(index, m.layout.strides[self.lead + axis]))
            for r, m in zip(results, self.results, strict=True)
        ]
        taps = [*taps, self._taps(axis, index)]
        if axis + 1 < self.spatial:
            with f.loop(0, self.shape[self.lead + axis + 1]) as loop:
                self._axes(axis + 1, [*place, loop.index], operands, results, taps)
            return
        self._place(place, operands, results, taps)

    def _taps(self, axis: int, index: Register) -> list[Tap]:
        f, attrs = self.f, self.node.attrs
        k, s, d = attrs["window"][axis], attrs["strides"][axis], attrs["dilation"][axis]
        low = attrs["padding"][axis][0]
        size = self.operands[0].layout.shape[self.lead + axis]
        if self.backward and s >= k and d == 1:
            return [self._only_window(axis, index, size)]
        found: list[Tap] = []
        for tap in range(k):
            if not self.backward:
                at = f.add(f.mul(index, s), tap * d - low)
                lowest, highest = tap * d - low, (self.shape[self.lead + axis] - 1) * s + tap * d - low
                inside = None if lowest >= 0 and highest < size else f.compare("ult", at, constant(INDEX, size))
                found.append(Tap(at, inside))
                continue
            ahead = f.add(index, low - tap * d)
            at = ahead if s == 1 else f.binary("sdiv", ahead, constant(INDEX, s))
            inside = f.binary(
                "and",
                f.compare("sge", ahead, constant(INDEX, 0)),
                f.compare("slt", at, constant(INDEX, size)),
            )
            if s != 1:
                exact = f.compare("eq", f.mul(at, s), ahead)
                inside = f.binary("and", inside, exact)
            found.append(Tap(at, inside))
        return found

    def _only_window(self, axis: int, index: Register, size: int) -> Tap:
        """The window that covers a place, where windows do not overlap."""
        f, attrs = self.f, self.node.attrs
        k, s, low = attrs["window"][axis], attrs["strides"][axis], attrs["padding"][axis][0]
        ahead = f.add(index, low)
        at = f.udiv(ahead, s)
        inside: Register | None = None
        if (self.shape[self.lead + axis] - 1 + low) // s >= size:
            inside = f.compare("ult", at, constant(INDEX, size))
        if s > k:
            covered = f.compare("ult", f.sub(ahead, f.mul(at, s)), constant(INDEX, k))
            inside = covered if inside is None else f.binary("and", inside, covered)
        return Tap(at, inside)

    def _place(
        self,
        place: Sequence[Register],
        operands: Sequence[Register],
        results: Sequence[Register],
        taps: Sequence[Sequence[Tap]],
    ) -> None:
        """One place of the result, all channels."""
        f = self.f
        combined: list[tuple[list[Register], Register | None, Register]] = []
        for parts in itertools.product(*taps):
            addresses = []
            for start, memory in zip(operands, self.operands, strict=True):
                address = start
                for axis, part in enumerate(parts):
                    address = f.at(address, memory.type, f.mul(part.place, memory.layout.strides[self.lead + axis]))
                addresses.append(address)
            inside: Register | None = None
            for part in parts:
                if part.inside is not None:
                    inside = part.inside if inside is None else f.binary("and", inside, part.inside)
            flat: Register = constant(INDEX, 0)
            for axis, part in enumerate(parts):
                flat = f.add(f.mul(flat, self.operands[0].layout.shape[self.lead + axis]), part.place)
            combined.append((addresses, inside, flat))
        here: Register = constant(INDEX, 0)
        if self.backward:
            for axis, index in enumerate(place):
                here = f.add(f.mul(here, self.shape[self.lead + axis]), index)
        else:
            for axis, along in enumerate(taps):
                here = f.add(f.mul(here, self.operands[0].layout.shape[self.lead + axis]), self._first(along))
        if not self.lanes:
            self._vector(combined, results, here, constant(INDEX, 0), None)
            return
        whole = self.channels // self.lanes * self.lanes
        if whole:
            with f.loop(0, whole, self.lanes) as loop:
                self._vector(combined, results, here, loop.index, None)
        if whole < self.channels:
            bits = ", ".join(f"i1 {int(i < self.channels - whole)}" for i in range(self.lanes))
            mask = Register(vector("i1", self.lanes), f"<{bits}>")
            self._vector(combined, results, here, constant(INDEX, whole), mask)

    def _first(self, taps: Sequence[Tap]) -> Register:
        """The first place of a window along an axis that exists; 0 where none does."""
        first: Register = constant(INDEX, 0)
        for tap in reversed(taps):
            first = tap.place if tap.inside is None else self.f.select(tap.inside, tap.place, first)
        return first

    def _vector(
        self,
        combined: Sequence[tuple[list[Register], Register | None, Register]],
        results: Sequence[Register],
        here: Register,
        channel: Register,
        mask: Register | None,
    ) -> None:
        """Some channels of a place; `here` is its number or, of a window that is looked at, that of its first place."""
        f, op = self.f, self.node.op
        kind = vector(REGISTER[self.dtype.name], self.lanes)
        reduction = prims.reduce_max if op is prims.window_max else prims.reduce_sum
        total = constant(kind, REDUCE[reduction][0](self.dtype))
        best = f.splat(f.convert("trunc", here, "i32"), self.lanes)  # of equal numbers, -inf too, the first one counts
        for addresses, inside, flat in combined:
            seen = self._mask(inside, mask)
            x = self._read(kind, f.at(addresses[0], MEMORY[self.dtype.name], channel), seen)
            if op is prims.window_max:
                wins = self._wins(x, total)
                if inside is not None:
                    wins = f.binary("and", wins, f.splat(inside, self.lanes))
                total = f.select(wins, x, total)
                best = f.select(wins, f.splat(f.convert("trunc", flat, "i32"), self.lanes), best)
                continue
            if op is prims.window_max_grad:
                at = self._read(vector(INDEX, self.lanes), f.at(addresses[1], INDEX, channel), seen)
                mine = f.compare("eq", at, f.splat(here, self.lanes))
                if inside is not None:
                    mine = f.binary("and", mine, f.splat(inside, self.lanes))
                x = f.select(mine, x, constant(kind, 0))
            total = REDUCE[prims.reduce_sum][1](f, total, x, self.dtype)
        self._write(total, f.at(results[0], MEMORY[self.dtype.name], channel), mask)
        if op is prims.window_max:
            wide = f.convert("sext", best, vector(INDEX, self.lanes))
            self._write(wide, f.at(results[1], INDEX, channel), mask)

    def _wins(self, x: Register, best: Register) -> Register:
        """Whether a number takes the place of the best so far: it is larger, or the first NaN."""
        f = self.f
        if not self.dtype.is_float:
            return f.compare("sgt" if self.dtype.kind == "int" else "ugt", x, best)
        is_first_nan = f.binary("and", f.compare("uno", x, x), f.compare("ord", best, best))
        return f.binary("or", f.compare("ogt", x, best), is_first_nan)

    def _mask(self, inside: Register | None, mask: Register | None) -> Register | None:
        if inside is None:
            return mask
        spread = self.f.splat(inside, self.lanes)
        return spread if mask is None else self.f.binary("and", spread, mask)

    def _read(self, kind: str, address: Register, mask: Register | None) -> Register:
        f = self.f
        if mask is None:
            return f.load(kind, address)
        if self.lanes:
            return f.masked_load(kind, address, mask)
        spare = f.local(kind)
        f.store(constant(kind, 0), spare)
        return f.load(kind, f.select(mask, address, spare))

    def _write(self, x: Register, address: Register, mask: Register | None) -> None:
        if mask is None:
            self.f.store(x, address)
        else:
            self.f.masked_store(x, address, mask)
