from __future__ import annotations

import gc
import math
import sys
import threading
import weakref

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, ir, nn, ops


def test_a_staged_function_inside_another_shares_its_state():
    state = Parameter(Tensor([1.0]), name="state")

    @ir.staged
    def inner(x):
        state.assign_value(state + x)
        return state * 2

    @ir.staged
    def outer(x):
        return inner(x) + inner(x) + state

    assert outer(Tensor([1.0])).tolist() == [13.0] and state.tolist() == [3.0]
    assert outer(Tensor([1.0])).tolist() == [23.0] and state.tolist() == [5.0]


def test_an_inner_staged_function_may_read_tensors_of_the_outer():
    outer = ir.staged(lambda x: ir.staged(lambda y: x * y)(x + 1))
    assert outer(Tensor(2.0)).item() == 6.0


@pytest.mark.parametrize("alias", ["two arguments", "argument and captured"])
def test_a_changed_tensor_that_comes_in_two_ways_is_refused(alias):
    p = Parameter(Tensor([1.0, 2.0]), name="p")

    def change_first(a, b):
        a.assign_value(a + 1)
        return b * 1

    def change_captured(a, b):
        p.assign_value(p + 1)
        return a + b

    run = ir.staged(change_first if alias == "two arguments" else change_captured)
    second = p if alias == "two arguments" else Tensor([0.0, 0.0])
    with pytest.raises(ValueError, match="in place twice"):
        run(p, second)
    assert p.tolist() == [1.0, 2.0]
    run(p.copy(), second.copy())


def test_a_tensor_that_is_only_read_may_come_twice():
    x = Tensor([1.0, 2.0])
    assert ir.staged(lambda a, b: a * b + x)(x, x).tolist() == [2.0, 6.0]


def test_minus_zero_is_another_constant_than_zero():
    inverse = ir.staged(lambda x, s: 1.0 / (x * s))
    assert inverse(Tensor(1.0), 0.0).item() == math.inf
    assert inverse(Tensor(1.0), -0.0).item() == -math.inf


def test_nan_as_a_constant_is_staged_once():
    traced = []
    run = ir.staged(lambda x, s: traced.append(s) or x * s)
    for _ in range(3):
        assert np.isnan(run(Tensor(1.0), float("nan")).item())
    assert len(traced) == 1


def test_an_argument_that_cannot_be_a_key_is_refused_by_name():
    @ir.staged
    def double(x):
        return x * 2

    with pytest.raises(TypeError, match=r"staged function double: got an argument of type ndarray.*lamella\.Tensor"):
        double(np.zeros(2))


def test_a_method_can_be_staged():
    class Scale(nn.Cell):
        def __init__(self, weight):
            super().__init__()
            self.weight = Parameter(Tensor(weight), name="weight")

        @ir.staged
        def construct(self, x):
            return x * self.weight

    assert [Scale(2.0)(Tensor(1.0)).item(), Scale(5.0)(Tensor(1.0)).item()] == [2.0, 5.0]


def test_a_staged_function_does_not_keep_the_first_values_of_what_it_reads():
    p = Parameter(Tensor(np.zeros(1000, np.float32)), name="p")
    first = weakref.ref(p._value)
    run = ir.staged(lambda x: p * x)
    run(Tensor(1.0))
    p.assign_value(p + 1)
    gc.collect()
    assert first() is None
    assert ops.sum(run(Tensor(2.0))).item() == 2000.0


def test_an_optimizer_runs_inside_a_staged_step():
    def trained(wrap):
        w = Parameter(Tensor([1.0, 2.0]), name="w")
        optimizer = nn.Adam([w], 0.1)
        gradient = ms.grad(lambda x: (w * x).sum() ** 2, None, [w])
        step = wrap(lambda x: optimizer(gradient(x)))
        for _ in range(3):
            step(Tensor([1.0, 1.0]))
        return w.asnumpy()

    np.testing.assert_allclose(trained(ir.staged), trained(lambda step: step), rtol=1e-6)


def test_another_thread_never_reads_memory_that_is_being_overwritten():
    interval = sys.getswitchinterval()
    w = Parameter(Tensor(np.zeros(200_000, np.float32)), name="w")
    torn, done = [], threading.Event()

    @ir.staged
    def run(x):
        w.assign_value(w + x)

    def read():
        while not done.is_set():
            seen = (w * 1.0).asnumpy()
            torn.append(bool(seen.min() != seen.max()))

    sys.setswitchinterval(1e-6)
    try:
        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(600):
            run(Tensor(1.0))
    finally:
        sys.setswitchinterval(interval)
        done.set()
        reader.join()
    assert torn and not any(torn) and w[0].item() == 600.0


def test_a_tensor_that_gets_its_value_back_counts_as_unchanged():
    w = Parameter(Tensor([2.0]), name="w")
    before = w._value
    assert ir.staged(ms.grad(lambda x: w * x, None, w))(Tensor(3.0)).tolist() == [3.0]
    assert w._value is before


def test_a_tensor_that_gets_another_s_value_is_changed_even_if_both_begin_with_one_value():
    p = Parameter(Tensor([1.0]), name="p")
    q = Parameter(p, name="q")

    @ir.staged
    def follow(x):
        q.assign_value(p)
        return x

    follow(Tensor(1.0))
    p.assign_value(Tensor([5.0]))
    follow(Tensor(1.0))
    assert q.tolist() == [5.0]


def test_an_array_that_became_a_tensor_is_not_written_to():
    own = np.zeros(5000, np.float32)
    w = Parameter(Tensor.from_numpy(own), name="w")
    run = ir.staged(lambda x: w.assign_value(w + x) is None)
    run(Tensor(1.0))
    run(Tensor(1.0))
    assert own[0] == 0.0 and w[0].item() == 2.0
    other = Tensor.from_numpy(own)
    ir.staged(lambda x: x.assign_value(x + 5))(other)
    assert own[0] == 0.0 and other[0].item() == 5.0
