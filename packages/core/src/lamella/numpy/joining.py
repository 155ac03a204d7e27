"""Tensors joined and cut."""

from __future__ import annotations

from typing import Any

from lamella import ops
from lamella.errors import explain
from lamella.numpy.arrays import tensor_of
from lamella.ops.convert import one_axis, unified
from lamella.tensor import Tensor

__all__ = [
    "append",
    "array_split",
    "column_stack",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "split",
    "stack",
    "vsplit",
    "vstack",
]

# -- joining and cutting --


def _parts(arrays: Any, subject: str) -> list[Tensor]:
    if isinstance(arrays, Tensor):
        return list(ops.unbind(arrays))
    if not isinstance(arrays, (tuple, list)):
        raise TypeError(explain(subject, given=f"a {type(arrays).__name__}", expected="a sequence of tensors"))
    if not arrays:
        raise ValueError(explain(subject, given="no tensor", expected="at least one"))
    return unified(subject, *(tensor_of(x, subject) for x in arrays))


def concatenate(arrays: Any, axis: int | None = 0) -> Tensor:
    """Tensors joined along an axis.

    Args:
        arrays: a sequence of tensors, or one whose slices are joined.
        axis: the axis; None joins the flattened tensors.

    Returns:
        A tensor.

    Raises:
        ValueError: there is none, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.concatenate(([1, 2], [3])).tolist()
        [1, 2, 3]
    """
    parts = _parts(arrays, "numpy.concatenate")
    if axis is None:
        return ops.concat([ops.reshape(x, (-1,)) for x in parts], 0)
    return ops.concat(parts, axis)


def append(arr: Any, values: Any, axis: int | None = None) -> Tensor:
    """A tensor with others behind it.

    Args:
        arr: a tensor, or sequences of numbers.
        values: what comes behind, of fitting shape.
        axis: the axis; None joins the flattened tensors.

    Returns:
        A tensor.

    Raises:
        ValueError: shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.append([1, 2], [[3, 4]]).tolist()
        [1, 2, 3, 4]
    """
    return concatenate((arr, values), axis)


def stack(arrays: Any, axis: int = 0) -> Tensor:
    """Tensors joined along a new axis.

    Args:
        arrays: a sequence of tensors of one shape.
        axis: where the new axis is in the result.

    Returns:
        A tensor.

    Raises:
        ValueError: there is none, or shapes differ.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.stack(([1, 2], [3, 4]), 1).tolist()
        [[1, 3], [2, 4]]
    """
    return ops.stack(_parts(arrays, "numpy.stack"), axis)


def vstack(tup: Any) -> Tensor:
    """Tensors joined along axis 0; one with a single axis is a row.

    Args:
        tup: a sequence of tensors.

    Returns:
        A tensor.

    Raises:
        ValueError: there is none, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.vstack(([1, 2], [3, 4])).tolist()
        [[1, 2], [3, 4]]
    """
    return ops.vstack(_parts(tup, "numpy.vstack"))


def hstack(tup: Any) -> Tensor:
    """Tensors joined along axis 1; along axis 0 if they have no other.

    Args:
        tup: a sequence of tensors.

    Returns:
        A tensor.

    Raises:
        ValueError: there is none, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.hstack(([1, 2], [3])).tolist()
        [1, 2, 3]
    """
    return ops.hstack(_parts(tup, "numpy.hstack"))


def dstack(tup: Any) -> Tensor:
    """Tensors joined along axis 2, which those of fewer axes get.

    Args:
        tup: a sequence of tensors.

    Returns:
        A tensor.

    Raises:
        ValueError: there is none, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.dstack(([1, 2], [3, 4])).tolist()
        [[[1, 3], [2, 4]]]
    """
    return ops.dstack(_parts(tup, "numpy.dstack"))


def column_stack(tup: Any) -> Tensor:
    """Tensors joined along axis 1; one with a single axis is a column.

    Args:
        tup: a sequence of tensors.

    Returns:
        A tensor.

    Raises:
        ValueError: there is none, or shapes do not fit.

    Examples:
        >>> from lamella import numpy as mnp
        >>> mnp.column_stack(([1, 2], [3, 4])).tolist()
        [[1, 3], [2, 4]]
    """
    return ops.column_stack(_parts(tup, "numpy.column_stack"))


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """A tensor cut into a number of equal parts, or before given places.

    Args:
        x: a tensor, or sequences of numbers.
        indices_or_sections: how many parts, or the places.
        axis: the axis.

    Returns:
        The parts.

    Raises:
        ValueError: there are no equal parts, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [part.tolist() for part in mnp.split([1, 2, 3, 4], 2)]
        [[1, 2], [3, 4]]
    """
    tensor = tensor_of(x, "numpy.split")
    at = one_axis("numpy.split", axis, tensor.ndim)
    if isinstance(indices_or_sections, int) and not isinstance(indices_or_sections, bool):
        count = indices_or_sections
        if count < 1 or tensor.shape[at] % count != 0:
            raise ValueError(
                explain(
                    "numpy.split",
                    given=f"{count} parts of {tensor.shape[at]} elements",
                    expected="equal parts",
                    remedy="Use array_split for parts that differ by one.",
                )
            )
    return ops.tensor_split(tensor, indices_or_sections, at)


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> tuple[Tensor, ...]:
    """A tensor cut into a number of parts that differ by one at most, or before given places.

    Args:
        x: a tensor, or sequences of numbers.
        indices_or_sections: how many parts, or the places.
        axis: the axis.

    Returns:
        The parts.

    Raises:
        ValueError: the number of parts is not positive, or `axis` is out of range.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [part.tolist() for part in mnp.array_split([1, 2, 3], 2)]
        [[1, 2], [3]]
    """
    return ops.tensor_split(tensor_of(x, "numpy.array_split"), indices_or_sections, axis)


def vsplit(x: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """As `split` along axis 0.

    Args:
        x: a tensor of at least two axes.
        indices_or_sections: how many parts, or the places.

    Returns:
        The parts.

    Raises:
        ValueError: there are no equal parts.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [part.tolist() for part in mnp.vsplit([[1, 2], [3, 4]], 2)]
        [[[1, 2]], [[3, 4]]]
    """
    return split(x, indices_or_sections, 0)


def hsplit(x: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """As `split` along axis 1; along axis 0 of a tensor of one axis.

    Args:
        x: a tensor, or sequences of numbers.
        indices_or_sections: how many parts, or the places.

    Returns:
        The parts.

    Raises:
        ValueError: there are no equal parts.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [part.tolist() for part in mnp.hsplit([[1, 2], [3, 4]], 2)]
        [[[1], [3]], [[2], [4]]]
    """
    tensor = tensor_of(x, "numpy.hsplit")
    return split(tensor, indices_or_sections, 1 if tensor.ndim > 1 else 0)


def dsplit(x: Any, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """As `split` along axis 2.

    Args:
        x: a tensor of at least three axes.
        indices_or_sections: how many parts, or the places.

    Returns:
        The parts.

    Raises:
        ValueError: there are no equal parts.

    Examples:
        >>> from lamella import numpy as mnp
        >>> [part.shape for part in mnp.dsplit(mnp.ones((2, 3, 4)), 2)]
        [(2, 3, 2), (2, 3, 2)]
    """
    return split(x, indices_or_sections, 2)
