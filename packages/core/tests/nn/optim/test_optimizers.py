"""Each optimizer: several steps against its published formula in float64, and against mindspore 2.10.0."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near

import lamella as ms
from lamella import Parameter, Tensor, nn

RNG = np.random.default_rng(0)
G = (Tensor([0.1, -0.2, 0.3]), Tensor([[0.5, 1.0]]))


def parameters():
    return [Parameter(Tensor([1.0, 2.0, 3.0]), name="w"), Parameter(Tensor([[1.0, 2.0]]), name="b.gamma")]


# What mindspore 2.10.0 gives after three steps with these gradients; its AdamWeightDecay rounds 1 - beta2 to float32.
# fmt: off
MINDSPORE = {
    "nn.SGD(p, 0.1)": [0.97, 2.06, 2.91, 0.85, 1.7],
    "nn.SGD(p, 0.1, 0.9)": [0.9439, 2.1122, 2.8317, 0.7195, 1.439],
    "nn.SGD(p, 0.1, 0.9, dampening=0.5)": [0.9584, 2.0832, 2.8752, 0.792, 1.584],
    "nn.SGD(p, 0.1, 0.9, nesterov=True)": [0.91951, 2.16098, 2.75853, 0.59755, 1.1951],
    "nn.SGD(p, 0.1, 0.9, weight_decay=0.1)": [0.888758, 2.0, 2.666274, 0.7195, 1.439],
    "nn.SGD(p, 0.1, 0.9, weight_decay=0.1, loss_scale=4.0)": [0.930474, 1.916569, 2.791421, 0.929875, 1.85975],
    "nn.SGD(p, [0.1, 0.2, 0.3])": [0.94, 2.12, 2.82, 0.7, 1.4],
    "nn.SGD(p, nn.ExponentialDecayLR(0.1, 0.5, 1))": [0.9825, 2.035, 2.9475, 0.9125, 1.825],
    "nn.Momentum(p, 0.1, 0.9)": [0.9439, 2.1122, 2.8317, 0.7195, 1.439],
    "nn.Momentum(p, 0.1, 0.9, weight_decay=0.1, loss_scale=2.0)": [0.916569, 1.944379, 2.749705, 0.85975, 1.7195],
    "nn.Adam(p, 0.1)": [0.700002, 2.299999, 2.700001, 0.700001, 1.700001],
    "nn.Adam(p, 0.1, use_nesterov=True)": [0.540471, 2.45953, 2.54047, 0.54047, 1.54047],
    "nn.Adam(p, 0.1, use_amsgrad=True)": [0.700002, 2.299999, 2.700001, 0.700001, 1.700001],
    "nn.Adam(p, 0.1, weight_decay=0.1)": [0.700625, 2.0, 2.700176, 0.700001, 1.700001],
    "nn.AdamWeightDecay(p, 0.1)": [-0.235933, 3.236076, 1.763876, -0.236162, 0.76381],
    "nn.AdamWeightDecay(p, 0.1, weight_decay=0.1)": [-0.255095, 3.166133, 1.685315, -0.236162, 0.76381],
    "nn.RMSProp(p, 0.1)": [0.966676, 2.066406, 2.900984, 0.838002, 1.7],
    "nn.RMSProp(p, 0.1, momentum=0.5)": [0.953226, 2.093241, 2.860891, 0.772014, 1.575],
    "nn.RMSProp(p, 0.1, centered=True)": [0.966667, 2.066476, 2.900751, 0.836988, 1.693753],
    "nn.RMSProp(p, 0.1, centered=True, momentum=0.5, decay=0.8)": [0.947796, 2.103891, 2.845429, 0.748765, 1.546043],
    "nn.Adagrad(p, learning_rate=0.1)": [0.913246, 2.143233, 2.825161, 0.796702, 1.778851],
    "nn.Momentum([{'params': [p[0]], 'lr': 0.5}, {'params': [p[1]], 'weight_decay': 0.1}], 0.1, 0.9)":
        [0.7195, 2.561, 2.1585, 0.666274, 1.332548],
    "nn.AdamWeightDecay([{'params': [p[1]], 'weight_decay': 0.1}, {'params': [p[0]], 'lr': [0.1, 0.2, 0.3]}, "
    "{'order_params': p}], 0.1)": [-1.650673, 4.650954, 0.348953, -0.255321, 0.71495],
}
# fmt: on


@pytest.mark.parametrize("call", MINDSPORE)
def test_three_steps_are_mindspores(call):
    p = parameters()
    optimizer = eval(call, {"nn": nn, "p": p})
    for _ in range(3):
        optimizer(G)
    assert_near(np.concatenate([x.asnumpy().ravel() for x in p]), MINDSPORE[call], 2e-5 if "Decay" in call else 3e-6)
    assert optimizer.global_step.tolist() == [3]


# -- the formulas, on one parameter x with gradients g(t), in float64 --


def sgd(x, grads, lr=0.1, momentum=0.0, dampening=0.0, nesterov=False):
    v = None
    for g in grads:
        v = g if v is None else momentum * v + (1 - dampening) * g
        x = x - lr * (g if not momentum else g + momentum * v if nesterov else v)
    return x


def adam(x, grads, lr=0.1, b1=0.9, b2=0.999, eps=1e-8, nesterov=False, amsgrad=False):
    m = v = vhat = np.zeros_like(x)
    for t, g in enumerate(grads, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        vhat = np.maximum(vhat, v)
        rate = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
        x = x - rate * (b1 * m + (1 - b1) * g if nesterov else m) / (np.sqrt(vhat if amsgrad else v) + eps)
    return x


def adamw(x, grads, lr=0.1, decay=0.1, b1=0.9, b2=0.999, eps=1e-6):
    m = v = np.zeros_like(x)
    for g in grads:
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        x = x - lr * (m / (np.sqrt(v) + eps) + decay * x)
    return x


def rmsprop(x, grads, lr=0.1, decay=0.9, momentum=0.0, eps=1e-10, centered=False):
    s, m, a = np.ones_like(x), np.zeros_like(x), np.zeros_like(x)
    for g in grads:
        s, a = decay * s + (1 - decay) * g * g, decay * a + (1 - decay) * g
        m = momentum * m + lr * g / np.sqrt(s - a * a * centered + eps)
        x = x - m
    return x


def adagrad(x, grads, lr=0.1, accum=0.1, update=True):
    total = np.full_like(x, accum)
    for g in grads:
        total = total + g * g * update
        x = x - lr * g / np.sqrt(total)
    return x


def adamax(x, grads, lr=0.1, b1=0.9, b2=0.999, eps=1e-8):
    m = v = np.zeros_like(x)
    for t, g in enumerate(grads, 1):
        m, v = b1 * m + (1 - b1) * g, np.maximum(b2 * v, np.abs(g))
        x = x - lr / (1 - b1**t) * m / (v + eps)
    return x


def adadelta(x, grads, lr=1.0, rho=0.9, eps=1e-6):
    squares = steps = np.zeros_like(x)
    for g in grads:
        squares = rho * squares + (1 - rho) * g * g
        step = g * np.sqrt(steps + eps) / np.sqrt(squares + eps)
        steps = rho * steps + (1 - rho) * step * step
        x = x - lr * step
    return x


def lamb(x, grads, lr=0.1, decay=0.1, b1=0.9, b2=0.999, eps=1e-6):
    m = v = np.zeros_like(x)
    for t, g in enumerate(grads, 1):
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        step = m / (1 - b1**t) / (np.sqrt(v / (1 - b2**t)) + eps) + decay * x
        x = x - lr * np.linalg.norm(x) / np.linalg.norm(step) * step
    return x


def lars(x, grads, lr=0.1, momentum=0.9, decay=0.1, coefficient=0.5, eps=1e-5, clip=False):
    v = np.zeros_like(x)
    for g in grads:
        ratio = coefficient * np.linalg.norm(x) / (np.linalg.norm(g) + decay * np.linalg.norm(x) + eps)
        v = momentum * v + (min(ratio / lr, 1) if clip else ratio) * (g + decay * x)
        x = x - lr * v
    return x


def ftrl(x, grads, lr=0.1, accum=0.1, q=0.5, l1=0.2, l2=0.1):
    n, z = np.full_like(x, accum), np.zeros_like(x)
    for g in grads:
        z = z + g - ((n + g * g) ** q - n**q) / lr * x
        n = n + g * g
        x = np.where(np.abs(z) > l1, (np.sign(z) * l1 - z) / (n**q / lr + 2 * l2), 0)
    return x


def proximal(x, grads, lr=0.1, accum=0.1, l1=0.2, l2=0.1):
    total = np.full_like(x, accum)
    for g in grads:
        total = total + g * g
        rate = lr / np.sqrt(total)
        x = x - rate * g
        x = np.sign(x) * np.maximum(np.abs(x) - rate * l1, 0) / (1 + rate * l2)
    return x


def asgd(x, grads, lr=0.1, lambd=0.1, alpha=0.75):
    for t, g in enumerate(grads):
        eta = lr / (1 + lambd * lr * t) ** alpha
        x = x * (1 - lambd * eta) - eta * g
    return x


def rprop(x, grads, lr=0.1, etas=(0.5, 1.2), sizes=(1e-6, 50)):
    size, before = np.full_like(x, lr), np.zeros_like(x)
    for t, g in enumerate(grads):
        kept = np.sign(g * before)
        if t:
            size = np.clip(size * np.where(kept > 0, etas[1], np.where(kept < 0, etas[0], 1)), *sizes)
        g = np.where(kept < 0, 0, g)
        x, before = x - np.sign(g) * size, g
    return x


def adafactor(x, grads, lr=0.1, eps=1e-3, beta1=0.9):
    rows, columns, last = np.zeros(x.shape[0]), np.zeros(x.shape[1]), np.zeros_like(x)
    for t, g in enumerate(grads, 1):
        stays = 1 - t**-0.8
        rows, columns = stays * rows + (1 - stays) * (g * g).mean(1), stays * columns + (1 - stays) * (g * g).mean(0)
        step = g / np.sqrt(np.outer(rows, columns) / rows.mean())
        step = step / max(1, np.sqrt((step**2).mean())) * lr * max(eps, np.sqrt((x**2).mean()))
        last = beta1 * last + (1 - beta1) * step
        x = x - last
    return x


FORMULAS = {
    "sgd": (lambda p: nn.SGD(p, 0.1), sgd, {}),
    "sgd momentum": (lambda p: nn.SGD(p, 0.1, 0.9), sgd, {"momentum": 0.9}),
    "sgd dampening": (lambda p: nn.SGD(p, 0.1, 0.9, 0.3), sgd, {"momentum": 0.9, "dampening": 0.3}),
    "sgd nesterov": (lambda p: nn.SGD(p, 0.1, 0.9, nesterov=True), sgd, {"momentum": 0.9, "nesterov": True}),
    "momentum": (lambda p: nn.Momentum(p, 0.1, 0.9), sgd, {"momentum": 0.9}),
    "momentum nesterov": (
        lambda p: nn.Momentum(p, 0.1, 0.9, use_nesterov=True), sgd, {"momentum": 0.9, "nesterov": True},
    ),
    "adam": (lambda p: nn.Adam(p, 0.1), adam, {}),
    "adam nesterov": (lambda p: nn.Adam(p, 0.1, use_nesterov=True), adam, {"nesterov": True}),
    "adam amsgrad": (
        lambda p: nn.Adam(p, 0.1, 0.5, 0.6, use_amsgrad=True), adam, {"b1": 0.5, "b2": 0.6, "amsgrad": True},
    ),
    "adam eps": (lambda p: nn.Adam(p, 0.1, eps=0.5), adam, {"eps": 0.5}),
    "adamw": (lambda p: nn.AdamWeightDecay(p, 0.1, weight_decay=0.1), adamw, {}),
    "rmsprop": (lambda p: nn.RMSProp(p, 0.1), rmsprop, {}),
    "rmsprop momentum": (lambda p: nn.RMSProp(p, 0.1, momentum=0.5), rmsprop, {"momentum": 0.5}),
    "rmsprop centered": (lambda p: nn.RMSProp(p, 0.1, centered=True), rmsprop, {"centered": True}),
    "adagrad": (lambda p: nn.Adagrad(p, learning_rate=0.1), adagrad, {}),
    "adagrad fixed": (lambda p: nn.Adagrad(p, learning_rate=0.1, update_slots=False), adagrad, {"update": False}),
    "adamax": (lambda p: nn.AdaMax(p, 0.1), adamax, {}),
    "adadelta": (lambda p: nn.Adadelta(p, rho=0.7), adadelta, {"rho": 0.7}),
    "lazy adam": (lambda p: nn.LazyAdam(p, 0.1), adam, {}),
    "adam offload": (lambda p: nn.AdamOffload(p, 0.1, use_nesterov=True), adam, {"nesterov": True}),
    "lamb": (lambda p: nn.Lamb(p, 0.1, weight_decay=0.1), lamb, {}),
    "lars": (lambda p: nn.LARS(nn.Momentum(p, 0.1, 0.9, weight_decay=0.1), coefficient=0.5), lars, {}),
    "lars clipped, scaled": (
        lambda p: nn.LARS(nn.Momentum(p, 0.1, 0.9, loss_scale=2.0, use_nesterov=False), 1e-5, 0.5, use_clip=True),
        lambda x, gs: lars(x, gs / 2, decay=0.0, clip=True), {},
    ),
    "ftrl": (lambda p: nn.FTRL(p, learning_rate=0.1, l1=0.2, l2=0.1), ftrl, {}),
    "ftrl power": (lambda p: nn.FTRL(p, 0.3, 0.1, lr_power=-0.3), ftrl, {"accum": 0.3, "q": 0.3, "l1": 0, "l2": 0}),
    "proximal": (lambda p: nn.ProximalAdagrad(p, learning_rate=0.1, l1=0.2, l2=0.1), proximal, {}),
    "asgd": (lambda p: nn.ASGD(p, 0.1, lambd=0.1), asgd, {}),
    "rprop": (lambda p: nn.Rprop(p, 0.1), rprop, {}),
    "adafactor": (lambda p: nn.AdaFactor(p, 0.1, relative_step=False), adafactor, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_steps_follow_the_formula(name):
    make, formula, settings = FORMULAS[name]
    start, grads = RNG.standard_normal((4, 3)), RNG.standard_normal((6, 4, 3))
    w = Parameter(Tensor(start), name="w")
    optimizer = make([w])
    for g in grads:
        optimizer((Tensor(g),))
    assert_near(w, formula(start, grads, **settings), 1e-7)


@pytest.mark.parametrize("name", FORMULAS)
def test_a_graph_of_a_whole_step_does_the_same(name):
    make = FORMULAS[name][0]
    inputs = RNG.standard_normal((4, 5, 3)).astype(np.float32)
    found = []
    for stage in (lambda f: f, ms.ir.staged):
        ms.set_seed(0)
        net = nn.WithLossCell(nn.Dense(3, 2), nn.MSELoss())
        step = stage(nn.TrainOneStepCell(net, make(net.trainable_params())))
        losses = [step(Tensor(x), Tensor(x[:, :2])).item() for x in inputs]
        found.append([losses, *(p.asnumpy() for p in net.get_parameters())])
    for eager, graph in zip(*found, strict=True):
        assert_near(np.asarray(graph), eager)


def test_float16_parameters_are_updated():
    w = Parameter(Tensor([1.0, 2.0], dtype="float16"), name="w")
    optimizer = nn.Adam([w], 0.5)
    optimizer((Tensor([1.0, -1.0], dtype="float16"),))
    assert w.dtype is ms.float16
    assert_near(w, [0.5, 2.5], 1e-2)


@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda p: nn.SGD(p), []),
        (lambda p: nn.SGD(p, 0.1, 0.9), ["accum.w", "accum.b.gamma"]),
        (lambda p: nn.Momentum(p, 0.1, 0.9), ["moments.w", "moments.b.gamma"]),
        (lambda p: nn.Adam(p), ["moment1.w", "moment1.b.gamma", "moment2.w", "moment2.b.gamma"]),
        (lambda p: nn.AdamWeightDecay(p), ["adam_m.w", "adam_m.b.gamma", "adam_v.w", "adam_v.b.gamma"]),
        (lambda p: nn.RMSProp(p), ["mean_square.w", "mean_square.b.gamma", "moment.w", "moment.b.gamma"]),
        (lambda p: nn.Adagrad(p), ["accum.w", "accum.b.gamma"]),
        (lambda p: nn.AdaMax(p), ["moment1.w", "moment1.b.gamma", "moment2.w", "moment2.b.gamma"]),
        (lambda p: nn.Adadelta(p), ["accum.w", "accum.b.gamma", "accum_update.w", "accum_update.b.gamma"]),
        (lambda p: nn.FTRL(p), ["moments.w", "moments.b.gamma", "linear.w", "linear.b.gamma"]),
        (lambda p: nn.Lamb(p, 0.1), ["lamb_m.w", "lamb_m.b.gamma", "lamb_v.w", "lamb_v.b.gamma"]),
        (lambda p: nn.Rprop(p), ["prev.w", "prev.b.gamma", "step_size.w", "step_size.b.gamma"]),
        (lambda p: nn.ASGD(p), ["ax_.w", "ax_.b.gamma"]),
    ],
)  # fmt: skip
def test_state_is_parameters_named_as_in_mindspore(make, names):
    found = [p.name for p in make(parameters()).get_parameters()]
    assert found == ["global_step", "learning_rate", "w", "b.gamma", *names]


@pytest.mark.parametrize(
    "make",
    [
        lambda p: nn.SGD(p, momentum=-0.1),
        lambda p: nn.SGD(p, dampening=-0.1),
        lambda p: nn.SGD(p, nesterov=True),
        lambda p: nn.SGD(p, momentum=0.9, dampening=0.1, nesterov=True),
        lambda p: nn.Momentum(p, 0.1, -0.9),
        lambda p: nn.Adam(p, beta1=1.0),
        lambda p: nn.Adam(p, beta2=0.0),
        lambda p: nn.Adam(p, eps=0.0),
        lambda p: nn.AdamWeightDecay(p, beta1=-0.1),
        lambda p: nn.RMSProp(p, epsilon=0.0),
        lambda p: nn.RMSProp(p, decay=-0.1),
        lambda p: nn.Adagrad(p, accum=-0.1),
    ],
)
def test_settings_out_of_range_are_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make(parameters())
