"""Values that differ between branches, or change around a loop, made alike."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any, NamedTuple

from lamella import Tensor, ops, tree
from lamella.dtypes import DType
from lamella.engine.stack import current
from lamella.ir.graph import Value
from lamella.ops.convert import scalar_type
from lamella.types import TensorType
from lamella_compiler.frontend.runtime.number import KINDS, Kind, Number, kind_of, number, prims_tensor, wider
from lamella_compiler.frontend.runtime.variables import UNBOUND


class UnlikeError(Exception):
    """Two values cannot be made alike; the message tells them."""


class Tree(NamedTuple):
    """A value that may hold tensors, as it was at some moment.

    Attributes:
        value: the value itself.
        leaves: what it holds besides containers.
        spec: the containers.
        lists: the lists and dicts among these, itself included.
    """

    value: Any
    leaves: list[Any]
    spec: tree.Spec
    lists: Sequence[Any] = ()

    @staticmethod
    def of(value: Any, whole: Container[int] = ()) -> Tree:
        """Take a value apart, except for lists and dicts whose identities are given, which are leaves."""
        leaves: list[Any] = []
        lists: list[Any] = []
        spec = None if value is UNBOUND else _take_apart(value, whole, leaves, lists)
        return Tree(value, leaves, spec, lists)

    def unseen(self) -> Tree:
        """What stands for a value of this structure that will not be looked at."""
        return Tree(UNBOUND, [UNBOUND] * len(self.leaves), self.spec, self.lists)

    def describe(self) -> str:
        """The value in an error."""
        if self.value is UNBOUND:
            return "nothing"
        return _text(tree.unflatten(self.spec, [_Shown(describe(leaf)) for leaf in self.leaves]))


def _take_apart(item: Any, whole: Container[int], leaves: list[Any], lists: list[Any]) -> tree.Spec:
    if isinstance(item, (list, dict)) and id(item) not in whole:
        lists.append(item)
    elif not isinstance(item, tuple):
        if item is not None:
            leaves.append(item)
        return tree.flatten(item)[1] if item is None else None
    keys, parts = (tuple(item), item.values()) if isinstance(item, dict) else ((), item)
    kind = dict if isinstance(item, dict) else type(item)
    return kind, keys, tuple(_take_apart(part, whole, leaves, lists) for part in parts)


def put_together(first: Tree, second: Tree, leaves: Sequence[Any]) -> Any:
    """Two trees of one structure as one, with other leaves; a list or dict that both hold stays that one."""
    return _put_together(first.spec, iter(leaves), zip(first.lists, second.lists, strict=True))


def _put_together(spec: tree.Spec, leaves: Iterator[Any], lists: Iterator[tuple[Any, Any]]) -> Any:
    if spec is None:
        return next(leaves)
    kind, keys, parts = spec
    one, other = next(lists) if issubclass(kind, (list, dict)) else (None, None)
    items = [_put_together(part, leaves, lists) for part in parts]
    if one is not None and one is other:
        return one
    return tree.unflatten((kind, keys, (None,) * len(items)), items)


class _Shown(str):
    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _text(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def describe(leaf: Any) -> str:
    """A leaf in an error."""
    if isinstance(leaf, Number):
        return f"{leaf._number_kind.__name__} computed by the graph"
    return str(leaf._type) if isinstance(leaf, Tensor) else _text(repr(leaf))


class Form(NamedTuple):
    """What a leaf is while a graph carries it.

    Attributes:
        type: its type; None for what stays what it is, outside the graph.
        kind: the kind of number that it is for Python; None for a tensor.
        value: what it is, outside the graph.
    """

    type: TensorType | None
    kind: Kind | None
    value: Any = None

    @staticmethod
    def of(leaf: Any) -> Form:
        """The form of a leaf that a graph carries as it is now."""
        kind = kind_of(leaf)
        if kind is not None:
            return Form.number(kind)
        return Form(leaf._type, None) if isinstance(leaf, Tensor) else Form(None, None, leaf)

    @staticmethod
    def number(kind: Kind) -> Form:
        """The form of a number."""
        return Form(TensorType(KINDS[kind], ()), kind)

    def tensor(self, leaf: Any) -> Tensor:
        """A leaf as an ordinary tensor of the form's type."""
        assert self.type is not None
        return prims_tensor(leaf, self.type.dtype)

    def zeros(self) -> Tensor:
        """Something of this form that will not be looked at."""
        assert self.type is not None
        return ops.zeros(self.type.shape, self.type.dtype)

    def leaf(self, tensor: Tensor) -> Any:
        """The leaf that a tensor of the form's type stands for."""
        return tensor if self.kind is None else number(tensor, self.kind)


def same(first: Any, second: Any) -> bool:
    """Whether two leaves are one thing to Python, so that no graph has to carry it."""
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    if isinstance(first, float):
        return repr(first) == repr(second)  # 0.0 is not -0.0, and NaN is NaN
    return isinstance(first, (int, str, bytes, DType, frozenset, slice, range)) and first == second


def common(first: Any, second: Any) -> Form:
    """The form in which a graph can carry either of two leaves.

    Raises:
        UnlikeError: there is none.
    """
    if same(first, second):
        return Form(None, None, first)
    return joined(Form.of(first), Form.of(second), (first, second))


def joined(first: Form, second: Form, leaves: tuple[Any, Any]) -> Form:
    """The form that holds leaves of two forms.

    Raises:
        UnlikeError: there is none.
    """
    if first.kind is not None and second.kind is not None:
        return Form.number(wider(first.kind, second.kind))
    if first.type is not None and second.type is not None:
        if first.kind is None and second.kind is None:
            if first.type == second.type:
                return first
        else:
            kind, tensor = (first.kind, second) if first.kind is not None else (second.kind, first)
            assert kind is not None and tensor.type is not None
            if tensor.type.shape == () and fits(kind, tensor.type.dtype):
                return tensor
    raise UnlikeError(f"{describe(leaves[0])} and {describe(leaves[1])}")


def fits(kind: Kind, dtype: DType) -> bool:
    """Whether a number of a kind takes a tensor's type beside it."""
    return scalar_type(kind(), dtype, "number") is dtype and not (dtype.kind == "bool" and kind is not bool)


def is_from_outside(leaf: Tensor) -> bool:
    """Whether a tensor was there before the graph that is being built: changing it in place would be seen elsewhere."""
    engine = current()
    while engine.parent is not None:
        engine = engine.parent
    value: Any = leaf._value
    while hasattr(value, "value") and not isinstance(value, Value):  # a batch
        value = value.value
    return not (isinstance(value, Value) and value.graph is getattr(engine, "graph", None))
