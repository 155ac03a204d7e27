"""Functions, layers and optimizers against torch on the CPU: results, gradients and steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name

import lamella as ms
from lamella import Tensor, nn, ops

RANDOM = np.random.default_rng(0)


def draw(*shape: int) -> np.ndarray[Any, Any]:
    return RANDOM.normal(size=shape).astype(np.float32)


IMAGE, WAVE, VOLUME = draw(2, 4, 9, 8), draw(2, 4, 11), draw(2, 2, 5, 6, 7)
LABELS = np.array([[1, 2, 2], [3, 1, 1]])
X, Y, V = draw(6, 5), draw(6, 5), draw(5)
P = (1 / (1 + np.exp(-Y))).astype(np.float32)
LABEL = np.array([0, 4, 2, 1, 1, 3])

# What is compared: our function, torch's, and the arguments of both, of which the floating-point ones have gradients.
FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any], tuple[Any, ...]]] = {
    "conv1d": (
        lambda x, w, b: ops.conv1d(x, w, b, 2, "pad", 1),
        lambda x, w, b: F.conv1d(x, w, b, 2, 1),
        (WAVE, draw(6, 4, 3), draw(6)),
    ),
    "conv2d": (
        lambda x, w, b: ops.conv2d(x, w, b, (2, 1), "pad", (1, 1, 2, 2), (1, 2), 2),
        lambda x, w, b: F.conv2d(x, w, b, (2, 1), (1, 2), (1, 2), 2),
        (IMAGE, draw(6, 2, 3, 2), draw(6)),
    ),
    "conv2d, same": (
        lambda x, w: ops.conv2d(x, w, pad_mode="same"),
        lambda x, w: F.conv2d(x, w, padding="same"),
        (IMAGE, draw(6, 4, 3, 5)),
    ),
    "conv3d": (
        lambda x, w: ops.conv3d(x, w, stride=2),
        lambda x, w: F.conv3d(x, w, stride=2),
        (VOLUME, draw(3, 2, 3, 2, 3)),
    ),
    "max_pool2d": (
        lambda x: ops.max_pool2d(x, 3, 2, 1),
        lambda x: F.max_pool2d(x, 3, 2, 1),
        (IMAGE,),
    ),
    "max_pool2d, ceiling": (
        lambda x: ops.max_pool2d(x, 3, 2, ceil_mode=True),
        lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True),
        (IMAGE,),
    ),
    "avg_pool2d": (
        lambda x: ops.avg_pool2d(x, 3, 2, 1),
        lambda x: F.avg_pool2d(x, 3, 2, 1),
        (IMAGE,),
    ),
    "avg_pool2d, padding not counted": (
        lambda x: ops.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
        lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
        (IMAGE,),
    ),
    **{
        f"interpolate {settings}": (
            lambda x, settings=settings: ops.interpolate(x, **settings),
            lambda x, settings=settings: F.interpolate(x, **settings),
            (IMAGE,),
        )
        for settings in (
            {"size": (5, 13), "mode": "nearest"},
            {"size": (5, 13), "mode": "nearest-exact"},
            {"size": (5, 13), "mode": "area"},
            {"size": (5, 13), "mode": "bilinear", "align_corners": True},
            {"size": (5, 13), "mode": "bicubic"},
            {"scale_factor": (1.7, 0.6), "mode": "bicubic"},
            {"scale_factor": (1.7, 0.6), "mode": "bilinear", "recompute_scale_factor": True},
        )
    },
    "ctc_loss": (
        lambda p: ops.ctc_loss(ops.log_softmax(p), LABELS, [6, 5], [3, 1], reduction="sum")[0],
        lambda p: F.ctc_loss(p.log_softmax(2), torch.tensor(LABELS), [6, 5], [3, 1], reduction="sum"),
        (draw(6, 2, 4),),
    ),
    "ctc_loss of labels that do not fit": (
        lambda p: ops.ctc_loss(ops.log_softmax(p), LABELS, [6, 2], [3, 3], zero_infinity=True)[0],
        lambda p: F.ctc_loss(p.log_softmax(2), torch.tensor(LABELS), [6, 2], [3, 3], zero_infinity=True),
        (draw(6, 2, 4),),
    ),
    "selu": (ops.selu, F.selu, (X,)),
    "celu": (lambda x: ops.celu(x, 2.0), lambda x: F.celu(x, 2.0), (X,)),
    "softshrink": (ops.softshrink, F.softshrink, (X,)),
    "logaddexp": (ops.logaddexp, torch.logaddexp, (X, X[::-1].copy())),
    "cosine_similarity": (ops.cosine_similarity, F.cosine_similarity, (X, X[::-1].copy())),
    "batch_norm in training": (
        lambda x, w, b: ops.batch_norm(x, ops.zeros(4), ops.ones(4), w, b, training=True),
        lambda x, w, b: F.batch_norm(x, torch.zeros(4), torch.ones(4), w, b, training=True),
        (IMAGE, draw(4), draw(4)),
    ),
    "batch_norm in use": (
        lambda x, w, b: ops.batch_norm(x, ops.full((4,), 0.5), ops.full((4,), 2.0), w, b),
        lambda x, w, b: F.batch_norm(x, torch.full((4,), 0.5), torch.full((4,), 2.0), w, b),
        (IMAGE, draw(4), draw(4)),
    ),
    "layer_norm": (
        lambda x, w, b: ops.layer_norm(x, (5,), w, b),
        lambda x, w, b: F.layer_norm(x, (5,), w, b),
        (X, V, draw(5)),
    ),
    "group_norm": (
        lambda x: nn.GroupNorm(2, 4)(x),
        lambda x: F.group_norm(x, 2),
        (IMAGE,),
    ),
    "cross_entropy": (
        lambda x, t, w: ops.cross_entropy(x, t, ops.stop_gradient(ops.exp(w)), 2, "mean", 0.1),
        lambda x, t, w: F.cross_entropy(x, t, w.exp().detach(), None, 2, None, "mean", 0.1),
        (X, LABEL, V),
    ),
    "cross_entropy of probabilities": (
        lambda x, y: ops.cross_entropy(x, ops.softmax(y)),
        lambda x, y: F.cross_entropy(x, F.softmax(y, -1)),
        (X, Y),
    ),
    "nll_loss": (
        lambda x, t: ops.nll_loss(ops.log_softmax(x), t),
        lambda x, t: F.nll_loss(F.log_softmax(x, -1), t),
        (X, LABEL),
    ),
    "mse_loss": (ops.mse_loss, F.mse_loss, (X, Y)),
    "l1_loss": (ops.l1_loss, F.l1_loss, (X, Y)),
    "smooth_l1_loss": (
        lambda x, y: ops.smooth_l1_loss(x, y, 0.5, "mean"),
        lambda x, y: F.smooth_l1_loss(x, y, beta=0.5),
        (X, Y),
    ),
    "binary_cross_entropy": (
        lambda x, p: ops.binary_cross_entropy(ops.sigmoid(x), ops.stop_gradient(p)),
        lambda x, p: F.binary_cross_entropy(torch.sigmoid(x), p.detach()),
        (X, P),
    ),
    "binary_cross_entropy_with_logits": (
        lambda x, p, w: ops.binary_cross_entropy_with_logits(x, p, pos_weight=ops.stop_gradient(ops.exp(w))),
        lambda x, p, w: F.binary_cross_entropy_with_logits(x, p, pos_weight=w.exp().detach()),
        (X * 20, P, V),
    ),
    "softmax": (lambda x: ops.softmax(x, 0), lambda x: F.softmax(x, 0), (X,)),
    "gelu": (ops.gelu, F.gelu, (X,)),
    "gelu, tanh": (lambda x: ops.gelu(x, "tanh"), lambda x: F.gelu(x, approximate="tanh"), (X,)),
    "mish": (ops.mish, F.mish, (X * 9,)),
    "softplus": (ops.softplus, F.softplus, (X * 20,)),
    "hardswish": (ops.hardswish, F.hardswish, (X * 3,)),
    "norm": (ops.norm, torch.linalg.norm, (X,)),
    "prod": (lambda x: ops.prod(x, 1), lambda x: x.prod(1), (X,)),
    "cumprod": (lambda x: ops.cumprod(x, 1), lambda x: x.cumprod(1), (X,)),
    "logsumexp": (lambda x: ops.logsumexp(x, 1), lambda x: x.logsumexp(1), (X,)),
    "var": (lambda x: ops.var(x, 0, ddof=1), lambda x: x.var(0), (X,)),
    "sort": (lambda x: ops.sort(x, 1)[0], lambda x: x.sort(1)[0], (X,)),
    "topk": (lambda x: ops.topk(x, 2)[0], lambda x: x.topk(2)[0], (X,)),
    "amax of ties": (lambda x: ops.amax(ops.relu(x), 1), lambda x: x.relu().amax(1), (X - 3,)),
    "einsum": (
        lambda x, y: ops.einsum("ij,kj->ik", x, y),
        lambda x, y: torch.einsum("ij,kj->ik", x, y),
        (X, Y),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_and_its_gradients(name: str) -> None:
    ours, theirs, arrays = FUNCTIONS[name]
    leaves = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    expected = theirs(*leaves)
    cotangent = draw(*expected.shape)
    (expected * torch.tensor(cotangent)).sum().backward()
    np.testing.assert_allclose(ours(*map(Tensor, arrays)).asnumpy(), expected.detach().numpy(), 2e-5, 2e-5)
    positions = tuple(k for k, leaf in enumerate(leaves) if leaf.requires_grad)
    grads = ms.grad(lambda *xs: (ours(*xs) * Tensor(cotangent)).sum(), positions)(*map(Tensor, arrays))
    for grad, k in zip(grads, positions, strict=True):
        expected = torch.zeros_like(leaves[k]) if leaves[k].grad is None else leaves[k].grad
        np.testing.assert_allclose(grad.asnumpy(), expected.numpy(), 1e-4, 1e-4)


RECURRENT = {
    "RNN": (nn.RNN, torch.nn.RNN),
    "GRU": (nn.GRU, torch.nn.GRU),
    "LSTM": (nn.LSTM, torch.nn.LSTM),
}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_layer_with_the_same_weights_and_their_gradients(name: str, bidirectional: bool) -> None:
    mine, other = (kind(3, 4, num_layers=2, bidirectional=bidirectional) for kind in RECURRENT[name])
    named = {p.name.rpartition(".")[2]: p for p in mine.trainable_params()}
    assert sorted(named) == sorted(n for n, _ in other.named_parameters())
    for n, weight in other.named_parameters():
        named[n].set_data(Tensor(weight.detach().numpy()))
    sequence = draw(5, 2, 3)
    expected, _ = other(torch.tensor(sequence))
    expected.square().sum().backward()
    output, _ = mine(Tensor(sequence))
    np.testing.assert_allclose(output.asnumpy(), expected.detach().numpy(), 1e-5, 1e-5)
    weights = ms.ParameterTuple(named[n] for n, _ in other.named_parameters())
    grads = ms.grad(lambda x: ops.square(mine(x)[0]).sum(), None, weights)(Tensor(sequence))
    for grad, (_, weight) in zip(grads, other.named_parameters(), strict=True):
        np.testing.assert_allclose(grad.asnumpy(), weight.grad.numpy(), 1e-4, 1e-4)


# torch decays all parameters of an optimizer; so do ours, of names other than beta and gamma.
OPTIMIZERS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "SGD": (lambda ps: nn.SGD(ps, 0.1), lambda ps: torch.optim.SGD(ps, 0.1)),
    "SGD with momentum": (
        lambda ps: nn.SGD(ps, 0.1, 0.9, weight_decay=0.1),
        lambda ps: torch.optim.SGD(ps, 0.1, 0.9, weight_decay=0.1),
    ),
    "SGD with Nesterov's momentum": (
        lambda ps: nn.SGD(ps, 0.1, 0.9, nesterov=True),
        lambda ps: torch.optim.SGD(ps, 0.1, 0.9, nesterov=True),
    ),
    "Momentum with Nesterov's": (
        lambda ps: nn.Momentum(ps, 0.1, 0.9, use_nesterov=True),
        lambda ps: torch.optim.SGD(ps, 0.1, 0.9, nesterov=True),
    ),
    "Adam": (lambda ps: nn.Adam(ps, 0.1, eps=1e-12), lambda ps: torch.optim.Adam(ps, 0.1, eps=1e-12)),
    "Adam with maximum": (
        lambda ps: nn.Adam(ps, 0.1, use_amsgrad=True, eps=1e-12),
        lambda ps: torch.optim.Adam(ps, 0.1, amsgrad=True, eps=1e-12),
    ),
    "Adagrad": (
        lambda ps: nn.Adagrad(ps, 0.1, 0.1),
        lambda ps: torch.optim.Adagrad(ps, 0.1, initial_accumulator_value=0.1),
    ),
    "Adadelta": (lambda ps: nn.Adadelta(ps, 0.5, 0.8), lambda ps: torch.optim.Adadelta(ps, 0.5, 0.8)),
    "AdaMax": (lambda ps: nn.AdaMax(ps, 0.1, eps=1e-12), lambda ps: torch.optim.Adamax(ps, 0.1, eps=1e-12)),
    "ASGD": (lambda ps: nn.ASGD(ps, 0.1, t0=3.0), lambda ps: torch.optim.ASGD(ps, 0.1, t0=3.0)),
    "Rprop": (lambda ps: nn.Rprop(ps, 0.1), lambda ps: torch.optim.Rprop(ps, 0.1)),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_steps_of_an_optimizer(name: str) -> None:
    ours, theirs = OPTIMIZERS[name]
    mine, other = ms.Parameter(Tensor(X), name="w"), torch.nn.Parameter(torch.tensor(X))
    step, their_step = ours([mine]), theirs([other])
    for t in range(50):
        scale = (1.0, 2.0, -0.5, 0.7)[t % 4]
        step((Tensor(Y * scale),))
        other.grad = torch.tensor(Y * scale)
        their_step.step()
    np.testing.assert_allclose(mine.asnumpy(), other.detach().numpy(), 1e-5, 1e-5)


TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("take", [ms.from_dlpack, lambda there: Tensor(np.from_dlpack(there))], ids=["ours", "numpy's"])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_tensors_go_both_ways_through_dlpack(take: Callable[[Any], Tensor], dtype: str, shape: tuple[int, ...]) -> None:
    array = np.asarray(draw(*shape) * 3).astype(dtype)
    there = torch.from_dlpack(Tensor(array))
    np.testing.assert_array_equal(there.numpy(), array)
    assert there.numpy().dtype == array.dtype
    back = take(there.t() if there.ndim == 2 else there)
    np.testing.assert_array_equal(back.asnumpy(), array.T)
    assert back.asnumpy().dtype == array.dtype


def test_what_torch_writes_later_into_what_a_tensor_came_from_is_not_seen() -> None:
    source = torch.tensor([1.0, 2.0])
    x, y = ms.from_dlpack(source), Tensor(np.from_dlpack(source))
    source[0] = 9.0
    assert x.tolist() == y.tolist() == [1.0, 2.0]
