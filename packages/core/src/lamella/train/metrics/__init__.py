"""Metrics: numbers that tell how good a network is, gathered batch by batch."""

from lamella.train.metrics.base import Metric, rearrange_inputs
from lamella.train.metrics.by_name import get_metric_fn, get_metrics, names
from lamella.train.metrics.classification import (
    F1,
    Accuracy,
    ConfusionMatrix,
    Fbeta,
    Precision,
    Recall,
    Top1CategoricalAccuracy,
    Top5CategoricalAccuracy,
    TopKCategoricalAccuracy,
)  # fmt: skip
from lamella.train.metrics.means import MAE, MSE, Loss

__all__ = [
    "F1", "MAE", "MSE", "Accuracy", "ConfusionMatrix", "Fbeta", "Loss", "Metric", "Precision", "Recall",
    "Top1CategoricalAccuracy", "Top5CategoricalAccuracy", "TopKCategoricalAccuracy", "get_metric_fn", "get_metrics",
    "names", "rearrange_inputs",
]  # fmt: skip
