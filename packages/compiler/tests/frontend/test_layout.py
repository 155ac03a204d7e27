"""Programs whose lines a formatter has broken: the graph is that of the same program in one piece."""

from __future__ import annotations

import io
import token
import tokenize

import numpy as np
import pytest
from frontend_helpers import Compiled
from test_random_programs import Source, define

from lamella import Tensor, ops

OPENING, CLOSING = "([{", ")]}"


def reformatted(text: str, seed: int, often: float = 1.0) -> str:
    """The same program with lines broken at random places inside brackets, and values of statements in brackets.

    Formatters break at some of these places, and always indent alike; Python takes any indentation there.
    """
    rng = np.random.default_rng(seed)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    result: list[str] = []
    row, column, depth, wraps = 1, 0, 0, False

    def newline() -> None:
        if rng.random() < often * rng.choice([0.1, 0.5]):
            result.append("\n" + " " * int(rng.integers(0, 40)))

    for before, t in zip([None, *tokens], tokens, strict=False):
        if wraps and t.type == token.NEWLINE:
            newline()
            result.append(")")
            wraps = False
        if t.start[0] == row:
            result.append(" " * (t.start[1] - column))
        else:
            result.append(" " * t.start[1] if t.type not in (token.INDENT, token.DEDENT) else "")
        if depth or wraps:
            newline()
        if before is not None and before.string in ("return", "=") and not depth and not wraps:
            result.append("(")
            wraps = True
            newline()
        result.append(t.string)
        depth += (t.string in OPENING and t.type == token.OP) - (t.string in CLOSING and t.type == token.OP)
        row, column = t.end
        if t.type in (token.NEWLINE, token.NL):
            row, column = row + 1, 0
    return "".join(result)


def graph_of(text: str, name: str, *args: object) -> str:
    fn = define(text, name)
    return str(
        Compiled(lambda x, y: fn(x, y, *args)).traced(Tensor([0.5, -0.25, 0.75]), Tensor([0.25, 1.0, -0.5])).graph
    )


CHAINS = """\
def program(x, y, n):
    state = {"u": x, "n": [1, 2, 3]}
    a = ops.stack([x, y]).reshape(3, 2).mean(1).reshape(-1)
    b = state["u"].sum(0).reshape(1)[0] + sum(state["n"][1:n + 1])
    c = [v.abs().sum(0) for v in (a, b * y) if v.ndim == 1]
    d = (lambda v, w=2: v.reshape(-1).mean(0) * w)(a) if a.sum() > 0 else x.reshape(1, -1).sum(0).mean(0)
    e = f"{x.reshape(-1).shape[0]} and {n!r:>{n + 1}}"
    g = not (a.mean(0) > 0 and b.sum(0) < 1 or -1 < d.mean(0) < 1)
    state["u"] = ops.where(g, x, y).reshape(3, 1).sum(1)
    state["n"][len(e) - len(e)] += n
    assert x.reshape(-1).sum(0) < 100, "it is " + str(n)
    while x.reshape(-1).sum(0).abs() > 10:
        x = x.reshape(3, 1).mean(1) * 0.5
    for i, row in enumerate(ops.stack([x, y]).reshape(2, 3)):
        x = x + row.reshape(-1).sum(0) * i
    return x.reshape(-1) + state["n"][0], ops.stack(c).sum(0).reshape(-1).sum(0) * d, a
"""


@pytest.mark.parametrize("seed", range(30))
def test_a_chain_of_calls_over_lines(seed):
    text = reformatted(CHAINS, seed)
    try:
        assert graph_of(text, f"chain{seed}", 2) == graph_of(CHAINS, "chain", 2)
    except BaseException as error:
        error.add_note(text)
        raise


def check(seed: int) -> None:
    text = Source(seed).text()
    other = reformatted(text, seed)
    try:
        assert graph_of(other, f"broken{seed}", seed % 3) == graph_of(text, f"whole{seed}", seed % 3)
    except BaseException as error:
        error.add_note(other)
        raise


@pytest.mark.parametrize("block", range(5))
def test_programs_with_broken_lines_give_the_same_graph(block):
    for seed in range(block, 60, 5):
        check(seed)


@pytest.mark.full
@pytest.mark.parametrize("block", range(50))
def test_many_programs_with_broken_lines_give_the_same_graph(block):
    for seed in range(100 + block, 2_000, 50):
        check(seed)


def test_a_call_whose_end_lies_left_of_its_beginning():
    def shrink(x):
        a_long_name = x.reshape(
            2, 3, 1
        ).mean(2).reshape(-1)  # fmt: skip
        return a_long_name

    assert Compiled(shrink)(ops.ones((6,))).shape == (6,)
