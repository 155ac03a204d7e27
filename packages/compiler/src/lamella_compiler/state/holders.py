"""What of Python's state a function may change: the kinds of objects that hold it, and how to read and set it."""

from __future__ import annotations

import array
import enum
import gc
import pickle
import random
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import BuiltinFunctionType, CellType, FunctionType, GeneratorType, MemberDescriptorType, ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from lamella.engine import cell_changes
from lamella.nn.cell import Cell
from lamella.tensor import Tensor
from lamella.turns import is_unknown
from lamella_compiler.call.forms import HELD_AS
from lamella_compiler.state.reads import MISSING


class Form(NamedTuple):
    """How one kind of object holds state.

    Attributes:
        name: what the kind is called in errors and warnings, with a place for the type of the object.
        take: what it holds now: a dict of values by key, a list of values in order, or something that is no container.
        put: lets an object hold again what `take` has given.
        keyed: whether each key is a place of its own, which is set alone.
    """

    name: str
    take: Callable[[Any], Any]
    put: Callable[[Any, Any], None]
    keyed: bool = False


def _dict_kind(holder: Any) -> Any:
    """The class whose methods do what they do for any dict, whatever a user's class has made of them."""
    return OrderedDict if isinstance(holder, OrderedDict) else dict


def _take_dict(holder: Any) -> dict[Any, Any]:
    return dict(_dict_kind(holder).items(holder))


def _put_dict(holder: Any, items: dict[Any, Any]) -> None:
    kind = _dict_kind(holder)
    for key in [key for key in kind.keys(holder) if key not in items]:
        kind.__delitem__(holder, key)
    if list(kind.keys(holder)) != list(items)[: len(holder)]:
        kind.clear(holder)  # they would be in another order
    for key, value in items.items():
        kind.__setitem__(holder, key, value)


def _put_list(holder: Any, items: list[Any]) -> None:
    list.__setitem__(holder, slice(None), items)


def _put_deque(holder: Any, items: list[Any]) -> None:
    deque.clear(holder)
    deque.extend(holder, items)


def _put_set(holder: Any, items: frozenset[Any]) -> None:
    set.clear(holder)
    set.update(holder, items)


def _put_bytes(holder: Any, data: Any) -> None:
    holder[:] = data


def _put_array(holder: Any, data: Any) -> None:
    holder[...] = data


def _random_state(holder: np.random.RandomState) -> bytes:
    return pickle.dumps(holder.get_state(legacy=False))


def _generator_state(holder: np.random.Generator) -> bytes:
    return pickle.dumps(holder.bit_generator.state)


def _put_generator_state(holder: np.random.Generator, state: bytes) -> None:
    holder.bit_generator.state = pickle.loads(state)


def _context_value(holder: ContextVar[Any]) -> list[Any]:
    try:
        return [holder.get()]
    except LookupError:  # it has no value
        return []


def _put_context_value(holder: ContextVar[Any], values: list[Any]) -> None:
    if values:  # once it has one, it cannot be without
        holder.set(values[0])


def slots(kind: type) -> Iterator[tuple[str, Any]]:
    """The attributes that objects of a class hold outside their dict, with their descriptors."""
    for owner in kind.__mro__:
        if "__slots__" in vars(owner) and not issubclass(owner, Tensor):  # of a tensor, graphs keep account themselves
            for name, found in vars(owner).items():
                if isinstance(found, MemberDescriptorType):
                    yield name, found


def attributes(holder: Any) -> dict[str, Any]:
    """An object's own attributes."""
    found = {name: value for name, value in getattr(holder, "__dict__", {}).items() if name != HELD_AS}
    for name, descriptor in slots(type(holder)):
        try:
            found[name] = descriptor.__get__(holder)
        except AttributeError:  # it has no value
            continue
    return found


def _put_attributes(holder: Any, values: dict[str, Any]) -> None:
    state = getattr(holder, "__dict__", {})
    descriptors = dict(slots(type(holder)))
    for name, value in values.items():
        if name not in descriptors:
            if value is MISSING:
                state.pop(name, None)
            else:
                state[name] = value
        elif value is not MISSING:
            descriptors[name].__set__(holder, value)
        elif name in attributes(holder):
            descriptors[name].__delete__(holder)
    if isinstance(holder, (Cell, Tensor)):
        cell_changes.advance()


def _put_class(holder: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if value is not MISSING:
            type.__setattr__(holder, name, value)
        elif name in vars(holder):
            type.__delattr__(holder, name)


def _put_names(holder: dict[str, Any], values: dict[str, Any]) -> None:
    for name, value in values.items():
        if value is MISSING:
            holder.pop(name, None)
        else:
            holder[name] = value


def contents_of(cell: CellType) -> Any:
    """The value of a closure variable, or `MISSING`."""
    try:
        return cell.cell_contents
    except ValueError:  # it has none
        return MISSING


_GETS: Final = frozenset({dict.__getitem__, OrderedDict.__getitem__, defaultdict.__getitem__})


def item_of(holder: Any, key: Any) -> Any:
    """An item of a container, or `MISSING`."""
    kind = type(holder)
    if kind is dict:
        return holder.get(key, MISSING)
    if kind.__getitem__ in _GETS:  # a `defaultdict` would make one
        return dict.get(holder, key, MISSING)
    try:
        return holder[key]
    except (LookupError, TypeError):
        return MISSING


def _put_variable(holder: CellType, values: dict[str, Any]) -> None:
    for value in values.values():
        if value is not MISSING:
            holder.cell_contents = value
        elif contents_of(holder) is not MISSING:
            del holder.cell_contents


def _take_variable(cell: CellType) -> dict[str, Any]:
    value = contents_of(cell)
    return {} if value is MISSING else {"": value}


ATTRIBUTES: Final = Form("attributes of a {}", attributes, _put_attributes, True)
CLASS: Final = Form("attributes of a class", lambda kind: dict(vars(kind)), _put_class, True)
NAMES: Final = Form("global variables", dict, _put_names, True)
VARIABLE: Final = Form("a closure variable", _take_variable, _put_variable, True)

#: Containers, and other objects with contents, by their class.
CONTENTS: Final[dict[type, Form]] = {
    dict: Form("the contents of a {}", _take_dict, _put_dict),
    list: Form("the contents of a {}", lambda holder: list(list.__iter__(holder)), _put_list),
    deque: Form("the contents of a {}", lambda holder: list(deque.__iter__(holder)), _put_deque),
    set: Form("the contents of a {}", frozenset, _put_set),
    bytearray: Form("the contents of a {}", bytes, _put_bytes),
    array.array: Form("the contents of a {}", lambda holder: holder[:], _put_bytes),
    np.ndarray: Form("the contents of a {}", np.copy, _put_array),
    random.Random: Form("the state of a {}", random.Random.getstate, random.Random.setstate),
    np.random.RandomState: Form("the state of a {}", _random_state, lambda h, v: h.set_state(pickle.loads(v))),
    ContextVar: Form("the value of a {}", _context_value, _put_context_value),
    np.random.Generator: Form("the state of a {}", _generator_state, _put_generator_state),
}

#: Those of these whose contents are a state, which their methods read.
STATES: Final = (random.Random, np.random.RandomState, np.random.Generator, ContextVar)


def form_of(value: Any) -> Form | None:
    """How an object holds its contents; None for one that has none."""
    found = CONTENTS.get(type(value))
    if found is None:
        found = next((form for kind, form in CONTENTS.items() if isinstance(value, kind)), None)
    return found


def is_made_plainly(kind: type) -> bool:
    """Whether an object of a class is new whenever one is made, and holds nothing but attributes."""
    new: Any = kind.__new__
    return new is object.__new__


# -- tensors of a graph in them --

#: Objects that hold nothing of this sort.
PLAIN: Final = (int, float, complex, str, bytes, range, slice, enum.Enum, type(None), type(MISSING))
CODE: Final = (BuiltinFunctionType, ModuleType, type, property, classmethod, staticmethod)

_MOST_OBJECTS = 100_000


def is_computed(value: Any) -> bool:
    """Whether a value is a tensor of a graph that is being built: it has no numbers yet."""
    return isinstance(value, Tensor) and is_unknown(value._value)


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors of a graph that is being built which an object holds, in whatever way."""
    found: list[Tensor] = []
    seen: dict[int, Any] = {}
    todo = [value]
    while todo and len(seen) < _MOST_OBJECTS:
        item = todo.pop()
        if id(item) in seen or isinstance(item, (*PLAIN, *CODE)):
            continue
        seen[id(item)] = item
        if isinstance(item, Tensor):
            if is_computed(item):
                found.append(item)
        elif isinstance(item, FunctionType):
            todo += [item.__closure__, item.__defaults__, item.__kwdefaults__]
        elif isinstance(item, GeneratorType):
            todo += [] if item.gi_frame is None else item.gi_frame.f_locals.values()
        else:
            todo += [*gc.get_referents(item), *attributes(item).values()]
    return found
