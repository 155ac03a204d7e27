"""Observing compiled functions, which then run node by node."""

import numpy as np

import lamella as ms
from lamella import Tensor, nn, ops
from lamella.engine import observing

X = np.linspace(-2, 2, 6, dtype=np.float32).reshape(2, 3)


def test_a_compiled_step_with_state_random_numbers_loops_and_python_effects():
    def outcome(watch):
        ms.set_seed(5)
        net = nn.SequentialCell(nn.Dense(3, 3), nn.Dropout(p=0.5)).set_train()
        optimizer = nn.Momentum(net.trainable_params(), 1e-4, 0.9)
        calls = []

        def loss(x):
            for _ in range(3):
                x = net(x)
            while x.sum() < 1 and ops.abs(x).max() < 100:
                x = x + 1
            return (x * x).sum()

        gradient = ms.value_and_grad(loss, None, optimizer.parameters)

        @ms.jit
        def step(x):
            value, grads = gradient(x)
            optimizer(grads)
            calls.append(len(calls))
            return value

        results = []
        for _ in range(3):
            with observing(watch):
                results.append(step(Tensor(X)).asnumpy())
        assert calls == [0, 1, 2]
        return [*results, *(p.asnumpy() for p in net.get_parameters())]

    seen = []
    watched = outcome(seen.append)
    ms.set_context(mode=ms.PYNATIVE_MODE)
    for a, b in zip(watched, outcome(lambda _: None), strict=True):
        np.testing.assert_array_equal(a, b)
    assert {s.place.part for s in seen if s.place} == {"forward", "backward", "update"}
    assert {"while_loop", "random_bits", "dot_general"} <= {s.op.name for s in seen}
    assert {s.place.file for s in seen if s.place} == {__file__}


def test_graph_mode():
    net = nn.SequentialCell(nn.Dense(3, 3), nn.Tanh())
    eager = net(Tensor(X)).asnumpy()
    slope = ms.grad(lambda x: net(x).sum())(Tensor(X)).asnumpy()
    ms.set_context(mode=ms.GRAPH_MODE)
    try:
        seen = []
        with observing(seen.append):
            y = net(Tensor(X))
            g = ms.grad(lambda x: net(x).sum())(Tensor(X))
            grads = ms.grad(lambda x: ops.cond(x.sum() > 0, ops.sin, ops.cos, x).sum())(Tensor(X))
    finally:
        ms.set_context(mode=ms.PYNATIVE_MODE)
    np.testing.assert_array_equal(y.asnumpy(), eager)
    np.testing.assert_allclose(g.asnumpy(), slope, rtol=1e-6)
    np.testing.assert_allclose(grads.asnumpy(), -np.sin(X), rtol=1e-6)
    assert {"SequentialCell.0", "SequentialCell.1"} <= {s.place.scope for s in seen if s.place}
