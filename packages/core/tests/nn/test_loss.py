"""Losses as cells, against numbers that mindspore 2.10.0 printed for the same input."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, check_grad

import lamella as ms
from lamella import Tensor, nn, ops

LOGITS = Tensor([[1.0, 2.0, -1.0], [0.5, -2.0, 3.0]])
CLASSES = Tensor([2, 0], dtype="int32")
ONE_HOT = Tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
WEIGHT = Tensor([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("loss", "labels", "expected"),
    [
        (nn.CrossEntropyLoss(), CLASSES, 2.9670544),
        (nn.CrossEntropyLoss(reduction="sum"), ONE_HOT, 5.9341087),
        (nn.CrossEntropyLoss(WEIGHT, ignore_index=0, label_smoothing=0.1), CLASSES, 3.148489),
        (nn.SoftmaxCrossEntropyWithLogits(), ONE_HOT, [3.3490121, 2.5850973]),
        (nn.SoftmaxCrossEntropyWithLogits(sparse=True, reduction="mean"), CLASSES, 2.9670553),
        (nn.SoftmaxCrossEntropyWithLogits(reduction="mean"), ONE_HOT, 2.9670548),
        (nn.MSELoss(), ONE_HOT, 3.7083333),
        (nn.L1Loss(), ONE_HOT, 1.75),
        (nn.MAELoss(), ONE_HOT, 1.75),
        (nn.RMSELoss(), ONE_HOT, 1.9257033),
        (nn.SmoothL1Loss(), ONE_HOT, [[0.5, 1.5, 1.5], [0.125, 1.5, 2.5]]),
        (nn.BCEWithLogitsLoss(), ONE_HOT, 1.4005073),
        (nn.NLLLoss(), CLASSES, 0.25),
        (nn.NLLLoss(reduction="none"), CLASSES, [1.0, -0.5]),
    ],
)
def test_numbers_are_mindspores(loss, labels, expected):
    assert_near(loss(LOGITS, labels), expected, 2e-6)
    assert_near(ms.ir.staged(loss)(LOGITS, labels), expected, 2e-6)


def test_bce_of_probabilities():
    p, y = Tensor([0.1, 0.5, 0.9]), Tensor([0.0, 1.0, 1.0])
    assert_near(nn.BCELoss()(p, y), 0.3012894)
    assert_near(nn.BCELoss(Tensor([1.0, 0.0, 0.0]), "sum")(p, y), -np.log(0.9))


def test_weights_of_bce_with_logits():
    x, y = np.array([1.0, -2.0]), np.array([1.0, 0.0])
    each = np.array([3 * np.log1p(np.exp(-1)), np.log1p(np.exp(-2))])
    loss = nn.BCEWithLogitsLoss("none", Tensor([1.0, 2.0]), Tensor([3.0, 3.0]))
    assert_near(loss(Tensor(x), Tensor(y)), each * np.array([1, 2]))


@pytest.mark.parametrize(
    "loss",
    [nn.CrossEntropyLoss(WEIGHT, label_smoothing=0.1), nn.NLLLoss(), nn.SoftmaxCrossEntropyWithLogits(True, "mean")],
)
def test_derivatives(loss):
    check_grad(lambda x: loss(x, CLASSES), LOGITS.asnumpy())


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("kind", [nn.MSELoss, nn.L1Loss, nn.MAELoss, nn.BCEWithLogitsLoss])
def test_reductions_agree(kind, reduction):
    each = kind("none")(LOGITS, ONE_HOT).asnumpy()
    expected = {"mean": each.mean(), "sum": each.sum(), "none": each}[reduction]
    assert_near(kind(reduction)(LOGITS, ONE_HOT), expected)


def test_a_loss_of_ones_own():
    class Distance(nn.LossBase):
        def construct(self, logits, labels):
            return self.get_loss(ops.abs(logits - labels), 2.0)

    assert Distance()(Tensor([1.0, 2.0]), Tensor([2.0, 4.0])).item() == 3.0
    assert Distance("sum")(Tensor([1.0, 2.0]), Tensor([2.0, 4.0])).item() == 6.0


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.MSELoss("foo"), ValueError),
        (lambda: nn.CrossEntropyLoss(reduction="foo"), ValueError),
        (lambda: nn.SmoothL1Loss(beta=0.0), ValueError),
        (lambda: nn.SoftmaxCrossEntropyWithLogits()(LOGITS, CLASSES), TypeError),
        (lambda: nn.SoftmaxCrossEntropyWithLogits(sparse=True)(LOGITS, ONE_HOT), TypeError),
        (lambda: nn.CrossEntropyLoss()(LOGITS, Tensor([2, 3])), IndexError),
        (lambda: nn.CrossEntropyLoss()(LOGITS, Tensor([2, 3, 1])), ValueError),
        (lambda: nn.MSELoss()(LOGITS, Tensor([1.0, 2.0])), ValueError),
    ],
)
def test_what_does_not_fit_is_refused(make, error):
    with pytest.raises(error, match="expected"):
        make()
