"""What cannot be compiled is an error with the user's file, line and text, the reason and what to do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from frontend_helpers import Compiled

from lamella import Tensor, ops
from lamella.errors import CompileError


def refused(fn, *args):
    with pytest.raises(CompileError) as caught:
        Compiled(fn)(*(args or (Tensor([1.0, 2.0]),)))
    return str(caught.value)


@pytest.mark.parametrize(
    "use",
    [
        lambda x: int(x[0]),
        lambda x: float(x[0]),
        lambda x: x[0].item(),
        lambda x: x.asnumpy(),
        lambda x: np.arange(x[0]),
        lambda x: math.sqrt(x[0]),
        lambda x: [1, 2, 3][x[0].astype("int32")],
        lambda x: [y for y in x if y > 0],
        lambda x: x.tolist(),
    ],
)
def test_numbers_that_python_needs(use):
    message = refused(lambda x: use(x))
    assert f"{__file__}:{use.__code__.co_firstlineno}, in <lambda>" in message
    assert "lambda x: " in message.split("\n")[1]


def test_a_raise_that_depends_on_a_tensor():
    def fn(x):
        if x.sum() < 0:
            raise ValueError("negative")
        return x

    message = refused(fn)
    assert f":{fn.__code__.co_firstlineno + 2}, in fn: whether this `raise` of ValueError runs depends" in message
    assert "assert" in message


def test_a_raise_that_is_caught_where_it_is_raised():
    def get(named, key):
        if key not in named:
            raise KeyError(key)
        return named[key]

    def fn(x):
        if x.sum() > 0:
            try:
                y = x * get({}, "a")
            except KeyError:
                y = x * 2
        else:
            y = x
        return y

    assert Compiled(fn)(Tensor([1.0])).tolist() == [2.0]


def test_errors_of_the_user_s_code_pass_with_a_note():
    class OwnError(Exception):
        pass

    def fails(x):
        raise OwnError("mine")

    def fn(x):
        return fails(x)

    with pytest.raises(OwnError, match="mine") as caught:
        Compiled(fn)(Tensor([1.0]))
    assert str(caught.value) == "mine"
    (note,) = caught.value.__notes__
    assert note == f'in fails, {__file__}:{fails.__code__.co_firstlineno + 1}: raise OwnError("mine")'


def test_errors_of_ops_in_a_branch_tell_why_it_ran():
    def fn(x):
        if x.sum() > 0:
            x = x @ ops.ones((5, 5))
        return x

    with pytest.raises(ValueError) as caught:
        Compiled(fn)(Tensor([1.0]))
    assert any("while a part of `if x.sum() > 0:`" in note for note in caught.value.__notes__)


def test_an_unknown_name_is_python_s_error():
    def fn(x):
        if x.sum() > 0:
            x = missing + x  # noqa: F821
        return x

    with pytest.raises(NameError, match="missing"):
        Compiled(fn)(Tensor([1.0]))


def test_a_variable_that_was_never_bound_is_python_s_error():
    def fn(x, flag):
        if flag:
            y = x
        return y

    with pytest.raises(NameError, match="'y'"):
        Compiled(lambda x: fn(x, False))(Tensor([1.0]))


def test_branches_of_other_shapes():
    message = refused(lambda x: x if x.sum() > 0 else x[:1])
    assert "float32[2] if it is true, float32[1] if not" in message and ".astype()" in message


def test_a_jump_out_of_finally():
    def fn(x):
        try:
            x = x + 1
        finally:
            return x  # noqa: B012

    assert "a jump out of `finally`" in refused(fn)


def test_an_assignment_expression_in_a_part_that_depends_on_a_tensor():
    def fn(x):
        y = x
        if x.sum() > 0 and (y := x * 2).sum() > 1:
            y = y + 1
        return y

    assert "`:=` binds y" in refused(fn)


def test_an_asynchronous_function():
    async def fn(x):
        return x

    assert "asynchronous" in refused(fn)


def test_in_place_and_rebinding_of_one_variable_in_a_loop():
    def fn(x):
        y = x
        while x.sum() < 10:
            y[0] += 1
            y = y * 2
            x = x + y
        return y

    assert "changed in place and also given another value" in refused(fn)


def test_a_range_of_floats():
    assert "range() got a tensor of type float32[]" in refused(lambda x: [i for i in range(x.sum())])


def test_a_list_of_numbers_of_a_range_that_only_the_graph_knows():
    assert "a range whose length a graph computes" in refused(lambda x: list(range(x.sum().astype("int64"))))


def test_an_except_block_hides_nothing_that_cannot_be_compiled():
    def fn(x):
        try:
            return x * int(x[0])
        except Exception:
            return x

    def other(x):
        try:
            if x.sum() > 0:
                raise KeyError("a")
        except (KeyError, TypeError):
            x = x + 1
        return x

    def third(x):
        try:
            y = x * {"a": 2}["b"] if x.sum() > 0 else x
        except KeyError:
            y = x * 3
        return y

    assert "int()" in refused(fn)
    assert "a KeyError is caught, and it depends on a tensor whether it is raised" in refused(third)
    assert "whether this `raise` of KeyError runs" in refused(other)
