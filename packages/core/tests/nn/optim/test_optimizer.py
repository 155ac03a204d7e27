"""What optimizers have in common: groups, learning rates, weight decay, errors, graphs."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from helpers import assert_near, assert_same

import lamella as ms
from lamella import Parameter, ParameterTuple, Tensor, nn, ops


def parameters():
    return [Parameter(Tensor([1.0, 2.0, 3.0]), name="w"), Parameter(Tensor([[1.0, 2.0]]), name="b")]


G = (Tensor([1.0, 1.0, 1.0]), Tensor([[1.0, 1.0]]))


def moved(optimizer, p, gradients=G):
    """How far a step moves each parameter."""
    before = [x.asnumpy().copy() for x in p]
    optimizer(gradients)
    return [b - x.asnumpy() for b, x in zip(before, p, strict=True)]


def test_call_returns_true_and_counts_steps():
    optimizer = nn.SGD(parameters())
    assert optimizer(G).item() is True
    optimizer(list(G))
    assert_same(optimizer.global_step, Tensor([2], dtype="int32"))


# -- learning rates --


def test_a_fixed_rate_can_be_set():
    p = parameters()
    optimizer = nn.SGD(p, 0.5)
    assert_near(moved(optimizer, p)[1], [[0.5, 0.5]])
    optimizer.learning_rate.set_data(0.25)
    assert_near(moved(optimizer, p)[1], [[0.25, 0.25]])
    ops.assign(optimizer.learning_rate, Tensor(2.0))
    assert_near(moved(optimizer, p)[1], [[2.0, 2.0]])


@pytest.mark.parametrize(
    "rates", [[0.1, 0.2, 0.3], (0.1, 0.2, 0.3), np.array([0.1, 0.2, 0.3]), Tensor([0.1, 0.2, 0.3])]
)
def test_a_rate_for_each_step_and_the_last_one_stays(rates):
    p = parameters()
    optimizer = nn.SGD(p, rates)
    for rate in (0.1, 0.2, 0.3, 0.3):
        assert optimizer.get_lr().item() == pytest.approx(rate)
        assert_near(moved(optimizer, p)[1], [[rate, rate]])


@pytest.mark.parametrize("rate", [1, Tensor(1.0), np.float32(1)])
def test_other_numbers_are_rates(rate):
    assert nn.SGD(parameters(), rate).get_lr().item() == 1.0


def test_a_schedule_is_called_with_the_step():
    class Steps(nn.LearningRateSchedule):
        def construct(self, global_step):
            return ops.cast(global_step, ms.float32) + 1.0

    p = parameters()
    optimizer = nn.SGD(p, Steps())
    assert [moved(optimizer, p)[1][0, 0] for _ in range(3)] == [1.0, 2.0, 3.0]
    assert optimizer.get_lr().item() == 4.0


def test_python_in_a_schedule_and_in_weight_decay_runs_at_every_step():
    rates = [1.0, 2.0]

    class Steps(nn.LearningRateSchedule):
        def construct(self, global_step):
            if global_step < 2:
                return global_step * 1.0
            return rates[int(global_step) % 2]

    class Decay(nn.Cell):
        def construct(self, global_step):
            return 0.5 if global_step == 3 else 0.0

    p = [ms.Parameter(Tensor([0.0]), name="p")]
    optimizer = nn.SGD(p, Steps(), weight_decay=Decay())
    seen = []
    for _ in range(5):
        optimizer((Tensor([-1.0]),))
        seen.append(p[0].item())
    rates[1] = 10.0
    optimizer((Tensor([-1.0]),))
    assert [*seen, p[0].item()] == [0.0, 1.0, 2.0, 2.0, 3.0, 13.0]


def test_a_setting_of_a_schedule_may_change():
    p = parameters()
    schedule = nn.WarmUpLR(1.0, 1)
    optimizer = nn.SGD(p, schedule)
    optimizer(G)
    assert_near(moved(optimizer, p)[1], [[1.0, 1.0]])
    schedule.learning_rate = 3.0
    assert_near(moved(optimizer, p)[1], [[3.0, 3.0]])


# -- weight decay and loss scale --


def test_weight_decay_leaves_beta_and_gamma_out():
    p = [Parameter(Tensor([2.0]), name=name) for name in ("w", "bn.gamma", "bn.beta", "b")]
    zero = tuple(Tensor([0.0]) for _ in p)
    assert [float(d[0]) for d in moved(nn.SGD(p, 1.0, weight_decay=0.5), p, zero)] == [1.0, 0.0, 0.0, 1.0]


def test_weight_decay_by_step():
    class Steps(nn.Cell):
        def construct(self, global_step):
            return ops.cast(global_step, ms.float32)

    for kind in (nn.SGD, nn.AdamWeightDecay):
        p = [Parameter(Tensor([2.0]), name="w")]
        optimizer = kind(p, 1.0, weight_decay=Steps())
        assert [float(moved(optimizer, p, (Tensor([0.0]),))[0][0]) for _ in range(2)] == [0.0, 2.0]
        assert optimizer.get_weight_decay().item() == 2.0


def test_loss_scale_divides_gradients_not_the_decay():
    p = [Parameter(Tensor([2.0]), name="w")]
    assert_near(moved(nn.SGD(p, 1.0, weight_decay=0.5, loss_scale=4.0), p, (Tensor([8.0]),))[0], [3.0])


# -- groups --


def test_groups_have_rates_and_decays_of_their_own():
    p = parameters()
    optimizer = nn.SGD([{"params": [p[0]], "lr": 0.5, "weight_decay": 1.0}, {"params": [p[1]]}], 0.25)
    assert [p.name for p in optimizer.parameters] == ["w", "b"]
    assert [rate.item() for rate in optimizer.get_lr()] == [0.5, 0.25]
    assert optimizer.get_weight_decay() == (1.0, 0.0)
    assert optimizer.is_group
    assert optimizer.is_group_lr
    by_w, by_b = moved(optimizer, p)
    assert_near(by_w, [1.0, 1.5, 2.0])
    assert_near(by_b, [[0.25, 0.25]])
    assert [q.name for q in optimizer.get_parameters()][:3] == ["global_step", "learning_rate", "learning_rate_group_0"]


def test_groups_decay_gamma_too():
    p = [Parameter(Tensor([2.0]), name="gamma")]
    optimizer = nn.SGD([{"params": p, "weight_decay": 0.5}], 1.0)
    assert_near(moved(optimizer, p, (Tensor([0.0]),))[0], [1.0])


def test_order_params_orders():
    p = parameters()
    optimizer = nn.SGD([{"params": [p[0]], "lr": 0.5}, {"params": [p[1]]}, {"order_params": p[::-1]}], 0.25)
    assert [q.name for q in optimizer.parameters] == ["b", "w"]
    assert_near(moved(optimizer, p, G[::-1])[0], [0.5, 0.5, 0.5])


def test_the_rate_of_a_parameter():
    p = parameters()
    optimizer = nn.SGD([{"params": [p[0]], "lr": 0.5}, {"params": [p[1]]}], 0.25)
    assert [rate.name for rate in optimizer.get_lr_parameter(p)] == ["learning_rate_group_0", "learning_rate"]
    with pytest.raises(ValueError, match="one of the optimizer's"):
        optimizer.get_lr_parameter(Parameter(Tensor(1.0), name="other"))


def test_gradients_of_convolutions_are_centralized():
    p = [Parameter(ops.ones((2, 1, 1, 2)), name="conv"), Parameter(ops.ones((2, 2)), name="dense")]
    optimizer = nn.SGD([{"params": p, "grad_centralization": True}], 1.0)
    by_conv, by_dense = moved(
        optimizer, p, (Tensor([[[[1.0, 3.0]]], [[[2.0, 2.0]]]]), Tensor([[1.0, 3.0], [2.0, 2.0]]))
    )
    assert_near(by_conv, [[[[-1.0, 1.0]]], [[[0.0, 0.0]]]])
    assert_near(by_dense, [[1.0, 3.0], [2.0, 2.0]])


# -- optimizers of one's own --


class Tutorial(nn.Optimizer):
    """As MindSpore's tutorial writes one: everything in `construct`."""

    def __init__(self, params, learning_rate, momentum=0.9):
        super().__init__(learning_rate, params)
        self.moments = self.parameters.clone(prefix="moments", init="zeros")
        self.momentum = momentum

    def construct(self, gradients):
        rate = self.get_lr()
        gradients = self.scale_grad(self.gradients_centralization(self.decay_weight(gradients)))
        for p, m, g in zip(self.parameters, self.moments, gradients, strict=True):
            ops.assign(m, m * self.momentum + g)
            ops.assign(p, p - m * rate)
        return self.parameters


def test_an_optimizer_of_ones_own():
    p, q = parameters(), parameters()
    mine, ours = Tutorial(p, 0.1), nn.Momentum(q, 0.1, 0.9)
    for _ in range(3):
        assert isinstance(mine(G), ParameterTuple)
        ours(G)
    assert_near(p[0], q[0].asnumpy())


def test_a_subclass_runs_its_own_python_at_each_call():
    calls = []

    class Counting(nn.SGD):
        def construct(self, gradients):
            calls.append(1)
            return super().construct(gradients)

    p = parameters()
    optimizer = Counting(p, 0.5)
    assert_near(moved(optimizer, p)[1], [[0.5, 0.5]])
    optimizer(G)
    assert calls == [1, 1]


def test_without_construct_it_says_so():
    with pytest.raises(AttributeError, match="without `construct`"):
        nn.Optimizer(0.1, parameters())(G)


def test_a_plain_attribute_may_change_between_steps():
    p = [Parameter(Tensor([0.0]), name="w")]
    optimizer = nn.Momentum(p, 1.0, 1.0)
    one = (Tensor([1.0]),)
    assert [float(moved(optimizer, p, one)[0][0]) for _ in range(2)] == [1.0, 2.0]
    optimizer.momentum = 0.0
    assert_near(moved(optimizer, p, one)[0], [1.0])


# -- state and memory --


def test_memory_is_taken_over_unless_somebody_looks():
    p = parameters()
    optimizer = nn.SGD(p, 0.5)
    optimizer(G)
    kept = p[0].asnumpy()
    before = kept.copy()
    optimizer(G)
    np.testing.assert_array_equal(kept, before)
    assert_near(p[0], before - 0.5)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
def test_copies_are_independent(copied):
    p = parameters()
    optimizer = nn.Momentum(p, 0.5, 0.9)
    optimizer(G)
    twin = copied(optimizer)
    twin(G)
    assert optimizer.global_step.item() == 1
    assert twin.global_step.item() == 2
    assert_near(twin.moments[1], [[1.9, 1.9]])
    assert_near(optimizer.moments[1], [[1.0, 1.0]])


def test_no_gradient_flows_into_the_state():
    optimizer = nn.Adam(parameters())
    assert [q.name for q in optimizer.trainable_params()] == ["w", "b"]


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda p: nn.SGD([]), ValueError),
        (lambda p: nn.SGD([1]), TypeError),
        (lambda p: nn.SGD(3), TypeError),
        (lambda p: nn.SGD([Tensor([1.0])]), TypeError),
        (lambda p: nn.SGD(p, -1.0), ValueError),
        (lambda p: nn.SGD(p, float("nan")), ValueError),
        (lambda p: nn.SGD(p, "a"), TypeError),
        (lambda p: nn.SGD(p, True), TypeError),
        (lambda p: nn.SGD(p, []), ValueError),
        (lambda p: nn.SGD(p, [[0.1]]), ValueError),
        (lambda p: nn.SGD(p, weight_decay=-1.0), ValueError),
        (lambda p: nn.SGD(p, weight_decay="a"), TypeError),
        (lambda p: nn.SGD(p, loss_scale=0.0), ValueError),
        (lambda p: nn.SGD(p, loss_scale="a"), TypeError),
        (lambda p: nn.SGD([{"param": p}]), ValueError),
        (lambda p: nn.SGD([{"params": p, "foo": 3}]), ValueError),
        (lambda p: nn.SGD([{"params": p}, 3]), TypeError),
        (lambda p: nn.SGD([{"params": p}, {"params": p}]), ValueError),
        (lambda p: nn.SGD(p + p), ValueError),
        (lambda p: nn.SGD([{"params": p}, {"order_params": p[:1]}]), ValueError),
        (lambda p: nn.SGD(p)(G[:1]), ValueError),
        (lambda p: nn.SGD(p)(G[::-1]), ValueError),
    ],
)
def test_what_does_not_fit_is_refused(make, error):
    with pytest.raises(error, match="expected"):
        make(parameters())
