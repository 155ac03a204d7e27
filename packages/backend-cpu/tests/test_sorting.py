"""Sorting against core's kernel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_helpers import guarded, loaded

from lamella.codegen.llvm import Module
from lamella.dtypes import BY_NAME, ORDERED, DType
from lamella.ops.kernels.indexed import sort
from lamella_cpu.host import host
from lamella_cpu.kernels.sorting import emit_sort, scratch_bytes


def numbers(dtype: DType, count: int, seed: int) -> np.ndarray:
    """Random ones of all sizes, with repetitions and special values."""
    random = np.random.default_rng(seed)
    if dtype.kind == "bool":
        return random.integers(0, 2, count).astype(bool)
    few = random.integers(-3, 4, count).astype(np.int64)
    anything = np.frombuffer(random.bytes(count * dtype.itemsize), dtype.numpy)
    with np.errstate(all="ignore"):
        mixed = np.where(random.random(count) < 0.5, few.astype(dtype.numpy), anything)
    if dtype.is_float and count:
        special = np.array([np.inf, -np.inf, np.nan, -np.nan, 0.0, -0.0]).astype(dtype.numpy)
        mixed = np.where(random.random(count) < 0.3, random.choice(special, count), mixed)
    return mixed.astype(dtype.numpy)


def check(row: np.ndarray, dtype: DType, descending: bool, strides: tuple[int, int, int] = (1, 1, 1)) -> None:
    module, count = Module("sorting"), row.size
    emit_sort(module, "kernel", dtype, count, descending, strides)
    spread = np.zeros(max(count * strides[0], 1), row.dtype)
    spread[: count * strides[0] : strides[0]] = row
    all_values, values = guarded(np.zeros(count * strides[1], row.dtype), 1)
    all_positions, positions = guarded(np.full(count * strides[2], -1), 7)
    # The records have to be aligned for 16 bytes.
    room = np.zeros(scratch_bytes(dtype, count) + 32, np.uint8)
    start = -room.ctypes.data % 16
    scratch = room[start : start + scratch_bytes(dtype, count)]
    room[start + scratch.size :] = 55
    loaded(module, "kernel", host())(spread, values, positions, scratch)
    expected_values, expected_positions = sort(row, axis=0, descending=descending)
    width = f"u{dtype.itemsize}"
    np.testing.assert_array_equal(values[:: strides[1]].view(width), expected_values.view(width))
    np.testing.assert_array_equal(positions[:: strides[2]], expected_positions)
    assert (room[start + scratch.size :] == 55).all()
    for whole in (all_values, all_positions):
        assert (whole[:16] == whole[0]).all() and (whole[-16:] == whole[0]).all()


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("count", [0, 1, 2, 31, 32, 33, 300])
@pytest.mark.parametrize("dtype", ORDERED, ids=str)
def test_all_types(dtype: DType, count: int, descending: bool) -> None:
    check(numbers(dtype, count, count), dtype, descending)


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["float32", "int64", "float64", "uint8", "float16"]),
    st.integers(0, 120),
    st.integers(0, 1000),
    st.booleans(),
    st.tuples(*[st.integers(1, 3)] * 3),
)
def test_any_length_and_strides(
    name: str, count: int, seed: int, descending: bool, strides: tuple[int, int, int]
) -> None:
    check(numbers(BY_NAME[name], count, seed), BY_NAME[name], descending, strides)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("row", [[5] * 100, [1, 2] * 50, list(range(300)), list(range(300, 0, -1)), [0, 2**40] * 30])
def test_digits_that_all_share_are_passed_over(row: list[int], descending: bool) -> None:
    check(np.array(row), BY_NAME["int64"], descending)


def test_a_long_row() -> None:
    check(numbers(BY_NAME["float32"], 100_000, 0), BY_NAME["float32"], False)
