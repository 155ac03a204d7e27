"""Functions whose inputs have an axis of open size: what is tried with sizes of all kinds, from the simplest on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

import lamella as ms
from lamella import Parameter, Tensor, context, nn, ops
from lamella.dtypes import BY_NAME
from lamella.testing.cases import Operand

#: Sizes that an open axis is given, one after the other.
SIZES = (7, 4, 2, 1, 17, 0, 3, 64, 5, 33)


class OpenFunction(NamedTuple):
    """A function of tensors with an open axis.

    Attributes:
        name: what it tries.
        fn: the function; its result, or the first of them, has a derivative.
        operands: its operands; the size "n" is the open one.
        least: the smallest size that it makes sense for.
        graphs: how many graphs `SIZES` take at most: one for the first size, one for each of 0 and 1, and one for all
            others, but for what the function asks of sizes.
    """

    name: str
    fn: Callable[..., Any]
    operands: tuple[Operand, ...]
    least: int = 0
    graphs: int = 4

    def draw(self, n: int) -> list[Tensor]:
        """Operands for a size."""
        rng = np.random.default_rng(n)
        return [Tensor(operand.draw(rng, BY_NAME["float32"], n)) for operand in self.operands]

    def __str__(self) -> str:
        return self.name


X = Operand(("n", 3), distinct=True)
SAME = Operand(("n", 3), 0.2, 0.9)
ROW = Operand((3,), 0.5)
LINE = Operand(("n",), distinct=True)
SQUARE = Operand(("n", "n"), distinct=True)
LABELS = Operand(("n",), 0, 3, "int32")
IMAGE = Operand(("n", 2, 6, 5), distinct=True)
TALL = Operand((2, 2, "n", 5), distinct=True)
SIGNAL = Operand(("n", 3, 8))
SEQUENCE = Operand(("n", 4, 6))
HEADS = Operand((2, "n", 4))
KERNEL = Operand((4, 2, 3, 3))

TABLE = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)


def _assigned(x: Tensor, index: Callable[[Tensor], Any], value: Any) -> Tensor:
    x = x * 1
    x[index(x)] = value
    return x


def _added(x: Tensor, index: Any) -> Tensor:
    x = x * 1
    x[index] += x.sum() * 0.1 + 1
    return x


def _attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    scores = q @ k.swapaxes(1, 2) / q.shape[-1] ** 0.5
    n = scores.shape[1]
    places = ops.arange(n)
    seen = places.reshape(-1, 1) >= places
    return ops.softmax(ops.where(seen, scores, Tensor(-1e9)), -1) @ v


def _recurrent(x: Tensor) -> Tensor:
    _, states = ops.scan(lambda h, row: (ops.tanh(h + row), h * row), x.sum(0) * 0.1, x)
    return states


def _halved(x: Tensor) -> Tensor:
    return ops.while_loop(lambda x: (x * x).sum() > 1.5, lambda x: x * 0.5, x)


def _either(x: Tensor) -> Tensor:
    return ops.cond((x * x).sum() > 20, lambda x: x * x.mean(), lambda x: x - x.shape[0], x)


class _First(nn.Cell):
    """The first result of a layer that has several."""

    def __init__(self, layer: nn.Cell) -> None:
        super().__init__()
        self.layer = layer

    def construct(self, x: Tensor) -> Tensor:
        """Run it."""
        first: Tensor = self.layer(x)[0]
        return first


def _layer(make: Callable[[], nn.Cell]) -> Callable[[Tensor], Tensor]:
    """A layer in training, made when it is first called."""
    made = cache(lambda device: make().set_train())
    return lambda x: made(context.backend.name)(x)


def _trained(x: Tensor, labels: Tensor) -> Tensor:
    """A step of training, from given weights."""
    weight = Parameter(Tensor(TABLE[:3]), name="w")
    loss, (slope,) = ms.value_and_grad(lambda: ops.cross_entropy(ops.relu(x @ weight), labels), None, [weight])()
    return loss + ((weight - 0.1 * slope) ** 2).mean()


def _rows(name: str, **functions: Callable[..., Any]) -> list[OpenFunction]:
    """Functions of one matrix."""
    return [OpenFunction(f"{name}_{key}", fn, (X,)) for key, fn in functions.items()]


FUNCTIONS: list[OpenFunction] = [
    *_rows(
        "reduce",
        mean=lambda x: x.mean(),
        mean_rows=lambda x: x.mean(0),
        var=lambda x: ops.var(x, 0, keepdims=True),
        std=lambda x: ops.std(x + ops.arange(x.shape[0]).reshape(-1, 1), 1),
        norm=lambda x: ops.norm(x + 1),
        prod=lambda x: x.prod(0),
        sum_of_mean=lambda x: (x - x.mean(0)).sum(1),
        logsumexp=lambda x: ops.logsumexp(x, 1),
        count=lambda x: x * ops.count_nonzero(x > 0),
    ),
    *_rows(
        "size",
        size=lambda x: x * x.size,
        shape=lambda x: x * x.shape[0] + x.shape[1],
        arithmetic=lambda x: x * (2 * x.shape[0] + 1) - (x.shape[0] + 5) // 3 + x.shape[0] % 4,
        inverse=lambda x: x.sum(0) / (x.shape[0] + 1),
        full=lambda x: x + ops.full((x.shape[0], 1), 2.0) + ops.zeros(x.shape) + ops.ones_like(x),
        numbers=lambda x: x * ops.arange(x.shape[0]).reshape(-1, 1),
        eye=lambda x: ops.eye(x.shape[0]) @ x,
        tensor=lambda x: x * ops.numel(x),
    ),
    *_rows(
        "move",
        reshape=lambda x: x.reshape(3, x.shape[0]).sum(0),
        flatten=lambda x: x.flatten() * 2,
        transpose=lambda x: x.T @ x,
        concat=lambda x: ops.concat((x, x * 2, ops.ones((2, 3)))),
        stack=lambda x: ops.stack((x, x + 1), 1),
        flip=lambda x: ops.flip(x, (0,)) * x,
        roll=lambda x: ops.roll(x, 1, 0) * x,
        tile=lambda x: ops.tile(x, (2, 1)),
        repeat=lambda x: ops.repeat_interleave(x, 2, 0),
        pad=lambda x: ops.pad(x, (1, 0, 2, 1)),
        broadcast=lambda x: ops.broadcast_to(x.sum(0), x.shape) * x,
        diff=lambda x: ops.diff(x, axis=1),
        split=lambda x: ops.split(x, [1, 2], 1)[1] * x[:, :2],
    ),
    *_rows(
        "along",
        cumsum=lambda x: ops.cumsum(x, 0),
        cumprod=lambda x: ops.cumprod(x, 1),
        sort=lambda x: ops.sort(x, 0)[0] * x,
        argsort=lambda x: x * ops.argsort(x, 0),
        topk=lambda x: ops.topk(x, 2, 1)[0],
        softmax=lambda x: ops.softmax(x, 1) * x,
        log_softmax=lambda x: ops.log_softmax(x, -1),
        argmax=lambda x: x * ops.argmax(x, 1).reshape(-1, 1),
        layer_norm=lambda x: ops.layer_norm(x, (3,)),
        one_hot=lambda x: ops.one_hot(ops.argmax(x, 1), 3) * x,
        triu=lambda x: ops.triu(x @ x.T),
        where=lambda x: ops.where(x > 0, x, x * x),
        clip=lambda x: ops.clip(x, -0.5, 0.5),
        gelu=lambda x: ops.gelu(x) + ops.softplus(x),
        either=_either,
        scan=_recurrent,
        trips=_halved,
        unrolled=lambda x: ops.fori_loop(0, 3, lambda i, x: x + x.mean(), x) if x.shape[0] else x,
    ),
    *_rows(
        "index",
        last=lambda x: x[:, -1] * x[:, 0],
        rows=lambda x: x[1:] - x[:-1] if x.shape[0] >= 1 else x,
        strided=lambda x: x[::2],
        backward=lambda x: x[::-1] * x,
        gather=lambda x: Tensor(TABLE)[ops.argmax(x, 1)] * x,
        column=lambda x: _assigned(x, lambda x: (slice(None), 1), 2.0),
        masked=lambda x: _assigned(x, lambda x: x > 0, 0.0),
        picked=lambda x: _assigned(x, lambda x: (ops.arange(x.shape[0]), ops.argmax(x, 1)), 1.0),
        added=lambda x: _added(x, (slice(None), slice(0, 2))),
    ),
    OpenFunction("index_first", lambda x: x[0] * x[-1], (X,), least=1),
    OpenFunction("index_negative", lambda x: _assigned(x, lambda x: (-1, slice(1, None)), 2.0), (X,), least=1),
    OpenFunction("index_beyond", lambda x: _assigned(x, lambda x: slice(-5, -1), 2.0), (X,), graphs=7),
    OpenFunction("index_clamped", lambda x: _assigned(x, lambda x: slice(None, 5), 2.0) * x[:5].sum(), (X,), graphs=7),
    OpenFunction("size_compared", lambda x: x[:4] if x.shape[0] >= 4 else x * 10, (X,), graphs=6),
    OpenFunction("max", lambda x: x.max(0) + ops.min(x, 0)[0], (X,), least=1),
    OpenFunction("diagonal", lambda x: ops.diagonal(x) * 2, (SQUARE,)),
    OpenFunction("trace", lambda x: ops.trace(x) * x.mean(), (SQUARE,)),
    OpenFunction("triangle", lambda x: ops.tril(x) - x.T, (SQUARE,)),
    OpenFunction("outer", lambda x: ops.outer(x, x).mean(0), (LINE,)),
    OpenFunction("meshgrid", lambda x: ops.meshgrid(x, x)[0].sum(0), (LINE,)),
    OpenFunction("matmul", lambda x, w: ops.matmul(x, w), (X, Operand((3, 4)))),
    OpenFunction("einsum", lambda x, y: ops.einsum("ij,kj->ik", x, y), (X, X)),
    OpenFunction("products", lambda x, y: (x * y).mean() + x @ ops.ones((3,)), (X, ROW)),
    OpenFunction("mse", ops.mse_loss, (X, SAME)),
    OpenFunction("l1", ops.l1_loss, (X, SAME)),
    OpenFunction("smooth_l1", ops.smooth_l1_loss, (X, SAME)),
    OpenFunction("cross_entropy", ops.cross_entropy, (X, LABELS)),
    OpenFunction(
        "smoothed", lambda x, y: ops.cross_entropy(x, y, label_smoothing=0.1, weight=ops.ones((3,))), (X, LABELS)
    ),
    OpenFunction("nll", lambda x, y: ops.nll_loss(ops.log_softmax(x, 1), y), (X, LABELS)),
    OpenFunction("bce", lambda x, y: ops.binary_cross_entropy_with_logits(x, y), (X, SAME)),
    OpenFunction("embedding", lambda i: ops.gather(Tensor(TABLE), i, 0) * 2 + Tensor(TABLE)[i], (LABELS,)),
    OpenFunction("training", _trained, (X, LABELS)),
    OpenFunction("batch_norm", _layer(lambda: nn.BatchNorm2d(2)), (IMAGE,), least=2),
    OpenFunction("batch_norm_1d", _layer(lambda: nn.BatchNorm1d(3)), (X,), least=2),
    OpenFunction("group_norm", _layer(lambda: nn.GroupNorm(2, 4)), (Operand(("n", 4, 3, 3)),)),
    OpenFunction("dense", _layer(lambda: nn.SequentialCell(nn.Dense(3, 4), nn.Tanh(), nn.Dense(4, 2))), (X,)),
    OpenFunction("recurrent", _layer(lambda: _First(nn.GRU(6, 5, batch_first=True))), (SEQUENCE,)),
    OpenFunction("max_pool", lambda x: ops.max_pool2d(x, 2, 2), (IMAGE,)),
    OpenFunction("avg_pool", lambda x: ops.avg_pool2d(x, 3, 2), (IMAGE,)),
    OpenFunction("conv", lambda x, w: ops.conv2d(x, w, pad_mode="same"), (IMAGE, KERNEL)),
    OpenFunction("conv_tall", lambda x, w: ops.conv2d(x, w, pad_mode="valid", stride=2), (TALL, KERNEL), least=3),
    OpenFunction("pool_tall", lambda x: ops.max_pool2d(x, 2, 2), (TALL,), least=2),
    OpenFunction("conv_1d", lambda x, w: ops.conv1d(x, w), (SIGNAL, Operand((4, 3, 3)))),
    OpenFunction("attention", _attention, (HEADS, HEADS, HEADS)),
    OpenFunction("sequence", lambda x: ops.layer_norm(x, (6,)).swapaxes(0, 1).reshape(4, -1), (SEQUENCE,), least=1),
]
