"""Devices that are numbered and compute while the program goes on: the example, installed as anybody's would be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, context, ir, ops, plugins
from lamella.engine import observing

MODES = {"eager": lambda fn: fn, "graph": ir.staged, "compiled": ms.jit}


@pytest.fixture(autouse=True)
def on_the_second_device() -> Iterator[None]:
    before = context.get_context("device_target")
    ms.set_context(device_target="Queued", device_id=1)
    yield
    ms.set_context(device_target=before)


@pytest.fixture
def held() -> Iterator[Any]:
    """The second device's queue stands still until this is set."""
    event = threading.Event()
    context.backend._queues[1].submit(event.wait)  # type: ignore[attr-defined]
    yield event
    event.set()


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Any:
    return MODES[request.param]


def test_conformance_suite_passes_on_a_numbered_device_whose_results_come_late() -> None:
    environment = {**os.environ, "LAMELLA_DEVICE": "Queued:1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "lamella.testing"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


# -- numbers --


def test_new_tensors_are_on_the_current_device() -> None:
    made = [Tensor([1.0]), ops.zeros((2,)), ops.arange(3), ops.rand(2), Tensor([1.0]) + 1, ops.one_hot(Tensor([0]), 2)]
    assert {x.device for x in made} == {"Queued:1"}
    assert MODES["graph"](lambda: ops.zeros((2,)))().device == "Queued:1"
    assert MODES["compiled"](lambda: ops.arange(4) * 2)().device == "Queued:1"
    ms.set_context(device_id=0)
    assert context.get_context("device_id") == 0 and Tensor([1.0]).device == ops.rand(2).device == "Queued:0"


def test_tensors_move_between_devices_by_name() -> None:
    x = Tensor([1.0, 2.0])
    there = x.to("queued:0")
    assert (x.device, there.device, there.to("Queued").device) == ("Queued:1", "Queued:0", "Queued:0")
    assert there.tolist() == there.to("reference").to("Queued:1").tolist() == [1.0, 2.0]
    assert there.to("reference").device == "reference"
    assert (there * 2 + 1).tolist() == [3.0, 5.0] and (1 - there).device == "Queued:0"  # numbers belong to no device


def test_tensors_of_two_devices_do_not_mix(mode: Any) -> None:
    here, there = Tensor([1.0]), Tensor([1.0]).to("Queued:0")
    with pytest.raises(ValueError, match=r'the device Queued:0, expected all tensors on Queued:1.*\.to\("Queued:1"\)'):
        mode(lambda x, y: x + y)(here, there)
    with pytest.raises(ValueError, match=r"Queued:0, expected all tensors on Queued:1"):
        mode(lambda x: ops.concat((x, there)))(here)


def test_functions_are_compiled_for_each_device(mode: Any) -> None:
    run = mode(lambda x: ops.arange(2) + x)
    assert run(Tensor([1])).device == "Queued:1"
    ms.set_context(device_id=0)
    assert run(Tensor([1])).device == "Queued:0" and run(Tensor([1])).tolist() == [1, 2]
    gradient = mode(ms.grad(lambda x: (x * x).sum()))(Tensor([3.0]))
    assert gradient.device == "Queued:0" and gradient.tolist() == [6.0]


def test_jit_takes_a_device_with_its_number() -> None:
    run = ms.jit(lambda x: x * 2, backend="Queued:0")
    assert run(Tensor([1.0]).to("Queued:0")).device == "Queued:0"
    with pytest.raises(ValueError, match="Queued:1, expected all tensors on Queued:0"):
        run(Tensor([1.0]))


@pytest.mark.parametrize(
    ("ask", "given"),
    [
        (lambda: ms.set_context(device_id=2), "'Queued:2'"),
        (lambda: ms.set_context(device_target="Queued:7"), "'Queued:7'"),
        (lambda: Tensor([1.0]).to("Queued:two"), "'Queued:two'"),
        (lambda: plugins.device("queued:"), "'queued:'"),
        (lambda: ms.jit(lambda x: x, backend="Queued:9")(Tensor([1.0])), "'Queued:9'"),
    ],
)
def test_a_number_that_no_device_has_is_refused_with_how_many_there_are(ask: Any, given: str) -> None:
    with pytest.raises(ValueError, match=f"device: got {given}, expected .*Queued has 2 devices, Queued:0 to Queued:1"):
        ask()
    assert Tensor([1.0]).device == "Queued:1" and context.get_context("device_id") == 1


def test_where_there_is_one_device_its_number_is_0() -> None:
    assert Tensor([1.0]).to("reference:0").device == "reference"
    with pytest.raises(ValueError, match="reference has 1 device"):
        Tensor([1.0]).to("reference:1")


# -- lateness --


def test_types_are_known_before_the_numbers_are(held: threading.Event, mode: Any) -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    y = mode(lambda x: ops.matmul(x, x).sum(0).astype(ms.float64))(x)
    assert y.shape == (2,) and y.dtype is ms.float64 and y.device == "Queued:1"
    assert not hasattr(y._value.data, "shape") and not hasattr(y._value.data, "dtype")
    held.set()
    assert y.tolist() == [22.0, 32.0]
    context.backend.wait(y._value)


def test_an_error_of_a_late_computation_is_raised_at_each_read_with_the_line_of_its_call(
    held: threading.Event, mode: Any
) -> None:
    x, bad = Tensor([1.0, 2.0]), Tensor([5])
    line = sys._getframe().f_lineno + 1
    y = mode(lambda x, i: ops.gather(x * 2, i, 0) + 1)(x, bad)
    z = y * 2
    held.set()
    reads = (y.asnumpy, z.item, lambda: repr(y), lambda: bool(z > 0), lambda: context.backend.wait(z._value))
    for read in reads:
        with pytest.raises(IndexError, match="5") as raised:
            read()
        assert any(re.search(rf"test_queued\.py:{line}: y = mode", note) for note in raised.value.__notes__)
        assert any(note.startswith("in ops.") for note in raised.value.__notes__)
    assert (x + 1).tolist() == [2.0, 3.0]  # the queue goes on


def test_what_a_failed_step_was_to_change_raises_when_it_is_read(held: threading.Event, mode: Any) -> None:
    w = Parameter(Tensor([1.0, 2.0]), name="w")

    def step(i: Tensor) -> Tensor:
        w.assign_value(w * ops.gather(w, i, 0))
        return w.sum()

    loss = mode(step)(Tensor([9]))
    held.set()
    for read in (w.asnumpy, loss.item, lambda: w[0].item()):
        with pytest.raises(IndexError, match="9"):
            read()
    w.set_data(Tensor([1.0, 2.0]))
    mode(step)(Tensor([1]))
    assert w.tolist() == [2.0, 4.0]


def test_types_that_do_not_fit_are_refused_at_the_call(held: threading.Event) -> None:
    with pytest.raises(ValueError, match="broadcast"):
        Tensor([1.0, 2.0]) + Tensor([1.0, 2.0, 3.0])


def test_who_observes_sees_ops_that_have_run() -> None:
    seen: list[float] = []
    with observing(lambda o: seen.append(o.results[0].item())):
        _ = ops.exp(Tensor(0.0)) + 1
    assert seen == [1.0, 2.0]
    with observing(lambda o: None), pytest.raises(IndexError):  # at the op, not at the read
        ops.gather(Tensor([1.0]), Tensor([3]), 0)


def test_an_export_is_a_copy_that_steps_leave_alone() -> None:
    w = Parameter(Tensor(np.ones(3, np.float32)), name="w")
    kept = w.asnumpy()
    ir.staged(lambda x: w.assign_value(w + x))(Tensor(1.0))
    assert kept.tolist() == [1.0] * 3 and w.tolist() == [2.0] * 3
