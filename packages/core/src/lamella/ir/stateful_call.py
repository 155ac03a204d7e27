"""A traced function that runs: compiled, with the tensors around it read, donated and written back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from lamella import recording, tree
from lamella.buffer import Buffer
from lamella.dtypes import bool_
from lamella.engine.base import Engine
from lamella.engine.eager import EAGER
from lamella.engine.stack import current
from lamella.errors import InterruptedRun, PoisonedError, explain
from lamella.ir.graph import Graph
from lamella.ir.interpret import run_graph
from lamella.ir.records import hand_out, lifted
from lamella.ir.tracing import Argument, Result, Traced
from lamella.plugins.protocols import Backend
from lamella.tensor import Tensor, wrap
from lamella.turns import TAKING, Changing, Turn, give_back, move, put_at_once, settle, settled, values_at_once
from lamella.types import TensorType, interned


class StatefulCall:
    """A traced function, compiled.

    Args:
        traced: the function.
        backend: the backend to compile it for.
        graph: what to compile: `traced.graph` or one that computes the same. Default: that itself.
        ordinal: the number of the backend's device.
    """

    def __init__(self, traced: Traced, backend: Backend, graph: Graph | None = None, ordinal: int = 0) -> None:
        self.graph = traced.graph
        self.backend = backend
        self.ordinal = ordinal
        pure, self._records = lifted(graph or traced.graph)
        self._execute = backend.compile(pure, ordinal)
        self._spec, self._leaves, self._results = traced.spec, traced.leaves, traced.results
        self._all_computed = all(isinstance(x, Result) and x.number is None for x in traced.leaves)
        # The first values of tensors around the function are not kept: that would hold their memory for good.
        around = [h or [wrap(v)] for h, v in zip(traced.captures, traced.values, strict=True)]
        for handles in around:
            move(handles, backend, ordinal, f"compiled function {self.graph.name}")
        self._around = [handles[0] for handles in around]
        self._types = [value.type for value in traced.values]
        self._shared = [(h[0], other) for h in traced.captures for other in h[1:]]
        traced.values.clear()
        self._updates = traced.updates
        self._own = self._results + len(self._updates)  # results besides what is recorded
        n_args = len([p for p in self.graph.params if isinstance(p.type, TensorType)]) - len(self._around)
        by_handle = {id(h[0]): n_args + i for i, h in enumerate(traced.captures) if h}
        # Where, among the inputs, is the old value of each tensor that the graph changes? Others are not read.
        places = [u if isinstance(u, int) else by_handle.get(id(u), -1) for u in self._updates]
        self._places = places
        self._unread = [i for i, place in enumerate(places) if place < 0]
        self._changing = [place for place in places if place >= 0]
        self._all_changing = frozenset(self._changing)
        self._changing_of = _picker(self._changing)  # a quick way to the values of all
        self._changed_arguments = [u for u in self._updates if isinstance(u, int)]
        self._changed = {id(u) for u in self._updates if not isinstance(u, int)}
        self._known = self._changed | {id(h) for handles in traced.captures for h in handles}
        self._step = f"the graph {self.graph.name}"

    def fits(self) -> bool:
        """Whether the tensors around the function still are what they were when it was traced."""
        values = values_at_once(self._around)
        for first, other in self._shared:
            if settled(first._value) is not settled(other._value):
                return False
        try:
            if [v.type for v in values] == self._types:
                return True
            return all(type(v) is not Buffer or v.type == t for v, t in zip(settle(values), self._types, strict=True))
        except PoisonedError:  # running says what is wrong
            return True

    def run(self, tensors: Sequence[Tensor]) -> Any:
        """Run on the arguments' tensors; what the function returned, with the tensors that it gives now."""
        engine = current()
        if self._updates:
            self._refuse_two_ways(tensors)
        if engine is not EAGER:
            results = self._run_on(engine, tensors)
        elif self._updates:
            results = self._run_changing([*tensors, *self._around], tensors)
        else:
            try:
                results = self._execute(values_at_once([*tensors, *self._around]))  # all of the same step
            except InterruptedRun as stopped:
                raise stopped.interrupt from None
        if self._records and engine is EAGER:
            results = self._without_records(results)
        if self._all_computed:
            return tree.unflatten(self._spec, [wrap(value) for value in results])
        return tree.unflatten(self._spec, [self._leaf(leaf, tensors, results) for leaf in self._leaves])

    def _leaf(self, leaf: Any, tensors: Sequence[Tensor], results: Sequence[Any]) -> Any:
        if isinstance(leaf, Result):
            value = results[leaf.position]
            return wrap(value) if leaf.number is None else leaf.number(value.plain().item())
        if isinstance(leaf, Argument):
            return tensors[leaf.position]
        return leaf.copy() if isinstance(leaf, np.ndarray) else leaf

    def _run_on(self, engine: Engine, tensors: Sequence[Tensor]) -> Sequence[Any]:
        """Run under a transform, or as a part of another graph."""
        values = [engine.read(handle) for handle in (*tensors, *self._around)]
        results = run_graph(engine, self.graph, values)
        for update, value in zip(self._updates, results[self._results :], strict=True):
            engine.write(tensors[update] if isinstance(update, int) else update, value)
        return results[: self._results]

    def _refuse_two_ways(self, tensors: Sequence[Tensor]) -> None:
        """The graph has an input for each way to a tensor: a change by one would not be seen by the other."""
        given = [id(x) for x in tensors]
        arguments = [given[u] for u in self._changed_arguments]
        if not self._changed.isdisjoint(given) or any(given.count(x) > 1 or x in self._known for x in arguments):
            raise ValueError(
                explain(
                    f"compiled function {self.graph.name}",
                    given="a tensor that it changes in place twice, as two arguments or as one from around it too",
                    expected="one way to each tensor that is changed",
                    remedy="Pass a .copy(), or use one of them only.",
                )
            )

    def _run_changing(self, handles: list[Tensor], tensors: Sequence[Tensor]) -> Sequence[Any]:
        """Run, taking over the memory of tensors that get new values where nothing else can see it.

        The tensors let go of it first: another thread gets hold of it before that, and so shows, or not at all.
        """
        changed: Sequence[Any] = self._updates
        if self._changed_arguments:
            changed = [tensors[u] if isinstance(u, int) else u for u in changed]
        turn = Turn(self._step)
        marks = turn.marks(len(changed))
        values: list[Any] = []
        unread: list[Any] = []
        done: list[Sequence[Any]] = []
        with turn.lock:
            try:
                with TAKING:
                    values += values_at_once(handles)
                    unread += [changed[i]._value for i in self._unread]
                    put_at_once(changed, marks)
                donated = self._donated(settle(values))
                # Nothing can come between running and keeping the results, an interrupt either: `extend` calls and
                # appends.
                done.extend(map(self._execute, (values,), (donated,)))
                self._write(changed, marks, done[0])
            except InterruptedRun as stopped:
                self._write(changed, marks, stopped.results)
                raise stopped.interrupt from None
            except BaseException:
                if done:
                    self._write(changed, marks, done[0])
                elif values:  # the step has poisoned what it had begun to overwrite
                    old = iter(unread)
                    give_back(changed, marks, [values[p] if p >= 0 else next(old) for p in self._places])
                raise
        return done[0] if self._records else done[0][: self._results]

    def _without_records(self, results: Sequence[Any]) -> Sequence[Any]:
        """What a run computed besides what it recorded, which goes to the listeners."""
        if recording.is_heard():
            hand_out(self._records, [value.plain() for value in results[self._own :]])
        return results[: self._results]

    def _donated(self, values: list[Any]) -> frozenset[int]:
        changing = self._changing_of(values)
        owners = self.backend.sole_owners
        # No count is below that of a sole owner, so the sum is as for sole owners only if each count is.
        if _references(changing) == len(changing) * _SOLE and owners(changing):
            return self._all_changing
        del changing
        return frozenset(p for p in self._changing if _references(x := [values[p]]) == _SOLE and owners(x))

    def _write(self, handles: Sequence[Tensor], marks: Sequence[Changing], results: Sequence[Any]) -> None:
        give_back(handles, marks, results[self._results : self._own])


def _picker(places: list[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """A function that picks the items at some places."""
    return itemgetter(*places) if len(places) > 1 else lambda items: [items[place] for place in places]


def _references(buffers: Sequence[Any]) -> int:
    return sum(map(sys.getrefcount, buffers))


def _sole() -> int:
    """What `_references` says, in `_donated`, of a buffer that only the inputs hold; interpreters differ in this."""
    values: list[Any] = [Buffer(None, interned(bool_, ()), None)]  # type: ignore[arg-type]  # nothing runs on it
    changing = [values[0]]
    return _references(changing)


_SOLE = _sole()
