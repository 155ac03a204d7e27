"""Learning rates, as cells and as lists: numbers that mindspore 2.10.0 gave."""

from __future__ import annotations

import pytest

from lamella import Tensor, ir, nn

# fmt: off
CELLS = [
    (nn.ExponentialDecayLR(0.1, 0.9, 4), [0.1, 0.0974004, 0.0948683, 0.0924021, 0.09, 0.0876603, 0.0853815]),
    (nn.ExponentialDecayLR(0.1, 0.9, 4, True), [0.1, 0.1, 0.1, 0.1, 0.09, 0.09, 0.09]),
    (nn.NaturalExpDecayLR(0.1, 0.9, 4), [0.1, 0.040657, 0.0165299, 0.0067206, 0.0027324, 0.0011109, 0.0004517]),
    (nn.NaturalExpDecayLR(0.1, 0.9, 4, True), [0.1, 0.1, 0.1, 0.1, 0.0027324, 0.0027324, 0.0027324]),
    (nn.InverseDecayLR(0.1, 0.9, 4), [0.1, 0.0816327, 0.0689655, 0.0597015, 0.0526316, 0.0470588, 0.0425532]),
    (nn.InverseDecayLR(0.1, 0.9, 4, True), [0.1, 0.1, 0.1, 0.1, 0.0526316, 0.0526316, 0.0526316]),
    (nn.CosineDecayLR(0.01, 0.1, 4), [0.1, 0.0868198, 0.055, 0.0231802, 0.01, 0.01, 0.01]),
    (nn.PolynomialDecayLR(0.1, 0.01, 4, 0.5), [0.1, 0.0879423, 0.0736396, 0.055, 0.01, 0.01, 0.01]),
    (nn.PolynomialDecayLR(0.1, 0.01, 4, 0.5, True), [0.1, 0.0879423, 0.0736396, 0.055, 0.01, 0.0651135, 0.055]),
    (nn.WarmUpLR(0.1, 2), [0.0, 0.05, 0.1, 0.1, 0.1, 0.1, 0.1]),
]

LISTS = [
    (nn.piecewise_constant_lr([2, 5, 7], [0.1, 0.05, 0.01]), [0.1, 0.1, 0.05, 0.05, 0.05, 0.01, 0.01]),
    (nn.piecewise_constant_lr([2, 2], [0.1, 0.05]), [0.1, 0.1]),
    (nn.exponential_decay_lr(0.1, 0.9, 6, 2, 2), [0.1, 0.1, 0.09486833, 0.09486833, 0.09, 0.09]),
    (nn.exponential_decay_lr(0.1, 0.9, 6, 2, 2, True), [0.1, 0.1, 0.1, 0.1, 0.09, 0.09]),
    (nn.natural_exp_decay_lr(0.1, 0.9, 6, 2, 2), [0.1, 0.1, 0.04065697, 0.04065697, 0.01652989, 0.01652989]),
    (nn.natural_exp_decay_lr(0.1, 0.9, 6, 2, 2, True), [0.1, 0.1, 0.1, 0.1, 0.01652989, 0.01652989]),
    (nn.inverse_decay_lr(0.1, 0.5, 6, 2, 2), [0.1, 0.1, 0.08, 0.08, 0.06666667, 0.06666667]),
    (nn.inverse_decay_lr(0.1, 0.5, 6, 2, 2, True), [0.1, 0.1, 0.1, 0.1, 0.06666667, 0.06666667]),
    (nn.cosine_decay_lr(0.01, 0.1, 10, 2, 3), [0.1, 0.1, 0.0775, 0.0775, 0.0325, 0.0325, 0.01, 0.01, 0.01, 0.01]),
    (nn.polynomial_decay_lr(0.1, 0.01, 10, 2, 2, 0.5),
     [0.1, 0.1, 0.07363961, 0.07363961, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01]),
    (nn.polynomial_decay_lr(0.1, 0.01, 10, 2, 2, 0.5, True),
     [0.1, 0.1, 0.07363961, 0.07363961, 0.01, 0.01, 0.055, 0.055, 0.01, 0.01]),
    (nn.warmup_lr(0.1, 6, 2, 2), [0.0, 0.0, 0.05, 0.05, 0.1, 0.1]),
]
# fmt: on


@pytest.mark.parametrize(("schedule", "expected"), CELLS, ids=lambda value: type(value).__name__)
def test_cells_give_mindspores_numbers(schedule, expected):
    run = ir.staged(schedule)
    for step, rate in enumerate(expected):
        assert schedule(Tensor(step, dtype="int32")).item() == pytest.approx(rate, rel=1e-5, abs=6e-8)
        assert run(Tensor(step, dtype="int32")).item() == pytest.approx(rate, rel=1e-5, abs=6e-8)


@pytest.mark.parametrize(("rates", "expected"), LISTS)
def test_lists_are_mindspores(rates, expected):
    assert rates == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.ExponentialDecayLR(-1.0, 0.9, 4), ValueError),
        (lambda: nn.ExponentialDecayLR(0.1, 0.0, 4), ValueError),
        (lambda: nn.ExponentialDecayLR(0.1, 0.9, 0), ValueError),
        (lambda: nn.ExponentialDecayLR(0.1, 0.9, 4.0), TypeError),
        (lambda: nn.ExponentialDecayLR("a", 0.9, 4), TypeError),
        (lambda: nn.InverseDecayLR(0.1, -0.1, 4), ValueError),
        (lambda: nn.CosineDecayLR(0.1, 0.01, 4), ValueError),
        (lambda: nn.CosineDecayLR(-0.1, 0.01, 4), ValueError),
        (lambda: nn.PolynomialDecayLR(0.1, 0.01, 4, 0.0), ValueError),
        (lambda: nn.PolynomialDecayLR(0.1, -0.01, 4, 0.5), ValueError),
        (lambda: nn.WarmUpLR(0.1, 0), ValueError),
        (lambda: nn.piecewise_constant_lr([2], [0.1, 0.2]), ValueError),
        (lambda: nn.piecewise_constant_lr([], []), ValueError),
        (lambda: nn.piecewise_constant_lr([3, 2], [0.1, 0.2]), ValueError),
        (lambda: nn.piecewise_constant_lr([0], [0.1]), ValueError),
        (lambda: nn.piecewise_constant_lr([2.0], [0.1]), TypeError),
        (lambda: nn.piecewise_constant_lr(2, 0.1), TypeError),
        (lambda: nn.exponential_decay_lr(0.1, 0.9, 6, 2, 0), ValueError),
        (lambda: nn.exponential_decay_lr(0.1, 0.9, 6, 0, 1), ValueError),
        (lambda: nn.natural_exp_decay_lr(0.1, 0.9, 0, 2, 1), ValueError),
        (lambda: nn.inverse_decay_lr(0.1, 0.0, 6, 2, 1), ValueError),
        (lambda: nn.cosine_decay_lr(0.2, 0.1, 6, 2, 1), ValueError),
        (lambda: nn.polynomial_decay_lr(0.1, -0.1, 6, 2, 1, 1.0), ValueError),
        (lambda: nn.warmup_lr(0.1, 6, 2, 0), ValueError),
        (lambda: nn.warmup_lr(0.1, 6.0, 2, 1), TypeError),
    ],
)
def test_settings_that_do_not_fit_are_refused(make, error):
    with pytest.raises(error, match="expected"):
        make()
