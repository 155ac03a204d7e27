"""`while` and `for`: as in Python, or on tensors as a loop of the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from lamella import Tensor, ops
from lamella.dtypes import int64
from lamella.engine.stack import current
from lamella.ops import prims
from lamella.ops.convert import as_tensor
from lamella_compiler.frontend.errors import compile_error
from lamella_compiler.frontend.runtime.carrying import Carrying, LoopError
from lamella_compiler.frontend.runtime.conditions import is_dynamic, truth
from lamella_compiler.frontend.runtime.merging import merged
from lamella_compiler.frontend.runtime.series import Series, as_int_tensor, series_of
from lamella_compiler.frontend.runtime.variables import Body, Variable, variables

#: A `for` over a range of this many numbers is unrolled; a longer one becomes a loop of the graph if it can.
UNROLLED = 64

#: What cannot become a loop of the graph is unrolled up to so many iterations.
MOST_UNROLLED = 1000


class _Loop:
    """A loop of the user's: its body, and the names of variables that it binds.

    Attributes:
        body: runs an iteration; that of a `for` takes the item.
        names: the variables that the loop binds.
        head: those that may be read when an iteration begins.
        after: those that may be read when it has ended.
    """

    def __init__(self, body: Body, names: tuple[str, ...], head: tuple[str, ...], after: tuple[str, ...]) -> None:
        self.body = body
        self.names = names
        self.head = head
        self.after = after

    def places(self) -> list[Variable]:
        return variables(self.names, self.body)

    def carrying(self, sure: bool, *bodies: Body) -> Carrying:
        return Carrying(self.places(), self.head, self.after, sure, (self.body, *bodies))


def while_(test: Body, body: Body, names: tuple[str, ...], head: tuple[str, ...], after: tuple[str, ...]) -> None:
    """`while test(): body()`.

    Iterations run in Python for as long as the condition is known; from where it depends on a tensor on, the rest is a
    loop of the graph.

    Args:
        test: gives the condition.
        body: runs an iteration.
        names: the variables that they bind.
        head: those that may be read when an iteration begins.
        after: those that may be read when the loop has ended.
    """
    count = 0
    while not is_dynamic(going := test()):
        if not going:
            return
        if count == MOST_UNROLLED and current().builds:
            raise compile_error(
                f"the condition of this loop depends on no tensor, and it takes more than {MOST_UNROLLED} iterations, "
                "each of which would become a part of the graph.",
                "Start one of the numbers in the condition as a tensor, such as Tensor(0).",
            )
        body()
        count += 1
    carrying = _Loop(body, names, head, after).carrying(False, test)

    def launch(first: list[Tensor]) -> list[Tensor]:
        return list(
            ops.while_loop(
                lambda tensors: _condition(carrying, test, tensors),
                lambda tensors: tuple(carrying.step(tensors, body)),
                tuple(first),
            )
        )

    try:
        carrying.run(launch)
    except LoopError as error:
        raise compile_error(f"this loop depends on a tensor, and {error}", error.remedy) from None


def _condition(carrying: Carrying, test: Body, tensors: Iterable[Tensor]) -> Tensor:
    going = carrying.look(tensors, test)
    return truth(as_tensor(going, None, "while"))


def for_(
    items: Any,
    body: Body,
    names: tuple[str, ...],
    head: tuple[str, ...],
    after: tuple[str, ...],
    stop: str | None,
) -> None:
    """`for item in items: body(item)`, until the variable `stop`, if there is one, is true.

    Args:
        items: what to iterate over.
        body: runs an iteration on an item.
        names: the variables that it binds.
        head: those that may be read when an iteration begins.
        after: those that may be read when the loop has ended.
        stop: name of the variable that a `break` sets; None where there is none.
    """
    loop = _Loop(body, names, head, after)
    flag = next((place for place in loop.places() if place.name == stop), None)
    series = series_of(items)
    if series is None:
        _unroll(loop, items, flag)
    elif not isinstance(series.count, int):
        try:
            _in_graph(loop, series, 0, flag)
        except Exception as error:
            with suppress(TypeError):
                len(series)  # where an open size decides how long it is, that is noted: with a known one it is unrolled
            if isinstance(error, LoopError):
                raise compile_error(
                    f"this loop has a number of iterations that only the graph knows, and {error}", error.remedy
                ) from None
            raise
    elif isinstance(items, range) and series.count <= UNROLLED:
        _unroll(loop, items, flag, series)
    else:
        _in_graph_or_unrolled(loop, series, flag)


def _unroll(loop: _Loop, items: Iterable[Any], flag: Variable | None, series: Series | None = None) -> None:
    """Run the iterations in Python; if a `break` turns out to depend on a tensor, the rest in the graph."""
    for position, item in enumerate(items):
        stopped: Any = None if flag is None else flag.get()
        if not is_dynamic(stopped):
            if not stopped:
                loop.body(item)
                stopped = None if flag is None else flag.get()
            if stopped is not None and not is_dynamic(stopped) and stopped:
                return  # without asking for another item
            continue
        assert flag is not None
        if series is not None and _attempted(loop, series, position, flag) is None:
            return
        series = None
        going = ops.logical_not(truth(stopped))
        live = (*loop.head, *loop.after, flag.name)
        merged(going, partial(loop.body, item), partial(flag.set, True), loop.places(), live, (loop.body,))


def _in_graph_or_unrolled(loop: _Loop, series: Series, flag: Variable | None) -> None:
    """A loop of the graph; if a variable changes its type in the first iteration only, that runs in Python first."""
    count: int = series.count
    position = 0
    error: Exception | None = None
    while position < min(count, 2):
        error = _attempted(loop, series, position, flag)
        if error is None:
            return
        if position == 1 or not isinstance(error, LoopError) or count > MOST_UNROLLED + 1:
            break
        loop.body(series.at(0))
        position = 1
        if flag is not None and not is_dynamic(flag.get()) and flag.get():
            return
    if count > MOST_UNROLLED:
        remedy = error.remedy if isinstance(error, LoopError) else ""
        raise compile_error(
            f"this loop has {count} iterations, too many to unroll, and cannot become a loop of the graph: {error}",
            remedy,
        ) from error
    _unroll(loop, map(series.at, range(position, count)), flag)


def _attempted(loop: _Loop, series: Series, start: int, flag: Variable | None) -> Exception | None:
    """Try a loop of the graph; the error if it is none, and then nothing has happened."""
    try:
        _in_graph(loop, series, start, flag)
    except Exception as error:
        return error
    return None


def _in_graph(loop: _Loop, series: Series, start: int, flag: Variable | None) -> None:
    """The iterations from `start` on as a loop of the graph.

    Raises:
        LoopError: the body does more to Python's variables than a loop of the graph can.
    """
    stopped: Any = None if flag is None else flag.get()
    count = series.count - start if start else series.count
    carrying = loop.carrying(isinstance(count, int) and count > 0 and not is_dynamic(stopped))

    def iteration(item: Callable[[], Any]) -> Body:
        return lambda: loop.body(item())

    def as_scan(first: list[Tensor]) -> list[Tensor]:
        streams = [stream[start:] if start else stream for stream in series.streams()]
        if series.indexed:
            streams.append(prims.iota(size=count, dtype="int64") + start)

        def step(tensors: Any, rows: Any) -> tuple[Any, tuple[()]]:
            *parts, index = rows if series.indexed else (*rows, None)
            return tuple(carrying.step(tensors, iteration(lambda: series.item(index, iter(parts))))), ()

        return list(ops.scan(step, tuple(first), tuple(streams), length=count)[0])

    def as_while(first: list[Tensor]) -> list[Tensor]:
        total = as_int_tensor(series.count)

        def going(state: Any) -> Tensor:
            index, tensors = state
            more = index < total
            if flag is None:
                return more
            done: Tensor = as_tensor(carrying.look(tensors, flag.get), None, "for")
            return ops.logical_and(more, ops.logical_not(truth(done)))

        def step(state: Any) -> Any:
            index, tensors = state
            return index + 1, tuple(carrying.step(tensors, iteration(lambda: series.at(index))))

        return list(ops.while_loop(going, step, (as_tensor(start, int64), tuple(first)))[1])

    carrying.run(as_while if flag is not None or isinstance(count, Tensor) else as_scan)
