"""`batch`: consecutive rows become one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella_data._block import Array, Block, Column, as_row, concat, rows_of, same_type, stacked
from lamella_data._checks import check_distinct, check_int, name_list, positions
from lamella_data._node import ENDLESS, Node, Relay, Run, Stage, noting


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """Which batch is being made; the argument of a callable `batch_size` and the last one of `per_batch_map`."""

    epoch: int
    batch: int

    def get_epoch_num(self) -> int:
        """The number of the epoch, from 0."""
        return self.epoch

    def get_batch_num(self) -> int:
        """The number of the batch in the epoch, from 0."""
        return self.batch


class BatchNode(Node):
    """Batches of a fixed or computed size."""

    def __init__(
        self,
        inner: Node,
        size: int | Callable[[BatchInfo], int],
        drop_remainder: bool,
        per_batch_map: Callable[..., Any] | None,
        input_columns: Any,
        output_columns: Any,
    ) -> None:
        if not isinstance(drop_remainder, bool):
            raise TypeError(explain("batch: drop_remainder", given=repr(drop_remainder), expected="a bool"))
        if per_batch_map is None and (input_columns is not None or output_columns is not None):
            given = "input_columns or output_columns without per_batch_map"
            raise ValueError(explain("batch", given=given, expected="per_batch_map with them"))
        self.inputs = (inner,)
        self.size = size if callable(size) else check_int("batch: batch_size", size, 1)
        self.drop_remainder = drop_remainder
        self.function = per_batch_map
        self.taken = list(inner.names) if input_columns is None else name_list("batch: input_columns", input_columns)
        self.given = self.taken if output_columns is None else name_list("batch: output_columns", output_columns)
        self.places = positions("batch: input_columns", self.taken, inner.names)
        self.kept = [i for i in range(len(inner.names)) if i not in self.places]
        self.in_place = len(self.given) == len(self.taken)
        if self.in_place:
            renamed = dict(zip(self.taken, self.given, strict=True))
            self.names = tuple(renamed.get(name, name) for name in inner.names)
        else:
            self.names = (*self.given, *(inner.names[i] for i in self.kept))
        check_distinct("batch: output_columns", self.names)

    def open(self, run: Run) -> Stage:
        """Start a pass over the batches."""
        return _BatchStage(self, self.inputs[0].open(run.into()), run.epoch)

    def rows(self, limit: int, once: bool) -> int:
        """How many batches there are."""
        inner = self.inputs[0]
        if callable(self.size):
            rows, batches = inner.rows(ENDLESS, once), 0
            if rows == ENDLESS:
                return limit
            while rows > 0 and batches < limit:
                size = self.size_of(BatchInfo(0, batches))
                batches += rows >= size or not self.drop_remainder
                rows -= size
            return batches
        rows = inner.rows(min(limit * self.size, ENDLESS), once)
        if rows == ENDLESS:
            return limit
        return min(limit, rows // self.size if self.drop_remainder else -(-rows // self.size))

    def size_of(self, info: BatchInfo) -> int:
        """The size of a batch."""
        if not callable(self.size):
            return self.size
        with noting(f"{self.label} (a row here is a batch)", info.batch, self.names):
            return check_int("batch: what batch_size returned", self.size(info), 1)

    @property
    def label(self) -> str:
        """The size, or the names of the functions."""
        size = getattr(self.size, "__qualname__", self.size)
        function = f", {getattr(self.function, '__qualname__', 'a callable')}" if self.function else ""
        return f"batch({size}, drop_remainder={self.drop_remainder}{function})"

    @property
    def batch_size(self) -> int:
        """The fixed size, or that of the first batch."""
        return self.size_of(BatchInfo(0, 0))


class _BatchStage(Relay):
    def __init__(self, node: BatchNode, inner: Stage, epoch: int) -> None:
        super().__init__(inner)
        self._node = node
        self._epoch = epoch
        self._batch = 0
        self._row = 0

    def pull(self, count: int) -> Block:
        batches: list[Block] = []
        while len(batches) < count:
            info = BatchInfo(self._epoch, self._batch)
            size = self._node.size_of(info)
            block = self.inner.pull(size)
            if not block.rows or (block.rows < size and self._node.drop_remainder):
                break
            batches.append(Block([[column] for column in self._collate(block, info)], 1))
            self._batch += 1
            self._row += block.rows
        return concat(batches)

    def _collate(self, block: Block, info: BatchInfo) -> list[Array]:
        node = self._node
        if node.function is None:
            return [self._stack(column, name) for column, name in zip(block.columns, node.names, strict=True)]
        lists = [rows_of(block.columns[i]) for i in node.places]
        with noting(f"{node.label} (a row here is a batch)", info.batch, node.taken):
            made = node.function(*lists, info)
            made = made if isinstance(made, tuple) else (made,)
            if len(made) != len(node.given):
                text = f"{len(made)} columns from per_batch_map for output_columns={node.given}"
                raise ValueError(explain("batch", given=text, expected="as many columns as names"))
            new = [self._stack(_listed(rows), name) for rows, name in zip(made, node.given, strict=True)]
        old = {i: self._stack(block.columns[i], node.inputs[0].names[i]) for i in node.kept}
        if not node.in_place:
            return new + list(old.values())
        return [old[i] if i in old else new[node.places.index(i)] for i in range(len(node.names))]

    def _stack(self, column: Column, name: str) -> Array:
        if not len(column):
            raise ValueError(explain("batch", given=f"no rows for column {name!r}", expected="at least one"))
        whole = stacked(column)
        if whole is not None:
            return np.ascontiguousarray(whole)
        first = column[0]
        i, row = next((i, row) for i, row in enumerate(column) if row.shape != first.shape or not same_type(row, first))
        given = (
            f"column {name!r} with {first.dtype} of shape {first.shape} in row {self._row} "
            f"and {row.dtype} of shape {row.shape} in row {self._row + i}"
        )
        remedy = "Make them equal in a map before, or in per_batch_map."
        raise ValueError(explain("batch", given=given, expected="rows of one type and shape", remedy=remedy))

    def skip(self, count: int) -> int:
        done = 0
        while done < count:
            size = self._node.size_of(BatchInfo(self._epoch, self._batch))
            # Batches of a fixed size are skipped all at once.
            batches = 1 if callable(self._node.size) else count - done
            rows = self.inner.skip(size * batches)
            full, left = divmod(rows, size)
            new = full + (left > 0 and not self._node.drop_remainder)
            done += new
            self._batch += new
            self._row += rows
            if new < batches:
                break
        return done


def _listed(rows: Any) -> list[Array]:
    """The rows of a column that `per_batch_map` returned."""
    if not isinstance(rows, list | tuple) and not getattr(rows, "ndim", 0):
        expected = "a list or an array of rows for each column"
        raise TypeError(explain("batch: per_batch_map", given=f"{rows!r:.80}", expected=expected))
    return [as_row(row) for row in rows]
