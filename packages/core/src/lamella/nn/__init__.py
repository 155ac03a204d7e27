"""Neural networks: cells, layers, losses, optimizers, and the cells of a training step.

Layers that few networks use are loaded, or made of their rows, when they are first used; type checkers read of them in
`__init__.pyi`, which `nox -s names` writes.
"""

from importlib import import_module
from typing import Any

from lamella.nn import later
from lamella.nn.cell import Cell
from lamella.nn.containers import CellDict, CellList, SequentialCell
from lamella.nn.hooks import HookHandle
from lamella.nn.layers.activation import (
    GELU,
    LeakyReLU,
    LogSigmoid,
    PReLU,
    SiLU,
    get_activation,
)  # fmt: skip
from lamella.nn.layers.basic import Dense, Dropout, Embedding, Flatten, Identity, OneHot, Pad
from lamella.nn.layers.conv import Conv1d, Conv1dTranspose, Conv2d, Conv2dTranspose, Conv3d, Conv3dTranspose
from lamella.nn.layers.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
    LayerNorm,
    SyncBatchNorm,
)  # fmt: skip
from lamella.nn.layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from lamella.nn.layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from lamella.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    CTCLoss,
    L1Loss,
    LossBase,
    MAELoss,
    MSELoss,
    NLLLoss,
    RMSELoss,
    SmoothL1Loss,
    SoftmaxCrossEntropyWithLogits,
)  # fmt: skip
from lamella.nn.optim.adaptive import Adagrad, Adam, AdamWeightDecay, RMSProp
from lamella.nn.optim.gradient_descent import SGD, Momentum
from lamella.nn.optim.optimizer import Optimizer
from lamella.nn.optim.schedules import (
    CosineDecayLR,
    ExponentialDecayLR,
    InverseDecayLR,
    LearningRateSchedule,
    NaturalExpDecayLR,
    PolynomialDecayLR,
    WarmUpLR,
)  # fmt: skip
from lamella.nn.optim.step_rates import (
    cosine_decay_lr,
    exponential_decay_lr,
    inverse_decay_lr,
    natural_exp_decay_lr,
    piecewise_constant_lr,
    polynomial_decay_lr,
    warmup_lr,
)  # fmt: skip
from lamella.nn.wrap import ForwardValueAndGrad, TrainOneStepCell, WithEvalCell, WithLossCell

__all__ = [
    "GELU",
    "GRU",
    "LSTM",
    "RNN",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamWeightDecay",
    "AvgPool1d",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "CTCLoss",
    "Cell",
    "CellDict",
    "CellList",
    "Conv1d",
    "Conv1dTranspose",
    "Conv2d",
    "Conv2dTranspose",
    "Conv3d",
    "Conv3dTranspose",
    "CosineDecayLR",
    "CrossEntropyLoss",
    "Dense",
    "Dropout",
    "Embedding",
    "ExponentialDecayLR",
    "Flatten",
    "ForwardValueAndGrad",
    "GRUCell",
    "GroupNorm",
    "HookHandle",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "InverseDecayLR",
    "L1Loss",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "LearningRateSchedule",
    "LogSigmoid",
    "LossBase",
    "MAELoss",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "Momentum",
    "NLLLoss",
    "NaturalExpDecayLR",
    "OneHot",
    "Optimizer",
    "PReLU",
    "Pad",
    "PolynomialDecayLR",
    "RMSELoss",
    "RMSProp",
    "RNNCell",
    "SequentialCell",
    "SiLU",
    "SmoothL1Loss",
    "SoftmaxCrossEntropyWithLogits",
    "SyncBatchNorm",
    "TrainOneStepCell",
    "WarmUpLR",
    "WithEvalCell",
    "WithLossCell",
    "cosine_decay_lr",
    "exponential_decay_lr",
    "get_activation",
    "inverse_decay_lr",
    "natural_exp_decay_lr",
    "piecewise_constant_lr",
    "polynomial_decay_lr",
    "warmup_lr",
]  # fmt: skip
__all__ += later.WHERE

#: Modules that are loaded when one of their cells is first used, beside those of `layers` and `optim`.
LATER = ("gradients", "loss_scaling")


def __getattr__(name: str) -> Any:
    """Find a layer when it is first used."""
    if name not in later.WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(later.WHERE[name], __name__), name)
    return value


def __dir__() -> list[str]:
    """Every name, of layers not loaded yet too."""
    return sorted({*globals(), *__all__})
