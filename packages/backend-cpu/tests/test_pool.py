"""The thread pool: every chunk once, whatever calls, forks, interrupts or sleeps."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamella_cpu.host import SCRATCH_BYTES
from lamella_cpu.runtime import native
from lamella_cpu.runtime.pool import Pool, pool

# `mark` counts the calls for each chunk, `place` notes where its scratch memory is, `linger` works for a while and
# counts its calls, `stay` does so and notes the place, `nest` starts a region of its own for each chunk.
BODIES = """
declare void @lamella_parallel(ptr, ptr, i64)
define void @mark(ptr %counts, i64 %chunk, ptr %scratch) {
  store i64 %chunk, ptr %scratch
  %place = getelementptr i64, ptr %counts, i64 %chunk
  %old = atomicrmw add ptr %place, i64 1 monotonic
  ret void
}
define void @place(ptr %places, i64 %chunk, ptr %scratch) {
  %last = getelementptr i8, ptr %scratch, i64 LAST
  store i8 1, ptr %last
  %place = getelementptr ptr, ptr %places, i64 %chunk
  store ptr %scratch, ptr %place
  ret void
}
define void @linger(ptr %counts, i64 %chunk, ptr %scratch) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %loop ]
  store volatile i64 %i, ptr %scratch
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, 1000000
  br i1 %more, label %loop, label %out
out:
  %old = atomicrmw add ptr %counts, i64 1 monotonic
  ret void
}
define void @stay(ptr %places, i64 %chunk, ptr %scratch) {
  %count = alloca i64
  call void @linger(ptr %count, i64 %chunk, ptr %scratch)
  call void @place(ptr %places, i64 %chunk, ptr %scratch)
  ret void
}
define void @nest(ptr %counts, i64 %chunk, ptr %scratch) {
  store i64 -1, ptr %scratch
  %start = mul i64 %chunk, 8
  %row = getelementptr i64, ptr %counts, i64 %start
  call void @lamella_parallel(ptr @mark, ptr %row, i64 8)
  %kept = load i64, ptr %scratch
  %place = getelementptr i64, ptr %counts, i64 64
  %old = atomicrmw add ptr %place, i64 %kept monotonic
  ret void
}
""".replace("LAST", str(SCRATCH_BYTES - 1))


class Bodies:
    """A pool and the bodies above."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.code = native.compile_module(BODIES, "bodies")

    def run(self, body: str, result: np.ndarray, chunks: int) -> np.ndarray:
        self.pool.run(self.code.address(body), result.ctypes.data, chunks)
        return result

    def counts(self, body: str, chunks: int, size: int = 1) -> list[int]:
        return self.run(body, np.zeros(max(chunks, size), np.int64), chunks).tolist()


@pytest.fixture(params=[True, False], ids=["futex", "condition"])
def bodies(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bodies]:
    made = Pool(2, futex=request.param)
    monkeypatch.setitem(native._symbols, "lamella_parallel", made.parallel)
    yield Bodies(made)
    made.stop()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.integers(1, 5), st.integers(0, 300))
def test_every_chunk_runs_once(bodies: Bodies, threads: int, chunks: int) -> None:
    bodies.pool.resize(threads)
    for _ in range(3):
        assert bodies.counts("mark", chunks)[:chunks] == [1] * chunks


def test_many_short_regions_in_a_row(bodies: Bodies) -> None:
    bodies.pool.resize(4)
    counts = np.zeros(7, np.int64)
    for _ in range(20_000):
        bodies.run("mark", counts, 7)
    assert counts.tolist() == [20_000] * 7


def test_sleeping_workers_wake(bodies: Bodies) -> None:
    for _ in range(20):
        time.sleep(0.005)
        assert bodies.counts("mark", 50) == [1] * 50
    time.sleep(0.1)
    assert len(set(bodies.counts("stay", 200))) == 2


def test_idle_workers_use_no_processor(bodies: Bodies) -> None:
    bodies.counts("mark", 10)
    time.sleep(0.2)
    before = time.process_time()
    time.sleep(0.3)
    assert time.process_time() - before < 0.03


def test_regions_inside_bodies_run_where_they_are(bodies: Bodies) -> None:
    for _ in range(50):
        counts = bodies.counts("nest", 8, size=65)
        assert counts[:64] == [1] * 64
        assert counts[64] == -8  # nothing was written into the scratch memory of a body that waited


def test_several_python_threads_at_once(bodies: Bodies) -> None:
    wrong = []

    def caller() -> None:
        for chunks in range(2, 500):
            counts = bodies.counts("mark", chunks)
            if counts != [1] * chunks:
                wrong.append(counts)

    callers = [threading.Thread(target=caller) for _ in range(4)]
    for thread in callers:
        thread.start()
    for thread in callers:
        thread.join()
    assert not wrong


def test_resizing_while_regions_run(bodies: Bodies) -> None:
    done = threading.Event()

    def resizer() -> None:
        for threads in [1, 3, 2, 4] * 25:
            bodies.pool.resize(threads)
        done.set()

    thread = threading.Thread(target=resizer)
    thread.start()
    while not done.is_set():
        assert bodies.counts("mark", 20) == [1] * 20
    thread.join()


def test_scratch_memory_is_aligned_and_of_one_thread(bodies: Bodies) -> None:
    places = set(bodies.counts("place", 100))
    assert all(place % 64 == 0 for place in places)
    assert 1 <= len(places) <= 2


def test_interrupted_regions_leave_chunks_out(bodies: Bodies) -> None:
    bodies.pool.interrupt()
    assert bodies.counts("mark", 30) == [0] * 30
    assert bodies.counts("mark", 1) == [0]
    bodies.pool.resume()
    assert bodies.counts("mark", 30) == [1] * 30


@pytest.mark.parametrize("threads", [1, 2])
def test_a_long_region_can_be_stopped(bodies: Bodies, threads: int) -> None:
    bodies.pool.resize(threads)
    timer = threading.Timer(0.05, bodies.pool.interrupt)
    start = time.perf_counter()
    timer.start()
    run = bodies.counts("linger", 100_000)[0]
    seconds = time.perf_counter() - start
    timer.join()
    bodies.pool.resume()
    assert 0 < run < 100_000
    assert seconds < 5
    assert bodies.counts("linger", 4)[0] == 4


def test_more_chunks_than_a_ticket_can_number_are_run_alone(bodies: Bodies) -> None:
    bodies.pool.interrupt()
    assert bodies.counts("mark", 0, size=1) == [0]
    bodies.run("mark", np.zeros(1, np.int64), 2**40)
    bodies.run("mark", np.zeros(1, np.int64), -5)
    bodies.pool.resume()


def in_child(run: Callable[[], bool]) -> bool:
    """Whether a function of no arguments gives True in a forked child, within some seconds."""
    child = os.fork()
    if child == 0:
        os._exit(0 if run() else 1)
    for _ in range(1000):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_child_of_a_fork_has_workers_of_its_own(bodies: Bodies) -> None:
    bodies.counts("mark", 10)

    def child() -> bool:
        bodies.pool.forget()
        return bodies.counts("mark", 1000) == [1] * 1000 and threads_of_process() == 2

    assert in_child(child)
    assert bodies.counts("mark", 10) == [1] * 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_process_wide_pool_survives_a_fork_during_a_region() -> None:
    busy = Bodies(pool())
    thread = threading.Thread(target=lambda: busy.counts("linger", 100))
    thread.start()
    time.sleep(0.01)
    assert in_child(lambda: busy.counts("mark", 1000) == [1] * 1000)
    thread.join()


def threads_of_process() -> int:
    return len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 2


def test_stopping_ends_the_workers(bodies: Bodies) -> None:
    bodies.pool.resize(4)
    before = threads_of_process()
    bodies.counts("linger", 8)
    if os.path.isdir("/proc/self/task"):
        assert threads_of_process() == before + 3
    bodies.pool.stop()
    assert threads_of_process() == before
    assert bodies.counts("mark", 10) == [1] * 10


def test_a_pool_can_be_asked_for_too_many_or_too_few_threads() -> None:
    made = Pool(10_000)
    assert made.threads == 256
    made.resize(-1)
    assert made.threads == 1
    assert ctypes.c_int64.from_address(made.aborted).value == 0
