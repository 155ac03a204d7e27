"""How MindSpore's programs say in which way they are parallel: kept and given back, for one device."""

from __future__ import annotations

import difflib
from copy import deepcopy
from typing import Any, ClassVar

from lamella.errors import explain

__all__ = [
    "ParallelMode",
    "get_algo_parameters",
    "get_auto_parallel_context",
    "reset_algo_parameters",
    "reset_auto_parallel_context",
    "set_algo_parameters",
    "set_auto_parallel_context",
]


class ParallelMode:
    """The names of ways to be parallel.

    Examples:
        >>> from lamella import ParallelMode
        >>> ParallelMode.DATA_PARALLEL
        'data_parallel'
    """

    STAND_ALONE = "stand_alone"
    DATA_PARALLEL = "data_parallel"
    HYBRID_PARALLEL = "hybrid_parallel"
    SEMI_AUTO_PARALLEL = "semi_auto_parallel"
    AUTO_PARALLEL = "auto_parallel"
    MODE_LIST: ClassVar[list[str]] = [
        STAND_ALONE, DATA_PARALLEL, HYBRID_PARALLEL, SEMI_AUTO_PARALLEL, AUTO_PARALLEL,
    ]  # fmt: skip


#: The settings with their defaults, whose types they keep.
_DEFAULTS: dict[str, Any] = {
    "all_reduce_fusion_config": [],
    "auto_parallel_search_mode": "recursive_programming",
    "comm_fusion": {
        "openstate": True,
        "allreduce": {"mode": "auto", "config": None},
        "allgather": {"mode": "auto", "config": None},
        "reducescatter": {"mode": "auto", "config": None},
    },
    "communi_parallel_mode": "all_group_parallel",
    "dataset_strategy": "data_parallel",
    "device_num": 1,
    "enable_alltoall": False,
    "enable_parallel_optimizer": False,
    "force_fp32_communication": False,
    "full_batch": False,
    "global_rank": 0,
    "grad_accumulation_step": 1,
    "gradient_fp32_sync": True,
    "gradients_mean": False,
    "group_ckpt_save_file": "",
    "loss_repeated_mean": True,
    "optimizer_weight_shard_size": -1,
    "parallel_mode": "stand_alone",
    "parallel_optimizer_config": {},
    "parameter_broadcast": False,
    "pipeline_config": {},
    "pipeline_result_broadcast": False,
    "pipeline_stages": 1,
    "search_mode": "recursive_programming",
    "sharding_propagation": False,
    "strategy_ckpt_config": {"load_file": "", "save_file": "", "only_trainable_params": True},
    "strategy_ckpt_load_file": "",
    "strategy_ckpt_save_file": "",
    "auto_pipeline": False,
    "zero3": False,
}

#: Settings that may be of other types than their defaults.
_FREE = {"dataset_strategy", "all_reduce_fusion_config"}

_values: dict[str, Any] = {}


def _require_known(subject: str, name: str, known: dict[str, Any]) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            explain(subject, given=f"setting {name!r}", expected=f"one of {', '.join(known)}", remedy=remedy)
        )


def set_auto_parallel_context(**kwargs: Any) -> None:
    """Say in which way a program is parallel. With one device, that of this process, nothing depends on it.

    Args:
        kwargs: settings by name: parallel_mode (one of `ParallelMode`), gradients_mean, device_num, global_rank,
            full_batch, parameter_broadcast, all_reduce_fusion_config and MindSpore's others. They are kept and given
            back.

    Raises:
        TypeError: a value of another type.
        ValueError: there is no such setting, or it does not take this value.
        RuntimeError: more than one device is asked for, which cannot work together yet.

    Examples:
        >>> import lamella as ms
        >>> ms.set_auto_parallel_context(parallel_mode=ms.ParallelMode.DATA_PARALLEL, gradients_mean=True)
        >>> ms.get_auto_parallel_context("parallel_mode")
        'data_parallel'
        >>> ms.reset_auto_parallel_context()
    """
    subject = "set_auto_parallel_context"
    for name, value in kwargs.items():
        _require_known(subject, name, _DEFAULTS)
        default = _DEFAULTS[name]
        if name not in _FREE and (type(value) is not type(default)):
            expected = f"a {type(default).__name__}"
            raise TypeError(explain(f"{subject}({name}=…)", given=repr(value), expected=expected))
        if name == "parallel_mode" and value not in ParallelMode.MODE_LIST:
            expected = f"one of {', '.join(ParallelMode.MODE_LIST)}"
            raise ValueError(explain(f"{subject}({name}=…)", given=repr(value), expected=expected))
        if name in ("device_num", "pipeline_stages", "grad_accumulation_step") and value < 1:
            raise ValueError(explain(f"{subject}({name}=…)", given=repr(value), expected="at least 1"))
        if name == "global_rank" and value < 0:
            raise ValueError(explain(f"{subject}({name}=…)", given=repr(value), expected="at least 0"))
        if (name in ("device_num", "pipeline_stages") and value > 1) or (name == "global_rank" and value > 0):
            remedy = "Lamella runs in one process on one device so far."
            given, expected = repr(value), "0" if name == "global_rank" else "1"
            raise RuntimeError(explain(f"{subject}({name}=…)", given=given, expected=expected, remedy=remedy))
    _values.update(kwargs)


def get_auto_parallel_context(attr_key: str) -> Any:
    """A setting of `set_auto_parallel_context`.

    Args:
        attr_key: its name.

    Raises:
        ValueError: there is no such setting.

    Examples:
        >>> import lamella as ms
        >>> ms.get_auto_parallel_context("device_num")
        1
    """
    _require_known("get_auto_parallel_context", attr_key, _DEFAULTS)
    return _values[attr_key] if attr_key in _values else deepcopy(_DEFAULTS[attr_key])


def reset_auto_parallel_context() -> None:
    """Set all settings of `set_auto_parallel_context` back to their defaults.

    Examples:
        >>> import lamella as ms
        >>> ms.reset_auto_parallel_context()
    """
    _values.clear()


#: Settings of MindSpore's search for a way to be parallel, which is not made on one device.
_ALGO_DEFAULTS: dict[str, Any] = {
    "fully_use_devices": False,
    "elementwise_op_strategy_follow": False,
    "enable_algo_approxi": False,
    "algo_approxi_epsilon": 0.1,
    "tensor_slice_align_enable": False,
    "tensor_slice_align_size": 16,
}

_algo: dict[str, Any] = {}


def set_algo_parameters(**kwargs: Any) -> None:
    """Say how a way to be parallel is searched for; on one device none is. The settings are kept and given back.

    Args:
        kwargs: settings by name: fully_use_devices, elementwise_op_strategy_follow, enable_algo_approxi,
            algo_approxi_epsilon, tensor_slice_align_enable, tensor_slice_align_size.

    Raises:
        TypeError: a value of another type.
        ValueError: there is no such setting.

    Examples:
        >>> import lamella as ms
        >>> ms.set_algo_parameters(fully_use_devices=True)
        >>> ms.reset_algo_parameters()
    """
    for name, value in kwargs.items():
        _require_known("set_algo_parameters", name, _ALGO_DEFAULTS)
        if type(value) is not type(_ALGO_DEFAULTS[name]):
            expected = f"a {type(_ALGO_DEFAULTS[name]).__name__}"
            raise TypeError(explain(f"set_algo_parameters({name}=…)", given=repr(value), expected=expected))
    _algo.update(kwargs)


def get_algo_parameters(attr_key: str) -> Any:
    """A setting of `set_algo_parameters`.

    Args:
        attr_key: its name.

    Raises:
        ValueError: there is no such setting.

    Examples:
        >>> import lamella as ms
        >>> ms.get_algo_parameters("fully_use_devices")
        False
    """
    _require_known("get_algo_parameters", attr_key, _ALGO_DEFAULTS)
    return _algo.get(attr_key, _ALGO_DEFAULTS[attr_key])


def reset_algo_parameters() -> None:
    """Set all settings of `set_algo_parameters` back to their defaults.

    Examples:
        >>> import lamella as ms
        >>> ms.reset_algo_parameters()
    """
    _algo.clear()
