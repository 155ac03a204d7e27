"""Numbers of Python that a graph computes behave as numbers of Python."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from frontend_helpers import Compiled, agree, numbers
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Tensor, ops
from lamella.errors import CompileError

YES = Tensor(True)
BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
BITWISE = [operator.and_, operator.or_, operator.xor]
UNARY = [operator.neg, operator.pos, abs, int, float, bool, round, lambda x: not x]
NUMBERS = st.one_of(st.booleans(), st.integers(-50, 50), st.floats(-50, 50).filter(lambda f: f == 0 or abs(f) > 1e-3))


def check(fn, *values):
    """Compare a function of numbers with what it gives for numbers that the graph computes."""

    def of_graph(yes):
        computed = [
            value if yes else type(value)(value + 1) if type(value) is not bool else not value for value in values
        ]
        result = fn(*computed)
        kind = [bool, int, float][[isinstance(result, k) for k in (bool, int, float)].index(True)]
        return result, [bool, int, float].index(kind)

    expected = fn(*values)
    result, kind = Compiled(of_graph)(YES)
    assert [bool, int, float][int(kind)] is type(expected)
    np.testing.assert_allclose(result, expected, rtol=2e-6 if type(expected) is float else 0)


@given(st.sampled_from(BINARY + COMPARISONS), NUMBERS, NUMBERS)
@settings(deadline=None, max_examples=80)
def test_arithmetic_and_comparisons(operation, a, b):
    if b == 0 and operation in (operator.truediv, operator.floordiv, operator.mod):
        return
    if operation in (operator.floordiv, operator.mod) and (isinstance(a, float) or isinstance(b, float)):
        return  # where a quotient is nearly whole, rounding decides
    check(operation, a, b)
    check(lambda x: operation(x, b), a)
    check(lambda y: operation(a, y), b)


@given(st.sampled_from(BITWISE), st.integers(-50, 50), st.integers(-50, 50))
@settings(deadline=None, max_examples=20)
def test_bitwise(operation, a, b):
    check(operation, a, b)
    check(lambda x: operation(x, b), a)
    check(operation, bool(a), bool(b))


@given(st.sampled_from(UNARY), NUMBERS)
@settings(deadline=None, max_examples=60)
def test_unary(operation, a):
    check(operation, a)


def test_inversion_and_powers():
    check(operator.invert, 5)
    for a, b in ((3, 2), (3.0, 2), (2.5, 1.5), (3, -2), (0.5, 3)):
        check(lambda x, b=b: x**b, a)
    check(lambda y: 2.0**y, 3)
    check(lambda x, y: x**y, 2.0, 3.0)
    check(lambda x: divmod(x, 4)[0] + divmod(x, 4)[1] * 100, 11)
    with pytest.raises(CompileError, match="an int to the power of an int that the graph computes"):
        check(lambda x, y: x**y, 2, 3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32, np.uint8, np.bool_])
@pytest.mark.parametrize("value", [2, 0.5, True])
def test_beside_a_tensor_a_number_takes_its_type(dtype, value):
    x = Tensor(np.array([1, 0], dtype))
    bools = dtype is np.bool_ and value is True

    def fn(x, yes):
        n = value if yes else type(value)(value + 1)
        return x > n, n - x.astype(ms.float32), n == x, *(() if bools else (x + n, n * x, x / n, ops.maximum(x, n)))

    agree(fn, x, YES)


def test_a_number_as_a_result_is_what_a_number_of_python_would_be():
    result = Compiled(lambda yes: (1 if yes else 2, 0.5 if yes else 1.5, yes if yes else False))(YES)
    assert [array.dtype for array in numbers(result)] == [np.int64, np.float32, np.bool_]


def test_a_number_as_an_index():
    def fn(x, yes):
        i = 1 if yes else 2
        x = x.copy()
        x[i] = x[i] * 3
        return x[i], x

    agree(fn, [1.0, 2.0, 3.0], YES)


def test_numbers_where_python_needs_one():
    x = Tensor(1.0)
    for use in (lambda i: [1, 2, 3][i], lambda i: "a" * i, lambda i: [x] * i, lambda i: range(10)[i]):
        with pytest.raises(CompileError):
            Compiled(lambda yes, use=use: use(1 if yes else 2) and yes)(YES)


def test_a_copy_is_a_number_too():
    check(lambda x: x.copy() / 2 if not isinstance(x, (int, float)) else x / 2, 3)
