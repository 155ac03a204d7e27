from __future__ import annotations

import numpy as np

import lamella as ms
from lamella import ir, ops
from lamella.ir.execute import execute
from lamella.ir.rewriting import Rules, constant_of, maker, rewritten
from lamella.ops import prims

KIND = ir.TensorType(ms.float32, (3,))


def names(graph):
    return [node.op.name for node in graph.nodes]


def undo(rewriting, node):
    inner = maker(node.operands[0], prims.neg)
    return None if inner is None else inner.operands


def as_negative_sum(rewriting, node):
    x, y = node.operands
    return [rewriting.one(prims.neg, rewriting.one(prims.sub, rewriting.one(prims.neg, x), y))]


def test_what_a_rule_makes_is_rewritten_in_its_turn():
    graph = ir.build(lambda x, y: -x + y, KIND, KIND)
    rules = Rules((prims.neg, undo), (prims.add, as_negative_sum))
    result = ir.verify(rewritten(graph, rules))
    assert names(result) == ["neg", "sub", "neg"] and result.nodes[1].operands[0] is result.params[0]
    arrays = [np.float32([1, 2, 3]), np.float32([5, 6, 7])]
    np.testing.assert_array_equal(execute(result, arrays)[0], execute(graph, arrays)[0])


def test_a_graph_in_which_nothing_is_found_is_given_back():
    graph = ir.build(lambda x: ops.cond(x.sum() > 0, lambda x: -x, lambda x: x, x), KIND)
    rules = Rules((prims.neg, undo))
    assert rewritten(graph, rules) is graph and graph in rules.settled


def test_equal_nodes_become_one_but_not_effects_and_different_constants():
    def fn(x):
        ops.print_(x)
        ops.print_(x)
        return ops.exp(x) + ops.exp(x), x * 0.0, x * -0.0, x.sum(0), x.sum(0)

    result = ir.verify(rewritten(ir.build(fn, KIND), Rules()))
    found = names(result)
    assert found.count("exp") == 1 and found.count("print") == 2 and found.count("reduce_sum") == 1
    assert found.count("mul") == 2


def test_rules_go_into_regions_and_leave_the_original_alone():
    graph = ir.build(lambda x: ops.while_loop(lambda c: c.sum() < 3, lambda c: ops.neg(ops.neg(c + 1)), x), KIND)
    text = str(graph)
    result = ir.verify(rewritten(graph, Rules((prims.neg, undo))))
    body = result.nodes[-1].attrs["body"]
    assert body.results[0].node.op is prims.add and str(graph) == text


def test_a_region_is_put_in_by_name_of_its_parameters():
    inner = ir.build(lambda x, y: x * y + 1, KIND, KIND)

    def expand(rewriting, node):
        return rewriting.inline(inner, node.operands)

    graph = ir.build(lambda x, y: ops.atan2(x, y), KIND, KIND)
    result = ir.verify(rewritten(graph, Rules((prims.atan2, expand))))
    arrays = [np.float32([1, 2, 3]), np.float32([5, 6, 7])]
    np.testing.assert_array_equal(execute(result, arrays)[0], arrays[0] * arrays[1] + 1)


def test_rules_for_kinds_of_primitives_and_constants():
    seen = []

    def look(rewriting, node):
        seen.append((node.op.name, [constant_of(v) is not None for v in node.operands]))

    rewritten(ir.build(lambda x: x * 2 + x, KIND), Rules((lambda op: op is not prims.constant, look)))
    assert seen == [("mul", [False, True]), ("add", [False, False])]


def test_locations_are_kept():
    graph = ir.build(lambda x: x + x, KIND)  # here
    result = rewritten(graph, Rules((prims.add, as_negative_sum)))
    assert {node.location for node in result.nodes} == {graph.nodes[0].location}


def test_uses_of_values_are_counted():
    found = {}

    def look(rewriting, node):
        found[node.op.name] = [rewriting.uses.get(v) for v in node.operands]

    rewritten(ir.build(lambda x: (ops.exp(x) + ops.exp(x), x), KIND), Rules((lambda op: True, look)))
    assert found == {"exp": [3], "add": [2, 2]}
