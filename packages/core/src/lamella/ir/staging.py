"""Functions that run as compiled graphs, with the state they read and change threaded through."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import update_wrapper
from types import MethodType
from typing import Any

from lamella import context, tree
from lamella.engine.conversion import converted
from lamella.engine.eager import EAGER
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.ir.graph import Graph
from lamella.ir.stateful_call import StatefulCall
from lamella.ir.tracing import Traced, filled, name_of
from lamella.tensor import Tensor
from lamella.turns import move


class Staged:
    """A function that is built into a graph for each combination of argument types and compiled by the backend.

    Tensors among the arguments (in nested tuples, lists and dicts too) are the graph's inputs; other arguments are
    part of the combination, and must be hashable. Tensors from around the function (parameters, random generators, …)
    are read at each call, and those that it changes in place are changed; their memory is taken over for the new
    values where nothing else can see it.

    The Python around the tensors runs at the first call for each combination only: numbers, attributes and other
    Python values that the function reads from around it stay what they were then. Pass what varies as an argument.

    Under a transform (`grad`, `vmap`) the graph runs on the transform's engine. While another graph is built, the
    function becomes a part of that.

    Args:
        fn: the function, without Python control flow on tensors.

    Raises:
        TypeError: an argument is neither a tensor nor hashable.
        ValueError: a tensor that the function changes in place reaches it in two ways, for example as two arguments.

    Examples:
        >>> import lamella as ms
        >>> count = ms.Parameter(ms.Tensor(0.0), name="count")
        >>> @ms.ir.staged
        ... def bump(x):
        ...     count.assign_value(count + 1)
        ...     return x * count
        >>> [bump(ms.Tensor(2.0)).item(), bump(ms.Tensor(2.0)).item(), count.item()]
        [2.0, 4.0, 2.0]
    """

    def __init__(self, fn: Callable[..., Any]) -> None:
        self._fn = fn
        self._programs: dict[Any, StatefulCall] = {}
        update_wrapper(self, fn, updated=())

    def __call__(self, *args: Any) -> Any:
        """Run the function's graph for these arguments, building it first if there is none."""
        if current().builds:
            return converted(self._fn)(*args)
        leaves, spec = tree.flatten(args)
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        backend, ordinal = context.backend, context.ordinal
        if current() is EAGER:
            for x in tensors:
                move([x], backend, ordinal, f"staged function {name_of(self._fn)}")
        key = spec, tuple(map(_key, leaves)), backend.name, ordinal
        try:
            program = self._programs.get(key)
        except TypeError:
            raise self._unhashable(leaves) from None
        if program is None or not program.fits():
            program = self._programs[key] = StatefulCall(self._traced(leaves, spec), backend, ordinal=ordinal)
        return program.run(tensors)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As a method: the instance is the first argument, and so a part of the combination."""
        return self if instance is None else MethodType(self, instance)

    def _unhashable(self, leaves: Sequence[Any]) -> TypeError:
        given = next((type(leaf).__name__ for leaf in leaves if not isinstance(leaf, Hashable)), "a value")
        return TypeError(
            explain(
                f"staged function {name_of(self._fn)}",
                given=f"an argument of type {given}, which is not hashable",
                expected="tensors, and hashable values that stay as they are",
                remedy="Convert arrays with lamella.Tensor.",
            )
        )

    def graph(self, *args: Any) -> Graph:
        """The graph for arguments like these."""
        return self._traced(*tree.flatten(args)).graph

    def _traced(self, leaves: Sequence[Any], spec: tree.Spec) -> Traced:
        def call(*tensors: Tensor) -> Any:
            return self._fn(*tree.unflatten(spec, filled(leaves, Tensor, tensors)))

        return Traced(call, [leaf._type for leaf in leaves if isinstance(leaf, Tensor)], name_of(self._fn))


def staged(fn: Callable[..., Any]) -> Staged:
    """Run a function as a compiled graph; see `Staged`."""
    return Staged(fn)


def _key(leaf: Any) -> Any:
    """What of an argument decides which graph it needs."""
    if isinstance(leaf, Tensor):
        return leaf._type
    # Floats by their digits: 0.0 == -0.0, which compute differently, and nan != nan, which computes the same.
    return type(leaf), repr(leaf) if isinstance(leaf, (float, complex)) else leaf
