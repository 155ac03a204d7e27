"""The processes of a program: this one is the only one, of rank 0 in a world of one.

Programs written for several processes run as they are: each collective operation (`ops.AllReduce` and its kind) gives
back what one process gives it. A launcher that asks for more processes is refused, so that nothing trains alone that
should train together.
"""

from __future__ import annotations

import os
from typing import Any

from lamella.errors import explain

__all__ = [
    "HCCL_WORLD_COMM_GROUP",
    "MCCL_WORLD_COMM_GROUP",
    "NCCL_WORLD_COMM_GROUP",
    "GlobalComm",
    "create_group",
    "destroy_group",
    "get_comm_name",
    "get_group_rank_from_world_rank",
    "get_group_size",
    "get_local_rank",
    "get_local_rank_size",
    "get_process_group_ranks",
    "get_rank",
    "get_world_rank_from_group_rank",
    "init",
    "release",
]

HCCL_WORLD_COMM_GROUP = "hccl_world_group"
NCCL_WORLD_COMM_GROUP = "nccl_world_group"
MCCL_WORLD_COMM_GROUP = "mccl_world_group"

_WORLDS = (HCCL_WORLD_COMM_GROUP, NCCL_WORLD_COMM_GROUP, MCCL_WORLD_COMM_GROUP)
_BACKENDS = ("hccl", "nccl", "mccl")

#: How launchers say how many processes there are: msrun, mpirun, torchrun and older scripts of MindSpore.
_SIZES = ("MS_WORKER_NUM", "OMPI_COMM_WORLD_SIZE", "RANK_SIZE", "WORLD_SIZE")

_groups: set[str] = set()


class GlobalComm:
    """What is common to the processes.

    Attributes:
        BACKEND: the name of what carries data between processes.
        WORLD_COMM_GROUP: the name of the group of all processes.
        INITED: whether `init` was called.

    Examples:
        >>> from lamella.communication import GlobalComm
        >>> GlobalComm.WORLD_COMM_GROUP
        'hccl_world_group'
    """

    BACKEND = "hccl"
    WORLD_COMM_GROUP = HCCL_WORLD_COMM_GROUP
    INITED = False


def init(backend_name: str | None = None) -> None:
    """Join the world of processes: that of this one.

    Args:
        backend_name: "hccl", "nccl", "mccl" or None; has no effect.

    Raises:
        TypeError: `backend_name` is not a text.
        ValueError: there is no such backend.
        RuntimeError: a launcher started several processes, which cannot work together yet.

    Examples:
        >>> from lamella import communication
        >>> communication.init()
        >>> communication.get_group_size()
        1
    """
    if backend_name is not None and not isinstance(backend_name, str):
        raise TypeError(
            explain("communication.init", given=f"backend_name={backend_name!r}", expected="a text or None")
        )
    if backend_name is not None and backend_name not in _BACKENDS:
        expected = f"one of {', '.join(_BACKENDS)}"
        raise ValueError(explain("communication.init", given=f"backend_name={backend_name!r}", expected=expected))
    for name in _SIZES:
        size = os.environ.get(name, "1")
        if size.strip() not in ("", "1"):
            raise RuntimeError(
                explain(
                    "communication.init",
                    given=f"a launcher's {name}={size}",
                    expected="1",
                    remedy="Lamella runs in one process so far; start the program without a launcher.",
                )
            )
    GlobalComm.INITED = True


def release() -> None:
    """Leave the world of processes, and forget groups.

    Examples:
        >>> from lamella import communication
        >>> communication.release()
    """
    _groups.clear()
    GlobalComm.INITED = False


def _check_group(subject: str, group: Any) -> None:
    if not isinstance(group, str):
        raise TypeError(explain(f"communication.{subject}", given=f"group={group!r}", expected="a text"))
    if group not in _groups and group not in _WORLDS:
        known = ", ".join((*_WORLDS, *sorted(_groups)))
        raise ValueError(explain(f"communication.{subject}", given=f"group={group!r}", expected=f"one of {known}"))


def _check_rank(subject: str, name: str, rank: Any) -> None:
    if isinstance(rank, bool) or not isinstance(rank, int):
        raise TypeError(explain(f"communication.{subject}", given=f"{name}={rank!r}", expected="an int"))
    if rank != 0:
        raise ValueError(explain(f"communication.{subject}", given=f"{name}={rank}", expected="0, the only rank"))


def get_rank(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """The number of this process in a group: 0.

    Args:
        group: the group's name.

    Raises:
        TypeError: `group` is not a text.
        ValueError: there is no such group.

    Examples:
        >>> from lamella import communication
        >>> communication.get_rank()
        0
    """
    _check_group("get_rank", group)
    return 0


def get_local_rank(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """The number of this process among those of a group on this machine: 0.

    Args:
        group: the group's name.

    Raises:
        TypeError: `group` is not a text.
        ValueError: there is no such group.

    Examples:
        >>> from lamella import communication
        >>> communication.get_local_rank()
        0
    """
    _check_group("get_local_rank", group)
    return 0


def get_group_size(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """The number of processes in a group: 1.

    Args:
        group: the group's name.

    Raises:
        TypeError: `group` is not a text.
        ValueError: there is no such group.

    Examples:
        >>> from lamella import communication
        >>> communication.get_group_size()
        1
    """
    _check_group("get_group_size", group)
    return 1


def get_local_rank_size(group: str = HCCL_WORLD_COMM_GROUP) -> int:
    """The number of processes of a group on this machine: 1.

    Args:
        group: the group's name.

    Raises:
        TypeError: `group` is not a text.
        ValueError: there is no such group.

    Examples:
        >>> from lamella import communication
        >>> communication.get_local_rank_size()
        1
    """
    _check_group("get_local_rank_size", group)
    return 1


def get_world_rank_from_group_rank(group: str, group_rank_id: int) -> int:
    """The number in the world of the process of a number in a group.

    Args:
        group: the group's name.
        group_rank_id: the number in the group.

    Raises:
        TypeError: arguments of other types.
        ValueError: there is no such group or number.

    Examples:
        >>> from lamella import communication
        >>> communication.get_world_rank_from_group_rank("hccl_world_group", 0)
        0
    """
    _check_group("get_world_rank_from_group_rank", group)
    _check_rank("get_world_rank_from_group_rank", "group_rank_id", group_rank_id)
    return 0


def get_group_rank_from_world_rank(world_rank_id: int, group: str) -> int:
    """The number in a group of the process of a number in the world.

    Args:
        world_rank_id: the number in the world.
        group: the group's name.

    Raises:
        TypeError: arguments of other types.
        ValueError: there is no such group or number.

    Examples:
        >>> from lamella import communication
        >>> communication.get_group_rank_from_world_rank(0, "hccl_world_group")
        0
    """
    _check_group("get_group_rank_from_world_rank", group)
    _check_rank("get_group_rank_from_world_rank", "world_rank_id", world_rank_id)
    return 0


def get_process_group_ranks(group: str = HCCL_WORLD_COMM_GROUP) -> list[int]:
    """The numbers in the world of the processes of a group: [0].

    Args:
        group: the group's name.

    Raises:
        TypeError: `group` is not a text.
        ValueError: there is no such group.

    Examples:
        >>> from lamella import communication
        >>> communication.get_process_group_ranks()
        [0]
    """
    _check_group("get_process_group_ranks", group)
    return [0]


def get_comm_name(group: str = HCCL_WORLD_COMM_GROUP) -> str:
    """The name by which what carries data knows a group: the group's own.

    Args:
        group: the group's name.

    Raises:
        TypeError: `group` is not a text.
        ValueError: there is no such group.

    Examples:
        >>> from lamella import communication
        >>> communication.get_comm_name()
        'hccl_world_group'
    """
    _check_group("get_comm_name", group)
    return group


def create_group(group: str, rank_ids: list[int], options: Any = None) -> None:
    """Make a group of processes: of this one.

    Args:
        group: the group's name.
        rank_ids: the numbers of its processes: [0].
        options: has no effect.

    Raises:
        TypeError: arguments of other types.
        ValueError: other numbers, or a name that is taken.

    Examples:
        >>> from lamella import communication
        >>> communication.create_group("mine", [0])
        >>> communication.get_group_size("mine")
        1
        >>> communication.destroy_group("mine")
    """
    if not isinstance(group, str) or not group:
        raise TypeError(explain("communication.create_group", given=f"group={group!r}", expected="a text"))
    if not isinstance(rank_ids, (list, tuple, range)):
        raise TypeError(explain("communication.create_group", given=f"rank_ids={rank_ids!r}", expected="a list"))
    if list(rank_ids) != [0]:
        raise ValueError(explain("communication.create_group", given=f"rank_ids={rank_ids}", expected="[0]"))
    if group in _groups or group in _WORLDS:
        raise ValueError(explain("communication.create_group", given=f"group={group!r}", expected="a new name"))
    _groups.add(group)


def destroy_group(group: str) -> None:
    """Forget a group.

    Args:
        group: the group's name.

    Raises:
        TypeError: `group` is not a text.
        ValueError: there is no such group, or it is that of all processes.

    Examples:
        >>> from lamella import communication
        >>> communication.create_group("mine", [0])
        >>> communication.destroy_group("mine")
    """
    _check_group("destroy_group", group)
    if group in _WORLDS:
        raise ValueError(explain("communication.destroy_group", given=f"group={group!r}", expected="one of your own"))
    _groups.discard(group)
