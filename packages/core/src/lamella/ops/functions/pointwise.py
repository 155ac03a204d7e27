"""Elementwise functions from a row each: what they convert their operands to, the primitive, and the documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dtypes import bool_
from lamella.ops.convert import floating, unified
from lamella.ops.define.constants import scalar
from lamella.tensor import Tensor

Unary = Callable[[Any], Tensor]
Binary = Callable[[Any, Any], Tensor]


def documented(
    module: str, function: Any, name: str, what: str, example: str, takes: str, gives: str, raises: str
) -> Any:
    """The function with a name and a docstring, as if it stood in `module`."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    function.__doc__ = f"""{what}

    Args:
{takes}

    Returns:
        {gives}

    Raises:
        {raises}

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.{example.replace(chr(10), chr(10) + "        ")}
    """
    return function


def unary(
    module: str, name: str, primitive: Any, what: str, example: str, *, floats: bool = True, gives: str = ""
) -> Unary:
    """A function of one operand; `floats` says that ints and bools are converted to float32."""
    convert = floating if floats else unified

    def function(input: Any) -> Tensor:
        result: Tensor = primitive(*convert(f"ops.{name}", input))
        return result

    kinds = "ints and bools are converted to float32" if floats else "any shape, numbers"
    return documented(
        module,
        function,
        name,
        what,
        example,
        f"        input: tensor or number; {kinds}.",
        gives or "A tensor of the shape of `input`.",
        "TypeError: `input` is not a tensor or number of such a type.",
    )


def binary(
    module: str,
    name: str,
    primitive: Any,
    what: str,
    example: str,
    *,
    floats: bool = False,
    gives: str = "",
    bools: Any = None,
) -> Binary:
    """A function of two operands; `bools` is the primitive for two bools, where it is another."""
    convert = floating if floats else unified

    def function(input: Any, other: Any) -> Tensor:
        # The common cases straight, because conversion takes longer than a small kernel: two tensors of one type, and
        # a floating-point tensor with a Python float.
        if type(input) is Tensor:
            dtype = input._value.dtype
            if type(other) is Tensor:
                if dtype is other._value.dtype and (dtype.is_float or (not floats and dtype is not bool_)):
                    result: Tensor = primitive(input, other)
                    return result
            elif type(other) is float and dtype.is_float:
                result = primitive(input, scalar(other, dtype))
                return result
        x, y = convert(f"ops.{name}", input, other)
        result = primitive(x, y) if bools is None or x._value.dtype is not bool_ else bools(x, y)
        return result

    return documented(
        module,
        function,
        name,
        what,
        example,
        "        input: tensor or number.\n"
        "        other: tensor or number; shapes broadcast, types follow MindSpore's implicit conversion table.",
        gives or "A tensor of the broadcast shape.",
        "TypeError: an operand is not a tensor or number of such a type.\n"
        "        ValueError: the shapes do not broadcast.",
    )
