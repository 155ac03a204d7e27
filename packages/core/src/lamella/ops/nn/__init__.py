"""Functions of neural networks."""

from lamella.ops.nn import (
    activation,
    boxes,
    convolution,
    ctc,
    dropout,
    loss,
    normalization,
    pooling,
    units,
)

#: Their `__all__` are what `lamella.ops` offers.
MODULES = (
    activation,
    boxes,
    convolution,
    ctc,
    dropout,
    loss,
    normalization,
    pooling,
    units,
)
