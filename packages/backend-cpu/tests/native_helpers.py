"""Emitted functions as Python callables, for this processor and for lesser ones that it can stand in for."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lamella.codegen.llvm import Module
from lamella_cpu.host import Host, host
from lamella_cpu.runtime import native

Array = np.ndarray[Any, Any]

TYPES = {"i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "float": np.float32, "double": np.float64}


def hosts() -> dict[str, Host]:
    """This processor, and with it what its predecessors had."""
    found = {"this": host()}
    if platform.machine().lower() in ("x86_64", "amd64"):
        kept = [feature for feature in host().features.split(",") if "avx512" not in feature and "256" not in feature]
        if host().vector_bits >= 256:
            older = [feature for feature in kept if "avx" not in feature and "fma" not in feature]
            found["sse"] = replace(
                host(), cpu="nehalem", features=",".join(older), vector_bits=128, registers=16, l2_bytes=256 << 10
            )
        if host().vector_bits == 512:
            found["avx2"] = replace(
                host(), cpu="haswell", features=",".join(kept), vector_bits=256, registers=16, l2_bytes=256 << 10
            )
    return found


HOSTS = hosts()


def loaded(module: Module, name: str, target: Host) -> Callable[..., None]:
    """A function of a module, which takes arrays for pointers and ints for i64."""
    module.functions[name] = module.functions[name].replace("define internal ", "define ", 1)
    code = native.compile_module(str(module), module.name, target)

    def call(*arguments: Array | int) -> None:
        kinds = [ctypes.c_int64 if isinstance(a, int) else ctypes.c_void_p for a in arguments]
        function = ctypes.CFUNCTYPE(None, *kinds)(code.address(name))
        function(*(a if isinstance(a, int) else a.ctypes.data for a in arguments))

    return call


def guarded(content: Array, value: float) -> tuple[Array, Array]:
    """A copy of a flat array amid other numbers, as the whole and as the part that is to be used."""
    room = 16
    whole = np.full(content.size + 2 * room, value, content.dtype)
    part = whole[room : room + content.size]
    part[:] = content
    return whole, part
