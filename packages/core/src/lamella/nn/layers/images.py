"""How alike images are, and how they are cut and scaled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.ops.convert import as_tensor, floating, wide
from lamella.ops.define.constants import constant
from lamella.ops.functions.elementwise import log, maximum
from lamella.ops.functions.pad import pad
from lamella.ops.functions.reduce import mean
from lamella.ops.functions.shape import broadcast_to
from lamella.ops.nn.convolution import conv2d
from lamella.ops.nn.pooling import avg_pool2d
from lamella.ops.nn.resizing import resized
from lamella.tensor import Tensor


def _images(subject: str, *given: Any) -> list[Tensor]:
    """Floating-point batches of one shape [n, c, h, w]."""
    images = floating(subject, *given)
    if any(image.ndim != 4 or image.shape != images[0].shape for image in images):
        shapes = ", ".join(str(image.shape) for image in images)
        raise ValueError(explain(subject, given=f"shapes {shapes}", expected="one shape [n, c, h, w]"))
    return [wide(image) for image in images]


def _check_positive(subject: str, **settings: Any) -> None:
    for name, value in settings.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
            raise ValueError(explain(subject, given=f"{name}={value!r}", expected="a number above 0"))


def psnr(img1: Any, img2: Any, max_val: float = 1.0) -> Tensor:
    """Peak signal-to-noise ratio of images in decibels, 10 log10(max_val ** 2 / mean squared difference)."""
    _check_positive("nn.PSNR", max_val=max_val)
    a, b = _images("nn.PSNR", img1, img2)
    error = mean((a - b) * (a - b), (1, 2, 3))
    return (2 * math.log(max_val) - log(error)) * (10 / math.log(10))


def _blurred(image: Tensor, filter_size: int, filter_sigma: float) -> Tensor:
    """Gaussian means of each channel, where the window fits."""
    places = np.arange(filter_size) - (filter_size - 1) / 2
    bell = np.exp(-(places**2) / (2 * filter_sigma**2))
    bell /= bell.sum()
    channels = index(image.shape[1])
    for shape in ((1, 1, filter_size, 1), (1, 1, 1, filter_size)):
        weight = broadcast_to(constant(bell.astype(image.dtype.numpy).reshape(shape)), (channels, *shape[1:]))
        image = conv2d(image, weight, pad_mode="valid", groups=channels)
    return image


def _similarity(
    a: Tensor, b: Tensor, max_val: float, filter_size: int, filter_sigma: float, k1: float, k2: float
) -> tuple[Tensor, Tensor]:
    """Means over windows of luminance times contrast, and of contrast alone; for each image and channel."""
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    mean_a, mean_b = (_blurred(x, filter_size, filter_sigma) for x in (a, b))
    product, squares = mean_a * mean_b, mean_a * mean_a + mean_b * mean_b
    luminance = (product * 2 + c1) / (squares + c1)
    together = _blurred(a * b, filter_size, filter_sigma) - product
    apart = _blurred(a * a + b * b, filter_size, filter_sigma) - squares
    contrast = (together * 2 + c2) / (apart + c2)
    return mean(luminance * contrast, (2, 3)), mean(contrast, (2, 3))


def _check_window(subject: str, images: Tensor, halvings: int, filter_size: Any) -> None:
    if isinstance(filter_size, bool) or not isinstance(filter_size, int):
        raise TypeError(explain(subject, given=f"filter_size={filter_size!r}", expected="an int"))
    if filter_size < 1 or any(index(n) >> halvings < filter_size for n in images.shape[2:]):
        raise ValueError(
            explain(
                subject,
                given=f"images of shape {images.shape}",
                expected=f"a filter_size of 1 or more that fits, {halvings} times halved; it is {filter_size}",
            )
        )


def ssim(
    img1: Any,
    img2: Any,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """Structural similarity of images, at most 1, that of an image with itself (Wang et al., 2004)."""
    _check_positive("nn.SSIM", max_val=max_val, filter_sigma=filter_sigma, k1=k1, k2=k2)
    a, b = _images("nn.SSIM", img1, img2)
    _check_window("nn.SSIM", a, 0, filter_size)
    return mean(_similarity(a, b, max_val, filter_size, filter_sigma, k1, k2)[0], 1)


def ms_ssim(
    img1: Any,
    img2: Any,
    max_val: float = 1.0,
    power_factors: Sequence[float] = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333),
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """Structural similarity of images at several scales, halved from one to the next (Wang et al., 2003)."""
    subject = "nn.MSSSIM"
    _check_positive(subject, max_val=max_val, filter_sigma=filter_sigma, k1=k1, k2=k2)
    if not isinstance(power_factors, (tuple, list)) or not power_factors:
        raise TypeError(explain(subject, given=f"power_factors={power_factors!r}", expected="a tuple of numbers"))
    a, b = _images(subject, img1, img2)
    _check_window(subject, a, len(power_factors) - 1, filter_size)
    scores: Tensor | None = None
    for scale, power in enumerate(power_factors):
        if scale:
            a, b = avg_pool2d(a, 2, 2), avg_pool2d(b, 2, 2)
        whole, contrast = _similarity(a, b, max_val, filter_size, filter_sigma, k1, k2)
        score = maximum(whole if scale == len(power_factors) - 1 else contrast, 0.0) ** power
        scores = score if scores is None else scores * score
    assert scores is not None, "there is at least one scale"
    return mean(scores, 1)


def image_gradients(images: Any) -> tuple[Tensor, Tensor]:
    """Differences of neighbouring pixels of images [n, c, h, w], down and to the right; 0 in the last row or column."""
    x = as_tensor(images, None, "nn.ImageGradients")
    if x.ndim != 4:
        raise ValueError(explain("nn.ImageGradients", given=f"shape {x.shape}", expected="[n, c, h, w]"))
    down, right = x[:, :, 1:] - x[:, :, :-1], x[:, :, :, 1:] - x[:, :, :, :-1]
    return pad(down, (0, 0, 0, 1)), pad(right, (0, 1))


def central_crop(image: Any, central_fraction: float) -> Tensor:
    """The middle of images [..., h, w]: a part of their height and width."""
    subject = "nn.CentralCrop"
    if isinstance(central_fraction, bool) or not isinstance(central_fraction, (int, float)):
        raise TypeError(explain(subject, given=f"central_fraction={central_fraction!r}", expected="a number"))
    if not 0 < central_fraction <= 1:
        raise ValueError(explain(subject, given=f"central_fraction={central_fraction}", expected="above 0, at most 1"))
    x = as_tensor(image, None, subject)
    if x.ndim not in (3, 4):
        raise ValueError(explain(subject, given=f"shape {x.shape}", expected="[c, h, w] or [n, c, h, w]"))
    height, width = (index(n) for n in x.shape[-2:])
    top, left = (int((n - n * central_fraction) / 2) for n in (height, width))
    return x[..., top : height - top, left : width - left]


def resize_bilinear(
    x: Any,
    size: Any = None,
    scale_factor: int | None = None,
    align_corners: bool = False,
    half_pixel_centers: bool = False,
) -> Tensor:
    """Images [n, c, h, w] in another size, with linear interpolation."""
    subject = "nn.ResizeBilinear"
    if (size is None) == (scale_factor is None):
        raise ValueError(explain(subject, given=f"size={size}, scale_factor={scale_factor}", expected="one of them"))
    image = as_tensor(x, None, subject)
    if scale_factor is not None:
        if isinstance(scale_factor, bool) or not isinstance(scale_factor, int) or scale_factor < 1:
            raise ValueError(explain(subject, given=f"scale_factor={scale_factor!r}", expected="an int of at least 1"))
        size = tuple(index(n) * scale_factor for n in image.shape[2:])
    return resized(subject, image, size, align_corners, half_pixel_centers, "linear")
