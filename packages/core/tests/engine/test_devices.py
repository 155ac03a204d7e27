"""Tensors of several devices in one computation."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, context, ir, ops
from lamella.backends.reference import ReferenceBackend


class Other(ReferenceBackend):
    name = "other"


class Far(ReferenceBackend):
    name = "far"
    on_host = False


@pytest.fixture
def on(monkeypatch):
    """A function that makes a device the chosen one."""
    return lambda backend: monkeypatch.setattr(context, "backend", backend)


def stepping(w):
    @ir.staged
    def step(x):
        w.assign_value(w + x)
        return w * x

    return step


def test_tensors_of_devices_on_the_host_follow_to_the_chosen_one(on):
    made, other = Tensor([1.0, 2.0]), Other()
    on(other)
    new = Tensor([10.0, 20.0])
    for mixed in (made + new, new + made, ops.where(new > 15, made, new), ops.concat((made, new))[:2]):
        assert mixed.device == "other"
    assert (made + new).tolist() == [11.0, 22.0] and made.device != "other"
    gradient = ms.grad(lambda x: (x * new).sum())(made)
    assert gradient.device == "other" and gradient.tolist() == [10.0, 20.0]


def test_a_compiled_function_moves_what_it_reads_and_changes(on):
    w, twin = Parameter(Tensor([1.0, 2.0]), name="w"), Tensor([1.0, 1.0])
    step = stepping(w)
    assert step(twin).tolist() == [2.0, 3.0]
    other = Other()
    on(other)
    assert step(Tensor([1.0, 1.0])).tolist() == [3.0, 4.0] and w.device == "other"
    assert step(twin).tolist() == [4.0, 5.0] and w.tolist() == [4.0, 5.0]


def test_tensors_that_share_a_value_go_on_sharing_it(on):
    p = Parameter(Tensor([1.0]), name="p")
    q = Parameter(p, name="q")
    on(Other())
    run = ir.staged(lambda x: x * p + q)
    run(Tensor([2.0]))
    program = next(iter(run._programs.values()))
    run(Tensor([3.0]))
    assert next(iter(run._programs.values())) is program


@pytest.mark.parametrize("use", [lambda x, y: x + y, lambda x, y: ir.staged(lambda y: x + y)(y)], ids=["op", "graph"])
def test_other_devices_refuse_what_is_not_theirs(on, use):
    made = Tensor(np.ones(3))
    on(Far())
    with pytest.raises(
        ValueError, match=r'expected all tensors on far\. Move them|on far\. Move it with \.to\("far"\)'
    ):
        use(made, Tensor(np.ones(3)))
