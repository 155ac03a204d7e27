"""Quantizing against exact fractions, and derivatives of what is quantized."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ops import prims

INTEGERS = ["int8", "uint8", "int4", "uint4"]
FLOATS = ["float8_e4m3fn", "float8_e5m2"]
MODES = {"eager": lambda fn: fn, "graph": ir.staged}
modes = pytest.mark.parametrize("mode", MODES)


NUMBERS = st.floats(-(2**20), 2**20, width=32) | st.sampled_from([math.nan, math.inf, -math.inf, 0.5, 1.5, -2.5])


def exactly(number: float, scale: float, zero: int, dtype: ms.DType) -> int:
    """The definition, in fractions; Python rounds halves of them to even."""
    low, high = dtype.limits
    if math.isnan(number):
        return min(max(zero, low), high)
    if math.isinf(number):
        return high if number > 0 else low
    return min(max(round(Fraction(number) / Fraction(scale)) + zero, low), high)


@modes
@pytest.mark.parametrize("dtype", INTEGERS)
@settings(deadline=None)
@given(
    numbers=st.lists(
        st.floats(width=32, min_value=-(2**20), max_value=2**20) | st.sampled_from([math.nan, math.inf, -math.inf])
    ),
    power=st.integers(-6, 6),
    zero=st.integers(-20, 20),
)
def test_every_number_becomes_the_nearest_step(mode, dtype, numbers, power, zero):
    scale = 2.0**power  # so that the quotient is exact
    x = np.array(numbers, np.float32)
    found = MODES[mode](lambda x: ops.quantize(x, scale, zero, dtype))(Tensor(x))
    assert found.dtype.name == dtype
    assert found.tolist() == [exactly(n, scale, zero, found.dtype) for n in x.tolist()]
    back = MODES[mode](lambda q: ops.dequantize(q, scale, zero))(found)
    np.testing.assert_array_equal(back.asnumpy(), np.float32([(q - zero) * scale for q in found.tolist()]))


@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_of_8_bits_saturate_and_keep_nan(dtype):
    most = {"float8_e4m3fn": 448.0, "float8_e5m2": 57344.0}[dtype]
    x = Tensor([1.5, -3.0, 1e9, -1e9, math.inf, -math.inf, math.nan, 0.0])
    found = ops.quantize(x, 0.5, dtype=dtype).astype("float32").asnumpy()
    np.testing.assert_array_equal(found, np.float32([3.0, -6.0, most, -most, most, -most, math.nan, 0.0]))


@modes
@pytest.mark.parametrize("dtype", [*INTEGERS, *FLOATS])
@pytest.mark.parametrize("x_type", ["float16", "bfloat16", "float32", "float64"])
def test_scales_of_channels_and_groups_are_those_of_their_parts(mode, dtype, x_type):
    x = np.random.default_rng(0).standard_normal((4, 6)).astype(np.float32)
    scales = np.float32([[0.25, 0.5, 0.125], [1.0, 2.0, 0.5], [0.25, 0.25, 1.0], [0.5, 0.0625, 0.25]])
    zeros = np.arange(12).reshape(4, 3) - 4
    t = Tensor(x).astype(x_type)

    def whole(t):
        q = ops.quantize(t, Tensor(scales).astype(x_type), Tensor(zeros), dtype, axis=1, group_size=2)
        return q, ops.dequantize(q, Tensor(scales).astype(x_type), Tensor(zeros), axis=1, group_size=2)

    q, back = MODES[mode](whole)(t)
    assert q.dtype.name == dtype and back.dtype.name == x_type
    for i, j in np.ndindex(4, 3):
        part = Tensor(t.asnumpy()[i, 2 * j : 2 * j + 2])
        expected = ops.quantize(part, float(scales[i, j]), int(zeros[i, j]), dtype)
        found = q.asnumpy()[i, 2 * j : 2 * j + 2]
        np.testing.assert_array_equal(found.astype(float), expected.asnumpy().astype(float))
        again = ops.dequantize(expected, Tensor(scales[i, j]).astype(x_type), int(zeros[i, j]))
        np.testing.assert_array_equal(back.asnumpy()[i, 2 * j : 2 * j + 2].astype(float), again.asnumpy().astype(float))
    for axis, scale in ((0, scales[:, 0]), (1, scales.ravel()[:6]), (-1, scales.ravel()[:6])):
        along = MODES[mode](lambda t, a=axis, s=scale: ops.quantize(t, Tensor(s).astype(x_type), 1, dtype, axis=a))(t)
        for place, step in enumerate(scale):
            part = Tensor(np.take(t.asnumpy(), [place], axis))
            expected = ops.quantize(part, float(step), 1, dtype).asnumpy()
            np.testing.assert_array_equal(np.take(along.asnumpy(), [place], axis).astype(float), expected.astype(float))


@modes
@pytest.mark.parametrize("shape", [(), (1, 6), (4, 1), (4, 3), (2, 2), (1, 1)])
def test_the_derivative_by_the_scale_is_that_of_differences(mode, shape):
    random = np.random.default_rng(1)
    q = Tensor(random.integers(-8, 8, (4, 6)), "int4")
    zero = Tensor(random.integers(-3, 4, shape), "int32")
    scale, weights = random.uniform(0.5, 1.5, shape), Tensor(random.standard_normal((4, 6)))

    def loss(scale):
        return (ops.sin(prims.dequantize(q, scale, zero)) * weights).sum()

    direction = random.standard_normal(shape)
    slope = MODES[mode](ms.grad(loss))(Tensor(scale)).asnumpy()
    ahead, behind = (loss(Tensor(scale + step * direction)).item() for step in (1e-6, -1e-6))
    assert (slope * direction).sum() == pytest.approx((ahead - behind) / 2e-6, rel=1e-6)


@modes
def test_quantizing_has_no_slope_and_the_composition_of_the_documentation_that_of_its_input(mode):
    def rounded(x, scale):
        return x + ops.stop_gradient(ops.dequantize(ops.quantize(x, scale), scale) - x)

    x = Tensor([0.3, -1.1, 100.0])
    through = lambda x: (ops.dequantize(ops.quantize(x, 0.25), 0.25) * 2).sum()  # noqa: E731 - differentiated
    assert MODES[mode](ms.grad(through))(x).tolist() == [0.0] * 3
    value, slope = MODES[mode](ms.value_and_grad(lambda x: (rounded(x, 0.25) ** 2).sum()))(x)
    kept = np.float32([0.25, -1.0, 31.75])
    assert value.item() == pytest.approx((kept**2).sum()) and slope.asnumpy() == pytest.approx(2 * kept)


@modes
@pytest.mark.parametrize("batched", [(1, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 1, 1)])
@pytest.mark.parametrize("blocks", [(), (1, 6), (4, 3)])
def test_a_batch_is_one_example_after_the_other(mode, batched, blocks):
    random = np.random.default_rng(2)
    x = random.standard_normal((3, 4, 6)).astype(np.float32)
    scale = random.uniform(0.1, 0.4, (3, *blocks)).astype(np.float32)
    zero = random.integers(-3, 4, (3, *blocks)).astype(np.int32)
    operands = [Tensor(a if b else a[0]) for a, b in zip((x, scale, zero), batched, strict=True)]
    axes = tuple(0 if b else None for b in batched)
    q = MODES[mode](ms.vmap(lambda *a: prims.quantize(*a, dtype="int4"), in_axes=axes))(*operands)
    back = MODES[mode](ms.vmap(prims.dequantize, in_axes=(0, *axes[1:])))(q, *operands[1:])
    single = Tensor(q.asnumpy()[0])
    repeated = ms.vmap(prims.dequantize, in_axes=(None, 0, 0))(single, Tensor(scale), Tensor(zero))
    for n in range(3):
        each = [Tensor(a[n if b else 0]) for a, b in zip((x, scale, zero), batched, strict=True)]
        expected = prims.quantize(*each, dtype="int4")
        assert q.asnumpy()[n].tolist() == expected.tolist()
        np.testing.assert_array_equal(back.asnumpy()[n], prims.dequantize(expected, *each[1:]).asnumpy())
        one = prims.dequantize(single, Tensor(scale[n]), Tensor(zero[n]))
        np.testing.assert_array_equal(repeated.asnumpy()[n], one.asnumpy())


@pytest.mark.parametrize("shape", [(), (0, 3), (1,)])
def test_edges(shape):
    x = Tensor(np.ones(shape, np.float32))
    q = ops.quantize(x, 0.5)
    assert q.shape == shape and ops.dequantize(q, 0.5).asnumpy().tolist() == np.ones(shape).tolist()
    assert ops.quantize(Tensor(np.ones((2, 3), np.float32).T), Tensor([0.5, 1.0]), axis=1).tolist() == [[2, 1]] * 3


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: ops.quantize(x.astype("int32"), 1.0), TypeError, "got a int32 tensor, expected a floating-point"),
        (lambda x: ops.quantize(x, 1.0, dtype="int16"), TypeError, "type int16, expected one of int8, uint8, int4"),
        (lambda x: ops.quantize(x, 1.0, 0.5), TypeError, "a zero point of float32, expected an int"),
        (lambda x: ops.quantize(x, Tensor([1.0])), ValueError, r"scale \(1,\).*expected the shape \(\)"),
        (lambda x: ops.quantize(x, 1.0, axis=1), ValueError, r"expected the shape \(6,\)"),
        (lambda x: ops.quantize(x, Tensor([1.0] * 6), axis=0), ValueError, r"expected the shape \(4,\)"),
        (lambda x: ops.quantize(x, 1.0, axis=1, group_size=4), ValueError, "group_size=4 for size 6"),
        (lambda x: ops.quantize(x, 1.0, axis=2), ValueError, "axis=2"),
        (lambda x: ops.dequantize(x, 1.0), TypeError, "type float32, expected one of"),
        (lambda x: prims.quantize(x, x[:3], x[:3].int(), dtype="int8"), ValueError, "one size that divides"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call(Tensor(np.ones((4, 6), np.float32)))
