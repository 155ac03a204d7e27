"""What `lamella.ops` and `lamella.nn` offer is what its modules say, for readers and type checkers alike."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import pytest
from public_names import STUBS

from lamella import nn, ops
from lamella.ops import functions
from lamella.ops import nn as networks


@pytest.mark.parametrize("file", STUBS, ids=lambda file: file.parent.name)
def test_type_checkers_read_what_there_is(file):
    assert file.read_text() == STUBS[file](), "run `nox -s names`"


@pytest.mark.parametrize("module", [ops, nn], ids=["ops", "nn"])
def test_no_name_is_offered_twice_and_all_are_there(module):
    assert [name for name, times in Counter(module.__all__).items() if times > 1] == []
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("room", [functions, networks], ids=["functions", "nn"])
def test_every_module_with_public_names_is_in_its_room(room):
    modules = [
        importlib.import_module(found.name) for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
    ]
    public = [module for module in modules if hasattr(module, "__all__") and module not in room.MODULES]
    assert {module.__name__.rpartition(".")[2] for module in public} == set(room.LATER)
