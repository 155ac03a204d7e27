"""Primitives of special functions, a row each, with the derivatives that the handbooks have.

Formulas: Abramowitz and Stegun, "Handbook of mathematical functions", 1964, chapters 6, 7 and 9.
"""

from __future__ import annotations

import math
from typing import Any

from lamella.dtypes import uint8
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import Kind, OpDef, Residuals, register
from lamella.ops.define.rules import FLOAT, INTEGER, ZERO, check_kind, fail, infer_elementwise
from lamella.ops.kernels import special as kernels
from lamella.ops.prims.elementwise import (
    OUT,
    XY,
    X,
    add,
    div,
    elementwise,
    eq,
    exp,
    log,
    mul,
    neg,
    or_one,
    partials,
    select,
    sign,
    sub,
)
from lamella.ops.prims.shape import batch_elementwise
from lamella.tensor import Tensor
from lamella.types import TensorType


def _special(name: str, function: str, *rules: Any, **facts: Any) -> OpDef:
    return elementwise(name, kernels.from_scipy(function), *rules, kinds=FLOAT, expensive=True, **facts)


# -- the gamma function and its kin --


def _infer_polygamma(x: TensorType, *, n: int) -> TensorType:
    check_kind("polygamma", x.dtype, FLOAT)
    if n < 1:
        raise fail("polygamma", f"n={n}", "n of at least 1")
    return x


polygamma: OpDef = register(
    OpDef(
        "polygamma",
        _infer_polygamma,
        kernels.polygamma,
        partials(lambda c, g: mul(g, polygamma(c.x, n=c.attrs["n"] + 1)), saves=X),
        batch_elementwise,
        kind=Kind.ELEMENTWISE,
        total=True,
        expensive=True,
    )
)
digamma: OpDef = _special("digamma", "psi", lambda c, g: mul(g, polygamma(c.x, n=1)), saves=X)
lgamma: OpDef = _special("lgamma", "gammaln", lambda c, g: mul(g, digamma(c.x)), saves=X)


def _no_slope(name: str, operand: str) -> Any:
    def rule(c: Residuals, g: Tensor) -> Tensor:
        raise fail(
            name,
            f"a derivative in `{operand}`",
            "derivatives in the other operand",
            f"Take the derivative in the other one only, or put `ops.stop_gradient` around `{operand}`.",
            NotImplementedError,
        )

    return rule


# Hurwitz's zeta function: the sum of (k + q) ** -s over k from 0 on.
zeta: OpDef = _special(
    "zeta",
    "zeta",
    _no_slope("zeta", "input"),
    lambda c, g: neg(mul(g, mul(c.x, zeta(add(c.x, scalar(1, c.x.dtype)), c.y)))),
    saves=XY,
)
igamma_slope: OpDef = elementwise(
    "igamma_slope",
    kernels.igamma_slope,
    _no_slope("igamma_slope", "input"),
    lambda c, g: mul(g, mul(_gamma_density(c.x, c.y), sub(log(c.y), digamma(c.x)))),
    kinds=FLOAT,
    saves=XY,
    expensive=True,
)


def _gamma_density(a: Tensor, x: Tensor) -> Tensor:
    """The derivative of P(a, x) in x: the density of the gamma distribution."""
    one = scalar(1, a.dtype)
    result: Tensor = exp(sub(sub(mul(sub(a, one), log(x)), x), lgamma(a)))
    return result


igamma: OpDef = _special(
    "igamma",
    "gammainc",
    lambda c, g: mul(g, igamma_slope(c.x, c.y)),
    lambda c, g: mul(g, _gamma_density(c.x, c.y)),
    saves=XY,
)
igammac: OpDef = _special(
    "igammac",
    "gammaincc",
    lambda c, g: neg(mul(g, igamma_slope(c.x, c.y))),
    lambda c, g: neg(mul(g, _gamma_density(c.x, c.y))),
    saves=XY,
)

# -- the error function's kin --

_TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
erfc: OpDef = _special("erfc", "erfc", lambda c, g: mul(g, exp(neg(mul(c.x, c.x))) * -_TWO_OVER_ROOT_PI), saves=X)
erfinv: OpDef = _special(
    "erfinv", "erfinv", lambda c, g: mul(g, exp(mul(c.out, c.out)) * (1 / _TWO_OVER_ROOT_PI)), saves_outputs=OUT
)

# -- Bessel functions of orders 0 and 1; those in "e" are scaled by exp(-|x|), or exp(x) for k --


def _over(y: Tensor, x: Tensor) -> Tensor:
    """Y / x, and its limit 1/2 at 0, for the functions of order 1 that are 0 there with slope 1/2."""
    at_zero = eq(x, scalar(0, x.dtype))
    result: Tensor = select(at_zero, scalar(0.5, x.dtype), div(y, or_one(x, x)))
    return result


bessel_i0: OpDef = _special("bessel_i0", "i0", lambda c, g: mul(g, bessel_i1(c.x)), saves=X)
bessel_i1: OpDef = _special(
    "bessel_i1", "i1", lambda c, g: mul(g, sub(bessel_i0(c.x), _over(c.out, c.x))), saves=X, saves_outputs=OUT
)
bessel_i0e: OpDef = _special(
    "bessel_i0e",
    "i0e",
    lambda c, g: mul(g, sub(bessel_i1e(c.x), mul(sign(c.x), c.out))),
    saves=X,
    saves_outputs=OUT,
)
bessel_i1e: OpDef = _special(
    "bessel_i1e",
    "i1e",
    lambda c, g: mul(g, sub(sub(bessel_i0e(c.x), mul(sign(c.x), c.out)), _over(c.out, c.x))),
    saves=X,
    saves_outputs=OUT,
)
bessel_j0: OpDef = _special("bessel_j0", "j0", lambda c, g: neg(mul(g, bessel_j1(c.x))), saves=X)
bessel_j1: OpDef = _special(
    "bessel_j1", "j1", lambda c, g: mul(g, sub(bessel_j0(c.x), _over(c.out, c.x))), saves=X, saves_outputs=OUT
)
bessel_y0: OpDef = _special("bessel_y0", "y0", lambda c, g: neg(mul(g, bessel_y1(c.x))), saves=X)
bessel_y1: OpDef = _special(
    "bessel_y1", "y1", lambda c, g: mul(g, sub(bessel_y0(c.x), div(c.out, c.x))), saves=X, saves_outputs=OUT
)
bessel_k0: OpDef = _special("bessel_k0", "k0", lambda c, g: neg(mul(g, bessel_k1(c.x))), saves=X)
bessel_k1: OpDef = _special(
    "bessel_k1", "k1", lambda c, g: neg(mul(g, add(bessel_k0(c.x), div(c.out, c.x)))), saves=X, saves_outputs=OUT
)
bessel_k0e: OpDef = _special(
    "bessel_k0e", "k0e", lambda c, g: mul(g, sub(c.out, bessel_k1e(c.x))), saves=X, saves_outputs=OUT
)
bessel_k1e: OpDef = _special(
    "bessel_k1e",
    "k1e",
    lambda c, g: mul(g, sub(sub(c.out, bessel_k0e(c.x)), div(c.out, c.x))),
    saves=X,
    saves_outputs=OUT,
)

# -- bits and signs --

# The derivative in x is 1 where both signs agree, -1 where they differ, and 0 at 0.
copysign: OpDef = elementwise(
    "copysign",
    kernels.signed_like,
    lambda c, g: mul(g, mul(sign(c.x), sign(c.out))),
    None,
    kinds=FLOAT,
    saves=X,
    saves_outputs=OUT,
)
nextafter: OpDef = elementwise("nextafter", kernels.next_after, kinds=FLOAT)
population_count: OpDef = register(
    OpDef(
        "population_count",
        infer_elementwise("population_count", INTEGER, uint8),
        kernels.set_bits,
        ZERO,
        batch_elementwise,
        kind=Kind.ELEMENTWISE,
        total=True,
    )
)
