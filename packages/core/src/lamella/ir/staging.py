"""Functions that run as compiled graphs, with the state they read and change threaded through."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import update_wrapper
from types import MethodType
from typing import Any

import numpy as np

from lamella import context, tree
from lamella.buffer import Buffer, donatable, in_change, references
from lamella.engine.conversion import converted
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.ir.interpret import run_graph
from lamella.ir.tracing import Traced, name_of
from lamella.tensor import Tensor, wrap
from lamella.types import TOKEN


class Staged:
    """A function that is built into a graph for each combination of argument types and compiled by the backend.

    Tensors among the arguments (in nested tuples, lists and dicts too) are the graph's inputs; other arguments are
    part of the combination, and must be hashable. Tensors from around the function (parameters, random generators, …)
    are read at each call, and those that it changes in place are changed; their memory is taken over for the new
    values where nobody else can see it.

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
        self._programs: dict[Any, _Program] = {}
        update_wrapper(self, fn, updated=())

    def __call__(self, *args: Any) -> Any:
        """Run the function's graph for these arguments, building it first if there is none."""
        if current().builds:
            return converted(self._fn)(*args)
        leaves, spec = tree.flatten(args)
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        key = spec, tuple(map(_key, leaves)), context.backend.name
        try:
            program = self._programs.get(key)
        except TypeError:
            raise self._unhashable(leaves) from None
        if program is None or not program.fits():
            given = [leaf._type if isinstance(leaf, Tensor) else leaf for leaf in leaves]
            program = self._programs[key] = _Program(Traced(self._fn, spec, given, name_of(self._fn)))
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

    def graph(self, *args: Any) -> Any:
        """The graph for arguments like these."""
        leaves, spec = tree.flatten(args)
        given = [leaf._type if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        return Traced(self._fn, spec, given, name_of(self._fn)).graph


def staged(fn: Callable[..., Any]) -> Staged:
    """Run a function as a compiled graph; see `Staged`."""
    return Staged(fn)


def _key(leaf: Any) -> Any:
    """What of an argument decides which graph it needs."""
    if isinstance(leaf, Tensor):
        return leaf._type
    # Floats by their digits: 0.0 == -0.0, which compute differently, and nan != nan, which computes the same.
    return type(leaf), repr(leaf) if isinstance(leaf, (float, complex)) else leaf


class _Program:
    """One graph of a staged function, compiled."""

    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.execute = context.backend.compile(traced.graph)
        n_args = sum(p.type != TOKEN for p in traced.graph.params) - len(traced.captures)
        by_handle = {id(handles[0]): n_args + i for i, handles in enumerate(traced.captures) if handles}
        self.pending = in_change(f"the graph {traced.graph.name}", context.backend)
        self.types = [value.type for value in traced.values]
        # The first values of tensors around the function are not kept: that would hold their memory for good.
        self.around = [h[0] if h else wrap(v) for h, v in zip(traced.captures, traced.values, strict=True)]
        traced.values.clear()
        self.changed = {id(u) for u in traced.updates if not isinstance(u, int)}
        self.known = self.changed | {id(h) for handles in traced.captures for h in handles}
        # Where, among the inputs, is the old value of each tensor that the graph changes? -1: it is not read.
        self.update_inputs = [u if isinstance(u, int) else by_handle.get(id(u), -1) for u in traced.updates]

    def fits(self) -> bool:
        """Whether the tensors around the function still are what they were when it was traced."""
        for handles, type_ in zip(self.traced.captures, self.types, strict=True):
            if not handles:
                continue
            first = handles[0]._value
            if (type(first) is Buffer and first.type != type_) or any(h._value is not first for h in handles[1:]):
                return False
        return True

    def run(self, tensors: Sequence[Tensor]) -> Any:
        traced, engine = self.traced, current()
        if traced.updates:
            self._refuse_two_ways(tensors)
        handles = [*tensors, *self.around]
        values: Any = [engine.read(h) for h in handles] if engine.watches else [h._value for h in handles]
        if engine.parent is not None or engine.builds:
            results: list[Any] = run_graph(engine, traced.graph, values)
        else:
            results = self._execute(handles, values)
        n = traced.results
        for update, value in zip(traced.updates, results[n:], strict=True):
            engine.write(tensors[update] if isinstance(update, int) else update, value)
        return tree.unflatten(traced.spec, [wrap(value) for value in results[:n]])

    def _refuse_two_ways(self, tensors: Sequence[Tensor]) -> None:
        """The graph has an input for each way to a tensor: a change by one would not be seen by the other."""
        given = [id(x) for x in tensors]
        twice = [u for u in self.traced.updates if isinstance(u, int) and given.count(given[u]) > 1]
        if (
            twice
            or not self.changed.isdisjoint(given)
            or any(given[u] in self.known for u in self.traced.updates if isinstance(u, int))
        ):
            raise ValueError(
                explain(
                    f"staged function {self.traced.graph.name}",
                    given="a tensor that it changes in place twice, as two arguments or as one from around it too",
                    expected="one way to each tensor that is changed",
                    remedy="Pass a .copy(), or use one of them only.",
                )
            )

    def _execute(self, handles: Sequence[Tensor], values: Sequence[Any]) -> list[Any]:
        """Run, taking over the memory of tensors that get new values where nobody else can see it.

        The tensors let go of it first: another thread gets hold of it before that, and so shows, or not at all.
        """
        changing = [p for p in self.update_inputs if p >= 0]
        for p in changing:
            handles[p]._value = self.pending
        donated: frozenset[int] = frozenset()
        try:
            donated = frozenset(p for p in changing if donatable(values[p], _SOLE))
            for p in changing:
                if p not in donated:
                    handles[p]._value = values[p]
            return list(self.execute(values, donated))
        except BaseException:
            for p in changing:
                handles[p]._value = values[p]
            raise


def _sole() -> tuple[int, int]:
    """What `donatable` sees of a buffer that only the list of inputs holds; interpreters differ in this."""
    values: list[Any] = [Buffer(np.zeros(1), None)]  # type: ignore[arg-type]  # nothing runs on it
    return _seen(values[0])


def _seen(buffer: Any) -> tuple[int, int]:
    return references(buffer)  # one call deep, as in `donatable`


_SOLE = _sole()
