from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_grad, check_graph, check_vmap
from scipy import special

import lamella as ms
from lamella import Tensor, ops

RNG = np.random.default_rng(9)
X = RNG.standard_normal((4, 3)).astype(np.float32)
Y = RNG.standard_normal((4, 1)).astype(np.float32)
P = np.abs(X) + 0.5
UNIT = np.tanh(X) * np.float32(0.9)
FLOATS = ["float16", "bfloat16", "float32", "float64"]
INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]

BINARY = {
    "add": (np.add, X, Y),
    "sub": (np.subtract, X, Y),
    "mul": (np.multiply, X, Y),
    "div": (np.divide, X, Y + 3),
    "pow": (np.power, P, Y),
    "maximum": (np.maximum, X, Y),
    "minimum": (np.minimum, X, Y),
    "atan2": (np.arctan2, X, Y),
    "floor_div": (np.floor_divide, X * 5, P),
    "floor_mod": (np.mod, X * 5, P),
}
COMPARE = {
    "equal": np.equal,
    "not_equal": np.not_equal,
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
}
UNARY = {
    "neg": (np.negative, X), "abs": (np.abs, X), "sign": (np.sign, X), "exp": (np.exp, X), "expm1": (np.expm1, X),
    "log": (np.log, P), "log1p": (np.log1p, P), "sqrt": (np.sqrt, P), "rsqrt": (lambda x: 1 / np.sqrt(x), P),
    "sin": (np.sin, X), "cos": (np.cos, X), "tan": (np.tan, UNIT), "asin": (np.arcsin, UNIT), "acos": (np.arccos, UNIT),
    "atan": (np.arctan, X), "sinh": (np.sinh, X), "cosh": (np.cosh, X), "tanh": (np.tanh, X), "asinh": (np.arcsinh, X),
    "acosh": (np.arccosh, P + 1), "atanh": (np.arctanh, UNIT), "sigmoid": (special.expit, X), "erf": (special.erf, X),
    "floor": (np.floor, X * 5), "ceil": (np.ceil, X * 5), "round": (np.rint, X * 5), "square": (np.square, X),
    "reciprocal": (np.reciprocal, P),
}  # fmt: skip
STEPS = {"floor", "ceil", "round", "sign", "floor_div"}


@pytest.mark.parametrize("name", UNARY)
def test_unary_under_every_engine(name):
    expected, x = UNARY[name]
    function = getattr(ops, name)
    assert_near(function(Tensor(x)), expected(x))
    check_vmap(function, x)
    check_graph(function, x)
    if name not in STEPS:
        check_grad(function, x)
        check_grad(lambda t: ms.grad(lambda u: function(u).sum())(t), x)


@pytest.mark.parametrize("name", BINARY)
def test_binary_under_every_engine(name):
    expected, x, y = BINARY[name]
    function = getattr(ops, name)
    assert_near(function(Tensor(x), Tensor(y)), expected(x, y))
    assert_near(function(Tensor(x), 2), expected(x, np.float32(2)))
    assert_near(function(2, Tensor(P)), expected(np.float32(2), P))
    check_vmap(function, x, y)
    check_graph(function, x, y)
    if name not in STEPS:
        check_grad(function, x, y)


@pytest.mark.parametrize("name", COMPARE)
def test_comparisons_equal_numpy_with_nan(name):
    x = np.array([1, 2, np.nan, np.inf], np.float32)
    assert_same(getattr(ops, name)(Tensor(x), Tensor(x[::-1].copy())), COMPARE[name](x, x[::-1]))
    assert_same(getattr(ops, name)(Tensor(x), 2), COMPARE[name](x, 2))
    assert_same(getattr(ops, name)(Tensor([True, False]), True), COMPARE[name](np.array([True, False]), True))


@pytest.mark.parametrize("dtype", INTS)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "floor_div", "floor_mod", "maximum", "minimum"])
def test_integers_equal_numpy(name, dtype):
    x, y = np.array([100, 7, 1], dtype), np.array([100, 3, 2], dtype)
    with np.errstate(over="ignore"):
        assert_same(getattr(ops, name)(Tensor(x), Tensor(y)), BINARY[name][0](x, y))


@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_keep_their_type(dtype):
    x = Tensor(P).astype(dtype)
    for name in [*UNARY, *BINARY]:
        function = getattr(ops, name)
        assert (function(x, x) if name in BINARY else function(x)).dtype.name == dtype


def test_integers_become_float32_where_the_result_is_not_whole():
    x = Tensor([1, 2])
    for name in ("exp", "sin", "sigmoid", "sqrt", "reciprocal"):
        assert getattr(ops, name)(x).dtype is ms.float32
    assert ops.div(x, x).dtype is ms.float32
    assert (x / 2).dtype is ms.float32
    assert ops.div(x, x, rounding_mode="floor").dtype is ms.int64


@pytest.mark.parametrize("mode", ["floor", "trunc"])
@pytest.mark.parametrize("dtype", ["int32", "float32"])
def test_rounded_division(mode, dtype):
    x = np.array([7, -7, 7, -7, 6, -6, 0], dtype)
    y = np.array([2, 2, -2, -2, 3, 3, 5], dtype)
    exact = x.astype(np.float64) / y
    expected = (np.floor if mode == "floor" else np.trunc)(exact)
    assert_same(ops.div(Tensor(x), Tensor(y), rounding_mode=mode), expected.astype(dtype))


def test_python_numbers_take_the_tensors_type():
    assert (Tensor([1.0], dtype="float16") + 1.5).dtype is ms.float16
    assert (Tensor(np.int8(1)) + 1).dtype is ms.int8
    assert (Tensor(np.int8(1)) + 1.5).dtype is ms.float32
    assert (Tensor(True) + 1).dtype is ms.int64
    with pytest.raises(ValueError, match="-128 to 127"):
        Tensor(np.int8(1)) + 1000


def test_a_negative_zero_keeps_its_sign_after_a_positive_one():
    x = Tensor([1.0])
    assert_same(x * 0.0, np.float32([0.0]))
    assert np.signbit((x * -0.0).asnumpy())


def test_a_number_beyond_the_tensors_type_is_infinite_in_it():
    assert_same(Tensor([1.0]) + -1e300, np.float32([-np.inf]))


def test_bitwise_and_logical_functions_equal_numpy():
    x, y = np.array([6, 5, 0]), np.array([3, 1, 7])
    for name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
        assert_same(getattr(ops, name)(Tensor(x), Tensor(y)), getattr(np, name)(x, y))
    for name in ("logical_and", "logical_or", "logical_xor"):
        assert_same(getattr(ops, name)(Tensor(x), Tensor([0.0, 1.0, 1.0])), getattr(np, name)(x, [0, 1, 1]))
    assert_same(ops.bitwise_not(Tensor(x)), ~x)
    assert_same(ops.logical_not(Tensor(x)), x == 0)
    assert_same(~Tensor([True, False]), np.array([False, True]))


def test_special_numbers():
    x = np.array([np.nan, np.inf, -np.inf, 0.0], np.float32)
    assert_same(ops.isnan(Tensor(x)), np.isnan(x))
    assert_same(ops.isfinite(Tensor(x)), np.isfinite(x))
    assert_same(ops.sign(Tensor(x)), np.sign(x))
    assert_same(ops.maximum(Tensor(x), 0.0), np.maximum(x, 0))
    assert_same(ops.isnan(Tensor([1])), np.array([False]))


def test_empty_and_0d():
    assert ops.add(ops.zeros((0, 3)), 1).shape == (0, 3)
    assert ops.add(ops.zeros((0, 3)), ops.zeros((3,))).shape == (0, 3)
    assert ops.exp(Tensor(0.0)).shape == ()


def test_other_names_are_the_same_functions():
    pairs = {
        "absolute": "abs",
        "negative": "neg",
        "subtract": "sub",
        "multiply": "mul",
        "eq": "equal",
        "ge": "greater_equal",
        "divide": "div",
        "arctan2": "atan2",
        "floor_divide": "floor_div",
    }
    for name, other in pairs.items():
        assert getattr(ops, name) is getattr(ops, other)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: ops.add(x, Tensor([1.0, 2.0])), ValueError, r"shapes \(4, 3\) and \(2,\)"),
        (lambda x: ops.add(x, "1"), TypeError, "ops.add.*str"),
        (lambda x: ops.exp(None), TypeError, "ops.exp.*NoneType"),
        (lambda x: ops.bitwise_and(x, x), TypeError, "ops.bitwise_and.*float32"),
        (lambda x: ops.div(x, x, rounding_mode="up"), ValueError, "'trunc'"),
        (lambda x: Tensor(np.uint64(1)) + Tensor(1), TypeError, "uint64 and int64"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X))
