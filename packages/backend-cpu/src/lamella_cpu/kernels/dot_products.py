"""Contractions with few columns: the vectors lie along depth, and each sum is added up over its lanes in the end."""

from __future__ import annotations

from math import prod

from lamella.codegen.llvm import Function, Int, Register, first_lanes, size, vector, zero
from lamella_cpu.host import Host
from lamella_cpu.kernels.tiling import Axis, Contraction, merged

# Stack space for columns of B that do not lie along depth, and the number of rows from which copying them pays.
_STACK_BYTES = 64 << 10
_MANY_ROWS = 16


def few_columns(spec: Contraction, host: Host) -> bool:
    """Whether a contraction is better written with its vectors along depth.

    That takes an A whose depth is contiguous, and columns that would fill a small part of a vector.
    """
    lanes, length = host.lanes(spec.dtype), prod(extent for extent, _, _ in spec.depth)
    extent, in_a, _ = merged(spec.depth)[-1]
    fits = length * spec.columns * size(spec.dtype) <= _STACK_BYTES
    many = prod(extent for extent, _, _ in spec.rows) >= _MANY_ROWS
    thin = 1 <= spec.columns <= max(lanes // 4, 1)
    return thin and in_a == 1 and extent >= lanes and length > 0 and (_lies_along_depth(spec) or (fits and many))


def write_dot_products(f: Function, spec: Contraction, host: Host) -> None:
    """Write the body of a contraction's function for which `few_columns` holds.

    Args:
        f: the function, with the parameters A, B and C.
        spec: what it computes.
        host: the processor that it is for.
    """
    if 0 not in (extent for extent, _, _ in spec.rows):
        _Writer(f, spec, host).write(*f.parameters)


def _lies_along_depth(spec: Contraction) -> bool:
    return spec.columns == 1 and merged(spec.depth)[-1][2] == 1


class _Writer:
    """Writes one kernel.

    Attributes:
        columns: where each column of B begins, from the first.
    """

    def __init__(self, f: Function, spec: Contraction, host: Host) -> None:
        self.f = f
        self.spec = spec
        self.dtype = spec.dtype
        self.rows = merged(spec.rows)
        self.depth = merged(spec.depth)
        self.lanes = host.lanes(spec.dtype)
        self.masks = host.vector_bits > 128
        self.columns = list(range(spec.columns))
        self.height = max(8 // spec.columns, 1)  # eight sums hide the latency of a multiply-add

    def write(self, a: Register, b: Register, c: Register) -> None:
        if not _lies_along_depth(self.spec):
            b = self._columns_along_depth(b)
        self._rows(a, b, c, 0)

    def _columns_along_depth(self, b: Register) -> Register:
        """A copy of B in which the axes of depth follow each other without gaps."""
        length = prod(extent for extent, _, _ in self.depth)
        copy = self.f.local(self.dtype, len(self.columns) * length)
        strides = [prod(extent for extent, _, _ in self.depth[i + 1 :]) for i in range(len(self.depth))]
        starts = [column * length for column in self.columns]
        self._copy(b, copy, [(e, s, t) for (e, _, s), t in zip(self.depth, strides, strict=True)], starts)
        self.depth = [(e, s, t) for (e, s, _), t in zip(self.depth, strides, strict=True)]
        self.columns = starts
        return copy

    def _copy(self, source: Register, target: Register, axes: list[Axis], starts: list[int]) -> None:
        if not axes:
            for column, start in zip(self.columns, starts, strict=True):
                self.f.store(self._load(self._at(source, column)), self._at(target, start))
            return
        (extent, in_source, in_target), *inner = axes
        with self.f.loop(0, extent) as loop:
            there = self._at(source, loop.index, in_source), self._at(target, loop.index, in_target)
            self._copy(*there, inner, starts)

    def _rows(self, a: Register, b: Register, c: Register, axis: int) -> None:
        """All tiles."""
        extent, in_a, in_c = self.rows[axis]
        last = axis == len(self.rows) - 1
        step = min(self.height, extent) if last else 1
        whole = extent // step * step
        with self.f.loop(0, whole, step) as loop:
            there = self._at(a, loop.index, in_a), b, self._at(c, loop.index, in_c)
            if last:
                self._tile(*there, step)
            else:
                self._rows(*there, axis + 1)
        if extent > whole:
            self._tile(self._at(a, whole, in_a), b, self._at(c, whole, in_c), extent - whole)

    def _tile(self, a: Register, b: Register, c: Register, height: int) -> None:
        """The sums of some rows with all columns."""
        f = self.f
        _, in_a, in_c = self.rows[-1]
        rows = [row * in_a for row in range(height)]
        sums = self._sum(a, b, [zero(vector(self.dtype, self.lanes))] * (height * len(self.columns)), rows, 0)
        places = [self._at(c, row * in_c + column) for row in range(height) for column in range(len(self.columns))]
        for place, lanes in zip(places, sums, strict=True):
            total = f.reduce("fadd", lanes)
            f.store(f.fadd(self._load(place), total) if self.spec.accumulate else total, place)

    def _sum(self, a: Register, b: Register, sums: list[Register], rows: list[int], axis: int) -> list[Register]:
        """The sums, increased by the products over depth from an axis on."""
        extent, in_a, in_b = self.depth[axis]
        if axis < len(self.depth) - 1:
            with self.f.loop(0, extent, carried=[a, b, *sums]) as loop:
                a, b, *sums = loop.carried
                sums = self._sum(a, b, sums, rows, axis + 1)
                loop.yields(self._at(a, in_a), self._at(b, in_b), *sums)
            return loop.results[2:]
        whole = extent // self.lanes * self.lanes
        with self.f.loop(0, whole, self.lanes, carried=sums) as loop:
            there = self._at(a, loop.index), self._at(b, loop.index)
            loop.yields(*self._step(*there, loop.carried, rows, self.lanes))
        sums = loop.results
        if extent > whole:
            sums = self._step(self._at(a, whole), self._at(b, whole), sums, rows, extent - whole)
        return sums

    def _step(self, a: Register, b: Register, sums: list[Register], rows: list[int], count: int) -> list[Register]:
        """The sums, increased by the products of up to a vector of depth."""
        columns = [self._load(self._at(b, column), count) for column in self.columns]
        after, before = [], iter(sums)
        for row in rows:
            numbers = self._load(self._at(a, row), count)
            after += [self.f.fma(numbers, column, next(before)) for column in columns]
        return after

    def _load(self, place: Register, count: int = 0) -> Register:
        """A number; or a vector of which the first `count` lanes are read and the others are 0."""
        f, type = self.f, vector(self.dtype, self.lanes)
        if count == 0:
            return f.load(self.dtype, place)
        if count == self.lanes:
            return f.load(type, place)
        if self.masks:
            return f.masked_load(type, place, first_lanes(count, self.lanes))
        result = zero(type)
        for lane in range(count):
            number = f.load(self.dtype, self._at(place, lane))
            result = f.insert(result, number, lane)
        return result

    def _at(self, pointer: Register, index: Int, stride: int = 1) -> Register:
        return self.f.at(pointer, self.dtype, self.f.mul(index, stride))
