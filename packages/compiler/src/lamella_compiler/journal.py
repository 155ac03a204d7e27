"""What a function does with Python's state while it is built into a graph: what it reads, and what it changes.

The graph depends on what was read (`guards`). What was changed is found by comparing: each object is remembered as it
is when the function first gets at it. When the function has ended all is undone, so that the state of Python is what it
was before the call; it changes when the graph has run (`effects`), in the first call as in later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from types import CellType, ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

from lamella.nn.cell import Cell
from lamella.tensor import Tensor
from lamella_compiler.holders import (
    ATTRIBUTES,
    CLASS,
    NAMES,
    VARIABLE,
    Form,
    attributes,
    contents_of,
    form_of,
    is_computed,
    item_of,
    tensors_in,
)
from lamella_compiler.reads import MISSING, Read
from lamella_compiler.values import same

_SIMPLE = frozenset({bool, int, float, complex, str, bytes, type(None)})


def _is_simple(value: Any) -> bool:
    """Whether an object holds no state of Python."""
    return type(value) in _SIMPLE or (isinstance(value, Tensor) and not hasattr(value, "__dict__"))


class Held:
    """An object as it was when the function first got at it.

    Attributes:
        form: how it holds its state.
        holder: the object.
        before: its state then; of one with keys those that were asked for, or all.
        written: keys that the function has set, to whatever value.
    """

    __slots__ = ("before", "form", "holder", "written")

    def __init__(self, form: Form, holder: Any, before: Any) -> None:
        self.form = form
        self.holder = holder
        self.before = before
        self.written: set[Any] = set()


class Change(NamedTuple):
    """What the function did to an object.

    Attributes:
        held: the object.
        before: its state before; of one with keys only those that changed, with `MISSING` for one that was not there.
        after: its state after.
    """

    held: Held
    before: Any
    after: Any

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
    """

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self.fresh: dict[int, Any] = {}
        self._held: dict[tuple[int, int], Held] = {}
        self._reached: dict[int, Any] = {}
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
            holder = holder.__self__
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

    def reach(self, value: Any) -> None:
        """Note all that an object from outside holds, and that the objects in it hold."""
        todo = [value]
        while todo:
            item = todo.pop()
            if id(item) in self._reached or _is_simple(item) or self.is_fresh(item):
                continue
            form = form_of(item)
            if form is not None:
                self._reached[id(item)] = item
                held = self.hold(form, item)
                self.reads.append(Read("contents", item, None, held.before))
                parts: Any = held.before
            elif isinstance(item, (tuple, frozenset)):
                self._reached[id(item)] = item
                self.reads.append(Read("contents", item, None, item))
                parts = item
            else:
                continue
            if isinstance(parts, (dict, list, tuple, frozenset)) and form_is_container(item):
                todo += reversed(list(parts.values() if isinstance(parts, dict) else parts))

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
            elif not _alike(held.before, now):
                found.append(Change(held, held.before, now))
        return found

    def undo(self) -> None:
        """Let all be again as it was before the function."""
        self.undone = self.changes()
        for change in self.undone:
            change.undo()

    def wrote(self, read: Read) -> bool:
        """Whether the function read what it had written itself, once all is undone."""
        kind, holder, key, value = read
        if kind == "contents":  # the state before is noted
            return False
        if is_computed(value):
            return True
        if same(_NOW[kind](holder, key), value):
            return False
        if kind == "item":
            return any(change.held.holder is holder for change in self.undone)
        name = "" if kind == "closure" else key
        return any(change.held.form.keyed and name in change.after for change in self.undone)

    def redo_what_has_no_tensors(self) -> None:
        """Let all be again as the function left it, where no tensor of the graph is in it, which has no numbers."""
        for change in self.undone:
            if not change.held.form.keyed:
                if not tensors_in(change.after):
                    change.redo()
                continue
            after = {key: value for key, value in change.after.items() if not tensors_in(value)}
            change.held.form.put(change.held.holder, after)


def form_is_container(item: Any) -> bool:
    """Whether what an object holds are other objects."""
    return not isinstance(item, (bytearray, np.ndarray)) or (isinstance(item, np.ndarray) and item.dtype.hasobject)


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


#: By the kind of a read: what is there now.
_NOW: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "attribute": lambda holder, name: getattr(holder, name, MISSING),
    "own": lambda holder, name: attributes(holder).get(name, MISSING),
    "global": lambda names, name: names.get(name, MISSING),
    "closure": lambda cell, _: contents_of(cell),
    "item": item_of,
}

#: Of the build that is going on; None outside one.
journal: ContextVar[Journal | None] = ContextVar("journal", default=None)


def note(kind: str, holder: Any, key: Any, value: Any) -> None:
    """Add a read, if somebody wants to know."""
    known = journal.get()
    if known is not None and not known.is_fresh(holder):
        known.reads.append(Read(kind, holder, key, value))
