"""Throw-away distributions: a folder on `sys.path` with modules and the metadata that an installer would write."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

import lamella
from lamella import plugins

BACKEND = """
from lamella.plugins import Backend, Target, hookimpl

class Device(Backend):
    name = "Counter"
    device_count = 4
    on_host = False
    made = 0
    configured = []

    def __init__(self): type(self).made += 1
    def supports(self, op_name, version, types, attrs): return False
    def run(self, op, buffers, attrs, ordinal): return list(buffers)
    def compile(self, graph, ordinal): return lambda *buffers: buffers
    def put(self, array, ordinal): return array
    def get(self, buffer): return buffer
    def target(self): return Target(device="Counter")

    @classmethod
    @hookimpl
    def create_backend(cls): return cls()

    @classmethod
    @hookimpl
    def configure(cls, settings): cls.configured.append(settings)
"""

Install = Callable[..., Path]


@pytest.fixture(autouse=True)
def _only_throw_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no test see what another has loaded, nor what else is installed."""
    discover = Distribution.discover

    def discover_here(**query: Any) -> Iterator[Distribution]:
        return (d for d in discover(**query) if Path(str(d.locate_file(""))).is_relative_to(tmp_path))

    monkeypatch.setattr(Distribution, "discover", discover_here)
    for attribute, value in vars(plugins.PluginManager()).items():
        monkeypatch.setattr(plugins._manager, attribute, value)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """A function that installs a distribution for the length of a test."""

    def install(
        distribution: str,
        entry_points: Mapping[str, Mapping[str, str]],
        modules: Mapping[str, str],
        *,
        version: str = "1.0",
        requires: Sequence[str] = ("lamella-core>=0.1,<0.2",),
    ) -> Path:
        folder = tmp_path / distribution
        folder.mkdir()
        for path, source in modules.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(source)
        info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{needs}")
        lines = [
            f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in entry_points.items()
        ]
        (info / "entry_points.txt").write_text("\n".join(lines))
        monkeypatch.syspath_prepend(folder)
        return folder

    yield install
    mine = [
        name
        for name, module in sys.modules.items()
        if (getattr(module, "__file__", "") or "").startswith(str(tmp_path))
    ]
    for name in mine:
        module = sys.modules.pop(name)
        for attribute in [key for key, value in vars(lamella).items() if value is module]:
            delattr(lamella, attribute)


@pytest.fixture
def counter(install: Install) -> Path:
    """An installed distribution with a backend named Counter."""
    return install("acme", {"lamella.backends": {"Counter": "acme:Device"}}, {"acme.py": BACKEND})


@pytest.fixture
def offered(install: Install) -> Path:
    """The same, offered to those who name no device."""
    groups = ("lamella.backends", "lamella.default_backends")
    return install("acme", {group: {"Counter": "acme:Device"} for group in groups}, {"acme.py": BACKEND})


def python(*arguments: str, path: Sequence[Path] = (), **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with folders in front of its path."""
    paths = [*map(str, path), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
    )


@pytest.fixture(name="python")
def python_fixture() -> Callable[..., subprocess.CompletedProcess[str]]:
    return python
