from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_grad, check_graph, check_vmap
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Tensor, ops
from lamella.ir import Dim, TensorType

X = np.random.default_rng(1).standard_normal((4, 3)).astype(np.float32)
NUMBERS = ["int8", "int32", "uint8", "float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", ["bool", *NUMBERS])
def test_filled_tensors_have_the_asked_type(dtype):
    expected = np.full((2, 3), 1, dtype)
    assert_same(ops.ones((2, 3), dtype), expected)
    assert_same(ops.zeros((2, 3), dtype), np.zeros_like(expected))
    assert_same(ops.full((2, 3), 1, dtype=dtype), expected)
    assert_same(ops.fill(dtype, (2, 3), 1), expected)
    assert_same(ops.eye(2, 3, dtype), np.eye(2, 3, dtype=dtype))


def test_defaults_are_mindspores():
    assert ops.zeros(2).dtype is ops.ones(()).dtype is ops.eye(2).dtype is ms.float32
    assert ops.full(2, 1).dtype is ms.int64
    assert ops.full(2, 1.0).dtype is ms.float32
    assert ops.full(2, True).dtype is ms.bool_
    assert ops.arange(3).dtype is ops.arange(1, 3).dtype is ms.int64
    assert ops.arange(1.0, 3).dtype is ms.float32


def test_like_functions_keep_shape_and_type_unless_told():
    x = Tensor(X)
    assert_same(ops.zeros_like(x), np.zeros_like(X))
    assert_same(ops.ones_like(x, dtype=ms.int32), np.ones((4, 3), np.int32))
    assert_same(ops.full_like(x, 7), np.full_like(X, 7))
    assert ops.zeros_like(ops.zeros((0, 2))).shape == (0, 2)


def test_shapes_may_be_numpy_ints_and_tensors():
    assert ops.zeros((np.int64(2), Tensor(3))).shape == (2, 3)
    assert ops.zeros(Tensor([2, 3])).shape == (2, 3)


def test_filled_tensors_are_independent():
    x, y = ops.zeros(2), ops.zeros(2)
    x[0] = 1
    assert_same(y, np.zeros(2, np.float32))


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(-5, 5).filter(bool))
@settings(max_examples=80, deadline=None)
def test_arange_equals_numpy(start, end, step):
    if (end - start) * step < 0:
        with pytest.raises(ValueError, match="towards the end"):
            ops.arange(start, end, step)
        return
    assert_same(ops.arange(start, end, step), np.arange(start, end, step))
    assert_near(ops.arange(start, end, step / 3), np.arange(start, end, step / 3))
    assert_same(ops.range(start, end, step), np.arange(start, end, step))


def test_arange_forms():
    assert_same(ops.arange(3, dtype="float32"), np.arange(3, dtype=np.float32))
    assert_same(ops.arange(0), np.arange(0))
    assert_same(ops.arange(Tensor(2), Tensor(5)), np.arange(2, 5))
    assert ops.range(Tensor(0.0, ms.float64), 2, 1).dtype is ms.float64
    # One rounding for each element, not one for each step.
    assert_same(ops.arange(0, 1000, 0.1), np.arange(0, 1000, 0.1).astype(np.float32))


@pytest.mark.parametrize("steps", [1, 2, 5, 100])
def test_linspace_has_exact_ends_and_even_steps(steps):
    x = ops.linspace(-0.1, 0.7, steps)
    assert_near(x, np.linspace(-0.1, 0.7, steps), 1e-6)
    assert x[0].item() == np.float32(-0.1)
    assert steps == 1 or x[-1].item() == np.float32(0.7)
    assert ops.linspace(1, 2, 2).dtype is ms.float32
    check_grad(lambda a, b: ops.linspace(a, b, steps), np.array(1.0), np.array(3.0))


@pytest.mark.parametrize("diagonal", [-5, -2, -1, 0, 1, 2, 5])
def test_triangles_equal_numpy(diagonal):
    for x in (X, np.arange(24).reshape(2, 3, 4), np.ones((3, 3), bool), np.zeros((0, 2), np.float16)):
        assert_same(ops.tril(Tensor(x), diagonal), np.tril(x, diagonal))
        assert_same(ops.triu(Tensor(x), diagonal), np.triu(x, diagonal))


def test_triangle_of_nan_is_zero_outside():
    assert_same(ops.tril(ops.full((2, 2), float("nan"))), np.array([[np.nan, 0], [np.nan, np.nan]], np.float32))


@pytest.mark.parametrize("indexing", ["xy", "ij"])
def test_meshgrid_equals_numpy(indexing):
    arrays = [np.arange(3), np.arange(4.0), np.arange(2)]
    for count in (1, 2, 3):
        for actual, expected in zip(
            ops.meshgrid(*map(Tensor, arrays[:count]), indexing=indexing),
            np.meshgrid(*arrays[:count], indexing=indexing),
            strict=True,
        ):
            assert_same(actual, expected.astype(Tensor(expected).asnumpy().dtype))


@pytest.mark.parametrize("axis", [-1, 0, 1, 2])
def test_one_hot_equals_comparison(axis):
    indices = np.array([[0, 5, 2], [1, -1, 3]])
    expected = np.moveaxis((indices[..., None] == np.arange(4)).astype(np.float32) * 3 + 1, -1, axis)
    assert_same(ops.one_hot(Tensor(indices), 4, 4.0, Tensor(1.0), axis), expected)


def test_one_hot_defaults_are_ints():
    assert_same(ops.one_hot(Tensor([0, 2]), 3), np.eye(3, dtype=np.int64)[[0, 2]])


@pytest.mark.parametrize(
    "function",
    [
        lambda x: ops.zeros(x.shape) + ops.ones((x.shape[0], 1)) + x,
        lambda x: ops.full((x.shape[0],), 2.0),
        lambda x: ops.arange(x.shape[0]),
        lambda x: ops.arange(1, x.shape[0], dtype="float32"),
        lambda x: ops.eye(x.shape[0], 3) * x,
        lambda x: ops.tril(x, 1),
        lambda x: ops.triu(x),
        lambda x: ops.one_hot(ops.argmax(x, 1), x.shape[0], 1.0, 0.0),
        lambda x: ops.linspace(0, 1, x.shape[0]),
        lambda x: ops.meshgrid(x[:, 0], x[0]),
        lambda x: ops.zeros_like(x),
        lambda x: ops.full_like(x, 3),
    ],
)
def test_graph_with_open_size_equals_eager(function):
    check_graph(function, X)


@pytest.mark.parametrize(
    "function", [ops.tril, ops.triu, lambda x: ops.one_hot(x.argmax(1), 5, 2.0, 1.0), ops.ones_like]
)
def test_batch_equals_examples(function):
    check_vmap(function, X)


@pytest.mark.parametrize("function", [ops.tril, lambda x: ops.triu(x, 1), lambda x: ops.meshgrid(x[0], x[1])[0]])
def test_derivative_equals_differences(function):
    check_grad(function, X)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ops.zeros(-1), ValueError, "at least 0"),
        (lambda: ops.zeros(2.0), TypeError, "ops.zeros"),
        (lambda: ops.ones((2, "3")), TypeError, "tuple of ints"),
        (lambda: ops.zeros(True), TypeError, "int"),
        (lambda: ops.zeros(2, "float31"), TypeError, "float32"),
        (lambda: ops.full(2, Tensor([1.0])), TypeError, "one number"),
        (lambda: ops.full(2, "x"), TypeError, "ops.full"),
        (lambda: ops.arange(3, 0), ValueError, "towards"),
        (lambda: ops.arange(1, 2, 0), ValueError, "other than 0"),
        (lambda: ops.arange(float("inf")), ValueError, "finite"),
        (lambda: ops.arange("3"), TypeError, "numbers"),
        (lambda: ops.linspace(0, 1, 0), ValueError, "at least 1"),
        (lambda: ops.tril(Tensor([1.0])), ValueError, "two axes"),
        (lambda: ops.tril(ops.eye(2), 0.5), TypeError, "int"),
        (lambda: ops.meshgrid(), TypeError, "at least one"),
        (lambda: ops.meshgrid(ops.eye(2)), ValueError, "one axis"),
        (lambda: ops.meshgrid(ops.ones(2), indexing="yx"), ValueError, "'ij'"),
        (lambda: ops.one_hot(Tensor([1.0]), 3), TypeError, "integers"),
        (lambda: ops.one_hot(Tensor([1]), 3, axis=3), ValueError, "axis=3"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_open_sizes_where_a_number_is_needed_are_worded():
    with pytest.raises(TypeError, match="a known size"):
        ms.ir.build(lambda x: ops.arange(0, x.shape[0], 2), TensorType(ms.float32, (Dim.symbol("n"),)))


def test_tensor_and_is_tensor():
    assert_same(ops.scalar_to_tensor(3), np.float32(3))
    with pytest.raises(TypeError, match="a number"):
        ops.scalar_to_tensor([3])
    assert_same(ops.tensor([1, 2], "float32"), np.array([1, 2], np.float32))
    assert ops.is_tensor(Tensor(1))
    assert not ops.is_tensor(np.ones(1))
