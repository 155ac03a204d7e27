from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import ir, ops
from lamella_compiler.passes.dead import prune
from lamella_compiler.passes.folding import MOST_ELEMENTS, fold


def folded(fn, *types):
    return ir.verify(prune(fold(ir.build(fn, *types))))


def names(graph):
    return [node.op.name for node in graph.nodes]


def test_constants_are_computed(becomes):
    becomes(
        fold,
        """graph g(%0: float32[3]) -> float32[3] {
          %1: float32[] = constant() {value=float32[](2.0)}
          %2: float32[3] = constant() {value=float32[3](1.0, -0.0, inf)}
          %3: float32[3] = mul(%1, %2)
          %4: float32[3] = exp(%3)
          %5: float32[3] = add(%0, %4)
          return %5
        }""",
        f"""graph g(%0: float32[3]) -> float32[3] {{
          %1: float32[3] = constant() {{value=float32[3]({float(np.exp(np.float32(2)))!r}, 1.0, inf)}}
          %2: float32[3] = add(%0, %1)
          return %2
        }}""",
    )


def test_regions_are_folded_too():
    graph = folded(
        lambda x: ops.while_loop(lambda c: c < ms.Tensor(2.0) * 3, lambda c: c + ms.Tensor(1.0) * 2, x),
        ir.TensorType(ms.float32, ()),
    )
    (loop,) = graph.nodes
    assert names(loop.attrs["test"]) == ["constant", "lt"] and names(loop.attrs["body"]) == ["constant", "add"]


def test_large_results_of_small_constants_stay_as_they_are_said():
    graph = folded(lambda: ops.zeros((MOST_ELEMENTS + 1,)) + 1)
    assert "broadcast_to" in names(graph)
    assert sum(n.attrs["value"].size for n in graph.nodes if n.op.name == "constant") <= 4


def test_results_no_larger_than_their_operands_are_computed():
    data = np.arange(5000, dtype=np.float32)
    graph = folded(lambda: ops.neg(ms.Tensor(data)))
    assert names(graph) == ["constant"]


def test_an_error_stays_an_error_of_the_run():
    graph = folded(lambda: ms.Tensor([1, 2]) // ms.Tensor(0))
    assert "floor_div" in names(graph)
    with pytest.raises(ZeroDivisionError):
        ms.context.backend.compile(graph)([])


def test_open_sizes_are_not_constants():
    graph = folded(lambda x: ops.full((x.shape[0],), 2.0), ir.TensorType(ms.float32, (ir.Dim.symbol("n"),)))
    assert "broadcast_to" in names(graph)


def test_effects_are_not_run_while_a_graph_is_made(capsys):
    graph = folded(lambda: (ops.print_(ms.Tensor(1.0)), ms.Tensor(2.0))[1])
    assert "print" in names(graph) and not capsys.readouterr().out
