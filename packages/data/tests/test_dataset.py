from __future__ import annotations

import numpy as np
import pytest

import lamella_data as data
from lamella_data._block import rows_of
from lamella_data._node import Run
from lamella_data.transforms import Transform


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


class Same(Transform):
    """Makes arrays of blocks whose rows are alike."""

    def batched(self, rows):
        return rows


@pytest.mark.parametrize("late", [np.ones(3, np.int32), np.full(2, 0.5, np.float32), np.ones((2, 1), np.int32)])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_rows_that_become_different_on_the_way_pass_unchanged(late, size):
    rows = [np.full(2, i, np.int32) for i in range(6)] + [late] * 3
    alike = data.GeneratorDataset(rows, "x", shuffle=False).map(Same())
    expected = sorted((row.dtype.str, row.shape, row.tobytes()) for row in rows)
    for block_size in (1, 4, 9):
        stage, found = alike.shuffle(size)._node.open(Run(1, 0)), []
        while (block := stage.pull(block_size)).rows:
            found += [(row.dtype.str, row.shape, row.tobytes()) for row in rows_of(block.columns[0])]
        assert sorted(found) == expected


def test_every_place_of_a_pipeline_draws_its_own_numbers():
    run = Run(0, 0)
    places = [run, run.into(0), run.into(0).into(0), run.into(1), Run(0, 1), Run(1, 0)]
    assert len({place.bits().random_raw() for place in places}) == len(places)
