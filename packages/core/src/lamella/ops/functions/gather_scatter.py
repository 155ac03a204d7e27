"""Elements read from and written to positions that are in tensors."""

from __future__ import annotations

import builtins
from typing import Any

from lamella.dims import DimSize, Shape, product
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, cast, known_sizes, one_axis
from lamella.ops.define.constants import scalar
from lamella.tensor import Tensor

__all__ = [
    "gather",
    "gather_d",
    "gather_elements",
    "gather_nd",
    "index_select",
    "scatter_nd",
    "tensor_scatter_add",
    "tensor_scatter_elements",
    "tensor_scatter_update",
]


def _indices(subject: str, given: Any) -> Tensor:
    index = as_tensor(given, None, subject)
    if not index.dtype.is_integer:
        raise TypeError(explain(subject, given=f"{index.dtype} indices", expected="integers"))
    return index


def _checked(index: Tensor, size: DimSize) -> Tensor:
    """Indices along one axis: negative ones counted from its end, others than its own refused."""
    result: Tensor = prims.flat_index(index, sizes=(size,))
    return result


def _along(subject: str, index: Tensor, axis: int, shape: Shape) -> Tensor:
    """Row-major positions in a tensor of `shape` of the elements that `index` names along one axis."""
    if index.ndim != len(shape):
        raise ValueError(explain(subject, given=f"indices of shape {index.shape}", expected=f"{len(shape)} axes"))
    places = [
        index
        if i == axis
        else prims.reshape(
            prims.iota(size=count, dtype="int64"),
            shape=tuple(count if j == i else 1 for j in builtins.range(len(shape))),
        )
        for i, count in enumerate(index.shape)
    ]
    result: Tensor = prims.flat_index(*places, sizes=shape)
    return result


# -- reading --


def gather(input_params: Any, input_indices: Any, axis: int, batch_dims: int = 0) -> Tensor:
    """Slices of a tensor along an axis.

    Args:
        input_params: any tensor.
        input_indices: integer tensor; negative indices count from the end.
        axis: the axis that the indices are of.
        batch_dims: how many leading axes of the two run in parallel.

    Returns:
        A tensor of shape params.shape[:axis] + indices.shape[batch_dims:] + params.shape[axis + 1:].

    Raises:
        TypeError: the indices are not integers.
        ValueError: `axis` or `batch_dims` is out of range, or the leading axes differ.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.gather(Tensor([[1, 2], [3, 4], [5, 6]]), Tensor([2, 0]), 0).asnumpy()
        array([[5, 6],
               [1, 2]])
    """
    x, index = as_tensor(input_params, None, "ops.gather"), _indices("ops.gather", input_indices)
    at = one_axis("ops.gather", axis, x.ndim)
    batch = batch_dims + index.ndim if batch_dims < 0 else batch_dims
    if not 0 <= batch <= min(at, index.ndim):
        expected = f"0 <= batch_dims <= {min(at, index.ndim)}"
        raise ValueError(explain("ops.gather", given=f"batch_dims={batch_dims}, axis={axis}", expected=expected))
    if batch == 0:
        result: Tensor = prims.gather(x, _checked(index, x.shape[at]), axis=at)
        return result
    lead, count = x.shape[:batch], x.shape[at]
    if index.shape[:batch] != lead:
        raise ValueError(
            explain("ops.gather", given=f"shapes {x.shape} and {index.shape}", expected=f"{batch} equal leading axes")
        )
    # Number the slices of all examples through: (batch, count) becomes one axis.
    others = [i for i in builtins.range(batch, x.ndim) if i != at]
    moved = prims.transpose(x, permutation=(*builtins.range(batch), at, *others))
    flat = prims.reshape(moved, shape=(product(lead) * count, *moved.shape[batch + 1 :]))
    places = [
        prims.reshape(
            prims.iota(size=n, dtype="int64"), shape=tuple(n if j == i else 1 for j in builtins.range(index.ndim))
        )
        for i, n in enumerate(lead)
    ]
    found = prims.gather(flat, prims.flat_index(*places, index, sizes=(*lead, count)), axis=0)
    # Now (batch, rest of the indices, other axes): the axes between batch and `axis` go in front of the indices.
    between, rest = at - batch, index.ndim - batch
    order = (
        *builtins.range(batch),
        *builtins.range(batch + rest, batch + rest + between),
        *builtins.range(batch, batch + rest),
        *builtins.range(batch + rest + between, found.ndim),
    )
    ordered: Tensor = prims.transpose(found, permutation=order)
    return ordered


def gather_elements(input: Any, dim: int, index: Any) -> Tensor:
    """result[i][j][k] = input[i][index[i][j][k]][k] for dim=1, and so on.

    Args:
        input: any tensor.
        dim: the axis that the indices are of.
        index: integer tensor with as many axes, no longer than `input` along the others; negative indices count from
            the end.

    Returns:
        A tensor of the shape of `index`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: `dim` is out of range, or the tensors have different numbers of axes.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.gather_elements(Tensor([[1, 2], [3, 4]]), 1, Tensor([[1], [0]])).asnumpy()
        array([[2],
               [3]])
    """
    return _gather_elements("ops.gather_elements", input, dim, index)


def gather_d(x: Any, dim: int, index: Any) -> Tensor:
    """As `gather_elements`.

    Args:
        x: any tensor.
        dim: the axis that the indices are of.
        index: integer tensor with as many axes.

    Returns:
        A tensor of the shape of `index`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: `dim` is out of range, or the tensors have different numbers of axes.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.gather_d(Tensor([[1, 2], [3, 4]]), 1, Tensor([[1], [0]])).asnumpy()
        array([[2],
               [3]])
    """
    return _gather_elements("ops.gather_d", x, dim, index)


def _gather_elements(subject: str, input: Any, dim: int, index: Any) -> Tensor:
    x, at = as_tensor(input, None, subject), _indices(subject, index)
    positions = _along(subject, at, one_axis(subject, dim, x.ndim), x.shape)
    result: Tensor = prims.gather(prims.reshape(x, shape=(product(x.shape),)), positions, axis=0)
    return result


def gather_nd(input_x: Any, indices: Any) -> Tensor:
    """result[i, j] = x[indices[i, j, 0], indices[i, j, 1], ...].

    Args:
        input_x: any tensor.
        indices: integer tensor of shape (..., m), m no more than the axes of `input_x`.

    Returns:
        A tensor of shape indices.shape[:-1] + input_x.shape[m:].

    Raises:
        TypeError: the indices are not integers.
        ValueError: m is too large.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.gather_nd(Tensor([[1, 2], [3, 4]]), Tensor([[0, 0], [1, 1]])).asnumpy()
        array([1, 4])
    """
    x = as_tensor(input_x, None, "ops.gather_nd")
    flat, positions = _flat_slices("ops.gather_nd", x, indices)
    result: Tensor = prims.gather(flat, positions, axis=0)
    return result


def _flat_slices(subject: str, x: Tensor, indices: Any) -> tuple[Tensor, Tensor]:
    """The tensor with its first m axes merged, and positions along that axis."""
    index = _indices(subject, indices)
    m = int(index.shape[-1]) if index.ndim else 0
    if not 1 <= m <= x.ndim:
        raise ValueError(
            explain(subject, given=f"indices of shape {index.shape}", expected=f"(…, m) with 1 <= m <= {x.ndim}")
        )
    last, rest = index.ndim - 1, index.shape[:-1]
    parts = [prims.reshape(prims.narrow(index, last, k, k + 1), shape=rest) for k in builtins.range(m)]
    flat = prims.reshape(x, shape=(product(x.shape[:m]), *x.shape[m:]))
    return flat, prims.flat_index(*parts, sizes=x.shape[:m])


def index_select(input: Any, axis: int, index: Any) -> Tensor:
    """Slices of a tensor along an axis.

    Args:
        input: any tensor.
        axis: the axis.
        index: integer tensor with at most one axis; negative indices count from the end.

    Returns:
        A tensor with as many slices along the axis as there are indices.

    Raises:
        TypeError: the indices are not integers.
        ValueError: `axis` is out of range, or `index` has several axes.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.index_select(Tensor([[1, 2, 3]]), 1, Tensor([2, 0])).asnumpy()
        array([[3, 1]])
    """
    x, at = as_tensor(input, None, "ops.index_select"), _indices("ops.index_select", index)
    if at.ndim > 1:
        raise ValueError(explain("ops.index_select", given=f"index of shape {at.shape}", expected="one axis"))
    dim = one_axis("ops.index_select", axis, x.ndim)
    flat = prims.reshape(at, shape=(1,)) if not at.ndim else at
    result: Tensor = prims.gather(x, _checked(flat, x.shape[dim]), axis=dim)
    return result


# -- writing --


def tensor_scatter_elements(input_x: Any, indices: Any, updates: Any, axis: int = 0, reduction: str = "none") -> Tensor:
    """A copy with result[indices[i][j]][j] = updates[i][j] for axis=0, and so on.

    Args:
        input_x: any tensor.
        indices: integer tensor with as many axes; negative indices count from the end.
        updates: tensor of the shape of `indices`, or a number; converted to the type of `input_x`.
        axis: the axis that the indices are of.
        reduction: "none": updates replace (of several to one element the last stays); "add": they are added.

    Returns:
        A tensor of the shape and type of `input_x`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: the shapes do not fit, or `reduction` is something else.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.tensor_scatter_elements(Tensor([[1, 2, 3]]), Tensor([[2, 0]]), Tensor([[8, 9]]), axis=1).asnumpy()
        array([[9, 2, 8]])
    """
    subject = "ops.tensor_scatter_elements"
    if reduction not in ("none", "add"):
        raise ValueError(explain(subject, given=f"reduction={reduction!r}", expected="'none' or 'add'"))
    x, at = as_tensor(input_x, None, subject), _indices(subject, indices)
    positions = _along(subject, at, one_axis(subject, axis, x.ndim), x.shape)
    flat = prims.reshape(x, shape=(product(x.shape),))
    return _scattered(subject, flat, positions, updates, "set" if reduction == "none" else "add", x.shape)


def _scattered(subject: str, flat: Tensor, positions: Tensor, updates: Any, mode: str, shape: Shape) -> Tensor:
    """Scatter along axis 0, and give the result its shape back."""
    source = cast(as_tensor(updates, flat.dtype, subject), flat.dtype)
    expected = (*positions.shape, *flat.shape[1:])
    if source.ndim == 0:
        source = prims.broadcast_to(source, shape=expected)
    if source.shape != expected:
        raise ValueError(explain(subject, given=f"updates of shape {source.shape}", expected=f"shape {expected}"))
    result: Tensor = prims.reshape(prims.scatter(flat, positions, source, axis=0, mode=mode), shape=shape)
    return result


def scatter_nd(indices: Any, updates: Any, shape: Any) -> Tensor:
    """Zeros with updates added at positions.

    Args:
        indices: integer tensor of shape (..., m): positions along the first m axes.
        updates: tensor of shape indices.shape[:-1] + shape[m:].
        shape: shape of the result.

    Returns:
        A tensor of that shape, in the type of `updates`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.scatter_nd(Tensor([[0], [2], [0]]), Tensor([1, 2, 3]), (3,)).asnumpy()
        array([4, 0, 2])
    """
    source = as_tensor(updates, None, "ops.scatter_nd")
    sizes = known_sizes("ops.scatter_nd", shape)
    zeros = prims.broadcast_to(scalar(0, source.dtype), shape=sizes)
    flat, positions = _flat_slices("ops.scatter_nd", zeros, indices)
    return _scattered("ops.scatter_nd", flat, positions, source, "add", sizes)


def tensor_scatter_update(input_x: Any, indices: Any, updates: Any) -> Tensor:
    """A copy with slices replaced: result[indices[i, 0], indices[i, 1], ...] = updates[i].

    Args:
        input_x: any tensor.
        indices: integer tensor of shape (..., m): positions along the first m axes.
        updates: tensor of shape indices.shape[:-1] + input_x.shape[m:], converted to the type of `input_x`.

    Returns:
        A tensor of the shape and type of `input_x`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.tensor_scatter_update(Tensor([1, 2, 3]), Tensor([[2], [0]]), Tensor([8, 9])).asnumpy()
        array([9, 2, 8])
    """
    return _scatter_slices("ops.tensor_scatter_update", input_x, indices, updates, "set")


def tensor_scatter_add(input_x: Any, indices: Any, updates: Any) -> Tensor:
    """A copy with updates added to slices: result[indices[i, 0], indices[i, 1], ...] += updates[i].

    Args:
        input_x: any tensor.
        indices: integer tensor of shape (..., m): positions along the first m axes.
        updates: tensor of shape indices.shape[:-1] + input_x.shape[m:], converted to the type of `input_x`.

    Returns:
        A tensor of the shape and type of `input_x`.

    Raises:
        TypeError: the indices are not integers.
        ValueError: the shapes do not fit.
        IndexError: an index is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.tensor_scatter_add(Tensor([1, 2, 3]), Tensor([[2], [2]]), Tensor([10, 20])).asnumpy()
        array([ 1,  2, 33])
    """
    return _scatter_slices("ops.tensor_scatter_add", input_x, indices, updates, "add")


def _scatter_slices(subject: str, input_x: Any, indices: Any, updates: Any, mode: str) -> Tensor:
    x = as_tensor(input_x, None, subject)
    flat, positions = _flat_slices(subject, x, indices)
    return _scattered(subject, flat, positions, updates, mode, x.shape)


def added(subject: str, x: Tensor, indices: Any, y: Any, axis: int) -> Tensor:
    """A copy of a tensor with slices added.

    Args:
        subject: who asks, for the error message.
        x: the tensor.
        indices: integer tensor with one axis.
        y: what is added.
        axis: the axis.
    """
    at, dim = _indices(subject, indices), one_axis(subject, axis, x.ndim)
    source = cast(as_tensor(y, x.dtype, subject), x.dtype)
    expected = (*x.shape[:dim], *at.shape, *x.shape[dim + 1 :])
    if at.ndim != 1 or source.shape != expected:
        given = f"indices {at.shape}, y {source.shape}, axis {axis} of shape {x.shape}"
        raise ValueError(explain(subject, given=given, expected="indices[n], and y with n slices"))
    result: Tensor = prims.scatter(x, _checked(at, x.shape[dim]), source, axis=dim, mode="add")
    return result
