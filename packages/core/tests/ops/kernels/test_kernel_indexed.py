"""Gather, scatter, sort and running sums against NumPy and plain loops."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamella.ops.kernels.indexed import cumprod, cumsum, gather, scatter, sort

NUMBERS = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.int8, np.int64, np.uint8]


def scatter_by_loop(x: np.ndarray, indices: np.ndarray, updates: np.ndarray, axis: int, mode: str) -> np.ndarray:
    """One update after the other, in float64."""
    combine = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
    result = np.moveaxis(x.astype(np.float64), axis, 0)
    for position in np.ndindex(*indices.shape):
        update = updates[(slice(None),) * axis + position].astype(np.float64)
        row = indices[position]
        result[row] = update if mode == "set" else combine[mode](result[row], update)
    return np.moveaxis(result, 0, axis)


@st.composite
def updates_along_an_axis(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], int]:
    """A shape, the shape of the indices, and an axis."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    return tuple(shape), tuple(draw(st.lists(st.integers(0, 4), max_size=2))), draw(st.integers(0, len(shape) - 1))


@settings(max_examples=80, deadline=None)
@given(updates_along_an_axis(), st.integers(0, 2**31))
def test_gather_takes_slices(problem: Any, seed: int) -> None:
    shape, index_shape, axis = problem
    random = np.random.default_rng(seed)
    x = random.normal(size=shape)
    indices = random.integers(0, shape[axis], index_shape)
    taken = gather(x, indices, axis=axis)
    assert taken.shape == shape[:axis] + index_shape + shape[axis + 1 :]
    for position in np.ndindex(*index_shape):
        lead = (slice(None),) * axis
        np.testing.assert_array_equal(taken[lead + position], x[(*lead, indices[position])])


@settings(max_examples=150, deadline=None)
@given(updates_along_an_axis(), st.integers(0, 2**31), st.sampled_from(("set", "add", "mul", "max", "min")))
def test_scatter_applies_every_update(problem: Any, seed: int, mode: Any) -> None:
    shape, index_shape, axis = problem
    random = np.random.default_rng(seed)
    x = random.normal(size=shape)
    kept = x.copy()
    indices = random.integers(0, shape[axis], index_shape)
    updates = random.normal(size=shape[:axis] + index_shape + shape[axis + 1 :])
    result = scatter(x, indices, updates, axis=axis, mode=mode)
    np.testing.assert_allclose(result, scatter_by_loop(x, indices, updates, axis, mode), rtol=1e-12)
    np.testing.assert_array_equal(x, kept)


@pytest.mark.parametrize("mode", ["set", "add", "mul", "max", "min"])
@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize(("count", "shape", "axis"), [(7, (5, 3), 0), (900, (2, 40, 20), 1), (40_000, (30,), 0)])
def test_scatter_of_every_dtype_and_size(dtype: Any, mode: Any, count: int, shape: tuple[int, ...], axis: int) -> None:
    random = np.random.default_rng(0)
    x = random.integers(0, 3, shape).astype(dtype)
    indices = random.integers(0, shape[axis], count, dtype=np.int32)
    small = random.random((*shape[:axis], count, *shape[axis + 1 :])) < (0.02 if mode == "add" else 0.5)
    updates = small.astype(dtype) if mode == "add" else (small + 1).astype(dtype)
    if mode == "mul":  # few factors other than 1, so that no dtype overflows
        updates = np.where(
            np.arange(count).reshape(-1, *(1,) * (x.ndim - axis - 1)) < 2, updates, updates.dtype.type(1)
        )
    result = scatter(x, indices, updates, axis=axis, mode=mode)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result.astype("f8"), scatter_by_loop(x, indices, updates, axis, mode))


@pytest.mark.parametrize("mode", ["max", "min"])
@pytest.mark.parametrize("count", [3, 20_000])
def test_nan_wins_in_scatter(mode: Any, count: int) -> None:
    updates = np.ones(count)
    updates[1] = np.nan
    result = scatter(np.zeros(2), np.zeros(count, np.int64), updates, axis=0, mode=mode)
    assert np.isnan(result[0])
    assert result[1] == 0


def test_infinite_updates_stay_where_they_belong() -> None:
    updates = np.zeros((200, 64), np.float32)
    updates[3] = np.inf
    result = scatter(np.zeros((100, 64), np.float32), np.arange(200) % 100, updates, axis=0, mode="add")
    assert np.isinf(result[3]).all()
    assert not np.delete(result, 3, axis=0).any()


def test_float16_scatter_accumulates_in_float32() -> None:
    for count in (4096, 10_000):
        ones = np.ones(count, np.float16)
        assert scatter(np.zeros(1, np.float16), np.zeros(count, int), ones, axis=0, mode="add").item() == np.float16(
            count
        )


@pytest.mark.parametrize(
    ("indices", "message"),
    [
        (
            np.array([[0, 1], [5, 7]]),
            "index 5 at position (1, 0) of the indices, expected indices from 0 to 2 along axis 1",
        ),
        (np.array([0, -1]), "index -1 at position (1,) of the indices, expected indices from 0 to 2 along axis 1"),
        (np.array(3), "index 3, expected indices from 0 to 2 along axis 1"),
    ],
)
def test_bad_index_is_named(indices: np.ndarray, message: str) -> None:
    x = np.zeros((2, 3))
    with pytest.raises(IndexError) as error:
        gather(x, indices, axis=1)
    assert str(error.value) == f"gather: got {message}."
    with pytest.raises(IndexError) as error:
        scatter(x, indices, np.zeros((2, *indices.shape)), axis=1, mode="add")
    assert str(error.value) == f"scatter: got {message}."


def test_index_into_an_empty_axis() -> None:
    with pytest.raises(IndexError, match="no index into the empty axis 0"):
        gather(np.zeros((0, 2)), np.array([0]), axis=0)
    assert gather(np.zeros((0, 2)), np.zeros(0, int), axis=0).shape == (0, 2)
    assert scatter(np.zeros((3, 0)), np.array([1]), np.zeros((1, 0)), axis=0, mode="max").shape == (3, 0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from((0.0, -0.0, 1.0, 2.0, np.nan, np.inf, -np.inf)), max_size=12), st.booleans())
def test_sort_is_stable_and_puts_nan_above_all_numbers(numbers: list[float], descending: bool) -> None:
    rank = [np.inf if np.isnan(n) else min(n, 1e9) for n in numbers]
    expected = sorted(range(len(numbers)), key=lambda i: -rank[i] if descending else rank[i])
    values, indices = sort(np.array(numbers, np.float32), axis=0, descending=descending)
    assert indices.tolist() == expected
    assert indices.dtype == np.int64
    np.testing.assert_array_equal(values, np.array(numbers, np.float32)[expected])


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dtype", [*NUMBERS, np.bool_])
def test_sort_along_each_axis(dtype: Any, descending: bool) -> None:
    x = np.random.default_rng(0).integers(0, 2 if dtype is np.bool_ else 5, (3, 4, 5)).astype(dtype)
    for axis in range(3):
        values, indices = sort(x, axis=axis, descending=descending)
        assert values.dtype == dtype
        np.testing.assert_array_equal(np.take_along_axis(x, indices, axis), values)
        steps = np.diff(values.astype("f8"), axis=axis)
        assert ((steps <= 0) if descending else (steps >= 0)).all()


def test_unsigned_and_extreme_integers_sort() -> None:
    values, _ = sort(np.array([-128, 127, 0], np.int8), axis=0, descending=True)
    assert values.tolist() == [127, 0, -128]
    values, _ = sort(np.array([2**64 - 1, 0, 2**63], np.uint64), axis=0, descending=True)
    assert values.tolist() == [2**64 - 1, 2**63, 0]


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("reverse", [False, True])
def test_running_sums_and_products(dtype: Any, reverse: bool) -> None:
    x = np.random.default_rng(0).integers(1, 3, (2, 4, 3)).astype(dtype)
    for axis in range(3):
        flipped = np.flip(x.astype("f8"), axis) if reverse else x.astype("f8")
        for kernel, oracle in ((cumsum, np.cumsum), (cumprod, np.cumprod)):
            expected = oracle(flipped, axis=axis)
            result = kernel(x, axis=axis, reverse=reverse)
            assert result.dtype == dtype
            np.testing.assert_array_equal(result.astype("f8"), np.flip(expected, axis) if reverse else expected)


def test_running_sum_edges() -> None:
    assert cumsum(np.ones(4096, np.float16), axis=0, reverse=False)[-1] == 4096
    assert cumsum(np.ones(4096, np.float16), axis=0, reverse=True)[0] == 4096
    assert cumsum(np.full(3, 100, np.int8), axis=0, reverse=False).tolist() == [100, -56, 44]
    assert cumsum(np.zeros((0, 2)), axis=0, reverse=True).shape == (0, 2)
    assert sort(np.zeros((2, 0)), axis=1, descending=True)[1].shape == (2, 0)
