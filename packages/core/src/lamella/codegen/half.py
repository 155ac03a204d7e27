"""Floats of 16 bits in registers: as their bits, which are turned into float32 to compute and rounded back."""

from __future__ import annotations

from lamella.codegen.llvm import Function, Register, constant, lanes, vector
from lamella.dtypes import DType

NARROW = frozenset(["float16", "bfloat16"])


def to_float(f: Function, bits: Register, dtype: DType) -> Register:
    """The float32 of 16-bit floats."""
    count = lanes(bits.type)
    if dtype.name == "float16":
        return f.convert("fpext", f.convert("bitcast", bits, vector("half", count)), vector("float", count))
    wide = f.convert("zext", bits, vector("i32", count))
    return f.convert("bitcast", f.binary("shl", wide, constant(wide.type, 16)), vector("float", count))


def from_float(f: Function, x: Register, dtype: DType) -> Register:
    """The nearest 16-bit floats, the even one of two."""
    count = lanes(x.type)
    short, wide = vector("i16", count), vector("i32", count)
    if dtype.name == "float16":
        return f.convert("bitcast", f.convert("fptrunc", x, vector("half", count)), short)
    # A bfloat16 is the upper half of a float. Written out, because the processor's instruction drops denormals.
    bits = f.convert("bitcast", x, wide)
    odd = f.binary("and", f.binary("lshr", bits, constant(wide, 16)), constant(wide, 1))
    rounded = f.binary("add", f.binary("add", bits, constant(wide, 0x7FFF)), odd)
    quiet = f.binary("or", bits, constant(wide, 0x400000))  # a NaN might round to infinity
    chosen = f.select(f.compare("uno", x, x), quiet, rounded)
    return f.convert("trunc", f.binary("lshr", chosen, constant(wide, 16)), short)
