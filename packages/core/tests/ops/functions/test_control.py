from __future__ import annotations

import pytest

from lamella import Tensor, ops
from lamella.ops.functions.control import branches


@pytest.mark.parametrize("chosen", [True, False])
@pytest.mark.parametrize("other", [Tensor([2.0]), Tensor(2)])
def test_branches_of_different_types_are_refused_whichever_is_chosen(chosen, other):
    with pytest.raises(TypeError, match=r"ops\.cond: got branches that return float32\[\] and "):
        ops.cond(Tensor(chosen), lambda: Tensor(1.0), lambda: other)


@pytest.mark.parametrize(("length", "error"), [(-1, ValueError), (2.5, TypeError), ("a", TypeError)])
def test_a_length_that_is_none_is_refused_by_name(length, error):
    with pytest.raises(error, match=r"ops\.scan\(length=…\)"):
        ops.scan(lambda s, _: (s, s), Tensor(0.0), None, length)


def test_branches_whose_results_are_made_alike_by_a_compiler():
    seen = []

    def run(pred):
        def then(x):
            seen.append(("then", x + 1))

        def orelse(x):
            seen.append(("orelse", 2))

        def merge():
            (_, first), (_, second) = seen
            return lambda: (first * 3, Tensor(1)), lambda: (ops.as_tensor(float(second)), Tensor(0))

        seen.clear()
        return branches(pred, then, orelse, Tensor(5.0), merge=merge)

    assert [x.item() for x in run(Tensor(True))] == [18.0, 1]
    assert [x.item() for x in run(Tensor(False))] == [2.0, 0]
