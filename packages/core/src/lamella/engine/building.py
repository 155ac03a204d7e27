"""The building engine: records primitives as nodes of a graph instead of running them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.dims import guards
from lamella.engine.base import AnyValue, Custom, Engine
from lamella.engine.place import here
from lamella.engine.stack import current, entered
from lamella.ir.graph import Graph, Value
from lamella.ops.define.opdef import Kind
from lamella.ops.prims.given import constant
from lamella.tensor import wrap
from lamella.types import TOKEN, TensorType

if TYPE_CHECKING:
    from lamella.ops.define.opdef import OpDef
    from lamella.tensor import Tensor


class Building(Engine):
    """The bottom of a stack that records.

    Tensors from outside become parameters of the graph on first use (`captures`). In-place changes of tensors from
    outside are kept in an overlay, so that the rest of the program and other threads do not see them before the graph
    has run; `changed` lists them.

    Attributes:
        graph: the graph so far.
        captures: values from outside that became parameters, in their order.
        handles: for each of `captures`, the tensors through which it was read.
    """

    parent = None
    watches = True
    builds = True
    locates = True

    def __init__(self, name: str) -> None:
        self.graph = Graph(name)
        self._outer = current()
        self.captures: list[AnyValue] = []
        self.handles: list[list[Tensor]] = []
        self._lifted: dict[int, tuple[int, Value]] = {}
        self._overlay: dict[int, tuple[Tensor, Value]] = {}
        self._token: Value | None = None
        self._scalars: dict[tuple[Any, bytes], AnyValue] = {}

    # -- the engine --

    def run(self, op: OpDef, values: Sequence[AnyValue], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        operands = [self.lift(value) for value in values]
        types = op.result_types([v.type for v in operands], attrs)
        effect = op.kind is Kind.EFFECT or any(isinstance(a, Graph) and a.effects for a in attrs.values())
        if not effect:
            return list(self.graph.add_node(op, operands, attrs, types, here()))
        self._token, *outputs = self.graph.add_node(op, [self.token(), *operands], attrs, (TOKEN, *types), here())
        return list(outputs)

    def constant(self, array: np.ndarray[Any, Any]) -> AnyValue:
        key = (array.dtype, array.tobytes()) if array.ndim == 0 else None
        if key in self._scalars:
            return self._scalars[key]
        (value,) = self.run(constant, (), {"value": array})
        if key is not None:
            self._scalars[key] = value
        return value

    def read(self, handle: Tensor) -> Value:
        if id(handle) in self._overlay:
            return self._overlay[id(handle)][1]
        value = handle._value
        if type(value) is Value and value.graph is self.graph:
            return value
        value = self._outer.read(handle)  # what the tensor is around this graph may differ from what it holds
        lifted = self.lift(value)
        known = self.handles[self._lifted[value.uid][0]]
        if not any(h is handle for h in known):
            known.append(handle)
        return lifted

    def peek(self, handle: Tensor) -> AnyValue:
        if id(handle) in self._overlay:
            return self._overlay[id(handle)][1]
        value = handle._value
        own = type(value) is Value and value.graph is self.graph
        return self._outer.peek(handle) if self._outer.watches and not own else value

    def write(self, handle: Tensor, value: AnyValue) -> None:
        lifted = self.lift(value)
        if type(handle._value) is Value and handle._value.graph is self.graph:
            handle._value = lifted
        else:
            self._overlay[id(handle)] = handle, lifted

    def custom(self, function: Custom, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        return function.record(self, values)

    # -- the graph --

    def lift(self, value: AnyValue) -> Value:
        """The graph's own value for one that may come from outside: then it becomes a parameter."""
        if type(value) is Value and value.graph is self.graph:
            return value
        if value.uid not in self._lifted:
            self._lifted[value.uid] = len(self.captures), self.graph.add_param(value.type)
            self.captures.append(value)
            self.handles.append([])
        return self._lifted[value.uid][1]

    def param(self, type: TensorType) -> Tensor:
        """A new parameter of the graph, as a tensor."""
        return wrap(self.graph.add_param(type))

    def token(self) -> Value:
        """The token that the next effect takes; the graph gets one as its first parameter on first use."""
        if self._token is None:
            self._token = Value(TOKEN, self.graph, None)
            self.graph.params.insert(0, self._token)
        return self._token

    @property
    def changed(self) -> list[tuple[Tensor, Value]]:
        """Tensors from outside that were changed in place, with their new values, in order of first change."""
        readers = {param: self.handles[position] for position, param in self._lifted.values()}
        return [  # without those that got back the very value that was read from them
            (handle, value)
            for handle, value in self._overlay.values()
            if not any(reader is handle for reader in readers.get(value, ()))
        ]

    def preset(self, handle: Tensor, value: Value) -> None:
        """Let `handle` have a given value of this graph to begin with."""
        self._overlay[id(handle)] = handle, value

    def finish(self, results: Sequence[Tensor]) -> Graph:
        """Close the graph with these results."""
        values = [self.lift(self.read(r)) for r in results]
        self.graph.results = values if self._token is None else [self._token, *values]
        return self.graph

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what runs inside the `with` block, and what is assumed of open sizes."""
        token = guards.set(self.graph.guards)
        try:
            with entered(self):
                yield
        finally:
            guards.reset(token)
