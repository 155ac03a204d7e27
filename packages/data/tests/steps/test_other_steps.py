from __future__ import annotations

import itertools

import pytest

import lamella_data as data


def test_take_gives_the_first_rows(p):
    assert [p.column(p.count(3).take(n)) for n in (1, 3, 9, -1)] == [[0], [0, 1, 2], [0, 1, 2], [0, 1, 2]]
    assert [len(p.count(3).take(n)) for n in (1, 3, 9, -1)] == [1, 3, 3, 3]


def test_skip_leaves_out_the_first_rows(p):
    assert [p.column(p.count(3).skip(n)) for n in (0, 2, 3, 9)] == [[0, 1, 2], [2], [], []]
    assert [len(p.count(3).skip(n)) for n in (0, 2, 3, 9)] == [3, 1, 0, 0]


def test_skipped_rows_are_not_computed(p):
    assert p.column(p.count(3).map(lambda x: 1 // x.item()).skip(1)) == [1, 0]


def test_repeat_shuffles_anew(p):
    rows = p.column(p.count(30).shuffle(30).repeat(3))
    passes = [rows[i : i + 30] for i in (0, 30, 60)]
    assert all(sorted(one) == list(range(30)) for one in passes)
    assert len({tuple(one) for one in passes}) == 3


def test_endless_repeat_counts_as_one_pass_but_not_behind_take(p):
    endless = p.count(3).repeat()
    iterator = endless.create_tuple_iterator(output_numpy=True)
    assert [x.item() for (x,) in itertools.islice(iterator, 7)] == [0, 1, 2, 0, 1, 2, 0]
    assert (len(endless), len(endless.batch(2)), len(endless.take(100)), len(endless.skip(2))) == (3, 2, 100, 1)
    assert len(endless.zip(p.count(50, "y"))) == len(p.rows(endless.zip(p.count(50, "y")))) == 50
    assert (endless.get_repeat_count(), endless.batch(2).repeat(4).get_repeat_count()) == (-1, 4)


def test_endless_repeat_of_nothing_ends(p):
    empty = p.count(3).skip(3).repeat()
    assert p.column(empty) == [] and len(empty) == 0
    assert p.column(empty.batch(2).repeat(5).shuffle(4)) == []


def test_zip_ends_with_the_shortest(p):
    zipped = p.count(3, "a").zip((p.count(5, "b"), p.count(2, "c")))
    assert p.rows(zipped) == [(0, 0, 0), (1, 1, 1)]
    assert len(zipped) == 2
    assert p.rows(zipped.batch(5)) == [([0, 1],) * 3]
    assert p.rows(zipped.project(["a", "b"]).repeat(2).skip(3)) == [(1, 1)]
    assert p.rows(data.zip((p.count(2, "a"), p.count(1, "b")))) == [(0, 0)]


def test_project_and_rename(p):
    rows = data.NumpySlicesDataset(([1], [2], [3]), ["a", "b", "c"])
    assert p.rows(rows.project(["c", "a"])) == [(3, 1)]
    assert rows.rename(["a", "b"], ["b", "a"]).get_col_names() == ["b", "a", "c"]
    assert p.rows(rows.rename("a", "z")) == [(1, 2, 3)]


@pytest.mark.parametrize(
    ("build", "error", "match"),
    [
        (lambda d: d.take(0), ValueError, "take: count: got 0"),
        (lambda d: d.take(-2), ValueError, "take: count: got -2"),
        (lambda d: d.take(1.5), TypeError, "take: count"),
        (lambda d: d.skip(-1), ValueError, "skip: count: got -1"),
        (lambda d: d.repeat(0), ValueError, "repeat: count: got 0"),
        (lambda d: d.repeat(-2), ValueError, "repeat: count"),
        (lambda d: d.zip(3), TypeError, "tuple of data sets"),
        (lambda d: d.zip(d), ValueError, "'x' more than once"),
        (lambda d: data.zip((d,)), ValueError, "at least two"),
        (lambda d: d.project("z"), ValueError, r"'z', expected names among \['x'\]"),
        (lambda d: d.project(["x", "x"]), ValueError, "more than once"),
        (lambda d: d.project([]), ValueError, "at least one"),
        (lambda d: d.rename("z", "y"), ValueError, "'z'"),
        (lambda d: d.rename("x", ["y", "z"]), ValueError, "equally many"),
        (lambda d: d.project(3), TypeError, "column name"),
    ],
)
def test_wrong_arguments_are_refused(p, build, error, match):
    with pytest.raises(error, match=match):
        build(p.count(3))
