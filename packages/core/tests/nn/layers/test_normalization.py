"""Normalization, against NumPy and numbers of mindspore 2.10.0."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_vmap

import lamella as ms
from lamella import Parameter, Tensor, nn, ops

RNG = np.random.default_rng(0)
X = np.random.RandomState(0).randn(4, 3, 2).astype(np.float32)


def normalized(x, axes, eps):
    mean = x.mean(axes, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axes, keepdims=True) + eps)


def as_float64(net):
    for cell in [cell for _, cell in net.cells_and_names()]:
        for name, p in list(cell._params.items()):
            setattr(cell, name, None)
            setattr(cell, name, Parameter(ops.cast(p, ms.float64), name=p.name, requires_grad=p.requires_grad))
    return net


def test_batch_norm_trains_by_the_batch_and_follows_it():
    net = nn.BatchNorm1d(3).set_train()
    x = X[:, :, 0]
    assert_near(net(Tensor(x)), normalized(x, 0, 1e-5))
    # Printed by mindspore 2.10.0: 0.1 of the batch's mean and of its unbiased variance enter.
    assert_near(net.moving_mean, [0.09470616, -0.03084018, 0.10925292])
    assert_near(net.moving_variance, [0.9368012, 1.1434302, 0.95711875])
    net.set_train(False)
    expected = (x - net.moving_mean.asnumpy()) / np.sqrt(net.moving_variance.asnumpy() + 1e-5)
    assert_near(net(Tensor(x)), expected)


def test_batch_norm_keeps_statistics_alike_in_a_graph():
    eager, graph = nn.BatchNorm2d(3).set_train(), nn.BatchNorm2d(3).set_train()
    run = ms.ir.staged(graph)
    for _ in range(3):
        x = Tensor(RNG.standard_normal((5, 3, 4, 4)).astype(np.float32))
        assert_near(run(x), eager(x).asnumpy())
        assert_near(graph.moving_mean, eager.moving_mean.asnumpy())
        assert_near(graph.moving_variance, eager.moving_variance.asnumpy())
    assert abs(eager.moving_mean.asnumpy()).max() > 0


@pytest.mark.parametrize(("use", "training", "moves"), [(True, False, True), (False, True, False), (None, True, True)])
def test_use_batch_statistics(use, training, moves):
    net = nn.BatchNorm2d(3, use_batch_statistics=use).set_train(training)
    net(Tensor(X[..., None]))
    assert (net.moving_mean.asnumpy() != 0).any() == moves


def test_batch_norm_differentiates():
    net = as_float64(nn.BatchNorm1d(3).set_train())
    net.gamma.set_data(Tensor(RNG.standard_normal(3)))
    x, weight = RNG.standard_normal((5, 3)), RNG.standard_normal((5, 3))

    def loss(x):
        return ops.sum(net(x) * Tensor(weight))

    by_x, (by_gamma, by_beta) = ms.grad(loss, 0, net.trainable_params())(Tensor(x))
    step, slopes = 1e-6, np.zeros_like(x)
    for place in np.ndindex(x.shape):
        values = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            values.append(loss(Tensor(moved)).item())
        slopes[place] = (values[0] - values[1]) / (2 * step)
    assert_near(by_x, slopes, 1e-7)
    assert_near(by_gamma, (normalized(x, 0, 1e-5) * weight).sum(0), 1e-9)
    assert_near(by_beta, weight.sum(0), 1e-9)


def test_batch_norm_of_lines_images_volumes():
    for net, shape in (
        (nn.BatchNorm1d(2), (4, 2, 5)),
        (nn.BatchNorm2d(2), (4, 2, 3, 5)),
        (nn.BatchNorm3d(2), (4, 2, 2, 3, 5)),
    ):
        x = RNG.standard_normal(shape).astype(np.float32)
        axes = tuple(axis for axis in range(len(shape)) if axis != 1)
        assert_near(net.set_train()(Tensor(x)), normalized(x, axes, 1e-5), 1e-4)


def test_batch_norm_parameters_are_named_as_in_mindspore():
    assert [p.name for p in nn.BatchNorm2d(3).get_parameters()] == ["mean", "variance", "gamma", "beta"]
    inner = nn.SequentialCell(nn.BatchNorm2d(3), nn.BatchNorm3d(3))
    assert [p.name for p in inner.get_parameters()] == [
        "0.moving_mean", "0.moving_variance", "0.gamma", "0.beta",
        "1.bn2d.moving_mean", "1.bn2d.moving_variance", "1.bn2d.gamma", "1.bn2d.beta",
    ]  # fmt: skip
    assert nn.BatchNorm1d(3, affine=False).trainable_params() == []


def test_batch_norm_repr():
    assert repr(nn.BatchNorm2d(1)) == (
        "BatchNorm2d(num_features=1, eps=1e-05, momentum=0.9, "
        "gamma=Parameter (name=gamma, shape=(1,), dtype=float32, requires_grad=True), "
        "beta=Parameter (name=beta, shape=(1,), dtype=float32, requires_grad=True), "
        "moving_mean=Parameter (name=mean, shape=(1,), dtype=float32, requires_grad=False), "
        "moving_variance=Parameter (name=variance, shape=(1,), dtype=float32, requires_grad=False))"
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.BatchNorm2d(3, momentum=1.5),
        lambda: nn.BatchNorm2d(0),
        lambda: nn.BatchNorm2d(3, eps=-1.0),
        lambda: nn.BatchNorm2d(3, data_format="NHWC"),
        lambda: nn.BatchNorm2d(3)(Tensor(X)),
        lambda: nn.BatchNorm1d(2)(Tensor(X)),
        lambda: nn.BatchNorm3d(3)(Tensor(X)),
        lambda: nn.BatchNorm1d(3).set_train()(Tensor(X[:1, :, 0])),
        lambda: nn.GroupNorm(2, 3),
        lambda: nn.GroupNorm(1, 3)(Tensor(X[:, :2])),
        lambda: nn.LayerNorm((3,))(Tensor(X)),
    ],
)
def test_what_does_not_fit_is_refused(make):
    with pytest.raises(ValueError, match="expected"):
        make()


def test_layer_norm_normalizes_the_last_axes():
    for shape, first, axes in (((3, 2), 1, (1, 2)), ((2,), -1, (2,))):
        net = nn.LayerNorm(shape, begin_norm_axis=first, begin_params_axis=first)
        net.gamma.set_data(Tensor(RNG.standard_normal(shape).astype(np.float32)))
        net.beta.set_data(Tensor(RNG.standard_normal(shape).astype(np.float32)))
        expected = normalized(X, axes, 1e-7) * net.gamma.asnumpy() + net.beta.asnumpy()
        assert_near(net(Tensor(X)), expected, 1e-4)
        check_vmap(net, X)
        assert_near(ms.ir.staged(net)(Tensor(X)), expected, 1e-4)


def test_layer_norm_with_other_axes_for_parameters():
    net = nn.LayerNorm((2,), begin_norm_axis=1, begin_params_axis=2)
    # Printed by mindspore 2.10.0.
    assert_near(net(Tensor(X))[0], [[0.659, -0.592], [-0.061, 1.096], [0.754, -1.855]], 2e-3)


def test_layer_norm_takes_a_tuple():
    with pytest.raises(TypeError, match="a tuple of ints"):
        nn.LayerNorm(2)


def test_group_norm_normalizes_groups():
    net = nn.GroupNorm(2, 4)
    net.gamma.set_data(Tensor([1.0, 2.0, 3.0, 4.0]))
    x = RNG.standard_normal((3, 4, 2, 5)).astype(np.float32)
    expected = normalized(x.reshape(3, 2, 2, 2, 5), (2, 3, 4), 1e-5).reshape(x.shape)
    assert_near(net(Tensor(x)), expected * np.array([1, 2, 3, 4])[:, None, None], 1e-4)
    assert_near(nn.GroupNorm(3, 3)(Tensor(X)), normalized(X, 2, 1e-5), 1e-3)
    check_vmap(net, x)
    assert repr(net) == "GroupNorm(num_groups=2, num_channels=4)"


def test_initial_values():
    net = nn.BatchNorm1d(2, gamma_init=Tensor([2.0, 3.0]), moving_var_init="zeros", dtype=ms.float16)
    assert_same(net.gamma, Tensor([2.0, 3.0], dtype="float16"))
    assert_same(net.moving_variance, Tensor([0.0, 0.0], dtype="float16"))


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.BatchNorm1d(3), (0, 3)),
        (lambda: nn.BatchNorm1d(3), (2, 3, 0)),
        (lambda: nn.BatchNorm2d(3), (0, 3, 2, 2)),
        (lambda: nn.BatchNorm2d(3), (2, 3, 0, 2)),
        (lambda: nn.BatchNorm3d(3), (0, 3, 1, 2, 2)),
        (lambda: nn.LayerNorm((3,)), (0, 3)),
        (lambda: nn.GroupNorm(1, 3), (0, 3, 2)),
        (lambda: nn.GroupNorm(1, 3), (2, 3, 0)),
    ],
)
def test_a_batch_of_nothing_changes_nothing(make, shape):
    net = make().set_train()
    before = [p.asnumpy().copy() for p in net.get_parameters()]
    value, (by_input, by_weight) = ms.value_and_grad(lambda x: net(x).sum(), 0, net.trainable_params())(ops.ones(shape))
    assert value.item() == 0 and by_input.shape == shape
    for g in by_weight:
        assert_near(g, np.zeros(3))
    for parameter, was in zip(net.get_parameters(), before, strict=True):
        assert_near(parameter, was)
