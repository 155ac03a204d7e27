"""A depthwise 3x3 convolution of 8 images of 96 channels and 56x56 pixels, with both gradients."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import _convolution

SHAPE = (8, 96, 56, 96)


def lamella():
    return _convolution.lamella(*SHAPE, groups=96)


def torch():
    return _convolution.torch(*SHAPE, groups=96)


def jax():
    return _convolution.jax(*SHAPE, groups=96)
