from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_same

import lamella as ms
from lamella import Tensor, context, ops
from lamella.ir import TensorType
from lamella.ops import prims

asserted = ops.assert_


def run(function, *arrays):
    graph = ms.ir.build(function, *(TensorType(Tensor(a).dtype, np.shape(a)) for a in arrays))
    return context.backend.compile(graph)([context.backend.put(np.asarray(a)) for a in arrays])


def test_print_joins_its_arguments_and_keeps_braces(capsys):
    ops.print_("x {is}", Tensor([1.0, 2.0]), 3, "and", Tensor(4))
    assert capsys.readouterr().out == "x {is} [1. 2.] 3 and 4\n"
    ops.print_()
    assert capsys.readouterr().out == "\n"


def test_a_graph_prints_when_it_runs_and_in_order(capsys):
    def function(x):
        ops.print_("first", x)
        ops.print_("second", x * 2)
        return x

    run(function, np.float32([1, 2]))
    assert capsys.readouterr().out == "first [1. 2.]\nsecond [2. 4.]\n"


def test_assert_raises_with_its_values():
    asserted(Tensor([True, True]))
    with pytest.raises(AssertionError, match=r"must be positive: \[-1.\] \{x\}"):
        asserted(Tensor([-1.0]) > 0, "must be positive:", Tensor([-1.0]), "{x}")
    with pytest.raises(AssertionError, match="too large 3"):
        run(lambda x: (asserted(x < 3, "too large", x), x * 2)[1], np.float32(3))
    with pytest.raises(TypeError, match="bool"):
        asserted(Tensor(1.0))


def test_assign_functions_change_the_tensor_itself():
    x = Tensor([1.0, 2.0])
    assert ops.assign(x, Tensor([3, 4])) is x
    assert_same(x, np.float32([3, 4]))
    assert ops.assign_add(x, 1) is ops.assign_sub(x, Tensor([1.0, 0.0]))
    assert_same(x, np.float32([3, 5]))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: ops.assign(np.ones(2), x), TypeError, "Tensor or Parameter"),
        (lambda x: ops.assign(x, Tensor([1.0])), ValueError, r"shape \(1,\)"),
        (lambda x: ops.assign_add(x, ops.ones((2, 2))), ValueError, "ops.assign_add"),
        (lambda x: ops.assign_sub(x.int(), 0.5), TypeError, "ops.assign_sub.*int32"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor([1.0, 2.0]))


def test_a_template_may_say_how_a_number_is_shown(capsys):
    prims.print_(Tensor(1.23456), Tensor([1.0, 2.0]), template="{:.2f} {}")
    assert capsys.readouterr().out == "1.23 [1. 2.]\n"
    with pytest.raises(AssertionError, match=r"^007$"):
        prims.check(Tensor(False), Tensor(7), message="{:03d}")
