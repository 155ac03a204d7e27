"""A convolution with its two gradients, by itself, in each library."""

from __future__ import annotations

import numpy as np


def arrays(images: int, channels: int, size: int, out: int, groups: int = 1) -> list[np.ndarray]:
    """Images, a weight of 3 x 3, and a cotangent of the result (stride 1, padded to the same size)."""
    rng = np.random.default_rng(0)
    shapes = (images, channels, size, size), (out, channels // groups, 3, 3), (images, out, size, size)
    return [(rng.standard_normal(shape) / np.sqrt(shape[1] * 9)).astype(np.float32) for shape in shapes]


def lamella(*shape: int, groups: int = 1):
    """As one compiled function."""
    import lamella as ms
    from lamella import Tensor, ops

    ms.set_context(device_target="CPU")

    def fn(x, w, g):
        y, pull = ms.vjp(lambda x, w: ops.conv2d(x, w, pad_mode="pad", padding=1, groups=groups), x, w)
        return y, *pull(g)

    run = ms.jit(fn)
    operands = [Tensor(a) for a in arrays(*shape, groups=groups)]
    return (lambda: run(*operands)), lambda: [_some(y.asnumpy()) for y in run(*operands)]


def torch(*shape: int, groups: int = 1):
    """Eagerly."""
    import torch

    torch.set_num_threads(2)
    x, w, g = map(torch.from_numpy, arrays(*shape, groups=groups))
    x.requires_grad_()
    w.requires_grad_()

    def call():
        y = torch.nn.functional.conv2d(x, w, padding=1, groups=groups)
        return y, *torch.autograd.grad(y, (x, w), g)

    return call, lambda: [_some(y.detach().numpy()) for y in call()]


def jax(*shape: int, groups: int = 1):
    """As one compiled function."""
    import jax
    from jax import lax

    def conv(x, w):
        return lax.conv_general_dilated(x, w, (1, 1), ((1, 1), (1, 1)), feature_group_count=groups)

    def fn(x, w, g):
        y, pull = jax.vjp(conv, x, w)
        return y, *pull(g)

    run, operands = jax.jit(fn), arrays(*shape, groups=groups)
    return (lambda: jax.block_until_ready(run(*operands))), lambda: [_some(np.asarray(y)) for y in run(*operands)]


def _some(y: np.ndarray) -> np.ndarray:
    """Enough of a result to compare."""
    return y.reshape(-1)[:: max(1, y.size // 5000)]
