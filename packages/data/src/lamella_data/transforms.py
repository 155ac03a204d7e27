"""Transforms of any data: type casts, one-hot labels, and several transforms as one.

A transform is called on one row. In a pipeline it runs on many rows at once by its `batched` form wherever they are
alike; the results are the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella_data._checks import check_int

__all__ = ["Compose", "OneHot", "Transform", "TypeCast"]

Array = np.ndarray[Any, np.dtype[Any]]


class Transform(ABC):
    """Base of transforms that can work on many rows in one call.

    Write `batched`; a call on a single row is a call of `batched` on one row.

    Examples:
        >>> import numpy as np
        >>> from lamella_data.transforms import Transform
        >>> class Flip(Transform):
        ...     def batched(self, rows):
        ...         return rows[:, ::-1]
        >>> Flip()(np.array([1, 2, 3]))
        array([3, 2, 1])
    """

    @abstractmethod
    def batched(self, rows: Array) -> Array:
        """Transform rows of one shape and type.

        Args:
            rows: shape (N, ...), a row along the first axis. They must be left as they are.

        Returns:
            The new rows, shape (N, ...); an array that nothing else holds, or `rows` itself.
        """

    def __call__(self, row: Any) -> Array:
        """Transform one row.

        Args:
            row: an array, a number, or anything else that NumPy makes one of. It is left as it is.

        Returns:
            The new row.
        """
        return self.batched(np.array(row)[np.newaxis])[0, ...]


class TypeCast(Transform):
    """Cast to another type.

    Args:
        data_type: a Lamella or NumPy type or its name.

    Raises:
        TypeError: `data_type` names no type that tensors can have.

    Examples:
        >>> import lamella_data as data
        >>> data.transforms.TypeCast("float16")([1, 2])
        array([1., 2.], dtype=float16)
    """

    def __init__(self, data_type: Any) -> None:
        self.data_type = as_dtype(data_type, "TypeCast: data_type")

    def batched(self, rows: Array) -> Array:
        """Cast `rows`, shape (N, ...), any type that casts."""
        return rows.astype(self.data_type.numpy, copy=False)


class OneHot(Transform):
    """One-hot coding of class numbers, on request with label smoothing.

    With smoothing rate s and C classes, a label becomes 1 - s + s / C in its own class and s / C in all others
    (Szegedy et al., "Rethinking the Inception Architecture for Computer Vision", 2016, section 7).

    Args:
        num_classes: how many classes there are.
        smoothing_rate: from 0 to 1.

    Raises:
        TypeError: `num_classes` is not an int, `smoothing_rate` not a number, or labels are not integers.
        ValueError: an argument is out of range, or a label is not from 0 to `num_classes` - 1.

    Examples:
        >>> import lamella_data as data
        >>> data.transforms.OneHot(3)([2, 0])
        array([[0, 0, 1],
               [1, 0, 0]])
    """

    def __init__(self, num_classes: int, smoothing_rate: float = 0.0) -> None:
        self.num_classes = check_int("OneHot: num_classes", num_classes, 1)
        if isinstance(smoothing_rate, bool) or not isinstance(smoothing_rate, int | float):
            raise TypeError(explain("OneHot: smoothing_rate", given=repr(smoothing_rate), expected="a number"))
        if not 0 <= smoothing_rate <= 1:
            raise ValueError(explain("OneHot: smoothing_rate", given=str(smoothing_rate), expected="0 to 1"))
        self.smoothing_rate = float(smoothing_rate)

    def batched(self, rows: Array) -> Array:
        """Code integers `rows`, shape (N, ...), as (N, ..., num_classes) of their type, or of float64 if smoothed."""
        if rows.dtype.kind not in "iu":
            raise TypeError(explain("OneHot", given=f"labels of type {rows.dtype}", expected="integers"))
        outside = rows[(rows < 0) | (rows >= self.num_classes)]
        if outside.size:
            expected = f"labels from 0 to {self.num_classes - 1}"
            raise ValueError(explain("OneHot", given=f"label {outside.flat[0]}", expected=expected))
        hot: Array = rows[..., np.newaxis] == np.arange(self.num_classes)
        if not self.smoothing_rate:
            return hot.astype(rows.dtype)
        rest = self.smoothing_rate / self.num_classes
        smoothed: Array = np.where(hot, 1 - self.smoothing_rate + rest, rest)
        return smoothed


class Compose:
    """Several operations as one, applied in order.

    In `map` it is the same as the list of its operations.

    Args:
        transforms: transforms and functions; each takes what the one before returns, a tuple as several arguments.

    Raises:
        TypeError: `transforms` is no list or tuple, or something in it cannot be called.
        ValueError: `transforms` is empty.

    Examples:
        >>> import lamella_data as data
        >>> twice_as_float = data.transforms.Compose([lambda x: 2 * x, data.transforms.TypeCast("float32")])
        >>> twice_as_float(21)
        array(42., dtype=float32)
    """

    def __init__(self, transforms: Sequence[Callable[..., Any]]) -> None:
        if not isinstance(transforms, list | tuple) or not all(map(callable, transforms)):
            raise TypeError(explain("Compose", given=f"{transforms!r:.80}", expected="a list of callables"))
        if not transforms:
            raise ValueError(explain("Compose", given="an empty list", expected="at least one transform"))
        self.transforms = list(transforms)

    def __call__(self, *columns: Any) -> Any:
        """Apply the operations to one row's columns."""
        results = columns
        for transform in self.transforms:
            result = transform(*results)
            results = result if isinstance(result, tuple) else (result,)
        return results if len(results) != 1 else results[0]
