"""What happens when a run does not go well, and what runs leave behind."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import threading
import time
import types
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, ir, nn, ops
from lamella.errors import InterruptedRun
from lamella_cpu.runtime import invocation
from lamella_cpu.runtime.invocation import NativeGraph


@pytest.fixture(autouse=True)
def on_the_cpu() -> Iterator[None]:
    ms.set_context(device_target="CPU")
    yield
    ms.set_context(device_target="reference")


def test_an_index_out_of_range_is_an_error_and_changes_nothing() -> None:
    table = Parameter(Tensor(np.ones((5, 3), np.float32)), name="table")

    def fn(i: Tensor) -> Tensor:
        picked = ops.gather(table, i, 0)
        table.assign_value(table - 1)
        return picked

    run = ir.staged(fn)
    with pytest.raises(IndexError, match=r"index 7 at position \(1,\)") as caught:
        run(Tensor([1, 7]))
    assert any("ops.gather" in note and "picked = ops.gather(table, i, 0)" in note for note in caught.value.__notes__)
    np.testing.assert_array_equal(table.asnumpy(), 1)
    assert run(Tensor([1, 4])).shape == (2, 3)
    np.testing.assert_array_equal(table.asnumpy(), 0)


@pytest.mark.parametrize("label", [-1, 10, 2**40])
def test_a_label_out_of_range_is_an_error(label: int) -> None:
    run = ir.staged(ops.cross_entropy)
    with pytest.raises(IndexError, match=str(label)):
        run(ops.ones((2, 10)), Tensor([3, label]))
    assert run(ops.ones((2, 10)), Tensor([3, -100])).item() == pytest.approx(np.log(10))  # -100 is left out


def test_scatter_out_of_range_is_an_error() -> None:
    run = ir.staged(lambda x, i: ops.tensor_scatter_elements(x, i, x, 0))
    with pytest.raises(IndexError, match="9"):
        run(ops.ones(4), Tensor([0, 9, 1, 2]))


def test_a_bad_index_found_while_a_parameter_is_updated_changes_nothing() -> None:
    total = Parameter(Tensor(np.zeros((2, 3), np.float32)), name="total")

    def fn(table: Tensor, i: Tensor) -> Tensor:
        total.assign_value(total + ops.gather(table, i, 0))  # read and written in one loop
        return total.sum()

    run = ir.staged(fn)
    table = ops.ones((5, 3))
    run(table, Tensor([1, 4]))
    with pytest.raises(IndexError):
        run(table, Tensor([1, 5]))
    np.testing.assert_array_equal(total.asnumpy(), 1)


def test_a_parameter_that_is_read_at_other_places_is_not_written_over_meanwhile() -> None:
    numbers = np.arange(12, dtype=np.float32).reshape(4, 3)
    w = Parameter(Tensor(numbers), name="w")

    def fn(i: Tensor) -> Tensor:
        w.assign_value(w + ops.gather(w, i, 0))
        return i

    run, places = ir.staged(fn), np.array([3, 0, 0, 1])
    for _ in range(2):
        run(Tensor(places))
        numbers = numbers + numbers[places]
        np.testing.assert_array_equal(w.asnumpy(), numbers)


class InterruptedByTestError(Exception):
    """Raised by the test's signal handler in place of KeyboardInterrupt, which would end the test run."""


@pytest.fixture
def until_alarm() -> Iterator[Callable[[float, Callable[[], Any]], None]]:
    """Calls a function again and again, and sets off a signal after some seconds."""

    def handler(*_: Any) -> None:
        raise InterruptedByTestError

    def repeat(seconds: float, call: Callable[[], Any]) -> None:
        try:
            # Again after a while: an exception that comes while Python frees an object is lost.
            signal.setitimer(signal.ITIMER_REAL, seconds, 5)
            while True:
                call()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    old = signal.signal(signal.SIGALRM, handler)
    yield repeat
    signal.signal(signal.SIGALRM, old)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_long_run_is_interrupted_and_state_stays(until_alarm: Any) -> None:
    w = Parameter(Tensor(np.ones((400, 400), np.float32)), name="w")

    def endless(x: Tensor) -> Tensor:
        y = ops.while_loop(lambda c: c.sum() < 1e30, lambda c: ops.tanh(c @ w) * 1e-3, x)
        w.assign_value(w + y)
        return y

    run = ir.staged(endless)
    for _ in range(2):
        start = time.perf_counter()
        with pytest.raises(InterruptedByTestError):
            until_alarm(0.5, lambda: run(ops.ones((400, 400))))
        assert time.perf_counter() - start < 5  # of which compiling takes some
    np.testing.assert_array_equal(w.asnumpy(), 1)
    assert ops.matmul(w, w)[0, 0].item() == 400  # the pool goes on


@pytest.mark.parametrize("begins", [False, True])
def test_an_interrupt_while_the_thread_of_a_run_starts_leaves_no_run_behind(
    begins: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = ir.build(lambda x: ops.tanh(x @ x).sum(), ir.TensorType(ms.float32, (20, 20)))
    run = ms.context.backend.compile(graph)
    operand = ms.context.backend.put(np.ones((20, 20), np.float32))
    (program,) = run._segmented.values()  # type: ignore[attr-defined]
    calls: list[Callable[[], None]] = []

    def start(thread: threading.Thread) -> None:
        calls.append(thread._target)  # type: ignore[attr-defined]
        if begins:
            real(thread)
            thread.join()
        raise InterruptedByTestError

    real = threading.Thread.start
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(InterruptedRun if begins else InterruptedByTestError):
            run([operand])
    late: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(program.whole, "_call", late.append)
        calls[0]()
    assert not late
    assert run([operand])[0].plain() == 400


def test_an_interrupt_after_one_part_of_a_graph_changes_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    w = ms.Parameter(Tensor(np.zeros(100, np.float32)), name="w")

    @ir.staged
    def step(x: Tensor) -> Tensor:
        y = ops.tanh(x + w)
        ops.print_("between", y.sum())  # runs outside of native code
        w.assign_value(w + 1)
        return ops.exp(y) + w

    x = ops.ones((100,))
    step(x)
    whole = NativeGraph.run

    def interrupted(self: NativeGraph, *arguments: Any) -> Any:
        raise InterruptedRun(whole(self, *arguments)) from InterruptedByTestError()

    with monkeypatch.context() as patch:
        patch.setattr(NativeGraph, "run", interrupted)
        with pytest.raises(InterruptedByTestError):
            step(x)
    assert w.asnumpy().tolist() == [1.0] * 100
    step(x)
    assert w[0].item() == 2.0


def test_an_interrupt_while_an_interrupted_run_ends_does_not_leave_it_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(threading.Event):
        interrupts = 0

        def wait(self, timeout: float | None = None) -> bool:
            if Interrupted.interrupts < 2:
                Interrupted.interrupts += 1
                raise InterruptedByTestError
            return super().wait(timeout)

    replaced = {name: getattr(threading, name) for name in ("Lock", "Thread", "current_thread", "main_thread")}
    run = ir.staged(lambda x: ops.while_loop(lambda c: c.sum() < 1e30, lambda c: ops.tanh(c @ c) * 1e-3, x))
    ones = ops.ones((400, 400))
    with monkeypatch.context() as patch:
        patch.setattr(invocation, "threading", types.SimpleNamespace(Event=Interrupted, **replaced))
        with pytest.raises(InterruptedByTestError):
            run(ones)
    assert Interrupted.interrupts == 2
    assert ops.matmul(ones, ones)[0, 0].item() == 400  # the pool goes on


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_interrupts_between_short_runs_lose_no_state(until_alarm: Any) -> None:
    network = nn.Dense(50, 50)
    step = nn.TrainOneStepCell(
        nn.WithLossCell(network, nn.MSELoss()), nn.Momentum(network.trainable_params(), 0.01, 0.9)
    )
    run = ir.staged(step)
    x = ops.ones((8, 50))
    run(x, x)
    for i in range(30):
        with pytest.raises(InterruptedByTestError):
            until_alarm(0.001 + i * 0.0003, lambda: run(x, x))
        for parameter in (*network.trainable_params(), *step.optimizer.get_parameters()):
            assert np.isfinite(parameter.asnumpy()).all()  # readable, not poisoned


def test_threads_run_one_graph_at_once() -> None:
    run = ir.staged(lambda x: ops.softmax(ops.matmul(x, x), 1).sum(0))
    inputs = [Tensor(np.random.default_rng(i).normal(size=(80, 80)).astype(np.float32)) for i in range(8)]
    expected = [run(x).asnumpy() for x in inputs]
    failures: list[BaseException] = []

    def work(i: int) -> None:
        try:
            for _ in range(20):
                np.testing.assert_array_equal(run(inputs[i]).asnumpy(), expected[i])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
def test_a_forked_child_computes_on() -> None:
    run = ir.staged(lambda x: ops.matmul(x, x).sum())
    x = ops.ones((300, 300))
    expected = run(x).item()
    child = os.fork()
    if child == 0:
        os._exit(0 if run(x).item() == expected and run(x + 0).item() == expected else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert run(x).item() == expected


def test_graphs_are_freed_with_their_code() -> None:
    def compile_one(i: int) -> weakref.ref[Any]:
        graph = ir.build(lambda x: ops.tanh(x * i) + i, ir.TensorType(ms.float32, (200,)))
        run = ms.context.backend.compile(graph)
        run([ms.context.backend.put(np.ones(200, np.float32))])
        return weakref.ref(run)

    compile_one(1)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    left = [compile_one(i) for i in range(2, 60)]
    gc.collect()
    assert not any(ref() for ref in left)
    # The interpreter and LLVM keep some of what they had; a graph's code, text and arena take more than this each.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 58 * 600


def test_runs_leave_nothing_behind() -> None:
    run = ir.staged(lambda x: (ops.softmax(x, 1), x.sum(0)))
    x = ops.ones((100, 100))
    run(x)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(200):
        run(x)
    gc.collect()
    assert len(gc.get_objects()) - before < 50


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_shapes_without_elements(shape: tuple[int, ...]) -> None:
    run = ir.staged(lambda x: (ops.exp(x) + 1, x.sum(0), ops.concat((x, x), 0)))
    exponential, total, joined = run(ops.ones(shape))
    assert exponential.shape == shape
    assert total.shape == shape[1:]
    assert joined.shape == (2 * shape[0], *shape[1:])
    np.testing.assert_array_equal(total.asnumpy(), np.zeros(shape[1:]))


def test_arrays_of_any_order_are_taken() -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    run = ir.staged(lambda x: ops.exp(x * 0) + x)
    for array in (x.T, x[:, ::2], x[::-1], np.broadcast_to(np.float32(1), (3, 4))):
        np.testing.assert_array_equal(run(Tensor(array)).asnumpy(), array + 1)
    np.testing.assert_array_equal(run(ops.ones((3, 4))).asnumpy(), 2)  # a view of one number, made by the reference


def test_a_lack_of_memory_is_a_worded_error() -> None:
    graph = ir.build(lambda x: ops.exp(ops.broadcast_to(x, (1 << 22, 1 << 22))).sum(), ir.TensorType(ms.float32, (1,)))
    run = ms.context.backend.compile(graph)
    # One loop: nothing of this size is ever in memory. With the exponentials as a result they would have to be.
    del run
    graph = ir.build(lambda x: ops.exp(ops.broadcast_to(x, (1 << 22, 1 << 22))), ir.TensorType(ms.float32, (1,)))
    run = ms.context.backend.compile(graph)
    with pytest.raises(MemoryError, match="allocate"):
        run([ms.context.backend.put(np.ones(1, np.float32))])
