"""Nested containers of tensors, taken apart into a flat list and put together again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

#: The structure without the leaves; compares equal for equal structures. None stands for a leaf.
Spec: TypeAlias = "tuple[type, tuple[Any, ...], tuple[Spec, ...]] | None"


def flatten(data: Any) -> tuple[list[Any], Spec]:
    """The leaves of nested tuples, lists, named tuples and dicts, in order, and the structure around them.

    Anything else is a leaf, except None, which is structure.

    Examples:
        >>> leaves, spec = flatten({"b": (1, None), "a": [2]})
        >>> leaves, unflatten(spec, [10, 20])
        ([1, 2], {'b': (10, None), 'a': [20]})
    """
    leaves: list[Any] = []
    return leaves, _take_apart(data, leaves)


# A function of its own, not one that refers to itself from inside `flatten`: such a cycle would keep the leaves alive.
def _take_apart(item: Any, leaves: list[Any]) -> Spec:
    if item is None:
        return type(None), (), ()
    if isinstance(item, (list, tuple)):
        return type(item), (), tuple(_take_apart(part, leaves) for part in item)
    if isinstance(item, dict):
        return dict, tuple(item), tuple(_take_apart(part, leaves) for part in item.values())
    leaves.append(item)
    return None


def unflatten(spec: Spec, leaves: Sequence[Any]) -> Any:
    """Put the structure around other leaves."""
    return _put_together(spec, iter(leaves))


def _put_together(part: Spec, leaves: Iterator[Any]) -> Any:
    if part is None:
        return next(leaves)
    kind, keys, parts = part
    if kind is type(None):
        return None
    items = [_put_together(p, leaves) for p in parts]
    if kind is dict:
        return dict(zip(keys, items, strict=True))
    return kind(*items) if hasattr(kind, "_fields") else kind(items)


def leaf_count(spec: Spec) -> int:
    """How many leaves a structure has."""
    return 1 if spec is None else sum(map(leaf_count, spec[2]))


def map_leaves(function: Callable[[Any], Any], data: Any) -> Any:
    """`data` with each leaf replaced by the function's result."""
    leaves, spec = flatten(data)
    return unflatten(spec, [function(leaf) for leaf in leaves])
