"""Control flow: regions whose steps are written into the code of the graph around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from lamella.codegen.llvm import Register, constant
from lamella.codegen.scalars import MEMORY
from lamella.lowering.plan import Access, Cond, Scan, Step, While
from lamella_cpu.codegen.steps import Steps

#: Writes steps.
Write: TypeAlias = Callable[[Sequence[Step]], None]


def write_cond(w: Steps, step: Step, write: Write) -> None:
    """One of two regions, as a bool in memory says."""
    work = step.work
    assert isinstance(work, Cond)
    w.main.either(_flag(w, step.reads[0]), lambda: write(work.then), lambda: write(work.orelse))


def write_while(w: Steps, step: Step, write: Write) -> None:
    """The body for as long as the test holds."""
    f, work = w.main, step.work
    assert isinstance(work, While)
    head, then, done = f.label(), f.label(), f.label()
    f.jump(head)
    f.start(head)
    write(work.test)
    f.branch(_flag(w, step.scratch[-1]), then, done)
    f.start(then)
    w.stop_if_aborted()
    write(work.body)
    f.jump(head)
    f.start(done)


def write_scan(w: Steps, step: Step, write: Write) -> None:
    """The body for each element of the streams; entries of the table follow the elements."""
    f, work = w.main, step.work
    assert isinstance(work, Scan)
    with f.loop(0, work.length) as loop:
        w.stop_if_aborted()
        index = f.sub(work.length - 1, loop.index) if work.reverse else loop.index
        for stream, entry in work.streams:
            _follow(w, stream, entry, index)
        write(work.body)


def _flag(w: Steps, access: Access) -> Register:
    f = w.main
    byte = f.load("i8", w.address(f, access))
    return f.compare("ne", byte, constant("i8", 0))


def _follow(w: Steps, stream: Access, entry: int, index: Register) -> None:
    """Let an entry of the table have the address of one element along the first axis of a stream."""
    f, table = w.main, w.main.parameters[0]
    first = f.load("ptr", f.at(table, "ptr", stream.slot))
    moved = f.at(first, MEMORY[stream.dtype.name], f.mul(index, stream.layout.strides[0]))
    f.store(moved, f.at(table, "ptr", entry))
