"""What core asks of a backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np

    from lamella.buffer import Buffer
    from lamella.ir.graph import Graph
    from lamella.ops.opdef import OpDef
    from lamella.plugins.target import Target
    from lamella.types import TensorType

    Executable: TypeAlias = Callable[..., Sequence[Buffer]]


@runtime_checkable
class Backend(Protocol):
    """Runs ops and compiled graphs on one device."""

    @property
    def name(self) -> str:
        """The device, as `set_context(device_target=...)` names it."""
        ...

    @property
    def on_host(self) -> bool:
        """Whether the data of its buffers are NumPy arrays, so that `put` and `get` cost nothing.

        Tensors of such devices may be mixed: they are moved to where they are needed.
        """
        ...

    def supports(self, op_name: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any], /) -> bool:
        """Whether this backend has a kernel of its own for an op on operands of these types, with these attributes.

        Where it has none, core runs the op's reference kernel or its decomposition.
        """
        ...

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any], /) -> list[Buffer]:
        """Run one op now: the operands' buffers in, the results' buffers out."""
        ...

    def compile(self, graph: Graph, /) -> Executable:
        """Turn any verified graph into a function from the buffers of its inputs to those of its outputs.

        It takes the buffers, and the positions of those whose memory it may take over (see `ir.program`). An exception
        that comes after everything was computed, such as an interrupt, may bring the results as `results`.
        """
        ...

    def put(self, array: np.ndarray[Any, Any], /) -> Buffer:
        """Copy an array to the device."""
        ...

    def get(self, buffer: Buffer, /) -> np.ndarray[Any, Any]:
        """The content of a buffer as an array, read-only where it shares memory with the buffer."""
        ...

    def target(self) -> Target:
        """Describe the device."""
        ...
