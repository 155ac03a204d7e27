from __future__ import annotations

import pytest
from frontend_helpers import Compiled

from lamella import Tensor, ops


def output(capsys, fn, *args):
    fn(*args)
    return capsys.readouterr().out


def test_print_runs_with_the_graph_as_often_as_in_python(capsys):
    def fn(x, name):
        print("begin", name)
        for row in x:
            if row.sum() > 2:
                print("row", row, f"{row.sum()} of {name!r} {{}}", sep=" | ")
            else:
                print()
        i = 0
        while i < x.sum():
            i += 2
            print(f"i={i}")
        print(f"{x.sum():.3f}", str(x[0, 0]), x.shape)
        return x

    x = Tensor([[1.0, 0.5], [3.0, 0.25]])
    expected = output(capsys, fn, x, "net")
    assert output(capsys, Compiled(fn), x, "net") == expected
    assert expected.count("\n") == 7


def test_text_stays_text():
    def fn(x, named):
        key = f"{'a'}{1 + 1:02d}{named['k']!r:>5}"
        return x * len(key) + named[f"{'k'}"]

    assert Compiled(lambda x: fn(x, {"k": 3}))(Tensor(1.0)).item() == fn(Tensor(1.0), {"k": 3}).item()


def test_assert(capsys):
    def fn(x, n):
        assert n > 0, "known"
        assert x.sum() > 0, f"sum is {x.sum()}"
        assert (x > -5).all()
        if x[0] > 2:
            assert x[1] < 0
            assert n < 3, "small"
        return x

    assert Compiled(fn)(Tensor([1.0, 2.0]), 3).tolist() == [1.0, 2.0]
    assert Compiled(fn)(Tensor([3.0, -1.0]), 2).tolist() == [3.0, -1.0]
    for x, n, message in (
        ([-1.0, -2.0], 3, r"sum is -3"),
        ([3.0, 2.0], 2, "the condition is false"),
        ([3.0, -1.0], 3, "small"),
        ([9.0, -6.0], 3, "the condition is false"),
        ([1.0, 2.0], 0, "known"),
    ):
        with pytest.raises(AssertionError, match=message):
            Compiled(fn)(Tensor(x), n)


def test_print_to_a_file_is_python_s(tmp_path):
    def fn(x):
        with open(tmp_path / "log", "w") as file:
            print("once", x.shape, file=file)
        return ops.relu(x)

    Compiled(fn)(Tensor([1.0]))
    assert (tmp_path / "log").read_text() == "once (1,)\n"
