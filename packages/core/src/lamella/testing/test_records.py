"""`record` gives listeners the same in every mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ops import prims
from lamella.recording import listening

X = np.array([1.0, -2.0, 3.0], np.float32)


def record(*tensors: Tensor, tag: str = "t") -> None:
    """Record tensors."""
    prims.record(*tensors, kind="tensor", tag=tag)


def heard(fn: Callable[..., Any], *args: Any) -> tuple[list[Any], Any]:
    """What a function records, and its result."""
    seen = []
    with listening(lambda kind, tag, arrays: seen.append((tag, [a.tolist() for a in arrays]))):
        result = fn(*args)
    return seen, result


def plain(x: Tensor) -> Any:
    record(x, x * 2, tag="first")
    y = x.sum()
    record(y, tag="second")
    return y


def branches(x: Tensor) -> Any:
    def then(x: Tensor) -> Tensor:
        record(x, tag="then")
        record(x.sum() > 0, tag="then")
        return x * 2

    def orelse(x: Tensor) -> Tensor:
        record(x.max(), tag="orelse")
        return x

    y = ops.cond(x.sum() > 0, then, orelse, x)
    y = ops.cond(x.sum() < 0, then, lambda x: x, y)
    record(y, tag="after")
    return y


def loops(x: Tensor, reverse: bool = False) -> Any:
    def body(carry: Tensor, item: Tensor) -> tuple[Tensor, Tensor]:
        record(carry, tag="carry")

        def inner(c: Tensor, _: Any) -> tuple[Tensor, None]:
            c = ops.cond(c > 2, lambda c: (record(c, item, tag="big"), c - 3)[1], lambda c: c + 1, c)
            record(c, tag="inner")
            return c, None

        return ops.scan(inner, carry + item, None, length=2)[0], carry

    carry, ys = ops.scan(body, Tensor(0.5), x, reverse=reverse)
    return carry, ys


def whiles(x: Tensor) -> Any:
    def body(x: Tensor) -> Tensor:
        record(x.sum(), tag="trip")
        return x * 2

    return ops.while_loop(lambda x: x.max() < 20, body, x)


def mixed(x: Tensor) -> Any:
    record(x, tag="start")
    y = whiles(x)
    record(y, tag="end")
    return y


def never(x: Tensor) -> Any:
    """A loop in a branch that is not taken."""
    return ops.cond(
        x.sum() > 100, lambda x: ops.scan(lambda c, _: (record(c), (c, None))[1], x, None, length=2)[0], lambda x: x, x
    )


def printed(x: Tensor) -> Any:
    record(x, tag="before")
    ops.cond(x.sum() > 0, lambda x: (ops.print_("positive"), record(x, tag="printed"), x)[2], lambda x: x, x)
    return x


PROGRAMS = [plain, branches, loops, lambda x: loops(x, reverse=True), whiles, mixed, never, printed]


@pytest.mark.parametrize("fn", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_graph_records_what_ops_one_by_one_do_in_their_order(fn: Callable[[Tensor], Any], sign: int) -> None:
    x = Tensor(X * sign)
    expected, value = heard(fn, x)
    found, result = heard(ir.staged(fn), x)
    assert found == expected
    for a, b in zip(ms.tree.flatten(result)[0], ms.tree.flatten(value)[0], strict=True):
        np.testing.assert_array_equal(a.asnumpy(), b.asnumpy())
