"""Stable sorting of numbers of any type, as core's `lamella.ops.kernels.indexed.sort`.

Each number becomes an unsigned integer in the same order, and with its position behind it a record. Records are put
into order by their digits of eight bits, the last one first, each time keeping the order of equal ones; a digit that
all records share is passed over. Of a few records each is compared with all. Reference: Knuth, "The art of computer
programming", volume 3, sections 5.2 and 5.2.5.
"""

from __future__ import annotations

from lamella.codegen.llvm import INDEX, Function, Module, Register, constant, size
from lamella.dtypes import DType

_FEW = 32
_DIGIT = 8
_VALUES = 1 << _DIGIT

# The bits of infinity; those of a NaN, without the sign, are larger.
_INFINITY = {"float16": 0x7C00, "bfloat16": 0x7F80, "float32": 0x7F800000, "float64": 0x7FF0000000000000}


def scratch_bytes(dtype: DType, extent: int) -> int:
    """How much memory sorting so many numbers needs beside its operands."""
    record = size(_record(dtype, extent))
    return 2 * extent * record + dtype.itemsize * _VALUES * size(INDEX)


def emit_sort(
    module: Module, name: str, dtype: DType, extent: int, descending: bool, strides: tuple[int, int, int] = (1, 1, 1)
) -> Register:
    """Write a function that sorts a row of numbers. A NaN counts as larger than any number.

    Args:
        module: where the function goes.
        name: of the function.
        dtype: of the numbers.
        extent: how many there are.
        descending: the largest first. Equal numbers keep their order in any case.
        strides: from number to number in the row, in the sorted numbers and in their positions.

    Returns:
        The function, `void(ptr row, ptr values, ptr positions, ptr scratch)`: positions are i64, `scratch` points at
        `scratch_bytes` of memory, aligned for 16 bytes. The row must not overlap the others.
    """
    f = Function(module, name, ["ptr noalias readonly", "ptr noalias", "ptr noalias", "ptr noalias"])
    if extent:
        _Writer(f, dtype, extent, descending).write(f.parameters, strides)
    f.ret()
    return f.finish()


def _record(dtype: DType, extent: int) -> str:
    return "i64" if dtype.itemsize <= 4 and extent < 1 << 32 else "i128"


class _Writer:
    """Writes one sort."""

    def __init__(self, f: Function, dtype: DType, extent: int, descending: bool) -> None:
        self.f = f
        self.dtype = dtype
        self.extent = extent
        self.descending = descending
        self.bits = 8 * dtype.itemsize
        self.number = f"i{self.bits}"
        self.record = _record(dtype, extent)
        self.half = 4 * size(self.record)  # a record has the position in its lower half

    def write(self, parameters: list[Register], strides: tuple[int, int, int]) -> None:
        f = self.f
        row, values, positions, scratch = parameters
        with f.loop(0, self.extent) as loop:
            key = self._key(f.load(self.number, f.at(row, self.number, f.mul(loop.index, strides[0]))))
            upper = f.binary("shl", self._widened(key), constant(self.record, self.half))
            record = f.binary("or", upper, self._widened(loop.index))
            f.store(record, f.at(scratch, self.record, loop.index))
        records = self._ranked(scratch) if self.extent <= _FEW else self._distributed(scratch)
        with f.loop(0, self.extent) as loop:
            record = f.load(self.record, f.at(records, self.record, loop.index))
            lower = f.binary("and", record, constant(self.record, (1 << self.half) - 1))
            position = lower if self.record == INDEX else f.convert("trunc", lower, INDEX)
            number = f.load(self.number, f.at(row, self.number, f.mul(position, strides[0])))
            f.store(number, f.at(values, self.number, f.mul(loop.index, strides[1])))
            f.store(position, f.at(positions, INDEX, f.mul(loop.index, strides[2])))

    def _key(self, bits: Register) -> Register:
        """The unsigned integer that is ordered as the number with these bits."""
        f, kind = self.f, self.number
        sign = constant(kind, -(1 << (self.bits - 1)))
        key = bits
        if self.dtype.kind == "int":
            key = f.binary("xor", bits, sign)
        elif self.dtype.kind == "float":
            magnitude = f.binary("and", bits, constant(kind, (1 << (self.bits - 1)) - 1))
            # Both zeros are one number; of negative numbers all bits turn round, of others the sign.
            bits = f.select(f.compare("eq", magnitude, constant(kind, 0)), constant(kind, 0), bits)
            turned = f.binary("or", f.binary("ashr", bits, constant(kind, self.bits - 1)), sign)
            nan = f.compare("ugt", magnitude, constant(kind, _INFINITY[self.dtype.name]))
            key = f.select(nan, constant(kind, -1), f.binary("xor", bits, turned))
        return f.binary("xor", key, constant(kind, -1)) if self.descending else key

    def _widened(self, x: Register) -> Register:
        return x if x.type == self.record else self.f.convert("zext", x, self.record)

    def _ranked(self, records: Register) -> Register:
        """Each record at the place that the number of smaller ones tells; gives where they are."""
        f = self.f
        other = f.at(records, self.record, self.extent)
        with f.loop(0, self.extent) as loop:
            record = f.load(self.record, f.at(records, self.record, loop.index))
            with f.loop(0, self.extent, carried=[constant(INDEX, 0)]) as inner:
                smaller = f.compare("ult", f.load(self.record, f.at(records, self.record, inner.index)), record)
                inner.yields(f.add(inner.carried[0], f.convert("zext", smaller, INDEX)))
            f.store(record, f.at(other, self.record, inner.results[0]))
        return other

    def _distributed(self, records: Register) -> Register:
        """The records sorted by digits; gives where they are."""
        f, digits = self.f, self.dtype.itemsize
        other = f.at(records, self.record, self.extent)
        counts = f.at(records, self.record, 2 * self.extent)
        with f.loop(0, digits * _VALUES) as loop:
            f.store(constant(INDEX, 0), f.at(counts, INDEX, loop.index))
        with f.loop(0, self.extent) as loop:
            record = f.load(self.record, f.at(records, self.record, loop.index))
            for digit in range(digits):
                place = f.at(counts, INDEX, f.add(self._digit(record, digit), digit * _VALUES))
                f.store(f.add(f.load(INDEX, place), 1), place)
        for digit in range(digits):
            records, other = self._pass(records, other, f.at(counts, INDEX, digit * _VALUES), digit)
        return records

    def _pass(self, records: Register, other: Register, counts: Register, digit: int) -> tuple[Register, Register]:
        """The records by one digit; gives where they are now, and where there is room."""
        f = self.f
        first = self._digit(f.load(self.record, records), digit)
        shared = f.compare("eq", f.load(INDEX, f.at(counts, INDEX, first)), constant(INDEX, self.extent))
        before, needed, after = f.block, f.label(), f.label()
        f.branch(shared, after, needed)
        f.start(needed)
        with f.loop(0, _VALUES, carried=[constant(INDEX, 0)]) as loop:
            place = f.at(counts, INDEX, loop.index)
            count = f.load(INDEX, place)
            f.store(loop.carried[0], place)
            loop.yields(f.add(loop.carried[0], count))
        with f.loop(0, self.extent) as loop:
            record = f.load(self.record, f.at(records, self.record, loop.index))
            place = f.at(counts, INDEX, self._digit(record, digit))
            target = f.load(INDEX, place)
            f.store(record, f.at(other, self.record, target))
            f.store(f.add(target, 1), place)
        end = f.block
        f.jump(after)
        f.start(after)
        return f.phi("ptr", (records, before), (other, end)), f.phi("ptr", (other, before), (records, end))

    def _digit(self, record: Register, digit: int) -> Register:
        f = self.f
        shifted = f.binary("lshr", record, constant(self.record, self.half + digit * _DIGIT))
        low = shifted if self.record == INDEX else f.convert("trunc", shifted, INDEX)
        return f.binary("and", low, constant(INDEX, _VALUES - 1))
