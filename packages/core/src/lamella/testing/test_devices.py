"""Devices of a kind: their numbers, where results are, and what a backend says of its memory."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, context, ops, plugins
from lamella.testing.modes import MODES

NUMBERS = range(context.backend.device_count)


@pytest.mark.parametrize("number", NUMBERS)
def test_results_are_where_their_operands_are(number: int) -> None:
    name = plugins.device_name(context.backend, number)
    assert plugins.device(name) == plugins.device(f"{context.backend.name}:{number}") == (context.backend, number)
    x = Tensor([1.0, 2.0]).to(name)
    results = [x, x + x, x * 2 + 1, ops.exp(x), x[0], ops.cumsum(x, 0), ops.matmul(x, x), x.astype("int8")]
    assert {y.device for y in results} == {name}
    assert (x * 2 + 1).tolist() == [3.0, 5.0]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("mode", MODES)
def test_functions_run_on_the_chosen_device(mode: str, number: int) -> None:
    before = context.ordinal
    run = MODES[mode](lambda x: ms.grad(lambda x: (ops.sin(x) * ops.arange(2)).sum())(x))
    try:
        ms.set_context(device_id=number)
        slope = run(Tensor([0.0, 1.0]))
    finally:
        ms.set_context(device_id=before)
    assert slope.device == plugins.device_name(context.backend, number)
    np.testing.assert_allclose(slope.asnumpy(), [0.0, np.cos(1.0)], 1e-6)


def test_tensors_of_two_devices_do_not_mix() -> None:
    first, *others = (Tensor([1.0]).to(f"{context.backend.name}:{number}") for number in NUMBERS)
    for other in () if context.backend.on_host else others:
        with pytest.raises(ValueError, match="expected all tensors on"):
            first + other


def test_a_number_that_no_device_has_is_refused() -> None:
    count = context.backend.device_count
    with pytest.raises(ValueError, match=f"{context.backend.name} has {count} device"):
        Tensor([1.0]).to(f"{context.backend.name}:{count}")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_backend_waits_and_counts(number: int) -> None:
    x = ops.exp(Tensor(np.zeros((300, 300), np.float32)).to(f"{context.backend.name}:{number}"))
    context.backend.wait(x._value)
    assert min(context.backend.memory(number)) >= 0
