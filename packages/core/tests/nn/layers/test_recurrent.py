"""Recurrent cells and layers, against their definitions in NumPy; mindspore 2.10.0 agrees with these to 1e-6."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, check_vmap

import lamella as ms
from lamella import Parameter, Tensor, nn, ops

RNG = np.random.default_rng(0)
SIZES = {"N": 2, "I": 3, "H": 4, "T": 5}


def random(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_step(x, h, wi, wh, bi, bh):
    i, g = x @ wi.T + bi, h @ wh.T + bh
    (ir, iz, inn), (hr, hz, hn) = np.split(i, 3, -1), np.split(g, 3, -1)
    z = sigmoid(iz + hz)
    return (1 - z) * np.tanh(inn + sigmoid(ir + hr) * hn) + z * h


def lstm_step(x, state, wi, wh, bi, bh):
    h, c = state
    i, f, g, o = np.split(x @ wi.T + bi + h @ wh.T + bh, 4, -1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def rnn_step(x, h, wi, wh, bi, bh):
    return np.tanh(x @ wi.T + bi + h @ wh.T + bh)


def weights(net, suffix=""):
    found = [getattr(net, f"{kind}{suffix}", None) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    return [0 if p is None else p.asnumpy() for p in found]


def test_cells_are_their_definitions():
    x, h, c = random(2, 3), random(2, 4), random(2, 4)
    for net, step in ((nn.GRUCell(3, 4), gru_step), (nn.RNNCell(3, 4), rnn_step)):
        assert_near(net(Tensor(x), Tensor(h)), step(x, h, *weights(net)))
    relu = nn.RNNCell(3, 4, has_bias=False, nonlinearity="relu")
    wi, wh, *_ = weights(relu)
    assert_near(relu(Tensor(x), Tensor(h)), np.maximum(x @ wi.T + h @ wh.T, 0))
    net = nn.LSTMCell(3, 4)
    expected_state = lstm_step(x, (h, c), *weights(net))
    for result, expected in zip(net(Tensor(x), (Tensor(h), Tensor(c))), expected_state, strict=True):
        assert_near(result, expected)


def test_cell_parameters_are_named_and_shaped_as_in_mindspore():
    assert [(p.name, p.shape) for p in nn.LSTMCell(3, 4).get_parameters()] == [
        ("weight_ih", (16, 3)), ("weight_hh", (16, 4)), ("bias_ih", (16,)), ("bias_hh", (16,)),
    ]  # fmt: skip
    assert [p.name for p in nn.GRUCell(3, 4, has_bias=False).get_parameters()] == ["weight_ih", "weight_hh"]
    assert abs(nn.GRUCell(3, 4).weight_ih.asnumpy()).max() <= 0.5
    assert repr(nn.GRUCell(3, 4)) == "GRUCell()"


def run(step, x, state, parameters, reverse=False):
    """A layer in one direction: results and last state."""
    outs = []
    for t in reversed(range(len(x))) if reverse else range(len(x)):
        state = step(x[t], state, *parameters)
        outs.append(state[0] if isinstance(state, tuple) else state)
    return np.stack(outs[::-1] if reverse else outs), state


@pytest.mark.parametrize(("kind", "step"), [(nn.GRU, gru_step), (nn.RNN, rnn_step)])
def test_layers_are_their_definitions(kind, step):
    net = kind(3, 4, num_layers=2, bidirectional=True)
    x, h0 = random(5, 2, 3), random(4, 2, 4)
    y, last = x, []
    for layer in range(2):
        parts = []
        for way, suffix in enumerate(("", "_reverse")):
            at = 2 * layer + way
            out, state = run(step, y, h0[at], weights(net, f"_l{layer}{suffix}"), bool(way))
            parts.append(out)
            last.append(state)
        y = np.concatenate(parts, -1)
    out, hn = net(Tensor(x), Tensor(h0))
    assert_near(out, y)
    assert_near(hn, np.stack(last))


def test_lstm_is_its_definition():
    net = nn.LSTM(3, 4, has_bias=False, batch_first=True)
    x, h0, c0 = random(2, 5, 3), random(1, 2, 4), random(1, 2, 4)
    expected, (h, c) = run(lstm_step, x.swapaxes(0, 1), (h0[0], c0[0]), weights(net, "_l0"))
    out, (hn, cn) = net(Tensor(x), (Tensor(h0), Tensor(c0)))
    assert_near(out, expected.swapaxes(0, 1))
    assert_near(hn[0], h)
    assert_near(cn[0], c)


def test_without_a_state_it_starts_at_zero():
    net = nn.GRU(3, 4)
    x = Tensor(random(5, 2, 3))
    assert_near(net(x)[0], net(x, ops.zeros((1, 2, 4)))[0].asnumpy())


def test_sequences_of_different_length():
    net = nn.GRU(3, 4, bidirectional=True)
    x, h0 = random(5, 2, 3), random(2, 2, 4)
    out, hn = net(Tensor(x), Tensor(h0), Tensor([3, 5]))
    for row, length in enumerate((3, 5)):
        alone, last = net(Tensor(x[:length, row : row + 1]), Tensor(h0[:, row : row + 1]))
        assert_near(out[:length, row], alone[:, 0].asnumpy())
        assert_near(out[length:, row], np.zeros((5 - length, 8)))
        assert_near(hn[:, row], last[:, 0].asnumpy())


def test_layer_parameters_are_named_as_in_mindspore():
    net = nn.GRU(3, 4, num_layers=2, bidirectional=True)
    runs = ("l0", "l0_reverse", "l1", "l1_reverse")
    expected = [f"{kind}_{run}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh") for run in runs]
    assert [p.name for p in net.get_parameters()] == expected
    assert net.weight_ih_l1.shape == (12, 8)


def as_float64(net):
    for name, p in list(net._params.items()):
        setattr(net, name, None)
        setattr(net, name, Parameter(ops.cast(p, ms.float64)))
    return net


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM, nn.RNN])
def test_derivatives_by_weights_and_inputs(kind):
    net = as_float64(kind(3, 2, bidirectional=True))
    x = RNG.standard_normal((4, 2, 3))

    def loss(x):
        return ops.sum(ops.square(net(x)[0]))

    by_x, grads = ms.grad(loss, 0, net.trainable_params())(Tensor(x))
    step = 1e-6
    for array, gradient, value in [
        (x, by_x, None),
        *((np.array(p.asnumpy()), g, p) for p, g in zip(net.trainable_params(), grads, strict=True)),
    ]:
        for place in (tuple(0 for _ in array.shape), tuple(n - 1 for n in array.shape)):
            values = []
            for sign in (1, -1):
                moved = array.copy()
                moved[place] += sign * step
                if value is not None:
                    value.set_data(Tensor(moved))
                values.append(loss(Tensor(moved if value is None else x)).item())
            if value is not None:
                value.set_data(Tensor(array))
            assert gradient.asnumpy()[place] == pytest.approx((values[0] - values[1]) / (2 * step), abs=1e-8, rel=1e-5)


def test_batches_and_graphs():
    net = nn.GRU(3, 4, num_layers=2)
    x = Tensor(random(5, 2, 3))
    check_vmap(lambda x: net(x)[0], x.asnumpy())
    assert_near(ms.ir.staged(lambda x: net(x)[0])(x), net(x)[0].asnumpy())
    gradient = ms.grad(lambda x: ops.sum(net(x)[0]))
    assert_near(ms.ir.staged(gradient)(x), gradient(x).asnumpy())


def test_dropout_between_layers_while_training_only():
    net = nn.GRU(3, 4, num_layers=2, dropout=0.5)
    x = Tensor(random(5, 2, 3))
    assert_near(net(x)[0], net(x)[0].asnumpy())
    net.set_train()
    assert (net(x)[0].asnumpy() != net(x)[0].asnumpy()).any()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.RNNCell(3, 4, nonlinearity="foo"), ValueError),
        (lambda: nn.RNN(3, 4, nonlinearity="foo"), ValueError),
        (lambda: nn.GRU(3, 4, dropout=1.0), ValueError),
        (lambda: nn.GRU(3, 4, num_layers=0), ValueError),
        (lambda: nn.GRU(3.0, 4), TypeError),
        (lambda: nn.GRUCell(3, 4)(ops.ones((2, 3)), ops.ones((1, 4))), ValueError),
        (lambda: nn.GRUCell(3, 4)(ops.ones((2, 2)), ops.ones((2, 4))), ValueError),
        (lambda: nn.GRU(3, 4)(ops.ones((2, 3))), ValueError),
        (lambda: nn.GRU(3, 4)(ops.ones((5, 2, 3)), ops.ones((2, 2, 4))), ValueError),
        (lambda: nn.LSTM(3, 4)(ops.ones((5, 2, 3)), (ops.ones((1, 2, 4)),)), ValueError),
    ],
)
def test_what_does_not_fit_is_refused(make, error):
    with pytest.raises(error, match="expected"):
        make()
