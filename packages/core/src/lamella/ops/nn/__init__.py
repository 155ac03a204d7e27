"""Functions of neural networks."""

from lamella.ops.nn import (
    activation,
    convolution,
    dropout,
    loss,
    normalization,
    pooling,
)

#: Their `__all__` are what `lamella.ops` offers.
MODULES = (
    activation,
    convolution,
    dropout,
    loss,
    normalization,
    pooling,
)
#: Modules that are loaded when one of their functions is first used; `later.py` knows their names.
LATER = (
    "adaptive",
    "boxes",
    "ctc",
    "deformable",
    "margin",
    "patches",
    "sampling",
    "thresholds",
)
