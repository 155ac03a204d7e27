"""Dense, Flatten, Dropout, Embedding, Pad, OneHot, Identity."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_graph, check_vmap

import lamella as ms
from lamella import Tensor, nn, ops

RNG = np.random.default_rng(0)


def test_dense_is_a_product_with_the_transposed_weight():
    net = nn.Dense(3, 4)
    x = RNG.standard_normal((2, 5, 3)).astype(np.float32)
    assert_near(net(Tensor(x)), x @ net.weight.asnumpy().T + net.bias.asnumpy())
    assert_near(ms.ir.staged(net)(Tensor(x)), net(Tensor(x)).asnumpy())
    check_vmap(net, x)


def test_dense_differentiates_by_its_parameters():
    net = nn.Dense(3, 2, activation="relu")
    x = RNG.standard_normal((4, 3)).astype(np.float32)
    by_x, (by_w, by_b) = ms.grad(lambda x: ops.sum(net(x)), 0, net.trainable_params())(Tensor(x))
    on = (x @ net.weight.asnumpy().T + net.bias.asnumpy() > 0).astype(np.float32)
    assert_near(by_w, on.T @ x)
    assert_near(by_b, on.sum(0))
    assert_near(by_x, on @ net.weight.asnumpy())


def test_dense_starts_within_the_bounds_that_mindspore_has():
    net = nn.Dense(100, 200)
    for parameter in (net.weight, net.bias):  # both uniform over (-1 / sqrt(100), 1 / sqrt(100))
        values = parameter.asnumpy()
        assert 0.095 < abs(values).max() <= 0.1
        assert values.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.1)


def test_dense_settings():
    net = nn.Dense(2, 3, Tensor(np.ones((3, 2), np.float32)), "zeros", activation=nn.Tanh(), dtype=ms.float16)
    assert net.weight.dtype is ms.float16
    assert_same(net.bias, Tensor(np.zeros(3, np.float16)))
    assert net.has_bias
    plain = nn.Dense(2, 3, has_bias=False)
    assert plain.bias is None
    assert [p.name for p in plain.get_parameters()] == ["weight"]
    assert repr(plain) == "Dense(input_channels=2, output_channels=3)"


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.Dense(3.0, 4), TypeError),
        (lambda: nn.Dense(0, 4), ValueError),
        (lambda: nn.Dense(True, 4), TypeError),
        (lambda: nn.Dense(3, 4, activation=3), TypeError),
        (lambda: nn.Dense(3, 4, weight_init=ops.ones((4, 4))), ValueError),
        (lambda: nn.Dense(3, 4)(ops.ones((2, 2))), ValueError),
    ],
)
def test_dense_refuses_what_does_not_fit(make, error):
    with pytest.raises(error, match="expected"):
        make()


@pytest.mark.parametrize(("args", "shape"), [((), (2, 12)), ((0,), (24,)), ((0, 1), (6, 4))])
def test_flatten_merges_axes(args, shape):
    net = nn.Flatten(*args)
    x = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)
    assert_same(net(Tensor(x)), x.reshape(shape))
    check_graph(net, x)


def test_identity_takes_anything():
    x = Tensor([1])
    assert nn.Identity(3, name="x")(x) is x


# -- dropout --


def test_dropout_does_nothing_unless_training():
    x = Tensor([1.0, 2.0])
    assert_same(nn.Dropout(p=0.5)(x), x)
    y = nn.Dropout(p=0.0).set_train()(x)
    y[0] = 7.0
    assert_same(x, Tensor([1.0, 2.0]))


@pytest.mark.parametrize("net", [nn.Dropout(p=0.25), nn.Dropout(0.75)])
def test_dropout_keeps_the_mean(net):
    net.set_train()
    ms.set_seed(1)
    y = net(ops.ones((100, 100))).asnumpy()
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
    assert y.mean() == pytest.approx(1, abs=0.02)
    assert (net(ops.ones((100, 100))).asnumpy() != y).any()


def test_dropout_draws_the_same_in_a_graph_and_passes_gradients_where_it_keeps():
    net = nn.Dropout(p=0.5).set_train()
    x = ops.ones((8, 8))
    ms.set_seed(3)
    eager = [net(x).asnumpy() for _ in range(2)]
    ms.set_seed(3)
    run = ms.ir.staged(net)
    for expected in eager:
        assert_same(run(x), expected)
    ms.set_seed(3)
    assert_same(ms.grad(lambda x: ops.sum(net(x)))(x), eager[0])


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.Dropout(p=1.0), ValueError),
        (lambda: nn.Dropout(p=-0.1), ValueError),
        (lambda: nn.Dropout(0.0), ValueError),
        (lambda: nn.Dropout(1.5), ValueError),
        (lambda: nn.Dropout(p="a"), TypeError),
        (lambda: nn.Dropout(p=0.5).set_train()(Tensor([1])), TypeError),
    ],
)
def test_dropout_refuses_what_does_not_fit(make, error):
    with pytest.raises(error, match="expected"):
        make()


def test_dropout_repr():
    assert [repr(nn.Dropout(p=0.3)), repr(nn.Dropout())] == ["Dropout(p=0.3)", "Dropout(keep_prob=0.5)"]


# -- embedding --


@pytest.mark.parametrize("use_one_hot", [False, True])
def test_embedding_looks_rows_up(use_one_hot):
    net = nn.Embedding(5, 3, use_one_hot)
    ids = np.array([[1, 4], [1, 0]])
    assert_near(net(Tensor(ids)), net.embedding_table.asnumpy()[ids])
    (by_table,) = ms.grad(lambda: ops.sum(net(Tensor(ids))), None, net.trainable_params())()
    assert_near(by_table, np.array([1, 2, 0, 0, 1])[:, None] * np.ones((5, 3)))


def test_embedding_settings():
    net = nn.Embedding(4, 3, embedding_table="ones", dtype=ms.float16, padding_idx=1)
    assert_same(net.embedding_table, Tensor([[1] * 3, [0] * 3, [1] * 3, [1] * 3], dtype="float16"))
    assert repr(net).startswith("Embedding(vocab_size=4, embedding_size=3, use_one_hot=False, embedding_table=")


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.Embedding(4, 3, padding_idx=4), ValueError),
        (lambda: nn.Embedding(0, 3), ValueError),
        (lambda: nn.Embedding(4, 3)(Tensor([4])), IndexError),
        (lambda: nn.Embedding(4, 3)(Tensor([1.0])), TypeError),
    ],
)
def test_embedding_refuses_what_does_not_fit(make, error):
    with pytest.raises(error, match="expected"):
        make()


# -- pad and one-hot --


@pytest.mark.parametrize("mode", ["CONSTANT", "REFLECT", "SYMMETRIC"])
def test_pad_equals_numpy(mode):
    x = np.arange(9.0, dtype=np.float32).reshape(3, 3)
    net = nn.Pad(((1, 1), (2, 0)), mode)
    assert_same(net(Tensor(x)), np.pad(x, ((1, 1), (2, 0)), mode.lower()))
    check_vmap(net, x)
    check_graph(net, x, open_axis=False)


@pytest.mark.parametrize(
    "make",
    [
        lambda: nn.Pad(((1, 1),), "EDGE"),
        lambda: nn.Pad(((1, 1, 1),)),
        lambda: nn.Pad(((1, -1),)),
        lambda: nn.Pad(((1, 1),))(ops.ones((2, 2))),
        lambda: nn.Pad(((2, 0),), "REFLECT")(ops.ones((2,))),
        lambda: nn.Pad(((0, 3),), "SYMMETRIC")(ops.ones((2,))),
    ],
)
def test_pad_refuses_what_does_not_fit(make):
    with pytest.raises(ValueError, match="expected"):
        make()


def test_one_hot():
    net = nn.OneHot(axis=0, depth=3, on_value=2.0, off_value=1.0, dtype=ms.float16)
    y = net(Tensor([2, 0, 5]))
    assert_same(y, Tensor([[1, 2, 1], [1, 1, 1], [2, 1, 1]], dtype="float16"))
