"""The settings of a process, as a model that says what each may be."""

from __future__ import annotations

import os
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

GRAPH_MODE: Final = 0
PYNATIVE_MODE: Final = 1


class Settings(BaseModel):
    """All settings, valid. Core acts on `mode`, `device_target` and `device_id`; every plugin is given all of them.

    The descriptions say what is allowed; error messages quote them. Names and defaults are MindSpore's, except that
    `runtime_num_threads` is by default the number of processors.
    """

    # Building the validator takes longer than all else at import, and only set_context needs it.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    mode: Literal[0, 1] = Field(PYNATIVE_MODE, description="GRAPH_MODE (0) or PYNATIVE_MODE (1)")
    device_target: str = Field("reference", min_length=1, description="the name of an installed device")
    device_id: int = Field(0, ge=0, description="an int, 0 or more")
    deterministic: Literal["ON", "OFF"] = Field("OFF", description='"ON" or "OFF"')
    pynative_synchronize: bool = Field(False, description="True or False")
    max_call_depth: int = Field(1000, ge=1, description="an int, 1 or more")
    runtime_num_threads: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, description="an int, 1 or more")
    max_device_memory: str = Field(
        "1024GB", pattern=r"^\d+(\.\d+)?GB$", description='a number of gigabytes such as "8GB" or "2.5GB"'
    )
    op_timeout: int = Field(900, ge=0, description="seconds, an int; 0 to wait for ever")
    save_graphs: bool | Annotated[int, Field(ge=0, le=3)] = Field(
        False, description="True, False, or a level from 0 to 3"
    )
    save_graphs_path: str = Field(".", min_length=1, description="the path of a folder")
    enable_compile_cache: bool = Field(False, description="True or False")
    compile_cache_path: str = Field(".", min_length=1, description="the path of a folder")
