"""`take`: the first rows only."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella_data._block import Block
from lamella_data._checks import MOST_ROWS, check_int
from lamella_data._node import ENDLESS, Node, Relay, Run, Stage


class TakeNode(Node):
    """At most the first `count` rows; all of them for -1."""

    def __init__(self, inner: Node, count: Any) -> None:
        self.inputs = (inner,)
        self.names = inner.names
        self.count = check_int("take: count", count, -1)
        if not self.count:
            raise ValueError(explain("take: count", given="0", expected=f"-1 or an int from 1 to {MOST_ROWS}"))

    def open(self, run: Run) -> Stage:
        """Start a pass over the rows."""
        return _TakeStage(self.inputs[0].open(run.into()), ENDLESS if self.count == -1 else self.count)

    def rows(self, limit: int, once: bool) -> int:
        """`count`, or as many as come in where they are fewer."""
        return self.inputs[0].rows(limit if self.count == -1 else min(limit, self.count), once)

    @property
    def label(self) -> str:
        """The number of rows."""
        return f"take({self.count})"


class _TakeStage(Relay):
    def __init__(self, inner: Stage, left: int) -> None:
        super().__init__(inner)
        self._left = left

    def pull(self, count: int) -> Block:
        count = min(count, self._left)
        block = self.inner.pull(count) if count else Block([], 0)
        self._left -= block.rows
        return block

    def skip(self, count: int) -> int:
        done = self.inner.skip(min(count, self._left))
        self._left -= done
        return done
