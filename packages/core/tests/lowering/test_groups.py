from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plans import TARGET, lowered

import lamella as ms
from lamella import Tensor, ir, ops
from lamella.lowering.groups import fuse
from lamella.lowering.schedule import schedule
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, OpDef
from lamella.ops.define.rules import FLOAT, infer_elementwise
from lamella.ops.prims.shape import batch_elementwise


def graph_of(fn: Callable[..., Any], *shapes: tuple[int, ...]) -> ir.Graph:
    return lowered(fn, *(ir.TensorType(ms.float32, shape) for shape in shapes), lacks=["cube"])


def groups(fn: Callable[..., Any], *shapes: tuple[int, ...]) -> list[str]:
    return [" ".join(n.op.name for n in g.nodes) for g in fuse(graph_of(fn, *shapes), TARGET)]


def test_elementwise_nodes_of_one_space_are_one_group() -> None:
    assert groups(lambda x, y: ops.exp(x + y) * 2, (3, 4), (4,)) == ["add exp mul"]


def test_transposes_and_broadcasts_do_not_divide() -> None:
    assert groups(lambda x, y: x + prims.transpose(ops.exp(y), permutation=(1, 0)), (3, 4), (4, 3)) == ["exp add"]


def test_a_primitive_from_elsewhere_is_in_a_group_with_its_neighbours() -> None:
    cube = OpDef(
        "cube",
        infer_elementwise("cube", FLOAT),
        lambda x: x * x * x,
        batch=batch_elementwise,
        kind=Kind.ELEMENTWISE,
        total=True,
        decompose=lambda x: x * x * x,
    )

    def fn(x: Tensor, y: Tensor) -> Tensor:
        return (ops.exp(cube(ops.sin(x))) + y).sum(1)

    assert groups(fn, (3, 4), (4,)) == ["sin mul mul exp add reduce_sum"]


def test_softmax_is_one_group() -> None:
    assert groups(lambda x: ops.softmax(x, 1), (8, 100)) == ["reduce_max sub exp reduce_sum div"]


def test_layer_norm_is_one_group() -> None:
    def norm(x: Tensor) -> Tensor:
        mean = x.mean(1, keep_dims=True)
        return (x - mean) / ops.sqrt(((x - mean) * (x - mean)).mean(1, keep_dims=True) + 1e-5)

    assert len(groups(norm, (8, 100))) == 1


def test_reductions_over_different_axes_are_different_groups() -> None:
    assert len(groups(lambda x: (ops.exp(x).sum(0), ops.exp(x).sum(1)), (8, 9))) == 2


def test_what_follows_a_product_is_in_its_group_and_what_precedes_is_not() -> None:
    assert groups(lambda x, w, b: ops.relu(ops.matmul(ops.exp(x), w) + b), (8, 5), (5, 3), (3,)) == [
        "exp",
        "dot_general add le select",
    ]


def test_two_products_are_two_groups() -> None:
    assert groups(lambda x, w, v: ops.matmul(x, w) + ops.matmul(x, v), (8, 5), (5, 3), (5, 3)) == [
        "dot_general",
        "dot_general add",
    ]


def test_a_group_that_another_must_come_between_is_not_joined() -> None:
    """exp(x) feeds both the product and the sum with it: the sum cannot be computed together with exp(x)."""

    def fn(x: Tensor, w: Tensor) -> Tensor:
        y = ops.exp(x)
        return y + ops.matmul(y, w)

    found = groups(fn, (4, 4), (4, 4))
    assert found == ["exp", "dot_general add"]


def test_general_reshapes_divide() -> None:
    assert groups(lambda x: ops.exp(ops.exp(x).reshape(6, 2)), (3, 4)) == ["exp", "exp"]


def test_groups_come_in_an_order_that_runs() -> None:
    graph = graph_of(lambda x, w: ops.softmax(ops.matmul(ops.exp(x), w), 1).sum(0), (4, 5), (5, 6))
    done = set(graph.params)
    for group in fuse(graph, TARGET):
        made = {v for n in group.nodes for v in n.outputs}
        for node in group.nodes:
            for operand in node.operands:
                base = operand
                while base.node is not None and base.node.op.name in ("reshape", "transpose", "stop_gradient"):
                    base = base.node.operands[0]
                assert base in done | made or (base.node is not None and base.node.op.name == "constant")
        done |= made


# -- which results may take over the memory of a parameter --


def takes_over(fn: Callable[..., Any], *shapes: tuple[int, ...]) -> dict[int, int]:
    return schedule(graph_of(fn, *shapes), TARGET).takes_over


def test_an_update_takes_over_its_parameter() -> None:
    assert takes_over(lambda p, g: p - g * 0.1, (3,), (3,)) == {0: 0}
    assert takes_over(lambda g, p: (g.sum(), p - g * 0.1), (3,), (3,)) == {1: 0}


def test_what_reads_the_parameter_elsewhere_comes_first() -> None:
    def fn(p: Tensor, x: Tensor) -> Any:
        return p - 1, ops.matmul(x, p)

    graph = graph_of(fn, (3, 3), (3, 3))
    plan = schedule(graph, TARGET)
    assert plan.takes_over == {0: 0}
    assert [g.product is not None for g in plan.groups] == [True, False]


def test_a_result_that_reads_its_parameter_at_other_places_takes_nothing_over() -> None:
    assert takes_over(lambda p: prims.transpose(p, permutation=(1, 0)) + 1, (3, 3)) == {}
    assert takes_over(lambda p: ops.matmul(p, p), (3, 3)) == {}


def test_a_parameter_that_is_a_result_too_keeps_its_memory() -> None:
    assert takes_over(lambda p: (p + 1, p), (3,)) == {}


def test_a_needed_old_value_keeps_the_memory() -> None:
    """The second result needs the old p after the first needs the second: no order has both."""

    def fn(p: Tensor, w: Tensor) -> Any:
        new = p + ops.matmul(p, w).sum()
        return new, ops.matmul(new, p)

    assert takes_over(fn, (3, 3), (3, 3)) == {}
