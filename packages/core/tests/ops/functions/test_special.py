"""Special functions where a table of values cannot say it all: at edges, and derivatives that have no closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

import lamella as ms
from lamella import Tensor, ops

NAN, INF = math.nan, math.inf

# The derivative of P(a, x) in a at a few (a, x), by mpmath 1.3 with 40 digits:
# diff(lambda t: gammainc(t, 0, x, regularized=True), a).
SLOPES = {
    (1e-3, 1e-5): -10.8183983,
    (0.01, 0.003): -4.982965077,
    (0.5, 0.55): -0.6168278429,
    (1, 5): -0.0158818515,
    (2, 2.2): -0.277651019,
    (5, 5.5): -0.1689072675,
    (20, 6): -6.457968709e-6,
    (100, 110): -0.02380865685,
}


@pytest.mark.parametrize(("a", "x"), SLOPES)
def test_incomplete_gamma_in_its_order(a, x):
    at = Tensor(np.float64(a)), Tensor(np.float64(x))
    assert ms.grad(ops.igamma, 0)(*at).item() == pytest.approx(SLOPES[a, x], rel=1e-8)
    assert ms.grad(ops.igammac, 0)(*at).item() == pytest.approx(-SLOPES[a, x], rel=1e-8)


@pytest.mark.parametrize("function", [ops.igamma, ops.igammac, ops.zeta])
def test_derivative_in_the_second_operand(function):
    a, x, h = np.array([1.5, 2.0, 4.0]), np.array([0.5, 2.0, 3.0]), 1e-5
    first = ms.grad(lambda x: function(Tensor(a), x).sum())
    second = ms.grad(lambda x: first(x).sum())
    for ours, of in ((first, lambda x: function(Tensor(a), x)), (second, first)):
        differences = (of(Tensor(x + h)).asnumpy() - of(Tensor(x - h)).asnumpy()) / (2 * h)
        np.testing.assert_allclose(ours(Tensor(x)).asnumpy(), differences, 1e-7, 1e-9)


@pytest.mark.parametrize("function", [ops.zeta, lambda a, x: ms.grad(ops.igamma, 0)(a, x)])
def test_derivatives_that_there_are_not_say_so(function):
    with pytest.raises(NotImplementedError, match="derivatives in the other operand"):
        ms.grad(function, 0)(Tensor(2.0), Tensor(1.0))


EDGES = {
    "xlogy": (ops.xlogy, special.xlogy, [(0, 0), (0, -1), (0, INF), (0, NAN), (1, 0), (2, -1), (NAN, 1)]),
    "logaddexp": (ops.logaddexp, np.logaddexp, [(INF, INF), (-INF, -INF), (-INF, 1), (INF, -INF), (NAN, 1), (800, 0)]),
    "hypot": (ops.hypot, np.hypot, [(0, 0), (INF, NAN), (3e30, 4e30), (NAN, 1)]),
    "fmod": (ops.fmod, np.fmod, [(1, 0), (INF, 1), (1, INF), (-7, 3), (7, -3)]),
    "copysign": (ops.copysign, np.copysign, [(0, -1), (NAN, -1), (-3, 0.0), (3, -0.0)]),
    "heaviside": (ops.heaviside, np.heaviside, [(0, NAN), (NAN, 1), (-0.0, 3), (INF, 2)]),
    "fmax": (ops.fmax, np.fmax, [(NAN, 1), (1, NAN), (NAN, NAN), (INF, NAN)]),
    "igamma": (ops.igamma, special.gammainc, [(0, 1), (1, 0), (1, INF), (-1, 1), (1, -1)]),
    "zeta": (ops.zeta, special.zeta, [(1, 1), (2, 0), (2, -1), (0.5, 1)]),
    "lgamma": (ops.lgamma, special.gammaln, [(0,), (-1,), (-1.5,), (INF,), (-INF,), (NAN,)]),
    "digamma": (ops.digamma, special.psi, [(-1.5,), (INF,), (NAN,)]),
    "erfinv": (ops.erfinv, special.erfinv, [(1,), (-1,), (1.5,), (0,), (NAN,)]),
    "sinc": (ops.sinc, np.sinc, [(0,), (-0.0,), (1,), (1e-8,), (NAN,)]),
    "logit": (ops.logit, special.logit, [(0,), (1,), (-0.1,), (1.1,), (NAN,)]),
    "k0": (ops.bessel_k0, special.k0, [(0,), (-1,), (INF,), (NAN,)]),
    "y1": (ops.bessel_y1, special.y1, [(0,), (-1,), (NAN,)]),
}


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_edges(name, dtype):
    ours, theirs, rows = EDGES[name]
    operands = [np.array(column, dtype) for column in zip(*rows, strict=True)]
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(ours(*map(Tensor, operands)).asnumpy(), theirs(*operands), 1e-6, 1e-30)


def test_slopes_at_points_without_numbers_of_their_own():
    assert ms.grad(ops.xlogy)(Tensor(0.0), Tensor(2.0)).item() == pytest.approx(math.log(2))
    assert ms.grad(ops.xlogy, 1)(Tensor(0.0), Tensor(0.0)).item() == 0
    assert ms.grad(ops.hypot)(Tensor(0.0), Tensor(0.0)).item() == 0
    assert ms.grad(ops.sinc)(Tensor(0.0)).item() == 0
    assert [ms.grad(f)(Tensor(0.0)).item() for f in (ops.bessel_i1, ops.bessel_i1e, ops.bessel_j1)] == [0.5, 0.5, 0.5]


def test_logit_limits_first():
    assert ops.logit(Tensor([0.0, 1.0]), 0.25).tolist() == pytest.approx([-math.log(3), math.log(3)])
    assert ops.logit(Tensor([0.0]), -1.0).tolist() == [-INF]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "uint64"])
def test_integers_of_every_width(dtype):
    numbers = np.array([0, 1, 5, 100], dtype)
    if numbers.dtype.kind == "i":
        numbers = np.concatenate([numbers, -numbers, [np.iinfo(dtype).min, np.iinfo(dtype).max]]).astype(dtype)
    bits = [bin(int(n) % 2 ** (8 * numbers.itemsize)).count("1") for n in numbers]
    assert ops.population_count(Tensor(numbers)).tolist() == bits
    small = numbers[np.abs(numbers.astype(np.float64)) < 120]
    np.testing.assert_array_equal(ops.gcd(Tensor(small), 12).asnumpy(), np.gcd(small, np.array(12, dtype)))
    np.testing.assert_array_equal(ops.truncate_mod(Tensor(small), 3).asnumpy(), np.fmod(small, np.array(3, dtype)))
    assert ops.truncate_div(Tensor(small), 3).tolist() == [int(int(n) / 3) for n in small]


WRONG = [
    (lambda: ops.polygamma(-1, Tensor(1.0)), ValueError, "n=-1"),
    (lambda: ops.polygamma(1.5, Tensor(1.0)), TypeError, "n"),
    (lambda: ops.mvlgamma(Tensor(1.0), 0), ValueError, "p=0"),
    (lambda: ops.mvlgamma(Tensor(1.0), 1.5), TypeError, "p"),
    (lambda: ops.logit(Tensor(1.0), "a"), TypeError, "eps='a'"),
    (lambda: ops.gcd(Tensor(1.0), 2), TypeError, "gcd"),
    (lambda: ops.gcd(Tensor([True]), Tensor([True])), TypeError, "gcd"),
    (lambda: ops.population_count(Tensor(1.0)), TypeError, "population_count"),
    (lambda: ops.fmod(Tensor(1), 0), ZeroDivisionError, "divisor 0"),
    (lambda: ops.truncate_div(Tensor(1), 0), ZeroDivisionError, "divisor 0"),
    (lambda: ops.is_nonzero(Tensor([1, 2])), ValueError, r"\(2,\)"),
    (lambda: ops.positive(Tensor([True])), TypeError, "bool"),
    (lambda: ops.approximate_equal(Tensor([1.0]), Tensor([1.0, 2.0])), ValueError, "shapes"),
    (lambda: ops.approximate_equal(Tensor([1.0]), Tensor([1.0]), "x"), TypeError, "tolerance='x'"),
    (lambda: ops.hypot("a", 1.0), TypeError, "hypot"),
    (lambda: ops.bitwise_left_shift(Tensor(1.0), 2), TypeError, "shift_left"),
    (lambda: ops.lgamma("x"), TypeError, "lgamma"),
]


@pytest.mark.parametrize(("call", "kind", "words"), WRONG)
def test_wrong_arguments(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
