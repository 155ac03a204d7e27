"""The reference kernels against torch on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name
from torch.nn import grad as torch_grad

from lamella.ops.kernels.conv import conv, conv_input_grad, conv_weight_grad
from lamella.ops.kernels.elementwise import erf, floor_divide, remainder, round_half_even, sigmoid
from lamella.ops.kernels.indexed import cumprod, cumsum, scatter, sort
from lamella.ops.kernels.window import window_max, window_sum

CONVOLUTIONS = {
    1: (F.conv1d, torch_grad.conv1d_input, torch_grad.conv1d_weight),
    2: (F.conv2d, torch_grad.conv2d_input, torch_grad.conv2d_weight),
    3: (F.conv3d, torch_grad.conv3d_input, torch_grad.conv3d_weight),
}


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "strides", "padding", "dilation", "groups"),
    [
        ((64, 1, 28, 28), (32, 1, 3, 3), (1, 1), (1, 1), (1, 1), 1),
        ((64, 32, 14, 14), (64, 32, 3, 3), (1, 1), (1, 1), (1, 1), 1),
        ((2, 8, 9, 11), (12, 4, 3, 2), (2, 1), (1, 2), (1, 3), 2),
        ((20, 16, 9, 9), (16, 1, 3, 3), (1, 1), (1, 1), (1, 1), 16),
        ((4, 8, 16, 16), (6, 8, 1, 1), (2, 2), (0, 0), (1, 1), 1),
        ((3, 4, 50), (5, 4, 3), (2,), (1,), (2,), 1),
        ((2, 4, 6, 7, 8), (6, 2, 3, 2, 3), (1, 2, 1), (1, 0, 1), (1, 1, 2), 2),
    ],
)
def test_convolution_and_its_adjoints(
    x_shape: Any, w_shape: Any, strides: Any, padding: Any, dilation: Any, groups: int
) -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(size=x_shape), random.normal(size=w_shape)
    forward, input_grad, weight_grad = CONVOLUTIONS[len(strides)]
    theirs = {"stride": strides, "padding": padding, "dilation": dilation, "groups": groups}
    ours = {**theirs, "strides": strides, "padding": tuple((p, p) for p in padding)}
    del ours["stride"]
    y = forward(torch.tensor(x), torch.tensor(w), **theirs).numpy()
    np.testing.assert_allclose(conv(x, w, **ours), y, rtol=1e-10, atol=1e-10)
    g = random.normal(size=y.shape)
    expected = input_grad(x_shape, torch.tensor(w), torch.tensor(g), **theirs).numpy()
    np.testing.assert_allclose(conv_input_grad(g, w, shape=x_shape, **ours), expected, rtol=1e-10, atol=1e-10)
    expected = weight_grad(torch.tensor(x), w_shape, torch.tensor(g), **theirs).numpy()
    np.testing.assert_allclose(conv_weight_grad(x, g, shape=w_shape, **ours), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("window", "stride", "padding"), [(2, 2, 0), (3, 2, 1), (3, 1, 1)])
@pytest.mark.parametrize("nans", [0, 0.1])
def test_pooling(window: int, stride: int, padding: int, nans: float) -> None:
    random = np.random.default_rng(0)
    x = random.integers(0, 5, (4, 3, 12, 14)).astype(np.float32)
    ours = {
        "window": (window,) * 2,
        "strides": (stride,) * 2,
        "padding": ((padding,) * 2,) * 2,
        "dilation": (1, 1),
    }
    average = F.avg_pool2d(torch.tensor(x), window, stride, padding).numpy()
    np.testing.assert_allclose(window_sum(x, **ours) / window**2, average, rtol=1e-6)
    x[random.random(x.shape) < nans] = np.nan
    values, indices = F.max_pool2d(torch.tensor(x), window, stride, padding, return_indices=True)
    ours_values, ours_indices = window_max(x, **ours)
    np.testing.assert_array_equal(ours_values, values.numpy())
    whole = ~np.isnan(ours_values)  # of several NaN in a window torch names the last, these kernels the first
    np.testing.assert_array_equal(ours_indices[whole], indices.numpy()[whole])


@pytest.mark.parametrize("descending", [False, True])
def test_stable_sort_with_nan(descending: bool) -> None:
    x = np.random.default_rng(0).choice([1.0, 2.0, np.nan, 0.0, -0.0, np.inf], (5, 40)).astype(np.float32)
    values, indices = torch.sort(torch.tensor(x), dim=1, descending=descending, stable=True)
    ours_values, ours_indices = sort(x, axis=1, descending=descending)
    np.testing.assert_array_equal(ours_values, values.numpy())
    np.testing.assert_array_equal(ours_indices, indices.numpy())


@pytest.mark.parametrize(("mode", "reduce"), [("add", "sum"), ("mul", "prod"), ("max", "amax"), ("min", "amin")])
@pytest.mark.parametrize("columns", [3, 300])
def test_scatter(mode: Any, reduce: str, columns: int) -> None:
    random = np.random.default_rng(0)
    x, updates, indices = (
        random.normal(size=(20, columns)),
        random.normal(size=(60, columns)),
        random.integers(0, 20, 60),
    )
    places = torch.tensor(indices)[:, None].expand(-1, columns)
    expected = torch.tensor(x).scatter_reduce(0, places, torch.tensor(updates), reduce)
    np.testing.assert_allclose(scatter(x, indices, updates, axis=0, mode=mode), expected.numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(erf, torch.erf), (sigmoid, torch.sigmoid), (round_half_even, torch.round)]
)
def test_functions_of_one_number(ours: Any, theirs: Any) -> None:
    x = np.array([-100, -2.5, -1e-3, 0, 0.5, 3, 100, np.nan, np.inf, -np.inf], np.float32)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(ours(x), theirs(torch.tensor(x)).numpy(), rtol=1e-6, atol=1e-38)


def test_division_and_running_results() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(6, 7)), random.normal(size=(6, 7))
    np.testing.assert_array_equal(floor_divide(x, y), torch.floor_divide(torch.tensor(x), torch.tensor(y)).numpy())
    np.testing.assert_allclose(remainder(x, y), torch.remainder(torch.tensor(x), torch.tensor(y)).numpy(), rtol=1e-12)
    np.testing.assert_allclose(
        cumsum(x, axis=1, reverse=False), torch.tensor(x).cumsum(1).numpy(), rtol=1e-12, atol=1e-14
    )
    np.testing.assert_allclose(cumprod(x, axis=0, reverse=False), torch.tensor(x).cumprod(0).numpy(), rtol=1e-12)
