"""Convolution over one to three spatial axes, and its adjoints in the input and in the weight.

All three are one matrix product per group over *columns*: for each output position the `K` input numbers under the
kernel. Columns have the shape `[B, G, K, M]`, where `G` is the groups and `B` and `M` share out the samples and the
output positions in one of two ways:

* by sample: `B` is the samples, `M` all positions. The product is already in the layout `[N, C, *S]`.
* by row: `B` is the positions along the first spatial axis, `M` the samples times the other positions. The columns
  of neighbouring rows overlap in memory, so the input is copied once for each kernel position of the *other* axes
  only (3 instead of 9 copies for 3x3), at the price of transposing the product.

Reference for im2col: Chellapilla, Puri, Simard, "High performance convolutional neural networks for document
processing", 2006.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from lamella.ops.kernels.precision import Array, widen
from lamella.ops.kernels.spatial import Index, Padding, element_index, output_size

# Below this many columns in a product BLAS is slower than the copies that the layout by row saves.
_NARROW_PRODUCT = 64


def conv(
    x: Array, w: Array, *, strides: Sequence[int], padding: Padding, dilation: Sequence[int], groups: int
) -> Array:
    """Cross-correlate `x` with the kernels `w`.

    Args:
        x: input `[N, C, *S]`.
        w: kernels `[O, C / groups, *K]`.
        strides: step of the kernel along each spatial axis.
        padding: zeros before and after each spatial axis; negative numbers crop.
        dilation: distance between neighbouring kernel elements along each spatial axis.
        groups: number of blocks that the channels fall into; block `i` of the output sees block `i` of the input.

    Returns:
        `[N, O, *P]` in the dtype of `x`, where `P = (S + padding - dilation * (K - 1) - 1) // strides + 1`.

    Examples:
        >>> x = np.arange(5.0).reshape(1, 1, 5)
        >>> conv(x, np.ones((1, 1, 3)), strides=(1,), padding=((0, 0),), dilation=(1,), groups=1)
        array([[[3., 6., 9.]]])
    """
    kernel = w.shape[2:]
    size = output_size(x.shape[2:], kernel, strides, padding, dilation)
    by_row = _copies_saved_by_row(w.shape, groups, dilation) > w.shape[0] and _wide(x.shape[0], size)
    columns = _columns(_pad(widen(x), padding), kernel, size, strides, dilation, groups, by_row)
    product = np.matmul(_matrices(widen(w), groups), columns)
    return _from_products(product, x.shape[0], size, by_row).astype(x.dtype, copy=False)


def conv_weight_grad(
    x: Array,
    g: Array,
    *,
    shape: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
    groups: int,
) -> Array:
    """The adjoint of `conv` in its kernels: the gradient of `sum(conv(x, w) * g)` by `w`.

    Args:
        x: input `[N, C, *S]` of the convolution.
        g: cotangent `[N, O, *P]` of its output.
        shape: shape `[O, C / groups, *K]` of the kernels.
        strides: as in `conv`.
        padding: as in `conv`.
        dilation: as in `conv`.
        groups: as in `conv`.

    Returns:
        An array of the shape `shape` in the dtype of `x`.
    """
    samples, size, kernel = x.shape[0], g.shape[2:], tuple(shape[2:])
    # A product of each sample is as large as the result, which outweighs the copies where images are small.
    summed, copied = prod(shape), (prod(shape[1:]) * groups + shape[0]) * prod(size)
    saves = _copies_saved_by_row(shape, groups, dilation) > shape[0] or (summed > copied and dilation[0] == 1)
    by_row = saves and _wide(samples, size)
    columns = _columns(_pad(widen(x), padding), kernel, size, strides, dilation, groups, by_row)
    products = np.matmul(_to_products(widen(g), groups, by_row), columns.swapaxes(-1, -2))
    kernels = products.sum(axis=0, dtype=products.dtype).reshape(shape[0], *kernel, shape[1])
    return np.ascontiguousarray(np.moveaxis(kernels, -1, 1)).astype(x.dtype, copy=False)


def conv_input_grad(
    g: Array,
    w: Array,
    *,
    shape: Sequence[int],
    strides: Sequence[int],
    padding: Padding,
    dilation: Sequence[int],
    groups: int,
) -> Array:
    """The adjoint of `conv` in its input: the gradient of `sum(conv(x, w) * g)` by `x`, or transposed convolution.

    Args:
        g: cotangent `[N, O, *P]` of the output.
        w: kernels `[O, C / groups, *K]`.
        shape: shape `[N, C, *S]` of the input.
        strides: as in `conv`.
        padding: as in `conv`.
        dilation: as in `conv`.
        groups: as in `conv`.

    Returns:
        An array of the shape `shape` in the dtype of `g`.
    """
    kernel = w.shape[2:]
    if prod(strides) == 1 and prod(kernel) > 1:
        blocks = w.reshape(groups, w.shape[0] // groups, *w.shape[1:])
        mirrored = np.flip(blocks.swapaxes(1, 2), tuple(range(3, blocks.ndim)))
        mirrored = mirrored.reshape(shape[1], w.shape[0] // groups, *kernel)
        reach = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        gaps = zip(shape[2:], g.shape[2:], reach, padding, strict=True)
        margins = tuple((r - low, size - places + low) for size, places, r, (low, _) in gaps)
        return conv(g, mirrored, strides=strides, padding=margins, dilation=dilation, groups=groups)

    samples, size = shape[0], g.shape[2:]
    columns = np.matmul(_matrices(widen(w), groups).swapaxes(-1, -2), _to_products(widen(g), groups, by_row=False))
    columns = columns.reshape(samples, groups, *kernel, shape[1] // groups, *size)
    padded = [s + low + high for s, (low, high) in zip(shape[2:], padding, strict=True)]
    total = np.zeros((samples, groups, shape[1] // groups, *padded), columns.dtype)
    for position in np.ndindex(*kernel):
        total[element_index(position, size, strides, dilation)] += columns[:, :, *position]
    crops = tuple((-low, -high) for low, high in padding)
    cropped = _pad(total.reshape(samples, shape[1], *padded), crops)
    return np.ascontiguousarray(cropped).astype(g.dtype, copy=False)


def _copies_saved_by_row(weight_shape: Sequence[int], groups: int, dilation: Sequence[int]) -> int:
    """Numbers for each output position that columns by row need not copy: none where they cannot overlap."""
    _, channels, *kernel = weight_shape
    return 0 if dilation[0] > 1 else groups * channels * (prod(kernel) - prod(kernel[1:]))


def _wide(samples: int, size: Sequence[int]) -> bool:
    """Whether the products by row have enough columns to be fast; with one axis the transposes cost too much."""
    return len(size) > 1 and samples * prod(size[1:]) >= _NARROW_PRODUCT


def _pad(x: Array, padding: Padding) -> Array:
    """`x` with zeros around its spatial axes, or cropped where the padding is negative."""
    if not any(map(any, padding)):
        return x
    size = x.shape[2:]
    kept: Index = (
        ...,
        *(slice(max(-low, 0), s - max(-high, 0)) for s, (low, high) in zip(size, padding, strict=True)),
    )
    x = x[kept]
    margins = [(max(low, 0), max(high, 0)) for low, high in padding]
    if not any(map(any, margins)):
        return x
    padded = np.zeros((*x.shape[:2], *(s + sum(m) for s, m in zip(x.shape[2:], margins, strict=True))), x.dtype)
    inner: Index = (..., *(slice(low, low + s) for s, (low, _) in zip(x.shape[2:], margins, strict=True)))
    padded[inner] = x
    return padded


def _columns(
    x: Array,
    kernel: Sequence[int],
    size: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
    groups: int,
    by_row: bool,
) -> Array:
    """The columns `[B, G, K, M]` of a padded input; `K` counts the kernel positions, then the channels of a group."""
    samples, channels = x.shape[0], x.shape[1] // groups
    x = x.reshape(samples, groups, channels, *x.shape[2:])
    if not by_row:
        if prod(kernel) == 1:
            windows = x[element_index((0,) * len(size), size, strides, dilation)]
        else:
            windows = np.empty((samples, groups, *kernel, channels, *size), x.dtype)
            for position in np.ndindex(*kernel):
                windows[:, :, *position] = x[element_index(position, size, strides, dilation)]
        return windows.reshape(samples, groups, prod(kernel) * channels, prod(size))

    x = np.moveaxis(x, (1, 3, 2, 0), (0, 1, 2, 3))  # groups, rows, channels, samples, other spatial axes
    rows = np.empty((groups, x.shape[1], *kernel[1:], channels, samples, *size[1:]), x.dtype)
    for position in np.ndindex(*kernel[1:]):
        rows[:, :, *position] = x[element_index(position, size[1:], strides[1:], dilation[1:])]
    length, width = prod(kernel[1:]) * channels, samples * prod(size[1:])
    item = rows.itemsize
    return as_strided(
        rows,
        (size[0], groups, kernel[0] * length, width),
        (strides[0] * length * width * item, rows.shape[1] * length * width * item, width * item, item),
        writeable=False,
    )


def _matrices(w: Array, groups: int) -> Array:
    """Kernels `[O, C / groups, *K]` as matrices `[G, O / groups, K * C / groups]`."""
    return np.moveaxis(w, 1, -1).reshape(groups, w.shape[0] // groups, prod(w.shape[1:]))


def _to_products(g: Array, groups: int, by_row: bool) -> Array:
    """`[N, O, *P]` as `[B, G, O / groups, M]`."""
    samples, channels, *size = g.shape
    if not by_row:
        return g.reshape(samples, groups, channels // groups, prod(size))
    rows = np.moveaxis(g, (2, 1, 0), (0, 1, 2))
    return rows.reshape(size[0], groups, channels // groups, samples * prod(size[1:]))


def _from_products(product: Array, samples: int, size: Sequence[int], by_row: bool) -> Array:
    """`[B, G, O / groups, M]` as `[N, O, *P]`."""
    channels = product.shape[1] * product.shape[2]
    if not by_row:
        return product.reshape(samples, channels, *size)
    rows = product.reshape(size[0], channels, samples, *size[1:])
    return np.ascontiguousarray(np.moveaxis(rows, (2, 1, 0), (0, 1, 2)))
