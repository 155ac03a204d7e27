"""Lamella, and MindSpore in a process of its own, as functions that run programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from comparing import OracleError, Run
from program import Framework


@pytest.fixture(scope="session")
def lamella(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Framework("lamella", tmp_path_factory.mktemp("programs")).run


@pytest.fixture(scope="session")
def mindspore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    python = os.environ.get("LAMELLA_ORACLE")
    if python is None:
        pytest.skip("LAMELLA_ORACLE names no Python that has MindSpore")
    worker = subprocess.Popen(
        [python, str(Path(__file__).with_name("program.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path_factory.mktemp("mindspore"),  # where it leaves reports of errors
        env={**os.environ, "PYTHONPATH": ""},
    )
    with worker:
        assert worker.stdin is not None and worker.stdout is not None

        def run(text: str) -> Any:
            print(json.dumps(text), file=worker.stdin, flush=True)
            line = worker.stdout.readline()
            assert line, "MindSpore's process ended"
            answer = json.loads(line)
            if "error" in answer:
                raise OracleError(answer["error"])
            return answer["result"]

        yield run
        worker.stdin.close()
