"""Functions in their transformed form, which runs the same and builds a graph where that is what it runs on."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

from lamella import nn
from lamella.context import get_context
from lamella.engine.conversion import converter
from lamella.engine.stack import current
from lamella.errors import CompileError, explain
from lamella_compiler.frontend.expressions import RUNTIME
from lamella_compiler.frontend.failures import reword, without_source
from lamella_compiler.frontend.origin import is_transformed, is_users, remember_transformed
from lamella_compiler.frontend.runtime import Runtime
from lamella_compiler.frontend.runtime.objects import note_defaults
from lamella_compiler.frontend.runtime.variables import outside_cells, reasons
from lamella_compiler.frontend.source import NoSourceError, function_of
from lamella_compiler.frontend.transform import transformed
from lamella_compiler.state.journal import note

#: By the identity of a function's code: that code, and the transformed one; None where it has no source. A code object
#: equals another of the same content, which may come from another file.
_codes: dict[int, tuple[CodeType, CodeType | None]] = {}


def convert(fn: Callable[..., Any]) -> Callable[..., Any]:
    """The form of a function in which control flow on tensors becomes part of the graph that is being built.

    Outside a build it does what the function does. Functions of libraries (see `origin`) are returned as they are.

    Args:
        fn: a function, method, `functools.partial`, `Cell` or object with `__call__`.

    Returns:
        A callable of the same signature.

    Raises:
        TypeError: `fn` cannot be called.
        CompileError: it cannot be transformed.

    Examples:
        >>> import lamella as ms
        >>> from lamella_compiler.frontend import convert
        >>> def doubled(x):
        ...     while x < 100:
        ...         x = x * 2
        ...     return x
        >>> ms.ir.staged(convert(doubled))(ms.Tensor(3.0)).item()
        192.0
    """
    inner = converted(fn)
    if _is_active():
        return inner
    if not callable(fn):
        raise TypeError(explain("convert", given=f"a {type(fn).__name__}", expected="something that can be called"))
    if inner is fn and not isinstance(fn, nn.Cell) and not (isinstance(fn, FunctionType) and is_users(fn)):
        return fn

    def run(*args: Any, **kwargs: Any) -> Any:
        if _is_active():
            return inner(*args, **kwargs)
        with converting():
            return inner(*args, **kwargs)

    return functools.update_wrapper(run, fn, updated=())


@contextmanager
def converting() -> Iterator[None]:
    """Let core convert the functions that it calls inside the `with` block, and explain the errors that leave it."""
    first, second, third = converter.set(convert), reasons.set({}), outside_cells.set({})
    try:
        with _deep_calls():
            yield
    except CompileError:
        raise
    except Exception as error:
        if current().builds:
            reword(error)
        raise
    finally:
        outside_cells.reset(third)
        reasons.reset(second)
        converter.reset(first)


#: How many frames of Python's stack a call in a transformed function may take.
_FRAMES_PER_CALL = 4

_limit_lock = Lock()
_limits: list[int] = []  # one for each build that is going on, in any thread: what Python's limit was before it


@contextmanager
def _deep_calls() -> Iterator[None]:
    """Let calls nest as deep as `max_call_depth` says inside the `with` block."""
    with _limit_lock:
        _limits.append(sys.getrecursionlimit())
        sys.setrecursionlimit(max(_limits[-1], _FRAMES_PER_CALL * get_context("max_call_depth")))
    try:
        yield
    finally:
        with _limit_lock:
            before = _limits.pop()
            if not _limits:
                sys.setrecursionlimit(before)


def _is_active() -> bool:
    return reasons.get(None) is not None


def converted(fn: Any) -> Any:
    """A callable in its transformed form; itself where there is nothing to transform, or no source.

    Args:
        fn: the callable.

    Raises:
        CompileError: the source of a function cannot be transformed.
    """
    if isinstance(fn, FunctionType):
        return _function(fn)
    if isinstance(fn, MethodType):
        function = converted(fn.__func__)
        return fn if function is fn.__func__ else MethodType(function, fn.__self__)
    if isinstance(fn, functools.partial):
        function = converted(fn.func)
        return fn if function is fn.func else functools.partial(function, *fn.args, **fn.keywords)
    method = None if isinstance(fn, type) else getattr(type(fn), "__call__", None)  # noqa: B004 - the function itself
    if isinstance(method, FunctionType) and method is not nn.Cell.__call__:
        for name in getattr(type(fn), "read_by_calls", ()):  # settings of objects of `ops`, which their own code reads
            note("attribute", fn, name, getattr(fn, name))
        function = converted(method)
        return fn if function is method else MethodType(function, fn)
    return fn


def _function(fn: FunctionType) -> FunctionType:
    code = fn.__code__
    if is_transformed(code) or not is_users(fn):
        return fn
    known = _codes.get(id(code))
    if known is None:
        known = _codes[id(code)] = code, _transformed(fn)
    new = known[1]
    if new is None:
        return fn
    note_defaults(fn)
    cells = dict(zip(code.co_freevars, fn.__closure__ or (), strict=True))
    cells[RUNTIME] = CellType(Runtime(fn))
    closure = tuple(cells[name] for name in new.co_freevars)
    function = FunctionType(new, fn.__globals__, fn.__name__, fn.__defaults__, closure)
    function.__kwdefaults__ = fn.__kwdefaults__
    function.__qualname__, function.__doc__ = fn.__qualname__, fn.__doc__
    return function


def _transformed(fn: FunctionType) -> CodeType | None:
    try:
        node = function_of(fn)
    except NoSourceError as error:
        without_source[id(fn.__code__)] = str(error)
        return None
    new = transformed(node, fn.__code__, fn.__globals__)
    remember_transformed(new)
    return new
