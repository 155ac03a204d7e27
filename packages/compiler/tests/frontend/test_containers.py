"""Lists, dicts and objects that are changed where it depends on a tensor whether they are."""

from __future__ import annotations

import heapq
import operator
from collections import deque

import numpy as np
import pytest
from frontend_helpers import Compiled, agree

import lamella as ms
from lamella import Tensor, nn, ops
from lamella.errors import CompileError

SIGNS = pytest.mark.parametrize("x", [[1.0, 2.0], [-1.0, -3.0]])


@SIGNS
def test_both_branches_append(x):
    def fn(x):
        values = [x]
        if x.sum() > 0:
            values.append(x * 2)
        else:
            values.append(x * 3)
        return values[1] + len(values)

    agree(fn, x, grad=True)


@SIGNS
def test_items_are_replaced_in_one_branch(x):
    def fn(x):
        values, named = [x, 1], {"a": x, "b": 2.0}
        if x.sum() > 0:
            values[0] = x * 2
            values[1] += 5
            named["a"] = x * 7
        return values[0] * values[1] + named["a"] * named["b"]

    agree(fn, x)


@SIGNS
def test_a_branch_that_adds_and_takes_away(x):
    def fn(x):
        values = [x, x + 1]
        if x.sum() > 0:
            last = values.pop()
            values.append(last * 3)
        return ops.stack(values)

    agree(fn, x, grad=True)


@SIGNS
def test_a_list_that_only_a_branch_sees(x):
    def fn(x):
        if x.sum() > 0:
            parts = []
            for i in range(3):
                parts.append(x * i)
            y = ops.stack(parts).sum(0)
        else:
            y = x
        return y

    agree(fn, x, grad=True)


@SIGNS
def test_a_list_that_is_changed_by_a_function(x):
    def push(values, value):
        values.append(value)

    def fn(x):
        values = []
        if x.sum() > 0:
            push(values, x)
        else:
            push(values, x * 2)
        return values[0]

    agree(fn, x)


@SIGNS
def test_a_list_in_a_list_and_under_two_names(x):
    def fn(x):
        inner = [x]
        outer = [inner, x]
        if x.sum() > 0:
            outer[0][0] = x * 3
        return inner[0] + outer[0][0]

    agree(fn, x)


@SIGNS
def test_a_list_in_a_dict_stays_that_list_where_the_dict_changes(x):
    def branch(x):
        named, pair = {"parts": [x], "n": x}, ([x], 0)
        parts, inner = named["parts"], pair[0]
        if x.sum() > 0:
            named["n"] = named["n"] + 1
            pair = (inner, 1)
        parts[0] = parts[0] + 5
        inner[0] = inner[0] * 2
        return named, pair, named["parts"] is parts, pair[0] is inner

    def loop(x):
        named = {"parts": [x], "n": x}
        parts = named["parts"]
        while named["n"].sum() < 20:
            named["n"] = named["n"] + 1
        parts[0] = parts[0] + 5
        return named, named["parts"] is parts

    agree(branch, x)
    agree(loop, x)


@SIGNS
def test_a_dict_and_a_list_in_it_that_go_round_a_loop(x):
    def fn(x):
        named = {"parts": [x, x * 0], "n": 0, "best": (x.sum(), 0)}
        for i, row in enumerate(x):
            named["parts"][1] = named["parts"][1] + row
            named["n"] += 1
            if row > named["best"][0]:
                named["best"] = (row, i)
        while named["parts"][0].sum() + named["n"] < 20:
            named["n"] += 2
            named["parts"] = [named["parts"][1] + 1, named["parts"][0]]
        return named

    agree(fn, x)


@SIGNS
def test_items_that_go_round_a_loop(x):
    def fn(x):
        state, count = {"x": x, "n": 0}, [0.0]
        while state["x"].sum() < 30:
            state["x"] = state["x"] * 2 + 1
            state["n"] += 1
            count[0] += 0.5
            if state["n"] > 20:
                break
        return state["x"], state["n"], count[0]

    agree(fn, x)


def test_a_list_that_grows_in_a_branch_is_refused():
    def fn(x):
        values = [x]
        if x.sum() > 0:
            values.append(x)
        return values[0]

    with pytest.raises(CompileError, match=r"(?s)test_containers.*a list is changed where it depends") as caught:
        Compiled(fn)(Tensor([1.0]))
    assert "if x.sum() > 0" in str(caught.value)


def test_a_list_that_grows_in_a_loop_of_unknown_length_is_refused():
    def fn(x):
        values = []
        while x.sum() < 10:
            x = x * 2
            values.append(x)
        return ops.stack(values)

    with pytest.raises(CompileError, match="a list changes in it"):
        Compiled(fn)(Tensor([1.0]))


@SIGNS
def test_an_error_leaves_containers_as_they_were(x):
    values, named, numbers, queue = [1], {"a": 1}, {1}, deque([1])

    def fn(x):
        if x.sum() > 0:
            values.append(2)
            named["b"] = 2
            numbers.add(2)
            queue.append(2)
        return x

    with pytest.raises(CompileError):
        Compiled(fn)(Tensor(x))
    assert (values, named, numbers, queue) == ([1], {"a": 1}, {1}, deque([1]))


class Counter:
    def __init__(self):
        self.n = 0
        self.items = []


def test_an_attribute_that_is_assigned_in_a_branch_is_refused():
    counter = Counter()

    def fn(x):
        if x.sum() > 0:
            counter.n += 1
        return x

    with pytest.raises(CompileError, match="the attribute `n` of a Counter is assigned where it depends on a tensor"):
        Compiled(fn)(Tensor([1.0]))
    assert counter.n == 0


def test_an_attribute_that_keeps_its_value_may_be_assigned():
    counter = Counter()

    def fn(x):
        if x.sum() > 0:
            counter.n = 0
        return x

    agree(fn, [1.0])


@SIGNS
def test_an_object_that_is_made_in_a_branch(x):
    def fn(x):
        if x.sum() > 0:
            counter = Counter()
            counter.n = 3
            counter.items.append(x)
            y = counter.items[0] * counter.n
        else:
            y = x
        return y

    agree(fn, x)


def test_an_attribute_may_be_assigned_where_no_tensor_decides():
    def fn(x):
        counter = Counter()
        for _ in range(3):
            counter.n += 1
            counter.items.append(x * counter.n)
        counter.x = sum(counter.items)
        return counter.x

    agree(fn, [1.0, 2.0])


LIMIT = 0


def test_a_global_that_is_assigned_in_a_branch_is_refused():
    def fn(x):
        global LIMIT
        if x.sum() > 0:
            LIMIT = 5
        return x

    with pytest.raises(CompileError, match="variable `LIMIT`, which is from outside, would depend on a tensor"):
        Compiled(fn)(Tensor([1.0]))
    assert LIMIT == 0


@SIGNS
def test_a_parameter_that_is_assigned_in_a_branch(x):
    class Net(nn.Cell):
        def __init__(self):
            super().__init__()
            self.w = ms.Parameter(Tensor([1.0, 1.0]))

        def construct(self, x):
            if x.sum() > 0:
                self.w = self.w + x
            return self.w * x

    def run(call):
        net = Net()
        return call(net)(Tensor(x)).tolist(), net.w.tolist()

    assert run(Compiled) == run(lambda net: net)


def test_sets_and_deques():
    def fn(x):
        seen, recent = {1}, deque([x], maxlen=2)
        if x.sum() > 0:
            seen.add(1)
            recent[0] = x * 2
        return recent[0] * len(seen)

    agree(fn, [1.0, 2.0])


def test_numpy_arrays_are_constants():
    table = np.arange(4.0, dtype=np.float32)

    def fn(x):
        scale = np.sqrt(table.sum())
        return x * float(scale) + Tensor(table[:2])

    agree(fn, [1.0, 2.0])


@SIGNS
def test_containers_that_functions_of_c_change(x):
    def fn(x):
        heap, row = [3, 2, 1], [x, x * 2]
        if x.sum() > 0:
            heapq.heapify(heap)
            list.append(row, x * 3)
            operator.setitem(row, 0, row.pop())
        return row[0] * heap[0]

    agree(fn, x)


def test_items_of_arrays_that_are_assigned_in_a_branch_are_refused():
    table = np.zeros(3)

    def item(x):
        if x.sum() > 0:
            table[0] = 1.0
        return x

    def whole(x):
        if x.sum() > 0:
            y = table
            y += 1.0
        return x

    for fn in (item, whole):
        with pytest.raises(CompileError, match="an item of a ndarray is changed where it depends on a tensor"):
            Compiled(fn)(Tensor([1.0]))


def test_a_condition_of_a_loop_that_changes_a_list_is_refused():
    def fn(x):
        limits = [5.0, 6.0, 7.0, 8.0]
        while x.sum() < limits.pop():
            x = x + 1
        return x

    with pytest.raises(CompileError, match="its condition changes a list"):
        Compiled(fn)(Tensor([1.0]))


COUNT = 0


def counted(x):
    global COUNT
    COUNT += 1
    return x


def test_a_global_that_a_called_function_changes_is_refused():
    def branch(x):
        return counted(x) if x.sum() > 0 else x

    def loop(x):
        while x.sum() < 9:
            x = counted(x) + 1
        return x

    with pytest.raises(CompileError, match="variable `COUNT`, which is from outside, would depend on a tensor"):
        Compiled(branch)(Tensor([1.0]))
    with pytest.raises(CompileError, match="it changes the variable `COUNT` from outside"):
        Compiled(loop)(Tensor([1.0]))
    assert COUNT == 0
    assert Compiled(lambda x: counted(x) * 2)(Tensor([1.0])).tolist() == [2.0]
    assert COUNT == 1


def test_a_variable_of_a_function_around_that_a_called_function_changes_is_refused():
    calls = 0

    def count(x):
        nonlocal calls
        calls += 1
        return x

    def fn(x):
        return count(x) if x.sum() > 0 else x

    with pytest.raises(CompileError, match="variable `calls`, which is from outside, would depend on a tensor"):
        Compiled(fn)(Tensor([1.0]))
    assert calls == 0


@SIGNS
def test_what_only_an_inner_function_sees(x):
    def fn(x):
        total, seen, steps = x, {"a": x}, 0

        def bump(v):
            nonlocal total, steps
            total = total + v
            steps += 1

        def step(v):
            if v.sum() > 0:
                bump(v)
                return v
            seen["a"] = seen["a"] + v
            return v * 2

        for row in ops.stack([x, -x, x * 2]):
            x = x + step(row)
        return x, seen["a"], total, steps

    agree(fn, x)
