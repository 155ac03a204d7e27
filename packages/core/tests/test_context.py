from __future__ import annotations

import warnings

import pytest

from lamella import GRAPH_MODE, PYNATIVE_MODE, context, get_context, set_context
from lamella.errors import BrokenPluginError, MissingPluginError


@pytest.fixture(autouse=True)
def _restore(monkeypatch):
    monkeypatch.setattr(context, "settings", context.settings)
    monkeypatch.setattr(context, "mode", context.mode)
    monkeypatch.setitem(vars(context), "backend", None)
    monkeypatch.setattr("lamella.plugins.discovery.find", lambda group: [])
    monkeypatch.setattr("lamella.plugins.discovery.installed_version", lambda distribution: None)


def test_modes_have_mindspore_s_numbers_and_pynative_is_the_default():
    assert (GRAPH_MODE, PYNATIVE_MODE) == (0, 1)
    assert get_context("mode") == context.mode == PYNATIVE_MODE


def test_setting_one_leaves_the_others():
    before = context.settings
    set_context(max_call_depth=2, deterministic="ON")
    assert context.settings == before.model_copy(update={"max_call_depth": 2, "deterministic": "ON"})
    assert get_context("deterministic") == "ON"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"mode": 2}, ValueError, r"set_context\(mode=...\): got 2, expected GRAPH_MODE \(0\) or PYNATIVE_MODE \(1\)"),
        ({"mode": "graph"}, ValueError, "got 'graph'"),
        ({"device_id": "0"}, TypeError, "got '0', expected an int, 0 or more"),
        ({"device_id": -1}, ValueError, "got -1, expected an int, 0 or more"),
        ({"device_id": True}, TypeError, "got True"),
        ({"device_target": 3}, TypeError, "got 3, expected the name of an installed device"),
        ({"device_target": ""}, ValueError, "got ''"),
        ({"deterministic": "on"}, ValueError, 'expected "ON" or "OFF"'),
        ({"pynative_synchronize": 1}, TypeError, "expected True or False"),
        ({"max_device_memory": "8"}, ValueError, 'such as "8GB"'),
        ({"save_graphs": 4}, ValueError, "a level from 0 to 3"),
        ({"save_graphs": "yes"}, TypeError, "a level from 0 to 3"),
        ({"runtime_num_threads": 0}, ValueError, "an int, 1 or more"),
    ],
)
def test_wrong_value_names_setting_value_and_what_is_allowed(changes, error, message):
    before = context.settings
    with pytest.raises(error, match=message):
        set_context(max_call_depth=5, **changes)
    assert context.settings is before


def test_unknown_setting_suggests_the_nearest():
    with pytest.raises(ValueError, match=r"'devise_target'.*Did you mean 'device_target'\?"):
        set_context(devise_target="CPU")
    with pytest.raises(ValueError, match=r"get_context: got setting 'modes'.*Did you mean 'mode'\?"):
        get_context("modes")


def test_graph_mode_without_a_compiler_names_the_package():
    with pytest.raises(MissingPluginError, match="pip install lamella-compiler"):
        set_context(mode=GRAPH_MODE, device_id=7)
    assert get_context("mode") == PYNATIVE_MODE
    assert get_context("device_id") != 7


def test_missing_device_changes_nothing():
    with pytest.raises(MissingPluginError, match="pip install lamella-backend-ascend"):
        set_context(device_target="Ascend", device_id=7)
    assert get_context("device_id") != 7


def test_settings_are_read_only():
    with pytest.raises(ValueError, match="frozen"):
        context.settings.mode = 0


def test_broken_configure_hook_changes_nothing(monkeypatch):
    def configure(settings):
        raise BrokenPluginError("no")

    monkeypatch.setattr("lamella.plugins.configure", configure)
    before = context.settings
    with pytest.raises(BrokenPluginError):
        set_context(max_call_depth=7)
    assert context.settings is before


def test_settings_without_effect_are_kept_and_told_once(monkeypatch):
    monkeypatch.setattr(context, "_kept", {})
    monkeypatch.setattr(context, "_told", set())
    assert get_context("enable_graph_kernel") is False
    with pytest.warns(UserWarning, match=r"set_context\(enable_graph_kernel=\.\.\.\): the setting has no effect"):
        set_context(enable_graph_kernel=True, max_call_depth=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        set_context(enable_graph_kernel=True)
    assert get_context("enable_graph_kernel") is True and get_context("ascend_config") == {}
