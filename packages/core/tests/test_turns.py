"""Threads that read and change the same tensors."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, context, ir, nn, ops
from lamella.backends.reference import ReferenceBackend
from lamella.engine.eager import EAGER
from lamella.errors import PoisonedError, StepTimeoutError
from lamella.ir.stateful_call import StatefulCall
from lamella.ir.tracing import Traced
from lamella.turns import TAKING


class Held(ReferenceBackend):
    """The reference backend; its graphs say that they have begun, and end when they may."""

    def __init__(self):
        super().__init__()
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.fails = False
        self.inside = lambda: None

    def compile(self, graph, ordinal=0):
        execute = super().compile(graph)

        def run(buffers, donated=frozenset()):
            self.begun.set()
            self.inside()
            assert self.may_end.wait(20)
            if self.fails:
                raise RuntimeError("stop")
            return execute(buffers, donated)

        return run


def full(value):
    return Tensor(np.full((3, 4), value, np.float32))


@pytest.fixture
def held(monkeypatch):
    """A parameter of zeros, what starts a step that adds ones to it in another thread, its backend, and threads."""
    backend = Held()
    monkeypatch.setattr(context, "backend", backend)
    w, one = Parameter(full(0), name="w"), full(1)

    def step(x):
        w.assign_value(w + x)
        return w * 2

    program = StatefulCall(Traced(step, [one._type], "step"), backend)
    with ThreadPoolExecutor() as pool:
        yield w, lambda: pool.submit(program.run, [one]), backend, pool
        backend.may_end.set()


READS = {
    "asnumpy": lambda w: w.asnumpy()[0, 0],
    "item": lambda w: w.item((0, 0)),
    "tolist": lambda w: w.tolist()[0][0],
    "repr": lambda w: float("[[1." in str(w)),
    "op": lambda w: (w * 1).asnumpy()[0, 0],
    "second operand": lambda w: (w.copy() * 0 + w).asnumpy()[0, 0],
    "index": lambda w: w[0, 0].item(),
    "copy": lambda w: w.copy().asnumpy()[0, 0],
    "gradient": lambda w: ms.grad(lambda x: (x * w).sum())(w.copy())[0, 0].item(),
    "graph": lambda w: ir.staged(lambda x: x * 0 + w)(w.copy())[0, 0].item(),
    "argument of a graph": lambda w: ir.staged(lambda x: x * 1)(w)[0, 0].item(),
    "shape": lambda w: float(w.shape == (3, 4) and w.dtype is ms.float32 and w.device == "reference"),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_reading_waits_for_the_step_that_has_the_memory(held, read):
    w, start, backend, pool = held
    step = start()
    assert backend.begun.wait(20)
    reading = pool.submit(read, w)
    with pytest.raises(TimeoutError):
        reading.result(0.05)
    backend.may_end.set()
    assert reading.result(20) == 1.0
    step.result(20)


def test_reading_after_a_step_that_failed_gives_the_value_before_it(held):
    w, start, backend, pool = held
    backend.fails = True
    step = start()
    assert backend.begun.wait(20)
    reading = pool.submit(w.tolist)
    backend.may_end.set()
    with pytest.raises(RuntimeError, match="stop"):
        step.result(20)
    assert reading.result(20)[0][0] == 0.0


def test_waiting_ends_with_an_error_that_names_the_step_and_the_setting(held):
    w, start, backend, _pool = held
    ms.set_context(op_timeout=1)
    try:
        step = start()
        assert backend.begun.wait(20)
        with pytest.raises(StepTimeoutError, match=r"graph step, in another thread.*op_timeout"):
            w.asnumpy()
        waiting = start()  # a step that waits for the first one, and then gives up
        with pytest.raises(StepTimeoutError, match="graph step"):
            waiting.result(20)
    finally:
        ms.set_context(op_timeout=900)
    backend.may_end.set()
    step.result(20)
    assert w[0, 0].item() == 1.0  # the first step's: the second one never ran


def test_code_inside_the_step_is_told_that_it_cannot_read(held):
    w, start, backend, _ = held
    errors = []

    def inside():
        try:
            w.asnumpy()
        except PoisonedError as error:
            errors.append(str(error))

    backend.inside = inside
    backend.may_end.set()
    start().result(20)
    assert "graph step" in errors[0] and w[0, 0].item() == 1.0


def test_a_value_that_is_put_in_while_a_step_runs_stays(held):
    w, start, backend, _ = held
    step = start()
    assert backend.begun.wait(20)
    EAGER.write(w, full(7)._value)
    assert w[0, 0].item() == 7.0
    backend.may_end.set()
    step.result(20)
    assert w[0, 0].item() == 7.0


def in_threads(*functions):
    """Run functions in threads of their own; the first error of any."""
    with ThreadPoolExecutor(len(functions)) as pool:
        for done in [pool.submit(function) for function in functions]:
            done.result()


def test_no_step_of_graphs_that_share_tensors_is_lost():
    a, b, c = (Parameter(Tensor(np.zeros(50, np.float32)), name=name) for name in "abc")

    def adding(*ws):
        def step(x):
            for w in ws:
                w.assign_value(w + x)

        run = ir.staged(step)
        return lambda: [run(Tensor(1.0)) for _ in range(300)]

    in_threads(adding(a, b), adding(b, c), adding(c, a))
    assert {float(x) for w in (a, b, c) for x in w.asnumpy()} == {600.0}


@pytest.mark.parametrize("stage", [lambda f: f, ir.staged], ids=["eagerly", "as graphs"])
def test_threads_never_draw_the_same_random_numbers(stage):
    drawn = []

    def draw(size):
        noise = stage(lambda: ops.randn(size))
        return lambda: drawn.extend(noise().asnumpy()[0] for _ in range(200))

    in_threads(*[draw(size) for size in (3, 4, 3)], lambda: drawn.extend(ops.randn(2).asnumpy()[0] for _ in range(200)))
    assert len(set(drawn)) == 800


class Weights(nn.Cell):
    def __init__(self):
        super().__init__()
        self.ws = ms.ParameterTuple([Parameter(Tensor(np.zeros((50, 50), np.float32)), name=f"w{i}") for i in range(4)])


def test_a_server_trains_evaluates_saves_and_loads_at_once(tmp_path):
    net, x = Weights(), Tensor(1.0)
    until = time.monotonic() + (60 if os.environ.get("LAMELLA_FULL") else 2)
    counts = dict.fromkeys(("train", "evaluate", "read", "save"), 0)

    @ir.staged
    def step(x):
        for w in net.ws:
            w.assign_value(w + x)

    @ir.staged
    def evaluation(x):
        return [ends for w in net.ws for ends in ((w * x).max(), (w * x).min())]

    def same(numbers):
        assert len({float(number) for number in numbers}) == 1, numbers  # all of one step

    def read():
        array = net.ws[0].asnumpy()
        same([array.min(), array.max()])
        product = net.ws[1] * x
        same([product.max(), product.min()])

    def save_and_load():
        ms.save_checkpoint(net, tmp_path / "now.ckpt")
        saved = ms.load_checkpoint(tmp_path / "now.ckpt")
        same([p.asnumpy().flat[i] for p in saved.values() for i in (0, -1)])
        ms.load_param_into_net(net, saved)
        time.sleep(0.05)

    def loop(name, function):
        def run():
            while time.monotonic() < until:
                function()
                counts[name] += 1

        return run

    work = {"train": lambda: step(x), "evaluate": lambda: same(evaluation(x)), "read": read, "save": save_and_load}
    in_threads(*[loop(name, function) for name, function in work.items()])
    assert min(counts.values()) > 3, counts
    same([w.asnumpy().flat[0] for w in net.ws])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_child_of_a_fork_can_put_values_into_tensors():
    w = Parameter(Tensor([1.0]), name="w")
    forking, holding = threading.Event(), threading.Event()

    def hold():
        with TAKING:
            holding.set()
            forking.wait(20)
            time.sleep(0.1)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(20)
    forking.set()
    with warnings.catch_warnings():  # newer versions of Python warn of forks where there are threads
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        signal.alarm(10)
        w.set_data(Tensor([2.0]))
        os._exit(0 if w.item() == 2.0 else 1)
    thread.join()
    assert os.waitpid(child, 0)[1] == 0
