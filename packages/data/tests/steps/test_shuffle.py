from __future__ import annotations

import numpy as np
import pytest

import lamella_data as data


@pytest.mark.parametrize(("rows", "size"), [(100, 2), (100, 7), (100, 100), (5, 100), (3000, 50)])
def test_gives_each_row_once_and_none_before_it_entered_the_buffer(p, rows, size):
    order = p.column(p.count(rows).shuffle(size))
    assert sorted(order) == list(range(rows)) != order
    assert all(row < place + size for place, row in enumerate(order))


def test_every_epoch_has_another_order_and_a_seed_repeats_them_all(p):
    def epochs(seed):
        data.config.set_seed(seed)
        iterator = p.count(50).shuffle(50).create_tuple_iterator(output_numpy=True)
        return [[x.item() for (x,) in iterator] for _ in range(3)]

    first = epochs(1)
    assert epochs(1) == first != epochs(2)
    assert len({tuple(order) for order in first}) == 3


def test_new_iterators_go_on_with_the_epochs(p):
    iterator = p.count(20).shuffle(20).create_tuple_iterator(output_numpy=True)
    by_one = [[x.item() for (x,) in iterator] for _ in range(3)]
    dataset = p.count(20).shuffle(20)
    assert [p.column(dataset) for _ in range(3)] == by_one


def test_every_place_is_equally_likely_with_a_full_buffer(p):
    dataset, rounds = p.count(4).shuffle(4), 2000
    places = np.zeros((4, 4))
    for _ in range(rounds):
        places[np.arange(4), p.column(dataset)] += 1
    assert abs(places / rounds - 0.25).max() < 5 * np.sqrt(0.25 * 0.75 / rounds)


def test_two_shuffles_draw_different_numbers(p):
    once, twice = p.count(50).shuffle(50), p.count(50).shuffle(50).shuffle(50)
    assert p.column(once) != p.column(twice)
    order = p.column(once.repeat(2))
    assert order[:50] != order[50:]
    orders = p.rows(p.count(50, "x").shuffle(50).zip(p.count(50, "y").shuffle(50)))
    assert any(x != y for x, y in orders)


def test_rows_of_different_shapes_pass(p):
    rows = [[1], [1, 2], [3], [4, 5, 6], [7]]
    assert sorted(p.column(data.GeneratorDataset([(r,) for r in rows], "x", shuffle=False).shuffle(3))) == sorted(rows)


@pytest.mark.parametrize(("size", "error"), [(1, ValueError), (0, ValueError), (-3, ValueError), (2.5, TypeError)])
def test_wrong_sizes_are_refused(p, size, error):
    with pytest.raises(error, match="shuffle: buffer_size"):
        p.count(3).shuffle(size)
