"""Contractions against sums of products in double precision, for every kind of processor at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_helpers import HOSTS, TYPES, Array, guarded, loaded

from lamella.codegen.llvm import Module
from lamella_cpu.host import Host, host
from lamella_cpu.kernels.contraction import Contraction, emit, tile
from lamella_cpu.kernels.dot_products import few_columns
from lamella_cpu.kernels.tiling import best_tiling, depth_block, merged

WIDE = replace(host(), vector_bits=512, registers=32, l1_bytes=32 << 10, l2_bytes=1 << 20)
NARROW = replace(host(), vector_bits=256, registers=16, l1_bytes=32 << 10, l2_bytes=1 << 20)


def matmul(m: int, k: int, n: int, transposed: bool = False, dtype: str = "float", add: bool = False) -> Contraction:
    """The product of matrices; `transposed` has the columns of A side by side."""
    in_rows, in_depth = (1, m) if transposed else (k, 1)
    return Contraction(dtype, ((m, in_rows, n),), n, ((k, in_depth, n),), add)


def conv(n: int, h: int, w: int, c: int, o: int, kernel: int = 3, stride: int = 1) -> Contraction:
    """A convolution of channels-last images with a halo."""
    width = (w - 1) * stride + kernel
    height = (h - 1) * stride + kernel
    rows = ((n, height * width * c, h * w * o), (h, stride * width * c, w * o), (w, stride * c, o))
    return Contraction("float", rows, o, ((kernel, width * c, kernel * c * o), (kernel * c, 1, o)))


def conv_weight_grad(n: int, h: int, w: int, c: int, o: int, kernel: int = 3) -> Contraction:
    """The gradient of a convolution in its weights."""
    width, height = w + kernel - 1, h + kernel - 1
    rows = ((kernel, width * c, kernel * c * o), (kernel * c, 1, o))
    return Contraction("float", rows, o, ((n, height * width * c, h * w * o), (h, width * c, w * o), (w, c, o)))


def view(flat: Array, shape: Sequence[int], strides: Sequence[int]) -> Array:
    return np.lib.stride_tricks.as_strided(flat, shape, [s * flat.itemsize for s in strides])


def length(*axes: tuple[int, int]) -> int:
    """How many elements axes reach over."""
    return sum((extent - 1) * stride for extent, stride in axes if extent) + 1


def check(spec: Contraction, target: Host) -> None:
    """Compare a kernel with NumPy; what lies around its operands and result must not matter or change."""
    module = Module("contraction")
    emit(module, "kernel", spec, target)
    kernel = loaded(module, "kernel", target)
    random = np.random.default_rng(prod(e for e, _, _ in spec.rows) + spec.columns)
    dtype = TYPES[spec.dtype]
    rows, depth = [e for e, _, _ in spec.rows], [e for e, _, _ in spec.depth]
    in_a = [s for _, s, _ in spec.rows] + [s for _, s, _ in spec.depth]
    in_b = [s for _, _, s in spec.depth] + [1]
    in_c = [s for _, _, s in spec.rows] + [1]
    lengths = (
        length(*zip(rows + depth, in_a, strict=True)),
        length(*zip([*depth, spec.columns], in_b, strict=True)),
        length(*zip([*rows, spec.columns], in_c, strict=True)),
    )
    (_, a), (_, b), (whole, c) = (guarded(random.standard_normal(n).astype(dtype), np.nan) for n in lengths)
    expected = whole.astype(np.float64)
    # Products and sums in double precision; and how large they are at most, for rounding.
    left = view(a, rows + depth, in_a).astype(np.float64).reshape(prod(rows), prod(depth))
    right = view(b, [*depth, spec.columns], in_b).astype(np.float64).reshape(prod(depth), spec.columns)
    place = view(expected[16:], [*rows, spec.columns], in_c)
    product = (left @ right).reshape(place.shape)
    place[...] = place + product if spec.accumulate else product
    scale = (np.abs(left) @ np.abs(right)).max(initial=1.0)
    kernel(a, b, c)
    tolerance = scale * np.finfo(dtype).eps * 4
    np.testing.assert_allclose(whole, expected, rtol=0, atol=tolerance)


@pytest.fixture(params=list(HOSTS))
def target(request: pytest.FixtureRequest) -> Host:
    return HOSTS[request.param]


@pytest.mark.parametrize(
    "spec",
    [
        matmul(29, 70, 65),
        matmul(13, 17, 33, transposed=True, add=True),
        matmul(7, 31, 50, dtype="double"),
        matmul(1, 100, 40),
        matmul(64, 5, 16),
        conv(2, 3, 5, 4, 20),
        conv(1, 7, 7, 3, 8),
        conv(2, 3, 4, 5, 33, kernel=1),
        conv(1, 3, 4, 2, 17, stride=2),
        conv_weight_grad(2, 4, 5, 3, 20),
        conv_weight_grad(3, 5, 5, 1, 33),
    ],
    ids=str,
)
def test_matrix_products_and_convolutions(spec: Contraction, target: Host) -> None:
    check(spec, target)


@pytest.mark.parametrize("columns", [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64])
def test_any_number_of_columns(columns: int, target: Host) -> None:
    check(matmul(5, 20, columns), target)


@pytest.mark.parametrize(
    "spec",
    [
        matmul(40, 37, 1),
        matmul(17, 200, 1, dtype="double", add=True),
        matmul(20, 67, 2, add=True),
        matmul(19, 33, 3),
        matmul(16, 64, 4),
        Contraction("float", ((3, 70, 4), (6, 400, 12)), 3, ((2, 3000, 99), (35, 1, 3))),
        Contraction("float", ((20, 70, 1),), 1, ((35, 1, 2),)),
    ],
    ids=str,
)
def test_few_columns(spec: Contraction, target: Host) -> None:
    if target.vector_bits == 512:
        assert few_columns(spec, target)
    check(spec, target)


def test_a_matrix_times_one_column(target: Host) -> None:
    check(matmul(70, 20, 1, transposed=True), target)
    check(matmul(70, 20, 1, transposed=True, add=True), target)


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("spec", [matmul(5, 500, 20), conv_weight_grad(7, 9, 10, 2, 20), matmul(9, 1, 9)], ids=str)
def test_long_depth_is_blocked(spec: Contraction, add: bool, target: Host) -> None:
    small = replace(target, l2_bytes=4096)
    assert depth_block(spec, small, best_tiling(spec, small)) <= 64
    check(spec._replace(accumulate=add), small)


@pytest.mark.parametrize("add", [False, True])
@pytest.mark.parametrize("sizes", [(0, 3, 4), (3, 0, 4), (3, 4, 0), (20, 0, 1), (0, 20, 1)])
def test_sums_of_nothing(sizes: tuple[int, int, int], add: bool, target: Host) -> None:
    check(matmul(*sizes, add=add), target)


def test_operands_that_repeat() -> None:
    # A row of A for all rows, a number of B for all depth: strides of 0.
    check(Contraction("float", ((5, 0, 20),), 20, ((9, 1, 0),)), host())


axes = st.lists(st.integers(1, 7), min_size=1, max_size=3)


@settings(deadline=None, max_examples=40)
@given(
    axes, axes, st.integers(1, 40), st.booleans(), st.sampled_from(["float", "double"]), st.sampled_from(list(HOSTS)),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_any_axes_and_strides(
    rows: list[int], depth: list[int], columns: int, add: bool, dtype: str, name: str, random: object
) -> None:
    # Strides of A are those of the axes in any order, with gaps; C must not overlap itself.
    order = list(range(len(rows) + len(depth)))
    random.shuffle(order)  # type: ignore[attr-defined]
    sizes, in_a, stride = rows + depth, [0] * len(order), 1
    for axis in order:
        in_a[axis] = stride
        stride *= sizes[axis] + random.randint(0, 1)  # type: ignore[attr-defined]
    in_b = [prod(depth[i + 1 :]) * columns for i in range(len(depth))]
    in_c = [prod(rows[i + 1 :]) * (columns + 1) for i in range(len(rows))]
    spec = Contraction(
        dtype,
        tuple(zip(rows, in_a, in_c, strict=False)),
        columns,
        tuple(zip(depth, in_a[len(rows) :], in_b, strict=True)),
        add,
    )
    check(spec, HOSTS[name])


def test_infinities_and_nans_stay() -> None:
    a, b = np.array([[np.inf, 1], [np.nan, 2]], np.float32), np.array([[0, 1], [1, 1]], np.float32)
    c = np.zeros((2, 2), np.float32)
    module = Module("contraction")
    emit(module, "kernel", matmul(2, 2, 2), host())
    loaded(module, "kernel", host())(a, b, c)
    np.testing.assert_array_equal(c, [[np.nan, np.inf], [np.nan, np.nan]])


def test_axes_are_merged_where_they_go_on() -> None:
    assert merged([(2, 12, 6), (3, 4, 2), (4, 1, 9)]) == [(6, 4, 2), (4, 1, 9)]
    assert merged([(1, 5, 5)]) == [(1, 0, 0)]


@pytest.mark.parametrize(
    ("spec", "here"),
    [
        (spec, here)
        for spec in (
            matmul(512, 784, 64), matmul(512, 64, 784), matmul(10, 512, 64), matmul(512, 64, 10), matmul(1, 9, 9),
            matmul(1024, 1024, 1024), conv(64, 28, 28, 1, 32), conv(64, 7, 7, 64, 64), conv_weight_grad(8, 9, 9, 1, 32),
        )
        for here in (WIDE, NARROW)
    ],
)  # fmt: skip
def test_tiles_fit_the_registers(spec: Contraction, here: Host) -> None:
    height, width = tile(spec, here)
    assert height * width + width + 1 <= here.registers
    assert width <= -(-spec.columns // here.lanes(spec.dtype))
    assert height <= prod(e for e, _, _ in spec.rows)


@pytest.mark.parametrize(("stride", "most"), [(1024, 6), (512, 12), (1000, 24)])
def test_rows_a_page_apart_do_not_push_each_other_out(stride: int, most: int) -> None:
    spec = Contraction("float", ((1000, stride, 16),), 16, ((512, 1, 16),))
    assert tile(spec, WIDE) == (most, 1)
