"""Sources that give any row on request: a sampler chooses the order."""

from __future__ import annotations

from abc import abstractmethod

from lamella_data._block import Array, Block
from lamella_data._node import Node, Run, Stage
from lamella_data.samplers import Sampler


class IndexedNode(Node):
    """Rows that can be read in any order."""

    def __init__(self, kind: str, names: tuple[str, ...], sampler: Sampler) -> None:
        self.kind = kind
        self.names = names
        self.sampler = sampler

    @abstractmethod
    def available(self) -> int:
        """How many rows there are to choose from."""

    @abstractmethod
    def opened(self, order: Array) -> Stage:
        """Start a pass over the rows with these indices."""

    def open(self, run: Run) -> Stage:
        """Start a pass in the sampler's order."""
        return self.opened(self.sampler.indices(self.available(), run))

    def rows(self, limit: int, once: bool) -> int:
        """As many as the sampler chooses."""
        return min(limit, self.sampler.count(self.available()))

    @property
    def label(self) -> str:
        """The kind of source, its size and its sampler."""
        return f"{self.kind}({self.available()} rows, {self.sampler!r})"


class IndexedStage(Stage):
    """A pass in a given order; skipping costs nothing."""

    def __init__(self, order: Array) -> None:
        self._order = order
        self._at = 0

    @abstractmethod
    def gather(self, indices: Array) -> Block:
        """The rows at `indices`, which are at least one, in memory that nothing else holds."""

    def pull(self, count: int) -> Block:
        """The next rows in the order."""
        indices = self._order[self._at : self._at + count]
        block = self.gather(indices) if len(indices) else Block([], 0)
        self._at += len(indices)
        return block

    def skip(self, count: int) -> int:
        """Move on in the order."""
        done = min(count, len(self._order) - self._at)
        self._at += done
        return done


class BlockNode(IndexedNode):
    """Rows that lie in memory as columns."""

    def __init__(self, kind: str, names: tuple[str, ...], sampler: Sampler, block: Block) -> None:
        super().__init__(kind, names, sampler)
        self._block = block

    def available(self) -> int:
        """The rows in memory."""
        return self._block.rows

    def opened(self, order: Array) -> Stage:
        """Start a pass over the rows with these indices."""
        return _BlockStage(self._block, order)


class _BlockStage(IndexedStage):
    def __init__(self, block: Block, order: Array) -> None:
        super().__init__(order)
        self._block = block

    def gather(self, indices: Array) -> Block:
        return self._block.take(indices)
