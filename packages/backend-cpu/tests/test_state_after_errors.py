"""Whatever can stop a step runs before the step begins to overwrite state: after an error, state is what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, ir, ops

SIZE = 1000


def gathered(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + 1.0)
    return ops.gather(x, i, 0)


def gathered_of_the_new_value(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p * 0.5 + x)
    return ops.gather(p, i, 0)


def at_a_computed_index(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    return ops.gather(x, i * 2 - i + ops.cast(p.sum() * 0, ms.int64), 0)


def divided(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p - x)
    return (i + 7) // (i - SIZE)


def remainder(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(ops.tanh(p) + x)
    return (i + 7) % (i - SIZE)


def scattered(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    return ops.tensor_scatter_add(x, i.reshape(-1, 1), ops.ones(3))


def assigned_at(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    y = x * 1
    y[i] = 5.0
    return y


def in_a_branch(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    return ops.cond(x.sum() > 0, lambda: ops.gather(x, i, 0), lambda: ops.gather(x, i * 0, 0))


def in_a_loop(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    return ops.scan(lambda total, place: (total + ops.gather(x, place, 0), None), Tensor(0.0), i)[0]


def in_a_while(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    return ops.while_loop(
        lambda state: state[0] < 3,
        lambda state: (state[0] + 1, state[1] + ops.gather(x, ops.gather(i, state[0], 0), 0)),
        (Tensor(0), Tensor(0.0)),
    )[1]


def in_a_loop_in_a_branch(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    return ops.cond(
        x.sum() > 0,
        lambda: ops.scan(lambda total, place: (total + ops.gather(x, place, 0), None), Tensor(0.0), i)[0],
        lambda: x.sum(),
    )


def of_two_states(p: Parameter, x: Tensor, i: Tensor) -> Tensor:
    p.assign_value(p + x)
    value = ops.gather(x, i, 0)
    p.assign_value(p * 2.0 + value.sum())
    return value


PROGRAMS = [
    gathered,
    gathered_of_the_new_value,
    at_a_computed_index,
    divided,
    remainder,
    scattered,
    assigned_at,
    in_a_branch,
    in_a_loop,
    in_a_while,
    in_a_loop_in_a_branch,
    of_two_states,
]


@pytest.fixture(autouse=True)
def _on_the_cpu() -> Iterator[None]:
    ms.set_context(device_target="CPU")
    yield
    ms.set_context(device_target="reference")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("keeps", [False, True], ids=["memory taken over", "memory seen elsewhere"])
def test_state_is_as_before_after_an_error(program: Callable[[Parameter, Tensor, Tensor], Tensor], keeps: bool) -> None:
    p = Parameter(Tensor(np.linspace(0, 1, SIZE, dtype=np.float32)), name="p")
    step = ir.staged(lambda x, i: program(p, x, i))
    x, good = Tensor(np.full(SIZE, 0.25, np.float32)), Tensor(np.array([0, 5, SIZE - 1]))
    bad = Tensor(np.array([0, SIZE, 5]))  # too large an index, and the divisor 0
    step(x, good)
    for _ in range(2):
        seen = p.asnumpy()
        before = seen.copy()
        if not keeps:
            del seen
        with pytest.raises((IndexError, ValueError, ZeroDivisionError)):
            step(x, bad)
        np.testing.assert_array_equal(p.asnumpy(), before)
        step(x, good)
        assert (p.asnumpy() != before).any()
