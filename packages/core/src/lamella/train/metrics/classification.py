"""How well classes are told apart."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from lamella.errors import explain
from lamella.train.metrics.base import Array, Mean, Metric, rearrange_inputs


def _class_pair(metric: Metric, inputs: tuple[Any, ...], classes: int) -> tuple[Array, Array]:
    """Scores (N, C, …), and labels as classes (N, …), from what `update` is given."""
    scores, label = metric.arrays(inputs, 2)
    if scores.ndim < 2 or label.shape not in (scores.shape, scores.shape[:1] + scores.shape[2:]):
        shapes = f"shapes {scores.shape} and {label.shape}"
        raise metric.misfit(shapes, "scores (N, C, …) and labels (N, …), or the same shape, one-hot")
    _same_classes(metric, scores, classes)
    return scores, (label.argmax(1) if label.shape == scores.shape else label).astype(np.int64)


def _label_pair(metric: Metric, inputs: tuple[Any, ...], classes: int) -> tuple[Array, Array]:
    """Two bool arrays (rows, C), from multilabel data (N, C, …)."""
    predicted, real = metric.arrays(inputs, 2)
    if predicted.ndim < 2 or predicted.shape != real.shape:
        raise metric.misfit(f"shapes {predicted.shape} and {real.shape}", "one shape (N, C, …)")
    if not all(np.isin(x, (0, 1)).all() for x in (predicted, real)):
        raise metric.misfit("other numbers than 0 and 1", "0 and 1 for multilabel data")
    _same_classes(metric, predicted, classes)
    pair = (np.moveaxis(x.astype(bool), 1, -1).reshape(-1, x.shape[1]) for x in (predicted, real))
    return next(pair), next(pair)


def _same_classes(metric: Metric, scores: Array, classes: int) -> None:
    if classes not in (0, scores.shape[1]):
        raise metric.misfit(f"{scores.shape[1]} classes", f"{classes}, as in the batches before")


def _check_eval_type(metric: Metric, eval_type: str) -> bool:
    """Whether it is the multilabel type."""
    if eval_type not in ("classification", "multilabel"):
        expected = '"classification" or "multilabel"'
        raise TypeError(explain(f"{type(metric).__name__}(eval_type=…)", given=repr(eval_type), expected=expected))
    return eval_type == "multilabel"


class Accuracy(Mean):
    """The part of the samples whose class of highest score is the label; of several labels, all must be right.

    Args:
        eval_type: "classification", or "multilabel" for predictions and labels of 0 and 1.

    Raises:
        TypeError: `eval_type` is another.

    Examples:
        >>> from lamella import Tensor
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


class TopKCategoricalAccuracy(Mean):
    """The part of the samples whose label is among the k classes of highest score; of equal scores the first count.

    Args:
        k: 1 or more.

    Raises:
        TypeError: `k` is not an int.
        ValueError: `k` is below 1.

    Examples:
        >>> from lamella import Tensor
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
        >>> from lamella import Tensor
        >>> Top1CategoricalAccuracy()(Tensor([[0.2, 0.5, 0.3], [0.3, 0.1, 0.2]]), Tensor([1, 1]))
        0.5
    """

    def __init__(self) -> None:
        super().__init__(1)


class Top5CategoricalAccuracy(TopKCategoricalAccuracy):
    """The part of the samples whose label is among the five classes of highest score.

    Examples:
        >>> from lamella import Tensor
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
                raise self.misfit(f"label {outside[0]}", f"labels from 0 to {scores.shape[1] - 1}")
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
        self.require_samples(len(self._counts))
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
        >>> from lamella import Tensor
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
        >>> from lamella import Tensor
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
        >>> from lamella import Tensor
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
        >>> from lamella import Tensor
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
        >>> from lamella import Tensor
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
        predicted, label = self.arrays(inputs, 2)
        if predicted.ndim == label.ndim + 1:
            predicted = predicted.argmax(1)
        elif predicted.dtype.kind not in "biu":
            predicted = predicted > self.threshold
        if predicted.shape != label.shape:
            raise self.misfit(f"shapes {predicted.shape} and {label.shape}", "(N, C, …) or (N, …), and (N, …)")
        pairs = np.stack([label.reshape(-1), predicted.reshape(-1)]).astype(np.int64)
        if pairs.size and not 0 <= pairs.min() <= pairs.max() < self.num_classes:
            given = f"classes from {pairs.min()} to {pairs.max()}"
            raise self.misfit(given, f"classes from 0 to {self.num_classes - 1}")
        np.add.at(self._matrix, tuple(pairs), 1)

    def eval(self) -> Any:
        """The matrix, float64 of shape (C, C).

        Raises:
            RuntimeError: there was no sample.
        """
        self.require_samples(int(self._matrix.sum()))
        axis: Any = {"target": 1, "prediction": 0, "all": (0, 1)}.get(self.normalize)
        if axis is None:
            return self._matrix.copy()
        sums = np.broadcast_to(self._matrix.sum(axis, keepdims=True), self._matrix.shape)
        return np.divide(self._matrix, sums, out=np.zeros_like(self._matrix), where=sums > 0)
