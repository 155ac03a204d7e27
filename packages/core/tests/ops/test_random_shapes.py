"""Functions that write, pick and pool, of random shapes and types, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers import assert_same
from hypothesis import given, settings
from hypothesis import strategies as st

from lamella import Tensor, ops

TYPES = ("float32", "float64", "int32", "int64", "uint8")
sizes = st.integers(0, 4)
shapes = st.lists(sizes, min_size=1, max_size=3).map(tuple)
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(1, 9, shape).astype(dtype)


START = {"sum": 0, "prod": 1, "max": None, "min": None}


@pytest.mark.parametrize("kind", START)
@settings(max_examples=15, deadline=None)
@given(shapes, st.integers(1, 4), st.sampled_from(TYPES), seeds)
def test_segments(kind, shape, count, dtype, seed):
    x, ids = drawn(seed, shape, dtype), np.random.default_rng(seed).integers(-1, count, shape[:1])
    limits = np.finfo(dtype) if dtype.startswith("float") else np.iinfo(dtype)
    start = {"max": limits.min, "min": limits.max}.get(kind, START[kind])
    expected = np.full((count, *shape[1:]), start, dtype)
    combine = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}[kind]
    combine.at(expected, ids[ids >= 0], x[ids >= 0])
    assert_same(getattr(ops, f"unsorted_segment_{kind}")(Tensor(x), Tensor(ids), count), expected)


@settings(max_examples=20, deadline=None)
@given(shapes, st.sampled_from(TYPES), seeds)
def test_masked_scatter_and_masks(shape, dtype, seed):
    x, random = drawn(seed, shape, dtype), np.random.default_rng(seed)
    mask, source = random.random(shape) > 0.5, drawn(seed + 1, (x.size,), dtype)
    expected = x.copy()
    expected[mask] = source[: mask.sum()]
    assert_same(Tensor(x).masked_scatter(Tensor(mask), Tensor(source)), expected)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple), st.integers(0, 5), st.sampled_from(TYPES), seeds)
def test_slices_added_filled_and_replaced(shape, count, dtype, seed):
    random = np.random.default_rng(seed)
    axis = int(random.integers(-len(shape), len(shape)))
    at = random.integers(0, shape[axis], count)
    x = drawn(seed, shape, dtype)
    part = list(shape)
    part[axis] = count
    y = drawn(seed + 1, tuple(part), dtype)
    index = (slice(None),) * (axis % len(shape)) + (at,)
    added, filled = x.copy(), x.copy()
    np.add.at(added, index, y)
    filled[index] = 7
    assert_same(Tensor(x).index_add(axis, Tensor(at), Tensor(y)), added)
    assert_same(ops.index_add(Tensor(x), Tensor(at), Tensor(y), axis), added)
    assert_same(Tensor(x).index_fill(axis, Tensor(at), 7), filled)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 6), st.integers(1, 6), st.booleans(), st.sampled_from(TYPES), seeds)
def test_diagonals_filled(rows, columns, wrap, dtype, seed):
    x = drawn(seed, (rows, columns), dtype)
    expected = x.copy()
    np.fill_diagonal(expected, 7, wrap)
    assert_same(Tensor(x).fill_diagonal(7, wrap), expected)


@settings(max_examples=20, deadline=None)
@given(st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(1, 7), st.integers(1, 7)), seeds)
def test_adaptive_pooling(shape, seed):
    x, random = drawn(seed, shape, "float64"), np.random.default_rng(seed)
    rows, columns = (int(n) for n in random.integers(1, 8, 2))
    expected = np.zeros((*shape[:2], rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, bottom = i * shape[2] // rows, -(-(i + 1) * shape[2] // rows)
            left, right = j * shape[3] // columns, -(-(j + 1) * shape[3] // columns)
            expected[:, :, i, j] = x[:, :, top:bottom, left:right].mean((2, 3))
    np.testing.assert_allclose(ops.adaptive_avg_pool2d(Tensor(x), (rows, columns)).asnumpy(), expected, 1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 3), st.lists(sizes, min_size=2, max_size=2), st.integers(1, 3), seeds)
def test_places_and_channels_there_and_back(n, kept, factor, seed):
    x = Tensor(drawn(seed, (n, 2 * factor * factor, *kept), "int64"))
    assert_same(ops.pixel_unshuffle(ops.pixel_shuffle(x, factor), factor), x)
    if factor > 1:
        assert_same(ops.SpaceToDepth(factor)(ops.DepthToSpace(factor)(x)), x)


@settings(max_examples=20, deadline=None)
@given(st.lists(sizes, min_size=1, max_size=3).map(tuple), st.sampled_from(("float32", "float64", "int32")), seeds)
def test_running_sums_that_leave_out_their_own(shape, dtype, seed):
    x, random = drawn(seed, shape, dtype), np.random.default_rng(seed)
    axis, backwards = int(random.integers(len(shape))), bool(random.integers(2))
    turned = np.flip(x, axis) if backwards else x
    expected = np.cumsum(turned, axis, x.dtype) - turned
    assert_same(ops.CumSum(True, backwards)(Tensor(x), axis), np.flip(expected, axis) if backwards else expected)


def zeros(*shape: int) -> Tensor:
    return ops.zeros(shape)


def none(*shape: int) -> Tensor:
    return ops.zeros(shape, "int64")


@pytest.mark.parametrize(
    ("fn", "shapes"),
    [
        (lambda: ops.iou(zeros(0, 4), zeros(3, 4)), [(3, 0)]),
        (lambda: ops.NMSWithMask()(zeros(0, 5)), [(0, 5), (0,), (0,)]),
        (lambda: ops.ROIAlign(2, 3, 1.0)(zeros(1, 2, 4, 4), zeros(0, 5)), [(0, 2, 2, 3)]),
        (lambda: ops.crop_and_resize(zeros(1, 4, 4, 2), zeros(0, 4), none(0), (2, 3)), [(0, 2, 3, 2)]),
        (lambda: ops.bounding_box_decode(zeros(0, 4), zeros(0, 4), (3, 3)), [(0, 4)]),
        (lambda: ops.ctc_loss(zeros(3, 0, 4), none(0, 2), none(0), none(0), reduction="none"), [(0,), (0, 3, 5)]),
        (lambda: ops.CTCLoss()(zeros(3, 2, 4), none(0, 2), none(0), Tensor([3, 3])), [(2,), (3, 2, 4)]),
        (lambda: ops.CTCGreedyDecoder()(zeros(3, 0, 4), none(0)), [(0, 2), (0,), (2,), (0, 1)]),
        (lambda: ops.RandomChoiceWithMask(3)(zeros(0, 2) > 0), [(3, 2), (3,)]),
        (lambda: ops.interpolate(zeros(0, 2, 4, 4), 3), [(0, 2, 3, 3)]),
        (lambda: ops.max_pool3d(zeros(0, 2, 4, 4, 4), 2), [(0, 2, 2, 2, 2)]),
        (lambda: ops.reverse_sequence(zeros(0, 4), none(0), 1), [(0, 4)]),
        (lambda: ops.DynamicRNN()(zeros(0, 2, 2), zeros(5, 12), zeros(12))[:2], [(0, 2, 3), (0, 2, 3)]),
        (lambda: ops.TopK()(zeros(0, 4), 2), [(0, 2), (0, 2)]),
        (lambda: zeros(3, 4).scatter(1, none(0, 4), zeros(0, 4)), [(3, 4)]),
        (lambda: zeros(3, 4).index_put((none(0),), zeros(0, 4)), [(3, 4)]),
    ],
)
def test_nothing(fn, shapes):
    results = fn()
    assert [x.shape for x in (results if isinstance(results, tuple) else (results,))] == shapes
