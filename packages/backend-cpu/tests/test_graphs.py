"""Graphs run natively and on the reference backend: the same results."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Tensor, grad, ir, ops
from lamella.ops import prims
from lamella.testing.graphs import assert_same_graph
from lamella_cpu.codegen.coverage import lower
from lamella_cpu.runtime.pool import pool

RNG = np.random.default_rng(0)


def normal(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def both(fn: Callable[..., Any], *arrays: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray], bool]:
    """Results on the CPU and on the reference backend, and whether all of the graph was native."""
    graph = ir.build(fn, *(ir.TensorType(ms.dtypes.BY_NUMPY[a.dtype], a.shape) for a in arrays))
    found: list[list[np.ndarray]] = []
    native = False
    for name in ("CPU", "reference"):
        backend = ms.plugins.backend(name)
        run = backend.compile(graph)
        found.append([b.plain() for b in run([backend.put(a.copy()) for a in arrays])])
        native = native or (name == "CPU" and run.is_native)
    return found[0], found[1], native


def check(fn: Callable[..., Any], *arrays: np.ndarray, tolerance: float = 1e-5) -> None:
    mine, expected, native = both(fn, *arrays)
    assert native
    for a, b in zip(mine, expected, strict=True):
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, tolerance, tolerance)


ELEMENTWISE: dict[str, tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = {
    "several results": (lambda x, y: (x + y, x * y - x), (normal(300, 40), normal(40))),
    "transposed": (lambda x: prims.transpose(x, permutation=(1, 0)) + 1, (normal(300, 47),)),
    "transposed, then reshaped": (
        lambda x: prims.reshape(prims.transpose(x, permutation=(1, 0)), shape=(30, 470)),
        (normal(300, 47),),
    ),
    "bools": (lambda x: (x > 0.5, ops.where(x > 0.5, x, 0)), (normal(33, 47),)),
    "counting": (lambda x: x * ops.arange(47).astype(ms.float32), (normal(33, 47),)),
    "other types": (
        lambda x, i: (x.astype(ms.int32) + i, x.astype(ms.float64)),
        (normal(33, 47), np.arange(47, dtype=np.int32)),
    ),
    "stretched": (lambda x: ops.broadcast_to(x, (5, 4, 3)) * 2, (normal(4, 1),)),
    "strided": (lambda x: ops.exp(x[1:30:3, ::-1]), (normal(33, 47),)),
    "a number": (lambda x: x * 2 + 1, (np.array(3.0, np.float32),)),
    "a constant": (lambda x: (x, ops.zeros((2, 3)), ops.arange(4)), (normal(2),)),
    "the same twice": (lambda x: (x + 1,) * 2, (normal(5),)),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name: str) -> None:
    fn, arrays = ELEMENTWISE[name]
    check(fn, *arrays)


def layer_norm(x: Tensor) -> Tensor:
    mean = x.mean(-1, keep_dims=True)
    return (x - mean) / ops.sqrt(((x - mean) ** 2).mean(-1, keep_dims=True) + 1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (64, 10), (7, 100), (300, 40), (5, 3, 70), (2, 100_000)])
def test_reductions(shape: tuple[int, ...]) -> None:
    x = normal(*shape)
    for axes in {(0,), (len(shape) - 1,), tuple(range(len(shape)))}:
        check(lambda x, axes=axes: (x.sum(axes), ops.amax(x, axes) - ops.amin(x, axes)), x, tolerance=1e-3)
    check(lambda x: ops.softmax(x, -1), x)
    check(lambda x: ops.log_softmax(x, 0), x)
    check(layer_norm, x, tolerance=1e-3)
    check(lambda x: (x.argmax(0), x.argmin(-1)), x)


def test_nan_and_infinity_in_reductions() -> None:
    x = normal(9, 50)
    x[2, 3], x[4, 5], x[6, 7] = np.nan, np.inf, -np.inf
    mine, expected, _ = both(lambda x: (ops.amax(x, 1), ops.amin(x, 0), x.argmax(1), x.sum(1), x > 0), x)
    for a, b in zip(mine, expected, strict=True):
        np.testing.assert_allclose(a, b, 1e-5)


@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (1, 784, 512), (64, 784, 512), (10, 7, 3), (5, 300, 17)])
def test_dense_layers_with_gradients(m: int, k: int, n: int) -> None:
    def loss(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
        return ops.square(ops.relu(ops.dense(x, w, b))).sum() / m

    arrays = normal(m, k), normal(n, k) / np.float32(np.sqrt(k)), normal(n)
    check(lambda *args: (loss(*args), *grad(loss, (0, 1, 2))(*args)), *arrays, tolerance=1e-3)


def test_products_in_parallel() -> None:
    check(ops.bmm, normal(5, 20, 30), normal(5, 30, 17), tolerance=1e-4)
    check(lambda x, y: ops.bmm(x, y.swapaxes(1, 2)), normal(5, 20, 30), normal(5, 17, 30), tolerance=1e-4)
    check(lambda x, y: ops.softmax(ops.matmul(x, y), 3), normal(2, 5, 20, 30), normal(2, 5, 30, 17), tolerance=1e-4)


def test_vectors_times_matrices() -> None:
    check(lambda x, w: (x @ w, w.T @ x, x @ x), normal(10), normal(10, 3), tolerance=1e-4)


@pytest.mark.parametrize(
    ("n", "c", "size", "o", "k", "s", "p", "d"),
    [
        (2, 3, 9, 5, 3, 1, 1, 1),
        (2, 1, 28, 32, 3, 1, 1, 1),
        (1, 32, 14, 64, 3, 1, 1, 1),
        (2, 8, 13, 7, 3, 2, 1, 1),
        (2, 4, 8, 6, 1, 1, 0, 1),
        (3, 4, 8, 6, 1, 2, 0, 1),
        (2, 3, 11, 4, 5, 2, 2, 1),
        (1, 2, 7, 3, 4, 3, 1, 1),
        (2, 3, 12, 4, 3, 1, 2, 2),
        (2, 3, 12, 4, 3, 2, 0, 3),
        (2, 5, 6, 1, 3, 1, 0, 1),
    ],
)
def test_convolutions_with_gradients(n: int, c: int, size: int, o: int, k: int, s: int, p: int, d: int) -> None:
    place = {"strides": (s, s), "padding": ((p, p), (p, p)), "dilation": (d, d), "groups": 1}

    def loss(x: Tensor, w: Tensor) -> Tensor:
        return ops.square(ops.relu(prims.conv(x, w, **place))).sum()

    arrays = normal(n, c, size, size), normal(o, c, k, k)
    check(lambda x, w: (prims.conv(x, w, **place), *grad(loss, (0, 1))(x, w)), *arrays, tolerance=1e-2)


def place(padding: int) -> dict[str, Any]:
    return {"strides": (1, 1), "padding": ((padding, padding),) * 2, "dilation": (1, 1), "groups": 1}


def test_zeros_around_lie_where_nothing_else_has_been() -> None:
    def fn(x: Tensor, w: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        before = ops.exp(
            prims.dot_general(x, x, contract=((1,), (1,)), batch=((0,), (0,)))
        )  # in memory, and given back
        mean = prims.dot_general(before, before, contract=((1, 2, 3, 4), (1, 2, 3, 4)), batch=((0,), (0,)))
        return prims.conv(ops.tanh(prims.conv(x, w, **place(1))), v, **place(1)), mean

    check(fn, normal(2, 3, 5, 5) * 0.1, normal(8, 3, 3, 3), normal(4, 8, 3, 3), tolerance=1e-3)


@pytest.mark.parametrize(
    "view",
    [
        lambda h: prims.slice_(h, starts=(0, 0, 2, 2), stops=(2, 3, 7, 7), strides=(1, 1, 1, 1)),
        lambda h: prims.transpose(h, permutation=(0, 3, 2, 1)),
        lambda h: prims.flip(h, axes=(2,)),
    ],
)
def test_views_in_regions_do_not_take_what_surrounds_them_for_zeros(view: Callable[[Tensor], Tensor]) -> None:
    def fn(p: Tensor, x: Tensor, w: Tensor) -> tuple[Tensor, Tensor]:
        h = prims.conv(x, w, **place(1))
        v = view(h)
        kernel = prims.broadcast_to(w[:, :1] * 1.0, shape=(3, v.shape[1], 3, 3))
        parts = (lambda v, s=s: prims.conv(v, kernel * s, **place(1)) for s in (1, 2))
        return prims.conv(h, w, **place(1)), ops.cond(p, *parts, v)

    check(fn, np.array(True), normal(2, 3, 8, 8), normal(3, 3, 3, 3), tolerance=1e-3)


def test_windows_of_stretched_channels() -> None:
    window = {"window": (3,), "strides": (1,), "padding": ((2, 0),), "dilation": (1,)}
    check(lambda x: prims.window_sum(prims.broadcast_to(x, shape=(2, 5, 20)), **window), normal(2, 1, 20))
    check(
        lambda x: prims.window_sum_grad(prims.broadcast_to(x, shape=(2, 5, 20)), shape=(2, 5, 20), **window),
        normal(1, 1, 1),
    )


def test_convolutions_one_after_another_keep_their_zeros_around() -> None:
    def net(x: Tensor, w: Tensor, v: Tensor) -> Tensor:
        place = {"strides": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}
        return prims.conv(ops.relu(prims.conv(x, w, **place)), v, **place)

    arrays = normal(2, 3, 9, 9), normal(8, 3, 3, 3), normal(4, 8, 3, 3)
    graph = ir.build(net, *(ir.TensorType(ms.float32, a.shape) for a in arrays))
    backend = ms.plugins.backend("CPU")
    run = backend.compile(graph)
    first = run([backend.put(a) for a in arrays])[0].plain()
    np.testing.assert_array_equal(run([backend.put(a) for a in arrays])[0].plain(), first)  # the same arena again
    check(net, *arrays, tolerance=1e-3)


@pytest.mark.parametrize("c", [1, 3, 16, 20])
@pytest.mark.parametrize(("k", "s", "p"), [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 0), (3, 3, 1), (1, 2, 0)])
def test_windows_with_gradients(c: int, k: int, s: int, p: int) -> None:
    place = {"window": (k, k), "strides": (s, s), "padding": ((p, p), (p, p)), "dilation": (1, 1)}
    x = normal(2, c, 9, 9)
    check(lambda x: prims.window_max(x, **place), x)
    check(lambda x: prims.window_sum(x, **place), x)
    check(lambda x: grad(lambda x: ops.square(prims.window_max(x, **place)[0]).sum())(x), x)
    check(lambda x: grad(lambda x: ops.square(prims.window_sum(x, **place)).sum())(x), x, tolerance=1e-4)


CONTROL: dict[str, Callable[..., Any]] = {
    "cond": lambda x: ops.cond(x.sum() > 0, lambda x: x * 2, lambda x: x - 1, x),
    "cond, otherwise": lambda x: ops.cond(x.sum() > 1e9, lambda x: x * 2, lambda x: x - 1, x),
    "while_loop": lambda x: ops.while_loop(lambda x: x.sum() < 1e4, lambda x: x * x + 2, x),
    "scan": lambda x: ops.scan(lambda c, x: (c + x, c * x), ops.zeros(10), x),
    "scan backwards": lambda x: ops.scan(lambda c, x: (c + x, c * x), ops.zeros(10), x, reverse=True),
    "scan under vmap": lambda x: ms.vmap(
        lambda x: ops.scan(lambda c, x: (c + x, c * x), Tensor(0.0), x, reverse=True)[1]
    )(x),
    "gradient of scan": lambda x: grad(
        lambda x: ops.scan(lambda c, r: (ops.tanh(ops.relu(c @ x) + r), c * r), ops.zeros(10), x)[0].sum()
    )(x),
    "loops in loops": lambda x: ops.fori_loop(
        0, 3, lambda i, x: ops.while_loop(lambda y: y.sum() < 10 * (i + 2), lambda y: y + 1, x) - i, x
    ),
}


@pytest.mark.parametrize("name", CONTROL)
def test_control_flow(name: str) -> None:
    check(CONTROL[name], normal(10, 10), tolerance=1e-4)


@pytest.mark.parametrize("classes", [1, 7])
def test_gradients_of_cross_entropy(classes: int) -> None:
    labels = np.array([0, -1, classes - 1])

    def first(x: Tensor, y: Tensor) -> Tensor:
        return grad(lambda x: ops.square(ops.cross_entropy(x, y, ignore_index=-1)))(x)

    check(first, normal(3, classes), labels)
    check(lambda x, y: grad(lambda x: ops.square(first(x, y)).sum())(x), normal(3, classes), labels, tolerance=1e-4)


INDEXING: dict[str, tuple[Callable[..., Any], tuple[np.ndarray, ...]]] = {
    "rows": (lambda x, i: ops.gather(x, i, 0), (normal(10, 7), np.array([1, 2, 9, 1]))),
    "columns": (lambda x, i: ops.gather(x, i, 1), (normal(10, 7), np.array([[1, 2], [6, 1]]))),
    "negative": (lambda x, i: x[i], (normal(100), np.array([1, -2, 3, -100] * 20))),
    "fused": (lambda x, i: ops.exp(ops.gather(ops.exp(x), i * 2 - 1, 0)), (normal(10, 40), np.array([1, 2, 5]))),
    "embedding's gradient": (
        lambda w, i: grad(lambda w: ops.square(ops.gather(w, i, 0)).sum())(w),
        (normal(50, 33), np.array([1, 7, 1, 49, 0])),
    ),
    "assigned": (lambda x, i: ops.tensor_scatter_elements(x, i, x * 2, 0), (normal(9), np.arange(9)[::-1].copy())),
    "padded": (lambda x: ops.pad(x, (1, 2, 3, 4)), (normal(10, 7),)),
    "joined": (lambda x: ops.concat((x, x * 2, ops.zeros((10, 2))), 1), (normal(10, 7),)),
    "sorted": (lambda x: ops.sort(x, 0, True), (normal(100, 3),)),
    "summed up": (lambda x: (ops.cumsum(x, 0), ops.cumprod(x, 1)), (normal(20, 33) * 0.5,)),
    "random bits": (
        lambda k, c: prims.random_bits(k, c, shape=(100, 77)),
        (np.uint64(5) + np.zeros((), np.uint64),) * 2,
    ),
}


@pytest.mark.parametrize("name", INDEXING)
def test_indexing_and_moving(name: str) -> None:
    fn, arrays = INDEXING[name]
    check(fn, *arrays, tolerance=1e-4)


def test_what_has_no_native_kernel_runs_between_native_parts() -> None:
    mine, expected, native = both(lambda x: ops.exp(ops.pow((ops.exp(x) * 3).astype(ms.int32), 2) * 0.01), normal(9, 9))
    assert not native
    np.testing.assert_allclose(mine[0], expected[0], 1e-5)


@pytest.mark.parametrize("count", range(1, 5))
def test_reductions_of_stretched_values(count: int) -> None:
    """What is stretched before it is reduced has axes that the loop which computes it does not have."""
    x = normal(5, 1, 7) * 0.1

    def fn(x: Tensor) -> Any:
        y = ops.tanh(x)
        stretched = prims.broadcast_to(y, shape=(3, 5, 4, 7))
        turned = prims.transpose(stretched, permutation=(2, 3, 0, 1))
        chosen = list(itertools.combinations(range(4), count))
        sums = [prims.reduce_sum(v, axes=axes) for v in (stretched, turned) for axes in chosen]
        others = [op(stretched, axes=axes) for op in (prims.reduce_max, prims.reduce_prod) for axes in chosen]
        return y, *sums, *others, [ops.exp(z) + y.sum() for z in sums]

    check(fn, x, tolerance=1e-4)


INTEGERS = [np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)]


@pytest.mark.parametrize("dtype", [*INTEGERS, np.dtype("float32"), np.dtype("float64")], ids=str)
def test_quotients_and_remainders_are_numpys(dtype: np.dtype[Any]) -> None:
    if dtype.kind == "f":
        tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
        special = [0.0, 1.0, 0.1, 0.3, 2.5, 7.0, 1e-30, 1e30, tiny, huge, np.inf]
        numbers = np.array([*special, *np.negative(special), np.nan], dtype)
        divisors = numbers
    else:
        info = np.iinfo(dtype)
        numbers = np.unique(np.array([info.min, info.min + 1, -7, -1, 0, 1, 6, 7, info.max], object) % (info.max + 1))
        numbers = np.unique(np.concatenate([numbers.astype(dtype), np.array([info.min, info.max], dtype)]))
        numbers = np.concatenate([numbers, np.array([-7, -1], "int64").astype(dtype)])
        divisors = numbers[numbers != 0]
    x, y = (a.ravel().copy() for a in np.meshgrid(numbers, divisors))
    mine, _, native = both(lambda x, y: (ops.floor_div(x, y), ops.floor_mod(x, y)), x, y)
    assert native
    with np.errstate(all="ignore"):
        for result, expected in zip(mine, (np.floor_divide(x, y), np.remainder(x, y)), strict=True):
            np.testing.assert_array_equal(result, expected)
            if dtype.kind == "f":
                np.testing.assert_array_equal(np.signbit(result)[result == 0], np.signbit(expected)[result == 0])


def test_a_division_of_integers_by_zero_is_an_error_before_state_changes() -> None:
    ms.set_context(device_target="CPU")
    try:
        total = ms.Parameter(Tensor([1, 2, 3]), name="total")

        def fn(y: Tensor) -> Tensor:
            total.assign_value(total + 7 // y)
            return total % 2

        run = ir.staged(fn)
        run(Tensor([1, 2, 3]))
        with pytest.raises(ZeroDivisionError, match=r"position \(1,\)"):
            run(Tensor([1, 0, 3]))
        np.testing.assert_array_equal(total.asnumpy(), [8, 5, 5])
    finally:
        ms.set_context(device_target="reference")


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_random_expressions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 40, rng.integers(1, 4)))

    def program(*inputs: Tensor) -> Any:
        rng = np.random.default_rng(seed + 1)
        values = list(inputs)
        for _ in range(rng.integers(1, 12)):
            x, y = (values[rng.integers(len(values))] for _ in range(2))
            kind = rng.integers(6)
            if kind == 0:
                values.append(ops.tanh(x))
            elif kind == 1 and x.ndim:
                values.append(x - x.mean(int(rng.integers(x.ndim)), keep_dims=True))
            elif kind == 2 and x.ndim > 1:
                values.append(x.transpose(tuple(int(i) for i in rng.permutation(x.ndim))))
            elif kind == 3 and x.ndim:
                values.append(ops.softmax(x, int(rng.integers(x.ndim))))
            elif x.shape == y.shape:
                # The branches meet where x equals y: rounding may decide either way there.
                values.append(ops.where(x > y, (x + y) * 0.5, y) if kind == 4 else x - y)
        return tuple(values[len(inputs) :]) or inputs[0]

    arrays = [rng.standard_normal(shape).astype(np.float32) for _ in range(2)]
    mine, expected, _ = both(program, *arrays)
    for a, b in zip(mine, expected, strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 1e-5)


def test_results_are_the_same_bits_for_any_number_of_threads() -> None:
    def fn(x: Tensor, w: Tensor, k: Tensor) -> Any:
        y = ops.softmax(x @ w, 1)
        z = ops.relu(ops.conv2d(y.reshape(4, 1, 60, 100), k, pad_mode="pad", padding=1))
        return y.sum(), y.sum(0), z.mean((0, 2, 3)), grad(lambda w: ops.tanh(x @ w).mean())(w)

    arrays = normal(240, 300), normal(300, 100), normal(8, 1, 3, 3)
    graph = ir.build(fn, *(ir.TensorType(ms.float32, a.shape) for a in arrays))
    backend = ms.plugins.backend("CPU")
    run = backend.compile(graph)
    threads = pool().threads
    found = []
    try:
        for count in (1, 2, 5):
            pool().resize(count)
            found.append([b.plain().copy() for b in run([backend.put(a) for a in arrays])])
    finally:
        pool().resize(threads)
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(a, b)


def steps_of(layers: int) -> int:
    def network(x: Tensor, *weights: Tensor) -> Tensor:
        for w in weights:
            x = layer_norm(ops.tanh(x @ w))
        return x

    types = [ir.TensorType(ms.float32, (48, 48))] * (layers + 1)
    run = ms.plugins.backend("CPU").compile(ir.build(network, *types))
    (program,) = run._segmented.values()
    return program.whole.text.count("define internal")


def test_layers_that_do_the_same_are_written_once() -> None:
    assert steps_of(9) == steps_of(3)


def test_long_chains_are_cut_into_groups() -> None:
    def fn(x: Tensor) -> Tensor:
        for i in range(1000):
            x = ops.tanh(x * 1.5 + i % 3)
        return x

    check(fn, normal(3, 40))


LOWERED: dict[str, tuple[Callable[..., Any], tuple[ir.TensorType, ...]]] = {
    "gather": (
        lambda x, i: ops.gather(x, i, 0),
        (ir.TensorType(ms.float32, (5, 3)), ir.TensorType(ms.int32, (4,))),
    ),
    "floor_div": (lambda x, y: x // y, (ir.TensorType(ms.int32, (4,)),) * 2),
    "cross_entropy": (
        lambda x, i: ops.cross_entropy(x, i),
        (ir.TensorType(ms.float32, (5, 3)), ir.TensorType(ms.int32, (5,))),
    ),
    "subscript": (
        lambda x, i: x[i, i],
        (ir.TensorType(ms.float32, (5, 3)), ir.TensorType(ms.int64, (2,))),
    ),
}


@pytest.mark.parametrize("name", LOWERED)
def test_a_lowered_graph_reads_back_from_its_text(name: str) -> None:
    fn, types = LOWERED[name]
    lowered = ir.verify(lower(ir.build(fn, *types)))
    text = ir.print_graph(lowered)
    assert "checked_" in text
    assert_same_graph(ir.verify(ir.parse_graph(text)), lowered)


def test_an_index_is_checked_once() -> None:
    types = ir.TensorType(ms.float32, (5, 3)), ir.TensorType(ms.int64, (2,))
    names = [node.op.name for node in lower(ir.build(lambda x, i: x[i], *types)).nodes]
    assert names.count("checked_index") == 1 and "gather" in names
