"""What the writers of mathematical functions need to know of a type of numbers, and the steps they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lamella.codegen.llvm import Function, Register, constant, element, lanes, vector


@dataclass(frozen=True)
class Format:
    """A binary floating-point format (IEEE 754).

    Attributes:
        integer: type of the integers that are as wide.
        width: bits of a number.
        mantissa: bits after the point.
        bias: what is added to the exponent.
    """

    integer: str
    width: int
    mantissa: int
    bias: int

    @property
    def magic(self) -> float:
        """A number so large that adding it rounds to integers, which then stand in its lowest bits."""
        return 1.5 * 2.0**self.mantissa


FORMATS = {"float": Format("i32", 32, 23, 127), "double": Format("i64", 64, 52, 1023)}


class Maths:
    """Writes the steps of functions on numbers of one type, a scalar or a vector.

    Args:
        f: the function that is being written.
        type: of the numbers.
    """

    def __init__(self, f: Function, type: str) -> None:
        self.f = f
        self.type = type
        self.kind = element(type)
        self.format = FORMATS[self.kind]
        self.integers = vector(self.format.integer, lanes(type))

    def number(self, value: float) -> Register:
        """A constant."""
        return constant(self.type, value)

    def integer(self, value: int) -> Register:
        """A constant integer, or the bits of one taken as an unsigned number."""
        top = 1 << (self.format.width - 1)
        return constant(self.integers, ((value + top) % (2 * top)) - top)

    def exponent(self, value: int) -> Register:
        """An integer at the place of the exponent."""
        return self.integer(value << self.format.mantissa)

    def bits(self, x: Register) -> Register:
        """A number's bits as an integer."""
        return self.f.convert("bitcast", x, self.integers)

    def from_bits(self, x: Register) -> Register:
        """The number that has these bits."""
        return self.f.convert("bitcast", x, self.type)

    def shift(self, word: str, x: Register, places: int) -> Register:
        """Bits moved: "shl", "lshr" or "ashr"."""
        return self.f.binary(word, x, self.integer(places))

    def absolute(self, x: Register) -> Register:
        """The number without its sign."""
        return self.f.intrinsic("fabs", x)

    def signed(self, x: Register, sign: Register) -> Register:
        """A number with the sign of another."""
        return self.f.intrinsic("copysign", x, sign)

    def at_most(self, x: Register, limit: float) -> Register:
        """The number, or the limit if it is greater; a NaN stays."""
        return self.f.select(self.f.compare("ogt", x, self.number(limit)), self.number(limit), x)

    def at_least(self, x: Register, limit: float) -> Register:
        """The number, or the limit if it is smaller; a NaN stays."""
        return self.f.select(self.f.compare("olt", x, self.number(limit)), self.number(limit), x)

    def polynomial(self, x: Register, coefficients: Sequence[float]) -> Register:
        """A polynomial, its coefficients from the lowest power on, by Horner's rule."""
        result = self.number(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            result = self.f.fma(result, x, self.number(coefficient))
        return result

    def rounded(self, x: Register, factor: float) -> tuple[Register, Register]:
        """The integer nearest to a number times a factor: as a number, and as bits whose lowest hold it."""
        shifted = self.f.fma(x, self.number(factor), self.number(self.format.magic))
        return self.f.fsub(shifted, self.number(self.format.magic)), self.bits(shifted)

    def parts(self, value: tuple[float, ...], n: Register, x: Register) -> Register:
        """The difference x - n * value, of a value that is given as a sum, the largest part first."""
        for part in value:
            x = self.f.fma(n, self.number(-part), x)
        return x
