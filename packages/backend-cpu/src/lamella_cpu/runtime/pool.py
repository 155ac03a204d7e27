"""The thread pool: runs the chunks of a parallel region on all processors.

A region is a native call `lamella_parallel(body, data, chunks)`: it calls `body(data, chunk, scratch)` once for each
chunk 0 … chunks - 1 and returns when all have run. Chunks are claimed one by one by any thread that is free, the
calling one included, so a thread that the system holds up delays nothing but its own chunk. Every thread hands its own
scratch memory to the bodies it runs. Idle workers watch for the next region for a fraction of a millisecond, and then
sleep.

There is one set of workers in a process and one region at a time has them. A region that finds them taken, because
another Python thread uses them or because it began inside a body, runs its chunks in the thread that called it.

The code is in pool.ll. Workers start with the first region that has use for them, in the child of a fork as well.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import platform
import sys
import threading
from functools import cache
from importlib import resources

from lamella_cpu.host import SCRATCH_BYTES, host
from lamella_cpu.runtime import native

_MAX_THREADS = 256
_SPINS = 20_000  # looks for work before a worker sleeps: longer than the serial code between two regions takes
_COURTESY = 2_000  # looks before the processor is offered to others now and then
_HUGE_PAGE = 2 << 20

_making = threading.Lock()

# How a thread that spins leaves the processor's pipeline to others. On aarch64 `yield` mostly does nothing; a barrier
# takes about as long as the other's pause.
_PAUSE = {
    "x86_64": ("declare void @llvm.x86.sse2.pause()", "call void @llvm.x86.sse2.pause()"),
    "aarch64": ("declare void @llvm.aarch64.isb(i32)", "call void @llvm.aarch64.isb(i32 15)"),
}

_FUTEX = """
declare i64 @syscall(i64, ...)
define internal void @sleep(i32 %seen) {
  %r = call i64 (i64, ...) @syscall(i64 FUTEX, ptr @signal, i64 128, i32 %seen, ptr null, ptr null, i64 0)
  ret void
}
define internal void @wake(i32 %count) {
  %old = atomicrmw add ptr @signal, i32 1 seq_cst
  %r = call i64 (i64, ...) @syscall(i64 FUTEX, ptr @signal, i64 129, i32 %count, ptr null, ptr null, i64 0)
  ret void
}
define internal void @renew_signal() {
  ret void
}
"""
_FUTEX_NUMBERS = {"x86_64": 202, "aarch64": 98}  # of the system call futex(2); 128 is its private wait, 129 its wake

# The sizes of the two types differ between systems; 128 bytes are enough everywhere.
_CONDITION = """
@mutex = internal global [128 x i8] zeroinitializer, align 64
@condition = internal global [128 x i8] zeroinitializer, align 64
declare i32 @pthread_mutex_init(ptr, ptr)
declare i32 @pthread_mutex_lock(ptr)
declare i32 @pthread_mutex_unlock(ptr)
declare i32 @pthread_cond_init(ptr, ptr)
declare i32 @pthread_cond_wait(ptr, ptr)
declare i32 @pthread_cond_broadcast(ptr)
define internal void @sleep(i32 %seen) {
entry:
  %r = call i32 @pthread_mutex_lock(ptr @mutex)
  br label %look
look:
  %now = load atomic i32, ptr @signal seq_cst, align 4
  %same = icmp eq i32 %now, %seen
  br i1 %same, label %wait, label %out
wait:
  %s = call i32 @pthread_cond_wait(ptr @condition, ptr @mutex)
  br label %look
out:
  %t = call i32 @pthread_mutex_unlock(ptr @mutex)
  ret void
}
define internal void @wake(i32 %count) {
  %r = call i32 @pthread_mutex_lock(ptr @mutex)
  %old = atomicrmw add ptr @signal, i32 1 seq_cst
  %s = call i32 @pthread_cond_broadcast(ptr @condition)
  %t = call i32 @pthread_mutex_unlock(ptr @mutex)
  ret void
}
define internal void @renew_signal() {
  %r = call i32 @pthread_mutex_init(ptr @mutex, ptr null)
  %s = call i32 @pthread_cond_init(ptr @condition, ptr null)
  ret void
}
"""

_HUGE = """
declare i32 @madvise(ptr, i64, i32)
define internal void @prefer_huge_pages(ptr %memory) {
  %r = call i32 @madvise(ptr %memory, i64 SCRATCH_BYTES, i32 14)
  ret void
}
"""
_NO_HUGE = "define internal void @prefer_huge_pages(ptr %memory) {\n  ret void\n}\n"


class Pool:
    """The workers of this process; `pool` gives the only one there should be.

    Args:
        threads: how many threads regions use, the calling one included.
        futex: whether threads sleep by Linux's futex, not by a condition variable.
    """

    def __init__(self, threads: int, futex: bool = sys.platform == "linux") -> None:
        self._code = code = native.compile_module(_text(futex), "pool")
        #: Address of `void lamella_parallel(ptr body, ptr data, i64 chunks)`.
        self.parallel = code.address("lamella_parallel")
        #: Address of `ptr lamella_pool_aborted()`, which gives that of the next.
        self.aborted_function = code.address("lamella_pool_aborted")
        #: Address of a 64-bit word: while it is not 0, regions leave out the chunks not yet begun.
        self.aborted = ctypes.CFUNCTYPE(ctypes.c_size_t)(self.aborted_function)()
        self._resize = ctypes.CFUNCTYPE(None, ctypes.c_int64)(code.address("lamella_pool_resize"))
        self._forget = ctypes.CFUNCTYPE(None)(code.address("lamella_pool_forget"))
        self._run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(self.parallel)
        self._forget()
        self.threads = 0
        self.resize(threads)

    def resize(self, threads: int) -> None:
        """Change how many threads regions use; waits for the region that runs.

        Args:
            threads: from 1 to 256; others are taken for the nearest of these.
        """
        threads = min(max(threads, 1), _MAX_THREADS)
        if threads != self.threads:
            self._resize(threads)
            self.threads = threads

    def run(self, body: int, data: int, chunks: int) -> None:
        """Run a region, as native code does by `lamella_parallel`.

        Args:
            body: address of `void body(ptr data, i64 chunk, ptr scratch)`.
            data: handed on to it.
            chunks: how many times it is called.
        """
        self._run(body, data, chunks)

    def interrupt(self) -> None:
        """Let every region end as soon as its begun chunks are done, from now on until `resume`.

        What the regions were to compute is then incomplete. May be called while another thread is in a region.
        """
        ctypes.c_int64.from_address(self.aborted).value = 1

    def resume(self) -> None:
        """Let regions run again."""
        ctypes.c_int64.from_address(self.aborted).value = 0

    def stop(self) -> None:
        """End the workers; the next region starts them again."""
        self._resize(self.threads)

    def forget(self) -> None:
        """In the child of a fork, where only the forking thread lives on: begin without workers."""
        self._forget()


def pool() -> Pool:
    """The pool of this process, with as many threads as it may use processors.

    Modules that call `lamella_parallel` and `lamella_pool_aborted` can be compiled once this was called.

    Examples:
        >>> pool() is pool()
        True
    """
    with _making:
        return _only()


@cache
def _only() -> Pool:
    made = Pool(_threads())
    native.provide("lamella_parallel", made.parallel)
    native.provide("lamella_pool_aborted", made.aborted_function)
    atexit.register(made.stop)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=made.forget)
    return made


_allowed = _MAX_THREADS


def allow_threads(count: int) -> None:
    """Limit how many threads the pool of this process uses, whether it runs already or not.

    Args:
        count: at least 1; never more are used than there are processors.
    """
    global _allowed
    _allowed = count
    if _only.cache_info().currsize:
        pool().resize(_threads())


def _threads() -> int:
    return max(1, min(_allowed, host().cores))


def _text(futex: bool) -> str:
    machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    declaration, instruction = _PAUSE.get(machine, ("", ""))
    parts = [
        resources.files("lamella_cpu.runtime").joinpath("pool.ll").read_text(),
        f"{declaration}\ndefine internal void @pause() {{\n  {instruction}\n  ret void\n}}",
        _FUTEX if futex and machine in _FUTEX_NUMBERS else _CONDITION,
        _HUGE if sys.platform == "linux" else _NO_HUGE,
    ]
    numbers = {
        "MAX_THREADS": _MAX_THREADS,
        "SPINS": _SPINS,
        "COURTESY": _COURTESY,
        "SCRATCH_BYTES": SCRATCH_BYTES,
        "SCRATCH_ALIGN": _HUGE_PAGE,
        "FUTEX": _FUTEX_NUMBERS.get(machine, 0),
    }
    text = "\n".join(parts)
    for name, number in numbers.items():
        text = text.replace(name, str(number))
    return text
