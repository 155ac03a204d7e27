"""Random programs: the same numbers and derivatives in every mode."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ops import prims
from lamella.testing.graphs import assert_same_graph
from lamella.testing.modes import MODES

COUNT = 10_000 if os.environ.get("LAMELLA_FULL") else 300
SHAPE = (3, 2)

_UNARY = (ops.sin, ops.tanh, ops.sigmoid, ops.abs, ops.neg, lambda x: x * 0.5 + 1, lambda x: ops.exp(-x * x))
_BINARY = (ops.add, ops.sub, ops.mul, ops.maximum, ops.minimum)
_MOVES = (
    lambda x: prims.transpose(prims.reshape(x, shape=(2, 3)), permutation=(1, 0)),
    lambda x: prims.flip(x, axes=(0,)),
    lambda x: prims.broadcast_to(prims.reduce_sum(x, axes=(0,)), shape=SHAPE),
    lambda x: prims.cumsum(x, axis=0, reverse=False),
    lambda x: prims.gather(x, Tensor([2, 0, 0]), axis=0),
    lambda x: prims.concat(prims.narrow(x, 0, 1, 3), prims.narrow(x, 0, 0, 1), axis=0),
    lambda x: prims.softmax(x, axis=1),
    lambda x: x @ (x.T @ x) * 0.1,
)  # fmt: skip


class RandomProgram:
    """A random function of two tensors, by seed: straight lines, branches and loops, nested."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Run it."""
        rng = np.random.default_rng(self.seed)
        return self._block(rng, [x, y], depth=0)

    def _block(self, rng: np.random.Generator, values: list[Tensor], depth: int) -> Tensor:
        values = list(values)
        for _ in range(int(rng.integers(2, 6))):
            values.append(self._step(rng, values, depth))
        return values[-1] + values[int(rng.integers(len(values)))] * 0.3

    def _step(self, rng: np.random.Generator, values: list[Tensor], depth: int) -> Tensor:
        def pick() -> Tensor:
            return values[int(rng.integers(len(values)))]

        kind = rng.integers(10 if depth < 2 else 7)
        if kind < 3:
            return _UNARY[int(rng.integers(len(_UNARY)))](pick())
        if kind < 5:
            return ops.tanh(_BINARY[int(rng.integers(len(_BINARY)))](pick(), pick()))
        if kind < 7:
            return ops.tanh(_MOVES[int(rng.integers(len(_MOVES)))](pick()))
        seeds = [int(s) for s in rng.integers(2**31, size=2)]
        seen = [pick(), pick()]

        def body(seed: int) -> Any:
            return lambda *xs: self._block(np.random.default_rng(seed), [*xs, values[0]], depth + 1)

        if kind == 7:
            mean = prims.reduce_sum(pick(), axes=(0, 1))
            return ops.cond(mean > 0.1, body(seeds[0]), body(seeds[1]), *seen)
        if kind == 8:
            limit = ops.abs(prims.reduce_sum(pick(), axes=(0, 1))) * 2 % 3

            def advance(carry: Any) -> Any:
                i, x = carry
                return i + 1, ops.tanh(body(seeds[0])(x, x))

            return ops.while_loop(lambda carry: carry[0] < limit, advance, (Tensor(0.0), pick()))[1]
        rows = prims.reshape(pick(), shape=(3, 1, 2))
        last, ys = ops.scan(
            lambda c, r: (ops.tanh(body(seeds[0])(c, c) + r), r * prims.reduce_sum(c, axes=(0, 1))), seen[0], rows
        )
        return last + prims.reshape(ys, shape=SHAPE) * 0.1


def arrays(seed: int) -> list[np.ndarray[Any, Any]]:
    rng = np.random.default_rng(seed + 1)
    return [rng.uniform(-1, 1, SHAPE) for _ in range(2)]


def check(seed: int) -> None:
    """One program: eager against graph, graph against its printed text, gradients against both and each other."""
    program = RandomProgram(seed)
    x, y = map(Tensor, arrays(seed))
    expected = program(x, y).asnumpy()
    types = [ir.TensorType(ms.float64, SHAPE)] * 2
    graph = ir.verify(ir.build(program, *types))
    again = ir.verify(ir.parse_graph(ir.print_graph(graph)))
    assert_same_graph(again, graph)
    for g in (graph, again):
        run = ms.context.backend.compile(g)
        (found,) = run([ms.context.backend.put(a) for a in arrays(seed)])
        np.testing.assert_allclose(found.plain(), expected, 1e-12, 1e-12)
    both = ms.grad(lambda x, y: program(x, y) * 1.0, (0, 1))
    eager = both(x, y)
    for mode in list(MODES.values())[1:]:
        for mine, theirs in zip(mode(both)(x, y), eager, strict=True):
            np.testing.assert_allclose(mine.asnumpy(), theirs.asnumpy(), 1e-10, 1e-10)


@pytest.mark.parametrize("block", range(10))
def test_random_programs_agree_in_both_modes_with_their_derivatives(block: int) -> None:
    for seed in range(block, COUNT, 10):
        try:
            check(seed)
        except Exception as error:
            error.add_note(f"program {seed}")
            raise


@pytest.mark.parametrize("mode", MODES)
def test_a_loop_that_carries_only_a_number_has_derivatives(mode: str) -> None:
    def damped(x: Tensor) -> Tensor:
        step = ops.while_loop(lambda step: step * ops.abs(x).sum() > 1, lambda step: step / 3, Tensor(8.0))
        return (x * x * step).sum()

    slope = MODES[mode](ms.grad(damped))
    second = MODES[mode](ms.grad(lambda x: ms.grad(damped)(x).sum()))
    each = MODES[mode](lambda xs: ms.vmap(ms.grad(damped))(xs))
    rows = np.array([[0.5, -0.25], [0.01, 0.02], [1.5, 2.0]], np.float32)
    steps = np.array([8 / 9, 8, 8 / 81], np.float32)[:, None]
    for row, step in zip(rows, steps, strict=True):
        np.testing.assert_allclose(slope(Tensor(row)).asnumpy(), 2 * row * step, 1e-6)
        np.testing.assert_allclose(second(Tensor(row)).asnumpy(), [2 * step[0]] * 2, 1e-6)
    np.testing.assert_allclose(each(Tensor(rows)).asnumpy(), 2 * rows * steps, 1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_bools_are_added_and_multiplied_as_or_and_and(mode: str) -> None:
    a, b = Tensor([True, True, False, False]), Tensor([True, False, True, False])
    both, either = [True, False, False, False], [True, True, True, False]

    def in_place(x: Tensor, y: Tensor) -> Tensor:
        z = x.copy()
        z *= y
        z += y
        return z

    for fn, expected in (
        (lambda x, y: x * y, both),
        (lambda x, y: ops.mul(x, y), both),
        (lambda x, y: x.mul(y), both),
        (lambda x, y: x + y, either),
        (lambda x, y: ops.add(x, y), either),
        (lambda x, y: x.add(y), either),
        (lambda x, _: x * True, [True, True, False, False]),
        (lambda x, _: x + True, [True] * 4),
        (lambda x, _: False + x, [True, True, False, False]),
        (lambda x, y: ms.vmap(lambda u, v: u * v + v)(x, y), [True, False, True, False]),
        (in_place, [True, False, True, False]),
    ):
        found = MODES[mode](fn)(a, b)
        assert found.dtype is ms.bool_ and found.tolist() == expected
    assert MODES[mode](lambda x, y: (x * y + y).astype("int32").sum())(a, b).item() == 2
    assert MODES[mode](lambda x: x * 2)(a).tolist() == [2, 2, 0, 0]
    assert MODES[mode](lambda x, y: x - y)(a, b).tolist() == [False, True, True, False]
    assert MODES[mode](lambda x, y: x // y)(a, b).tolist() == a.tolist()  # MindSpore's, divisors of False too


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("weight", [None, [0.5, 2.0, 1.0], [0.0, 2.0, 1.0]], ids=["plain", "weights", "no weight"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_batch_in_which_nothing_counts_has_no_slope(mode: str, weight: Any, smoothing: float) -> None:
    labels = [9, 9] if weight is None or weight[0] else [9, 0]
    targets, factors = Tensor(labels, ms.int32), None if weight is None else Tensor(weight)
    logits = Tensor(np.random.default_rng(0).standard_normal((2, 3)).astype(np.float32))
    for name in ("cross_entropy", "nll_loss"):

        def loss(z: Tensor, name: str = name) -> Tensor:
            return getattr(ops, name)(z, targets, factors, 9, "mean", smoothing)

        value, slope = MODES[mode](ms.value_and_grad(loss))(logits)
        if smoothing and 0 in labels:  # the row's smooth part counts, divided by no weight
            assert not np.isfinite(value.item())
        else:
            assert np.isnan(value.item())
        assert slope.asnumpy().tolist() == [[0.0] * 3] * 2
