"""`map`: operations on columns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella_data._block import Array, Block, Column, as_row, rows_of, stacked
from lamella_data._checks import check_distinct, name_list, positions
from lamella_data._node import Node, Relay, Run, Stage, noting
from lamella_data.transforms import Compose, Transform

Operation = Callable[..., Any]


class MapNode(Node):
    """Operations on some columns, one after the other; the others pass."""

    def __init__(self, inner: Node, operations: Any, inputs: Any, outputs: Any, workers: int) -> None:
        self.inputs = (inner,)
        self.operations = _flat(operations)
        self.workers = workers
        self.taken = list(inner.names[:1]) if inputs is None else name_list("map: input_columns", inputs)
        self.given = self.taken if outputs is None else name_list("map: output_columns", outputs)
        self.places = positions("map: input_columns", self.taken, inner.names)
        kept = [i for i in range(len(inner.names)) if i not in self.places]
        # Where a column of the result comes from: (True, i) is output i, (False, i) is column i of the input.
        self.layout: list[tuple[bool, int]]
        if len(self.given) == len(self.taken):
            self.layout = [(False, i) if i in kept else (True, self.places.index(i)) for i in range(len(inner.names))]
        else:
            self.layout = [(True, i) for i in range(len(self.given))] + [(False, i) for i in kept]
        self.names = tuple(self.given[i] if made else inner.names[i] for made, i in self.layout)
        check_distinct("map: output_columns", self.names)

    def open(self, run: Run) -> Stage:
        """Start a pass over the rows."""
        return _MapStage(self, self.inputs[0].open(run.into()))

    def rows(self, limit: int, once: bool) -> int:
        """As many as come in."""
        return self.inputs[0].rows(limit, once)

    @property
    def label(self) -> str:
        """The operations by name."""
        names = [getattr(operation, "__qualname__", type(operation).__name__) for operation in self.operations]
        return f"map({', '.join(names)}; {', '.join(self.taken)})"


def _flat(operations: Any) -> list[Operation]:
    """The operations as a list, with those of a Compose in its place."""
    listed = list(operations) if isinstance(operations, list | tuple) else [operations]
    wrong = [operation for operation in listed if not callable(operation)]
    if wrong or not listed:
        given = f"{wrong[0]!r:.80}" if wrong else "none"
        raise TypeError(explain("map: operations", given=given, expected="a callable or a list of them"))
    return [
        part
        for operation in listed
        for part in (_flat(operation.transforms) if type(operation) is Compose else [operation])
    ]


class _MapStage(Relay):
    def __init__(self, node: MapNode, inner: Stage) -> None:
        super().__init__(inner)
        self._node = node
        self._row = 0
        self._threads: ThreadPoolExecutor | None = None

    def pull(self, count: int) -> Block:
        block = self.inner.pull(count)
        if not block.rows:
            return block
        columns = [block.columns[i] for i in self._node.places]
        names = self._node.taken
        for number, operation in enumerate(self._node.operations, 1):
            columns = self._apply(operation, columns, block.rows, names)
            names = [f"output {i} of operation {number}" for i in range(len(columns))]
        given = self._node.given
        if len(columns) != len(given):
            text = f"{len(columns)} columns for output_columns={given}"
            raise ValueError(explain(self._node.label, given=text, expected="as many columns as names"))
        self._row += block.rows
        return Block([columns[i] if made else block.columns[i] for made, i in self._node.layout], block.rows)

    def _apply(self, operation: Operation, columns: list[Column], rows: int, names: list[str]) -> list[Column]:
        if isinstance(operation, Transform) and len(columns) == 1:
            whole = stacked(columns[0])
            if whole is not None:
                columns = [whole]
                try:
                    made = operation.batched(whole)
                except Exception:
                    pass  # it comes again below, where the row that is to blame is known
                else:
                    return [self._checked(operation, made, rows)]

        def call(i: int) -> tuple[Array, ...]:
            with noting(self._node.label, self._row + i, names):
                result = operation(*(arguments[i] for arguments in by_row))
                return tuple(map(as_row, result if isinstance(result, tuple) else (result,)))

        by_row = [rows_of(column) for column in columns]
        results = list(
            self._executor().map(call, range(rows)) if self._node.workers > 1 and rows > 1 else map(call, range(rows))
        )
        for i, result in enumerate(results):
            if len(result) != len(results[0]):
                text = f"{len(results[0])} columns for row {self._row} and {len(result)} for row {self._row + i}"
                raise ValueError(explain(self._node.label, given=text, expected="equally many columns for all rows"))
        return [list(column) for column in zip(*results, strict=True)]

    def _checked(self, operation: Operation, made: Any, rows: int) -> Array:
        if not isinstance(made, np.ndarray) or made.ndim == 0 or len(made) != rows:
            given = f"{type(made).__name__} of shape {np.shape(made)} from {type(operation).__name__}.batched"
            raise ValueError(explain(self._node.label, given=given, expected=f"an array of {rows} rows"))
        return made

    def _executor(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._node.workers, "lamella-map")
        return self._threads

    def skip(self, count: int) -> int:
        done = self.inner.skip(count)
        self._row += done
        return done

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        super().close()
