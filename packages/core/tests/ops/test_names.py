"""What `lamella.ops` offers is what its modules say, for readers and type checkers alike."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import pytest
from public_names import STUB, stub

from lamella import ops
from lamella.ops import functions, nn


def test_type_checkers_read_what_there_is():
    assert STUB.read_text() == stub(), "run `nox -s names`"


def test_no_name_is_offered_twice_and_all_are_there():
    assert [name for name, times in Counter(ops.__all__).items() if times > 1] == []
    assert [name for name in ops.__all__ if not hasattr(ops, name)] == []


@pytest.mark.parametrize("room", [functions, nn], ids=["functions", "nn"])
def test_every_module_with_public_names_is_in_its_room(room):
    modules = [
        importlib.import_module(found.name) for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
    ]
    assert [module for module in modules if hasattr(module, "__all__") and module not in room.MODULES] == []
