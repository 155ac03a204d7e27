"""Window reductions against their definition over `sliding_window_view`."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from lamella.ops.kernels.spatial import element_overlap, output_size
from lamella.ops.kernels.window import lowest, window_max, window_sum, window_sum_grad

Attributes = dict[str, Any]


def plain(*window: int, **changes: Any) -> Attributes:
    """Attributes of an unpadded window with unit strides."""
    axes = len(window)
    return {"window": window, "strides": (1,) * axes, "padding": ((0, 0),) * axes, "dilation": (1,) * axes} | changes


def windows(x: np.ndarray, attributes: Attributes, value: float) -> np.ndarray:
    """Every window of `x` flattened into the last axis, in row-major order."""
    window, strides, padding, dilation = (attributes[k] for k in ("window", "strides", "padding", "dilation"))
    axes = tuple(range(x.ndim - len(window), x.ndim))
    margins = [(0, 0)] * (x.ndim - len(window)) + [(max(low, 0), max(high, 0)) for low, high in padding]
    padded = np.pad(x, margins, constant_values=value)
    crops = [
        slice(max(-low, 0), n - max(-high, 0))
        for n, (low, high) in zip(padded.shape[-len(window) :], padding, strict=True)
    ]
    padded = padded[(..., *crops)]
    reach = tuple(d * (k - 1) + 1 for d, k in zip(dilation, window, strict=True))
    views = sliding_window_view(padded, reach, axes)
    views = views[(..., *(slice(None, None, s) for s in strides), *(slice(None, None, d) for d in dilation))]
    return views.reshape(*views.shape[: x.ndim], np.prod(window))


@st.composite
def problems(draw: st.DrawFn) -> tuple[tuple[int, ...], Attributes]:
    """A shape and window attributes that fit it."""
    axes = draw(st.integers(1, 3))
    many = lambda low, high: draw(st.tuples(*[st.integers(low, high)] * axes))  # noqa: E731
    window, strides, dilation = many(1, 4), many(1, 3), many(1, 2)
    padding = tuple(zip(many(-1, 4), many(-1, 4), strict=True))
    size = tuple(
        max(d * (k - 1) + 1 + r - low - high, 2)
        for d, k, r, (low, high) in zip(dilation, window, many(0, 4), padding, strict=True)
    )
    attributes = {"window": window, "strides": strides, "padding": padding, "dilation": dilation}
    return (*draw(st.lists(st.integers(0, 3), max_size=2)), *size), attributes


@settings(max_examples=80, deadline=None)
@given(problems(), st.integers(0, 2**31))
def test_sum_is_its_definition_and_its_grad_the_adjoint(problem: Any, seed: int) -> None:
    shape, attributes = problem
    random = np.random.default_rng(seed)
    x = random.normal(size=shape)
    y = window_sum(x, **attributes)
    np.testing.assert_allclose(y, windows(x, attributes, 0).sum(-1), rtol=1e-10, atol=1e-10)
    g = random.normal(size=y.shape)
    grad = window_sum_grad(g, shape=shape, **attributes)
    assert grad.shape == shape
    np.testing.assert_allclose(np.vdot(grad, x), np.vdot(g, y), rtol=1e-9, atol=1e-9)


@settings(max_examples=80, deadline=None)
@given(problems(), st.integers(0, 2**31), st.sampled_from((0.0, 0.2)), st.sampled_from(("f2", "f4", "f8", "i4")))
def test_max_finds_the_first_nan_or_the_first_maximum(problem: Any, seed: int, nans: float, dtype: str) -> None:
    shape, attributes = problem
    random = np.random.default_rng(seed)
    x = random.integers(-2, 3, shape).astype(dtype)  # few values: many ties
    if dtype != "i4":
        x[random.random(shape) < nans] = np.nan
        x[random.random(shape) < nans] = -np.inf
    values, indices = window_max(x, **attributes)
    assert values.dtype == x.dtype
    assert indices.dtype == np.int64
    low = lowest(x.dtype)
    np.testing.assert_array_equal(values, windows(x, attributes, low).max(-1))
    # Positions go through the same windows, with padding told apart from elements that are as low.
    flat = np.arange(np.prod(shape[len(shape) - len(attributes["window"]) :], dtype=int))
    axes = len(attributes["window"])
    grid = np.broadcast_to(flat.reshape(shape[len(shape) - axes :]), shape)
    places = windows(grid, attributes, -1)
    numbers = np.where(places < 0, -1e9, np.maximum(windows(x.astype("f8"), attributes, 0), -1e8))
    expected = np.take_along_axis(places, numbers.argmax(-1)[..., None], -1)[..., 0] if numbers.size else indices
    covered = (places >= 0).any(-1)
    np.testing.assert_array_equal(indices[covered], expected[covered])
    if flat.size:
        assert ((indices >= 0) & (indices < flat.size)).all()


def test_nan_wins_over_infinity_and_the_first_nan_is_named() -> None:
    x = np.array([[np.inf, 1.0, np.nan], [np.nan, np.nan, 2.0]])
    values, indices = window_max(x, **plain(2, 3))
    assert np.isnan(values).all()
    assert indices.item() == 2


def test_first_of_equal_maxima_is_in_row_major_order() -> None:
    _, indices = window_max(np.array([[0, 7], [7, 0]]), **plain(2, 2))
    assert indices.item() == 1


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.int8, np.uint8, np.bool_])
def test_max_of_every_dtype(dtype: Any) -> None:
    x = np.array([0, 1, 0, 0, 1]).astype(dtype)
    values, indices = window_max(x, **plain(2, padding=((1, 1),)))
    assert values.dtype == dtype
    np.testing.assert_array_equal(values.astype(int), [0, 1, 1, 0, 1, 1])
    np.testing.assert_array_equal(indices, [0, 1, 1, 2, 4, 4])


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.int8])
def test_sum_keeps_the_dtype(dtype: Any) -> None:
    y = window_sum(np.arange(6).astype(dtype), **plain(3, strides=(3,)))
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.astype(int), [3, 12])
    grad = window_sum_grad(y, shape=(6,), **plain(3, strides=(3,)))
    assert grad.dtype == dtype
    np.testing.assert_array_equal(grad.astype(int), [3, 3, 3, 12, 12, 12])


def test_float16_sum_accumulates_in_float32() -> None:
    assert window_sum(np.ones(4096, np.float16), **plain(4096)).item() == 4096


def test_windows_in_the_padding_have_the_lowest_number() -> None:
    values, indices = window_max(np.array([5.0, 6.0]), **plain(1, padding=((2, 1),)))
    np.testing.assert_array_equal(values, [-np.inf, -np.inf, 5, 6, -np.inf])
    assert ((indices >= 0) & (indices < 2)).all()
    assert window_max(np.array([5], np.int8), **plain(1, padding=((1, 0),)))[0][0] == -128


def test_windows_of_more_than_256_elements() -> None:
    x = np.zeros((40, 40))
    x[33, 17] = 1
    values, indices = window_max(x, **plain(40, 40))
    assert values.item() == 1
    assert indices.item() == 33 * 40 + 17


@pytest.mark.parametrize("shape", [(0, 4, 4), (2, 1, 4), (2, 0, 4)])
def test_empty_arrays(shape: tuple[int, ...]) -> None:
    attributes = plain(2, 2)
    values, indices = window_max(np.ones(shape), **attributes)
    total = window_sum(np.ones(shape), **attributes)
    assert values.shape == indices.shape == total.shape == (shape[0], max(shape[1] - 1, 0), 3)
    assert not window_sum_grad(total, shape=shape, **attributes).any()


def test_arguments_may_be_strided_and_are_left_alone() -> None:
    x = np.random.default_rng(0).normal(size=(5, 4, 6)).transpose(2, 0, 1)[::-1]
    copy = x.copy()
    attributes = plain(2, 3, padding=((1, 0), (0, 1)))
    np.testing.assert_array_equal(window_sum(x, **attributes), window_sum(copy, **attributes))
    np.testing.assert_array_equal(window_max(x, **attributes)[1], window_max(copy, **attributes)[1])
    np.testing.assert_array_equal(x, copy)


@given(
    st.integers(0, 4), st.integers(0, 9), st.integers(1, 3), st.integers(1, 3), st.integers(-2, 12), st.integers(-2, 12)
)
def test_overlap_lists_the_pairs_of_the_definition(
    position: int, source: int, stride: int, dilation: int, low: int, high: int
) -> None:
    (target,) = output_size((source,), (5,), (stride,), ((low, high),), (dilation,))
    pairs = [(o, o * stride + position * dilation - low) for o in range(target)]
    expected = [(o, i) for o, i in pairs if 0 <= i < source]
    outputs, inputs = element_overlap(position, source, target, stride, dilation, low)
    assert list(zip(np.arange(target)[outputs], np.arange(source)[inputs], strict=True)) == expected
