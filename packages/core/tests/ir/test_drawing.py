from __future__ import annotations

import re

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.ir.drawing import to_dot, to_mermaid

KIND = ir.TensorType(ms.float32, ())


def looping(x):
    x = ops.cond(x > 0, lambda x: ops.while_loop(lambda c: c < 5, lambda c: c * 2, x), lambda x: x, x)
    ops.print_('a "quoted" text', x)
    return x + Tensor([1.0, 2.0])


def test_dot_has_a_cluster_for_each_region_and_an_edge_for_each_use():
    graph = ir.build(looping, KIND)
    text = to_dot(graph)
    assert text.count("subgraph") == len(re.findall(r"^ +}$", text, re.M)) == 4 and "then of cond" in text
    boxes = set(re.findall(r"^ *(b\d+) \[", text, re.M))
    uses = sum(len(n.operands) for _, n in graph.walk()) + len(graph.results)
    uses += sum(len(region.results) for _, n in graph.walk() for region in n.regions().values())
    edges = re.findall(r"(b\d+) -> (b\d+)", text)
    assert len(edges) == uses and {end for edge in edges for end in edge} <= boxes
    assert '\\"quoted\\"' in text


def test_mermaid_has_the_same_boxes_and_edges():
    graph = ir.build(looping, KIND)
    text = to_mermaid(graph)
    assert text.startswith("flowchart TD")
    assert text.count("subgraph") == len(re.findall(r"^ +end$", text, re.M)) == 4
    assert len(re.findall(r"-->", text)) == len(re.findall(r"->", to_dot(graph)))
    assert '"quoted"' not in text
