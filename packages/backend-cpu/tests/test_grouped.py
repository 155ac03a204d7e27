"""Convolutions in groups: native, and equal to SciPy's correlation of each pair of channels."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import scipy.signal

import lamella as ms
from lamella import Tensor, grad, ir, ops
from lamella.ops import prims

PLACES: dict[str, dict[str, Any]] = {
    "padded": {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1)},
    "strided": {"strides": (2, 1), "padding": ((0, 1), (2, 0)), "dilation": (1, 1)},
    "dilated": {"strides": (1, 2), "padding": ((1, 0), (0, 2)), "dilation": (2, 1)},
    "strides beyond the window": {"strides": (4, 4), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)},
}


def correlated(x: np.ndarray, w: np.ndarray, place: dict[str, Any], groups: int) -> np.ndarray:
    """The convolution in float64, channel by channel."""
    x = np.pad(x.astype(float), ((0, 0), (0, 0), *place["padding"]))
    (dy, dx), (sy, sx) = place["dilation"], place["strides"]
    wide = np.zeros((*w.shape[:2], (w.shape[2] - 1) * dy + 1, (w.shape[3] - 1) * dx + 1))
    wide[..., ::dy, ::dx] = w
    out, into = w.shape[0] // groups, w.shape[1]
    rows = [
        [
            sum(scipy.signal.correlate(image[o // out * into + i], wide[o, i], "valid") for i in range(into))
            for o in range(w.shape[0])
        ]
        for image in x
    ]
    return np.array(rows)[..., ::sy, ::sx]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize(("groups", "into", "out"), [(6, 1, 1), (5, 1, 3), (20, 1, 1), (3, 2, 4), (2, 5, 1)])
def test_convolutions_in_groups_and_their_gradients(groups: int, into: int, out: int, place: dict[str, Any]) -> None:
    rng = np.random.default_rng(groups)
    x = rng.standard_normal((2, groups * into, 9, 10)).astype(np.float32)
    w = rng.standard_normal((groups * out, into, 3, 2)).astype(np.float32)
    h = rng.standard_normal(correlated(x, w, place, groups).shape).astype(np.float32)

    def fn(x: Tensor, w: Tensor, h: Tensor) -> Any:
        def conv(x: Tensor, w: Tensor) -> Tensor:
            return prims.conv(x, w, groups=groups, **place)

        return conv(x, w), *grad(lambda x, w: (conv(x, w) * h).sum(), (0, 1))(x, w)

    executable = ms.plugins.backend("CPU").compile(
        ir.build(fn, *(ir.TensorType(ms.float32, a.shape) for a in (x, w, h)))
    )
    y, dx, dw = (b.plain() for b in executable([ms.plugins.backend("CPU").put(a) for a in (x, w, h)]))
    assert executable.is_native
    np.testing.assert_allclose(y, correlated(x, w, place, groups), 1e-4, 1e-5)
    # The convolution is linear in each operand: a derivative times a direction is the convolution of the direction.
    for direction in np.eye(x.size)[:: x.size // 7].reshape(-1, *x.shape):
        np.testing.assert_allclose(
            (dx * direction).sum(), (correlated(direction, w, place, groups) * h).sum(), 1e-4, 1e-4
        )
    for direction in np.eye(w.size)[:: w.size // 7].reshape(-1, *w.shape):
        np.testing.assert_allclose(
            (dw * direction).sum(), (correlated(x, direction, place, groups) * h).sum(), 1e-4, 1e-4
        )


def test_one_axis_and_three() -> None:
    rng = np.random.default_rng(0)
    for spatial in (1, 3):
        x = rng.standard_normal((2, 4, *(6,) * spatial)).astype(np.float32)
        w = rng.standard_normal((8, 1, *(3,) * spatial)).astype(np.float32)
        place = {"strides": (1,) * spatial, "padding": ((1, 1),) * spatial, "dilation": (1,) * spatial}
        backend = ms.plugins.backend("CPU")
        graph = ir.build(
            lambda x, w, place=place: prims.conv(x, w, groups=4, **place),
            *(ir.TensorType(ms.float32, a.shape) for a in (x, w)),
        )
        expected = np.array(
            [[scipy.signal.correlate(np.pad(image[o // 2], 1), w[o, 0], "valid") for o in range(8)] for image in x]
        )
        (y,) = backend.compile(graph)([backend.put(x), backend.put(w)])
        np.testing.assert_allclose(y.plain(), expected, 1e-4, 1e-5)


@pytest.mark.parametrize("examples", [3, 70])
def test_a_kernel_for_each_example(examples: int) -> None:
    """`vmap` over the weights makes groups of the examples; too many of them are left to the reference kernels."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((examples, 1, 3, 5, 5)).astype(np.float32)
    w = rng.standard_normal((examples, 2, 3, 3, 3)).astype(np.float32)

    def fn(x: Tensor, w: Tensor) -> Tensor:
        return ms.vmap(lambda x, w: ops.conv2d(x, w, pad_mode="valid"))(x, w)

    backend = ms.plugins.backend("CPU")
    executable = backend.compile(ir.build(fn, *(ir.TensorType(ms.float32, a.shape) for a in (x, w))))
    (y,) = executable([backend.put(x), backend.put(w)])
    assert executable.is_native == (examples <= 64)
    for i, o in itertools.product(range(examples), range(2)):
        expected = sum(scipy.signal.correlate(x[i, 0, c], w[i, o, c], "valid") for c in range(3))
        np.testing.assert_allclose(y.plain()[i, 0, o], expected, 1e-4, 1e-5)
