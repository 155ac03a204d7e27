"""What a pipeline is made of: nodes, which describe it, and stages, which run it.

A `Node` is immutable and says what a step does to the rows of the nodes it reads. `node.open(run)` gives a `Stage`,
one pass over its rows. Stages pull from each other: no row is computed that was not asked for, and a stage is asked
for as many rows at once as its reader can use.

A stage can also `skip` rows, which gives the same result as pulling them and throwing them away but may cost nothing.
That is all it takes to save and restore an iterator: the state is the epoch and the number of rows delivered, and
restoring opens the epoch again and skips. It is exact because all randomness comes from `Run`.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamella_data._block import Array, Block

ENDLESS = sys.maxsize
"""More rows than any data set has; as the size of one, it means that the rows never end."""

_SKIP_AT_ONCE = 1024


@dataclass(frozen=True, slots=True)
class Run:
    """Which pass this is of which stage: the seed, the epoch, and the way from the last step to this one.

    Attributes:
        seed: from `lamella_data.config`.
        epoch: the epoch of the whole pipeline, from 0.
        path: which input was taken at every step passed, and which repetition at every repeat.
    """

    seed: int
    epoch: int
    path: tuple[int, ...] = ()

    def into(self, index: int = 0) -> Run:
        """The run of an input, or of a repetition of it."""
        return Run(self.seed, self.epoch, (*self.path, index))

    def bits(self) -> np.random.PCG64:
        """A random source that belongs to this run alone.

        Only raw bits are drawn from it: NumPy guarantees those to be the same in every version. The length is
        part of the seed because `SeedSequence` pads with zeros.
        """
        return np.random.PCG64(np.random.SeedSequence((len(self.path), self.seed, self.epoch, *self.path)))


def draw(bits: np.random.PCG64, count: int, bound: int) -> Array:
    """`count` random integers from 0 to `bound` - 1, bound at most 2**31 (bias below 2**-32)."""
    return ((bits.random_raw(count) >> np.uint64(32)) * np.uint64(bound) >> np.uint64(32)).astype(np.intp)


def permutation(bits: np.random.PCG64, count: int) -> Array:
    """The integers from 0 to `count` - 1 in random order: the order that sorts as many random keys."""
    return np.argsort(bits.random_raw(count), kind="stable")


class Stage(ABC):
    """One pass over the rows of a node."""

    @abstractmethod
    def pull(self, count: int) -> Block:
        """The next `count` rows; fewer only where the rows end."""

    def skip(self, count: int) -> int:
        """Pass over the next `count` rows and say how many there were; fewer only where the rows end."""
        done = 0
        while done < count:
            wanted = min(count - done, _SKIP_AT_ONCE)
            rows = self.pull(wanted).rows
            done += rows
            if rows < wanted:
                break
        return done

    def close(self) -> None:  # noqa: B027 (most stages hold nothing)
        """Give back threads and the like; the stage is not used again."""


class Node(ABC):
    """A step of a pipeline or a source.

    Attributes:
        names: of the columns.
        inputs: the nodes whose rows it reads.
    """

    names: tuple[str, ...]
    inputs: tuple[Node, ...] = ()

    @abstractmethod
    def open(self, run: Run) -> Stage:
        """Start a pass over the rows."""

    @abstractmethod
    def rows(self, limit: int, once: bool) -> int:
        """How many rows a pass has, counted no further than `limit`.

        Args:
            limit: where to stop; `ENDLESS` for the true number.
            once: whether an endless repeat counts as one pass over what it repeats.
        """

    @property
    @abstractmethod
    def label(self) -> str:
        """What the step is, for messages and to tell pipelines apart."""

    @property
    def batch_size(self) -> int:
        """Rows of the source in a row of this: what the last `batch` set, or 1."""
        return self.inputs[0].batch_size if self.inputs else 1

    @property
    def repeat_count(self) -> int:
        """How often the last `repeat` repeats, or 1."""
        return self.inputs[0].repeat_count if self.inputs else 1

    def outline(self) -> list[Any]:
        """The labels of the whole pipeline: this one's, then its inputs' outlines."""
        return [f"{self.label} -> {', '.join(self.names)}", *(node.outline() for node in self.inputs)]


class Relay(Stage):
    """A stage that passes on what the stage before it does; subclasses change that."""

    def __init__(self, inner: Stage) -> None:
        self.inner = inner

    def pull(self, count: int) -> Block:
        """The rows of the stage before."""
        return self.inner.pull(count)

    def skip(self, count: int) -> int:
        """Skip in the stage before."""
        return self.inner.skip(count)

    def close(self) -> None:
        """Close the stage before."""
        self.inner.close()


class noting:  # noqa: N801 - used as a function, in a `with` statement
    """Tells an exception of user code where it happened: the step, the row and the columns.

    A callable `row` is asked only then. `StopIteration`, which would end the epoch in silence, becomes an error.
    """

    __slots__ = ("_label", "_names", "_row")

    def __init__(self, label: str, row: int | Callable[[], int], names: Sequence[str]) -> None:
        self._label = label
        self._row = row
        self._names = names

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception):
            return
        row = self._row() if callable(self._row) else self._row
        place = f"In row {row} of {self._label}; columns {list(self._names)}."
        if isinstance(error, StopIteration):
            raise RuntimeError(f"A function called by a data pipeline raised StopIteration. {place}") from error
        error.add_note(place)
