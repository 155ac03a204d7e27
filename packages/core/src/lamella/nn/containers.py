"""Cells that hold other cells: in a row, in a list, by name."""

from __future__ import annotations

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, Self

from lamella.errors import explain
from lamella.nn.cell import Cell


class _Row(Cell):
    """Cells in an order, called "0", "1", … or by names that were given."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        given = args[0] if len(args) == 1 and not isinstance(args[0], Cell) else args
        if isinstance(given, Mapping):
            items = [(str(name), cell) for name, cell in given.items()]
        elif isinstance(given, Iterable):
            items = [(str(i), cell) for i, cell in enumerate(given)]
        else:
            raise TypeError(
                explain(
                    type(self).__name__, given=f"a {type(given).__name__}", expected="cells, or a list or dict of them"
                )
            )
        self._arrange(items)

    def _arrange(self, items: list[tuple[str, Any]]) -> None:
        """Make these the cells; names that are numbers follow the positions."""
        for _, cell in items:
            if not isinstance(cell, Cell):
                raise TypeError(explain(type(self).__name__, given=f"a {type(cell).__name__}", expected="cells"))
        for name in list(self._cells):
            delattr(self, name)
        for i, (name, cell) in enumerate(items):
            setattr(self, str(i) if name.isdecimal() else name, cell)

    def _position(self, index: Any) -> int:
        if isinstance(index, bool) or not isinstance(index, int):
            raise TypeError(
                explain(
                    f"{type(self).__name__}[…]",
                    given=f"an index of type {type(index).__name__}",
                    expected="an int or a slice",
                )
            )
        if not -len(self) <= index < len(self):
            raise IndexError(
                explain(
                    f"{type(self).__name__}[…]", given=f"index {index}", expected=f"-{len(self)} to {len(self) - 1}"
                )
            )
        return index % len(self)

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._cells.values())

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            part = type(self)(auto_prefix=False)  # the cells stay where they are: their parameters keep their names
            part._arrange(list(self._cells.items())[index])
            return part
        return list(self._cells.values())[self._position(index)]

    def __setitem__(self, index: int, cell: Cell) -> None:
        items = list(self._cells.items())
        at = self._position(index)
        items[at] = items[at][0], cell
        self._arrange(items)

    def __delitem__(self, index: Any) -> None:
        items = list(self._cells.items())
        del items[index if isinstance(index, slice) else self._position(index)]
        self._arrange(items)

    def append(self, cell: Cell) -> Self:
        """Add a cell at the end; returns the container.

        Args:
            cell: the cell.
        """
        return self.extend([cell])

    def extend(self, cells: Iterable[Cell]) -> Self:
        """Add cells at the end; returns the container.

        Args:
            cells: the cells.
        """
        self._arrange([*self._cells.items(), *(("0", cell) for cell in cells)])
        return self

    def insert(self, index: int, cell: Cell) -> None:
        """Put a cell before another.

        Args:
            index: position of the other, from -len to len.
            cell: the cell.

        Raises:
            IndexError: there is no such position.
        """
        if not -len(self) <= index <= len(self):
            raise IndexError(
                explain(
                    f"{type(self).__name__}.insert", given=f"index {index}", expected=f"-{len(self)} to {len(self)}"
                )
            )
        items = list(self._cells.items())
        items.insert(index, ("0", cell))
        self._arrange(items)


class SequentialCell(_Row):
    """Cells that are called one after another, each with what the one before returned.

    Args:
        args: the cells, or a list of them, or an OrderedDict of them with names of their own.

    Raises:
        TypeError: something else.

    Examples:
        >>> import lamella as ms
        >>> from lamella import nn
        >>> net = nn.SequentialCell(nn.Flatten(), nn.Dense(4, 2), nn.ReLU())
        >>> net(ms.ops.ones((3, 2, 2))).shape
        (3, 2)
        >>> net[1].weight.name
        '1.weight'
    """

    def construct(self, input: Any) -> Any:
        """Call the cells one after another.

        Args:
            input: what the first cell takes.
        """
        for cell in self._cells.values():
            input = cell(input)
        return input


class CellList(_Row):
    """A list of cells, whose parameters are found.

    Args:
        args: the cells, or a list of them.

    Raises:
        TypeError: something else.

    Examples:
        >>> from lamella import nn
        >>> layers = nn.CellList([nn.Dense(4, 4) for _ in range(3)])
        >>> len(layers), layers[-1].weight.name
        (3, '2.weight')
    """

    def construct(self, *inputs: Any) -> Any:
        """Refuse: a list says nothing of what to compute."""
        raise NotImplementedError(
            explain(
                "CellList",
                given="a call of the list",
                expected="calls of the cells in it",
                remedy="Use SequentialCell to call cells one after another.",
            )
        )


class CellDict(Cell):
    """Cells by name, whose parameters are found.

    Args:
        cells: a mapping, or pairs of names and cells.

    Raises:
        TypeError: something else.

    Examples:
        >>> from lamella import nn
        >>> heads = nn.CellDict({"class": nn.Dense(4, 10), "box": nn.Dense(4, 4)})
        >>> list(heads), heads["box"].weight.name
        (['class', 'box'], 'box.weight')
    """

    def __init__(self, cells: Any = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.update(cells)

    def construct(self, *inputs: Any) -> Any:
        """Refuse: a dict says nothing of what to compute."""
        raise NotImplementedError(explain("CellDict", given="a call of the dict", expected="calls of the cells in it"))

    def update(self, cells: Any) -> None:
        """Add cells, or put them in the place of others of the same names.

        Args:
            cells: a mapping, or pairs of names and cells.
        """
        for name, cell in cells.items() if isinstance(cells, (Mapping, CellDict)) else cells:
            self[name] = cell

    def pop(self, key: str) -> Cell:
        """Take a cell away and return it.

        Args:
            key: its name.

        Raises:
            KeyError: there is none of that name.
        """
        cell = self[key]
        del self[key]
        return cell

    def clear(self) -> None:
        """Take all cells away."""
        for name in list(self._cells):
            delattr(self, name)

    def keys(self) -> KeysView[str]:
        """The names."""
        return self._cells.keys()

    def values(self) -> ValuesView[Cell]:
        """The cells."""
        return self._cells.values()

    def items(self) -> ItemsView[str, Cell]:
        """Names and cells."""
        return self._cells.items()

    def __len__(self) -> int:
        return len(self._cells)

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __contains__(self, key: object) -> bool:
        return key in self._cells

    def __getitem__(self, key: str) -> Cell:
        return self._cells[key]

    def __setitem__(self, key: str, cell: Cell) -> None:
        if not isinstance(key, str) or not isinstance(cell, Cell):
            raise TypeError(
                explain("CellDict", given=f"{key!r}: a {type(cell).__name__}", expected="a name and a Cell")
            )
        if key not in self._cells and hasattr(self, key):
            raise ValueError(
                explain("CellDict", given=f"the name {key!r}", expected="a name that is no attribute of Cell")
            )
        setattr(self, key, cell)

    def __delitem__(self, key: str) -> None:
        if key not in self._cells:
            raise KeyError(key)
        delattr(self, key)
