"""The examples run and reach what they promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def accuracy(output: str) -> float:
    return float(output.rpartition("accuracy on 2,000 test digits: ")[2].split("%")[0])


def test_quickstart_and_model_train_reach_the_same_accuracy():
    first, second = run("quickstart"), run("model_train")
    assert accuracy(first) >= 94.5
    assert accuracy(second) == accuracy(first)  # although the second was stopped and resumed


def test_cnn():
    assert accuracy(run("cnn")) >= 97


def test_char_gru():
    assert "Beware" in run("char_gru")


@pytest.mark.parametrize("name", ["custom_derivative"])
def test_others_check_themselves(name):
    run(name)
