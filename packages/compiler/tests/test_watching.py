"""Who watches the pipeline sees each compilation with its reason, and what passes change."""

import warnings
from itertools import pairwise

import lamella as ms
from lamella import Tensor, ir, nn, ops
from lamella.ir import pipeline


def events_of(call):
    seen = []
    with pipeline.watching(seen.append):
        call()
    return seen


def test_every_compilation_has_its_reason():
    scale = [2.0]

    @ms.jit
    def fn(x, flag=True):
        return x * scale[0] if flag else x

    def call():
        fn(ops.ones(2))
        fn(ops.ones(2))
        fn(ops.ones(3))
        fn(ops.ones(3), False)
        scale[0] = 3.0
        fn(ops.ones(3))

    compiled = [e for e in events_of(call) if isinstance(e, pipeline.Compilation)]
    reasons = [e.reason for e in compiled]
    assert reasons[:2] == ["the first call", "args[0]: float32[2] became float32[3]"]
    assert "another value" in reasons[2] or "flag" in reasons[2] or "structure" in reasons[2]
    assert len(reasons) == 4 and tuple(reasons[1:]) == ms.jit_cache_info(fn).reasons
    assert all(e.name == "fn" and e.seconds > 0 for e in compiled)
    assert [len(e.graph.params) for e in compiled] == [1, 1, 1, 1]
    assert tuple(e.seconds for e in compiled) == ms.jit_cache_info(fn).compile_seconds


def test_a_function_that_is_built_at_every_call_says_so():
    kept = []

    @ms.jit
    def fn(x):
        kept.append(iter([x]))
        return x

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        events = events_of(lambda: [fn(Tensor(1.0)) for _ in range(2)])
    reasons = [e.reason for e in events if isinstance(e, pipeline.Compilation)]
    assert reasons[0] == "the first call" and reasons[1].startswith("built again at every call: ")


def test_passes_come_with_the_graphs_before_and_after():
    net = nn.SequentialCell(nn.Dense(2, 2), nn.ReLU())
    run = ms.jit(lambda x: net(x) * 1 + 0)
    events = events_of(lambda: run(ops.ones((3, 2))))
    passes = [e for e in events if isinstance(e, pipeline.PassRun)]
    assert passes and isinstance(events[-1], pipeline.Compilation)
    for event in passes:
        assert event.seconds >= 0 and event.stage and event.name
        assert event.before is not event.after
        ir.verify(event.after)
    assert passes[0].before is events[-1].graph
    stage = [e for e in passes if e.stage == passes[0].stage]
    assert all(b.before is a.after for a, b in pairwise(stage))


def test_no_one_is_told_after_the_block_and_several_may_watch():
    first, second = [], []
    with pipeline.watching(first.append):
        with pipeline.watching(second.append), pipeline.watching(second.append):
            ms.jit(lambda x: x * 2)(Tensor(1.0))
        ms.jit(lambda x: x * 3)(Tensor(1.0))
    ms.jit(lambda x: x * 4)(Tensor(1.0))

    def count(seen):
        return sum(isinstance(e, pipeline.Compilation) for e in seen)

    assert (count(first), count(second)) == (2, 2)
