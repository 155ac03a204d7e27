"""Random programs with control flow, written as source text: the same numbers and gradients in Python and as graphs."""

from __future__ import annotations

import linecache
import textwrap
import types
from contextlib import nullcontext

import numpy as np
import pytest
from frontend_helpers import Compiled, numbers

import lamella as ms
from lamella import Tensor, ops

SHAPE = (3,)


class Source:
    """A random function of tensors `x` and `y` and a known int `n`, by seed.

    All variables are defined at its start, so that every path through it is a valid program; loops on tensors count
    down, so that they end.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.lines: list[str] = []
        self.counters = 0
        self.loops: list[str] = []
        self.helper = False
        self.budget = 25

    def text(self) -> str:
        self.line(0, "def helper(a, b):")
        self.line(1, "x, y, k, f, n, pair = a, b, 1, 0.5, 1, [a, b]")
        self.helper = True
        self.block(1, 2)
        self.line(1, "return a * 0.5 + b")
        self.helper = False
        self.line(0, "def program(x, y, n):")
        self.line(1, "a, b, k, f, pair, state = x * 0.5, y + 0.25, 1, 0.5, [x, y], {'u': x, 'n': 0}")
        self.line(1, "def bump(v):")
        self.line(2, "nonlocal a, k")
        self.line(2, f"if {self.test()}:")
        self.line(3, "a = ops.tanh(a + v)")
        self.line(2, "k += 1")
        self.block(1, 0)
        self.line(1, "a, b = a + state['u'] * 0.1, b + state['n'] * 0.01")
        self.line(1, "return a + b * 0.5 + k * 0.1, b - f, pair[0] * pair[1]")
        return "\n".join(self.lines) + "\n"

    def line(self, indent: int, text: str) -> None:
        self.lines.append("    " * indent + text)

    def pick(self, *choices: str) -> str:
        return choices[int(self.rng.integers(len(choices)))]

    def tensor(self) -> str:
        t = self.pick("a", "b", "x", "y", "pair[0]", "pair[1]")
        u = self.pick("a", "b", "x", "k", "f", "y")
        return self.pick(
            f"ops.tanh({t} + {u})",
            f"ops.sin({t} * {u})",
            f"({t} - {u}) * 0.5",
            f"ops.sigmoid({t}) * {u}",
            f"({t} if {self.test()} else ops.tanh({t} * 2))",
            f"ops.tanh({t}) + {t}.mean()",
            *([] if self.helper else [f"helper({t}, a)", f"ops.sin(state['u'] + {u})"]),
        )

    def test(self) -> str:
        t, u = self.pick("a", "b", "x", "y"), self.pick("a", "b", "x", "y")
        simple = self.pick(
            f"{t}.sum() > 0.1",
            f"{t}[0] < {u}[1]",
            f"-0.5 < {t}.mean() < 0.5",
            "k > 2",
            "n > 1",
            "f < 0.4",
            f"{t}[2] > f",
        )
        other = self.pick(f"{u}.sum() < 0.3", "n == 0", f"{u}[1] > -0.2")
        return self.pick(simple, simple, f"not {simple}", f"{simple} and {other}", f"({simple} or {other})")

    def block(self, indent: int, depth: int) -> None:
        for _ in range(int(self.rng.integers(1, 4))):
            self.statement(indent, depth)

    def statement(self, indent: int, depth: int) -> None:
        self.budget -= 1
        kind = int(self.rng.integers(14 if depth < 3 and self.budget > 0 else 7))
        if kind < 3:
            self.line(indent, f"{self.pick('a', 'b')} = {self.tensor()}")
        elif kind < 5:
            self.line(
                indent, self.pick("k += 1", "k = k * 2 % 5", "f = f * 0.5 + 0.1", "k = n + 1", "f = f + k * 0.01")
            )
        elif kind == 5:
            self.line(indent, f"pair[{self.pick('0', '1')}] = {self.tensor()}")
        elif kind == 6:
            self.jump(indent)
        elif kind == 7 and not self.helper:
            self.rare(indent, depth)
        elif kind < 10:
            self.line(indent, f"if {self.test()}:")
            self.block(indent + 1, depth + 1)
            if self.rng.random() < 0.3:
                self.line(indent, f"elif {self.test()}:")
                self.block(indent + 1, depth + 1)
            if self.rng.random() < 0.6:
                self.line(indent, "else:")
                self.block(indent + 1, depth + 1)
        else:
            self.loop(indent, depth)

    def rare(self, indent: int, depth: int) -> None:
        kind = self.pick("call", "dict", "list", "try", "with", "in place", "closure")
        if kind == "call":
            self.line(indent, f"bump({self.tensor()})")
        elif kind == "dict":
            self.line(indent, self.pick(f"state['u'] = {self.tensor()}", "state['n'] += k"))
        elif kind == "list":
            self.line(indent, f"values = [{self.tensor()} for _ in range(2)]")
            self.line(indent, f"values.append({self.tensor()} if {self.test()} else {self.tensor()})")
            self.line(indent, "b = ops.tanh(sum(values))")
        elif kind == "try":
            self.line(indent, "try:")
            self.block(indent + 1, depth + 1)
            self.line(indent, "except ZeroDivisionError:")
            self.line(indent + 1, "k = k / 0")
            self.line(indent, "finally:")
            self.line(indent + 1, "f = f * 0.5")
        elif kind == "with":
            self.line(indent, "with nullcontext(k) as k:")
            self.block(indent + 1, depth + 1)
        elif kind == "in place":
            self.line(indent, "c = a.copy()")
            self.line(indent, f"if {self.test()}:")
            self.line(indent + 1, "c[1] = f * 0.5")
            self.line(indent, "b = ops.tanh(b * c)")
        else:
            self.line(indent, f"later = lambda v: v * k if {self.test()} else v + f")
            self.line(indent, f"a = ops.tanh(later({self.tensor()}))")

    def jump(self, indent: int) -> None:
        choices = [f"return {self.tensor()}" if self.helper else f"return {self.tensor()}, {self.tensor()}, a * f"]
        if self.loops:
            choices += ["break", "continue"]
        self.line(indent, f"if {self.test()}:")
        self.line(indent + 1, self.pick(*choices))

    def loop(self, indent: int, depth: int) -> None:
        self.counters += 1
        i = f"i{self.counters}"
        kind = self.pick("while", "range", "tensor range", "rows", "list")
        if kind == "while":
            self.line(indent, f"{i} = {self.pick('0', 'int(0)')}")
            self.line(indent, f"while {i} < {self.pick('a.sum() + 2', '3', 'y[0] * 2 + 1.5')} and {i} < 4:")
            self.line(indent + 1, f"{i} += 1")
        else:
            items = {
                "range": f"range({self.pick('n', '3', '1, 4')})",
                "tensor range": f"range({self.pick('count', '1, count')})",
                "rows": f"{self.pick('ops.stack([a, y])', 'ops.stack([b, x, a])')}",
                "list": "[0.5, 1, 2]",
            }[kind]
            self.line(indent, f"for {i} in {items}:")
        self.loops.append(i)
        if kind != "while":
            self.line(indent + 1, f"{self.pick('a', 'b')} = ops.tanh({self.pick('a', 'b')} + {i} * 0.3)")
        self.block(indent + 1, depth + 1)
        self.loops.pop()
        if self.rng.random() < 0.2:
            self.line(indent, "else:")
            self.block(indent + 1, depth + 1)


def define(text: str, name: str):
    """The function `program` of a text, with source lines that Python finds."""
    filename = f"<random program {name}>"
    linecache.cache[filename] = len(text), None, text.splitlines(keepends=True), filename
    module = types.ModuleType("programs")
    vars(module).update(ops=ops, count=Tensor(3), nullcontext=nullcontext)
    exec(compile(text, filename, "exec"), vars(module))
    return vars(module)["program"]


def program(seed: int):
    text = Source(seed).text()
    return define(text, str(seed)), text


def check(seed: int) -> None:
    fn, text = program(seed)
    rng = np.random.default_rng(seed + 1)
    arrays = [rng.uniform(-1, 1, SHAPE) for _ in range(2)]
    n = int(rng.integers(0, 3))
    try:
        x, y = map(Tensor, arrays)
        expected = [e.astype(np.float64) for e in numbers(fn(x, y, n))]
        found = [f.astype(np.float64) for f in numbers(Compiled(lambda x, y: fn(x, y, n))(x, y))]
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(mine, theirs, 1e-6, 1e-6)

        def loss(x, y):
            u, v, w = fn(x, y, n)
            return (u * 1.5 - v).sum() + (w * w).sum()

        gradient = ms.grad(loss, (0, 1))
        for mine, theirs in zip(numbers(Compiled(gradient)(x, y)), numbers(gradient(x, y)), strict=True):
            np.testing.assert_allclose(mine, theirs, 1e-6, 1e-6)
    except BaseException as error:
        error.add_note(f"program {seed}, n = {n}:\n{textwrap.indent(text, '    ')}")
        raise


@pytest.mark.parametrize("block", range(10))
def test_random_programs_agree_with_python_with_their_gradients(block):
    for seed in range(block, 300, 10):
        check(seed)


@pytest.mark.full
@pytest.mark.parametrize("block", range(100))
def test_many_random_programs_agree_with_python_with_their_gradients(block):
    for seed in range(300 + block, 10_000, 100):
        check(seed)
