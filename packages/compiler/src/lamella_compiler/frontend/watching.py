"""What code that is not transformed may read of Python's state.

Transformed code notes each thing that it reads. Other code does not: what Python calls itself (`__len__`, `__iter__`,
`__eq__`, `__enter__`, …), functions without source, `eval`, and libraries that are given objects of the user's. Of
functions of the user's that begin to run the globals, and the attributes with the names that their code mentions, count
as read; of objects that a library gets everything.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from inspect import CO_OPTIMIZED
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from lamella import Tensor
from lamella.nn.cell import Cell
from lamella_compiler.frontend.origin import (
    comes_from_user,
    is_lamella,
    is_library_module,
    is_transformed,
    is_users,
    module_of,
)
from lamella_compiler.state.holders import CLASS, PLAIN, attributes, contents_of
from lamella_compiler.state.journal import Journal
from lamella_compiler.state.reads import MISSING

_MOST_OBJECTS = 10_000

#: Names by which code asks for attributes whose names it makes up.
_ANY_NAME = frozenset({"getattr", "hasattr", "vars", "__dict__", "dir", "setattr", "delattr", "__getattribute__"})

#: By identity, whether functions of a code are to be looked at when they run; and the code, so that it lives on.
_looked_at: dict[int, tuple[CodeType, bool]] = {}


@contextmanager
def watching(known: Journal) -> Iterator[None]:
    """Note what functions of the user's that are not transformed may read, when they begin to run.

    Python tells of each function that begins to run only when there is an object whose methods others may call, for it
    makes building take twice the time.

    Args:
        known: gets to know it.
    """
    before = sys.getprofile()

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            code = frame.f_code
            found = _looked_at.get(id(code))
            if found is None:
                users = comes_from_user(code, frame.f_globals) and not is_transformed(code)
                found = _looked_at[id(code)] = code, users
            if found[1]:
                sys.setprofile(None)  # what looks at objects calls functions too
                try:
                    _note_frame(known, frame)
                finally:
                    sys.setprofile(profile)

    def see(value: Any) -> None:
        kind = type(value)
        if kind not in seen:
            seen.add(kind)
            if isinstance(value, type):
                seen.discard(kind)
                kind = value
            if _called_by_others(kind):
                watch()

    def watch() -> None:
        if not begun:
            begun.append(True)
            sys.setprofile(profile)

    begun: list[bool] = []
    seen: set[type] = set()
    known.see, known.watch = see, watch
    try:
        yield
    finally:
        if begun:
            sys.setprofile(before)


#: Methods that run in their transformed form wherever they are called.
_TRANSFORMED = frozenset({"__init__", "__call__", "__getitem__", "__setitem__", "construct", "bprop"})


def _called_by_others(kind: type) -> bool:
    """Whether a class has methods of a user's that Python or a library calls: special ones, and those of its bases."""
    bases = [base for base in kind.__mro__ if base is not object]
    users = [base for base in bases if not is_library_module(base.__module__)]
    librarys = [base for base in bases if is_library_module(base.__module__)]
    for base in users:
        for name, value in vars(base).items():
            if isinstance(value, (FunctionType, property, classmethod, staticmethod)):
                special = name.startswith("__") and name.endswith("__")
                if name not in _TRANSFORMED and (special or any(name in vars(other) for other in librarys)):
                    return True
            elif isinstance(getattr(type(value), "__get__", None), FunctionType):
                return True
    return False


def _note_frame(known: Journal, frame: FrameType) -> None:
    """Note what a function may read that begins to run."""
    code = frame.f_code
    names = _names(code)
    for name in names & frame.f_globals.keys():
        value = known.note_global(frame.f_globals, name)
        known.reach(value)
        explore(known, value, names)
    given = frame.f_locals
    if not code.co_flags & CO_OPTIMIZED:  # of `eval`
        given = {name: value for name, value in given.items() if name in names}
    if code.co_argcount and code.co_varnames[0] in given:
        note_method(known, given[code.co_varnames[0]], code)
    for value in list(given.values()):
        explore(known, value, names)
    if set(code.co_freevars) - {"__class__"}:  # which function it is, of those with this code, its variables tell
        for function in gc.get_referrers(code):
            if isinstance(function, FunctionType) and all(
                contents_of(cell) is given.get(name, MISSING)
                for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True)
            ):
                explore(known, function, names)


def note_method(known: Journal, holder: Any, code: CodeType) -> None:
    """Note which function a class has under the name of a method that Python has called."""
    for kind in type(holder).__mro__:
        if code.co_name in vars(kind):
            known.note_attribute(type(holder), code.co_name)
            return


@cache
def _names(code: CodeType) -> frozenset[str]:
    """The names of globals and attributes in a code, and in those of the functions in it."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return frozenset(found)


def explore(known: Journal, value: Any, names: frozenset[str] | None = None) -> None:
    """Note what can be reached from an object.

    Args:
        known: gets to know it.
        value: the object; a list, tuple or iterator counts as the function's own unless it was read from outside.
        names: the attributes of users' objects that count; None for all.
    """
    if names is not None and not names.isdisjoint(_ANY_NAME):
        names = None
    seen: dict[int, Any] = {}
    todo = [*known.own_parts(value)]
    while todo:
        item = todo.pop()
        if isinstance(item, PLAIN) or id(item) in seen or known.is_fresh(item):
            continue
        if isinstance(item, Tensor) and not hasattr(item, "__dict__"):
            continue
        seen[id(item)] = item
        if len(seen) > _MOST_OBJECTS:
            known.unwatched = (
                known.unwatched or f"more than {_MOST_OBJECTS} objects that a {type(value).__name__} holds"
            )
            return
        todo += _step(known, item, names)


def _note_class(known: Journal, kind: type, names: frozenset[str] | None) -> None:
    """Note what an object may have of its class: all data, or what has certain names."""
    for owner in kind.__mro__:
        if not is_library_module(owner.__module__):
            known.hold(CLASS, owner)
            for name, value in vars(owner).items():
                special = name.startswith("__") or isinstance(
                    value, (FunctionType, property, classmethod, staticmethod)
                )
                if name in names if names is not None else not special:
                    known.note_attribute(kind, name)


def _step(known: Journal, item: Any, names: frozenset[str] | None) -> Iterable[Any]:
    """Note what an object holds; returns that."""
    if isinstance(item, (MethodType, BuiltinFunctionType)):
        return () if isinstance(item.__self__, ModuleType) else (item.__self__, getattr(item, "__func__", None))
    if isinstance(item, FunctionType):
        if is_lamella(module_of(item)):
            return ()
        if is_users(item):
            known.watch()
        known.note_function(item)
        return [known.note_variable(cell) for cell in item.__closure__ or ()]
    if isinstance(item, (ModuleType, type)):
        module = item.__name__ if isinstance(item, ModuleType) else item.__module__
        if names is None or is_library_module(module) or is_lamella(module):
            return ()
        for name in names & set(dir(item)):
            known.hold_attributes(item, name)
        return [known.note_attribute(item, name) for name in names & set(dir(item))]
    parts = known.note_contents(item)
    if parts is not None:
        return parts
    if not is_library_module(type(item).__module__):
        known.watch()
        _note_class(known, type(item), names)
    if names is None and not isinstance(item, Cell):
        return known.note_attributes(item)
    known.hold_attributes(item)
    own = attributes(item)
    found = [known.note_attribute(item, name) for name in (own if names is None else own.keys() & names)]
    return [value for value in found if not isinstance(value, (Cell, Tensor))] if names is None else found
