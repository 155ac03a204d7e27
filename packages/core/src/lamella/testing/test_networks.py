"""Networks on the current device in both modes: state, custom derivatives, hooks, whole training steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, nn, ops
from lamella.dtypes import STORAGE, DType
from lamella.testing.modes import MODES, Mode


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    """How functions run."""
    return MODES[request.param]


def images(n: int = 8) -> np.ndarray[Any, Any]:
    return np.random.default_rng(0).standard_normal((n, 2, 6, 6)).astype(np.float32)


class Network(nn.Cell):
    """A little of everything that keeps state."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(2, 2)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(p=0.25)
        self.dense = nn.Dense(4 * 9, 3)

    def construct(self, x: Tensor) -> Tensor:
        """Logits."""
        x = self.pool(ops.relu(self.norm(self.conv(x))))
        return self.dense(self.dropout(self.flatten(x)))


def test_running_statistics_follow_the_batches(mode: Mode) -> None:
    norm = nn.BatchNorm2d(2, momentum=0.9)
    norm.set_train()
    x = images()
    run = mode(norm)
    for _ in range(3):
        run(Tensor(x))
    mean = x.mean((0, 2, 3))
    np.testing.assert_allclose(norm.moving_mean.asnumpy(), mean * (1 - 0.9**3), 1e-4, 1e-6)
    norm.set_train(False)
    expected = (x - norm.moving_mean.asnumpy()[:, None, None]) / np.sqrt(
        norm.moving_variance.asnumpy()[:, None, None] + norm.eps
    )
    np.testing.assert_allclose(mode(norm.construct)(Tensor(x)).asnumpy(), expected, 1e-4, 1e-5)


def test_dropout_draws_anew_on_every_call_and_alike_in_both_modes(mode: Mode) -> None:
    drop = nn.Dropout(p=0.5)
    drop.set_train()
    x = ops.ones((64,))
    ms.set_seed(11)
    expected = [drop(x).asnumpy() for _ in range(3)]
    ms.set_seed(11)
    run = mode(drop)
    for mask in expected:
        np.testing.assert_array_equal(run(x).asnumpy(), mask)
    assert not np.array_equal(expected[0], expected[1])


class Doubling(nn.Cell):
    """A cell whose derivative is ten times what it should be, so that one sees that it was used."""

    def construct(self, x: Tensor, y: Tensor) -> Tensor:
        """The product."""
        return x * y

    def bprop(self, x: Tensor, y: Tensor, out: Tensor, dout: Tensor) -> tuple[Tensor, Tensor]:
        """Ten times the derivative."""
        return dout * y * 10, dout * x * 10


def test_bprop_is_the_derivative_at_every_level(mode: Mode) -> None:
    cell = Doubling()
    x, y = Tensor([2.0, 3.0]), Tensor([5.0, 7.0])
    dx, dy = mode(ms.grad(cell, (0, 1)))(x, y)
    assert dx.tolist() == [50.0, 70.0] and dy.tolist() == [20.0, 30.0]
    batched = mode(ms.vmap(ms.grad(lambda x, y: cell(x, y))))(x, y)
    assert batched.tolist() == [50.0, 70.0]
    second = mode(ms.grad(lambda y: ms.grad(lambda x: cell(x, y))(x)))(y)
    assert second.tolist() == [10.0, 10.0]


def test_hooks_see_and_replace_values_and_gradients(mode: Mode) -> None:
    dense = nn.Dense(2, 2, weight_init="ones", has_bias=False)
    seen: list[str] = []

    def note(name: str, change: float) -> Any:
        def hook(cell: Any, *parts: Any) -> Any:
            seen.append(name)
            first = parts[-1]
            return (first[0] * change,) if isinstance(first, tuple) else first * change

        return hook

    handles = [
        dense.register_forward_pre_hook(note("before", 2.0)),
        dense.register_forward_hook(note("after", 3.0)),
    ]
    x = Tensor([[1.0, 2.0]])
    assert mode(dense.__call__)(x).tolist() == [[18.0, 18.0]]
    assert seen == ["before", "after"]
    assert mode(ms.grad(lambda x: dense(x)))(x).tolist() == [[12.0, 12.0]]
    for handle in handles:
        handle.remove()
    assert mode(lambda x: dense(x))(x).tolist() == [[3.0, 3.0]]


def test_backward_hooks_replace_gradients(mode: Mode) -> None:
    dense = nn.Dense(2, 2, weight_init="ones", has_bias=False)
    handle = dense.register_backward_hook(lambda cell, grad_input, grad_output: (grad_input[0] * 100,))
    x = Tensor([[1.0, 2.0]])
    assert mode(ms.grad(lambda x: dense(x)))(x).tolist() == [[200.0, 200.0]]
    handle.remove()
    assert mode(ms.grad(lambda x: dense(x)))(x).tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize("make", [nn.SGD, nn.Momentum, nn.Adam, nn.AdamWeightDecay], ids=lambda make: make.__name__)
def test_training_steps_give_the_same_in_both_modes(make: Any) -> None:
    x, labels = images(), np.arange(8) % 3
    losses: list[list[float]] = []
    for run_as in MODES.values():
        ms.set_seed(4)
        network = Network()
        network.set_train()
        options = {"momentum": 0.9} if make is nn.Momentum else {}
        optimizer = make(network.trainable_params(), learning_rate=0.01, **options)
        loss_fn = nn.CrossEntropyLoss()
        forward = nn.WithLossCell(network, loss_fn)
        gradients_of = ms.value_and_grad(forward, None, optimizer.parameters)

        def step(x: Tensor, y: Tensor, gradients_of: Any = gradients_of, optimizer: Any = optimizer) -> Tensor:
            loss, gradients = gradients_of(x, y)
            optimizer(gradients)
            return loss

        run = run_as(step)
        losses.append([run(Tensor(x), Tensor(labels)).item() for _ in range(4)])
    # Adam divides by the size of gradients: where they are near 0, their rounding shows.
    for others in losses[1:]:
        np.testing.assert_allclose(losses[0], others, 1e-3)
    assert losses[0][-1] < losses[0][0]


def test_a_recurrent_cell_trains_through_scan(mode: Mode) -> None:
    cell = nn.GRUCell(3, 4)
    xs = Tensor(np.random.default_rng(0).standard_normal((5, 2, 3)).astype(np.float32))

    def final(xs: Tensor) -> Tensor:
        return ops.scan(lambda h, x: (cell(x, h), 0.0), ops.zeros((2, 4)), xs)[0].sum()

    def unrolled(xs: Tensor) -> Tensor:
        h = ops.zeros((2, 4))
        for i in range(5):
            h = cell(xs[i], h)
        return h.sum()

    weights = cell.trainable_params()
    found = mode(ms.value_and_grad(final, 0, weights))(xs)
    expected = ms.value_and_grad(unrolled, 0, weights)(xs)
    leaves = [found[0], found[1][0], *found[1][1]], [expected[0], expected[1][0], *expected[1][1]]
    for mine, theirs in zip(*leaves, strict=True):
        np.testing.assert_allclose(mine.asnumpy(), theirs.asnumpy(), 1e-4, 1e-5)


@pytest.mark.parametrize("dtype", STORAGE, ids=str)
def test_weights_of_few_bits_in_steps_loops_and_branches(mode: Mode, dtype: DType) -> None:
    random = np.random.default_rng(0)
    weight = random.standard_normal((4, 6)).astype(np.float32)
    scale = Tensor(np.abs(weight).max(1) / 7)
    zero = 8 if dtype.kind == "uint" else 0
    few = ops.quantize(Tensor(weight), scale, zero, dtype, axis=0)
    wide = few.asnumpy().astype(np.float32)
    x = random.standard_normal((5, 6)).astype(np.float32)

    def loss(x: Tensor, scale: Tensor) -> Tensor:
        return ops.tanh(x @ ops.dequantize(few, scale, zero, axis=0).T).sum()

    def passed_on(few: Tensor, x: Tensor) -> Any:
        chosen = ops.cond(x.sum() > 1e9, lambda q: q, lambda q: q, few)
        summed = ops.while_loop(lambda c: c < 100, lambda c: c + ops.cast(few, ms.float32).max() + 1, Tensor(0.0))
        _, rows = ops.scan(lambda c, row: (c, row.astype(ms.float32) * 2), Tensor(0.0), few)
        return few, chosen, summed, rows, x.astype(dtype).astype(ms.float32)

    value, (slope, by_scale) = mode(ms.value_and_grad(loss, (0, 1)))(Tensor(x), scale)
    factors = (wide - zero) * scale.asnumpy()[:, None]
    inner = 1 - np.tanh(x @ factors.T) ** 2
    np.testing.assert_allclose(value.asnumpy(), np.tanh(x @ factors.T).sum(), 1e-5, 1e-5)
    np.testing.assert_allclose(slope.asnumpy(), inner @ factors, 1e-4, 1e-5)
    np.testing.assert_allclose(by_scale.asnumpy(), ((inner.T @ x) * (wide - zero)).sum(1), 1e-4, 1e-4)
    same, chosen, summed, rows, through = mode(passed_on)(few, Tensor(x))
    assert same.dtype is chosen.dtype is dtype
    for found in (same, chosen):
        np.testing.assert_array_equal(found.asnumpy().astype(np.float32), wide)
    assert summed.item() == np.ceil(100 / (wide.max() + 1)) * (wide.max() + 1)
    np.testing.assert_array_equal(rows.asnumpy(), wide * 2)
    expected = ops.prims.cast.kernel(x, dtype=dtype.name).astype(np.float32)
    np.testing.assert_array_equal(through.asnumpy(), expected)
