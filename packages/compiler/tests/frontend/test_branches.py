from __future__ import annotations

import pytest
from frontend_helpers import Compiled, agree

import lamella as ms
from lamella import Parameter, Tensor, ops
from lamella.errors import CompileError

SIGNS = pytest.mark.parametrize("x", [[1.0, 2.0], [-1.0, -3.0], [0.5, -0.25]])


@SIGNS
def test_if_else(x):
    def fn(x):
        if x.sum() > 0:
            y = x * 2
        else:
            y = x - 1
        return y * 3

    agree(fn, x, grad=True)


@SIGNS
def test_if_without_else(x):
    def fn(x):
        y = x * 2
        if x.sum() > 0:
            y = y * y
        return y

    agree(fn, x, grad=True)


@SIGNS
def test_elif_and_nested_branches(x):
    def fn(x):
        if x.sum() > 1:
            y = x * 2
            if x[0] > 0.7:
                y = y + 1
        elif x.sum() < -2:
            y = x * x
        else:
            y = -x
        return y

    agree(fn, x, grad=True)


@SIGNS
def test_early_returns(x):
    def fn(x):
        if x.sum() > 2:
            return x * 2
        if x.sum() < 0:
            y = x + 1
            if y[0] > 0:
                return y
            return y * y
        return -x

    agree(fn, x, grad=True)


@SIGNS
def test_a_return_in_a_part_of_a_branch(x):
    def fn(x):
        if x[0] > 0:
            if x[1] > 0:
                return x * 5
            y = x + 1
        else:
            y = x - 1
        z = y * 2
        return z + y

    agree(fn, x, grad=True)


@SIGNS
def test_numbers_that_differ_become_numbers_of_the_graph(x):
    def fn(x):
        k = 2
        if x.sum() > 0:
            k = 3
        half = x.astype(ms.float16) * k
        return half, k

    half, _ = agree(fn, x)
    assert half.dtype is ms.float16


@SIGNS
def test_an_int_and_a_float_become_a_float(x):
    def fn(x):
        k = 1 if x.sum() > 0 else 0.5
        return x * k

    agree(fn, x)


@SIGNS
def test_a_number_takes_the_type_of_the_tensor_in_the_other_branch(x):
    def fn(x):
        if x.sum() > 0:
            y = x.sum()
        else:
            y = 0
        return y + 1

    agree(fn, x, types=False)


@SIGNS
def test_what_both_branches_leave_alike_stays_known_to_python(x):
    def fn(x):
        if x.sum() > 0:
            axis, name, y = 0, "a", x + 1
        else:
            axis, name, y = 0, "a", x - 1
        return y.sum(axis) if name == "a" else y

    agree(fn, x)


@SIGNS
def test_tuples_lists_and_dicts_of_tensors(x):
    def fn(x):
        if x.sum() > 0:
            state = {"a": x, "b": [x * 2, (x * 3, 1)]}
        else:
            state = {"a": -x, "b": [x * 4, (x * 5, 2)]}
        return state["a"], state["b"][0], state["b"][1][0], state["b"][1][1]

    agree(fn, x)


@SIGNS
def test_a_temporary_of_one_branch_that_nothing_reads(x):
    def fn(x):
        if x.sum() > 0:
            tmp = "text"
            y = x * len(tmp)
        else:
            tmp = None
            y = x
        return y

    agree(fn, x)


@SIGNS
def test_a_condition_that_is_known_runs_one_branch_only(x):
    ran = []

    def fn(x, flag):
        if flag:
            ran.append("then")
            y = x
        else:
            ran.append("else")
            y = [x]
        return y

    Compiled(fn)(Tensor(x), True)
    assert ran == ["then"]


def test_numbers_and_ints_as_conditions():
    def fn(x, n):
        y = x
        if n:
            y = y + 1
        if x:
            y = y * 3
        return y

    for x in (2.0, 0.0):
        for n in (0, 3):
            agree(fn, x, n)
            agree(fn, x, Tensor(n))


@SIGNS
def test_conditional_expressions(x):
    def fn(x):
        return (x * 2 if x.sum() > 0 else x * 3) + (1 if x[0] > 0 else 2)

    agree(fn, x, grad=True)


@pytest.mark.parametrize("a", [0, 1, 2])
@pytest.mark.parametrize("b", [0, 1])
def test_and_or_not(a, b):
    def fn(a, b):
        both = a > 0 and b > 0
        either = a > 1 or not b > 0
        mixed = (a > 0 and not (b > 0 or a > 1)) or a == b
        return both, either, mixed

    agree(fn, Tensor(a), Tensor(b))


def test_and_or_give_python_s_values_where_they_are_known():
    def fn(x):
        return x * (0 or 3) * (2 and 5), ("" or "a") + ("b" and "c")

    result = Compiled(lambda x: (fn(x)[0], len(fn(x)[1])))(Tensor(1.0))
    assert [float(y) for y in result] == [15.0, 2]


def test_the_second_operand_runs_only_where_python_would_run_it():
    log = []

    def noted(value, name):
        ops.print_(name)
        return value

    def fn(x):
        return noted(x > 0, "first") and noted(x > 1, "second")

    assert not log
    for x, expected in ((2.0, "first\nsecond\n"), (-1.0, "first\n")):
        from contextlib import redirect_stdout
        from io import StringIO

        with redirect_stdout(StringIO()) as text:
            Compiled(fn)(Tensor(x))
        assert text.getvalue() == expected


@pytest.mark.parametrize("x", [-1.0, 0.5, 1.5, 3.0])
def test_chains_of_comparisons(x):
    def fn(x):
        a = 0 < x < 2
        b = 0 < x <= 1.5 < x * 3 != 1
        y = x + 1 if 1 < x < 2 else x
        return a, b, y

    agree(fn, x)


def test_in_a_list_of_tensors():
    def fn(x, y):
        return x in [y, Tensor(3.0)], x not in (y, 2), 1 in [1, x], "a" in {"a": x}

    for x in (1.0, 2.0, 3.0):
        agree(fn, x, 1.0)


def test_no_variable_after_a_branch_names_both_branches():
    def fn(x):
        if x.sum() > 0:
            y = x
        return y

    with pytest.raises(CompileError, match=r"(?s)test_branches.py:\d+, in fn: .*if x.sum\(\) > 0.*`y`.*nothing"):
        Compiled(fn)(Tensor([1.0]))


def test_a_variable_of_other_types_after_a_branch_names_both():
    def fn(x):
        y = None
        if x.sum() > 0:
            y = x
        return y + 1

    with pytest.raises(CompileError, match=r"leave `y` different: float32\[1\] if it is true, None if not"):
        Compiled(fn)(Tensor([1.0]))


def test_results_of_other_types_are_refused():
    def fn(x):
        if x.sum() > 0:
            return x
        return None

    with pytest.raises(CompileError, match=r"the result of the function different: float32\[1\] if it is true, None"):
        Compiled(fn)(Tensor([1.0]))


def test_a_function_that_ends_on_some_paths_without_return_is_refused():
    def fn(x):
        if x.sum() > 0:
            return x

    with pytest.raises(CompileError, match="ends without `return` on others"):
        Compiled(fn)(Tensor([1.0]))


def test_a_condition_of_several_elements_is_refused():
    def fn(x):
        return 1 if x > 0 else 2

    with pytest.raises(CompileError, match=r"bool\[2\] is used as a condition.*\n.*\n.*any\(\)"):
        Compiled(fn)(Tensor([1.0, 2.0]))


@SIGNS
def test_changes_in_place_under_a_condition(x):
    w = Parameter(Tensor([1.0, 1.0]), name="w")

    def fn(x):
        if x.sum() > 0:
            w.assign_value(w + x)
            x[0] = 7.0
        else:
            x[1] += 2
        return x * w

    before = w.asnumpy().copy()
    eager = Tensor(x)
    expected = fn(eager).asnumpy(), eager.asnumpy(), w.asnumpy().copy()
    w.assign_value(Tensor(before))
    mine = Tensor(x)
    found = Compiled(fn)(mine).asnumpy(), mine.asnumpy(), w.asnumpy()
    for a, b in zip(found, expected, strict=True):
        assert a.tolist() == b.tolist()


def test_in_place_on_a_tensor_that_one_branch_took_from_outside_is_refused():
    def fn(x, y):
        z = x if x.sum() > 0 else y * 2
        z[0] = 1.0
        return x + z

    with pytest.raises(RuntimeError, match="a branch that depends on a tensor"):
        Compiled(fn)(Tensor([1.0]), Tensor([2.0]))


def test_max_and_min_of_tensors():
    def fn(x, y):
        return max(x, y), min(x, y, 0.5), max([x, y * 2]), max(3, 1)

    for x, y in ((1.0, 2.0), (2.0, 1.0)):
        agree(fn, x, y)


def test_any_and_all_of_tensors():
    def fn(x):
        return any(row > 0 for row in x), all([row > 0 for row in x]), any([]), all([])

    for x in ([1.0, -1.0], [1.0, 2.0], [-1.0, -2.0]):
        agree(fn, x)


def test_a_number_and_a_tensor_with_axes_are_not_stretched_to_one():
    def fn(x):
        y = 1.0
        if x.sum() > 0:
            y = x
        return ops.sum(y + 0)

    with pytest.raises(CompileError, match=r"leave `y` different: float32\[2\] if it is true, 1.0 if not"):
        Compiled(fn)(Tensor([1.0, 2.0]))


@SIGNS
def test_minus_zero_is_another_number_than_zero(x):
    def fn(x):
        zero = 0.0 if x.sum() > 0 else -0.0
        return 1 / (x * 0 + zero)

    agree(fn, x)
