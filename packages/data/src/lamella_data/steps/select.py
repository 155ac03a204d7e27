"""`project` and `rename`: which columns there are, in which order, under which names."""

from __future__ import annotations

from typing import Any

from lamella.errors import explain
from lamella_data._block import Block
from lamella_data._checks import check_distinct, name_list, positions
from lamella_data._node import Node, Relay, Run, Stage


class SelectNode(Node):
    """Some of the columns of the input in a given order, under new names."""

    def __init__(self, inner: Node, step: str, places: list[int], names: list[str]) -> None:
        check_distinct(step, names)
        self.inputs = (inner,)
        self.step = step
        self.places = places
        self.names = tuple(names)

    def open(self, run: Run) -> Stage:
        """Start a pass over the rows."""
        return _SelectStage(self.inputs[0].open(run.into()), self.places)

    def rows(self, limit: int, once: bool) -> int:
        """As many as come in."""
        return self.inputs[0].rows(limit, once)

    @property
    def label(self) -> str:
        """The step and the columns it takes."""
        return f"{self.step}({', '.join(self.inputs[0].names[i] for i in self.places)})"


def project(inner: Node, columns: Any) -> SelectNode:
    """The columns called `columns`, in that order."""
    names = name_list("project: columns", columns)
    return SelectNode(inner, "project", positions("project: columns", names, inner.names), names)


def rename(inner: Node, old: Any, new: Any) -> SelectNode:
    """All columns, those called `old` under the names `new`."""
    before, after = name_list("rename: input_columns", old), name_list("rename: output_columns", new)
    positions("rename: input_columns", before, inner.names)
    if len(before) != len(after):
        given = f"{len(before)} input_columns and {len(after)} output_columns"
        raise ValueError(explain("rename", given=given, expected="equally many"))
    changed = dict(zip(before, after, strict=True))
    return SelectNode(inner, "rename", list(range(len(inner.names))), [changed.get(n, n) for n in inner.names])


class _SelectStage(Relay):
    def __init__(self, inner: Stage, places: list[int]) -> None:
        super().__init__(inner)
        self._places = places

    def pull(self, count: int) -> Block:
        block = self.inner.pull(count)
        return Block([block.columns[i] for i in self._places], block.rows) if block.rows else block
