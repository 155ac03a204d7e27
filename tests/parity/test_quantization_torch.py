"""Quantizing against torch on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import lamella as ms
from lamella import Tensor, ops

TYPES = {"int8": torch.qint8, "uint8": torch.quint8}


def numbers(shape: Any) -> Any:
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32) * 3
    x.flat[:4] = [0.125, 0.375, 1e6, -1e6]  # halves of the steps below, and out of range
    return x


@pytest.mark.parametrize("mode", [lambda fn: fn, ms.ir.staged, ms.jit], ids=["eager", "graph", "compiled"])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize(("scale", "zero"), [(0.25, 0), (0.0625, 7), (0.1, 100), (1 / 3, -3)])
def test_one_scale(mode: Any, dtype: str, scale: float, zero: int) -> None:
    if dtype == "uint8" and zero < 0:
        zero = -zero
    x = numbers((5, 64))
    expected = torch.quantize_per_tensor(torch.from_numpy(x), scale, zero, TYPES[dtype])
    q, back = mode(lambda x: (q := ops.quantize(x, scale, zero, dtype), ops.dequantize(q, scale, zero)))(Tensor(x))
    np.testing.assert_array_equal(q.asnumpy(), expected.int_repr().numpy())
    np.testing.assert_allclose(back.asnumpy(), expected.dequantize().numpy(), 1e-6)


@pytest.mark.parametrize("mode", [lambda fn: fn, ms.ir.staged, ms.jit], ids=["eager", "graph", "compiled"])
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_scale_for_each_channel(mode: Any, dtype: str, axis: int) -> None:
    x = numbers((4, 6, 8))
    random = np.random.default_rng(1)
    scale = random.uniform(0.05, 0.5, x.shape[axis]).astype(np.float32)
    zero = random.integers(0, 20, x.shape[axis])
    scales, zeros = torch.from_numpy(scale.astype(np.float64)), torch.from_numpy(zero)
    expected = torch.quantize_per_channel(torch.from_numpy(x), scales, zeros, axis, TYPES[dtype])
    s, z = Tensor(scale), Tensor(zero)
    q, back = mode(lambda x: (q := ops.quantize(x, s, z, dtype, axis), ops.dequantize(q, s, z, axis)))(Tensor(x))
    np.testing.assert_array_equal(q.asnumpy(), expected.int_repr().numpy())
    np.testing.assert_allclose(back.asnumpy(), expected.dequantize().numpy(), 1e-6)


@pytest.mark.parametrize("dtype", ["float8_e4m3fn", "float8_e5m2"])
def test_casts_to_floats_of_8_bits(dtype: str) -> None:
    x = np.float32([*np.linspace(-500, 500, 999), *np.linspace(-0.05, 0.05, 999), np.nan, 0.0, 57344.0, -3e-9])
    x = x[(np.abs(x) <= 448) | np.isnan(x)]  # out of range libraries differ
    expected = torch.from_numpy(x).to(getattr(torch, dtype)).to(torch.float32).numpy()
    np.testing.assert_array_equal(Tensor(x).astype(dtype).astype("float32").asnumpy(), expected)
