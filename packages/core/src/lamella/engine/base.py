"""What an engine is.

Every primitive goes to the current engine. Engines stack: the tape and the batching engine do their part and pass
the work to the engine below them, down to one that runs it (eager) or records it (building).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    from lamella.dtypes import DType
    from lamella.engine.building import Building
    from lamella.ops.define.opdef import OpDef
    from lamella.tensor import Tensor
    from lamella.types import TensorType


class AnyValue(Protocol):
    """What a tensor holds: a `Buffer`, an IR value, or a batch of either."""

    uid: int

    @property
    def type(self) -> TensorType: ...
    @property
    def dtype(self) -> DType: ...
    @property
    def shape(self) -> Any: ...


#: A body of a custom derivative: tensors in, tensors out (None for no cotangent), run on the engine that is current.
Body: TypeAlias = "Callable[..., list[Any]]"


class Custom(Protocol):
    """A function with a derivative of its own (`ops.prims.custom`)."""

    @property
    def forward(self) -> Body:
        """The function."""
        ...

    @property
    def backward(self) -> Body:
        """Takes operands, results and the results' cotangents, and gives the operands' cotangents."""
        ...

    def run(self, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        """Run the function on the engine that is current."""
        ...

    def record(self, building: Building, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        """Write both bodies down as a node of a graph."""
        ...

    def with_bodies(self, forward: Body, backward: Body) -> Custom:
        """The same with other bodies."""
        ...


class Engine(Protocol):
    """Runs, records or transforms primitives.

    Attributes:
        parent: the engine below, to which transforms pass the work; None at the bottom.
        watches: whether tensors must be read through `read`, because what they hold may not be their value here.
        builds: whether the engine at the bottom records a graph.
        locates: whether the engine at the bottom asks where an op comes from.
    """

    parent: Engine | None
    watches: bool
    builds: bool
    locates: bool

    def run(self, op: OpDef, values: Sequence[AnyValue], attrs: dict[str, Any]) -> Sequence[AnyValue]:
        """Perform one primitive."""
        ...

    def constant(self, array: np.ndarray[Any, Any]) -> AnyValue:
        """A value with these elements; the array is never changed afterwards."""
        ...

    def read(self, handle: Tensor) -> AnyValue:
        """The value that `handle` has here."""
        ...

    def peek(self, handle: Tensor) -> AnyValue:
        """As `read`, to look at its type only: reading makes an outer tensor an input of a graph, this does not."""
        ...

    def write(self, handle: Tensor, value: AnyValue) -> None:
        """Give `handle` another value."""
        ...

    def custom(self, function: Custom, values: Sequence[AnyValue]) -> Sequence[AnyValue]:
        """Run a function; a tape takes its own derivative for it."""
        ...
