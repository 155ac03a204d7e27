"""Results without elements, last lanes, indices of few bits, and faults of the compiler itself."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.lowering.plan import Loops
from lamella.lowering.segments import FallbackWarning
from lamella.ops import prims
from lamella.types import TensorType, parse_type
from lamella_cpu.codegen import program

Array = np.ndarray[Any, Any]


def run(device: str, fn: Any, *arrays: Array) -> list[Array]:
    types = [TensorType(ms.dtypes.BY_NUMPY[a.dtype], a.shape) for a in arrays]
    backend = ms.plugins.backend(device)
    return [
        b.plain() for b in backend.compile(ir.verify(ir.build(fn, *types)))([backend.put(a.copy()) for a in arrays])
    ]


def agree(fn: Any, *arrays: Array) -> None:
    for mine, theirs in zip(run("CPU", fn, *arrays), run("reference", fn, *arrays), strict=True):
        assert mine.dtype == theirs.dtype and mine.shape == theirs.shape
        np.testing.assert_allclose(mine.astype(np.float64), theirs.astype(np.float64), 2e-2, 1e-5)


_conv = {"strides": (1,), "padding": ((2, 1),), "dilation": (1,), "groups": 1}
_grouped = {**_conv, "groups": 3}
_window = {"window": (3,), "strides": (1,), "padding": ((2, 1),), "dilation": (1,)}

EMPTY = [
    (lambda g, w: prims.conv_input_grad(g, w, shape=(2, 2, 0), **_conv) * 2, "float32[2,3,1]", "float32[3,2,3]"),
    (lambda g, w: prims.conv_input_grad(g, w, shape=(2, 6, 0), **_grouped), "float32[2,3,1]", "float32[3,2,3]"),
    (lambda x, w: prims.conv(x, w, **_conv) + 1, "float32[2,2,0]", "float32[3,2,3]"),
    (lambda x, g: prims.conv_weight_grad(x, g, shape=(3, 2, 3), **_conv) + 1, "float32[2,2,0]", "float32[2,3,1]"),
    (lambda x: prims.window_sum(x, **_window) * 2, "float32[2,0]"),
    (lambda x: prims.window_max(x, **_window), "float32[2,0]"),
    (lambda x: prims.window_sum_grad(x, shape=(2, 0), **_window), "float32[2,1]"),
    (lambda x, y: (x[:0] @ y * 2, x[:, :0] @ y[:0] + 1, (x[:0] @ y).sum()), "float32[3,4]", "float32[4,5]"),
    (lambda x: (x[3:] * 2, x[:, 4:] + 1, ops.exp(x[:0]).sum(0), x[:0]), "float32[3,4]"),
    (lambda x: prims.pad(x, Tensor(1.0), low=(-2, 0), high=(-1, 0), interior=(0, 0)), "float32[3,4]"),
    (lambda x: prims.broadcast_to(x, shape=(0, 4)) * 2, "float32[1,4]"),
    (lambda x: prims.broadcast_to(x, shape=(3, 0, 4)).sum(0), "float32[1,4]"),
    (lambda x: (prims.iota(size=0, dtype="float32"), prims.iota(size=0, dtype="int32").sum() + x), "float32[2]"),
    (lambda k, c: prims.random_bits(k, c, shape=(0, 3)), "uint64[]", "uint64[]"),
    (lambda x: (ops.concat((x[:0], x)), ops.concat((x[:0], x[:0])), ops.tile(x[:0], (2, 1))), "float32[3,4]"),
    (lambda x: prims.sort(x[:0], axis=1, descending=True), "float32[3,4]"),
    (lambda x: prims.cumsum(x[:0], axis=0, reverse=False), "float32[3,4]"),
    (lambda x: ops.scan(lambda c, r: (c + r, c * r), x[0], x[:0]), "float32[3,4]"),
    (lambda x: ops.cond(x.sum() > 0, lambda x: x[:0] * 2, lambda x: x[:0], x), "float32[3,4]"),
    (lambda x: ops.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] * 2), (Tensor(0), x[:0])), "float32[3,4]"),
    (lambda x: (x[:0].sum(), x[:0].prod(0), x[:0].mean(), ops.softmax(x[:0], 1)), "float32[3,4]"),
]  # fmt: skip


@pytest.mark.parametrize("row", EMPTY, ids=range(len(EMPTY)))
def test_results_without_elements(row: Any) -> None:
    fn, *types = row
    rng = np.random.default_rng(0)
    agree(fn, *(np.asarray(rng.uniform(0, 3, t.shape), t.dtype.numpy) for t in map(parse_type, types)))


@pytest.mark.parametrize("columns", [16, 17, 31, 33, 65])
@pytest.mark.parametrize(
    ("wide", "narrow"),
    [("float32", "bfloat16"), ("float32", "float16"), ("int32", "int8"), ("int32", "int16"), ("int64", "uint8"),
     ("int16", "int8"), ("float32", "bool"), ("float64", "float32"), ("int64", "int32")],
)  # fmt: skip
def test_the_last_lane_of_a_row_stays_within_it(wide: str, narrow: str, columns: int) -> None:
    x = np.random.default_rng(0).integers(0, 50, (3, columns)).astype(ms.dtypes.BY_NAME[wide].numpy)
    agree(lambda x: prims.cast(x + prims.reduce_max(x, axes=(0,)), dtype=narrow), x)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"])
def test_indices_of_every_type(dtype: str) -> None:
    x = np.random.default_rng(0).standard_normal((300, 3)).astype(np.float32)
    index = np.array([0, 100, 127, 5] + ([] if dtype == "int8" else [200, 250]), dtype)
    agree(
        lambda x, i: (prims.gather(x * 2, i, axis=0), prims.scatter(x, i, x[: len(index)], axis=0, mode="add")),
        x,
        index,
    )
    agree(lambda x, i: ops.cross_entropy(ops.broadcast_to(x.T[:1], (len(index), 300)), i), x, index)


def test_positions_that_no_memory_holds() -> None:
    index = np.array([[3, 0], [7, 7]])
    for dtype in ("int32", "int64", "uint8", "float32"):
        agree(lambda i, dtype=dtype: prims.gather(prims.iota(size=64, dtype=dtype), i, axis=0) * 2, index)
    with pytest.raises(IndexError):
        run("CPU", lambda i: prims.gather(prims.iota(size=5, dtype="int64"), i, axis=0), index)


def test_a_fault_of_the_compiler_is_told_and_the_graph_runs_op_by_op(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("a value")

    monkeypatch.setitem(program._WRITERS, Loops, broken)
    line = re.escape(f"{__file__}:") + r"\d+: .*ops\.exp\(x\)"
    with pytest.warns(FallbackWarning, match=rf"KeyError: 'a value'.*{line}"):
        (found,) = run("CPU", lambda x: ops.exp(x) + 1, np.ones(40, np.float32))
    np.testing.assert_allclose(found, np.exp(np.ones(40)) + 1, 1e-6)
    count = ms.Parameter(Tensor(np.zeros(40, np.float32)).to("CPU"), name="count")
    before = ms.get_context("device_target")
    ms.set_context(device_target="CPU")
    try:
        bump = ir.staged(lambda x: count.assign_value(count + ops.exp(x)))
        with pytest.warns(FallbackWarning, match="op by op"):
            bump(Tensor(np.zeros(40, np.float32)))
        bump(Tensor(np.zeros(40, np.float32)))
        assert count.asnumpy().tolist() == [2.0] * 40
    finally:
        ms.set_context(device_target=before)


def test_a_fault_in_lowering_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(node: Any) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr("lamella_cpu.codegen.coverage.rules", broken)
    with pytest.warns(FallbackWarning, match=r"IndexError: list index out of range.*test_edges"):
        (found,) = run("CPU", lambda x: x * 2, np.ones(4, np.float32))
    assert found.tolist() == [2.0] * 4


def test_sizes_that_a_graph_was_not_built_for() -> None:
    graph = ir.build(lambda x: x[3:] * 2, parse_type("float32[n]"))
    backend = ms.plugins.backend("CPU")
    run_open = backend.compile(graph)
    assert run_open([backend.put(np.ones(5, np.float32))])[0].shape == (2,)
    with pytest.raises(ms.errors.GraphError, match="n - 3 >= 0"):
        run_open([backend.put(np.ones(2, np.float32))])
