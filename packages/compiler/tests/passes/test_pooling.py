from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import ir, ops
from lamella.ir.execute import execute
from lamella.ops import prims
from lamella_compiler.passes import simplify
from lamella_compiler.passes.dead import prune
from lamella_compiler.passes.pooling import rectify_after_pooling

PLACE = {"window": (2, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}


def pooled(x, **place):
    return prims.window_max(ops.relu(x), **{**PLACE, **place})[0]


def graphs(fn, *shapes):
    """A graph as it is before the pass, and after it."""
    graph = prune(simplify(ir.build(fn, *(ir.TensorType(ms.float32, shape) for shape in shapes))))
    return graph, prune(ir.verify(rectify_after_pooling(graph)))


def test_rectifying_comes_after_pooling(becomes):
    place = "{window=(2,), strides=(2,), padding=((0, 0),), dilation=(1,)}"
    becomes(
        rectify_after_pooling,
        f"""graph g(%0: float32[3, 4]) -> float32[3, 2] {{
          %1: float32[] = constant() {{value=float32[](0.0)}}
          %2: bool[3, 4] = le(%0, %1)
          %3: float32[3, 4] = select(%2, %1, %0)
          %4: float32[3, 2], %5: int64[3, 2] = window_max(%3) {place}
          return %4
        }}""",
        f"""graph g(%0: float32[3, 4]) -> float32[3, 2] {{
          %1: float32[] = constant() {{value=float32[](0.0)}}
          %2: float32[3, 2], %3: int64[3, 2] = window_max(%0) {place}
          %4: bool[3, 2] = le(%2, %1)
          %5: float32[3, 2] = select(%4, %1, %2)
          return %5
        }}""",
    )


@pytest.mark.parametrize("window", [(2, 2), (3, 3)])
@pytest.mark.parametrize("padding", [0, 1])
def test_values_and_gradients_stay_the_same_bits(window, padding, same_bits):
    place = {"window": window, "padding": ((padding, padding),) * 2}

    def fn(x, g):
        y, pull = ms.vjp(lambda x: pooled(x, **place), x)
        return y, pull(g)[0]

    size = (7 + 2 * padding - window[0]) // 2 + 1
    before, after = graphs(fn, (2, 7, 7), (2, size, size))
    names = [node.op.name for node in after.nodes]
    assert names.index("window_max") < names.index("le")
    assert names.index("window_max_grad") == len(names) - 1  # nothing is masked where there are most numbers
    same_bits(before, after)


def test_a_sum_over_all_places_sums_what_was_scattered():
    def fn(x, g):
        gradient = ms.vjp(pooled, x)[1](g)[0]
        return gradient, gradient.sum((0, 2, 3)), gradient.sum(3)

    before, after = graphs(fn, (2, 3, 4, 4), (2, 3, 2, 2))
    sums = [node.operands[0].shape for node in after.nodes if node.op.name == "reduce_sum"]
    assert sums == [(2, 3, 2, 2), (2, 3, 4, 4)]
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(p.shape).astype(np.float32) for p in before.params]
    for mine, theirs in zip(execute(after, arrays), execute(before, arrays), strict=True):
        np.testing.assert_allclose(mine, theirs, 1e-5, 1e-6)


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: prims.window_max(ops.relu(x), **PLACE),  # the places are seen
        lambda x: (pooled(x), ops.relu(x)),  # the rectified numbers are needed as they are
        lambda x: pooled(x, padding=((2, 2), (2, 2))),  # a window in the padding has no number to rectify
        lambda x: prims.window_max(ops.elu(x), **PLACE)[0],
        lambda x: ms.vjp(lambda y: prims.window_max(y, **PLACE)[0], ops.relu(x))[1](ops.ones((1, 2, 2))),
    ],
)
def test_elsewhere_nothing_changes(fn):
    before, after = graphs(fn, (1, 4, 4))
    assert str(before) == str(after)


def test_regions_too():
    def fn(x):
        return ops.cond(x.sum() > 0, lambda x: pooled(x), lambda x: prims.window_max(x, **PLACE)[0], x)

    _, after = graphs(fn, (1, 4, 4))
    (region,) = [r for node in after.nodes for name, r in node.regions().items() if name == "then"]
    assert [node.op.name for node in region.nodes][-2:] == ["le", "select"]
