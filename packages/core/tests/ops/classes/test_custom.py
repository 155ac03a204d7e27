"""Primitives of users: derived classes, and functions of Python over arrays."""

from __future__ import annotations

import copy
import importlib
import pickle

import numpy as np
import pytest
from helpers import check_grad, check_graph

import lamella as ms
from lamella import Tensor, ops

X = np.array([1.0, 2.0], np.float32)


class Scale(ops.PrimitiveWithInfer):
    """As programs write it."""

    @ops.prim_attr_register
    def __init__(self, factor, bias=1.0):
        self.init_prim_io_names(inputs=["x"], outputs=["y"])
        self.twice = factor * 2

    def __call__(self, x):
        return x * self.factor + self.bias


def test_arguments_become_attributes():
    own = Scale(3.0)
    assert own.attrs == {"factor": 3.0, "bias": 1.0, "input_names": ["x"], "output_names": ["y"]}
    assert own.name == "Scale" and own.twice == 6.0 and own(Tensor(X)).tolist() == [4.0, 7.0]
    assert repr(Scale(1)).startswith("Scale(factor=1, bias=1.0")
    own.add_prim_attr("factor", 5.0)
    assert own(Tensor(X)).tolist() == [6.0, 11.0]
    check_graph(own, X)
    for again in (copy.deepcopy(own), pickle.loads(pickle.dumps(own))):
        assert again.attrs == own.attrs and again(1.0) == own(1.0)


def test_what_is_noted_of_a_primitive_is_an_attribute():
    own = ops.Add()
    assert own.set_device("CPU") is own.set_stage(1) is own.shard(((1,), (1,)), ((1,),)) is own.recompute(False) is own
    assert own.attrs == {
        "primitive_target": "CPU",
        "stage": 1,
        "in_strategy": ((1,), (1,)),
        "out_strategy": ((1,),),
        "recompute": False,
    }
    assert own(1.0, 2.0).item() == 3.0 and own.stage == 1 and ops.Primitive("own").name == "own"


def double(x):
    return x * 2


def shape_of(x):
    return x


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: ops.Primitive("own")(1), NotImplementedError, r"primitive own.*ops.Custom"),
        (lambda: ops.PrimitiveWithInfer("own")(1), NotImplementedError, r"primitive own.*`__call__`"),
        (lambda: ops.Primitive(3), TypeError, r"ops.Primitive: got name=3"),
        (lambda: ops.Add().axis, AttributeError, r"'Add' object has no attribute 'axis'"),
        (lambda: ops.Add().set_device("TPU"), ValueError, r"ops.Add.set_device.*'TPU'"),
        (lambda: ops.Add().set_stage("a"), TypeError, r"ops.Add.set_stage.*stage='a'"),
        (lambda: ops.Add().shard([1]), TypeError, r"ops.Add.shard.*in_strategy=\[1\]"),
        (lambda: ops.Add().recompute(3), TypeError, r"ops.Add.recompute.*mode=3"),
        (
            lambda: ops.Custom("a.so:f", (2,), ms.float32, "aot"),
            NotImplementedError,
            r"'aot'.*MindSpore's own compilers",
        ),
        (lambda: ops.Custom(double, (2,), ms.float32, "foo"), ValueError, r"func_type='foo'"),
        (lambda: ops.Custom(3, (2,), ms.float32), TypeError, r"func=3"),
        (lambda: ops.Custom(double), TypeError, r"out_shape=None"),
        (
            lambda: ops.Custom(double, (3,), ms.float32)(X),
            ValueError,
            r"a result of double#\d+ of shape \(2,\).*\(3,\)",
        ),
        (lambda: ops.Custom(lambda x: (x, x), (2,), ms.float32)(X), TypeError, r"2 results"),
        (lambda: ops.Custom(double, ((2,),), (ms.float32,) * 2)(X), ValueError, r"1 shapes and 2 types"),
        (lambda: ops.PyFunc(3, [], [], [], []), TypeError, r"ops.PyFunc.*fn=3"),
        (lambda: ops.PyFunc(double, [ms.int32], [(2,)], [ms.int32], [(2,)])(X), TypeError, r"float32.*int32.*declared"),
        (lambda: ops.AllReduce("mean")(X), ValueError, r"ops.AllReduce.*'mean'.*sum, max"),
        (lambda: ops.AllGather(3)(X), TypeError, r"ops.AllGather.*group=3"),
        (lambda: ops.Broadcast(1)((X,)), ValueError, r"ops.Broadcast.*root_rank=1"),
        (lambda: ops.Broadcast(0)(X), TypeError, r"ops.Broadcast.*ndarray.*a tuple"),
        (lambda: ops.AlltoAll(2, 0, 0)(X), ValueError, r"ops.AlltoAll.*split_count=2"),
        (lambda: ops.ScalarSummary()("a", X), ValueError, r"ops.ScalarSummary.*shape \(2,\).*one number"),
        (lambda: ops.ScalarSummary()("", X[0]), TypeError, r"ops.ScalarSummary.*name=''"),
        (lambda: ops.ImageSummary()("a", X), ValueError, r"ops.ImageSummary.*\[n, channels, h, w\]"),
        (lambda: ops.HistogramSummary()("a", X[0]), ValueError, r"ops.HistogramSummary"),
    ],
)
def test_errors_say_what_is_missing(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()


def slope(x, out, g):
    return g * ops.cos(x)


def test_a_function_of_arrays_in_every_engine():
    sine = ops.Custom(np.sin, shape_of, shape_of, bprop=slope)
    check_grad(sine, X)
    check_graph(sine, X)
    np.testing.assert_allclose(ms.vmap(sine)(Tensor(np.stack([X, 2 * X]))).asnumpy(), np.sin([X, 2 * X]), 1e-6)
    with pytest.raises(TypeError, match=r"derivative of ops.host_call"):
        ms.grad(lambda x: ops.Custom(np.sin, shape_of, shape_of)(x).sum())(Tensor(X))


def test_a_function_of_arrays_with_several_results_and_what_it_keeps():
    kept = []

    def both(x, y):
        kept.append(x)
        return x + y, x.sum()

    own = ops.Custom(both, lambda x, y: (x, ()), lambda x, y: (x, x))
    x = Tensor(X)
    total, sums = own(x, x)
    assert total.tolist() == [2.0, 4.0] and sums.item() == 3.0
    kept[0][:] = 9
    assert x.tolist() == [1.0, 2.0]


def test_a_graph_whose_function_is_gone_says_so():
    from lamella.ops.prims.host import host_call

    with pytest.raises(ValueError, match=r"function 'gone#1'.*graphs in files keep none"):
        host_call(Tensor(X), key="gone#1", results=(("float32", (2,)),))


@pytest.mark.parametrize("path", ["operations", "composite", "functional", "primitive"])
def test_paths_of_mindspore(path):
    module = importlib.import_module(f"lamella.ops.{path}")
    assert module is getattr(ops, path) and module.MatMul is ops.MatMul and module.HyperMap is ops.HyperMap
