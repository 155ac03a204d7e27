"""`skip`: without the first rows."""

from __future__ import annotations

from typing import Any

from lamella_data._block import Block
from lamella_data._checks import check_int
from lamella_data._node import ENDLESS, Node, Relay, Run, Stage


class SkipNode(Node):
    """The rows after the first `count`."""

    def __init__(self, inner: Node, count: Any) -> None:
        self.inputs = (inner,)
        self.names = inner.names
        self.count = check_int("skip: count", count, 0)

    def open(self, run: Run) -> Stage:
        """Start a pass over the rows."""
        return _SkipStage(self.inputs[0].open(run.into()), self.count)

    def rows(self, limit: int, once: bool) -> int:
        """Those that come in less `count`, or none."""
        rows = self.inputs[0].rows(min(limit + self.count, ENDLESS), once)
        return limit if rows == ENDLESS else max(rows - self.count, 0)

    @property
    def label(self) -> str:
        """The number of rows."""
        return f"skip({self.count})"


class _SkipStage(Relay):
    def __init__(self, inner: Stage, ahead: int) -> None:
        super().__init__(inner)
        self._ahead = ahead  # rows still to be passed over

    def _pass_over(self) -> None:
        if self._ahead:
            self.inner.skip(self._ahead)
            self._ahead = 0

    def pull(self, count: int) -> Block:
        self._pass_over()
        return self.inner.pull(count)

    def skip(self, count: int) -> int:
        self._pass_over()
        return self.inner.skip(count)
