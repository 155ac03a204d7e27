"""What a graph was built for besides its arguments, and whether it still is so.

Most of what a cell is made of is looked at only after some cell has changed (`lamella.engine.cell_changes`); the rest
is looked at in every call.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from types import CellType, CodeType, FunctionType
from typing import Any, Final

import numpy as np

from lamella.engine import cell_changes
from lamella.nn.cell import Cell
from lamella_compiler.state.cells import CellState, described, with_descendants
from lamella_compiler.state.holders import attributes, contents_of, form_of, item_of
from lamella_compiler.state.journal import Journal
from lamella_compiler.state.reads import MISSING, Read
from lamella_compiler.state.values import same, same_items


class Guards:
    """Conditions under which a graph does what its function would.

    Args:
        known: what the function did with Python's state, which is again what it was before.
        cells: the cells that it called.
        since: `cell_changes.number` before the function was run.
    """

    def __init__(self, known: Journal, cells: Sequence[Cell], since: int) -> None:
        self._globals: list[tuple[dict[str, Any], str, Any]] = []
        self._closures: list[tuple[CellType, Any]] = []
        self._attributes: list[tuple[Any, str, Any]] = []
        self._items: list[tuple[Any, Any, Any]] = []
        self._contents: list[tuple[Any, Callable[[Any], bool]]] = []
        self._codes: list[tuple[FunctionType, CodeType]] = []
        self._defaults: list[tuple[FunctionType, Any, Any]] = []
        self._cell_attributes: list[tuple[Cell, str, Any]] = []
        self._cells = [CellState(cell) for cell in with_descendants(list(cells))]
        self._since = since
        for kind in {type(cell) for cell in cells}:
            self._attributes.append((kind, "construct", kind.construct))
        seen: set[tuple[str, int, Any]] = set()
        for read in known.reads:
            key = read.kind, id(read.holder), read.key
            if key not in seen:
                seen.add(key)
                self._add(read)

    def _add(self, read: Read) -> None:
        kind, holder, key, value = read
        if kind in _NOW:
            value = _NOW[kind](holder, key)
            own = getattr(holder, "__dict__", None)
            if kind == "attribute" and own is not None and not same(value, read.value):
                # The function has changed something behind it before it read it: what it is the attribute of, perhaps.
                self._items.append((own, key, own.get(key, MISSING)))
        if kind == "global":
            self._globals.append((holder, key, value))
        elif kind == "closure":
            self._closures.append((holder, value))
        elif kind == "function":
            code, defaults, named = value
            self._codes.append((holder, code))
            if defaults or named:
                self._defaults.append((holder, defaults, named))
        elif kind == "attributes":
            self._contents.append((holder, lambda now: _same_state(attributes(now), value)))
        elif kind == "attribute" and isinstance(holder, Cell) and key in vars(holder):
            self._cell_attributes.append((holder, key, value))
        elif kind == "attribute":
            self._attributes.append((holder, key, value))
        elif kind == "own" and isinstance(holder, Cell):
            self._cell_attributes.append((holder, key, value))
        elif kind == "own":
            self._items.append((vars(holder), key, value))
        elif kind == "item":
            self._items.append((holder, key, value))
        else:
            self._contents.append((holder, _contents_check(holder, value)))

    def hold(self) -> bool:
        """Whether all conditions hold; the way of every call."""
        now: Any
        for scope, name, value in self._globals:
            now = scope.get(name, MISSING)
            if now is not value and not same(now, value):
                return False
        for cell, value in self._closures:
            now = contents_of(cell)
            if now is not value and not same(now, value):
                return False
        for holder, name, value in self._attributes:
            now = getattr(holder, name, MISSING)
            if now is not value and not same(now, value):
                return False
        for function, code in self._codes:
            if function.__code__ is not code:
                return False
        for function, defaults, named in self._defaults:
            if function.__defaults__ is not defaults or function.__kwdefaults__ is not named:
                return False
        if self._contents or self._items:
            if not all(unchanged(holder) for holder, unchanged in self._contents):
                return False
            if not all(same(item_of(holder, key), value) for holder, key, value in self._items):
                return False
        return self._since == cell_changes.number or self._cells_hold()

    def _cells_hold(self) -> bool:
        number = cell_changes.number
        if any(not same(vars(c).get(name, MISSING), value) for c, name, value in self._cell_attributes):
            return False
        if any(state.broken() for state in self._cells):
            return False
        self._since = number
        return True

    def broken(self) -> str:
        """What does not hold, in words; "" if all does."""
        for scope, name, value in self._globals:
            if not same(now := scope.get(name, MISSING), value):
                return f"global {name}: {_change(value, now)}"
        for cell, value in self._closures:
            if not same(now := contents_of(cell), value):
                return f"closure variable: {_change(value, now)}"
        found = [(holder, name, value, getattr(holder, name, MISSING)) for holder, name, value in self._attributes]
        found += [(cell, name, value, vars(cell).get(name, MISSING)) for cell, name, value in self._cell_attributes]
        for holder, name, value, now in found:
            if not same(now, value):
                return f"attribute {name} of {type(holder).__name__}: {_change(value, now)}"
        for function, code in self._codes:
            if function.__code__ is not code:
                return f"function {function.__name__}: has other code"
        for function, defaults, named in self._defaults:
            if function.__defaults__ is not defaults or function.__kwdefaults__ is not named:
                return f"function {function.__name__}: has other defaults"
        for holder, unchanged in self._contents:
            if not unchanged(holder):
                return f"contents of a {type(holder).__name__}"
        for holder, key, value in self._items:
            if not same(now := item_of(holder, key), value):
                return f"item {key!r} of a {type(holder).__name__}: {_change(value, now)}"
        return next((text for state in self._cells if (text := state.broken())), "")


#: By the kind of a read: what is there now.
_NOW: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "attribute": lambda holder, name: getattr(holder, name, MISSING),
    "own": lambda holder, name: attributes(holder).get(name, MISSING),
    "global": lambda names, name: names.get(name, MISSING),
    "closure": lambda cell, _: contents_of(cell),
    "item": item_of,
}


def _change(before: Any, now: Any) -> str:
    return f"{described(before)} became {described(now)}"


def _contents_check(holder: Any, state: Any) -> Callable[[Any], bool]:
    """A check that an object still holds what it did."""
    if isinstance(holder, (list, tuple, deque)):
        return lambda now: same_items(now, state)
    if isinstance(holder, (dict, set, frozenset)):
        return lambda now: _same_state(now, state)
    form = form_of(holder)
    assert form is not None
    return lambda now: _same_state(form.take(now), state)


def _same_state(now: Any, state: Any) -> bool:
    if isinstance(state, dict):
        return same_items(now, state) and same_items(now.values(), state.values())
    if isinstance(state, np.ndarray):
        return bool(now.shape == state.shape and now.tobytes() == state.tobytes())
    if isinstance(state, (list, tuple)):
        return same_items(now, state)
    return bool(now == state)
