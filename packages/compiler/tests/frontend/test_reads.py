"""What a function reads that is no argument is noted."""

from __future__ import annotations

import types

import numpy as np
import pytest
from frontend_helpers import Compiled

from lamella import Tensor, nn, ops
from lamella_compiler.state.journal import Journal, journal
from lamella_compiler.state.reads import MISSING, Read

SCALE = 2.0
TABLE = {"a": 1.0, "b": [2.0, 3.0]}
settings = types.ModuleType("settings")
settings.rate = 0.5


def reads(fn, *args):
    known = Journal()
    token = journal.set(known)
    try:
        Compiled(fn).traced(*(args or (Tensor([1.0, 2.0]),)))
    finally:
        journal.reset(token)
    return [read for read in known.reads if read.kind != "function"]


def kinds(found):
    return {(read.kind, read.key) for read in found if not isinstance(read.holder, types.FunctionType)}


def test_nothing_is_noted_outside_and_of_locals():
    def fn(x):
        a, values = 1, [1, 2]
        b = values[0] + a
        return x.sum(0) * b + len(values)

    assert reads(fn) == []
    assert journal.get() is None


def test_globals_attributes_and_closures():
    bias = 3.0
    cell = nn.ReLU()

    def fn(x):
        y = x * SCALE + bias + settings.rate
        return cell(y) if cell.training else ops.tanh(y)

    found = reads(fn)
    assert ("global", "SCALE") in kinds(found) and ("closure", "") in kinds(found)
    assert next(r for r in found if r.key == "SCALE") == Read("global", globals(), "SCALE", 2.0)
    assert next(r for r in found if r.kind == "closure").holder.cell_contents == 3.0
    attributes = [(r.holder, r.key, r.value) for r in found if r.kind == "attribute"]
    assert attributes == [(settings, "rate", 0.5), (cell, "training", False)]


def test_methods_are_noted_as_attributes_of_their_class_and_library_functions_not():
    class Net(nn.Cell):
        def construct(self, x):
            return self.helper(x) + np.float32(1) + ops.relu(x)

        def helper(self, x):
            return x

    assert [r for r in reads(Net()) if r.kind == "attribute"] == [Read("attribute", Net, "helper", Net.helper)]


def test_an_item_is_noted_alone():
    found = reads(lambda x: x * TABLE["a"] + TABLE["b"][1])
    assert [r for r in found if r.kind != "global"] == [
        Read("item", TABLE, "a", 1.0),
        Read("item", TABLE, "b", [2.0, 3.0]),
        Read("item", TABLE["b"], 1, 3.0),
    ]


@pytest.mark.parametrize(
    "use",
    [
        lambda x, v: x * len(v),
        lambda x, v: x * sum(v),
        lambda x, v: x * (1 in v),
        lambda x, v: x * (2 if v else 3),
        lambda x, v: x * [k for k in v][0],
        lambda x, v: x * max(v),
    ],
)
def test_contents_that_decide_are_noted(use):
    class Holder:
        values = [1, 2]

    holder = Holder()
    found = [r for r in reads(lambda x: use(x, holder.values)) if r.kind == "contents"]
    assert found[0] == Read("contents", holder.values, None, [1, 2])
    assert found[0].value is not holder.values


def test_containers_in_containers():
    class Holder:
        values = {"a": [1, (2, [3])]}

    holder = Holder()
    found = [r for r in reads(lambda x: x * len(holder.values)) if r.kind == "contents"]
    assert [r.value for r in found] == [{"a": [1, (2, [3])]}, [1, (2, [3])], (2, [3]), [3]]


def test_an_attribute_that_is_not_there():
    class Holder:
        pass

    holder = Holder()
    found = reads(lambda x: x * getattr(holder, "scale", 2) + hasattr(holder, "bias"))
    assert [(r.key, r.value) for r in found if r.kind == "attribute"] == [("scale", MISSING), ("bias", MISSING)]


def test_parameters_of_cells_are_noted_by_attribute():
    net = nn.Dense(2, 2)
    found = reads(lambda x: x @ net.weight)
    assert [(r.holder, r.key) for r in found if r.kind == "attribute"] == [(net, "weight")]
    assert found[-1].value is net.weight
