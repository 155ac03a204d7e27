from __future__ import annotations

import lamella_data as data


def test_sizes_shapes_and_types(p):
    rows = p.count(10).batch(4)
    assert (len(rows), rows.get_dataset_size(), rows.get_batch_size(), rows.get_repeat_count()) == (3, 3, 4, 1)
    assert (rows.output_shapes(), rows.output_types()) == ([[4]], ["int64"])
    assert (p.count(10).get_batch_size(), rows.batch(2).repeat(3).get_batch_size()) == (1, 2)
    assert p.count(10).batch(99, True).output_shapes() == []


def test_looking_at_shapes_does_not_start_an_epoch(p):
    looked, fresh = p.count(30).shuffle(30), p.count(30).shuffle(30)
    looked.output_shapes(), looked.output_types(), len(looked)
    assert p.column(looked) == p.column(fresh)


def test_steps_leave_the_data_set_as_it_is(p):
    rows = p.count(3)
    rows.map(lambda x: x + 1, "x", "y").batch(2)
    assert (rows.get_col_names(), p.column(rows)) == (["x"], [0, 1, 2])


def test_public_names_exist():
    assert all(hasattr(data, name) for name in data.__all__)
    assert (
        repr(data.NumpySlicesDataset([1], "x").batch(2)) == "<Dataset: batch(2, drop_remainder=False), columns ['x']>"
    )
