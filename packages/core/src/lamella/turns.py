"""Turns: threads that change the same tensors, or read them meanwhile, wait for one another.

A step takes the tensors that it changes: in each stands a `Changing` from then on, and what comes next, reader or
step, gets the value that the step leaves. Steps that change the same tensors so form a queue, in the order in which
they came, whatever tensors they share: all of a step's are taken at once. While a step runs, no other thread has a
name of the values that it took, so it may overwrite them.

All of a step's tensors are taken in one call of C code, and given back in one, and so are several tensors read:
nothing comes in between, so that all their values are from before the step or all from after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, Any

from lamella import context
from lamella.buffer import Buffer, on_device
from lamella.errors import PoisonedError, StepTimeoutError

if TYPE_CHECKING:
    from lamella.plugins import Backend
    from lamella.tensor import Tensor

#: Held, for a moment, while tensors are taken, given back or get values. No thread waits for a step, by
#: asking a tensor for anything, while holding it: the step could not end.
TAKING = RLock()
if hasattr(os, "register_at_fork"):  # a fork waits for it, so that the child does not find it held for ever
    os.register_at_fork(before=TAKING.acquire, after_in_parent=TAKING.release, after_in_child=TAKING.release)

_value_of = attrgetter("_value")


class Turn:
    """The time for which a step has tensors.

    Attributes:
        step: what the step is called in messages.
        lock: held while the step runs. It lets in the thread that holds it, which so cannot wait for itself.
        after: what the step left in each of the tensors, once it has ended.
    """

    __slots__ = ("after", "lock", "step")

    def __init__(self, step: str) -> None:
        self.step = step
        self.lock = RLock()
        self.after: Sequence[Any] | None = None

    def marks(self, count: int) -> list[Changing]:
        """What is to stand in so many tensors."""
        return list(map(Changing, zip(repeat(self, count), range(count), strict=True)))


class Changing(tuple[Turn, int]):
    """What a tensor holds while a step changes it: the step's turn, and which of the step's tensors this is.

    It stands for the value after the step: asked for anything that a `Buffer` has, it waits for the step and asks that.
    Who holds on to it holds on to that value, whose memory no other step may take over meanwhile.
    """

    __slots__ = ()

    def settled(self) -> Buffer:
        """The value after the step; waits for it.

        Raises:
            PoisonedError: this is the thread that runs the step, or the step was stopped before it could say.
            StepTimeoutError: the step takes longer than `set_context(op_timeout=…)` allows.
        """
        value: Any = self
        longest = context.get_context("op_timeout")
        while type(value) is Changing:
            turn, place = value
            if not turn.lock.acquire(timeout=longest or -1):
                raise StepTimeoutError(
                    f"This tensor is being changed by {turn.step}, in another thread, and has been waited for "
                    f"{longest} seconds. If the step may take longer, set_context(op_timeout=…) allows for it."
                )
            turn.lock.release()
            if turn.after is None:
                raise PoisonedError(
                    f"This tensor's memory has been handed to {turn.step}, which this very code is a part of. "
                    "Read a .copy() made before."
                )
            value = turn.after[place]
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(self.settled(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.settled(), name, value)


def settled(value: Any) -> Any:
    """A tensor's value, waited for if a step is changing it."""
    return value.settled() if type(value) is Changing else value


def settle(values: list[Any]) -> list[Any]:
    """Put, for each value that a step is changing, the one that follows; returns the list."""
    if Changing in map(type, values):
        values[:] = map(settled, values)
    return values


def is_unknown(value: Any) -> bool:
    """Whether a tensor's value has no numbers: it belongs to a graph or a transform, or only describes others."""
    return type(settled(value)) is not Buffer


def values_at_once(handles: Sequence[Tensor]) -> list[Any]:
    """What tensors hold at one instant: of a step that changes several of them, all new values or all old ones."""
    return list(map(_value_of, handles))


def put_at_once(handles: Sequence[Tensor], values: Sequence[Any]) -> None:
    """Let tensors hold other values: at one instant, all."""
    any(map(setattr, handles, repeat("_value"), values))  # `setattr` gives None: `any` goes through to the end


def give_back(handles: Sequence[Tensor], marks: Sequence[Changing], values: Sequence[Any]) -> None:
    """Let tensors have the values after their step, unless others have taken or replaced them since."""
    marks[0][0].after = values
    with TAKING:
        if values_at_once(handles) == marks:
            put_at_once(handles, values)
        else:
            for handle, mark, value in zip(handles, marks, values, strict=True):
                if _value_of(handle) is mark:
                    handle._value = value


def move(handles: Sequence[Tensor], backend: Backend, ordinal: int, subject: str) -> None:
    """Let tensors that hold one value be on a device, if it is in the memory of the host and that is too.

    Raises:
        ValueError: only `Tensor.to` could copy it there.
    """
    value = settled(handles[0]._value)
    if type(value) is Buffer and (value.backend is not backend or value.ordinal != ordinal):
        moved = on_device(value, backend, ordinal, subject)
        with TAKING:
            for handle in handles:
                if handle._value is value:  # else a step or an assignment has come first
                    handle._value = moved


@contextmanager
def taken(handle: Tensor, step: str) -> Iterator[tuple[Any, list[Any]]]:
    """Take one tensor for a `with` block: its value, and a list into which the block puts the next one."""
    turn = Turn(step)
    marks = turn.marks(1)
    values: list[Any] = []
    with turn.lock:
        try:
            with TAKING:
                values.append(handle._value)
                put_at_once([handle], marks)
            settle(values)
            yield values[0], values
        finally:
            give_back([handle], marks, values[-1:])
