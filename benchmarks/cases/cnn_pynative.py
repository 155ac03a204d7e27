"""The CNN's whole training step (see `_digits`), op by op."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _digits


def lamella():
    return _digits.lamella_training("cnn", compiled=False)


def torch():
    return _digits.torch_training("cnn", compiled=False)


def mindspore():
    return _digits.mindspore_training("cnn", compiled=False)
