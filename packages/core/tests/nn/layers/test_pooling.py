"""Pooling, against numbers that mindspore 2.10.0 printed for the same input."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, assert_same, check_grad, check_vmap

import lamella as ms
from lamella import Tensor, nn, ops

IMAGE = Tensor(np.arange(1, 17, dtype=np.float32).reshape(1, 1, 4, 4))
LINE = Tensor(np.arange(12, dtype=np.float32).reshape(1, 2, 6))


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (nn.AvgPool2d(3, 1, pad_mode="same"),
         [[3.5, 4.0, 5.0, 5.5], [5.5, 6.0, 7.0, 7.5], [9.5, 10.0, 11.0, 11.5], [11.5, 12.0, 13.0, 13.5]]),
        (nn.AvgPool2d(3, 2, pad_mode="same"), [[6.0, 7.5], [12.0, 13.5]]),
        (nn.AvgPool2d(3, 2, pad_mode="pad", padding=1), [[1.5555556, 3.3333333], [6.3333335, 11.0]]),
        (nn.AvgPool2d(3, 2, pad_mode="pad", padding=1, count_include_pad=False), [[3.5, 5.0], [9.5, 11.0]]),
        (nn.AvgPool2d(3, 2, pad_mode="pad", padding=1, ceil_mode=True, divisor_override=2),
         [[7.0, 15.0, 6.0], [28.5, 49.5, 18.0], [13.5, 22.5, 8.0]]),
        (nn.AvgPool2d(2, 2, pad_mode="VALID"), [[3.5, 5.5], [11.5, 13.5]]),
        (nn.AvgPool2d(2, 2, divisor_override=2), [[7.0, 11.0], [23.0, 27.0]]),
        (nn.AvgPool2d(3, 2, ceil_mode=True), [[6.0, 7.5], [12.0, 13.5]]),
        (nn.MaxPool2d(3, 1, pad_mode="same"),
         [[6.0, 7.0, 8.0, 8.0], [10.0, 11.0, 12.0, 12.0], [14.0, 15.0, 16.0, 16.0], [14.0, 15.0, 16.0, 16.0]]),
        (nn.MaxPool2d(2, 2), [[6.0, 8.0], [14.0, 16.0]]),
        (nn.MaxPool2d(3, 2, pad_mode="pad", padding=1), [[6.0, 8.0], [14.0, 16.0]]),
        (nn.MaxPool2d((2, 3), (1, 2)), [[7.0], [11.0], [15.0]]),
    ],
)  # fmt: skip
def test_images(net, expected):
    assert_near(net(IMAGE)[0, 0], expected)
    assert_near(net(IMAGE[0])[0], expected)
    assert_near(ms.ir.staged(net)(IMAGE)[0, 0], expected)


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (nn.MaxPool1d(2, 2), [[1, 3, 5], [7, 9, 11]]),
        (nn.AvgPool1d(2, 2), [[0.5, 2.5, 4.5], [6.5, 8.5, 10.5]]),
        (nn.MaxPool1d(3, 2, pad_mode="same"), [[2, 4, 5], [8, 10, 11]]),
        (nn.AvgPool1d(3, 2, pad_mode="same"), [[1, 3, 4.5], [7, 9, 10.5]]),
        (nn.AvgPool1d(3, 1, pad_mode="pad", padding=1), [[1 / 3, 1, 2, 3, 4, 3], [13 / 3, 7, 8, 9, 10, 7]]),
        (nn.MaxPool1d(3, 2, pad_mode="pad", padding=1), [[1, 3, 5], [7, 9, 11]]),
        (nn.MaxPool1d(2), [[1, 2, 3, 4, 5], [7, 8, 9, 10, 11]]),
        (nn.MaxPool1d(2, 2, dilation=2), [[2, 4], [8, 10]]),
    ],
)
def test_lines(net, expected):
    assert_near(net(LINE)[0], expected)
    assert_near(net(LINE[0]), expected)


def test_positions_of_the_maxima():
    values, positions = nn.MaxPool2d(3, 2, pad_mode="pad", padding=1, return_indices=True)(IMAGE)
    assert_same(positions, Tensor([[[[5, 7], [13, 15]]]]))
    assert_same(values, Tensor([[[[6.0, 8.0], [14.0, 16.0]]]]))
    values, positions = nn.MaxPool1d(2, 2, return_indices=True)(LINE)
    assert_same(positions, Tensor([[[1, 3, 5], [1, 3, 5]]]))


@pytest.mark.parametrize("net", [nn.MaxPool2d(2, 2), nn.AvgPool2d(3, 2, pad_mode="same"), nn.MaxPool2d(3, 1, "same")])
def test_derivatives_and_batches(net):
    x = np.random.default_rng(0).permutation(2.0 * np.arange(40)).reshape(1, 2, 4, 5)
    check_grad(net, x)
    check_vmap(net, x)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.MaxPool2d(0), ValueError),
        (lambda: nn.MaxPool2d(2, stride=0), ValueError),
        (lambda: nn.MaxPool2d(2.0), TypeError),
        (lambda: nn.MaxPool2d((1, 2, 3)), ValueError),
        (lambda: nn.MaxPool2d(2, pad_mode="x"), ValueError),
        (lambda: nn.MaxPool2d(2, padding=1), ValueError),
        (lambda: nn.MaxPool2d(2, data_format="NHWC"), ValueError),
        (lambda: nn.AvgPool2d(2, divisor_override=0), ValueError),
        (lambda: nn.AvgPool2d(2)(Tensor([[[1, 2], [3, 4]]])), TypeError),
        (lambda: nn.MaxPool2d(2)(ops.ones((2, 2))), ValueError),
        (lambda: nn.MaxPool1d(2)(ops.ones((2,))), ValueError),
    ],
)
def test_what_does_not_fit_is_refused(make, error):
    with pytest.raises(error, match="expected"):
        make()


def test_repr():
    assert repr(nn.MaxPool2d((2, 3), (1, 2))) == "MaxPool2d(kernel_size=(2, 3), stride=(1, 2), pad_mode=VALID)"
    assert repr(nn.AvgPool2d(2)) == "AvgPool2d(kernel_size=2, stride=1, pad_mode=VALID)"
