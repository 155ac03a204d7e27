from __future__ import annotations

import math

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_grad, check_graph, check_vmap
from scipy.special import logsumexp

import lamella as ms
from lamella import Tensor, ops

RNG = np.random.default_rng(3)
X = RNG.standard_normal((4, 3, 2)).astype(np.float32)
AXES = [None, 0, -1, (0, 2), (0, 1, 2)]

# (function of tensor, axis, keep; the same on arrays)
CASES = {
    "sum": (lambda x, a, k: ops.sum(x, a, k), lambda x, a, k: x.sum(a, keepdims=k)),
    "mean": (lambda x, a, k: ops.mean(x, a, k), lambda x, a, k: x.mean(a, keepdims=k)),
    "prod": (lambda x, a, k: ops.prod(x, a, k), lambda x, a, k: x.prod(a, keepdims=k)),
    "std": (lambda x, a, k: ops.std(x, a, 0, k), lambda x, a, k: x.std(a, keepdims=k)),
    "var": (lambda x, a, k: ops.var(x, a, 1, k), lambda x, a, k: x.var(a, ddof=1, keepdims=k)),
    "std_mean": (lambda x, a, k: ops.std_mean(x, a, True, k)[0], lambda x, a, k: x.std(a, ddof=1, keepdims=k)),
    "var_mean": (lambda x, a, k: ops.var_mean(x, a, 0, k)[1], lambda x, a, k: x.mean(a, keepdims=k)),
    "amax": (lambda x, a, k: ops.amax(x, a, k), lambda x, a, k: x.max(a, keepdims=k)),
    "amin": (lambda x, a, k: ops.amin(x, a, k), lambda x, a, k: x.min(a, keepdims=k)),
    "all": (lambda x, a, k: ops.all(x > -1, a, k), lambda x, a, k: (x > -1).all(a, keepdims=k)),
    "any": (lambda x, a, k: ops.any(x > 1, a, k), lambda x, a, k: (x > 1).any(a, keepdims=k)),
    "logsumexp": (
        lambda x, a, k: ops.logsumexp(x, () if a is None else a, k),
        lambda x, a, k: logsumexp(x, a, keepdims=k),
    ),
    "norm": (lambda x, a, k: ops.norm(x, None, a, k), lambda x, a, k: np.sqrt((x * x).sum(a, keepdims=k))),
    "count_nonzero": (
        lambda x, a, k: ops.count_nonzero(ops.round(x), () if a is None else a, k),
        lambda x, a, k: np.asarray(np.count_nonzero(np.rint(x), a, keepdims=k), np.int32),
    ),
    "reduce_sum": (lambda x, a, k: ops.reduce_sum(x, () if a is None else a, k), lambda x, a, k: x.sum(a, keepdims=k)),
    "reduce_mean": (lambda x, a, k: ops.reduce_mean(x, a, k), lambda x, a, k: x.mean(a, keepdims=k)),
    "reduce_prod": (lambda x, a, k: ops.reduce_prod(x, a, k), lambda x, a, k: x.prod(a, keepdims=k)),
    "reduce_max": (lambda x, a, k: ops.reduce_max(x, a, k), lambda x, a, k: x.max(a, keepdims=k)),
    "reduce_min": (lambda x, a, k: ops.reduce_min(x, a, k), lambda x, a, k: x.min(a, keepdims=k)),
}
RUNNING = {
    "cumsum": (lambda x: ops.cumsum(x, 1), lambda x: x.cumsum(1)),
    "cumprod": (lambda x: ops.cumprod(x, 0), lambda x: x.cumprod(0)),
    "diff": (lambda x: ops.diff(x, 2, 0), lambda x: np.diff(x, 2, 0)),
    "diff with ends": (lambda x: ops.diff(x, prepend=x, append=x), lambda x: np.diff(x, prepend=x, append=x)),
    "max": (lambda x: ops.max(x, 1)[0], lambda x: x.max(1)),
    "min": (lambda x: ops.min(x, -1, True)[0], lambda x: x.min(-1, keepdims=True)),
    "argmax": (lambda x: ops.argmax(x, 0), lambda x: x.argmax(0)),
    "argmax all": (lambda x: ops.argmax(x, keepdim=True), lambda x: x.argmax(keepdims=True)),
    "argmin": (lambda x: ops.argmin(x, 0, True), lambda x: x.argmin(0, keepdims=True)),
    "max indices": (lambda x: ops.max(x, 2)[1], lambda x: x.argmax(2)),
    "norm 1": (lambda x: ops.norm(x, 1, 0), lambda x: np.linalg.norm(x, 1, 0)),
    "norm 3": (lambda x: ops.norm(x, 3, 0), lambda x: np.linalg.norm(x, 3, 0)),
    "norm inf": (lambda x: ops.norm(x, math.inf, 0), lambda x: np.linalg.norm(x, np.inf, 0)),
    "norm -inf": (lambda x: ops.norm(x, -math.inf, 0), lambda x: np.linalg.norm(x, -np.inf, 0)),
    "norm fro": (lambda x: ops.norm(x, "fro", (0, 2)), lambda x: np.linalg.norm(x, "fro", (0, 2))),
    "matrix norm 1": (lambda x: ops.norm(x, 1, (2, 0), True), lambda x: np.linalg.norm(x, 1, (2, 0), True)),
    "matrix norm -1": (lambda x: ops.norm(x, -1, (0, 1)), lambda x: np.linalg.norm(x, -1, (0, 1))),
    "matrix norm inf": (lambda x: ops.norm(x, math.inf, (0, 1)), lambda x: np.linalg.norm(x, np.inf, (0, 1))),
    "matrix norm -inf": (lambda x: ops.norm(x, -math.inf, (1, 2)), lambda x: np.linalg.norm(x, -np.inf, (1, 2))),
}


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("name", CASES)
def test_numbers_equal_numpy(name, axis, keep):
    function, expected = CASES[name]
    wanted = np.asarray(expected(X, axis, keep))
    actual = function(Tensor(X), axis, keep)
    assert actual.asnumpy().dtype == wanted.dtype
    assert_near(actual, wanted)


@pytest.mark.parametrize("name", RUNNING)
def test_more_numbers_equal_numpy(name):
    function, expected = RUNNING[name]
    assert_near(function(Tensor(X)), expected(X))


@pytest.mark.parametrize("name", [*(n for n in CASES if n not in ("all", "any", "count_nonzero")), *RUNNING])
def test_derivative_equals_differences(name):
    if name in CASES:
        for axis in (None, 1, (0, 2)):
            check_grad(lambda x, a=axis: CASES[name][0](x, a, False), X)
    elif "arg" not in name and "indices" not in name:
        check_grad(RUNNING[name][0], X)


@pytest.mark.parametrize("name", [*CASES, *RUNNING])
def test_batch_equals_examples(name):
    for axis in (None, 1, (0, 2)) if name in CASES else (0,):
        check_vmap((lambda x, a=axis: CASES[name][0](x, a, True)) if name in CASES else RUNNING[name][0], X)


@pytest.mark.parametrize("name", [*CASES, *RUNNING])
def test_graph_with_open_size_equals_eager(name):
    for axis in (None, 0, (0, 2)) if name in CASES else (0,):
        check_graph((lambda x, a=axis: CASES[name][0](x, a, True)) if name in CASES else RUNNING[name][0], X)


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "int64", "uint8", "uint64"])
def test_sums_and_products_of_integers_do_not_wrap(dtype):
    x = np.array([[1, 1], [1, 0]] if dtype == "bool" else [[100, 100], [100, 2]], dtype)
    wide = x.astype(np.uint64 if dtype == "uint64" else np.int64)
    assert_same(ops.sum(Tensor(x)), wide.sum())
    assert_same(ops.prod(Tensor(x), 1), wide.prod(1))
    assert_same(ops.sum(Tensor(x), dtype="float64"), x.sum(dtype=np.float64))


def test_mindspores_reduce_functions_keep_integer_types():
    x = Tensor(np.array([100, 100], np.int8))
    assert_same(ops.reduce_sum(x), np.int8(-56))
    assert ops.reduce_sum(Tensor([True, True])).dtype is ms.int64


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_accumulates_wide(dtype):
    x = ops.full((70000,), 1.0, dtype=dtype)
    assert ops.mean(x).item() == 1.0
    assert ops.std(x).item() == 0.0
    assert ops.mean(x).dtype.name == ops.var(x).dtype.name == dtype
    assert ops.sum(ops.full((4096,), 1.0, dtype=dtype)).item() == 4096


def test_mean_of_integers_is_float32():
    assert_same(ops.mean(Tensor([1, 2])), np.float32(1.5))
    assert_same(ops.mean(Tensor([True, False])), np.float32(0.5))
    assert_same(ops.std(Tensor([1, 3])), np.float32(1))


def test_reductions_of_nothing():
    empty = ops.zeros((0, 3))
    assert_same(ops.sum(empty, 0), np.zeros(3, np.float32))
    assert_same(ops.prod(empty), np.float32(1))
    assert_same(ops.mean(empty), np.float32(np.nan))
    assert_same(ops.all(empty, 0), np.ones(3, bool))
    assert_same(ops.any(empty), np.array(False))
    assert_same(ops.count_nonzero(empty), np.int32(0))
    assert_same(ops.sum(empty, 1), np.zeros(0, np.float32))
    assert_same(ops.amax(empty, 1), np.zeros(0, np.float32))
    assert_same(ops.cumsum(empty, 0), np.zeros((0, 3), np.float32))
    assert ops.diff(empty, axis=0).shape == (0, 3)
    for function in (ops.max, ops.min, ops.amax, ops.argmax, ops.argmin, ops.reduce_max):
        with pytest.raises(ValueError, match="at least one element"):
            function(empty)


def test_0d():
    zero = Tensor(3.0)
    for function in (ops.sum, ops.mean, ops.prod, ops.amax, ops.reduce_min):
        assert function(zero).item() == 3.0
        assert function(zero, -1).item() == 3.0
    assert [t.item() for t in ops.max(zero, 0)] == [3.0, 0]
    assert ops.argmax(zero, -1).item() == 0
    assert ops.var(zero).item() == 0


def test_nan_and_infinity():
    x = Tensor([1.0, float("nan"), float("inf")])
    assert math.isnan(ops.amax(x).item())
    assert math.isnan(ops.max(x)[0].item())
    assert ops.argmax(x).item() == 1
    assert ops.logsumexp(Tensor([-math.inf, -math.inf]), 0).item() == -math.inf
    assert ops.logsumexp(Tensor([math.inf, 1.0]), 0).item() == math.inf
    assert ops.all(x).item() is True


def test_extremes_with_a_mask_and_an_initial_number():
    x = np.array([[9, 3, 4, 5], [5, 2, 7, 4], [8, 1, 3, 6]])
    mask = np.array([[0, 0, 1, 0], [0, 0, 1, 1], [1, 1, 1, 0]], bool)
    values, indices = ops.max(Tensor(x), axis=1, keepdims=True, initial=0, where=Tensor(mask))
    assert values.tolist() == [[4], [7], [8]]
    assert indices.tolist() == [[2], [2], [0]]
    assert_same(ops.amin(Tensor(x), 0, initial=100, where=Tensor(mask)), x.min(0, initial=100, where=mask))
    assert ops.max(Tensor(x))[1].item() == 0


def test_of_equal_extremes_the_first_is_found_and_all_share_the_derivative():
    x = Tensor([2.0, 5.0, 5.0])
    assert ops.argmax(x).item() == ops.max(x, 0)[1].item() == 1
    assert ms.grad(ops.amax)(x).tolist() == [0.0, 0.5, 0.5]


def test_variance_of_large_numbers_does_not_cancel():
    x = np.array([1e4, 1e4 + 1, 1e4 + 2], np.float32)
    assert ops.var(Tensor(x)).item() == pytest.approx(2 / 3, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: ops.sum(x, 3), ValueError, "ops.sum.*axis=3.*3 axes"),
        (lambda x: ops.mean(x, (0, 0)), ValueError, "once"),
        (lambda x: ops.mean(x, 0.5), TypeError, "int"),
        (lambda x: ops.max(x, (0, 1)), TypeError, "one int"),
        (lambda x: ops.max(x, 0, where=x > 0), ValueError, "initial"),
        (lambda x: ops.norm(x, 1), ValueError, "one axis or two"),
        (lambda x: ops.norm(x, "mean", (0, 1)), ValueError, "'fro'"),
        (lambda x: ops.norm(x, "fro", 0), ValueError, "number"),
        (lambda x: ops.cumsum(x, 3), ValueError, "axis=3"),
        (lambda x: ops.cumsum(x, None), TypeError, "None"),
        (lambda x: ops.diff(x, -1), ValueError, "at least 0"),
        (lambda x: ops.diff(Tensor(1.0)), ValueError, "at least one axis"),
        (lambda x: ops.sum("x"), TypeError, "ops.sum"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X))


@pytest.mark.parametrize("fn", [ops.cumprod, ops.cumsum, ops.prod, ops.sum], ids=lambda fn: fn.__name__)
@pytest.mark.parametrize(("shape", "axis"), [((0,), 0), ((0, 3), 0), ((3, 0), 0), ((3, 0), 1), ((2, 0, 2), 1)])
def test_derivatives_along_empty_axes(fn, shape, axis):
    x = ops.ones(shape)
    slope = ms.grad(lambda x: fn(x, axis).sum())
    assert slope(x).shape == shape
    assert ms.grad(lambda x: (slope(x) * x).sum())(x).shape == shape
    assert ms.vmap(slope)(ops.ones((2, *shape))).shape == (2, *shape)
