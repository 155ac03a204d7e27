"""Copies between memory orders: transposes, slices, broadcasts.

Three ways, by which axes lie side by side in memory. If the same axis does in source and target, runs are copied whole.
If two different ones do, square blocks are read along the one, transposed in registers and written along the other.
Where there is no such axis, elements are copied one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lamella.codegen.llvm import (
    INDEX,
    Function,
    Int,
    Module,
    Register,
    constant,
    element,
    first_lanes,
    size,
    vector,
    zero,
)
from lamella_cpu.host import Host

# Runs of at least this many bytes are left to the C library, which knows best how to copy much.
_LONG = 2048
_UNROLL = 4


class Axis(NamedTuple):
    """An axis of what is copied.

    Attributes:
        extent: how many elements.
        source: stride in the source, in elements; 0 repeats the same ones.
        target: stride in the target.
    """

    extent: int
    source: int
    target: int


def emit_copy(module: Module, name: str, dtype: str, axes: Sequence[tuple[int, int, int]], host: Host) -> Register:
    """Write a copy.

    Args:
        module: where the function goes.
        name: of the function.
        dtype: LLVM's word for the elements, of 1, 2, 4 or 8 bytes.
        axes: (extent, stride in the source, stride in the target), in any order.
        host: the processor that it is for.

    Returns:
        The function, `void(ptr source, ptr target)`. The two must not overlap.
    """
    f = Function(module, name, ["ptr noalias readonly", "ptr noalias"])
    if all(extent for extent, _, _ in axes):
        _Writer(f, dtype, normalized(axes), host).write(*f.parameters)
    f.ret()
    return f.finish()


def normalized(axes: Sequence[tuple[int, int, int]]) -> list[Axis]:
    """The same copy by as few axes as possible, those with large steps in the target first.

    Examples:
        >>> normalized([(3, 1, 1), (2, 3, 3), (1, 9, 9)])
        [Axis(extent=6, source=1, target=1)]
    """
    result: list[Axis] = []
    kept = (Axis(*axis) for axis in axes if axis[0] != 1)
    for axis in sorted(kept, key=lambda a: (abs(a.target), abs(a.source)), reverse=True):
        outer = result[-1] if result else Axis(0, 0, 0)
        if outer.source == axis.extent * axis.source and outer.target == axis.extent * axis.target and result:
            result[-1] = Axis(outer.extent * axis.extent, axis.source, axis.target)
        else:
            result.append(axis)
    return result


class _Writer:
    """Writes one copy."""

    def __init__(self, f: Function, dtype: str, axes: list[Axis], host: Host) -> None:
        self.f = f
        self.dtype = dtype
        self.axes = axes
        self.lanes = host.lanes(dtype)
        self.masks = host.vector_bits == 512 or (host.vector_bits == 256 and size(dtype) >= 4)
        # A block fills half the registers; the smallest elements have blocks of 16 of them in any case.
        self.block = 16 if size(dtype) == 1 else min(self.lanes, host.registers // 2)

    def write(self, source: Register, target: Register) -> None:
        along_source = next((a for a in self.axes if a.source == 1), None)
        along_target = next((a for a in self.axes if a.target == 1), None)
        if along_target is None or (along_source is None and along_target.source != 0):
            self._nest(self.axes, source, target, self._element)
        elif along_target.source in (0, 1):
            rest = [a for a in self.axes if a is not along_target]
            self._nest(rest, source, target, lambda s, t: self._run(s, t, along_target))
        else:
            assert along_source is not None
            rest = [a for a in self.axes if a is not along_target and a is not along_source]
            self._nest(rest, source, target, lambda s, t: self._blocks(s, t, along_source, along_target))

    def _nest(
        self, axes: list[Axis], source: Register, target: Register, body: Callable[[Register, Register], None]
    ) -> None:
        """A body within loops over axes."""
        if not axes:
            body(source, target)
            return
        axis, *inner = axes
        with self.f.loop(0, axis.extent) as loop:
            there = self._at(source, loop.index, axis.source), self._at(target, loop.index, axis.target)
            self._nest(inner, *there, body)

    def _element(self, source: Register, target: Register) -> None:
        self.f.store(self.f.load(self.dtype, source), target)

    # -- runs --

    def _run(self, source: Register, target: Register, axis: Axis) -> None:
        """Neighbours in the target that are neighbours in the source, or all the same."""
        f, extent = self.f, axis.extent
        if axis.source and extent * size(self.dtype) >= _LONG:
            f.module.declare("llvm.memcpy.p0.p0.i64", "void", ["ptr", "ptr", INDEX, "i1"])
            length = constant(INDEX, extent * size(self.dtype))
            f.call("void", "llvm.memcpy.p0.p0.i64", target, source, length, constant("i1", 0))
            return
        one = None if axis.source else f.load(self.dtype, source)

        def move(start: Int, count: int) -> None:
            vectors = vector(self.dtype, count if count > 1 else 0)
            what = f.load(vectors, self._at(source, start)) if one is None else f.splat(one, count if count > 1 else 0)
            f.store(what, self._at(target, start))

        step = self.lanes * _UNROLL
        done = extent // step * step
        if done:
            with f.loop(0, done, step) as loop:
                for i in range(_UNROLL):
                    move(f.add(loop.index, i * self.lanes), self.lanes)
        while done < extent:
            count = min(self.lanes, 1 << ((extent - done).bit_length() - 1))
            move(done, count)
            done += count

    # -- blocks --

    def _blocks(self, source: Register, target: Register, read: Axis, written: Axis) -> None:
        """A matrix: read along the axis that lies side by side in the source, written along that of the target."""
        f, block = self.f, self.block
        if not self.masks:
            # What does not fill blocks is copied by elements.
            whole_read, whole = (axis._replace(extent=axis.extent // block * block) for axis in (read, written))
            for axis, other in ((read, whole), (written, read)):
                rest = axis.extent % block
                if rest and other.extent:
                    start = axis.extent - rest
                    there = self._at(source, start, axis.source), self._at(target, start, axis.target)
                    self._nest([other, axis._replace(extent=rest)], *there, self._element)
            read, written = whole_read, whole
        full = written.extent // block * block
        if full:
            with f.loop(0, full, block) as loop:
                there = self._at(source, loop.index, written.source), self._at(target, loop.index)
                self._strip(*there, read, written, block)
        if written.extent > full:
            there = self._at(source, full, written.source), self._at(target, full)
            self._strip(*there, read, written, written.extent - full)

    def _strip(self, source: Register, target: Register, read: Axis, written: Axis, height: int) -> None:
        """Up to a block of what is written, with all that is read along the other axis."""
        full = read.extent // self.block * self.block
        if full:
            with self.f.loop(0, full, self.block) as loop:
                there = self._at(source, loop.index), self._at(target, loop.index, read.target)
                self._square(*there, read, written, self.block, height)
        if read.extent > full:
            there = self._at(source, full), self._at(target, full, read.target)
            self._square(*there, read, written, read.extent - full, height)

    def _square(self, source: Register, target: Register, read: Axis, written: Axis, width: int, height: int) -> None:
        """One block, or part of one: `height` rows are read, each `width` long."""
        f, type = self.f, vector(self.dtype, self.block)
        masks = [None if n == self.block else first_lanes(n, self.block) for n in (width, height)]
        rows = []
        for i in range(height):
            place = self._at(source, i, written.source)
            rows.append(f.load(type, place) if masks[0] is None else f.masked_load(type, place, masks[0]))
        rows += [zero(type)] * (self.block - height)
        for i, row in enumerate(transposed(f, rows)[:width]):
            place = self._at(target, i, read.target)
            if masks[1] is None:
                f.store(row, place)
            else:
                f.masked_store(row, place, masks[1])

    def _at(self, pointer: Register, index: Int, stride: int = 1) -> Register:
        return self.f.at(pointer, self.dtype, self.f.mul(index, stride))


def transposed(f: Function, rows: list[Register]) -> list[Register]:
    """The columns of a square of numbers given by its rows, a power of two of them.

    Processors shuffle best within parts of 128 bits: numbers are interleaved there first, then the parts are exchanged.
    """
    count = len(rows)
    part = min(16 // size(element(rows[0].type)), count)
    starts = range(0, count, part)
    low = [start + i // 2 + i % 2 * count for start in starts for i in range(part)]
    high = [lane + part // 2 for lane in low]
    for first in starts:
        group = rows[first : first + part]
        for _ in range(part.bit_length() - 1):
            pairs = [(group[i], group[i + part // 2]) for i in range(part // 2)]
            group = [f.shuffle(x, y, order) for x, y in pairs for order in (low, high)]
        rows[first : first + part] = group
    distance = part
    while distance < count:
        upper = [lane if not lane & distance else lane - distance + count for lane in range(count)]
        lower = [lane + distance if not lane & distance else lane + count for lane in range(count)]
        for i in range(count):
            if not i & distance:
                x, y = rows[i], rows[i + distance]
                rows[i], rows[i + distance] = f.shuffle(x, y, upper), f.shuffle(x, y, lower)
        distance *= 2
    return rows
