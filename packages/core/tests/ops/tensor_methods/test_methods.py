from __future__ import annotations

import inspect

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_grad, check_graph, check_vmap

import lamella as ms
from lamella import Parameter, Tensor, ops
from lamella.ops.tensor_methods.methods import Methods

X = np.random.default_rng(8).standard_normal((4, 3)).astype(np.float32)
NAMES = [name for name in vars(Methods) if not name.startswith("__")]

CASES = {
    "reshape": (lambda x: x.reshape(2, -1), lambda x: x.reshape(2, -1)),
    "reshape tuple": (lambda x: x.reshape((12,)), lambda x: x.reshape(12)),
    "view": (lambda x: x.view(-1), lambda x: x.reshape(-1)),
    "view_as": (lambda x: x.view_as(ops.zeros((6, 2))), lambda x: x.reshape(6, 2)),
    "reshape_as": (lambda x: x.reshape_as(ops.zeros((3, 4))), lambda x: x.reshape(3, 4)),
    "flatten": (lambda x: x.flatten(), lambda x: x.reshape(-1)),
    "flatten F": (lambda x: x.flatten("F"), lambda x: x.reshape(-1, order="F")),
    "transpose": (lambda x: x.transpose(), lambda x: x.T),
    "transpose axes": (lambda x: x.transpose(1, 0), lambda x: x.T),
    "transpose tuple": (lambda x: x.transpose((1, 0)), lambda x: x.T),
    "permute": (lambda x: x.permute(1, 0), lambda x: x.T),
    "t": (lambda x: x.t(), lambda x: x.T),
    "T": (lambda x: x.T, lambda x: x.T),
    "expand": (lambda x: x.expand(2, -1, -1), lambda x: np.stack([x, x])),
    "expand_as": (lambda x: x.expand_as(ops.zeros((2, 4, 3))), lambda x: np.stack([x, x])),
    "repeat": (lambda x: x.repeat(2, 1), lambda x: x.repeat(2, 1)),
    "repeat flat": (lambda x: x.repeat(2), lambda x: x.repeat(2)),
    "tile": (lambda x: x.tile((2, 1)), lambda x: np.tile(x, (2, 1))),
    "diagonal": (lambda x: x.diagonal(1, axis1=1, axis2=0), lambda x: x.diagonal(1, 1, 0)),
    "sum": (lambda x: x.sum(axis=0, keepdims=True), lambda x: x.sum(0, keepdims=True)),
    "sum initial": (lambda x: x.sum(1, initial=2), lambda x: x.sum(1, initial=2)),
    "mean": (lambda x: x.mean(1, keep_dims=True), lambda x: x.mean(1, keepdims=True)),
    "std": (lambda x: x.std(0, ddof=1), lambda x: x.std(0, ddof=1)),
    "max": (lambda x: x.max(1), lambda x: x.max(1)),
    "min": (lambda x: x.min(), lambda x: x.min()),
    "max tuple": (lambda x: x.max((0, 1), keepdims=True), lambda x: x.max(keepdims=True)),
    "argmax": (lambda x: x.argmax(axis=1, keepdims=True), lambda x: x.argmax(1, keepdims=True)),
    "argmin": (lambda x: x.argmin(0), lambda x: x.argmin(0)),
    "logsumexp": (lambda x: x.logsumexp(0, keepdims=True), lambda x: np.log(np.exp(x).sum(0, keepdims=True))),
    "cumsum": (lambda x: x.cumsum(), lambda x: x.cumsum()),
    "cumsum axis": (lambda x: x.cumsum(0, "float64"), lambda x: x.cumsum(0, np.float64)),
    "where": (lambda x: x.where(x > 0, 0), lambda x: np.where(x > 0, x, np.float32(0))),
    "select": (lambda x: x.select(x > 0, 0.0), lambda x: np.where(x > 0, x, np.float32(0))),
    "fill": (lambda x: x.fill(3), lambda x: np.full_like(x, 3)),
    "new_zeros": (lambda x: x.new_zeros((2,), dtype="int8"), lambda x: np.zeros(2, np.int8)),
    "new_ones": (lambda x: x.new_ones(2), lambda x: np.ones(2, np.float32)),
    "take": (lambda x: x.take(Tensor([0, 99, -99])), lambda x: x.take([0, 99, -99], mode="clip")),
    "take wrap": (lambda x: x.take([1, 5, -7], 0, "wrap"), lambda x: x.take([1, 5, -7], 0, mode="wrap")),
    "take raise": (lambda x: x.take([1, 2], -1, "raise"), lambda x: x.take([1, 2], -1)),
    "clone": (lambda x: x.clone(), lambda x: x),
    "value": (lambda x: x.value(), lambda x: x),
    "split": (lambda x: x.split(2)[1], lambda x: x[2:]),
    "masked_fill": (lambda x: x.masked_fill(x < 0, 0), lambda x: np.maximum(x, 0)),
    "clamp": (lambda x: x.clamp(0), lambda x: np.maximum(x, 0)),
    "pow": (lambda x: x.pow(2), lambda x: x * x),
    "add": (lambda x: x.add(1), lambda x: x + 1),
    "half": (lambda x: x.half(), lambda x: x.astype(np.float16)),
    "float": (lambda x: x.long().float(), lambda x: x.astype(np.int64).astype(np.float32)),
    "int": (lambda x: (x * 5).int(), lambda x: (x * 5).astype(np.int32)),
    "bool": (lambda x: x.int().bool(), lambda x: x.astype(np.int32).astype(bool)),
    "astype": (lambda x: x.astype("float64"), lambda x: x.astype(np.float64)),
    "to": (lambda x: x.to(ms.float16), lambda x: x.astype(np.float16)),
    "type_as": (lambda x: x.type_as(Tensor([1.0], dtype="float64")), lambda x: x.astype(np.float64)),
}
CONSTANT = {
    "argmax",
    "argmin",
    "fill",
    "new_zeros",
    "new_ones",
    "float",
    "int",
    "bool",
    "half",
    "astype",
    "to",
    "type_as",
}


@pytest.mark.parametrize("name", CASES)
def test_numbers_equal_numpy(name):
    function, expected = CASES[name]
    wanted = np.asarray(expected(X))
    assert function(Tensor(X)).asnumpy().dtype == wanted.dtype
    assert_near(function(Tensor(X)), wanted)


@pytest.mark.parametrize("name", [name for name in CASES if name not in CONSTANT | {"cumsum axis"}])
def test_derivative_equals_differences(name):
    check_grad(CASES[name][0], X)


@pytest.mark.parametrize("name", CASES)
def test_batch_and_graph_equal_eager(name):
    check_vmap(CASES[name][0], X)
    sized = ("reshape", "reshape tuple", "view_as", "reshape_as", "expand_as", "split")  # for 4 rows only
    check_graph(CASES[name][0], X, open_axis=name not in sized)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_is_attached_and_documented(name):
    method = getattr(Tensor, name)
    assert callable(method)
    assert inspect.getdoc(method)
    assert list(inspect.signature(method).parameters)  # the tensor comes first


def test_methods_do_not_hide_what_the_class_defines():
    assert not set(NAMES) & {"asnumpy", "item", "copy", "shape", "dtype", "assign_value", "T", "tolist", "size", "ndim"}


def test_parameters_have_the_methods():
    assert Parameter(Tensor([1.0, 2.0])).sum().item() == 3.0


def test_sizes_and_questions():
    x = Tensor(X)
    assert (x.dim(), x.ndimension(), x.numel(), x.nelement()) == (2, 2, 12, 12)
    assert x.is_floating_point()
    assert not x.int().is_floating_point()
    assert x.contiguous() is x


def test_max_gives_indices_when_asked():
    values, indices = Tensor(X).max(1, return_indices=True)
    assert_same(values, X.max(1))
    assert_same(indices, X.argmax(1))


def test_astype_copies_unless_told_not_to():
    x = Tensor(X)
    assert x.astype(x.dtype) is not x
    assert x.astype(x.dtype, copy=False) is x


IN_PLACE = {
    "add_": (lambda x: x.add_(2), lambda x: x + 2),
    "sub_": (lambda x: x.sub_(Tensor(X)), lambda x: x - X),
    "mul_": (lambda x: x.mul_(2), lambda x: x * 2),
    "div_": (lambda x: x.div_(2), lambda x: x / 2),
    "pow_": (lambda x: x.pow_(2), lambda x: x * x),
    "clamp_": (lambda x: x.clamp_(0, 1), lambda x: x.clip(0, 1)),
    "masked_fill_": (lambda x: x.masked_fill_(x < 0, 0), lambda x: np.maximum(x, 0)),
    "fill_": (lambda x: x.fill_(7), lambda x: np.full_like(x, 7)),
    "zero_": (lambda x: x.zero_(), np.zeros_like),
    "copy_": (lambda x: x.copy_(Tensor([1.0, 2.0, 3.0])), lambda x: np.tile(np.float32([1, 2, 3]), (4, 1))),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_methods_change_the_tensor_and_no_other(name):
    function, expected = IN_PLACE[name]
    x = Tensor(X)
    same, other, before = x, x.copy(), x.asnumpy()
    assert function(x) is x
    assert_near(same, expected(X))
    assert_same(other, X)
    np.testing.assert_array_equal(before, X)
    with pytest.raises(RuntimeError, match="no other tensor shares"):
        function(Tensor(X.reshape(1, 4, 3)).reshape(4, 3))


@pytest.mark.parametrize("name", IN_PLACE)
def test_in_place_changes_of_arguments_are_results_of_a_graph(name):
    def changed(x):
        y = x * 1
        IN_PLACE[name][0](y)
        return y

    check_graph(changed, X, open_axis=name != "sub_")
    check_vmap(changed, X)
    check_grad(changed, X)


def test_in_place_changes_in_half_precision_keep_the_type():
    x = Tensor([1.0], dtype="float16")
    assert x.add_(Tensor([1.0])).dtype is ms.float16


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: x.int().add_(1.5), TypeError, "Tensor.add_.*float32 result for a int32"),
        (lambda x: x.bool().add_(1), TypeError, "Tensor.add_.*int64"),
        (lambda x: x.add_(ops.ones((2, 4, 3))), ValueError, r"shape \(2, 4, 3\)"),
        (lambda x: x.copy_(ops.ones((2, 4, 3))), ValueError, "broadcast_to"),
        (lambda x: x.fill_(ops.ones(2)), TypeError, "one number"),
        (lambda x: ops.zeros((1, 2, 3)).t(), ValueError, "two axes"),
        (lambda x: x.take([9], 0, "raise"), IndexError, "index 9"),
        (lambda x: x.take([9], 0, "nearest"), ValueError, "'wrap'"),
        (lambda x: x.to("float31"), ImportError, "float31"),
        (lambda x: x.max((0, 1), return_indices=True), TypeError, "one int"),
        (lambda x: ms.vmap(lambda y: y.to("reference"))(x), TypeError, "graph or transform"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X))


def test_to_moves_between_devices():
    moved = Tensor(X).to("reference")
    assert moved.device == "reference"
    assert_same(moved, X)
