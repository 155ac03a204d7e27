from __future__ import annotations

import importlib
import importlib.util
import sys

import pytest

import lamella
from lamella.errors import BrokenPluginError, IncompatiblePluginError, MissingPluginError
from lamella.plugins import MODULES, NAMES

FILES = {
    "acme/__init__.py": "class Gadget: ...\n",
    "acme/vision/__init__.py": "",
    "acme/vision/filters.py": "from acme import Gadget\n",
}


@pytest.fixture
def gadgets(install):
    return install("acme", {MODULES: {"gadgets": "acme"}, NAMES: {"Gadget": "acme:Gadget"}}, FILES)


def test_alias_and_real_module_are_one_object(gadgets):
    alias = importlib.import_module("lamella.gadgets")
    assert alias is importlib.import_module("acme")
    assert sys.modules["lamella.gadgets"] is sys.modules["acme"] is lamella.gadgets
    assert alias.__spec__.name == alias.__name__ == "acme"


@pytest.mark.parametrize("real_first", [True, False])
def test_submodules_of_an_alias_are_one_object_too(gadgets, real_first):
    names = ["acme.vision.filters", "lamella.gadgets.vision.filters"]
    one, other = map(importlib.import_module, names if real_first else reversed(names))
    assert one is other
    assert sys.modules["lamella.gadgets.vision"] is sys.modules["acme.vision"] is lamella.gadgets.vision
    assert one.Gadget is lamella.gadgets.Gadget


def test_alias_is_an_attribute_without_an_import_statement(gadgets):
    assert lamella.gadgets is sys.modules["acme"]


def test_missing_submodule_of_an_alias_is_the_usual_error(gadgets):
    with pytest.raises(ModuleNotFoundError, match=r"lamella\.gadgets\.nothing"):
        importlib.import_module("lamella.gadgets.nothing")


def test_modules_of_core_come_before_those_of_plugins(install):
    install("acme", {MODULES: {"errors": "acme"}}, FILES)
    errors = sys.modules.pop("lamella.errors")
    try:
        assert importlib.import_module("lamella.errors").__file__ == errors.__file__
    finally:
        sys.modules["lamella.errors"] = lamella.errors = errors


def test_top_level_name_is_the_plugin_s_object(gadgets, monkeypatch):
    assert "Gadget" not in vars(lamella)
    found = lamella.Gadget
    monkeypatch.delattr(lamella, "Gadget", raising=False)
    assert found is importlib.import_module("acme").Gadget


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'lamella' has no attribute 'no_such_thing'"):
        _ = lamella.no_such_thing
    assert not hasattr(lamella, "__no_such_dunder__")
    with pytest.raises(ModuleNotFoundError, match=r"lamella\.no_such_thing"):
        importlib.import_module("lamella.no_such_thing")


def test_private_names_never_read_metadata(monkeypatch):
    monkeypatch.setattr("lamella.plugins.discovery.find", lambda group: 1 / 0)
    with pytest.raises(AttributeError):
        _ = lamella._private


def test_known_name_without_its_package_says_what_to_install():
    with pytest.raises(AttributeError, match="pip install lamella-insight"):
        _ = lamella.SummaryCollector
    with pytest.raises(MissingPluginError, match="pip install lamella-insight"):
        from lamella import SummaryCollector  # noqa: F401
    assert not hasattr(lamella, "SummaryCollector")


def test_incompatible_module_is_refused_before_import(install):
    install("acme", {MODULES: {"gadgets": "acme"}}, FILES, requires=["lamella-core>=9"])
    with pytest.raises(IncompatiblePluginError):
        importlib.import_module("lamella.gadgets")
    assert "acme" not in sys.modules
    assert "lamella.gadgets" not in sys.modules


def test_raising_module_leaves_no_trace(install):
    install("acme", {MODULES: {"gadgets": "acme"}}, {"acme.py": "1 / 0"})
    with pytest.raises(BrokenPluginError, match="ZeroDivisionError"):
        importlib.import_module("lamella.gadgets")
    assert "lamella.gadgets" not in sys.modules


def test_reload_of_the_alias_reloads_the_real_module(gadgets):
    alias = importlib.import_module("lamella.gadgets")
    assert importlib.reload(alias) is sys.modules["acme"] is sys.modules["lamella.gadgets"]
