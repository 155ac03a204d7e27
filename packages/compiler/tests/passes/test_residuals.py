from __future__ import annotations

import numpy as np

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ir import pipeline
from lamella.ir.execute import execute
from lamella_compiler.passes import PASSES, ROUNDS, simplify
from lamella_compiler.passes.dead import prune
from lamella_compiler.passes.residuals import keep_residuals

F = ir.TensorType(ms.float32, ())
M = ir.TensorType(ms.float64, (3, 3))


def gradient(fn, *types):
    """The optimized graph of a gradient; it gives what the plain one gives."""
    graph = ir.build(ms.grad(fn, tuple(range(len(types)))), *types)
    result = ir.verify(pipeline.run(graph, PASSES, "test", ROUNDS))
    arrays = [np.asarray(np.random.default_rng(i).uniform(-1, 1, t.shape), t.dtype.numpy) for i, t in enumerate(types)]
    for mine, theirs in zip(execute(graph, arrays), execute(result, arrays), strict=True):
        np.testing.assert_allclose(mine, theirs, 1e-6)
    return result


def count(graph, name):
    return [n.op.name for _, n in graph.walk()].count(name)


def test_a_scan_keeps_its_products_and_exponentials():
    def fn(x, w):
        return ops.scan(lambda c, _: (ops.tanh(c @ w) * 0.5, None), x, None, length=3)[0]

    graph = gradient(fn, M, M)
    assert count(graph, "tanh") == 1
    assert count(graph, "dot_general") == 3  # forward, and one for each operand's gradient
    assert "tanh" not in [n.op.name for n in graph.nodes[-1].attrs.get("body", ir.Graph("none")).nodes]


def test_cheap_values_are_computed_again():
    def fn(x):
        return ops.scan(lambda c, _: (c * c + 1, None), x, None, length=3)[0]

    graph = gradient(fn, F)
    forward, _ = [n for n in graph.nodes if n.op.name == "scan"]
    assert len(forward.outputs) == 2  # the carry, and the carries that were saved


def test_carries_nobody_needs_any_more_are_not_saved():
    def fn(x):
        return ops.scan(lambda c, _: (ops.tanh(c), None), x, None, length=3)[0]

    graph = gradient(fn, F)
    forward, _ = [n for n in graph.nodes if n.op.name == "scan"]
    assert forward.attrs["save"] is False and count(graph, "tanh") == 1


def test_results_along_the_way_and_items():
    def fn(x, w):
        _, ys = ops.scan(lambda c, t: (ops.sin(c + t @ w), ops.exp(c * t)), x, ops.stack([x, w, x]), reverse=True)
        return ys

    graph = gradient(fn, M, M)
    assert count(graph, "sin") == 1 and count(graph, "cos") == 1


def test_branches_keep_too():
    def fn(x, w):
        return ops.cond(x.sum() > 0, lambda x, w: ops.exp(x @ w), lambda x, w: ops.sigmoid(x + w), x, w)

    graph = gradient(fn, M, M)
    assert count(graph, "exp") == 1 and count(graph, "sigmoid") == 1
    for sign in (1, -1):
        arrays = [np.full((3, 3), 0.3 * sign), np.eye(3)]
        plain = ir.build(ms.grad(fn, (0, 1)), M, M)
        for mine, theirs in zip(execute(graph, arrays), execute(plain, arrays), strict=True):
            np.testing.assert_allclose(mine, theirs, 1e-12)


def test_second_derivatives():
    def fn(x):
        return ops.scan(lambda c, _: (ops.tanh(c), None), x, None, length=3)[0]

    graph = gradient(ms.grad(fn), F)
    assert graph.nodes


def test_loops_with_a_run_time_trip_count_keep_their_carries():
    def fn(x):
        return ops.while_loop(lambda c: c < 5, lambda c: ops.exp(c) + c, x)

    assert count(gradient(fn, F), "exp") == 2


def test_loops_in_branches_in_loops():
    def fn(x):
        def step(c, t):
            c = ops.cond(c > t, lambda c: ops.sin(c) * 2, lambda c: ops.exp(c), c)
            return ops.scan(lambda d, _: (ops.tanh(d), None), c, None, length=2)[0], c

        last, ys = ops.scan(step, x, Tensor([0.1, 0.5, -1.0]))
        return last + ys.sum()

    gradient(fn, F)


def test_graphs_without_derivatives_of_loops_are_given_back():
    graph = prune(simplify(ir.build(lambda x: ops.scan(lambda c, _: (ops.exp(c), c), x, None, length=2), F)))
    assert keep_residuals(graph) is graph


def test_several_carries_are_not_confused():
    def fn(x, y, w):
        def step(carry, t):
            a, b = carry
            return (ops.tanh(a @ w) + t, ops.tanh(b @ w) * t), ops.sin(a) * ops.cos(b)

        (a, b), ys = ops.scan(step, (x, y), ops.stack([w, x]))
        return a * b + ys.sum(0)

    graph = gradient(fn, M, M, M)
    assert count(graph, "tanh") == 2
