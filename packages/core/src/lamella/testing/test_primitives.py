"""Every primitive on the current device, against its reference kernel and its own rules."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import context, ir
from lamella.dims import Dim
from lamella.dtypes import FLOATS, complex128, float32, float64
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, primitives
from lamella.testing.cases import ELSEWHERE, Case, all_cases
from lamella.testing.graphs import assert_same_graph
from lamella.types import TensorType

CASES = all_cases()
TOLERANCE = {
    "float64": 1e-12, "float32": 2e-6, "float16": 2e-3, "bfloat16": 2e-2, "complex64": 4e-6, "complex128": 1e-12,
}  # fmt: skip


def results_of(case: Case, arrays: list[Any], attrs: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
    """What the device gives, eagerly."""
    out = case.op(*map(ms.Tensor, arrays), **attrs)
    return [t.asnumpy() for t in (out if isinstance(out, tuple) else (out,))]


def expected_of(case: Case, arrays: list[Any], attrs: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
    """What the reference kernel gives."""
    with np.errstate(all="ignore"):
        out = case.op.kernel(*arrays, **attrs)
    return [np.asarray(a) for a in (out if case.op.multiple else (out,))]


def assert_close(found: list[Any], expected: list[Any], slack: float = 1.0) -> None:
    """Equal types and shapes; numbers equal, floats within the type's tolerance."""
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.dtype == theirs.dtype and mine.shape == theirs.shape
        if mine.dtype.name not in TOLERANCE:
            np.testing.assert_array_equal(mine, theirs)
        else:
            bound = TOLERANCE[mine.dtype.name] * slack
            wide = np.complex128 if mine.dtype.kind == "c" else np.float64
            np.testing.assert_allclose(mine.astype(wide), theirs.astype(wide), bound, bound)


def in_every_type(case: Case) -> list[Any]:
    return [pytest.param(case, dtype, id=f"{case}-{dtype}") for dtype in case.dtypes]


def test_every_primitive_has_a_case() -> None:
    own = {op for op in primitives() if op.kernel.__module__.startswith(("lamella", "numpy", "builtins"))}
    assert own <= {case.op for case in CASES} | ELSEWHERE


@pytest.mark.parametrize(("case", "dtype"), [p for case in CASES for p in in_every_type(case)])
def test_result_equals_the_reference_kernel(case: Case, dtype: Any) -> None:
    arrays, attrs = case.draw(dtype), case.attributes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = results_of(case, arrays, attrs)
    assert_close(found, expected_of(case, arrays, attrs))
    types = [TensorType(ms.Tensor(a).dtype, a.shape) for a in arrays]
    assert [(t.dtype.numpy, t.shape) for t in case.op.result_types(types, attrs)] == [(a.dtype, a.shape) for a in found]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_graph_with_an_open_size_gives_the_same_as_eager_calls(case: Case) -> None:
    dtype = float32 if float32 in case.dtypes else case.dtypes[0]
    types = [TensorType(ms.Tensor(a).dtype, s) for a, s in zip(case.draw(dtype), case.open_shapes, strict=True)]
    graph = ir.verify(ir.build(lambda *xs: case.op(*xs, **case.attributes(Dim.symbol("n"))), *types))
    again = ir.verify(ir.parse_graph(ir.print_graph(graph)))
    assert_same_graph(again, graph)
    if not any("n" in operand.shape for operand in case.operands):
        return  # there is nothing to read the open size off
    run = context.backend.compile(again)
    for n in (3, 5):
        arrays, attrs = case.draw(dtype, n), case.attributes(n)
        found = [b.plain() for b in run([context.backend.put(a.copy()) for a in arrays])]
        assert_close(found, results_of(case, arrays, attrs))


def parts_of(out: Any) -> tuple[Any, ...]:
    return out if isinstance(out, tuple) else (out,)


def total(tensors: Any, weights: Any) -> Any:
    """The weighted sum of all elements that vary smoothly; of complex ones the real part of each times its weight."""
    result = ms.Tensor(0.0, "float64")
    for y, w in zip(tensors, weights, strict=True):
        if y.dtype.is_inexact:
            product = (y * ms.Tensor(w.conj() if y.dtype.is_complex else w.real)).sum()
            result = result + (prims.real(product) if y.dtype.is_complex else product)
    return result


def normal(rng: np.random.Generator, likes: Any) -> list[np.ndarray[Any, Any]]:
    """Random numbers of the shapes of arrays, complex where those are."""
    drawn = [rng.standard_normal((2, *like.shape)) for like in likes]
    return [x + 1j * y if like.dtype.kind == "c" else x for (x, y), like in zip(drawn, likes, strict=True)]


def along(gradients: Any, directions: Any) -> float:
    """The slope along directions: that of the real parts, and that of the imaginary parts."""
    pairs = zip(gradients, directions, strict=True)
    return sum(float((g.asnumpy() * np.conj(d)).real.sum()) for g, d in pairs)


def smooth_places(arrays: Any) -> list[int]:
    return [i for i, a in enumerate(arrays) if a.dtype in (np.float64, np.complex128)]


SMOOTH = [
    pytest.param(case, dtype, id=str(case) if dtype is float64 else f"{case}-{dtype}")
    for case in CASES
    for dtype in (float64, complex128)
    if case.smooth and dtype in case.dtypes
]


@pytest.mark.parametrize(("case", "dtype"), SMOOTH)
def test_derivative_equals_central_differences(case: Case, dtype: Any) -> None:
    arrays, attrs = case.draw(dtype), case.attributes()
    floats = smooth_places(arrays)
    rng = np.random.default_rng(1)
    weights = normal(rng, results_of(case, arrays, attrs))

    def loss(*xs: Any) -> Any:
        out = case.op(*xs, **attrs)
        return total(parts_of(out), weights)

    tensors = [ms.Tensor(a) for a in arrays]
    grads = ms.grad(loss, grad_position=tuple(floats))(*tensors)
    direction = normal(rng, [arrays[i] for i in floats])
    step = 1e-6

    def at(scale: float) -> float:
        moved = list(arrays)
        for i, d in zip(floats, direction, strict=True):
            moved[i] = arrays[i] + scale * d
        return float(loss(*map(ms.Tensor, moved)).item())

    numeric = (at(step) - at(-step)) / (2 * step)
    assert along(grads, direction) == pytest.approx(numeric, rel=1e-6, abs=1e-7)
    for g, i in zip(grads, floats, strict=True):
        assert g.shape == arrays[i].shape and g.dtype.numpy == arrays[i].dtype


@pytest.mark.parametrize(("case", "dtype"), SMOOTH)
def test_second_derivative_equals_central_differences_of_the_first(case: Case, dtype: Any) -> None:
    arrays, attrs = case.draw(dtype), case.attributes()
    floats = smooth_places(arrays)
    rng = np.random.default_rng(2)
    weights = normal(rng, results_of(case, arrays, attrs))
    direction = normal(rng, [arrays[i] for i in floats])

    def loss(*xs: Any) -> Any:
        out = case.op(*xs, **attrs)
        return total([y * y for y in parts_of(out)], weights)

    def slope(*xs: Any) -> Any:
        grads = ms.grad(loss, grad_position=tuple(floats))(*xs)
        return total(grads, direction)

    second = ms.grad(slope, grad_position=tuple(floats))(*map(ms.Tensor, arrays))
    step = 1e-5

    def at(scale: float) -> float:
        moved = list(arrays)
        for i, d in zip(floats, direction, strict=True):
            moved[i] = arrays[i] + scale * d
        return float(slope(*map(ms.Tensor, moved)).item())

    numeric = (at(step) - at(-step)) / (2 * step)
    assert along(second, direction) == pytest.approx(numeric, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("case", [case for case in CASES if case.operands], ids=str)
def test_batched_equals_one_example_at_a_time(case: Case) -> None:
    if case.op.kind is Kind.RANDOM:
        pytest.skip("examples of a batch draw from streams of their own")
    dtype = float32 if float32 in case.dtypes else case.dtypes[0]
    examples = [case.draw(dtype, seed=seed) for seed in range(2)]
    attrs = case.attributes()
    count = len(case.operands)
    choices = {tuple([True] * count), *(tuple(i == j for i in range(count)) for j in range(count))}
    for batched in sorted(choices):
        mixed = [[ex[i] if b else examples[0][i] for i, b in enumerate(batched)] for ex in examples]
        stacked = [np.stack([ex[i] for ex in examples]) if b else examples[0][i] for i, b in enumerate(batched)]
        axes = tuple(0 if b else None for b in batched)
        out = ms.vmap(lambda *xs: case.op(*xs, **attrs), in_axes=axes)(*map(ms.Tensor, stacked))
        found = [t.asnumpy() for t in (out if isinstance(out, tuple) else (out,))]
        each = [results_of(case, list(ex), attrs) for ex in mixed]
        expected = [np.stack(parts) for parts in zip(*each, strict=True)]
        assert_close(found, expected, slack=4)


@pytest.mark.parametrize("case", [c for c in CASES if c.op.decompose], ids=str)
@pytest.mark.parametrize("dtype", FLOATS, ids=str)
def test_composite_equals_its_decomposition(case: Case, dtype: Any) -> None:
    arrays, attrs = case.draw(dtype), case.attributes()
    assert case.op.decompose is not None
    parts = case.op.decompose(*map(ms.Tensor, arrays), **attrs)
    found = [t.asnumpy() for t in (parts if isinstance(parts, tuple) else (parts,))]
    assert_close(found, results_of(case, arrays, attrs), slack=8)
