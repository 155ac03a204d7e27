from __future__ import annotations

import pytest

import lamella as ms
from lamella import ir, ops
from lamella.errors import GraphError
from lamella.ir.registry import IrRegistry
from lamella.testing.graphs import assert_same_graph


def first(graph):
    return graph


def second(graph):
    return graph


def test_added_passes_run_after_those_that_they_name_and_else_last():
    registry = IrRegistry()
    registry.add_pass("last", first)
    registry.add_pass("between", second, after="first")
    registry.add_pass("after_it", first, after="between")
    assert registry.passes([first, second]) == [first, second, first, second, first]


@pytest.mark.parametrize(
    ("add", "match"),
    [
        (lambda r: r.add_pass("p", first), "a second 'p'"),
        (lambda r: r.add_importer(".x", first), r"a second '\.x'"),
        (lambda r: r.add_exporter(".x", first), r"a second '\.x'"),
    ],
)
def test_a_name_is_taken_once(add, match):
    registry = IrRegistry()
    add(registry)
    with pytest.raises(ValueError, match=match):
        add(registry)


def test_a_pass_after_one_that_is_not_there_is_an_error_that_lists_those_that_are():
    registry = IrRegistry()
    registry.add_pass("mine", first, after="third")
    with pytest.raises(ValueError, match="the pass 'mine' after 'third', expected after one of first, second"):
        registry.passes([first, second])


def test_a_graph_in_a_file_reads_back(tmp_path):
    graph = ir.build(lambda x: ops.softmax(x) + 1.5, ir.TensorType(ms.float32, (2, ir.Dim.symbol("n"))))
    ir.save(graph, tmp_path / "graph.IR")
    assert_same_graph(ir.load(tmp_path / "graph.IR"), graph)


@pytest.mark.parametrize("name", ["graph", "graph.txt"])
def test_a_file_of_no_known_format_is_refused(tmp_path, name):
    (tmp_path / name).write_text("")
    graph = ir.build(lambda x: x, ir.TensorType(ms.float32, ()))
    for use in (lambda: ir.load(tmp_path / name), lambda: ir.save(graph, tmp_path / name)):
        with pytest.raises(ValueError, match=r"expected one of .*\.ir"):
            use()


def test_a_damaged_file_is_a_graph_error(tmp_path):
    (tmp_path / "graph.ir").write_text("graph f(")
    with pytest.raises(GraphError):
        ir.load(tmp_path / "graph.ir")
