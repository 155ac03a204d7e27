"""Lamella: an all-scenario deep-learning framework with MindSpore's programming model and public names."""

from importlib import import_module
from typing import Any

from lamella import (
    autodiff,
    context,
    dtypes,
    initializer,
    ir,
    nn,
    ops,
    plugins,
    runtime,
    train,
)
from lamella.autodiff import GradOperation, grad, jacfwd, jacrev, jvp, value_and_grad, vjp, vmap
from lamella.context import GRAPH_MODE, PYNATIVE_MODE, get_context, set_context
from lamella.dtypes import (
    DType,
    bfloat16,
    bool_,
    complex64,
    complex128,
    float8_e4m3fn,
    float8_e5m2,
    float16,
    float32,
    float64,
    int4,
    int8,
    int16,
    int32,
    int64,
    uint4,
    uint8,
    uint16,
    uint32,
    uint64,
)  # fmt: skip
from lamella.ops.functions.random import Generator, get_seed, set_seed
from lamella.parameter import Parameter, ParameterTuple
from lamella.tensor import Tensor
from lamella.train import Model, load_checkpoint, load_param_into_net, save_checkpoint
from lamella.version import __version__

#: MindSpore's names for functions that have others here.
from_numpy = Tensor.from_numpy
from_dlpack = Tensor.from_dlpack

__all__ = [
    "GRAPH_MODE",
    "PYNATIVE_MODE",
    "DType",
    "Generator",
    "GradOperation",
    "Model",
    "Parameter",
    "ParameterTuple",
    "Tensor",
    "__version__",
    "autodiff",
    "bfloat16",
    "bool_",
    "complex64",
    "complex128",
    "context",
    "dtype",
    "dtypes",
    "float8_e4m3fn",
    "float8_e5m2",
    "float16",
    "float32",
    "float64",
    "from_dlpack", "from_numpy",
    "get_context",
    "get_seed",
    "grad",
    "initializer",
    "int4",
    "int8",
    "int16",
    "int32",
    "int64",
    "ir",
    "jacfwd",
    "jacrev",
    "jvp",
    "load_checkpoint",
    "load_param_into_net",
    "nn",
    "ops",
    "plugins",
    "runtime",
    "save_checkpoint",
    "set_context",
    "set_seed",
    "train",
    "uint4",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "value_and_grad",
    "vjp",
    "vmap",
]  # fmt: skip


#: Names that are found when they are first used, and the module that has them.
_LATER = {
    **dict.fromkeys(("manual_seed", "seed", "initial_seed", "get_rng_state", "set_rng_state"), "lamella.seeds"),
    **dict.fromkeys(("dtype_to_nptype", "dtype_to_pytype", "pytype_to_dtype", "get_py_obj_dtype"), "lamella.dtype"),
    **dict.fromkeys(("byte", "short", "intc", "intp", "ubyte", "ushort", "uintc", "uintp"), "lamella.dtype"),
    **dict.fromkeys(("half", "single", "double", "Type"), "lamella.dtype"),
    **dict.fromkeys(("is_tensor", "constexpr", "default_generator"), "lamella.ops"),
    **dict.fromkeys(
        (
            "ParallelMode", "get_algo_parameters", "get_auto_parallel_context", "reset_algo_parameters",
            "reset_auto_parallel_context", "set_algo_parameters", "set_auto_parallel_context",
        ),
        "lamella.auto_parallel",
    ),
    **dict.fromkeys(("FixedLossScaleManager", "DynamicLossScaleManager", "LossScaleManager"), "lamella.amp"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Find a name when it is first used: one of `_LATER`, or one that plugins provide, such as `lamella.dataset`."""
    if name in ("amp", "communication", "dtype", "numpy"):
        return import_module(f"lamella.{name}")
    value = getattr(import_module(_LATER[name]), name) if name in _LATER else plugins.resolve_name(name)
    globals()[name] = value
    return value
