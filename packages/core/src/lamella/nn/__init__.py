"""Neural networks: cells, layers, losses, optimizers."""

from lamella.nn.cell import Cell
from lamella.nn.containers import CellDict, CellList, SequentialCell
from lamella.nn.hooks import HookHandle
from lamella.nn.layers.activation import (
    ELU, GELU, HSigmoid, HSwish, LeakyReLU, LogSigmoid, LogSoftmax, Mish, PReLU, ReLU, ReLU6, Sigmoid, SiLU, Softmax,
    Tanh, get_activation,
)  # fmt: skip
from lamella.nn.layers.basic import Dense, Dropout, Embedding, Flatten, Identity, OneHot, Pad
from lamella.nn.loss import (
    BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, LossBase, MAELoss, MSELoss, NLLLoss, RMSELoss, SmoothL1Loss,
    SoftmaxCrossEntropyWithLogits,
)  # fmt: skip
from lamella.nn.optim.gradient_descent import SGD, Momentum
from lamella.nn.optim.optimizer import Optimizer
from lamella.nn.optim.schedules import LearningRateSchedule
from lamella.nn.wrap import ForwardValueAndGrad, TrainOneStepCell, WithEvalCell, WithLossCell
