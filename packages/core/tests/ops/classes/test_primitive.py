"""Classes of `ops` are made of rows when they are first used."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest
from helpers import check_grad, check_graph

import lamella as ms
from lamella import Tensor, nn, ops
from lamella.ops.classes import rows
from lamella.ops.classes.examples import EXAMPLES
from lamella.ops.classes.rows import BY_NAME, ROWS

X = np.random.default_rng(5).standard_normal((3, 4)).astype(np.float32)


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_a_class_is_what_its_row_says(row):
    kind = getattr(ops, row.name)
    assert getattr(ops, row.name) is kind and issubclass(kind, ops.Primitive)
    assert (kind.__name__, kind.__module__) == (row.name, "lamella.ops")
    assert {n: p.default for n, p in inspect.signature(kind).parameters.items()} == row.init
    assert row.call in ((), tuple(inspect.signature(kind.__call__).parameters)[1:])
    assert kind.__doc__[0] not in " `" and f"    >>> print(ops.{row.name}(" in kind.__doc__


def test_there_is_an_example_of_each_class_and_of_nothing_else():
    lines = EXAMPLES.strip().splitlines()
    assert [line.partition("(")[0] for line in lines] == sorted(BY_NAME)
    assert len(rows.__test__) == len(BY_NAME)  # doctest runs them


def test_classes_are_made_when_used_and_can_be_imported():
    program = (
        "from lamella import ops\n"
        "assert 'MatMul' in dir(ops) and 'MatMul' not in vars(ops)\n"
        "from lamella.ops import MatMul\n"
        "assert vars(ops)['MatMul'] is MatMul and 'Softmax' not in vars(ops)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    with pytest.raises(AttributeError, match=r"lamella\.ops.*MatMull"):
        _ = ops.MatMull
    with pytest.raises(AttributeError, match=r"no PagedAttention: it belongs to the Ascend's engine for serving"):
        _ = ops.PagedAttention


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_objects_are_copied_with_their_settings(again):
    product = again(ops.MatMul(transpose_b=True).set_prim_instance_name("scores"))
    assert product.instance_name == "scores"
    np.testing.assert_allclose(product(Tensor(X), mat2=X).asnumpy(), X @ X.T, 1e-6)


def test_attributes_change_settings_and_deleting_restores_them():
    softmax = ops.Softmax()
    original = copy.copy(softmax)
    assert softmax.name == "Softmax" and softmax.add_prim_attr("axis", 0) is softmax
    np.testing.assert_allclose(softmax(X).asnumpy().sum(0), np.ones(4), 1e-6)
    assert original.attrs == {"axis": -1}
    assert softmax.add_prim_attr("note", 1).del_prim_attr("axis").attrs == {"axis": -1, "note": 1}
    np.testing.assert_allclose(softmax(X).asnumpy().sum(1), np.ones(3), 1e-6)
    assert softmax.del_prim_attr("note").del_prim_attr("other").attrs == {"axis": -1}
    assert repr(softmax) == "Softmax(axis=-1)"
    with pytest.raises(ValueError, match=r"ops.BroadcastTo.del_prim_attr: got 'shape'"):
        ops.BroadcastTo((3, 4)).del_prim_attr("shape")


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: ops.Softmax(1, 2), TypeError, r"ops.Softmax: got \(int, int\).*expected \(axis=-1\)"),
        (lambda: ops.BroadcastTo(), TypeError, r"ops.BroadcastTo: .*'shape'"),
        (lambda: ops.Add()(X), TypeError, r"ops.Add: got \(ndarray\).*'other'.*expected \(input, other\)"),
        (lambda: ops.Add()(X, x=X), TypeError, r"ops.Add: got \(ndarray, x=…\)"),
        (lambda: ops.Split(0, 2)(X), ValueError, r"ops.Split: got size 3 in 2 parts"),
        (lambda: ops.MatMul()(X[0], X), ValueError, r"ops.MatMul: got shapes \(4,\) and \(3, 4\).*BatchMatMul"),
    ],
)
def test_errors_name_the_class(wrong, error, message):
    with pytest.raises(error, match=message):
        wrong()


class Network(nn.Cell):
    def __init__(self):
        super().__init__()
        self.product, self.concat = ops.MatMul(transpose_b=True), ops.Concat(axis=1)

    def construct(self, x):
        return ops.Tanh()(self.concat((self.product(x, x), ops.ReduceSum(keep_dims=True)(x, 1))))


def test_objects_in_cells_differentiate_and_build_graphs():
    network = Network()
    expected = np.tanh(np.concatenate([X @ X.T, X.sum(1, keepdims=True)], 1))
    np.testing.assert_allclose(network(Tensor(X)).asnumpy(), expected, 1e-5)
    check_grad(network, X)
    check_graph(network, X)
    np.testing.assert_allclose(ms.vmap(ops.Softmax())(Tensor(X)).asnumpy(), ops.softmax(X).asnumpy())
