"""What a function does to Python's state it does at every call, whether its graph is built or found."""

from __future__ import annotations

import linecache
import sys
import textwrap
import types
from collections import deque
from typing import Any

import numpy as np
import pytest
from state_helpers import state_of

import lamella as ms
from lamella import Tensor, nn, ops
from lamella_compiler.call.function import RecompilationWarning

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
            "ring.extend([ring.popleft()])",
            f"ring.append({m}.0); ring.popleft()",
            f"names['k'] = {m}; names.update(k=names['k'] - 1)",
            "flags.update({1, 3}); flags.remove(3)",
            "things[0].items.extend([1, 2]); del things[0].items[1:]",
            "kept.append([G, n]); kept.append(kept.pop()); kept.clear()",
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


# -- tensors that are kept --


def test_tensors_that_a_function_keeps_have_the_numbers_of_the_call():
    kept, table, box = [], {}, types.SimpleNamespace(last=None)

    def fn(x):
        y = x * 2
        kept.append(y.sum())
        table["pair"] = (y, [x, y + 1])
        box.last = y
        return y

    run = ms.jit(fn)
    for n in (1.0, 2.0, 3.0):
        x = Tensor([n, n])
        y = run(x)
        assert box.last is y and table["pair"][0] is y and table["pair"][1][0] is x
        assert y.tolist() == [2 * n, 2 * n] and table["pair"][1][1].tolist() == [2 * n + 1, 2 * n + 1]
    assert [total.item() for total in kept] == [4.0, 8.0, 12.0]
    assert ms.jit_cache_info(run).misses == 1, "what is not read does not matter"


def test_a_tensor_that_a_cell_keeps_is_read_in_the_next_call():
    class Memory(nn.Cell):
        def __init__(self):
            super().__init__()
            self.state = Tensor([0.0])

        def construct(self, x):
            self.state = self.state * 0.5 + x
            return self.state * 1

    net, other = Memory(), Memory()
    run = ms.jit(net)
    for n in (1.0, 2.0, 3.0):
        assert run(Tensor([n])).tolist() == other(Tensor([n])).tolist()
        assert net.state.tolist() == other.state.tolist()


def test_a_tensor_of_a_row_or_branch_that_is_kept_is_refused_with_the_line():
    kept, box = [], types.SimpleNamespace(last=None)

    def row(x):
        kept.append(x * 2)
        return x

    def branch(x):
        box.last = x * 2
        return x

    for fn, text in (
        (lambda x: ms.vmap(row)(x), "in row: a tensor is kept .the contents of a list.*kept.append"),
        (lambda x: ops.cond(x.sum() > 0, branch, lambda x: x, x), "in branch: .*attribute last of Simple.*box.last"),
    ):
        with pytest.raises(ms.errors.CompileError, match=f"(?s){text}"):
            ms.jit(fn)(Tensor([1.0, 2.0]))
    assert kept == [] and box.last is None


# -- errors --


def counting():
    box = types.SimpleNamespace(n=0, kept=None)
    return box


def test_an_error_of_the_function_leaves_what_it_had_done_without_tensors_of_the_graph():
    box = counting()

    def fn(x):
        box.n += 1
        box.kept = x * 2
        if box.n == 2:
            raise KeyError("two")
        return x

    run = ms.jit(fn)
    run(Tensor([1.0]))
    with pytest.raises(KeyError):
        run(Tensor([2.0]))
    assert box.n == 2 and box.kept.tolist() == [2.0], "that of the call before"
    run(Tensor([3.0]))
    assert box.n == 3 and box.kept.tolist() == [6.0]


def test_a_function_that_cannot_be_compiled_leaves_all_as_it_was():
    box = counting()

    def fn(x):
        box.n += 1
        return x * int(x.sum())

    with pytest.raises(ms.errors.CompileError):
        ms.jit(fn)(Tensor([1.0]))
    assert box.n == 0


def test_a_graph_that_fails_leaves_all_as_it_was():
    box, items = counting(), []

    def fn(x):
        box.n = (box.n + 1) % 2
        items.append(box.n)
        assert x.sum() > 0, "positive"
        return x

    run = ms.jit(fn)
    for state in (([], 0), ([1], 1), ([1, 0], 0)):
        with pytest.raises(AssertionError):
            run(Tensor([-1.0]))
        assert (items, box.n) == state, "with a graph that is new as with one that is found"
        run(Tensor([1.0]))


def test_building_twice_does_it_once():
    box = counting()

    def fn(x, size):
        box.n += 1
        return x + ops.ones(int(size)).sum()  # a float that Python needs: the first graph is thrown away

    run = ms.jit(fn)
    for n in (1, 2, 3):
        run(Tensor([1.0]), 2.0)
        assert box.n == n


def test_looking_at_a_graph_changes_nothing():
    from lamella import plugins

    box = counting()

    def fn(x):
        box.n += 1
        box.kept = x
        return x

    plugins.compiler().graph(fn, [ms.ir.TensorType(ms.float32, (2,))])
    assert (box.n, box.kept) == (0, None)


# -- what is found, and what not --


def test_a_toggle_takes_its_two_graphs_and_the_fast_path_still_sees_other_changes():
    class Turns(nn.Cell):
        def __init__(self):
            super().__init__()
            self.first = True
            self.scale = 2.0

        def construct(self, x):
            self.first = not self.first
            return x * self.scale if self.first else x

    net = Turns()
    run = ms.jit(net)
    assert [run(Tensor([1.0])).item() for _ in range(6)] == [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]
    assert ms.jit_cache_info(run).misses == 2
    net.scale = 5.0
    assert [run(Tensor([1.0])).item() for _ in range(2)] == [1.0, 5.0]
    net.first = False
    assert [run(Tensor([1.0])).item() for _ in range(2)] == [5.0, 1.0]


def test_a_value_that_is_written_without_being_read_is_written_whatever_was_there():
    box, cell = types.SimpleNamespace(flag=True), [True]

    def make():
        shared = True

        def fn(x):
            nonlocal shared
            shared = box.flag = True
            cell[0] = True
            return x * 2

        return fn, lambda: shared, lambda value: exec_set(fn, value)

    def exec_set(fn, value):
        fn.__closure__[fn.__code__.co_freevars.index("shared")].cell_contents = value

    fn, shared, put = make()
    run = ms.jit(fn)
    for value in (True, False, None, False):
        box.flag = cell[0] = value
        put(value)
        run(Tensor([1.0]))
        assert box.flag is True and cell == [True] and shared() is True
    assert ms.jit_cache_info(run).misses == 1


def test_a_change_that_failed_is_not_done_again():
    items = [0]

    def fn(x):
        try:
            items[5] = 1
        except IndexError:
            items[0] = 7
        return x

    run = ms.jit(fn)
    for _ in range(3):
        items[0] = 0
        run(Tensor([1.0]))
        assert items == [7]


def test_what_cannot_be_done_again_is_warned_of_once_by_name():
    box = types.SimpleNamespace(source=iter([1.0, 2.0, 3.0]))

    def fn(x):
        return x * next(box.source)

    run = ms.jit(fn)
    with pytest.warns(RecompilationWarning, match="how far a list_iterator has come"):
        assert run(Tensor([1.0])).item() == 1.0
    assert [run(Tensor([1.0])).item() for _ in range(2)] == [2.0, 3.0]
    assert ms.jit_cache_info(run).entries == 0


def test_files_that_messages_go_to_do_not_matter(capsys):
    run = ms.jit(lambda x: print("built", file=sys.stderr) or x)
    for _ in range(3):
        run(Tensor([1.0]))
    assert ms.jit_cache_info(run).misses == 1 and capsys.readouterr().err == "built\n"


def test_objects_of_its_own_do_not_matter():
    class Total:
        def __init__(self):
            self.value, self.parts = 0.0, []

        def add(self, value):
            self.parts.append(value)
            self.value += len(self.parts)

    def fn(x):
        total = Total()
        total.add(1)
        total.add(2)
        counts = dict.fromkeys("ab", 0)
        counts["a"] += len(counts)
        return x * total.value + counts["a"]

    run = ms.jit(fn)
    assert [run(Tensor([1.0])).item() for _ in range(3)] == [5.0] * 3
    assert ms.jit_cache_info(run).misses == 1


def test_a_loop_that_is_left_asks_for_no_other_item():
    source = iter(range(10))

    def fn(x):
        for i in source:
            if i % 2:
                break
        return x * i

    run = ms.jit(fn)
    with pytest.warns(RecompilationWarning):
        assert [run(Tensor([1.0])).item() for _ in range(3)] == [1.0, 3.0, 5.0]
