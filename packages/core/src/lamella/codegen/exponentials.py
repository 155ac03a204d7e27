"""Exponentials and logarithms, and what is made of them, written for numbers of a type "float" or "double".

Arguments are reduced to a small interval, where a polynomial (`coefficients.py`) does the rest. References: Cody,
Waite, "Software manual for the elementary functions", 1980; Muller et al., "Handbook of floating-point arithmetic".
Infinities, NaN, signed zeros and denormal numbers give what IEEE 754 and C ask for.
"""

from __future__ import annotations

import math

from lamella.codegen.coefficients import COEFFICIENTS
from lamella.codegen.floats import Maths
from lamella.codegen.llvm import Function, Register

# The logarithm of 2 as a sum of two numbers of the format.
_LN2 = {"float": (0.6931471824645996, -1.9046542121259336e-09), "double": (math.log(2), 2.3190468138462996e-17)}

# Beyond these, exp is infinite or 0, and expm1 -1.
_EXP_RANGE = {"float": (-104.0, 90.0), "double": (-746.0, 711.0)}
_EXPM1_RANGE = {"float": (-18.0, 88.9), "double": (-40.0, 709.9)}


def exp(f: Function, x: Register, halvings: int = 0) -> Register:
    """The exponential function, divided by 2 some times."""
    m = Maths(f, x.type)
    low, high = _EXP_RANGE[m.kind]
    x = m.at_least(m.at_most(x, high), low)
    grown, bits = _exp(m, x)
    return _scaled(m, grown, bits, halvings)


def exp2(f: Function, x: Register) -> Register:
    """The power of 2."""
    m = Maths(f, x.type)
    low, high = _EXP_RANGE[m.kind]
    x = m.at_least(m.at_most(x, high / math.log(2)), low / math.log(2))
    n, bits = m.rounded(x, 1.0)
    r = f.fsub(x, n)
    return _scaled(m, f.fma(r, m.polynomial(r, COEFFICIENTS["exp2", m.kind]), m.number(1.0)), bits, 0)


def expm1(f: Function, x: Register) -> Register:
    """The exponential function less 1, exact to the last digits near 0."""
    m = Maths(f, x.type)
    low, high = _EXPM1_RANGE[m.kind]
    clamped = m.at_least(m.at_most(x, high), low)
    n, bits, r = _reduced(m, clamped)
    near = f.fma(f.fmul(r, r), m.polynomial(r, COEFFICIENTS["exp", m.kind]), r)
    # e^x - 1 = 2^n (e^r - 1) + 2^n - 1, of which half is computed, because 2^n may be too large.
    half = m.from_bits(f.add(m.shift("shl", bits, m.format.mantissa), m.exponent(m.format.bias - 1)))
    far = f.fma(half, near, f.fsub(half, m.number(0.5)))
    return m.signed(f.select(f.compare("oeq", n, m.number(0.0)), near, f.fadd(far, far)), x)


def tanh(f: Function, x: Register) -> Register:
    """The hyperbolic tangent: a polynomial near 0, 1 - 2 / (exp(2 x) + 1) elsewhere."""
    m = Maths(f, x.type)
    a = m.absolute(x)
    z = f.fmul(a, a)
    near = f.fma(f.fmul(a, z), m.polynomial(z, COEFFICIENTS["tanh", m.kind]), a)
    e = _moderate_exp(m, m.at_most(f.fadd(a, a), 80.0))
    far = f.fsub(m.number(1.0), f.fdiv(m.number(2.0), f.fadd(e, m.number(1.0))))
    return m.signed(f.select(f.compare("olt", a, m.number(0.625)), near, far), x)


def sigmoid(f: Function, x: Register) -> Register:
    """1 / (1 + exp(-x)), as exp(min(x, 0)) / (1 + exp(-|x|)), which does not overflow."""
    m = Maths(f, x.type)
    e, one = exp(f, f.fneg(m.absolute(x))), m.number(1.0)
    total = f.fadd(one, e)
    lost = f.fsub(e, f.fsub(total, one))
    ratio = f.fdiv(f.select(f.compare("olt", x, m.number(0.0)), e, one), total)
    # What rounding took from the sum; e / total is about 1 - 1 / total.
    return f.fma(f.fmul(ratio, f.fneg(lost)), f.fsub(one, ratio), ratio)


def erf(f: Function, x: Register) -> Register:
    """The error function: a polynomial below 1, 1 - exp of one above."""
    m = Maths(f, x.type)
    a = m.absolute(x)
    near = f.fma(a, m.polynomial(f.fmul(a, a), COEFFICIENTS["erf", m.kind]), a)
    clamped = m.at_most(a, {"float": 4.0, "double": 6.0}[m.kind])
    far = f.fsub(m.number(1.0), _moderate_exp(m, f.fneg(m.polynomial(clamped, COEFFICIENTS["erfc", m.kind]))))
    return m.signed(f.select(f.compare("olt", a, m.number(1.0)), near, far), x)


def log(f: Function, x: Register) -> Register:
    """The natural logarithm."""
    m = Maths(f, x.type)
    lift = m.format.mantissa + 2
    small = f.compare("olt", x, m.number(2.0 ** (1 - m.format.bias)))
    normal = f.select(small, f.fmul(x, m.number(2.0**lift)), x)
    e, mantissa = _split(m, normal)
    e = f.fsub(m.from_bits(f.add(e, m.bits(m.number(m.format.magic)))), m.number(m.format.magic))
    e = f.fsub(e, f.select(small, m.number(lift), m.number(0.0)))
    return _logarithm_or_limit(m, x, _log(m, e, f.fsub(mantissa, m.number(1.0))))


def log1p(f: Function, x: Register) -> Register:
    """The natural logarithm of 1 + x, exact to the last digits near 0."""
    m = Maths(f, x.type)
    one = m.number(1.0)
    u = f.fadd(x, one)
    # What rounding took from the sum (Knuth's two-sum), added again after scaling.
    back = f.fsub(u, one)
    lost = f.fadd(f.fsub(one, f.fsub(u, back)), f.fsub(x, back))
    exponent, mantissa = _split(m, u)
    e = f.fsub(m.from_bits(f.add(exponent, m.bits(m.number(m.format.magic)))), m.number(m.format.magic))
    down = f.intrinsic("smax", f.sub(m.integer(m.format.bias), exponent), m.integer(0))
    down = m.from_bits(m.shift("shl", down, m.format.mantissa))
    result = _log(m, e, f.fma(lost, down, f.fsub(mantissa, one)))
    return m.signed(_logarithm_or_limit(m, u, result), x)


def sinh(f: Function, x: Register) -> Register:
    """The hyperbolic sine of doubles: a polynomial near 0, (exp(x) - exp(-x)) / 2 elsewhere."""
    m = Maths(f, x.type)
    a = m.absolute(x)
    z = f.fmul(a, a)
    near = f.fma(f.fmul(a, z), m.polynomial(z, COEFFICIENTS["sinh", m.kind]), a)
    half = exp(f, a, 1)
    far = f.fsub(half, f.fdiv(m.number(0.25), half))
    return m.signed(f.select(f.compare("olt", a, m.number(1.0)), near, far), x)


def cosh(f: Function, x: Register) -> Register:
    """The hyperbolic cosine."""
    m = Maths(f, x.type)
    half = exp(f, m.absolute(x), 1)
    return f.fadd(half, f.fdiv(m.number(0.25), half))


def asinh(f: Function, x: Register) -> Register:
    """The inverse of sinh."""
    m = Maths(f, x.type)
    a, one = m.absolute(x), m.number(1.0)
    square = f.fmul(a, a)
    root = f.intrinsic("sqrt", f.fadd(square, one))
    near = log1p(f, f.fadd(a, f.fdiv(square, f.fadd(root, one))))
    return m.signed(f.select(f.compare("ogt", a, m.number(1e9)), _log_twice(f, a), near), x)


def acosh(f: Function, x: Register) -> Register:
    """The inverse of cosh; NaN below 1."""
    m = Maths(f, x.type)
    t = f.fsub(x, m.number(1.0))
    near = log1p(f, f.fadd(t, f.intrinsic("sqrt", f.fma(t, t, f.fadd(t, t)))))
    result = f.select(f.compare("ogt", x, m.number(1e9)), _log_twice(f, x), near)
    return f.select(f.compare("olt", x, m.number(1.0)), m.number(math.nan), result)


def atanh(f: Function, x: Register) -> Register:
    """The inverse of tanh; infinite at 1 and -1, NaN beyond."""
    m = Maths(f, x.type)
    a = m.absolute(x)
    ratio = f.fdiv(f.fadd(a, a), f.fsub(m.number(1.0), a))
    return m.signed(f.fmul(log1p(f, ratio), m.number(0.5)), x)


def power(f: Function, x: Register, y: Register) -> Register:
    """The power x ** y of doubles, with an error that vanishes when it is rounded to a float."""
    m = Maths(f, x.type)
    a, one, zero = m.absolute(x), m.number(1.0), m.number(0.0)
    size = exp2(f, f.fmul(y, f.fmul(log(f, a), m.number(1 / math.log(2)))))
    whole = f.compare("oeq", f.intrinsic("trunc", y), y)
    half = f.fmul(y, m.number(0.5))
    odd = f.binary("and", whole, f.compare("une", f.intrinsic("trunc", half), half))
    negative = f.compare("ne", f.binary("and", m.bits(x), m.integer(1 << 63)), m.integer(0))
    size = f.select(f.binary("and", odd, negative), f.fneg(size), size)
    # A finite negative number has no power with a fraction.
    below = f.binary("and", f.compare("olt", x, zero), f.compare("one", a, m.number(math.inf)))
    fraction = f.compare("une", f.intrinsic("trunc", y), y)
    size = f.select(f.binary("and", below, fraction), m.number(math.nan), size)
    # 1 to any power and anything to the power 0 is 1, even a NaN; so is -1 to an infinite one.
    endless = f.compare("oeq", m.absolute(y), m.number(math.inf))
    unit = f.binary("and", f.compare("oeq", a, one), endless)
    unit = f.binary("or", unit, f.binary("or", f.compare("oeq", x, one), f.compare("oeq", y, zero)))
    return f.select(unit, one, size)


def _reduced(m: Maths, x: Register) -> tuple[Register, Register, Register]:
    """The n and r with x = n log 2 + r: n as a number and in the lowest bits of an integer, and r."""
    n, bits = m.rounded(x, 1 / math.log(2))
    return n, bits, m.parts(_LN2[m.kind], n, x)


def _exp(m: Maths, x: Register) -> tuple[Register, Register]:
    """The exponential function as a number near 1 and, in the lowest bits of an integer, the power of 2 to multiply."""
    f = m.f
    _, bits, r = _reduced(m, x)
    # 1 + r + r^2 p(r), where what rounding takes from 1 + r is added to the rest.
    first = f.fadd(r, m.number(1.0))
    lost = f.fsub(r, f.fsub(first, m.number(1.0)))
    return f.fadd(first, f.fma(f.fmul(r, r), m.polynomial(r, COEFFICIENTS["exp", m.kind]), lost)), bits


def _moderate_exp(m: Maths, x: Register) -> Register:
    """The exponential function where neither it nor its reciprocal is large."""
    grown, bits = _exp(m, x)
    power = m.f.add(m.shift("shl", bits, m.format.mantissa), m.exponent(m.format.bias))
    return m.f.fmul(grown, m.from_bits(power))


def _scaled(m: Maths, x: Register, bits: Register, halvings: int) -> Register:
    """A number times 2 ** (n - halvings), with n in the lowest bits of an integer.

    It takes two steps, because n may be larger than exponents are.
    """
    f, places = m.f, m.format.mantissa
    half = f.binary("and", m.shift("shl", bits, places - 1), m.exponent(-1))
    rest = f.sub(m.shift("shl", bits, places), half)
    first = m.from_bits(f.add(half, m.exponent(m.format.bias)))
    second = m.from_bits(f.add(rest, m.exponent(m.format.bias - halvings)))
    return f.fmul(f.fmul(x, first), second)


def _split(m: Maths, x: Register) -> tuple[Register, Register]:
    """The exponent, as an integer, and a mantissa between the roots of 1/2 and 2."""
    f = m.f
    bits = m.bits(x)
    e = m.shift("ashr", f.sub(bits, m.bits(m.number(math.sqrt(0.5)))), m.format.mantissa)
    return e, m.from_bits(f.sub(bits, m.shift("shl", e, m.format.mantissa)))


def _log(m: Maths, e: Register, r: Register) -> Register:
    """The sum e log 2 + log(1 + r), by the odd series in s = r / (2 + r)."""
    f = m.f
    s = f.fdiv(r, f.fadd(r, m.number(2.0)))
    z = f.fmul(s, s)
    square = f.fmul(f.fmul(r, r), m.number(0.5))
    tail = f.fma(z, m.polynomial(z, COEFFICIENTS["log", m.kind]), square)
    high, low = _LN2[m.kind]
    inner = f.fma(s, tail, f.fmul(e, m.number(low)))
    return f.fma(e, m.number(high), f.fsub(r, f.fsub(square, inner)))


def _logarithm_or_limit(m: Maths, x: Register, result: Register) -> Register:
    """The logarithm of x, or what it is where x is not positive and finite."""
    f, infinity = m.f, m.number(math.inf)
    edge = f.select(f.compare("oeq", x, m.number(0.0)), m.number(-math.inf), m.number(math.nan))
    edge = f.select(f.compare("oeq", x, infinity), infinity, edge)
    inside = f.binary("and", f.compare("ogt", x, m.number(0.0)), f.compare("olt", x, infinity))
    return f.select(inside, result, edge)


def _log_twice(f: Function, x: Register) -> Register:
    """log(2 x) of a large x."""
    return f.fadd(log(f, x), Maths(f, x.type).number(math.log(2)))
