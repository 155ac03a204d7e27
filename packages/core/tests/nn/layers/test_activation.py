"""Activations as cells, against numbers that mindspore 2.10.0 printed for the same input."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, check_grad, check_vmap

import lamella as ms
from lamella import Tensor, nn

X = np.array([-3.5, -1.0, -0.2, 0.0, 0.3, 2.0, 7.0], np.float32)

# fmt: off
EXPECTED = {
    nn.ReLU: [0.0, 0.0, 0.0, 0.0, 0.3, 2.0, 7.0],
    nn.ReLU6: [0.0, 0.0, 0.0, 0.0, 0.3, 2.0, 6.0],
    nn.LeakyReLU: [-0.7, -0.2, -0.04, 0.0, 0.3, 2.0, 7.0],
    nn.ELU: [-0.9698026, -0.6321212, -0.1812693, 0.0, 0.3, 2.0, 7.0],
    nn.SiLU: [-0.1025927, -0.2689416, -0.0900332, 0.0, 0.1723329, 1.7615943, 6.9936228],
    nn.GELU: [-0.0006161, -0.158808, -0.0841486, 0.0, 0.1853709, 1.9545977, 7.0],
    nn.Sigmoid: [0.0293122, 0.2689416, 0.450166, 0.5, 0.5744428, 0.8807971, 0.999089],
    nn.LogSigmoid: [-3.5297503, -1.3132607, -0.7981385, -0.693147, -0.5543547, -0.1269279, -0.0009114],
    nn.Tanh: [-0.9981822, -0.7615942, -0.1973753, 0.0, 0.2913126, 0.9640276, 1.0],
    nn.HSigmoid: [0.0, 0.3333333, 0.4666667, 0.5, 0.55, 0.8333333, 1.0],
    nn.HSwish: [0.0, -0.3333333, -0.0933333, 0.0, 0.165, 1.6666666, 7.0],
    nn.Mish: [-0.1040957, -0.303401, -0.1071448, 0.0, 0.2080013, 1.943959, 6.9999881],
    nn.Softmax: [2.73e-05, 0.0003321, 0.0007392, 0.0009029, 0.0012187, 0.0066713, 0.9901085],
    nn.LogSoftmax: [-10.5099392, -8.0099392, -7.2099390, -7.0099392, -6.7099390, -5.0099392, -0.0099393],
    nn.PReLU: [-0.875, -0.25, -0.05, 0.0, 0.3, 2.0, 7.0],
    lambda: nn.GELU(approximate=False): [-0.0008142, -0.1586553, -0.0841481, 0.0, 0.1853734, 1.9544997, 7.0],
}
# fmt: on
MAKERS = pytest.mark.parametrize("make", EXPECTED, ids=lambda m: m.__name__)


@MAKERS
def test_numbers_are_mindspores(make):
    assert_near(make()(Tensor(X)), EXPECTED[make], 5e-6)


@MAKERS
def test_derivatives_batches_graphs(make):
    net = make()
    check_grad(net, np.array([[-3.3, -0.4, 0.2], [0.7, 2.6, 6.6]]))
    check_vmap(net, np.array([[-3.3, -0.4, 0.2]]))
    x = Tensor(np.array([[-3.3, -0.4, 0.2]], np.float32))
    assert_near(ms.ir.staged(net)(x), net(x).asnumpy())


def test_repr_is_the_name():
    assert repr(nn.GELU()) == "GELU()"


def test_softmax_takes_an_axis():
    assert_near(nn.Softmax(axis=0)(Tensor([[1.0], [1.0]])), [[0.5], [0.5]])
    assert_near(nn.LogSoftmax(axis=0)(Tensor([[1.0], [1.0]])), np.log([[0.5], [0.5]]))


def test_prelu_has_a_slope_for_each_channel():
    net = nn.PReLU(2, Tensor([0.1, 0.5]))
    x = Tensor([[[-1.0, 2.0], [-1.0, 2.0]]])
    assert_near(net(x), [[[-0.1, 2.0], [-0.5, 2.0]]])
    assert [p.name for p in net.get_parameters()] == ["a"]
    (by_w,) = ms.grad(lambda x: net(x).sum(), None, net.trainable_params())(x)
    assert_near(by_w, [-1.0, -1.0])


@pytest.mark.parametrize("kwargs", [{"channel": 0}, {"channel": 2, "w": [0.1, 0.2, 0.3]}])
def test_prelu_refuses_what_does_not_fit(kwargs):
    with pytest.raises(ValueError, match="expected"):
        nn.PReLU(**kwargs)


@pytest.mark.parametrize(
    "name",
    ["relu", "relu6", "tanh", "gelu", "elu", "sigmoid", "prelu", "leakyrelu", "hswish", "hsigmoid", "logsigmoid",
     "softmax", "logsoftmax", "silu", "mish"],
)  # fmt: skip
def test_get_activation_knows_names(name):
    assert type(nn.get_activation(name)).__name__.lower() == name


def test_get_activation_of_none_and_of_an_unknown_name():
    assert nn.get_activation(None) is None
    with pytest.raises(ValueError, match=r"nn\.Dense: got activation 'foo', expected one of elu, "):
        nn.Dense(2, 2, activation="foo")
