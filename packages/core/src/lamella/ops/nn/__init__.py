"""Functions of neural networks."""

from lamella.ops.nn import (
    activation,
    adaptive,
    convolution,
    dropout,
    loss,
    margin,
    normalization,
    patches,
    pooling,
    sampling,
    thresholds,
)

#: Their `__all__` are what `lamella.ops` offers.
MODULES = (
    activation,
    adaptive,
    convolution,
    dropout,
    loss,
    margin,
    normalization,
    patches,
    pooling,
    sampling,
    thresholds,
)
