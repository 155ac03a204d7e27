"""Plans, run on NumPy by what they say of memory alone, against the same function op by op."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from plans import Machine, lowered, planned

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.dims import Dim
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, OpDef
from lamella.testing.test_programs import RandomProgram, arrays

FLOATS = ir.TensorType(ms.float32, (4,))
COUNT = 2000 if os.environ.get("LAMELLA_FULL") else 100


def agree(fn: Callable[..., Any], *inputs: np.ndarray) -> None:
    """What a plan gives, with results in memory of their own and over parameters, against the function itself."""
    expected = fn(*map(Tensor, inputs))
    parts = expected if isinstance(expected, tuple) else (expected,)
    plan = planned(lowered(fn, *(ir.TensorType(Tensor(a).dtype, a.shape) for a in inputs)))
    for taken in (False, True):
        found = Machine(plan, inputs, taken).results()
        for mine, theirs in zip(found, parts, strict=True):
            np.testing.assert_allclose(mine, theirs.asnumpy(), 1e-5, 1e-5, err_msg=str(plan))


@pytest.mark.parametrize("block", range(10))
def test_random_programs_and_their_derivatives(block: int) -> None:
    for seed in range(block, COUNT, 10):
        fn: Callable[..., Any] = RandomProgram(seed)
        if seed % 2 and not has_open_sizes(
            slopes := ms.grad(lambda x, y, fn=fn: fn(x, y) * 1.0, (0, 1)), *arrays(seed)
        ):
            fn = slopes
        agree(fn, *arrays(seed))


def has_open_sizes(fn: Callable[..., Any], *inputs: np.ndarray) -> bool:
    """Whether a function has sizes that are known only when it runs: how often a loop goes round."""
    graph = ir.build(fn, *(ir.TensorType(Tensor(a).dtype, a.shape) for a in inputs))
    values = [v for _, node in graph.walk() for v in node.outputs]
    return any(isinstance(n, Dim) for v in values for n in v.shape)


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def convolved(x: Tensor, w: Tensor) -> Tensor:
    y = ops.relu(ops.conv2d(x, w, pad_mode="pad", padding=1, stride=2))
    return ops.max_pool2d(y, 2, 1) + 1.0


@pytest.mark.parametrize(
    ("fn", "shapes"),
    [
        (lambda x: x.T.reshape(2, 6)[:, ::-2] + 1.0, [(3, 4)]),
        (lambda x: ops.softmax(x, 0).sum(1), [(5, 7)]),
        (lambda x, w, b: ops.tanh(ops.dense(x, w, b)), [(5, 7), (3, 7), (3,)]),
        (lambda x, y: ops.bmm(x, y.transpose(0, 2, 1)).transpose(2, 0, 1), [(2, 3, 4), (2, 5, 4)]),
        (convolved, [(2, 3, 7, 9), (4, 3, 3, 3)]),
        (ms.grad(lambda x, w: convolved(x, w).sum(), (0, 1)), [(2, 3, 7, 9), (4, 3, 3, 3)]),
        (lambda x: ops.sort(x, 0)[0] + ops.cumsum(x, 1), [(4, 5)]),
        (lambda x: prims.pad(x, Tensor(9.0), low=(-1, 2), high=(1, -1), interior=(1, 0)), [(4, 5)]),
        (lambda x: (x - 0.5, x + 0.5, x), [(6,)]),
        (lambda x: prims.scatter(x, Tensor([2, 0]), x[:2] * 2, axis=0, mode="add"), [(3, 4)]),
        (lambda x: x + prims.iota(size=4, dtype="float32"), [(3, 4)]),
        (lambda x: (ops.argmax(x, 1), ops.gather(x, Tensor([[1, 0]]), 1)), [(3, 4)]),
        (lambda x: prims.reshape(x, shape=()) * 2, [(1, 1)]),
    ],
)
def test_functions_of_every_kind_of_step(fn: Callable[..., Any], shapes: list[tuple[int, ...]]) -> None:
    agree(fn, *(normal(*shape) for shape in shapes))


def test_parameters_are_written_over_after_all_that_reads_and_all_that_can_fail() -> None:
    def step(p: Tensor, i: Tensor) -> Any:
        return p + 1.0, ops.gather(p, i, 0).sum()

    plan = planned(lowered(step, ir.TensorType(ms.float32, (4,)), ir.TensorType(ms.int64, (2,))))
    assert plan.takes_over == {0: 0}
    first = next(i for i, step in enumerate(plan.steps) if any(access.slot == 2 for access in step.writes))
    assert first == plan.writes_from == len(plan.steps) - 1
    assert "from here on, parameters are written over\n  <group" in str(plan)


def test_a_primitive_that_is_not_known_gets_its_operands_in_order() -> None:
    turned = OpDef("turned", lambda x: x, lambda x: x[::-1, ::-1], kind=Kind.OTHER)
    agree(lambda x: turned(x.T).reshape(2, 6) + 1.0, normal(3, 4))
    agree(lambda x: turned(x.T).T, normal(3, 4))


def test_a_plan_is_written_beside_the_graphs_with_the_steps_of_regions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAMELLA_DUMP", str(tmp_path))
    loop = lowered(lambda x: ops.while_loop(lambda c: c.sum() < 10.0, lambda c: c * 2.0, x), FLOATS)
    text = str(planned(loop))
    (path,) = tmp_path.glob("*_plan.txt")
    assert path.read_text() == text
    assert "  while: writes out0 float32[4]; scratch" in text
    assert "    test\n      <group 0 over [4]: reduce_sum lt>: reads out0 float32[4]; writes arena+64 bool[]" in text
    assert "    body\n      <group 0 over [4]: mul>: reads out0 float32[4]; writes arena float32[4]" in text
