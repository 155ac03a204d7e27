"""Convolutions by minimal filtering against sums in double precision, and when they are computed so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from native_helpers import HOSTS, Array
from scipy.signal import correlate

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ops import prims
from lamella_cpu.kernels import winograd_plan
from lamella_cpu.runtime import invocation
from lamella_cpu.runtime.pool import pool

RNG = np.random.default_rng(0)
EPS = float(np.finfo(np.float32).eps)

Padding = tuple[tuple[int, int], tuple[int, int]]


@pytest.fixture
def filtered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Wherever it can be, whether it pays or not; a list of what was."""
    found: list[str] = []

    def applies(node: ir.Node) -> bool:
        found.append(node.op.name)
        return winograd_plan.applies(node)

    monkeypatch.setattr(winograd_plan, "pays", applies)
    yield found
    assert found


def normal(*shape: int) -> Array:
    return RNG.standard_normal(shape).astype(np.float32)


def place(padding: Padding) -> dict[str, Any]:
    return {"strides": (1, 1), "padding": padding, "dilation": (1, 1), "groups": 1}


def compiled(fn: Callable[..., Any], *arrays: Array) -> Callable[[], list[Array]]:
    backend = ms.plugins.backend("CPU")
    run = backend.compile(ir.build(fn, *(ir.TensorType(ms.float32, a.shape) for a in arrays)))
    return lambda: [b.plain().copy() for b in run([backend.put(a.copy()) for a in arrays])]


def sums(x: Array, w: Array, padding: Padding) -> Array:
    """A convolution in double precision."""
    x, w = np.pad(x.astype(np.float64), ((0, 0), (0, 0), *padding)), w.astype(np.float64)
    return np.array([[correlate(image, kernel, "valid", "direct")[0] for kernel in w] for image in x])


def input_grad(g: Array, w: Array, padding: Padding) -> Array:
    """A convolution that reaches over all edges by the whole window, cropped."""
    whole = sums(g, w.swapaxes(0, 1)[:, :, ::-1, ::-1], ((2, 2), (2, 2)))
    (top, bottom), (left, right) = padding
    return whole[:, :, top : whole.shape[2] - bottom, left : whole.shape[3] - right]


def weight_grad(x: Array, g: Array, padding: Padding) -> Array:
    """A convolution of the images' channels with the gradient, summed over images."""
    return sums(x.swapaxes(0, 1), g.swapaxes(0, 1), padding).swapaxes(0, 1)


def assert_near(mine: Array, oracle: Callable[..., Array], x: Array, y: Array, padding: Padding) -> None:
    """Equal but for rounding: a small multiple of what numbers as large as those that are summed are rounded by."""
    scale = oracle(np.abs(x), np.abs(y), padding).max()
    np.testing.assert_allclose(mine, oracle(x, y, padding), rtol=0, atol=4 * EPS * scale)


CASES: list[tuple[tuple[int, int, int, int], int, Padding]] = [
    ((1, 16, 4, 4), 16, ((1, 1), (1, 1))),
    ((2, 17, 5, 6), 20, ((1, 1), (1, 1))),
    ((3, 48, 7, 9), 17, ((0, 2), (1, 0))),
    ((1, 20, 15, 8), 48, ((2, 1), (0, 0))),
    ((35, 16, 4, 5), 16, ((1, 1), (1, 1))),  # blocks of several images, the last one smaller
    ((1, 130, 5, 4), 144, ((2, 2), (2, 2))),  # blocks of columns and of channels, the last ones smaller
    ((2, 16, 13, 12), 16, ((0, 0), (0, 0))),
    ((2, 3, 4, 11), 1, ((0, 1), (2, 0))),
    ((1, 1, 6, 5), 3, ((1, 1), (1, 1))),
    ((1, 18, 5, 300), 20, ((1, 1), (1, 1))),  # lines so long that each is a block
]


@pytest.mark.usefixtures("filtered")
@pytest.mark.parametrize(("shape", "outputs", "padding"), CASES)
def test_convolutions_and_their_gradients(shape: tuple[int, ...], outputs: int, padding: Padding) -> None:
    x, w = normal(*shape), normal(outputs, shape[1], 3, 3)
    at = place(padding)
    g = normal(shape[0], outputs, *(n + sum(p) - 2 for n, p in zip(shape[2:], padding, strict=True)))

    def all_three(x: Tensor, w: Tensor, g: Tensor) -> tuple[Tensor, ...]:
        return (
            prims.conv(x, w, **at),
            prims.conv_input_grad(g, w, shape=shape, **at),
            prims.conv_weight_grad(x, g, shape=w.shape, **at),
        )

    run = compiled(all_three, x, w, g)
    y, dx, dw = run()
    assert_near(y, sums, x, w, padding)
    assert_near(dx, input_grad, g, w, padding)
    assert_near(dw, weight_grad, x, g, padding)
    for before, after in zip((y, dx, dw), run(), strict=True):  # the same arena again
        np.testing.assert_array_equal(before, after)


@pytest.mark.usefixtures("filtered")
@pytest.mark.parametrize("name", list(HOSTS))
def test_narrower_vectors(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invocation, "host", lambda: HOSTS[name])
    test_convolutions_and_their_gradients(*CASES[1])


@pytest.mark.usefixtures("filtered")
def test_nodes_that_follow() -> None:
    """Values between layers lie within zeros; bias and activation, and the update of a weight, run on blocks."""
    padding = ((1, 1), (1, 1))
    x, w, b, v, m = normal(3, 16, 7, 5), normal(20, 16, 3, 3), normal(20), normal(18, 20, 3, 3), normal(18, 20, 3, 3)

    def step(x: Tensor, w: Tensor, b: Tensor, v: Tensor, m: Tensor) -> tuple[Tensor, ...]:
        h = ops.relu(prims.conv(x, w, **place(padding)) + b.reshape(1, 20, 1, 1))
        y = prims.conv(h, v, **place(padding))
        dh = prims.conv_input_grad(y, v, shape=h.shape, **place(padding)) * (h > 0)
        moved = 0.9 * m + prims.conv_weight_grad(h, y, shape=v.shape, **place(padding))
        return y, dh, moved, v - 0.01 * moved, prims.conv_weight_grad(x, dh, shape=w.shape, **place(padding))

    h = np.maximum(sums(x, w, padding) + b.reshape(1, 20, 1, 1), 0)
    y = sums(h, v, padding)
    dh = input_grad(y, v, padding) * (h > 0)
    moved = 0.9 * m + weight_grad(h, y, padding)
    expected = y, dh, moved, v - 0.01 * moved, weight_grad(x, dh, padding)
    for mine, right in zip(compiled(step, x, w, b, v, m)(), expected, strict=True):
        np.testing.assert_allclose(mine, right, rtol=0, atol=1e-5 * np.abs(right).max())


@pytest.mark.usefixtures("filtered")
def test_transformed_weights_are_shared_by_what_reads_the_same() -> None:
    padding = ((1, 1), (1, 1))
    x, z, w = normal(2, 16, 6, 6), normal(2, 16, 6, 6), normal(16, 16, 3, 3)

    def fn(x: Tensor, z: Tensor, w: Tensor) -> tuple[Tensor, ...]:
        turned = prims.conv_input_grad(x, w, shape=x.shape, **place(padding))
        return prims.conv(x, w, **place(padding)), turned, prims.conv(z, w, **place(padding))

    y, turned, other = compiled(fn, x, z, w)()
    assert_near(y, sums, x, w, padding)
    assert_near(turned, input_grad, x, w, padding)
    assert_near(other, sums, z, w, padding)
    graph = ir.build(fn, *(ir.TensorType(ms.float32, a.shape) for a in (x, z, w)))
    text = invocation.compile_graph(graph, HOSTS["this"]).text
    assert text.count("call void @lamella_parallel(ptr @") - text.count("_copy,") == 5  # two for weights, three results


@pytest.mark.usefixtures("filtered")
def test_same_bits_for_any_number_of_threads() -> None:
    x, w, g = normal(9, 32, 7, 7), normal(48, 32, 3, 3), normal(9, 48, 7, 7)
    at = place(((1, 1), (1, 1)))
    run = compiled(
        lambda x, w, g: (
            prims.conv(x, w, **at),
            prims.conv_input_grad(g, w, shape=x.shape, **at),
            prims.conv_weight_grad(x, g, shape=w.shape, **at),
        ),
        x, w, g,
    )  # fmt: skip
    threads, found = pool().threads, []
    try:
        for count in (1, 2, 5):
            pool().resize(count)
            found.append(run())
    finally:
        pool().resize(threads)
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.usefixtures("filtered")
@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_what_is_not_finite_stays_in_the_tiles_that_read_it(bad: float) -> None:
    padding = ((1, 1), (1, 1))
    x, w = normal(2, 16, 12, 10), normal(16, 16, 3, 3)
    x[0, 3, 5, 4] = bad
    (y,) = compiled(lambda x, w: prims.conv(x, w, **place(padding)), x, w)()
    reads = np.zeros((12, 10), bool)
    for i in range(0, 12, 2):
        for j in range(0, 10, 2):
            reads[i : i + 2, j : j + 2] = i - 1 <= 5 <= i + 2 and j - 1 <= 4 <= j + 2
    assert not np.isfinite(y[0, :, 4:7, 3:6]).any()  # the windows over it
    assert np.isfinite(y[1]).all() and np.isfinite(y[0][:, ~reads]).all()
    x[0, 3, 5, 4] = 0
    right = sums(x, w, padding)
    np.testing.assert_allclose(y[0][:, ~reads], right[0][:, ~reads], rtol=0, atol=1e-5 * np.abs(right).max())


def node(
    name: str, x: tuple[int, ...], o: int, k: int = 3, padding: int = 1, dtype: Any = ms.float32, **other: Any
) -> ir.Node:
    """A convolution, or a gradient of one."""
    at = {**place(((padding, padding),) * 2), **other}
    w = (o, x[1], k, k)
    graph = ir.build(lambda x, w: prims.conv(x, w, **at), ir.TensorType(dtype, x), ir.TensorType(dtype, w))
    y = graph.results[0].shape
    fns: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], tuple[int, ...], tuple[int, ...]]] = {
        "conv": (lambda a, b: prims.conv(a, b, **at), x, w),
        "conv_input_grad": (lambda a, b: prims.conv_input_grad(a, b, shape=x, **at), y, w),
        "conv_weight_grad": (lambda a, b: prims.conv_weight_grad(a, b, shape=w, **at), x, y),
    }
    fn, *shapes = fns[name]
    return ir.build(fn, *(ir.TensorType(dtype, shape) for shape in shapes)).nodes[-1]


@pytest.mark.parametrize("name", ["conv", "conv_input_grad", "conv_weight_grad"])
def test_when_it_pays(name: str) -> None:
    assert winograd_plan.pays(node(name, (64, 32, 14, 14), 64))
    assert winograd_plan.pays(node(name, (32, 512, 4, 4), 512))
    assert not winograd_plan.pays(node(name, (64, 1, 28, 28), 32))  # few channels: transforms cost more than sums
    assert not winograd_plan.pays(node(name, (64, 64, 3, 3), 64))  # rounded up to 4 x 4
    assert not winograd_plan.pays(node(name, (1, 512, 4, 4), 512))  # weights cost more than one image
    assert not winograd_plan.pays(node(name, (1, 64, 8, 4096), 64))  # a line does not fit
    assert not winograd_plan.pays(node(name, (64, 32, 14, 14), 64, strides=(2, 2)))
    assert not winograd_plan.pays(node(name, (64, 32, 14, 14), 64, dilation=(1, 2)))
    assert not winograd_plan.pays(node(name, (64, 32, 14, 14), 64, k=5))
    assert not winograd_plan.pays(node(name, (64, 32, 14, 14), 64, dtype=ms.float64))


def test_no_images() -> None:
    (y,) = compiled(
        lambda x, w: prims.conv(x, w, **place(((1, 1), (1, 1)))), normal(0, 32, 14, 14), normal(64, 32, 3, 3)
    )()
    assert y.shape == (0, 64, 14, 14)
