"""What many tests ask of a function: its derivative, its batching, its graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lamella import Tensor, context, ir, tree, vjp, vmap

Array = np.ndarray[Any, Any]


def arrays_of(result: Any) -> list[Array]:
    """The tensors of a result as arrays."""
    return [leaf.asnumpy() for leaf in tree.flatten(result)[0]]


def assert_same(actual: Any, expected: Any) -> None:
    """Equal types, shapes and numbers; NaN equals NaN."""
    array = actual.asnumpy() if isinstance(actual, Tensor) else np.asarray(actual)
    expected = expected.asnumpy() if isinstance(expected, Tensor) else np.asarray(expected)
    assert array.dtype == expected.dtype, (array.dtype, expected.dtype)
    assert array.shape == expected.shape, (array.shape, expected.shape)
    np.testing.assert_array_equal(array, expected)


def assert_near(actual: Any, expected: Any, tolerance: float = 1e-5) -> None:
    """Equal shapes, and numbers that differ by rounding only."""
    array = actual.asnumpy() if isinstance(actual, Tensor) else np.asarray(actual)
    expected = np.asarray(expected)
    assert array.shape == expected.shape, (array.shape, expected.shape)
    np.testing.assert_allclose(array.astype(np.float64), expected.astype(np.float64), rtol=tolerance, atol=tolerance)


def check_grad(fn: Callable[..., Any], *arrays: Any, step: float = 1e-6, tolerance: float = 1e-6) -> None:
    """Compare derivatives with central differences in float64.

    Each floating-point result is weighted by random numbers, so that errors in single places do not cancel.
    """
    inputs = [np.asarray(a, np.float64) if np.asarray(a).dtype.kind == "f" else np.asarray(a) for a in arrays]
    results, pull = vjp(lambda *xs: _floats(fn(*xs)), *map(Tensor, inputs))[:2]
    weights = [np.random.default_rng(5).standard_normal(r.shape) for r in results]
    grads = pull(*map(Tensor, weights))
    grads = grads if isinstance(grads, tuple) else (grads,)

    def weighted() -> float:
        outputs = _floats(fn(*map(Tensor, inputs)))
        return float(sum((w * r.asnumpy()).sum() for w, r in zip(weights, outputs, strict=True)))

    for x, g in zip(inputs, grads, strict=True):
        if x.dtype.kind != "f":
            continue
        expected = np.zeros_like(x)
        for place in np.ndindex(*x.shape):
            kept = x[place]
            x[place] = kept + step
            above = weighted()
            x[place] = kept - step
            expected[place] = (above - weighted()) / (2 * step)
            x[place] = kept
        np.testing.assert_allclose(g.asnumpy(), expected, rtol=tolerance, atol=tolerance * 10)


def _floats(result: Any) -> tuple[Tensor, ...]:
    return tuple(leaf for leaf in tree.flatten(result)[0] if leaf.dtype.is_float)


def check_vmap(fn: Callable[..., Any], *arrays: Any) -> None:
    """Compare a batch with its examples one by one: the arrays as they are, reversed and rolled along axis 0."""
    batches = [np.stack([a, a[::-1], np.roll(a, 1, 0)] if a.ndim else [a, a, a]) for a in map(np.asarray, arrays)]
    batched = arrays_of(vmap(fn)(*map(Tensor, batches)))
    single = [arrays_of(fn(*(Tensor(b[i]) for b in batches))) for i in range(3)]
    for position, whole in enumerate(batched):
        expected = np.stack([results[position] for results in single])
        assert whole.shape == expected.shape
        np.testing.assert_allclose(whole, expected, rtol=1e-5, atol=1e-6)


def check_graph(fn: Callable[..., Any], *arrays: Any, open_axis: bool = True) -> None:
    """Compare the graph for an open size of axis 0 (and all equal sizes of other arguments' axis 0) with eager mode."""
    given = list(map(np.asarray, arrays))
    n = given[0].shape[0] if open_axis and given[0].ndim else None
    types = [
        ir.TensorType(Tensor(a).dtype, (ir.Dim.symbol("n"), *a.shape[1:]) if a.ndim and a.shape[0] == n else a.shape)
        for a in given
    ]
    graph = ir.build(fn, *types)
    ir.verify(graph)
    backend = context.backend
    outputs = backend.compile(graph)([backend.put(a.copy()) for a in given])
    for output, expected in zip(outputs, arrays_of(fn(*map(Tensor, given))), strict=True):
        array = output.plain()
        assert array.shape == expected.shape
        assert array.dtype == expected.dtype
        np.testing.assert_allclose(array, expected, rtol=1e-6, atol=1e-6)
