"""Functions that act: printing, checking, changing a tensor in place."""

from __future__ import annotations

from typing import Any

from lamella.dtypes import promote
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast
from lamella.ops.define.constants import scalar
from lamella.ops.functions.elementwise import add, sub
from lamella.tensor import Tensor

__all__ = ["assert_", "assign", "assign_add", "assign_sub", "print_"]


def print_(*input_x: Any) -> None:
    """Print tensors and other values, when the graph runs: in order with everything else that acts.

    Args:
        input_x: what to print, separated by spaces.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.print_("x is", Tensor([1.0, 2.0]))
        x is [1. 2.]
    """
    template, tensors = _template(input_x)
    prims.print_(*tensors, template=template)


def assert_(condition: Any, message: Any = "the condition is false", *values: Any) -> None:
    """Raise if a condition is false, when the graph runs.

    Args:
        condition: bool tensor; all of it must be true.
        message: what the error says.
        values: tensors and other values to put behind the message.

    Raises:
        AssertionError: the condition is false.
        TypeError: `condition` is not bool.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([1.0, 2.0])
        >>> ops.assert_((x > 0).all(), "x must be positive, not", x)
    """
    tensor = as_tensor(condition, None, "ops.assert_")
    if tensor.dtype.kind != "bool":
        raise TypeError(explain("ops.assert_", given=f"a condition of type {tensor.dtype}", expected="bool"))
    template, tensors = _template((message, *values))
    prims.check(tensor, *tensors, message=template)


def _template(values: tuple[Any, ...]) -> tuple[str, list[Tensor]]:
    """Text with {} for each tensor, and the tensors."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    texts = ["{}" if isinstance(v, Tensor) else str(v).replace("{", "{{").replace("}", "}}") for v in values]
    return " ".join(texts), tensors


def assign(variable: Tensor, value: Any) -> Tensor:
    """Replace a tensor's value in place.

    Args:
        variable: the tensor or parameter.
        value: tensor or number of the same shape; converted to its type.

    Returns:
        The tensor itself.

    Raises:
        TypeError: `variable` is not a tensor.
        ValueError: the shapes differ.

    Examples:
        >>> from lamella import Tensor, ops
        >>> x = Tensor([1.0, 2.0])
        >>> ops.assign(x, Tensor([3.0, 4.0])) is x
        True
        >>> x.asnumpy()
        array([3., 4.], dtype=float32)
    """
    return _variable("ops.assign", variable).assign_value(value)


def assign_add(variable: Tensor, value: Any) -> Tensor:
    """Add to a tensor in place.

    Args:
        variable: the tensor or parameter.
        value: tensor or number that broadcasts to its shape, of a type that its type holds.

    Returns:
        The tensor itself.

    Raises:
        TypeError: `variable` is not a tensor, or would need another kind of type.
        ValueError: the sum has another shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.assign_add(Tensor([1.0, 2.0]), 1).asnumpy()
        array([2., 3.], dtype=float32)
    """
    return in_place("ops.assign_add", _variable("ops.assign_add", variable), add(variable, value))


def assign_sub(variable: Tensor, value: Any) -> Tensor:
    """Subtract from a tensor in place.

    Args:
        variable: the tensor or parameter.
        value: tensor or number that broadcasts to its shape, of a type that its type holds.

    Returns:
        The tensor itself.

    Raises:
        TypeError: `variable` is not a tensor, or would need another kind of type.
        ValueError: the difference has another shape.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.assign_sub(Tensor([1.0, 2.0]), 1).asnumpy()
        array([0., 1.], dtype=float32)
    """
    return in_place("ops.assign_sub", _variable("ops.assign_sub", variable), sub(variable, value))


def _variable(subject: str, variable: Any) -> Tensor:
    if not isinstance(variable, Tensor):
        raise TypeError(explain(subject, given=f"a {type(variable).__name__}", expected="a Tensor or Parameter"))
    return variable


def in_place(subject: str, x: Tensor, value: Tensor) -> Tensor:
    """Give a tensor a computed value, unless that would change its shape or lose fractions; returns the tensor."""
    if value.dtype.kind != x.dtype.kind and value.dtype is promote(x.dtype, value.dtype):
        raise TypeError(
            explain(
                subject,
                given=f"a {value.dtype} result for a {x.dtype} tensor",
                expected="a result that the tensor's type holds",
                remedy="Compute a new tensor instead, or convert with .astype() first.",
            )
        )
    if value.shape != x.shape:
        raise ValueError(
            explain(subject, given=f"a result of shape {value.shape}", expected=f"the tensor's shape {x.shape}")
        )
    return x._assign(cast(value, x.dtype), subject)


def check_parts(subject: str, name: str, given: Any) -> None:
    """Refuse what is not in [0, 1]: a number at once, a tensor when the graph runs that computes it.

    Args:
        subject: who asks, for the error message.
        name: the argument, for the error message.
        given: a number or a tensor.

    Raises:
        AssertionError: a number of a tensor is not in [0, 1].
        ValueError: a number is not in [0, 1].
    """
    if isinstance(given, (bool, int, float)):
        if not 0 <= given <= 1:
            raise ValueError(explain(subject, given=f"{name}={given}", expected="a number from 0 to 1"))
        return
    x = as_tensor(given, None, subject)
    inside = prims.bitwise_and(prims.ge(x, scalar(0, x.dtype)), prims.le(x, scalar(1, x.dtype)))  # NaN is not
    prims.check(inside, message=f"{subject}: {name} must be from 0 to 1.")
