"""`shuffle`: rows come out of a buffer at random."""

from __future__ import annotations

import numpy as np

from lamella_data._block import Block, RowStore, concat
from lamella_data._checks import check_int
from lamella_data._node import Node, Relay, Run, Stage, draw

_AT_ONCE = 1024


class ShuffleNode(Node):
    """A buffer of `size` rows; each row that leaves it at random is replaced by the next that comes in."""

    def __init__(self, inner: Node, size: int) -> None:
        self.inputs = (inner,)
        self.size = check_int("shuffle: buffer_size", size, 2)
        self.names = inner.names

    def open(self, run: Run) -> Stage:
        """Start a pass in an order of its own."""
        return _ShuffleStage(self.inputs[0].open(run.into()), self.size, run)

    def rows(self, limit: int, once: bool) -> int:
        """As many as come in."""
        return self.inputs[0].rows(limit, once)

    @property
    def label(self) -> str:
        """The size of the buffer."""
        return f"shuffle({self.size})"


class _ShuffleStage(Relay):
    def __init__(self, inner: Stage, size: int, run: Run) -> None:
        super().__init__(inner)
        self._size = size
        self._bits = run.bits()
        self._store = RowStore()
        self._held = -1  # rows in the buffer; -1 before it was filled

    def pull(self, count: int) -> Block:
        if self._held < 0:
            first = self.inner.pull(self._size)
            self._store.write(0, first)
            self._held = first.rows
        blocks: list[Block] = []
        while count > 0:
            block = self._emit(min(count, _AT_ONCE))
            if not block.rows:
                break
            blocks.append(block)
            count -= block.rows
        return concat(blocks)

    def _emit(self, count: int) -> Block:
        """Up to `count` rows, all while rows come in, or all while the buffer drains.

        Rows that come in wait behind the buffer. Which row takes which place is worked out on row numbers; then
        all rows that leave are copied in one go, and those that stay move to their places.
        """
        held = self._held
        coming = self.inner.pull(count) if held == self._size else Block([], 0)
        draining = not coming.rows
        count = min(count, held) if draining else coming.rows
        if not count:
            return coming
        self._store.write(held, coming) if coming.rows else None
        moved: dict[int, int] = {}
        leaving = np.empty(count, np.intp)
        if draining:
            picks = self._bits.random_raw(count)
            for i, pick in enumerate(picks.tolist()):
                held -= 1
                place = (pick >> 32) * (held + 1) >> 32
                leaving[i] = moved.get(place, place)
                moved[place] = moved.get(held, held)
            self._held = held
        else:
            for i, place in enumerate(draw(self._bits, count, held).tolist()):
                leaving[i] = moved.get(place, place)
                moved[place] = held + i
        block = self._store.take(leaving)
        kept = [(source, place) for place, source in moved.items() if place < self._held and source != place]
        if kept:
            sources, places = np.array(kept, np.intp).T
            self._store.move(sources, places)
        return block

    def skip(self, count: int) -> int:
        return Stage.skip(self, count)
