"""Functions that join tensors and split them."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from lamella.dims import Dim, DimSize, Shape, product
from lamella.errors import explain
from lamella.ops import prims
from lamella.ops.convert import as_tensor, known_sizes, one_axis, unified
from lamella.ops.functions.shape import _an_int, _view
from lamella.tensor import Tensor

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "cat",
    "chunk",
    "column_stack",
    "concat",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "row_stack",
    "split",
    "stack",
    "tensor_split",
    "unbind",
    "unstack",
    "vsplit",
    "vstack",
]


def concat(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors along an axis.

    Args:
        tensors: at least one; equal sizes on the other axes. Types follow MindSpore's implicit conversion table.
        axis: the axis.

    Returns:
        A tensor as long along the axis as all together.

    Raises:
        TypeError: `tensors` is no sequence of tensors.
        ValueError: there are none, the shapes do not fit, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.concat((Tensor([1, 2]), Tensor([3]))).asnumpy()
        array([1, 2, 3])
    """
    parts = _sequence("ops.concat", tensors)
    result: Tensor = prims.concat(*parts, axis=one_axis("ops.concat", axis, parts[0].ndim))
    return result


cat = concat


def _sequence(subject: str, tensors: Any) -> list[Tensor]:
    if not isinstance(tensors, (tuple, list)):
        raise TypeError(explain(subject, given=f"a {type(tensors).__name__}", expected="a tuple or list of tensors"))
    if not tensors:
        raise ValueError(explain(subject, given="no tensor", expected="at least one"))
    return unified(subject, *tensors)


def stack(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Join tensors along a new axis.

    Args:
        tensors: at least one, of equal shapes.
        axis: where the new axis is in the result.

    Returns:
        A tensor with one more axis.

    Raises:
        TypeError: `tensors` is no sequence of tensors.
        ValueError: there are none, the shapes differ, or `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.stack((Tensor([1, 2]), Tensor([3, 4])), axis=1).asnumpy()
        array([[1, 3],
               [2, 4]])
    """
    parts = _sequence("ops.stack", tensors)
    shape = parts[0].shape
    if any(x.shape != shape for x in parts):
        raise ValueError(explain("ops.stack", given=f"shapes {[x.shape for x in parts]}", expected="equal shapes"))
    at = one_axis("ops.stack", axis, len(shape) + 1)
    result: Tensor = prims.concat(*(prims.reshape(x, shape=(*shape[:at], 1, *shape[at:])) for x in parts), axis=at)
    return result


def vstack(inputs: Sequence[Any]) -> Tensor:
    """Join tensors along axis 0; one with a single axis is a row.

    Args:
        inputs: at least one tensor.

    Returns:
        A tensor of at least two axes.

    Raises:
        ValueError: there are none, or the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.vstack((Tensor([1, 2]), Tensor([3, 4]))).asnumpy()
        array([[1, 2],
               [3, 4]])
    """
    parts = [
        x if x.ndim > 1 else prims.reshape(x, shape=(1, product(x.shape))) for x in _sequence("ops.vstack", inputs)
    ]
    result: Tensor = prims.concat(*parts, axis=0)
    return result


def hstack(tensors: Sequence[Any]) -> Tensor:
    """Join tensors along axis 1; along axis 0 if they have no other.

    Args:
        tensors: at least one tensor.

    Returns:
        A tensor of at least one axis.

    Raises:
        ValueError: there are none, or the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.hstack((Tensor([1, 2]), Tensor([3]))).asnumpy()
        array([1, 2, 3])
    """
    parts = [x if x.ndim else prims.reshape(x, shape=(1,)) for x in _sequence("ops.hstack", tensors)]
    result: Tensor = prims.concat(*parts, axis=min(1, parts[0].ndim - 1))
    return result


def dstack(tensors: Sequence[Any]) -> Tensor:
    """Join tensors along axis 2, which those of fewer axes get.

    Args:
        tensors: at least one tensor.

    Returns:
        A tensor of at least three axes.

    Raises:
        ValueError: there are none, or the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.dstack((Tensor([1, 2]), Tensor([3, 4]))).asnumpy()
        array([[[1, 3],
                [2, 4]]])
    """
    result: Tensor = prims.concat(*map(_three_axes, _sequence("ops.dstack", tensors)), axis=2)
    return result


def column_stack(tensors: Sequence[Any]) -> Tensor:
    """Join tensors along axis 1; one with a single axis is a column.

    Args:
        tensors: at least one tensor.

    Returns:
        A tensor of at least two axes.

    Raises:
        ValueError: there are none, or the shapes do not fit.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.column_stack((Tensor([1, 2]), Tensor([3, 4]))).asnumpy()
        array([[1, 3],
               [2, 4]])
    """
    parts = [
        x if x.ndim > 1 else prims.reshape(x, shape=(product(x.shape), 1))
        for x in _sequence("ops.column_stack", tensors)
    ]
    result: Tensor = prims.concat(*parts, axis=1)
    return result


row_stack = vstack


# -- at least so many axes --


def _each(subject: str, inputs: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """A tensor changed, or a tuple of those of a sequence."""
    if isinstance(inputs, (tuple, list)):
        return tuple(change(as_tensor(x, None, subject)) for x in inputs)
    return change(as_tensor(inputs, None, subject))


def _three_axes(x: Tensor) -> Tensor:
    shape = {0: (1, 1, 1), 1: (1, *x.shape, 1), 2: (*x.shape, 1)}.get(x.ndim)
    result: Tensor = x if shape is None else prims.reshape(x, shape=shape)
    return result


def atleast_1d(inputs: Any) -> Any:
    """Tensors without axes get one.

    Args:
        inputs: a tensor, or a sequence of them.

    Returns:
        A tensor, or a tuple of them.

    Raises:
        TypeError: an input is no tensor or number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.atleast_1d(Tensor(3)).shape
        (1,)
    """
    return _each("ops.atleast_1d", inputs, lambda x: x if x.ndim else prims.reshape(x, shape=(1,)))


def atleast_2d(inputs: Any) -> Any:
    """Tensors of fewer than two axes get axes of size 1 in front.

    Args:
        inputs: a tensor, or a sequence of them.

    Returns:
        A tensor, or a tuple of them.

    Raises:
        TypeError: an input is no tensor or number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.atleast_2d(Tensor([3, 4])).shape
        (1, 2)
    """
    return _each(
        "ops.atleast_2d",
        inputs,
        lambda x: x if x.ndim > 1 else prims.reshape(x, shape=(1,) * (2 - x.ndim) + x.shape),
    )


def atleast_3d(inputs: Any) -> Any:
    """Tensors of fewer than three axes get some: () becomes (1, 1, 1), (n,) becomes (1, n, 1), (n, m) (n, m, 1).

    Args:
        inputs: a tensor, or a sequence of them.

    Returns:
        A tensor, or a tuple of them.

    Raises:
        TypeError: an input is no tensor or number.

    Examples:
        >>> from lamella import Tensor, ops
        >>> ops.atleast_3d(Tensor([3, 4])).shape
        (1, 2, 1)
    """
    return _each("ops.atleast_3d", inputs, _three_axes)


# -- cutting --


def split(tensor: Any, split_size_or_sections: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut a tensor into parts along an axis.

    Args:
        tensor: any tensor.
        split_size_or_sections: the size of each part (the last may be smaller), or a list of the sizes.
        axis: the axis.

    Returns:
        The parts.

    Raises:
        TypeError: a size is not an int.
        ValueError: a size is not positive, or the sizes do not add up.

    Examples:
        >>> from lamella import ops
        >>> [part.tolist() for part in ops.split(ops.arange(5), 2)]
        [[0, 1], [2, 3], [4]]
    """
    x = as_tensor(tensor, None, "ops.split")
    at = one_axis("ops.split", axis, x.ndim)
    if isinstance(split_size_or_sections, (tuple, list)):
        counts = known_sizes("ops.split", split_size_or_sections)
        if sum(counts) != x.shape[at]:
            raise ValueError(
                explain("ops.split", given=f"sizes {counts}", expected=f"sizes that add up to {x.shape[at]}")
            )
        return _parts("split", x, counts, at)
    return _parts("split", x, _equal_parts("ops.split", x, split_size_or_sections, at), at)


def _equal_parts(subject: str, x: Tensor, each: Any, axis: int) -> Shape:
    """Sizes of parts of `each`, the last one smaller if it must."""
    count = each if isinstance(each, Dim) else _an_int(subject, "size", each)
    total = x.shape[axis]
    if not count >= 1:
        raise ValueError(explain(subject, given=f"parts of size {each}", expected="at least 1"))
    number = int(total // count)
    rest = total - number * count
    return (count,) * number + ((rest,) if rest != 0 or number == 0 else ())


def _parts(name: str, x: Tensor, counts: Shape, axis: int) -> tuple[Tensor, ...]:
    start: DimSize = 0
    result: list[Tensor] = []
    for count in counts:
        result.append(_view(prims.narrow(x, axis, start, start + count), name))
        start = start + count
    return tuple(result)


def chunk(input: Any, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut a tensor into at most that many parts along an axis, all of one size but for the last.

    Args:
        input: any tensor.
        chunks: how many parts, at least 1; fewer come out if they would be empty.
        axis: the axis.

    Returns:
        The parts.

    Raises:
        TypeError: `chunks` is not an int.
        ValueError: `chunks` is not positive, or `axis` is out of range.

    Examples:
        >>> from lamella import ops
        >>> [part.tolist() for part in ops.chunk(ops.arange(5), 3)]
        [[0, 1], [2, 3], [4]]
    """
    x = as_tensor(input, None, "ops.chunk")
    at = one_axis("ops.chunk", axis, x.ndim)
    number = _an_int("ops.chunk", "chunks", chunks)
    if number < 1:
        raise ValueError(explain("ops.chunk", given=f"chunks={chunks}", expected="at least 1"))
    total: DimSize = x.shape[at]
    if isinstance(total, Dim):
        each: DimSize = total // number
        if each * number == total:
            return _parts("chunk", x, (each,) * number, at)
    each = max(1, -(-int(total) // number))
    return _parts("chunk", x, _equal_parts("ops.chunk", x, each, at), at)


def tensor_split(input: Any, indices_or_sections: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """Cut a tensor along an axis, into a number of nearly equal parts or before given places.

    Args:
        input: a tensor with at least one axis.
        indices_or_sections: how many parts, the first of which may be larger by one; or the places to cut at, in
            ascending order.
        axis: the axis.

    Returns:
        The parts.

    Raises:
        TypeError: `indices_or_sections` is neither an int nor a tuple or list of them.
        ValueError: the number of parts is not positive, or `axis` is out of range.

    Examples:
        >>> from lamella import ops
        >>> [part.tolist() for part in ops.tensor_split(ops.arange(5), 2)]
        [[0, 1, 2], [3, 4]]
        >>> [part.tolist() for part in ops.tensor_split(ops.arange(5), (1, 4))]
        [[0], [1, 2, 3], [4]]
    """
    return _cut("tensor_split", input, indices_or_sections, axis)


def vsplit(input: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """As `tensor_split` along axis 0 of a tensor of at least two axes.

    Args:
        input: a tensor with at least two axes.
        indices_or_sections: how many parts, or the places to cut at.

    Returns:
        The parts.

    Raises:
        TypeError: `indices_or_sections` is neither an int nor a tuple or list of them.
        ValueError: `input` has fewer axes, or the number of parts is not positive.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [part.tolist() for part in ops.vsplit(Tensor([[1, 2], [3, 4]]), 2)]
        [[[1, 2]], [[3, 4]]]
    """
    return _cut("vsplit", input, indices_or_sections, 0, 2)


def hsplit(input: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """As `tensor_split` along axis 1; along axis 0 of a tensor of one axis.

    Args:
        input: a tensor with at least one axis.
        indices_or_sections: how many parts, or the places to cut at.

    Returns:
        The parts.

    Raises:
        TypeError: `indices_or_sections` is neither an int nor a tuple or list of them.
        ValueError: `input` has no axis, or the number of parts is not positive.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [part.tolist() for part in ops.hsplit(Tensor([[1, 2], [3, 4]]), 2)]
        [[[1], [3]], [[2], [4]]]
    """
    x = as_tensor(input, None, "ops.hsplit")
    return _cut("hsplit", x, indices_or_sections, 1 if x.ndim > 1 else 0, 1)


def dsplit(input: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """As `tensor_split` along axis 2.

    Args:
        input: a tensor with at least three axes.
        indices_or_sections: how many parts, or the places to cut at.

    Returns:
        The parts.

    Raises:
        TypeError: `indices_or_sections` is neither an int nor a tuple or list of them.
        ValueError: `input` has fewer axes, or the number of parts is not positive.

    Examples:
        >>> from lamella import ops
        >>> [part.shape for part in ops.dsplit(ops.ones((2, 3, 4)), 2)]
        [(2, 3, 2), (2, 3, 2)]
    """
    return _cut("dsplit", input, indices_or_sections, 2, 3)


def _cut(name: str, input: Any, where: Any, axis: int, least: int = 1) -> tuple[Tensor, ...]:
    subject = f"ops.{name}"
    x = as_tensor(input, None, subject)
    if x.ndim < least:
        raise ValueError(explain(subject, given=f"a tensor of shape {x.shape}", expected=f"at least {least} axes"))
    at = one_axis(subject, axis, x.ndim)
    size = x.shape[at]
    if isinstance(where, (tuple, list)):
        places = [_an_int(subject, "indices_or_sections", place) for place in where]
        bounds = [0, *(builtins.slice(place).indices(int(size))[1] for place in places), int(size)]
        counts = tuple(max(stop - start, 0) for start, stop in pairwise(bounds))
        parts = [prims.narrow(x, at, start, start + n) for start, n in zip(bounds, counts, strict=False)]
        return tuple(_view(part, name) for part in parts)
    sections = _an_int(subject, "indices_or_sections", where)
    if sections < 1:
        raise ValueError(explain(subject, given=f"{sections} parts", expected="at least 1"))
    each, larger = divmod(int(size), sections)
    return _parts(name, x, (each + 1,) * larger + (each,) * (sections - larger), at)


def unstack(input_x: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis.

    Args:
        input_x: any tensor.
        axis: the axis; its size is known.

    Returns:
        As many tensors as the axis is long.

    Raises:
        TypeError: the axis is of open size while a graph is built, and cannot be closed.
        ValueError: `axis` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.tolist() for x in ops.unstack(Tensor([[1, 2], [3, 4]]))]
        [[1, 2], [3, 4]]
    """
    return _unstacked("unstack", input_x, axis)


def unbind(input: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis; as `unstack`.

    Args:
        input: any tensor.
        dim: the axis; its size is known.

    Returns:
        As many tensors as the axis is long.

    Raises:
        TypeError: the axis is of open size while a graph is built, and cannot be closed.
        ValueError: `dim` is out of range.

    Examples:
        >>> from lamella import Tensor, ops
        >>> [x.tolist() for x in ops.unbind(Tensor([[1, 2], [3, 4]]), 1)]
        [[1, 3], [2, 4]]
    """
    return _unstacked("unbind", input, dim)


def _unstacked(name: str, input: Any, axis: int) -> tuple[Tensor, ...]:
    x = as_tensor(input, None, f"ops.{name}")
    at = one_axis(f"ops.{name}", axis, x.ndim)
    count = int(x.shape[at])
    rest = (*x.shape[:at], *x.shape[at + 1 :])
    return tuple(_view(prims.reshape(prims.narrow(x, at, i, i + 1), shape=rest), name) for i in builtins.range(count))
