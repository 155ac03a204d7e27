from __future__ import annotations

import pytest

import lamella as ms
from lamella import ir
from lamella.errors import GraphError
from lamella.ir import pipeline
from lamella.ir.graph import Graph

KIND = ir.TensorType(ms.float32, (2,))


def shorter(graph: Graph) -> Graph:
    """A pass: drops the last node as long as there are several."""
    if len(graph.nodes) < 2:
        return graph
    copy = Graph(graph.name)
    env = {p: copy.add_param(p.type) for p in graph.params}
    for node in graph.nodes[:-1]:
        made = copy.add_node(
            node.op, [env[v] for v in node.operands], node.attrs, [v.type for v in node.outputs], node.location
        )
        env.update(zip(node.outputs, made, strict=True))
    copy.results = [env[v] for v in graph.nodes[-2].outputs]
    return copy


def idle(graph: Graph) -> Graph:
    """A pass: finds nothing."""
    return graph


def broken(graph: Graph) -> Graph:
    """A pass that returns what is no graph."""
    copy = Graph(graph.name)
    copy.results = list(graph.results)
    return copy


def chain(n: int) -> Graph:
    def fn(x):
        for _ in range(n):
            x = ms.ops.exp(x)
        return x

    return ir.build(fn, KIND)


def test_passes_run_until_they_find_nothing():
    assert len(pipeline.run(chain(5), [shorter, idle], "stage").nodes) == 4
    assert len(pipeline.run(chain(5), [shorter, idle], "stage", rounds=3).nodes) == 2
    assert len(pipeline.run(chain(5), [shorter, idle], "stage", rounds=100).nodes) == 1
    graph = chain(1)
    assert pipeline.run(graph, [shorter, idle], "stage", rounds=100) is graph


def test_a_malformed_result_names_the_pass(monkeypatch):
    monkeypatch.setattr(pipeline, "verifying", True)
    with pytest.raises(GraphError) as caught:
        pipeline.run(chain(2), [idle, broken], "lowering")
    assert caught.value.__notes__ == ["after the pass broken of the stage lowering"]


def names(folder):
    return [path.name.partition("_")[2] for path in sorted(folder.iterdir())]


def test_graphs_are_written_after_each_pass_that_changes_them(tmp_path, monkeypatch):
    monkeypatch.setenv("LAMELLA_DUMP", str(tmp_path / "new" / "folder"))
    pipeline.run(chain(3), [shorter, idle], "stage", rounds=9)
    files = sorted((tmp_path / "new" / "folder").iterdir())
    assert names(tmp_path / "new" / "folder") == ["fn_stage_begin.ir", "fn_stage_shorter.ir", "fn_stage_shorter.ir"]
    assert [len(ir.parse_graph(file.read_text()).nodes) for file in files] == [3, 2, 1]
    assert "test_pipeline.py" in files[0].read_text() and "x = ms.ops.exp(x)" in files[0].read_text()


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (0, []),
        (False, []),
        (1, ["fn_stage_begin.ir", "fn_stage_end.ir"]),
        (True, ["fn_stage_begin.ir", "fn_stage_shorter.ir"]),
        (2, ["fn_stage_begin.ir", "fn_stage_shorter.ir"]),
        (3, ["fn_stage_begin.dot", "fn_stage_begin.ir", "fn_stage_shorter.dot", "fn_stage_shorter.ir"]),
    ],
)
def test_the_context_says_how_thoroughly_and_where(tmp_path, level, expected):
    ms.set_context(save_graphs=level, save_graphs_path=str(tmp_path))
    try:
        pipeline.run(chain(2), [shorter], "stage")
    finally:
        ms.set_context(save_graphs=False, save_graphs_path=".")
    assert names(tmp_path) == expected
