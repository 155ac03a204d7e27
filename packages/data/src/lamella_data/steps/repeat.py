"""`repeat`: the rows again and again, shuffled anew each time."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella_data._block import Block, concat
from lamella_data._checks import MOST_ROWS, check_int
from lamella_data._node import ENDLESS, Node, Run, Stage


class RepeatNode(Node):
    """`count` passes over the input; endlessly many for -1."""

    def __init__(self, inner: Node, count: Any) -> None:
        self.inputs = (inner,)
        self.names = inner.names
        self.count = -1 if count is None else check_int("repeat: count", count, -1)
        if not self.count:
            raise ValueError(explain("repeat: count", given="0", expected=f"-1, None or an int from 1 to {MOST_ROWS}"))

    def open(self, run: Run) -> Stage:
        """Start the first pass."""
        return _RepeatStage(self.inputs[0], run, ENDLESS if self.count == -1 else self.count)

    def rows(self, limit: int, once: bool) -> int:
        """Those of all passes."""
        rows = self.inputs[0].rows(limit, once)
        if self.count == -1:
            return rows if once or not rows else limit
        return min(limit, rows * self.count)

    @property
    def label(self) -> str:
        """The number of passes."""
        return f"repeat({self.count})"

    @property
    def repeat_count(self) -> int:
        """The number of passes, -1 where they are endless."""
        return self.count


class _RepeatStage(Stage):
    def __init__(self, inner: Node, run: Run, times: int) -> None:
        self._inner = inner
        self._run = run
        self._times = times
        self._time = 0
        self._stage = inner.open(run.into(0))
        self._empty = True  # whether this pass has given no row yet

    def pull(self, count: int) -> Block:
        blocks: list[Block] = []
        while count > 0:
            block = self._stage.pull(count)
            blocks.append(block)
            self._empty &= not block.rows
            if block.rows < count and not self._next_pass():
                break
            count -= block.rows
        return concat(blocks)

    def skip(self, count: int) -> int:
        done = 0
        while done < count:
            rows = self._stage.skip(count - done)
            done += rows
            self._empty &= not rows
            if done < count and not self._next_pass():
                break
        return done

    def _next_pass(self) -> bool:
        """Start the next pass, if there is one; a pass without rows is the last, else an endless repeat would hang."""
        if self._empty or self._time + 1 >= self._times:
            return False
        self._stage.close()
        self._time += 1
        self._stage = self._inner.open(self._run.into(self._time))
        self._empty = True
        return True

    def close(self) -> None:
        self._stage.close()
