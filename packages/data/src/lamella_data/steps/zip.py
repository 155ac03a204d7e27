"""`zip`: data sets side by side."""

from __future__ import annotations

import numpy as np

from lamella_data._block import Block
from lamella_data._checks import check_distinct
from lamella_data._node import Node, Run, Stage


class ZipNode(Node):
    """The columns of all inputs; as many rows as the shortest has."""

    def __init__(self, inputs: tuple[Node, ...]) -> None:
        self.inputs = inputs
        self.names = tuple(name for node in inputs for name in node.names)
        check_distinct("zip", self.names)

    def open(self, run: Run) -> Stage:
        """Start a pass over the rows of each input."""
        return _ZipStage([node.open(run.into(i)) for i, node in enumerate(self.inputs)])

    def rows(self, limit: int, once: bool) -> int:
        """As many as the shortest input has."""
        for node in self.inputs:
            limit = node.rows(limit, once)
        return limit

    @property
    def label(self) -> str:
        """The number of inputs."""
        return f"zip({len(self.inputs)})"


class _ZipStage(Stage):
    def __init__(self, stages: list[Stage]) -> None:
        self._stages = stages

    def pull(self, count: int) -> Block:
        blocks: list[Block] = []
        for stage in self._stages:
            blocks.append(stage.pull(count))
            count = min(count, blocks[-1].rows)
        if not count:
            return Block([], 0)
        cut = (block if block.rows == count else block.take(np.arange(count)) for block in blocks)
        return Block([column for block in cut for column in block.columns], count)

    def skip(self, count: int) -> int:
        for stage in self._stages:
            count = stage.skip(count)
        return count

    def close(self) -> None:
        for stage in self._stages:
            stage.close()
