# ruff: noqa: E501 - a row a line
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

ARRANGEMENT = """
ops.atleast_1d(x[0, 0]) == x[0, :1]
ops.atleast_2d((v, b)) == (v[None], b)
ops.atleast_3d((v, x)) == (v[None, :, None], x[:, :, None])
ops.block_diag(x, v) == linalg.block_diag(x, v)
ops.cartesian_prod(v, w) == np.stack(np.meshgrid(v, w, indexing="ij"), -1).reshape(-1, 2)
ops.column_stack((v, w, x.T)) == np.column_stack((v, w, x.T))
ops.combinations(v, 3) == np.array(list(itertools.combinations(v, 3)))
ops.diag_embed(x, -1, 0, 2) == np.moveaxis(np.stack([np.diag(r, -1) for r in x]), 1, 0)
ops.diagflat(x, 2) == np.diagflat(x, 2)
ops.diagonal_scatter(x, v[:2], -1) == np.where(np.eye(3, 4, -1), np.array([0, v[0], v[1]])[:, None], x)
ops.dsplit(b, 2) == tuple(np.dsplit(b, 2))
ops.dstack((x, y)) == np.dstack((x, y))
ops.fliplr(b) == np.fliplr(b)
ops.flipud(b) == np.flipud(b)
ops.hsplit(x, 2) == tuple(np.hsplit(x, 2))
ops.logspace(0.0, 2.0, 5, 3) == np.logspace(0, 2, 5, base=3, dtype=np.float32)
ops.matrix_band_part(b, 0, 1) == np.triu(b) - np.triu(b, 2)
ops.matrix_diag(v, -1) == np.diag(v, -1)
ops.matrix_diag_part(x, (-1, 1)) == np.array([[x[0, 1], x[1, 2], x[2, 3]], [x[0, 0], x[1, 1], x[2, 2]], [x[1, 0], x[2, 1], 0]])
ops.matrix_set_diag(s, v, 0) == np.where(np.eye(4), v, s)
ops.rot90(b, 3, (2, 0)) == np.rot90(b, 3, (2, 0))
ops.row_stack((v, w)) == np.vstack((v, w))
ops.select_scatter(x, v, 0, -1) == np.concatenate((x[:2], v[None]))
ops.slice_scatter(x, y[:, :2], 1, 0, 4, 2) == np.stack((y[:, 0], x[:, 1], y[:, 1], x[:, 3]), 1)
ops.tensor_split(v, 3) == tuple(np.array_split(v, 3))
ops.tril_indices(3, 4, 1) == np.stack(np.tril_indices(3, 1, 4))
ops.triu_indices(3, 4, -1) == np.stack(np.triu_indices(3, -1, 4))
ops.vander(v, 3) == np.vander(v, 3)
ops.vsplit(x, (1, 2)) == tuple(np.vsplit(x, (1, 2)))
"""

POINTS = """
ops.addbmm(x @ s[:, :3], b, b.swapaxes(1, 2), beta=2, alpha=0.5) == 2 * (x @ s[:, :3]) + 0.5 * (b @ b.swapaxes(1, 2)).sum(0)
ops.addmv(p[:, 0], x, v, beta=2, alpha=0.5) == 2 * p[:, 0] + 0.5 * (x @ v)
ops.addr(s, v, w, beta=2, alpha=0.5) == 2 * s + 0.5 * np.outer(v, w)
ops.batch_dot(b, c) == b @ c
ops.bias_add(image, v[:3]) == image + v[:3].reshape(1, 3, 1, 1)
ops.cdist(x, s, 3.0) == (np.abs(x[:, None] - s) ** 3).sum(-1) ** (1 / 3)
ops.cross(x, y, 0) == np.cross(x, y, axis=0)
ops.dist(x, y, 3) == (np.abs(x - y) ** 3).sum() ** (1 / 3)
ops.embedding(k, s, 1) == s[k]
ops.index_fill(x, 1, k, 7) == np.stack((x[:, 0] * 0 + 7, x[:, 1], x[:, 0] * 0 + 7, x[:, 0] * 0 + 7), 1)
ops.intopk(x, k, 2) == np.array([(row > row[label]).sum() < 2 for row, label in zip(x, k)])
ops.kron(x, v) == np.kron(x, v)
ops.msort(x) == np.sort(x, 0)
ops.pdist(x, 1.0) == np.array([np.abs(x[0] - x[1]).sum(), np.abs(x[0] - x[2]).sum(), np.abs(x[1] - x[2]).sum()])
ops.renorm(x, 2, 0, 1.0) == x * np.minimum(1, 1 / np.linalg.norm(x, axis=1, keepdims=True))
ops.sequence_mask(k, 4) == (np.arange(4) < k[:, None])
ops.shuffle(v).sort()[0] == np.sort(v)
ops.unique_consecutive(Tensor([1, 1, 2, 1]), True, True) == (np.array([1, 2, 1]), np.array([0, 0, 1, 2]), np.array([2, 1, 1]))
ops.unique_with_pad(Tensor([4, 4, 2]), 0) == (np.array([4, 2, 0]), np.array([0, 0, 1]))
ops.unsorted_segment_max(x, Tensor([1, 0, 1]), 2) == np.stack((x[1], np.maximum(x[0], x[2])))
ops.unsorted_segment_min(x, Tensor([1, 0, 1]), 2) == np.stack((x[1], np.minimum(x[0], x[2])))
ops.unsorted_segment_prod(x, Tensor([1, -1, 1]), 2) == np.stack((x[1] * 0 + 1, x[0] * x[2]))
ops.unsorted_segment_sum(x, Tensor([1, -1, 1]), 2) == np.stack((x[1] * 0, x[0] + x[2]))
"""

IMAGES = """
ops.adaptive_avg_pool1d(line, 3) == np.stack([line[..., a:e].mean(-1) for a, e in ((0, 3), (2, 5), (4, 7))], -1)
ops.adaptive_avg_pool2d(image, (2, 1)) == image.reshape(2, 3, 2, 3, 5).mean((3, 4))[..., None]
ops.adaptive_avg_pool3d(block, (2, 1, 2)) == block.reshape(2, 3, 2, 2, 5, 2, 2).mean((3, 4, 6))[:, :, :, None]
ops.adaptive_max_pool1d(line, 3) == np.stack([line[..., a:e].max(-1) for a, e in ((0, 3), (2, 5), (4, 7))], -1)
ops.adaptive_max_pool2d(image, (2, 1)) == image.reshape(2, 3, 2, 3, 5).max((3, 4))[..., None]
ops.affine_grid(x[None, :2, :3], (1, 1, 2, 2), True) == np.einsum("ik,hwk->hwi", x[:2, :3], np.array([[[-1, -1, 1], [1, -1, 1]], [[-1, 1, 1], [1, 1, 1]]], np.float32))[None]
ops.avg_pool1d(line, 3, 2) == np.stack([line[..., a : a + 3].mean(-1) for a in (0, 2, 4)], -1)
ops.channel_shuffle(ops.cat((image, -image), 1), 2) == np.stack((image, -image), 2).reshape(2, 6, 6, 5)
ops.col2im(ops.unfold(image, (2, 1)).reshape(2, 3, 2, 25), (6, 5), (2, 1), 1, 0, 1) == image * np.array([1, 2, 2, 2, 2, 1], np.float32)[:, None]
ops.fold(ops.unfold(image, 2, stride=1), (6, 5), 2) == image * np.outer([1, 2, 2, 2, 2, 1], [1, 2, 2, 2, 1]).astype(np.float32)
ops.fractional_max_pool2d(image, 2, (5, 4), _random_samples=ops.zeros((2, 3, 2))) == sliding_window_view(image, (2, 2), (2, 3)).max((4, 5))
ops.grid_sample(image, ops.affine_grid(Tensor([[[1.0, 0, 0], [0, 1, 0]]] * 2), (2, 3, 6, 5))) == image
ops.interpolate(line, size=13, mode="linear", align_corners=True) == np.apply_along_axis(lambda r: np.interp(np.arange(13) / 2, np.arange(7), r), 2, line)
ops.lp_pool1d(line, 2, 3, 2) == np.stack([np.linalg.norm(line[..., a : a + 3], axis=-1) for a in (0, 2, 4)], -1)
ops.lp_pool2d(image, 2, (2, 5)) == np.sqrt((image**2).reshape(2, 3, 3, 2, 5).sum((3, 4)))[..., None]
ops.max_unpool1d(x[None], Tensor([[[0, 3, 4, 7]] * 3]), 2) == np.stack((x[:, 0], x[:, 0] * 0, x[:, 0] * 0, x[:, 1], x[:, 2], x[:, 0] * 0, x[:, 0] * 0, x[:, 3]), 1)[None]
ops.max_unpool2d(x[None, :, :2, None], Tensor([[[[0], [3]]] * 3]), (2, 1)) == np.stack((x[:, 0], x[:, 0] * 0, x[:, 0] * 0, x[:, 1]), 1)[None, :, :, None]
ops.max_unpool3d(x[None, :, :2, None, None], Tensor([[[[[0]], [[3]]]] * 3]), (2, 1, 1)) == np.stack((x[:, 0], x[:, 0] * 0, x[:, 0] * 0, x[:, 1]), 1)[None, :, :, None, None]
ops.pixel_shuffle(b.reshape(1, 4, 2, 3), 2) == b.reshape(1, 1, 2, 2, 2, 3).transpose(0, 1, 4, 2, 5, 3).reshape(1, 1, 4, 6)
ops.pixel_unshuffle(image[:, :, :, :4], 2) == image[:, :, :, :4].reshape(2, 3, 3, 2, 2, 2).transpose(0, 1, 3, 5, 2, 4).reshape(2, 12, 3, 2)
ops.unfold(image, (2, 3), stride=(2, 1)) == sliding_window_view(image, (2, 3), (2, 3))[:, :, ::2].transpose(0, 1, 4, 5, 2, 3).reshape(2, 18, 9)
ops.upsample(line, scale_factor=2) == line.repeat(2, 2)
"""

COMPLEX = """
ops.adjoint(ops.complex(x, y)) == (x - 1j * y).T
ops.angle(ops.complex(x, y)) == np.angle(x + 1j * y)
ops.complex(x, v) == x + 1j * v
ops.conj(ops.complex(x, y)) == x - 1j * y
ops.eig(s)[0] == np.linalg.eig(s)[0] # 1e-4
ops.eigvals(s) == np.linalg.eigvals(s) # 1e-4
ops.imag(ops.complex(x, y) * y) == y * y
ops.is_complex(ops.complex(x, y)) == True
ops.isreal(ops.complex(x, ops.floor(p))) == np.ones((3, 4), bool)
ops.polar(p, x) == p * np.exp(1j * x)
ops.real(ops.complex(x, y) * x) == x * x
ops.sgn(ops.complex(x, y)) == np.exp(1j * np.angle(x + 1j * y))
ops.view_as_complex(c[:, :, :2]) == c[:, :, 0] + 1j * c[:, :, 1]
ops.view_as_real(ops.complex(x, y)) == np.stack((x, y), -1)
"""

FOURIER = """
ops.fft(ops.complex(x, y), 6, 0, "ortho") == np.fft.fft(x + 1j * y, 6, 0, "ortho")
ops.fft2(c, (3, 6), (0, 2), "forward") == np.fft.fft2(c, (3, 6), (0, 2), "forward")
ops.fftfreq(7, 0.5) == np.fft.fftfreq(7, 0.5).astype(np.float32)
ops.fftn(c) == np.fft.fftn(c)
ops.fftshift(c, (0, 2)) == np.fft.fftshift(c, (0, 2))
ops.hfft(ops.complex(x, y), 5, 0) == np.fft.hfft(x + 1j * y, 5, 0)
ops.hfft2(ops.complex(x, y), None, (0, 1), "ortho") == np.fft.irfft2(x - 1j * y, None, (0, 1), "ortho")
ops.hfftn(c) == np.fft.irfftn(c, axes=(0, 1, 2), norm="forward") # 1e-4
ops.ifft(ops.complex(x, y)) == np.fft.ifft(x + 1j * y)
ops.ifft2(c) == np.fft.ifft2(c)
ops.ifftn(c, (5,), (1,), "forward") == np.fft.ifft(c, 5, 1, "forward")
ops.ifftshift(c) == np.fft.ifftshift(c)
ops.ihfft(x, 3) == np.fft.ihfft(x, 3)
ops.ihfft2(x) == np.fft.rfft2(x, norm="forward").conj()
ops.ihfftn(c, norm="ortho") == np.fft.rfftn(c, norm="ortho").conj()
ops.irfft(ops.complex(x, y), 7) == np.fft.irfft(x + 1j * y, 7)
ops.irfft2(c) == np.fft.irfft2(c)
ops.irfftn(ops.complex(x, y), (4, 5)) == np.fft.irfftn(x + 1j * y, (4, 5), (0, 1))
ops.rfft(x, None, 0) == np.fft.rfft(x, None, 0)
ops.rfft2(c) == np.fft.rfft2(c)
ops.rfftfreq(7, 0.5) == np.fft.rfftfreq(7, 0.5).astype(np.float32)
ops.stft(x, 4, 1, 2, p[0, :2], return_complex=True) == np.fft.rfft(sliding_window_view(np.pad(x, ((0, 0), (2, 2)), "reflect"), 4, 1) * np.pad(p[0, :2], 1)).swapaxes(1, 2)
ops.rfftn(c, (2, 3), None, "forward") == np.fft.rfftn(c, (2, 3), (1, 2), "forward")
"""

ALGEBRA = """
ops.cholesky(s @ s.T, True) == np.linalg.cholesky(s @ s.T).T # 1e-4
ops.cholesky_inverse(ops.cholesky(s @ s.T)) == np.linalg.inv(s @ s.T) # 1e-3
ops.cholesky_solve(x.T, ops.cholesky(s @ s.T)) == np.linalg.solve(s @ s.T, x.T) # 1e-3
ops.det(s) == np.linalg.det(s)
ops.geqrf(x)[0] == linalg.qr(x, mode="raw")[0][0]
ops.inverse(s) == np.linalg.inv(s) # 1e-4
ops.log_matrix_determinant(s)[1] == np.log(np.abs(np.linalg.det(s)))
ops.logdet(s @ s.T) == np.log(np.linalg.det(s @ s.T)) # 1e-4
ops.lstsq(x.T, s) == np.linalg.lstsq(x.T, s)[0] # 1e-4
ops.lu_solve(x.T, factors[0], factors[1] + 1) == linalg.lu_solve(factors, x.T) # 1e-4
ops.lu_unpack(s, factors[1] + 1)[1:] == (np.tril(s, -1) + np.eye(4, dtype=np.float32), np.triu(s))
ops.matrix_determinant(s) == np.linalg.det(s)
ops.matrix_exp(s) == linalg.expm(s)
ops.matrix_norm(x, "nuc") == np.linalg.norm(x, "nuc")
ops.matrix_power(s, -3) == np.linalg.matrix_power(np.linalg.inv(s), 3) # 1e-3
ops.matrix_solve(s, x.T, True) == np.linalg.solve(s.T, x.T) # 1e-4
ops.orgqr(*mirrors) == np.linalg.qr(x.T)[0]
ops.ormqr(*mirrors, s, transpose=True) == np.linalg.qr(x.T, "complete")[0].T @ s
ops.pinv(x) == np.linalg.pinv(x)
ops.qr(x)[1] == np.linalg.qr(x)[1]
ops.slogdet(s)[1] == np.log(np.abs(np.linalg.det(s)))
ops.svd(x, compute_uv=False) == np.linalg.svd(x, compute_uv=False)
ops.vector_norm(x, 3, 1) == (np.abs(x) ** 3).sum(1) ** (1 / 3)
"""

TABLES = (
    ACTIVATIONS,
    ALGEBRA,
    ARITHMETIC,
    ARRANGEMENT,
    COMPLEX,
    FOURIER,
    IMAGES,
    LOSSES,
    POINTS,
    SIGNAL,
    SPECIAL,
    STATISTICS,
)
