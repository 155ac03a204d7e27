from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_grad, check_graph, check_vmap
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lamella as ms
from lamella import Tensor, ops

X = np.random.default_rng(6).standard_normal((4, 3)).astype(np.float32)
P = np.abs(X) + 0.5
F32 = np.float32

CASES = {
    "log2": (ops.log2, np.log2, P),
    "log10": (ops.log10, np.log10, P),
    "exp2": (ops.exp2, np.exp2, X),
    "trunc": (lambda x: ops.trunc(x * 3), lambda x: np.trunc(x * 3), X),
    "deg2rad": (ops.deg2rad, np.deg2rad, X),
    "rad2deg": (ops.rad2deg, np.rad2deg, X),
    "nan_to_num": (ops.nan_to_num, np.nan_to_num, X),
    "isinf": (lambda x: ops.isinf(x / (x > 0).astype("float32")), lambda x: x <= 0, X),
    "addn": (lambda x: ops.addn((x, x, x)), lambda x: x + x + x, X),
    "lerp": (lambda x: ops.lerp(x, x * 3, 0.25), lambda x: x + F32(0.25) * (x * 3 - x), X),
    "lerp tensor": (lambda x: ops.lerp(1.0, x, x), lambda x: 1 + x * (x - 1), X),
    "addcmul": (lambda x: ops.addcmul(x, x, x[0], 2), lambda x: x + 2 * x * x[0], X),
    "addcdiv": (lambda x: ops.addcdiv(x, x, x[0], 2), lambda x: x + 2 * x / x[0], P),
    "clamp": (lambda x: ops.clamp(x, -0.5, 0.7), lambda x: np.clip(x, F32(-0.5), F32(0.7)), X),
    "clamp tensors": (lambda x: ops.clamp(x, x[0], x[0] + 1), lambda x: np.clip(x, x[0], x[0] + 1), X),
    "clip": (lambda x: ops.clip(x, max=0.1), lambda x: np.minimum(x, F32(0.1)), X),
    "clip_by_value": (lambda x: ops.clip_by_value(x, 0.1), lambda x: np.maximum(x, F32(0.1)), X),
    "clip_by_norm": (lambda x: ops.clip_by_norm(x, 1.0), lambda x: x / F32(np.linalg.norm(x)), X),
    "clip_by_global_norm": (
        lambda x: ops.clip_by_global_norm((x, x * 2), 1.5)[1],
        lambda x: x * 2 * 1.5 / F32(np.linalg.norm(x) * math.sqrt(5)),
        X,
    ),
    "isclose": (lambda x: ops.isclose(x, x + 1e-6 * (x > 0)), lambda x: np.isclose(x, x + 1e-6 * (x > 0)), X),
    "allclose": (lambda x: ops.allclose(x, x), lambda x: np.array(True), X),
}


@pytest.mark.parametrize("name", CASES)
def test_numbers_equal_numpy(name):
    function, expected, x = CASES[name]
    wanted = np.asarray(expected(x))
    assert function(Tensor(x)).asnumpy().dtype == wanted.dtype
    assert_near(function(Tensor(x)), wanted)


@pytest.mark.parametrize("name", [n for n in CASES if n not in ("isinf", "isclose", "allclose", "trunc")])
def test_derivative_equals_differences(name):
    check_grad(CASES[name][0], CASES[name][2])


@pytest.mark.parametrize("name", CASES)
def test_batch_and_graph_equal_eager(name):
    check_vmap(CASES[name][0], CASES[name][2])
    check_graph(CASES[name][0], CASES[name][2])


FLOATS = arrays(F32, st.integers(0, 6), elements=st.floats(width=32) | st.sampled_from([1.0, 1.0 + 1e-6, math.inf]))


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_isclose_equals_numpy(data):
    x = data.draw(FLOATS)
    y = data.draw(arrays(F32, x.shape, elements=st.floats(width=32) | st.sampled_from([1.0, math.inf, math.nan])))
    for equal_nan in (False, True):
        expected = np.isclose(x.astype(np.float64), y.astype(np.float64), equal_nan=equal_nan)
        actual = ops.isclose(Tensor(x).astype("float64"), Tensor(y).astype("float64"), equal_nan=equal_nan)
        assert_same(actual, expected)
    assert ops.allclose(Tensor(x), Tensor(y)).dtype is ms.bool_


@given(arrays(F32, st.integers(0, 6), elements=st.floats(width=32)))
@settings(max_examples=60, deadline=None)
def test_special_numbers_equal_numpy(x):
    with np.errstate(all="ignore"):
        assert_same(ops.isinf(Tensor(x)), np.isinf(x))
        assert_same(ops.trunc(Tensor(x)), np.trunc(x))
        assert_same(ops.nan_to_num(Tensor(x)), np.nan_to_num(x))
        assert_same(ops.clamp(Tensor(x), -1.0, 1.0), np.clip(x, F32(-1), F32(1)))


def test_integers():
    x = Tensor([-3, 0, 3])
    assert_same(ops.clamp(x, -1, 1), np.array([-1, 0, 1]))
    assert_same(ops.clamp(x, -1.5, 1.5), np.array([-1.5, 0, 1.5], F32))
    assert_same(ops.trunc(x), np.array([-3, 0, 3]))
    assert_same(ops.isinf(x), np.zeros(3, bool))
    assert_same(ops.log2(Tensor(8)), F32(3))
    assert_same(ops.isclose(x, x), np.ones(3, bool))


def test_a_clamp_with_crossed_limits_gives_the_upper_one():
    assert ops.clamp(Tensor(0.0), 2.0, 1.0).item() == 1.0


def test_the_derivative_of_clamp_is_one_inside_and_on_the_limits_and_zero_outside():
    assert ms.grad(lambda x: ops.clamp(x, 0.0, 1.0).sum())(Tensor([-1.0, 0.0, 0.5, 1.0, 2.0])).tolist() == [
        0,
        1,
        1,
        1,
        0,
    ]


def test_clip_functions_take_lists():
    parts = ops.clip_by_value([Tensor(5.0), Tensor(-5.0)], -1, 1)
    assert isinstance(parts, list)
    assert [p.item() for p in parts] == [1.0, -1.0]
    parts = ops.clip_by_norm((Tensor([3.0]), Tensor([4.0])), 1.0)
    assert isinstance(parts, tuple)
    assert_near(ops.concat(parts), [0.6, 0.8])


def test_norm_clipping_leaves_small_ones_and_survives_zero():
    x = Tensor([0.3, 0.4])
    assert_same(ops.clip_by_norm(x, 1.0), x)
    assert_same(ops.clip_by_global_norm((x,), 1.0)[0], x)
    assert_same(ops.clip_by_norm(ops.zeros(2), 1.0), np.zeros(2, F32))
    assert_near(ops.clip_by_norm(Tensor([3.0, 4.0]), 1.0, norm_type=math.inf), [0.75, 1.0])
    assert_near(ops.clip_by_global_norm((Tensor([3e4, 4e4]).astype("float16"),), 1.0)[0], [0.6, 0.8], 2e-3)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ops.clamp(Tensor(1.0)), ValueError, "ops.clamp.*no limit"),
        (lambda: ops.addn([]), ValueError, "one shape"),
        (lambda: ops.addn(Tensor([1.0])), TypeError, "tuple or list"),
        (lambda: ops.addn([Tensor([1.0]), Tensor(1.0)]), ValueError, "one shape"),
        (lambda: ops.lerp(Tensor([1.0, 2.0]), Tensor([1.0, 2.0, 3.0]), 0.5), ValueError, "broadcast"),
        (lambda: ops.clip_by_norm([], 1.0), ValueError, "at least one"),
        (lambda: ops.clip_by_norm(Tensor([1]), 1.0), TypeError, "floating-point"),
        (lambda: ops.clip_by_norm(Tensor([math.inf]), 1.0, error_if_nonfinite=True), RuntimeError, "finite"),
        (lambda: ops.clip_by_global_norm(Tensor([1.0])), TypeError, "tuple or list"),
        (lambda: ops.clip_by_global_norm((Tensor([1.0]),), 0.0), ValueError, "above 0"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call()
