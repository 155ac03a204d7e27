from __future__ import annotations

import gc
import json
import threading
import weakref

import numpy as np
import pytest

import lamella_data as data
from lamella_data.transforms import TypeCast


class Squares:
    """A source that gives any row."""

    def __getitem__(self, i):
        return i, np.full((2,), i * i)

    def __len__(self):
        return 40


def stream():
    yield from ((i, np.full((2,), i * i)) for i in range(40))


PIPELINES = {
    "arrays": lambda: data.NumpySlicesDataset((list(range(40)), np.arange(80.0).reshape(40, 2)), ["x", "y"]),
    "items": lambda: data.GeneratorDataset(Squares(), ["x", "y"]),
    "stream": lambda: data.GeneratorDataset(stream, ["x", "y"]),
    "shuffled": lambda: PIPELINES["arrays"]().shuffle(7).map(TypeCast("float32"), "x").batch(3),
    "batch then shuffle": lambda: PIPELINES["items"]().batch(3, True).shuffle(5).repeat(2),
    "stream shuffled": lambda: PIPELINES["stream"]().shuffle(9).repeat(2).shuffle(4).skip(5).take(50).batch(4),
    "endless": lambda: PIPELINES["arrays"]().repeat().shuffle(11).take(70),
    "zip": lambda: PIPELINES["arrays"]().zip(PIPELINES["stream"]().rename(["x", "y"], ["u", "v"]).shuffle(3)).batch(6),
    "growing batches": lambda: PIPELINES["arrays"]().batch(lambda info: info.get_batch_num() + 1).map(lambda x: x + 1),
}


def remaining(iterator, epochs):
    """The bits of all rows to come in this epoch and the next ones."""
    return [[[c.dtype.str.encode() + c.tobytes() for c in row] for row in iterator] for _ in range(epochs)]


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.parametrize("epoch", [0, 2])
def test_a_restored_iterator_gives_the_same_rows_bit_for_bit(name, epoch):
    rows = len(PIPELINES[name]())
    for place in {0, 1, rows // 2, rows - 1, rows}:
        data.config.set_seed(3)
        iterator = PIPELINES[name]().create_tuple_iterator(output_numpy=True)
        remaining(iterator, epoch)
        for _ in range(place):
            next(iterator)
        state = json.loads(json.dumps(iterator.state_dict()))
        expected = remaining(iterator, 2)
        data.config.set_seed(4)
        restored = PIPELINES[name]().create_tuple_iterator(output_numpy=True)
        next(restored)
        restored.load_state_dict(state)
        assert restored.state_dict() == state
        assert remaining(restored, 2) == expected, place


def test_an_iterator_can_be_turned_back(p):
    iterator = p.count(20).shuffle(20).create_tuple_iterator(output_numpy=True)
    next(iterator)
    state = iterator.state_dict()
    first = remaining(iterator, 2)
    iterator.load_state_dict(state)
    assert remaining(iterator, 2) == first


def test_new_iterators_go_on_after_a_restored_epoch(p):
    dataset = p.count(20).shuffle(20)
    orders = [p.column(dataset) for _ in range(4)]
    iterator = p.count(20).shuffle(20).create_tuple_iterator(output_numpy=True)
    remaining(iterator, 2)
    state = iterator.state_dict()
    again = p.count(20).shuffle(20)
    restored = again.create_tuple_iterator(output_numpy=True)
    restored.load_state_dict(state)
    assert [x.item() for (x,) in restored] == orders[2]
    assert p.column(again) == orders[3]


@pytest.mark.parametrize(
    ("other", "match"),
    [
        (lambda d: d.shuffle(4).batch(3), r"got state of shuffle\(5\) -> x, expected of shuffle\(4\) -> x"),
        (lambda d: d.shuffle(5), r"batch\(3.*expected of no further step"),
        (lambda d: d.shuffle(5).batch(3).repeat(2), r"expected of repeat\(2\)"),
        (lambda d: d.rename("x", "y").shuffle(5).batch(3), r"expected of rename\(x\) -> y"),
        (lambda d: data.NumpySlicesDataset([1], "x").shuffle(5).batch(3), r"NumpySlicesDataset\(9 rows"),
    ],
)
def test_state_of_another_pipeline_is_refused_and_changes_nothing(p, other, match):
    state = p.count(9).shuffle(5).batch(3).create_tuple_iterator(output_numpy=True).state_dict()
    iterator = other(p.count(9)).create_tuple_iterator(output_numpy=True)
    before = iterator.state_dict()
    with pytest.raises(ValueError, match=match):
        iterator.load_state_dict(state)
    assert iterator.state_dict() == before


@pytest.mark.parametrize(
    "change", [{"rows": -1}, {"rows": 1.5}, {"rows": True}, {"epoch": "0"}, {"extra": 1}, {"format": 2}, {"seed": None}]
)
def test_damaged_state_is_refused(p, change):
    iterator = p.count(9).create_tuple_iterator(output_numpy=True)
    with pytest.raises(ValueError, match="load_state_dict"):
        iterator.load_state_dict(iterator.state_dict() | change)
    with pytest.raises(TypeError, match="dict"):
        iterator.load_state_dict([1])
    with pytest.raises(ValueError, match="load_state_dict"):
        iterator.load_state_dict({})


def test_state_past_the_end_of_shrunken_data_is_refused():
    source = list(range(9))
    iterator = data.GeneratorDataset(lambda: iter(source), "x").create_tuple_iterator(output_numpy=True)
    for _ in range(7):
        next(iterator)
    state = iterator.state_dict()
    del source[3:]
    other = data.GeneratorDataset(lambda: iter(source), "x").create_tuple_iterator(output_numpy=True)
    with pytest.raises(ValueError, match="after 7 rows of data that has 3"):
        other.load_state_dict(state)
    assert len(remaining(other, 1)[0]) == 3


def test_going_on_after_the_end_starts_the_next_epoch_up_to_num_epochs(p):
    iterator = p.count(3).create_tuple_iterator(num_epochs=2, output_numpy=True)
    assert [len(epoch) for epoch in remaining(iterator, 2)] == [3, 3]
    with pytest.raises(RuntimeError, match="num_epochs=2"):
        next(iterator)
    dataset = p.count(3)
    assert len(list(dataset.create_dict_iterator(output_numpy=True, num_epochs=1))) == 3


def test_num_epochs_counts_those_before_a_restore(p):
    iterator = p.count(3).create_tuple_iterator(num_epochs=2, output_numpy=True)
    remaining(iterator, 1)
    restored = p.count(3).create_tuple_iterator(num_epochs=2, output_numpy=True)
    restored.load_state_dict(iterator.state_dict())
    remaining(restored, 1)
    with pytest.raises(RuntimeError, match="num_epochs"):
        next(restored)


def test_iterators_of_one_data_set_are_independent(p):
    dataset = p.count(9).shuffle(9)
    one, two = (dataset.create_tuple_iterator(num_epochs=1, output_numpy=True) for _ in range(2))
    pairs = [(x.item(), y.item()) for (x,), (y,) in zip(one, two, strict=True)]
    assert [sorted(order) for order in zip(*pairs, strict=True)] == [list(range(9))] * 2


def test_threads_can_each_have_an_iterator(p):
    dataset = p.count(500).shuffle(100).map(lambda x: x + 1, num_parallel_workers=2).batch(16)
    results: list[list[int]] = []

    def read():
        iterator = dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)
        results.append(sorted(np.concatenate([x for (x,) in iterator]).tolist()))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [list(range(1, 501))] * 6


def test_after_an_exception_the_same_row_comes_again(p):
    failures = iter([True, False])

    def fail_once(x):
        if x == 2 and next(failures):
            raise OSError("busy")
        return x

    iterator = p.count(4).map(fail_once).create_tuple_iterator(num_epochs=1, output_numpy=True)
    assert [next(iterator)[0].item() for _ in range(2)] == [0, 1]
    with pytest.raises(OSError, match="busy"):
        next(iterator)
    assert [x.item() for (x,) in iterator] == [2, 3]


def test_abandoned_iterators_are_freed_with_their_source(p):
    class Source:
        def __iter__(self):
            return iter(range(9))

    source = Source()
    gone = weakref.ref(source)
    iterator = data.GeneratorDataset(source, "x").shuffle(3).create_tuple_iterator(output_numpy=True)
    next(iterator)
    del source, iterator
    gc.collect()
    assert gone() is None


def test_rows_are_memory_of_their_own():
    source = np.arange(6)
    dataset = data.NumpySlicesDataset(source, "x", shuffle=False)
    for pipeline in (dataset, dataset.batch(2), dataset.shuffle(3), dataset.repeat(2)):
        for (x,) in pipeline.create_tuple_iterator(num_epochs=1, output_numpy=True):
            assert x.flags.writeable
            x[...] = -1
    assert source.tolist() == list(range(6))


def test_columns_and_dicts(p):
    dataset = data.NumpySlicesDataset({"a": [1], "b": ["t"]})
    assert next(dataset.create_dict_iterator(output_numpy=True)) == {"a": 1, "b": "t"}
    assert next(dataset.create_tuple_iterator(columns=["b", "a"], output_numpy=True)) == ["t", 1]
    assert next(dataset.create_tuple_iterator(columns="a", output_numpy=True)) == [1]
    with pytest.raises(ValueError, match=r"'z', expected names among \['a', 'b'\]"):
        dataset.create_tuple_iterator(columns=["z"], output_numpy=True)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"num_epochs": 0}, ValueError), ({"num_epochs": -2}, ValueError), ({"num_epochs": 1.0}, TypeError)]
    + [({name: 1}, TypeError) for name in ("output_numpy", "do_copy")],
)
def test_wrong_iterator_arguments_are_refused(p, arguments, error):
    with pytest.raises(error, match="data iterator"):
        p.count(1).create_dict_iterator(**{"output_numpy": True} | arguments)


def test_tensors_have_the_values_and_types_of_the_rows():
    tensor = getattr(pytest.importorskip("lamella"), "Tensor", None)
    if tensor is None:
        pytest.skip("lamella.Tensor is not there")
    columns = {
        "x": np.arange(6, dtype=np.float32).reshape(3, 2),
        "n": np.arange(3, dtype=np.uint32),
        "t": ["a", "b", "c"],
    }
    dataset = data.NumpySlicesDataset(columns, shuffle=False)
    for x, n, t in dataset:
        assert isinstance(x, tensor) and isinstance(n, tensor) and isinstance(t, np.ndarray)
        assert n.shape == () and x.asnumpy().tolist() == columns["x"][n.asnumpy()].tolist()
    x, n, t = next(dataset.batch(3).create_tuple_iterator())
    assert (x.shape, x.asnumpy().dtype, n.asnumpy().dtype, t.tolist()) == ((3, 2), "float32", "uint32", ["a", "b", "c"])
    image = np.arange(24, dtype=np.uint8).reshape(1, 2, 3, 4)
    (moved,) = next(data.NumpySlicesDataset(image, "x").map(lambda x: np.moveaxis(x, 2, 0)).create_tuple_iterator())
    assert moved.asnumpy().tolist() == np.moveaxis(image[0], 2, 0).tolist()
