"""Convolution against SciPy's correlation, against the definition, and against the adjoint identities."""

from __future__ import annotations

from itertools import product
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import correlate

from lamella.ops.kernels.conv import conv, conv_input_grad, conv_weight_grad
from lamella.ops.kernels.spatial import output_size

Attributes = dict[str, Any]


def plain(axes: int, **changes: Any) -> Attributes:
    """Attributes of an unpadded convolution with unit strides."""
    return {"strides": (1,) * axes, "padding": ((0, 0),) * axes, "dilation": (1,) * axes, "groups": 1} | changes


def by_definition(x: np.ndarray, w: np.ndarray, attributes: Attributes) -> np.ndarray:
    """The sum that defines a convolution, one output number at a time, in float64."""
    strides, padding, dilation, groups = (attributes[k] for k in ("strides", "padding", "dilation", "groups"))
    margins = [(max(low, 0), max(high, 0)) for low, high in padding]
    x = np.pad(x.astype(np.float64), [(0, 0), (0, 0), *margins])
    crops = [slice(max(-low, 0), size - max(-high, 0)) for size, (low, high) in zip(x.shape[2:], padding, strict=True)]
    x = x[(..., *crops)]
    kernel = w.shape[2:]
    size = [(s - d * (k - 1) - 1) // t + 1 for s, k, t, d in zip(x.shape[2:], kernel, strides, dilation, strict=True)]
    out = np.zeros((x.shape[0], w.shape[0], *size))
    block_in, block_out = w.shape[1], w.shape[0] // groups
    for n, o, position in product(range(x.shape[0]), range(w.shape[0]), np.ndindex(*size)):
        first = (o // block_out) * block_in
        where = [
            slice(p * t, p * t + d * (k - 1) + 1, d)
            for p, t, d, k in zip(position, strides, dilation, kernel, strict=True)
        ]
        out[n, o, *position] = np.sum(x[n, first : first + block_in][(slice(None), *where)] * w[o].astype(np.float64))
    return out


@st.composite
def problems(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], Attributes]:
    """Shapes of input and kernels, and attributes that fit them."""
    axes = draw(st.integers(1, 3))
    many = lambda low, high: draw(st.tuples(*[st.integers(low, high)] * axes))  # noqa: E731
    groups, block_in, block_out = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    kernel, strides, dilation = many(1, 3), many(1, 3), many(1, 2)
    padding = tuple(zip(many(-1, 3), many(-1, 3), strict=True))
    room = many(0, 4 if axes < 3 else 2)
    size = tuple(
        max(d * (k - 1) + 1 + r - low - high, 2)
        for d, k, r, (low, high) in zip(dilation, kernel, room, padding, strict=True)
    )
    samples = draw(st.sampled_from((0, 1, 2, 40)))
    attributes = {"strides": strides, "padding": padding, "dilation": dilation, "groups": groups}
    return (samples, groups * block_in, *size), (groups * block_out, block_in, *kernel), attributes


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 2**31))
def test_adjoint_identities_hold(problem: Any, seed: int) -> None:
    x_shape, w_shape, attributes = problem
    random = np.random.default_rng(seed)
    x, w = random.normal(size=x_shape), random.normal(size=w_shape)
    y = conv(x, w, **attributes)
    geometry = {k: v for k, v in attributes.items() if k != "groups"}
    assert y.shape == (x_shape[0], w_shape[0], *output_size(x_shape[2:], w_shape[2:], **geometry))
    g = random.normal(size=y.shape)
    inner = np.vdot(y, g)
    x_grad = conv_input_grad(g, w, shape=x_shape, **attributes)
    w_grad = conv_weight_grad(x, g, shape=w_shape, **attributes)
    assert x_grad.shape == x_shape
    assert w_grad.shape == w_shape
    np.testing.assert_allclose(np.vdot(x, x_grad), inner, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.vdot(w, w_grad), inner, rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_what_lies_beyond_the_last_window_gets_nothing(problem: Any, data: Any) -> None:
    x_shape, w_shape, attributes = problem
    random = np.random.default_rng(0)
    w = random.normal(size=w_shape)
    y = conv(np.zeros(x_shape), w, **attributes)
    g = random.normal(size=y.shape)
    more = [data.draw(st.integers(0, 4)) for _ in y.shape[2:]]
    wider = (*x_shape[:2], *(n + m for n, m in zip(x_shape[2:], more, strict=True)))
    x = random.normal(size=wider)
    first = conv(x, w, **attributes)[(..., *(slice(0, n) for n in y.shape[2:]))]
    x_grad = conv_input_grad(g, w, shape=wider, **attributes)
    w_grad = conv_weight_grad(x, g, shape=w_shape, **attributes)
    assert x_grad.shape == wider
    np.testing.assert_allclose(np.vdot(x, x_grad), np.vdot(first, g), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(np.vdot(w, w_grad), np.vdot(first, g), rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(problems(), st.integers(0, 2**31))
def test_conv_is_its_defining_sum(problem: Any, seed: int) -> None:
    x_shape, w_shape, attributes = problem
    x_shape = (min(x_shape[0], 2), *x_shape[1:])
    random = np.random.default_rng(seed)
    x, w = random.normal(size=x_shape), random.normal(size=w_shape)
    np.testing.assert_allclose(conv(x, w, **attributes), by_definition(x, w, attributes), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("samples", "size"), [(1, (9,)), (200, (9,)), (2, (6, 7)), (30, (6, 7)), (2, (4, 5, 6))])
def test_conv_matches_scipy_in_both_layouts(samples: int, size: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(samples, 4, *size))
    w = random.normal(size=(3, 4, *(3,) * len(size)))
    expected = np.stack([[correlate(image, kernel, mode="valid")[0] for kernel in w] for image in x])
    np.testing.assert_allclose(conv(x, w, **plain(len(size))), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("w_shape", "changes"),
    [
        ((8, 1, 3, 3), {"groups": 8, "padding": ((1, 1), (1, 1))}),  # depthwise
        ((5, 8, 1, 1), {}),  # pointwise
        ((5, 8, 1, 1), {"strides": (2, 2)}),
        ((5, 8, 1, 3), {"padding": ((0, 0), (2, 1))}),
        ((5, 8, 3, 1), {"strides": (1, 2)}),
        ((5, 8, 4, 4), {"strides": (4, 4)}),  # patches
        ((5, 8, 3, 3), {"dilation": (2, 3), "padding": ((4, 4), (4, 4))}),
        ((5, 8, 3, 3), {"strides": (3, 2), "padding": ((-1, 2), (0, -1))}),
        ((8, 2, 2, 3), {"groups": 4, "padding": ((3, 3), (3, 3))}),  # windows that lie in the padding
    ],
)
@pytest.mark.parametrize("samples", [1, 40])  # by sample and by row
def test_special_geometries(samples: int, w_shape: tuple[int, ...], changes: Attributes) -> None:
    random = np.random.default_rng(0)
    attributes = plain(2, **changes)
    x, w = random.normal(size=(samples, 8, 8, 9)), random.normal(size=w_shape)
    y = conv(x, w, **attributes)
    np.testing.assert_allclose(y, by_definition(x, w, attributes), rtol=1e-10, atol=1e-10)
    g = random.normal(size=y.shape)
    inner = np.vdot(y, g)
    np.testing.assert_allclose(np.vdot(x, conv_input_grad(g, w, shape=x.shape, **attributes)), inner, rtol=1e-10)
    np.testing.assert_allclose(np.vdot(w, conv_weight_grad(x, g, shape=w.shape, **attributes)), inner, rtol=1e-10)


@pytest.mark.parametrize(
    "dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64, np.int8, np.int32, np.uint64]
)
@pytest.mark.parametrize("stride", [1, 2])
def test_small_integers_are_exact_in_every_dtype(dtype: Any, stride: int) -> None:
    random = np.random.default_rng(0)
    x = random.integers(0, 3, (40, 2, 5, 5)).astype(dtype)
    w = random.integers(0, 2, (1, 2, 2, 2)).astype(dtype)
    attributes = plain(2, strides=(stride, stride))
    y = conv(x, w, **attributes)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y.astype(np.float64), by_definition(x, w, attributes))
    g = np.ones(y.shape, dtype)
    x_grad = conv_input_grad(g, w, shape=x.shape, **attributes)
    w_grad = conv_weight_grad(x[:1], g[:1], shape=w.shape, **attributes)
    assert x_grad.dtype == w_grad.dtype == dtype
    wide = [a.astype(np.float64) for a in (g, w, x[:1])]
    np.testing.assert_array_equal(
        x_grad.astype(np.float64), conv_input_grad(wide[0], wide[1], shape=x.shape, **attributes)
    )
    np.testing.assert_array_equal(
        w_grad.astype(np.float64), conv_weight_grad(wide[2], wide[0][:1], shape=w.shape, **attributes)
    )


def test_float16_accumulates_in_float32() -> None:
    x, w = np.full((1, 4096, 1), 1, np.float16), np.ones((1, 4096, 1), np.float16)
    assert conv(x, w, **plain(1)).item() == 4096  # in float16, 2048 + 1 is 2048


@pytest.mark.parametrize(
    ("x_shape", "w_shape"),
    [
        ((0, 2, 5, 5), (3, 2, 3, 3)),
        ((2, 0, 5, 5), (3, 0, 3, 3)),
        ((2, 2, 5, 5), (0, 2, 3, 3)),
        ((2, 2, 2, 5), (3, 2, 3, 3)),
        ((90, 2, 2, 5), (3, 2, 3, 3)),
        ((90, 2, 5, 2), (3, 2, 3, 3)),
    ],
)
def test_empty_arrays(x_shape: tuple[int, ...], w_shape: tuple[int, ...]) -> None:
    y = conv(np.ones(x_shape), np.ones(w_shape), **plain(2))
    assert y.shape == (x_shape[0], w_shape[0], max(x_shape[2] - 2, 0), max(x_shape[3] - 2, 0))
    assert not y.any()
    for attributes in (plain(2), plain(2, strides=(2, 2))):
        g = np.ones_like(conv(np.ones(x_shape), np.ones(w_shape), **attributes))
        assert not conv_input_grad(g, np.ones(w_shape), shape=x_shape, **attributes).any()
        assert not conv_weight_grad(np.ones(x_shape), g, shape=w_shape, **attributes).any()


def test_arguments_may_be_strided_and_are_left_alone() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(7, 6, 3, 40)).transpose(3, 2, 0, 1)[:, ::-1]
    w = random.normal(size=(4, 6, 3, 3))[:, ::2]
    copies = x.copy(), w.copy()
    y = conv(x, w, **plain(2))
    np.testing.assert_array_equal(y, conv(*copies, **plain(2)))
    assert y.flags.c_contiguous
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(w, copies[1])


def test_unpadded_pointwise_input_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []
    matmul = np.matmul
    monkeypatch.setattr(np, "matmul", lambda a, b: seen.append(b) or matmul(a, b))
    x = np.ones((2, 3, 4, 5))
    conv(x, np.ones((6, 3, 1, 1)), **plain(2))
    assert np.shares_memory(seen[0], x)
