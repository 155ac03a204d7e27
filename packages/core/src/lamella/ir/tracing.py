"""From a Python function to a graph: run it once on the building engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella import tree
from lamella.buffer import Buffer
from lamella.engine.building import Building
from lamella.errors import LeakedValueError, explain
from lamella.ir.graph import Graph
from lamella.ops.promote import as_tensor
from lamella.tensor import Tensor, wrap
from lamella.types import TensorType


class Traced:
    """A function as a graph, and how the graph's parameters and results belong to tensors.

    Parameters are the arguments' tensors, then `captures`; results are the function's, then the new values of
    `updates`.

    Attributes:
        graph: the graph.
        captures: tensors from around the function that it reads; for each, every tensor that had the same value.
        updates: tensors that it changes in place: a position among the arguments' tensors, or a tensor from around it.
        spec: structure of the function's result.
    """

    def __init__(self, fn: Callable[..., Any], spec: tree.Spec, leaves: Sequence[Any], name: str) -> None:
        """Trace `fn`.

        Args:
            fn: the function.
            spec: structure of its positional arguments.
            leaves: their leaves: a `TensorType` stands for a tensor, anything else for itself.
            name: name of the graph.
        """
        building = Building(name)
        params = [building.param(leaf) if isinstance(leaf, TensorType) else leaf for leaf in leaves]
        entry = [p._value for p in params if isinstance(p, Tensor)]
        with building.recording():
            result = fn(*tree.unflatten(spec, params))
            outputs, self.spec = tree.flatten(result)
            outputs = [as_tensor(y, None, "result of the function") for y in outputs]
            handles = [p for p in params if isinstance(p, Tensor)]
            changed = [i for i, (p, v) in enumerate(zip(handles, entry, strict=True)) if p._value is not v]
            self.updates: list[Tensor | int] = [*changed, *(handle for handle, _ in building.changed)]
            finals = [handles[u] if isinstance(u, int) else u for u in self.updates]
            self.graph: Graph = building.finish([*outputs, *(wrap(building.read(h)) for h in finals)])
        for value in building.captures:
            if type(value) is not Buffer:
                raise LeakedValueError(
                    f"graph {name}: it uses a tensor ({value.type}) of a transform or graph build around it or before "
                    "it. Pass the tensor as an argument."
                )
        # An update reads nothing of the old value, but its tensor's memory is the place for the new one.
        self.captures = building.handles
        self.values = building.captures
        self.results = len(outputs)


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
                    remedy="Pass x.type, or use ir.staged.",
                )
            )
    return Traced(fn, spec, leaves, name_of(fn)).graph


def name_of(fn: Any) -> str:
    """A name for the graph of a function, as an identifier."""
    name = getattr(fn, "__name__", type(fn).__name__)
    return name.strip("<>") if name.strip("<>").isidentifier() else "graph"
