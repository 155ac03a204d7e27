"""Callbacks that act when a number has stopped improving."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from lamella.errors import explain
from lamella.tensor import Tensor
from lamella.train.callback.base import Callback, RunContext, first_output
from lamella.train.callback.simple import learning_rate_of

#: Parts of names of metrics that are better the higher they are.
_HIGHER: Final = ("acc", "precision", "recall", "f1", "topk", "auc", "score")


class Plateau(Callback):
    """Counts the epochs since a monitored number was at its best.

    The number is "loss" (of the last training step), "eval_loss" (the mean loss of an evaluation) or a metric.
    """

    def __init__(self, monitor: str, patience: int, verbose: bool, mode: str, min_delta: float) -> None:
        subject = type(self).__name__
        if not isinstance(monitor, str):
            raise TypeError(explain(f"{subject}(monitor=…)", given=repr(monitor), expected="the name of a number"))
        if type(patience) is not int or patience < 0:
            raise ValueError(explain(f"{subject}(patience=…)", given=repr(patience), expected="an int, 0 or more"))
        if mode not in ("auto", "min", "max"):
            raise ValueError(explain(f"{subject}(mode=…)", given=repr(mode), expected='"auto", "min" or "max"'))
        self.monitor, self.patience, self.verbose = monitor, patience, verbose
        higher = any(part in monitor.lower() for part in _HIGHER) if mode == "auto" else mode == "max"
        self.sign = 1.0 if higher else -1.0
        self.min_delta = abs(min_delta)
        self.wait = 0
        self.best = -math.inf  # with the sign that makes higher better

    def on_train_begin(self, run_context: RunContext) -> None:
        """Forget earlier trainings."""
        self.wait = 0
        self.best = -math.inf

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Compare, and act if it is time."""
        value = self._value(run_context.original_args())
        if value is None:
            return
        self.wait += 1
        if self.sign * value > self.best + self.min_delta:
            self.best = self.sign * value
            self._improved(run_context)
        if self.wait >= max(self.patience, 1):
            self._stagnated(run_context)

    def _improved(self, run_context: RunContext) -> None:
        self.wait = 0

    def _stagnated(self, run_context: RunContext) -> None:
        """What to do when it has waited long enough."""

    def _value(self, params: dict[str, Any]) -> float | None:
        """The monitored number; None in an epoch without evaluation.

        Raises:
            ValueError: there is no such number, or it is more than one.
        """
        if self.monitor == "loss":
            return first_output(params)
        results: dict[str, Any] = params.get("eval_results") or {}
        if self.monitor in results:
            value = np.asarray(results[self.monitor])
            if value.size == 1:
                return float(value.reshape(()))
            given, expected = f"{self.monitor!r} of shape {value.shape}", "a single number"
        elif not results and params.get("valid_dataset") is not None:
            return None
        else:
            given = f"monitor={self.monitor!r}"
            expected = f"one of {', '.join(['loss', *results])}"
            if not results:
                expected += ", or Model.fit with a valid_dataset"
        raise ValueError(explain(type(self).__name__, given=given, expected=expected))


class EarlyStopping(Plateau):
    """Ends training when a number has stopped improving.

    Args:
        monitor: "loss" (of the last training step), "eval_loss" (mean loss of `Model.fit`'s evaluation) or the name
            of a metric.
        min_delta: by how much a number must be better to count.
        patience: how many epochs without improvement end training; 0 is as 1.
        verbose: whether to print when training ends.
        mode: "min" if lower is better, "max" if higher, "auto" to tell by the name.
        baseline: a number that must be surpassed too for an improvement to end the waiting.
        restore_best_weights: whether the network gets the parameters of its best epoch back when training ends, also
            where it ends by itself.

    Raises:
        ValueError: `mode` is another; `patience` is not an int, 0 or more; at the first epoch: there is no such number.

    Examples:
        >>> stopping = EarlyStopping(monitor="accuracy", patience=3)
    """

    def __init__(
        self,
        monitor: str = "eval_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: bool = False,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
    ) -> None:
        super().__init__(monitor, patience, verbose, mode, min_delta)
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.stopped_epoch = 0
        self._best_weights: dict[str, Tensor] = {}

    def on_train_begin(self, run_context: RunContext) -> None:
        """Forget earlier trainings."""
        super().on_train_begin(run_context)
        self.stopped_epoch = 0
        self._best_weights = {}

    def _improved(self, run_context: RunContext) -> None:
        if self.baseline is None or self.best > self.sign * self.baseline:
            self.wait = 0
        if self.restore_best_weights:  # values never change: keeping them copies nothing
            network = run_context.original_args()["train_network"]
            self._best_weights = {p.name: p.value() for p in network.get_parameters()}

    def _stagnated(self, run_context: RunContext) -> None:
        params = run_context.original_args()
        self.stopped_epoch = params["cur_epoch_num"]
        run_context.request_stop()

    def on_train_end(self, run_context: RunContext) -> None:
        """Give the best parameters back, and print where training ended early."""
        network = run_context.original_args()["train_network"]
        for parameter in network.get_parameters() if self._best_weights else ():
            parameter.set_data(self._best_weights[parameter.name])
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch}: early stopping", flush=True)


class ReduceLROnPlateau(Plateau):
    """Lowers the learning rate when a number has stopped improving.

    Args:
        monitor: "loss" (of the last training step), "eval_loss" (mean loss of `Model.fit`'s evaluation) or the name
            of a metric.
        factor: by what the learning rate is multiplied.
        patience: how many epochs without improvement lower it; 0 is as 1.
        verbose: whether to print when it is lowered.
        mode: "min" if lower is better, "max" if higher, "auto" to tell by the name.
        min_delta: by how much a number must be better to count.
        cooldown: how many epochs after that do not count.
        min_lr: the lowest learning rate.

    Raises:
        ValueError: `factor` is not below 1; `mode` is another; while training: the optimizer has no learning rate that
            can be set, or there is no such number.

    Examples:
        >>> lowering = ReduceLROnPlateau(monitor="accuracy", factor=0.5, patience=3)
    """

    def __init__(
        self,
        monitor: str = "eval_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: bool = False,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0,
    ) -> None:
        super().__init__(monitor, patience, verbose, mode, min_delta)
        if not 0 <= factor < 1:
            given = repr(factor)
            raise ValueError(explain("ReduceLROnPlateau(factor=…)", given=given, expected="a number from 0 to below 1"))
        self.factor, self.cooldown, self.min_lr = factor, cooldown, min_lr
        self.cooldown_counter = 0

    def on_train_begin(self, run_context: RunContext) -> None:
        """Forget earlier trainings."""
        super().on_train_begin(run_context)
        self.cooldown_counter = 0

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Compare, and lower the learning rate if it is time."""
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.wait = -1  # this epoch does not count
        super().on_train_epoch_end(run_context)

    def _stagnated(self, run_context: RunContext) -> None:
        params = run_context.original_args()
        rate = learning_rate_of("ReduceLROnPlateau", params)
        before = float(rate)
        if before > self.min_lr:
            rate.set_data(max(before * self.factor, self.min_lr))
            self.wait, self.cooldown_counter = 0, self.cooldown
            if self.verbose:
                print(f"Epoch {params['cur_epoch_num']}: learning rate {before:g} -> {float(rate):g}", flush=True)
