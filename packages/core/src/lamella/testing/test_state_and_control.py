"""What every device must get right in both modes: state, control flow and its derivatives, effects, donation."""

from __future__ import annotations

import gc
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, context, ir, ops
from lamella.errors import ConcretizationError, LeakedValueError, PoisonedError
from lamella.recording import listening
from lamella.tensor import wrap
from lamella.testing.modes import MODES, Mode, eagerly


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> Mode:
    """How functions run."""
    return MODES[request.param]


def close(found: Any, expected: Any, rtol: float = 1e-5) -> None:
    np.testing.assert_allclose(found.asnumpy() if isinstance(found, Tensor) else found, expected, rtol, 1e-6)


def power_until(limit: float) -> Callable[[Tensor], Tensor]:
    """X to the least power that is not below a limit: a loop whose trip count depends on x."""

    def fn(x: Tensor) -> Tensor:
        return ops.while_loop(lambda c: c < limit, lambda c: c * x, x)

    return fn


def two_sided(x: Tensor) -> Tensor:
    return ops.cond(x > 0, lambda x: x**3, lambda x: x * 2, x)


# -- control flow and its derivatives --


def test_gradient_of_a_while_loop_with_a_run_time_trip_count(mode: Mode) -> None:
    gradient = mode(ms.grad(power_until(100.0)))
    close(gradient(Tensor(3.0)), 5 * 3.0**4)
    close(gradient(Tensor(11.0)), 2 * 11.0)
    close(gradient(Tensor(200.0)), 1.0)  # the body never runs


def test_second_derivative_of_a_while_loop(mode: Mode) -> None:
    close(mode(ms.grad(ms.grad(power_until(100.0))))(Tensor(3.0)), 20 * 3.0**3)


def test_second_derivative_through_cond(mode: Mode) -> None:
    second = mode(ms.grad(ms.grad(two_sided)))
    close(second(Tensor(2.0)), 12.0)
    close(second(Tensor(-2.0)), 0.0)


def test_vmap_of_cond_with_a_condition_for_each_example(mode: Mode) -> None:
    close(mode(ms.vmap(two_sided))(Tensor([2.0, -2.0])), [8.0, -4.0])


def test_vmap_of_cond_with_one_condition_for_all(mode: Mode) -> None:
    def fn(flag: Tensor, x: Tensor) -> Tensor:
        return ms.vmap(lambda x: ops.cond(flag, lambda x: x * 2, lambda x: x + 1, x))(x)

    close(mode(fn)(Tensor(True), Tensor([2.0, -2.0])), [4.0, -4.0])
    close(mode(fn)(Tensor(False), Tensor([2.0, -2.0])), [3.0, -1.0])


def test_vmap_of_while_loop_runs_until_the_last_example_is_done(mode: Mode) -> None:
    close(mode(ms.vmap(power_until(100.0)))(Tensor([3.0, 2.0, 50.0])), [243.0, 128.0, 2500.0])


def test_gradients_of_batched_loops_ignore_the_iterations_of_finished_examples(mode: Mode) -> None:
    x, expected = Tensor([3.0, 2.0, 50.0]), [5 * 3.0**4, 7 * 2.0**6, 2 * 50.0]
    close(mode(ms.vmap(ms.grad(power_until(100.0))))(x), expected)
    close(mode(ms.grad(ms.vmap(power_until(100.0))))(x), expected)
    close(mode(ms.vmap(ms.grad(ms.grad(power_until(100.0)))))(x), [20 * 27.0, 42 * 32.0, 2.0])


def test_grad_of_vmap_and_vmap_of_grad_agree(mode: Mode) -> None:
    def fn(x: Tensor) -> Tensor:
        return ops.sin(x) * x

    x = np.array([0.3, 1.0, 2.0], np.float32)
    expected = np.cos(x) * x + np.sin(x)
    close(mode(ms.vmap(ms.grad(fn)))(Tensor(x)), expected)
    close(mode(ms.grad(ms.vmap(fn)))(Tensor(x)), expected)


def test_scan_equals_the_unrolled_loop_with_its_derivatives(mode: Mode) -> None:
    items = [1.0, 2.0, 3.0]

    def looped(x: Tensor) -> Tensor:
        last, sums = ops.scan(lambda c, t: (c * x + t, c * t), x, Tensor(items))
        return last + sums[0] * sums[2]

    def unrolled(x: Tensor) -> Tensor:
        c, sums = x, []
        for t in items:
            sums.append(c * t)
            c = c * x + t
        return c + sums[0] * sums[2]

    x = Tensor(1.3)
    for transform in (eagerly, ms.grad, lambda f: ms.grad(ms.grad(f)), lambda f: ms.grad(ms.grad(ms.grad(f)))):
        close(mode(transform(looped))(x), transform(unrolled)(x).item())


def test_reverse_scan_and_scan_under_vmap(mode: Mode) -> None:
    xs = np.arange(12, dtype=np.float32).reshape(3, 4)

    def fn(row: Tensor) -> Any:
        return ops.scan(lambda c, x: (c + x, c * x), Tensor(0.0), row, reverse=True)

    total, products = mode(ms.vmap(fn))(Tensor(xs))
    close(total, xs.sum(1))
    after = np.cumsum(xs[:, ::-1], 1)[:, ::-1] - xs
    close(products, after * xs)


def test_jacobians_of_forward_and_reverse_mode_agree(mode: Mode) -> None:
    def fn(x: Tensor) -> Tensor:
        return ops.cumsum(ops.exp(x) * x, 0)

    x = Tensor([0.1, -0.5, 2.0])
    by_rows, by_columns = mode(ms.jacrev(fn))(x), mode(ms.jacfwd(fn))(x)
    close(by_rows, by_columns.asnumpy())
    slope = np.exp(x.asnumpy()) * (x.asnumpy() + 1)
    close(by_rows, np.tril(np.ones((3, 3))) * slope)


def test_forward_derivative_of_a_loop_with_a_run_time_trip_count(mode: Mode) -> None:
    value, slope = mode(lambda x: ms.jvp(power_until(100.0), x, Tensor(2.0)))(Tensor(3.0))
    close(value, 243.0)
    close(slope, 2 * 405.0)


def test_branches_of_different_types_are_refused(mode: Mode) -> None:
    with pytest.raises(TypeError, match="branches"):
        mode(lambda x: ops.cond(x > 0, lambda x: x, lambda x: (x, x), x))(Tensor(1.0))
    with pytest.raises(TypeError, match="keeps its types"):
        mode(lambda x: ops.while_loop(lambda c: c < 3, lambda c: ops.cast(c, ms.float64), x))(Tensor(1.0))


def test_the_number_in_a_tensor_is_refused_while_a_graph_is_built() -> None:
    with pytest.raises(ConcretizationError, match=r"ops\.cond"):
        ir.staged(lambda x: x if x > 0 else -x)(Tensor(1.0))


# -- custom derivatives --


def test_custom_derivative_is_used_at_every_level(mode: Mode) -> None:
    def fn(x: Tensor) -> Tensor:
        return ops.custom_derivative(lambda x: x * x, lambda x, out, g: g * x * 10, x)

    close(mode(fn)(Tensor(3.0)), 9.0)
    close(mode(ms.grad(fn))(Tensor(3.0)), 30.0)
    close(mode(ms.grad(ms.grad(fn)))(Tensor(3.0)), 10.0)
    close(mode(ms.vmap(ms.grad(fn)))(Tensor([3.0, 4.0])), [30.0, 40.0])
    close(mode(ms.grad(ms.vmap(fn)))(Tensor([3.0, 4.0])), [30.0, 40.0])


def test_custom_derivative_may_use_examples_from_around_it(mode: Mode) -> None:
    def fn(x: Tensor) -> Tensor:
        y = Tensor([2.0, 3.0])
        return ms.grad(lambda y: ops.custom_derivative(lambda y: y * x, lambda y, out, g: g * x * 10, y))(y)

    close(mode(ms.vmap(fn))(Tensor([1.0, 5.0])), [[10.0, 10.0], [50.0, 50.0]])


def test_gradient_of_a_built_graph_with_a_custom_derivative_uses_it() -> None:
    inner = ir.staged(lambda x: ops.custom_derivative(lambda x: x * x, lambda x, out, g: g * x * 10, x) + 1)
    close(ms.grad(inner)(Tensor(3.0)), 30.0)
    close(ir.staged(ms.grad(inner))(Tensor(3.0)), 30.0)


# -- state and random numbers --


def test_in_place_changes_in_branches_and_loops_are_seen_after_them(mode: Mode) -> None:
    calls = Parameter(Tensor(0), name="calls")

    def fn(x: Tensor) -> Tensor:
        def body(c: Tensor) -> Tensor:
            calls.assign_value(calls + 1)
            return c * 2

        x = ops.while_loop(lambda c: c < 100, body, x)

        def reset(x: Tensor) -> Tensor:
            calls.assign_value(calls * 10)
            return x

        x = ops.cond(x > 150, reset, lambda x: x, x)
        _, seen = ops.scan(lambda c, t: (c, (calls.assign_value(calls + t), calls * 1)[1]), x, Tensor([1, 2]))
        return seen

    run = mode(fn)
    assert run(Tensor(3.0)).tolist() == [61, 63] and calls.item() == 63  # 6 doublings, times 10, plus 1 and 2
    assert run(Tensor(64.0)).tolist() == [65, 67] and calls.item() == 67


def test_running_statistics_of_batch_norm(mode: Mode) -> None:
    x = np.random.default_rng(0).standard_normal((8, 3)).astype(np.float32)
    mean, var = Parameter(Tensor(np.zeros(3, np.float32))), Parameter(Tensor(np.ones(3, np.float32)))
    one, zero = Tensor(np.ones(3, np.float32)), Tensor(np.zeros(3, np.float32))
    run = mode(lambda x: ops.batch_norm(x, mean, var, one, zero, training=True, momentum=0.1))
    for _ in range(2):
        y = run(Tensor(x))
    close(y, (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5), 1e-4)
    close(mean, x.mean(0) * (1 - 0.9**2))
    close(var, 0.9**2 + x.var(0, ddof=1) * (1 - 0.9**2))


def test_random_numbers_are_the_same_in_both_modes_and_go_on() -> None:
    def draw() -> Any:
        return ops.rand(3), ops.randn(5), ops.dropout(ops.rand(100), 0.3), ops.randint(0, 10, (4,))

    ms.set_seed(3)
    eager = [draw(), draw()]
    ms.set_seed(3)
    run = ir.staged(draw)
    for expected in eager:
        for mine, theirs in zip(run(), expected, strict=True):
            np.testing.assert_array_equal(mine.asnumpy(), theirs.asnumpy())
    assert not np.array_equal(eager[0][0].asnumpy(), eager[1][0].asnumpy())


def test_random_numbers_in_loops_go_on_and_differ_between_examples(mode: Mode) -> None:
    ms.set_seed(5)
    straight = [ops.rand(2).asnumpy() for _ in range(3)]
    ms.set_seed(5)
    _, rows = mode(lambda: ops.scan(lambda c, _: (c, ops.rand(2)), Tensor(0.0), None, length=3))()
    np.testing.assert_array_equal(rows.asnumpy(), np.stack(straight))
    each = mode(ms.vmap(lambda x: x * 0 + ops.rand(4)))(Tensor([0.0, 0.0, 0.0])).asnumpy()
    assert len({tuple(row) for row in each}) == 3


# -- effects --


def test_prints_and_checks_keep_their_order_inside_loops(mode: Mode, capfd: pytest.CaptureFixture[str]) -> None:
    def fn(n: Tensor) -> Tensor:
        ops.prims.print_(n, template="start {}")

        def body(i: Tensor) -> Tensor:
            ops.prims.print_(i, template="a {}")
            ops.cond(i > 1, lambda i: (ops.prims.print_(i, template="big {}"), i)[1], lambda i: i, i)
            ops.prims.print_(i, template="b {}")
            return i + 1

        i = ops.while_loop(lambda i: i < n, body, Tensor(0))
        ops.prims.print_(i, template="end {}")
        return i

    mode(fn)(Tensor(3))
    assert capfd.readouterr().out.split("\n")[:-1] == [
        "start 3", "a 0", "b 0", "a 1", "b 1", "a 2", "big 2", "b 2", "end 3",
    ]  # fmt: skip


def test_a_failing_check_stops_the_run_where_it_stands(mode: Mode, capfd: pytest.CaptureFixture[str]) -> None:
    def fn(x: Tensor) -> Tensor:
        def body(i: Tensor) -> Tensor:
            ops.prims.check(i < 2, i, message="reached {}")
            ops.prims.print_(i, template="{}")
            return i + 1

        return ops.while_loop(lambda i: i < 5, body, x)

    with pytest.raises(AssertionError, match="reached 2"):
        mode(fn)(Tensor(0)).item()
    assert capfd.readouterr().out.split() == ["0", "1"]


def test_effects_nobody_reads_stay(mode: Mode, capfd: pytest.CaptureFixture[str]) -> None:
    def fn(x: Tensor) -> Tensor:
        ops.prims.print_(x * 2, template="{}")
        return x

    ms.grad(mode(fn))(Tensor(4.0))
    assert "8" in capfd.readouterr().out


def test_what_is_recorded_is_the_same_in_every_mode_and_once_under_grad(mode: Mode) -> None:
    def fn(x: Tensor) -> Tensor:
        def body(carry: Tensor, _: Any) -> tuple[Tensor, None]:
            ops.prims.record(carry, kind="scalar", tag="carry")

            def low(c: Tensor) -> Tensor:
                ops.prims.record(c, c * 2, kind="tensor", tag="low")
                return c * 3

            return ops.cond(carry < 2, low, lambda c: c - 1, carry), None

        return ops.scan(body, x, None, length=3)[0]

    heard: list[Any] = []
    with listening(lambda kind, tag, arrays: heard.append((kind, tag, *(a.item() for a in arrays)))):
        y = mode(fn)(Tensor(0.75))
        once = list(heard)
        close(ms.grad(mode(fn))(Tensor(0.75)), 9.0)
    close(y, 3.75)
    carry, low = ("scalar", "carry"), ("tensor", "low")
    assert once == [(*carry, 0.75), (*low, 0.75, 1.5), (*carry, 2.25), (*carry, 1.25), (*low, 1.25, 2.5)]
    assert heard == once * 2


# -- donation --


def sgd_step() -> tuple[Parameter, Any]:
    """A parameter large enough to be worth taking over, and a step that changes it."""
    w = Parameter(Tensor(np.ones((64, 64), np.float32)), name="w")

    def step(x: Tensor) -> Tensor:
        gradient = ops.prims.reduce_sum(x * w, axes=(0, 1)) * 0 + 1.0
        w.assign_value(w - gradient * x)
        return ops.prims.reduce_sum(w, axes=(0, 1))

    return w, step


@pytest.mark.parametrize("keeper", ["asnumpy", "dlpack", "tensor", "view", "nothing"])
def test_what_was_exported_before_a_step_keeps_its_numbers(mode: Mode, keeper: str) -> None:
    w, step = sgd_step()
    run = mode(step)
    x = Tensor(np.full((64, 64), 0.25, np.float32))
    run(x)
    kept: Any = {
        "asnumpy": lambda: w.asnumpy()[3],  # a view of a view
        "dlpack": lambda: np.from_dlpack(w, copy=False),
        "tensor": lambda: w.value(),
        "view": lambda: ops.prims.reshape(w, shape=(4096,)),
        "nothing": lambda: None,
    }[keeper]()
    for _ in range(3):
        run(x)
    close(w, np.zeros((64, 64), np.float32))
    if kept is not None:
        close(kept, np.full(kept.shape, 0.75, np.float32))


def test_a_step_that_changes_a_view_leaves_the_original(mode: Mode) -> None:
    w = Tensor(np.ones((64, 64), np.float32))
    part = Parameter(w.reshape(4096), name="part")
    run = mode(lambda x: part.assign_value(part + x) * 2)
    for _ in range(2):
        run(Tensor(1.0))
    close(part, np.full(4096, 3, np.float32))
    close(w, np.ones((64, 64), np.float32))


def test_an_error_in_the_middle_of_a_step_leaves_the_state_as_it_was(mode: Mode) -> None:
    w = Parameter(Tensor(np.ones((64, 64), np.float32)), name="w")

    def step(x: Tensor) -> Tensor:
        w.assign_value(w - x)
        total = ops.prims.reduce_sum(w, axes=(0, 1))
        ops.prims.check(ops.prims.reduce_sum(x, axes=(0, 1)) < 1e6, message="too large")
        return total

    run = mode(step)
    run(Tensor(np.zeros((64, 64), np.float32)))
    with pytest.raises(AssertionError, match="too large"):
        run(Tensor(np.full((64, 64), 1e6, np.float32))).item()
    if mode is not eagerly:  # eagerly the first line of the step has happened, as the program says
        close(w, np.ones((64, 64), np.float32))


def test_a_tensor_whose_memory_a_failed_step_took_says_so() -> None:
    buffer = context.backend.put(np.ones(3, np.float32))
    buffer.poison("the step `train`")
    w = wrap(buffer)
    for use in (lambda: w + 1, lambda: w.asnumpy(), lambda: w.item(), lambda: repr(w), lambda: w.shape):
        with pytest.raises(PoisonedError, match="train"):
            use()


# -- tapes, transforms and threads --


def test_a_value_of_a_finished_transform_is_refused() -> None:
    leaked: list[Tensor] = []
    ms.vmap(lambda x: leaked.append(x) or x)(Tensor([1.0, 2.0]))
    with pytest.raises(LeakedValueError, match="transform"):
        _ = leaked[0] + 1
    ir.build(lambda x: leaked.append(x) or x, ir.TensorType(ms.float32, ()))
    with pytest.raises(LeakedValueError, match="graph"):
        _ = leaked[1] + 1
    with pytest.raises(LeakedValueError):
        ir.build(lambda x: x + leaked[1], ir.TensorType(ms.float32, ()))


def test_the_same_tensor_inside_and_outside_is_not_confused(mode: Mode) -> None:
    def fn(x: Tensor) -> Tensor:
        return x * ms.grad(lambda y: x * y)(x)  # the inner derivative sees its argument only

    close(mode(fn)(Tensor(3.0)), 9.0)
    close(mode(ms.grad(fn))(Tensor(3.0)), 6.0)


def test_threads_do_not_see_each_other_s_tapes_and_graphs(mode: Mode) -> None:
    w = Parameter(Tensor(2.0), name="w")
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            x = Tensor(float(seed))
            run = mode(ms.value_and_grad(lambda x: ops.sin(x * w) * x, 0, w))
            for _ in range(50):
                value, (dx, dw) = run(x)
                close(value, np.sin(2.0 * seed) * seed, 1e-4)
                close(dw, np.cos(2.0 * seed) * seed * seed, 1e-3)
                close(dx, 2 * np.cos(2.0 * seed) * seed + np.sin(2.0 * seed), 1e-3)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]


def test_training_steps_leave_nothing_behind(mode: Mode) -> None:
    w, step = sgd_step()
    run = mode(lambda x: ms.value_and_grad(lambda x: ops.prims.reduce_sum(x * w * w, axes=(0, 1)), None, [w])(x))
    train = mode(step)
    x = Tensor(np.zeros((64, 64), np.float32))

    def live(count: int) -> int:
        for _ in range(count):
            value, _ = run(x)
            value.item(), train(x).item()  # a device that computes while the program goes on has done it then
        gc.collect()
        return len(gc.get_objects())

    before = live(20)
    assert live(10_000 if os.environ.get("LAMELLA_FULL") else 500) <= before + 20


def test_a_step_s_tensors_are_freed_without_the_garbage_collector() -> None:
    w = Parameter(Tensor([1.0, 2.0]), name="w")
    step = ms.value_and_grad(lambda x: (x * w).sum(), None, [w])
    step(Tensor([3.0, 4.0]))
    gc.collect()
    gc.disable()
    try:
        loss, (gradient,) = step(Tensor([3.0, 4.0]))
        left = [weakref.ref(loss), weakref.ref(gradient)]
        del loss, gradient
        assert [ref() for ref in left] == [None, None]
    finally:
        gc.enable()
