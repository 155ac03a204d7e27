"""`mutable`: ints that are inputs of a compiled function instead of being built into its graph."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella.tensor import Tensor


class MutableInt(int):
    """An int whose value a compiled function takes as an input."""

    __slots__ = ()


def mutable(input_data: Any, dynamic_len: bool = False) -> Any:
    """Let the ints in an argument be inputs of a compiled function, so that other values need no new graph.

    Tensors, arrays and floats are inputs in any case. An int that decides a shape, or how often a Python loop runs,
    cannot be an input: a function that needs its value is compiled for each value again.

    Args:
        input_data: an int, or nested tuples, lists and dicts of ints, floats and tensors.
        dynamic_len: must be False: the length of a list or tuple is part of what a graph is built for.

    Returns:
        The same data, equal to what was given.

    Raises:
        TypeError: `input_data` holds anything else.
        ValueError: `dynamic_len` is True.

    Examples:
        >>> import lamella as ms
        >>> from lamella import Tensor
        >>> double = ms.jit(lambda x, n: x * n)
        >>> [double(Tensor([1.0]), ms.mutable(n)).item() for n in (2, 3)]
        [2.0, 3.0]
        >>> ms.jit_cache_info(double).misses
        1
    """
    if dynamic_len:
        raise ValueError(
            explain(
                "mutable",
                given="dynamic_len=True",
                expected="False: a graph is built for a number of elements",
                remedy="Stack the elements into one tensor, whose first axis may be left open.",
            )
        )
    return _mutable(input_data)


def _mutable(data: Any) -> Any:
    if isinstance(data, (Tensor, float)) or data is None:
        return data
    if isinstance(data, int) and not isinstance(data, bool):
        return MutableInt(data)
    if isinstance(data, dict):
        return {name: _mutable(value) for name, value in data.items()}
    if isinstance(data, (tuple, list)):
        parts = [_mutable(part) for part in data]
        return type(data)(*parts) if hasattr(data, "_fields") else type(data)(parts)
    raise TypeError(
        explain(
            "mutable",
            given=f"a {type(data).__name__}",
            expected="an int, float or tensor, or nested tuples, lists and dicts of them",
        )
    )
