"""Pipelines against the row-by-row definition of their steps, and against themselves in other portions."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import lamella_data as data
from lamella_data._block import rows_of
from lamella_data._node import Run
from lamella_data.transforms import OneHot, TypeCast
from lamella_data.vision import HWC2CHW, Normalize, Rescale

TRANSFORMS = {
    "cast": [TypeCast("float16")],
    "image": [Rescale(1 / 255, 0.1), Normalize([0.1, 0.2], [0.3, 0.4]), HWC2CHW()],
    "mixed": [lambda x: x + 1, TypeCast("uint8"), lambda x: x.astype(np.int64) * 3],
    "hot": [TypeCast("int64"), OneHot(256)],
    "ragged": [lambda x: x[: 1 + int(x.sum()) % 2]],
}


def mapped(rows, name):
    for operation in TRANSFORMS[name]:
        rows = [np.asarray(operation(row)) for row in rows]
    return rows


def batched(rows, size, drop):
    groups = [rows[i : i + size] for i in range(0, len(rows), size)]
    return [np.stack(group) for group in groups if len(group) == size or not drop]


counts = st.integers(1, 9)
STEPS = st.one_of(
    st.tuples(st.just("map"), st.sampled_from(["cast", "mixed"])),
    st.tuples(st.just("batch"), counts, st.booleans()),
    st.tuples(st.just("take"), counts),
    st.tuples(st.just("skip"), counts),
    st.tuples(st.just("repeat"), st.integers(1, 3)),
    st.tuples(st.just("shuffle"), st.integers(2, 9)),
)


def by_rows(rows, step):
    """The definition of a step on a list of rows."""
    match step:
        case "map", name:
            return mapped(rows, name)
        case "batch", size, drop:
            return batched(rows, size, drop)
        case "take", count:
            return rows[:count]
        case "skip", count:
            return rows[count:]
        case "repeat", count:
            return rows * count


def add(dataset, step):
    match step:
        case "map", name:
            return dataset.map(TRANSFORMS[name])
        case name, *arguments:
            return getattr(dataset, name)(*arguments)


def same(xs, ys):
    return len(xs) == len(ys) and all(
        x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes() for x, y in zip(xs, ys, strict=True)
    )


def all_rows(dataset):
    return [x for (x,) in dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)]


@given(st.integers(1, 30), st.lists(STEPS.filter(lambda step: step[0] != "shuffle"), max_size=5), st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_steps_are_what_their_definition_on_rows_says(n, steps, start):
    rows = list(np.random.default_rng(start).integers(0, 200, (n, 2, 3), np.uint8))
    dataset = data.NumpySlicesDataset(np.stack(rows), "x", shuffle=False)
    for step in steps:
        if step[0] == "batch" and len({row.shape for row in rows}) > 1:
            continue  # batches of unequal sizes cannot be batched again
        dataset, rows = add(dataset, step), by_rows(rows, step)
    assert same(all_rows(dataset), rows)
    assert len(dataset) == len(rows)


@given(st.sampled_from(sorted(TRANSFORMS)), st.integers(1, 20), st.integers(1, 8), st.booleans(), st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_transforms_of_a_batch_are_those_of_its_rows(name, n, size, listed, workers):
    rows = list(np.random.default_rng(n).integers(0, 256, (n, 3, 4, 2), np.uint8))
    source = rows if listed else np.stack(rows)
    kind = data.GeneratorDataset if listed else data.NumpySlicesDataset
    dataset = kind(source, "x", shuffle=False).map(TRANSFORMS[name], num_parallel_workers=workers)
    expected = mapped(rows, name)
    assert same(all_rows(dataset), expected)
    if name != "ragged":
        assert same(all_rows(dataset.batch(size)), batched(expected, size, False))


@given(
    st.integers(1, 25),
    st.lists(STEPS, max_size=4),
    st.lists(st.tuples(st.booleans(), st.integers(1, 20)), max_size=12),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_rows_do_not_depend_on_how_many_are_pulled_or_skipped_at_once(n, steps, portions, ragged):
    rows = [np.arange(i, i + 2 + (i % 3 == 0 and ragged)) for i in range(n)]
    dataset = data.GeneratorDataset(rows, "x")
    for step in steps:
        dataset = dataset if step[0] == "batch" and (ragged or dataset.get_batch_size() > 1) else add(dataset, step)
    run = Run(1, 0)
    whole = dataset._node.open(run).pull(10_000)
    expected = rows_of(whole.columns[0]) if whole.rows else []
    stage, place = dataset._node.open(run), 0
    for pull, count in portions:
        if pull:
            block = stage.pull(count)
            assert same(rows_of(block.columns[0]) if block.rows else [], expected[place : place + count])
            done = block.rows
        else:
            done = stage.skip(count)
        assert done == min(count, len(expected) - place)
        place += done
    assert len(dataset) == len(expected)
