"""Functions of neural networks."""

from lamella.ops.nn import (
    activation,
    convolution,
    dropout,
    loss,
    normalization,
    pooling,
    units,
)

#: Their `__all__` are what `lamella.ops` offers.
MODULES = (
    activation,
    convolution,
    dropout,
    loss,
    normalization,
    pooling,
    units,
)
