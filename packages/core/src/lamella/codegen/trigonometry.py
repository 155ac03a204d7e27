"""Trigonometric functions and their inverses, written for numbers of a type "float" or "double".

Arguments are reduced by the nearest multiple of pi/2. Up to some size three multiply-adds do that exactly enough (Cody,
Waite, "Software manual for the elementary functions", 1980); for larger ones, the few bits of 2/pi that count are
multiplied by the argument in long integers (Payne, Hanek, "Radian reduction for trigonometric functions", 1983).
"""

from __future__ import annotations

import math

from lamella.codegen.coefficients import COEFFICIENTS
from lamella.codegen.floats import Maths
from lamella.codegen.llvm import INDEX, Function, Module, Register, constant, element, lanes

# Half of pi as a sum of numbers of the format.
_HALF_PI = {
    "float": (1.5707963705062866, -4.371138828673793e-08, -1.7151245100058819e-15),
    "double": (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33),
}
_LARGE = {"float": 1e5, "double": 1e9}

# The first 1280 bits of 2/pi behind the point.
_TWO_OVER_PI = 0xA2F9836E4E441529FC2757D1F534DDC0DB6295993C439041FE5163ABDEBBC561B7246E3A424DD2E006492EEA09D1921CFE1DEB1CB129A73EE88235F52EBB4484E99C7026B45F7E413991D639835339F49C845F8BBDF9283B1FF897FFDE05980FEF2F118B5A0A6D1F6D367ECF27CB09B74F463F669E5FEA2D7527BAC7EBE5F17B3D0739F78A5292EA6BFB5FB11F8D5D0856033046FC7B6BABF0CFBC209AF4361D  # noqa: E501
_BYTES = (64 + 1280) // 8


def sin(f: Function, x: Register) -> Register:
    """The sine."""
    m = Maths(f, x.type)
    r, quadrant = _reduced(m, x)
    sine, cosine = _sine(m, r), _cosine(m, r)
    return f.select(f.compare("oeq", x, m.number(0.0)), x, _turned(m, quadrant, sine, cosine))


def cos(f: Function, x: Register) -> Register:
    """The cosine."""
    m = Maths(f, x.type)
    r, quadrant = _reduced(m, x)
    return _turned(m, f.add(quadrant, m.integer(1)), _sine(m, r), _cosine(m, r))


def tan(f: Function, x: Register) -> Register:
    """The tangent."""
    m = Maths(f, x.type)
    r, quadrant = _reduced(m, x)
    sine, cosine = _sine(m, r), _cosine(m, r)
    odd = f.compare("ne", f.binary("and", quadrant, m.integer(1)), m.integer(0))
    ratio = f.fdiv(f.select(odd, f.fneg(cosine), sine), f.select(odd, sine, cosine))
    return f.select(f.compare("oeq", x, m.number(0.0)), x, ratio)


def atan(f: Function, x: Register) -> Register:
    """The inverse of tan."""
    m = Maths(f, x.type)
    return m.signed(_angle(m, m.absolute(x), m.number(1.0)), x)


def atan2(f: Function, y: Register, x: Register) -> Register:
    """The angle of the point (x, y) from the axis of x, between -pi and pi."""
    m = Maths(f, x.type)
    zero, infinity = m.number(0.0), m.number(math.inf)
    up, right = m.absolute(y), m.absolute(x)
    # Only the ratio counts: large numbers must not overflow in sums, and two infinities count as equal.
    huge = f.binary("or", f.compare("ogt", up, m.number(1e300)), f.compare("ogt", right, m.number(1e300)))
    scale = f.select(huge, m.number(2.0**-60), m.number(1.0))
    endless = f.binary("and", f.compare("oeq", up, infinity), f.compare("oeq", right, infinity))
    up = f.select(endless, m.number(1.0), f.fmul(up, scale))
    right = f.select(endless, m.number(1.0), f.fmul(right, scale))
    nowhere = f.binary("and", f.compare("oeq", up, zero), f.compare("oeq", right, zero))
    angle = _angle(m, up, f.select(nowhere, m.number(1.0), right))
    high, low, _ = _HALF_PI[m.kind]
    left = f.compare("ne", f.binary("and", m.bits(x), m.integer(1 << (m.format.width - 1))), m.integer(0))
    angle = f.select(left, f.fsub(m.number(2 * high), f.fsub(angle, m.number(2 * low))), angle)
    return m.signed(angle, y)


def asin(f: Function, x: Register) -> Register:
    """The inverse of sin; NaN beyond 1."""
    m = Maths(f, x.type)
    a = m.absolute(x)
    outer, root, tail = _arc(m, a)
    high, low, _ = _HALF_PI[m.kind]
    # Above a half it is pi/2 - 2 asin(root), with what rounding took from the root.
    square = f.fma(a, m.number(-0.5), m.number(0.5))
    lost = f.fdiv(f.fma(f.fneg(root), root, square), f.fadd(root, root))
    lost = f.select(f.compare("ogt", root, m.number(0.0)), lost, m.number(0.0))
    rest = f.fma(root, tail, f.fsub(lost, m.number(low / 2)))
    far = f.fma(m.number(-2.0), rest, f.fma(m.number(-2.0), root, m.number(high)))
    # Not the sign of what is chosen: where a float16 is made of it, LLVM would move the rounding between the two, and
    # then convert the double that has the sign by a function that no library need have.
    return f.select(outer, m.signed(far, x), m.signed(f.fma(root, tail, root), x))


def acos(f: Function, x: Register) -> Register:
    """The inverse of cos; NaN beyond 1."""
    m = Maths(f, x.type)
    outer, root, tail = _arc(m, m.absolute(x))
    high, low, _ = _HALF_PI[m.kind]
    inner = f.fsub(m.number(high), f.fsub(x, f.fma(f.fneg(x), tail, m.number(low))))
    twice = f.fmul(m.number(2.0), f.fma(root, tail, root))
    far = f.fsub(m.number(2 * high), f.fsub(twice, m.number(2 * low)))
    result = f.select(f.compare("olt", x, m.number(0.0)), far, twice)
    return f.select(outer, result, inner)


def _reduced(m: Maths, x: Register) -> tuple[Register, Register]:
    """The r and q with x = q pi/2 + r, q in the lowest bits of an integer."""
    f = m.f
    n, bits = m.rounded(x, 2 / math.pi)
    r = m.parts(_HALF_PI[m.kind], n, x)
    large = f.compare("ogt", m.absolute(x), m.number(_LARGE[m.kind]))
    count = lanes(x.type) or 1
    before, rare, after = f.block, f.label(), f.label()
    f.branch(f.reduce("or", large) if lanes(x.type) else large, rare, after, rarely=True)
    f.start(rare)
    arguments, remainders, quadrants = (f.local(type, count) for type in (m.kind, m.kind, m.format.integer))
    for value, place in ((x, arguments), (r, remainders), (bits, quadrants)):
        f.store(value, place)
    f.call("void", _reduction(f.module, m.kind), arguments, remainders, quadrants, constant(INDEX, count))
    reduced, turned = f.load(x.type, remainders), f.load(m.integers, quadrants)
    f.jump(after)
    f.start(after)
    return f.phi(x.type, (r, before), (reduced, rare)), f.phi(m.integers, (bits, before), (turned, rare))


def _reduction(module: Module, kind: str) -> str:
    """The function that reduces those of some numbers in memory that are large; gives its name."""
    name = f"reduce_large_{kind}"
    if name in module.functions:
        return name
    text = "".join(f"\\{byte:02X}" for byte in _TWO_OVER_PI.to_bytes(_BYTES, "little"))
    table = module.add_global("two_over_pi", f'internal constant [{_BYTES} x i8] c"{text}", align 64')
    f = Function(module, name, ["ptr", "ptr", "ptr", INDEX])
    arguments, remainders, quadrants, count = f.parameters
    with f.loop(0, count) as loop:
        x = f.load(kind, f.at(arguments, kind, loop.index))
        large = f.compare("ogt", Maths(f, kind).absolute(x), constant(kind, _LARGE[kind]))
        with f.when(large):
            r, quadrant = _payne_hanek(f, table, x)
            f.store(r, f.at(remainders, kind, loop.index))
            integer = Maths(f, kind).format.integer
            f.store(
                f.convert("trunc", quadrant, integer) if integer != INDEX else quadrant,
                f.at(quadrants, integer, loop.index),
            )
    f.ret()
    f.finish()
    return name


def _payne_hanek(f: Function, table: Register, x: Register) -> tuple[Register, Register]:
    """The remainder of a large number by pi/2, of its type, and the multiple as an i64."""
    kind = element(x.type)
    m = Maths(f, "double")
    wide = f.convert("fpext", x, "double") if kind == "float" else x
    bits = m.bits(wide)
    negative = f.compare("slt", bits, constant(INDEX, 0))
    biased = f.binary("and", f.binary("lshr", bits, constant(INDEX, 52)), constant(INDEX, 2047))
    finite = f.compare("ne", biased, constant(INDEX, 2047))
    # |x| = whole * 2^e. Bits of 2/pi above the one worth 2 after that contribute multiples of 4.
    whole = f.binary("or", f.binary("and", bits, constant(INDEX, 2**52 - 1)), constant(INDEX, 2**52))
    first = f.select(finite, f.sub(biased, 1075 - 62), constant(INDEX, 0))
    byte = f.sub(_BYTES - 32, f.binary("lshr", first, constant(INDEX, 3)))
    window = f.load("i256", f.at(table, "i8", byte), align=1)
    offset = f.convert("zext", f.binary("and", first, constant(INDEX, 7)), "i256")
    product = f.binary("mul", f.convert("zext", whole, "i256"), f.binary("shl", window, offset))
    # The two highest bits count quarters of a turn, the others are the fraction; rounded to the nearest quarter.
    fraction = f.binary("shl", product, constant("i256", 2))
    up = f.compare("slt", fraction, constant("i256", 0))
    quarters = f.convert("trunc", f.binary("lshr", product, constant("i256", 254)), INDEX)
    quarters = f.add(quarters, f.convert("zext", up, INDEX))
    size = f.select(up, f.sub(constant("i256", 0), fraction), fraction)
    zeros = f.emit("i256", f"call i256 @llvm.ctlz.i256({size}, i1 false)")
    f.module.declare("llvm.ctlz.i256", "i256", ["i256", "i1"])
    leading = f.convert("trunc", f.binary("lshr", f.binary("shl", size, zeros), constant("i256", 192)), INDEX)
    # The first 64 bits as two numbers, times pi/2 as two.
    top = f.convert("uitofp", f.binary("and", leading, constant(INDEX, -(1 << 11))), "double")
    rest = f.convert("uitofp", f.binary("and", leading, constant(INDEX, (1 << 11) - 1)), "double")
    half, missing = (m.number(part) for part in _HALF_PI["double"][:2])
    r = f.fma(top, half, f.fma(top, missing, f.fmul(rest, half)))
    down = f.sub(1023 - 64, f.convert("trunc", zeros, INDEX))
    scale = m.from_bits(f.binary("shl", down, constant(INDEX, 52)))
    r = f.fmul(r, scale)
    r = f.select(f.emit("i1", f"xor {up}, {negative.name}"), f.fneg(r), r)
    r = f.select(finite, r, m.number(math.nan))
    quarters = f.select(negative, f.sub(constant(INDEX, 0), quarters), quarters)
    return (f.convert("fptrunc", r, "float") if kind == "float" else r), quarters


def _sine(m: Maths, r: Register) -> Register:
    z = m.f.fmul(r, r)
    return m.f.fma(m.f.fmul(r, z), m.polynomial(z, COEFFICIENTS["sin", m.kind]), r)


def _cosine(m: Maths, r: Register) -> Register:
    z = m.f.fmul(r, r)
    start = m.f.fma(z, m.number(-0.5), m.number(1.0))
    return m.f.fma(m.f.fmul(z, z), m.polynomial(z, COEFFICIENTS["cos", m.kind]), start)


def _turned(m: Maths, quadrant: Register, sine: Register, cosine: Register) -> Register:
    """The sine of r + quadrant * pi/2."""
    f = m.f
    odd = f.compare("ne", f.binary("and", quadrant, m.integer(1)), m.integer(0))
    sign = m.shift("shl", f.binary("and", quadrant, m.integer(2)), m.format.width - 2)
    return m.from_bits(f.binary("xor", m.bits(f.select(odd, cosine, sine)), sign))


def _angle(m: Maths, up: Register, right: Register) -> Register:
    """The angle of a point (right, up) in the first quadrant, which is not the origin."""
    f = m.f
    # The angle from the nearest of the directions 0, pi/4 and pi/2.
    steep = m.number(1 / math.tan(math.pi / 8))
    low = f.compare("oge", right, f.fmul(up, steep))
    high = f.compare("oge", up, f.fmul(right, steep))
    above = f.select(low, up, f.select(high, f.fneg(right), f.fsub(up, right)))
    along = f.select(low, right, f.select(high, up, f.fadd(up, right)))
    t = f.fdiv(above, along)
    z = f.fmul(t, t)
    half, rest, _ = _HALF_PI[m.kind]
    zero = m.number(0.0)
    start = f.select(low, zero, f.select(high, m.number(half), m.number(half / 2)))
    missing = f.select(low, zero, f.select(high, m.number(rest), m.number(rest / 2)))
    return f.fadd(start, f.fadd(f.fma(f.fmul(t, z), m.polynomial(z, COEFFICIENTS["atan", m.kind]), missing), t))


def _arc(m: Maths, a: Register) -> tuple[Register, Register, Register]:
    """asin(root) = root + root * tail, of a where that is at most a half, else of sqrt((1 - a) / 2); and which."""
    f = m.f
    outer = f.compare("ogt", a, m.number(0.5))
    z = f.select(outer, f.fma(a, m.number(-0.5), m.number(0.5)), f.fmul(a, a))
    root = f.select(outer, f.intrinsic("sqrt", z), a)
    return outer, root, f.fmul(z, m.polynomial(z, COEFFICIENTS["asin", m.kind]))
