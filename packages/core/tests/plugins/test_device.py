from __future__ import annotations

import pytest

from lamella import context, get_context, plugins, set_context


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    """Settings that no other test sees."""
    monkeypatch.setattr(context, "settings", context.settings)
    monkeypatch.setitem(vars(context), "backend", None)
    monkeypatch.setattr(context, "ordinal", 0)


def test_device_is_loaded_when_named_and_takes_the_spelling_of_its_plugin(counter):
    set_context(device_target="counter")
    assert get_context("device_target") == context.settings.device_target == "Counter"
    assert context.backend is plugins.backend("COUNTER")


def test_plugin_sees_the_settings_it_was_chosen_with(counter):
    set_context(device_target="counter", device_id=3)
    assert type(context.backend).configured[-1] is context.settings
    assert context.settings.device_id == 3


def test_graph_mode_loads_the_installed_compiler(install, monkeypatch):
    monkeypatch.setattr(context, "mode", context.mode)
    source = (
        "from lamella.plugins import hookimpl\n"
        "class Shell:\n    graph = optimized = call_cell = call_transformed = lambda *_: None\n"
        "@hookimpl\ndef create_compiler(): return Shell()\n"
    )
    install("acme", {"lamella.compilers": {"graph": "acme"}}, {"acme.py": source})
    set_context(mode=context.GRAPH_MODE)
    assert context.mode == context.GRAPH_MODE == 0
    assert type(plugins.compiler()).__name__ == "Shell"
