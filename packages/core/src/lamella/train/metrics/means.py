"""Means of losses and errors."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from lamella.train.metrics.base import Array, Mean, rearrange_inputs


class Loss(Mean):
    """The mean of the losses of the batches.

    Examples:
        >>> from lamella import Tensor
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
        (loss,) = self.arrays(inputs, 1)
        if loss.shape not in ((), (1,)):
            raise self.misfit(f"a loss of shape {loss.shape}", "shape () or (1,)")
        self._sum += float(loss.reshape(()))
        self._count += 1


class _Difference(Mean):
    """An error that is summed over the elements of each sample, averaged over samples."""

    @rearrange_inputs
    def update(self, *inputs: Any) -> None:
        """Take a batch.

        Args:
            inputs: prediction and target, of one shape (N, …).

        Raises:
            ValueError: not two inputs, or their shapes differ.
        """
        prediction, target = self.arrays(inputs, 2)
        if prediction.shape != target.shape or not target.ndim:
            raise self.misfit(f"shapes {prediction.shape} and {target.shape}", "one shape (N, …)")
        self._sum += float(self._measure(prediction.astype(np.float64) - target.astype(np.float64)).sum())
        self._count += len(target)

    @staticmethod
    @abstractmethod
    def _measure(difference: Array) -> Array:
        """The error of each element."""


class MAE(_Difference):
    """Mean absolute error: the sum over each sample's elements, averaged over samples.

    Examples:
        >>> from lamella import Tensor
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
        >>> from lamella import Tensor
        >>> MSE()(Tensor([1.0, 2.0]), Tensor([2.0, 4.0]))
        2.5
    """

    @staticmethod
    def _measure(difference: Array) -> Array:
        return difference**2
