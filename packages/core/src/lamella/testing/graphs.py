"""Whether two graphs are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lamella.ir import Graph, Value


def assert_same_graph(found: Graph, expected: Graph) -> None:
    """Compare two graphs, types and attributes included, by what their values are computed from.

    The names of regions do not count: they are for people, and text calls regions by their attributes.

    Raises:
        AssertionError: they differ; the message says in which node.
    """
    assert found.name == expected.name
    _compare(found, expected, {}, f"graph {expected.name}")


def _compare(found: Graph, expected: Graph, known: dict[Value, Value], place: str) -> None:
    assert found.guards == expected.guards, place
    _same_types(found.params, expected.params, f"parameters of {place}")
    known.update(zip(found.params, expected.params, strict=True))
    assert len(found.nodes) == len(expected.nodes), place
    for number, (mine, theirs) in enumerate(zip(found.nodes, expected.nodes, strict=True)):
        here = f"node {number} ({theirs.op.name}) of {place}"
        assert mine.op is theirs.op, here
        assert [known[v] for v in mine.operands] == list(theirs.operands), here
        _same(mine.attrs, theirs.attrs, known, here)
        _same_types(mine.outputs, theirs.outputs, here)
        known.update(zip(mine.outputs, theirs.outputs, strict=True))
    assert [known[v] for v in found.results] == expected.results, place


def _same_types(found: Any, expected: Any, place: str) -> None:
    assert [v.type for v in found] == [v.type for v in expected], place


def _same(found: Any, expected: Any, known: dict[Value, Value], place: str) -> None:
    """Compare attributes: plain data, arrays, types and regions, in containers."""
    assert type(found) is type(expected), f"{place}: {found!r} and {expected!r}"
    if isinstance(expected, Graph):
        _compare(found, expected, dict(known), f"{expected.name} of {place}")
    elif isinstance(expected, Mapping):
        assert found.keys() == expected.keys(), place
        for name in expected:
            _same(found[name], expected[name], known, f"{name} of {place}")
    elif isinstance(expected, (tuple, list)):
        assert len(found) == len(expected), place
        for mine, theirs in zip(found, expected, strict=True):
            _same(mine, theirs, known, place)
    elif isinstance(expected, (np.ndarray, np.generic)):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape), place
        assert found.tobytes() == expected.tobytes(), place
    else:
        assert repr(found) == repr(expected), place  # which tells -0.0 from 0.0, and lets NaN equal itself
