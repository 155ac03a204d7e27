"""The eight packages of this repository, installed together, as any other distribution would be."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distribution, entry_points, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

COMMAND = str(Path(sys.executable).with_name("lamella"))
MODULES = {
    "lamella-core": "lamella",
    "lamella-compiler": "lamella_compiler",
    "lamella-backend-cpu": "lamella_cpu",
    "lamella-backend-gpu": "lamella_gpu",
    "lamella-backend-ascend": "lamella_ascend",
    "lamella-data": "lamella_data",
    "lamella-insight": "lamella_insight",
    "lamella-armour": "lamella_armour",
}
PLUGINS = [name for name in MODULES if name != "lamella-core"]


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("name", PLUGINS)
def test_plugin_package_needs_this_series_of_core_and_no_other_package_of_ours(name):
    ours = {r.name: r.specifier for r in map(Requirement, requires(name)) if r.name in MODULES}
    assert ours == {"lamella-core": SpecifierSet(">=0.1,<0.2")}
    assert ours["lamella-core"].contains(version("lamella-core"))


@pytest.mark.parametrize("name", PLUGINS)
def test_entry_points_name_what_exists(name):
    for entry_point in distribution(name).entry_points:
        assert entry_point.load() is not None


@pytest.mark.parametrize(("name", "module"), MODULES.items())
def test_module_tells_the_version_of_its_distribution(name, module):
    assert python(f"import {module}; print({module}.__version__)").stdout.strip() == version(name)


def test_import_lamella_imports_no_other_package():
    result = python("import json, sys, lamella; print(json.dumps(list(sys.modules)))")
    assert result.returncode == 0, result.stderr
    assert not set(MODULES.values()) - {"lamella"} & set(json.loads(result.stdout))


def test_lamella_dataset_is_the_module_lamella_data():
    code = "import sys, lamella.dataset as a, lamella_data as b; print(a is b is sys.modules['lamella.dataset'])"
    assert python(code).stdout == "True\n"


def test_every_group_that_is_used_is_one_that_core_knows():
    from lamella.plugins import GROUPS

    used = {group for group in entry_points().groups if group.startswith("lamella.")}
    assert used <= set(GROUPS)


def test_the_command_lists_the_reference_backend_and_the_data_sets():
    result = subprocess.run([COMMAND, "plugins"], capture_output=True, text=True, timeout=120, check=False)
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["device", "reference", "lamella-core", version("lamella-core"), "yes"] in rows
    assert ["module", "dataset", "lamella-data", version("lamella-data"), "yes"] in rows
    assert result.returncode == 0


def test_the_command_words_an_unusable_device_without_a_traceback(monkeypatch):
    monkeypatch.setenv("LAMELLA_DEVICE", "abacus")
    result = subprocess.run([COMMAND, "env", "--json"], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 1
    assert "device 'abacus'" in json.loads(result.stdout)["problem"]
    assert result.stderr == ""
