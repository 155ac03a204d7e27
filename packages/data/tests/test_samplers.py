from __future__ import annotations

from itertools import chain

import pytest

import lamella_data as data


def read(p, sampler, rows=5):
    dataset = data.NumpySlicesDataset(list(range(rows)), "x", sampler=sampler)
    result = p.column(dataset)
    assert len(dataset) == len(result)
    return result


# Expected rows are what mindspore 2.10 gives.
@pytest.mark.parametrize(
    ("sampler", "rows"),
    [
        (data.SequentialSampler(), [0, 1, 2, 3, 4]),
        (data.SequentialSampler(2, 2), [2, 3]),
        (data.SequentialSampler(4, 9), [4]),
        (data.SubsetSampler([4, 0, 0]), [4, 0, 0]),
        (data.SubsetSampler([4, 0, 0], 2), [4, 0]),
        ([3, 1], [3, 1]),
        (data.DistributedSampler(3, 0, False), [0, 3]),
        (data.DistributedSampler(3, 1, False), [1, 4]),
        (data.DistributedSampler(3, 2, False), [2, 0]),
        (data.DistributedSampler(3, 2, False, num_samples=1), [2]),
        (data.DistributedSampler(3, 0, False, offset=1), [2]),
        (data.DistributedSampler(3, 1, False, offset=1), [0, 3]),
        (data.DistributedSampler(3, 2, False, offset=1), [1, 4]),
    ],
)
def test_rows_are_those_of_mindspore(p, sampler, rows):
    assert read(p, sampler) == rows


def test_random_samplers_give_another_order_in_every_epoch(p):
    for sampler in (data.RandomSampler(), data.SubsetRandomSampler(range(40)), data.DistributedSampler(1, 0)):
        dataset = data.NumpySlicesDataset(list(range(40)), "x", sampler=sampler)
        one, two = p.column(dataset), p.column(dataset)
        assert sorted(one) == sorted(two) == list(range(40))
        assert one != two


def test_replacement_and_num_samples(p):
    assert len(read(p, data.RandomSampler(num_samples=99))) == 5
    assert len(read(p, data.RandomSampler(True, 99))) == 99
    assert set(read(p, data.RandomSampler(True, 99))) == set(range(5))
    assert len(set(read(p, data.RandomSampler(num_samples=3)))) == 3
    assert set(read(p, data.SubsetRandomSampler([4, 2], 1))) < {4, 2}


@pytest.mark.parametrize("rows", [1, 2, 5, 6])
def test_shards_cut_up_the_same_random_order(p, rows):
    parts = [read(p, data.DistributedSampler(3, i), rows) for i in range(3)]
    assert len({len(part) for part in parts}) == 1
    assert set(chain.from_iterable(parts)) == set(range(rows))
    exact = [read(p, data.DistributedSampler(3, i, offset=2), rows) for i in range(3)]
    assert sorted(chain.from_iterable(exact)) == list(range(rows))


@pytest.mark.parametrize(
    ("build", "error", "match"),
    [
        (lambda: data.SequentialSampler(-1), ValueError, "start_index"),
        (lambda: data.SequentialSampler(num_samples=0), ValueError, "num_samples"),
        (lambda: data.RandomSampler(1), TypeError, "replacement"),
        (lambda: data.SubsetSampler([[1]]), TypeError, "indices"),
        (lambda: data.SubsetSampler([1.5]), TypeError, "indices"),
        (lambda: data.DistributedSampler(3, 3), ValueError, "shard_id"),
        (lambda: data.DistributedSampler(0, 0), ValueError, "num_shards"),
        (lambda: data.DistributedSampler(3, 0, offset=3), ValueError, "offset"),
        (lambda: data.DistributedSampler(3, 0, shuffle=None), TypeError, "shuffle"),
    ],
)
def test_wrong_arguments_are_refused(build, error, match):
    with pytest.raises(error, match=match):
        build()


@pytest.mark.parametrize("sampler", [[5], [-1], data.SequentialSampler(5), data.SubsetRandomSampler([0, 9])])
def test_indices_without_a_row_are_refused(p, sampler):
    with pytest.raises(ValueError, match=r"indices|start_index"):
        read(p, sampler)
