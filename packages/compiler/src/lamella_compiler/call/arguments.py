"""The arguments of a call, sorted into what a graph takes as inputs and what it is built for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from lamella import tree
from lamella.errors import ConcretizationError, explain
from lamella.ir.graph import Value
from lamella.parameter import Parameter
from lamella.plugins import Backend
from lamella.tensor import Tensor, wrap
from lamella.types import TOKEN
from lamella_compiler.call.mutable import MutableInt
from lamella_compiler.frontend.runtime.number import Kind, number
from lamella_compiler.state.values import fingerprint

TENSOR: Final = "tensor"  # an input that is a tensor, or an array that becomes one
FLOAT: Final = "float"  # an input that is a Python float
INT: Final = "int"  # an input that is an int made mutable

_NUMBERS: Final[dict[str, Kind]] = {FLOAT: float, INT: int}
_DTYPES: Final = {FLOAT: np.float64, INT: np.int64}
_TENSORS: Final = frozenset({Tensor, Parameter})


class Arguments:
    """The arguments of one call.

    Attributes:
        spec: the structure of `(args, kwargs)`.
        key: for each leaf, `TENSOR`, `FLOAT` or `INT` if it is an input, else a fingerprint of the value.
        tensors: the inputs.
        leaves: all leaves.
    """

    __slots__ = ("key", "leaves", "spec", "tensors")

    def __init__(self, spec: tree.Spec, key: Sequence[Any], tensors: Sequence[Tensor], leaves: Sequence[Any]) -> None:
        self.spec = spec
        self.key = key
        self.tensors = tensors
        self.leaves = leaves

    def rebuilt(self, tensors: Sequence[Tensor]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments for building a graph: with its parameters in the place of the inputs."""
        given = iter(tensors)
        leaves = [
            next(given) if key is TENSOR else number(next(given), _NUMBERS[key]) if key is FLOAT or key is INT else leaf
            for key, leaf in zip(self.key, self.leaves, strict=True)
        ]
        args, kwargs = tree.unflatten(self.spec, leaves)
        return args, kwargs

    def kept(self) -> Arguments:
        """Without the inputs, for a graph that outlives the call."""
        statics = [None if isinstance(key, str) else leaf for key, leaf in zip(self.key, self.leaves, strict=True)]
        return Arguments(self.spec, self.key, (), statics)

    def path(self, position: int) -> str:
        """How a user would name a leaf: `args[0]["x"]`."""
        return _paths(self.spec)[position]


def sorted_arguments(
    args: tuple[Any, ...], kwargs: dict[str, Any], device: Callable[[], tuple[Backend, int]], fixed: frozenset[Any]
) -> Arguments:
    """Sort the arguments of a call.

    Args:
        args: the positional ones.
        kwargs: those by keyword.
        device: gives the backend and number of the device for inputs that are no tensors yet.
        fixed: (structure, position) of numbers that Python needs while the graph is built, and that are therefore no
            inputs.
    """
    if not kwargs and _TENSORS.issuperset(map(type, args)):
        spec, key = _plain(len(args))
        return Arguments(spec, key, args, args)
    leaves, spec = tree.flatten((args, kwargs))
    keys: list[Any] = []
    tensors: list[Tensor] = []
    for position, leaf in enumerate(leaves):
        kind = _input_kind(leaf)
        if kind is None or (kind is not TENSOR and (spec, position) in fixed):
            keys.append(fingerprint(leaf))
        else:
            keys.append(kind)
            tensors.append(leaf if isinstance(leaf, Tensor) else _as_input(leaf, kind, *device()))
    return Arguments(spec, keys, tensors, leaves)


def _input_kind(leaf: Any) -> str | None:
    if isinstance(leaf, Tensor):
        return TENSOR
    if isinstance(leaf, float):
        return FLOAT
    if type(leaf) is MutableInt:
        return INT
    if isinstance(leaf, (np.ndarray, np.floating)):
        return TENSOR
    return None


def _as_input(leaf: Any, kind: str, backend: Backend, ordinal: int) -> Tensor:
    if kind is TENSOR:
        return Tensor(leaf)
    return wrap(backend.put(np.array(leaf, _DTYPES[kind]), ordinal))


_plain_cache: dict[int, tuple[tree.Spec, list[Any]]] = {}


def _plain(count: int) -> tuple[tree.Spec, list[Any]]:
    """Structure and key of so many positional tensors."""
    found = _plain_cache.get(count)
    if found is None:
        spec: tree.Spec = (tuple, (), ((tuple, (), (None,) * count), (dict, (), ())))
        found = _plain_cache.setdefault(count, (spec, [TENSOR] * count))
    return found


def _paths(spec: tree.Spec) -> list[str]:
    names: list[str] = []

    def visit(part: tree.Spec, name: str) -> None:
        if part is None:
            names.append(name)
            return
        kind, keys, parts = part
        for i, inner in enumerate(parts):
            visit(inner, f"{name}[{keys[i]!r}]" if kind is dict else f"{name}[{i}]")

    assert spec is not None
    for inner, name in zip(spec[2], ("args", "kwargs"), strict=True):
        visit(inner, name)
    return names


def check_unchanged(
    args: tuple[Any, ...], kwargs: dict[str, Any], spec: tree.Spec, leaves: list[Any], name: str
) -> None:
    """Refuse a function that changes a list or dict that it was given: its caller's would stay as it was.

    Raises:
        TypeError: it did.
    """
    now, now_spec = tree.flatten((args, kwargs))
    if now_spec != spec or any(x is not y for x, y in zip(now, leaves, strict=True)):
        raise TypeError(
            explain(
                f"compiled function {name}",
                given="a list or dict as an argument, which it changes",
                expected="a function that leaves containers as they are, and changes tensors only",
                remedy="Return the new container.",
            )
        )


def numbers_needed(arguments: Arguments, error: BaseException) -> list[int]:
    """Which numbers among the inputs Python needed to know when building a graph failed.

    Those that a tensor was computed from whose number was asked for; all of them for another error, because what
    refuses a tensor may take a number.
    """
    inputs = [position for position, key in enumerate(arguments.key) if isinstance(key, str)]
    numbers = [position for position in inputs if arguments.key[position] is not TENSOR]
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ConcretizationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None or not isinstance(cause.value, Value):
        return numbers
    params = {p: i for i, p in enumerate(p for p in cause.value.graph.params if p.type != TOKEN)}
    found: set[int] = set()
    seen: set[Value] = set()
    stack = [cause.value]
    while stack:
        value = stack.pop()
        if value not in seen:
            seen.add(value)
            if value in params and params[value] < len(inputs):
                found.add(inputs[params[value]])
            stack += value.node.operands if value.node is not None else ()
    return [position for position in numbers if position in found]
