"""What all metrics share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.tensor import Tensor

Array = np.ndarray[Any, Any]


def rearrange_inputs(func: Callable[..., Any]) -> Callable[..., Any]:
    """Let an `update` method take its inputs in the order that `Metric.set_indexes` chose.

    Args:
        func: a method of a class with an `indexes` attribute.

    Examples:
        >>> class Last(Metric):
        ...     def clear(self): ...
        ...     @rearrange_inputs
        ...     def update(self, *inputs):
        ...         self.seen = inputs
        ...     def eval(self):
        ...         return self.seen
        >>> metric = Last().set_indexes([1, 0])
        >>> metric.update(5, 9)
        >>> metric.eval()
        (9, 5)
    """

    @wraps(func)
    def rearranged(self: Any, *inputs: Any) -> Any:
        if self.indexes is not None:
            if max(self.indexes, default=0) >= len(inputs):
                given = f"{len(inputs)} inputs and indexes {self.indexes}"
                raise ValueError(explain(f"{type(self).__name__}.update", given=given, expected="indexes of inputs"))
            inputs = tuple(inputs[index] for index in self.indexes)
        return func(self, *inputs)

    return rearranged


class Metric(ABC):
    """Base of all metrics: `clear` starts, `update` takes a batch, `eval` gives the number.

    A subclass that decorates its `update` with `rearrange_inputs` follows `set_indexes`.

    Examples:
        >>> class Count(Metric):
        ...     def clear(self):
        ...         self.n = 0
        ...     def update(self, *inputs):
        ...         self.n += len(inputs[0])
        ...     def eval(self):
        ...         return self.n
        >>> Count()([1, 2, 3], [4, 5, 6])
        3
    """

    def __init__(self) -> None:
        self._indexes: list[int] | None = None

    @property
    def indexes(self) -> list[int] | None:
        """Which inputs `update` uses, in order; None for all as they come."""
        return self._indexes

    def set_indexes(self, indexes: list[int]) -> Metric:
        """Choose which inputs `update` uses; returns the metric.

        Args:
            indexes: positions: of the prediction first, then of the label.

        Raises:
            ValueError: not a list of ints, 0 or more.
        """
        if not isinstance(indexes, list) or not all(type(index) is int and index >= 0 for index in indexes):
            raise ValueError(explain("Metric.set_indexes", given=repr(indexes), expected="a list of ints from 0"))
        self._indexes = indexes
        return self

    def __call__(self, *inputs: Any) -> Any:
        """The number for one batch alone."""
        self.clear()
        self.update(*inputs)
        return self.eval()

    @abstractmethod
    def clear(self) -> None:
        """Forget all batches."""

    @abstractmethod
    def update(self, *inputs: Any) -> None:
        """Take a batch, usually predictions and labels."""

    @abstractmethod
    def eval(self) -> Any:
        """The number for all batches since `clear`."""

    def arrays(self, inputs: tuple[Any, ...], count: int) -> list[Array]:
        """The inputs of `update` as arrays."""
        if len(inputs) != count:
            raise self.misfit(f"{len(inputs)} inputs", "the loss" if count == 1 else "a prediction and a label")
        for x in inputs:
            if not isinstance(x, (Tensor, np.ndarray, np.generic, list)):
                expected = "tensors, arrays or lists"
                raise TypeError(explain(f"{type(self).__name__}.update", given=type(x).__name__, expected=expected))
        return [x.asnumpy() if isinstance(x, Tensor) else np.asarray(x) for x in inputs]

    def misfit(self, given: str, expected: str) -> ValueError:
        """The error for inputs that do not fit."""
        return ValueError(explain(f"{type(self).__name__}.update", given=given, expected=expected))

    def require_samples(self, count: int) -> None:
        """Raise if there is nothing to evaluate."""
        if not count:
            expected = "a call of `update` before"
            raise RuntimeError(explain(f"{type(self).__name__}.eval", given="no samples", expected=expected))


class Mean(Metric):
    """A sum over batches divided by a count."""

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Forget all batches."""
        self._sum, self._count = 0.0, 0

    def eval(self) -> Any:
        """The mean.

        Raises:
            RuntimeError: there was no sample.
        """
        self.require_samples(self._count)
        return self._sum / self._count
