"""Functions that run as compiled graphs, with the state they read and change threaded through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import update_wrapper
from typing import Any

import numpy as np

from lamella import context, tree
from lamella.buffer import Buffer, donatable, references
from lamella.engine.stack import current
from lamella.ir.interpret import run_graph
from lamella.ir.tracing import Traced, name_of
from lamella.tensor import Tensor, wrap
from lamella.types import TOKEN


class Staged:
    """A function that is built into a graph for each combination of argument types and compiled by the backend.

    Tensors among the arguments (in nested tuples, lists and dicts too) are the graph's inputs; other arguments are
    part of the combination. Tensors from around the function (parameters, random generators, …) are read at each
    call, and those that it changes in place are changed; their memory is taken over for the new values where nobody
    else can see it. Python around the tensors runs at the first call only.

    Under a transform (`grad`, `vmap`) the graph runs on the transform's engine.

    Args:
        fn: the function, without Python control flow on tensors.

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
        leaves, spec = tree.flatten(args)
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        key_leaves = tuple(leaf._type if isinstance(leaf, Tensor) else (type(leaf), leaf) for leaf in leaves)
        key = spec, key_leaves, context.backend.name
        program = self._programs.get(key)
        if program is None or not program.fits():
            given = [leaf._type if isinstance(leaf, Tensor) else leaf for leaf in leaves]
            program = self._programs[key] = _Program(Traced(self._fn, spec, given, name_of(self._fn)))
        return program.run(tensors)

    def graph(self, *args: Any) -> Any:
        """The graph for arguments like these."""
        leaves, spec = tree.flatten(args)
        given = [leaf._type if isinstance(leaf, Tensor) else leaf for leaf in leaves]
        return Traced(self._fn, spec, given, name_of(self._fn)).graph


def staged(fn: Callable[..., Any]) -> Staged:
    """Run a function as a compiled graph; see `Staged`."""
    return Staged(fn)


class _Program:
    """One graph of a staged function, compiled."""

    def __init__(self, traced: Traced) -> None:
        self.traced = traced
        self.execute = context.backend.compile(traced.graph)
        n_args = sum(p.type != TOKEN for p in traced.graph.params) - len(traced.captures)
        by_handle = {id(handles[0]): n_args + i for i, handles in enumerate(traced.captures) if handles}
        self.types = [value.type for value in traced.values]
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
        handles = [*tensors, *(h[0] if h else wrap(v) for h, v in zip(traced.captures, traced.values, strict=True))]
        values: Any = [engine.read(h) for h in handles] if engine.watches else [h._value for h in handles]
        if engine.parent is not None or engine.builds:
            results: list[Any] = run_graph(engine, traced.graph, values)
        else:
            results = list(self.execute(values, self._donatable(values)))
        n = traced.results
        for update, value in zip(traced.updates, results[n:], strict=True):
            engine.write(tensors[update] if isinstance(update, int) else update, value)
        return tree.unflatten(traced.spec, [wrap(value) for value in results[:n]])

    def _donatable(self, values: Sequence[Any]) -> frozenset[int]:
        """Inputs whose tensors get new values and whose memory nobody else can see."""
        return frozenset(p for p in self.update_inputs if p >= 0 and donatable(values[p], _SOLE))


def _sole() -> tuple[int, int]:
    """What `donatable` sees of a buffer that one tensor and the list of inputs hold; interpreters differ in this."""
    tensor = wrap(Buffer(np.zeros(1), None))  # type: ignore[arg-type]  # nothing runs on it
    values: list[Any] = [tensor._value]
    return _seen(values[0])


def _seen(buffer: Any) -> tuple[int, int]:
    return references(buffer)  # one call deep, as in `donatable`


_SOLE = _sole()
