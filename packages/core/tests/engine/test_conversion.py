from __future__ import annotations

import os

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, nn, ops
from lamella.engine.conversion import add_library, converted, converter, in_library

X = Tensor([1.0, 2.0])


class Net(nn.Cell):
    def construct(self, x):
        return x * 2


class Derived(Net):
    def bprop(self, x, out, dout):
        return (dout * 3,)


def square(x):
    return x * x


def hook(cell, inputs, *rest):
    return None


def hooked():
    net = Net()
    net.register_forward_pre_hook(hook)
    net.register_forward_hook(hook)
    return net


def names_of(call):
    """The user's functions that core has asked to convert during a call."""
    asked = []

    def note(fn):
        if not in_library(getattr(fn, "__code__", test_outside_a_build_a_function_is_itself.__code__).co_filename):
            asked.append(getattr(fn, "__qualname__", type(fn).__name__))
        return fn

    token = converter.set(note)
    try:
        call()
    finally:
        converter.reset(token)
    return set(asked)


def test_outside_a_build_a_function_is_itself():
    assert converter.get() is None and converted(square) is square


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: Net()(X), {"Net.construct"}),
        (lambda: ms.grad(Derived())(X), {"Derived", "Net.construct", "Derived.bprop"}),
        (lambda: hooked()(X), {"Net.construct", "hook"}),
        (lambda: ms.grad(square)(X), {"square"}),
        (lambda: ms.value_and_grad(square)(X), {"square"}),
        (lambda: ms.vjp(square, X), {"square"}),
        (lambda: ms.jvp(square, X, X), {"square"}),
        (lambda: ms.jacrev(square)(X), {"square"}),
        (lambda: ms.jacfwd(square)(X), {"square"}),
        (lambda: ms.vmap(square)(X), {"square"}),
        (lambda: ops.GradOperation()(square)(X), {"square"}),
        (lambda: ops.cond(True, square, square, X), {"square"}),
        (lambda: ops.while_loop(lambda x: x.sum() < 0, square, X), {"square"}),
        (lambda: ops.fori_loop(0, 1, lambda i, x: x, X), set()),
        (lambda: nn.WithLossCell(Net(), lambda x, y: x)(X, X), {"Net.construct"}),
        (lambda: nn.WithEvalCell(Net(), lambda x, y: x)(X, X), {"Net.construct"}),
        (lambda: ir.build(lambda x: ir.staged(square)(x), X._type), {"square"}),
    ],
)
def test_core_asks_for_each_function_that_it_calls_for_a_user(call, names):
    found = names_of(call)
    assert {name for name in found if "<lambda>" not in name} == names


def test_a_function_is_called_in_the_form_that_it_was_converted_to():
    token = converter.set(lambda fn: (lambda *args: Tensor(5.0)) if fn is square else fn)
    try:
        assert ops.cond(Tensor(True), square, square, X).item() == 5.0
        assert ms.vmap(square)(X).tolist() == [5.0, 5.0]
    finally:
        converter.reset(token)


def test_code_of_libraries_is_not_named_as_the_user_s():
    assert in_library(os.path.join(os.path.dirname(ms.__file__), "tensor.py"))
    assert not in_library(__file__)
    add_library("/somewhere/else")
    assert in_library("/somewhere/else/module.py")


def test_a_tensor_that_number_kind_a_number_combines_like_it():
    class Number(Tensor):
        __slots__ = ("_number_kind",)

    def number(value, kind):
        tensor = Number(np.array(value))
        tensor._number_kind = kind
        return tensor

    for dtype in (ms.float16, ms.float32, ms.int32, ms.int64):
        x = ops.ones((2,), dtype)
        for value in (2, 0.5, True):
            n = number(value, type(value))
            for operation in (ops.add, ops.mul, ops.maximum):
                mine, theirs = operation(x, n), operation(x, value)
                assert mine.dtype is theirs.dtype and mine.tolist() == theirs.tolist()
    assert ops.as_tensor(number(0.5, float)).dtype is ms.float32
