"""What `import lamella` costs and what it leaves alone, seen from processes of their own."""

from __future__ import annotations

import json

import pytest


def test_import_lamella_imports_no_plugin_and_reads_no_metadata(python, counter):
    code = "import json, sys, lamella; print(json.dumps(sorted(sys.modules)))"
    result = python("-c", code, path=[counter])
    assert result.returncode == 0, result.stderr
    modules = json.loads(result.stdout)
    assert "lamella.plugins.manager" in modules
    for name in ("acme", "lamella.plugins.discovery", "packaging.requirements", "importlib.metadata"):
        assert name not in modules
    for name in ("lamella.lowering", "lamella.codegen"):  # for backends that compile
        assert name not in modules


def test_device_from_the_environment_is_loaded_when_first_needed(python, counter):
    code = (
        "import sys, lamella; from lamella import context; assert 'acme' not in sys.modules;"
        "print(context.get_context('device_target'), type(context.backend).__name__, context.backend.made)"
    )
    result = python("-c", code, path=[counter], LAMELLA_DEVICE="counter")
    assert result.stdout == "Counter Device 1\n", result.stderr


@pytest.mark.parametrize(("chosen", "device"), [("", "Counter"), ("reference", "reference")])
def test_a_device_offered_as_the_default_is_loaded_when_first_needed_and_none_is_chosen(
    python, offered, chosen, device
):
    code = "import sys, lamella; assert 'acme' not in sys.modules; print(lamella.get_context('device_target'))"
    result = python("-c", code, path=[offered], LAMELLA_DEVICE=chosen)
    assert result.stdout == f"{device}\n", result.stderr


def test_missing_device_from_the_environment_does_not_hinder_the_import(python):
    code = "import lamella; from lamella import context; context.backend"
    result = python("-c", code, LAMELLA_DEVICE="abacus")
    assert result.returncode == 1
    assert "MissingPluginError: device 'abacus'" in result.stderr


def test_plugin_loaded_before_any_setting_was_changed_is_told_the_defaults(python, counter):
    code = (
        "from lamella import context, plugins; device = plugins.backend('Counter');"
        "print(device.configured == [context.settings])"
    )
    result = python("-c", code, path=[counter])
    assert result.stdout == "True\n", result.stderr
