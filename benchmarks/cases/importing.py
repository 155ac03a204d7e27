"""`import lamella` beside importing what it needs: numpy, pydantic and pluggy; a fresh interpreter each time."""

import subprocess
import sys

import numpy as np


def _importing(*modules):
    command = [sys.executable, "-c", f"import {', '.join(modules)}"]
    return (lambda: subprocess.run(command, check=True)), lambda: [np.zeros(1)]


def lamella():
    return _importing("lamella")


def numpy():
    return _importing("numpy", "pydantic", "pluggy")


def torch():
    return _importing("torch")


def jax():
    return _importing("jax")


def mindspore():
    return _importing("mindspore")
