"""Observing each primitive as it runs."""

import threading

import numpy as np
import pytest

import lamella as ms
from lamella import Tensor, ir, nn, ops
from lamella.engine import observing
from lamella.ops import prims

X = np.linspace(-2, 2, 6, dtype=np.float32).reshape(2, 3)


def observed(fn, *args):
    seen = []
    with observing(seen.append):
        result = fn(*args)
    return result, seen


def names(seen):
    return [s.op.name for s in seen]


def test_each_op_with_operands_results_place_and_times():
    x = Tensor(X)
    y, (square, total) = observed(lambda: (x * x).sum())
    assert [square.op, total.op] == [prims.mul, prims.reduce_sum]
    np.testing.assert_array_equal(square.operands[1].asnumpy(), X)
    np.testing.assert_array_equal(square.results[0].asnumpy(), X * X)
    np.testing.assert_array_equal(total.results[0].asnumpy(), y.asnumpy())
    assert total.attrs == {"axes": (0, 1)}
    assert square.place.file == __file__ and square.place.line == total.place.line
    assert square.begin <= square.end <= total.begin <= total.end


def test_nothing_is_observed_outside_the_block_nor_in_other_threads():
    x = Tensor(X)
    seen = []
    with observing(seen.append):
        thread = threading.Thread(target=lambda: x + 1)
        thread.start()
        thread.join()
    x + 1
    assert seen == []


def test_compiled_functions_run_node_by_node_with_the_places_of_nodes():
    net = nn.SequentialCell(nn.Dense(3, 3), nn.Tanh())
    staged = ir.staged(lambda x: net(x).sum())
    plain = staged(Tensor(X))
    result, seen = observed(staged, Tensor(X))
    graph = staged.graph(Tensor(X))
    assert names(seen) == [node.op.name for node in graph.nodes]
    assert [s.place for s in seen] == [node.location for node in graph.nodes]
    np.testing.assert_allclose(result.asnumpy(), plain.asnumpy(), rtol=1e-6)


@pytest.mark.parametrize("compiled", [False, True])
def test_what_runs_in_branches_and_loops_is_seen(compiled):
    def fn(x):
        def body(carry, y):
            carry = ops.cond(carry.sum() > 3, lambda c: c * 0.5, lambda c: ops.exp(c) + y, carry)
            return carry, carry.sum()

        carry, sums = ops.scan(body, ops.zeros(3), x)
        return ops.while_loop(lambda c: c.sum() < 50, lambda c: c + ops.square(c), carry), sums

    run = ir.staged(fn) if compiled else fn
    expected = [t.asnumpy() for t in run(Tensor(X))]
    result, seen = observed(run, Tensor(X))
    for a, b in zip(result, expected, strict=True):
        np.testing.assert_allclose(a.asnumpy(), b, rtol=1e-6)
    found = names(seen)
    assert found.count("cond") == 2 and found.count("exp") + found.count("mul") >= 2
    assert found.count("scan") == found.count("while_loop") == 1
    trips = sum(1 for s in seen if s.place and s.op is prims.mul and s.operands[0] is not s.operands[1])
    assert trips and found.index("exp") < found.index("scan") < found.index("while_loop")
    assert {s.place.file for s in seen if s.place} == {__file__}


def test_the_op_that_makes_the_first_nan_in_a_loop_is_found():
    def fn(x):
        return ops.scan(lambda c, _: (ops.log(c), None), x, None, length=5)[0]

    first = []

    def watch(seen):
        if not first and any(np.isnan(x.asnumpy()).any() for x in seen.results):
            first.append(seen)

    with observing(watch):
        ir.staged(fn)(Tensor([20.0]))
    assert first[0].op is prims.log and first[0].operands[0].item() < 0 < first[0].place.line


def make_step(seed):
    ms.set_seed(seed)
    net = nn.SequentialCell(nn.Dense(3, 4), nn.Dropout(p=0.5), nn.LayerNorm((4,)), nn.Dense(4, 1)).set_train()
    net[0].register_backward_hook(lambda cell, grads, out: tuple(g * 2 for g in grads))
    optimizer = nn.Adam(net.trainable_params(), 0.1)
    gradient = ms.value_and_grad(lambda x: net(x).sum(), None, optimizer.parameters)

    def step(x):
        loss, grads = gradient(x)
        optimizer(grads)
        return loss

    return step, net


@pytest.mark.parametrize("compiled", [False, True])
def test_a_training_step_gives_the_same_and_names_its_parts(compiled):
    outcomes = []
    for watch in (False, True):
        step, net = make_step(3)
        run = ir.staged(step) if compiled else step
        for _ in range(2):
            loss, seen = observed(run, Tensor(X)) if watch else (run(Tensor(X)), [])
        outcomes.append([loss.asnumpy(), *(p.asnumpy() for p in net.get_parameters())])
    for a, b in zip(*outcomes, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    parts = {(s.place.scope.split(".")[0], s.place.part) for s in seen if s.place}
    assert {("SequentialCell", "forward"), ("SequentialCell", "backward"), ("Adam", "update")} <= parts


def test_vmap_shows_the_primitives_on_batches():
    _, seen = observed(lambda: ms.vmap(lambda x: ops.sin(x) * 2)(Tensor(X)))
    assert ("sin", (2, 3)) in [(s.op.name, s.results[0].shape) for s in seen]


def test_who_watches_may_compute_and_several_may_watch():
    sums, count = [], []
    with observing(lambda s: sums.append(s.results[0].sum().item())), observing(count.append):
        y = Tensor(X) * 2
        y + 1
    np.testing.assert_allclose(sums, [(X * 2).sum(), (X * 2 + 1).sum()], atol=1e-6)
    assert names(count) == ["mul", "add"]


def test_what_a_watch_raises_ends_the_run():
    def watch(seen):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), observing(watch):
        Tensor(X) + 1
    Tensor(X) + 1


@pytest.mark.parametrize("around", [ms.grad, ms.vmap, lambda f: ir.staged(f)], ids=["grad", "vmap", "staged"])
def test_inside_transforms_and_graphs_it_is_refused(around):
    def fn(x):
        with observing(print):
            return x.sum()

    with pytest.raises(ValueError, match=r"engine\.observing"):
        around(fn)(Tensor(X))


def test_tensors_move_between_devices_and_errors_are_as_ever():
    with observing(lambda seen: None):
        assert Tensor(X).to("reference").device == "reference"
        with pytest.raises(ValueError, match="mul"):
            Tensor(X) * ops.ones(7)
