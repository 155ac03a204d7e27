"""From a Python function to a graph: run it once on the building engine."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, NamedTuple

from lamella import tree
from lamella.buffer import Buffer
from lamella.dims import Dim
from lamella.engine.base import AnyValue
from lamella.engine.building import Building
from lamella.errors import LeakedValueError, explain
from lamella.ir.graph import Graph, Value
from lamella.ops.convert import as_tensor
from lamella.ops.prims.given import size_tensor
from lamella.tensor import Tensor, wrap
from lamella.turns import is_unknown
from lamella.types import TensorType


class Result(NamedTuple):
    """A leaf of what a traced function returned that the graph computes.

    Attributes:
        position: which of the graph's results it is.
        number: the kind of Python number that the leaf is; None where it is a tensor.
    """

    position: int
    number: type[int | float] | None


class Argument(NamedTuple):
    """A leaf of what a traced function returned that is one of its arguments, by position."""

    position: int


class Traced:
    """A function as a graph, and how the graph's parameters and results belong to tensors.

    Parameters are the arguments' tensors, then `captures`; results are what the function computed, then the new values
    of `updates`.

    Attributes:
        graph: the graph.
        captures: tensors from around the function that it reads; for each, every tensor that had the same value.
        values: the values that they had.
        updates: tensors that it changes in place: a position among the arguments, or a tensor from around it.
        leaves: what the function returned, flat: a `Result`, an `Argument`, or what it was: a tensor from around the
            function, or no tensor.
        spec: the structure of that.
    """

    def __init__(self, fn: Callable[..., Any], types: Sequence[TensorType], name: str) -> None:
        """Trace `fn`.

        Args:
            fn: takes a tensor for each type.
            types: the types.
            name: name of the graph.
        """
        building = Building(name)
        arguments = [building.param(type) for type in types]
        entry = [x._value for x in arguments]
        with building.recording():
            leaves, self.spec = tree.flatten(fn(*arguments))
            changed = [i for i, (x, v) in enumerate(zip(arguments, entry, strict=True)) if x._value is not v]
            self.updates: list[Tensor | int] = [*changed, *(handle for handle, _ in building.changed)]
            finals = [arguments[u] if isinstance(u, int) else u for u in self.updates]
            positions = {id(x): Argument(i) for i, x in enumerate(arguments)}
            computed: list[Tensor] = []
            self.leaves: list[Any] = []
            for leaf in leaves:
                if isinstance(leaf, Dim):  # a size is an int once it is known
                    self.leaves.append(Result(len(computed), int))
                    computed.append(size_tensor(leaf))
                elif isinstance(leaf, Tensor) and is_unknown(leaf._value) and id(leaf) not in positions:
                    self.leaves.append(Result(len(computed), leaf._number_kind))
                    computed.append(wrap(leaf._value))
                else:
                    self.leaves.append(positions.get(id(leaf), leaf))
                    _refuse_holder(name, leaf, building.graph)
            self.graph: Graph = building.finish([*computed, *finals])
        for value in building.captures:
            if type(value) is not Buffer:
                raise LeakedValueError(
                    f"graph {name}: it uses a tensor ({value.type}) of a transform or graph build around it or before "
                    "it. Pass the tensor as an argument."
                )
        # An update reads nothing of the old value, but its tensor's memory is the place for the new one.
        self.captures: list[list[Tensor]] = building.handles
        self.values: list[AnyValue] = building.captures
        self.results = len(computed)


def _refuse_holder(name: str, leaf: Any, graph: Graph) -> None:
    """Refuse a result that is no container and holds tensors of the graph, or would make some: they have no numbers."""
    holds = any(
        isinstance(x, Tensor) and type(x._value) is Value and x._value.graph is graph
        for x in getattr(leaf, "__dict__", {}).values()
    )
    if isinstance(leaf, Tensor) or not (holds or isinstance(leaf, (Iterator, Coroutine))):
        return
    raise TypeError(
        explain(
            f"graph {name}",
            given=f"a result of type {type(leaf).__name__}",
            expected="tensors, and what does not depend on them, in tuples, lists, dicts or named tuples",
            remedy="Return the tensors in one of these, and make the object outside.",
        )
    )


def build(fn: Callable[..., Any], *types: Any) -> Graph:
    """The graph of a function without Python control flow on tensors.

    Tensors that the function uses from around it become parameters after its own; new values of tensors that it
    changes in place become results after its own.

    Args:
        fn: takes tensors, or nested tuples, lists and dicts of them.
        types: a `TensorType`, or nested ones, for each argument; a size may be a `Dim`. Anything else is
            passed as it is.

    Raises:
        ConcretizationError: the function asks for the number in a tensor.
        TypeError: it returns something that is no tensor or number.

    Examples:
        >>> import lamella as ms
        >>> print(ms.ir.build(lambda x: x * x + x, ms.ir.TensorType(ms.float32, (ms.ir.Dim.symbol("n"), 2))))
        graph lambda(%0: float32[n, 2]) -> float32[n, 2] {
          %1: float32[n, 2] = mul(%0, %0)
          %2: float32[n, 2] = add(%1, %0)
          return %2
        }
    """
    leaves, spec = tree.flatten(types)
    for leaf in leaves:
        if isinstance(leaf, Tensor):
            raise TypeError(
                explain(
                    "ir.build",
                    given="a Tensor as a type",
                    expected="a TensorType",
                    remedy="Pass ir.TensorType(x.dtype, x.shape), or use ir.staged.",
                )
            )

    def call(*tensors: Tensor) -> list[Tensor]:
        result = fn(*tree.unflatten(spec, filled(leaves, TensorType, tensors)))
        # As tensors of their own, all are results of the graph, arguments and numbers too.
        return [as_tensor(leaf, None, "result of the function").copy() for leaf in tree.flatten(result)[0]]

    return Traced(call, [leaf for leaf in leaves if isinstance(leaf, TensorType)], name_of(fn)).graph


def filled(leaves: Sequence[Any], kind: type, tensors: Sequence[Tensor]) -> list[Any]:
    """Leaves with tensors, in order, in the place of those of a kind."""
    given = iter(tensors)
    return [next(given) if isinstance(leaf, kind) else leaf for leaf in leaves]


def name_of(fn: Any) -> str:
    """A name for the graph of a function, as an identifier."""
    name = getattr(fn, "__name__", type(fn).__name__)
    return name.strip("<>") if name.strip("<>").isidentifier() else "graph"
