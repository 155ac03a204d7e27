"""All passes together."""

from __future__ import annotations

import time

import numpy as np
import pytest

import lamella as ms
from lamella import ir, ops
from lamella.ir import pipeline
from lamella.ir.execute import execute
from lamella.testing.test_programs import SHAPE, RandomProgram, arrays
from lamella.types import parse_type
from lamella_compiler.passes import PASSES, ROUNDS, simplify

TYPES = [ir.TensorType(ms.float64, SHAPE)] * 2


@pytest.fixture(autouse=True)
def verified(monkeypatch):
    monkeypatch.setattr(pipeline, "verifying", True)


def run(graph):
    return ir.verify(pipeline.run(graph, PASSES, "test", ROUNDS))


@pytest.mark.parametrize("block", range(5))
def test_random_programs_and_their_derivatives(block):
    for seed in range(block, 60, 5):
        program = RandomProgram(seed)
        for fn in (program, ms.grad(lambda x, y, f=program: f(x, y) * 1.0, (0, 1))):
            graph = ir.build(fn, *TYPES)
            result = run(graph)
            for mine, theirs in zip(execute(result, arrays(seed)), execute(graph, arrays(seed)), strict=True):
                np.testing.assert_allclose(mine, theirs, 1e-10, 1e-10, err_msg=f"program {seed}")


def test_second_derivatives_of_random_programs():
    for seed in range(60, 75):
        program = RandomProgram(seed)
        second = ms.grad(lambda x, y, f=program: ms.grad(lambda x: f(x, y) * 1.0)(x) * x, (0, 1))
        graph = ir.build(second, *TYPES)
        for mine, theirs in zip(execute(run(graph), arrays(seed)), execute(graph, arrays(seed)), strict=True):
            np.testing.assert_allclose(mine, theirs, 1e-9, 1e-9, err_msg=f"program {seed}")


def test_running_them_again_finds_nothing():
    for seed in range(20):
        result = run(ir.build(RandomProgram(seed), *TYPES))
        assert run(result) is result


def test_open_sizes():
    def fn(x):
        y = ops.softmax(x.reshape(-1, 4), 1) * 1 + 0
        return ops.concat((y, y * 2), 0).sum(0), x.shape[0] * y

    for kind in ("float32[n, 4]", "float32[n, 8]"):
        graph = ir.build(fn, parse_type(kind))
        result = run(graph)
        x = np.random.default_rng(0).standard_normal((6, int(kind[-2]))).astype(np.float32)
        for mine, theirs in zip(execute(result, [x]), execute(graph, [x]), strict=True):
            np.testing.assert_allclose(mine, theirs, 1e-6)


def test_equal_nodes_become_one():
    graph = ir.build(lambda x: ops.exp(x) + ops.exp(x) * ops.exp(x + 0), ir.TensorType(ms.int64, ()))
    assert [n.op.name for n in run(graph).nodes].count("exp") == 1


def test_draws_from_one_state_become_one_and_others_stay():
    generator = ms.Generator(1)
    graph = ir.build(lambda: (ops.rand(2, generator=generator), ops.rand(2, generator=generator)))
    assert [n.op.name for n in run(graph).nodes].count("random_bits") == 2


def test_effects_keep_number_and_order(capsys):
    def fn(x):
        for _ in range(2):
            ops.print_("a", x)
        ops.cond(x > 0, lambda x: (ops.print_("b"), x)[1], lambda x: x, x)
        ops.print_("a", x)
        return x

    graph = run(ir.build(fn, ir.TensorType(ms.float32, ())))
    execute(graph, [np.float32(1)])
    assert capsys.readouterr().out.split("\n")[:-1] == ["a 1.0", "a 1.0", "b", "a 1.0"]


def test_time_grows_in_proportion_to_the_graph():
    def chain(x, n):
        for _ in range(n):
            x = ops.tanh(x * 0.5 + 1) + x
        return x

    graphs = [ir.build(lambda x, n=n: chain(x, n), ir.TensorType(ms.float32, (4,))) for n in (500, 4000)]

    def seconds(graph):
        start = time.perf_counter()
        pipeline.run(graph, (simplify,), "test")
        return time.perf_counter() - start

    small, large = (min(seconds(graph) for _ in range(4)) / len(graph.nodes) for graph in graphs)
    assert large < 6 * small
