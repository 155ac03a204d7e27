"""What runs as ordinary Python while a graph is built."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.errors import explain

__all__ = ["constexpr"]


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
