from __future__ import annotations

import threading

import numpy as np
import pytest

import lamella_data as data
from lamella_data.transforms import Compose, Transform, TypeCast


@pytest.fixture
def abc():
    return data.NumpySlicesDataset(([1, 2], [3, 4], [5, 6]), ["a", "b", "c"], shuffle=False)


# The expected names are what mindspore 2.10 gives.
@pytest.mark.parametrize(
    ("function", "inputs", "outputs", "names", "rows"),
    [
        (lambda x: -x, "b", None, ["a", "b", "c"], [(1, -3, 5), (2, -4, 6)]),
        (lambda x: -x, "b", "p", ["a", "p", "c"], [(1, -3, 5), (2, -4, 6)]),
        (lambda x, y: (y, x), ["c", "b"], ["p", "q"], ["a", "q", "p"], [(1, 5, 3), (2, 6, 4)]),
        (lambda x, y: (x, y, x + y), ["c", "a"], ["p", "q", "r"], ["p", "q", "r", "b"], [(5, 1, 6, 3), (6, 2, 8, 4)]),
        (lambda x: (x, -x), "b", ["p", "b"], ["p", "b", "a", "c"], [(3, -3, 1, 5), (4, -4, 2, 6)]),
        (lambda x, y: x + y, ["c", "b"], "p", ["p", "a"], [(8, 1), (10, 2)]),
        (lambda x: x + 10, None, None, ["a", "b", "c"], [(11, 3, 5), (12, 4, 6)]),
    ],
)
def test_columns_and_their_order_are_those_of_mindspore(p, abc, function, inputs, outputs, names, rows):
    mapped = abc.map(function, inputs, outputs)
    assert mapped.get_col_names() == names
    assert p.rows(mapped) == rows
    assert p.rows(mapped.batch(2)) == [tuple(list(c) for c in zip(*rows, strict=True))]


def test_operations_hand_on_tuples_as_columns(p, abc):
    operations = [lambda x, y: (x, x + y, x + y + 1), lambda x, y, z: x * y * z, lambda x: (x % 2, x % 3)]
    mapped = abc.map(operations, ["a", "b"], ["mod2", "mod3"])
    assert p.rows(mapped) == [(20 % 2, 20 % 3, 5), (84 % 2, 84 % 3, 6)]


def test_compose_is_the_list_of_its_operations(p):
    operations = [lambda x: x + 0.5, TypeCast("int32"), lambda x: x * 2]
    composed = p.count(9).map(Compose([Compose(operations[:2]), operations[2]]))
    assert p.column(composed.batch(4)) == p.column(p.count(9).map(operations).batch(4))


def test_column_order_projects(p, abc):
    assert p.rows(abc.map(lambda x: -x, "a", column_order=["c", "a"])) == [(5, -1), (6, -2)]


@pytest.mark.parametrize(
    ("result", "dtype"), [(3, "int64"), (3.5, "float64"), ([1, 2], "int64"), (True, "bool"), (np.float16(1), "float16")]
)
def test_python_results_become_arrays(p, result, dtype):
    (value,) = next(p.count(1).map(lambda x: result).create_tuple_iterator(output_numpy=True))
    assert value.dtype == dtype and value.tolist() == result


def test_results_are_copied_from_their_owner(p):
    table = np.zeros(3)
    for (value,) in p.count(2).map(lambda x: table).create_tuple_iterator(num_epochs=1, output_numpy=True):
        value += 1
    assert not table.any()


def test_operations_that_overwrite_their_input_leave_the_source_alone(p):
    source = np.arange(6.0).reshape(3, 2)

    def overwrite(x):
        x += 100
        return x

    mapped = data.NumpySlicesDataset(source, "x", shuffle=False).map(overwrite)
    assert p.column(mapped) == [[100, 101], [102, 103], [104, 105]] == p.column(mapped)
    assert source.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_exceptions_come_as_they_are_with_a_note_of_step_row_and_columns(p):
    def fail(x):
        return 1 // (x.item() - 5)

    with pytest.raises(ZeroDivisionError) as caught:
        p.column(p.count(9).map(fail).batch(4))
    (note,) = caught.value.__notes__
    assert "row 5" in note and "fail" in note and "['x']" in note


def test_exceptions_of_transforms_name_the_row(p):
    with pytest.raises(ValueError, match="label 4") as caught:
        p.column(p.count(9).map(data.transforms.OneHot(4)).batch(9))
    assert "row 4 of map(OneHot; x)" in caught.value.__notes__[0]


def test_stop_iteration_of_a_function_does_not_end_the_epoch(p):
    with pytest.raises(RuntimeError, match=r"StopIteration. In row 0"):
        p.column(p.count(3).map(lambda x: next(iter([]))))


@pytest.mark.parametrize("result", [None, object(), [[1], [1, 2]]])
def test_results_that_are_no_arrays_are_refused(p, result):
    with pytest.raises(TypeError, match="expected a number, text"):
        p.column(p.count(1).map(lambda x: result))


def test_wrong_arguments_are_refused(abc):
    with pytest.raises(ValueError, match=r"'z'.*\['a', 'b', 'c'\]"):
        abc.map(lambda x: x, "z")
    with pytest.raises(ValueError, match="more than once"):
        abc.map(lambda x: x, "a", "b")
    with pytest.raises(TypeError, match="callable"):
        abc.map([])
    with pytest.raises(TypeError, match="callable"):
        abc.map([3])
    with pytest.raises(TypeError, match="column name"):
        abc.map(abs, [1])
    with pytest.raises(ValueError, match="num_parallel_workers"):
        abc.map(abs, num_parallel_workers=0)
    with pytest.raises(ValueError, match="python_multiprocessing"):
        abc.map(abs, python_multiprocessing=True)


def test_a_wrong_number_of_results_is_refused(p):
    with pytest.raises(ValueError, match=r"2 columns for output_columns=\['x'\]"):
        p.column(p.count(2).map(lambda x: (x, x)))
    with pytest.raises(ValueError, match="equally many columns"):
        p.column(p.count(2).map(lambda x: (x,) * (1 + x.item())).batch(2))


def test_a_batched_form_must_keep_the_rows(p):
    class Half(Transform):
        def batched(self, rows):
            return rows[::2]

    with pytest.raises(ValueError, match=r"Half\.batched"):
        p.column(p.count(4).map(Half()).batch(4))


def test_threads_keep_the_order_and_work_at_the_same_time(p):
    meeting = threading.Barrier(4, timeout=10)

    def meet(x):
        meeting.wait()
        return x

    assert p.column(p.count(8).map(meet, num_parallel_workers=4).batch(4)) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_threads_end_with_their_iterator(p):
    dataset = p.count(64).map(lambda x: x, num_parallel_workers=3)
    p.column(dataset.batch(64))
    iterator = dataset.batch(8).create_tuple_iterator(output_numpy=True)
    next(iterator)
    iterator.close()
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("lamella")]
    for thread in threads:
        thread.join(5)
    assert not any(thread.is_alive() for thread in threads)
