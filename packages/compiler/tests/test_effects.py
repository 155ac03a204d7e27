"""What a function does to Python's state it does at every call, whether its graph is built or found."""

from __future__ import annotations

import linecache
import textwrap
import types
from collections import deque
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, nn, ops

# -- random programs --

CALLS = 8

SETUP = """
class Thing:
    turns = 0

    def __init__(self, number):
        self.number = number
        self.items = [number]


class Slotted:
    __slots__ = ("flag", "kept")

    def __init__(self):
        self.flag = False


class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.turn = False
        self.step = 0
        self.table = {"a": 1}
        self.queue = deque([1, 2, 3], maxlen=3)
        self.last = None

    @property
    def phase(self):
        return self.step % 2

    @phase.setter
    def phase(self, value):
        self.step = value * 2 + 1

    def construct(self, x):
        return change(self, x)


G, COUNT = 0, 1
things = [Thing(1), Thing(2), Thing(3)]
names = {"k": 0, "m": [1, 2]}
flags = {1}
ring = deque([1.0, 2.0])
kept = []
slotted = Slotted()
array = np.arange(3.0, dtype=np.float32)
net = Net()
"""


class Source:
    """A random function that reads and changes what is around it, by seed."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.kept = False

    def pick(self, *choices: str) -> str:
        return choices[int(self.rng.integers(len(choices)))]

    def number(self) -> str:
        return self.pick(
            "G", "n", "cell.step", "names['k']", "things[0].number", "ring[0]", "len(flags)", "cell.turn", "k",
            "cell.table['a']", "names['m'][0]", "Thing.turns", "slotted.flag", "array[1]", "cell.phase", "sum(ring)",
            "things[1].items[0]", "cell.queue[0]", "len(names)",
        )  # fmt: skip

    def change(self) -> str:
        m, v = self.pick("2", "3", "4"), self.number()
        return self.pick(
            f"G = (G + 1) % {m}",
            f"n = int(n + {v}) % {m}",
            f"cell.step = (cell.step + 1) % {m}",
            "cell.turn = not cell.turn",
            f"cell.turn = {v} > 1",
            f"cell.phase = {self.pick('0', '1')}",
            f"names['k'] = (names['k'] + 1) % {m}",
            f"names['k'] = {self.pick('0', '1', '5')}",
            "names['m'].append(names['m'].pop(0))",
            "names['m'] = names['m'][::-1]",
            "things.append(things.pop(0))",
            "things[0], things[1] = things[1], things[0]",
            f"things[0].number = (things[0].number + {v}) % {m}",
            "things[2].items.append(things[2].items.pop())",
            "things[1].items = [3 - things[1].items[0]]",
            f"things[1] = Thing({self.pick('1', '2')})",
            "flags ^= {1}",
            f"flags.add({self.pick('2', '3')})",
            f"flags.discard({self.pick('1', '2', '3')})",
            "ring.rotate(1)",
            f"ring[0] = float(({v}) % {m})",
            "ring.append(ring.popleft())",
            "cell.queue.append(cell.queue[0])",
            f"cell.table['a'] += {self.pick('0', '1')}; cell.table['a'] %= {m}",
            "cell.table = {**cell.table, 'b': cell.table.pop('a')}; cell.table['a'] = cell.table['b'] % 3",
            "cell.table.update(a=cell.table.get('a', 0) ^ 1)",
            "del cell.table['a']; cell.table['a'] = 2",
            f"Thing.turns = (Thing.turns + 1) % {m}",
            "setattr(slotted, 'flag', not slotted.flag)",
            "slotted.kept = [slotted.flag]",
            "array[:] = array[::-1].copy()",
            f"array[0] = {v} % {m}",
            "operator.setitem(names, 'k', names['k'] ^ 1)",
            "names.setdefault('new', []).append(1); names.pop('new')",
            "swap()",
            f"k = k + {v}",
            *(["cell.last = y", "kept.append(y.sum())", "cell.pair = {'y': [y, G]}"] if self.kept else []),
        )

    def text(self) -> str:
        lines = [
            "def make():",
            "    n = 0",
            "    def swap():",
            "        nonlocal n",
            f"        n = (n + 1) % {self.pick('2', '3')}",
        ]
        lines += [
            "        names['k'] ^= n",
            "    def change(cell, x):",
            "        nonlocal n",
            "        global G, flags",
        ]
        lines += ["        k, y = 1, x * 2"]
        self.kept = self.rng.random() < 0.3
        for _ in range(int(self.rng.integers(2, 6))):
            self.statement(lines, 2)
        lines += [f"        return y * ({self.number()}) + {self.number()}", "    return change", "change = make()"]
        return SETUP + "\n".join(lines) + "\n"

    def statement(self, lines: list[str], indent: int) -> None:
        space = "    " * indent
        kind = self.rng.random()
        if kind < 0.2 and indent < 4:
            lines.append(f"{space}if ({self.number()}) {self.pick('> 1', '== 0', '% 2 == 1')}:")
            self.statement(lines, indent + 1)
            lines.append(f"{space}else:")
            self.statement(lines, indent + 1)
        elif kind < 0.3 and indent < 4:
            lines.append(f"{space}for i in range({self.pick('1', '2', '3')}):")
            self.statement(lines, indent + 1)
        elif kind < 0.4:
            lines.append(f"{space}y = y * 0.5 + {self.number()}")
        else:
            lines.append(f"{space}{self.change()}")


def module_of(seed: int) -> tuple[types.ModuleType, str]:
    text = Source(seed).text()
    filename = f"<random state {seed}>"
    linecache.cache[filename] = len(text), None, text.splitlines(keepends=True), filename
    module = types.ModuleType(f"state_{seed}")
    import operator

    vars(module).update(nn=nn, ops=ops, np=np, deque=deque, operator=operator)
    exec(compile(text, filename, "exec"), vars(module))
    return module, text


def state_of(value: Any, seen: dict[int, int] | None = None) -> Any:
    """What can be seen of a value, with who is who, in a form to compare."""
    seen = {} if seen is None else seen
    if value is None or isinstance(value, (bool, int, float, str)):
        return type(value).__name__, repr(value)
    if isinstance(value, (np.generic, np.ndarray)):
        return type(value).__name__, value.tolist()
    if isinstance(value, Tensor):
        return "tensor", value.tolist()
    if id(value) in seen:
        return "again", seen[id(value)]
    seen[id(value)] = len(seen)
    if isinstance(value, dict):
        return [(key, state_of(item, seen)) for key, item in value.items()]
    if isinstance(value, (list, tuple, deque)):
        return [type(value).__name__, *(state_of(item, seen) for item in value)]
    if isinstance(value, set):
        return sorted(value)
    if isinstance(value, types.FunctionType):
        return [state_of(cell.cell_contents, seen) for cell in value.__closure__ or ()]
    names = getattr(value, "__slots__", None) or [k for k in vars(value) if not k.startswith("_")]
    return [(name, state_of(getattr(value, name, "missing"), seen)) for name in names]


WATCHED = ("G", "things", "names", "flags", "ring", "kept", "slotted", "array", "net", "change")


def watched(module: types.ModuleType) -> Any:
    return state_of([*(getattr(module, name) for name in WATCHED), module.Thing.turns])


def check(seed: int) -> None:
    (plain, text), (other, _) = module_of(seed), module_of(seed)
    run = ms.jit(other.net)
    x = Tensor([0.5, -1.5])
    done = 0
    try:
        while done < CALLS:
            expected = plain.net(x).asnumpy()
            np.testing.assert_allclose(run(x).asnumpy(), expected, 1e-6)
            assert watched(other) == watched(plain)
            done += 1
    except BaseException as error:
        error.add_note(f"program {seed}, call {done}:\n{textwrap.indent(text[len(SETUP) :], '    ')}")
        raise


@pytest.mark.parametrize("block", range(4))
def test_random_programs_leave_the_state_that_they_leave_op_by_op(block):
    for seed in range(block, 60, 4):
        check(seed)


@pytest.mark.full
@pytest.mark.parametrize("block", range(20))
def test_many_random_programs_leave_the_state_that_they_leave_op_by_op(block):
    for seed in range(60 + block, 1060, 20):
        check(seed)
