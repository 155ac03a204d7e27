"""Derivatives at the points where a formula in several pieces is put together."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near
from scipy.special import expit

from lamella import Tensor, grad, ops

POINTS = np.array([-30.0, -1.0, 0.0, -0.0, 1.0, 15.0])


def second(fn):
    return grad(lambda x: grad(fn)(x).sum())


def test_softplus_has_the_derivatives_of_a_smooth_function_at_zero_too():
    sigmoid = expit(POINTS)
    assert_near(grad(ops.softplus)(Tensor(POINTS)), sigmoid)
    assert_near(second(ops.softplus)(Tensor(POINTS)), sigmoid * (1 - sigmoid))
    assert_near(grad(ops.logsigmoid)(Tensor(POINTS)), expit(-POINTS))
    assert_near(grad(ops.mish)(Tensor(0.0)), 0.6)  # tanh(log 2)
    assert ops.softplus(Tensor([np.inf, -np.inf])).tolist() == [np.inf, 0.0]


@pytest.mark.parametrize("label", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("weight", [None, 3.0])
def test_cross_entropy_of_logits_has_its_slope_at_a_logit_of_zero_too(label, weight):
    labels = np.full_like(POINTS, label)

    def loss(x):
        return ops.binary_cross_entropy_with_logits(x, Tensor(labels), pos_weight=weight, reduction="sum")

    factor = 1.0 if weight is None else weight
    assert_near(grad(loss)(Tensor(POINTS)), (1 - label) * expit(POINTS) - factor * label * expit(-POINTS))


def test_cross_entropy_of_certain_probabilities_has_finite_slopes():
    gradient = grad(lambda p: ops.binary_cross_entropy(p, Tensor([0.0, 1.0, 0.0, 1.0]), reduction="sum"))
    assert_near(gradient(Tensor([0.0, 1.0, 1.0, 0.0])), [1.0, -1.0, 0.0, 0.0])


@pytest.mark.parametrize("ord", [None, 2, 3, 1.5, "fro"])
def test_a_norm_of_zeros_has_slope_zero(ord):
    x = Tensor([[0.0, 0.0], [0.0, 0.0]])
    dim = (0, 1) if ord == "fro" else 1
    assert_near(grad(lambda x: ops.norm(x, ord, dim))(x), np.zeros((2, 2)))


def test_a_standard_deviation_of_equal_numbers_has_slope_zero():
    assert_near(grad(ops.std)(Tensor([2.0, 2.0])), [0.0, 0.0])
    assert_near(grad(lambda x: ops.std_mean(x)[0])(Tensor([2.0])), [0.0])


def test_a_norm_of_half_precision_does_not_overflow_on_the_way():
    assert ops.norm(Tensor([300.0, 400.0], dtype="float16")).item() == 500.0
    assert np.isnan(ops.norm(Tensor([np.nan, 0.0])).item())
