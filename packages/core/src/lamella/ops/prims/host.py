"""The primitive that calls a function of Python with NumPy arrays, wherever the rest of a graph runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from lamella.dims import DimSize, Shape
from lamella.dtypes import BY_NAME
from lamella.ops.define.opdef import BatchResult, Kind, OpDef, register
from lamella.ops.define.rules import fail
from lamella.ops.prims.pieces import concat, narrow
from lamella.ops.prims.shape import reshape
from lamella.tensor import Tensor
from lamella.types import TensorType

#: The type of each result: its element type's name, and its shape.
Results = tuple[tuple[str, Shape], ...]


class _Function:
    """A function, which may be weakly referred to whatever it is."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function


class Key(str):
    """The name of a function, as graphs have it in their attributes; the function lives as long as one of them."""

    __slots__ = ("_holder",)
    _holder: _Function


_known: WeakValueDictionary[str, _Function] = WeakValueDictionary()
_numbers = count(1)


def key_of(function: Callable[..., Any]) -> Key:
    """A new name for a function of Python.

    Args:
        function: takes read-only arrays, and gives an array, or a tuple or list of them.
    """
    key = Key(f"{getattr(function, '__qualname__', type(function).__name__)}#{next(_numbers)}")
    key._holder = _known[key] = _Function(function)
    return key


def _infer(*types: TensorType, key: str, results: Results) -> tuple[TensorType, ...]:
    if key not in _known:
        raise fail("host_call", f"function {key!r}", "a function of this process: graphs in files keep none")
    return tuple(TensorType(BY_NAME[dtype], shape) for dtype, shape in results)


def _kernel(*arrays: np.ndarray[Any, Any], key: str, results: Results) -> tuple[np.ndarray[Any, Any], ...]:
    given = [np.array(array) for array in arrays]  # its own: it may keep them
    out = _known[key].function(*given)
    found = [np.asarray(item) for item in (out if isinstance(out, (tuple, list)) else (out,))]
    if len(found) != len(results):
        raise fail("host_call", f"{len(found)} results of {key}", f"{len(results)}", kind=TypeError)
    made = []
    for array, (dtype, shape) in zip(found, results, strict=True):
        if array.shape != tuple(shape):
            raise fail("host_call", f"a result of {key} of shape {array.shape}", f"shape {tuple(shape)} as declared")
        made.append(np.array(array, BY_NAME[dtype].numpy))
    return tuple(made)


def _batch(
    op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
) -> BatchResult:
    """Call the function for each example."""
    parts: list[Sequence[Tensor]] = []
    for at in range(int(size.__index__())):
        own = [
            reshape(narrow(x, 0, at, at + 1), shape=x.shape[1:]) if b else x
            for x, b in zip(operands, batched, strict=True)
        ]
        parts.append([reshape(y, shape=(1, *y.shape)) for y in op(*own, **attrs)])
    return [concat(*column, axis=0) for column in zip(*parts, strict=True)], [True] * len(attrs["results"])


#: Calls the function that the attribute `key` names with the operands as arrays; `results` declares what it gives. It
#: may act on the world, so that order and liveness matter.
host_call: OpDef = register(
    OpDef("host_call", _infer, _kernel, None, _batch, multiple=True, kind=Kind.EFFECT),
)
