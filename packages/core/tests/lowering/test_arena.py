"""How much memory a graph needs between its steps: each value only for as long as it will be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plans import lowered, planned

import lamella as ms
from lamella import Tensor, ir, ops

MATRIX = ir.TensorType(ms.float32, (64, 64))
BYTES = 64 * 64 * 4


def products(count: int) -> Callable[[Tensor], Tensor]:
    def fn(x: Tensor) -> Tensor:
        y = x
        for _ in range(count):
            y = ops.matmul(y, x)
        return y

    return fn


def first_and_last(x: Tensor) -> Tensor:
    first = ops.matmul(x, x)
    return first + products(2)(first)


@pytest.mark.parametrize(
    ("fn", "matrices"),
    [
        (lambda x: ops.tanh(x) * 2 + 1, 0),  # one loop
        (products(1), 0),
        (products(2), 1),
        (products(3), 2),
        (products(20), 2),  # they take turns
        (lambda x: ops.softmax(ops.matmul(x, x)), 1),
        (lambda x: ops.matmul(x, x).reshape(16, 256).T.sum(0), 1),  # views need none
        (first_and_last, 2),
        (lambda x: ops.scan(lambda c, _: (ops.matmul(c, x), None), x, length=5)[0], 1),
    ],
)
def test_the_arena_holds_what_lives_at_one_time(fn: Callable[[Tensor], Tensor], matrices: int) -> None:
    arena = planned(lowered(fn, MATRIX)).arena_bytes
    assert matrices * BYTES <= arena <= matrices * BYTES + 1024  # for small things
