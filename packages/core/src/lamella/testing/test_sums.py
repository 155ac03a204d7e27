"""Sums inside functions of 16-bit tensors: they neither overflow nor lose digits where the result does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import ml_dtypes
import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, nn, ops, tree
from lamella.testing.modes import MODES

COUNT = 100_000
RNG = np.random.default_rng(0)


def large(*shape: int) -> np.ndarray[Any, Any]:
    """Numbers whose sum overflows float16."""
    return RNG.uniform(50, 120, shape)


def normal(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.standard_normal(shape)


def positive(*shape: int) -> np.ndarray[Any, Any]:
    return RNG.uniform(0, 1, shape)


LABELS = Tensor(RNG.integers(0, 3, COUNT))
FEW = Tensor(RNG.integers(0, COUNT, 3))
V, W, ROWS, IMAGE = large(COUNT), normal(COUNT), large(100, 1000), large(1, 2, 64, 64)
BITS, FACTORS, LOGITS, WIDE = RNG.integers(0, 2, COUNT) * 1.0, positive(COUNT), normal(COUNT, 3) * 4, normal(3, COUNT)
GROUP_NORM = nn.GroupNorm(2, 4)
OUTLIER = np.where(np.arange(COUNT) == 7, 3000.0, 0.0)


def batch_norm(x: Tensor) -> tuple[Tensor, ...]:
    zero, one = ops.zeros((3,), x.dtype), ops.ones((3,), x.dtype)
    mean, variance = ops.zeros((3,), x.dtype), ops.ones((3,), x.dtype)
    return ops.batch_norm(x, mean, variance, one, zero, training=True), mean * 1, variance * 1


def slope(fn: Callable[..., Tensor], scale: float = 1.0) -> Callable[..., Tensor]:
    """The derivative of the sum of a function's results."""
    return ms.grad(lambda *xs: (fn(*xs) * scale).sum())


#: A function, and what it is called with.
CASES: Final[dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]] = {
    "sum": (ops.sum, (W,)),
    "mean": (ops.mean, (V,)),
    "mean of an expression": (lambda x: (x * x * 0.1 - 80).mean(), (V,)),
    "var": (lambda x: ops.var(x, 0), (large(COUNT, 3),)),
    "std": (ops.std, (V * 20 - 1500,)),
    "std_mean": (lambda x: ops.std_mean(x, 1), (ROWS * 10,)),
    "norm": (ops.norm, (V,)),
    "norm, 3": (lambda x: ops.norm(x, 3, 0), (V,)),
    "logsumexp": (lambda x: ops.logsumexp(x, 0), (W,)),
    "cumsum": (lambda x: ops.cumsum(x, 0), (positive(COUNT) * 0.1,)),
    "addn": (lambda *x: ops.addn(x), (np.full(5, 5e4), np.full(5, 6e4), np.full(5, -5.5e4))),
    "addmm": (lambda *x: ops.addmm(*x, alpha=1e-3), (normal(3, 4), large(3, 1000), large(1000, 4))),
    "baddbmm": (lambda *x: ops.baddbmm(*x, beta=2, alpha=1e-3), (normal(1, 4), large(2, 3, 900), large(2, 900, 4))),
    "matmul": (ops.matmul, (normal(3, COUNT), normal(COUNT, 2))),
    "einsum, two": (lambda *x: ops.einsum("ij,jk->i", *x), (large(3, 1000) * 10, normal(1000, 4) * 0.1)),
    "einsum, three": (
        lambda *x: ops.einsum("ij,jk,k->i", *x),
        (large(3, 1000), large(1000, 4), positive(4) * 1e-3),
    ),
    "conv2d": (ops.conv2d, (normal(1, 64, 12, 12), normal(3, 64, 12, 12))),
    "conv2d, groups": (lambda *x: ops.conv2d(*x, groups=3), (normal(1, 3, 9, 9), normal(3, 1, 9, 9))),
    "scatter": (lambda x, u: ops.tensor_scatter_add(x, LABELS.reshape(-1, 1), u), (np.zeros(3), positive(COUNT))),
    "mse_loss": (ops.mse_loss, (V, V + W)),
    "mse_loss of an outlier": (ops.mse_loss, (OUTLIER, np.zeros(COUNT))),
    "l1_loss": (ops.l1_loss, (V, V * 0)),
    "smooth_l1_loss": (lambda *x: ops.smooth_l1_loss(*x, reduction="mean"), (V, V * 0)),
    "RMSELoss": (lambda *x: nn.RMSELoss()(*x), (V * 10, V * 0)),
    "binary_cross_entropy": (ops.binary_cross_entropy, (np.clip(FACTORS, 0.01, 0.99), BITS)),
    "binary_cross_entropy_with_logits": (
        ops.binary_cross_entropy_with_logits,
        (W * 5, BITS, FACTORS, FACTORS + 1),
    ),
    "cross_entropy": (lambda x: ops.cross_entropy(x, LABELS), (LOGITS,)),
    "cross_entropy, weights": (lambda x, w: ops.cross_entropy(x, LABELS, w), (LOGITS, positive(3) + 0.5)),
    "cross_entropy, smoothing": (lambda x: ops.cross_entropy(x, FEW, label_smoothing=0.2), (WIDE,)),
    "cross_entropy, probabilities": (
        lambda *x: ops.cross_entropy(*x, label_smoothing=0.1),
        (WIDE, RNG.dirichlet(np.ones(COUNT), 3)),
    ),
    "nll_loss": (lambda x: ops.nll_loss(x, FEW, label_smoothing=0.3), (-large(3, COUNT) * 0.1,)),
    "softmax": (lambda x: ops.softmax(x, 0), (W * 3,)),
    "log_softmax": (lambda x: ops.log_softmax(x, 0), (W * 3,)),
    "layer_norm": (lambda *x: ops.layer_norm(x[0], (1000,), *x[1:]), (ROWS, positive(1000) + 0.5, normal(1000))),
    "batch_norm": (batch_norm, (large(40_000, 3),)),
    "GroupNorm": (lambda x: GROUP_NORM(x).astype(x.dtype), (large(2, 4, 150, 150),)),
    "avg_pool2d": (lambda x: ops.avg_pool2d(x, 64), (IMAGE,)),
    "avg_pool2d, padding": (lambda x: ops.avg_pool2d(x, 40, 20, 15, count_include_pad=False), (IMAGE,)),
    "avg_pool2d, divisor": (lambda x: ops.avg_pool2d(x, 32, divisor_override=2000), (IMAGE,)),
    "derivative of mean": (slope(ops.mean), (V,)),
    "derivative of amax": (slope(ops.amax, 100.0), (np.ones(COUNT),)),
    "derivative of gather": (
        ms.grad(lambda x, w: (x[LABELS] * w).sum()),
        (np.zeros(3), positive(COUNT)),
    ),
    "derivative of what is stretched": (ms.grad(lambda x, w: (x * w).sum()), (np.ones(1), positive(COUNT) * 0.5)),
    "derivative of a scan": (
        ms.grad(lambda w, xs: ops.scan(lambda c, x: (c + w * x, None), w * 0, xs)[0].sum()),
        (np.ones(2), positive(5000, 2)),
    ),
    "derivative of std": (slope(ops.std, 1000.0), (V,)),
}


def units(found: np.ndarray[Any, Any], exact: np.ndarray[Any, Any]) -> float:
    """The largest error in units in the last place; small numbers beside large ones count as a 16th of these."""
    info = ml_dtypes.finfo(found.dtype)
    size = np.maximum(np.abs(exact), np.abs(exact).max(initial=0) / 16)
    unit = 2.0 ** (np.floor(np.log2(np.maximum(size, float(info.smallest_normal)))) - info.nmant)
    return float(np.max(np.abs(found.astype(np.float64) - exact) / unit))


@pytest.mark.parametrize("mode", ["eager", list(MODES)[-1]])
@pytest.mark.parametrize("name", CASES)
def test_a_result_that_is_representable_is_right_to_two_units(name: str, mode: str) -> None:
    fn, arrays = CASES[name]
    for dtype in (ms.float16, ms.bfloat16):
        given = [a.astype(dtype.numpy) for a in arrays]
        exact = tree.flatten(fn(*(Tensor(a.astype(np.float64)) for a in given)))[0]
        found = tree.flatten(MODES[mode](fn)(*map(Tensor, given)))[0]
        for y, z in zip(found, exact, strict=True):
            assert y.dtype is dtype
            assert units(y.asnumpy(), z.asnumpy()) <= 2


def test_the_derivative_of_log_softmax_does_not_overflow() -> None:
    x = Tensor(np.zeros(COUNT, np.float16))
    assert ops.isfinite(ms.grad(lambda x: ops.log_softmax(x, 0).sum())(x)).all().item()
