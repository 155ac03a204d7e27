"""A pytest plugin that runs the Python examples of documents; `nox -s docs` loads it with `-p sybil_plugin`.

The examples of one document share their names, as a reader's session would, and run in a folder of their own. A change
of Lamella (`diff`) is made to a copy of it in that folder, which the commands after it (`console`) use.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

import lamella


def _enter(namespace: dict[str, Any]) -> None:
    namespace["_home"], namespace["_folder"] = os.getcwd(), tempfile.TemporaryDirectory()
    os.chdir(namespace["_folder"].name)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_home"])
    namespace["_folder"].cleanup()


def _change(example: Example) -> None:
    """Insert the lines that begin with "+" after the one line before them, or at the end of the file."""
    if not Path("lamella").exists():
        shutil.copytree(Path(lamella.__file__).parent, "lamella", ignore=shutil.ignore_patterns("__pycache__"))
    file, after, added = Path(), "", [""]
    for line in [*example.parsed.splitlines(), "--- "]:
        if not line.startswith("+") and added:
            if after:
                text = file.read_text()
                assert text.count(f"\n{after}\n") == 1, f"{file} has not one line {after!r}"
                file.write_text(text.replace(f"\n{after}\n", "\n".join(["", after, *added, ""])))
            elif file.name:
                file.write_text("\n".join([file.read_text(), "", *added, ""]))
            added = []
        if line.startswith("--- "):
            file, after = Path(line.removeprefix("--- ")), ""
        elif line.startswith("+"):
            added.append(line[1:])
        else:
            after = line[1:]


def _run(example: Example) -> str | None:
    """Run a command; what is wrong with its output."""
    command, _, expected = example.parsed.partition("\n")
    run = [sys.executable, *shlex.split(command)[2:]]
    found = subprocess.run(run, env={**os.environ, "PYTHONPATH": os.getcwd()}, capture_output=True, text=True)
    given = found.stdout + found.stderr
    return None if given.strip() == expected.strip() else f"{command}\ngave\n{given}"


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser("diff", _change),
        CodeBlockParser("console", _run),
        SkipParser(),
    ],
    path=str(Path(__file__).parents[1]),
    patterns=["*.md"],
    setup=_enter,
    teardown=_leave,
).pytest()
