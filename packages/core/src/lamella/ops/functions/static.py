"""What runs as ordinary Python, also while a graph is built: functions of functions, sequences and numbers."""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable, Sequence
from typing import Any

from lamella.dtypes import float32, int32
from lamella.errors import explain
from lamella.ops.convert import as_tensor, cast
from lamella.tensor import Tensor

__all__ = ["add_flags", "constexpr", "depend", "make_range", "partial", "tuple_len", "tuple_to_array"]


def constexpr(
    fn: Callable[..., Any] | None = None,
    get_instance: bool = True,
    name: str | None = None,
    reuse_result: bool = True,
    check: bool = True,
) -> Any:
    """Mark a function of values that are known when a graph is built, such as shapes; its result is a constant there.

    Whatever does not depend on tensors runs as ordinary Python when a graph is built, so the function is returned as
    it is.

    Args:
        fn: the function; without it, a decorator is returned.
        get_instance: must be True: the function itself is what there is.
        name: no effect.
        reuse_result: no effect.
        check: no effect.

    Raises:
        TypeError: `fn` is no function.
        ValueError: `get_instance` is False.

    Examples:
        >>> import numpy as np
        >>> from lamella import Tensor, ops
        >>> @ops.constexpr
        ... def ramp(shape):
        ...     return Tensor(np.arange(np.prod(shape), dtype=np.float32).reshape(shape))
        >>> (Tensor([[1.0, 1.0]]) + ramp((1, 2))).tolist()
        [[1.0, 2.0]]
    """
    if not get_instance:
        raise ValueError(explain("ops.constexpr", given="get_instance=False", expected="True"))
    if fn is None:
        return constexpr
    if not callable(fn):
        raise TypeError(explain("ops.constexpr", given=f"a {type(fn).__name__}", expected="a function"))
    return fn


def partial(func: Callable[..., Any], *args: Any) -> Callable[..., Any]:
    """A function with its first arguments given.

    Args:
        func: the function, also a `MultitypeFuncGraph`.
        args: its first arguments.

    Raises:
        TypeError: `func` is no function.

    Examples:
        >>> from lamella import ops
        >>> ops.partial(ops.sub, 5)(3).item()
        2
    """
    if not callable(func):
        raise TypeError(explain("ops.partial", given=f"a {type(func).__name__}", expected="a function"))
    return functools.partial(func, *args)


def depend(value: Any, expr: Any) -> Any:
    """A value, after something else has happened.

    What acts (assignments, printing, random draws) happens in the order of the program, in both modes, so that `expr`,
    whatever it is, has happened when this returns.

    Args:
        value: what is returned.
        expr: what was done before.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([1.0])
        >>> ops.depend(x, ops.assign(x, Tensor([2.0]))).tolist()
        [2.0]
    """
    return value


def tuple_to_array(input_x: Sequence[Any]) -> Tensor:
    """A tuple of numbers of one kind as a tensor.

    Args:
        input_x: the numbers.

    Returns:
        An int32 tensor of ints, a float32 tensor of floats.

    Raises:
        TypeError: it is no tuple, or not of ints alone or floats alone.

    Examples:
        >>> from lamella import ops
        >>> ops.tuple_to_array((1, 2, 3)).dtype
        int32
    """
    kinds = {type(item) for item in input_x} if isinstance(input_x, tuple) else set()
    if len(kinds) != 1 or not kinds <= {int, float}:
        given = f"{input_x!r}"
        raise TypeError(explain("ops.tuple_to_array", given=given, expected="a tuple of ints, or of floats"))
    return cast(as_tensor(input_x, None, "ops.tuple_to_array"), int32 if kinds == {int} else float32)


def make_range(*args: int) -> tuple[int, ...]:
    """The ints of a range, as a tuple.

    Args:
        args: stop; start and stop; or start, stop and step.

    Raises:
        TypeError: they are not one to three ints.

    Examples:
        >>> from lamella import ops
        >>> ops.make_range(1, 7, 2)
        (1, 3, 5)
    """
    if not 1 <= len(args) <= 3 or any(isinstance(arg, bool) or not isinstance(arg, int) for arg in args):
        raise TypeError(explain("ops.make_range", given=repr(args), expected="one to three ints"))
    return tuple(builtins.range(*args))


def tuple_len(x: Sequence[Any]) -> int:
    """The number of elements of a tuple.

    Args:
        x: the tuple.

    Raises:
        TypeError: it is no tuple.

    Examples:
        >>> from lamella import ops
        >>> ops.tuple_len((5, 6))
        2
    """
    if not isinstance(x, tuple):
        raise TypeError(explain("ops.tuple_len", given=f"a {type(x).__name__}", expected="a tuple"))
    return len(x)


def add_flags(fn: Callable[..., Any] | None = None, **flags: Any) -> Any:
    """Mark a function with flags for a compiler; ours decides by itself, so that they do nothing.

    Args:
        fn: the function; without it, a decorator is returned.
        flags: the flags.

    Raises:
        TypeError: `fn` is no function.

    Examples:
        >>> from lamella import ops
        >>> @ops.add_flags(has_effect=True)
        ... def double(x):
        ...     return x * 2
        >>> double(3)
        6
    """
    if fn is None:
        return functools.partial(add_flags, **flags)
    if not callable(fn):
        raise TypeError(explain("ops.add_flags", given=f"a {type(fn).__name__}", expected="a function"))
    return fn
