"""What transformed code calls: each function does what Python would, or builds the graph that does it at run time."""

from __future__ import annotations

import builtins
from types import CellType, FunctionType
from typing import Any

from lamella_compiler.frontend.runtime import calls, conditions, errors, loops, objects, text
from lamella_compiler.frontend.runtime.regions import changes_global, inside, know
from lamella_compiler.frontend.runtime.variables import Global, cells, outside_cells
from lamella_compiler.state.holders import NAMES, VARIABLE
from lamella_compiler.state.journal import journal, note


class Runtime:
    """The runtime as one function sees it, under the name `lamella_`.

    Args:
        fn: the function before it was transformed.
    """

    def __init__(self, fn: FunctionType) -> None:
        self._names = fn.__globals__
        self._cells: dict[str, CellType] = cells(fn)
        outside_cells.get({}).update((id(cell), cell) for cell in self._cells.values())
        known = journal.get()
        if known is not None:
            known.hold_variables(self._cells.values())

    def global_(self, name: str, value: Any) -> Any:
        """A name of the module, whose value is `value`."""
        know(self.global_part(name, value))
        known = journal.get()
        if known is not None and known.was_there(NAMES, self._names, name, value):
            known.reach(value)
        return value

    def global_part(self, name: str, value: Any) -> Any:
        """As `global_`, where of a container only a part is read."""
        note("global", self._names, name, value)
        return value

    def changes(self, name: str) -> None:
        """Called before a name of the module gets another value."""
        changes_global(Global(name, self._names))
        known = journal.get()
        if known is not None:
            known.hold_name(self._names, name).written.add(name)

    def changes_variable(self, name: str) -> None:
        """Called before a variable of a function around this one gets another value."""
        known = journal.get()
        if known is not None:
            known.hold(VARIABLE, self._cells[name]).written.add("")

    def closure(self, name: str, value: Any) -> Any:
        """A variable of a function around this one, whose value is `value`."""
        know(self.closure_part(name, value))
        known = journal.get()
        if known is not None and known.was_there(VARIABLE, self._cells[name], "", value):
            known.reach(value)
        return value

    def closure_part(self, name: str, value: Any) -> Any:
        """As `closure`, where of a container only a part is read."""
        note("closure", self._cells[name], "", value)
        return value

    def global_target(self, name: str, value: Any) -> Any:
        """As `global_`, of a container that is changed without being read."""
        if inside():
            return self.global_(name, value)
        known = journal.get()
        if known is not None and known.was_there(NAMES, self._names, name, value):
            known.aim(value)
        return self.global_part(name, value)

    def closure_target(self, name: str, value: Any) -> Any:
        """As `closure`, of a container that is changed without being read."""
        if inside():
            return self.closure(name, value)
        known = journal.get()
        if known is not None and known.was_there(VARIABLE, self._cells[name], "", value):
            known.aim(value)
        return self.closure_part(name, value)

    attr_target = staticmethod(objects.attr_target)
    item_of_target = staticmethod(objects.item_target)
    outside = staticmethod(objects.outside)
    outside_part = staticmethod(objects.outside_part)
    slice = staticmethod(builtins.slice)

    if_ = staticmethod(conditions.if_)
    guard = staticmethod(conditions.guard)
    result = staticmethod(conditions.result)
    choose = staticmethod(conditions.choose)
    and_ = staticmethod(conditions.and_)
    or_ = staticmethod(conditions.or_)
    all_ = staticmethod(conditions.all_)
    any_ = staticmethod(conditions.any_)
    not_ = staticmethod(conditions.not_)
    chain = staticmethod(conditions.chain)
    chain_all = staticmethod(conditions.chain_all)
    contains = staticmethod(conditions.contains)

    while_ = staticmethod(loops.while_)
    for_ = staticmethod(loops.for_)

    call = staticmethod(calls.call)
    watch = staticmethod(calls.watch)
    looked_at = staticmethod(calls.looked_at)

    attr = staticmethod(objects.attr)
    attr_part = staticmethod(objects.attr_part)
    item = staticmethod(objects.item)
    item_of = staticmethod(objects.item_of)
    item_part = staticmethod(objects.item_part)
    store_attr = staticmethod(objects.store_attr)
    del_attr = staticmethod(objects.del_attr)
    store_item = staticmethod(objects.store_item)
    del_item = staticmethod(objects.del_item)
    in_place = staticmethod(objects.in_place)
    change_attr = staticmethod(objects.change_attr)
    change_item = staticmethod(objects.change_item)
    raised = staticmethod(errors.raised)
    caught = staticmethod(errors.caught)

    shown = staticmethod(text.shown)
    f_string = staticmethod(text.f_string)
    assert_ = staticmethod(text.assert_)
