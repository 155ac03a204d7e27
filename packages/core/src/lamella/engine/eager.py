"""The eager engine: runs each primitive at once, on the backend that holds its operands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from lamella import context
from lamella.buffer import Buffer, Described, on_device
from lamella.engine.base import AnyValue, Custom, Engine
from lamella.errors import LeakedValueError, explain
from lamella.turns import TAKING, Changing

if TYPE_CHECKING:
    from lamella.ops.define.opdef import OpDef
    from lamella.tensor import Tensor


class Eager(Engine):
    """The bottom of every stack that computes rather than records. Stateless: one object serves all threads."""

    __slots__ = ()

    parent = None
    watches = False
    builds = False
    locates = False

    def run(self, op: OpDef, values: Sequence[Any], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        if not values:
            return context.backend.run(op, values, attrs, context.ordinal)
        try:
            backend, ordinal = values[0].backend, values[0].ordinal
            for value in values:
                if value.backend is not backend or value.ordinal != ordinal:
                    return self.run(op, _on_one_device(op, values), attrs)
        except AttributeError:
            _refuse_leak(op, values)
            raise
        return backend.run(op, values, attrs, ordinal)

    def constant(self, array: np.ndarray[Any, Any]) -> Buffer:
        return context.backend.put(array, context.ordinal)

    def read(self, handle: Tensor) -> AnyValue:
        value: Any = handle._value
        return value.settled() if type(value) is Changing else value

    peek = read

    def write(self, handle: Tensor, value: AnyValue) -> None:
        with TAKING:  # a step that ends at this moment leaves it alone, or has ended before
            handle._value = value

    def custom(self, function: Custom, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        return function.run(values)


#: Buffers of Python's numbers: they belong to no device.
NUMBERS: WeakSet[Buffer] = WeakSet()


def _on_one_device(op: OpDef, values: Sequence[Buffer]) -> list[Buffer]:
    """Operands that are on several devices, all on the chosen one, or else on the first one's."""
    places = [(value.backend, value.ordinal) for value in values if value not in NUMBERS]
    chosen = context.backend, context.ordinal
    backend, ordinal = chosen if chosen in places or not places else places[0]
    return [
        backend.put(value.plain(), ordinal)
        if value in NUMBERS
        else on_device(value, backend, ordinal, f"ops.{op.name}")
        for value in values
    ]


def _refuse_leak(op: OpDef, values: Sequence[Any]) -> None:
    for value in values:
        if isinstance(value, Described):
            raise TypeError(
                explain(
                    f"ops.{op.name}",
                    given="a tensor that only describes others, made with a shape and no data",
                    expected="a tensor with numbers",
                    remedy="Give it data, or an `init`.",
                )
            )
        if not isinstance(value, (Buffer, Changing)):
            raise LeakedValueError(
                f"ops.{op.name}: a tensor made inside a transform or a graph build ({value.type}) was used after it "
                "ended. Return it from the function instead of storing it."
            )


EAGER = Eager()
