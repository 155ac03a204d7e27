"""Sums of products: the one kernel behind matrix products and convolutions.

A contraction is C[rows, columns] = sum over depth of A[rows, depth] * B[depth, columns]. Rows and depth are any number
of axes with strides, so that the same code serves a matrix product (one axis each), a convolution (rows are the pixels
of an image, depth the kernel's positions and the input channels) and its gradients; columns lie side by side in memory.

The block is cut into tiles that fit the registers: some rows times some vectors of columns. A tile's sums stay in
registers while depth runs; each step reads a few vectors of B and multiplies them with one number of A after the other,
spread over a vector. Depth that is long is cut too, so that what is read again is still in the second-level cache.
Reference: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.

With only a few columns such vectors would be mostly empty: then the vectors lie along depth (`dot_products.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from lamella.codegen.llvm import Function, Int, Module, Register, first_lanes, lanes, vector, zero
from lamella_cpu.host import Host
from lamella_cpu.kernels.dot_products import few_columns, write_dot_products
from lamella_cpu.kernels.tiling import Contraction, best_tiling, depth_block, merged, tile

__all__ = ["Contraction", "Piece", "emit", "in_vectors", "tile"]

Depth = tuple[Int, int, int]

# Sums up to this long are written out, without a loop.
_UNROLLED = 4


class Piece(NamedTuple):
    """Columns that are handled as one vector.

    Attributes:
        offset: the first, counted from the tile's first.
        type: of the vector; that of a number for a single column.
        mask: which lanes there are; None for all.
    """

    offset: int
    type: str
    mask: Register | None

    def load(self, f: Function, place: Register) -> Register:
        """Read the columns, the first being at a place."""
        return f.load(self.type, place) if self.mask is None else f.masked_load(self.type, place, self.mask)

    def store(self, f: Function, value: Register, place: Register) -> None:
        """Write the columns, the first to a place."""
        if self.mask is None:
            f.store(value, place)
        else:
            f.masked_store(value, place, self.mask)


def in_vectors(dtype: str, columns: int, host: Host) -> Iterator[Piece]:
    """Cut neighbouring columns into vectors; the last may be shorter, or not full."""
    offset, most, masks = 0, host.lanes(dtype), host.vector_bits > 128
    while offset < columns:
        rest = columns - offset
        count = min(1 << (rest - 1).bit_length(), most) if masks else 1 << (rest.bit_length() - 1)
        count = min(count, most)
        there = min(count, rest)
        mask = first_lanes(there, count) if there < count else None
        yield Piece(offset, vector(dtype, count if count > 1 else 0), mask)
        offset += there


def emit(module: Module, name: str, spec: Contraction, host: Host) -> Register:
    """Write the kernel of a contraction.

    Args:
        module: where the function goes.
        name: of the function.
        spec: what it computes.
        host: the processor that it is for.

    Returns:
        The function, `void(ptr A, ptr B, ptr C)`. A and B must not overlap C.
    """
    f = Function(module, name, ["ptr noalias readonly", "ptr noalias readonly", "ptr noalias"])
    a, b, c = f.parameters
    if few_columns(spec, host):
        write_dot_products(f, spec, host)
    elif _is_column(spec):  # a matrix whose columns are contiguous times one column: the other operand is the long one
        (extent, _, _), depth = merged(spec.rows)[0], tuple((e, in_b, in_a) for e, in_a, in_b in spec.depth)
        _Writer(f, spec._replace(rows=((1, 0, 0),), columns=extent, depth=depth), host).write(b, a, c)
    else:
        _Writer(f, spec, host).write(a, b, c)
    f.ret()
    return f.finish()


def _is_column(spec: Contraction) -> bool:
    rows = merged(spec.rows)
    return spec.columns == 1 and len(rows) == 1 and rows[0][1:] == (1, 1)


class _Writer:
    """Writes one kernel."""

    def __init__(self, f: Function, spec: Contraction, host: Host) -> None:
        self.f = f
        self.dtype = spec.dtype
        self.rows = merged(spec.rows)
        self.columns = spec.columns
        self.depth = merged(spec.depth)
        self.accumulate = spec.accumulate
        self.tiling = best_tiling(spec, host)
        self.host = host
        self.lanes = host.lanes(spec.dtype)
        self._cut = self.rows[self.tiling.axis :]
        self.block = depth_block(spec, host, self.tiling)

    def write(self, a: Register, b: Register, c: Register) -> None:
        """The whole block."""
        if 0 in (self.columns, *(extent for extent, _, _ in self.rows)):
            return
        if prod(extent for extent, _, _ in self.depth) > self.block and not self.accumulate:
            self._columns(a, b, c, [(0, 0, 0)])  # the sum of nothing
            self.accumulate = True
        self._blocks(a, b, c, 0)

    def _blocks(self, a: Register, b: Register, c: Register, axis: int) -> None:
        """Depth from an axis on, in blocks one after the other."""
        f = self.f
        extent, in_a, in_b = self.depth[axis]
        inner = self.depth[axis + 1 :]
        inside = prod(e for e, _, _ in inner)
        if extent * inside <= self.block:
            self._columns(a, b, c, self.depth[axis:])
            return
        parts = -(-extent // max(self.block // max(inside, 1), 1))
        step = -(-extent // parts)
        with f.loop(0, extent, step) as loop:
            there = self._at(a, loop.index, in_a), self._at(b, loop.index, in_b), c
            if step == 1 and inner:
                self._blocks(*there, axis + 1)
            else:
                count = f.smin(step, f.sub(extent, loop.index)) if extent % step else step
                self._columns(*there, [(count, in_a, in_b), *inner])

    def _columns(self, a: Register, b: Register, c: Register, depth: Sequence[Depth]) -> None:
        """All groups of columns, for one block of depth."""
        f, group = self.f, self.tiling.width * self.lanes
        whole = self.columns // group * group
        if whole:
            with f.loop(0, whole, group) as loop:
                self._rows(a, self._at(b, loop.index), self._at(c, loop.index), group, depth, 0)
        if self.columns > whole:
            self._rows(a, self._at(b, whole), self._at(c, whole), self.columns - whole, depth, 0)

    def _rows(self, a: Register, b: Register, c: Register, columns: int, depth: Sequence[Depth], axis: int) -> None:
        """All tiles of a group of columns."""
        f = self.f
        extent, in_a, in_c = self.rows[axis]
        step = self.tiling.step if axis == self.tiling.axis else 1
        whole = extent // step * step
        if whole:
            with f.loop(0, whole, step) as loop:
                there = self._at(a, loop.index, in_a), b, self._at(c, loop.index, in_c), columns, depth
                if axis == self.tiling.axis:
                    self._tile(*there, step)
                else:
                    self._rows(*there, axis + 1)
        if extent > whole:
            self._tile(self._at(a, whole * in_a), b, self._at(c, whole * in_c), columns, depth, extent - whole)

    def _tile(self, a: Register, b: Register, c: Register, columns: int, depth: Sequence[Depth], step: int) -> None:
        """The sums of one tile."""
        ranges = [range(step), *(range(extent) for extent, _, _ in self.rows[self.tiling.axis + 1 :])]
        rows = [
            (_offset(place, [s for _, s, _ in self._cut]), _offset(place, [s for _, _, s in self._cut]))
            for place in product(*ranges)
        ]
        pieces = list(in_vectors(self.dtype, columns, self.host))
        places = [(self._at(c, in_c + piece.offset), piece) for _, in_c in rows for piece in pieces]
        sums = [piece.load(self.f, place) if self.accumulate else zero(piece.type) for place, piece in places]
        sums = self._sum(a, b, sums, [in_a for in_a, _ in rows], pieces, depth)
        for (place, piece), value in zip(places, sums, strict=True):
            piece.store(self.f, value, place)

    def _sum(
        self,
        a: Register,
        b: Register,
        sums: list[Register],
        rows: Sequence[int],
        pieces: Sequence[Piece],
        depth: Sequence[Depth],
    ) -> list[Register]:
        """The sums, increased by the products over some axes of depth."""
        if not depth:
            return self._step(a, b, sums, rows, pieces)
        (extent, in_a, in_b), *inner = depth
        if not inner and isinstance(extent, int) and extent <= _UNROLLED:
            for k in range(extent):
                sums = self._step(self._at(a, k * in_a), self._at(b, k * in_b), sums, rows, pieces)
            return sums
        with self.f.loop(0, extent, carried=[a, b, *sums]) as loop:
            a, b, *sums = loop.carried
            sums = self._sum(a, b, sums, rows, pieces, inner)
            loop.yields(self._at(a, in_a), self._at(b, in_b), *sums)
        return loop.results[2:]

    def _step(
        self, a: Register, b: Register, sums: Sequence[Register], rows: Sequence[int], pieces: Sequence[Piece]
    ) -> list[Register]:
        """The sums, increased by the products at one place of depth."""
        f = self.f
        columns = [piece.load(f, self._at(b, piece.offset)) for piece in pieces]
        after, before = [], iter(sums)
        for row in rows:
            number = f.load(self.dtype, self._at(a, row))
            spread = {type: f.splat(number, lanes(type)) for type in dict.fromkeys(v.type for v in columns)}
            after += [f.fma(spread[column.type], column, next(before)) for column in columns]
        return after

    def _at(self, pointer: Register, index: Int, stride: int = 1) -> Register:
        return self.f.at(pointer, self.dtype, self.f.mul(index, stride))


def _offset(place: Sequence[int], strides: Sequence[int]) -> int:
    return sum(index * stride for index, stride in zip(place, strides, strict=True))
