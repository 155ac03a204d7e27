from __future__ import annotations

import numpy as np
import pytest

import lamella_data as data


def test_last_batch_is_kept_or_dropped(p):
    assert p.column(p.count(5).batch(2)) == [[0, 1], [2, 3], [4]]
    assert p.column(p.count(5).batch(2, True)) == [[0, 1], [2, 3]]
    assert p.column(p.count(5).batch(9, True)) == []
    assert [len(p.count(5).batch(2, drop)) for drop in (False, True)] == [3, 2]


def test_batches_of_batches_add_axes(p):
    assert p.column(p.count(5).batch(2, True).batch(2)) == [[[0, 1], [2, 3]]]
    with pytest.raises(ValueError, match=r"'x'.*\(2,\).*\(1,\)"):
        p.column(p.count(3).batch(2).batch(2))


def test_a_callable_says_the_size(p):
    growing = p.count(8).batch(lambda info: info.get_batch_num() + 1)
    assert p.column(growing) == [[0], [1, 2], [3, 4, 5], [6, 7]]
    assert (len(growing), growing.get_batch_size()) == (4, 1)
    dropping = p.count(8).batch(lambda info: info.get_batch_num() + 1, drop_remainder=True)
    assert len(dropping) == len(p.rows(dropping)) == 3
    assert p.column(growing.skip(2)) == [[3, 4, 5], [6, 7]]


def test_per_batch_map_gets_lists_and_the_batch(p):
    def shift(column, info):
        assert isinstance(column, list)
        return ([row + 10 * info.get_batch_num() + 100 * info.get_epoch_num() for row in column],)

    iterator = p.count(5).batch(2, per_batch_map=shift, input_columns="x").create_tuple_iterator(output_numpy=True)
    assert [x.tolist() for (x,) in iterator] == [[0, 1], [12, 13], [24]]
    assert [x.tolist() for (x,) in iterator] == [[100, 101], [112, 113], [124]]


def test_per_batch_map_changes_columns(p):
    rows = data.NumpySlicesDataset(([1, 2], [3, 4], [5, 6]), ["a", "b", "c"], shuffle=False)
    kept = rows.batch(2, per_batch_map=lambda b, info: (b[::-1],), input_columns="b")
    assert (kept.get_col_names(), p.rows(kept)) == (["a", "b", "c"], [([1, 2], [4, 3], [5, 6])])
    more = rows.batch(
        2, per_batch_map=lambda b, info: (b, np.stack(b) * 2), input_columns="b", output_columns=["p", "q"]
    )
    assert (more.get_col_names(), p.rows(more)) == (["p", "q", "a", "c"], [([3, 4], [6, 8], [1, 2], [5, 6])])


def test_ragged_rows_are_refused_and_name_column_and_shapes(p):
    ragged = data.GeneratorDataset(lambda: ((np.ones(2 + (i == 2)),) for i in range(4)), "x").batch(4)
    with pytest.raises(ValueError, match=r"'x'.*\(2,\) in row 0.*\(3,\) in row 2"):
        p.rows(ragged)
    mixed = data.GeneratorDataset(lambda: ((np.array(i, [np.int32, np.float32][i]),) for i in range(2)), "x").batch(2)
    with pytest.raises(ValueError, match=r"int32.*float32"):
        p.rows(mixed)


def test_text_of_any_length_can_be_batched(p):
    texts = ["a", "bcd", ""]
    assert p.column(data.GeneratorDataset(texts, "x", shuffle=False).batch(3)) == [texts]


def test_per_batch_map_errors_say_where(p):
    with pytest.raises(ZeroDivisionError) as caught:
        p.rows(p.count(4).batch(2, per_batch_map=lambda x, info: (x, 1 // (1 - info.get_batch_num()))[:1]))
    assert "row 1 of batch(2" in caught.value.__notes__[0]
    with pytest.raises(TypeError, match="per_batch_map: got 3, expected a list"):
        p.rows(p.count(4).batch(2, per_batch_map=lambda x, info: 3))
    with pytest.raises(ValueError, match="2 columns from per_batch_map"):
        p.rows(p.count(4).batch(2, per_batch_map=lambda x, info: (x, x)))


@pytest.mark.parametrize("size", [0, -1, 2**31])
def test_sizes_out_of_range_are_refused(p, size):
    with pytest.raises(ValueError, match=f"batch_size: got {size}, expected an int"):
        p.count(3).batch(size)


@pytest.mark.parametrize("size", [2.0, True, None, "2"])
def test_sizes_of_other_types_are_refused(p, size):
    with pytest.raises(TypeError, match="batch_size"):
        p.count(3).batch(size)


def test_other_wrong_arguments_are_refused(p):
    with pytest.raises(TypeError, match="drop_remainder"):
        p.count(3).batch(2, drop_remainder=1)
    with pytest.raises(ValueError, match="without per_batch_map"):
        p.count(3).batch(2, input_columns="x")
    with pytest.raises(ValueError, match="what batch_size returned: got 0"):
        p.rows(p.count(3).batch(lambda info: 0))
