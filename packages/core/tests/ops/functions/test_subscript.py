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

SHAPE = (4, 5, 3)
X = np.arange(60, dtype=np.float32).reshape(SHAPE)


@st.composite
def indices(draw):
    """An index of a tensor of SHAPE, possibly one that NumPy refuses."""
    items: list[object] = []
    axis = 0
    for _ in range(draw(st.integers(1, 4))):
        n = SHAPE[min(axis, 2)]
        bound = st.none() | st.integers(-n - 1, n + 1)
        item = draw(
            st.one_of(
                st.integers(-n, n - 1),
                st.builds(slice, bound, bound, st.sampled_from([None, 1, 2, 3, -1, -2])),
                st.just(None),
                st.just(Ellipsis),
                st.lists(st.integers(-n, n - 1), min_size=1, max_size=3).map(np.array),
                st.lists(st.integers(-n, n - 1), min_size=4, max_size=4).map(lambda i: np.array(i).reshape(2, 2)),
                st.lists(st.booleans(), min_size=n, max_size=n).map(np.array),
                st.booleans().map(np.array),
            )
        )
        items.append(item)
        axis += (item is not None and item is not Ellipsis and np.asarray(item).shape != ()) or isinstance(item, int)
    return tuple(items)


def as_given(index, with_tensors):
    """Arrays in an index as tensors, or as they are."""
    return tuple(Tensor(i) if with_tensors and isinstance(i, np.ndarray) else i for i in index)


@given(indices(), st.booleans())
@settings(max_examples=400, deadline=None)
def test_reading_equals_numpy(index, with_tensors):
    try:
        expected = X[index]
    except (IndexError, ValueError):
        with pytest.raises((IndexError, ValueError)):
            Tensor(X)[as_given(index, with_tensors)]
        return
    try:
        actual = Tensor(X)[as_given(index, with_tensors)]
    except IndexError:
        assert not expected.size  # NumPy does not look at the indices of an empty result
    else:
        assert_same(actual, expected)


@given(indices(), st.booleans(), st.data())
@settings(max_examples=400, deadline=None)
def test_writing_equals_numpy(index, with_tensors, data):
    try:
        shape = X[index].shape
        Tensor(X)[as_given(index, with_tensors)]
    except (IndexError, ValueError):
        return
    value = np.float32(7)
    if data.draw(st.booleans()) and shape:
        cut = data.draw(st.integers(0, len(shape)))
        stretched = tuple(1 if data.draw(st.booleans()) else n for n in shape[cut:])
        value = -np.arange(1, 1 + int(np.prod(stretched)), dtype=np.float32).reshape(stretched)
    expected = X.copy()
    expected[index] = value
    x = Tensor(X)
    x[as_given(index, with_tensors)] = Tensor(value) if with_tensors else value
    assert_same(x, expected)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int64", "float16", "bfloat16", "float64"])
def test_every_dtype_can_be_indexed_and_written(dtype):
    x = Tensor(X > 30).astype(dtype)
    array = x.asnumpy().copy()
    assert_same(x[1:, ::-2, [0, 2]], array[1:, ::-2, [0, 2]])
    x[0, [1, 2]] = 1
    array[0, [1, 2]] = 1
    assert_same(x, array)


def test_written_values_take_the_tensors_type():
    x = Tensor([1, 2, 3])
    x[0] = 7.9
    x[1] = Tensor(2.5)
    assert_same(x, np.array([7, 2, 3]))
    with pytest.raises(ValueError, match="-128 to 127"):
        Tensor(np.zeros(2, np.int8))[0] = 300


def test_lists_and_scalars_as_indices():
    x = Tensor(X)
    assert_same(x[[0, 2]], X[[0, 2]])
    assert_same(x[np.int64(1)], X[1])
    assert_same(x[True], X[True])
    assert_same(x[[]], X[np.array([], np.int64)])
    assert_same(x[Tensor(1)], X[1])
    assert_same(x[Tensor([1], dtype="uint8")], X[[1]])
    assert_same(Tensor(5.0)[()], np.float32(5))
    assert_same(Tensor(5.0)[None, ...], np.float32([5]))
    assert_same(Tensor(X[:0])[:, 1], X[:0, 1])


def test_last_of_equal_positions_stays():
    x = ops.zeros(3)
    x[[1, 1]] = Tensor([5.0, 6.0])
    assert x.tolist() == [0.0, 6.0, 0.0]


READS = {
    "slice": lambda x: x[1:, ::2],
    "negative steps": lambda x: x[::-1, ::-2],
    "bounded negative step": lambda x: x[:, 3:0:-2],
    "int": lambda x: x[:, 1],
    "last": lambda x: x[-1],
    "new axes": lambda x: x[:, None, ..., None],
    "list": lambda x: x[:, [2, 0, 2]],
    "two lists": lambda x: x[:, [2, 0], [1, 1]],
    "separated lists": lambda x: x[[1, 0], :, [1, 1]],
    "tensor": lambda x: x[:, Tensor([[0, 1], [2, 3]])],
    "mask": lambda x: x[:, np.array([True, False, True, False, True])],
}


def written(index, value):
    def function(x, v):
        y = x * 1
        y[index] = value(v)
        return y

    return function


WRITES = {
    "number": written((slice(None), 1), lambda v: v[0, 0, 0]),
    "slice": written((slice(None), slice(0, 2)), lambda v: v[:, :2]),
    "negative step": written((slice(None), slice(None, None, -1)), lambda v: v),
    "broadcast": written((slice(None), slice(1, 3)), lambda v: v[0, 0]),
    "list": written((slice(None), [2, 0]), lambda v: v[:, :2]),
    "equal positions": written((slice(None), [2, 2]), lambda v: v[:, :2]),
    "last row": written(-1, lambda v: v[0]),
}


@pytest.mark.parametrize("name", READS)
def test_reading_under_every_engine(name):
    check_grad(READS[name], X / 10)
    check_vmap(READS[name], X)
    check_graph(READS[name], X)


@pytest.mark.parametrize("name", WRITES)
def test_writing_under_every_engine(name):
    check_grad(WRITES[name], X / 10, np.cos(X))
    check_vmap(WRITES[name], X, np.cos(X))
    check_graph(WRITES[name], X, np.cos(X))


def test_masked_assignment_of_a_number_works_in_graphs_and_under_vmap():
    def function(x):
        y = x * 1
        y[y > 20] = 0.0
        y[y[:, 0, 0] < 5] = 1.0
        return y

    check_graph(function, X)
    check_vmap(function, X)
    check_grad(function, X + 0.5)


def test_reading_by_a_mask_is_refused_where_its_size_is_unknown():
    with pytest.raises(ConcretizationError, match=r"ops.where\(mask, x, other\)"):
        ms.ir.build(lambda x: x[x > 0], TensorType(ms.float32, (3,)))
    with pytest.raises(ConcretizationError, match="mask"):
        ms.vmap(lambda x: x[x > 0])(Tensor(X))


def test_change_in_place_of_a_slice_raises_and_of_a_gathered_copy_does_not():
    x = Tensor(X)
    with pytest.raises(RuntimeError, match="indexing"):
        x[0][0] = 1
    with pytest.raises(RuntimeError, match="indexing"):
        x[...][0] = 1
    gathered = x[[0, 1]]
    gathered[0] = 1
    assert_same(x, X)


def test_every_name_of_a_tensor_sees_a_change_and_no_other_tensor_does():
    x = Tensor(X)
    same, copied, array = x, x.copy(), x.asnumpy()
    x[0] = -1
    assert same[0, 0, 0].item() == -1
    assert_same(copied, X)
    np.testing.assert_array_equal(array, X)


@pytest.mark.parametrize(
    ("index", "error", "words"),
    [
        (4, IndexError, "index 4 for axis 0 of size 4"),
        (-5, IndexError, "-4 <= index < 4"),
        ((0, 0, 0, 0), IndexError, "4 indices for 3 axes"),
        ((..., ...), IndexError, "more than one"),
        (1.0, TypeError, "1.0 of type float"),
        ("x", TypeError, "ints, slices"),
        (Tensor([1.0]), TypeError, "float32 tensor"),
        (slice(None, None, 0), ValueError, "step 0"),
        (slice(0, 1.5), TypeError, "1.5"),
        (Tensor([9]), IndexError, "index 9"),
        ([-5], IndexError, "-5|-1"),
        (np.ones(3, bool), IndexError, r"mask of shape \(3,\)"),
        (([0, 1], [0, 1, 2]), IndexError, "shapes that broadcast"),
    ],
)
def test_bad_indices_are_worded(index, error, words):
    with pytest.raises(error, match=words):
        Tensor(X)[index]
    with pytest.raises(error, match=words):
        Tensor(X)[index] = 0


@pytest.mark.parametrize("value", [Tensor([1.0, 2.0]), np.ones((4, 5, 4))])
def test_values_that_do_not_stretch_are_worded(value):
    with pytest.raises(ValueError, match="one that stretches to"):
        Tensor(X)[:, :, :] = value


def test_open_sizes():
    n = Dim.symbol("n")
    kind = TensorType(ms.float32, (n, 3))
    graph = ms.ir.build(lambda x: (x[1:], x[:-1], x[-1], x[::-1], x[::2]), kind)
    assert [str(r.type) for r in graph.results] == [
        "float32[n - 1, 3]",
        "float32[n - 1, 3]",
        "float32[3]",
        "float32[n, 3]",
        "float32[((n + 1) // (2)), 3]",
    ]
    with pytest.raises(TypeError, match="a known size"):
        ms.ir.build(lambda x: x[3::-1], kind)
