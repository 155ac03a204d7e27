# ruff: noqa: E501 - a row is a line
"""Rows for the names of `lamella.ops`."""

FUNCTIONS = """
ops.abs(x) == np.abs(x)
ops.absolute(x) == np.abs(x)
ops.acos(p) == np.arccos(p)
ops.arccos(p) == np.arccos(p)
ops.acosh(p + 1) == np.arccosh(p + 1)
ops.arccosh(p + 1) == np.arccosh(p + 1)
ops.asin(p) == np.arcsin(p)
ops.arcsin(p) == np.arcsin(p)
ops.asinh(x) == np.arcsinh(x)
ops.arcsinh(x) == np.arcsinh(x)
ops.atan(x) == np.arctan(x)
ops.arctan(x) == np.arctan(x)
ops.atan2(x, y) == np.arctan2(x, y)
ops.arctan2(x, y) == np.arctan2(x, y)
ops.atanh(p) == np.arctanh(p)
ops.arctanh(p) == np.arctanh(p)
ops.add(x, y) == x + y
ops.addcdiv(x, y, p, 2) == x + 2 * y / p
ops.addcmul(x, y, p, 2) == x + 2 * y * p
ops.addmm(x, y, s, beta=2, alpha=0.5) == 2 * x + 0.5 * y @ s
ops.addn([x, y, p]) == x + y + p
ops.all(m, 1) == m.all(1)
ops.allclose(x, x + 1e-7) == True
ops.amax(x, 0) == x.max(0)
ops.amin(x, 0) == x.min(0)
ops.any(m, 1) == m.any(1)
ops.arange(1, 9, 3) == np.arange(1, 9, 3)
ops.argmax(x, 1) == x.argmax(1)
ops.argmin(x, 1) == x.argmin(1)
ops.argsort(x, 1) == x.argsort(1)
ops.argwhere(m) == np.argwhere(m)
ops.as_tensor(x.asnumpy()) == x
raised(ops.assert_, Tensor(False), "no", Tensor(3)) == ("AssertionError", "no 3")
after(ops.assign, lambda a: ops.assign(a, y), x) == y
after(ops.assign_add, lambda a: ops.assign_add(a, y), x) == x + y
after(ops.assign_sub, lambda a: ops.assign_sub(a, y), x) == x - y
ops.avg_pool2d(image, (2, 2)) == pooled(image[..., :4], (2, 2), np.mean)
ops.baddbmm(b @ c, b, c, beta=2, alpha=0.5) == 2.5 * b @ c
ops.batch_norm(x, v * 0, p[0], v, w) == (x / np.sqrt(p[0] + 1e-5)) * v + w
moments(ops.bernoulli(ops.zeros(20000), 0.3, seed=1)) == (0.3, 0.21) # 0.03
ops.binary_cross_entropy(p, q) == entropy(p, q).mean()
ops.binary_cross_entropy_with_logits(x, q) == entropy(sigmoid(x), q).mean()
ops.bitwise_and(i, j) == i & j
ops.bitwise_not(i) == ~i
ops.bitwise_or(i, j) == i | j
ops.bitwise_xor(i, j) == i ^ j
ops.bmm(b, c) == b @ c
ops.broadcast_to(x, (2, 3, 4)) == np.broadcast_to(x, (2, 3, 4))
ops.cast(x, "int32") == x.astype(np.int32)
ops.cat((x, y), 1) == np.concatenate((x, y), 1)
ops.ceil(x) == np.ceil(x)
ops.chunk(b, 2, 2) == tuple(np.split(b, 2, 2))
ops.clamp(x, -0.5, 0.5) == np.clip(x, -0.5, 0.5)
ops.clip(x, max=0.5) == np.minimum(x, 0.5)
ops.clip_by_global_norm((x, y), 0.1)[1] == y * 0.1 / np.sqrt((x * x).sum() + (y * y).sum())
ops.clip_by_norm(x, 0.1) == x * 0.1 / np.linalg.norm(x)
ops.clip_by_value(x, -0.5, y) == np.minimum(np.maximum(x, -0.5), y)
ops.concat((x, y)) == np.concatenate((x, y))
ops.cond(x.sum() > 1e6, lambda a: a, lambda a: a * 2, x) == x * 2
ops.constexpr(lambda size: size * 3)(4) == 12
ops.conv1d(line, kernel1) == correlated(line, kernel1)
ops.conv2d(image, kernel) == correlated(image, kernel)
ops.conv3d(block, kernel3) == correlated(block, kernel3)
ops.cos(x) == np.cos(x)
ops.cosh(x) == np.cosh(x)
ops.count_nonzero(i, 1) == np.count_nonzero(i, 1).astype(np.int32)
ops.cross_entropy(s, k[[0, 1, 2, 0]]) == -np.log(softmax(s))[np.arange(4), k[[0, 1, 2, 0]]].mean()
ops.cumprod(x, 1) == x.cumprod(1)
ops.cumsum(x, 1) == x.cumsum(1)
ms.grad(lambda a: ops.custom_derivative(lambda a: a * a, lambda a, out, g: g * a * 5, a).sum())(x) == 5 * x
(ops.default_generator.manual_seed(3), ops.default_generator.initial_seed())[1] == 3
ops.deg2rad(x) == np.deg2rad(x)
ops.dense(x, s, v) == x @ s.T + v
ops.diag(v) == np.diag(v)
ops.diagonal(b, 1, 1, 2) == np.diagonal(b, 1, 1, 2)
ops.diff(x, 2, 1) == np.diff(x, 2, 1)
ops.div(x, p) == x / p
ops.divide(x, p) == x / p
ops.dot(v, w) == v @ w
moments(ops.dropout(ops.ones(20000), 0.2, seed=1)) == (1, 0.25) # 0.03
ops.einsum("bij,bjk->kb", b, c) == np.einsum("bij,bjk->kb", b, c)
ops.elu(x, 2.0) == np.where(x > 0, x, 2 * np.expm1(x))
ops.eq(i, j) == np.equal(i, j)
ops.equal(i, j) == np.equal(i, j)
ops.erf(x) == special.erf(x)
ops.exp(x) == np.exp(x)
ops.exp2(x) == np.exp2(x)
ops.expand_dims(x, 1) == x[:, None]
ops.expm1(x) == np.expm1(x)
ops.eye(3, 4) == np.eye(3, 4, dtype=np.float32)
ops.fill("float32", (2, 3), 7) == np.full((2, 3), 7, np.float32)
ops.flatten(b) == b.reshape(2, 12)
ops.flip(b, (0, 2)) == b[::-1, :, ::-1]
ops.floor(x) == np.floor(x)
ops.floor_div(i, j) == i // j
ops.floor_divide(i, j) == i // j
ops.floor_mod(i, j) == i % j
ops.fori_loop(0, 4, lambda t, a: a * x + t, x) == (((x * x) * x + 1) * x + 2) * x + 3
ops.full((2, 3), 7.0) == np.full((2, 3), 7, np.float32)
ops.full_like(i, 7) == np.full_like(i, 7)
ops.gather(x, k, 1) == x[:, k]
ops.gather_d(x, 1, n) == np.take_along_axis(x, n, 1)
ops.gather_elements(x, 0, n) == np.take_along_axis(x, n, 0)
ops.gather_nd(b, Tensor([[0, 2], [1, 1]])) == b[[0, 1], [2, 1]]
ops.ge(i, j) == np.greater_equal(i, j)
ops.gelu(x) == x * special.ndtr(x)
ops.Generator(7).initial_seed() == 7
ops.ger(v, w) == np.outer(v, w)
after(ops.get_seed, lambda a: (ops.set_seed(5), ops.assign(a, float(ops.get_seed()))), 0.0) == np.float32(5)
ops.GradOperation(get_all=True)(lambda a, b: (a * a * b).sum())(x, y) == (2 * x * y, x * x)
ops.greater(i, j) == np.greater(i, j)
ops.greater_equal(i, j) == np.greater_equal(i, j)
ops.gt(i, j) == np.greater(i, j)
ops.hardsigmoid(x * 4) == np.clip(x * 4 / 6 + 0.5, 0, 1)
ops.hardswish(x * 4) == x * 4 * np.clip(x * 4 / 6 + 0.5, 0, 1)
ops.hstack((x, y)) == np.hstack((x, y))
ops.identity(x) == x
ops.index_select(x, 1, k) == x[:, k]
ops.inner(x, y) == np.inner(x, y)
ops.is_tensor(x) == True
ops.isclose(x, x + 1e-7) == np.isclose(x, x + 1e-7)
ops.isfinite(e) == np.isfinite(e)
ops.isinf(e) == np.isinf(e)
ops.isnan(e) == np.isnan(e)
ops.l1_loss(x, y) == np.abs(x - y).mean()
ops.layer_norm(b, (3, 4), x, y) == normalized(b, (1, 2)) * x + y
ops.le(i, j) == np.less_equal(i, j)
ops.leaky_relu(x, 0.1) == np.where(x > 0, x, 0.1 * x)
ops.lerp(x, y, 0.3) == x + 0.3 * (y - x)
ops.less(i, j) == np.less(i, j)
ops.less_equal(i, j) == np.less_equal(i, j)
ops.linspace(0.0, 2.0, 5) == np.linspace(0, 2, 5, dtype=np.float32)
ops.log(p) == np.log(p)
ops.log10(p) == np.log10(p)
ops.log1p(p) == np.log1p(p)
ops.log2(p) == np.log2(p)
ops.log_softmax(x, 0) == np.log(softmax(x, 0))
ops.logical_and(m, o) == np.logical_and(m, o)
ops.logical_not(m) == ~m
ops.logical_or(m, o) == np.logical_or(m, o)
ops.logical_xor(m, o) == np.logical_xor(m, o)
ops.logsigmoid(x) == np.log(sigmoid(x))
ops.logsumexp(x, 1) == special.logsumexp(x, 1)
ops.lt(i, j) == np.less(i, j)
ops.masked_fill(x, m, 7) == np.where(m, 7, x).astype(np.float32)
ops.masked_select(x, m) == x[m]
ops.matmul(b, c) == b @ c
ops.max(x, 1) == (x.max(1), x.argmax(1))
ops.max_pool2d(image, (2, 2)) == pooled(image[..., :4], (2, 2), np.max)
ops.maximum(x, y) == np.maximum(x, y)
ops.mean(x, 0) == x.mean(0)
ops.meshgrid(v, w[:3]) == tuple(np.meshgrid(v, w[:3]))
ops.min(x, 1) == (x.min(1), x.argmin(1))
ops.minimum(x, y) == np.minimum(x, y)
ops.mish(x) == x * np.tanh(softplus(x))
ops.mm(x, s) == x @ s
ops.moveaxis(b, 0, 2) == np.moveaxis(b, 0, 2)
ops.movedim(b, 0, 2) == np.moveaxis(b, 0, 2)
ops.mse_loss(x, y) == ((x - y) ** 2).mean()
ops.mul(x, y) == x * y
moments(ops.multinomial(Tensor([1.0, 3.0]), 20000, seed=1)) == (0.75, 0.1875) # 0.03
ops.multiply(x, y) == x * y
ops.mv(x, v) == x @ v
ops.nan_to_num(e, 1.0, 2.0, 3.0) == np.nan_to_num(e, True, 1.0, 2.0, 3.0)
ops.narrow(x, 1, 1, 2) == x[:, 1:3]
ops.ne(i, j) == np.not_equal(i, j)
ops.neg(x) == -x
ops.negative(x) == -x
ops.nll_loss(x, k[:3] % 3) == -x[np.arange(3), k[:3] % 3].mean()
ops.nonzero(m) == np.argwhere(m)
ops.norm(x, 3, 1) == np.linalg.norm(x, 3, 1)
moments(ops.normal((20000,), 2.0, 0.5, seed=1)) == (2, 0.25) # 0.03
ops.not_equal(i, j) == np.not_equal(i, j)
ops.numel(b) == b.size
ops.one_hot(k, 4) == np.eye(4, dtype=int)[k]
ops.ones((2, 3)) == np.ones((2, 3), np.float32)
ops.ones_like(i) == np.ones_like(i)
ops.outer(v, w) == np.outer(v, w)
ops.pad(x, (1, 2), value=7) == np.pad(x, ((0, 0), (1, 2)), constant_values=7)
ops.permute(b, (2, 0, 1)) == b.transpose(2, 0, 1)
ops.pow(p, x) == p**x
subclass(ops.Primitive)().add_prim_attr("a", 1).attrs == {"a": 1}
printed(ops.print_, Tensor([1, 2])) == "[1 2]\\n"
ops.prod(x, 1) == x.prod(1)
ops.rad2deg(x) == np.rad2deg(x)
moments(ops.rand(20000, seed=1)) == (1 / 2, 1 / 12) # 0.03
moments(ops.rand_like(ops.zeros(20000), seed=1)) == (1 / 2, 1 / 12) # 0.03
moments(ops.randint(3, 7, (20000,), seed=1)) == (4.5, 1.25) # 0.03
moments(ops.randn(20000, seed=1)) == (0, 1) # 0.03
moments(ops.randn_like(ops.zeros(20000), seed=1)) == (0, 1) # 0.03
sorted(ops.randperm(9, seed=1).tolist()) == list(range(9))
ops.range(1, 9, 3) == np.arange(1, 9, 3)
ops.rank(b) == b.ndim
ops.ravel(b) == b.ravel()
ops.reciprocal(p) == 1 / p
ops.reduce_max(x, 1) == x.max(1)
ops.reduce_mean(x, 1) == x.mean(1)
ops.reduce_min(x, 1) == x.min(1)
ops.reduce_prod(x, 1) == x.prod(1)
ops.reduce_sum(x, 1) == x.sum(1)
ops.relu(x) == np.maximum(x, 0)
ops.relu6(x * 9) == np.clip(x * 9, 0, 6)
ops.repeat_elements(x, 2, 1) == np.repeat(x, 2, 1)
ops.repeat_interleave(x, 3, 0) == np.repeat(x, 3, 0)
ops.reshape(b, (4, -1)) == b.reshape(4, -1)
ops.roll(b, (1, 2), (0, 2)) == np.roll(b, (1, 2), (0, 2))
ops.round(x * 3) == np.round(x * 3)
ops.rsqrt(p) == 1 / np.sqrt(p)
ops.scalar_to_tensor(3.0) == np.float32(3)
ops.scan(lambda total, row: (total + row, total * row), v, x)[0] == v + x.sum(0)
ops.scatter_nd(Tensor([[1], [3]]), v[:2], (5,)) == scattered(np.zeros(5, np.float32), [1, 3], v[:2], True)
ops.searchsorted(Tensor([1.0, 2.0, 3.0]), x) == np.searchsorted([1, 2, 3], x)
ops.select(m, x, y) == np.where(m, x, y)
after(ops.set_seed, lambda a: (ops.set_seed(5), ops.assign(a, float(ops.get_seed()))), 0.0) == np.float32(5)
ops.shape(b) == b.shape
ops.sigmoid(x) == special.expit(x)
ops.sign(x) == np.sign(x)
ops.silu(x) == x * sigmoid(x)
ops.sin(x) == np.sin(x)
ops.sinh(x) == np.sinh(x)
ops.size(b) == b.size
ops.slice(b, (0, 1, 1), (2, 1, 2)) == b[:, 1:2, 1:3]
ops.smooth_l1_loss(x, y) == huber(x - y)
ops.softmax(x, 0) == softmax(x, 0)
ops.softplus(x) == softplus(x)
ops.sort(x, 0) == (np.sort(x, 0), np.argsort(x, 0))
ops.split(b, 2, 2) == tuple(np.split(b, 2, 2))
ops.sqrt(p) == np.sqrt(p)
ops.square(x) == x * x
ops.squeeze(x[:1], 0) == x[0]
ops.stack((x, y), 1) == np.stack((x, y), 1)
moments(ops.standard_normal((20000,), seed=1)) == (0, 1) # 0.03
ops.std(x, 0, 1) == x.std(0, ddof=1)
ops.std_mean(x, 0, 1) == (x.std(0, ddof=1), x.mean(0))
ms.grad(lambda a: (ops.stop_gradient(a) * a).sum())(x) == x
ops.strided_slice(b, (0, 2, 3), (2, 0, 0), (1, -1, -2)) == b[0:2, 2:0:-1, 3:0:-2]
ops.sub(x, y) == x - y
ops.subtract(x, y) == x - y
ops.sum(b, (0, 2)) == b.sum((0, 2))
ops.swapaxes(b, 0, 2) == b.swapaxes(0, 2)
ops.swapdims(b, 0, 2) == b.swapaxes(0, 2)
ops.tan(x) == np.tan(x)
ops.tanh(x) == np.tanh(x)
ops.tensor([[1, 2]], "float32") == np.array([[1, 2]], np.float32)
ops.tensor_dot(b, c, ((0, 2), (0, 1))) == np.tensordot(b, c, ((0, 2), (0, 1)))
ops.tensor_scatter_add(x, Tensor([[1], [1]]), y[:2]) == scattered(x, [1, 1], y[:2], True)
ops.tensor_scatter_elements(v, Tensor([2, 0]), w[:2]) == scattered(v, [2, 0], w[:2], False)
ops.tensor_scatter_update(x, Tensor([[2], [0]]), y[:2]) == scattered(x, [2, 0], y[:2], False)
ops.tile(x, (2, 1, 3)) == np.tile(x, (2, 1, 3))
ops.topk(v, 2) == (np.sort(v)[:1:-1], np.argsort(v)[:1:-1])
ops.trace(s) == np.trace(s)
ops.transpose(b, (2, 0, 1)) == b.transpose(2, 0, 1)
ops.tril(x, 1) == np.tril(x, 1)
ops.triu(x, 1) == np.triu(x, 1)
ops.true_divide(i, j) == i / j
ops.trunc(x * 3) == np.trunc(x * 3)
ops.unbind(b, 1) == tuple(np.moveaxis(b, 1, 0))
moments(ops.uniform((20000,), 2.0, 4.0, seed=1)) == (3, 1 / 3) # 0.03
ops.unique(i)[0] == np.array(list(dict.fromkeys(i.ravel().tolist())))
ops.unsqueeze(x, 1) == x[:, None]
ops.unstack(b, 1) == tuple(np.moveaxis(b, 1, 0))
ops.var(x, 0, 1) == x.var(0, ddof=1)
ops.var_mean(x, 0, 1) == (x.var(0, ddof=1), x.mean(0))
ops.vstack((x, y)) == np.vstack((x, y))
ops.where(m, x, y) == np.where(m, x, y)
ops.while_loop(lambda a: a.sum() < 100, lambda a: a * 2, Tensor([3.0, 5.0])) == np.array([48, 80], np.float32)
ops.zeros((2, 3)) == np.zeros((2, 3), np.float32)
ops.zeros_like(i) == np.zeros_like(i)
ops.rms_norm(x, v) == (x * spread(x) * v, spread(x))
ops.tensor_scatter_div(p, Tensor([[1], [1]]), q[:2]) == combined(np.divide, p, [1, 1], q[:2])
ops.tensor_scatter_max(x, Tensor([[1], [1]]), y[:2]) == combined(np.maximum, x, [1, 1], y[:2])
ops.tensor_scatter_min(x, Tensor([[1], [1]]), y[:2]) == combined(np.minimum, x, [1, 1], y[:2])
ops.tensor_scatter_mul(x, Tensor([[1], [1]]), y[:2]) == combined(np.multiply, x, [1, 1], y[:2])
ops.tensor_scatter_sub(x, Tensor([[1], [1]]), y[:2]) == combined(np.subtract, x, [1, 1], y[:2])
ops.add_flags(lambda a: a * 2, has_effect=True)(x) == x * 2
ops.depend(x, y) == x
ops.make_range(1, 7, 2) == (1, 3, 5)
ops.partial(ops.sub, x)(y) == x - y
ops.tuple_len((5, 6, 7)) == 3
ops.tuple_to_array((1, 2)) == np.array([1, 2], np.int32)
ops.avg_pool3d(block, (2, 5, 2), (2, 5, 2)) == pooled(block, (2, 5, 2), np.mean)
ops.bounding_box_decode(boxes, x, (9, 9), stds=(2.0,) * 4) == decoded(boxes, x * 2, 9)
ops.bounding_box_encode(boxes, boxes2, means=(1.0,) * 4) == encoded(boxes, boxes2) - 1
ops.check_valid(boxes, Tensor([8.0, 9.0, 1.0])) == (boxes >= 0).all(1) & (boxes[:, 2] <= 8) & (boxes[:, 3] <= 7)
ops.crop_and_resize(plane[None, ..., None], p, k * 0, (2, 3))[..., 0] == on_plane(grid(p[:, 0], p[:, 2], 2) * 5, grid(p[:, 1], p[:, 3], 3) * 6)
ops.ctc_loss(ops.log_softmax(chances), Tensor([[1, 2], [2, 2]]), Tensor([5, 4]), Tensor([2, 1]), reduction="none")[0] == [labelled(chances[:, 0], (1, 2), 0), labelled(chances[:4, 1], (2,), 0)]
after(ops.index_add, lambda a: ops.index_add(a, k, s[:3], 0), s) == combined(np.add, s, [2, 0, 3], s[:3])
ops.iou(boxes, boxes2) == np.array([[shared(a, b) for a in boxes] for b in boxes2], np.float32)
ops.lrn(image, 1, 1.0, 2.0, 0.75) == image / (1 + 2 * neighbours(image**2)) ** 0.75
ops.max_pool3d(block, (2, 5, 2)) == pooled(block, (2, 5, 2), np.max)
ops.reverse_sequence(x, k, 1, 0) == np.stack([np.concatenate((row[:n][::-1], row[n:])) for row, n in zip(x, k)])
after(ops.scatter_add, lambda a: ops.scatter_add(a, [1, 1], q[:2]), p) == combined(np.add, p, [1, 1], q[:2])
after(ops.scatter_div, lambda a: ops.scatter_div(a, [1, 1], q[:2]), p) == combined(np.divide, p, [1, 1], q[:2])
after(ops.scatter_max, lambda a: ops.scatter_max(a, [1, 1], q[:2]), p) == combined(np.maximum, p, [1, 1], q[:2])
after(ops.scatter_min, lambda a: ops.scatter_min(a, [1, 1], q[:2]), p) == combined(np.minimum, p, [1, 1], q[:2])
after(ops.scatter_mul, lambda a: ops.scatter_mul(a, [1, 1], q[:2]), p) == combined(np.multiply, p, [1, 1], q[:2])
after(ops.scatter_nd_add, lambda a: ops.scatter_nd_add(a, [[1], [1]], q[:2]), p) == combined(np.add, p, [1, 1], q[:2])
after(ops.scatter_nd_div, lambda a: ops.scatter_nd_div(a, [[1], [1]], q[:2]), p) == combined(np.divide, p, [1, 1], q[:2])
after(ops.scatter_nd_max, lambda a: ops.scatter_nd_max(a, [[1], [1]], q[:2]), p) == combined(np.maximum, p, [1, 1], q[:2])
after(ops.scatter_nd_min, lambda a: ops.scatter_nd_min(a, [[1], [1]], q[:2]), p) == combined(np.minimum, p, [1, 1], q[:2])
after(ops.scatter_nd_mul, lambda a: ops.scatter_nd_mul(a, [[1], [1]], q[:2]), p) == combined(np.multiply, p, [1, 1], q[:2])
after(ops.scatter_nd_sub, lambda a: ops.scatter_nd_sub(a, [[1], [1]], q[:2]), p) == combined(np.subtract, p, [1, 1], q[:2])
after(ops.scatter_nd_update, lambda a: ops.scatter_nd_update(a, [[1], [0]], q[:2]), p) == scattered(p, [1, 0], q[:2], False)
after(ops.scatter_update, lambda a: ops.scatter_update(a, [1, 0], q[:2]), p) == scattered(p, [1, 0], q[:2], False)
ops.pows(p, x) == p**x
ops.tensor_add(x, y) == x + y
ops.tensor_div(x, y) == x / y
ops.tensor_floordiv(i, j) == i // j
ops.tensor_ge(i, j) == (i >= j)
ops.tensor_gt(i, j) == (i > j)
ops.tensor_le(i, j) == (i <= j)
ops.tensor_lt(i, j) == (i < j)
ops.tensor_mod(i, j) == i % j
ops.tensor_mul(x, y) == x * y
ops.tensor_pow(p, x) == p**x
ops.tensor_sub(x, y) == x - y
ops.mixed_precision_cast("float64", [x, i]) == [x.astype(np.float64), i]
ops.reverse(x, [0]) == x[::-1]
ops.scalar_cast(2.5, "int64") == 2
ops.scalar_to_array(2.5) == np.float32(2.5)
ops.top_k(v, 2) == (np.sort(v)[:1:-1], np.argsort(v)[:1:-1].astype(np.int32))
ops.deformable_conv2d(image, kernel, moved(1.0, 2.0, 6, 4, 4).astype(image.dtype), (3, 2), (1,) * 4, (0,) * 4) == 2 * correlated(to_left(image), kernel)
"""

CLASSES = """
ops.Complex()(x, y) == x + 1j * y
ops.Real()(ops.complex(x, y)) == x
ops.Imag()(ops.complex(x, y)) == y
ops.Conj()(ops.complex(x, y)) == x - 1j * y
ops.Angle()(ops.complex(x, y)) == np.arctan2(y, x)
ops.ComplexAbs()(ops.complex(x, y)) == np.hypot(x, y)
ops.Polar()(p, x) == p * np.exp(1j * x)
ops.FFTWithSize(2, True, True, "ortho", signal_sizes=(3, 7))(ops.complex(x, y)) == np.fft.irfft2(x + 1j * y, (3, 7), norm="ortho")
ops.Eig(True)(s)[0] == np.linalg.eig(s)[0] # 1e-4
ops.Abs()(x) == np.abs(x)
ops.Add()(x, y) == x + y
ops.BatchMatMul(transpose_b=True)(b, b) == b @ b.swapaxes(1, 2)
ops.BroadcastTo((2, 3, 4))(x) == np.broadcast_to(x, (2, 3, 4))
ops.Cast()(x, "int32") == x.astype(np.int32)
ops.Concat(axis=1)((x, y)) == np.concatenate((x, y), 1)
ops.Cos()(x) == np.cos(x)
ops.dequantize(i.astype("int8"), 0.25, 2) == (i - 2) * np.float32(0.25)
ops.Elu()(x) == np.where(x > 0, x, np.expm1(x))
ops.Equal()(i, j) == np.equal(i, j)
ops.Exp()(x) == np.exp(x)
ops.ExpandDims()(x, 1) == x[:, None]
ops.Fill()("float32", (2, 3), 7) == np.full((2, 3), 7, np.float32)
ops.Floor()(x) == np.floor(x)
ops.Gather(batch_dims=1)(x, n, 1) == np.take_along_axis(x, n, 1)
ops.GatherNd()(b, Tensor([[0, 2], [1, 1]])) == b[[0, 1], [2, 1]]
ops.Greater()(i, j) == np.greater(i, j)
ops.GreaterEqual()(i, j) == np.greater_equal(i, j)
ops.HSigmoid()(x * 4) == np.clip(x * 4 / 6 + 0.5, 0, 1)
ops.HSwish()(x * 4) == x * 4 * np.clip(x * 4 / 6 + 0.5, 0, 1)
ops.Identity()(x) == x
ops.Less()(i, j) == np.less(i, j)
ops.Log()(p) == np.log(p)
ops.LogicalAnd()(m, o) == np.logical_and(m, o)
ops.LogicalNot()(m) == ~m
ops.LogSoftmax(axis=0)(x) == np.log(softmax(x, 0))
ops.MatMul(transpose_a=True)(x, y) == x.T @ y
ops.Maximum()(x, y) == np.maximum(x, y)
ops.Minimum()(x, y) == np.minimum(x, y)
ops.Mish()(x) == x * np.tanh(softplus(x))
ops.Mul()(x, y) == x * y
ops.Neg()(x) == -x
ops.NotEqual()(i, j) == np.not_equal(i, j)
ops.OneHot(axis=0)(k, 4, Tensor(2.0), Tensor(0.0)) == 2 * np.eye(4, dtype=np.float32)[k].T
ops.Ones()((2, 3), "float32") == np.ones((2, 3), np.float32)
ops.Pow()(p, x) == p**x
ops.quantize(x, 0.125, 3, "uint8") == np.clip(np.rint(x * 8) + 3, 0, 255).astype(np.uint8)
ops.Reciprocal()(p) == 1 / p
ops.ReduceMax(keep_dims=True)(x, 1) == x.max(1, keepdims=True)
ops.ReduceMean(keep_dims=True)(x, 1) == x.mean(1, keepdims=True)
ops.ReduceMin(keep_dims=True)(x, 1) == x.min(1, keepdims=True)
ops.ReduceProd(keep_dims=True)(x, 1) == x.prod(1, keepdims=True)
ops.ReduceSum(keep_dims=True)(x, 1) == x.sum(1, keepdims=True)
ops.ReLU()(x) == np.maximum(x, 0)
ops.ReLU6()(x * 9) == np.clip(x * 9, 0, 6)
ops.Reshape()(b, (4, -1)) == b.reshape(4, -1)
ops.Select()(m, x, y) == np.where(m, x, y)
ops.Shape()(b) == b.shape
ops.Sigmoid()(x) == special.expit(x)
ops.Sin()(x) == np.sin(x)
ops.Softmax(axis=0)(x) == softmax(x, 0)
ops.Split(axis=2, output_num=2)(b) == tuple(np.split(b, 2, 2))
ops.Sqrt()(p) == np.sqrt(p)
ops.Square()(x) == x * x
ops.Squeeze(0)(x[:1]) == x[0]
ops.Sub()(x, y) == x - y
ops.Tanh()(x) == np.tanh(x)
ops.Tile()(x, (2, 3)) == np.tile(x, (2, 3))
ops.Transpose()(b, (2, 0, 1)) == b.transpose(2, 0, 1)
ops.Zeros()((2, 3), "float32") == np.zeros((2, 3), np.float32)
ops.ZerosLike()(x) == np.zeros_like(x)
ops.ACos()(p) == np.arccos(p)
ops.AccumulateNV2()((x, y)) == x + y
ops.Acosh()(p + 1) == np.arccosh(p + 1)
ops.AdaptiveAvgPool2D((3, 5))(image) == pooled(image, (2, 1), np.mean)
ops.AddN()((x, y, p)) == x + y + p
ops.Addcdiv()(x, y, p, Tensor(0.5)) == x + 0.5 * y / p
ops.Addcmul()(x, y, p, Tensor(0.5)) == x + 0.5 * y * p
ops.ApproximateEqual(0.5)(x, y) == (np.abs(x - y) < 0.5)
ops.ArgMaxWithValue(1)(x) == (x.argmax(1), x.max(1))
ops.ArgMinWithValue(0, True)(x) == (x.argmin(0)[None], x.min(0, keepdims=True))
ops.Argmax(0)(x) == x.argmax(0).astype(np.int32)
ops.Argmin()(x) == x.argmin(1).astype(np.int32)
ops.Asin()(p) == np.arcsin(p)
ops.Asinh()(x) == np.arcsinh(x)
raised(ops.Assert(), Tensor([False]), [])[0] == "AssertionError"
after(ops.Assign, lambda a: ops.Assign()(a, y), x) == y
after(ops.AssignAdd, lambda a: ops.AssignAdd()(a, y), x) == x + y
after(ops.AssignSub, lambda a: ops.AssignSub()(a, y), x) == x - y
ops.Atan()(x) == np.arctan(x)
ops.Atan2()(x, y) == np.arctan2(x, y)
ops.Atanh()(p) == np.arctanh(p)
ops.AvgPool((2, 2), (2, 2))(image) == pooled(image[..., :4], (2, 2), np.mean)
ops.BCEWithLogitsLoss()(x, q) == entropy(sigmoid(x), q).mean()
ops.BatchNorm(epsilon=0.0)(x, v, w, w, v * v)[0] == (x - w) / np.abs(v) * v + w
moments(ops.Bernoulli()(ops.ones(20000), Tensor(0.25))) == (0.25, 0.1875) # 0.02
ops.BiasAdd()(b, v[:3]) == b + v[:3, None]
ops.BinaryCrossEntropy()(p, q) == entropy(p, q).mean()
ops.BitwiseAnd()(i, j) == i & j
ops.BitwiseOr()(i, j) == i | j
ops.BitwiseXor()(i, j) == i ^ j
ops.Bucketize([-1.0, 1.0])(x) == np.digitize(x, [-1, 1]).astype(np.int32)
ops.CeLU(2.0)(x) == np.where(x > 0, x, 2 * np.expm1(x / 2))
ops.Ceil()(x) == np.ceil(x)
ops.ChannelShuffle(2)(b.reshape(1, 6, 4)) == b.reshape(1, 2, 3, 4).swapaxes(1, 2).reshape(1, 6, 4)
ops.Conv2D(2, (3, 2))(image, kernel) == correlated(image, kernel)
ops.Conv3D(2, (2, 2, 3))(block, kernel3) == correlated(block, kernel3)
ops.Cosh()(x) == np.cosh(x)
ops.CountNonZero([1])(i) == (i != 0).sum(1)
ops.CumProd(True)(x, 1) == np.concatenate((np.ones((3, 1), np.float32), x.cumprod(1)[:, :-1]), 1)
ops.CumSum(reverse=True)(x, 1) == x[:, ::-1].cumsum(1)[:, ::-1]
ops.DType()(x).numpy == x.dtype
ops.Dense()(x, dense, v[:2]) == x @ dense.T + v[:2]
ops.Diag()(v) == np.diag(v)
ops.DiagPart()(s) == np.diag(s)
ops.Div()(i, j) == i / j
ops.DivNoNan()(x, Tensor([0.0, 1.0, 2.0, 0.0])) == x * np.array([0, 1, 0.5, 0], np.float32)
moments(ops.Dropout(0.8)(ops.ones(20000))[0]) == (1, 0.25) # 0.05
moments(ops.Dropout2D(0.8)(ops.ones((200, 100, 1, 1)))[0]) == (1, 0.25) # 0.05
moments(ops.Dropout3D(0.8)(ops.ones((200, 100, 1, 1, 1)))[0]) == (1, 0.25) # 0.05
ops.Einsum("ij,ij->i")((x, y)) == (x * y).sum(1)
ops.Eps()(x) == np.full_like(x, np.finfo(np.float32).eps)
ops.Erf()(x) == special.erf(x)
ops.EuclideanNorm(True)(x, 1) == np.linalg.norm(x, axis=1, keepdims=True)
ops.Expand()(v, Tensor([3, 4])) == np.broadcast_to(v, (3, 4))
ops.Expm1()(x) == np.expm1(x)
ops.Eye()(2, 3, "int32") == np.eye(2, 3, dtype=np.int32)
ops.FastGeLU()(x) == x * sigmoid(1.702 * x)
ops.FastGelu()(x) == x * sigmoid(1.702 * x)
ops.FillV2()((2, 3), Tensor(7.0)) == np.full((2, 3), 7, np.float32)
ops.Fills()(i, 7) == np.full_like(i, 7)
ops.Flatten()(b) == b.reshape(2, 12)
ops.FloorDiv()(i, j) == i // j
ops.FloorMod()(i, j) == i % j
ops.Fmax()(e[:2], v[:2]) == np.fmax(e[:2], v[:2])
ops.Fmin()(e[:2], v[:2]) == np.fmin(e[:2], v[:2])
ops.GLU()(b) == b[..., :2] * sigmoid(b[..., 2:])
ops.GatherD()(x, 1, n) == np.take_along_axis(x, n, 1)
ops.GatherV2()(x, k, 1) == x[:, k]
ops.GeLU()(x) == x * special.ndtr(x) # 0.001
ops.Gelu()(x) == x * special.ndtr(x) # 0.001
ops.Ger()(v, w) == np.outer(v, w)
ops.HShrink(1.0)(x) == np.where(np.abs(x) > 1, x, 0)
ops.Heaviside()(i * 1.0, Tensor(0.5)) == np.heaviside(i, np.float32(0.5)).astype(np.float32)
ops.Hypot()(x, y) == np.hypot(x, y)
ops.IdentityN()((x, y)) == (x, y)
ops.Inv()(p) == 1 / p
ops.Invert()(i) == ~i
ops.InvertPermutation()((2, 0, 3, 1)) == (1, 3, 0, 2)
ops.IsClose(atol=0.5)(x, y) == np.isclose(x, y, atol=0.5)
ops.IsFinite()(e) == np.isfinite(e)
ops.IsInf()(e) == np.isinf(e)
ops.IsNan()(e) == np.isnan(e)
ops.KLDivLoss("batchmean")(x, p) == (p * (np.log(p) - x)).sum() / 3
ops.L2Loss()(x) == (x * x).sum() / 2
ops.L2Normalize(1, 1e-12)(x) == x / np.linalg.norm(x, axis=1, keepdims=True)
ops.LayerNorm()(x, v, w) == (normalized(x, 1, 1e-7) * v + w, x.mean(1, keepdims=True), x.var(1, keepdims=True))
ops.LeftShift()(j, j) == j << j
ops.Lerp()(x, y, p) == x + p * (y - x)
ops.LerpScalar()(x, y, 0.5) == (x + y) / 2
ops.LessEqual()(i, j) == (i <= j)
ops.LinSpace()(1.0, 5.0, 4) == np.linspace(1, 5, 4, dtype=np.float32)
ops.Log1p()(p) == np.log1p(p)
ops.LogSoftmaxExt()(x, 0) == np.log(softmax(x, 0))
ops.LogSpace(4, 2)(0.0, 3.0) == np.array([1, 2, 4, 8], np.float32)
ops.LogicalOr()(m, o) == (m | o)
ops.LogicalXor()(m, o) == (m ^ o)
ops.Logit()(p) == special.logit(p)
ops.LpNorm(1, 3)(x) == (np.abs(x) ** 3).sum(1) ** (1 / 3)
ops.MaskedFill()(x, m, 7.0) == np.where(m, np.float32(7), x)
ops.MaskedSelect()(x, m) == x[m]
ops.MaxPool((2, 2), (2, 2))(image) == pooled(image[..., :4], (2, 2), np.max)
ops.Meshgrid("ij")((v, w)) == tuple(np.meshgrid(v, w, indexing="ij"))
ops.MirrorPad("SYMMETRIC")(x, ((1, 2), (0, 4))) == np.pad(x, ((1, 2), (0, 4)), "symmetric")
ops.Mod()(i, j) == np.fmod(i, j)
ops.MulNoNan()(e, Tensor([0.0, 0.0, 0.0, 0.0])) == np.zeros(4, np.float32)
moments(ops.Multinomial(1)(Tensor([0.0, 1.0, 3.0]), 20000)) == (1.75, 0.1875) # 0.02
ops.NLLLoss("sum")(x, k, v) == (-(x[np.arange(3), k] * v[k]).sum(), v[k].sum())
ops.NanToNum(7.0, 8.0, 9.0)(e) == np.array([1, 7, 8, 9], np.float32)
ops.NonZero()(m) == np.argwhere(m)
ops.OnesLike()(i) == np.ones_like(i)
ops.PReLU()(x, v) == np.where(x > 0, x, v * x)
ops.Pack(1)((x, y)) == np.stack((x, y), 1)
ops.Pad(((1, 0), (0, 2)))(x) == np.pad(x, ((1, 0), (0, 2)))
ops.PadV3("edge")(b, (1, 2)) == np.pad(b, ((0, 0), (0, 0), (1, 2)), "edge")
printed(ops.Print(), "x", 5).strip() == "x 5"
sorted(ops.RandpermV2()(5).tolist()) == list(range(5))
ops.Range()(0, 9, 4) == np.arange(0, 9, 4)
ops.Rank()(b) == 3
ops.RealDiv()(x, p) == x / p
ops.ReduceAll(True)(m, 1) == m.all(1, keepdims=True)
ops.ReduceAny()(m, 0) == m.any(0)
ops.ReduceStd([1], False)(x) == (x.std(1), x.mean(1))
ops.ResizeBilinear((6, 9), True)(image) == halfway(image)
ops.ResizeBilinearV2(True)(image, (6, 9)) == halfway(image)
ops.ResizeNearestNeighbor((12, 5))(image) == np.repeat(image, 2, 2)
ops.ResizeNearestNeighborV2()(image, (2, 5)) == image[:, :, ::3]
ops.ReverseV2([0])(x) == x[::-1]
ops.RightShift()(i, j) == i >> j
ops.Rint()(x * 3) == np.rint(x * 3)
ops.RmsNorm()(x, v) == (x * spread(x) * v, spread(x))
ops.Roll((1, 2), (0, 1))(x) == np.roll(x, (1, 2), (0, 1))
ops.Round()(x * 3, 1) == np.round(x * 3, 1)
ops.Rsqrt()(p) == 1 / np.sqrt(p)
ops.ScalarCast()(2.5, "int64") == 2
ops.ScalarToArray()(2.5) == np.float32(2.5)
ops.ScalarToTensor()(3, "int32") == np.int32(3)
ops.ScatterNd()(Tensor([[1], [3]]), v[:2], (5,)) == scattered(np.zeros(5, np.float32), [1, 3], v[:2], True)
ops.SeLU()(x) == 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))
ops.SearchSorted("int32")(Tensor([1.0, 2.0, 3.0]), x) == np.searchsorted([1, 2, 3], x).astype(np.int32)
ops.SigmoidCrossEntropyWithLogits()(x, q) == entropy(sigmoid(x), q)
ops.Sign()(x) == np.sign(x)
ops.Sinh()(x) == np.sinh(x)
ops.Size()(b) == 24
ops.Slice()(b, (0, 1, 1), (2, 1, 2)) == b[:, 1:2, 1:3]
ops.SmoothL1Loss()(x, y) == huber(x - y)
ops.SoftShrink(1.0)(x) == np.sign(x) * np.maximum(np.abs(x) - 1, 0)
ops.SoftmaxCrossEntropyWithLogits()(x, p) == (-(np.log(softmax(x)) * p).sum(1), softmax(x) - p)
ops.Softplus()(x) == softplus(x)
ops.Softsign()(x) == x / (1 + np.abs(x))
ops.Sort(0, True)(x) == (-np.sort(-x, 0), np.argsort(-x, 0).astype(np.int32))
ops.SparseSoftmaxCrossEntropyWithLogits(True)(x, k) == (softmax(x) - np.eye(4, dtype=np.float32)[k]) / 3
ops.SplitV([1, -1], 1, 2)(x) == (x[:, :1], x[:, 1:])
ops.SquareSumAll()(x, y) == ((x * x).sum(), (y * y).sum())
ops.SquaredDifference()(x, y) == (x - y) ** 2
ops.Stack(1)((x, y)) == np.stack((x, y), 1)
moments(ops.StandardNormal(1)((20000,))) == (0, 1) # 0.03
ms.grad(lambda a: (ops.StopGradient()(a) * a).sum())(x) == x
ops.StridedSlice()(b, (0, 2, 3), (2, 0, 0), (1, -1, -2)) == b[0:2, 2:0:-1, 3:0:-2]
ops.Tan()(p) == np.tan(p)
ops.TensorAdd()(x, y) == x + y
ops.TensorScatterAdd()(x, Tensor([[1], [1]]), y[:2]) == combined(np.add, x, [1, 1], y[:2])
ops.TensorScatterDiv()(p, Tensor([[1], [1]]), q[:2]) == combined(np.divide, p, [1, 1], q[:2])
ops.TensorScatterElements()(v, Tensor([2, 0]), w[:2]) == scattered(v, [2, 0], w[:2], False)
ops.TensorScatterMax()(x, Tensor([[1], [1]]), y[:2]) == combined(np.maximum, x, [1, 1], y[:2])
ops.TensorScatterMin()(x, Tensor([[1], [1]]), y[:2]) == combined(np.minimum, x, [1, 1], y[:2])
ops.TensorScatterMul()(x, Tensor([[1], [1]]), y[:2]) == combined(np.multiply, x, [1, 1], y[:2])
ops.TensorScatterSub()(x, Tensor([[1], [1]]), y[:2]) == combined(np.subtract, x, [1, 1], y[:2])
ops.TensorScatterUpdate()(x, Tensor([[2], [0]]), y[:2]) == scattered(x, [2, 0], y[:2], False)
ops.TensorShape()(b) == np.array(b.shape)
ops.TensorToTuple()(k) == (2, 0, 3)
ops.TopK()(v, 2) == (np.sort(v)[:1:-1], np.argsort(v)[:1:-1].astype(np.int32))
ops.Trace()(s) == np.trace(s)
ops.Tril(1)(x) == np.tril(x, 1)
ops.TrilIndices(3, 4, 1)() == np.array(np.tril_indices(3, 1, 4), np.int32)
ops.Triu(1)(x) == np.triu(x, 1)
ops.TriuIndices(3, 4)() == np.array(np.triu_indices(3, 0, 4), np.int32)
ops.Trunc()(x * 3) == np.trunc(x * 3)
ops.TruncateDiv()(i, j) == np.trunc(i / j).astype(np.int32)
ops.TruncateMod()(i, j) == np.fmod(i, j)
ops.TupleToArray()((1, 2)) == np.array([1, 2], np.int32)
moments(ops.UniformInt(1)((20000,), Tensor(1), Tensor(3))) == (1.5, 0.25) # 0.02
moments(ops.UniformReal(1)((20000,))) == (0.5, 1 / 12) # 0.02
ops.Unique()(i)[0] == np.array(list(dict.fromkeys(i.ravel().tolist())))
ops.Unpack(1)(b) == tuple(np.moveaxis(b, 1, 0))
ops.UnravelIndex()(Tensor([5, 2]), (2, 3)) == np.array([[1, 2], [0, 2]])
ops.UnsortedSegmentMax()(x, Tensor([1, 0, 1]), 2) == np.stack((x[1], np.maximum(x[0], x[2])))
ops.UnsortedSegmentMin()(x, Tensor([1, 0, 1]), 2) == np.stack((x[1], np.minimum(x[0], x[2])))
ops.UnsortedSegmentProd()(x, Tensor([1, 0, 1]), 2) == np.stack((x[1], x[0] * x[2]))
ops.UnsortedSegmentSum()(x, Tensor([1, 0, 1]), 2) == np.stack((x[1], x[0] + x[2]))
ops.Unstack(1)(b) == tuple(np.moveaxis(b, 1, 0))
ops.Xdivy()(x, p) == x / p
ops.Xlogy()(x, p) == special.xlogy(x, p)
ops.AllGather()(x) == x
ops.AllReduce()(x) == x
ops.AlltoAll(1, 0, 1)(x) == x
ops.Broadcast(0)((x, y)) == (x, y)
ops.Custom(np.tanh, lambda a: a, lambda a: a)(x) == np.tanh(x)
ops.Depend()(x, y) == x
ops.FloatStatus()(e) == np.ones(1, np.float32)
recorded(ops.HistogramSummary(), "h", x) == ("histogram", "h", x)
ops.HyperMap()(ops.mul, (x, [y]), (i, [j])) == (x * i, [y * j])
recorded(ops.ImageSummary(), "i", image) == ("image", "i", image)
ops.Map(ops.mul)([x, y], [i, j]) == [x * i, y * j]
overloaded(ops.MultitypeFuncGraph("f"))(x, 2.0) == x * 2
ops.NPUAllocFloatStatus()() == np.zeros(8, np.float32)
ops.NPUClearFloatStatus()(v) == 0 * v
ops.NPUGetFloatStatus()(v) == 0 * v
ops.Partial()(ops.sub, x)(y) == x - y
subclass(ops.PrimitiveWithCheck, __call__=lambda self, a: a * 2)()(x) == x * 2
subclass(ops.PrimitiveWithInfer, __call__=lambda self, a: a * 2)("own")(x) == x * 2
ops.PyFunc(lambda a: (a * 2, a.sum()), ["float32"], [(4,)], ["float32"] * 2, [(4,), ()])(v) == (v * 2, v.sum())
ops.ReduceOp.SUM == "sum"
ops.ReduceScatter()(x) == x
recorded(ops.ScalarSummary(), "s", v[0]) == ("scalar", "s", v[0])
recorded(ops.TensorSummary(), "t", x) == ("tensor", "t", x)
registered(ops.prim_attr_register) == 3
ops.AvgPool3D((2, 5, 2), (2, 5, 2))(block) == pooled(block, (2, 5, 2), np.mean)
ops.BoundingBoxDecode((9, 9))(boxes, x) == decoded(boxes, x, 9)
ops.BoundingBoxEncode()(boxes, boxes2) == encoded(boxes, boxes2)
ops.CTCGreedyDecoder()(Tensor([[[3.0, 1, 2]], [[3.0, 1, 2]], [[0.0, 5, 1]]]), Tensor([3])) == (np.array([[0, 0], [0, 1]]), np.array([0, 1]), np.array([1, 2]), np.array([[-11]], np.float32))
ops.CTCLoss()(chances, Tensor([[0, 0], [0, 1], [1, 0]]), Tensor([1, 0, 1]), Tensor([5, 4]))[0] == [labelled(chances[:, 0], (1, 0), 2), labelled(chances[:4, 1], (1,), 2)]
ops.CTCLossV2()(ops.log_softmax(chances), Tensor([[1, 2], [2, 2]]), Tensor([5, 4]), Tensor([2, 1]))[0] == [labelled(chances[:, 0], (1, 2), 0), labelled(chances[:4, 1], (2,), 0)]
ops.CheckValid()(boxes, Tensor([8.0, 9.0, 1.0])) == (boxes >= 0).all(1) & (boxes[:, 2] <= 8) & (boxes[:, 3] <= 7)
ops.Conv2DBackpropInput(2, (3, 2))(image[:, :2], kernel, (2, 3, 8, 6)) == transposed(image[:, :2], kernel)
ops.Conv2DTranspose(2, (3, 2))(image[:, :2], kernel, (2, 3, 8, 6)) == transposed(image[:, :2], kernel)
ops.CropAndResize()(plane[None, ..., None], p, k * 0, (2, 3))[..., 0] == on_plane(grid(p[:, 0], p[:, 2], 2) * 5, grid(p[:, 1], p[:, 3], 3) * 6)
ops.DepthToSpace(2)(b.reshape(1, 4, 3, 2)) == b.reshape(1, 2, 2, 1, 3, 2).transpose(0, 3, 4, 1, 5, 2).reshape(1, 1, 6, 4)
ops.DropoutDoMask()(x, Tensor([0b00100101, 0], "uint8"), 0.5) == x.reshape(-1)[None, :].reshape(3, 4) * 2 * np.array([[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], np.float32)
moments(ops.DropoutGenMask()((4096, 8), 0.25)) == (63.75, 255 * 257 / 16) # 0.1
ops.IOU("iof")(boxes, boxes2) == np.array([[shared(a, b, True) for a in boxes] for b in boxes2], np.float32)
after(ops.IndexAdd, lambda a: ops.IndexAdd(0)(a, k, s[:3]), s) == combined(np.add, s, [2, 0, 3], s[:3])
ops.InplaceAdd((1, 1))(x, y[:2]) == combined(np.add, x, [1, 1], y[:2])
ops.InplaceSub((1, 1))(x, y[:2]) == combined(np.subtract, x, [1, 1], y[:2])
ops.InplaceUpdate((1, 0))(x, y[:2]) == scattered(x, [1, 0], y[:2], False)
ops.LRN(1, 1.0, 2.0, 0.75)(image) == image / (1 + 2 * neighbours(image**2)) ** 0.75
ops.MaxPool3D((2, 5, 2), (2, 5, 2))(block) == pooled(block, (2, 5, 2), np.max)
ops.MaxPoolWithArgmax((6, 5))(image)[1] == image.reshape(2, 3, 30).argmax(2).reshape(2, 3, 1, 1).astype(np.int32) + 30 * np.arange(3, dtype=np.int32)[:, None, None]
ops.MaxPoolWithArgmaxV2((6, 5))(image)[1] == image.reshape(2, 3, 30).argmax(2).reshape(2, 3, 1, 1)
ops.NMSWithMask(0.5)(Tensor([[0.0, 0, 10, 10, 0.5], [1, 1, 11, 11, 0.9], [20, 20, 30, 30, 0.7]]))[2] == np.array([True, True, False])
ops.ROIAlign(2, 3, 0.5, 2)(plane[None, None], rois)[:, 0] == on_plane(middles(rois[:, 2], rois[:, 4], 2), middles(rois[:, 1], rois[:, 3], 3))
sorted(ops.RandomChoiceWithMask(12)(m)[0].tolist()) == sorted([*np.argwhere(m).tolist(), *[[0, 0]] * (~m).sum()])
ops.ReverseSequence(1)(x, k) == np.stack([np.concatenate((row[:n][::-1], row[n:])) for row, n in zip(x, k)])
ops.SpaceToDepth(2)(b.reshape(1, 1, 6, 4)) == b.reshape(1, 1, 3, 2, 2, 2).transpose(0, 3, 5, 1, 2, 4).reshape(1, 4, 3, 2)
ops.SplitWithSize()(x, (1, 3), 1) == (x[:, :1], x[:, 1:])
after(ops.ScatterAdd, lambda a: ops.ScatterAdd()(a, [1, 1], q[:2]), p) == combined(np.add, p, [1, 1], q[:2])
after(ops.ScatterNdAdd, lambda a: ops.ScatterNdAdd()(a, [[1], [1]], q[:2]), p) == combined(np.add, p, [1, 1], q[:2])
after(ops.ScatterDiv, lambda a: ops.ScatterDiv()(a, [1, 1], q[:2]), p) == combined(np.divide, p, [1, 1], q[:2])
after(ops.ScatterNdDiv, lambda a: ops.ScatterNdDiv()(a, [[1], [1]], q[:2]), p) == combined(np.divide, p, [1, 1], q[:2])
after(ops.ScatterMax, lambda a: ops.ScatterMax()(a, [1, 1], q[:2]), p) == combined(np.maximum, p, [1, 1], q[:2])
after(ops.ScatterNdMax, lambda a: ops.ScatterNdMax()(a, [[1], [1]], q[:2]), p) == combined(np.maximum, p, [1, 1], q[:2])
after(ops.ScatterMin, lambda a: ops.ScatterMin()(a, [1, 1], q[:2]), p) == combined(np.minimum, p, [1, 1], q[:2])
after(ops.ScatterNdMin, lambda a: ops.ScatterNdMin()(a, [[1], [1]], q[:2]), p) == combined(np.minimum, p, [1, 1], q[:2])
after(ops.ScatterMul, lambda a: ops.ScatterMul()(a, [1, 1], q[:2]), p) == combined(np.multiply, p, [1, 1], q[:2])
after(ops.ScatterNdMul, lambda a: ops.ScatterNdMul()(a, [[1], [1]], q[:2]), p) == combined(np.multiply, p, [1, 1], q[:2])
after(ops.ScatterSub, lambda a: ops.ScatterSub()(a, [1, 1], q[:2]), p) == combined(np.subtract, p, [1, 1], q[:2])
after(ops.ScatterNdSub, lambda a: ops.ScatterNdSub()(a, [[1], [1]], q[:2]), p) == combined(np.subtract, p, [1, 1], q[:2])
after(ops.ScatterNdUpdate, lambda a: ops.ScatterNdUpdate()(a, [[1], [0]], q[:2]), p) == scattered(p, [1, 0], q[:2], False)
after(ops.ScatterUpdate, lambda a: ops.ScatterUpdate()(a, [1, 0], q[:2]), p) == scattered(p, [1, 0], q[:2], False)
changes(ops.ApplyMomentum(True), x, y, 0.1, s[:3], 0.9)[:2] == (x - 0.1 * (s[:3] + 0.9 * (0.9 * y + s[:3])), 0.9 * y + s[:3])
changes(ops.ApplyKerasMomentum(), x, y, 0.1, s[:3], 0.9)[:2] == (x + 0.9 * y - 0.1 * s[:3], 0.9 * y - 0.1 * s[:3])
states(ops.FusedWeightScaleApplyMomentum(), (x, y), lambda a, c: (0.01, 2.0, a, c, 0.1, s[:3], 0.9)) == (x - 0.1 * (0.9 * y + 2 * s[:3] + 0.01 * x), 0.9 * y + 2 * s[:3] + 0.01 * x)
states(ops.SGD(0.1), (x, y), lambda a, c: (a, s[:3], 0.1, c, 0.9, 0 * a)) == (x - 0.1 * (0.9 * y + 0.9 * s[:3]), 0.9 * y + 0.9 * s[:3])
changes(ops.Adam(), x, y, p, 0.9, 0.99, 0.1, 0.8, 0.7, 1e-3, s[:3]) == adam(x, y, p, 0.1 * np.sqrt(1 - 0.99) / (1 - 0.9), s[:3])
changes(ops.AdamWeightDecay(), x, y, p, 0.1, 0.8, 0.7, 1e-3, 0.0, s[:3]) == adam(x, y, p, 0.1, s[:3])
changes(ops.ApplyAdamWithAmsgrad(0.8, 0.7, 1e-3), x, y, p, 0 * p, 0.9, 0.99, 0.1, s[:3])[:3] == adam(x, y, p, 0.1 * np.sqrt(1 - 0.99) / (1 - 0.9), s[:3])
changes(ops.ApplyAdamWithAmsgradV2(), x, y, p, 0 * p, 0.9, 0.99, 0.1, 0.8, 0.7, 1e-3, s[:3])[:3] == adam(x, y, p, 0.1 * np.sqrt(1 - 0.99) / (1 - 0.9), s[:3])
changes(ops.ApplyAdaMax(), x, y, p, 0.9, 0.1, 0.8, 0.7, 1e-3, s[:3])[0] == x - 0.1 / (1 - 0.9) * (0.8 * y + 0.2 * s[:3]) / (np.maximum(0.7 * p, np.abs(s[:3])) + 1e-3)
changes(ops.ApplyAdadelta(), x, p, q, 0.1, 0.8, 1e-3, s[:3])[0] == x - 0.1 * s[:3] * np.sqrt((q + 1e-3) / (0.8 * p + 0.2 * s[:3] ** 2 + 1e-3))
changes(ops.ApplyAdagrad(), x, p, 0.1, s[:3])[:2] == (x - 0.1 * s[:3] / np.sqrt(p + s[:3] ** 2), p + s[:3] ** 2)
changes(ops.ApplyAdagradV2(0.1, False), x, p, 0.1, s[:3])[:2] == (x - 0.1 * s[:3] / (np.sqrt(p) + 0.1), p)
changes(ops.ApplyAddSign(), x, y, 0.1, 2.0, 0.9, 0.8, s[:3])[0] == x - 0.1 * s[:3] * (2 + 0.9 * np.sign(s[:3] * (0.8 * y + 0.2 * s[:3])))
changes(ops.ApplyPowerSign(), x, y, 0.1, 2.0, 0.9, 0.8, s[:3])[0] == x - 0.1 * s[:3] * np.exp(2 * 0.9 * np.sign(s[:3] * (0.8 * y + 0.2 * s[:3])))
states(ops.ApplyGradientDescent(), (x,), lambda a: (a, 0.1, s[:3])) == (x - 0.1 * s[:3],)
states(ops.ApplyProximalGradientDescent(), (x,), lambda a: (a, 0.1, 2.0, 3.0, s[:3])) == (shrunk(x - 0.1 * s[:3], 0.1),)
changes(ops.ApplyProximalAdagrad(), x, p, 0.1, 2.0, 3.0, s[:3])[0] == shrunk(x - 0.1 * s[:3] / np.sqrt(p + s[:3] ** 2), 0.1 / np.sqrt(p + s[:3] ** 2))
changes(ops.ApplyRMSProp(), x, p, y, 0.1, s[:3], 0.8, 0.9, 1e-3)[0] == x - 0.9 * y - 0.1 * s[:3] / np.sqrt(0.8 * p + 0.2 * s[:3] ** 2 + 1e-3)
changes(ops.ApplyCenteredRMSProp(), x, 0 * p, p, y, s[:3], 0.1, 0.8, 0.9, 1e-3)[0] == x - 0.9 * y - 0.1 * s[:3] / np.sqrt(0.8 * p + 0.2 * s[:3] ** 2 - 0.04 * s[:3] ** 2 + 1e-3)
changes(ops.ApplyFtrl(), x, p, y, s[:3], 0.1, 0.2, 0.3, -0.5)[0] == ftrl(x, p, y, s[:3])
ops.DynamicGRUV2()(steps, *recurrent(cell3, "012"), None, h)[0] == run(gru_step, steps, h, *cell3)
ops.DynamicRNN()(steps, *joined(cell4, "0213"), None, h[None], h2[None])[0] == run(lstm_step, steps, (h, h2), *cell4)
after(ops.InplaceIndexAdd, lambda a: ops.InplaceIndexAdd(0)(a, k, s[:3]), s) == combined(np.add, s, [2, 0, 3], s[:3])
ops.MaskedScatter()(x, m, y) == scattered(x, m, y.ravel()[: m.sum()], False)
ops.DeformableOffsets((1,) * 4, (0,) * 4, (1, 1))(image, moved(0.5, 1.0, 1, 6, 5)) == (image + to_left(image)) / 2
"""
