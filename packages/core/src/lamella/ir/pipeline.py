"""Passes over a graph, one after another: checked where that is wanted, and written to files where that is asked for.

A pass takes a graph and returns another that computes the same, or the very graph where it finds nothing to do.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeAlias

from lamella import context
from lamella.errors import GraphError
from lamella.ir.drawing import to_dot
from lamella.ir.graph import Graph
from lamella.ir.printer import print_graph
from lamella.ir.verifier import verify

Pass: TypeAlias = Callable[[Graph], Graph]

#: Whether every pass's result is verified; the environment variable LAMELLA_VERIFY turns it on.
verifying: bool = bool(os.environ.get("LAMELLA_VERIFY"))

_numbers = count()


class PassRun(NamedTuple):
    """A pass that has changed a graph.

    Attributes:
        stage: what the passes are for.
        name: the pass.
        before: the graph that it took.
        after: the graph that it gave.
        seconds: how long it took.
    """

    stage: str
    name: str
    before: Graph
    after: Graph
    seconds: float


class Compilation(NamedTuple):
    """A function that was compiled for a call.

    Attributes:
        name: the function's.
        reason: why no graph that was there fitted, such as "args[0]: float32[2] became float32[3]"; "the first call".
        graph: the graph as it was built.
        seconds: how long it took, passes and the backend included.
    """

    name: str
    reason: str
    graph: Graph
    seconds: float


Event: TypeAlias = "PassRun | Compilation"

_listeners: tuple[Callable[[Event], object], ...] = ()


@contextmanager
def watching(listener: Callable[[Event], object]) -> Iterator[None]:
    """See what is compiled in a `with` block, in all threads.

    Args:
        listener: called with a `PassRun` after each pass that has changed a graph, and with a `Compilation` when a
            compiled function has got another graph, before that runs.

    Examples:
        >>> import lamella as ms
        >>> from lamella.ir import pipeline
        >>> double = ms.jit(lambda x: x + x)
        >>> seen = []
        >>> with pipeline.watching(seen.append):
        ...     for size in (2, 2, 3):
        ...         y = double(ms.ops.ones(size))
        >>> [event.reason for event in seen if isinstance(event, pipeline.Compilation)]
        ['the first call', 'args[0]: float32[2] became float32[3]']
    """
    global _listeners
    own = partial(listener)  # the same function may watch twice
    _listeners = (*_listeners, own)
    try:
        yield
    finally:
        _listeners = tuple(other for other in _listeners if other is not own)


def tell(event: Event) -> None:
    """Give an event to all who watch."""
    for listener in _listeners:
        listener(event)


def run(graph: Graph, passes: Sequence[Pass], stage: str, rounds: int = 1) -> Graph:
    """Apply passes to a graph.

    With `set_context(save_graphs=…)`, or the environment variable LAMELLA_DUMP naming a folder, the graph is written to
    numbered files: 1 is the graph at the beginning and at the end, 2 (or True) after every pass that changes it, 3 also
    as drawings for Graphviz.

    Args:
        graph: the graph; it stays as it is.
        passes: functions from graph to graph, with names.
        stage: what these passes are for, in the files' names.
        rounds: how often they all run at most; they stop when none has found anything to do.

    Raises:
        GraphError: a pass gave a malformed graph, and passes are verified.

    Examples:
        >>> import lamella as ms
        >>> from lamella.ir import Graph, pipeline
        >>> def without_nodes(graph: Graph) -> Graph:
        ...     return graph.copied(nodes=[], results=graph.params)
        >>> graph = ms.ir.build(lambda x: x * 1, ms.ir.TensorType(ms.float32, ()))
        >>> len(pipeline.run(graph, [without_nodes], "example").nodes)
        0
    """
    level, folder = _wanted()
    if level:
        _write(graph, folder, stage, "begin", level)
    for _ in range(rounds):
        before = graph
        for step in passes:
            start = time.perf_counter()
            after = step(graph)
            if after is graph:
                continue
            if _listeners:
                tell(PassRun(stage, step.__name__, graph, after, time.perf_counter() - start))
            graph = after
            if level >= 2:
                _write(graph, folder, stage, step.__name__, level)
            if verifying:
                try:
                    verify(graph)
                except GraphError as error:
                    error.add_note(f"after the pass {step.__name__} of the stage {stage}")
                    raise
        if graph is before:
            break
    if level == 1:
        _write(graph, folder, stage, "end", level)
    return graph


def dump(name: str, stage: str, text: object, suffix: str) -> None:
    """Write what a backend makes of a graph to a numbered file, where graphs are written after every pass.

    Args:
        name: the graph's.
        stage: what the text is.
        text: the content; made a string only where it is written.
        suffix: of the file, such as ".ll".
    """
    level, folder = _wanted()
    if level >= 2:
        folder.mkdir(parents=True, exist_ok=True)
        title = re.sub(r"\W", "_", f"{name}_{stage}")
        (folder / f"{next(_numbers):04d}_{title}{suffix}").write_text(str(text))


def _wanted() -> tuple[int, Path]:
    """How thoroughly graphs are to be written, and where to."""
    folder = os.environ.get("LAMELLA_DUMP")
    if folder:
        return 2, Path(folder)
    level = context.settings.save_graphs
    return 2 if level is True else int(level), Path(context.settings.save_graphs_path)


def _write(graph: Graph, folder: Path, stage: str, name: str, level: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    title = re.sub(r"\W", "_", f"{graph.name}_{stage}_{name}")
    path = folder / f"{next(_numbers):04d}_{title}.ir"
    path.write_text(print_graph(graph, locations=True) + "\n")
    if level >= 3:
        path.with_suffix(".dot").write_text(to_dot(graph))
