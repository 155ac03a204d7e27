"""Cells around a network."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same

import lamella as ms
from lamella import Parameter, Tensor, nn, ops


class Linear(nn.Cell):
    """w x."""

    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor([2.0]))

    def construct(self, x):
        return x * self.w


X, Y = Tensor([3.0]), Tensor([4.0])


def test_with_loss_cell():
    net = nn.WithLossCell(Linear(), nn.MSELoss())
    assert net(X, Y).item() == 4.0
    assert isinstance(net.backbone_network, Linear)
    assert [p.name for p in net.get_parameters()] == ["w"]


def test_with_eval_cell():
    loss, y, label = nn.WithEvalCell(Linear(), nn.MSELoss())(X, Y)
    assert (loss.item(), y.item(), label.item()) == (4.0, 6.0, 4.0)
    half = nn.WithEvalCell(Linear().to_float(ms.float16), nn.L1Loss(), add_cast_fp32=True)
    assert [t.dtype for t in half(X, Tensor([4.0], dtype="float16"))] == [ms.float32] * 3


@pytest.mark.parametrize("sens", [1.0, 8.0])
def test_train_one_step(sens):
    net = nn.WithLossCell(Linear(), nn.MSELoss())
    step = nn.TrainOneStepCell(net, nn.SGD(net.trainable_params(), 0.1, loss_scale=sens), sens)
    assert step(X, Y).item() == 4.0  # the loss before the step, unscaled
    assert_near(net.backbone_network.w, [2.0 - 0.1 * 2 * 2.0 * 3.0])
    assert net.requires_grad


def test_train_one_step_names_parameters_as_mindspore_does():
    net = nn.WithLossCell(nn.Dense(2, 3), nn.MSELoss())
    step = nn.TrainOneStepCell(net, nn.Adam(net.trainable_params()))
    assert [p.name for p in step.get_parameters()] == [
        "weight", "bias", "global_step", "learning_rate",
        "moment1.weight", "moment1.bias", "moment2.weight", "moment2.bias",
    ]  # fmt: skip


def test_train_one_step_learns():
    ms.set_seed(0)
    net = nn.WithLossCell(nn.SequentialCell(nn.Dense(2, 16, activation="tanh"), nn.Dense(16, 1)), nn.MSELoss())
    step = nn.TrainOneStepCell(net, nn.Adam(net.trainable_params(), 0.01)).set_train()
    x = np.random.default_rng(0).standard_normal((64, 2)).astype(np.float32)
    y = x[:, :1] * x[:, 1:]
    losses = [step(Tensor(x), Tensor(y)).item() for _ in range(300)]
    assert losses[-1] < 0.05 * losses[0]


def test_a_step_with_batch_norm_and_dropout_is_the_same_in_a_graph():
    x = np.random.default_rng(0).standard_normal((5, 16, 4)).astype(np.float32)
    found = []
    for stage in (lambda f: f, ms.ir.staged):
        ms.set_seed(7)
        body = nn.SequentialCell(nn.Dense(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(p=0.5), nn.Dense(8, 1))
        net = nn.WithLossCell(body, nn.MSELoss())
        step = nn.TrainOneStepCell(net, nn.Momentum(net.trainable_params(), 0.1, 0.9)).set_train()
        run = stage(step)
        losses = [run(Tensor(batch), Tensor(batch[:, :1])).item() for batch in x]
        found.append([np.array(losses), *(p.asnumpy() for p in step.get_parameters())])
    for eager, graph in zip(*found, strict=True):
        assert_near(graph, eager, 1e-4)


def test_forward_value_and_grad():
    net = Linear()
    value, g = nn.ForwardValueAndGrad(net)(X)
    assert (value.item(), g.item()) == (6.0, 2.0)
    value, g = nn.ForwardValueAndGrad(lambda x, y: x * y, get_all=True)(X, Y)
    assert [t.item() for t in g] == [4.0, 3.0]
    value, g = nn.ForwardValueAndGrad(net, net.trainable_params(), get_by_list=True)(X)
    assert [t.item() for t in g] == [3.0]
    both = nn.ForwardValueAndGrad(net, net.trainable_params(), get_all=True, get_by_list=True, sens_param=True)
    value, (by_input, by_weight) = both(X, Tensor([10.0]))
    assert_same(value, Tensor([6.0]))
    assert [by_input[0].item(), by_weight[0].item()] == [20.0, 30.0]


def test_forward_value_and_grad_needs_weights_for_a_list():
    with pytest.raises(TypeError, match="without weights"):
        nn.ForwardValueAndGrad(ops.square, get_by_list=True)
