"""Rows for special functions and arithmetic beyond the four operations."""

SPECIAL = """
ops.bessel_i0(x) == special.i0(x)
ops.bessel_i0e(x) == special.i0e(x)
ops.bessel_i1(x) == special.i1(x)
ops.bessel_i1e(x) == special.i1e(x)
ops.bessel_j0(x) == special.j0(x)
ops.bessel_j1(x) == special.j1(x)
ops.bessel_k0(p) == special.k0(p)
ops.bessel_k0e(p) == special.k0e(p)
ops.bessel_k1(p) == special.k1(p)
ops.bessel_k1e(p) == special.k1e(p)
ops.bessel_y0(p) == special.y0(p)
ops.bessel_y1(p) == special.y1(p)
ops.digamma(p) == special.psi(p)
ops.erfc(x) == special.erfc(x)
ops.erfinv(p) == special.erfinv(p)
ops.i0(x) == special.i0(x)
ops.igamma(p, q) == special.gammainc(p, q)
ops.igammac(p, q) == special.gammaincc(p, q)
ops.lgamma(x) == special.gammaln(x)
ops.logit(p) == special.logit(p)
ops.mvlgamma(p + 1, 3) == sum(special.gammaln(p + 1 - k / 2) for k in range(3)) + 1.5 * np.log(np.pi)
ops.polygamma(2, p) == special.polygamma(2, p)
ops.sinc(x) == np.sinc(x)
ops.xdivy(i * p, p) == i * p / p
ops.xlogy(i * p, p) == special.xlogy(i * p, p)
ops.zeta(p + 1, q) == special.zeta(p + 1, q)
"""

ARITHMETIC = """
ops.approximate_equal(p, q, 0.2) == (np.abs(p - q) < 0.2)
ops.bitwise_left_shift(i, j) == i << j
ops.bitwise_right_shift(i, j) == i >> j
ops.copysign(x, y) == np.copysign(x, y)
ops.float_power(p, i) == np.float_power(p, i)
ops.fmax(x, e[1]) == np.fmax(x, e[1])
ops.fmin(x, e[1]) == np.fmin(x, e[1])
ops.fmod(x, p) == np.fmod(x, p)
ops.frac(x) == np.modf(x)[0]
ops.gcd(i, j) == np.gcd(i, j)
ops.heaviside(i * p, q) == np.heaviside(i * p, q)
ops.hypot(x, y) == np.hypot(x, y)
ops.inv(p) == 1 / p
ops.invert(i) == ~i
ops.is_floating_point(i) == False
ops.is_nonzero(x[0, :1]) == True
ops.isneginf(e) == np.isneginf(e)
ops.isposinf(e) == np.isposinf(e)
ops.lcm(i, j) == np.lcm(i, j)
ops.ldexp(x, i) == np.ldexp(x, i)
ops.logaddexp(x, y) == np.logaddexp(x, y)
ops.logaddexp2(x, y) == np.logaddexp2(x, y)
ops.nextafter(x, y) == np.nextafter(x, y) # 0
ops.population_count(j) == np.bitwise_count(j)
ops.positive(x) == +x
ops.remainder(x, p) == np.remainder(x, p)
ops.signbit(e) == np.signbit(e)
ops.truncate_div(i, j) == np.trunc(i / j).astype(np.int32)
ops.truncate_mod(i, j) == np.fmod(i, j)
"""
