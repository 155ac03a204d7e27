"""Calls: of users' functions in their transformed form, of builtins in a form that also takes what graphs compute."""

from __future__ import annotations

import builtins
import functools
import os
import sys
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from inspect import getattr_static
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final

from lamella import Tensor, ops
from lamella.dims import Dim
from lamella.dtypes import float64, int64
from lamella.engine.conversion import converted
from lamella.engine.stack import current
from lamella.nn.cell import Cell
from lamella_compiler.frontend.errors import here
from lamella_compiler.frontend.origin import is_lamella, is_library_module, is_transformed, is_users, module_of
from lamella_compiler.frontend.runtime.conditions import all_, any_, choose, is_dynamic, truth
from lamella_compiler.frontend.runtime.number import Number, number, prims_tensor
from lamella_compiler.frontend.runtime.objects import del_attr, get_attr, has_attr, know_outside, set_attr
from lamella_compiler.frontend.runtime.regions import CONTAINERS, inside, made
from lamella_compiler.frontend.runtime.series import Counted, Range, Reversed, Series, Zipped, series_of
from lamella_compiler.frontend.runtime.text import print_, text_of
from lamella_compiler.frontend.watching import explore
from lamella_compiler.state.holders import is_computed, is_made_plainly
from lamella_compiler.state.journal import BLIND, ITERATING, Journal, journal

__for_users__ = True  # what is called here, a user's code calls


def call(fn: Any) -> Any:
    """What to call in place of `fn`."""
    known = journal.get()
    if isinstance(fn, BuiltinFunctionType) and isinstance(fn.__self__, CONTAINERS):
        return _changing(known, fn) if known is not None and fn.__name__ in BLIND else fn
    if isinstance(fn, (BuiltinFunctionType, type, FunctionType)) and fn in _BUILTINS:
        function = _BUILTINS[fn]
    elif isinstance(fn, type):
        function = _maker(fn) if inside() or known is not None else fn
    else:
        function = converted(fn)
    return function if known is None or not _is_librarys(fn, function) else _library(known, fn, function)


def _changing(known: Journal, method: Any) -> Callable[..., Any]:
    """A method of a container that changes it without reading it."""
    holder, name = method.__self__, method.__name__

    def change(*args: Any, **kwargs: Any) -> Any:
        if name in ITERATING:  # once
            args = tuple(list(arg) if isinstance(arg, (Iterator, Tensor)) else arg for arg in args)
        if kwargs:
            known.reach(holder)
        result = method(*args, **kwargs)
        known.operate(holder, name, args, here() if any(map(is_computed, args)) else None)
        return result

    return change


def _is_librarys(fn: Any, function: Any) -> bool:
    """Whether code runs that does not note what it reads."""
    if isinstance(fn, Cell) or is_lamella(module_of(fn)):
        return False
    if isinstance(fn, MethodType) and isinstance(fn.__self__, Tensor) and is_lamella(module_of(fn.__func__)):
        return False  # what a tensor's methods compute depends on its value alone
    if isinstance(fn, (type, BuiltinFunctionType)):
        return fn not in _HARMLESS and is_library_module(module_of(fn) or "builtins")
    code = getattr(getattr(fn, "__func__", fn), "__code__", None)
    return function is fn and not (code is not None and is_transformed(code))


#: They read nothing of their arguments but what they are.
_HARMLESS: Final = frozenset(
    {callable, id, isinstance, issubclass, type, getattr, hasattr, setattr, delattr, range, print}
)


def _library(known: Journal, fn: Any, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a library, which may read all that its arguments hold."""
    if isinstance(fn, FunctionType) and (fn.__closure__ or is_users(fn)):
        known.watch()  # it may call functions that it was given

    def call(*args: Any, **kwargs: Any) -> Any:
        for value in (fn, *args, *kwargs.values()):
            explore(known, value)
        result = function(*args, **kwargs)
        if sys.getrefcount(result) <= 2:  # nothing else has it: it is new
            known.fresh[id(result)] = result
        return result

    return call


#: Classes whose objects are new whenever one is made have their `__new__` from one of these.
_MAKES_NEW: Final[frozenset[Any]] = frozenset(
    kind.__new__ for kind in (object, list, dict, set, deque, bytearray, array)
)


def _maker(kind: type) -> Callable[..., Any]:
    """A class whose objects count as made by the function; its `__init__` runs in its transformed form."""

    def make(*args: Any, **kwargs: Any) -> Any:
        if type(kind).__call__ is not type.__call__ or kind.__new__ not in _MAKES_NEW:
            value = kind(*args, **kwargs)
            made(value)
            return value
        start: Any = getattr_static(kind, "__init__")
        ours = isinstance(start, FunctionType) and is_made_plainly(kind)
        value = kind.__new__(kind, *args, **kwargs) if ours else kind(*args, **kwargs)
        made(value)
        known = journal.get()
        if known is not None:
            known.fresh[id(value)] = value
            known.see(value)
        if ours:
            converted(start)(value, *args, **kwargs)
        return value

    return make


def watch() -> None:
    """Called before code runs that is not transformed."""
    known = journal.get()
    if known is not None:
        known.watch()


def looked_at(value: Any) -> Any:
    """An object, whose attributes Python looks at itself."""
    known = journal.get()
    if known is not None:
        explore(known, value)
    return value


# -- builtins --


def _range(*bounds: Any) -> Any:
    unknown = current().builds and any(isinstance(bound, (Tensor, Dim)) for bound in bounds)
    return Range(*bounds) if unknown else builtins.range(*bounds)


def _enumerate(items: Any, start: Any = 0) -> Any:
    series = None if isinstance(items, range) else series_of(items)
    return builtins.enumerate(items, start) if series is None else Counted(series, start)


def _zip(*items: Any, strict: bool = False) -> Any:
    series = [series_of(part) for part in items]
    if any(isinstance(part, (Tensor, Series)) for part in items) and all(s is not None for s in series):
        zipped = Zipped([s for s in series if s is not None])
        if strict and any(part.count is not zipped.count and part.count != zipped.count for part in zipped.parts):
            raise ValueError("zip() arguments have lengths that differ, or that are not known to be equal")
        return zipped
    return builtins.zip(*items, strict=strict)


def _reversed(items: Any) -> Any:
    series = None if isinstance(items, range) else series_of(items)
    return builtins.reversed(items) if series is None else Reversed(series)


def _int(*args: Any, **kwargs: Any) -> Any:
    if len(args) == 1 and isinstance(args[0], Number):
        value = args[0]
        whole = value if value._number_kind is not float else ops.trunc(prims_tensor(value, float64))
        return number(prims_tensor(whole, int64), int)
    return int(*args, **kwargs)


def _float(*args: Any) -> Any:
    return number(args[0], float) if args and isinstance(args[0], Number) else float(*args)


def _bool(*args: Any) -> Any:
    return number(truth(args[0]), bool) if args and isinstance(args[0], Number) else bool(*args)


def _round(value: Any, digits: Any = None) -> Any:
    if isinstance(value, Number) and digits is None:
        return number(prims_tensor(ops.round(prims_tensor(value, float64)), int64), int)
    return round(value, digits) if digits is not None else round(value)


def _isinstance(value: Any, kinds: Any) -> bool:
    if isinstance(value, Dim):
        return isinstance(0, kinds)
    return isinstance(value._number_kind(), kinds) if isinstance(value, Number) else isinstance(value, kinds)


def _extreme(builtin: Callable[..., Any], wins: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def extreme(*args: Any, **options: Any) -> Any:
        items = list(args[0]) if len(args) == 1 else list(args)
        if options or not any(map(is_dynamic, items)):
            return builtin(items, **{name: _key(o) if name == "key" else o for name, o in options.items()})
        best = items[0]
        for item in items[1:]:
            best = choose(wins(item, best), lambda item=item: item, lambda best=best: best)
        return best

    return extreme


def _folded(builtin: Callable[..., Any], combine: Callable[..., Any]) -> Callable[..., Any]:
    def folded(items: Iterable[Any]) -> Any:
        listed = list(items)
        if not any(map(is_dynamic, listed)):
            return builtin(listed)
        value = listed[0]
        for item in listed[1:]:
            value = combine(value, lambda item=item: item)
        return value if len(listed) > 1 else truth(value)

    return folded


def _key(fn: Any) -> Any:
    """A function that a builtin is given, or None."""
    return fn if fn is None else converted(fn)


def _higher_order(builtin: Callable[..., Any]) -> Callable[..., Any]:
    return lambda fn, *items: builtin(_key(fn), *items)


def _sorted(items: Iterable[Any], *, key: Any = None, reverse: bool = False) -> list[Any]:
    return sorted(items, key=_key(key), reverse=reverse)


def _getenv(*args: Any, **kwargs: Any) -> Any:
    know_outside(os.environ)
    return os.getenv(*args, **kwargs)


#: By the builtin: what is called in its place.
_BUILTINS: Final[dict[Any, Callable[..., Any]]] = {
    all: _folded(all, all_),
    any: _folded(any, any_),
    bool: _bool,
    delattr: del_attr,
    divmod: lambda x, y: (x // y, x % y) if isinstance(x, Number) or isinstance(y, Number) else divmod(x, y),
    enumerate: _enumerate,
    filter: _higher_order(filter),
    float: _float,
    functools.reduce: _higher_order(functools.reduce),
    getattr: get_attr,
    hasattr: has_attr,
    int: _int,
    isinstance: _isinstance,
    os.getenv: _getenv,
    map: _higher_order(map),
    max: _extreme(max, lambda item, best: item > best),
    min: _extreme(min, lambda item, best: item < best),
    print: print_,
    range: _range,
    reversed: _reversed,
    round: _round,
    setattr: set_attr,
    sorted: _sorted,
    str: lambda *args: text_of(args[0]) if len(args) == 1 else str(*args),
    zip: _zip,
}
