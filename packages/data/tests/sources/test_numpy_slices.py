from __future__ import annotations

import numpy as np
import pytest

import lamella_data as data


def test_columns_of_tuples_dicts_lists_and_arrays(p):
    assert data.NumpySlicesDataset(([1, 2], [3, 4])).get_col_names() == ["column_0", "column_1"]
    assert data.NumpySlicesDataset({"x": [1], "y": [2]}, ["u", "v"]).get_col_names() == ["u", "v"]
    assert p.rows(data.NumpySlicesDataset([[1, 2], [3, 4]], shuffle=False)) == [([1, 2],), ([3, 4],)]
    assert p.rows(data.NumpySlicesDataset(np.eye(2), "x", shuffle=False)) == [([1, 0],), ([0, 1],)]
    assert p.rows(data.NumpySlicesDataset(["a", "bcd"], "x", shuffle=False)) == [("a",), ("bcd",)]


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float64", ">f4", ">i8", "complex64"])
def test_types_stay_in_native_byte_order(dtype):
    column = np.ones((3, 2), dtype)
    assert data.NumpySlicesDataset(column).output_types() == [np.dtype(dtype).newbyteorder("=")]


def test_memory_layout_does_not_matter(p):
    column = np.arange(24).reshape(4, 6)[::-2, ::2].T
    assert p.column(data.NumpySlicesDataset(column, "x", shuffle=False)) == column.tolist()


def test_rows_may_differ_in_shape(p):
    rows = [[1, 2], [3, 4, 5]]
    dataset = data.NumpySlicesDataset(rows, "x", shuffle=False)
    assert p.column(dataset) == rows
    assert dataset.output_shapes() == [[2]] and dataset.output_shapes(estimate=True) == [[None]]


def test_random_order_is_the_default(p):
    order = p.column(data.NumpySlicesDataset(list(range(50)), "x"))
    assert sorted(order) == list(range(50)) != order


def test_num_samples_takes_that_many(p):
    assert p.column(data.NumpySlicesDataset([1, 2, 3], "x", num_samples=2, shuffle=False)) == [1, 2]
    assert len(data.NumpySlicesDataset([1, 2, 3], "x", num_samples=5)) == 3
    assert len(set(p.column(data.NumpySlicesDataset([1, 2, 3], "x", num_samples=2)))) == 2


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"data": []}, ValueError, "at least one"),
        ({"data": ()}, ValueError, "at least one"),
        ({"data": {}}, ValueError, "at least one"),
        ({"data": ([1, 2], [3])}, ValueError, r"'column_0': 2, 'column_1': 1"),
        ({"data": ([1], [2]), "column_names": ["x"]}, ValueError, "a name for each column"),
        ({"data": ([1], [2]), "column_names": ["x", "x"]}, ValueError, "more than once"),
        ({"data": 3}, TypeError, "a sequence of rows"),
        ({"data": [object()]}, TypeError, "numbers or text"),
        ({"data": [None, 1]}, TypeError, "numbers or text"),
        ({"shuffle": 1}, TypeError, "shuffle"),
        ({"num_samples": 0}, ValueError, "num_samples: got 0"),
        ({"num_parallel_workers": 0}, ValueError, "num_parallel_workers"),
        ({"num_shards": 2}, ValueError, "both num_shards and shard_id"),
        ({"shard_id": 0}, ValueError, "both num_shards and shard_id"),
        ({"num_shards": 2, "shard_id": 2}, ValueError, "from 0 to 1"),
        ({"sampler": [0], "shuffle": False}, ValueError, "sampler and shuffle"),
        ({"sampler": [0], "num_shards": 1, "shard_id": 0}, ValueError, "sampler and num_shards, shard_id"),
        ({"sampler": iter([0])}, TypeError, "sampler of this package"),
        ({"sampler": ["a"]}, TypeError, "sequence of ints"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, match):
    with pytest.raises(error, match=match):
        data.NumpySlicesDataset(**{"data": [1, 2, 3], **arguments})
