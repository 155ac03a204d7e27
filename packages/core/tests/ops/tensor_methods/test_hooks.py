"""Hooks of tensors and parameters see gradients, and may replace them."""

from __future__ import annotations

import pytest
from helpers import assert_near

from lamella import Parameter, Tensor, grad, ir, value_and_grad, vmap


def test_a_hook_sees_what_comes_back_from_what_is_computed_afterwards():
    seen = []

    def fn(x):
        y = x * 2
        before = y * 3
        y.register_hook(lambda gradient: seen.append(gradient.tolist()))
        return (before + y * 5).sum()

    assert grad(fn)(Tensor([1.0, 2.0])).tolist() == [16.0, 16.0] and seen == [[5.0, 5.0]]


def test_several_hooks_and_their_removal():
    def fn(x, removed):
        y = x * 2
        first = y.register_hook(lambda gradient: gradient + 1)
        y.register_hook(lambda gradient: gradient * 10)
        if removed:
            first.remove()
            first.remove()
        return y.sum()

    x = Tensor([1.0])
    assert grad(lambda x: fn(x, False))(x).tolist() == [22.0] and grad(lambda x: fn(x, True))(x).tolist() == [20.0]


def test_hooks_in_graphs_batches_and_views():
    def fn(x):
        y = x.reshape(-1)
        y.register_hook(lambda gradient: gradient * 10)
        return (y * y).sum()

    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    expected = x.asnumpy() * 20
    assert_near(grad(fn)(x), expected)
    assert_near(ir.staged(grad(fn))(x), expected)
    assert_near(vmap(grad(fn))(x), expected)


def test_hooks_of_parameters_act_whenever_gradients_are_computed():
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    handle = w.register_hook(lambda gradient: gradient * 10)
    seen = []
    w.register_hook(lambda gradient: seen.append(gradient.tolist()))
    step = value_and_grad(lambda x: (w * x).sum(), None, w)
    for factor in (10.0, 1.0):
        value, gradient = step(Tensor([3.0, 4.0]))
        assert value.item() == 11.0 and gradient.tolist() == [3 * factor, 4 * factor]
        handle.remove()
    assert seen == [[3.0, 4.0], [3.0, 4.0]] and w.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Tensor([1.0]).register_hook(3), r"Tensor.register_hook: got a int"),
        (lambda: Tensor([1]).register_hook(print), r"Tensor.register_hook: got a int64 tensor"),
        (lambda: Parameter(Tensor([1.0])).register_hook(3), r"Parameter.register_hook: got a int"),
    ],
)
def test_errors(wrong, message):
    with pytest.raises(TypeError, match=message):
        wrong()
