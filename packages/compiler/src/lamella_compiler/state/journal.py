"""What a function does with Python's state while it is built into a graph: what it reads, and what it changes.

The graph depends on what was read (`guards`). What was changed is found by comparing: each object is remembered as it
is when the function first gets at it. When the function has ended all is undone, so that the state of Python is what it
was before the call; it changes when the graph has run (`effects`), in the first call as in later ones.
"""

from __future__ import annotations

import gc
import io
from collections import deque
from collections.abc import Callable, Iterable, Mapping, MappingView, Sequence, Set
from contextvars import ContextVar
from functools import partial
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from lamella.nn.cell import Cell
from lamella.tensor import Tensor
from lamella_compiler.state.holders import (
    ATTRIBUTES,
    CLASS,
    NAMES,
    PLAIN,
    STATES,
    VARIABLE,
    Form,
    form_of,
    tensors_in,
)
from lamella_compiler.state.reads import MISSING, Read

_SIMPLE = frozenset({bool, int, float, complex, str, bytes, type(None)})


def _is_simple(value: Any) -> bool:
    """Whether an object holds no state of Python."""
    return type(value) in _SIMPLE or (isinstance(value, Tensor) and not hasattr(value, "__dict__"))


#: Methods of containers that change them without reading them, and those of them that iterate over an argument.
BLIND: Final = frozenset({"append", "appendleft", "extend", "extendleft", "add", "discard", "update", "clear"})
ITERATING: Final = frozenset({"extend", "extendleft", "update"})


class Held:
    """An object as it was when the function first got at it.

    Attributes:
        form: how it holds its state.
        holder: the object.
        before: its state then; of one with keys those that were asked for, or all.
        written: keys that the function has set, to whatever value.
        operations: methods that the function has called which change a container without reading it, with arguments.
        own: those of them whose value is the function's own from then on.
        place: the line of the user's that has put a tensor of the graph there last.
    """

    __slots__ = ("before", "form", "holder", "operations", "own", "place", "written")

    def __init__(self, form: Form, holder: Any, before: Any) -> None:
        self.form = form
        self.holder = holder
        self.before = before
        self.written: set[Any] = set()
        self.own: set[Any] = set()
        self.place: Any = None
        self.operations: list[tuple[str, tuple[Any, ...]]] = []

    def write(self, key: Any) -> None:
        """Note that the function has set a key."""
        self.written.add(key)
        self.own.add(key)


class Change(NamedTuple):
    """What the function did to an object.

    Attributes:
        held: the object.
        before: its state before; of one with keys only those that changed, with `MISSING` for one that was not there.
        after: its state after.
        operations: what makes that of any state before, if the function has not read it; None if it has.
    """

    held: Held
    before: Any
    after: Any
    operations: list[tuple[str, tuple[Any, ...]]] | None = None

    def undo(self) -> None:
        """Let the object be again as it was before."""
        self.held.form.put(self.held.holder, self.before)

    def redo(self) -> None:
        """Let the object be again as the function left it."""
        self.held.form.put(self.held.holder, self.after)

    @property
    def name(self) -> str:
        """What changed, in words."""
        form, holder = self.held.form, self.held.holder
        if form is NAMES:
            return f"the global {next(iter(self.after))}"
        if form is ATTRIBUTES or form is CLASS:
            kind = holder if form is CLASS else type(holder)
            return f"the attribute {next(iter(self.after))} of {kind.__name__}"
        return form.name.format(type(holder).__name__)


class Journal:
    """What one build reads, and what it changes.

    Attributes:
        reads: what it read, in order.
        fresh: objects that it made, by identity: what it does to them is its own affair.
        undone: what it changed, once that is undone.
        see: to be told of every object that the function gets at.
        watch: to be told when functions may run that are not transformed.
        unwatched: what the function depends on that cannot be compared, in words; "" if nothing.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all, for another attempt."""
        self.reads: list[Read] = []
        self.fresh: dict[int, Any] = {}
        self.see: Callable[[Any], None] = lambda value: None
        self.watch: Callable[[], None] = lambda: None
        self._held: dict[tuple[int, int], Held] = {}
        self._reached: dict[int, tuple[Any, list[Any]]] = {}
        self.unwatched = ""
        self._aimed: dict[int, Any] = {}
        self.undone: list[Change] = []

    # -- what is remembered --

    def hold(self, form: Form, holder: Any) -> Held:
        """Remember the state of an object, unless that has been done before."""
        key = id(form), id(holder)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = Held(form, holder, {} if form is NAMES else form.take(holder))
        return held

    def hold_name(self, names: dict[str, Any], name: str) -> Held:
        """Remember a global variable."""
        held = self.hold(NAMES, names)
        held.before.setdefault(name, names.get(name, MISSING))
        return held

    def hold_attributes(self, holder: Any, name: str | None = None) -> Held | None:
        """Remember the attributes of an object, or one of a module; None for an object that has none."""
        if isinstance(holder, ModuleType):
            return None if name is None else self.hold_name(vars(holder), name)
        if isinstance(holder, super):
            holder = getattr(holder, "__self__")  # noqa: B009 - the stubs do not know it
        if isinstance(holder, type):
            return self.hold(CLASS, holder) if name is not None else None
        if _is_simple(holder) or self.is_fresh(holder):
            return None
        if isinstance(holder, Cell):
            self._hold_cells(holder)
        return self.hold(ATTRIBUTES, holder)

    def _hold_cells(self, cell: Cell) -> None:
        """Remember a cell and all below it, which what it calls may change."""
        if (id(ATTRIBUTES), id(cell)) in self._held:
            return
        for _, found in cell.cells_and_names():
            self.hold(ATTRIBUTES, found)
            for part in vars(found).values():
                form = form_of(part)
                if form is not None and isinstance(part, dict):
                    self.hold(form, part)

    def hold_variables(self, cells: Iterable[CellType]) -> None:
        """Remember variables of functions around."""
        for cell in cells:
            self.hold(VARIABLE, cell)

    def holds(self, form: Form, holder: Any) -> bool:
        """Whether the state of an object is remembered."""
        return (id(form), id(holder)) in self._held

    def is_fresh(self, value: Any) -> bool:
        """Whether an object was made by the function, as far as that is known."""
        return id(value) in self.fresh

    def was_there(self, form: Form, holder: Any, key: Any, value: Any) -> bool:
        """Whether a value is in an object from before; else the function has put it there."""
        held = self._held.get((id(form), id(holder)))
        if held is None:
            return True
        if form is NAMES:
            return held.before.get(key, value) is value
        if form.keyed:
            return held.before.get(key, MISSING) is value if key in held.before else key not in form.take(holder)
        items = held.before.values() if isinstance(held.before, dict) else held.before
        return not isinstance(items, Iterable) or any(item is value for item in items)

    # -- what is read --

    def note(self, kind: str, holder: Any, key: Any, value: Any) -> None:
        """Add a read, if it is of what was there before the function."""
        self.see(value)
        if not self.is_fresh(holder) and not self._is_written(kind, holder, key):
            self.reads.append(Read(kind, holder, key, value))

    def _is_written(self, kind: str, holder: Any, key: Any) -> bool:
        """Whether the function has set what it reads itself."""
        form = _FORMS.get(kind) or form_of(holder)
        if kind == "attribute":
            form = NAMES if isinstance(holder, ModuleType) else CLASS if isinstance(holder, type) else ATTRIBUTES
        held = self._held.get((id(form), id(vars(holder) if isinstance(holder, ModuleType) else holder)))
        return held is not None and key in held.own

    def note_global(self, names: dict[str, Any], name: str) -> Any:
        """Note a global variable; returns its value."""
        value = self.hold_name(names, name).before[name]
        self.note("global", names, name, value)
        return value

    def note_variable(self, cell: CellType) -> Any:
        """Note a variable of a function; returns its value."""
        value = self.hold(VARIABLE, cell).before.get("", MISSING)
        self.note("closure", cell, "", value)
        return value

    def note_attribute(self, holder: Any, name: str) -> Any:
        """Note an attribute; returns its value."""
        value = getattr(holder, name, MISSING)
        self.note("attribute", holder, name, value)
        return value

    def note_attributes(self, holder: Any) -> Iterable[Any]:
        """Note all attributes of an object; returns their values."""
        held = self.hold(ATTRIBUTES, holder)
        if held.before:
            self.note("attributes", holder, None, held.before)
        return list(held.before.values())

    def note_function(self, function: FunctionType) -> None:
        """Note the code of a function, and the defaults of its parameters."""
        self.note("function", function, None, (function.__code__, function.__defaults__, function.__kwdefaults__))

    def note_contents(self, item: Any) -> list[Any] | None:
        """Note what an object from outside holds, if it is for holding others; returns these, or None."""
        if _is_simple(item) or self.is_fresh(item):
            return None
        if id(item) in self._reached:
            return self._reached[id(item)][1]
        parts = self._contents(item)
        if parts is not None:
            self._reached[id(item)] = item, parts
            for part in parts:
                self.see(part)
        return parts

    def _contents(self, item: Any) -> list[Any] | None:
        form = form_of(item)
        if form is not None:
            state = self.hold(form, item).before
            self.note("contents", item, None, state)
            if isinstance(state, dict):
                return list(state.values())
            return list(state) if isinstance(state, (list, frozenset)) else []
        if isinstance(item, (tuple, frozenset)):
            self.note("contents", item, None, item)
            return list(item)
        if isinstance(item, (MethodType, BuiltinFunctionType)):
            owner = item.__self__
            return [owner] if isinstance(owner, STATES) or _is_iterator(owner) else None
        if isinstance(item, memoryview):
            return [item.obj]
        if isinstance(item, partial):
            return [item.func, item.args, item.keywords]
        if _is_iterator(item):
            self.unwatched = self.unwatched or f"how far a {type(item).__name__} has come"
            return None
        if isinstance(item, (Mapping, Sequence, Set, MappingView)) and not isinstance(item, (*PLAIN, type)):
            held = [*self.note_attributes(item)]
            return held or [part for part in gc.get_referents(item) if not isinstance(part, type)]
        return None

    def own_parts(self, value: Any) -> list[Any]:
        """What is in a container that the function has made, and in those in it; else the very object."""
        found: list[Any] = []
        seen: set[int] = set()
        todo = [value]
        while todo:
            item = todo.pop()
            if id(item) in seen or _is_iterator(item):
                continue
            seen.add(id(item))
            if isinstance(item, (list, tuple, dict, set, frozenset, deque)) and id(item) not in self._reached:
                todo += item.values() if isinstance(item, dict) else item
            elif not isinstance(item, np.ndarray) or id(item) in self._reached:
                found.append(item)
        return found

    def aim(self, value: Any) -> None:
        """Note that a container from outside is changed, without noting what it holds."""
        form = form_of(value)
        if form is not None and not self.is_fresh(value):
            self.hold(form, value)
            self._aimed[id(value)] = value

    def operate(self, holder: Any, method: str, args: tuple[Any, ...], place: Any) -> None:
        """Note what has been done to a container, if it is from outside."""
        if id(holder) in self._aimed:
            form = form_of(holder)
            assert form is not None
            held = self.hold(form, holder)
            held.operations.append((method, args))
            held.place = place or held.place
            if method == "__setitem__" and isinstance(holder, dict):
                held.write(args[0])

    def reach(self, value: Any) -> None:
        """Note all that an object from outside holds, and that the objects in it hold."""
        seen: set[int] = set()
        todo = [value]
        while todo:
            item = todo.pop()
            if id(item) not in seen:
                seen.add(id(item))
                todo += reversed(self.note_contents(item) or ())

    # -- what changed --

    def changes(self) -> list[Change]:
        """What the function has changed so far."""
        found: list[Change] = []
        for held in self._held.values():
            now = held.form.take(held.holder)
            if held.form.keyed:
                keys = held.before if held.form is NAMES else {**held.before, **now}
                before = {key: held.before.get(key, MISSING) for key in keys}
                after = {key: now.get(key, MISSING) for key in keys}
                differing = [key for key in keys if before[key] is not after[key] or key in held.written]
                if differing:
                    found.append(
                        Change(held, {key: before[key] for key in differing}, {key: after[key] for key in differing})
                    )
            elif held.operations and id(held.holder) not in self._reached:
                found.append(Change(held, held.before, now, held.operations))
            elif not _alike(held.before, now):
                if id(held.holder) not in self._reached:  # what comes of it depends on all that it held
                    self.reach(held.holder)
                found.append(Change(held, held.before, now))
        return found

    def undo(self) -> None:
        """Let all be again as it was before the function."""
        self.undone = self.changes()
        for change in self.undone:
            change.undo()

    def redo_what_has_no_tensors(self) -> None:
        """Let all be again as the function left it, where no tensor of the graph is in it, which has no numbers."""
        for change in self.undone:
            if not change.held.form.keyed:
                if not tensors_in(change.after):
                    change.redo()
                continue
            after = {key: value for key, value in change.after.items() if not tensors_in(value)}
            change.held.form.put(change.held.holder, after)


def _is_iterator(item: Any) -> bool:
    """Whether an object is one of Python's iterators, of which it cannot be seen where they stand; no file."""
    step = getattr(type(item), "__next__", None)
    return step is not None and not isinstance(step, FunctionType) and not isinstance(item, io.IOBase)


def _alike(before: Any, now: Any) -> bool:
    """Whether two states of one object hold the very same things."""
    if isinstance(now, dict):
        return list(before) == list(now) and all(before[key] is now[key] for key in now)
    if isinstance(now, list):
        return len(before) == len(now) and all(a is b for a, b in zip(before, now, strict=True))
    if isinstance(now, frozenset):
        return set(map(id, before)) == set(map(id, now))
    if isinstance(now, np.ndarray):
        return before.shape == now.shape and before.dtype == now.dtype and before.tobytes() == now.tobytes()
    return bool(before == now)


#: By the kind of a read, how what was read is held.
_FORMS: Final = {"global": NAMES, "closure": VARIABLE, "own": ATTRIBUTES}

#: Of the build that is going on; None outside one.
journal: ContextVar[Journal | None] = ContextVar("journal", default=None)


def note(kind: str, holder: Any, key: Any, value: Any) -> None:
    """Add a read, if reads are being noted."""
    known = journal.get()
    if known is not None:
        known.note(kind, holder, key, value)
