"""Derivatives by and of integers and bools: computed in their own type, as in MindSpore."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.dtypes import BY_NAME
from lamella.ops import prims
from lamella.testing.cases import all_cases

FLOATS, INTS, OTHERS = Tensor([1.0, 2.0]), Tensor([1, 2], "int32"), Tensor([3, 2], "int32")
BOOLS = Tensor([True, False])

# A function, where, and the gradient that MindSpore 2.10 gives.
ROWS = [
    (lambda x: x * x, INTS, [2, 4]),
    (lambda x: x * 2.5, INTS, [2, 2]),
    (lambda x: x**OTHERS, INTS, [3, 4]),
    (lambda x: x.astype("float32").sum(), INTS, [1, 1]),
    (lambda x: x.astype("int32") * 2, FLOATS, [2.0, 2.0]),
    (lambda x: x.astype("int32").astype("float32") * x, FLOATS, [2.0, 4.0]),
    (lambda x: x * FLOATS, BOOLS, [True, True]),
    (lambda x: x // 2, INTS, [0, 0]),
    (lambda x: x > 1, FLOATS, [0.0, 0.0]),
    (lambda x: ops.maximum(x, OTHERS), INTS, [0, 0]),
    (lambda x: ops.abs(x), -INTS, [-1, -1]),
    (lambda x: ops.gather(FLOATS, x, 0), INTS - 1, [0, 0]),
    (lambda x: ops.matmul(x.reshape(1, 2), x.reshape(2, 1)), INTS, [2, 4]),
    (lambda x: ops.prod(x), INTS, [2, 1]),
    (lambda x: ops.sort(x)[0] * OTHERS, INTS, [3, 2]),
    (ms.grad(lambda x: x * x * x), INTS, [6, 12]),
]


@pytest.mark.parametrize("staged", [False, True], ids=["eager", "graph"])
@pytest.mark.parametrize(("function", "at", "expected"), ROWS)
def test_slopes_are_mindspores(function, at, expected, staged):
    slope = ms.grad(function)
    found = (ir.staged(slope) if staged else slope)(at)
    assert found.dtype is at.dtype and found.tolist() == expected


def test_slopes_by_several_arguments_have_their_types():
    by_floats, by_ints = ms.grad(lambda x, y: x * y, (0, 1))(FLOATS, INTS)
    assert (by_floats.dtype, by_ints.dtype) == (ms.float32, ms.int32)
    assert by_floats.tolist() == [1.0, 2.0] and by_ints.tolist() == [1, 2]
    every = ms.GradOperation(get_all=True)(lambda x, y: x * y)(FLOATS, INTS)
    assert [g.tolist() for g in every] == [[1.0, 2.0], [1, 2]]


@pytest.mark.parametrize("name", ["int32", "uint8", "bool"])
def test_every_primitive_of_integers_has_a_slope_in_their_type(name):
    dtype = BY_NAME[name]
    for case in all_cases():
        arrays, attrs = case.draw(dtype) if dtype in case.dtypes else [], case.attributes()
        places = tuple(i for i, array in enumerate(arrays) if array.dtype == dtype.numpy)
        if not places or case.op is prims.cast:
            continue
        for g, i in zip(ms.grad(lambda *xs: case.op(*xs, **attrs), places)(*map(Tensor, arrays)), places, strict=True):  # noqa: B023 - called at once
            assert g.dtype is dtype and g.shape == arrays[i].shape, case


def test_a_type_that_only_stores_numbers_has_no_slope():
    with pytest.raises(TypeError, match="only stored"):
        ms.grad(lambda x: x.astype("float32"))(Tensor(np.ones(2)).astype("int4"))


def test_integers_that_loops_and_branches_carry_have_slopes():
    def doubled(x):
        return ops.while_loop(lambda s: s[1].sum() < 100, lambda s: (s[0] + 1, s[1] * 2), (Tensor(0), x))[1]

    def chosen(x):
        return ops.cond(x.sum() > 0, lambda v: v * v, lambda v: v * 3, x)

    def scanned(x):
        return ops.scan(lambda sum, y: (sum + y * y, sum), Tensor(0, "int32"), x)[0]

    for function, expected in ((doubled, [64, 64]), (chosen, [2, 4]), (scanned, [2, 4])):
        assert ms.grad(function)(INTS).tolist() == expected
        assert ir.staged(ms.grad(function))(INTS).tolist() == expected
