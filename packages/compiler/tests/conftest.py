from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import lamella as ms
from lamella.ir import pipeline

os.environ.setdefault("LAMELLA_DEVICE", "reference")  # also where other devices are installed
sys.path.insert(0, str(Path(__file__).parent))  # for state_helpers.py


@pytest.fixture(autouse=True)
def _passes_are_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "verifying", True)


@pytest.fixture
def graph_mode() -> Iterator[None]:
    """GRAPH_MODE for a test."""
    ms.set_context(mode=ms.GRAPH_MODE)
    yield
    ms.set_context(mode=ms.PYNATIVE_MODE)
