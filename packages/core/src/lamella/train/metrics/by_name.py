"""Metrics by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from lamella.errors import explain
from lamella.train.metrics.base import Metric
from lamella.train.metrics.classification import (
    F1,
    Accuracy,
    ConfusionMatrix,
    Precision,
    Recall,
    Top1CategoricalAccuracy,
    Top5CategoricalAccuracy,
    TopKCategoricalAccuracy,
)  # fmt: skip
from lamella.train.metrics.means import MAE, MSE, Loss

_BY_NAME: Final[dict[str, Callable[..., Metric]]] = {
    "F1": F1,
    "acc": Accuracy,
    "accuracy": Accuracy,
    "confusion_matrix": ConfusionMatrix,
    "loss": Loss,
    "mae": MAE,
    "mse": MSE,
    "precision": Precision,
    "recall": Recall,
    "top_1_accuracy": Top1CategoricalAccuracy,
    "top_5_accuracy": Top5CategoricalAccuracy,
    "topk": TopKCategoricalAccuracy,
}


def names() -> list[str]:
    """The names of metrics that `get_metric_fn` knows.

    Examples:
        >>> "accuracy" in names()
        True
    """
    return list(_BY_NAME)


def get_metric_fn(name: str, *args: Any, **kwargs: Any) -> Metric:
    """A metric by name.

    Args:
        name: one of `names()`.
        args: what the metric's class takes.
        kwargs: what the metric's class takes.

    Raises:
        ValueError: no metric has the name.

    Examples:
        >>> type(get_metric_fn("precision", eval_type="multilabel")).__name__
        'Precision'
    """
    if name not in _BY_NAME:
        raise ValueError(explain("metric", given=repr(name), expected=f"one of {', '.join(_BY_NAME)}"))
    return _BY_NAME[name](*args, **kwargs)


def get_metrics(metrics: Mapping[str, Any] | Iterable[str] | None) -> dict[str, Metric]:
    """The metrics that a model is given: names, or metrics or names of them by the names to report them under.

    Raises:
        TypeError: something else.
    """
    if metrics is None:
        return {}
    if not isinstance(metrics, (Mapping, set, frozenset, list, tuple)):
        raise TypeError(explain("Model(metrics=…)", given=repr(metrics), expected='a set like {"accuracy"}, or a dict'))
    given = metrics if isinstance(metrics, Mapping) else {name: name for name in sorted(metrics)}
    result: dict[str, Metric] = {}
    for name, metric in given.items():
        if not isinstance(metric, (str, Metric)):
            raise TypeError(explain("Model(metrics=…)", given=f"a {type(metric).__name__}", expected="Metric objects"))
        result[name] = get_metric_fn(metric) if isinstance(metric, str) else metric
    return result
