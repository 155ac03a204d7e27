"""How much memory devices have taken, under MindSpore's names of `mindspore.runtime`.

What a device does not count is 0: see `lamella.plugins.Memory`.
"""

from __future__ import annotations

from lamella import context, plugins
from lamella.plugins import Memory

__all__ = ["max_memory_allocated", "memory_allocated", "memory_reserved", "memory_stats"]


def memory_stats(device_target: str | None = None) -> dict[str, int]:
    """Bytes of a device's memory that are taken, by what they are taken for.

    Args:
        device_target: a device, such as "CPU" or "GPU:1". Default: the current one.

    Raises:
        MissingPluginError: no such device is installed.
        ValueError: there is no device of that number.

    Examples:
        >>> from lamella import runtime
        >>> sorted(runtime.memory_stats("reference"))
        ['arena', 'idle', 'live', 'peak']
    """
    return _memory(device_target)._asdict()


def memory_allocated(device_target: str | None = None) -> int:
    """Bytes that tensors hold on a device.

    Args:
        device_target: as for `memory_stats`.

    Examples:
        >>> from lamella import runtime
        >>> runtime.memory_allocated() <= runtime.memory_reserved()
        True
    """
    return _memory(device_target).live


def max_memory_allocated(device_target: str | None = None) -> int:
    """The most bytes that tensors have held at once on a device.

    Args:
        device_target: as for `memory_stats`.

    Examples:
        >>> from lamella import runtime
        >>> runtime.max_memory_allocated("reference")
        0
    """
    return _memory(device_target).peak


def memory_reserved(device_target: str | None = None) -> int:
    """Bytes that are taken on a device in all: held by tensors and compiled functions, or kept for those to come.

    Args:
        device_target: as for `memory_stats`.

    Examples:
        >>> from lamella import runtime
        >>> runtime.memory_reserved("reference")
        0
    """
    memory = _memory(device_target)
    return memory.live + memory.idle + memory.arena


def _memory(device_target: str | None) -> Memory:
    backend, ordinal = (context.backend, context.ordinal) if device_target is None else plugins.device(device_target)
    return backend.memory(ordinal)
