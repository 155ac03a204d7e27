"""Samplers: which rows of a source that can be read at random, in which order."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella_data._block import Array
from lamella_data._checks import check_int
from lamella_data._node import Run, draw, permutation


class Sampler(ABC):
    """What all samplers have in common: at the start of a pass they give the rows to read."""

    num_samples: int | None

    def __init__(self, num_samples: int | None) -> None:
        name = f"{type(self).__name__}: num_samples"
        self.num_samples = None if num_samples is None else check_int(name, num_samples, 1)

    @abstractmethod
    def indices(self, rows: int, run: Run) -> Array:
        """The rows of a pass, out of `rows`."""

    @abstractmethod
    def count(self, rows: int) -> int:
        """How many rows a pass has, out of `rows`."""

    def _cut(self, count: int) -> int:
        return count if self.num_samples is None else min(self.num_samples, count)


class SequentialSampler(Sampler):
    """Rows in their order.

    Args:
        start_index: the first row; None is 0.
        num_samples: how many rows at most; None is all.

    Raises:
        TypeError: an argument is not an int.
        ValueError: `start_index` is negative or `num_samples` is not positive; when the rows are read, `start_index`
            is past them.

    Examples:
        >>> import lamella_data as data
        >>> rows = data.NumpySlicesDataset([10, 11, 12, 13], "x", sampler=data.SequentialSampler(1, 2))
        >>> [int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [11, 12]
    """

    def __init__(self, start_index: int | None = None, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self.start_index = 0 if start_index is None else check_int("SequentialSampler: start_index", start_index, 0)

    def indices(self, rows: int, run: Run) -> Array:
        """The rows of a pass, out of `rows`."""
        return np.arange(self.start_index, self.start_index + self.count(rows))

    def count(self, rows: int) -> int:
        """How many rows a pass has, out of `rows`."""
        if self.start_index and self.start_index >= rows:
            given = f"{self.start_index} for {rows} rows"
            raise ValueError(explain("SequentialSampler: start_index", given=given, expected="an index of a row"))
        return self._cut(rows - self.start_index)

    def __repr__(self) -> str:
        return f"SequentialSampler({self.start_index}, {self.num_samples})"


class RandomSampler(Sampler):
    """Rows in random order, another one in every epoch.

    Args:
        replacement: whether a row may come more than once.
        num_samples: how many rows; None is as many as there are. Without replacement there are no more than that.

    Raises:
        TypeError: `replacement` is no bool or `num_samples` no int.
        ValueError: `num_samples` is not positive.

    Examples:
        >>> import lamella_data as data
        >>> rows = data.NumpySlicesDataset([10, 11, 12, 13], "x", sampler=data.RandomSampler())
        >>> sorted(int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True))
        [10, 11, 12, 13]
    """

    def __init__(self, replacement: bool = False, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        if not isinstance(replacement, bool):
            raise TypeError(explain("RandomSampler: replacement", given=repr(replacement), expected="a bool"))
        self.replacement = replacement

    def indices(self, rows: int, run: Run) -> Array:
        """The rows of a pass, out of `rows`."""
        count = self.count(rows)
        return draw(run.bits(), count, rows) if self.replacement else permutation(run.bits(), rows)[:count]

    def count(self, rows: int) -> int:
        """How many rows a pass has, out of `rows`."""
        return self.num_samples if self.replacement and self.num_samples and rows else self._cut(rows)

    def __repr__(self) -> str:
        return f"RandomSampler({self.replacement}, {self.num_samples})"


class SubsetSampler(Sampler):
    """The rows at given indices, in the given order.

    Args:
        indices: of the rows; one may occur more than once.
        num_samples: how many of them at most; None is all.

    Raises:
        TypeError: `indices` are not integers.
        ValueError: `num_samples` is not positive; when the rows are read, an index has no row.

    Examples:
        >>> import lamella_data as data
        >>> rows = data.NumpySlicesDataset([10, 11, 12, 13], "x", sampler=data.SubsetSampler([3, 0]))
        >>> [int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [13, 10]
    """

    def __init__(self, indices: Sequence[int] | Array, num_samples: int | None = None) -> None:
        super().__init__(num_samples)
        self._subset = np.array(indices)
        name = type(self).__name__
        if self._subset.ndim != 1 or (self._subset.size and self._subset.dtype.kind not in "iu"):
            raise TypeError(explain(f"{name}: indices", given=f"{indices!r:.80}", expected="a sequence of ints"))
        self._subset = self._subset.astype(np.intp)

    def indices(self, rows: int, run: Run) -> Array:
        """The rows of a pass, out of `rows`."""
        outside = self._subset[(self._subset < 0) | (self._subset >= rows)]
        if len(outside):
            name = type(self).__name__
            raise ValueError(
                explain(f"{name}: indices", given=str(outside[0]), expected=f"indices from 0 to {rows - 1}")
            )
        return self._subset[: self.count(rows)]

    def count(self, rows: int) -> int:
        """How many rows a pass has, out of `rows`."""
        return self._cut(len(self._subset))

    def __repr__(self) -> str:
        checksum = zlib.crc32(self._subset.astype("<i8").tobytes())
        return f"{type(self).__name__}({len(self._subset)} indices of checksum {checksum:08x}, {self.num_samples})"


class SubsetRandomSampler(SubsetSampler):
    """The rows at given indices in random order, another one in every epoch.

    Args:
        indices: of the rows; one may occur more than once.
        num_samples: how many of them at most; None is all.

    Raises:
        TypeError: `indices` are not integers.
        ValueError: `num_samples` is not positive; when the rows are read, an index has no row.

    Examples:
        >>> import lamella_data as data
        >>> rows = data.NumpySlicesDataset([10, 11, 12, 13], "x", sampler=data.SubsetRandomSampler([3, 0]))
        >>> sorted(int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True))
        [10, 13]
    """

    def indices(self, rows: int, run: Run) -> Array:
        """The rows of a pass, out of `rows`."""
        super().indices(rows, run)
        return self._subset[permutation(run.bits(), len(self._subset))][: self.count(rows)]


class DistributedSampler(Sampler):
    """Every `num_shards`-th row, so that several processes share the rows.

    All processes need the same seed (`lamella_data.config.set_seed`), for they cut up the same random order.

    Args:
        num_shards: how many processes there are.
        shard_id: which of them this is, from 0.
        shuffle: whether the rows are in random order, another one in every epoch.
        num_samples: how many rows for this process at most; None is all.
        offset: the shard that the first row goes to. With the default, -1, it is shard 0, and rows from the start
            are added so that all shards have the same number of rows.

    Raises:
        TypeError: an argument has another type.
        ValueError: an argument is out of range.

    Examples:
        >>> import lamella_data as data
        >>> sampler = data.DistributedSampler(num_shards=2, shard_id=1, shuffle=False)
        >>> rows = data.NumpySlicesDataset([10, 11, 12], "x", sampler=sampler)
        >>> [int(x) for (x,) in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [11, 10]
    """

    def __init__(
        self, num_shards: int, shard_id: int, shuffle: bool = True, num_samples: int | None = None, offset: int = -1
    ) -> None:
        super().__init__(num_samples)
        self.num_shards = check_int("DistributedSampler: num_shards", num_shards, 1)
        self.shard_id = check_int("DistributedSampler: shard_id", shard_id, 0, self.num_shards - 1)
        self.offset = check_int("DistributedSampler: offset", offset, -1, self.num_shards - 1)
        if not isinstance(shuffle, bool):
            raise TypeError(explain("DistributedSampler: shuffle", given=repr(shuffle), expected="a bool"))
        self.shuffle = shuffle

    def indices(self, rows: int, run: Run) -> Array:
        """The rows of a pass, out of `rows`."""
        mine = self._places(rows)[: self.count(rows)] % max(rows, 1)
        return permutation(run.bits(), rows)[mine] if self.shuffle else mine

    def count(self, rows: int) -> int:
        """How many rows a pass has, out of `rows`."""
        return self._cut(len(self._places(rows)))

    def _places(self, rows: int) -> Array:
        """The places in the common order that are this shard's; those past `rows` begin again at the start."""
        if self.offset == -1:
            return np.arange(self.shard_id, -(-rows // self.num_shards) * self.num_shards, self.num_shards)
        return np.arange((self.shard_id - self.offset) % self.num_shards, rows, self.num_shards)

    def __repr__(self) -> str:
        settings = (self.num_shards, self.shard_id, self.shuffle, self.num_samples, self.offset)
        return f"DistributedSampler{settings}"


def choose_sampler(
    subject: str,
    num_samples: int | None,
    shuffle: bool | None,
    sampler: Any,
    num_shards: int | None,
    shard_id: int | None,
) -> Sampler:
    """The sampler that a source's arguments ask for; random order where they leave it open.

    Raises:
        TypeError: an argument has another type.
        ValueError: an argument is out of range, or two contradict each other.
    """
    settings = {"num_samples": num_samples, "shuffle": shuffle, "num_shards": num_shards, "shard_id": shard_id}
    if shuffle is not None and not isinstance(shuffle, bool):
        raise TypeError(explain(f"{subject}: shuffle", given=repr(shuffle), expected="a bool or None"))
    if sampler is not None:
        both = [name for name, value in settings.items() if value is not None]
        if both:
            given = f"sampler and {', '.join(both)}"
            raise ValueError(explain(subject, given=given, expected="one or the other", remedy="Set up the sampler."))
        if isinstance(sampler, Sampler):
            return sampler
        if isinstance(sampler, list | tuple | range | np.ndarray):
            return SubsetSampler(sampler)
        expected = "a sampler of this package or a sequence of row indices"
        raise TypeError(explain(f"{subject}: sampler", given=f"{sampler!r:.80}", expected=expected))
    if (num_shards is None) != (shard_id is None):
        given = f"num_shards={num_shards}, shard_id={shard_id}"
        raise ValueError(explain(subject, given=given, expected="both num_shards and shard_id, or neither"))
    if num_samples is not None:
        check_int(f"{subject}: num_samples", num_samples, 1)
    if num_shards is not None and shard_id is not None:
        check_int(f"{subject}: num_shards", num_shards, 1)
        check_int(f"{subject}: shard_id", shard_id, 0, num_shards - 1)
        return DistributedSampler(num_shards, shard_id, shuffle is not False, num_samples)
    return SequentialSampler(None, num_samples) if shuffle is False else RandomSampler(False, num_samples)
