"""Floats of 16 bits as native code: NumPy's and ml_dtypes' conversions, and what the reference kernels compute."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.dtypes import BY_NUMPY
from lamella.ops import prims
from lamella_cpu.codegen import coverage
from lamella_cpu.host import host

TYPES = {"float16": np.dtype(np.float16), "bfloat16": np.dtype(ml_dtypes.bfloat16)}
EVERY = np.arange(1 << 16, dtype=np.uint16)


def native(fn: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    backend = ms.plugins.backend("CPU")
    run = backend.compile(ir.build(fn, *(ir.TensorType(BY_NUMPY[a.dtype], a.shape) for a in arrays)))
    results = [b.plain() for b in run([backend.put(a) for a in arrays])]
    assert run.is_native
    return results


def reference(fn: Callable[..., Any], *arrays: np.ndarray) -> list[np.ndarray]:
    backend = ms.plugins.backend("reference")
    run = backend.compile(ir.build(fn, *(ir.TensorType(BY_NUMPY[a.dtype], a.shape) for a in arrays)))
    return [b.plain() for b in run([backend.put(a) for a in arrays])]


@pytest.fixture(autouse=True)
def silent() -> Iterator[None]:
    """NumPy warns of NaN that is converted."""
    with np.errstate(all="ignore"):
        yield


def same(mine: np.ndarray, expected: np.ndarray) -> None:
    assert mine.dtype == expected.dtype
    np.testing.assert_array_equal(mine.astype(np.float64), expected.astype(np.float64))


@pytest.mark.parametrize("name", TYPES)
def test_every_number_becomes_the_same_float(name: str) -> None:
    numbers = EVERY.view(TYPES[name])
    for target in ("float32", "float64"):
        (mine,) = native(lambda x, target=target: prims.cast(x, dtype=target), numbers)
        same(mine, numbers.astype(target))


@pytest.mark.parametrize("name", TYPES)
def test_floats_are_rounded_to_the_nearest_even_number(name: str) -> None:
    # All upper halves of a float, with lower ones below, at and above the middle of two bfloat16 …
    bits = (EVERY.astype(np.uint32)[:, None] << 16) + np.array([0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF], np.uint32)
    # … and the middle of every two float16, with its neighbours.
    short = EVERY.view(np.float16).astype(np.float32)
    middles = ((short[:-1] + short[1:]) / 2)[:, None]
    neighbours = np.concatenate([middles, np.nextafter(middles, np.inf), np.nextafter(middles, -np.inf)], 1)
    for floats in (bits.view(np.float32).reshape(-1), neighbours.astype(np.float32).reshape(-1)):
        (mine,) = native(lambda x: prims.cast(x, dtype=name), floats)
        same(mine, floats.astype(TYPES[name]))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("other", ["bool", "int8", "uint8", "int32", "int64", "uint16"])
def test_integers(name: str, other: str) -> None:
    numbers = np.array([0, 1, 2, 100, 127]).astype(other)
    (mine,) = native(lambda x: prims.cast(x, dtype=name), numbers)
    same(mine, numbers.astype(np.float32).astype(TYPES[name]))
    (back,) = native(lambda x: prims.cast(x, dtype=other), mine)
    same(back, numbers)


MOVES: dict[str, Callable[[Tensor], Any]] = {
    "views": lambda x: x.transpose((1, 0))[::2].reshape(-1),
    "joined": lambda x: ops.concat((x, x + 1), 1),
    "padded": lambda x: ops.pad(x, (1, 2), value=1.5),
    "chosen": lambda x: ops.where(x > 0, x, x * 2),
    "gathered": lambda x: ops.gather(x, Tensor([2, 0, 2]), 0),
    "scattered": lambda x: ops.tensor_scatter_add(x, Tensor([[1], [1]]), x[:2]),
    "sorted": lambda x: ops.sort(x, 1),
    "made": lambda x: x + ops.arange(7).astype(x.dtype) + ops.full((7,), -0.5, dtype=x.dtype),
    "under a condition": lambda x: ops.cond(x.sum() > 0, lambda x: x * 2, lambda x: x - 1, x),
    "in a loop": lambda x: ops.while_loop(lambda c: c.sum() < 1000, lambda c: c * 2 + 1, ops.abs(x)),
}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_what_moves_them(name: str, move: Callable[[Tensor], Any]) -> None:
    x = np.random.default_rng(0).standard_normal((5, 7)).astype(TYPES[name])
    for mine, expected in zip(native(move, x), reference(move, x), strict=True):
        assert mine.dtype == expected.dtype
        np.testing.assert_allclose(mine.astype(float), expected.astype(float), 2e-2, 2e-2)


COMPUTES: dict[str, Callable[..., Any]] = {
    "elementwise": lambda x, w: ops.tanh(x * 2 + 1) / (1 + ops.exp(-x)),
    "reductions": lambda x, w: (x.sum(), x.mean(1), ops.cumsum(x, 0), x.max(0), ops.argmax(x, 1)),
    "softmax": lambda x, w: (ops.softmax(x, 1), ops.log_softmax(x, 0)),
    "a product": lambda x, w: ops.matmul(x, w),
    "a network": lambda x, w: ops.cross_entropy(ops.relu(ops.matmul(x, w)), Tensor([1, 0, 2, 3])),
    "its gradients": lambda x, w: ms.grad(
        lambda x, w: ops.cross_entropy(ops.gelu(ops.matmul(x, w)), Tensor([1, 0, 2, 3])), (0, 1)
    )(x, w),
    "a convolution": lambda x, w: ops.conv2d(x.reshape(1, 4, 4, 4), w.reshape(8, 4, 2, 2), pad_mode="valid"),
    "pooling": lambda x, w: ms.grad(lambda x: ops.square(ops.max_pool2d(x.reshape(1, 4, 4, 4), 2)).sum())(x),
}


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("compute", COMPUTES.values(), ids=COMPUTES)
def test_what_computes_with_them(name: str, compute: Callable[..., Any]) -> None:
    rng = np.random.default_rng(0)
    x, w = (rng.standard_normal(shape).astype(TYPES[name]) for shape in ((4, 16), (16, 8)))
    tolerance = 2e-3 if name == "float16" else 2e-2
    for mine, expected in zip(native(compute, x, w), reference(compute, x, w), strict=True):
        assert mine.dtype == expected.dtype
        np.testing.assert_allclose(mine.astype(float), expected.astype(float), tolerance, tolerance)


def test_each_result_is_rounded_as_the_reference_kernels_do() -> None:
    x, y = np.random.default_rng(0).uniform(0.5, 2, (2, 1000)).astype(np.float16)
    (mine,) = native(lambda x, y: (x * y + y) * y - x, x, y)
    same(mine, (x * y + y) * y - x)


def test_a_large_eager_op_is_the_same() -> None:
    x = np.random.default_rng(0).standard_normal((600, 700)).astype(np.float16)
    ms.set_context(device_target="CPU")
    try:
        same(ops.mul(Tensor(x), Tensor(x)).asnumpy(), x * x)
        np.testing.assert_allclose(ops.exp(Tensor(x)).asnumpy(), np.exp(x), 2e-3)
        np.testing.assert_allclose(ops.exp(Tensor(x[0, :5])).asnumpy(), np.exp(x[0, :5]), 2e-3)
    finally:
        ms.set_context(device_target="reference")


def test_a_double_is_not_rounded_twice() -> None:
    assert not coverage.is_native(prims.cast, [ir.TensorType(ms.float64, (3,))], {"dtype": "float16"}, host())
    assert coverage.is_native(prims.cast, [ir.TensorType(ms.float16, (3,))], {"dtype": "float64"}, host())


def test_a_processor_that_does_not_convert() -> None:
    target = dataclasses.replace(host(), converts_half=False)
    assert not coverage.is_native(prims.neg, [ir.TensorType(ms.float16, (3,))], {}, target)
    assert coverage.is_native(prims.neg, [ir.TensorType(ms.bfloat16, (3,))], {}, target)
