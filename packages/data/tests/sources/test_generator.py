from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

import lamella_data as data


class Pairs:
    def __init__(self):
        self.table = np.arange(10.0).reshape(5, 2)

    def __getitem__(self, i):
        return self.table[i], i

    def __len__(self):
        return 5


class Counter:
    """An iterable that is its own iterator, as in MindSpore's documentation."""

    def __iter__(self):
        self.at = 0
        return self

    def __next__(self):
        if self.at == 3:
            raise StopIteration
        self.at += 1
        return self.at

    def __len__(self):
        return 3


def test_reads_items_in_the_sampler_s_order(p):
    assert p.rows(data.GeneratorDataset(Pairs(), ["x", "i"], sampler=[4, 0])) == [([8, 9], 4), ([0, 1], 0)]
    rows = p.rows(data.GeneratorDataset(Pairs(), ["x", "i"]))
    assert sorted(i for _, i in rows) == list(range(5))
    assert len(data.GeneratorDataset(Pairs(), ["x", "i"], num_shards=2, shard_id=1)) == 3


@pytest.mark.parametrize(
    "source",
    [lambda: iter([1, 2, 3]), lambda: ((i,) for i in (1, 2, 3)), Counter(), {1, 2, 3}, lambda: [[1], [2], [3]]],
)
def test_reads_iterables_and_functions_again_in_every_epoch(p, source):
    dataset = data.GeneratorDataset(source, "x")
    assert p.column(dataset) == [1, 2, 3] == p.column(dataset)
    assert p.column(dataset.repeat(2)) == [1, 2, 3, 1, 2, 3]
    assert len(dataset) == 3


def test_a_tuple_or_list_is_a_row_of_columns_and_an_array_is_one_column(p):
    assert p.rows(data.GeneratorDataset([[1, 2.5]], ["x", "y"])) == [(1, 2.5)]
    assert p.rows(data.GeneratorDataset(lambda: [np.arange(2)], "x")) == [([0, 1],)]
    with pytest.raises(ValueError, match=r"a row with 2 columns for column_names \['x'\]"):
        p.rows(data.GeneratorDataset([[1, 2]], "x"))


def test_rows_are_copied_from_their_owner():
    source = Pairs()
    dataset = data.GeneratorDataset(source, ["x", "i"])
    for x, _ in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True):
        x[...] = -1
    assert source.table.tolist() == np.arange(10.0).reshape(5, 2).tolist()


@pytest.mark.parametrize("size", [1, 2])
def test_an_array_may_be_filled_again_for_every_row(size):
    frame = np.zeros((2, 2), np.float32)

    def frames():
        for i in range(4):
            frame[...] = i
            yield (frame,)

    dataset = data.GeneratorDataset(frames, ["x"])
    dataset = dataset.batch(size) if size > 1 else dataset
    rows = [x.asnumpy() for (x,) in dataset.create_tuple_iterator(num_epochs=1)]
    frame += 1
    assert [float(x) for row in rows for x in row.reshape(size, 4)[:, 0]] == [0, 1, 2, 3]


def test_reads_no_row_that_nobody_asked_for(p):
    read = []

    def source():
        for i in itertools.count():
            read.append(i)
            yield i

    dataset = data.GeneratorDataset(source, "x").batch(2).take(2)
    assert len(dataset) == 2
    read.clear()
    assert p.column(dataset) == [[0, 1], [2, 3]] and read == [0, 1, 2, 3]
    assert p.column(data.GeneratorDataset(source, "x", num_samples=3)) == [0, 1, 2]


def test_threads_read_items_at_the_same_time_and_keep_the_order(p):
    meeting = threading.Barrier(3, timeout=10)

    class Slow:
        def __len__(self):
            return 6

        def __getitem__(self, i):
            meeting.wait()
            return i

    dataset = data.GeneratorDataset(Slow(), "x", shuffle=False, num_parallel_workers=3)
    assert p.column(dataset.batch(3)) == [[0, 1, 2], [3, 4, 5]]


def test_exceptions_of_the_source_come_with_the_row(p):
    def source():
        yield from (1, 2)
        raise OSError("disk")

    with pytest.raises(OSError, match="disk") as caught:
        p.rows(data.GeneratorDataset(source, "x").batch(8))
    assert caught.value.__notes__ == ["In row 2 of the source of GeneratorDataset; columns ['x']."]
    with pytest.raises(ZeroDivisionError) as caught:
        p.rows(data.GeneratorDataset(type("S", (Pairs,), {"__getitem__": lambda s, i: 1 // (3 - i)})(), "x"))
    assert "row 3" in caught.value.__notes__[0]


def test_column_types_are_checked(p):
    kept = data.GeneratorDataset(Pairs(), ["x", "i"], column_types=["float64", "int64"])
    assert len(p.rows(kept)) == 5
    with pytest.raises(TypeError, match="int64 in column 'i', expected int8"):
        p.rows(data.GeneratorDataset(Pairs(), ["x", "i"], column_types=["float64", "int8"]))
    with pytest.raises(ValueError, match="1 types for 2 columns"):
        data.GeneratorDataset(Pairs(), ["x", "i"], column_types=["float64"])


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        ({"column_names": None}, ValueError, "names of the columns"),
        ({"source": (i for i in range(3))}, TypeError, "Pass the generator function"),
        ({"source": 3}, TypeError, "__getitem__"),
        ({"source": list, "shuffle": True}, ValueError, r"Use the step shuffle\(\)"),
        ({"source": list, "sampler": [1]}, ValueError, "sampler with a source that has no"),
        ({"source": list, "num_shards": 1, "shard_id": 0}, ValueError, "num_shards, shard_id with"),
        ({"source": list, "num_samples": -1}, ValueError, "num_samples"),
        ({"schema": "schema.json"}, ValueError, "column_types"),
        ({"python_multiprocessing": True}, ValueError, "num_parallel_workers"),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, match):
    with pytest.raises(error, match=match):
        data.GeneratorDataset(**{"source": [1, 2], "column_names": "x", **arguments})


def test_empty_sources_give_no_rows(p):
    for source in ([], list):
        dataset = data.GeneratorDataset(source, "x").shuffle(4).map(lambda x: x).batch(2).repeat()
        assert p.rows(dataset) == [] and len(dataset) == 0
        assert dataset.output_shapes() == [] == dataset.output_types()
