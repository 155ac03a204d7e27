"""Layers and their derivatives against torch's with equal weights, eagerly and compiled."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

import lamella as ms
from lamella import Tensor, nn, ops

_random = np.random.default_rng(7)


def _normal(*shape: int) -> Any:
    return _random.standard_normal(shape).astype(np.float32)


LINE, IMAGE, BLOCK = _normal(2, 4, 9), _normal(2, 4, 7, 6), _normal(2, 4, 4, 5, 6)
SEQUENCE, MEMORY = _normal(5, 3, 8), _normal(6, 3, 8)
PADDED = np.array([[False] * 6, [False] * 4 + [True] * 2, [True] + [False] * 5])
LESS = np.where(PADDED, np.float32(-1), np.float32(0))
GELU = partial(ops.gelu, approximate="none")
CAUSAL = np.triu(np.ones((5, 5), bool), 1)
BIAS = _normal(6, 5, 6)
PARTS = _random.uniform(0, 1, (2, 4, 3)).astype(np.float32)


class Row(NamedTuple):
    """A layer of ours and torch's."""

    name: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    inputs: tuple[Any, ...]
    training: bool = False
    settings: Any = None  # further inputs


def _pool(kind: str, *args: Any, **settings: Any) -> Callable[[], Any]:
    return lambda: getattr(torch.nn, kind)(*args, **settings)


_heads = {"key_padding_mask": PADDED}
ROWS = [
    Row("instance norm 1d", lambda: nn.InstanceNorm1d(4), lambda: torch.nn.InstanceNorm1d(4, affine=True), (LINE,)),
    Row("instance norm 2d", lambda: nn.InstanceNorm2d(4), lambda: torch.nn.InstanceNorm2d(4, affine=True), (IMAGE,)),
    Row("instance norm 3d", lambda: nn.InstanceNorm3d(4), lambda: torch.nn.InstanceNorm3d(4, affine=True), (BLOCK,)),
    Row("transpose 1d", lambda: nn.Conv1dTranspose(4, 6, 3, 2, "pad", 1, 2, 2, True),
        lambda: torch.nn.ConvTranspose1d(4, 6, 3, 2, 1, 0, 2, True, 2), (LINE,)),
    Row("transpose 3d",
        lambda: nn.Conv3dTranspose(4, 6, (3, 2, 3), (2, 1, 3), "pad", 1, 1, 2, (1, 0, 2), has_bias=True),
        lambda: torch.nn.ConvTranspose3d(4, 6, (3, 2, 3), (2, 1, 3), 1, (1, 0, 2), 2, True),
        (BLOCK,)),
    Row("bilinear", lambda: nn.BiDense(6, 9, 5), lambda: torch.nn.Bilinear(6, 9, 5), (IMAGE[0, 0], _normal(7, 9))),
    Row("max pool 3d", lambda: nn.MaxPool3d(3, 2, "pad", 1, ceil_mode=True),
        _pool("MaxPool3d", 3, 2, 1, ceil_mode=True), (BLOCK,)),
    Row("max pool 3d dilated", lambda: nn.MaxPool3d(2, 1, dilation=(1, 2, 3)),
        _pool("MaxPool3d", 2, 1, dilation=(1, 2, 3)), (BLOCK,)),
    Row("avg pool 3d", lambda: nn.AvgPool3d(3, 2, "pad", 1), _pool("AvgPool3d", 3, 2, 1), (BLOCK,)),
    Row("avg pool 3d without padding", lambda: nn.AvgPool3d(3, 2, "pad", 1, count_include_pad=False),
        _pool("AvgPool3d", 3, 2, 1, count_include_pad=False), (BLOCK,)),
    Row("fractional 2d", lambda: nn.FractionalMaxPool2d((2, 3), (4, 3), _random_samples=Tensor(PARTS[:, :, :2])),
        lambda: torch.nn.FractionalMaxPool2d((2, 3), (4, 3), _random_samples=torch.tensor(PARTS[:, :, :2])), (IMAGE,)),
    Row("fractional 3d", lambda: nn.FractionalMaxPool3d((2, 2, 2), (2, 3, 4), _random_samples=Tensor(PARTS)),
        lambda: torch.nn.FractionalMaxPool3d((2, 2, 2), (2, 3, 4), _random_samples=torch.tensor(PARTS)), (BLOCK,)),
    Row("adaptive max 3d", lambda: nn.AdaptiveMaxPool3d((3, 2, 4)), _pool("AdaptiveMaxPool3d", (3, 2, 4)), (BLOCK,)),
    Row("adaptive avg 3d", lambda: nn.AdaptiveAvgPool3d((3, None, 4)),
        _pool("AdaptiveAvgPool3d", (3, None, 4)), (BLOCK,)),
    Row("attention", lambda: nn.MultiheadAttention(8, 2), lambda: torch.nn.MultiheadAttention(8, 2),
        (SEQUENCE, MEMORY, MEMORY)),
    Row("attention with masks", lambda: nn.MultiheadAttention(8, 2), lambda: torch.nn.MultiheadAttention(8, 2),
        (SEQUENCE, MEMORY, MEMORY), settings={"key_padding_mask": LESS, "attn_mask": BIAS,
                                               "average_attn_weights": False}),
    Row("attention without weights", lambda: nn.MultiheadAttention(8, 4), lambda: torch.nn.MultiheadAttention(8, 4),
        (SEQUENCE, MEMORY, MEMORY), settings=_heads | {"need_weights": False}),
    Row("attention of other sizes", lambda: nn.MultiheadAttention(8, 2, kdim=6, vdim=7, batch_first=True),
        lambda: torch.nn.MultiheadAttention(8, 2, kdim=6, vdim=7, batch_first=True),
        (_normal(3, 5, 8), _normal(3, 4, 6), _normal(3, 4, 7))),
    Row("attention with more keys",
        lambda: nn.MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True),
        lambda: torch.nn.MultiheadAttention(8, 2, add_bias_kv=True, add_zero_attn=True),
        (SEQUENCE, MEMORY, MEMORY), settings=_heads),
    Row("attention of one example", lambda: nn.MultiheadAttention(8, 2, has_bias=False),
        lambda: torch.nn.MultiheadAttention(8, 2, bias=False), (SEQUENCE[:, 0], MEMORY[:, 0], MEMORY[:, 0])),
    Row("encoder layer", lambda: nn.TransformerEncoderLayer(8, 2, 16, 0.0),
        lambda: torch.nn.TransformerEncoderLayer(8, 2, 16, 0.0), (SEQUENCE,), True, {"src_mask": CAUSAL}),
    Row("encoder layer, gelu, normalized first",
        lambda: nn.TransformerEncoderLayer(8, 2, 16, 0.0, GELU, batch_first=True, norm_first=True),
        lambda: torch.nn.TransformerEncoderLayer(8, 2, 16, 0.0, "gelu", batch_first=True, norm_first=True),
        (SEQUENCE,)),
    Row("decoder layer", lambda: nn.TransformerDecoderLayer(8, 2, 16, 0.0),
        lambda: torch.nn.TransformerDecoderLayer(8, 2, 16, 0.0), (SEQUENCE, MEMORY), True,
        {"tgt_mask": CAUSAL, "memory_key_padding_mask": PADDED}),
    Row("encoder",
        lambda: nn.TransformerEncoder(
            nn.TransformerEncoderLayer(8, 2, 16, 0.0), 2, nn.LayerNorm((8,), epsilon=1e-5)
        ),
        lambda: torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(8, 2, 16, 0.0), 2, torch.nn.LayerNorm(8)),
        (SEQUENCE,), True),
    Row("transformer", lambda: nn.Transformer(8, 2, 2, 1, 16, 0.0), lambda: torch.nn.Transformer(8, 2, 2, 1, 16, 0.0),
        (MEMORY, SEQUENCE), True, {"tgt_mask": CAUSAL}),
]  # fmt: skip


def _weights(layer: nn.Cell) -> list[Any]:
    return [p for p in layer.get_parameters() if p.requires_grad]


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
@pytest.mark.parametrize("mode", [ms.PYNATIVE_MODE, ms.GRAPH_MODE])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_layer(row, mode):
    ms.set_context(mode=mode)
    ours, theirs = row.ours().set_train(row.training), row.theirs().train(row.training)
    weights = _weights(ours)
    for mine, other in zip(weights, theirs.parameters(), strict=True):
        values = _random.standard_normal(mine.shape).astype(np.float32) * 0.5
        mine.set_data(Tensor(values))
        with torch.no_grad():
            other.copy_(torch.tensor(values).reshape(other.shape))
    settings = {k: Tensor(v) if isinstance(v, np.ndarray) else v for k, v in (row.settings or {}).items()}
    others = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in (row.settings or {}).items()}
    inputs = [torch.tensor(x, requires_grad=True) for x in row.inputs]
    expected = theirs(*inputs, **others)
    expected = [y for y in (expected if isinstance(expected, tuple) else (expected,)) if y is not None]
    slopes = [torch.tensor(_random.standard_normal(y.shape).astype(np.float32)) for y in expected]
    torch.autograd.backward(expected, slopes)

    def loss(*values: Any) -> Any:
        results = ours(*values, **settings)
        results = results if isinstance(results, tuple) else (results,)
        total = sum((y * Tensor(g.numpy())).sum() for y, g in zip(results, slopes, strict=True))
        return total, results

    gradient = ms.value_and_grad(loss, tuple(range(len(inputs))), weights, has_aux=True)
    (_, results), (by_input, by_weight) = gradient(*map(Tensor, row.inputs))
    for mine, other in zip(results, expected, strict=True):
        np.testing.assert_allclose(mine.asnumpy(), other.detach().numpy(), 2e-4, 2e-5)
    for mine, other in zip(by_input, inputs, strict=True):
        np.testing.assert_allclose(mine.asnumpy(), other.grad.numpy(), 1e-3, 1e-4)
    for mine, other in zip(by_weight, theirs.parameters(), strict=True):
        np.testing.assert_allclose(mine.asnumpy().reshape(other.shape), other.grad.numpy(), 1e-3, 2e-4)
