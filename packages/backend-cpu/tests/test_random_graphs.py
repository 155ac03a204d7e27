"""Random graphs of many primitives: the same numbers as on the reference backend, with and without donated memory."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from random_graphs import Array, RandomFunction

import lamella as ms
from lamella import Tensor, ir, ops

COUNT = 10_000 if os.environ.get("LAMELLA_FULL") else 100
BLOCKS = 10


def build(fn: Any, arrays: list[Array]) -> ir.Graph:
    return ir.build(fn, *(ir.TensorType(ms.dtypes.BY_NUMPY[a.dtype], a.shape) for a in arrays))


def run(device: str, graph: ir.Graph, arrays: list[Array], donated: frozenset[int] = frozenset()) -> list[Array]:
    backend = ms.plugins.backend(device)
    return [b.plain() for b in backend.compile(graph)([backend.put(a.copy()) for a in arrays], donated)]


def loss_of(fn: RandomFunction) -> Any:
    def loss(*xs: Tensor) -> Tensor:
        floats = [y for y in fn(*xs) if y.dtype.is_float]
        return sum(((ops.tanh(y.astype(ms.float32) * 0.1)).mean() for y in floats), start=Tensor(0.0))

    return loss


def check(seed: int) -> None:
    """One function: its results, or every third time its gradients."""
    smooth = seed % 3 == 2
    limit = 30_000 if seed % 10 == 9 else 3000
    function = RandomFunction(seed, steps=8, limit=limit, smooth=smooth)
    arrays = function.arrays
    floats = tuple(i for i, a in enumerate(arrays) if a.dtype.kind == "f")
    fn = ms.grad(loss_of(function), floats) if smooth and floats else function
    graph = build(fn, arrays)
    certain = function.grids if fn is function else [False] * len(floats)
    mine, expected = run("CPU", graph, arrays), run("reference", graph, arrays)
    for a, b, is_certain in zip(mine, expected, certain, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        if is_certain:
            np.testing.assert_array_equal(a, b)
        else:
            np.testing.assert_allclose(a, b, 5e-3, 5e-3)
    for a, b in zip(run("CPU", graph, arrays, frozenset(range(len(arrays)))), mine, strict=True):
        np.testing.assert_array_equal(a, b, "with donated memory")


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_graphs_give_what_the_reference_gives(block: int) -> None:
    for seed in range(block, COUNT, BLOCKS):
        try:
            check(seed)
        except Exception as error:
            error.add_note(f"function {seed}")
            raise
