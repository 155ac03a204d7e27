# ruff: noqa: D417 - `self` is the tensor
"""Hooks of tensors: functions that see, and may replace, the gradient that comes back to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.engine import cell_changes
from lamella.engine.stack import current
from lamella.errors import explain
from lamella.ops.functions.control import custom_derivative
from lamella.tensor import Tensor


class TensorHookHandle:
    """What `Tensor.register_hook` returns.

    Examples:
        >>> from lamella import Tensor, grad
        >>> def twice(x):
        ...     y = x * 2
        ...     handle = y.register_hook(lambda gradient: gradient * 10)
        ...     handle.remove()
        ...     return y
        >>> grad(twice)(Tensor(1.0)).item()
        2.0
    """

    def __init__(self, hook: Callable[[Tensor], Any]) -> None:
        #: The function, or None when it has been taken away.
        self.hook: Callable[[Tensor], Any] | None = hook

    def remove(self) -> None:
        """Take the hook away; doing so twice is no error."""
        self.hook = None
        cell_changes.advance()  # compiled functions have built it in

    def apply(self, gradient: Tensor) -> Tensor:
        """What becomes of a gradient."""
        if self.hook is None:
            return gradient
        replaced = self.hook(gradient)
        return gradient if replaced is None else replaced


def _register_hook(self: Tensor, hook: Callable[[Tensor], Any]) -> TensorHookHandle:
    """Call a function with the gradient that comes back to the tensor from what is computed of it from now on.

    Args:
        hook: takes the gradient; what it returns, unless None, is passed on instead.

    Returns:
        A handle whose `remove` takes the hook away.

    Raises:
        TypeError: `hook` is no function, or the tensor is not floating-point.

    Examples:
        >>> from lamella import Tensor, grad
        >>> def twice(x):
        ...     y = x * 2
        ...     y.register_hook(lambda gradient: gradient * 10)
        ...     return y
        >>> grad(twice)(Tensor(1.0)).item()
        20.0
    """
    if not callable(hook):
        raise TypeError(explain("Tensor.register_hook", given=f"a {type(hook).__name__}", expected="a function"))
    if not self.dtype.is_float:
        raise TypeError(
            explain("Tensor.register_hook", given=f"a {self.dtype} tensor", expected="a floating-point tensor")
        )
    handle = TensorHookHandle(hook)
    engine = current()
    engine.write(self, engine.read(hooked(self, handle)))
    return handle


def hooked(x: Tensor, handle: TensorHookHandle) -> Tensor:
    """The same numbers, whose gradient goes through a hook.

    Args:
        x: a floating-point tensor.
        handle: the hook.
    """
    result: Tensor = custom_derivative(lambda x: x.copy(), lambda x, out, gradient: handle.apply(gradient), x)
    return result
