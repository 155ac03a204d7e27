"""Reductions and the general product against NumPy in float64."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamella.ops.kernels.reduce import (
    argmax,
    argmin,
    dot_general,
    reduce_max,
    reduce_min,
    reduce_prod,
    reduce_sum,
)

NUMBERS = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.int8, np.int32, np.uint8]
ORACLES = {reduce_sum: np.sum, reduce_prod: np.prod, reduce_max: np.max, reduce_min: np.min}


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("kernel", list(ORACLES))
def test_reductions_over_every_set_of_axes(kernel: Any, dtype: Any) -> None:
    x = np.random.default_rng(0).integers(0, 2, (2, 3, 2)).astype(dtype)
    for axes in chain.from_iterable(combinations(range(3), n) for n in range(4)):
        result = kernel(x, axes=axes)
        assert isinstance(result, np.ndarray)
        assert result.dtype == dtype
        np.testing.assert_array_equal(result.astype("f8"), ORACLES[kernel](x.astype("f8"), axis=axes))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_nan_propagates(dtype: Any) -> None:
    x = np.array([[1, np.nan, 3], [4, 5, 6]]).astype(dtype)
    for kernel in ORACLES:
        assert np.isnan(kernel(x, axes=(1,)).astype("f8")).tolist() == [True, False]
    assert argmax(x, axis=1).tolist() == [1, 2]
    assert argmin(x, axis=1).tolist() == [1, 0]


def test_sums_and_products_of_nothing() -> None:
    empty = np.zeros((2, 0), np.float32)
    assert reduce_sum(empty, axes=(1,)).tolist() == [0, 0]
    assert reduce_prod(empty, axes=(1,)).tolist() == [1, 1]
    assert reduce_sum(empty, axes=(0, 1)).shape == ()


@pytest.mark.parametrize(("kernel", "subject"), [(reduce_max, "max"), (reduce_min, "min")])
def test_extreme_of_nothing_is_an_error(kernel: Any, subject: str) -> None:
    with pytest.raises(
        ValueError, match=rf"^{subject}: got shape \(2, 0\), expected at least one element along axes \(1,\)"
    ):
        kernel(np.zeros((2, 0)), axes=(1,))
    with pytest.raises(ValueError, match=f"^{subject}: "):
        kernel(np.zeros((0,)), axes=(0,))
    assert kernel(np.zeros((2, 0)), axes=(0,)).shape == (0,)
    assert kernel(np.zeros((0, 0)), axes=(1,)).shape == (0,)
    assert kernel(np.zeros((2, 0)), axes=()).shape == (2, 0)


@pytest.mark.parametrize(("kernel", "subject"), [(argmax, "argmax"), (argmin, "argmin")])
def test_place_of_an_extreme_of_nothing_is_an_error(kernel: Any, subject: str) -> None:
    with pytest.raises(ValueError, match=f"^{subject}: "):
        kernel(np.zeros((2, 0)), axis=1)
    assert kernel(np.zeros((2, 0)), axis=0).shape == (0,)


@pytest.mark.parametrize("dtype", [*NUMBERS, np.bool_])
def test_first_extreme_wins_along_each_axis(dtype: Any) -> None:
    x = np.random.default_rng(0).integers(0, 2, (3, 4, 5)).astype(dtype)
    for axis in range(3):
        for kernel, oracle in ((argmax, np.argmax), (argmin, np.argmin)):
            result = kernel(x, axis=axis)
            assert result.dtype == np.int64
            np.testing.assert_array_equal(result, oracle(x.astype("f8"), axis=axis))


def test_narrow_floats_accumulate_in_float32_and_integers_wrap() -> None:
    assert reduce_sum(np.ones(4096, np.float16), axes=(0,)) == 4096
    assert reduce_sum(np.ones(1024, ml_dtypes.bfloat16), axes=(0,)) == 1024
    assert reduce_sum(np.full(2, 100, np.int8), axes=(0,)) == -56
    assert reduce_prod(np.full(2, 16, np.uint8), axes=(0,)) == 0


@st.composite
def products(draw: st.DrawFn) -> tuple[Any, ...]:
    """Shapes, contracted and batch axes of a general product, in any arrangement."""
    sizes = st.integers(0, 3)
    contracted, batched, x_free, y_free = (draw(st.lists(sizes, max_size=2)) for _ in range(4))
    labels = {"c": contracted, "b": batched, "x": x_free, "y": y_free}
    x_axes = draw(st.permutations([(k, i) for k in "cbx" for i in range(len(labels[k]))]))
    y_axes = draw(st.permutations([(k, i) for k in "cby" for i in range(len(labels[k]))]))

    def places(kind: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
        names = [(kind, i) for i in range(len(labels[kind]))]
        return tuple(x_axes.index(n) for n in names), tuple(y_axes.index(n) for n in names)

    shape = lambda axes: tuple(labels[k][i] for k, i in axes)  # noqa: E731
    return shape(x_axes), shape(y_axes), places("c"), places("b")


@settings(max_examples=150, deadline=None)
@given(products(), st.sampled_from((np.float64, np.float32, np.float16, ml_dtypes.bfloat16, np.int32)), st.booleans())
def test_dot_general_is_an_einsum(problem: Any, dtype: Any, transposed: bool) -> None:
    x_shape, y_shape, contract, batch = problem
    random = np.random.default_rng(0)
    x, y = random.integers(-3, 4, x_shape).astype(dtype), random.integers(-3, 4, y_shape).astype(dtype)
    if transposed:  # the same numbers in another memory layout
        x, y = np.asarray(x, order="F"), np.asarray(y, order="F")
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    x_names, y_names = [next(letters) for _ in x_shape], [next(letters) for _ in y_shape]
    for pair in (contract, batch):
        for i, j in zip(*pair, strict=True):
            y_names[j] = x_names[i]
    out = [x_names[i] for i in batch[0]]
    out += [n for i, n in enumerate(x_names) if i not in contract[0] and i not in batch[0]]
    out += [n for j, n in enumerate(y_names) if j not in contract[1] and j not in batch[1]]
    equation = f"{''.join(x_names)},{''.join(y_names)}->{''.join(out)}"
    result = dot_general(x, y, contract=contract, batch=batch)
    assert result.dtype == dtype
    expected = np.einsum(equation, x.astype("f8"), y.astype("f8"))
    assert result.shape == expected.shape
    np.testing.assert_array_equal(result.astype("f8"), expected)


@pytest.mark.parametrize(
    ("x_shape", "y_shape", "contract", "batch"),
    [
        ((6, 5), (5, 4), ((1,), (0,)), ((), ())),
        ((5, 6), (4, 5), ((0,), (1,)), ((), ())),
        ((2, 3, 6, 5), (2, 3, 4, 5), ((3,), (3,)), ((0, 1), (0, 1))),
        ((2, 6, 3, 5), (2, 4, 3, 5), ((3,), (3,)), ((0, 2), (0, 2))),
        ((7, 6, 5), (5, 4), ((2,), (0,)), ((), ())),
        ((7, 6, 5), (7, 6, 4), ((0, 1), (0, 1)), ((), ())),
    ],
)
def test_products_of_networks_copy_no_operand(
    x_shape: Any, y_shape: Any, contract: Any, batch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[np.ndarray, np.ndarray]] = []
    matmul = np.matmul
    monkeypatch.setattr(np, "matmul", lambda a, b: seen.append((a, b)) or matmul(a, b))
    x, y = np.ones(x_shape), np.ones(y_shape)
    dot_general(x, y, contract=contract, batch=batch)
    assert np.shares_memory(seen[0][0], x)
    assert np.shares_memory(seen[0][1], y)
