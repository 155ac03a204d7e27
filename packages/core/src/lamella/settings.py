"""The settings of a process, as a model that says what each may be."""

from __future__ import annotations

import os
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

GRAPH_MODE: Final = 0
PYNATIVE_MODE: Final = 1

#: MindSpore's settings that have nothing to set here, with MindSpore's defaults: they are kept and given back.
WITHOUT_EFFECT: Final[dict[str, Any]] = {
    "aoe_config": {},
    "aoe_tune_mode": "",
    "ascend_config": {},
    "auto_tune_mode": "NO_TUNE",
    "check_bprop": False,
    "conv_fprop_algo": "normal",
    "debug_level": 0,
    "disable_format_transform": False,
    "enable_auto_mixed_precision": False,
    "enable_dump": False,
    "enable_dynamic_memory": False,
    "enable_graph_kernel": False,
    "enable_hccl": False,
    "enable_loop_sink": False,
    "enable_mem_reuse": True,
    "enable_profiling": False,
    "enable_pynative_hook": False,
    "enable_pynative_infer": False,
    "enable_reduce_precision": True,
    "enable_sparse": False,
    "enable_task_sink": False,
    "env_config_path": "",
    "exec_order": "bfs",
    "gpu_config": {},
    "grad_for_scalar": False,
    "graph_kernel_flags": "",
    "host_scheduling_max_threshold": "",
    "inter_op_parallel_num": 0,
    "jit_config": {},
    "jit_enable_inplace_ops": True,
    "jit_syntax_level": 2,
    "memory_offload": "OFF",
    "memory_optimize_level": "O0",
    "mempool_block_size": "1GB",
    "op_level": 0,
    "precompile_only": False,
    "print_file_path": "",
    "profiling_options": "training_trace",
    "reserve_class_name_in_scope": True,
    "save_dump_path": ".",
    "support_binary": False,
    "variable_memory_max_size": "0GB",
}


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
