from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_grad, check_graph, check_vmap
from hypothesis import given, settings
from hypothesis import strategies as st

from lamella import Tensor, ops

RNG = np.random.default_rng(4)


def random(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


A, B, V = random(4, 3), random(3, 5), random(3)
MATMULS = [
    ((4, 3), (3, 5)),
    ((3,), (3,)),
    ((3,), (3, 5)),
    ((4, 3), (3,)),
    ((2, 4, 3), (3, 5)),
    ((2, 4, 3), (3,)),
    ((4, 3), (2, 3, 5)),
    ((3,), (2, 3, 5)),
    ((2, 4, 3), (2, 3, 5)),
    ((6, 2, 4, 3), (2, 3, 5)),
    ((6, 1, 4, 3), (1, 2, 3, 5)),
    ((4, 3), (6, 2, 3, 5)),
    ((0, 3), (3, 5)),
    ((4, 0), (0, 5)),
]
CASES = {
    **{f"matmul {x} {y}": (ops.matmul, np.matmul, random(*x), random(*y)) for x, y in MATMULS if 0 not in x},
    "mm": (ops.mm, np.matmul, A, B),
    "bmm": (ops.bmm, np.matmul, random(4, 2, 3), random(4, 3, 2)),
    "bmm 4-d": (ops.bmm, np.matmul, random(4, 2, 2, 3), random(4, 2, 3, 2)),
    "mv": (ops.mv, np.matmul, A, V),
    "dot": (ops.dot, np.dot, random(4, 3), random(2, 3, 5)),
    "dot vectors": (ops.dot, np.dot, V, random(3)),
    "inner": (ops.inner, np.inner, random(4, 2, 3), random(5, 3)),
    "outer": (ops.outer, np.outer, random(4), V),
    "tensor_dot 1": (lambda x, y: ops.tensor_dot(x, y, 1), lambda x, y: np.tensordot(x, y, 1), A, B),
    "tensor_dot 0": (lambda x, y: ops.tensor_dot(x, y, 0), lambda x, y: np.tensordot(x, y, 0), V, random(2)),
    "tensor_dot axes": (
        lambda x, y: ops.tensor_dot(x, y, ((0, 2), (1, 0))),
        lambda x, y: np.tensordot(x, y, ((0, 2), (1, 0))),
        random(4, 3, 2),
        random(2, 4, 5),
    ),
    "tensor_dot axis pair": (
        lambda x, y: ops.tensor_dot(x, y, (-1, 0)),
        lambda x, y: np.tensordot(x, y, (-1, 0)),
        A,
        B,
    ),
    "dense": (ops.dense, lambda x, w: x @ w.T, random(4, 2, 3), random(5, 3)),
    "dense bias": (lambda x, w: ops.dense(x, w, Tensor(V)), lambda x, w: x @ w.T + V, random(4, 2), random(3, 2)),
    "dense vector": (ops.dense, lambda x, w: x @ w, A, V),
    "addmm": (
        lambda x, y: ops.addmm(Tensor(random_bias), x, y, beta=2, alpha=0.5),
        lambda x, y: 2 * random_bias + 0.5 * (x @ y),
        A,
        B,
    ),
    "baddbmm": (lambda x, y: ops.baddbmm(1.0, x, y), lambda x, y: 1 + x @ y, random(4, 2, 3), random(4, 3, 2)),
    "trace": (lambda x, y: ops.trace(x), lambda x, y: np.trace(x), A, B),
    "diag": (lambda x, y: ops.diag(x), lambda x, y: np.diag(x), random(4), B),
    "diagonal": (lambda x, y: ops.diagonal(x), lambda x, y: x.diagonal(), random(3, 4), B),
}
random_bias = random(5)
EINSUMS = [
    ("ij,jk->ik", (4, 3), (3, 2)),
    ("ij,jk", (4, 3), (3, 2)),
    ("ij,ij->", (4, 3), (4, 3)),
    ("ij,ij->i", (4, 3), (4, 3)),
    ("bij,bjk->bik", (4, 2, 3), (4, 3, 2)),
    ("bhqd,bhkd->bhqk", (4, 2, 3, 2), (4, 2, 5, 2)),
    ("i,j->ji", (4,), (3,)),
    ("ij->ji", (4, 3)),
    ("ij->j", (4, 3)),
    ("ba", (4, 3)),
    ("ii->i", (3, 3)),
    ("ii", (3, 3)),
    ("iij->j", (2, 2, 3)),
    ("...ij,...jk->...ik", (2, 4, 3), (3, 5)),
    ("...ij,...jk->...ik", (6, 1, 4, 3), (2, 3, 5)),
    ("i...,i->...", (4, 2, 3), (4,)),
    ("...->...", (4, 3)),
    ("...i,...i", (4, 3), (4, 3)),
    ("ij,jk,kl->il", (4, 3), (3, 2), (2, 5)),
    ("ij,j,i->", (4, 3), (3,), (4,)),
    ("a,b,c->cab", (2,), (3,), (4,)),
    ("ij,k->ij", (4, 3), (2,)),
]


@pytest.mark.parametrize("shapes", MATMULS, ids=str)
def test_matmul_equals_numpy(shapes):
    x, y = (random(*shape) for shape in shapes)
    assert_near(ops.matmul(Tensor(x), Tensor(y)), np.matmul(x, y))
    assert_near(Tensor(x) @ Tensor(y), np.matmul(x, y))


@pytest.mark.parametrize("name", CASES)
def test_numbers_equal_numpy(name):
    function, expected, x, y = CASES[name]
    wanted = expected(x, y)
    actual = function(Tensor(x), Tensor(y))
    assert actual.dtype.name == "float32"
    assert_near(actual, wanted)


@pytest.mark.parametrize("name", CASES)
def test_derivative_equals_differences(name):
    function, _, x, y = CASES[name]
    if name not in ("trace", "diag", "diagonal"):
        check_grad(function, x, y)
    else:
        check_grad(lambda t: function(t, None), x)


@pytest.mark.parametrize("name", CASES)
def test_batch_equals_examples(name):
    function, _, x, y = CASES[name]
    check_vmap(function, x, y)
    if name not in ("trace", "diag", "diagonal"):
        check_vmap(lambda t: function(t, Tensor(y)), x)
        check_vmap(lambda t: function(Tensor(x), t), y)


@pytest.mark.parametrize("name", CASES)
def test_graph_with_open_size_equals_eager(name):
    function, _, x, y = CASES[name]
    closed = name in ("matmul (3,) (2, 3, 5)", "tensor_dot axes")  # axis 0 is summed over with another axis
    check_graph(function, x, y, open_axis=not closed)


@pytest.mark.parametrize("case", EINSUMS, ids=str)
def test_einsum_equals_numpy(case):
    equation, *shapes = case
    arrays = [random(*shape) for shape in shapes]
    assert_near(ops.einsum(equation, *map(Tensor, arrays)), np.einsum(equation, *arrays))
    check_grad(lambda *xs: ops.einsum(equation, *xs), *arrays)
    check_vmap(lambda *xs: ops.einsum(equation, *xs), *arrays)


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_einsum_of_random_equations_equals_numpy(data):
    sizes = {"a": 2, "b": 3, "c": 4, "d": 1}
    terms = data.draw(st.lists(st.lists(st.sampled_from("abcd"), unique=True, max_size=3), min_size=1, max_size=3))
    names = sorted({n for term in terms for n in term})
    result = data.draw(st.permutations(names).map(lambda p: p[: len(p) // 2])) if names else []
    equation = ",".join("".join(t) for t in terms) + "->" + "".join(result)
    arrays = [random(*(sizes[n] for n in term)) for term in terms]
    assert_near(ops.einsum(equation, *map(Tensor, arrays)), np.einsum(equation, *arrays), 1e-4)


@pytest.mark.parametrize("offset", range(-4, 5))
def test_diagonal_equals_numpy(offset):
    x = RNG.integers(0, 9, (2, 4, 3))
    for first, second in ((0, 1), (1, 2), (2, 0), (-1, -2)):
        rows, columns = x.shape[first], x.shape[second]
        if -rows <= offset <= columns:
            assert_same(ops.diagonal(Tensor(x), offset, first, second), x.diagonal(offset, first, second).copy())


def test_diag_of_more_axes_doubles_them():
    x = random(2, 3)
    expected = np.zeros((2, 3, 2, 3), np.float32)
    for i, j in np.ndindex(2, 3):
        expected[i, j, i, j] = x[i, j]
    assert_same(ops.diag(Tensor(x)), expected)


@pytest.mark.parametrize("dtype", ["int8", "int64", "float16", "bfloat16", "float64"])
def test_products_keep_the_type(dtype):
    x = Tensor([[1, 2], [3, 4]]).astype(dtype)
    assert_same(ops.matmul(x, x).astype("int64"), np.array([[7, 10], [15, 22]]))
    assert ops.matmul(x, x).dtype.name == dtype


def test_products_promote_types():
    assert ops.matmul(Tensor([[1]]), Tensor([[1.5]])).item() == 1.5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: ops.matmul(x, x), ValueError, r"ops.matmul.*\(4, 3\) and \(4, 3\)"),
        (lambda x: ops.matmul(x, 2.0), ValueError, "ops.matmul"),
        (lambda x: ops.matmul(ops.ones((2, 4, 3)), ops.ones((5, 3, 2))), ValueError, "broadcast"),
        (lambda x: ops.mm(x, x[0]), ValueError, "ops.mm"),
        (lambda x: ops.bmm(x, x), ValueError, "ops.bmm"),
        (lambda x: ops.mv(x, x), ValueError, "ops.mv"),
        (lambda x: ops.dot(x, x), ValueError, "ops.dot"),
        (lambda x: ops.inner(x, x.T), ValueError, "ops.inner"),
        (lambda x: ops.outer(x, x), ValueError, "ops.outer"),
        (lambda x: ops.tensor_dot(x, x, 1), ValueError, "equal sizes"),
        (lambda x: ops.tensor_dot(x, x, 3), ValueError, "axes that exist"),
        (lambda x: ops.tensor_dot(x, x, "1"), TypeError, "two tuples"),
        (lambda x: ops.dense(x, x.T), ValueError, "ops.dense"),
        (lambda x: ops.addmm(x, x, x), ValueError, "ops.addmm"),
        (lambda x: ops.trace(x[0]), ValueError, "matrix"),
        (lambda x: ops.diag(Tensor(1.0)), ValueError, "at least one axis"),
        (lambda x: ops.diagonal(x, 0, 0, 0), ValueError, "two axes"),
        (lambda x: ops.einsum("ij", x[0]), ValueError, "1 axes"),
        (lambda x: ops.einsum("ij,jk->ik", x), ValueError, "a term for each of 1"),
        (lambda x: ops.einsum("ij->ik", x), ValueError, "names axes"),
        (lambda x: ops.einsum("ij->ii", x), ValueError, "once"),
        (lambda x: ops.einsum("i1->i", x), ValueError, "letters"),
        (lambda x: ops.einsum("ij,ij->i", x, x.T), ValueError, "equal sizes"),
        (lambda x: ops.einsum(x, "ij"), TypeError, "text"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(A))
