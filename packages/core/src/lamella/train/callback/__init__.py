"""Callbacks: what is done at the stages of training and evaluation."""

from lamella.train.callback.base import Callback, RunContext
from lamella.train.callback.model_checkpoint import CheckpointConfig, ModelCheckpoint
from lamella.train.callback.monitors import LossMonitor, ProgressBar, TimeMonitor
from lamella.train.callback.plateau import EarlyStopping, ReduceLROnPlateau
from lamella.train.callback.simple import History, LambdaCallback, LearningRateScheduler

__all__ = [
    "Callback",
    "CheckpointConfig",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "LossMonitor",
    "ModelCheckpoint",
    "ProgressBar",
    "ReduceLROnPlateau",
    "RunContext",
    "TimeMonitor",
]
