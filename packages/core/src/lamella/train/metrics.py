"""Metrics: numbers that tell how good a network is, gathered batch by batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, Final

import numpy as np

from lamella.errors import explain
from lamella.tensor import Tensor

Array = np.ndarray[Any, Any]


def rearrange_inputs(func: Callable[..., Any]) -> Callable[..., Any]:
    """Let an `update` method take its inputs in the order that `Metric.set_indexes` chose.

    Args:
        func: a method of a class with an `indexes` attribute.

    Examples:
        >>> class Last(Metric):
        ...     def clear(self): ...
        ...     @rearrange_inputs
        ...     def update(self, *inputs):
        ...         self.seen = inputs
        ...     def eval(self):
        ...         return self.seen
        >>> metric = Last().set_indexes([1, 0])
        >>> metric.update(5, 9)
        >>> metric.eval()
        (9, 5)
    """

    @wraps(func)
    def rearranged(self: Any, *inputs: Any) -> Any:
        if self.indexes is not None:
            if max(self.indexes, default=0) >= len(inputs):
                given = f"{len(inputs)} inputs and indexes {self.indexes}"
                raise ValueError(explain(f"{type(self).__name__}.update", given=given, expected="indexes of inputs"))
            inputs = tuple(inputs[index] for index in self.indexes)
        return func(self, *inputs)

    return rearranged


class Metric(ABC):
    """Base of all metrics: `clear` starts, `update` takes a batch, `eval` gives the number.

    A subclass that decorates its `update` with `rearrange_inputs` follows `set_indexes`.

    Examples:
        >>> class Count(Metric):
        ...     def clear(self):
        ...         self.n = 0
        ...     def update(self, *inputs):
        ...         self.n += len(inputs[0])
        ...     def eval(self):
        ...         return self.n
        >>> Count()([1, 2, 3], [4, 5, 6])
        3
    """

    def __init__(self) -> None:
        self._indexes: list[int] | None = None

    @property
    def indexes(self) -> list[int] | None:
        """Which inputs `update` uses, in order; None for all as they come."""
        return self._indexes

    def set_indexes(self, indexes: list[int]) -> Metric:
        """Choose which inputs `update` uses; returns the metric.

        Args:
            indexes: positions: of the prediction first, then of the label.

        Raises:
            ValueError: not a list of ints, 0 or more.
        """
        if not isinstance(indexes, list) or not all(type(index) is int and index >= 0 for index in indexes):
            raise ValueError(explain("Metric.set_indexes", given=repr(indexes), expected="a list of ints from 0"))
        self._indexes = indexes
        return self

    def __call__(self, *inputs: Any) -> Any:
        """The number for one batch alone."""
        self.clear()
        self.update(*inputs)
        return self.eval()

    @abstractmethod
    def clear(self) -> None:
        """Forget all batches."""

    @abstractmethod
    def update(self, *inputs: Any) -> None:
        """Take a batch, usually predictions and labels."""

    @abstractmethod
    def eval(self) -> Any:
        """The number for all batches since `clear`."""

    def _arrays(self, inputs: tuple[Any, ...], count: int) -> list[Array]:
        """The inputs of `update` as arrays."""
        if len(inputs) != count:
            raise self._misfit(f"{len(inputs)} inputs", "the loss" if count == 1 else "a prediction and a label")
        for x in inputs:
            if not isinstance(x, (Tensor, np.ndarray, np.generic, list)):
                expected = "tensors, arrays or lists"
                raise TypeError(explain(f"{type(self).__name__}.update", given=type(x).__name__, expected=expected))
        return [x.asnumpy() if isinstance(x, Tensor) else np.asarray(x) for x in inputs]

    def _misfit(self, given: str, expected: str) -> ValueError:
        return ValueError(explain(f"{type(self).__name__}.update", given=given, expected=expected))

    def _require_samples(self, count: int) -> None:
        if not count:
            expected = "a call of `update` before"
            raise RuntimeError(explain(f"{type(self).__name__}.eval", given="no samples", expected=expected))


class _Mean(Metric):
    """A sum over batches divided by a count."""

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Forget all batches."""
        self._sum, self._count = 0.0, 0

    def eval(self) -> Any:
        """The mean.

        Raises:
            RuntimeError: there was no sample.
        """
        self._require_samples(self._count)
        return self._sum / self._count


class Loss(_Mean):
    """The mean of the losses of the batches.

    Examples:
        >>> metric = Loss()
        >>> metric.update(Tensor(0.25))
        >>> metric.update(Tensor(0.75))
        >>> metric.eval()
        0.5
    """

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Take the loss of a batch: one number.

        Raises:
            ValueError: not one input, or more than one number.
        """
        (loss,) = self._arrays(inputs, 1)
        if loss.shape not in ((), (1,)):
            raise self._misfit(f"a loss of shape {loss.shape}", "shape () or (1,)")
        self._sum += float(loss.reshape(()))
        self._count += 1


class _Difference(_Mean):
    """An error that is summed over the elements of each sample, averaged over samples."""

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Take a batch.

        Args:
            inputs: prediction and target, of one shape (N, …).

        Raises:
            ValueError: not two inputs, or their shapes differ.
        """
        prediction, target = self._arrays(inputs, 2)
        if prediction.shape != target.shape or not target.ndim:
            raise self._misfit(f"shapes {prediction.shape} and {target.shape}", "one shape (N, …)")
        self._sum += float(self._measure(prediction.astype(np.float64) - target.astype(np.float64)).sum())
        self._count += len(target)

    @staticmethod
    @abstractmethod
    def _measure(difference: Array) -> Array:
        """The error of each element."""


class MAE(_Difference):
    """Mean absolute error: the sum over each sample's elements, averaged over samples.

    Examples:
        >>> MAE()(Tensor([1.0, 2.0]), Tensor([2.0, 4.0]))
        1.5
    """

    @staticmethod
    def _measure(difference: Array) -> Array:
        result: Array = np.abs(difference)
        return result


class MSE(_Difference):
    """Mean squared error: the sum over each sample's elements, averaged over samples.

    Examples:
        >>> MSE()(Tensor([1.0, 2.0]), Tensor([2.0, 4.0]))
        2.5
    """

    @staticmethod
    def _measure(difference: Array) -> Array:
        return difference**2


def _class_pair(metric: Metric, inputs: tuple[Any, ...], classes: int) -> tuple[Array, Array]:
    """Scores (N, C, …), and labels as classes (N, …), from what `update` is given."""
    scores, label = metric._arrays(inputs, 2)
    if scores.ndim < 2 or label.shape not in (scores.shape, scores.shape[:1] + scores.shape[2:]):
        shapes = f"shapes {scores.shape} and {label.shape}"
        raise metric._misfit(shapes, "scores (N, C, …) and labels (N, …), or the same shape, one-hot")
    _same_classes(metric, scores, classes)
    return scores, (label.argmax(1) if label.shape == scores.shape else label).astype(np.int64)


def _label_pair(metric: Metric, inputs: tuple[Any, ...], classes: int) -> tuple[Array, Array]:
    """Two bool arrays (rows, C), from multilabel data (N, C, …)."""
    predicted, real = metric._arrays(inputs, 2)
    if predicted.ndim < 2 or predicted.shape != real.shape:
        raise metric._misfit(f"shapes {predicted.shape} and {real.shape}", "one shape (N, C, …)")
    if not all(np.isin(x, (0, 1)).all() for x in (predicted, real)):
        raise metric._misfit("other numbers than 0 and 1", "0 and 1 for multilabel data")
    _same_classes(metric, predicted, classes)
    pair = (np.moveaxis(x.astype(bool), 1, -1).reshape(-1, x.shape[1]) for x in (predicted, real))
    return next(pair), next(pair)


def _same_classes(metric: Metric, scores: Array, classes: int) -> None:
    if classes not in (0, scores.shape[1]):
        raise metric._misfit(f"{scores.shape[1]} classes", f"{classes}, as in the batches before")


def _check_eval_type(metric: Metric, eval_type: str) -> bool:
    """Whether it is the multilabel type."""
    if eval_type not in ("classification", "multilabel"):
        expected = '"classification" or "multilabel"'
        raise TypeError(explain(f"{type(metric).__name__}(eval_type=…)", given=repr(eval_type), expected=expected))
    return eval_type == "multilabel"


class Accuracy(_Mean):
    """The part of the samples whose class of highest score is the label; of several labels, all must be right.

    Args:
        eval_type: "classification", or "multilabel" for predictions and labels of 0 and 1.

    Raises:
        TypeError: `eval_type` is another.

    Examples:
        >>> metric = Accuracy()
        >>> metric.update(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        >>> metric.eval()
        0.6666666666666666
    """

    def __init__(self, eval_type: str = "classification") -> None:
        self._multilabel = _check_eval_type(self, eval_type)
        super().__init__()

    def clear(self) -> None:
        """Forget all batches."""
        super().clear()
        self._classes = 0

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Take a batch.

        Args:
            inputs: scores (N, C, …), and labels (N, …) or one-hot (N, C, …); for multilabel both (N, C, …).

        Raises:
            ValueError: not two inputs, shapes that do not fit, or another number of classes than before.
        """
        if self._multilabel:
            predicted, real = _label_pair(self, inputs, self._classes)
            self._classes = predicted.shape[1]
            correct = (predicted == real).all(1)
        else:
            scores, label = _class_pair(self, inputs, self._classes)
            self._classes = scores.shape[1]
            correct = scores.argmax(1) == label
        self._sum += int(correct.sum())
        self._count += correct.size


class TopKCategoricalAccuracy(_Mean):
    """The part of the samples whose label is among the k classes of highest score; of equal scores the first count.

    Args:
        k: 1 or more.

    Raises:
        TypeError: `k` is not an int.
        ValueError: `k` is below 1.

    Examples:
        >>> TopKCategoricalAccuracy(2)(Tensor([[0.2, 0.5, 0.3], [0.3, 0.1, 0.2]]), Tensor([2, 1]))
        0.5
    """

    def __init__(self, k: int) -> None:
        if type(k) is not int:
            raise TypeError(explain(f"{type(self).__name__}(k=…)", given=repr(k), expected="an int"))
        if k < 1:
            raise ValueError(explain(f"{type(self).__name__}(k=…)", given=str(k), expected="1 or more"))
        super().__init__()
        self.k = k

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Take a batch.

        Args:
            inputs: scores (N, C, …), and labels (N, …) or one-hot (N, C, …).

        Raises:
            ValueError: not two inputs, or shapes that do not fit.
        """
        scores, label = _class_pair(self, inputs, 0)
        best = np.argsort(-scores.astype(np.float64), axis=1, kind="stable")[:, : self.k]
        self._sum += int((best == np.expand_dims(label, 1)).sum())
        self._count += label.size


class Top1CategoricalAccuracy(TopKCategoricalAccuracy):
    """The part of the samples whose class of highest score is the label.

    Examples:
        >>> Top1CategoricalAccuracy()(Tensor([[0.2, 0.5, 0.3], [0.3, 0.1, 0.2]]), Tensor([1, 1]))
        0.5
    """

    def __init__(self) -> None:
        super().__init__(1)


class Top5CategoricalAccuracy(TopKCategoricalAccuracy):
    """The part of the samples whose label is among the five classes of highest score.

    Examples:
        >>> Top5CategoricalAccuracy()(Tensor([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]]), Tensor([0]))
        0.0
    """

    def __init__(self) -> None:
        super().__init__(5)


class _Ratio(Metric):
    """A ratio computed from the numbers of hits (true positives), predicted and real positives.

    They are counted for each class; in multilabel data for each sample.
    """

    def __init__(self, eval_type: str = "classification") -> None:
        self._multilabel = _check_eval_type(self, eval_type)
        super().__init__()
        self.clear()

    def clear(self) -> None:
        """Forget all batches."""
        self._classes = 0
        self._counts: list[Array] = []  # each: hits, predicted and real positives in rows

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Take a batch.

        Args:
            inputs: scores (N, C, …), and labels (N, …) or one-hot (N, C, …); for multilabel both (N, C, …).

        Raises:
            ValueError: not two inputs, shapes that do not fit, a label that is no class, or another number of classes
                than before.
        """
        if self._multilabel:
            predicted, real = _label_pair(self, inputs, self._classes)
        else:
            scores, label = _class_pair(self, inputs, self._classes)
            outside = label[(label < 0) | (label >= scores.shape[1])]
            if outside.size:
                raise self._misfit(f"label {outside[0]}", f"labels from 0 to {scores.shape[1] - 1}")
            classes = np.arange(scores.shape[1])
            predicted, real = (x.reshape(-1, 1) == classes for x in (scores.argmax(1), label))
        self._classes = predicted.shape[1]
        if predicted.size:
            axis = 1 if self._multilabel else 0
            counts = np.stack([(predicted & real).sum(axis), predicted.sum(axis), real.sum(axis)])
            self._counts = [*self._counts, counts] if self._multilabel else [sum(self._counts, counts)]

    def eval(self, average: bool = False) -> Any:
        """The ratios, 0 where there is nothing to divide by.

        Args:
            average: whether to return their mean.

        Raises:
            RuntimeError: there was no sample.
        """
        self._require_samples(len(self._counts))
        dividend, divisor = self._terms(*np.concatenate(self._counts, axis=1).astype(np.float64))
        ratios: Array = np.divide(dividend, divisor, out=np.zeros_like(dividend), where=divisor > 0)
        return float(ratios.mean()) if average else ratios

    @abstractmethod
    def _terms(self, hits: Array, predicted: Array, real: Array) -> tuple[Array, Array]:
        """Dividend and divisor."""


class Precision(_Ratio):
    """The part of those predicted as a class that are of it, for each class.

    Args:
        eval_type: "classification", or "multilabel" for predictions and labels of 0 and 1.

    Raises:
        TypeError: `eval_type` is another.

    Examples:
        >>> Precision()(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        array([0.5, 1. ])
    """

    def _terms(self, hits: Array, predicted: Array, real: Array) -> tuple[Array, Array]:
        return hits, predicted


class Recall(_Ratio):
    """The part of those of a class that are predicted as it, for each class.

    Args:
        eval_type: "classification", or "multilabel" for predictions and labels of 0 and 1.

    Raises:
        TypeError: `eval_type` is another.

    Examples:
        >>> Recall()(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1]))
        array([1. , 0.5])
    """

    def _terms(self, hits: Array, predicted: Array, real: Array) -> tuple[Array, Array]:
        return hits, real


class Fbeta(_Ratio):
    """The harmonic mean of precision and recall in which recall weighs `beta` squared, for each class.

    Args:
        beta: above 0.

    Raises:
        ValueError: `beta` is not above 0.

    Examples:
        >>> Fbeta(2)(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1])).round(3)
        array([0.833, 0.556])
    """

    def __init__(self, beta: float) -> None:
        if not beta > 0:
            raise ValueError(explain("Fbeta(beta=…)", given=repr(beta), expected="a number above 0"))
        super().__init__()
        self.beta = beta

    def _terms(self, hits: Array, predicted: Array, real: Array) -> tuple[Array, Array]:
        weight = self.beta**2
        return (1 + weight) * hits, weight * real + predicted


class F1(Fbeta):
    """The harmonic mean of precision and recall, for each class.

    Examples:
        >>> F1()(Tensor([[0.2, 0.5], [0.3, 0.1], [0.9, 0.6]]), Tensor([1, 0, 1])).round(3)
        array([0.667, 0.667])
    """

    def __init__(self) -> None:
        super().__init__(1)


class ConfusionMatrix(Metric):
    """How often each class (row) was predicted as each class (column).

    Args:
        num_classes: number of classes.
        normalize: "no_norm" for counts, "target" for parts of each row, "prediction" of each column, "all" of all.
        threshold: of predictions that are floats and not scores of classes, those above are 1, the others 0.

    Raises:
        ValueError: `num_classes` is not an int above 0, or `normalize` another.

    Examples:
        >>> ConfusionMatrix(2)(Tensor([1, 0, 1, 0]), Tensor([1, 0, 0, 0]))
        array([[2., 1.],
               [0., 1.]])
    """

    def __init__(self, num_classes: int, normalize: str = "no_norm", threshold: float = 0.5) -> None:
        super().__init__()
        if type(num_classes) is not int or num_classes < 1:
            given = repr(num_classes)
            raise ValueError(explain("ConfusionMatrix(num_classes=…)", given=given, expected="an int above 0"))
        if normalize not in ("no_norm", "target", "prediction", "all"):
            expected = '"no_norm", "target", "prediction" or "all"'
            raise ValueError(explain("ConfusionMatrix(normalize=…)", given=repr(normalize), expected=expected))
        self.num_classes, self.normalize, self.threshold = num_classes, normalize, threshold
        self.clear()

    def clear(self) -> None:
        """Forget all batches."""
        self._matrix = np.zeros((self.num_classes, self.num_classes))

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Take a batch.

        Args:
            inputs: scores (N, C, …) or classes (N, …), and labels (N, …).

        Raises:
            ValueError: not two inputs, shapes that do not fit, or a class that is none.
        """
        predicted, label = self._arrays(inputs, 2)
        if predicted.ndim == label.ndim + 1:
            predicted = predicted.argmax(1)
        elif predicted.dtype.kind not in "biu":
            predicted = predicted > self.threshold
        if predicted.shape != label.shape:
            raise self._misfit(f"shapes {predicted.shape} and {label.shape}", "(N, C, …) or (N, …), and (N, …)")
        pairs = np.stack([label.reshape(-1), predicted.reshape(-1)]).astype(np.int64)
        if pairs.size and not 0 <= pairs.min() <= pairs.max() < self.num_classes:
            given = f"classes from {pairs.min()} to {pairs.max()}"
            raise self._misfit(given, f"classes from 0 to {self.num_classes - 1}")
        np.add.at(self._matrix, tuple(pairs), 1)

    def eval(self) -> Any:
        """The matrix, float64 of shape (C, C).

        Raises:
            RuntimeError: there was no sample.
        """
        self._require_samples(int(self._matrix.sum()))
        axis: Any = {"target": 1, "prediction": 0, "all": (0, 1)}.get(self.normalize)
        if axis is None:
            return self._matrix.copy()
        sums = np.broadcast_to(self._matrix.sum(axis, keepdims=True), self._matrix.shape)
        return np.divide(self._matrix, sums, out=np.zeros_like(self._matrix), where=sums > 0)


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
