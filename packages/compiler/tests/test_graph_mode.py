"""GRAPH_MODE: programs as they are, with the same numbers as op by op."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, nn, ops

RNG = np.random.default_rng(0)
X = RNG.standard_normal((64, 4)).astype(np.float32)
Y = (X.sum(1, keepdims=True) > 0).astype(np.float32)


def in_both_modes(program):
    """What a program gives op by op, and in GRAPH_MODE."""
    results = []
    for mode in (ms.PYNATIVE_MODE, ms.GRAPH_MODE):
        ms.set_seed(1)
        ms.set_context(mode=mode)
        try:
            results.append(program())
        finally:
            ms.set_context(mode=ms.PYNATIVE_MODE)
    return results


def network():
    return nn.SequentialCell(nn.Dense(4, 8), nn.Tanh(), nn.Dropout(p=0.2), nn.Dense(8, 1), nn.Sigmoid())


def test_the_default_is_op_by_op():
    assert ms.get_context("mode") == ms.PYNATIVE_MODE


def test_a_training_loop_of_gradients_and_optimizer():
    def program():
        net, loss_fn = network(), nn.MSELoss()
        optimizer = nn.Adam(net.trainable_params(), 0.02)
        step = ms.value_and_grad(lambda x, y: loss_fn(net(x), y), None, optimizer.parameters)
        net.set_train()
        losses = []
        for i in range(0, 64, 16):
            loss, gradients = step(Tensor(X[i : i + 16]), Tensor(Y[i : i + 16]))
            optimizer(gradients)
            losses.append(loss.item())
        net.set_train(False)
        return [*losses, net(Tensor(X)).sum().item()]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-5)


def test_a_cell_that_makes_a_step():
    def program():
        net = nn.WithLossCell(network(), nn.MSELoss())
        step = nn.TrainOneStepCell(net, nn.Momentum(net.trainable_params(), 0.1, 0.9)).set_train()
        return [step(Tensor(X), Tensor(Y)).item() for _ in range(10)]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-5)
    assert graph[-1] < graph[0]


def test_model_trains_evaluates_and_predicts():
    def program():
        net = network()
        data = [(X[i : i + 16], Y[i : i + 16]) for i in range(0, 64, 16)]
        model = ms.Model(net, nn.MSELoss(), nn.SGD(net.trainable_params(), 0.1), metrics={"mse", "loss"})
        model.fit(3, data, data)
        values = model.eval(data)
        return [values["mse"], values["loss"], model.predict(Tensor(X)).sum().item()]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-5)


def test_making_a_gradient_again_compiles_nothing_new(graph_mode):
    net = nn.Dense(3, 1)
    x = ops.ones((2, 3))
    for _ in range(3):
        ms.grad(net)(x)
        ms.value_and_grad(net, None, net.trainable_params())(x)
        ms.grad(lambda x: net(x), 0)(x)  # a new function each time
        ms.grad(net.construct)(x)
    assert ms.jit_cache_info(net).misses == 3


def test_transforms_of_every_kind(graph_mode):
    def fn(x):
        return ops.sin(x) * x

    x = Tensor([0.3, 1.0])
    slope = np.cos(x.asnumpy()) * x.asnumpy() + np.sin(x.asnumpy())
    np.testing.assert_allclose(ms.grad(fn)(x).asnumpy(), slope, 1e-6)
    np.testing.assert_allclose(ms.vmap(ms.grad(fn))(x).asnumpy(), slope, 1e-6)
    np.testing.assert_allclose(ms.jacrev(fn)(x).asnumpy(), np.diag(slope), 1e-6)
    np.testing.assert_allclose(ms.jacfwd(fn)(x).asnumpy(), np.diag(slope), 1e-6)
    np.testing.assert_allclose(ms.jvp(fn, x, ops.ones_like(x))[1].asnumpy(), slope, 1e-6)
    value, pull = ms.vjp(fn, x)
    np.testing.assert_allclose(pull(ops.ones_like(value))[0].asnumpy(), slope, 1e-6)
    gradient = ops.GradOperation(get_all=True)(fn)(x)
    np.testing.assert_allclose(gradient[0].asnumpy(), slope, 1e-6)


def test_a_cell_under_a_tape_and_vmap(graph_mode):
    net = nn.Dense(3, 2)
    x = Tensor(RNG.standard_normal((5, 3)).astype(np.float32))
    value, pull = ms.vjp(net, x, weights=net.trainable_params())
    _, by_weight = pull(ops.ones_like(value))
    np.testing.assert_allclose(by_weight[0].asnumpy(), np.ones((5, 2)).T @ x.asnumpy(), 1e-5)
    np.testing.assert_allclose(ms.vmap(net)(x).asnumpy(), net(x).asnumpy(), 1e-5)


def test_control_flow_on_tensors_with_state():
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.count = Parameter(Tensor(0), name="count")
            self.w = Parameter(Tensor(1.5), name="w")

        def construct(self, x):
            while x < 100:
                x = x * self.w
                self.count += 1
            if x > 120:
                return x / 2
            return x

    def program():
        net = Net()
        values = [net(Tensor(v)).item() for v in (3.0, 50.0, 500.0)]
        return [*values, net.count.item(), ms.grad(net)(Tensor(3.0)).item()]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-6)


def test_a_training_loop_that_runs_until_the_loss_is_small():
    def program():
        w = Parameter(Tensor([2.0, -3.0]), name="w")
        target = Tensor([0.5, 1.0])

        def loss_of(x):
            return ((w * x - target) ** 2).sum()

        def train(x, rate):
            loss, steps = loss_of(x), Tensor(0)
            while loss > 1e-3:
                loss, gradients = ms.value_and_grad(loss_of, None, [w])(x)
                w.assign_value(w - rate * gradients[0])
                steps = steps + 1
            return loss, steps

        run = train if ms.get_context("mode") == ms.PYNATIVE_MODE else ms.jit(train)
        loss, steps = run(Tensor([1.0, 2.0]), 0.1)
        return [loss.item(), steps.item(), *w.tolist()]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-4)
    assert eager[1] > 5


def test_hooks_and_derivatives_of_their_own():
    class Clipped(nn.Cell):
        def construct(self, x):
            return x * x

        def bprop(self, x, out, dout):
            return (ops.clip_by_value(dout * x, -1.0, 1.0),)

    def program():
        net = Clipped()
        seen = []
        net.register_backward_hook(lambda cell, grads, dout: (grads[0] * 3,))
        net.register_forward_hook(lambda cell, args, out: out + 1)
        net.register_forward_pre_hook(lambda cell, args: (args[0] * 2,))
        x = Tensor([0.1, 5.0])
        return [*net(x).tolist(), *ms.grad(net)(x).tolist(), *seen]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-6)


def test_random_draws_go_on_and_repeat():
    def program():
        net = nn.Dropout(p=0.5).set_train()
        x = ops.ones((50,))
        first, second = net(x).tolist(), net(x).tolist()
        ms.set_seed(1)
        return [first, second, net(x).tolist()]

    eager, graph = in_both_modes(program)
    assert eager == graph and graph[0] == graph[2] and graph[0] != graph[1]


def test_running_statistics_and_train_mode():
    def program():
        net = nn.SequentialCell(nn.BatchNorm1d(4), nn.Dense(4, 1))
        net.set_train()
        for _ in range(3):
            net(Tensor(X))
        net.set_train(False)
        return [*net(Tensor(X)).asnumpy().ravel(), *net[0].moving_mean.tolist()]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-4, 1e-5)


def test_recurrent_networks():
    def program():
        net = nn.LSTM(4, 5, num_layers=2, bidirectional=True)
        x = Tensor(RNG.standard_normal((3, 2, 4)).astype(np.float32) * 0 + 0.3)
        out, (h, c) = net(x)
        gradients = ms.grad(lambda x: net(x)[0].sum(), None, net.trainable_params())(x)
        return [*out.asnumpy().ravel(), h.sum().item(), c.sum().item(), *[g.sum().item() for g in gradients]]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-4, 1e-5)


def test_recursion_ends_or_is_an_error(graph_mode):
    def power(x, n):
        return x if n == 0 else power(x * 2, n - 1)

    assert ms.jit(power)(Tensor(1.0), 8).item() == 256.0

    def endless(x):
        return endless(x + 1)

    with pytest.raises(Exception, match=r"recursion|max_call_depth|call depth"):
        ms.jit(endless)(Tensor(1.0))


def test_deep_networks():
    net = nn.SequentialCell(*[nn.SequentialCell(nn.ReLU(), nn.Tanh()) for _ in range(150)])
    run = ms.jit(net)
    np.testing.assert_allclose(run(Tensor(X)).asnumpy(), net(Tensor(X)).asnumpy(), 1e-5)


def test_bare_ops_run_at_once(graph_mode):
    assert (Tensor(1.0) + 1).item() == 2.0


def test_nothing_is_left_of_a_network_that_dies(graph_mode):
    def use():
        net = nn.WithLossCell(nn.Dense(4, 1), nn.MSELoss())
        step = ms.value_and_grad(net, None, net.trainable_params())
        step(Tensor(X), Tensor(Y))
        net(Tensor(X), Tensor(Y))
        forms = list(vars(net)["_lamella_compiled"].values())
        assert len(forms) == 2
        graphs = [form._entries[0].program.graph for form in forms]
        return [weakref.ref(x) for x in (net, net._backbone.weight, *forms, *graphs)]

    use()
    alive = use()
    gc.collect()
    assert [ref() for ref in alive] == [None] * len(alive)


def test_copies_of_a_network_are_compiled_for_themselves(graph_mode):
    net = nn.Dense(4, 1)
    expected = net(Tensor(X)).asnumpy()
    twin = copy.deepcopy(net)
    twin.weight.set_data(twin.weight * 0)
    assert not np.allclose(twin(Tensor(X)).asnumpy(), expected)
    np.testing.assert_allclose(net(Tensor(X)).asnumpy(), expected)
    again = pickle.loads(pickle.dumps(net))
    np.testing.assert_allclose(again(Tensor(X)).asnumpy(), expected)


def test_checkpoints_of_a_compiled_network(graph_mode, tmp_path):
    net = nn.Dense(4, 1)
    expected = net(Tensor(X)).asnumpy()
    ms.save_checkpoint(net, str(tmp_path / "net.ckpt"))
    other = nn.Dense(4, 1)
    other(Tensor(X))
    ms.load_param_into_net(other, ms.load_checkpoint(str(tmp_path / "net.ckpt")))
    np.testing.assert_allclose(other(Tensor(X)).asnumpy(), expected)
    assert ms.jit_cache_info(other).misses == 1


def test_a_vjp_is_a_pair_of_graphs():
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.w = Parameter(Tensor([2.0, 3.0]), name="w")
            self.calls = Parameter(Tensor(0), name="calls", requires_grad=False)
            self.dropout = nn.Dropout(p=0.5).set_train()

        def construct(self, x, extra):
            self.calls += 1
            y = self.dropout(x["a"] * self.w) + x["b"][0]
            while y.sum() < 50:
                y = y * 2
            return (y, y.sum()), extra

    def program():
        net = Net()
        x = {"a": Tensor([1.0, 2.0]), "b": (Tensor([5.0, 1.0]),)}
        found = []
        for _ in range(2):
            (y, total), pull, (extra,) = ms.vjp(
                lambda x: net(x, "text"), x, weights=net.trainable_params(), has_aux=True
            )
            net.w.set_data(net.w + 1)  # the derivative is that at the value before
            for scale in (1.0, 3.0):
                ((by_x,), (by_w,)) = pull((ops.ones_like(y) * scale, Tensor(1.0)))
                found += [*y.tolist(), total.item(), *by_x["a"].tolist(), *by_x["b"][0].tolist(), *by_w.tolist()]
            assert extra == "text"
        return [*found, net.calls.item()]

    eager, graph = in_both_modes(program)
    np.testing.assert_allclose(graph, eager, 1e-5)


def test_a_vjp_is_differentiated_and_compiled_once(graph_mode):
    def cube(x):
        return x**3

    def slope(x):
        _, pull = ms.vjp(cube, x)
        return pull(ops.ones_like(x))[0]

    assert slope(Tensor(2.0)).item() == 12.0 and slope(Tensor(3.0)).item() == 27.0
    assert ms.jit_cache_info(cube).misses == 1
    assert ms.grad(slope)(Tensor(2.0)).item() == 12.0
    with pytest.raises(ValueError, match="cotangents"):
        ms.vjp(cube, Tensor(1.0))[1](Tensor(1.0), Tensor(2.0))
    with pytest.raises(TypeError, match="only stored"):
        ms.vjp(cube, Tensor(1).astype("int4"))
