"""Buffers: data that only their backend understands, and what becomes of them when a step fails."""

from __future__ import annotations

import copy
import pickle
from itertools import count

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, context, ir, ops
from lamella.backends.host import type_of
from lamella.backends.reference import ReferenceBackend
from lamella.buffer import Buffer
from lamella.errors import PoisonedError
from lamella.tensor import wrap
from lamella.types import TensorType


class Numbered(ReferenceBackend):
    """Keeps arrays in a table; the data of a buffer are a number: what its data are, no one else could tell."""

    name = "numbered"
    on_host = False

    def __init__(self):
        super().__init__()
        self.table = {}
        self.numbers = count(100)

    def put(self, array, ordinal=0):
        number = next(self.numbers)
        self.table[number] = array
        return Buffer(number, type_of(array), self)

    def get(self, buffer):
        return self.table[buffer.data].copy()

    def run(self, op, buffers, attrs, ordinal=0):
        results = super().run(op, [ReferenceBackend.put(self, self.table[b.data]) for b in buffers], attrs)
        return [self.put(b.data) for b in results]

    def compile(self, graph, ordinal=0):
        execute = ir.execute.runner

        def run(buffers, donated=frozenset()):
            arrays = [self.table[b.data] for b in buffers]
            return [self.put(np.asarray(a)) for a in execute(graph, arrays, frozenset())(*arrays, began=[])]

        return run

    def sole_owners(self, buffers):
        return True


@pytest.fixture
def numbered(monkeypatch):
    backend = Numbered()
    monkeypatch.setattr(context, "backend", backend)
    return backend


def test_data_may_be_anything_that_the_backend_understands(numbered):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    w = Parameter(Tensor([1.0, -1.0]), name="w")

    def loss(x):
        return ops.tanh(ops.matmul(x, w)).sum() + x.T[0, 1]

    assert type(x._value.data) is int and x.shape == (2, 2) and x.dtype is ms.float32
    np.testing.assert_allclose(ms.ir.staged(loss)(x).item(), loss(x).item(), 1e-6)
    step = ir.staged(lambda x: (w.assign_value(w - ms.grad(loss)(x).sum(0)), w.sum())[1])
    assert step(x).item() == w.asnumpy().sum()


def test_a_poisoned_buffer_is_refused_before_its_backend_sees_it(numbered):
    x = Tensor([1.0, 2.0])
    x._value.note = "something"
    x._value.poison("the step `train`")
    assert x._value.note is None
    uses = (
        lambda: x + 1, lambda: ops.exp(x), lambda: ops.concat((x, x)), lambda: x.asnumpy(), lambda: x.tolist(),
        lambda: x.shape, lambda: x.dtype, lambda: repr(x), lambda: ir.staged(lambda x: x * 2)(x),
        lambda: ms.grad(lambda x: x.sum())(x), lambda: numbered.table[x._value.data], lambda: x._value.data == 1,
    )  # fmt: skip
    for use in uses:
        with pytest.raises(PoisonedError, match="train"):
            use()


def test_an_export_that_is_a_copy_keeps_nothing_of_the_device(numbered):
    w = Parameter(Tensor(np.ones(4, np.float32)), name="w")
    seen = []
    compile_ = numbered.compile
    numbered.compile = lambda graph, ordinal=0: (
        lambda buffers, donated: (
            seen.append(len(donated)),
            compile_(graph)(buffers, donated),
        )[1]
    )
    step = ir.staged(lambda x: (w.assign_value(w + x), x)[1])
    kept = w.asnumpy()
    step(Tensor(1.0))
    held = w.value()
    step(Tensor(1.0))
    assert seen == [1, 0] and kept.tolist() == [1] * 4 and held.tolist() == [2] * 4


def test_two_tensors_of_one_array_are_not_sole_owners_of_it():
    backend = ReferenceBackend()
    array = np.zeros(3)
    alone = [backend.put(np.zeros(3)), backend.put(np.zeros((2, 2)))]
    assert backend.sole_owners(alone) and backend.sole_owners(alone[:1])
    assert not backend.sole_owners([*alone, Buffer(array, type_of(array), backend)])  # `array` is a name of it, too
    twice = [Buffer(x := np.zeros(3), type_of(x), backend), Buffer(x, type_of(x), backend)]
    del x
    assert not backend.sole_owners(twice) and not backend.sole_owners(twice[:1])
    viewing = backend.put(np.zeros((2, 3)).T)
    assert not backend.sole_owners([viewing])
    exported = wrap(alone[0]).asnumpy()[1:]
    assert not backend.sole_owners(alone)
    del exported
    assert backend.sole_owners(alone)


def test_the_device_keeps_no_graphs_of_loops_that_ran_op_by_op(monkeypatch):
    backend = ReferenceBackend()
    monkeypatch.setattr(context, "backend", backend)
    for _ in range(3):
        ops.while_loop(lambda c: c < 3, lambda c: c + 1, Tensor(0.0))
    assert not any(isinstance(part, tuple) and isinstance(part[1], ir.Graph) for key in backend._types for part in key)


def test_types_are_equal_by_what_they_say_and_can_be_pickled():
    made = TensorType(ms.float32, (2, 3))
    assert made == TensorType(ms.float32, (2, 3)) and hash(made) == hash(TensorType(ms.float32, (2, 3)))
    assert pickle.loads(pickle.dumps(made)) == made == copy.deepcopy(made)
    assert "_hash" not in repr(made.__reduce__())
