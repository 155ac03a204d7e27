from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_same, check_grad
from scipy import stats

import lamella as ms
from lamella import Generator, Tensor, context, ops
from lamella.backends.reference import ReferenceBackend

DRAWS = {
    "rand": lambda: ops.rand(2, 3),
    "randn": lambda: ops.randn((2, 3)),
    "rand_like": lambda: ops.rand_like(ops.zeros((2, 3))),
    "randn_like": lambda: ops.randn_like(ops.zeros((2, 3))),
    "standard_normal": lambda: ops.standard_normal((2, 3)),
    "normal": lambda: ops.normal((2, 3), 1.0, 2.0),
    "uniform": lambda: ops.uniform((2, 3), -1, 1),
    "uniform int": lambda: ops.uniform((2, 3), 0, 1000, dtype="int32"),
    "randint": lambda: ops.randint(0, 1000, (2, 3)),
    "randperm": lambda: ops.randperm(100),
    "bernoulli": lambda: ops.bernoulli(ops.zeros((50,)), 0.5),
    "dropout": lambda: ops.dropout(ops.ones((50,))),
    "multinomial": lambda: ops.multinomial(ops.ones((100,)), 20),
    "multinomial once": lambda: ops.multinomial(ops.ones((100,)), 20, replacement=False),
}


def test_a_stream_goes_on_when_the_device_changes(monkeypatch):
    class Other(ReferenceBackend):
        name = "Other"

    ms.set_seed(3)
    run = ms.ir.staged(lambda: ops.rand(3))
    expected = [ops.rand(3).tolist(), run().tolist(), ops.rand(3).tolist(), run().tolist()]
    ms.set_seed(3)
    found = [ops.rand(3).tolist()]
    with monkeypatch.context() as patch:
        patch.setattr(context, "backend", Other())
        found += [run().tolist(), ops.rand(3).tolist()]
    assert [*found, run().tolist()] == expected


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_repeats_a_stream_and_draws_differ(name):
    draw = DRAWS[name]
    ms.set_seed(3)
    first, second = draw(), draw()
    assert (first != second).any()
    ms.set_seed(3)
    assert_same(draw(), first)
    assert_same(draw(), second)
    ms.set_seed(4)
    assert (draw() != first).any()


@pytest.mark.parametrize("name", DRAWS)
def test_graphs_draw_the_same_numbers_as_eager_mode_and_move_the_stream_on(name):
    ms.set_seed(5)
    expected = [DRAWS[name]() for _ in range(3)]
    ms.set_seed(5)
    run = ms.ir.staged(DRAWS[name])
    for wanted in expected:
        assert_same(run(), wanted)


def test_examples_of_a_batch_draw_different_numbers():
    drawn = ms.vmap(lambda x: x + ops.rand(4))(ops.zeros((3, 4)))
    assert len(np.unique(drawn.asnumpy())) == 12


def test_state_can_be_taken_and_put_back():
    generator = Generator(1)
    ops.rand(3, generator=generator)
    state = generator.get_state()
    first = ops.rand(3, generator=generator)
    generator.set_state(state)
    assert_same(ops.rand(3, generator=generator), first)
    assert generator.initial_seed() == 1
    assert Generator().initial_seed() != Generator().initial_seed()


def test_a_seeded_call_leaves_the_common_stream_alone():
    ms.set_seed(6)
    expected = ops.rand(2)
    ms.set_seed(6)
    assert_same(ops.rand(2, seed=1), ops.rand(2, seed=1))
    assert_same(ops.rand(2), expected)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_uniform_numbers_are_uniform_and_below_one(dtype):
    x = ops.rand(20000, dtype=dtype, seed=1)
    assert x.dtype.name == dtype
    array = x.asnumpy().astype(np.float64)
    assert array.min() >= 0
    assert array.max() < 1
    assert stats.kstest(array, "uniform").statistic < (0.015 if dtype != "bfloat16" else 0.02)


def test_distributions_fit():
    normal = ops.randn(20000, seed=2).asnumpy()
    assert stats.kstest(normal, "norm").pvalue > 0.001
    shifted = ops.normal((20000,), 3.0, 2.0, seed=3).asnumpy()
    assert stats.kstest(shifted, stats.norm(3, 2).cdf).pvalue > 0.001
    dice = np.bincount(ops.randint(-2, 4, 12000, seed=4).asnumpy() + 2, minlength=6)
    assert stats.chisquare(dice).pvalue > 0.001
    assert ops.uniform((9999,), 2.0, 4.0, seed=5).mean().item() == pytest.approx(3, abs=0.02)
    assert ops.bernoulli(ops.zeros((20000,)), 0.3, seed=6).mean().item() == pytest.approx(0.3, abs=0.02)


def test_multinomial_follows_the_weights():
    weights = np.array([0.0, 1.0, 2.0, 0.0, 5.0, 0.0])
    drawn = ops.multinomial(Tensor(weights), 16000, seed=7).asnumpy()
    counts = np.bincount(drawn, minlength=6)
    assert counts[weights == 0].sum() == 0
    assert stats.chisquare(counts[[1, 2, 4]], 16000 * weights[[1, 2, 4]] / 8).pvalue > 0.001
    rows = ops.multinomial(Tensor([[0.0, 1.0], [1.0, 0.0]]), 5, seed=8)
    assert_same(rows, np.array([[1] * 5, [0] * 5]))
    first = np.array([ops.multinomial(Tensor(weights), 3, False, seed=s).tolist() for s in range(800)])
    assert all(sorted(row) == [1, 2, 4] for row in first.tolist())
    assert stats.chisquare(np.bincount(first[:, 0], minlength=6)[[1, 2, 4]], [100, 200, 500]).pvalue > 0.001


def test_dropout_keeps_the_expected_value_and_scales_the_derivative():
    x = ops.ones((20000,))
    y = ops.dropout(x, 0.25, seed=9)
    assert set(np.unique(y.asnumpy())) == {np.float32(0), np.float32(1 / 0.75)}
    assert y.mean().item() == pytest.approx(1, abs=0.02)
    check_grad(lambda t: ops.dropout(t, 0.5, seed=1), np.arange(6.0))
    assert_same(ops.dropout(Tensor([float("nan")]), 1.0), np.float32([0]))
    assert_same(ops.dropout(x, 0.5, training=False), x)
    same = ops.dropout(x, 0.0)
    same[0] = 7
    assert x[0].item() == 1


def test_empty_draws():
    assert ops.rand(0, 3).shape == (0, 3)
    assert ops.randperm(0).shape == (0,)
    assert ops.randn(()).shape == ()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ops.rand(-1), ValueError, "at least 0"),
        (lambda: ops.rand(2.0), TypeError, "ops.rand"),
        (lambda: ops.rand(2, dtype="int32"), TypeError, "int32"),
        (lambda: ops.randint(3, 3, (1,)), ValueError, "low < high"),
        (lambda: ops.uniform((2,), 3, 3, dtype="int32"), ValueError, "minval < maxval"),
        (lambda: ops.uniform((2,), 0, 1, dtype="bool"), TypeError, "bool"),
        (lambda: ops.randperm(-1), ValueError, "0 or more"),
        (lambda: ops.dropout(ops.ones(2), 1.5), ValueError, "from 0 to 1"),
        (lambda: ops.dropout(Tensor([1])), TypeError, "floating-point"),
        (lambda: ops.multinomial(Tensor([1.0, -1.0]), 1), AssertionError, "at least 0"),
        (lambda: ops.multinomial(Tensor([1.0, 0.0]), 2, replacement=False), AssertionError, "fewer"),
        (lambda: ops.multinomial(Tensor([0.0, 0.0]), 1), AssertionError, "fewer"),
        (lambda: ops.multinomial(Tensor(1.0), 1), ValueError, "rows"),
        (lambda: ms.set_seed(-1), ValueError, "2\\*\\*64"),
        (lambda: ms.set_seed(1.5), TypeError, "int"),
        (lambda: Generator(1).set_state(Tensor([1])), ValueError, "get_state"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_bernoulli_refuses_what_is_no_probability():
    x = ops.zeros((2,))
    for p in (-0.5, 3, float("nan")):
        with pytest.raises(ValueError, match=r"ops.bernoulli: got p=.*expected a number from 0 to 1"):
            ops.bernoulli(x, p)
    for p in ([0.5, -0.1], [1.5, 0.0], [float("nan"), 1.0]):
        with pytest.raises(AssertionError, match="p must be from 0 to 1"):
            ops.bernoulli(x, Tensor(p))
        with pytest.raises(AssertionError, match="p must be from 0 to 1"):
            ms.ir.staged(ops.bernoulli)(x, Tensor(p))
    assert_same(ops.bernoulli(x, Tensor([0.0, 1.0])), np.array([0, 1], np.float32))
    assert ops.bernoulli(ops.zeros((3,)), 1).tolist() == [1, 1, 1]
