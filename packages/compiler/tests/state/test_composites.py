"""Objects of `ops` that take functions, in compiled functions: what they hold is looked at before every call."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, nn, ops

X = Tensor([1.0, -2.0])
hyper_map = ops.HyperMap()
clip = ops.MultitypeFuncGraph("clip")


@clip.register("Number", "Number", "Tensor")
def _clip(kind, limit, x):
    if kind == 0:
        return ops.clip_by_value(x, -limit, limit)
    if x.sum() > 0:
        return x * limit
    return -x


@ms.jit
def clipped(xs):
    return hyper_map(ops.partial(clip, 1, 2.0), xs)


def test_a_body_with_control_flow_on_tensors_is_compiled():
    first, second = clipped((X, -X))
    assert first.tolist() == [-1.0, 2.0] and second.tolist() == [-2.0, 4.0]


def test_a_body_registered_later_is_seen():
    graph = ops.MultitypeFuncGraph("later")
    graph.register("Tensor")(lambda x: x + 1)

    @ms.jit
    def f(x):
        return graph(x)

    assert f(X).tolist() == [2.0, -1.0]
    graph.register("Tensor")(lambda x: x + 10)
    assert f(X).tolist() == [11.0, 8.0]


def test_numbers_that_a_graph_computes_are_numbers():
    graph = ops.MultitypeFuncGraph("kinds")
    graph.register("Number")(lambda x: x * 2)
    graph.register("Tensor")(lambda x: x * 3)

    @ms.jit
    def f(x, n):
        count = 0
        while x.sum() > count:
            count = count + 1
        return graph(count) + n, graph(x)

    total, tripled = f(Tensor([1.0, 1.5]), 1)
    assert int(total) == 7 and tripled.tolist() == [3.0, 4.5]


class Scale(ops.PrimitiveWithInfer):
    @ops.prim_attr_register
    def __init__(self, factor):
        pass

    def __call__(self, x):
        if x.sum() > 0:
            return x * self.factor
        return x


class Network(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = Parameter(Tensor([2.0, 3.0]), name="w")
        self.scale = Scale(3.0)
        self.assign = ops.Assign()

    def construct(self, x):
        y = ops.ReLU()(self.scale(x * self.w))
        return ops.depend(y, self.assign(self.w, self.w + 1.0))


@pytest.fixture
def graph_mode():
    ms.set_context(mode=ms.GRAPH_MODE)
    yield
    ms.set_context(mode=ms.PYNATIVE_MODE)


def test_users_primitives_and_classes_made_inside(graph_mode):
    network = Network()
    assert network(Tensor([1.0, 1.0])).tolist() == [6.0, 9.0] and network.w.tolist() == [3.0, 4.0]
    network.scale.add_prim_attr("factor", 10.0)
    assert network(Tensor([1.0, 1.0])).tolist() == [30.0, 40.0]
    slope = ms.grad(network)(Tensor([1.0, 1.0]))
    assert slope.tolist() == [40.0, 50.0]


def test_functions_of_arrays_run_once_a_call():
    seen = []

    def look(x):
        seen.append(x.copy())
        return x * 2

    own = ops.Custom(look, lambda x: x, lambda x: x)

    @ms.jit
    def f(x):
        own(x)  # acts, though nothing needs its result
        return own(x + 1)

    for _ in range(3):
        np.testing.assert_allclose(f(X).asnumpy(), (X.asnumpy() + 1) * 2)
    assert len(seen) == 6


def test_hooks_of_parameters_are_seen_when_they_come_and_go(graph_mode):
    network = Network()
    x = Tensor([1.0, 1.0])
    slope = ms.grad(network, None, network.w)
    assert slope(x).tolist() == [3.0, 3.0]
    handle = network.w.register_hook(lambda gradient: gradient * 10)
    assert slope(x).tolist() == [30.0, 30.0]
    handle.remove()
    assert slope(x).tolist() == [3.0, 3.0]


class Watched(nn.Cell):
    def construct(self, x):
        y = x * 2
        y.register_hook(lambda gradient: gradient * 10)
        if y.sum() > 0:
            return y.sum()
        return -y.sum()


def test_hooks_of_tensors_are_compiled(graph_mode):
    assert ms.grad(Watched())(X).tolist() == [-20.0, -20.0]
