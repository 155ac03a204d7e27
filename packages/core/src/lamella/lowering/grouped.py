"""Convolutions in groups of channels, written by other primitives.

Where each group has one channel of the data (depthwise convolutions), there is nothing to contract: the result is a sum
over the places of the window of slices times numbers, one loop. Groups of several channels are convolutions of their
own, side by side.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from lamella.ops import prims
from lamella.ops.define.constants import scalar
from lamella.ops.define.opdef import OpDef
from lamella.tensor import Tensor
from lamella.types import TensorType

#: More groups of several channels than this are left to the reference kernels: each takes steps of its own.
_MOST = 64

Pairs = Sequence[tuple[int, int]]


def is_native(op: OpDef, types: Sequence[TensorType], attrs: Mapping[str, Any]) -> bool:
    """Whether a convolution is written here as its groups are, or has only one."""
    weight = attrs["shape"] if op is prims.conv_weight_grad else types[1].shape
    return attrs["groups"] <= _MOST or weight[1] == 1


def rule(op: OpDef, attrs: Mapping[str, Any]) -> Callable[..., Tensor] | None:
    """How a convolution is written; None for one group."""
    return None if attrs["groups"] == 1 else _RULES[op]


def _conv(x: Tensor, w: Tensor, *, groups: int, **place: Any) -> Tensor:
    if w.shape[1] != 1:
        pairs = zip(_split(x, 1, groups), _split(w, 0, groups), strict=True)
        result: Tensor = prims.concat(*(prims.conv(a, b, groups=1, **place) for a, b in pairs), axis=1)
        return result
    padded = _padded(x, place["padding"], [0] * len(place["padding"]))
    sizes: Any = prims.conv.result_types((x._type, w._type), {"groups": groups, **place})[0].shape[2:]
    total: Tensor | None = None
    for at, start in _taps(w.shape[2:], place["dilation"]):
        part = prims.mul(_data(padded, start, sizes, place["strides"]), _weight(w, groups, at))
        total = part if total is None else prims.add(total, part)
    assert total is not None, "a window has at least one place"
    result = prims.reshape(total, shape=(x.shape[0], w.shape[0], *sizes))
    return result


def _conv_input_grad(g: Tensor, w: Tensor, *, shape: Sequence[int], groups: int, **place: Any) -> Tensor:
    if w.shape[1] != 1:
        part = (shape[0], shape[1] // groups, *shape[2:])
        pairs = zip(_split(g, 1, groups), _split(w, 0, groups), strict=True)
        grads = [prims.conv_input_grad(a, b, shape=part, groups=1, **place) for a, b in pairs]
        result: Tensor = prims.concat(*grads, axis=1)
        return result
    # A convolution of g, with strides - 1 zeros between its numbers, by the window turned round.
    around: list[tuple[int, int]] = []
    for n, t, k, s, (low, _), d in zip(shape[2:], g.shape[2:], w.shape[2:], *_each(place), strict=True):
        around.append(((k - 1) * d - low, n + low - ((t - 1) * s + 1)))
    spread = _padded(g, around, [s - 1 for s in place["strides"]])
    ends = [(k - 1) * d for k, d in zip(w.shape[2:], place["dilation"], strict=True)]
    by_group = prims.reshape(spread, shape=(shape[0], groups, w.shape[0] // groups, *spread.shape[2:]))
    total: Tensor | None = None
    for at, start in _taps(w.shape[2:], place["dilation"]):
        starts = [end - begin for end, begin in zip(ends, start, strict=True)]
        part_of = prims.mul(_sliced(by_group, 3, starts, shape[2:], [1] * len(ends)), _weight(w, groups, at))
        total = part_of if total is None else prims.add(total, part_of)
    assert total is not None, "a window has at least one place"
    result = prims.reduce_sum(total, axes=(2,))
    return result


def _conv_weight_grad(x: Tensor, g: Tensor, *, shape: Sequence[int], groups: int, **place: Any) -> Tensor:
    if shape[1] != 1:
        part = (shape[0] // groups, *shape[1:])
        pairs = zip(_split(x, 1, groups), _split(g, 1, groups), strict=True)
        grads = [prims.conv_weight_grad(a, b, shape=part, groups=1, **place) for a, b in pairs]
        result: Tensor = prims.concat(*grads, axis=0)
        return result
    padded = _padded(x, place["padding"], [0] * len(place["padding"]))
    by_group = prims.reshape(g, shape=(g.shape[0], groups, shape[0] // groups, *g.shape[2:]))
    summed = (0, *range(3, by_group.ndim))
    places: list[Tensor] = []
    for _, start in _taps(shape[2:], place["dilation"]):
        products = prims.mul(_data(padded, start, g.shape[2:], place["strides"]), by_group)
        places.append(prims.reshape(prims.reduce_sum(products, axes=summed), shape=(shape[0], 1)))
    result = prims.reshape(prims.concat(*places, axis=1), shape=tuple(shape))
    return result


_RULES: Mapping[OpDef, Callable[..., Tensor]] = {
    prims.conv: _conv,
    prims.conv_input_grad: _conv_input_grad,
    prims.conv_weight_grad: _conv_weight_grad,
}


def _each(place: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return place["strides"], place["padding"], place["dilation"]


def _split(x: Tensor, axis: int, groups: int) -> list[Tensor]:
    size = x.shape[axis] // groups
    return [prims.narrow(x, axis, i * size, (i + 1) * size) for i in range(groups)]


def _taps(window: Sequence[int], dilation: Sequence[int]) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """The places of a window, and for each how far it lies from the first."""
    for at in itertools.product(*map(range, window)):
        yield at, [i * d for i, d in zip(at, dilation, strict=True)]


def _padded(x: Tensor, around: Pairs, interior: Sequence[int]) -> Tensor:
    """Zeros around the last axes, and between their neighbours."""
    if not any(low or high for low, high in around) and not any(interior):
        return x
    low, high = ((0, 0, *(pair[side] for pair in around)) for side in (0, 1))
    result: Tensor = prims.pad(x, scalar(0, x.dtype), low=low, high=high, interior=(0, 0, *interior))
    return result


def _sliced(x: Tensor, lead: int, starts: Sequence[int], sizes: Sequence[int], strides: Sequence[int]) -> Tensor:
    """So many places of the last axes."""
    stops = [a + (n - 1) * s + 1 for a, n, s in zip(starts, sizes, strides, strict=True)]
    result: Tensor = prims.slice_(
        x,
        starts=(*(0,) * lead, *starts),
        stops=(*x.shape[:lead], *stops),
        strides=(*(1,) * lead, *strides),
    )
    return result


def _data(x: Tensor, start: Sequence[int], sizes: Sequence[int], strides: Sequence[int]) -> Tensor:
    """What one place of the window sees: [n, channels, 1, …], to go with all results of a channel."""
    part = _sliced(x, 2, start, sizes, strides)
    result: Tensor = prims.reshape(part, shape=(*part.shape[:2], 1, *part.shape[2:]))
    return result


def _weight(w: Tensor, groups: int, at: Sequence[int]) -> Tensor:
    """The numbers at a place of the window: [channels, results of each, 1, …]."""
    numbers = prims.slice_(w, starts=(0, 0, *at), stops=(*w.shape[:2], *(i + 1 for i in at)), strides=(1,) * w.ndim)
    result: Tensor = prims.reshape(numbers, shape=(groups, w.shape[0] // groups, *(1,) * len(at)))
    return result
