"""Training: models, callbacks, metrics, checkpoints."""

from lamella.train.callback import (
    Callback,
    CheckpointConfig,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    LossMonitor,
    ModelCheckpoint,
    ProgressBar,
    ReduceLROnPlateau,
    RunContext,
    TimeMonitor,
)  # fmt: skip
from lamella.train.checkpoint import load_checkpoint, load_param_into_net, save_checkpoint
from lamella.train.metrics import (
    F1,
    MAE,
    MSE,
    Accuracy,
    ConfusionMatrix,
    Fbeta,
    Loss,
    Metric,
    Precision,
    Recall,
    Top1CategoricalAccuracy,
    Top5CategoricalAccuracy,
    TopKCategoricalAccuracy,
    get_metric_fn,
    names,
    rearrange_inputs,
)  # fmt: skip
from lamella.train.model import Model
from lamella.train.resume import load_training, save_training

__all__ = [
    "F1", "MAE", "MSE", "Accuracy", "Callback", "CheckpointConfig", "ConfusionMatrix", "EarlyStopping", "Fbeta",
    "History", "LambdaCallback", "LearningRateScheduler", "Loss", "LossMonitor", "Metric", "Model", "ModelCheckpoint",
    "Precision", "ProgressBar", "Recall", "ReduceLROnPlateau", "RunContext", "TimeMonitor", "Top1CategoricalAccuracy",
    "Top5CategoricalAccuracy", "TopKCategoricalAccuracy", "get_metric_fn", "load_checkpoint", "load_param_into_net",
    "load_training", "names", "rearrange_inputs", "save_checkpoint", "save_training",
]  # fmt: skip
