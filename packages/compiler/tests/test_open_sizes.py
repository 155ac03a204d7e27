"""One graph for many sizes."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, nn, ops
from lamella.types import parse_type
from lamella_compiler.open_sizes import admits, differing_axes, opened


def misses(fn) -> int:
    return ms.jit_cache_info(fn).misses


def rows(n: int, columns: int = 3) -> Tensor:
    return Tensor(np.random.default_rng(n).standard_normal((n, columns)).astype(np.float32))


def test_sizes_in_which_calls_differ_are_left_open():
    def fn(x, y):
        return (x @ y.T).sum(0), x.shape[0] * x, x.mean(0), ops.concat((x, x)).reshape(-1)

    run = ms.jit(fn, dynamic=1)
    for n in (4, 7, 9, 12):
        for mine, theirs in zip(run(rows(n), rows(5)), fn(rows(n), rows(5)), strict=True):
            np.testing.assert_allclose(mine.asnumpy(), theirs.asnumpy(), 1e-5, 1e-5)
    assert misses(run) == 2  # one for 4, one for all others


def test_sizes_0_and_1_have_graphs_of_their_own():
    run = ms.jit(lambda x: x.sum(0) + x.shape[0], dynamic=1)
    for n in (4, 5, 1, 0, 6):
        assert run(rows(n)).shape == (3,)
        np.testing.assert_allclose(run(rows(n)).asnumpy(), rows(n).asnumpy().sum(0) + n, 1e-5, 1e-5)
    assert misses(run) == 4


def test_axes_of_one_size_are_one_size():
    def loss(x, label):
        return ops.cross_entropy(x, label)

    run = ms.jit(
        loss, input_signature=(Tensor(shape=[None, 3], dtype=ms.float32), Tensor(shape=[None], dtype=ms.int32))
    )
    for n in (4, 6, 8):
        label = Tensor(np.arange(n) % 3, ms.int32)
        np.testing.assert_allclose(run(rows(n), label).asnumpy(), loss(rows(n), label).asnumpy(), 1e-5)
    assert misses(run) == 1


def test_axes_that_turn_out_to_differ_get_another_graph():
    signature = (Tensor(shape=[None, 3], dtype=ms.float32), Tensor(shape=[None, 3], dtype=ms.float32))
    run = ms.jit(lambda x, y: ops.concat((x, y)).sum(0), input_signature=signature)
    for n, m in ((4, 4), (5, 5), (4, 6), (7, 9)):
        expected = np.concatenate([rows(n).asnumpy(), rows(m).asnumpy()]).sum(0)
        np.testing.assert_allclose(run(rows(n), rows(m)).asnumpy(), expected, 1e-5, 1e-5)
    assert misses(run) == 2


def test_arguments_that_are_not_as_described():
    run = ms.jit(lambda x: x * 2, input_signature=Tensor(shape=[None, 3], dtype=ms.float32))
    for wrong in (ops.ones((2, 4)), ops.ones((2, 3), ms.int32), ops.ones(3)):
        with pytest.raises(TypeError, match=r"input_signature.*float32\[axis0, 3\]"):
            run(wrong)
    with pytest.raises(TypeError, match="describe the arguments"):
        ms.jit(lambda x: x, input_signature=(3,))


def test_what_was_assumed_of_sizes_is_looked_at():
    def fn(x):
        return x[:4] if x.shape[0] >= 4 else x * 10

    run = ms.jit(fn, dynamic=1)
    for n in (8, 6, 5, 3, 2, 7):
        np.testing.assert_allclose(run(rows(n)).asnumpy(), fn(rows(n)).asnumpy())


def test_inputs_of_a_cell(graph_mode):
    net = nn.SequentialCell(nn.Dense(3, 4), nn.ReLU(), nn.Dense(4, 2))
    net.set_inputs(Tensor(shape=[None, 3], dtype=ms.float32))
    for n in (4, 6, 9):
        assert net(rows(n)).shape == (n, 2)
    assert misses(net) == 1


def test_gradients_and_loops():
    def fn(x):
        total = x[0] * 0
        for row in x:
            total = ops.tanh(total + row)
        return total.sum()

    gradient = ms.jit(ms.grad(fn), dynamic=1)
    for n in (3, 4, 5, 6):
        np.testing.assert_allclose(gradient(rows(n)).asnumpy(), ms.grad(fn)(rows(n)).asnumpy(), 1e-4, 1e-5)


def test_a_tensor_that_describes_others_has_no_numbers():
    described = Tensor(shape=[None, 3], dtype=ms.float32)
    assert described.dtype is ms.float32 and len(described.shape) == 2 and described.shape[1] == 3
    with pytest.raises(TypeError, match="describes others"):
        described + 1
    with pytest.raises(ValueError, match="shape"):
        Tensor(shape=[-1, 3])
    with pytest.raises(TypeError, match="no data"):
        Tensor()


def test_which_axes_are_open():
    one, other = [
        [parse_type(t) for t in texts] for texts in (("float32[4, 3]", "int8[4]"), ("float32[5, 3]", "int8[4]"))
    ]
    axes = differing_axes(one, other)
    assert axes == [frozenset({0}), frozenset()]
    assert [str(t) for t in opened(other, axes)] == ["float32[n0, 3]", "int8[4]"]
    assert differing_axes(one, [parse_type("float64[4, 3]"), one[1]]) is None
    assert admits(opened(other, axes), [], other) and not admits(opened(other, axes), [], one[:1])


def test_sizes_that_the_function_compares():
    def fn(x):
        if x.shape[0] == 6 or x.shape == (8, 3):
            return x * 10
        return x * 2 if x.shape[0] != 9 else x

    run = ms.jit(fn, dynamic=1)
    for n in (4, 5, 6, 7, 8, 9, 10):
        np.testing.assert_allclose(run(rows(n)).asnumpy(), fn(rows(n)).asnumpy())
    assert misses(run) == 5


def test_sizes_among_the_results_are_ints():
    run = ms.jit(lambda x: (x.shape, x.shape[0] * 2 + 1, x * 2), dynamic=1)
    for n in (4, 5, 6):
        shape, odd, _ = run(rows(n))
        assert shape == (n, 3) and odd == 2 * n + 1 and type(odd) is int
