"""What kind of processor this is: everything about it that decides how code is written."""

from __future__ import annotations

import ctypes
import os
import platform
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import llvmlite.binding as llvm

from lamella.codegen.llvm import size
from lamella.errors import explain
from lamella.plugins import Target

#: Bytes of scratch memory that each worker of the pool has, aligned for huge pages.
SCRATCH_BYTES = 1 << 20

#: Groups stop growing here: numbers that cross to another group cost little beside so much computing, and registers,
#: stack and the compiler's time are bounded.
_GROUP_NODES = 128

_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")  # where Linux describes the caches of the first processor


@dataclass(frozen=True)
class Host:
    """A processor to write code for.

    Attributes:
        triple: LLVM's name of the platform.
        cpu: LLVM's name of the processor.
        features: LLVM's list of what its instruction set has and lacks.
        vector_bits: width of the widest vector registers.
        registers: how many of them there are.
        l1_bytes: size of a core's first data cache.
        l2_bytes: size of its second cache.
        l3_bytes: size of the cache that cores share; that of the second where there is none.
        cores: how many processors this process may use.
        converts_half: whether it converts floats of 16 bits.
    """

    triple: str
    cpu: str
    features: str
    vector_bits: int
    registers: int
    l1_bytes: int
    l2_bytes: int
    l3_bytes: int
    cores: int
    converts_half: bool

    def lanes(self, type: str) -> int:
        """How many numbers of an LLVM type a vector register holds.

        Examples:
            >>> host().lanes("float") == 2 * host().lanes("double")
            True
        """
        return self.vector_bits // (8 * size(type))

    def target(self) -> Target:
        """What the planner of graphs has to know."""
        return Target(
            device="CPU",
            vector_bits=self.vector_bits,
            cores=self.cores,
            cache_bytes=self.l2_bytes,
            group_nodes=_GROUP_NODES,
        )

    @staticmethod
    def named(platform: str, cpu: str = "", features: str = "") -> Host:
        """A processor that is not here.

        Args:
            platform: one of `PLATFORMS`.
            cpu: LLVM's name of the processor; default: any of the platform.
            features: what it has besides, such as "+avx2,+fma".

        Raises:
            ValueError: another platform.

        Examples:
            >>> Host.named("x86_64-linux-gnu", features="+avx2,+fma").vector_bits
            256
        """
        if platform not in PLATFORMS:
            raise ValueError(explain("target", given=repr(platform), expected=f"one of {', '.join(PLATFORMS)}"))
        architecture, _, system = platform.partition("-")
        arm = architecture == "aarch64"
        has = {name[1:] for name in features.split(",") if name.startswith("+")}
        wide, medium = has >= _WIDE, {"avx2", "fma"} <= has
        return Host(
            triple=f"{architecture}-unknown-{system}",
            cpu=cpu or ("generic" if arm else "x86-64"),
            features=f"{features},-prefer-256-bit" if wide else features,
            vector_bits=512 if wide else 256 if medium else 128,
            registers=32 if wide or arm else 16,
            l1_bytes=_USUAL[0],
            l2_bytes=_USUAL[1],
            l3_bytes=_USUAL[1],
            cores=1,
            converts_half=arm or "f16c" in has,
        )


#: Platforms that code can be written for.
PLATFORMS = ("x86_64-linux-gnu", "aarch64-linux-gnu")

_WIDE = frozenset({"avx512f", "avx512vl", "avx512bw", "avx512dq"})
_USUAL = 32 << 10, 512 << 10  # sizes of the first data cache and the second, where the system does not say


@cache
def host() -> Host:
    """The processor of this process.

    Examples:
        >>> host().vector_bits in (128, 256, 512)
        True
    """
    has = _features()
    arm = platform.machine().lower() in ("arm64", "aarch64")
    wide = all(has.get(name) for name in _WIDE)
    # LLVM splits vectors of 512 bits on processors whose clock they once slowed down, unless it is told not to.
    choices = {**has, "prefer-256-bit": False} if wide else has
    l1, l2, l3 = _cache_sizes()
    return Host(
        triple=llvm.get_process_triple(),
        cpu=llvm.get_host_cpu_name(),
        features=",".join(("+" if there else "-") + name for name, there in sorted(choices.items())),
        vector_bits=512 if wide else 256 if has.get("avx2") and has.get("fma") else 128,
        registers=32 if wide or arm else 16,
        l1_bytes=l1,
        l2_bytes=l2,
        l3_bytes=l3,
        cores=_cores(),
        converts_half=arm or bool(has.get("f16c")),
    )


def _features() -> dict[str, bool]:
    try:
        return dict(llvm.get_host_cpu_features())
    except RuntimeError:  # LLVM cannot tell on every platform; the name of the processor then says what it has
        return {}


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cache_sizes() -> tuple[int, int, int]:
    """Bytes of the first data cache, the second and the third; usual sizes where the system does not say."""
    found = _linux_caches() if _CACHES.is_dir() else _mac_caches() if platform.system() == "Darwin" else {}
    l1, l2 = found.get(1, _USUAL[0]), found.get(2, _USUAL[1])
    return l1, l2, found.get(3, l2)


def _linux_caches() -> dict[int, int]:
    sizes = {}
    units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
    for folder in _CACHES.glob("index*"):
        try:
            level, kind, amount = ((folder / name).read_text().strip() for name in ("level", "type", "size"))
            if kind != "Instruction":
                sizes[int(level)] = int(amount[:-1]) * units[amount[-1]]
        except (OSError, ValueError, KeyError):  # not every kernel fills in every file
            continue
    return sizes


def _mac_caches() -> dict[int, int]:
    libc = ctypes.CDLL(None)
    sizes = {}
    # Performance cores are level 0 of the system's table; older processors have one kind of core only.
    names = {1: ("hw.perflevel0.l1dcachesize", "hw.l1dcachesize"), 2: ("hw.perflevel0.l2cachesize", "hw.l2cachesize")}
    for level, keys in names.items():
        for key in keys:
            number, length = ctypes.c_uint64(), ctypes.c_size_t(8)
            if libc.sysctlbyname(key.encode(), ctypes.byref(number), ctypes.byref(length), None, 0) == 0:
                sizes[level] = number.value
                break
    return sizes
