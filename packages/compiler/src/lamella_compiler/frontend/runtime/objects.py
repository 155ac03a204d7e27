"""Attributes, items and names: read as Python reads them, noted for who wants to know what a graph depends on."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from lamella import Tensor
from lamella.engine.conversion import converted
from lamella_compiler.frontend.errors import compile_error, here
from lamella_compiler.frontend.origin import is_library_module
from lamella_compiler.frontend.runtime.regions import CONTAINERS, inside, is_fresh, know
from lamella_compiler.frontend.runtime.values import same
from lamella_compiler.frontend.runtime.variables import UNBOUND
from lamella_compiler.state.holders import ATTRIBUTES, form_of, is_computed
from lamella_compiler.state.journal import journal, note
from lamella_compiler.state.reads import MISSING

__for_users__ = True  # what is compared or looked up here, a user's code asks for

_CODE = (FunctionType, BuiltinFunctionType, MethodType, type, ModuleType, property, classmethod, staticmethod)
_READABLE_BY_KEY = (list, tuple, dict, deque)


def attr(holder: Any, name: str) -> Any:
    """`holder.name`."""
    value = attr_part(holder, name)
    if not isinstance(holder, Tensor):
        know(value, holder)
        known = journal.get()
        if known is not None and not known.is_fresh(holder) and known.was_there(ATTRIBUTES, holder, name, value):
            known.reach(value)
    return value


def attr_part(holder: Any, name: str) -> Any:
    """`holder.name`, of which, if it is a container, only a part is read."""
    known = journal.get()
    if isinstance(holder, Tensor):
        value = getattr(holder, name)
        own = known is not None and getattr(holder, "__dict__", {})
        if own and (name in own or f"_{name}" in own):  # a setting of a parameter
            note("attribute", holder, name, value)
        return value
    if known is not None:
        of_library = isinstance(holder, type) and is_library_module(holder.__module__)
        known.hold_attributes(holder, None if of_library or isinstance(holder, ModuleType) else name)
    user = _property(holder, name)
    if user is not None:
        _note_code(holder, name)
        return user(holder)
    value = getattr(holder, name)
    if known is not None and _is_users(holder) and not known.is_fresh(holder):
        if not isinstance(value, _CODE) or _holds(holder, name, value):
            note("attribute", holder, name, value)
        else:
            _note_code(holder, name)
    return value


def _holds(holder: Any, name: str, value: Any) -> bool:
    """Whether an attribute is the holder's own, not its class's."""
    return getattr(holder, "__dict__", {}).get(name) is value


def _note_code(holder: Any, name: str) -> None:
    """Note a method or property that a user wrote, as an attribute of its class and as none of the object's own."""
    above = isinstance(holder, super)
    kinds = (holder.__self_class__ if above else holder if isinstance(holder, type) else type(holder)).__mro__
    if above:
        kinds = kinds[kinds.index(holder.__thisclass__) + 1 :]
    owner = next((kind for kind in kinds if name in vars(kind)), None)
    if owner is None or is_library_module(owner.__module__):
        return
    asked = owner if above else kinds[0]
    note("attribute", asked, name, getattr(asked, name))
    if not above and not isinstance(holder, type) and hasattr(holder, "__dict__"):
        note("own", holder, name, MISSING)


def _property(holder: Any, name: str, what: str = "fget") -> Callable[..., Any] | None:
    """A function of a property that a user wrote, in the form to call."""
    for owner in type(holder).__mro__:
        found = vars(owner).get(name)
        if found is not None:
            function = getattr(found, what) if isinstance(found, property) else None
            return converted(function) if isinstance(function, FunctionType) else None
    return None


def _is_users(holder: Any) -> bool:
    if isinstance(holder, ModuleType):
        return not is_library_module(holder.__name__)
    return not isinstance(holder, (*_READABLE_BY_KEY, set, frozenset, str, bytes, int, float))


def get_attr(holder: Any, name: str, *default: Any) -> Any:
    """`getattr(holder, name[, default])`."""
    try:
        return attr(holder, name)
    except AttributeError:
        if not isinstance(holder, Tensor):
            note("attribute", holder, name, MISSING)
        if default:
            return default[0]
        raise


def has_attr(holder: Any, name: str) -> bool:
    """`hasattr(holder, name)`."""
    return get_attr(holder, name, MISSING) is not MISSING


def item(holder: Any, key: Any) -> Any:
    """`holder[key]`."""
    if isinstance(holder, Tensor):
        return holder[key]
    method = getattr(type(holder), "__getitem__", None)
    return converted(method)(holder, key) if isinstance(method, FunctionType) else holder[key]


def item_of(part: Any, key: Any) -> Any:
    """`holder[key]`, of a holder that was read from outside; the value may be a container from outside again."""
    value = item_part(part, key)
    form = form_of(part)
    known = journal.get()
    know(value)
    if known is not None and (form is None or known.was_there(form, part, key, value)):
        known.reach(value)
    return value


def item_part(holder: Any, key: Any) -> Any:
    """As `item_of`, where of the value too only an item is read."""
    known = journal.get()
    form = form_of(holder)
    if known is not None and not isinstance(holder, (str, bytes)):
        if isinstance(holder, _READABLE_BY_KEY) and not isinstance(key, slice):
            if form is not None:
                known.hold(form, holder)
        else:
            known.reach(holder)
    value = item(holder, key)
    if isinstance(holder, _READABLE_BY_KEY) and not isinstance(key, slice):
        note("item", holder, key, value)
    return value


def attr_target(holder: Any, name: str) -> Any:
    """`holder.name`, of a container that is changed without being read."""
    if inside():
        return attr(holder, name)
    value = attr_part(holder, name)
    known = journal.get()
    if known is not None and not known.is_fresh(holder) and known.was_there(ATTRIBUTES, holder, name, value):
        known.aim(value)
    return value


def item_target(holder: Any, key: Any) -> Any:
    """`holder[key]`, of a container that is changed without being read."""
    if inside():
        return item_of(holder, key)
    value = item_part(holder, key)
    known = journal.get()
    form = form_of(holder)
    if known is not None and (form is None or known.was_there(form, holder, key, value)):
        known.aim(value)
    return value


def outside(value: Any) -> Any:
    """A container that is from outside for certain, such as `globals()`."""
    know_outside(value)
    return value


def outside_part(value: Any) -> Any:
    """As `outside`, of which only a part is read."""
    return value


def know_outside(value: Any) -> None:
    """Note all that a container from outside holds: from now on anything in it may decide."""
    know(value)
    known = journal.get()
    if known is not None:
        known.reach(value)


def note_defaults(fn: FunctionType) -> None:
    """Note a function's code, and the defaults of its parameters."""
    known = journal.get()
    if known is not None:
        known.note_function(fn)
    for name, value in (fn.__kwdefaults__ or {}).items():
        note("item", fn.__kwdefaults__, name, value)
    for value in (*(fn.__defaults__ or ()), *(fn.__kwdefaults__ or {}).values()):
        know_outside(value)


# -- changes --


def store_attr(value: Any, holder: Any, name: str) -> None:
    """`holder.name = value`, in Python's order."""
    set_attr(holder, name, value)


def set_attr(holder: Any, name: str, value: Any) -> None:
    """`setattr(holder, name, value)`."""
    if not inside() or is_fresh(holder):
        known = journal.get()
        held = None if known is None else known.hold_attributes(holder, name)
        setter = _property(holder, name, "fset")
        if setter is not None:
            _note_code(holder, name)
            setter(holder, value)
            return
        setattr(holder, name, value)
        if held is not None:
            held.write(name)
            held.place = here() if is_computed(value) else held.place
        return
    before = getattr(holder, name, UNBOUND)
    setattr(holder, name, value)
    after = getattr(holder, name, UNBOUND)
    if same(before, after):
        return
    if before is UNBOUND:
        delattr(holder, name)
    else:
        setattr(holder, name, before)
    raise _refused(f"the attribute `{name}` of a {type(holder).__name__} is assigned")


def _refused(what: str) -> Exception:
    return compile_error(
        f"{what} where it depends on a tensor whether, or how often, that happens; a graph that runs cannot change "
        "objects of Python.",
        "Keep the value in a variable and assign it after the `if` or the loop, or make it a Parameter or Tensor and "
        "change that in place.",
    )


def del_attr(holder: Any, name: str) -> None:
    """`del holder.name`."""
    if inside() and not is_fresh(holder):
        raise _refused(f"the attribute `{name}` of a {type(holder).__name__} is deleted")
    known = journal.get()
    held = None if known is None else known.hold_attributes(holder, name)
    delattr(holder, name)
    if held is not None:
        held.write(name)


def store_item(value: Any, holder: Any, key: Any) -> None:
    """`holder[key] = value`, in Python's order."""
    method = getattr(type(holder), "__setitem__", None)
    if isinstance(method, FunctionType) and not isinstance(holder, Tensor):
        converted(method)(holder, key, value)
        return
    _refuse_items(holder)
    holder[key] = value
    known = journal.get()
    if known is not None:
        known.operate(holder, "__setitem__", (key, value), here() if is_computed(value) else None)


def _refuse_items(holder: Any) -> None:
    """Refuse to change the items of what is neither a tensor nor a container, where a tensor decides."""
    if inside() and not isinstance(holder, (Tensor, *CONTAINERS)) and not is_fresh(holder):
        raise _refused(f"an item of a {type(holder).__name__} is changed")


def del_item(holder: Any, key: Any) -> None:
    """`del holder[key]`."""
    _refuse_items(holder)
    del holder[key]


def in_place(sign: str, old: Any, value: Any) -> Any:
    """`old += value`, by the name of the operator: the value that the variable gets."""
    result = getattr(operator, sign)(old, value)
    if result is old:
        _refuse_items(old)
    return result


def change_attr(holder: Any, name: str, sign: str, value: Callable[[], Any]) -> None:
    """`holder.name += value()`."""
    set_attr(holder, name, in_place(sign, attr(holder, name), value()))


def change_item(holder: Any, key: Any, sign: str, value: Callable[[], Any]) -> None:
    """`holder[key] += value()`."""
    store_item(in_place(sign, item(holder, key), value()), holder, key)
