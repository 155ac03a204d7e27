"""The CNN (see `_digits`) on one image, compiled."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _digits


def lamella():
    return _digits.lamella_inference("cnn")


def torch():
    return _digits.torch_inference("cnn", compiled=False)


def torch_compile():
    return _digits.torch_inference("cnn", compiled=True)


def jax():
    return _digits.jax_inference("cnn")


def mindspore():
    return _digits.mindspore_inference("cnn")
