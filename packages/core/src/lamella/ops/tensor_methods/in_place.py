# ruff: noqa: D417 - `self` is the tensor
"""Methods that change the tensor in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.ops.convert import as_tensor, cast
from lamella.ops.functions import create, elementwise, limits, select
from lamella.ops.functions import shape as shapes
from lamella.ops.functions.effects import in_place
from lamella.tensor import Tensor


def _copy_(self: Tensor, src: Any) -> Tensor:
    """Replace the value by another's, broadcast to the shape and converted to the type; returns the tensor.

    Args:
        src: tensor or number.

    Raises:
        ValueError: `src` does not broadcast to the shape.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0, 2.0]).copy_(7).asnumpy()
        array([7., 7.], dtype=float32)
    """
    source = cast(as_tensor(src, None, "Tensor.copy_"), self.dtype)
    return in_place(
        "Tensor.copy_", self, source if source.shape == self.shape else shapes.broadcast_to(source, self.shape)
    )


def _fill_(self: Tensor, value: Any) -> Tensor:
    """Replace every element by a number, in place; returns the tensor.

    Args:
        value: the number.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).fill_(7).asnumpy()
        array([7, 7])
    """
    return in_place("Tensor.fill_", self, create.full_like(self, value))


def _zero_(self: Tensor) -> Tensor:
    """Replace every element by 0, in place; returns the tensor.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1, 2]).zero_().asnumpy()
        array([0, 0])
    """
    return in_place("Tensor.zero_", self, create.zeros_like(self))


def _updating(name: str, function: Callable[..., Tensor], arguments: str, result: str) -> Callable[..., Tensor]:
    def update(self: Tensor, *args: Any, **options: Any) -> Tensor:
        return in_place(f"Tensor.{name}", self, function(self, *args, **options))

    update.__name__ = update.__qualname__ = name
    update.__doc__ = f"""`{name.rstrip("_")}` in place; returns the tensor.

    Args:
        args: as for `{name.rstrip("_")}`.
        options: as for `{name.rstrip("_")}`.

    Raises:
        TypeError: the result has another kind of type.
        ValueError: the result has another shape.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0, 4.0]).{name}({arguments}).asnumpy()
        array({result}, dtype=float32)
    """
    return update


_add_ = _updating("add_", elementwise.add, "2", "[3., 6.]")
_sub_ = _updating("sub_", elementwise.sub, "2", "[-1.,  2.]")
_mul_ = _updating("mul_", elementwise.mul, "2", "[2., 8.]")
_div_ = _updating("div_", elementwise.div, "2", "[0.5, 2. ]")
_pow_ = _updating("pow_", elementwise.pow, "2", "[ 1., 16.]")
_clamp_ = _updating("clamp_", limits.clamp, "0, 2", "[1., 2.]")
_masked_fill_ = _updating("masked_fill_", select.masked_fill, "Tensor([True, False]), 0", "[0., 4.]")
_exp_ = _updating("exp_", elementwise.exp, "", "[ 2.7182817, 54.598152 ]")
_log_ = _updating("log_", elementwise.log, "", "[0.       , 1.3862944]")
_sigmoid_ = _updating("sigmoid_", elementwise.sigmoid, "", "[0.7310586 , 0.98201376]")
_tanh_ = _updating("tanh_", elementwise.tanh, "", "[0.7615942, 0.9993293]")
_floor_ = _updating("floor_", elementwise.floor, "", "[1., 4.]")
_sign_ = _updating("sign_", elementwise.sign, "", "[1., 1.]")
_floor_divide_ = _updating("floor_divide_", elementwise.floor_divide, "3", "[0., 1.]")
_remainder_ = _updating("remainder_", elementwise.floor_mod, "3", "[1., 1.]")
