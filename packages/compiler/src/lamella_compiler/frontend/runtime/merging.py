"""Both branches of a condition on a tensor, traced, and what they leave made alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from lamella import Tensor
from lamella.ops.functions.control import branches
from lamella_compiler.frontend.errors import Place, compile_error, here
from lamella_compiler.frontend.jumps import RESULT, RETURNED, SKIP
from lamella_compiler.frontend.runtime.errors import explained
from lamella_compiler.frontend.runtime.regions import Contents, region
from lamella_compiler.frontend.runtime.values import Form, Tree, UnlikeError, common, is_from_outside, put_together
from lamella_compiler.frontend.runtime.variables import (
    UNBOUND,
    Body,
    Global,
    Variable,
    explain_unbound,
)

_Place: TypeAlias = "Variable | Global | Contents"


class _Outcome(NamedTuple):
    """What a branch leaves.

    Attributes:
        result: what it returned.
        left: the variables and containers that it changed, by identity, with what they are after it.
        shared: identities of tensors in these that were there before it.
        skips: whether it jumped over what follows.
    """

    result: Tree
    left: dict[Any, tuple[_Place, Tree]]
    shared: set[int]
    skips: bool


class _Slot(NamedTuple):
    """A value that both branches leave, how the graph carries it, and where it goes."""

    sides: tuple[Tree, Tree]
    forms: list[Form]
    set: Callable[[Any], None]


def merged(
    pred: Tensor,
    then: Body,
    orelse: Body | None,
    places: Sequence[Variable],
    live: Sequence[str],
    seen: Sequence[Body] = (),
) -> Any:
    """Trace two branches as a `cond`, merge what they leave, and return what they return.

    Args:
        pred: 0-d bool tensor.
        then: the branch for true.
        orelse: the branch for false; None for one that does nothing.
        places: the variables that they bind.
        live: names of those that may be read afterwards.
        seen: functions that see what the branches see from around them, if they do not show it themselves.

    Raises:
        CompileError: they leave what cannot be merged.
    """
    place = here()
    unread = {id(variable.cell) for variable in places if variable.name not in live}
    outcomes: list[_Outcome] = []

    def side(body: Body | None) -> Callable[[], None]:
        def trace() -> None:
            try:
                with region((then, orelse, *seen)) as entered:
                    result = Tree.of(None if body is None else body())
                    left: dict[Any, tuple[_Place, Tree]] = {
                        key: (changed, Tree.of(changed.get())) for key, (changed, _) in entered.changed().items()
                    }
                    outcomes.append(_outcome(result, left))
            except Exception as error:
                raise explained(error, place) from error.__cause__

        return trace

    returned: list[Any] = [None]
    slots: list[_Slot] = []

    def merge() -> tuple[Callable[[], Any], Callable[[], Any]]:
        first, second = outcomes
        if not first.result.value is second.result.value is None:
            slots.append(_result_slot(first, second, returned))
        for key in {**first.left, **second.left}:
            changed = (first.left.get(key) or second.left[key])[0]
            unchanged = changed, Tree.of(changed.get())
            sides = first.left.get(key, unchanged)[1], second.left.get(key, unchanged)[1]
            if isinstance(changed, Contents):
                slots.append(_contents_slot(changed, sides))
            else:
                skips = first.skips, second.skips
                slots.extend(_variable_slots(changed, sides, skips, key not in unread, place))
        return lambda: _emit(slots, 0), lambda: _emit(slots, 1)

    tensors = iter(branches(pred, side(then), side(orelse), merge=merge))
    shared = outcomes[0].shared | outcomes[1].shared
    known: dict[tuple[int, int], Any] = {}
    for slot in slots:
        forms = zip(slot.forms, _pairs(slot), strict=True)
        leaves = [_take(form, pair, tensors, known, shared) for form, pair in forms]
        slot.set(put_together(*slot.sides, leaves))
    return returned[0]


def _outcome(result: Tree, left: dict[Any, tuple[_Place, Tree]]) -> _Outcome:
    trees = [result, *(held for _, held in left.values())]
    tensors = [leaf for held in trees for leaf in held.leaves if isinstance(leaf, Tensor)]
    skips = any(place.name.startswith((RETURNED, SKIP)) and held.value is True for place, held in left.values())
    return _Outcome(result, left, {id(x) for x in tensors if is_from_outside(x)}, skips)


# -- making alike --


def _result_slot(first: _Outcome, second: _Outcome, returned: list[Any]) -> _Slot:
    def keep(value: Any) -> None:
        returned[0] = value

    try:
        return _slot(first.result, second.result, keep)
    except UnlikeError as unlike:
        raise compile_error(
            f"both values of this expression must fit one place of a graph, which these do not: {unlike}.",
            "Give them the same structure, shape and type, for example with .astype().",
        ) from None


def _variable_slots(
    variable: Variable | Global, sides: tuple[Tree, Tree], skips: tuple[bool, bool], read: bool, place: Place | None
) -> list[_Slot]:
    """The slot of a variable; none, and no value for it, where its values cannot be merged or nothing reads it."""
    a, b = sides
    if not read or (a.value is UNBOUND and b.value is UNBOUND):
        variable.set(UNBOUND)
        return []
    always = variable.name == RESULT
    if a.value is UNBOUND and (skips[0] or always):
        a = b.unseen()
    elif b.value is UNBOUND and (skips[1] or always):
        b = a.unseen()
    try:
        slot = _slot(a, b, variable.set)
    except UnlikeError as unlike:
        slot = None
        reason = str(unlike)
    if variable.shared and (slot is None or any(form.type is not None for form in slot.forms)):
        raise compile_error(
            f"the value of the variable `{variable.name}`, which is from outside, would depend on a tensor.",
            "Return it instead.",
        )
    if slot is not None:
        return [slot]
    variable.set(UNBOUND)
    if place is not None:
        what = "the result of the function" if always else f"`{variable.name}`"
        explain_unbound(
            place.file,
            variable.name,
            f"the branches of `{place.text}` (line {place.line}) leave {what} different: {reason}.",
        )
    return []


def _contents_slot(contents: Contents, sides: tuple[Tree, Tree]) -> _Slot:
    try:
        return _slot(*sides, contents.set)
    except UnlikeError as unlike:
        raise compile_error(
            f"a {type(contents.container).__name__} is changed where it depends on a tensor whether it is, and the "
            f"branches leave it different: {unlike}.",
            "Let both branches leave the same number of items of the same types, or collect values in a tensor.",
        ) from None


def _slot(first: Tree, second: Tree, set: Callable[[Any], None]) -> _Slot:
    if first.value is second.value and first.value is not UNBOUND:
        first = second = Tree(first.value, [first.value], None)
    try:
        if first.spec != second.spec or len(first.leaves) != len(second.leaves):
            raise UnlikeError
        forms = [_form(x, y) for x, y in zip(first.leaves, second.leaves, strict=True)]
    except UnlikeError:
        raise UnlikeError(f"{first.describe()} if it is true, {second.describe()} if not") from None
    return _Slot((first, second), forms, set)


def _form(first: Any, second: Any) -> Form:
    if first is UNBOUND or second is UNBOUND:  # that side will not be looked at
        known = second if first is UNBOUND else first
        return Form.of(known) if isinstance(known, Tensor) else Form(None, None, known)
    return common(first, second)


# -- through the graph --


def _pairs(slot: _Slot) -> list[tuple[Any, Any]]:
    return list(zip(slot.sides[0].leaves, slot.sides[1].leaves, strict=True))


def _emit(slots: Sequence[_Slot], side: int) -> list[Tensor]:
    """The tensors that a branch returns, each pair of leaves once."""
    found: dict[tuple[int, int], Tensor] = {}
    for slot in slots:
        for form, pair in zip(slot.forms, _pairs(slot), strict=True):
            key = id(pair[0]), id(pair[1])
            if form.type is not None and key not in found:
                found[key] = form.zeros() if pair[side] is UNBOUND else form.tensor(pair[side])
    return list(found.values())


def _take(form: Form, pair: tuple[Any, Any], tensors: Any, known: dict[tuple[int, int], Any], shared: set[int]) -> Any:
    """The leaf that a pair of leaves becomes."""
    if form.type is None:
        return form.value
    key = id(pair[0]), id(pair[1])
    if key not in known:
        known[key] = leaf = form.leaf(next(tensors))
        if form.kind is None and not shared.isdisjoint(key):
            leaf._view_of = "a branch that depends on a tensor"
    return known[key]
