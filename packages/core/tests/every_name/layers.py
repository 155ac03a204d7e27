# ruff: noqa: E501 - a row is a line
"""A row for each layer and loss that few networks use; the others are in `networks`."""

LAYERS = """
nn.CELU(2.0)(x) == np.maximum(x, 0) + np.minimum(2 * np.expm1(x / 2), 0)
nn.FastGelu()(x) == x * sigmoid(1.702 * x)
nn.GLU(1)(x) == x[:, :2] * sigmoid(x[:, 2:])
nn.HShrink(0.6)(x) == np.where(np.abs(x) > 0.6, x, 0)
nn.Hardtanh(-0.5, 0.7)(x) == np.clip(x, -0.5, 0.7)
nn.RReLU(0.3, 0.3)(x) == np.where(x > 0, x, np.float32(0.3) * x)
nn.SeLU()(x) == 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))
nn.SoftShrink(0.6)(x) == np.sign(x) * np.maximum(np.abs(x) - 0.6, 0)
nn.Softmax2d()(image) == softmax(image, 1)
nn.Softmin(0)(x) == softmax(-x, 0)
nn.Softsign()(x) == x / (1 + np.abs(x))
nn.Tanhshrink()(x) == x - np.tanh(x)
nn.Threshold(0.2, 7)(x) == np.where(x > 0.2, x, 7).astype(np.float32)
nn.AdaptiveAvgPool1d(3)(line) == np.stack([line[..., a:e].mean(-1) for a, e in ((0, 3), (2, 5), (4, 7))], -1)
nn.AdaptiveAvgPool2d((2, 1))(image) == image.reshape(2, 3, 2, 3, 5).mean((3, 4))[..., None]
nn.AdaptiveAvgPool3d((2, 1, 2))(block) == block.reshape(2, 3, 2, 2, 5, 2, 2).mean((3, 4, 6))[:, :, :, None]
nn.AdaptiveMaxPool1d(3)(line) == np.stack([line[..., a:e].max(-1) for a, e in ((0, 3), (2, 5), (4, 7))], -1)
nn.AdaptiveMaxPool2d((2, 1))(image) == image.reshape(2, 3, 2, 3, 5).max((3, 4))[..., None]
nn.AdaptiveMaxPool3d((2, 1, 2))(block) == block.reshape(2, 3, 2, 2, 5, 2, 2).max((3, 4, 6))[:, :, :, None]
nn.AvgPool3d((2, 5, 2), (2, 5, 2))(block) == pooled(block, (2, 5, 2), np.mean)
nn.MaxPool3d((2, 5, 2), (2, 5, 2))(block) == pooled(block, (2, 5, 2), np.max)
nn.FractionalMaxPool2d(2, (5, 4), _random_samples=ops.zeros((2, 3, 2)))(image) == sliding_window_view(image, (2, 2), (2, 3)).max((4, 5))
nn.FractionalMaxPool3d(2, 3, _random_samples=ops.zeros((2, 3, 3)))(block[:, :, :, :4]) == sliding_window_view(block[:, :, :, :4], (2, 2, 2), (2, 3, 4)).max((5, 6, 7))
nn.LPPool1d(2, 3, 2)(line) == np.stack([np.linalg.norm(line[..., a : a + 3], axis=-1) for a in (0, 2, 4)], -1)
nn.LPPool2d(2, (2, 5))(image) == np.sqrt((image**2).reshape(2, 3, 3, 2, 5).sum((3, 4)))[..., None]
nn.MaxUnpool1d(2)(v[None, :2], Tensor([[0, 3]])) == np.array([[v[0], 0, 0, v[1]]])
nn.MaxUnpool2d((2, 1))(v[None, :2, None], Tensor([[[0], [3]]])) == np.array([[[v[0]], [0], [0], [v[1]]]])
nn.MaxUnpool3d((2, 1, 1))(v[None, :2, None, None], Tensor([[[[0]], [[3]]]])) == np.array([[[[v[0]]], [[0]], [[0]], [[v[1]]]]])
nn.ChannelShuffle(2)(ops.cat((image, -image), 1)) == np.stack((image, -image), 2).reshape(2, 6, 6, 5)
nn.PixelShuffle(2)(b.reshape(1, 4, 2, 3)) == b.reshape(1, 1, 2, 2, 2, 3).transpose(0, 1, 4, 2, 5, 3).reshape(1, 1, 4, 6)
nn.PixelUnshuffle(2)(image[:, :, :, :4]) == image[:, :, :, :4].reshape(2, 3, 3, 2, 2, 2).transpose(0, 1, 3, 5, 2, 4).reshape(2, 12, 3, 2)
nn.Roll((1, 2), (0, 2))(b) == np.roll(b, (1, 2), (0, 2))
nn.Tril()(x, 1) == np.tril(x, 1)
nn.Triu()(x) == np.triu(x)
nn.Unflatten(1, (2, 2))(x) == x.reshape(3, 2, 2)
nn.Unfold([1, 2, 3, 1], [1, 2, 1, 1], [1, 1, 1, 1])(image) == sliding_window_view(image, (2, 3), (2, 3))[:, :, ::2].transpose(0, 4, 5, 1, 2, 3).reshape(2, 18, 3, 3)
nn.ConstantPad1d((1, 2), 7.0)(x) == np.pad(x, ((0, 0), (1, 2)), constant_values=7)
nn.ConstantPad2d((1, 2, 3, 0), 7.0)(image) == np.pad(image, ((0, 0), (0, 0), (3, 0), (1, 2)), constant_values=7)
nn.ConstantPad3d(1, 7.0)(block) == np.pad(block, ((0, 0), (0, 0), (1, 1), (1, 1), (1, 1)), constant_values=7)
nn.ZeroPad2d((1, -2, 3, 0))(image) == np.pad(image[..., :-2], ((0, 0), (0, 0), (3, 0), (1, 0)))
nn.ReflectionPad1d((1, 2))(x) == np.pad(x, ((0, 0), (1, 2)), "reflect")
nn.ReflectionPad2d((1, 2, 3, 0))(image) == np.pad(image, ((0, 0), (0, 0), (3, 0), (1, 2)), "reflect")
nn.ReflectionPad3d(1)(block) == np.pad(block, ((0, 0), (0, 0), (1, 1), (1, 1), (1, 1)), "reflect")
nn.ReplicationPad1d((1, 2))(x) == np.pad(x, ((0, 0), (1, 2)), "edge")
nn.ReplicationPad2d((1, 2, 3, 0))(image) == np.pad(image, ((0, 0), (0, 0), (3, 0), (1, 2)), "edge")
nn.ReplicationPad3d(1)(block) == np.pad(block, ((0, 0), (0, 0), (1, 1), (1, 1), (1, 1)), "edge")
nn.ClipByNorm(1)(x, Tensor(1.0)) == x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1)
nn.DiGamma()(p) == special.psi(p)
nn.IGamma()(p, q) == special.gammainc(p, q)
nn.LBeta()(p, q) == special.betaln(p, q)
nn.LGamma()(x) == special.gammaln(x)
nn.LRN(1, 1.0, 2.0, 0.75)(image) == image / (1 + 2 * neighbours(image**2)) ** 0.75
nn.MatDet()(s) == np.linalg.det(s)
nn.MatInverse()(s) == np.linalg.inv(s) # 1e-4
nn.MatMul(True)(x, y) == x.T @ y
nn.MatrixDiag()(v) == np.diag(v)
nn.MatrixDiagPart()(x) == np.diag(x)
nn.MatrixSetDiag()(s, v) == np.where(np.eye(4), v, s)
nn.Moments(1)(x) == (x.mean(1), x.var(1))
nn.Norm(1)(x) == np.linalg.norm(x, axis=1)
nn.Range(1, 8, 3)() == np.arange(1, 8, 3, np.int32)
nn.ReduceLogSumExp(1)(x) == special.logsumexp(x, 1)
nn.CentralCrop(0.6)(image) == image[:, :, 1:5, 1:4]
nn.ImageGradients()(image) == (np.diff(image, axis=2, append=image[:, :, -1:]), np.diff(image, axis=3, append=image[..., -1:]))
nn.PSNR(2.0)(image, image * 0.5) == 10 * np.log10(4 / ((image / 2) ** 2).mean((1, 2, 3)))
nn.SSIM(filter_size=3)(image, image + 0.5) == likeness(image, image + 0.5, 3).mean(1)
nn.MSSSIM(power_factors=(1.0,), filter_size=3)(image, image + 0.5) == np.maximum(likeness(image, image + 0.5, 3), 0).mean(1)
nn.ResizeBilinear()(image[:1, :1, :1], (1, 9), align_corners=True) == np.interp(np.arange(9) / 2, np.arange(5), image[0, 0, 0]).reshape(1, 1, 1, 9)
nn.Upsample(scale_factor=2.0)(line) == line.repeat(2, 2)
given(nn.BiDense(4, 4, 2), c[:, :, :4], v[:2])(x, y) == np.einsum("ni,oij,nj->no", x, c[:, :, :4], y) + v[:2]
nn.Conv2dBnAct(3, 2, 1, weight_init="ones", activation="relu")(image) == np.maximum(image.sum(1, keepdims=True).repeat(2, 1), 0)
nn.DenseBnAct(4, 2, weight_init="ones", activation="tanh")(x) == np.tanh(x.sum(1, keepdims=True)).repeat(2, 1)
given(nn.EmbeddingLookup(4, 4), s)(n + 2) == np.where((n < 2)[..., None], s[np.minimum(n + 2, 3)], 0)
given(nn.MultiFieldEmbeddingLookup(4, 4, 3), s)(n, x, n) == np.stack([[(x[r] * (n[r] == f)) @ s[n[r]] for f in range(3)] for r in range(3)])
nn.TimeDistributed(nn.Softmax(), 1)(b) == softmax(b)
moments(nn.Dropout1d(0.2).set_train()(ops.ones((20000, 1, 1)))) == (1, 0.25) # 0.05
moments(nn.Dropout2d(0.2).set_train()(ops.ones((20000, 1, 1, 1)))) == (1, 0.25) # 0.05
moments(nn.Dropout3d(0.2).set_train()(ops.ones((20000, 1, 1, 1, 1)))) == (1, 0.25) # 0.05
given(nn.Conv1dTranspose(2, 3, 3, pad_mode="valid"), kernel1[:, :, None])(line[:, :2]) == transposed(line[:, :2, None], kernel1[:, :, None])[:, :, 0]
given(nn.Conv3dTranspose(2, 3, (1, 3, 2), pad_mode="valid"), kernel[:, :, None])(image[:, :2, None]) == transposed(image[:, :2], kernel)[:, :, None]
nn.InstanceNorm1d(3)(line) == normalized(line, 2)
nn.InstanceNorm2d(3)(image) == normalized(image, (2, 3))
nn.InstanceNorm3d(3)(block) == normalized(block, (2, 3, 4))
nn.SyncBatchNorm(3).set_train()(image) == normalized(image, (0, 2, 3))
uniform(nn.MultiheadAttention(4, 2), 0.0)(b, b, b)[1] == np.full((3, 2, 2), 0.5)
uniform(nn.TransformerEncoderLayer(4, 2, 3), 0.0)(b) == 0 * b
uniform(nn.TransformerDecoderLayer(4, 2, 3), 0.0)(b, b) == 0 * b
uniform(nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 3), 2), 0.0)(b) == 0 * b
uniform(nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 3), 2), 0.0)(b, b) == 0 * b
uniform(nn.Transformer(4, 2, 1, 1, 3), 0.0)(b, b) == 0 * b
"""

LOSSES = """
nn.CosineEmbeddingLoss(0.1)(x, y, Tensor([1, -1, 1])) == apart(cosine(x, y), np.array([1, -1, 1]), 0.1).mean()
nn.DiceLoss()(p, m.float()) == 1 - 2 * (p * m).sum() / ((p**2).sum() + m.sum() + 1e-5)
nn.FocalLoss(gamma=2.0)(x, k.reshape(3, 1)) == focal(softmax(x)[np.arange(3), k]).mean()
nn.GaussianNLLLoss(full=True)(x, y, p) == -stats.norm.logpdf(y, x, np.sqrt(p)).mean()
nn.HingeEmbeddingLoss()(x, m * 2 - 1) == np.where(m, x, np.maximum(1 - x, 0)).mean()
nn.HuberLoss("sum", 0.7)(x, y) == special.huber(0.7, x - y).sum()
nn.KLDivLoss("batchmean")(x, p) == (p * (np.log(p) - x)).sum() / 3
nn.L1Regularizer(0.5)(x) == 0.5 * np.abs(x).sum()
nn.MarginRankingLoss(0.3)(x, y, m * 2 - 1) == np.maximum(np.where(m, y - x, x - y) + 0.3, 0).mean()
nn.MultiClassDiceLoss(activation=None)(p, m.float()) == 1 - (2 * (p * m).sum(0) / ((p**2).sum(0) + m.sum(0) + 1e-5)).mean()
nn.MultiLabelSoftMarginLoss(w * w)(x, q) == (w * w * entropy(sigmoid(x), q)).mean()
nn.MultiMarginLoss(2)(x, k) == hinges(x, k, 2).mean()
nn.MultilabelMarginLoss()(x[0], Tensor([3, 0, -1, 1])) == hinges_of(x[0], [3, 0])
nn.PoissonNLLLoss(full=True)(x, j.float()) == (np.exp(x) - j * x + np.where(j > 1, j * np.log(j) - j + np.log(2 * np.pi * j) / 2, 0)).mean()
nn.SampledSoftmaxLoss(4, 4)(s, v, k.reshape(3, 1), x) == -np.log(softmax(x @ s.T + v))[np.arange(3), k]
nn.SoftMarginLoss()(x, y) == np.log1p(np.exp(-x * y)).mean()
nn.TripletMarginLoss(eps=0.0)(x, y, p) == nearer(x, y, p).mean()
nn.TripletMarginWithDistanceLoss()(x, y, p) == nearer(x, y, p).mean()
"""

FUNCTIONS = """
ops.adaptive_max_pool3d(block, (2, 1, 2)) == block.reshape(2, 3, 2, 2, 5, 2, 2).max((3, 4, 6))[:, :, :, None]
ops.fractional_max_pool3d(block[:, :, :, :4], 2, 3, _random_samples=ops.zeros((2, 3, 3))) == sliding_window_view(block[:, :, :, :4], (2, 2, 2), (2, 3, 4)).max((5, 6, 7))
moments(ops.dropout1d(ops.ones((20000, 1, 1)), 0.2)) == (1, 0.25) # 0.05
moments(ops.dropout2d(ops.ones((20000, 1, 1, 1)), 0.2)) == (1, 0.25) # 0.05
moments(ops.dropout3d(ops.ones((20000, 1, 1, 1, 1)), 0.2)) == (1, 0.25) # 0.05
"""

# Of weights 1 and -2 with the gradients 0.5 and -4.
TRAINING = """
stepped(nn.AdaMax, learning_rate=0.1) == np.array([0.9, -1.9])
stepped(nn.Adadelta, epsilon=1.0) == np.array([1 - 0.5 / np.sqrt(1.025), -2 + 4 / np.sqrt(2.6)])
stepped(nn.AdamOffload, learning_rate=0.1) == np.array([0.9, -1.9])
stepped(nn.LazyAdam, learning_rate=0.1) == np.array([0.9, -1.9])
stepped(nn.Lamb, learning_rate=0.1) == np.array([1, -2]) + np.array([-1, 1]) * 0.1 * np.sqrt(2.5)
descended(nn.LARS, 0.5, epsilon=0.0, coefficient=0.1) == np.array([1, -2]) - 0.05 * np.sqrt(5 / 16.25) * np.array([0.5, -4])
stepped(nn.FTRL, learning_rate=0.1) == ftrl_step(np.array([1, -2]), np.array([0.5, -4]), 0.1)
stepped(nn.ProximalAdagrad, learning_rate=0.1, l2=1.0) == shrunk_step(np.array([1, -2]), np.array([0.5, -4]), 0.1)
stepped(nn.ASGD, learning_rate=0.1, lambd=0.0) == np.array([0.95, -1.6])
stepped(nn.Rprop, learning_rate=0.1) == np.array([0.9, -1.9])
nn.FixedLossScaleUpdateCell(8.0)(Tensor(8.0), Tensor(True)) == np.array(True)
after(nn.DynamicLossScaleUpdateCell, lambda w: nn.DynamicLossScaleUpdateCell(8.0, 2, 1)(w, Tensor(True)), np.float32(8)) == np.float32(4)
scaled(nn.TrainOneStepWithLossScaleCell, x, y) == x - np.float32(0.1) * y
nn.WithGradCell(nn.WithLossCell(given(nn.PReLU(4), -v), nn.MSELoss()))(-abs(x), y)[0] == (2 * (v * np.abs(x) - y) * -np.abs(x)).sum(0) / 12
after(nn.ParameterUpdate, lambda w: nn.ParameterUpdate(w)(Tensor([2.0])), np.float32([1])) == np.float32([2])
nn.DistributedGradReducer([], True, 2)((x,))[0] == x / 2
nn.MicroBatchInterleaved(nn.MAELoss(), 3)(x, y) == np.abs(x - y).mean(1).sum()
nn.Jvp(lambda a: a * a)(x, y) == (x * x, 2 * x * y)
nn.Vjp(lambda a: a * a)(x, y) == (x * x, 2 * x * y)
stepped(nn.AdaFactor, learning_rate=0.1, relative_step=False, scale_parameter=False, beta1=0.0) == np.array([0.9, -1.9])
"""
