"""Observing ops: an engine that runs each primitive as the eager one does, and tells what it saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from lamella import context
from lamella.engine.base import AnyValue
from lamella.engine.eager import EAGER, Eager
from lamella.engine.place import here
from lamella.engine.stack import current, entered
from lamella.errors import explain
from lamella.ir.execute import stepping
from lamella.ir.graph import Graph, Location
from lamella.ir.interpret import run_graph
from lamella.tensor import Tensor, wrap

if TYPE_CHECKING:
    from lamella.ops.define.opdef import OpDef


class Observed(NamedTuple):
    """One primitive that has run.

    Attributes:
        op: the primitive.
        attrs: its attributes.
        operands: what it was applied to.
        results: what it gave.
        place: where it comes from; None if no line of a user led to it.
        begin: when it began, in seconds of `time.perf_counter`.
        end: when it had run.
    """

    op: OpDef
    attrs: dict[str, Any]
    operands: tuple[Tensor, ...]
    results: tuple[Tensor, ...]
    place: Location | None
    begin: float
    end: float


Watch: TypeAlias = "Callable[[Observed], object]"


@contextmanager
def observing(watch: Watch) -> Iterator[None]:
    """See each primitive that runs in a `with` block, in this thread.

    Compiled functions run node by node meanwhile, with the places of their nodes, and so do the bodies of branches and
    loops; the primitive that has them comes after them. Results are those that ops give one by one, which can differ
    from a compiled graph's in the last digits.

    Args:
        watch: called after each primitive; what it computes itself is not observed. What it raises ends the run.

    Raises:
        ValueError: a graph is being built, or a transform runs.

    Examples:
        >>> import lamella as ms
        >>> from lamella.engine import observing
        >>> net = ms.ir.staged(lambda x: ms.ops.log(x - 2))
        >>> def find_nan(seen):
        ...     if any(ms.ops.isnan(x).any() for x in seen.results):
        ...         print(f"the first NaN comes from {seen.op.name} of {seen.operands[0].tolist()}")
        >>> with observing(find_nan):
        ...     y = net(ms.Tensor([1.0, 3.0]))
        the first NaN comes from log of [-1.0, 1.0]
    """
    engine = current()
    if not isinstance(engine, Eager):
        raise ValueError(
            explain(
                "engine.observing",
                given="a call while a graph is built or a transform runs",
                expected="a call around that",
                remedy="Put the call of the compiled or transformed function inside the `with` block.",
            )
        )
    with entered(_Observing(watch, engine)):
        yield


class _Observing(Eager):
    """Runs each primitive on the engine it was entered from, eager or observing too."""

    __slots__ = ("_inner", "_watch")

    locates = True

    def __init__(self, watch: Watch, inner: Eager) -> None:
        self._watch = watch
        self._inner = inner

    def run(self, op: OpDef, values: Sequence[Any], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        begin = perf_counter()
        if any(isinstance(value, Graph) for value in attrs.values()):
            results = self._step_through(op, values, attrs)
        else:
            results = self._inner.run(op, values, attrs)
            for result in results:
                buffer: Any = result
                buffer.backend.wait(buffer)
        end = perf_counter()
        with entered(EAGER):
            self._watch(Observed(op, attrs, tuple(map(wrap, values)), tuple(map(wrap, results)), here(), begin, end))
        return results

    def _step_through(self, op: OpDef, values: Sequence[Any], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        """Run a primitive that has graphs by its reference kernel, and each of those graphs on this engine."""
        backend, ordinal = (values[0].backend, values[0].ordinal) if values else (context.backend, context.ordinal)

        def step(graph: Graph, arrays: Sequence[Any]) -> tuple[Any, ...]:
            inner: list[Any] = run_graph(self, graph, [backend.put(np.asarray(array), ordinal) for array in arrays])
            return tuple(value.plain() for value in inner)

        op.result_types([value.type for value in values], attrs)
        token = stepping.set(step)
        try:
            results = op.kernel(*(value.plain() for value in values), **attrs)
        finally:
            stepping.reset(token)
        return [backend.put(np.asarray(array), ordinal) for array in results]
