# ruff: noqa: D417 - `self` is the tensor
"""Methods that give, or make the tensor, a copy with other elements at some places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.dtypes import bool_, int64
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, one_axis
from lamella.ops.define.constants import scalar
from lamella.ops.functions import gather_scatter
from lamella.ops.functions import shape as shapes
from lamella.ops.functions.effects import in_place
from lamella.ops.functions.gather_scatter import _checked, _indices, added
from lamella.tensor import Tensor


def _in_place(
    method: Callable[..., Tensor], name: str, example: str, gives: str, of: str = "[1.0, 2.0]"
) -> Callable[..., Tensor]:
    """The method that does the same to the tensor itself."""
    plain = name.rstrip("_")

    def change(self: Tensor, *args: Any, **options: Any) -> Tensor:
        return in_place(f"Tensor.{name}", self, method(self, *args, **options))

    change.__name__ = change.__qualname__ = name
    change.__doc__ = f"""`{plain}` in place; returns the tensor.

    Args:
        args: as for `{plain}`.
        options: as for `{plain}`.

    Raises:
        TypeError: the result has another kind of type.
        ValueError: the shapes do not fit.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor({of}).{name}({example}).tolist()
        {gives}
    """
    return change


def _one_of_two(subject: str, forms: str, given: tuple[Any, ...], named: dict[str, Any]) -> None:
    names = ", ".join([*(type(x).__name__ for x in given), *named])
    raise TypeError(explain(subject, given=f"({names})", expected=forms))


def _index_add(self: Tensor, *args: Any, alpha: Any = 1, **named: Any) -> Tensor:
    """A copy with slices added along an axis.

    Args:
        args: `(indices, y, axis)`, or `(dim, index, source)`.
        alpha: what slices are multiplied with first.
        named: the same by their names.

    Raises:
        TypeError: other arguments, or indices that are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0, 2.0]).index_add(0, Tensor([1]), Tensor([10.0])).tolist()
        [1.0, 12.0]
    """
    forms = "(indices, y, axis) or (dim, index, source)"
    dim_first = (args and isinstance(args[0], int)) or "dim" in named
    names = ("dim", "index", "source") if dim_first else ("indices", "y", "axis")
    for old in ("use_lock", "check_index_bound"):
        named.pop(old, None)
    found = dict(zip(names, args, strict=False))
    if len(args) > 3 or found.keys() & named.keys() or {*found, *named} != set(names):
        _one_of_two("Tensor.index_add", forms, args, named)
    found |= named
    axis, index, source = (found[name] for name in (names if dim_first else ("axis", "indices", "y")))
    values = as_tensor(source, self.dtype, "Tensor.index_add")
    return added("Tensor.index_add", self, index, values if alpha == 1 else values * alpha, axis)


def _scatter(self: Tensor, axis: int, index: Any, src: Any, reduce: str = "none") -> Tensor:
    """A copy with result[index[i][j]][j] = src[i][j] for axis 0, and so on.

    Args:
        axis: the axis that the indices are of.
        index: integer tensor with as many axes.
        src: a tensor of the shape of `index`, or a number.
        reduce: "none": they replace; "add": they are added; "multiply": they are multiplied.

    Raises:
        TypeError: the indices are not integers.
        ValueError: the shapes do not fit, or another `reduce`.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2, 3]]).scatter(1, Tensor([[2, 0]]), Tensor([[8, 9]])).tolist()
        [[9, 2, 8]]
    """
    if reduce not in ("none", "add", "multiply"):
        given = f"reduce={reduce!r}"
        raise ValueError(explain("Tensor.scatter", given=given, expected="'none', 'add' or 'multiply'"))
    at, dim = _indices("Tensor.scatter", index), one_axis("Tensor.scatter", axis, self.ndim)
    positions = gather_scatter._along("Tensor.scatter", at, dim, self.shape)
    flat = prims.reshape(self, shape=(self.size,))
    mode = {"none": "set", "add": "add", "multiply": "mul"}[reduce]
    return gather_scatter._scattered("Tensor.scatter", flat, positions, src, mode, self.shape)


def _scatter_add(self: Tensor, *args: Any, **named: Any) -> Tensor:
    """A copy with elements added.

    Args:
        args: `(dim, index, src)`: at src[i][j] to the element index[i][j] along the axis; or `(indices, updates)`: as
            `tensor_scatter_add`.
        named: the same by their names.

    Raises:
        TypeError: other arguments, or indices that are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0, 2.0]).scatter_add(0, Tensor([1, 1]), Tensor([10.0, 5.0])).tolist()
        [1.0, 17.0]
    """
    if len(args) + len(named) == 2:
        return gather_scatter.tensor_scatter_add(self, *args, **named)
    if len(args) + len(named) != 3:
        _one_of_two("Tensor.scatter_add", "(dim, index, src) or (indices, updates)", args, named)
    found = dict(zip(("dim", "index", "src"), args, strict=False)) | named
    if found.keys() != {"dim", "index", "src"}:
        _one_of_two("Tensor.scatter_add", "(dim, index, src) or (indices, updates)", args, named)
    return _scatter(self, found["dim"], found["index"], found["src"], "add")


def _masked_scatter(self: Tensor, mask: Any, source: Any) -> Tensor:
    """A copy whose elements where a mask is true are those of a source, in order.

    Args:
        mask: bool tensor, which broadcasts to the shape.
        source: tensor with at least as many elements, converted to the type.

    Raises:
        TypeError: `mask` is not bool.
        ValueError: `mask` does not broadcast.
        IndexError: there are too few elements.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([1.0, 2.0, 3.0]).masked_scatter(Tensor([True, False, True]), Tensor([8.0, 9.0])).tolist()
        [8.0, 2.0, 9.0]
    """
    chosen = as_tensor(mask, None, "Tensor.masked_scatter")
    if chosen.dtype is not bool_:
        raise TypeError(explain("Tensor.masked_scatter", given=f"a {chosen.dtype} mask", expected="a bool tensor"))
    values = cast(as_tensor(source, self.dtype, "Tensor.masked_scatter"), self.dtype)
    if chosen.shape != self.shape:
        chosen = shapes.broadcast_to(chosen, self.shape)
    flat = prims.reshape(chosen, shape=(self.size,))
    count = prims.cumsum(cast(flat, int64), axis=0, reverse=False)
    place = prims.select(flat, prims.sub(count, scalar(1, int64)), scalar(0, int64))
    if values.size == 0:
        values = prims.broadcast_to(scalar(0, values.dtype), shape=(1,))
        place = prims.select(flat, scalar(1, int64), place)  # refused
    source_flat = prims.reshape(values, shape=(values.size,))
    taken = prims.gather(source_flat, _checked(place, values.size), axis=0)
    result: Tensor = prims.reshape(prims.select(flat, taken, prims.reshape(self, shape=(self.size,))), shape=self.shape)
    return result


def _index_copy(self: Tensor, dim: int, index: Any, tensor: Any) -> Tensor:
    """A copy with slices along an axis replaced.

    Args:
        dim: the axis.
        index: integer tensor with one axis: which slices.
        tensor: the slices.
    """
    at, axis = _indices("Tensor.index_copy_", index), one_axis("Tensor.index_copy_", dim, self.ndim)
    values = cast(as_tensor(tensor, self.dtype, "Tensor.index_copy_"), self.dtype)
    expected = (*self.shape[:axis], *at.shape, *self.shape[axis + 1 :])
    if at.ndim != 1 or values.shape != expected:
        given = f"index {at.shape}, tensor {values.shape}, dim {dim} of shape {self.shape}"
        raise ValueError(explain("Tensor.index_copy_", given=given, expected="index[n], and a tensor of n slices"))
    result: Tensor = prims.scatter(self, _checked(at, self.shape[axis]), values, axis=axis, mode="set")
    return result


def _index_put(self: Tensor, indices: Any, values: Any, accumulate: bool = False) -> Tensor:
    """A copy with elements at positions replaced, or added to.

    Args:
        indices: for each of the first axes an integer tensor; they broadcast together.
        values: tensor that broadcasts to what is at these places, converted to the type.
        accumulate: whether values are added.

    Raises:
        TypeError: `indices` is no tuple, or not of integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).index_put((Tensor([0, 1]), Tensor([1, 0])), Tensor([8, 9])).tolist()
        [[1, 8], [9, 4]]
    """
    if not isinstance(indices, (tuple, list)) or not 1 <= len(indices) <= self.ndim:
        given = f"indices={type(indices).__name__}"
        raise TypeError(explain("Tensor.index_put", given=given, expected=f"a tuple of 1 to {self.ndim} tensors"))
    at = [_indices("Tensor.index_put", index) for index in indices]
    m = len(at)
    place = prims.flat_index(*at, sizes=self.shape[:m])
    size = 1
    for n in self.shape[:m]:
        size = size * n
    flat = prims.reshape(self, shape=(size, *self.shape[m:]))
    source = cast(as_tensor(values, self.dtype, "Tensor.index_put"), self.dtype)
    expected = (*place.shape, *self.shape[m:])
    if source.shape != expected:
        source = shapes.broadcast_to(source, expected)
    mode = "add" if accumulate else "set"
    return gather_scatter._scattered("Tensor.index_put", flat, place, source, mode, self.shape)


def _put(self: Tensor, index: Any, source: Any, accumulate: bool = False) -> Tensor:
    """A copy with elements at row-major positions replaced, or added to.

    Args:
        index: integer tensor: the positions.
        source: tensor of as many elements.
        accumulate: whether they are added.
    """
    flat = prims.reshape(self, shape=(self.size,))
    changed = _index_put(flat, (_indices("Tensor.put_", index),), source, accumulate)
    result: Tensor = prims.reshape(changed, shape=self.shape)
    return result


def _fill_diagonal(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """A copy with a number on the diagonal.

    Args:
        fill_value: the number.
        wrap: whether the diagonal of a matrix with more rows than columns starts again below its end.

    Raises:
        ValueError: fewer than two axes, or more than two of different sizes.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).fill_diagonal(7).tolist()
        [[7, 2], [3, 7]]
    """
    if self.ndim < 2 or (self.ndim > 2 and len(set(self.shape)) > 1):
        given = f"shape {self.shape}"
        raise ValueError(explain("Tensor.fill_diagonal", given=given, expected="a matrix, or axes of one size"))
    number = cast(as_tensor(fill_value, self.dtype, "Tensor.fill_diagonal"), self.dtype)
    if self.ndim > 2:
        step = sum(self.shape[0] ** k for k in range(self.ndim))
        rest, place = step, prims.iota(size=self.size, dtype="int64")
        chosen = prims.eq(prims.floor_mod(place, prims.size_tensor(rest)), scalar(0, int64))
    else:
        columns = self.shape[1]
        place = prims.iota(size=self.size, dtype="int64")
        chosen = prims.eq(prims.floor_mod(place, prims.size_tensor(columns + 1)), scalar(0, int64))
        if not wrap:
            chosen = prims.bitwise_and(chosen, prims.lt(place, prims.size_tensor(columns * columns)))
    mask = prims.reshape(chosen, shape=self.shape)
    result: Tensor = prims.select(mask, number, self)
    return result


def _itemset(self: Tensor, *args: Any) -> Tensor:
    """A copy with one element replaced.

    Args:
        args: the number, of a tensor of one element; or the index, a row-major position or a tuple, and the number.

    Raises:
        IndexError: the index is out of range.
        TypeError: other arguments.

    Examples:
        >>> from lamella import Tensor
        >>> Tensor([[1, 2], [3, 4]]).itemset((1, 0), 7).tolist()
        [[1, 2], [7, 4]]
    """
    index: Any = 0
    if len(args) == 2:
        index = args[0]
    elif len(args) != 1 or self.size != 1:
        given = f"{len(args)} arguments of a tensor of {self.size} elements"
        raise TypeError(explain("Tensor.itemset", given=given, expected="a number, or an index and a number"))
    value = args[-1]
    copied = self.copy()
    if isinstance(index, tuple):
        copied[index] = value
        return copied
    return _put(copied, as_tensor([index]), [value])


_index_add_ = _in_place(_index_add, "index_add_", "0, Tensor([1]), Tensor([10.0])", "[1.0, 12.0]")
_scatter_ = _in_place(_scatter, "scatter_", "0, Tensor([1]), Tensor([10.0])", "[1.0, 10.0]")
_scatter_add_ = _in_place(_scatter_add, "scatter_add_", "0, Tensor([1]), Tensor([10.0])", "[1.0, 12.0]")
_masked_scatter_ = _in_place(_masked_scatter, "masked_scatter_", "Tensor([True, False]), Tensor([8.0])", "[8.0, 2.0]")


def _index_fill(self: Tensor, axis: int, index: Any, value: Any) -> Tensor:
    result: Tensor = self.index_fill(axis, index, value)
    return result


_index_fill_ = _in_place(_index_fill, "index_fill_", "0, Tensor([1]), 7.0", "[1.0, 7.0]")
_index_copy_ = _in_place(_index_copy, "index_copy_", "0, Tensor([1]), Tensor([7.0])", "[1.0, 7.0]")
_index_put_ = _in_place(_index_put, "index_put_", "(Tensor([1]),), Tensor([7.0])", "[1.0, 7.0]")
_put_ = _in_place(_put, "put_", "Tensor([1]), Tensor([7.0])", "[1.0, 7.0]")
_fill_diagonal_ = _in_place(
    _fill_diagonal, "fill_diagonal_", "7.0", "[[7.0, 2.0], [3.0, 7.0]]", "[[1.0, 2.0], [3.0, 4.0]]"
)
