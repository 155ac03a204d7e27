# ruff: noqa: E501 - a row is a line
"""Rows for the names of `lamella.nn`."""

LAYERS = """
nn.AvgPool1d(2, 2)(line) == pooled(line[..., :6], (2,), np.mean)
nn.AvgPool2d((2, 2), (2, 2))(image) == pooled(image[..., :4], (2, 2), np.mean)
nn.BatchNorm1d(4).set_train()(x) == normalized(x, 0)
nn.BatchNorm2d(3).set_train()(image) == normalized(image, (0, 2, 3))
nn.BatchNorm3d(3).set_train()(block) == normalized(block, (0, 2, 3, 4))
subclass(nn.Cell, construct=lambda self, a: a * 2)()(x) == x * 2
list(nn.CellDict({"a": nn.Tanh(), "b": nn.ReLU()}).keys()) == ["a", "b"]
len(nn.CellList([nn.Tanh(), nn.ReLU()])) == 2
given(nn.Conv1d(3, 2, 3, pad_mode="valid"), kernel1[:, :, None])(line) == correlated(line, kernel1)
given(nn.Conv2d(3, 2, (3, 2), pad_mode="valid"), kernel)(image) == correlated(image, kernel)
given(nn.Conv2dTranspose(2, 3, (3, 2), pad_mode="valid"), kernel)(image[:, :2]) == transposed(image[:, :2], kernel)
given(nn.Conv3d(3, 2, (2, 2, 3), pad_mode="valid"), kernel3)(block) == correlated(block, kernel3)
given(nn.Dense(4, 2), dense, v[:2])(x) == x @ dense.T + v[:2]
moments(nn.Dropout(p=0.2).set_train()(ops.ones(20000))) == (1, 0.25) # 0.05
nn.ELU(2.0)(x) == np.where(x > 0, x, 2 * np.expm1(x))
given(nn.Embedding(4, 4), s)(k) == s[k]
nn.Flatten()(b) == b.reshape(2, 12)
nn.GELU(approximate=False)(x) == x * special.ndtr(x)
nn.GroupNorm(2, 4)(b.reshape(1, 4, 6, 1)) == normalized(b.reshape(1, 2, 12), 2).reshape(1, 4, 6, 1)
nn.HSigmoid()(x * 4) == np.clip(x * 4 / 6 + 0.5, 0, 1)
nn.HSwish()(x * 4) == x * 4 * np.clip(x * 4 / 6 + 0.5, 0, 1)
hooked(nn.HookHandle, x) == (2 * x, x)
nn.Identity()(x) == x
nn.LayerNorm((4,))(x) == normalized(x, 1, 1e-7)
nn.LeakyReLU(0.1)(x) == np.where(x > 0, x, 0.1 * x)
nn.LogSigmoid()(x) == np.log(sigmoid(x))
nn.LogSoftmax(0)(x) == np.log(softmax(x, 0))
nn.MaxPool1d(2, 2)(line) == pooled(line[..., :6], (2,), np.max)
nn.MaxPool2d((2, 2), (2, 2))(image) == pooled(image[..., :4], (2, 2), np.max)
nn.Mish()(x) == x * np.tanh(softplus(x))
nn.OneHot(depth=4)(k) == np.eye(4, dtype=np.float32)[k]
nn.PReLU(w=0.3)(x) == np.where(x > 0, x, 0.3 * x)
nn.Pad(((0, 0), (1, 2)))(x) == np.pad(x, ((0, 0), (1, 2)))
nn.ReLU()(x) == np.maximum(x, 0)
nn.ReLU6()(x * 9) == np.clip(x * 9, 0, 6)
nn.SequentialCell(nn.Tanh(), nn.ReLU())(x) == np.maximum(np.tanh(x), 0)
nn.SiLU()(x) == x * sigmoid(x)
nn.Sigmoid()(x) == sigmoid(x)
nn.Softmax(0)(x) == softmax(x, 0)
nn.Tanh()(x) == np.tanh(x)
nn.get_activation("relu")(x) == np.maximum(x, 0)
given(nn.RNNCell(3, 4), *cell1)(steps[0], h) == rnn_step(steps[0], h, *cell1)
given(nn.GRUCell(3, 4), *cell3)(steps[0], h) == gru_step(steps[0], h, *cell3)
given(nn.LSTMCell(3, 4), *cell4)(steps[0], (h, h2)) == lstm_step(steps[0], (h, h2), *cell4)
given(nn.RNN(3, 4), *cell1)(steps)[0] == run(rnn_step, steps, 0 * h, *cell1)
given(nn.GRU(3, 4), *cell3)(steps)[0] == run(gru_step, steps, 0 * h, *cell3)
given(nn.LSTM(3, 4), *cell4)(steps)[0] == run(lstm_step, steps, (0 * h, 0 * h), *cell4)
"""

LOSSES = """
nn.BCELoss()(p, q) == entropy(p, q).mean()
nn.BCEWithLogitsLoss()(x, q) == entropy(sigmoid(x), q).mean()
nn.CTCLoss()(ops.log_softmax(chances), Tensor([[1, 2]] * 2), Tensor([5, 4]), Tensor([2, 1])) == (labelled(chances[:, 0], (1, 2), 0) / 2 + labelled(chances[:4, 1], (1,), 0)) / 2
nn.CrossEntropyLoss()(x, k) == -np.log(softmax(x))[np.arange(3), k].mean()
nn.L1Loss()(x, y) == np.abs(x - y).mean()
subclass(nn.LossBase, construct=lambda self, a, b: self.get_loss(a - b))()(x, y) == (x - y).mean()
nn.MAELoss()(x, y) == np.abs(x - y).mean()
nn.MSELoss()(x, y) == ((x - y) ** 2).mean()
nn.NLLLoss()(x, k) == -x[np.arange(3), k].mean()
nn.RMSELoss()(x, y) == np.sqrt(((x - y) ** 2).mean())
nn.SmoothL1Loss()(x, y) == huber(x - y)
nn.SoftmaxCrossEntropyWithLogits(sparse=True)(x, k.int()) == -np.log(softmax(x))[np.arange(3), k]
nn.WithLossCell(nn.Tanh(), nn.MSELoss())(x, y) == ((np.tanh(x) - y) ** 2).mean()
nn.WithEvalCell(nn.Tanh(), nn.MSELoss())(x, y) == (((np.tanh(x) - y) ** 2).mean(), np.tanh(x), y)
"""

# Of weights 1 and -2 with the gradients 0.5 and -4.
TRAINING = """
stepped(nn.Adagrad, learning_rate=0.1) == np.array([1 - 0.05 / np.sqrt(0.35), -2 + 0.4 / np.sqrt(16.1)])
stepped(nn.Adam, learning_rate=0.1) == np.array([0.9, -1.9])
stepped(nn.AdamWeightDecay, learning_rate=0.1) == np.array([1, -2]) + np.array([-0.01, 0.01]) / np.sqrt(0.001) # 0.001
stepped(nn.Momentum, learning_rate=0.1, momentum=0.9) == np.array([0.95, -1.6])
stepped(nn.RMSProp, learning_rate=0.1) == np.array([1 - 0.05 / np.sqrt(0.9 + 0.025), -2 + 0.4 / np.sqrt(0.9 + 1.6)])
stepped(nn.SGD, learning_rate=0.1, weight_decay=0.1) == np.array([1 - 0.1 * 0.6, -2 + 0.1 * 4.2])
subclass(nn.Optimizer, construct=descend)(0.1, [weight(x)])((y,)) == x - np.float32(0.1) * y
trained(nn.TrainOneStepCell, x, y) == x - np.float32(0.1) * y
nn.ForwardValueAndGrad(nn.MSELoss(), get_all=True)(x, y) == (((x - y) ** 2).mean(), ((x - y) / 6, (y - x) / 6))
nn.CosineDecayLR(0.1, 0.5, 10)(Tensor(5)) == np.float32(0.3)
nn.ExponentialDecayLR(0.5, 0.9, 4)(Tensor(6)) == np.float32(0.5 * 0.9**1.5)
nn.InverseDecayLR(0.5, 0.9, 4)(Tensor(6)) == np.float32(0.5 / (1 + 0.9 * 1.5))
nn.NaturalExpDecayLR(0.5, 0.9, 4)(Tensor(6)) == np.float32(0.5 * np.exp(-0.9 * 6))
nn.PolynomialDecayLR(0.5, 0.1, 4, 2.0)(Tensor(3)) == np.float32(0.4 * 0.25**2 + 0.1)
nn.WarmUpLR(0.5, 10)(Tensor(3)) == np.float32(0.15)
subclass(nn.LearningRateSchedule, construct=lambda self, step: step * 0.5)()(Tensor(3)) == np.float32(1.5)
nn.cosine_decay_lr(0.1, 0.5, 3, 1, 4) == [0.1 + 0.2 * (1 + np.cos(np.pi * t / 4)) for t in range(3)]
nn.exponential_decay_lr(0.5, 0.9, 3, 1, 2) == [0.5 * 0.9 ** (t / 2) for t in range(3)]
nn.inverse_decay_lr(0.5, 0.9, 3, 1, 2) == [0.5 / (1 + 0.9 * t / 2) for t in range(3)]
nn.natural_exp_decay_lr(0.5, 0.9, 3, 1, 2) == [0.5 * np.exp(-0.9 * t) for t in range(3)]
nn.piecewise_constant_lr([2, 3], [0.5, 0.1]) == [0.5, 0.5, 0.1]
nn.polynomial_decay_lr(0.5, 0.1, 3, 1, 2, 2.0) == [0.4 * (1 - min(t, 2) / 2) ** 2 + 0.1 for t in range(3)]
nn.warmup_lr(0.5, 3, 1, 2) == [0.5 * min(t, 2) / 2 for t in range(3)]
"""
