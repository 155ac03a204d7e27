"""`Feed`: the batches of a data set, epoch after epoch, from a place that can be saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lamella.errors import CheckpointError, explain
from lamella.tensor import Tensor


class Feed:
    """Reads a data set once in each epoch.

    Args:
        dataset: a pipeline of `lamella.dataset`, or anything else that gives tuples of tensors or arrays each time it
            is iterated over.
        subject: whose argument it is, for messages.

    Raises:
        TypeError: it cannot be iterated over.
    """

    def __init__(self, dataset: Any, subject: str) -> None:
        self._subject = subject
        self._dataset = dataset
        make = getattr(dataset, "create_tuple_iterator", None)
        if make is None and not hasattr(dataset, "__iter__") and not hasattr(dataset, "__getitem__"):
            expected = "a data set, or something else to iterate over"
            raise TypeError(explain(subject, given=f"a {type(dataset).__name__}", expected=expected))
        self._iterator: Any = make() if make else None
        self._source: Iterator[Any] | None = None  # of the present epoch
        self._rows = 0  # batches of the present epoch that were given

    @property
    def size(self) -> int | None:
        """Batches in an epoch; None if the data set does not tell."""
        for name in ("get_dataset_size", "__len__"):
            if hasattr(self._dataset, name):
                return int(getattr(self._dataset, name)())
        return None

    def batches(self, limit: int | None = None) -> Iterator[tuple[Any, ...]]:
        """The batches that are left of the present epoch; or `limit` of them, over as many epochs as it takes."""
        given = 0
        while limit is None or given < limit:
            before = given
            while limit is None or given < limit:
                batch = self._next()
                if batch is None:
                    break
                given += 1
                yield batch
            if limit is None or given == before:
                return

    def _next(self) -> tuple[Any, ...] | None:
        """The next batch; None once at the end of an epoch."""
        if self._source is None:
            self._source = self._iterator if self._iterator is not None else iter(self._dataset)
        try:
            row = next(self._source)
        except StopIteration:
            self._source, self._rows = None, 0
            return None
        self._rows += 1
        return self._tensors(row)

    def _tensors(self, row: Any) -> tuple[Any, ...]:
        columns = row if isinstance(row, (tuple, list)) else (row,)
        for column in columns:
            if not isinstance(column, (Tensor, np.ndarray, np.generic)):
                given, expected = f"a batch with a {type(column).__name__}", "tuples of tensors or arrays"
                raise TypeError(explain(self._subject, given=given, expected=expected))
        return tuple(column if isinstance(column, Tensor) else Tensor(column) for column in columns)

    def state_dict(self) -> dict[str, Any]:
        """The place in the data: that of the data set's iterator, or the number of batches that were read."""
        state: dict[str, Any] = self._iterator.state_dict() if self._iterator is not None else {"batches": self._rows}
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on at a place that `state_dict` gave; what only can be iterated over is read up to there.

        Raises:
            CheckpointError: the data end before that place, or it is one in another kind of data.
        """
        if self._iterator is not None:
            self._iterator.load_state_dict(state)
            return
        if state.keys() != {"batches"}:
            given = f"a place in other data, {dict(state)!r:.100}"
            raise CheckpointError(explain(self._subject, given=given, expected="a number of batches"))
        self._source, self._rows = None, 0
        for _ in range(state["batches"]):
            if self._next() is None:
                given = "data that end before the saved place"
                raise CheckpointError(explain(self._subject, given=given, expected=f"{state['batches']} batches"))
