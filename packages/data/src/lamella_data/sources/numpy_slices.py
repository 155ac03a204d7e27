"""`NumpySlicesDataset`: rows from arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella_data._block import Array, Block, Column, as_row
from lamella_data._checks import check_workers, name_list
from lamella_data.dataset import Dataset
from lamella_data.samplers import Sampler, choose_sampler
from lamella_data.sources.indexed import BlockNode


class NumpySlicesDataset(Dataset):
    """Rows from data in memory, cut along its first axis.

    NumPy arrays are not copied: a later change of them shows in rows that are read after it.

    Args:
        data: a list or an array is one column; a tuple has a column in each of its elements, a dict in each of its
            values. All columns have equally many rows. Rows of a list may differ in shape.
        column_names: of the columns; None is the keys of a dict, else column_0, column_1 and so on.
        num_samples: how many rows at most, for each shard where there are shards; None is all.
        num_parallel_workers: at most so many threads read rows. This source reads many rows in one call and
            needs no more than one.
        shuffle: whether the rows come in random order; None is True.
        sampler: chooses the rows instead of the other arguments; a sequence of row indices will do.
        num_shards: how many processes share the rows; see `DistributedSampler`.
        shard_id: which of them this is, from 0.

    Raises:
        TypeError: an argument has a wrong type, or rows are neither numbers nor text.
        ValueError: there are no rows, columns differ in length, names do not fit the columns, or the arguments that
            choose rows contradict each other.

    Examples:
        >>> import lamella_data as data
        >>> rows = data.NumpySlicesDataset({"x": [1, 2], "y": [0.5, 1.5]}, shuffle=False)
        >>> [[c.item() for c in row] for row in rows.create_tuple_iterator(num_epochs=1, output_numpy=True)]
        [[1, 0.5], [2, 1.5]]
    """

    def __init__(
        self,
        data: Any,
        column_names: str | Sequence[str] | None = None,
        num_samples: int | None = None,
        num_parallel_workers: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler | Sequence[int] | Array | None = None,
        num_shards: int | None = None,
        shard_id: int | None = None,
    ) -> None:
        kind = type(self).__name__
        check_workers(kind, num_parallel_workers)
        if isinstance(data, Mapping):
            given, names = list(data.values()), [str(key) for key in data]
        else:
            given = list(data) if isinstance(data, tuple) else [data]
            names = [f"column_{i}" for i in range(len(given))]
        if column_names is not None:
            listed = name_list(f"{kind}: column_names", column_names)
            if len(listed) != len(given):
                text = f"{listed} for {len(given)} columns"
                raise ValueError(explain(f"{kind}: column_names", given=text, expected="a name for each column"))
            names = listed
        columns = [_column(kind, value, name) for value, name in zip(given, names, strict=True)]
        lengths = {name: len(column) for name, column in zip(names, columns, strict=True)}
        if len(set(lengths.values())) != 1 or 0 in lengths.values():
            text = f"columns with these numbers of rows: {lengths}"
            raise ValueError(explain(kind, given=text, expected="equally many, and at least one"))
        chosen = choose_sampler(kind, num_samples, shuffle, sampler, num_shards, shard_id)
        super().__init__(BlockNode(kind, tuple(names), chosen, Block(columns, len(columns[0]))))


def _column(kind: str, data: Any, name: str) -> Column:
    """The data of one column as an array, or as a list of rows where their shapes differ."""
    try:
        column = np.asarray(data)
    except ValueError:  # rows of unequal lengths
        return [as_row(row) for row in data]
    if column.dtype == object:
        text = f"column {name!r} of Python objects, first {next(iter(column.flat), None)!r:.80}"
        raise TypeError(explain(kind, given=text, expected="numbers or text"))
    if not column.ndim:
        raise TypeError(explain(kind, given=f"{data!r:.80} for column {name!r}", expected="a sequence of rows"))
    return column if column.dtype.isnative else column.astype(column.dtype.newbyteorder("="))
