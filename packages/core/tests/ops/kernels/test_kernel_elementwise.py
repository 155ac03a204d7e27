"""Elementwise kernels against Python's arithmetic, SciPy and the limits of the types."""

from __future__ import annotations

import math
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamella.ops.kernels.elementwise import (
    cast,
    erf,
    floor_divide,
    power,
    remainder,
    round_half_even,
    rsqrt,
    sigmoid,
    sign,
)

FLOATS = [np.float16, ml_dtypes.bfloat16, np.float32, np.float64]
INTEGERS = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    ("kernel", "oracle"),
    [
        (erf, math.erf),
        (sigmoid, lambda v: 1 / (1 + math.exp(-v)) if v > -700 else math.exp(v)),
        (rsqrt, lambda v: math.nan if v < 0 else math.inf if v == 0 else 1 / math.sqrt(v)),
        (sign, lambda v: (v > 0) - (v < 0)),
        (round_half_even, round),
    ],
)
def test_functions_of_one_float(kernel: Any, oracle: Any, dtype: Any) -> None:
    x = np.array([-80.0, -3.5, -2.5, -1.0, -0.5, 0.0, 1e-3, 0.5, 1.5, 2.0, 2.5, 80.0]).astype(dtype)
    result = kernel(x)
    assert result.dtype == dtype
    expected = np.array([oracle(float(v)) for v in x])
    tolerance = 2 * float(ml_dtypes.finfo(dtype).eps)
    np.testing.assert_allclose(result.astype("f8"), expected, rtol=tolerance, atol=float(ml_dtypes.finfo(dtype).tiny))
    for edge in (np.zeros((0, 2), dtype), np.array(0.5, dtype), x[::-2]):
        assert kernel(edge).shape == edge.shape
        assert isinstance(kernel(edge), np.ndarray)


@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_and_infinity(dtype: Any) -> None:
    x = np.array([np.nan, np.inf, -np.inf]).astype(dtype)
    expected = {
        erf: [np.nan, 1, -1],
        sigmoid: [np.nan, 1, 0],
        rsqrt: [np.nan, 0, np.nan],
        sign: [np.nan, 1, -1],
        round_half_even: [np.nan, np.inf, -np.inf],
    }
    for kernel, numbers in expected.items():
        np.testing.assert_array_equal(kernel(x).astype("f8"), numbers)


def test_sigmoid_never_overflows() -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise", under="ignore"):
        assert sigmoid(np.array([-1e30, 1e30], np.float32)).tolist() == [0, 1]
        assert sigmoid(np.array([-100.0]))[0] == pytest.approx(math.exp(-100), rel=1e-14)


@given(st.lists(st.tuples(st.integers(-128, 127), st.integers(-128, 127).filter(bool)), min_size=1))
def test_integer_division_is_pythons(pairs: list[tuple[int, int]]) -> None:
    x, y = np.array(pairs, np.int32).T
    assert floor_divide(x, y).tolist() == [a // b for a, b in pairs]
    assert remainder(x, y).tolist() == [a % b for a, b in pairs]


@given(st.lists(st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 2), min_size=1))
def test_float_division_is_pythons(pairs: list[tuple[float, float]]) -> None:
    pairs = [(a, b) for a, b in pairs if b]
    x, y = np.array(pairs, np.float64).reshape(-1, 2).T
    np.testing.assert_array_equal(floor_divide(x, y), [a // b for a, b in pairs])
    np.testing.assert_array_equal(remainder(x, y), [a % b for a, b in pairs])


@pytest.mark.parametrize("dtype", FLOATS)
def test_float_division_by_zero(dtype: Any) -> None:
    x, y = np.array([1, -1, 0]).astype(dtype), np.zeros(3, dtype)
    quotient = floor_divide(x, y)
    assert quotient.dtype == remainder(x, y).dtype == dtype
    np.testing.assert_array_equal(quotient.astype("f8"), [np.inf, -np.inf, np.nan])
    assert np.isnan(remainder(x, y).astype("f8")).all()


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize(("kernel", "subject"), [(floor_divide, "floor_divide"), (remainder, "remainder")])
def test_integer_division_by_zero_is_an_error(kernel: Any, subject: str, dtype: Any) -> None:
    x, y = np.ones((2, 2), dtype), np.array([[1, 2], [3, 0]], dtype)
    with pytest.raises(ZeroDivisionError) as error:
        kernel(x, y)
    assert (
        str(error.value) == f"{subject}: got the divisor 0 at position (1, 1), expected integer divisors other than 0."
    )
    with pytest.raises(ZeroDivisionError, match="got the divisor 0, expected"):
        kernel(x, y[1, 1:].reshape(()))
    assert kernel(x[:0], y[:0]).shape == (0, 2)
    assert kernel(x, np.ones((), dtype)).dtype == dtype


def test_lowest_integer_by_minus_one_wraps() -> None:
    low, minus_one = np.array([-128], np.int8), np.array([-1], np.int8)
    assert floor_divide(low, minus_one).tolist() == [-128]
    assert remainder(low, minus_one).tolist() == [0]


def test_integer_powers() -> None:
    assert power(np.array([2, 3, 0, -2]), np.array([7, 2, 0, 3])).tolist() == [128, 9, 1, -8]
    assert power(np.array([2], np.int8), np.array([7], np.int8)).tolist() == [-128]
    assert power(np.array([3], np.uint8), np.array(2, np.uint8)).dtype == np.uint8
    with pytest.raises(
        ValueError, match=r"^pow: got the exponent -3 for integers, expected exponents of at least 0\. "
    ):
        power(np.array([2, 2]), np.array([1, -3]))


@pytest.mark.parametrize("dtype", FLOATS)
def test_float_powers(dtype: Any) -> None:
    result = power(np.array([2, 4, 0, -1, -1]).astype(dtype), np.array([-1, 0.5, -1, 2, 0.5]).astype(dtype))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result.astype("f8"), [0.5, 2, np.inf, 1, np.nan])


@pytest.mark.parametrize("target", INTEGERS)
@pytest.mark.parametrize("source", FLOATS)
def test_float_to_integer_saturates(source: Any, target: Any) -> None:
    limits = np.iinfo(target)
    wide = [0.0, -0.9, 0.9, 1.5, -1.5, 100, -100, 300, -300, 65504, -65504]
    wide += [float(limits.max), float(limits.max) + 1, float(limits.min), float(limits.min) - 1]
    wide += [1e30, -1e30, np.inf, -np.inf, np.nan]
    x = np.array(wide).astype(source)
    expected = [
        0 if math.isnan(v) else min(max(_truncated(v), int(limits.min)), int(limits.max)) for v in x.astype("f8")
    ]
    result = cast(x, dtype=np.dtype(target))
    assert result.dtype == target
    assert result.tolist() == expected
    assert [cast(one, dtype=np.dtype(target)).item() for one in np.split(x, len(x))] == expected
    assert cast(x.reshape(4, 5)[:, ::2], dtype=np.dtype(target)).tolist() == [
        expected[i : i + 5 : 2] for i in (0, 5, 10, 15)
    ]
    assert cast(np.array(np.inf).astype(source), dtype=np.dtype(target)).tolist() == limits.max


def _truncated(number: float) -> int:
    return int(min(max(number, -1e30), 1e30))


@pytest.mark.parametrize("source", [np.bool_, *INTEGERS, *FLOATS])
@pytest.mark.parametrize("target", [np.bool_, *INTEGERS, *FLOATS])
def test_every_pair_of_dtypes_casts(source: Any, target: Any) -> None:
    x = np.array([0, 1, 1, 0]).astype(source)
    result = cast(x, dtype=np.dtype(target))
    assert result.dtype == target
    np.testing.assert_array_equal(result.astype("f8"), [0, 1, 1, 0])
    assert cast(x[:0], dtype=np.dtype(target)).shape == (0,)
    assert cast(np.array(1).astype(source), dtype=np.dtype(target)).shape == ()


def test_casts_with_losses() -> None:
    assert cast(np.array([300, -129], np.int32), dtype=np.dtype(np.int8)).tolist() == [44, 127]
    assert cast(np.array([0.1, np.nan, 0, -0.0]), dtype=np.dtype(np.bool_)).tolist() == [True, True, False, False]
    assert cast(np.array([1e300, 70000.0]), dtype=np.dtype(np.float16)).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_have_a_sign_and_are_round(dtype: Any) -> None:
    x = np.array([0, 1, 7], dtype)
    assert sign(x).tolist() == [0, 1, 1]
    assert sign(x).dtype == round_half_even(x).dtype == dtype
    assert round_half_even(x).tolist() == [0, 1, 7]
