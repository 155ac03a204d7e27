"""`if`, `and`, `or`, `not` and comparisons: as in Python, or on tensors as a `cond` of the graph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from lamella import Tensor, ops
from lamella.engine.stack import current
from lamella_compiler.frontend.errors import compile_error
from lamella_compiler.frontend.runtime.merging import merged
from lamella_compiler.frontend.runtime.number import Number, kind_of, number
from lamella_compiler.frontend.runtime.variables import Body, variables

__for_users__ = True  # what is compared or looked up here, a user's code asks for


def is_dynamic(value: Any) -> bool:
    """Whether Python cannot know if a value is true, because a graph computes it."""
    return isinstance(value, Tensor) and current().builds


def truth(value: Tensor) -> Tensor:
    """Whether a tensor of one element is true, as a 0-d bool tensor."""
    if value.size != 1:
        raise compile_error(
            f"a tensor of type {value._type} is used as a condition, which takes one element.",
            "Use .any() or .all().",
        )
    flat = ops.reshape(value, ()) if value.shape else value
    return flat if flat.dtype.kind == "bool" else ops.not_equal(flat, 0)


# -- statements --


def if_(test: Any, then: Body, orelse: Body | None, names: tuple[str, ...], live: tuple[str, ...]) -> None:
    """`if test: then() else: orelse()`.

    Args:
        test: the condition.
        then: the first branch.
        orelse: the second; None where there is none.
        names: the variables that the branches bind.
        live: those that may be read afterwards.
    """
    if is_dynamic(test):
        merged(truth(test), then, orelse, variables(names, then), live)
    elif test:
        then()
    elif orelse is not None:
        orelse()


def guard(flag: Any, variable: str, then: Body, names: tuple[str, ...], live: tuple[str, ...]) -> None:
    """`if not flag: then()`, where `flag`, the value of a variable, says that something has jumped over it.

    Where it has, the variable is known to be true: so the end of a function that returns on every path is known to.
    """
    if is_dynamic(flag):
        places = variables(names, then)
        known = next(place for place in places if place.name == variable)
        merged(ops.logical_not(truth(flag)), then, lambda: known.set(True), places, (*live, variable))
    elif not flag:
        then()


def result(read: Callable[[], Any], returned: Any) -> Any:
    """What a function returns whose `return`s were lowered to variables."""
    if returned is False:
        return None
    value = read()
    if returned is not True and value is not None:
        raise compile_error(
            "the function returns a value on some paths and ends without `return` on others, depending on a tensor.",
            "Return a value on every path.",
        )
    return value


# -- expressions --


def choose(test: Any, then: Body, orelse: Body, binds: str = "") -> Any:
    """`then() if test else orelse()`."""
    if not is_dynamic(test):
        return then() if test else orelse()
    if binds:
        raise compile_error(
            f"`:=` binds {binds} in a part of an expression whose evaluation depends on a tensor.",
            "Assign in a statement of its own.",
        )
    return merged(truth(test), then, orelse, [], ())


def and_(first: Any, *rest: Body, binds: str = "") -> Any:
    """`first and …`."""
    for position, thunk in enumerate(rest):
        if is_dynamic(first):
            value = first
            return choose(value, lambda: and_(thunk(), *rest[position + 1 :]), lambda: value, binds)  # noqa: B023
        if not first:
            return first
        first = thunk()
    return first


def or_(first: Any, *rest: Body, binds: str = "") -> Any:
    """`first or …`."""
    for position, thunk in enumerate(rest):
        if is_dynamic(first):
            value = first
            return choose(value, lambda: value, lambda: or_(thunk(), *rest[position + 1 :]), binds)  # noqa: B023
        if first:
            return first
        first = thunk()
    return first


def all_(first: Any, *rest: Body) -> Any:
    """`first and …`, where evaluating everything does no harm."""
    return _combined(first, rest, ops.logical_and, and_)


def any_(first: Any, *rest: Body) -> Any:
    """`first or …`, where evaluating everything does no harm."""
    return _combined(first, rest, ops.logical_or, or_)


def _combined(first: Any, rest: Sequence[Body], combine: Any, lazily: Callable[..., Any]) -> Any:
    if not is_dynamic(first):
        return lazily(first, rest[0] if len(rest) == 1 else lambda: _combined(rest[0](), rest[1:], combine, lazily))
    parts = [first, *(thunk() for thunk in rest)]
    if not all(_is_bool(part) for part in parts):
        return lazily(first, *(lambda part=part: part for part in parts[1:]))
    value = parts[0]
    for part in parts[1:]:
        numbers = kind_of(value) is bool and kind_of(part) is bool
        value = combine(*(truth(x) if isinstance(x, Tensor) else x for x in (value, part)))
        value = number(value, bool) if numbers else value
    return value


def _is_bool(value: Any) -> bool:
    return value.dtype.kind == "bool" if isinstance(value, Tensor) else isinstance(value, bool)


def not_(value: Any) -> Any:
    """`not value`."""
    if not is_dynamic(value):
        return not value
    negated = ops.logical_not(truth(value))
    return number(negated, bool) if isinstance(value, Number) else negated


_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq, "NotEq": operator.ne, "Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt,
    "GtE": operator.ge, "Is": operator.is_, "IsNot": operator.is_not,
    "In": lambda item, container: contains(item, container),
    "NotIn": lambda item, container: not_(contains(item, container)),
}  # fmt: skip


def chain(signs: tuple[str, ...], first: Any, second: Any, *rest: Body, binds: str = "") -> Any:
    """`first < second < …`, with the signs by the names of their syntax."""
    found = _SIGNS[signs[0]](first, second)
    if not rest:
        return found
    return and_(found, lambda: chain(signs[1:], second, rest[0](), *rest[1:], binds=binds), binds=binds)


def chain_all(signs: tuple[str, ...], first: Any, second: Any, *rest: Body) -> Any:
    """As `chain`, where evaluating everything does no harm."""
    found = _SIGNS[signs[0]](first, second)
    return all_(found, lambda: chain_all(signs[1:], second, rest[0](), *rest[1:])) if rest else found


def contains(item: Any, container: Any) -> Any:
    """`item in container`."""
    if is_dynamic(container):
        return ops.any(ops.equal(container, item))
    if isinstance(container, (list, tuple)) and any(map(is_dynamic, (item, *container))):
        found: Any = False
        for other in container:
            equal = other is item or other == item
            if not is_dynamic(equal) and equal:
                return True
            found = any_(found, lambda equal=equal: equal)
        return found
    return item in container
