"""`host_call` runs a function of Python once for each call, in order, in every mode."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ops
from lamella.ops import prims
from lamella.ops.prims.host import key_of
from lamella.testing.modes import MODES, Mode

X = np.array([1.0, -2.0, 3.0], np.float32)


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_a_function_of_arrays_sees_numbers_and_gives_some(mode: Mode) -> None:
    seen = []

    def look(x: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, int]:
        seen.append((x.tolist(), int(n)))
        return x.astype(np.float64) + n, len(seen)

    key = key_of(look)

    def body(carry: Tensor, n: Tensor) -> tuple[Tensor, Tensor]:
        total, calls = prims.host_call(carry * 2, n, key=key, results=(("float32", (3,)), ("int32", ())))
        return total, calls

    def fn(x: Tensor) -> tuple[Tensor, Tensor]:
        body(x, Tensor(100))  # acts, though nothing needs its results
        last, calls = ops.scan(body, x, ops.arange(2))
        return last + 1, calls

    run = mode(fn)
    for _ in range(2):
        seen.clear()
        last, calls = run(Tensor(X))
        np.testing.assert_array_equal(last.asnumpy(), (X * 2) * 2 + 1 + 1)
        assert calls.tolist() == [2, 3]
        assert seen == [((X * 2).tolist(), 100), ((X * 2).tolist(), 0), ((X * 4).tolist(), 1)]


def test_under_vmap_it_runs_for_each_example() -> None:
    key = key_of(lambda x: x.sum() * np.ones(2))
    twice = ms.vmap(lambda x: prims.host_call(x, key=key, results=(("float32", (2,)),))[0])
    np.testing.assert_array_equal(twice(Tensor([[1.0, 2.0], [3.0, 4.0]])).asnumpy(), [[3, 3], [7, 7]])
