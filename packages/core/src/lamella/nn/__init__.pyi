# Written by `nox -s names` from what the modules say; change those.

from lamella.nn.cell import (
    Cell,
)
from lamella.nn.containers import (
    CellDict,
    CellList,
    SequentialCell,
)
from lamella.nn.hooks import (
    HookHandle,
)
from lamella.nn.layers.activation import (
    GELU,
    LeakyReLU,
    LogSigmoid,
    PReLU,
    SiLU,
    get_activation,
)
from lamella.nn.layers.basic import (
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Identity,
    OneHot,
    Pad,
)
from lamella.nn.layers.conv import (
    Conv1d,
    Conv2d,
    Conv2dTranspose,
    Conv3d,
)
from lamella.nn.layers.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    GroupNorm,
    LayerNorm,
)
from lamella.nn.layers.pooling import (
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
)
from lamella.nn.layers.recurrent import (
    GRU,
    GRUCell,
    LSTM,
    LSTMCell,
    RNN,
    RNNCell,
)
from lamella.nn.loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CTCLoss,
    CrossEntropyLoss,
    L1Loss,
    LossBase,
    MAELoss,
    MSELoss,
    NLLLoss,
    RMSELoss,
    SmoothL1Loss,
    SoftmaxCrossEntropyWithLogits,
)
from lamella.nn.optim.adaptive import (
    Adagrad,
    Adam,
    AdamWeightDecay,
    RMSProp,
)
from lamella.nn.optim.gradient_descent import (
    Momentum,
    SGD,
)
from lamella.nn.optim.optimizer import (
    Optimizer,
)
from lamella.nn.optim.schedules import (
    CosineDecayLR,
    ExponentialDecayLR,
    InverseDecayLR,
    LearningRateSchedule,
    NaturalExpDecayLR,
    PolynomialDecayLR,
    WarmUpLR,
)
from lamella.nn.optim.step_rates import (
    cosine_decay_lr,
    exponential_decay_lr,
    inverse_decay_lr,
    natural_exp_decay_lr,
    piecewise_constant_lr,
    polynomial_decay_lr,
    warmup_lr,
)
from lamella.nn.wrap import (
    ForwardValueAndGrad,
    TrainOneStepCell,
    WithEvalCell,
    WithLossCell,
)
from lamella.tensor import (
    Tensor,
)
from typing import (
    Any,
)

class ELU(Cell):
    def __init__(self, alpha: Any = ...) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class HSigmoid(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class HSwish(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class LogSoftmax(Cell):
    def __init__(self, axis: Any = ...) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class Mish(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class ReLU(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class ReLU6(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class Sigmoid(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class Softmax(Cell):
    def __init__(self, axis: Any = ...) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

class Tanh(Cell):
    def __init__(self) -> None: ...
    def construct(self, x: Tensor) -> Tensor: ...

__all__ = [
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
    "Conv2d",
    "Conv2dTranspose",
    "Conv3d",
    "CosineDecayLR",
    "CrossEntropyLoss",
    "Dense",
    "Dropout",
    "ELU",
    "Embedding",
    "ExponentialDecayLR",
    "Flatten",
    "ForwardValueAndGrad",
    "GELU",
    "GRU",
    "GRUCell",
    "GroupNorm",
    "HSigmoid",
    "HSwish",
    "HookHandle",
    "Identity",
    "InverseDecayLR",
    "L1Loss",
    "LSTM",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "LearningRateSchedule",
    "LogSigmoid",
    "LogSoftmax",
    "LossBase",
    "MAELoss",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "Mish",
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
    "RNN",
    "RNNCell",
    "ReLU",
    "ReLU6",
    "SGD",
    "SequentialCell",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "SoftmaxCrossEntropyWithLogits",
    "Tanh",
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
]
