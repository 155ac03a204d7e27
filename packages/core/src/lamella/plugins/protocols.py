"""What core asks of a backend, and what a backend tells about its device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np

    from lamella.buffer import Buffer
    from lamella.ir.graph import Graph
    from lamella.ops.opdef import OpDef
    from lamella.types import TensorType

    Executable: TypeAlias = Callable[..., Sequence[Buffer]]


class Target(BaseModel):
    """A device as a compiler sees it; read when a graph is compiled.

    Attributes:
        device: the name that `set_context(device_target=...)` takes.
        vector_bits: width of the vector registers; 0 where there are none to plan for.
        cores: how many workers run side by side.
        cache_bytes: fast memory of one worker: the last private cache level, or shared memory.
        memory_bytes: memory of the device; 0 where it is not known.
        fuses: whether the backend gains from fusion groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    device: str
    vector_bits: int = Field(default=0, ge=0)
    cores: int = Field(default=1, ge=1)
    cache_bytes: int = Field(default=0, ge=0)
    memory_bytes: int = Field(default=0, ge=0)
    fuses: bool = False


@runtime_checkable
class Backend(Protocol):
    """Runs ops and compiled graphs on one device."""

    @property
    def name(self) -> str:
        """The device, as `set_context(device_target=...)` names it."""
        ...

    def supports(self, op_name: str, version: int, types: Sequence[TensorType], /) -> bool:
        """Whether this backend has a kernel of its own for an op on operands of these types.

        Where it has none, core runs the op's reference kernel or its decomposition.
        """
        ...

    def run(self, op: OpDef, buffers: Sequence[Buffer], attrs: dict[str, Any], /) -> list[Buffer]:
        """Run one op now: the operands' buffers in, the results' buffers out."""
        ...

    def compile(self, graph: Graph, /) -> Executable:
        """Turn any verified graph into a function from the buffers of its inputs to those of its outputs."""
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
