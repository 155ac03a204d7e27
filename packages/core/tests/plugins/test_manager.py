from __future__ import annotations

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from lamella.errors import BrokenPluginError, IncompatiblePluginError, MissingPluginError, PluginError
from lamella.plugins import BACKENDS, MODULES, Backend, PluginManager
from lamella.settings import Settings

BARE = {"acme.py": "value = 3\n"}


@pytest.fixture
def manager():
    return PluginManager()


def test_listing_reads_metadata_and_imports_nothing(manager, counter):
    info = next(info for info in manager.available(BACKENDS) if info.name == "Counter")
    assert info == (BACKENDS, "Counter", "acme", "1.0", "<0.2,>=0.1", True, "")
    assert "acme" not in sys.modules


def test_backend_is_created_once_and_named_in_any_case(manager, counter):
    first = manager.resolve(BACKENDS, "Counter")
    assert isinstance(first, Backend)
    assert first is manager.resolve(BACKENDS, "counter") is manager.resolve(BACKENDS, "COUNTER")
    assert type(first).made == 1


def test_loading_one_plugin_leaves_the_others_unimported(manager, counter, install):
    install("bystander", {BACKENDS: {"Other": "bystander"}}, {"bystander.py": "raise SystemError"})
    manager.resolve(BACKENDS, "Counter")
    assert "bystander" not in sys.modules


SLOW = """
import time
from lamella.plugins import hookimpl

class Shell:
    graph = optimized = call_cell = call_transformed = lambda *_: None

made = []
time.sleep(0.05)

@hookimpl
def create_compiler():
    time.sleep(0.05)
    made.append(Shell())
    return made[-1]
"""


def test_many_threads_import_and_create_once(manager, install):
    install("slow", {"lamella.compilers": {"slow": "slow"}}, {"slow.py": SLOW})
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: manager.resolve("lamella.compilers", "slow"), range(32)))
    assert len(sys.modules["slow"].made) == 1
    assert {id(compiler) for compiler in seen} == {id(sys.modules["slow"].made[0])}


def test_missing_plugin_names_what_is_installed_and_the_command(manager, counter):
    with pytest.raises(MissingPluginError) as caught:
        manager.load(BACKENDS, "GPU")
    assert "device 'GPU'" in str(caught.value)
    assert "Counter" in str(caught.value)
    assert str(caught.value).endswith("Run: pip install lamella-backend-gpu")


def test_missing_plugin_of_an_unknown_name_points_to_the_listing(manager):
    with pytest.raises(MissingPluginError, match="`lamella plugins` lists"):
        manager.load(BACKENDS, "abacus")


def test_installed_provider_without_the_name_asks_for_an_upgrade(manager, install):
    install("lamella-data", {}, {}, version="0.0.1")
    with pytest.raises(
        MissingPluginError, match=r"lamella-data 0.0.1 is installed .* pip install --upgrade lamella-data"
    ):
        manager.load(MODULES, "dataset")


@pytest.mark.parametrize("requirement", ["lamella-core>=9", "Lamella_Core <0.1", "lamella-core==0.2.*"])
def test_incompatible_plugin_is_refused_before_import(manager, install, requirement):
    install("acme", {BACKENDS: {"Counter": "acme:Device"}}, BARE, requires=["numpy", requirement])
    with pytest.raises(IncompatiblePluginError) as caught:
        manager.load(BACKENDS, "Counter")
    assert "acme 1.0" in str(caught.value)
    assert "got lamella-core 0.1.0, expected lamella-core" in str(caught.value)
    assert str(caught.value).endswith("Run: pip install --upgrade lamella-core acme")
    assert "acme" not in sys.modules
    info = next(info for info in manager.available(BACKENDS) if info.name == "Counter")
    assert not info.compatible
    assert info.error == str(caught.value)


@pytest.mark.parametrize(
    "requires",
    [(), ("lamella-core",), ("lamella-core>=9; python_version < '3'",), ("lamella-core>=9; extra == 'next'",)],
)
def test_requirement_that_does_not_apply_does_not_hinder(manager, install, requires):
    install("acme", {MODULES: {"gadgets": "acme"}}, BARE, requires=requires)
    assert manager.load(MODULES, "gadgets").value == 3


def test_unreadable_requirement_counts_as_incompatible(manager, install):
    install("acme", {MODULES: {"gadgets": "acme"}}, BARE, requires=["lamella-core >>> 1"])
    with pytest.raises(IncompatiblePluginError, match="cannot be read"):
        manager.load(MODULES, "gadgets")


def test_raising_plugin_is_named_with_its_cause_and_others_keep_working(manager, counter, install):
    install("wreck", {BACKENDS: {"Wreck": "wreck:Device"}}, {"wreck.py": "import no_such_library"})
    with pytest.raises(BrokenPluginError) as caught:
        manager.load(BACKENDS, "Wreck")
    assert "device 'Wreck' of wreck 1.0" in str(caught.value)
    assert "ModuleNotFoundError (No module named 'no_such_library') while it was loaded" in str(caught.value)
    assert "pip install --upgrade wreck" in str(caught.value)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    errors = {info.name: info.error for info in manager.available(BACKENDS)}
    assert errors["Wreck"] == str(caught.value)
    assert errors["Counter"] == ""
    assert manager.resolve(BACKENDS, "Counter").name == "Counter"


def test_failed_plugin_loads_after_it_has_been_mended(manager, install):
    folder = install("acme", {MODULES: {"gadgets": "acme"}}, {"acme.py": "import no_such_library"})
    with pytest.raises(BrokenPluginError):
        manager.load(MODULES, "gadgets")
    (folder / "no_such_library.py").write_text("")
    importlib.invalidate_caches()
    assert manager.load(MODULES, "gadgets").__name__ == "acme"
    assert [info.error for info in manager.available(MODULES) if info.name == "gadgets"] == [""]


HOOK = "from lamella.plugins import hookimpl\n@hookimpl\n"


@pytest.mark.parametrize(
    ("value", "source", "complaint"),
    [
        ("acme:Device", "", "has no attribute 'Device'"),
        ("acme", "", "has no function create_backend"),
        ("acme", HOOK + "def create_bakcend(): ...", "unknown hook 'create_bakcend'"),
        ("acme", HOOK + "def create_backend(x): ...", "definition: create_backend"),
    ],
)
def test_plugin_without_the_right_hook_is_broken(manager, install, value, source, complaint):
    install("acme", {BACKENDS: {"Counter": value}}, {"acme.py": source})
    for _ in range(2):
        with pytest.raises(BrokenPluginError, match=complaint):
            manager.load(BACKENDS, "Counter")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [("return 3", "3 is no Backend"), ("pass", "None is no Backend"), ("1 / 0", "ZeroDivisionError .*create_backend")],
)
def test_hook_that_gives_the_wrong_thing_is_broken(manager, install, body, complaint):
    source = f"from lamella.plugins import hookimpl\n@hookimpl\ndef create_backend():\n    {body}\n"
    install("acme", {BACKENDS: {"Counter": "acme"}}, {"acme.py": source})
    with pytest.raises(BrokenPluginError, match=complaint):
        manager.resolve(BACKENDS, "Counter")


def test_module_entry_that_is_no_module_is_broken(manager, install):
    install("acme", {MODULES: {"gadgets": "acme:value"}}, BARE)
    with pytest.raises(BrokenPluginError, match="3 is no module"):
        manager.load(MODULES, "gadgets")


def test_two_providers_of_one_name_are_an_error_that_names_both(manager, counter, install):
    install("zenith", {BACKENDS: {"COUNTER": "zenith:Device"}}, {})
    with pytest.raises(PluginError, match=r"acme 1\.0 and zenith 1\.0.*pip uninstall"):
        manager.load(BACKENDS, "Counter")


def test_one_object_may_serve_several_groups(manager, install):
    source = (
        "from lamella.plugins import hookimpl\n"
        "@hookimpl\ndef register_ops(registry): registry.append('op')\n"
        "@hookimpl\ndef register_ir(registry): registry.append('pass')\n"
    )
    install("acme", {"lamella.ops": {"acme": "acme"}, "lamella.ir": {"acme": "acme"}}, {"acme.py": source})
    seen = []
    manager.resolve("lamella.ops", "acme", registry=seen)
    manager.resolve("lamella.ops", "acme", registry=seen)
    manager.resolve("lamella.ir", "acme", registry=seen)
    assert seen == ["op", "pass"]


SHELL = """
from lamella.plugins import hookimpl

class Shell:  # a compiler, to look at
    graph = optimized = call_cell = call_transformed = lambda *_: None
    def __init__(self, name): self.name = name

"""


def test_a_hook_is_called_on_the_named_plugin_only(manager, install):
    for name in ("first", "second"):
        source = f"{SHELL}name = {name!r}\n\n@hookimpl\ndef create_compiler(): return Shell(name)\n"
        install(name, {"lamella.compilers": {name: name}}, {f"{name}.py": source})
        manager.load("lamella.compilers", name)
    assert manager.resolve("lamella.compilers", "first").name == "first"
    assert manager.resolve("lamella.compilers", "second").name == "second"


def test_settings_reach_loaded_plugins_and_those_loaded_later(manager, counter):
    early, late = Settings(device_id=1), Settings(device_id=2)
    manager.configure(early)
    device = manager.load(BACKENDS, "Counter")
    manager.configure(late)
    assert device.configured == [early, late]


def test_an_object_that_serves_several_groups_hears_settings_once(manager, install):
    source = (
        "from lamella.plugins import hookimpl\nheard = []\n"
        "@hookimpl\ndef register_ops(registry): ...\n"
        "@hookimpl\ndef register_ir(registry): ...\n"
        "@hookimpl\ndef configure(settings): heard.append(settings.device_id)\n"
    )
    install("acme", {"lamella.ops": {"acme": "acme"}, "lamella.ir": {"acme": "acme"}}, {"acme.py": source})
    manager.configure(Settings(device_id=1))
    manager.load("lamella.ops", "acme")
    acme = manager.load("lamella.ir", "acme")
    manager.configure(Settings(device_id=2))
    assert acme.heard == [1, 2]


REFUSES = f"""{SHELL}
seen = []

@hookimpl
def create_compiler(): return Shell("compiler")

@hookimpl
def configure(settings):
    seen.append(settings.device_id)
    if settings.device_id == 7: raise ValueError("seven")
"""


def test_settings_that_one_plugin_refuses_are_taken_back_from_all(manager, counter, install):
    install("picky", {"lamella.compilers": {"picky": "picky"}}, {"picky.py": REFUSES})
    manager.configure(Settings(device_id=1))
    device, picky = manager.load(BACKENDS, "Counter"), manager.load("lamella.compilers", "picky")
    with pytest.raises(BrokenPluginError, match=r"picky 1\.0: got ValueError \(seven\) in configure"):
        manager.configure(Settings(device_id=7))
    assert picky.seen == [1, 7, 1]
    assert [settings.device_id for settings in device.configured] == [1, 7, 1]


def test_plugin_that_refuses_the_settings_when_loaded_is_broken(manager, install):
    install("picky", {"lamella.compilers": {"picky": "picky"}}, {"picky.py": REFUSES})
    manager.configure(Settings(device_id=7))
    with pytest.raises(BrokenPluginError, match="seven"):
        manager.load("lamella.compilers", "picky")
    manager.configure(Settings(device_id=2))
    assert manager.resolve("lamella.compilers", "picky").name == "compiler"


def test_unknown_group_is_an_error_that_lists_the_groups(manager):
    with pytest.raises(ValueError, match=r"'lamella\.backend', expected one of .*lamella\.backends"):
        manager.available("lamella.backend")


def test_group_without_a_hook_cannot_be_resolved(manager):
    with pytest.raises(ValueError, match="one with a hook"):
        manager.resolve(MODULES, "dataset")
