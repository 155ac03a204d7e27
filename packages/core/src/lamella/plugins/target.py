"""What a backend tells a compiler about its device."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Target(BaseModel):
    """A device as a compiler sees it; read when a graph is compiled.

    Attributes:
        device: the name that `set_context(device_target=...)` takes.
        vector_bits: width of the vector registers; 0 where there are none to plan for.
        cores: how many workers run side by side.
        cache_bytes: fast memory of one worker: the last private cache level, or shared memory.
        memory_bytes: memory of the device; 0 where it is not known.
        group_nodes: how many nodes are computed in one loop at most; 1 where that gains nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    device: str
    vector_bits: int = Field(default=0, ge=0)
    cores: int = Field(default=1, ge=1)
    cache_bytes: int = Field(default=0, ge=0)
    memory_bytes: int = Field(default=0, ge=0)
    group_nodes: int = Field(default=1, ge=1)
