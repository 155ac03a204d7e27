from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_same, check_grad, check_graph, check_vmap
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella as ms
from lamella import Tensor, ops
from lamella.errors import ConcretizationError
from lamella.ir import Dim, TensorType

RNG = np.random.default_rng(2)
X = RNG.standard_normal((4, 3)).astype(np.float32)
Y = RNG.standard_normal((2, 3, 4, 5)).astype(np.float32)
INDEX = np.array([[2, 0], [-1, 3]])


def along(x, axis, index):
    return np.take_along_axis(x, index, axis)


CASES = {
    "gather": (lambda x, i: ops.gather(x, i, 0), lambda x, i: x[i], X, INDEX),
    "gather last": (lambda x, i: ops.gather(x, i, -1), lambda x, i: x[:, i], X.T.copy(), INDEX),
    "gather 0-d index": (lambda x, i: ops.gather(x, i, 0), lambda x, i: x[i], X, np.array(2)),
    "gather_elements": (
        lambda x, i: ops.gather_elements(x, 1, i),
        lambda x, i: along(x, 1, i),
        X,
        np.array([[2, 0], [1, 1], [-1, 0], [0, 0]]),
    ),
    "gather_d": (
        lambda x, i: ops.gather_d(x, 0, i),
        lambda x, i: along(x[:, :2], 0, i),
        X,
        np.array([[3, 0], [-4, 1]]),
    ),
    "gather_nd": (
        lambda x, i: ops.gather_nd(x, i),
        lambda x, i: x[i[..., 0], i[..., 1]],
        X,
        np.array([[3, 0], [-1, -1]]),
    ),
    "gather_nd rows": (lambda x, i: ops.gather_nd(x, i), lambda x, i: x[i[..., 0]], X, np.array([[3], [1]])),
    "index_select": (lambda x, i: ops.index_select(x, 0, i), lambda x, i: x[i], X, np.array([0, 3, 3])),
    "tensor_scatter_elements": (
        lambda x, i: ops.tensor_scatter_elements(
            x, i, Tensor(np.float64(1)).astype(x.dtype) * ops.ones((4, 2)), 1, "add"
        ),
        lambda x, i: np.stack([row + np.bincount(j, minlength=3) for row, j in zip(x, i % 3, strict=True)]).astype(
            x.dtype
        ),
        X,
        np.array([[2, 0], [1, 1], [-1, 0], [0, 0]]),
    ),
    "scatter_nd": (
        lambda x, i: ops.scatter_nd(i, x, (6, 3)),
        lambda x, i: np.stack([x[(i[:, 0] % 6) == k].sum(0, dtype=x.dtype) for k in range(6)]),
        X,
        np.array([[5], [0], [-1], [2]]),
    ),
    "sort": (lambda x, i: ops.sort(x, 0)[0], lambda x, i: np.sort(x, 0), X, INDEX),
    "sort descending": (lambda x, i: ops.sort(x, descending=True)[0], lambda x, i: -np.sort(-x, -1), X, INDEX),
    "argsort": (lambda x, i: ops.argsort(x, 0), lambda x, i: np.argsort(x, 0, kind="stable"), X, INDEX),
    "topk": (lambda x, i: ops.topk(x, 2)[0], lambda x, i: -np.sort(-x, -1)[:, :2], X, INDEX),
    "topk smallest": (lambda x, i: ops.topk(x, 2, 0, largest=False)[0], lambda x, i: np.sort(x, 0)[:2], X, INDEX),
}
CASES.update(
    {
        f"gather axis {axis} batch {batch}": (
            lambda x, i, axis=axis, batch=batch: ops.gather(x, i, axis, batch),
            None,
            Y,
            RNG.integers(-3, 3, (*Y.shape[:batch], 2)),
        )
        for axis in (1, 2, 3)
        for batch in range(1, axis + 1)
    }
)


def reference_gather(x, index, axis, batch):
    """By loops over the batch axes."""
    if not batch:
        return x.take(index, axis)
    return np.stack([reference_gather(x[i], index[i], axis - 1, batch - 1) for i in range(x.shape[0])])


@pytest.mark.parametrize("name", CASES)
def test_numbers_equal_numpy(name):
    function, expected, x, index = CASES[name]
    if expected is None:
        axis, batch = int(name.split()[2]), int(name.split()[4])
        wanted = reference_gather(x, index, axis, batch)
    else:
        wanted = expected(x, index)
    assert_same(function(Tensor(x), Tensor(index)), wanted)


@pytest.mark.parametrize("name", [name for name in CASES if name != "argsort"])
def test_derivative_equals_differences(name):
    function, _, x, index = CASES[name]
    check_grad(lambda t: function(t, Tensor(index)), x[:, :, :2, :3] if x.ndim == 4 and "axis 1" in name else x)


@pytest.mark.parametrize("name", CASES)
def test_batch_equals_examples(name):
    function, _, x, index = CASES[name]
    check_vmap(function, x, index)
    check_vmap(lambda t: function(t, Tensor(index)), x)
    check_vmap(lambda i: function(Tensor(x), i), index)


@pytest.mark.parametrize("name", [n for n in CASES if not n.startswith("topk smallest")])
def test_graph_with_open_size_equals_eager(name):
    function, _, x, index = CASES[name]
    check_graph(function, x, index, open_axis=name != "tensor_scatter_elements")


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint8])
def test_indices_may_be_of_any_integer_type(dtype):
    assert_same(ops.gather(Tensor(X), Tensor(np.array([3, 0], dtype)), 0), X[[3, 0]])


def test_scatter_of_equal_positions():
    x, index = Tensor([1.0, 2.0, 3.0]), Tensor([[2], [2]])
    updates = Tensor([10.0, 20.0])
    assert_same(ops.tensor_scatter_update(x, index, updates), np.array([1, 2, 20], np.float32))
    assert_same(ops.tensor_scatter_add(x, index, updates), np.array([1, 2, 33], np.float32))
    assert_same(
        ops.tensor_scatter_elements(x, Tensor([2, 2]), updates, reduction="none"), np.array([1, 2, 20], np.float32)
    )
    for function in (ops.tensor_scatter_update, ops.tensor_scatter_add):
        check_grad(lambda a, b, f=function: f(a, index, b), np.ones(3), np.ones(2))


@given(st.integers(1, 3), st.data())
@settings(max_examples=40, deadline=None)
def test_tensor_scatter_update_equals_numpy_assignment(m, data):
    shape = (3, 2, 4)
    x = np.zeros(shape, np.float32)
    rows = data.draw(st.lists(st.tuples(*(st.integers(-n, n - 1) for n in shape[:m])), min_size=1, max_size=6))
    index = np.array(rows)
    updates = np.arange(1, 1 + len(rows) * int(np.prod(shape[m:])), dtype=np.float32).reshape(len(rows), *shape[m:])
    expected = x.copy()
    expected[tuple(index.T)] = updates
    assert_same(ops.tensor_scatter_update(Tensor(x), Tensor(index), Tensor(updates)), expected)


def test_sort_is_stable_and_puts_nan_last():
    values, indices = ops.sort(Tensor([2.0, float("nan"), 1.0, 2.0]))
    assert_same(values, np.array([1, 2, 2, np.nan], np.float32))
    assert indices.tolist() == [2, 0, 3, 1]
    assert ops.argsort(Tensor([1, 1, 1]), descending=True).tolist() == [0, 1, 2]


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_searchsorted_equals_numpy(right, dtype):
    for size in (0, 1, 2, 3, 7, 8, 9):
        sequence = np.sort(RNG.integers(0, 6, size)).astype(dtype)
        values = RNG.integers(-1, 8, (3, 4)).astype(dtype)
        assert_same(
            ops.searchsorted(Tensor(sequence), Tensor(values), right=right),
            np.searchsorted(sequence, values, "right" if right else "left"),
        )
    rows = np.sort(RNG.standard_normal((3, 5)), 1).astype(np.float32)
    values = RNG.standard_normal((3, 4)).astype(np.float32)
    expected = np.stack([np.searchsorted(r, v) for r, v in zip(rows, values, strict=True)])
    assert_same(ops.searchsorted(Tensor(rows), Tensor(values), out_int32=True), expected.astype(np.int32))


def test_searchsorted_counts_nan_as_the_largest():
    sequence, values = np.array([1, 2, np.nan], np.float32), np.array([np.nan, 3], np.float32)
    for right in (False, True):
        expected = np.searchsorted(sequence, values, "right" if right else "left")
        assert_same(ops.searchsorted(Tensor(sequence), Tensor(values), right=right), expected)


def test_unique_keeps_the_order_of_first_appearance_and_has_a_derivative():
    x = np.array([[3, 1, 3], [2, 1, 0]])
    values, indices = ops.unique(Tensor(x))
    assert values.tolist() == [3, 1, 2, 0]
    assert_same(ops.gather(values, indices, 0), x)
    x = RNG.integers(0, 9, 40)
    values, indices = ops.unique(Tensor(x))
    assert values.tolist() == list(dict.fromkeys(x.tolist()))
    assert_same(ops.gather(values, indices, 0), x)
    check_grad(lambda t: ops.unique(t)[0] ** 2, np.array([3.0, 1.0, 2.0]))
    assert [t.shape for t in ops.unique(ops.zeros((0,)))] == [(0,), (0,)]


def test_masked_select_and_nonzero_equal_numpy():
    assert_same(ops.masked_select(Tensor(X), Tensor(X > 0)), X[X > 0])
    assert_same(ops.masked_select(Tensor(X), Tensor(np.array([True, False, True]))), X[:, [0, 2]].reshape(-1))
    assert_same(ops.nonzero(Tensor(X > 0)), np.argwhere(X > 0))
    assert_same(ops.nonzero(Tensor(0.0)), np.zeros((0, 0), np.int64))
    check_grad(lambda x: ops.masked_select(x, Tensor(X > 0)), X)


@pytest.mark.parametrize("function", [ops.nonzero, lambda x: ops.unique(x), lambda x: ops.masked_select(x, x > 0)])
def test_sizes_that_depend_on_numbers_are_refused_in_graphs_and_under_vmap(function):
    with pytest.raises(ConcretizationError, match="size of the result depends"):
        ms.ir.build(function, TensorType(ms.float32, (Dim.symbol("n"), 3)))
    with pytest.raises(ConcretizationError, match="size of the result depends"):
        ms.vmap(function)(Tensor(X))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: ops.gather(x, Tensor([4]), 0), IndexError, "index 4.*0 to 3"),
        (lambda x: ops.gather(x, Tensor([-5]), 0), IndexError, "-1|-5"),
        (lambda x: ops.gather(x, Tensor([1.0]), 0), TypeError, "integers"),
        (lambda x: ops.gather(x, Tensor([1]), 2), ValueError, "axis=2"),
        (lambda x: ops.gather(x, Tensor([[1]]), 0, 1), ValueError, "batch_dims"),
        (lambda x: ops.gather(x, Tensor([[1]]), 1, 1), ValueError, "leading axes"),
        (lambda x: ops.gather_elements(x, 0, Tensor([1])), ValueError, "2 axes"),
        (lambda x: ops.gather_elements(x, 1, Tensor([[3]])), IndexError, "index 3"),
        (lambda x: ops.gather_elements(x, 0, ops.zeros((1, 4), "int32")), IndexError, "index 3"),
        (lambda x: ops.gather_nd(x, Tensor([[0, 0, 0]])), ValueError, "m <= 2"),
        (lambda x: ops.gather_nd(x, Tensor([[0, 3]])), IndexError, "index 3"),
        (lambda x: ops.index_select(x, 0, Tensor([[0]])), ValueError, "one axis"),
        (lambda x: ops.masked_select(x, x), TypeError, "bool"),
        (lambda x: ops.masked_select(x, Tensor([True])[:0]), ValueError, "broadcast"),
        (lambda x: ops.tensor_scatter_elements(x, Tensor([[5]]), Tensor([[1.0]])), IndexError, "index 5"),
        (lambda x: ops.tensor_scatter_elements(x, Tensor([[0]]), Tensor([1.0])), ValueError, "updates of shape"),
        (lambda x: ops.tensor_scatter_elements(x, Tensor([[0]]), 1.0, reduction="max"), ValueError, "'add'"),
        (lambda x: ops.scatter_nd(Tensor([[7]]), Tensor([1.0]), (3,)), IndexError, "index 7"),
        (lambda x: ops.topk(x, 4), ValueError, "k=4"),
        (lambda x: ops.topk(x, 1.0), TypeError, "int"),
        (lambda x: ops.sort(Tensor(1.0)), ValueError, "at least one axis"),
        (lambda x: ops.searchsorted(x, x[:2]), ValueError, "leading axes"),
    ],
)
def test_bad_arguments_are_worded(call, error, words):
    with pytest.raises(error, match=words):
        call(Tensor(X))
