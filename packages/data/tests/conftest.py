"""Helpers of the tests: short ways to write a source and to read all rows."""

from __future__ import annotations

from typing import Any

import pytest

import lamella_data as data


@pytest.fixture(autouse=True)
def _seed():
    data.config.set_seed(7)
    yield
    data.config.set_seed(None)


class Pipelines:
    """What tests build and read pipelines with."""

    @staticmethod
    def count(n: int, name: str = "x") -> data.Dataset:
        """The rows 0 to n - 1 in order."""
        return data.NumpySlicesDataset(list(range(n)), name, shuffle=False)

    @staticmethod
    def rows(dataset: data.Dataset) -> list[tuple[Any, ...]]:
        """All rows of an epoch as plain Python values."""
        iterator = dataset.create_tuple_iterator(num_epochs=1, output_numpy=True)
        return [tuple(column.tolist() for column in row) for row in iterator]

    @classmethod
    def column(cls, dataset: data.Dataset) -> list[Any]:
        """All values of the only column."""
        return [value for (value,) in cls.rows(dataset)]


@pytest.fixture
def p() -> type[Pipelines]:
    return Pipelines
