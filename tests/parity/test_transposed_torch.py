"""Transposed convolutions against torch over random settings: results, first and second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own name

import lamella as ms
from lamella import Tensor
from lamella.ops import prims

TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def check(seed: int) -> None:
    random = np.random.default_rng(seed)
    axes, groups = int(random.integers(1, 4)), int(random.integers(1, 4))

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(int(n) for n in random.integers(low, high, axes))

    inputs, outputs = (groups * int(random.integers(1, 3)) for _ in range(2))
    window, strides, dilation, low, sizes = each(1, 4), each(1, 4), each(1, 4), each(0, 4), each(1, 5)
    extra = tuple(int(random.integers(0, max(pair))) for pair in zip(strides, dilation, strict=True))
    covered = [(k - 1) * d + 1 for k, d in zip(window, dilation, strict=True)]
    wide = zip(sizes, strides, covered, low, extra, strict=True)
    shape = (2, outputs, *((n - 1) * s + c - 2 * p + e for n, s, c, p, e in wide))
    x, w = random.normal(size=(2, inputs, *sizes)), random.normal(size=(inputs, outputs // groups, *window))
    ours = {"strides": strides, "padding": tuple((p, p) for p in low), "dilation": dilation, "groups": groups}

    def apply(x: Any, w: Any) -> Any:
        return prims.conv_input_grad(x, w, shape=shape, **ours)

    if min(shape) < 0:
        with pytest.raises(ValueError, match="sizes of 0 or more"):
            ms.ir.staged(apply)(Tensor(x), Tensor(w))
        return
    if min(shape) == 0:  # torch has no such result
        assert ms.grad(lambda x: apply(x, Tensor(w)).sum())(Tensor(x)).shape == x.shape
        return
    v, u = random.normal(size=x.shape), random.normal(size=w.shape)

    tx, tw = torch.tensor(x, requires_grad=True), torch.tensor(w, requires_grad=True)
    y = TRANSPOSED[axes](tx, tw, None, strides, low, extra, groups, dilation)
    first = torch.autograd.grad((y**3).sum(), (tx, tw), create_graph=True)
    along = (first[0] * torch.tensor(v)).sum() + (first[1] * torch.tensor(u)).sum()
    expected = [y, *first, *torch.autograd.grad(along, (tx, tw))]

    slope = ms.grad(lambda x, w: (apply(x, w) ** 3).sum(), (0, 1))

    def along_ours(x: Any, w: Any) -> Any:
        by_x, by_w = slope(x, w)
        return (by_x * Tensor(v)).sum() + (by_w * Tensor(u)).sum()

    found = [apply(Tensor(x), Tensor(w)), *slope(Tensor(x), Tensor(w))]
    found += ms.grad(along_ours, (0, 1))(Tensor(x), Tensor(w))
    for mine, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.asnumpy(), theirs.detach().numpy(), rtol=1e-8, atol=1e-8)


def test_transposed_convolutions() -> None:
    for seed in range(60):
        check(seed)


@pytest.mark.full
def test_many_transposed_convolutions() -> None:
    for seed in range(60, 3000):
        check(seed)
