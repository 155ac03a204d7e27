"""What becomes of state when a step does not end well."""

from __future__ import annotations

import numpy as np
import pytest

from lamella import Parameter, Tensor
from lamella.backends.reference import ReferenceBackend
from lamella.errors import InterruptedRun, PoisonedError
from lamella.ir.stateful_call import StatefulCall
from lamella.ir.tracing import Traced
from lamella.tensor import wrap


class Scripted(ReferenceBackend):
    """The reference backend, with something of one's own around each run."""

    def __init__(self, around):
        super().__init__()
        self._around = around

    def compile(self, graph, ordinal=0):
        execute = super().compile(graph)
        return lambda buffers, donated=frozenset(): self._around(execute, buffers, donated)


def stepping(around):
    """A parameter, a step that adds to it, and its compiled form."""
    backend = Scripted(around)

    def full(value):
        return wrap(backend.put(np.full((64, 64), value, np.float32)))

    w = Parameter(full(0), name="w")

    def step(x):
        w.assign_value(w + x)
        return w * 2

    x = full(1)
    return w, StatefulCall(Traced(step, [x._type], "step"), backend), x


def after(runs, then):
    """Runs that end well, and then something else."""
    left = [runs]

    def around(execute, buffers, donated):
        left[0] -= 1
        return execute(buffers, donated) if left[0] >= 0 else then(execute, buffers, donated)

    return around


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_state_is_as_before_if_the_step_did_not_begin_to_overwrite_it(error):
    def fail(execute, buffers, donated):
        assert donated
        raise error("stop")

    w, program, x = stepping(after(2, fail))
    program.run([x]), program.run([x])
    with pytest.raises(error, match="stop"):
        program.run([x])
    assert w[0, 0].item() == 2.0


def test_state_is_poisoned_if_it_did():
    def fail(execute, buffers, donated):
        for position in donated:
            buffers[position].poison("the step")
        raise RuntimeError("stop")

    w, program, x = stepping(after(1, fail))
    program.run([x])
    with pytest.raises(RuntimeError, match="stop"):
        program.run([x])
    with pytest.raises(PoisonedError, match="the step"):
        w.asnumpy()


def test_what_was_computed_when_an_interrupt_came_is_kept():
    def interrupted(execute, *rest):
        raise InterruptedRun(execute(*rest)) from KeyboardInterrupt("now")

    w, program, x = stepping(after(1, interrupted))
    program.run([x])
    with pytest.raises(KeyboardInterrupt, match="now"):
        program.run([x])
    assert w[0, 0].item() == 2.0


def test_an_interrupt_while_the_new_values_are_given_out_loses_nothing():
    class Interrupting(list):
        times = 1

        def __getitem__(self, index):
            if isinstance(index, slice) and self.times:
                self.times -= 1
                raise KeyboardInterrupt
            return super().__getitem__(index)

    w, program, x = stepping(after(1, lambda execute, *rest: Interrupting(execute(*rest))))
    program.run([x])
    before = w.copy()  # so that its memory is not taken over: the new values are elsewhere
    with pytest.raises(KeyboardInterrupt):
        program.run([x])
    assert w[0, 0].item() == 2.0 and before[0, 0].item() == 1.0


def test_memory_is_taken_over_only_where_nobody_sees_it():
    seen = []

    def look(execute, buffers, donated):
        seen.append(len(donated))
        return execute(buffers, donated)

    w, program, x = stepping(look)
    program.run([x]), program.run([x])
    kept = w.asnumpy()
    program.run([x])
    del kept
    program.run([x])
    kept = w.copy()
    program.run([x])
    assert seen == [1, 1, 0, 1, 0] and kept[0, 0].item() == 4.0


def test_types_of_new_values_are_known():
    w, program, x = stepping(lambda execute, *rest: execute(*rest))
    program.run([x])
    assert w._value.type is x._value.type and program.fits()
    w.set_data(Tensor([1.0]), slice_shape=True)
    assert not program.fits()
