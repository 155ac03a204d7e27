"""A 3x3 convolution of 32 images of 64 channels and 32x32 pixels, with both gradients."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _convolution

SHAPE = (32, 64, 32, 64)


def lamella():
    return _convolution.lamella(*SHAPE)


def torch():
    return _convolution.torch(*SHAPE)


def jax():
    return _convolution.jax(*SHAPE)
