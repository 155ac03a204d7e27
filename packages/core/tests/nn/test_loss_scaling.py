"""Training with a scaled loss: the same numbers as without, and no step where numbers are not finite."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same

import lamella as ms
from lamella import Model, Parameter, Tensor, amp, nn, ops

X = np.random.default_rng(0).standard_normal((6, 8, 3)).astype(np.float32)


class Linear(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor(np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)), name="w")

    def construct(self, x):
        return ops.matmul(x, self.w)


def network():
    return nn.WithLossCell(Linear(), nn.MSELoss())


def momentum(net, **settings):
    return nn.Momentum(net.trainable_params(), 0.1, 0.9, **settings)


def run(step, stage=lambda f: f):
    staged = stage(step)
    return [staged(Tensor(x), Tensor(x[:, :2])) for x in X]


def plain():
    net = network()
    return [y.item() for y in run(nn.TrainOneStepCell(net, momentum(net)))], net.trainable_params()[0].asnumpy()


# A scale that is a power of two changes no bit.
SCALES = {
    "number": lambda: 1024.0,
    "tensor": lambda: Tensor([512.0]),
    "fixed": lambda: nn.FixedLossScaleUpdateCell(256.0),
    "dynamic": lambda: nn.DynamicLossScaleUpdateCell(2.0**10, 2, 2),
}


@pytest.mark.parametrize("stage", [lambda f: f, ms.ir.staged], ids=["eager", "graph"])
@pytest.mark.parametrize("scale", SCALES)
def test_a_scaled_loss_trains_alike(scale, stage):
    losses, weights = plain()
    net = network()
    found = run(nn.TrainOneStepWithLossScaleCell(net, momentum(net), SCALES[scale]()), stage)
    assert_near(np.array([loss.item() for loss, _, _ in found]), losses)
    assert_near(net.trainable_params()[0], weights)
    assert not any(overflow.item() for _, overflow, _ in found)
    scales = {"number": [1024] * 6, "tensor": [512] * 6, "fixed": [256] * 6}
    expected = scales.get(scale, [2**10, 2**10, 2**11, 2**11, 2**12, 2**12])
    assert [scale.item() for _, _, scale in found] == expected


@pytest.mark.parametrize("stage", [lambda f: f, ms.ir.staged], ids=["eager", "graph"])
def test_where_numbers_are_not_finite_nothing_is_changed(stage):
    net = network()
    optimizer = momentum(net)
    step = nn.TrainOneStepWithLossScaleCell(net, optimizer, nn.DynamicLossScaleUpdateCell(8.0, 4, 3))
    staged = stage(step)
    x, y = Tensor(X[0]), Tensor(X[0, :, :2])
    staged(x, y)
    state = [p.asnumpy() for p in optimizer.get_parameters()]
    for scale in (8.0, 2.0, 1.0):
        _, overflow, used = staged(x * float("inf"), y)
        assert overflow.item() is True and used.item() == scale
    for before, p in zip(state, optimizer.get_parameters(), strict=True):
        assert_same(p, before)
    for scale in (1.0, 1.0, 1.0, 4.0):
        assert staged(x, y)[2].item() == scale


def test_the_scale_can_be_set():
    net = network()
    step = nn.TrainOneStepWithLossScaleCell(net, momentum(net), 4.0)
    step.set_sense_scale(Tensor(16.0))
    assert run(step)[0][2].item() == 16
    step.set_sense_scale(2)
    assert run(step)[0][2].item() == 2


class OneOfTheirOwn(nn.TrainOneStepWithLossScaleCell):
    """A step as programs for MindSpore write it."""

    def construct(self, *inputs):
        loss = self.network(*inputs)
        scaling_sens = self.scale_sense
        status, scaling_sens = self.start_overflow_check(loss, scaling_sens)
        filled = ops.ones_like(loss) * ops.cast(scaling_sens, loss.dtype)
        grads = self.grad(self.network, self.weights)(*inputs, filled)
        grads = self.hyper_map(ops.partial(unscaled, scaling_sens), grads)
        grads = self.grad_reducer(grads)
        cond = self.get_overflow_status(status, grads)
        overflow = self.process_loss_scale(cond)
        if not overflow:
            loss = ops.depend(loss, self.optimizer(grads))
        return loss, cond, scaling_sens


unscaled = ops.MultitypeFuncGraph("unscaled")


@unscaled.register("Tensor", "Tensor")
def _(scale, grad):
    return grad * ops.reciprocal(scale)


def test_a_derived_class_uses_what_the_base_has():
    losses, weights = plain()
    net = network()
    step = OneOfTheirOwn(net, momentum(net), nn.DynamicLossScaleUpdateCell(2.0**10, 2, 2))
    assert_near(np.array([loss.item() for loss, _, _ in run(step)]), losses)
    assert_near(net.trainable_params()[0], weights)


class Reduced(nn.TrainOneStepCell):
    """As programs for several processes write it."""

    def __init__(self, network, optimizer, sens=1.0):
        super().__init__(network, optimizer, sens)
        self.grad_reducer = nn.DistributedGradReducer(self.weights, True, 1)

    def construct(self, *inputs):
        loss = self.network(*inputs)
        sens = ops.fill(loss.dtype, loss.shape, self.sens)
        grads = self.grad_reducer(self.grad(self.network, self.weights)(*inputs, sens))
        return ops.depend(loss, self.optimizer(grads))


def test_a_derived_step_with_a_reducer():
    losses, weights = plain()
    net = network()
    found = run(Reduced(net, momentum(net, loss_scale=8.0), 8.0))
    assert_near(np.array([loss.item() for loss in found]), losses)
    assert_near(net.trainable_params()[0], weights)


def test_gradients_by_name():
    net = network()
    loss, gradients = nn.TrainOneStepCell(net, momentum(net), return_grad=True)(Tensor(X[0]), Tensor(X[0, :, :2]))
    assert list(gradients) == ["w"] and gradients["w"].shape == (3, 2) and loss.shape == ()


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: nn.TrainOneStepWithLossScaleCell(network(), momentum(network()), "8"), TypeError, "a str as scale"),
        (lambda: nn.TrainOneStepWithLossScaleCell(network(), momentum(network()), Tensor([1.0, 2.0])), ValueError,
         r"shape \(2,\)"),
        (lambda: nn.DynamicLossScaleUpdateCell(0, 2, 3), ValueError, "loss_scale_value=0"),
        (lambda: nn.FixedLossScaleUpdateCell("8"), TypeError, "loss_scale_value='8'"),
        (lambda: amp.all_finite(Tensor([1.0])), TypeError, "a Tensor"),
        (lambda: amp.all_finite([1.0]), TypeError, "a float among"),
        (lambda: nn.DistributedGradReducer([], True, 0), ValueError, "degree=0"),
        (lambda: nn.MicroBatchInterleaved(nn.ReLU(), 2)(ops.ones((3, 1))), ValueError, "a batch of 3"),
    ],
)  # fmt: skip
def test_bad_arguments_are_told(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


# -- mixed precision --


class Small(nn.Cell):
    def __init__(self):
        super().__init__()
        ms.set_seed(3)
        self.first = nn.Dense(3, 8)
        self.norm = nn.BatchNorm1d(8)
        self.act = nn.ReLU()
        self.product = ops.MatMul()
        self.w = Parameter(Tensor(np.linspace(-1, 1, 16, dtype=np.float32).reshape(8, 2)), name="w")
        self.seen = {}

    def construct(self, x):
        h = self.first(x)
        n = self.norm(h)
        y = self.product(self.act(n), self.w)
        self.seen = {"dense": h.dtype, "norm": n.dtype, "product": y.dtype}
        return y


@pytest.mark.parametrize(
    ("level", "dtype", "inside"),
    [
        ("O0", "float16", {"dense": "float32", "norm": "float32", "product": "float32"}),
        ("O1", "float16", {"dense": "float32", "norm": "float32", "product": "float32"}),
        ("O2", "float16", {"dense": "float16", "norm": "float16", "product": "float16"}),
        ("O2", "bfloat16", {"dense": "bfloat16", "norm": "bfloat16", "product": "bfloat16"}),
        ("O3", "float16", {"dense": "float16", "norm": "float16", "product": "float16"}),
    ],
)
def test_levels(level, dtype, inside):
    expected = Small()(Tensor(X[0]))
    net = amp.auto_mixed_precision(Small(), level, getattr(ms, dtype))
    y = net(Tensor(X[0]))
    assert y.dtype is ms.float32
    assert {name: str(kind) for name, kind in net.seen.items()} == inside
    assert {str(p.dtype) for p in net.get_parameters()} == {"float32"}
    assert_near(y, expected, 5e-2)
    if level != "O0":
        assert np.abs(y.asnumpy() - expected.asnumpy()).max() > 0  # it was computed in 16 bits somewhere


def test_lists_of_ones_own():
    net = amp.custom_mixed_precision(Small(), white_list=[nn.ReLU], dtype=ms.bfloat16)
    assert net(Tensor(X[0])).dtype is ms.float32 and str(net.seen["dense"]) == "float32"
    net = amp.custom_mixed_precision(Small(), black_list=[nn.Dense])
    net(Tensor(X[0]))
    assert str(net.seen["product"]) == "float16"
    with pytest.raises(ValueError, match="one of them"):
        amp.custom_mixed_precision(Small())
    with pytest.raises(TypeError, match="in the list"):
        amp.custom_mixed_precision(Small(), black_list=[ops.MatMul])
    with pytest.raises(ValueError, match="dtype=float32"):
        amp.auto_mixed_precision(Small(), "O2", ms.float32)


@pytest.mark.parametrize("level", ["O1", "O2", "O3"])
def test_models_train_in_mixed_precision(level):
    losses = {}
    for used in ("O0", level):
        net = Small()
        model = Model(net, nn.MSELoss(), momentum(net), metrics={"mse"}, amp_level=used)
        data = [(x, x[:, :2]) for x in X]
        model.train(10, data)
        losses[used] = model.eval(data)["mse"]
    assert losses[level] < 1.5 * losses["O0"] + 0.05


def test_models_scale_their_loss():
    found = []
    for manager in (None, amp.FixedLossScaleManager(1024.0), amp.DynamicLossScaleManager(2.0**10, 2, 3)):
        net = Linear()
        Model(net, nn.MSELoss(), momentum(net), loss_scale_manager=manager).train(2, [(x, x[:, :2]) for x in X])
        found.append(net.w.asnumpy())
    net = Linear()
    fixed = amp.FixedLossScaleManager(8.0, drop_overflow_update=False)
    model = Model(net, nn.MSELoss(), momentum(net, loss_scale=8.0), loss_scale_manager=fixed)
    model.train(2, [(x, x[:, :2]) for x in X])
    found.append(net.w.asnumpy())
    for weights in found[1:]:
        assert_near(weights, found[0])


def test_a_training_loop_of_ones_own():
    losses, weights = plain()
    net, scaler = network(), amp.DynamicLossScaler(2.0**10, 2, 2)
    optimizer = momentum(net)

    def forward(x, y):
        return scaler.scale(net(x, y))

    gradient = ms.value_and_grad(forward, None, optimizer.parameters)

    def step(x, y):
        status = amp.init_status()
        loss, grads = gradient(x, y)
        finite = amp.all_finite(grads, status)
        if finite:
            optimizer(scaler.unscale(grads))
        loss = scaler.unscale(loss)
        scaler.adjust(finite)
        return loss

    found = [step(Tensor(x), Tensor(x[:, :2])).item() for x in X]
    assert_near(np.array(found), losses)
    assert_near(net.trainable_params()[0], weights)
    assert scaler.scale_value.item() == 2**13
