"""Functions that change elements of a tensor or parameter in place, at positions that are in tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.functions import gather_scatter, updates
from lamella.ops.functions.effects import _variable
from lamella.ops.functions.gather_scatter import _indices, added
from lamella.tensor import Tensor

__all__ = [
    "index_add",
    "scatter_add",
    "scatter_div",
    "scatter_max",
    "scatter_min",
    "scatter_mul",
    "scatter_nd_add",
    "scatter_nd_div",
    "scatter_nd_max",
    "scatter_nd_min",
    "scatter_nd_mul",
    "scatter_nd_sub",
    "scatter_nd_update",
    "scatter_update",
]

_Update = Callable[[Any, Any, Any], Tensor]


def _documented(function: Any, name: str, what: str, indices: str, example: str, positions: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{what} in place, at {positions}.

    Args:
        input_x: the tensor or parameter.
        indices: integer tensor {indices}.
        updates: tensor of numbers for each of them, converted to the type of `input_x`.

    Returns:
        The tensor itself.

    Raises:
        TypeError: `input_x` is no tensor, or the indices are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.{name}(Tensor([4.0, 12.0]), {example}
    """
    return function


def _at_slices(name: str, compute: _Update, what: str, shown: str) -> _Update:
    """A function whose indices are positions along axis 0."""
    subject = f"ops.{name}"

    def function(input_x: Any, indices: Any, updates: Any) -> Tensor:
        x, at = _variable(subject, input_x), _indices(subject, indices)
        if not x.ndim:
            raise ValueError(explain(subject, given="a 0-d tensor", expected="at least one axis"))
        return x.assign_value(compute(x, prims.reshape(at, shape=(*at.shape, 1)), updates))

    example = f"Tensor([1, 1]), Tensor([2.0, 3.0])).tolist()\n        {shown}"
    return _documented(function, name, what, "of any shape: positions along axis 0", example, "input_x[indices[i]]")


def _at_places(name: str, compute: _Update, what: str, shown: str) -> Callable[..., Tensor]:
    """A function whose indices are positions along the first axes."""
    subject = f"ops.{name}"

    def function(input_x: Any, indices: Any, updates: Any, use_locking: bool = False) -> Tensor:
        x = _variable(subject, input_x)
        return x.assign_value(compute(x, indices, updates))

    example = f"Tensor([[1], [1]]), Tensor([2.0, 3.0])).tolist()\n        {shown}"
    where = "input_x[indices[i, 0], indices[i, 1], …]"
    documented: Callable[..., Tensor] = _documented(
        function, name, what, "of shape (..., m): positions along the first m axes", example, where
    )
    text = "        updates: tensor of numbers for each of them, converted to the type of `input_x`.\n"
    more = "        use_locking: accepted for MindSpore's sake.\n"
    documented.__doc__ = (documented.__doc__ or "").replace(text, text + more)
    return documented


_update, _add = gather_scatter.tensor_scatter_update, gather_scatter.tensor_scatter_add
_sub, _mul, _div = updates.tensor_scatter_sub, updates.tensor_scatter_mul, updates.tensor_scatter_div
_max, _min = updates.tensor_scatter_max, updates.tensor_scatter_min

scatter_update = _at_slices("scatter_update", _update, "Replace elements", "[4.0, 3.0]")
scatter_add = _at_slices("scatter_add", _add, "Add to elements", "[4.0, 17.0]")
scatter_mul = _at_slices("scatter_mul", _mul, "Multiply elements", "[4.0, 72.0]")
scatter_div = _at_slices("scatter_div", _div, "Divide elements", "[4.0, 2.0]")
scatter_max = _at_slices("scatter_max", _max, "Raise elements to updates above them", "[4.0, 12.0]")
scatter_min = _at_slices("scatter_min", _min, "Lower elements to updates below them", "[4.0, 2.0]")
scatter_nd_update = _at_places("scatter_nd_update", _update, "Replace elements", "[4.0, 3.0]")
scatter_nd_add = _at_places("scatter_nd_add", _add, "Add to elements", "[4.0, 17.0]")
scatter_nd_sub = _at_places("scatter_nd_sub", _sub, "Subtract from elements", "[4.0, 7.0]")
scatter_nd_mul = _at_places("scatter_nd_mul", _mul, "Multiply elements", "[4.0, 72.0]")
scatter_nd_div = _at_places("scatter_nd_div", _div, "Divide elements", "[4.0, 2.0]")
scatter_nd_max = _at_places("scatter_nd_max", _max, "Raise elements to updates above them", "[4.0, 12.0]")
scatter_nd_min = _at_places("scatter_nd_min", _min, "Lower elements to updates below them", "[4.0, 2.0]")


def index_add(x: Any, indices: Any, y: Any, axis: int, use_lock: bool = True, check_index_bound: bool = True) -> Tensor:
    """Add slices to those of a tensor or parameter in place.

    Args:
        x: the tensor or parameter.
        indices: integer tensor with one axis: to which slice each is added.
        y: tensor with as many slices along the axis, otherwise of the shape of `x`; converted to its type.
        axis: the axis.
        use_lock: accepted for MindSpore's sake.
        check_index_bound: accepted for MindSpore's sake: indices are always looked at.

    Returns:
        The tensor itself.

    Raises:
        TypeError: `x` is no tensor, or the indices are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.index_add(Tensor([[1.0, 2.0]]), Tensor([1, 1]), Tensor([[10.0, 20.0]]), 1).tolist()
        [[1.0, 32.0]]
    """
    return _variable("ops.index_add", x).assign_value(added("ops.index_add", x, indices, y, axis))
