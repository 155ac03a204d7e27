"""What many tests ask of a function: that its graph does what it does itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import lamella as ms
from lamella import Tensor, context, ir, tree
from lamella.ir.stateful_call import StatefulCall
from lamella.ir.tracing import Traced, filled
from lamella_compiler.frontend import convert, converting


class Compiled:
    """A function as a graph that is built for each call: what it gives, and what it does to tensors from outside."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn

    def traced(self, *args: Any) -> Traced:
        leaves, spec = tree.flatten(args)

        def call(*tensors: Tensor) -> Any:
            with converting():
                return convert(self.fn)(*tree.unflatten(spec, filled(leaves, Tensor, tensors)))

        traced = Traced(call, [leaf._type for leaf in leaves if isinstance(leaf, Tensor)], "graph")
        ir.verify(traced.graph)
        return traced

    def __call__(self, *args: Any) -> Any:
        tensors = [leaf for leaf in tree.flatten(args)[0] if isinstance(leaf, Tensor)]
        return StatefulCall(self.traced(*args), context.backend).run(tensors)


def numbers(result: Any) -> list[np.ndarray[Any, Any]]:
    """The leaves of a result as arrays, numbers of Python as tensors would hold them."""
    return [ms.ops.as_tensor(leaf).asnumpy() for leaf in tree.flatten(result)[0]]


def agree(fn: Callable[..., Any], *args: Any, grad: bool = False, types: bool = True) -> Any:
    """Compare a function with its graph: results, and what becomes of the arguments; returns the function's result.

    Args:
        fn: the function.
        args: arrays and numbers become float32 tensors (ints int64), everything else is passed as it is.
        grad: whether to compare gradients by the floating-point tensors too.
        types: whether element types must be equal.
    """
    mine, theirs = ([_tensor(arg) for arg in args] for _ in range(2))
    expected = fn(*theirs)
    found = Compiled(fn)(*mine)
    _compare(found, expected, types)
    _compare([x for x in mine if isinstance(x, Tensor)], [x for x in theirs if isinstance(x, Tensor)], types)
    plain = convert(fn)(*[_tensor(arg) for arg in args])
    _compare(plain, expected, types)
    if grad:
        positions = tuple(i for i, x in enumerate(mine) if isinstance(x, Tensor) and x.dtype.is_float)
        gradient = ms.grad(fn, positions)
        _compare(
            Compiled(gradient)(*[_tensor(arg) for arg in args]), gradient(*[_tensor(arg) for arg in args]), types, 1e-4
        )
    return expected


def _tensor(arg: Any) -> Any:
    if isinstance(arg, (float, list, np.ndarray)):
        array = np.asarray(arg)
        return Tensor(array.astype(np.float32) if array.dtype == np.float64 else array)
    return arg


def _compare(found: Any, expected: Any, types: bool, tolerance: float = 1e-5) -> None:
    mine, theirs = numbers(found), numbers(expected)
    assert len(mine) == len(theirs), (found, expected)
    for a, b in zip(mine, theirs, strict=True):
        assert a.shape == b.shape, (a.shape, b.shape)
        assert not types or a.dtype == b.dtype, (a.dtype, b.dtype)
        np.testing.assert_allclose(a, b, tolerance, tolerance)
