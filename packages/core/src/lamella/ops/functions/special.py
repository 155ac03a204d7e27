"""Special functions of analysis: the gamma function, error function and Bessel functions with their kin.

Definitions: Abramowitz and Stegun, "Handbook of mathematical functions", 1964; NIST Digital Library of Mathematical
Functions, https://dlmf.nist.gov. Integers and bools are converted to float32.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import cast, floating, wide
from lamella.ops.define.constants import scalar
from lamella.ops.functions import pointwise
from lamella.ops.functions.shape import _an_int
from lamella.tensor import Tensor

__all__ = [
    "bessel_i0",
    "bessel_i0e",
    "bessel_i1",
    "bessel_i1e",
    "bessel_j0",
    "bessel_j1",
    "bessel_k0",
    "bessel_k0e",
    "bessel_k1",
    "bessel_k1e",
    "bessel_y0",
    "bessel_y1",
    "digamma",
    "erfc",
    "erfinv",
    "i0",
    "igamma",
    "igammac",
    "lgamma",
    "logit",
    "mvlgamma",
    "polygamma",
    "sinc",
    "xdivy",
    "xlogy",
    "zeta",
]

unary, binary = partial(pointwise.unary, __name__), partial(pointwise.binary, __name__, floats=True)


def _bessel(name: str, primitive: Any, what: str, at: float, gives: str) -> pointwise.Unary:
    return unary(name, primitive, what, f"{name}(Tensor({at})).asnumpy().round(4)\nnp.float32({gives})")


# -- the gamma function --

lgamma = unary(
    "lgamma",
    prims.lgamma,
    "Logarithm of the absolute value of the gamma function; infinite at 0, -1, -2, ...",
    "lgamma(Tensor([1.0, 4.0])).asnumpy().round(4)\narray([0.    , 1.7918], dtype=float32)",
)
digamma = unary(
    "digamma",
    prims.digamma,
    "Derivative of `lgamma`.",
    "digamma(Tensor([1.0, 2.0])).asnumpy().round(4)\narray([-0.5772,  0.4228], dtype=float32)",
)
zeta = binary(
    "zeta",
    prims.zeta,
    "Hurwitz's zeta function, the sum of (k + other) ** -input over k from 0 on; no derivative in `input`.",
    "zeta(Tensor([2.0]), 1.0).asnumpy().round(4)\narray([1.6449], dtype=float32)",
)
igamma = binary(
    "igamma",
    prims.igamma,
    "Regularized lower incomplete gamma function P(input, other); a derivative in `input` has an error of about 1e-10.",
    "igamma(Tensor([1.0]), 1.0).asnumpy().round(4)\narray([0.6321], dtype=float32)",
)
igammac = binary(
    "igammac",
    prims.igammac,
    "Regularized upper incomplete gamma function, 1 - `igamma`, exact also where that is near 1.",
    "igammac(Tensor([1.0]), 1.0).asnumpy().round(4)\narray([0.3679], dtype=float32)",
)


def polygamma(n: Any, input: Any) -> Tensor:
    """Derivative number `n` of `digamma`.

    Args:
        n: an int of at least 0, or a tensor of one int.
        input: tensor or number; ints and bools are converted to float32.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `n` is not an int.
        ValueError: `n` is negative.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.polygamma(1, Tensor([1.0])).asnumpy().round(4)
        array([1.6449], dtype=float32)
    """
    order = _an_int("ops.polygamma", "n", n.item() if isinstance(n, Tensor) else n)
    if order < 0:
        raise ValueError(explain("ops.polygamma", given=f"n={order}", expected="at least 0"))
    (x,) = floating("ops.polygamma", input)
    result: Tensor = prims.polygamma(x, n=order) if order else prims.digamma(x)
    return result


def mvlgamma(input: Any, p: int) -> Tensor:
    """Logarithm of the multivariate gamma function of dimension `p`.

    Args:
        input: tensor or number, above (p - 1) / 2.
        p: the dimension, at least 1.

    Returns:
        A tensor of the shape of `input`: p (p - 1) / 4 log(pi) plus the sum of lgamma(input - i / 2) for i < p.

    Raises:
        TypeError: `p` is not an int.
        ValueError: `p` is below 1.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.mvlgamma(Tensor([3.0]), 2).asnumpy().round(4)
        array([1.5502], dtype=float32)
    """
    size = _an_int("ops.mvlgamma", "p", p)
    if size < 1:
        raise ValueError(explain("ops.mvlgamma", given=f"p={p}", expected="at least 1"))
    (x,) = floating("ops.mvlgamma", input)
    total = scalar(size * (size - 1) / 4 * math.log(math.pi), x.dtype)
    for i in range(size):
        total = prims.add(total, prims.lgamma(prims.sub(x, scalar(i / 2, x.dtype))))
    return total


# -- the error function --

erfc = unary(
    "erfc",
    prims.erfc,
    "1 - erf(x), exact also where that is near 0.",
    "erfc(Tensor([0.0, 9.0])).asnumpy() > 0\narray([ True,  True])",
)
erfinv = unary(
    "erfinv",
    prims.erfinv,
    "The number whose error function is given; infinite at -1 and 1, NaN beyond.",
    "erfinv(Tensor([0.0, 0.5])).asnumpy().round(4)\narray([0.    , 0.4769], dtype=float32)",
)

# -- Bessel functions --

_MODIFIED = "Modified Bessel function of the"
bessel_i0 = _bessel("bessel_i0", prims.bessel_i0, f"{_MODIFIED} first kind of order 0.", 1.0, "1.2661")
bessel_i1 = _bessel("bessel_i1", prims.bessel_i1, f"{_MODIFIED} first kind of order 1.", 1.0, "0.5652")
bessel_i0e = _bessel("bessel_i0e", prims.bessel_i0e, "`bessel_i0` times exp(-abs(x)), without overflow.", 1.0, "0.4658")
bessel_i1e = _bessel("bessel_i1e", prims.bessel_i1e, "`bessel_i1` times exp(-abs(x)), without overflow.", 1.0, "0.2079")
bessel_j0 = _bessel("bessel_j0", prims.bessel_j0, "Bessel function of the first kind of order 0.", 1.0, "0.7652")
bessel_j1 = _bessel("bessel_j1", prims.bessel_j1, "Bessel function of the first kind of order 1.", 1.0, "0.4401")
bessel_y0 = _bessel("bessel_y0", prims.bessel_y0, "Bessel function of the second kind of order 0.", 1.0, "0.0883")
bessel_y1 = _bessel("bessel_y1", prims.bessel_y1, "Bessel function of the second kind of order 1.", 1.0, "-0.7812")
bessel_k0 = _bessel("bessel_k0", prims.bessel_k0, f"{_MODIFIED} second kind of order 0.", 1.0, "0.421")
bessel_k1 = _bessel("bessel_k1", prims.bessel_k1, f"{_MODIFIED} second kind of order 1.", 1.0, "0.6019")
bessel_k0e = _bessel("bessel_k0e", prims.bessel_k0e, "`bessel_k0` times exp(x), without underflow.", 1.0, "1.1445")
bessel_k1e = _bessel("bessel_k1e", prims.bessel_k1e, "`bessel_k1` times exp(x), without underflow.", 1.0, "1.6362")
i0 = _bessel("i0", prims.bessel_i0, f"{_MODIFIED} first kind of order 0.", 0.0, "1.0")

# -- from elementary functions --


def xlogy(input: Any, other: Any) -> Tensor:
    """Input * log(other); 0 where `input` is 0 and `other` is no NaN.

    Args:
        input: tensor or number.
        other: tensor or number; shapes broadcast.

    Returns:
        A floating-point tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not numbers.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.xlogy(Tensor([0.0, 2.0]), Tensor([0.0, 1.0])).asnumpy()
        array([0., 0.], dtype=float32)
    """
    x, y = floating("ops.xlogy", input, other)
    zero = scalar(0, x.dtype)
    # Only where the logarithm is not finite is `other` replaced, so that the derivative in `input` is log(other) at 0.
    regular = prims.bitwise_and(prims.gt(y, zero), prims.lt(y, scalar(math.inf, y.dtype)))
    regular = prims.bitwise_or(regular, prims.isnan(y))
    y = prims.select(prims.bitwise_or(regular, prims.ne(x, zero)), y, scalar(1, y.dtype))
    result: Tensor = prims.mul(x, prims.log(y))
    return result


def xdivy(x: Any, y: Any) -> Tensor:
    """X / y; 0 where `x` is 0.

    Args:
        x: tensor or number.
        y: tensor or number; shapes broadcast.

    Returns:
        A floating-point tensor of the broadcast shape.

    Raises:
        TypeError: an operand is not numbers.
        ValueError: the shapes do not broadcast.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.xdivy(Tensor([0.0, 2.0]), Tensor([0.0, 1.0])).asnumpy()
        array([0., 2.], dtype=float32)
    """
    x, y = floating("ops.xdivy", x, y)
    zero = scalar(0, x.dtype)
    nothing = prims.bitwise_and(prims.eq(x, zero), prims.bitwise_or(prims.eq(y, zero), prims.isnan(y)))
    result: Tensor = prims.div(x, prims.select(nothing, scalar(1, y.dtype), y))
    return result


def logit(input: Any, eps: float | None = None) -> Tensor:
    """log(x / (1 - x)), the inverse of `sigmoid`.

    Args:
        input: tensor or number from 0 to 1; NaN beyond.
        eps: numbers are first limited to the range from eps to 1 - eps; default: as they are.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `eps` is not a number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.logit(Tensor([0.5, 0.9])).asnumpy().round(4)
        array([0.    , 2.1972], dtype=float32)
    """
    (x,) = floating("ops.logit", input)
    if eps is not None:
        if isinstance(eps, bool) or not isinstance(eps, (int, float)):
            raise TypeError(explain("ops.logit", given=f"eps={eps!r}", expected="a number or None"))
        if eps >= 0:  # MindSpore documents -1 as none
            x = prims.minimum(prims.maximum(x, scalar(eps, x.dtype)), scalar(1 - eps, x.dtype))
    result: Tensor = prims.sub(prims.log(x), prims.log1p(prims.neg(x)))
    return result


def sinc(input: Any) -> Tensor:
    """sin(pi x) / (pi x), and 1 at 0.

    Args:
        input: tensor or number.

    Returns:
        A tensor of the shape of `input`.

    Raises:
        TypeError: `input` is not numbers.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.sinc(Tensor([0.0, 0.5])).asnumpy().round(4)
        array([1.    , 0.6366], dtype=float32)
    """
    (x,) = floating("ops.sinc", input)
    dtype = x.dtype
    wide_x = wide(x)
    angle = prims.mul(wide_x, scalar(math.pi, wide_x.dtype))
    at_zero = prims.eq(angle, scalar(0, angle.dtype))
    inner = prims.select(at_zero, scalar(1, angle.dtype), angle)
    result: Tensor = prims.select(at_zero, scalar(1, angle.dtype), prims.div(prims.sin(inner), inner))
    return cast(result, dtype)
