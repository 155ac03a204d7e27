"""Functions with a body for each combination of types, and functions of the elements of nested sequences."""

from __future__ import annotations

from numbers import Number

import numpy as np
import pytest
from helpers import check_grad

import lamella as ms
from lamella import Parameter, Tensor, nn, ops

X = Tensor([1.0, -2.0])


def named(*types: str) -> ops.MultitypeFuncGraph:
    """A graph with a body for each type, which gives its name."""
    graph = ops.MultitypeFuncGraph("which")
    for name in types:
        graph.register(name)(lambda value, name=name: name)
    return graph


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (X, "Tensor"),
        (Parameter(X, name="w"), "Tensor"),
        (1, "Number"),
        (1.5, "Number"),
        (True, "Number"),
        ("text", "String"),
        ((1, 2), "Tuple"),
        ([1], "List"),
        ({1: 2}, "Dictionary"),
        (None, "None"),
        (len, "Function"),
        (ops.Add(), "Function"),
        (ms.int32, "TypeType"),
    ],
)
def test_the_body_is_that_of_the_type(value, name):
    types = ("Tensor", "Number", "String", "Tuple", "List", "Dictionary", "None", "Function", "TypeType")
    assert named(*types)(value) == named(*types[::-1])(value) == name


def test_of_bodies_that_fit_the_last_is_called():
    assert named("Number", "Int")(3) == "Int" and named("Number", "Int")(3.0) == "Number"
    assert named("Int", "Number")(3) == "Number"
    assert named("Int", "Float", "Bool")(True) == "Bool"
    assert named("Tensor", "float32")(X) == "float32" and named("Tensor", "float32")(X.int()) == "Tensor"


def test_types_of_annotations():
    size = ops.MultitypeFuncGraph("size")

    @size.register()
    def of(x: Tensor, factor: Number):
        return x.size * factor

    assert size(X, 3) == 6


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: named("Tensor", "Tuple")(3), TypeError, r"MultitypeFuncGraph 'which'.*\(int\).*\(Tensor\); \(Tuple\)"),
        (lambda: named("Tensor")(X, X), TypeError, r"a float32 Tensor, a float32 Tensor"),
        (lambda: named()(3), TypeError, "a registered body"),
        (lambda: named("Tensr"), ValueError, r"MultitypeFuncGraph.register.*'Tensr'.*Tensor, Number"),
        (lambda: ops.MultitypeFuncGraph(3), TypeError, r"name=3"),
        (lambda: ops.HyperMap(3), TypeError, r"ops.HyperMap: got ops=3"),
        (lambda: ops.HyperMap()(), TypeError, r"ops.HyperMap.*expected a function, and sequences"),
        (lambda: ops.HyperMap()(3, (1,)), TypeError, r"\(int, tuple\)"),
        (lambda: ops.HyperMap()(max, (1, 2), (1,)), ValueError, r"tuple of 2, tuple of 1.*one length"),
        (lambda: ops.HyperMap()(max, (1, 2), 3), ValueError, r"tuple of 2, int"),
        (lambda: ops.Map(max)(3, 4), ValueError, r"ops.Map: got int, int"),
        (lambda: ops.Map(reverse=1), TypeError, r"reverse=1"),
        (lambda: ops.partial(3), TypeError, r"ops.partial: got a int"),
        (lambda: ops.tuple_to_array((1, 2.0)), TypeError, r"ops.tuple_to_array: got \(1, 2.0\)"),
        (lambda: ops.tuple_to_array([1]), TypeError, r"expected a tuple"),
        (lambda: ops.make_range(1.5), TypeError, r"ops.make_range: got \(1.5,\)"),
        (lambda: ops.tuple_len([1]), TypeError, r"ops.tuple_len: got a list"),
        (lambda: ops.add_flags(3), TypeError, r"ops.add_flags: got a int"),
    ],
)
def test_errors_say_what_fits(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()


def test_elements_of_nested_sequences_are_worked_on_in_their_place():
    add = ops.HyperMap()
    assert add(lambda x, y: x + y, (1, [2, (3,)]), (10, [20, (30,)])) == (11, [22, (33,)])
    assert add(lambda x: x, ()) == () and add(lambda x: x * 2, 3) == 6
    assert ops.HyperMap(max)((1, 5), (4, 2)) == (4, 5)
    assert ops.Map()(len, ((1, 2), (3,))) == (2, 1)


scale = ops.MultitypeFuncGraph("scale")


@scale.register("Number", "Tensor")
def _scale_tensor(factor, x):
    return x * factor


@scale.register("Number", "Tuple")
def _scale_tuple(factor, xs):
    return ops.HyperMap()(ops.partial(scale, factor), xs)


class Clipped(nn.Cell):
    """A step as programs write it: gradients scaled by a partial graph, mapped over a tuple."""

    def __init__(self):
        super().__init__()
        self.hyper_map = ops.HyperMap()
        self.weights = ms.ParameterTuple([Parameter(X, name="a"), Parameter(X * 2, name="b")])

    def construct(self, x):
        scaled = self.hyper_map(ops.partial(scale, 0.5), tuple(self.weights))
        total = scaled[0] * x
        done = ops.Depend()(total, self.hyper_map(ops.Assign(), tuple(self.weights), scaled))
        return done + scaled[1]


def test_in_cells_transforms_and_graphs():
    network = Clipped()
    np.testing.assert_allclose(network(X).asnumpy(), [1.5, 0.0])
    assert network.weights[0].tolist() == [0.5, -1.0]
    check_grad(lambda x: ops.HyperMap()(ops.partial(scale, 2.0), (x, x * x))[1], X.asnumpy())
    mapped = ms.vmap(lambda x: ops.HyperMap(ops.mul)((x,), (x,))[0])(Tensor([[1.0], [3.0]]))
    assert mapped.tolist() == [[1.0], [9.0]]
