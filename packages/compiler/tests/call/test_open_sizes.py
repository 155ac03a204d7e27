"""One graph for many sizes."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, nn, ops
from lamella.types import parse_type
from lamella_compiler.call.open_sizes import admits, differing_axes, opened


def misses(fn) -> int:
    return ms.jit_cache_info(fn).misses


def rows(n: int, columns: int = 3) -> Tensor:
    return Tensor(np.random.default_rng(n).standard_normal((n, columns)).astype(np.float32))


def test_sizes_in_which_calls_differ_are_left_open():
    def fn(x, y):
        return (x @ y.T).sum(0), x.shape[0] * x, x.mean(0), ops.concat((x, x)).reshape(-1)

    run = ms.jit(fn, dynamic=1)
    for n in (4, 7, 9, 12):
        for mine, theirs in zip(run(rows(n), rows(5)), fn(rows(n), rows(5)), strict=True):
            np.testing.assert_allclose(mine.asnumpy(), theirs.asnumpy(), 1e-5, 1e-5)
    assert misses(run) == 2  # one for 4, one for all others


def test_sizes_0_and_1_have_graphs_of_their_own():
    run = ms.jit(lambda x: x.sum(0) + x.shape[0], dynamic=1)
    for n in (4, 5, 1, 0, 6):
        assert run(rows(n)).shape == (3,)
        np.testing.assert_allclose(run(rows(n)).asnumpy(), rows(n).asnumpy().sum(0) + n, 1e-5, 1e-5)
    assert misses(run) == 4


def test_axes_of_one_size_are_one_size():
    def loss(x, label):
        return ops.cross_entropy(x, label)

    run = ms.jit(
        loss, input_signature=(Tensor(shape=[None, 3], dtype=ms.float32), Tensor(shape=[None], dtype=ms.int32))
    )
    for n in (4, 6, 8):
        label = Tensor(np.arange(n) % 3, ms.int32)
        np.testing.assert_allclose(run(rows(n), label).asnumpy(), loss(rows(n), label).asnumpy(), 1e-5)
    assert misses(run) == 1


def test_axes_that_turn_out_to_differ_get_another_graph():
    signature = (Tensor(shape=[None, 3], dtype=ms.float32), Tensor(shape=[None, 3], dtype=ms.float32))
    run = ms.jit(lambda x, y: ops.concat((x, y)).sum(0), input_signature=signature)
    for n, m in ((4, 4), (5, 5), (4, 6), (7, 9)):
        expected = np.concatenate([rows(n).asnumpy(), rows(m).asnumpy()]).sum(0)
        np.testing.assert_allclose(run(rows(n), rows(m)).asnumpy(), expected, 1e-5, 1e-5)
    assert misses(run) == 2


def test_arguments_that_are_not_as_described():
    run = ms.jit(lambda x: x * 2, input_signature=Tensor(shape=[None, 3], dtype=ms.float32))
    for wrong in (ops.ones((2, 4)), ops.ones((2, 3), ms.int32), ops.ones(3)):
        with pytest.raises(TypeError, match=r"input_signature.*float32\[axis0, 3\]"):
            run(wrong)
    with pytest.raises(TypeError, match="describe the arguments"):
        ms.jit(lambda x: x, input_signature=(3,))


def test_what_was_assumed_of_sizes_is_looked_at():
    def fn(x):
        return x[:4] if x.shape[0] >= 4 else x * 10

    run = ms.jit(fn, dynamic=1)
    for n in (8, 6, 5, 3, 2, 7):
        np.testing.assert_allclose(run(rows(n)).asnumpy(), fn(rows(n)).asnumpy())


def test_inputs_of_a_cell(graph_mode):
    net = nn.SequentialCell(nn.Dense(3, 4), nn.ReLU(), nn.Dense(4, 2))
    net.set_inputs(Tensor(shape=[None, 3], dtype=ms.float32))
    for n in (4, 6, 9):
        assert net(rows(n)).shape == (n, 2)
    assert misses(net) == 1


def test_gradients_and_loops():
    def fn(x):
        total = x[0] * 0
        for row in x:
            total = ops.tanh(total + row)
        return total.sum()

    gradient = ms.jit(ms.grad(fn), dynamic=1)
    for n in (3, 4, 5, 6):
        np.testing.assert_allclose(gradient(rows(n)).asnumpy(), ms.grad(fn)(rows(n)).asnumpy(), 1e-4, 1e-5)


def test_a_tensor_that_describes_others_has_no_numbers():
    described = Tensor(shape=[None, 3], dtype=ms.float32)
    assert described.dtype is ms.float32 and len(described.shape) == 2 and described.shape[1] == 3
    with pytest.raises(TypeError, match="describes others"):
        described + 1
    with pytest.raises(ValueError, match="shape"):
        Tensor(shape=[-1, 3])
    with pytest.raises(TypeError, match="no data"):
        Tensor()


def test_which_axes_are_open():
    one, other = [
        [parse_type(t) for t in texts] for texts in (("float32[4, 3]", "int8[4]"), ("float32[5, 3]", "int8[4]"))
    ]
    axes = differing_axes(one, other)
    assert axes == [frozenset({0}), frozenset()]
    assert [str(t) for t in opened(other, axes)] == ["float32[n0, 3]", "int8[4]"]
    assert differing_axes(one, [parse_type("float64[4, 3]"), one[1]]) is None
    assert admits(opened(other, axes), [], other) and not admits(opened(other, axes), [], one[:1])


def test_sizes_that_the_function_compares():
    def fn(x):
        if x.shape[0] == 6 or x.shape == (8, 3):
            return x * 10
        return x * 2 if x.shape[0] != 9 else x

    run = ms.jit(fn, dynamic=1)
    for n in (4, 5, 6, 7, 8, 9, 10):
        np.testing.assert_allclose(run(rows(n)).asnumpy(), fn(rows(n)).asnumpy())
    assert misses(run) == 5


def test_what_is_compared_is_decided_by_the_sizes_of_the_call():
    def fn(x):
        assert x.shape[0] > 1
        factor = 3 if x.shape[0] <= 4 else 6
        if x.shape[0] == 6:
            x = x + Tensor(np.ones((6, 3), np.float32))
        return x * factor

    run = ms.jit(fn, dynamic=1)
    for n in (7, 9, 3, 6, 4, 12, 2):
        np.testing.assert_allclose(run(rows(n)).asnumpy(), fn(rows(n)).asnumpy(), 1e-6)
    assert misses(run) == 4  # for 7, for what is above 4, for what is not, and for 6


def test_sizes_among_the_results_are_ints():
    run = ms.jit(lambda x: (x.shape, x.shape[0] * 2 + 1, x * 2), dynamic=1)
    for n in (4, 5, 6):
        shape, odd, _ = run(rows(n))
        assert shape == (n, 3) and odd == 2 * n + 1 and type(odd) is int


# -- sizes that Python needs to know are closed --

SEEN = {}


@functools.lru_cache
def as_float(n):
    return float(n)


def kept(x):
    n = x.shape[0]
    if n not in SEEN:
        SEEN[n] = n * 2.0
    return x * SEEN[n]


def caught(x):
    try:
        n = int(x.shape[0])
    except TypeError:
        n = -1
    return x * n


def written(x):
    table = {}
    table[x.shape[0]] = 2.0
    return x * table.get(6, 1.0)


def collected(x):
    items = []
    for i in range(x.shape[0]):
        items.append(x[i] * i)  # noqa: PERF401  # the list grows in a loop
    return ops.stack(items)


def started_as_a_float(x):
    total = 0.0
    for i in range(x.shape[0] - 1):
        total = total + x[i] * x[i + 1]
    return total


def counted_down(x):
    n = x.shape[0]
    while x.sum() < 20 and n > 0:
        x = x + 1
        n -= 1
    return x * n


def counted_up(x):
    n = x.shape[0]
    for _ in x:
        n = n + 1
    return x * n


def chosen(x):
    n = x.shape[0] + 1 if x.sum() > 0 else 5
    m = x.shape[0]
    if x.sum() < 1:
        m = m * 2 - n
    return x * n + m


def grown(x):
    return ops.while_loop(lambda c: c[0] < x.shape[0], lambda c: (c[0] + 1, c[1] * 1.5), (Tensor(0), x))[1]


CLOSED = {
    "f-string": lambda x: x * len(f"{x.shape[0]}") + int(f"{x.shape[0]}"),
    "f-string of a shape": lambda x: x * len(f"{x.shape}, {x.shape!r}, {x.shape[0]:5d}"),
    "str": lambda x: x * int(str(x.shape[0])),
    "str of a shape": lambda x: x * len(str(x.shape)),
    "repr": lambda x: x * len(repr(x.shape)),
    "%d": lambda x: x * int("%d" % x.shape[0]),  # noqa: UP031  # a text that no f-string makes
    "%s": lambda x: x * len("%s" % (x.shape,)),  # noqa: UP031  # likewise
    "format": lambda x: x * len("{}".format(x.shape)),  # noqa: UP032  # likewise
    "join": lambda x: x * len(", ".join(map(str, x.shape))),
    "len": lambda x: x * len(x),
    "slice": lambda x: x[: x.shape[0] // 2] * 2,
    "index": lambda x: x[x.shape[0] - 1] + x[[0, x.shape[0] - 1]].sum(0),
    "sum of a range": lambda x: sum((x * i for i in range(x.shape[0])), start=x),
    "comprehension": lambda x: ops.stack([x[i] * i for i in range(1, x.shape[0])]),
    "zip": lambda x: sum((row * i for i, row in zip(range(x.shape[0]), x, strict=True)), start=x[0] * 0),
    "enumerate": lambda x: sum((row * i for i, row in enumerate(x)), start=x[0] * 0),
    "list": lambda x: ops.concat([x] * x.shape[0]) * [*range(20)][x.shape[0]] + sum([*range(20)][: x.shape[0]]),
    "numpy.ones": lambda x: x * Tensor(np.ones(x.shape, np.float32)),
    "numpy.array": lambda x: x * float(np.array(x.shape[0])) + float(np.array(x.shape).prod()),
    "numpy.prod": lambda x: x * int(np.prod(x.shape)),
    "numpy.sqrt": lambda x: x / np.sqrt(x.shape[0]),
    "numpy float": lambda x: x * (np.float32(2) * x.shape[0]) + float(x.shape[0] * np.float32(2)),
    "math.sqrt": lambda x: x / math.sqrt(x.shape[0]),
    "inverse": lambda x: x * (1 / x.shape[0]) + x.shape[0] / 2,
    "power": lambda x: x * x.shape[0] ** -0.5 + x.shape[0] ** 2 + 2 ** x.shape[0],
    "float": lambda x: x * (0.5 * x.shape[0]) + 2 * (x.shape[0] - 0.5) + x.shape[0] // 1.5,
    "bits": lambda x: x * (x.shape[0] & 1) + (x.shape[0] << 1),
    "round": lambda x: x * round(x.shape[0] / 2) + math.floor(x.shape[0]) + divmod(x.shape[0], 2)[1],
    "compared with a float": lambda x: x * 2 if x.shape[0] > 4.5 else x,
    "key": lambda x: x * {4: 2.0, 6: 3.0}.get(x.shape[0], 1.0),
    "set": lambda x: x * 2 if x.shape[0] in {6, 8} else x,
    "cached function": lambda x: x * as_float(x.shape[0]),
    "table outside": kept,
    "table inside": written,
    "caught": caught,
    "chunk": lambda x: sum(part.sum() for part in ops.chunk(x, 2)),
    "split": lambda x: ops.split(x, 3)[0] * 1.0,
    "unbind": lambda x: sum(ops.unbind(x, 0)),
    "arange": lambda x: x * ops.arange(0, x.shape[0] * 2, 2).reshape(-1, 1),
    "slice from behind": lambda x: x[-2::-1],
    "searchsorted": lambda x: ops.searchsorted(ops.sort(x[:, 0])[0], x[:, 0]),
    "list that grows": collected,
    "loop that changes a type": started_as_a_float,
}
OPEN = {
    "int of NumPy": lambda x: x * (x.shape[0] * np.int64(2)),
    "equal to a float": lambda x: x * 2 if x.shape[0] == 6.0 else x,
    "truth": lambda x: x * 2 if x.shape[0] - 6 else x,
    "in a tuple": lambda x: x * 2 if x.shape[0] in (6, 8) else x,
    "isinstance": lambda x: x * 2 if isinstance(x.shape[0], int) else x,
    "compared with a tensor": lambda x: x * (x.shape[0] > x.sum()),
    "math.prod": lambda x: x * math.prod(x.shape),
    "carried": grown,
    "counted down": counted_down,
    "counted up": counted_up,
    "chosen": chosen,
    "same padding": lambda x: ops.conv1d(x.reshape(1, 3, -1), ops.ones((2, 3, 3)), stride=2, pad_mode="same"),
    "as a tensor": lambda x: x * ops.scalar_to_tensor(x.shape[0]),
    "row at an index": lambda x: x[1] + x[-2] + x[1:].sum(0) + x[:-1].sum(0),
}  # fmt: skip


def values_for(fn, sizes=(7, 4, 6, 8, 2, 3)):
    """What a function gives compiled and op by op, for some sizes."""
    SEEN.clear()
    run = ms.jit(fn, dynamic=1)
    for n in sizes:
        np.testing.assert_allclose(run(rows(n)).asnumpy(), fn(rows(n)).asnumpy(), 1e-5, 1e-5, err_msg=f"size {n}")
    return misses(run)


@pytest.mark.parametrize("name", CLOSED)
def test_a_size_that_python_needs_is_closed(name):
    assert values_for(CLOSED[name]) == 6


@pytest.mark.parametrize("name", OPEN)
def test_a_size_that_python_does_not_need_stays_open(name):
    assert values_for(OPEN[name]) <= 4


def test_only_the_size_that_python_needs_is_closed():
    run = ms.jit(lambda x, y: (x * len(x)).sum() + y.mean(), dynamic=1)
    for n, m in ((4, 5), (6, 7), (6, 8), (6, 9), (5, 9)):
        assert run(ops.ones((n, 3)), ops.ones((m, 3))).item() == 3 * n * n + 1
    assert misses(run) == 3


def test_a_size_in_a_text_that_is_printed(capfd):
    run = ms.jit(lambda x: (print(x.shape[0], f"rows of {x.shape}"), x * 2)[1], dynamic=1)
    for n in (4, 5, 6):
        run(rows(n))
    assert capfd.readouterr().out.splitlines() == [f"{n} rows of ({n}, 3)" for n in (4, 5, 6)]


def test_an_error_that_names_a_size():
    def fn(x):
        if x.shape[0] == 6:
            raise ValueError(f"a bad shape: {x.shape}")
        return x

    run = ms.jit(fn, dynamic=1)
    run(rows(4))
    with pytest.raises(ValueError, match=r"a bad shape: \(6, 3\)"):
        run(rows(6))


def test_a_size_that_nobody_can_close():
    with pytest.raises(TypeError, match="a known size"):
        ms.ir.build(lambda x: x * len(x), parse_type("float32[n, 3]"))


def test_the_step_of_training_runs_for_every_size():
    def trained(compiled):
        ms.set_seed(1)
        net = nn.SequentialCell(nn.Dense(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(p=0.2), nn.Dense(8, 3))
        net.set_train()
        optimizer = nn.Momentum(net.trainable_params(), 0.05, 0.9)
        loss_fn = nn.CrossEntropyLoss()
        gradients_of = ms.value_and_grad(lambda x, y: loss_fn(net(x), y), None, optimizer.parameters)

        def step(x, y):
            loss, gradients = gradients_of(x, y)
            optimizer(gradients)
            return loss

        run = ms.jit(step, dynamic=1) if compiled else step
        losses = []
        for n in (16, 7, 32, 2, 5, 64, 33, 16, 8, 3):
            labels = Tensor(np.arange(n) % 3, ms.int32)
            losses.append(run(rows(n), labels).item())
        weights = [p.asnumpy() for p in net.get_parameters()]
        return losses, weights, misses(run) if compiled else 2

    mine, theirs = trained(True), trained(False)
    np.testing.assert_allclose(mine[0], theirs[0], 1e-3, 1e-4)
    for a, b in zip(mine[1], theirs[1], strict=True):
        np.testing.assert_allclose(a, b, 1e-2, 1e-3)
    assert mine[2] == 2
