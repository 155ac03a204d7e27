"""Maxima of windows in which numbers of all kinds stand, -inf and NaN among them."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Tensor, ir, nn
from lamella.ops import prims
from lamella.types import TensorType

Array = np.ndarray[Any, Any]
INFINITE = [-np.inf, -np.inf, np.inf, np.nan, 1.0, -3.0]


def on_cpu(fn: Any, *arrays: Array) -> list[Array]:
    types = [TensorType(ms.dtypes.BY_NUMPY[a.dtype], a.shape) for a in arrays]
    backend = ms.plugins.backend("CPU")
    return [b.plain() for b in backend.compile(ir.build(fn, *types))([backend.put(a.copy()) for a in arrays])]


def by_looking(x: Array, window: Any, strides: Any, padding: Any, dilation: Any) -> tuple[Array, Array]:
    """Each window's maximum, and where its first NaN or else its first maximum is; -1 where it has no elements."""
    lead, spatial = x.shape[: -len(window)], x.shape[-len(window) :]
    size = [
        (n + sum(p) - (k - 1) * d - 1) // s + 1
        for n, k, s, p, d in zip(spatial, window, strides, padding, dilation, strict=True)
    ]
    best, where = np.zeros((*lead, *size), x.dtype), np.full((*lead, *size), -1)
    for place in np.ndindex(*lead, *size):
        at = place[len(lead) :]
        taps = [
            [i for t in range(k) if 0 <= (i := o * s - p[0] + t * d) < n]
            for o, n, k, s, p, d in zip(at, spatial, window, strides, padding, dilation, strict=True)
        ]
        inside = list(itertools.product(*taps))
        numbers = np.array([x[(*place[: len(lead)], *i)] for i in inside])
        if len(inside):
            first = int(np.argmax(numbers))  # NumPy's, too, is the first NaN or else the first maximum
            best[place], where[place] = numbers[first], np.ravel_multi_index(inside[first], spatial)
    return best, where


#: Of an axis: its size, and the window's size, step, padding on both sides and dilation.
AXIS = st.tuples(*(st.integers(low, high) for low, high in ((1, 6), (1, 3), (1, 3), (0, 3), (0, 3), (1, 2))))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(AXIS, min_size=1, max_size=2),
    st.sampled_from([1, 3, 17]),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["float32", "float64", "int8"]),
)
def test_the_first_maximum_of_a_window(chosen: Any, channels: int, seed: int, dtype: str) -> None:
    sizes, window, strides, low, high, dilation = (tuple(c) for c in zip(*chosen, strict=True))
    padding = tuple(zip(low, high, strict=True))
    fits = zip(sizes, window, padding, dilation, strict=True)
    assume(all(n + sum(p) >= (k - 1) * d + 1 for n, k, p, d in fits))
    rng = np.random.default_rng(seed)
    pool: Any = [-128, -127] if dtype == "int8" else INFINITE[: int(rng.integers(1, 7))]
    x = rng.choice(np.array(pool), (2, channels, *sizes)).astype(dtype)
    attrs = {"window": window, "strides": strides, "padding": padding, "dilation": dilation}
    best, where = on_cpu(lambda x: prims.window_max(x, **attrs), x)
    expected, first = by_looking(x, **attrs)
    exists = first >= 0
    np.testing.assert_array_equal(best[exists], expected[exists])
    np.testing.assert_array_equal(where[exists], first[exists])
    assert ((where >= 0) & (where < np.prod(sizes))).all()


@pytest.mark.parametrize("channels", [1, 3, 40])
def test_indices_of_pooled_maxima_that_are_infinite(channels: int) -> None:
    x = np.full((1, channels, 4, 4), -np.inf, np.float32)
    x[0, :, 3, 2] = 1.0
    _, indices = on_cpu(lambda x: ms.ops.max_pool2d(x, 2, 2, return_indices=True), x)
    assert indices[0].tolist() == [[[0, 2], [8, 14]]] * channels


def test_the_gradient_goes_to_a_place_of_the_window() -> None:
    x = np.full((1, 1, 2, 4), -np.inf, np.float32)
    (gradient,) = on_cpu(ms.grad(lambda x: nn.MaxPool2d(2, 2)(x).sum()), x)
    assert gradient.tolist() == [[[[1, 0, 1, 0], [0, 0, 0, 0]]]]
    assert on_cpu(lambda x: Tensor(1.0) + x.max(), x)[0] == -np.inf
