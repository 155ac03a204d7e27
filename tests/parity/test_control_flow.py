"""The same control flow, as Python, in Lamella and in MindSpore: values and gradients of compiled functions."""

from __future__ import annotations

from textwrap import dedent

import pytest
from comparing import Run, assert_agree

PROGRAMS = {
    "if, elif, else": """
        def f(x):
            if x.sum() > 1:
                y = x * x
            elif x.sum() > 0:
                y = ops.exp(x)
            else:
                y = ops.sin(x) * 2
            return y.sum()
    """,
    "early returns": """
        def f(x):
            if x.sum() > 1:
                return (x * x).sum()
            y = x + 1
            if y[0, 0] > 0.5:
                return (y * x).sum()
            return ops.sin(y).sum()
    """,
    "nested branches": """
        def f(x):
            y = x
            if x[0, 0] > 0:
                if x[1, 1] > 0:
                    y = y * 2
                else:
                    y = y * 3
                y = y * x
            return y.sum()
    """,
    "a branch that only one path takes": """
        def f(x):
            y = x * 2
            if x.max() > 1:
                y = y * y
            return y.mean()
    """,
    "conditions of several parts": """
        def f(x):
            s = x.sum()
            if s > 0 and x[0, 0] < 1 or not x[1, 1] > 0:
                return (x * 3).sum()
            return (x * x).sum()
    """,
    "a conditional expression": """
        def f(x):
            y = x * x if x.sum() > 0 else ops.cos(x)
            return (y * (2 if x[0, 0] > 0 else 3)).sum()
    """,
    "while": """
        def f(x):
            y = ops.abs(x) + 1
            while y.sum() < 100:
                y = y * 1.5 + ops.abs(x)
            return y.sum()
    """,
    "while with a counter of Python": """
        def f(x):
            i = 0
            y = x
            while i < 4:
                y = ops.sin(y) * x
                i += 1
            return y.sum()
    """,
    "while with a counter that is a tensor": """
        def f(x):
            i = Tensor(0, ms.int32)
            y = x
            while i < 4:
                y = ops.sin(y) * x + i
                i = i + 1
            return y.sum()
    """,
    "while with break": """
        def f(x):
            y = ops.abs(x) + 1
            while y.sum() < 1000:
                y = y * 2
                if y[0, 0] > 5:
                    break
                y = y + 0.5
            return y.sum()
    """,
    "while with continue": """
        def f(x):
            i = Tensor(0, ms.int32)
            y = x
            while i < 5:
                i = i + 1
                if i == 2:
                    continue
                y = y * 0.5 + x * i
            return y.sum()
    """,
    "an if in a while": """
        def f(x):
            i = Tensor(0, ms.int32)
            y = x
            while i < 3:
                if y.sum() > 0:
                    y = y * 0.5 - 1
                else:
                    y = y * y + 0.1
                i = i + 1
            return y.sum()
    """,
    "a while in an if": """
        def f(x):
            y = x
            if x.sum() > 0:
                i = Tensor(0, ms.int32)
                while i < 3:
                    y = y * x
                    i = i + 1
            return y.sum()
    """,
    "a while in a while": """
        def f(x):
            i = Tensor(0, ms.int32)
            y = x
            while i < 3:
                j = Tensor(0, ms.int32)
                while j < 2:
                    y = ops.tanh(y + x * 0.5)
                    j = j + 1
                i = i + 1
            return y.sum()
    """,
    "a return in a while": """
        def f(x):
            i = Tensor(0, ms.int32)
            y = ops.abs(x)
            while i < 10:
                y = y * 1.5
                if y.sum() > 30:
                    return (y * y).sum()
                i = i + 1
            return y.sum()
    """,
    "for over a range": """
        def f(x):
            y = x
            for k in range(4):
                y = y * x + k
            return y.sum()
    """,
    "for over a range, with a branch": """
        def f(x):
            y = x
            for k in range(3):
                if y.sum() > k:
                    y = y * 0.5
                else:
                    y = y + k
            return y.sum()
    """,
    "for over a range, with a break": """
        def f(x):
            y = ops.abs(x) + 0.1
            for k in range(6):
                y = y * 1.5
                if y.sum() > 20:
                    break
            return y.sum()
    """,
    "for over a tensor": """
        def f(x):
            y = x[0] * 0.0
            for row in x:
                y = ops.tanh(y + row)
            return y.sum()
    """,
    "for over rows with numbers": """
        def f(x):
            y = x[0] * 0.0
            for k, row in enumerate(x):
                y = y * 0.5 + row * k
            return y.sum()
    """,
    "for over a list and a dict": """
        def f(x):
            y = x
            for factor in [1.0, 2.0, 0.5]:
                y = y * factor + x
            scales = {"a": 2.0, "b": 3.0}
            for name in scales:
                y = y * scales[name]
            return y.sum()
    """,
    "a list that grows in a loop of known length": """
        def f(x):
            parts = []
            for k in range(3):
                parts.append(x * (k + 1))
            return ops.stack(parts).prod(0).sum()
    """,
    "functions that call functions": """
        def scaled(x, factor):
            if x.sum() > 0:
                return x * factor
            return x - factor
        def f(x):
            return (scaled(x, 2.0) + scaled(-x, 3.0) * x).sum()
    """,
    "a gradient inside": """
        def inner(x):
            y = x
            while y.sum() > 4:
                y = y * 0.5
            return (y * y * x).sum()
        def f(x):
            return (ms.grad(inner)(x) * x).sum()
    """,
    "a cell with branches and loops": """
        class Net(nn.Cell):
            def __init__(self):
                super().__init__()
                self.w = ms.Parameter(Tensor([0.5, -0.5, 1.0, 2.0]), name="w")
                self.layers = nn.CellList([nn.ReLU(), nn.Tanh(), nn.Sigmoid()])
            def construct(self, x):
                for layer in self.layers:
                    x = layer(x) + self.w
                    if x.sum() > 10:
                        x = x * 0.1
                return x.sum()
        net = Net()
        def f(x):
            return net(x)
    """,
}

RESULTS = """
f = compiled(f)
f(x), ms.grad(f)(x), f(-x), ms.grad(f)(-x), f(x * 0.1)
"""

MINDSPORE = "ms.set_context(mode=ms.GRAPH_MODE)\ncompiled = ms.jit\n"
LAMELLA = """
from lamella_compiler.frontend import convert
compiled = lambda fn: ms.ir.staged(convert(fn))
"""


@pytest.mark.parametrize("name", PROGRAMS)
def test_control_flow_and_its_gradients(lamella: Run, mindspore: Run, name: str) -> None:
    program = dedent(PROGRAMS[name]).strip() + RESULTS
    theirs = mindspore(MINDSPORE + program)
    mindspore("ms.set_context(mode=ms.PYNATIVE_MODE)\nNone")
    assert_agree(lamella(LAMELLA + program), theirs, 1e-4)
