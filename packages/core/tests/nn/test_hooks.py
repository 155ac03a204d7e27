"""Hooks: when they run, what they see, what they may change."""

from __future__ import annotations

import copy

import pytest
from helpers import assert_same

import lamella as ms
from lamella import Parameter, Tensor, nn, ops


class Affine(nn.Cell):
    """3 x + b."""

    def __init__(self):
        super().__init__()
        self.b = Parameter(Tensor([0.0, 0.0]))

    def construct(self, x):
        return x * 3.0 + self.b


X = Tensor([1.0, 2.0])


def test_forward_hooks_see_inputs_and_outputs_in_order():
    seen = []
    net = Affine()
    net.register_forward_hook(lambda cell, inputs, output: seen.append(("after 1", cell, inputs, output)))
    net.register_forward_hook(lambda *_: seen.append(("after 2",)))
    net.register_forward_pre_hook(lambda cell, inputs: seen.append(("before", cell, inputs)))
    y = net(X)
    assert [event[0] for event in seen] == ["before", "after 1", "after 2"]
    assert seen[0][1:] == (net, (X,))
    assert seen[1][1:3] == (net, (X,))
    assert_same(seen[1][3], y)


def test_forward_hooks_may_replace_inputs_and_outputs():
    net = Affine()
    net.register_forward_pre_hook(lambda cell, inputs: inputs[0] + 1)
    net.register_forward_hook(lambda cell, inputs, output: (output, inputs[0]))
    y, x = net(X)
    assert_same(x, Tensor([2.0, 3.0]))
    assert_same(y, Tensor([6.0, 9.0]))


def test_hooks_are_removed_by_their_handles():
    net = Affine()
    first = net.register_forward_hook(lambda cell, inputs, output: output + 1)
    net.register_forward_hook(lambda cell, inputs, output: output * 2)
    first.remove()
    first.remove()
    assert_same(net(X), Tensor([6.0, 12.0]))


def test_a_hook_may_remove_itself():
    net = Affine()
    seen = []

    def once(cell, inputs, output):
        seen.append(1)
        handle.remove()

    handle = net.register_forward_hook(once)
    net(X)
    net(X)
    assert seen == [1]


def test_a_hook_must_be_callable():
    with pytest.raises(TypeError, match="expected a function"):
        Affine().register_backward_hook(3)


def test_backward_hooks_see_gradients_of_inputs_and_outputs():
    seen = []
    net = Affine()
    net.register_backward_hook(lambda cell, grad_input, grad_output: seen.append((cell, grad_input, grad_output)))
    net.register_backward_pre_hook(lambda cell, grad_output: seen.append((cell, grad_output)))
    ms.grad(lambda x: ops.sum(net(x) * 2.0))(X)
    (first_cell, pre), (cell, grad_input, grad_output) = seen
    assert first_cell is cell is net
    assert_same(pre[0], Tensor([2.0, 2.0]))
    assert_same(grad_output[0], Tensor([2.0, 2.0]))
    assert_same(grad_input[0], Tensor([6.0, 6.0]))
    assert len(pre) == len(grad_input) == len(grad_output) == 1


def test_backward_hooks_run_without_a_derivative_by_the_input():
    seen = []
    net = Affine()
    net.register_backward_hook(lambda cell, grad_input, grad_output: seen.append(grad_output[0].tolist()))
    (by_b,) = ms.grad(lambda x: ops.sum(net(x) * 2.0), None, net.trainable_params())(X)
    assert seen == [[2.0, 2.0]]
    assert_same(by_b, Tensor([2.0, 2.0]))


def test_backward_hooks_do_not_run_without_a_derivative():
    net = Affine()
    net.register_backward_hook(lambda *_: pytest.fail("no derivative was asked for"))
    assert_same(net(X), Tensor([3.0, 6.0]))


def hooked():
    net = Affine()
    net.register_backward_pre_hook(lambda cell, grad_output: (grad_output[0] * 5.0,))
    net.register_backward_hook(lambda cell, grad_input, grad_output: grad_input[0] * 10.0 + grad_output[0])
    return net


def loss_of(net):
    return lambda x: ops.sum(net(x) * 2.0)


# With 2 for the loss and 5 from the pre hook, 10 reaches the outputs; 3 * 10 * 10 + 10 the inputs.
BY_X, BY_B = Tensor([310.0, 310.0]), Tensor([10.0, 10.0])


@pytest.mark.parametrize(
    "differentiate",
    [
        lambda net: ms.grad(loss_of(net), 0, net.trainable_params()),
        lambda net: ms.ir.staged(ms.grad(loss_of(net), 0, net.trainable_params())),
        lambda net: ms.grad(ms.ir.staged(loss_of(net)), 0, net.trainable_params()),
    ],
    ids=["eager", "graph of the gradient", "gradient of the graph"],
)
def test_backward_hooks_may_replace_gradients(differentiate):
    net = hooked()
    by_x, (by_b,) = differentiate(net)(X)
    assert_same(by_x, BY_X)
    assert_same(by_b, BY_B)


def test_backward_hooks_under_vmap():
    net = hooked()
    rows = ops.stack((X, X + 1.0))
    assert_same(ms.vmap(ms.grad(loss_of(net)))(rows), ops.stack((BY_X, BY_X)))
    assert_same(ms.grad(lambda x: ops.sum(ms.vmap(loss_of(net))(x)))(rows), ops.stack((BY_X, BY_X)))
    assert_same(ms.vmap(ms.grad(ms.ir.staged(loss_of(net))))(rows), ops.stack((BY_X, BY_X)))


def test_backward_hooks_of_nested_cells():
    order = []
    inner, outer = nn.ReLU(), nn.SequentialCell(nn.Tanh())
    outer.append(inner)
    inner.register_backward_hook(lambda *_: order.append("inner"))
    outer.register_backward_hook(lambda *_: order.append("outer"))
    ms.grad(lambda x: ops.sum(outer(x)))(X)
    assert order == ["inner", "outer"]


def test_backward_hooks_of_a_cell_that_is_called_twice():
    seen = []
    net = Affine()
    net.register_backward_hook(lambda cell, grad_input, grad_output: seen.append(grad_output[0].tolist()))
    ms.grad(lambda x: ops.sum(net(net(x))))(X)
    assert seen == [[1.0, 1.0], [3.0, 3.0]]


def test_backward_hooks_with_several_inputs_and_outputs_some_of_which_are_integers():
    class Several(nn.Cell):
        def construct(self, x, index, y):
            return x * y, index, y * 2.0

    seen = []
    net = Several()
    net.register_backward_hook(lambda cell, grad_input, grad_output: seen.append((grad_input, grad_output)))

    def loss(x, y):
        product, _, double = net(x, Tensor([0, 1]), y)
        return ops.sum(product) + ops.sum(double)

    by_x, by_y = ms.grad(loss, (0, 1))(X, X * 10.0)
    assert_same(by_x, Tensor([10.0, 20.0]))
    assert_same(by_y, Tensor([3.0, 4.0]))
    (grad_input, grad_output) = seen[0]
    assert [g.tolist() for g in grad_input] == [[10.0, 20.0], [3.0, 4.0]]
    assert [g.tolist() for g in grad_output] == [[1.0, 1.0], [1.0, 1.0]]


def test_a_hook_that_returns_another_number_of_gradients_is_refused():
    net = Affine()
    net.register_backward_hook(lambda cell, grad_input, grad_output: (grad_input[0], grad_input[0]))
    with pytest.raises(ValueError, match="2 gradients returned, expected 1"):
        ms.grad(loss_of(net))(X)


def test_copies_have_hooks_of_their_own():
    net = Affine()
    handle = net.register_forward_hook(lambda cell, inputs, output: output * 2)
    twin = copy.deepcopy(net)
    handle.remove()
    assert_same(net(X), Tensor([3.0, 6.0]))
    assert_same(twin(X), Tensor([6.0, 12.0]))


def test_second_derivative_through_a_cell_with_hooks():
    net = nn.SequentialCell(nn.Tanh())
    plain = ms.grad(ms.grad(lambda x: ops.sum(nn.Tanh()(x))))(Tensor(0.3)).item()
    net.register_backward_hook(lambda *_: None)
    assert ms.grad(ms.grad(lambda x: ops.sum(net(x))))(Tensor(0.3)).item() == pytest.approx(plain)
