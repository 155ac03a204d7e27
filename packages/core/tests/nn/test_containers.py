"""Cells that hold cells. Names after edits are those of mindspore 2.10.0."""

from __future__ import annotations

from collections import OrderedDict

import pytest
from helpers import assert_same

from lamella import Tensor, nn


def names(cell):
    return [p.name for p in cell.get_parameters()]


def kinds(cells):
    return [type(cell).__name__ for cell in cells]


@pytest.mark.parametrize("args", [(nn.ReLU(), nn.Flatten(0)), ([nn.ReLU(), nn.Flatten(0)],)])
def test_sequential_calls_one_after_another(args):
    net = nn.SequentialCell(*args)
    assert_same(net(Tensor([[-1.0, 2.0]])), Tensor([0.0, 2.0]))
    assert list(net.name_cells()) == ["0", "1"]


def test_sequential_takes_names():
    net = nn.SequentialCell(OrderedDict(a=nn.ReLU(), b=nn.Dense(2, 2)))
    assert names(net) == ["b.weight", "b.bias"]
    assert kinds([net.a, net[1]]) == ["ReLU", "Dense"]
    net.append(nn.Tanh())
    net[0] = nn.GELU()
    assert list(net.name_cells()) == ["a", "b", "2"]


def test_an_empty_sequential_returns_its_input():
    x = Tensor([1.0])
    assert nn.SequentialCell()(x) is x
    assert nn.SequentialCell([])(x) is x


@pytest.mark.parametrize("kind", [nn.SequentialCell, nn.CellList])
def test_rows_behave_as_lists(kind):
    row = kind([nn.ReLU(), nn.Tanh(), nn.Sigmoid()])
    assert kinds(row) == ["ReLU", "Tanh", "Sigmoid"]
    assert len(row) == 3
    assert kinds([row[0], row[-1]]) == ["ReLU", "Sigmoid"]
    assert kinds(row[1:]) == ["Tanh", "Sigmoid"]
    assert isinstance(row[1:], kind)
    row[0] = nn.GELU()
    del row[1]
    row.insert(-1, nn.Flatten())
    row.append(nn.ReLU6()).extend([nn.ELU(), nn.SiLU()])
    assert kinds(row) == ["GELU", "Flatten", "Sigmoid", "ReLU6", "ELU", "SiLU"]
    del row[1:4]
    assert kinds(row) == ["GELU", "ELU", "SiLU"]
    assert list(row.name_cells()) == ["0", "1", "2"]


def test_edits_rename_parameters_by_position():
    cells = nn.CellList([nn.Dense(1, 1)])
    cells.append(nn.ReLU())
    cells.extend([nn.Dense(1, 1)])
    cells.insert(1, nn.Dense(1, 2))
    cells[0] = nn.Dense(3, 3)
    del cells[1]
    assert names(cells) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_a_slice_shares_cells_and_leaves_their_names():
    net = nn.SequentialCell(nn.Dense(1, 1), nn.Dense(1, 1), nn.Dense(1, 1))
    part = net[1:]
    assert part[0] is net[1]
    assert names(part) == ["1.weight", "1.bias", "2.weight", "2.bias"]
    assert part[0].weight.name == net[1].weight.name


@pytest.mark.parametrize("kind", [nn.SequentialCell, nn.CellList])
@pytest.mark.parametrize(
    ("do", "error"),
    [
        (lambda row: row[3], IndexError),
        (lambda row: row[-2], IndexError),
        (lambda row: row["a"], TypeError),
        (lambda row: row[True], TypeError),
        (lambda row: row.append(3), TypeError),
        (lambda row: row.insert(5, nn.ReLU()), IndexError),
        (lambda row: row.__setitem__(0, 3), TypeError),
        (lambda row: type(row)(3), TypeError),
        (lambda row: type(row)([3]), TypeError),
    ],
)
def test_rows_refuse_what_does_not_fit_and_stay_as_they_are(kind, do, error):
    row = kind([nn.ReLU()])
    with pytest.raises(error, match="expected"):
        do(row)
    assert kinds(row) == ["ReLU"]


def test_lists_and_dicts_cannot_be_called():
    with pytest.raises(NotImplementedError, match="SequentialCell"):
        nn.CellList([nn.ReLU()])(Tensor(1.0))
    with pytest.raises(NotImplementedError, match="calls of the cells"):
        nn.CellDict({"a": nn.ReLU()})(Tensor(1.0))


def test_dict_behaves_as_a_dict():
    cells = nn.CellDict([("a", nn.ReLU())])
    cells["b"] = nn.Dense(1, 1)
    assert list(cells) == list(cells.keys()) == ["a", "b"]
    assert kinds(cells.values()) == ["ReLU", "Dense"]
    assert [name for name, _ in cells.items()] == ["a", "b"]
    assert "a" in cells
    assert len(cells) == 2
    assert names(cells) == ["b.weight", "b.bias"]
    assert isinstance(cells.pop("a"), nn.ReLU)
    assert "a" not in cells
    cells.update({"b": nn.Tanh(), "c": nn.GELU()})
    assert kinds(cells.values()) == ["Tanh", "GELU"]
    del cells["c"]
    cells.clear()
    assert len(cells) == 0


@pytest.mark.parametrize(
    ("do", "error"),
    [
        (lambda cells: cells["zz"], KeyError),
        (lambda cells: cells.pop("zz"), KeyError),
        (lambda cells: cells.__delitem__("zz"), KeyError),
        (lambda cells: cells.__setitem__(3, nn.ReLU()), TypeError),
        (lambda cells: cells.__setitem__("a", 3), TypeError),
        (lambda cells: cells.__setitem__("training", nn.ReLU()), ValueError),
    ],
)
def test_dict_refuses_what_does_not_fit(do, error):
    with pytest.raises(error):
        do(nn.CellDict({"a": nn.ReLU()}))
