"""The batching engine: runs a function of one example on a whole batch (vmap).

A `Batched` value is a value of the engine below with one more axis, always the first. Primitives applied to batched
values follow their batching rules, which run on the engine below.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamella.buffer import next_uid
from lamella.dims import DimSize, Shape
from lamella.dtypes import DType
from lamella.engine.base import AnyValue, Custom, Engine
from lamella.engine.stack import current, entered
from lamella.errors import explain
from lamella.ops.define.opdef import Kind, OpDef
from lamella.ops.prims.shape import reduce_sum, with_batch
from lamella.tensor import wrap
from lamella.types import TensorType

if TYPE_CHECKING:
    from lamella.tensor import Tensor


class Batched:
    """What a tensor of one example holds under vmap: the values of all examples.

    Attributes:
        uid: a number that no other value has.
        value: the engine below's value, with the batch as axis 0.
        batch: the batch that it belongs to.
    """

    __slots__ = ("__weakref__", "batch", "uid", "value")

    def __init__(self, value: AnyValue, batch: object) -> None:
        self.uid = next_uid()
        self.value = value
        self.batch = batch

    @property
    def dtype(self) -> DType:
        """Type of the elements."""
        return self.value.dtype

    @property
    def shape(self) -> Shape:
        """Shape of one example."""
        shape: Shape = self.value.shape[1:]
        return shape

    @property
    def type(self) -> TensorType:
        """Type of one example."""
        return TensorType(self.value.dtype, self.value.shape[1:])


class Batching(Engine):
    """Applies batching rules.

    Args:
        parent: the engine below.
        size: number of examples.
        batch: the batch that another engine started, for one that goes on with it elsewhere; default: a new one.
    """

    def __init__(self, parent: Engine, size: DimSize, batch: object = None) -> None:
        self.parent: Engine = parent
        self.size = size
        self.examples = object() if batch is None else batch
        self.watches = parent.watches
        self.builds = parent.builds
        self.locates = parent.locates

    def owns(self, value: AnyValue) -> bool:
        """Whether `value` is a batch of this engine."""
        return type(value) is Batched and value.batch is self.examples

    def run(self, op: OpDef, values: Sequence[AnyValue], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        batched = [self.owns(value) for value in values]
        if not any(batched) and op.kind is not Kind.RANDOM:
            return self.parent.run(op, values, attrs)
        if op.batch is None:
            raise TypeError(
                explain(
                    f"ops.{op.name} under vmap",
                    given="a primitive without a batching rule",
                    expected="one with `batch`",
                    remedy="Call it outside vmap, or give its OpDef a rule.",
                )
            )
        inner = [self.inner(value) for value in values]
        with entered(self.parent):
            results, flags = op.batch(op, self.size, inner, batched, attrs)
            return [
                Batched(self.parent.read(result), self.examples) if flag else self.parent.read(result)
                for result, flag in zip(results, flags, strict=True)
            ]

    def inner(self, value: AnyValue) -> Tensor:
        """The engine below's tensor for a value of this one."""
        return wrap(value.value) if type(value) is Batched and value.batch is self.examples else wrap(value)

    def batch(self, tensor: Tensor) -> Tensor:
        """A tensor of one example from the engine below's tensor of all."""
        return wrap(Batched(self.parent.read(tensor), self.examples))

    def unbatch(self, tensor: Tensor) -> tuple[Tensor, bool]:
        """The engine below's tensor for one of this engine, and whether it has a batch axis."""
        value = self.read(tensor)
        return self.inner(value), self.owns(value)

    def whole(self, tensor: Tensor) -> Tensor:
        """The engine below's tensor for one of this engine, with a batch axis in any case."""
        with entered(self.parent):
            return with_batch(*self.unbatch(tensor), self.size)

    def constant(self, array: np.ndarray[Any, Any]) -> AnyValue:
        return self.parent.constant(array)

    def read(self, handle: Tensor) -> AnyValue:
        return handle._value if self.owns(handle._value) else self.parent.read(handle)

    def peek(self, handle: Tensor) -> AnyValue:
        return handle._value if self.owns(handle._value) else self.parent.peek(handle)

    def write(self, handle: Tensor, value: AnyValue) -> None:
        if self.owns(handle._value):
            handle._value = value
        elif self.owns(value):
            raise ValueError(
                explain(
                    "in-place change under vmap",
                    given="a value for each example",
                    expected="one value for the tensor, which was made outside vmap",
                    remedy="Return the value from the function instead.",
                )
            )
        else:
            self.parent.write(handle, value)

    def custom(self, function: Custom, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        flags = [self.owns(value) for value in values]
        out_flags: list[bool] = []

        def batched_forward(*inner: Tensor) -> list[Tensor]:
            engine = Batching(current(), self.size, self.examples)
            with entered(engine):
                given = [engine.batch(x) if flag else x for x, flag in zip(inner, flags, strict=True)]
                results = function.forward(*given)
            parts = [engine.unbatch(result) for result in results]
            out_flags[:] = [flag for _, flag in parts]
            return [x for x, _ in parts]

        def batched_backward(*inner: Tensor) -> list[Tensor | None]:
            # The cotangents come from the engine below, where the batch is an axis like any other.
            engine = Batching(current(), self.size, self.examples)
            seen = [*flags, *out_flags, *out_flags]
            with entered(engine):
                given = [engine.batch(x) if flag else x for x, flag in zip(inner, seen, strict=True)]
                grads = function.backward(*given)
            whole = [None if g is None else engine.whole(g) for g in grads]
            with entered(engine.parent):
                return [
                    g if g is None or flag else reduce_sum(g, axes=(0,)) for g, flag in zip(whole, flags, strict=True)
                ]

        inner = [self.inner(value)._value for value in values]
        with entered(self.parent):
            results = self.parent.custom(function.with_bodies(batched_forward, batched_backward), inner)
        return [Batched(r, self.examples) if flag else r for r, flag in zip(results, out_flags, strict=True)]
