"""Rows for special functions, arithmetic, statistics, signals, activations and losses."""

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

STATISTICS = """
ops.aminmax(x, axis=1) == (x.min(1), x.max(1))
ops.bincount(k, w[:3], 6) == np.bincount(k, w[:3], 6).astype(np.float32)
ops.bucketize(x, [-1.0, 0.0, 1.0]) == np.searchsorted([-1, 0, 1], x).astype(np.int32)
ops.cov(x, aweights=p[0]) == np.cov(x, aweights=p[0])
ops.cummax(i, 1) == latest(i, np.maximum)
ops.cummin(i, 1) == latest(i, np.minimum, np.int32)
ops.histc(x, 5, -1.0, 1.0) == np.histogram(x, 5, (-1, 1))[0].astype(np.float32)
ops.logcumsumexp(x, 1) == np.logaddexp.accumulate(x, 1)
ops.median(x, 1) == (np.sort(x, 1)[:, 1], np.argsort(x, 1)[:, 1])
ops.nanmean(ops.where(m, x, e[1]), 1) == np.nanmean(np.where(m, x, np.nan), 1)
ops.nanmedian(x, 0)[0] == np.nanmedian(x, 0)
ops.nanquantile(ops.where(m, x, e[1]), 0.3) == np.nanquantile(np.where(m, x, np.nan), 0.3).astype(np.float32)
ops.nansum(ops.where(m, x, e[1]), 0) == np.nansum(np.where(m, x, np.nan), 0)
ops.quantile(x, Tensor([0.3, 0.9]), 1, True) == np.quantile(x, [0.3, 0.9], 1, keepdims=True).astype(np.float32)
ops.trapz(x, y, dim=1) == np.trapezoid(x, y, axis=1)
"""

SIGNAL = """
ops.bartlett_window(6, False) == np.bartlett(6).astype(np.float32)
ops.blackman_window(6, False) == np.blackman(6).astype(np.float32)
ops.hamming_window(6, False) == np.hamming(6).astype(np.float32)
ops.hann_window(6, False) == np.hanning(6)
ops.kaiser_window(6, False, 3.0) == np.kaiser(6, 3.0)
"""

ACTIVATIONS = """
ops.celu(x, 2.0) == np.maximum(x, 0) + np.minimum(2 * np.expm1(x / 2), 0)
ops.fast_gelu(x) == x * sigmoid(1.702 * x)
ops.glu(x, 1) == x[:, :2] * sigmoid(x[:, 2:])
ops.gumbel_softmax(ops.stack((x * 0, x * 0 + 1e6)), hard=True, dim=0)[1] == np.ones_like(x)
ops.hardshrink(x, 0.6) == np.where(np.abs(x) > 0.6, x, 0)
ops.hardtanh(x, -0.5, 0.7) == np.clip(x, -0.5, 0.7)
ops.prelu(x, w) == np.where(x > 0, x, w * x)
ops.rrelu(x, 0.3, 0.3) == np.where(x > 0, x, np.float32(0.3) * x)
ops.selu(x) == 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))
ops.soft_shrink(x, 0.6) == np.sign(x) * np.maximum(np.abs(x) - 0.6, 0)
ops.softmin(x, 0) == softmax(-x, 0)
ops.softshrink(x, 0.6) == np.sign(x) * np.maximum(np.abs(x) - 0.6, 0)
ops.softsign(x) == x / (1 + np.abs(x))
ops.swiglu(x, 1) == x[:, :2] * sigmoid(x[:, :2]) * x[:, 2:]
ops.tanhshrink(x) == x - np.tanh(x)
ops.threshold(x, 0.2, 7) == np.where(x > 0.2, x, 7).astype(np.float32)
"""

LOSSES = """
ops.cosine_embedding_loss(x, y, Tensor([1, -1, 1]), 0.1) == apart(cosine(x, y), np.array([1, -1, 1]), 0.1).mean()
ops.cosine_similarity(x, y, 0) == cosine(x.T, y.T)
ops.gaussian_nll_loss(x, y, p, full=True) == -stats.norm.logpdf(y, x, np.sqrt(p)).mean()
ops.hinge_embedding_loss(x, m * 2 - 1) == np.where(m, x, np.maximum(1 - x, 0)).mean()
ops.huber_loss(x, y, "sum", 0.7) == special.huber(0.7, x - y).sum()
ops.kl_div(x, p, "batchmean") == (p * (np.log(p) - x)).sum() / 3
ops.margin_ranking_loss(x, y, m * 2 - 1, 0.3) == np.maximum(np.where(m, y - x, x - y) + 0.3, 0).mean()
ops.multi_margin_loss(x, k, 2) == hinges(x, k, 2).mean()
ops.multilabel_margin_loss(x[0], Tensor([3, 0, -1, 1])) == hinges_of(x[0], [3, 0])
ops.multilabel_soft_margin_loss(x, q, w * w) == (w * w * entropy(sigmoid(x), q)).mean()
ops.soft_margin_loss(x, y) == np.log1p(np.exp(-x * y)).mean()
ops.triplet_margin_loss(x, y, p, eps=0.0) == nearer(x, y, p).mean()
"""

TABLES = (ACTIVATIONS, ARITHMETIC, LOSSES, SIGNAL, SPECIAL, STATISTICS)
