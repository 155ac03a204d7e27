"""Convolutions, against SciPy; shapes and printed forms are those of mindspore 2.10.0."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import assert_near, check_grad, check_vmap
from scipy.signal import correlate

import lamella as ms
from lamella import Parameter, Tensor, nn, ops

RNG = np.random.default_rng(0)


def expected_conv(x, w, bias, pads, strides, dilation, groups):
    """The definition: correlate each channel of each group, sum."""
    axes = x.ndim - 2
    x = np.pad(x, ((0, 0), (0, 0), *pads))
    kernel = np.zeros((*w.shape[:2], *((k - 1) * d + 1 for k, d in zip(w.shape[2:], dilation, strict=True))))
    kernel[(..., *(slice(None, None, d) for d in dilation))] = w
    out_each, in_each = w.shape[0] // groups, w.shape[1]
    result = []
    for image in x:
        maps = []
        for o in range(w.shape[0]):
            first = o // out_each * in_each
            total = sum(correlate(image[first + i], kernel[o, i], "valid", "direct") for i in range(in_each))
            maps.append(total[tuple(slice(None, None, s) for s in strides)] + (0 if bias is None else bias[o]))
        result.append(maps)
    assert axes == len(strides)
    return np.array(result)


def test_conv2d_same_valid_and_pad():
    x = RNG.standard_normal((2, 4, 7, 6)).astype(np.float32)
    for settings, pads in (
        ({"pad_mode": "same", "stride": 2}, ((1, 1), (0, 1))),
        ({"pad_mode": "SAME"}, ((1, 1), (1, 1))),
        ({"pad_mode": "valid", "stride": (2, 1)}, ((0, 0), (0, 0))),
        ({"pad_mode": "pad", "padding": (1, 2, 3, 0)}, ((1, 2), (3, 0))),
        ({"pad_mode": "pad", "padding": 2, "dilation": 2, "group": 2}, ((2, 2), (2, 2))),
    ):
        net = nn.Conv2d(4, 6, 3, has_bias=True, **settings)
        expected = expected_conv(x, net.weight.asnumpy(), net.bias.asnumpy(), pads, net.stride, net.dilation, net.group)
        assert_near(net(Tensor(x)), expected, 1e-5)


def test_conv1d_and_conv3d():
    line = RNG.standard_normal((2, 2, 9)).astype(np.float32)
    net = nn.Conv1d(2, 3, 3, stride=2, pad_mode="pad", padding=(1, 2), has_bias=True)
    assert net.weight.shape == (3, 2, 1, 3)
    expected = expected_conv(line, net.weight.asnumpy()[:, :, 0], net.bias.asnumpy(), ((1, 2),), (2,), (1,), 1)
    assert_near(net(Tensor(line)), expected)
    net = nn.Conv1d(2, 4, 3, dilation=2, group=2, pad_mode="valid")
    expected = expected_conv(line, net.weight.asnumpy()[:, :, 0], None, ((0, 0),), (1,), (2,), 2)
    assert_near(net(Tensor(line)), expected)
    volume = RNG.standard_normal((1, 2, 4, 5, 6)).astype(np.float32)
    net = nn.Conv3d(2, 2, (2, 3, 3), pad_mode="valid")
    assert_near(
        net(Tensor(volume)),
        expected_conv(volume, net.weight.asnumpy(), None, ((0, 0),) * 3, (1, 1, 1), (1, 1, 1), 1),
    )
    assert nn.Conv3d(1, 2, 3)(ops.ones((1, 1, 5, 6, 7))).shape == (1, 2, 5, 6, 7)


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "pad_mode", "shape"),
    [
        (3, 1, 1, "same", (5, 6)), (3, 1, 1, "valid", (7, 8)), (3, 2, 1, "same", (10, 12)),
        (3, 2, 1, "valid", (11, 13)), (2, 3, 1, "same", (15, 18)), (2, 3, 1, "valid", (15, 18)),
        (3, 2, 2, "same", (10, 12)), (3, 2, 2, "valid", (13, 15)), (1, 2, 1, "same", (10, 12)),
        (1, 2, 1, "valid", (10, 12)), (5, 3, 1, "same", (15, 18)), (5, 3, 1, "valid", (17, 20)),
    ],
)  # fmt: skip
def test_transposed_shapes_are_mindspores(kernel, stride, dilation, pad_mode, shape):
    net = nn.Conv2dTranspose(2, 3, kernel, stride=stride, dilation=dilation, pad_mode=pad_mode)
    assert net(ops.ones((1, 2, 5, 6))).shape == (1, 3, *shape)


def test_transposed_numbers_are_mindspores():
    x = Tensor(np.arange(4.0, dtype=np.float32).reshape(1, 1, 2, 2))
    net = nn.Conv2dTranspose(1, 1, 3, stride=2, weight_init="ones")
    assert_near(net(x)[0, 0], [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 6, 4], [2, 2, 5, 3]])
    assert_near(nn.Conv2dTranspose(1, 1, 2, weight_init="ones")(x)[0, 0], [[0, 1], [2, 6]])


@pytest.mark.parametrize(
    ("settings", "shape"),
    [
        ({"pad_mode": "same", "stride": 2}, (6, 8)),
        ({"pad_mode": "valid", "dilation": 2}, (7, 8)),
        ({"pad_mode": "pad", "padding": 1, "stride": 2, "output_padding": 1, "group": 2}, (6, 8)),
        ({"pad_mode": "pad", "padding": (0, 1, 1, 0), "stride": 2}, (6, 8)),
    ],
)
def test_transposed_is_the_adjoint_of_the_convolution(settings, shape):
    """<conv(y), x> = <y, transposed(x)>: the definition of a transpose."""
    net = nn.Conv2dTranspose(4, 2, 3, **settings)
    x = RNG.standard_normal((1, 4, 3, 4)).astype(np.float32)
    out = net(Tensor(x))
    assert out.shape[2:] == shape
    y = RNG.standard_normal(out.shape).astype(np.float32)
    conv_settings = {k: v for k, v in settings.items() if k != "output_padding"}
    conv = nn.Conv2d(2, 4, 3, **conv_settings)
    conv.weight = net.weight.copy()
    forward = conv(Tensor(y)).asnumpy()[:, :, :3, :4]
    assert (forward * x).sum() == pytest.approx((y * out.asnumpy()).sum(), rel=1e-4)


@pytest.mark.parametrize(
    "settings",
    [
        {"stride": 2, "output_padding": (0, 2), "dilation": (1, 3)},
        {"stride": 1, "output_padding": 2, "dilation": 3, "group": 2},
        {"stride": (3, 1), "output_padding": (2, 1), "dilation": (1, 2), "padding": 1},
        {"stride": (2, 1), "output_padding": 3, "dilation": 4, "padding": (1, 0, 2, 3)},
    ],
)
def test_transposed_with_more_padding_than_its_stride_has_derivatives(settings):
    net = nn.Conv2dTranspose(2, 2, 2, pad_mode="pad", dtype=ms.float64, **settings)
    x = RNG.standard_normal((1, 2, 3, 2))
    check_grad(net, x)
    check_grad(ms.grad(lambda x: (net(x) ** 3).sum()), x, tolerance=1e-5)
    assert ms.grad(lambda x: net(x).sum())(Tensor(x)).shape == x.shape


def test_transposed_refuses_settings_that_leave_less_than_nothing():
    net = nn.Conv2dTranspose(1, 1, 2, pad_mode="pad", padding=(2, 2, 0, 0))
    assert net(ops.ones((1, 1, 3, 3))).shape == (1, 1, 0, 4)
    with pytest.raises(ValueError, match=r"sizes \(1, 3\) with .*padding=\(2, 2, 0, 0\).* give sizes \(-2, 4\)"):
        net(ops.ones((1, 1, 1, 3)))


def test_transposed_with_bias():
    net = nn.Conv2dTranspose(2, 3, 3, has_bias=True, weight_init="zeros", bias_init=Tensor([1.0, 2.0, 3.0]))
    assert_near(net(ops.ones((1, 2, 2, 2))), np.ones((1, 3, 2, 2)) * np.array([1, 2, 3])[:, None, None])


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: nn.Conv1d(2, 3, 3, has_bias=True), (2, 2, 5)),
        (lambda: nn.Conv2d(2, 4, 3, stride=2, group=2), (2, 2, 5, 4)),
        (lambda: nn.Conv2dTranspose(2, 4, 3, stride=2, group=2, has_bias=True), (2, 2, 2, 3)),
        (lambda: nn.Conv3d(1, 2, 2), (1, 1, 2, 3, 2)),
    ],
)
def test_derivatives_batches_graphs(make, shape):
    net = make()
    x = RNG.standard_normal(shape)
    for name, parameter in list(net.parameters_and_names()):
        setattr(net, name, None)
        setattr(net, name, Parameter(ops.cast(parameter, ms.float64)))
    check_grad(net, x)
    weight = net.weight.asnumpy()

    def by_weight(w):
        (g,) = ms.grad(lambda: ops.sum(net(Tensor(x)) * net(Tensor(x))), None, [net.weight])()
        return g + w * 0

    step = 1e-6
    place = (0,) * weight.ndim
    gradient = by_weight(Tensor(weight)).asnumpy()[place]
    values = []
    for sign in (1, -1):
        moved = np.array(weight)
        moved[place] += sign * step
        net.weight.set_data(Tensor(moved))
        values.append((net(Tensor(x)).asnumpy() ** 2).sum())
    assert gradient == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-5)
    check_vmap(net, x)
    assert_near(ms.ir.staged(net)(Tensor(x)), net(Tensor(x)).asnumpy())


def test_parameters():
    net = nn.Conv2d(4, 6, 3, group=2, has_bias=True)
    assert [(p.name, p.shape) for p in net.get_parameters()] == [("weight", (6, 2, 3, 3)), ("bias", (6,))]
    assert nn.Conv2dTranspose(4, 6, 3, group=2).weight.shape == (4, 3, 3, 3)
    assert abs(nn.Conv2d(4, 60, 5).weight.asnumpy()).max() <= 0.1  # 1 / sqrt(4 * 5 * 5)
    assert nn.Conv2d(4, 6, 3, weight_init="ones", dtype=ms.float16).weight.dtype is ms.float16


def test_repr():
    # Printed by mindspore 2.10.0, but for the initializer's address.
    assert repr(nn.Conv2d(3, 4, 3, weight_init="ones")) == (
        "Conv2d(input_channels=3, output_channels=4, kernel_size=(3, 3), stride=(1, 1), pad_mode=same, padding=0, "
        "dilation=(1, 1), group=1, has_bias=False, weight_init=ones, bias_init=None, format=NCHW)"
    )


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nn.Conv2d(3, 4, 3, pad_mode="foo"), ValueError),
        (lambda: nn.Conv2d(3, 4, 3, padding=1), ValueError),
        (lambda: nn.Conv2d(3, 4, 3, group=2), ValueError),
        (lambda: nn.Conv2d(0, 4, 3), ValueError),
        (lambda: nn.Conv2d(3, 4, 0), ValueError),
        (lambda: nn.Conv2d(3, 4, (1, 2, 3)), ValueError),
        (lambda: nn.Conv2d(3, 4, 2.5), TypeError),
        (lambda: nn.Conv2d(3, 4, 3, stride=0), ValueError),
        (lambda: nn.Conv2d(3, 4, 3, data_format="NHWC"), ValueError),
        (lambda: nn.Conv3d(3, 4, 3, data_format="NDHWC"), ValueError),
        (lambda: nn.Conv2d(2, 4, 3)(ops.ones((1, 3, 5, 5))), ValueError),
        (lambda: nn.Conv2d(2, 4, 3)(ops.ones((2, 5, 5))), ValueError),
        (lambda: nn.Conv2dTranspose(2, 4, 3)(ops.ones((1, 3, 5, 5))), ValueError),
        (lambda: nn.Conv2dTranspose(2, 4, 3, output_padding=1), ValueError),
        (lambda: nn.Conv2dTranspose(2, 4, 3, stride=2, pad_mode="pad", output_padding=2), ValueError),
    ],
)
def test_what_does_not_fit_is_refused(make, error):
    with pytest.raises(error, match="expected"):
        make()
