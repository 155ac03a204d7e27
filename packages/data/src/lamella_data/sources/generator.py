"""`GeneratorDataset`: rows from user code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from types import GeneratorType
from typing import Any, TypeGuard

from lamella.dtypes import as_dtype
from lamella.errors import explain
from lamella_data._block import Array, Block, as_row
from lamella_data._checks import check_int, check_no_processes, check_workers, name_list
from lamella_data._node import Node, Run, Stage, noting
from lamella_data.dataset import Dataset
from lamella_data.samplers import Sampler, choose_sampler
from lamella_data.sources.indexed import IndexedNode, IndexedStage

_KIND = "GeneratorDataset"


class GeneratorDataset(Dataset):
    """Rows from a Python object.

    Saved iterator state is exact for objects that give any row by index. An iterable or a function is run again
    from its start when state is restored, and the rows already seen are thrown away; that is exact if it gives the
    same rows each time.

    Args:
        source: one of
            an object with `__getitem__` and `__len__`, whose item i is row i;
            an iterable, which gives the rows and starts again each time that it is iterated over;
            a function without arguments that returns such an iterable, for instance a generator function.
            A row is a tuple or list with a value for each column, or the value of the only column.
        column_names: of the columns.
        column_types: what the columns must be; rows of other types are an error. None checks nothing.
        schema: not supported: `column_types` says the same.
        num_samples: how many rows at most, for each shard where there are shards; None is all.
        num_parallel_workers: so many threads read rows from an object with `__getitem__`, where several rows are
            needed at once, as for a batch.
        shuffle: whether the rows come in random order; None is True. Needs an object with `__getitem__`, and so do
            the following three.
        sampler: chooses the rows instead of the other arguments; a sequence of row indices will do.
        num_shards: how many processes share the rows; see `DistributedSampler`.
        shard_id: which of them this is, from 0.
        python_multiprocessing: must be False: rows are read in threads. (MindSpore's default is True, which
            changes nothing there with one worker.)

    Raises:
        TypeError: an argument has a wrong type.
        ValueError: an argument is out of range or not supported, or arguments contradict each other.

    Examples:
        >>> import lamella_data as data
        >>> def squares():
        ...     for i in range(3):
        ...         yield i, i * i
        >>> rows = data.GeneratorDataset(squares, ["root", "square"])
        >>> [[int(c) for c in row] for row in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[0, 0], [1, 1], [2, 4]]
    """

    def __init__(
        self,
        source: Any,
        column_names: str | Sequence[str] | None = None,
        column_types: Sequence[Any] | None = None,
        schema: None = None,
        num_samples: int | None = None,
        num_parallel_workers: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler | Sequence[int] | Array | None = None,
        num_shards: int | None = None,
        shard_id: int | None = None,
        python_multiprocessing: bool = False,
    ) -> None:
        workers = check_workers(_KIND, num_parallel_workers)
        check_no_processes(_KIND, python_multiprocessing)
        if schema is not None:
            raise ValueError(explain(f"{_KIND}: schema", given="a schema", expected="column_names and column_types"))
        if column_names is None:
            raise ValueError(explain(f"{_KIND}: column_names", given="None", expected="the names of the columns"))
        reader = _Reader(name_list(f"{_KIND}: column_names", column_names), column_types)
        if _sized(source) and hasattr(source, "__getitem__"):
            chosen = choose_sampler(_KIND, num_samples, shuffle, sampler, num_shards, shard_id)
            super().__init__(_ItemsNode(source, reader, chosen, workers))
            return
        order = {"shuffle": shuffle or None, "sampler": sampler, "num_shards": num_shards, "shard_id": shard_id}
        asked = [name for name, value in order.items() if value is not None]
        if asked:
            remedy = "Use the step shuffle() instead." if asked == ["shuffle"] else ""
            given = f"{', '.join(asked)} with a source that has no __getitem__ and __len__"
            raise ValueError(explain(_KIND, given=given, expected="neither", remedy=remedy))
        if isinstance(source, GeneratorType):
            remedy = "Pass the generator function instead of its result."
            given = "a generator, which runs only once"
            raise TypeError(explain(f"{_KIND}: source", given=given, expected="what can run again", remedy=remedy))
        if not callable(source) and not hasattr(source, "__iter__"):
            expected = "an object with __getitem__ and __len__, an iterable, or a function returning one"
            raise TypeError(explain(f"{_KIND}: source", given=f"{source!r:.80}", expected=expected))
        limit = None if num_samples is None else check_int(f"{_KIND}: num_samples", num_samples, 1)
        super().__init__(_StreamNode(source, reader, limit))


def _sized(source: Any) -> TypeGuard[Sized]:
    """Whether it has a length; a class has that of its instances only, and is a function that makes them."""
    return hasattr(source, "__len__") and not isinstance(source, type)


class _Reader:
    """Turns what a source gives into rows."""

    def __init__(self, names: list[str], types: Sequence[Any] | None) -> None:
        self.names = tuple(names)
        self.types = None if types is None else [as_dtype(t, f"{_KIND}: column_types") for t in types]
        if self.types is not None and len(self.types) != len(names):
            given = f"{len(self.types)} types for {len(names)} columns"
            raise ValueError(explain(f"{_KIND}: column_types", given=given, expected="one for each column"))

    def row(self, value: Any) -> tuple[Array, ...]:
        """The columns of a row."""
        parts = value if isinstance(value, tuple | list) else (value,)
        if len(parts) != len(self.names):
            given = f"a row with {len(parts)} columns for column_names {list(self.names)}"
            raise ValueError(explain(f"{_KIND}: source", given=given, expected=f"{len(self.names)} columns"))
        row = tuple(map(as_row, parts))
        for array, dtype, name in zip(row, self.types or (), self.names, strict=False):
            if array.dtype != dtype.numpy:
                given = f"{array.dtype} in column {name!r}"
                raise TypeError(explain(f"{_KIND}: source", given=given, expected=f"{dtype} as in column_types"))
        return row

    @staticmethod
    def block(rows: list[tuple[Array, ...]]) -> Block:
        """Rows as a block."""
        return Block([list(column) for column in zip(*rows, strict=True)], len(rows))


class _ItemsNode(IndexedNode):
    """An object with `__getitem__` and `__len__`."""

    def __init__(self, source: Any, reader: _Reader, sampler: Sampler, workers: int) -> None:
        super().__init__(_KIND, reader.names, sampler)
        self.source = source
        self.reader = reader
        self.workers = workers

    def available(self) -> int:
        """What the source says it has."""
        return len(self.source)

    def opened(self, order: Array) -> Stage:
        """Start a pass over the rows with these indices."""
        return _ItemsStage(self, order)


class _ItemsStage(IndexedStage):
    def __init__(self, node: _ItemsNode, order: Array) -> None:
        super().__init__(order)
        self._node = node
        self._threads = ThreadPoolExecutor(node.workers, "lamella-source") if node.workers > 1 else None

    def gather(self, indices: Array) -> Block:
        read = map if self._threads is None or len(indices) == 1 else self._threads.map
        return _Reader.block(list(read(self._row, indices.tolist())))

    def _row(self, index: int) -> tuple[Array, ...]:
        with noting("the source of GeneratorDataset", index, self._node.names):
            return self._node.reader.row(self._node.source[index])

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


class _StreamNode(Node):
    """An iterable, or a function that returns one."""

    def __init__(self, source: Any, reader: _Reader, limit: int | None) -> None:
        self.source: Callable[[], Any] | Any = source
        self.reader = reader
        self.names = reader.names
        self.limit = limit
        self._count: int | None = None

    def start(self) -> Iterator[Any]:
        """Begin to read the source from its start."""
        source = self.source() if callable(self.source) else self.source
        values = (value for value in source)  # asks for iter(source) once: some sources start anew each time
        return values if self.limit is None else islice(values, self.limit)

    def open(self, run: Run) -> Stage:
        """Start a pass over the rows."""
        return _StreamStage(self)

    def rows(self, limit: int, once: bool) -> int:
        """What the source says it has; if it says nothing, it is run and counted."""
        if self._count is None:
            if _sized(self.source):
                self._count = min(len(self.source), self.limit or len(self.source))
            else:
                found = self.open(Run(0, 0)).skip(limit)
                if found == limit:
                    return limit
                self._count = found
        return min(limit, self._count)

    @property
    def label(self) -> str:
        """That it is a stream, and its limit."""
        return f"{_KIND}(stream, num_samples={self.limit})"


class _StreamStage(Stage):
    def __init__(self, node: _StreamNode) -> None:
        self._node = node
        self._values: Iterator[Any] | None = None
        self._row = 0

    def _next(self, count: int) -> Iterator[Any]:
        """Up to `count` values."""
        if self._values is None:
            self._values = self._node.start()
        return islice(self._values, count)

    def pull(self, count: int) -> Block:
        rows: list[tuple[Array, ...]] = []
        with noting("the source of GeneratorDataset", lambda: self._row, self._node.names):
            for value in self._next(count):
                rows.append(self._node.reader.row(value))
                self._row += 1
        return _Reader.block(rows) if rows else Block([], 0)

    def skip(self, count: int) -> int:
        before = self._row
        with noting("the source of GeneratorDataset", lambda: self._row, self._node.names):
            for _ in self._next(count):
                self._row += 1
        return self._row - before
