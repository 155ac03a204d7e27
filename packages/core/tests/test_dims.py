from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamella.dims import Dim, guards, needed, parse_dim
from lamella.errors import GraphError
from lamella.types import TensorType, TokenType, parse_type

SIZES = {"n": 3, "m": 7}
LEAVES = st.one_of(st.integers(0, 9), st.sampled_from(["n", "m"]).map(Dim.symbol))


def combined(children):
    def build(pair, op):
        x, y = pair
        return {
            "+": lambda: x + y,
            "-": lambda: x - y,
            "*": lambda: x * y,
            "//": lambda: x // (y + 11),
            "%": lambda: x % (y + 11),
        }[op]()

    # divisors stay positive: sizes are
    return st.builds(
        build,
        st.tuples(children, children.filter(lambda d: value(d) >= 0)),
        st.sampled_from(["+", "-", "*", "//", "%"]),
    )


def value(dim):
    return dim.evaluate(SIZES) if isinstance(dim, Dim) else dim


@given(st.recursive(LEAVES, combined, max_leaves=8))
def test_text_reads_back_to_the_same_size(dim):
    assert value(parse_dim(str(dim))) == value(dim)
    assert parse_dim(str(dim)) == dim


@given(st.recursive(LEAVES, combined, max_leaves=6), st.recursive(LEAVES, combined, max_leaves=6))
def test_arithmetic_agrees_with_that_of_ints(x, y):
    a, b = value(x), value(y)
    assert value(x + y) == a + b and value(x - y) == a - b and value(x * y) == a * b
    if b > 0:
        assert value(x // y) == a // b and value(x % y) == a % b


def test_equal_expressions_are_equal_and_others_are_not():
    n = Dim.symbol("n")
    assert 2 * n + n == 3 * n and hash(n + 1) == hash(1 + n) and n - n == 0
    assert n != 1 and n + 1 != n and (4 * n + 6) // 2 == 2 * n + 3 and (4 * n + 3) % 4 == 3


def test_comparisons_that_sizes_leave_open_are_noted():
    n, noted = Dim.symbol("n"), []
    token = guards.set(noted)
    try:
        assert n >= 0 and n + 3 > 2 and not (n < 0)
        assert noted == []
        assert n >= 5 and not (n < 10)
        assert [(str(dim), text) for dim, text in noted] == [("n - 5", ">= 0"), ("n - 10", ">= 0")]
    finally:
        guards.reset(token)


def test_a_use_as_a_number_says_what_to_do():
    n = Dim.symbol("n")
    for use in (int, bool, range):
        with pytest.raises(TypeError, match="open dimension"):
            use(n)


def test_an_unknown_size_is_named():
    with pytest.raises(GraphError, match="'n'"):
        Dim.symbol("n").evaluate({})


@pytest.mark.parametrize("text", ["n +", "f(n)", "n ** 2", "[1]", "", "__import__('os')"])
def test_other_text_is_no_dimension(text):
    with pytest.raises(GraphError):
        parse_dim(text)


@pytest.mark.parametrize("text", ["float32[n, 784]", "int8[]", "bool[2*n + 1]", "token"])
def test_types_read_back(text):
    assert str(parse_type(text)) == text
    assert parse_type(text) == parse_type(text) and hash(parse_type(text)) == hash(parse_type(text))


def test_other_text_is_no_type():
    for text in ("float33[2]", "float32", "float32[", ""):
        with pytest.raises(GraphError):
            parse_type(text)
    assert TokenType() == TokenType() and TokenType() != TensorType(parse_type("int8[]").dtype, ())


USES = {
    "int": int,
    "float": float,
    "range": range,
    "str": str,
    "repr": repr,
    "format": lambda n: f"{n:>3}",
    "tuple": lambda n: str((n, 3)),
    "key": lambda n: {n: 1},
    "division": lambda n: 1 / n,
    "power": lambda n: n**2,
    "float factor": lambda n: 0.5 * n,
    "numpy factor": lambda n: np.float32(2) * n,
    "array": np.array,
    "array of a shape": lambda n: np.ones((n, 2)),
    "numpy": np.sqrt,
    "list": lambda n: [1] * n,
    "bits": lambda n: n & 1,
    "floor": math.floor,
    "less than a float": lambda n: n < 2.5,
}


@pytest.mark.parametrize("name", USES)
def test_who_can_close_a_size_gets_to_know_that_it_is_needed(name):
    n, asked = Dim.symbol("n"), set()
    token = needed.set(asked)
    try:
        with pytest.raises(TypeError, match="a known size"):
            USES[name](n + 1)
        assert asked == {"n"}
    finally:
        needed.reset(token)


def test_uses_that_need_no_number():
    n, asked, noted = Dim.symbol("n"), set(), []
    tokens = needed.set(asked), guards.set(noted)
    try:
        assert +n is n and n == n * np.int64(1) and (n != 3.5) and (n + 1) and n != 4.0
        assert max(n, 2) is n and n not in (7, 8)
        assert not asked and {(dim._text(), text) for dim, text in noted} >= {("n - 4", "!= 0"), ("n - 7", "!= 0")}
    finally:
        needed.reset(tokens[0])
        guards.reset(tokens[1])
