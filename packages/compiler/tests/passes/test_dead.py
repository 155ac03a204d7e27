from __future__ import annotations

import numpy as np

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ir.execute import execute
from lamella_compiler.passes.dead import prune

F = ir.TensorType(ms.float32, ())


def only(graph: ir.Graph, name: str) -> ir.Node:
    (node,) = [node for node in graph.nodes if node.op.name == name]
    return node


def pruned(fn, *types):
    """The pruned graph of a function; it gives what the whole graph gives."""
    graph = ir.build(fn, *types)
    result = ir.verify(prune(graph))
    arrays = [np.asarray(np.random.default_rng(i).uniform(1, 2, t.shape), t.dtype.numpy) for i, t in enumerate(types)]
    for mine, theirs in zip(execute(graph, arrays), execute(result, arrays), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert prune(result) is result
    return result


def test_nodes_nobody_reads(becomes):
    becomes(
        prune,
        """graph g(%0: float32[], %1: float32[]) -> float32[] {
          %2: float32[] = exp(%0)
          %3: float32[] = neg(%2)
          %4: float32[] = exp(%1)
          return %4
        }""",
        "graph g(%0: float32[], %1: float32[]) -> float32[] { %2: float32[] = exp(%1) return %2 }",
    )


def test_effects_stay(becomes):
    text = """graph g(%0: token, %1: float32[]) -> (token, float32[]) {
      %2: float32[] = exp(%1)
      %3: token = print(%0, %2) {template='{}'}
      return %3, %1
    }"""
    becomes(prune, text, text, exact=False)


def test_results_and_operands_of_branches_nobody_reads(becomes):
    becomes(
        prune,
        """graph g(%0: bool[], %1: float32[], %2: float32[]) -> float32[] {
          %3: float32[], %4: float32[] = cond(%0, %1, %2)
            then = graph then(%5: float32[], %6: float32[]) -> (float32[], float32[]) {
              %7: float32[] = exp(%5)
              %8: float32[] = neg(%6)
              return %7, %8
            }
            orelse = graph orelse(%9: float32[], %10: float32[]) -> (float32[], float32[]) { return %9, %10 }
          return %4
        }""",
        """graph g(%0: bool[], %1: float32[], %2: float32[]) -> float32[] {
          %3: float32[] = cond(%0, %2)
            then = graph then(%4: float32[]) -> float32[] { %5: float32[] = neg(%4) return %5 }
            orelse = graph orelse(%6: float32[]) -> float32[] { return %6 }
          return %3
        }""",
    )


def test_a_branch_nobody_reads_that_prints_stays(capsys):
    def fn(x):
        ops.cond(x > 0, lambda x: (ops.print_(x), ops.exp(x))[1], lambda x: x, x)
        return x

    node = only(pruned(fn, F), "cond")
    assert node.attrs["then"].effects and len(node.outputs) == 1
    assert "exp" not in [n.op.name for n in node.attrs["then"].nodes]


def test_values_that_a_loop_carries_for_nothing():
    def fn(x, y):
        def body(carry):
            i, a, b, c = carry
            return i + 1, a * 2, b + a, ops.cos(c)  # c is needed nowhere, a by b

        return ops.while_loop(lambda carry: carry[0] < 3, body, (Tensor(0.0), x, y, y))[2]

    node = only(pruned(fn, F, F), "while_loop")
    assert len(node.operands) == 3 and len(node.outputs) == 3
    assert "cos" not in [n.op.name for n in node.attrs["body"].nodes]


def test_what_the_condition_of_a_loop_reads_stays():
    def fn(x):
        return ops.while_loop(lambda c: c[0] < 5, lambda c: (c[0] * 2, c[1] + 1), (x, Tensor(0.0)))[1]

    assert len(only(pruned(fn, F), "while_loop").outputs) == 2


def test_results_carries_and_items_of_a_scan():
    def fn(x, rows):
        def step(carry, row):
            a, b = carry
            return (a + row[0], ops.cos(b)), (a * row[0], ops.sin(row[1]))

        (_, _), (products, _) = ops.scan(step, (x, x), rows)
        return products

    node = only(pruned(fn, F, ir.TensorType(ms.float32, (4, 2))), "scan")
    assert node.attrs["carry"] == 1 and len(node.outputs) == 2
    assert {n.op.name for n in node.attrs["body"].nodes}.isdisjoint({"cos", "sin"})


def test_items_nobody_reads():
    def fn(x, rows, others):
        return ops.scan(lambda c, row: (c + row[0], row[1]), x, (rows, others))[0]

    rows = ir.TensorType(ms.float32, (4,))
    node = only(pruned(fn, F, rows, rows), "scan")
    assert len(node.operands) == 2 and len(node.outputs) == 1


def test_carries_that_are_saved_for_a_derivative_stay_while_it_needs_them():
    def power(x):
        return ops.scan(lambda c, _: (c * c, None), x, None, length=3)[0]

    gradient = pruned(ms.grad(power), F)
    assert [n.attrs["save"] for n in gradient.nodes if n.op.name == "scan"] == [True, False]
    value = pruned(lambda x: ms.value_and_grad(power)(x)[0], F)
    assert only(value, "scan").attrs["save"] is False


def test_a_while_loop_saves_nothing_that_nobody_reads():
    def power(x):
        return ops.while_loop(lambda c: c < 100, lambda c: c * c + 1, x)

    value = pruned(lambda x: ms.value_and_grad(power)(x)[0], F)
    assert only(value, "while_loop").attrs["save"] == ""
    gradient = pruned(ms.grad(power), F)
    assert only(gradient, "while_loop").attrs["save"]


def test_a_draw_nobody_reads_advances_its_counter():
    generator = ms.Generator(3)

    def draw(used):
        first = ops.rand(4, generator=generator)
        second = ops.rand(4, generator=generator)
        return first + second if used else second

    generator.manual_seed(1)
    expected = [draw(True), draw(False)][1].asnumpy()
    generator.manual_seed(1)
    both, second = (ms.jit(lambda used=used: draw(used)) for used in (True, False))
    both()
    np.testing.assert_array_equal(second().asnumpy(), expected)


def test_graphs_in_which_nothing_is_dead_are_given_back():
    graph = ir.build(lambda x: ops.cond(x > 0, ops.exp, ops.neg, x), F)
    assert prune(graph) is graph
