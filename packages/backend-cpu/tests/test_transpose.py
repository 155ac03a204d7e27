"""Copies between memory orders, against NumPy's strided assignment."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_helpers import HOSTS, TYPES, guarded, loaded

from lamella.codegen.llvm import Module
from lamella_cpu.host import Host
from lamella_cpu.kernels.transpose import Axis, emit_copy, normalized


def check(dtype: str, axes: Sequence[tuple[int, int, int]], target: Host) -> None:
    """Compare a copy with NumPy's; what lies around the target must not change."""
    module = Module("copy")
    emit_copy(module, "kernel", dtype, axes, target)
    shape = [extent for extent, _, _ in axes]

    def length(side: int) -> int:
        return sum((axis[0] - 1) * axis[side] for axis in axes if axis[0]) + 1

    random = np.random.default_rng(prod(shape))
    _, source = guarded(random.integers(-100, 100, length(1)).astype(TYPES[dtype]), 99)
    whole, copy = guarded(np.full(length(2), 77, TYPES[dtype]), 88)
    expected = whole.copy()

    def view(flat: np.ndarray, side: int) -> np.ndarray:
        return np.lib.stride_tricks.as_strided(flat, shape, [axis[side] * flat.itemsize for axis in axes])

    view(expected[16:], 2)[...] = view(source, 1)
    loaded(module, "kernel", target)(source, copy)
    np.testing.assert_array_equal(whole, expected)


@pytest.fixture(params=list(HOSTS))
def target(request: pytest.FixtureRequest) -> Host:
    return HOSTS[request.param]


@pytest.mark.parametrize("dtype", list(TYPES))
@pytest.mark.parametrize("sizes", [(1, 1), (3, 5), (16, 16), (17, 33), (8, 40), (40, 3)])
def test_transposes(dtype: str, sizes: tuple[int, int], target: Host) -> None:
    rows, columns = sizes
    check(dtype, [(rows, columns, 1), (columns, 1, rows)], target)


@pytest.mark.parametrize("dtype", ["i8", "float", "double"])
@pytest.mark.parametrize(
    "axes",
    [
        [(2, 100, 105), (5, 20, 1), (20, 1, 6)],  # transposes with gaps
        [(5, 7, 9), (7, 1, 1)],  # runs with gaps
        [(2, 3000, 3000), (3, 1000, 1001), (1000, 1, 1)],  # long runs
        [(900, 1, 1)],
        [(5, 0, 9), (7, 1, 1)],  # rows repeated
        [(5, 1, 9), (9, 0, 1)],  # numbers repeated
        [(5, 2, 9), (4, 11, 2)],  # nothing side by side
        [(9, 4, 1)],  # strided reading
        [(9, 1, 4)],  # strided writing
        [(4, 3, 1), (3, 40, 400), (5, 1, 20)],
        [(2, 96, 96), (3, 16, 1), (16, 1, 3), (2, 48, 48)],  # channels first to channels last
        [],
        [(0, 1, 1), (4, 1, 1)],
        [(1, 9, 9)],
    ],
    ids=str,
)
def test_copies(dtype: str, axes: list[tuple[int, int, int]], target: Host) -> None:
    check(dtype, axes, target)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(1, 20), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
    st.sampled_from(list(TYPES)),
    st.sampled_from(list(HOSTS)),
)
def test_any_permutation(sizes: list[int], random: object, dtype: str, name: str) -> None:
    def strides() -> list[int]:
        order, result, stride = list(range(len(sizes))), [0] * len(sizes), 1
        random.shuffle(order)  # type: ignore[attr-defined]
        for axis in order:
            result[axis] = stride
            stride *= sizes[axis] + random.randint(0, 1)  # type: ignore[attr-defined]
        return result

    check(dtype, list(zip(sizes, strides(), strides(), strict=True)), HOSTS[name])


def test_axes_that_go_on_become_one() -> None:
    assert normalized([(4, 1, 1), (3, 4, 4), (2, 12, 24)]) == [Axis(2, 12, 24), Axis(12, 1, 1)]
    assert normalized([(5, 0, 9), (7, 0, 1)]) == [Axis(5, 0, 9), Axis(7, 0, 1)]
    assert normalized([(1, 3, 3)]) == []
