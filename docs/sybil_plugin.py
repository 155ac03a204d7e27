"""A pytest plugin that runs the Python examples of documents; `nox -s docs` loads it with `-p sybil_plugin`.

The examples of one document share their names, as a reader's session would, and run in a folder of their own.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser


def _enter(namespace: dict[str, Any]) -> None:
    namespace["_home"], namespace["_folder"] = os.getcwd(), tempfile.TemporaryDirectory()
    os.chdir(namespace["_folder"].name)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_home"])
    namespace["_folder"].cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    path=str(Path(__file__).parents[1]),
    patterns=["*.md"],
    setup=_enter,
    teardown=_leave,
).pytest()
