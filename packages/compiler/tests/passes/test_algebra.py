from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamella import ir
from lamella.ops import prims
from lamella.ops.define.constants import scalar
from lamella.types import parse_type
from lamella_compiler.passes.algebra import simplify
from lamella_compiler.passes.dead import prune

X = "float32[2, 13]"


def unary(*ops: str, kind: str = X) -> str:
    lines = "\n".join(f"%{i + 1}: {kind} = {op}(%{i})" for i, op in enumerate(ops))
    return f"graph g(%0: {kind}) -> {kind} {{ {lines} return %{len(ops)} }}"


def with_constant(op: str, value: str, kind: str = X, side: int = 1, result: str = "") -> str:
    dtype = kind.partition("[")[0]
    operands = "%0, %1" if side else "%1, %0"
    return (
        f"graph g(%0: {kind}) -> {result or kind} {{ %1: {dtype}[] = constant() {{value={dtype}[]({value})}} "
        f"%2: {result or kind} = {op}({operands}) return %2 }}"
    )


IDENTITY = f"graph g(%0: {X}) -> {X} {{ return %0 }}"


@pytest.mark.parametrize(
    ("op", "value", "side"),
    [
        ("add", "-0.0", 0), ("add", "-0.0", 1), ("sub", "0.0", 1), ("mul", "1.0", 0), ("mul", "1.0", 1),
        ("div", "1.0", 1), ("pow", "1.0", 1), ("maximum", "-inf", 0), ("minimum", "inf", 1),
    ],
)  # fmt: skip
def test_neutral_floats(becomes, op, value, side):
    becomes(simplify, with_constant(op, value, side=side), IDENTITY)


@pytest.mark.parametrize(
    ("op", "value", "side"),
    [("add", "0.0", 1), ("sub", "-0.0", 1), ("sub", "0.0", 0), ("mul", "0.0", 1), ("div", "1.0", 0), ("div", "3.0", 1)],
)
def test_floats_that_change_zeros_or_nan_stay(becomes, op, value, side):
    becomes(simplify, with_constant(op, value, side=side), with_constant(op, value, side=side))


@pytest.mark.parametrize(
    ("op", "value"),
    [("add", 0), ("sub", 0), ("mul", 1), ("floor_div", 1), ("maximum", -(2**31)), ("minimum", 2**31 - 1),
     ("bitwise_or", 0), ("bitwise_xor", 0), ("shift_left", 0), ("shift_right", 0)],
)  # fmt: skip
def test_neutral_integers(becomes, op, value):
    kind = "int32[5]"
    becomes(simplify, with_constant(op, str(value), kind), f"graph g(%0: {kind}) -> {kind} {{ return %0 }}")


def test_a_neutral_operand_that_stretches_the_other(becomes):
    becomes(
        simplify,
        "graph g(%0: float32[3]) -> float32[2, 3] { %1: float32[] = constant() {value=float32[](1.0)} "
        "%2: float32[2, 3] = broadcast_to(%1) {shape=(2, 3)} %3: float32[2, 3] = mul(%0, %2) return %3 }",
        "graph g(%0: float32[3]) -> float32[2, 3] { %1: float32[2, 3] = broadcast_to(%0) {shape=(2, 3)} return %1 }",
    )


def test_zero_times_integers(becomes):
    becomes(
        simplify,
        with_constant("mul", "0", "int32[3]"),
        "graph g(%0: int32[3]) -> int32[3] { %1: int32[] = constant() {value=int32[](0)} "
        "%2: int32[3] = broadcast_to(%1) {shape=(3,)} return %2 }",
    )


@pytest.mark.parametrize("ops", [("neg", "neg"), ("neg", "neg", "neg", "neg")])
def test_negations_cancel(becomes, ops):
    becomes(simplify, unary(*ops), IDENTITY)


@pytest.mark.parametrize("op", ["floor", "ceil", "round", "sign", "abs"])
def test_repetition_of_what_is_idempotent(becomes, op):
    becomes(simplify, unary(op, op, op), unary(op))


def test_the_sign_before_an_absolute_value(becomes):
    becomes(simplify, unary("neg", "abs"), unary("abs"))


@pytest.mark.parametrize(("op", "instead"), [("add", "sub"), ("sub", "add")])
def test_operands_that_are_negated(becomes, op, instead):
    head = f"graph g(%0: {X}, %1: {X}) -> {X}"
    becomes(
        simplify,
        f"{head} {{ %2: {X} = neg(%1) %3: {X} = {op}(%0, %2) return %3 }}",
        f"{head} {{ %2: {X} = {instead}(%0, %1) return %2 }}",
    )


@pytest.mark.parametrize("op", ["mul", "div"])
def test_two_negated_operands(becomes, op):
    head = f"graph g(%0: {X}, %1: {X}) -> {X}"
    becomes(
        simplify,
        f"{head} {{ %2: {X} = neg(%0) %3: {X} = neg(%1) %4: {X} = {op}(%2, %3) return %4 }}",
        f"{head} {{ %2: {X} = {op}(%0, %1) return %2 }}",
    )


def test_multiplication_by_minus_one(becomes):
    becomes(simplify, with_constant("mul", "-1.0"), unary("neg"))


@pytest.mark.parametrize(("divisor", "factor"), [("4.0", "0.25"), ("-0.5", "-2.0"), ("64.0", "0.015625")])
def test_division_by_a_power_of_two(becomes, divisor, factor):
    becomes(simplify, with_constant("div", divisor), with_constant("mul", factor))


def test_division_by_a_power_of_two_whose_inverse_is_no_number_stays(becomes):
    becomes(simplify, with_constant("div", "1e-45"), with_constant("div", "1e-45"))


def test_square(becomes):
    becomes(simplify, with_constant("pow", "2.0"), f"graph g(%0: {X}) -> {X} {{ %1: {X} = mul(%0, %0) return %1 }}")


@pytest.mark.parametrize("op", ["maximum", "minimum"])
def test_the_greater_of_equals(becomes, op):
    becomes(simplify, f"graph g(%0: {X}) -> {X} {{ %1: {X} = {op}(%0, %0) return %1 }}", IDENTITY)


def test_integers_compared_with_themselves(becomes):
    becomes(
        simplify,
        "graph g(%0: int64[2]) -> bool[2] { %1: bool[2] = le(%0, %0) return %1 }",
        "graph g(%0: int64[2]) -> bool[2] { %1: bool[] = constant() {value=bool[](True)} "
        "%2: bool[2] = broadcast_to(%1) {shape=(2,)} return %2 }",
    )


def test_floats_compared_with_themselves_stay(becomes):
    text = f"graph g(%0: {X}) -> bool[2, 13] {{ %1: bool[2, 13] = eq(%0, %0) return %1 }}"
    becomes(simplify, text, text)


def test_select_of_equals_and_by_what_is_known(becomes):
    head = f"graph g(%0: bool[13], %1: {X}, %2: {X}) -> {X}"
    becomes(simplify, f"{head} {{ %3: {X} = select(%0, %1, %1) return %3 }}", f"{head} {{ return %1 }}")
    becomes(
        simplify,
        f"{head} {{ %3: bool[] = constant() {{value=bool[](False)}} %4: {X} = select(%3, %1, %2) return %4 }}",
        f"{head} {{ return %2 }}",
    )
    becomes(
        simplify,
        f"{head} {{ %3: bool[13] = bitwise_not(%0) %4: {X} = select(%3, %1, %2) return %4 }}",
        f"{head} {{ %3: {X} = select(%0, %2, %1) return %3 }}",
    )


BINARY = [prims.add, prims.sub, prims.mul, prims.div, prims.maximum, prims.minimum]
UNARY = [prims.neg, prims.abs, prims.floor, prims.ceil, prims.sign]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=8), st.sampled_from(["float32", "float64", "float16"]))
def test_chains_of_arithmetic_give_the_same_bits(same_bits, numbers, dtype):
    constants = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, np.inf, -np.inf]

    def program(x, y):
        values = [x, y]
        for n in numbers:
            pick, other = values[n % len(values)], values[(n // 7) % len(values)]
            if n % 3 == 0:
                values.append(UNARY[n % len(UNARY)](pick))
            elif n % 3 == 1:
                values.append(BINARY[n % len(BINARY)](pick, other))
            else:
                number = scalar(constants[n % len(constants)], x.dtype)
                values.append(BINARY[n % len(BINARY)](*((pick, number) if n % 2 else (number, pick))))
        return values[-1]

    graph = ir.build(program, *[parse_type(f"{dtype}[13]")] * 2)
    same_bits(graph, ir.verify(prune(simplify(graph))), rounds=3)
