"""Iterators over the rows of a pipeline, whose state can be saved and restored."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from sys import getrefcount
from typing import Any, Generic, TypeVar

import numpy as np

from lamella.errors import explain
from lamella_data._block import Array
from lamella_data._node import Node, Run, Stage
from lamella_data.config import get_seed

Row = TypeVar("Row")

_FORMAT = 1


class Epochs:
    """Which epoch a new iterator of a data set starts with: the one after those already begun.

    So a loop that makes an iterator for every epoch sees the same rows as a loop over one iterator.
    """

    def __init__(self) -> None:
        self.begun = 0

    def begin(self, epoch: int) -> None:
        """Note that an epoch begins."""
        self.begun = max(self.begun, epoch + 1)


class RowIterator(Generic[Row]):
    """What both kinds of iterator do.

    An epoch ends with `StopIteration`; going on begins the next one. After an exception in the pipeline the iterator
    still stands before the row that failed, and going on tries that row again.
    """

    def __init__(self, node: Node, epochs: Epochs, num_epochs: int, convert: Callable[[Array], Any]) -> None:
        self._node = node
        self._epochs = epochs
        self._num_epochs = num_epochs
        self._convert = convert
        self._seed = get_seed()
        self._epoch = epochs.begun
        self._epochs_done = 0
        self._rows = 0  # rows of this epoch already delivered
        self._stage: Stage | None = None
        epochs.begin(self._epoch)

    def __iter__(self) -> RowIterator[Row]:
        return self

    def __next__(self) -> Row:
        if self._epochs_done == self._num_epochs:
            given = f"another epoch after {self._num_epochs}"
            remedy = "Create a new iterator, or this one with a larger num_epochs."
            expected = f"at most num_epochs={self._num_epochs}"
            raise RuntimeError(explain("data iterator", given=given, expected=expected, remedy=remedy))
        stage = self._opened()
        try:
            block = stage.pull(1)
        except BaseException:
            self.close()
            raise
        if not block.rows:
            self.close()
            self._epoch, self._epochs_done, self._rows = self._epoch + 1, self._epochs_done + 1, 0
            raise StopIteration
        self._rows += 1
        return self._row(
            [self._convert(column[0] if isinstance(column, list) else column[0, ...]) for column in block.columns]
        )

    @abstractmethod
    def _row(self, columns: list[Any]) -> Row:
        """What is delivered for a row."""

    def _opened(self) -> Stage:
        """The stage, standing before the next row."""
        if self._stage is None:
            self._epochs.begin(self._epoch)
            stage = self._node.open(Run(self._seed, self._epoch))
            found = stage.skip(self._rows)
            if found < self._rows:
                stage.close()
                given = f"a position after {self._rows} rows of data that has {found}"
                remedy = "The data is not what it was when the state was saved."
                raise ValueError(
                    explain("data iterator", given=given, expected="a position in the data", remedy=remedy)
                )
            self._stage = stage
        return self._stage

    def close(self) -> None:
        """Give back threads and buffers. Going on takes them again."""
        if self._stage is not None:
            self._stage.close()
            self._stage = None

    def state_dict(self) -> dict[str, Any]:
        """Where the iterator stands: a dict of numbers, strings and lists, ready for JSON.

        Examples:
            >>> import lamella_data as data
            >>> rows = data.NumpySlicesDataset(list(range(100)), "x").shuffle(10).batch(3)
            >>> saved, other = (rows.create_tuple_iterator(output_numpy=True) for _ in range(2))
            >>> _ = next(saved), next(saved)
            >>> other.load_state_dict(saved.state_dict())
            >>> all((a[0] == b[0]).all() for a, b in zip(saved, other, strict=True))
            True
        """
        return {
            "format": _FORMAT,
            "pipeline": self._node.outline(),
            "seed": self._seed,
            "epoch": self._epoch,
            "epochs_done": self._epochs_done,
            "rows": self._rows,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where the iterator stood whose `state_dict` this is: the rows to come are the same, bit for bit.

        Rows that were already delivered are skipped, which costs little behind sources that give any row by index;
        only what comes before a `shuffle` step is computed again. Functions in `map` must not depend on calls
        that they had before.

        Args:
            state: from `state_dict` of an iterator of an equal pipeline, in this process or another.

        Raises:
            TypeError: `state` is not a dict.
            ValueError: it is damaged, or of another pipeline, or the data has fewer rows now. The iterator stays as
                it was.
        """
        if not isinstance(state, Mapping):
            raise TypeError(explain("load_state_dict", given=type(state).__name__, expected="the dict of state_dict()"))
        outline = self._node.outline()
        counts = ("format", "seed", "epoch", "epochs_done", "rows")
        if set(state) != {*counts, "pipeline"} or any(type(state[k]) is not int or state[k] < 0 for k in counts):
            raise ValueError(
                explain("load_state_dict", given=f"{dict(state)!r:.200}", expected="what state_dict() gave")
            )
        if state["format"] != _FORMAT:
            raise ValueError(
                explain("load_state_dict", given=f"format {state['format']}", expected=f"format {_FORMAT}")
            )
        if state["pipeline"] != outline:
            given, expected = _difference(_lines(state["pipeline"]), _lines(outline))
            raise ValueError(explain("load_state_dict", given=f"state of {given}", expected=f"of {expected}"))
        before = (self._seed, self._epoch, self._epochs_done, self._rows)
        self.close()
        self._seed, self._epoch = state["seed"], state["epoch"]
        self._epochs_done, self._rows = state["epochs_done"], state["rows"]
        try:
            self._opened()
        except BaseException:
            self._seed, self._epoch, self._epochs_done, self._rows = before
            raise


def _lines(outline: Any) -> list[str]:
    """The labels of an outline in order."""
    return [label for part in outline for label in _lines(part)] if isinstance(outline, list) else [str(outline)]


def _difference(given: list[str], expected: list[str]) -> tuple[str, str]:
    """The first labels that differ, from the source on."""
    given, expected = [*reversed(given), "no further step"], [*reversed(expected), "no further step"]
    return next(((g, e) for g, e in zip(given, expected, strict=False) if g != e), (given[0], expected[0]))


class TupleIterator(RowIterator[list[Any]]):
    """Rows as lists with a value for each column."""

    def _row(self, columns: list[Any]) -> list[Any]:
        return columns


class DictIterator(RowIterator[dict[str, Any]]):
    """Rows as dicts from column name to value."""

    def _row(self, columns: list[Any]) -> dict[str, Any]:
        return dict(zip(self._node.names, columns, strict=True))


def as_numpy(array: Array) -> Array:
    """Deliver a NumPy array."""
    return array


def to_tensor() -> Callable[[Array], Any]:
    """What delivers tensors; text stays a NumPy array."""
    from lamella import Tensor  # only here, so that pipelines of NumPy arrays load nothing else
    from lamella.tensor import adopt

    def convert(array: Array) -> Any:
        if array.dtype.kind in "SU":
            return array
        # Nothing but the block of one row, which is given up, has a name of an array that a batch was put together in.
        # One that a user's function gave may be filled again.
        alone = array.flags.owndata and array.flags.c_contiguous and getrefcount(array) <= _ONLY_IN_A_BLOCK
        return adopt(array) if alone and array.dtype.isnative else Tensor(array)

    return convert


def _references(array: Array) -> int:
    return getrefcount(array)


#: What `getrefcount` says, one call deep, of an array that is in one list and nowhere else.
_ONLY_IN_A_BLOCK = next(_references(column[0]) for column in [[np.empty(0)]])
