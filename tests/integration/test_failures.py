"""A compatible, an incompatible and a raising plugin side by side, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("lamella"))
SOUND = """
from lamella.plugins import Backend, Target, hookimpl

class Sound(Backend):
    name = "Sound"
    on_host = False
    def supports(self, op_name, version, types, attrs): return False
    def run(self, op, buffers, attrs, ordinal): return list(buffers)
    def compile(self, graph, ordinal): return lambda *buffers: buffers
    def put(self, array, ordinal): return array
    def get(self, buffer): return buffer
    def target(self): return Target(device="Sound")

@hookimpl
def create_backend():
    return Sound()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder as an installer leaves it, with three plugins that are devices."""
    folder = tmp_path_factory.mktemp("site")
    for name, needs, source in [
        ("sound", "lamella-core>=0.1,<0.2", SOUND),
        ("future", "lamella-core>=9", "raise SystemError('imported')"),
        ("wreck", "lamella-core>=0.1", "import no_such_library"),
    ]:
        (folder / f"{name}.py").write_text(source)
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: {needs}\n")
        (info / "entry_points.txt").write_text(f"[lamella.backends]\n{name} = {name}\n")
    return folder


@pytest.fixture
def run(site):
    def run(*command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(site)}
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)

    return run


@pytest.mark.parametrize(
    ("device", "words"),
    [
        ("absent", "MissingPluginError: device 'absent': got no installed plugin of that name"),
        ("future", "IncompatiblePluginError: device 'future' of future 1.0: got lamella-core"),
        ("wreck", "BrokenPluginError: device 'wreck' of wreck 1.0: got ModuleNotFoundError"),
    ],
)
def test_each_failure_says_which_and_the_sound_device_still_works(run, device, words):
    code = (
        "import sys, lamella\n"
        f"try: lamella.set_context(device_target={device!r})\n"
        "except ImportError as error: print(f'{type(error).__name__}: {error}')\n"
        "lamella.set_context(device_target='SOUND')\n"
        "print(lamella.get_context('device_target'), 'future' in sys.modules)"
    )
    message, state = run(sys.executable, "-c", code).stdout.splitlines()
    assert message.startswith(words)
    assert state == "Sound False"


def test_the_listing_shows_all_three_and_ends_with_one(run):
    result = run(COMMAND, "plugins")
    assert result.returncode == 1
    assert result.stderr == ""
    rows = {line.split()[1]: line for line in result.stdout.splitlines()}
    assert rows["sound"].split()[2:] == ["sound", "1.0", "yes"]
    assert rows["future"].split()[4] == "no"
    assert "pip install --upgrade lamella-core future" in rows["future"]
    assert "no_such_library" in rows["wreck"]
