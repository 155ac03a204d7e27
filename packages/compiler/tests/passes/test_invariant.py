from __future__ import annotations

import numpy as np

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ir.execute import execute
from lamella.ops import prims
from lamella_compiler.passes.dead import prune
from lamella_compiler.passes.invariant import hoist

F = ir.TensorType(ms.float32, ())
M = ir.TensorType(ms.float32, (3, 3))


def hoisted(fn, *types):
    graph = ir.build(fn, *types)
    result = ir.verify(prune(hoist(graph)))
    arrays = [np.asarray(np.random.default_rng(i).uniform(1, 2, t.shape), t.dtype.numpy) for i, t in enumerate(types)]
    for mine, theirs in zip(execute(graph, arrays), execute(result, arrays), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    return result


def names(graph):
    return [node.op.name for node in graph.nodes]


def test_out_of_the_body_of_a_while_loop(becomes):
    becomes(
        hoist,
        """graph g(%0: float32[], %1: float32[]) -> float32[] {
          %2: float32[] = while_loop(%1, %0) {consts=1, save=''}
            test = graph test(%3: float32[], %4: float32[]) -> bool[] {
              %5: bool[] = lt(%4, %3)
              return %5
            }
            body = graph body(%6: float32[], %7: float32[]) -> float32[] {
              %8: float32[] = exp(%6)
              %9: float32[] = add(%7, %8)
              return %9
            }
          return %2
        }""",
        """graph g(%0: float32[], %1: float32[]) -> float32[] {
          %2: float32[] = exp(%1)
          %3: float32[] = while_loop(%1, %2, %0) {consts=2, save=''}
            test = graph test(%4: float32[], %5: float32[], %6: float32[]) -> bool[] {
              %7: bool[] = lt(%6, %4)
              return %7
            }
            body = graph body(%8: float32[], %9: float32[], %10: float32[]) -> float32[] {
              %11: float32[] = add(%10, %9)
              return %11
            }
          return %3
        }""",
        exact=False,
    )


def test_out_of_the_condition():
    graph = hoisted(lambda x, w: ops.while_loop(lambda c: c < ops.exp(w) * 3, lambda c: c + 1, x), F, F)
    loop = graph.nodes[-1]
    assert "exp" in names(graph) and names(loop.attrs["test"]) == ["lt"]


def test_out_of_a_scan_with_what_it_needs():
    def fn(x, w):
        return ops.scan(lambda c, _: (c @ ops.tanh(w.T) + 1, None), x, None, length=4)[0]

    graph = hoisted(fn, M, M)
    assert names(graph)[:2] == ["transpose", "tanh"]
    assert "tanh" not in names(graph.nodes[-1].attrs["body"])


def test_out_of_nested_loops():
    def fn(x, w):
        def outer(c):
            return ops.scan(lambda d, _: (d + ops.sin(w), None), c, None, length=2)[0]

        return ops.while_loop(lambda c: c < 10, outer, x)

    graph = hoisted(fn, F, F)
    assert "sin" in names(graph)
    assert [node.op.name for _, node in graph.walk()].count("sin") == 1


def test_what_refuses_some_numbers_stays_in_a_loop_that_may_not_run():
    place = ir.TensorType(ms.int64, ())

    def fn(x, i):
        return ops.while_loop(lambda c: c < 0, lambda c: c + prims.flat_index(i, sizes=(4,)), x)

    graph = prune(hoist(ir.build(fn, place, place)))
    assert "flat_index" not in names(graph)
    assert execute(graph, [np.array(1), np.array(9)]) == (1,)


def test_what_costs_nothing_stays():
    def fn(x, w):
        return ops.scan(lambda c, _: (c + ops.broadcast_to(w, (3, 3)), None), x, None, length=2)[0]

    graph = hoisted(fn, M, F)
    assert "broadcast_to" in names(graph.nodes[-1].attrs["body"]) and "broadcast_to" not in names(graph)


def test_what_may_fail_stays():
    def fn(x, w):
        return ops.while_loop(lambda c: c < 3, lambda c: c + 10 // w, x)

    kind = ir.TensorType(ms.int64, ())
    graph = ir.verify(prune(hoist(ir.build(fn, kind, kind))))
    assert execute(graph, [np.array(7), np.array(0)]) == (7,)  # the body never runs


def test_effects_stay():
    def fn(x, w):
        def body(c):
            ops.print_(w)
            return c + 1

        return ops.while_loop(lambda c: c < 3, body, x)

    graph = ir.verify(prune(hoist(ir.build(fn, F, F))))
    loop = only_loop(graph)
    assert "print" in names(loop.attrs["body"])


def only_loop(graph):
    (loop,) = [node for node in graph.nodes if node.regions()]
    return loop


def test_what_moves_out_of_a_loop_with_effects():
    def fn(x, w):
        def body(c):
            ops.print_(c)
            return c + ops.exp(w)

        return ops.while_loop(lambda c: c < 3, body, x)

    graph = ir.verify(prune(hoist(ir.build(fn, F, F))))
    assert "exp" in names(graph) and "exp" not in names(only_loop(graph).attrs["body"])


def test_what_is_carried_stays():
    graph = ir.build(lambda x: ops.while_loop(lambda c: c < 3, lambda c: ops.exp(c), x), F)
    assert hoist(graph) is graph


def test_derivatives_of_a_loop_with_an_invariant_part():
    def fn(x, w):
        return ops.scan(lambda c, t: (c * ops.exp(w) + t, None), x, Tensor([1.0, 2.0]))[0]

    hoisted(ms.grad(fn, (0, 1)), F, F)
