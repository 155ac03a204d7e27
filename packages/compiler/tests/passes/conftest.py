"""How passes are tested: the text of a graph before and after, and equal bits on numbers of every kind."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import numpy as np
import pytest

from lamella import ir
from lamella.ir.execute import execute
from lamella.types import TOKEN
from lamella_compiler.passes.dead import prune

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 1e-42, 1e30, -1e30, np.inf, -np.inf, np.nan]


def example(kind: ir.TensorType, rng: np.random.Generator) -> np.ndarray:
    dtype = kind.dtype.numpy
    if kind.dtype.is_float:
        values = rng.choice(SPECIAL, kind.shape)
        with np.errstate(over="ignore"):
            return np.asarray(values).astype(dtype)
    if kind.dtype.kind == "bool":
        return np.asarray(rng.integers(0, 2, kind.shape)).astype(dtype)
    limits = np.iinfo(dtype)
    return np.asarray(rng.choice([limits.min, limits.max, 0, 1, 2, 7], kind.shape)).astype(dtype)


def compare_bits(graph: ir.Graph, other: ir.Graph, rounds: int = 20) -> None:
    """Both graphs give the same bits (any NaN for a NaN)."""
    rng = np.random.default_rng(0)
    types = [p.type for p in graph.params if p.type != TOKEN]
    for _ in range(rounds):
        arrays = [example(t, rng) for t in types]
        with np.errstate(all="ignore"):
            pairs = zip(execute(graph, arrays), execute(other, arrays), strict=True)
        for mine, theirs in pairs:
            mine, theirs = np.asarray(mine), np.asarray(theirs)
            assert mine.dtype == theirs.dtype and mine.shape == theirs.shape
            if mine.dtype.kind in "fV":
                assert np.array_equal(np.isnan(mine.astype(float)), np.isnan(theirs.astype(float)))
                mine, theirs = (np.where(np.isnan(x.astype(float)), 0, x).astype(mine.dtype) for x in (mine, theirs))
            assert mine.tobytes() == theirs.tobytes(), (arrays, mine, theirs)


@pytest.fixture(scope="session")
def same_bits() -> Callable[..., None]:
    """`compare_bits`."""
    return compare_bits


@pytest.fixture(scope="session")
def becomes() -> Callable[..., None]:
    """A function that checks what a pass makes of a graph, dead code left out."""

    def check(step: Callable[[ir.Graph], ir.Graph], before: str, after: str, exact: bool = True) -> None:
        graph = ir.verify(ir.parse_graph(textwrap.dedent(before)))
        text = str(graph)
        result = ir.verify(prune(step(graph)))
        assert str(graph) == text, "a pass changes nothing in the graph that it is given"
        assert str(result) == str(ir.parse_graph(textwrap.dedent(after)))
        if exact:
            compare_bits(graph, result)

    return check
