"""Neural networks: cells, layers, losses, optimizers, and the cells of a training step."""

from lamella.nn.cell import Cell
from lamella.nn.containers import CellDict, CellList, SequentialCell
from lamella.nn.hooks import HookHandle
from lamella.nn.layers.activation import (
    ELU,
    GELU,
    HSigmoid,
    HSwish,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    get_activation,
)  # fmt: skip
from lamella.nn.layers.basic import Dense, Dropout, Embedding, Flatten, Identity, OneHot, Pad
from lamella.nn.layers.conv import Conv1d, Conv2d, Conv2dTranspose, Conv3d
from lamella.nn.layers.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d, GroupNorm, LayerNorm
from lamella.nn.layers.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from lamella.nn.layers.recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, RNNCell
from lamella.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
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
    "ELU", "GELU", "GRU", "LSTM", "RNN", "SGD", "Adagrad", "Adam", "AdamWeightDecay", "AvgPool1d", "AvgPool2d",
    "BCELoss", "BCEWithLogitsLoss", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Cell", "CellDict", "CellList",
    "Conv1d", "Conv2d", "Conv2dTranspose", "Conv3d", "CosineDecayLR", "CrossEntropyLoss", "Dense", "Dropout",
    "Embedding", "ExponentialDecayLR", "Flatten", "ForwardValueAndGrad", "GRUCell", "GroupNorm", "HSigmoid", "HSwish",
    "HookHandle", "Identity", "InverseDecayLR", "L1Loss", "LSTMCell", "LayerNorm", "LeakyReLU",
    "LearningRateSchedule", "LogSigmoid", "LogSoftmax", "LossBase", "MAELoss", "MSELoss", "MaxPool1d", "MaxPool2d",
    "Mish", "Momentum", "NLLLoss", "NaturalExpDecayLR", "OneHot", "Optimizer", "PReLU", "Pad", "PolynomialDecayLR",
    "RMSELoss", "RMSProp", "RNNCell", "ReLU", "ReLU6", "SequentialCell", "SiLU", "Sigmoid", "SmoothL1Loss", "Softmax",
    "SoftmaxCrossEntropyWithLogits", "Tanh", "TrainOneStepCell", "WarmUpLR", "WithEvalCell", "WithLossCell",
    "cosine_decay_lr", "exponential_decay_lr", "get_activation", "inverse_decay_lr", "natural_exp_decay_lr",
    "piecewise_constant_lr", "polynomial_decay_lr", "warmup_lr",
]  # fmt: skip
