"""Callbacks that are a few lines each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamella.errors import explain
from lamella.nn.optim.optimizer import Optimizer
from lamella.parameter import Parameter
from lamella.train.callback.base import Callback, RunContext, first_output

Function = Callable[[RunContext], Any]


class LambdaCallback(Callback):
    """Calls functions at stages of training and evaluation.

    Args:
        on_train_epoch_begin: takes the `RunContext`; likewise the others.
        on_train_epoch_end: after each epoch of training.
        on_train_step_begin: before each step of training.
        on_train_step_end: after each step of training.
        on_train_begin: before training.
        on_train_end: after training.
        on_eval_epoch_begin: before the epoch of evaluation.
        on_eval_epoch_end: after the epoch of evaluation.
        on_eval_step_begin: before each step of evaluation.
        on_eval_step_end: after each step of evaluation.
        on_eval_begin: before evaluation.
        on_eval_end: after evaluation.

    Raises:
        TypeError: one is not a function.

    Examples:
        >>> callback = LambdaCallback(on_train_end=lambda run_context: print("done"))
        >>> callback.on_train_end(RunContext({}))
        done
    """

    def __init__(
        self,
        on_train_epoch_begin: Function | None = None,
        on_train_epoch_end: Function | None = None,
        on_train_step_begin: Function | None = None,
        on_train_step_end: Function | None = None,
        on_train_begin: Function | None = None,
        on_train_end: Function | None = None,
        on_eval_epoch_begin: Function | None = None,
        on_eval_epoch_end: Function | None = None,
        on_eval_step_begin: Function | None = None,
        on_eval_step_end: Function | None = None,
        on_eval_begin: Function | None = None,
        on_eval_end: Function | None = None,
    ) -> None:
        functions = {name: function for name, function in locals().items() if name.startswith("on_")}
        for name, function in functions.items():
            if function is not None:
                if not callable(function):
                    given = type(function).__name__
                    raise TypeError(explain(f"LambdaCallback({name}=…)", given=given, expected="a function"))
                setattr(self, name, function)


class History(Callback):
    """Keeps the last loss of each epoch, and the metrics of `Model.fit`.

    Attributes:
        epoch: `{"epoch": [1, 2, …]}`.
        history: lists with an entry for each epoch: `net_output`, and one for each metric.

    Examples:
        >>> from lamella import Tensor
        >>> history = History()
        >>> history.on_train_begin(RunContext({"mode": "train"}))
        >>> history.on_train_epoch_end(RunContext({"mode": "train", "cur_epoch_num": 1, "net_outputs": Tensor(0.5)}))
        >>> history.history
        {'net_output': [0.5]}
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epoch: dict[str, list[int]] = {"epoch": []}

    def begin(self, run_context: RunContext) -> None:
        """Start new lists of epochs."""
        if run_context.original_args().get("mode", "train") == "train":
            self.epoch = {"epoch": []}

    def epoch_end(self, run_context: RunContext) -> None:
        """Append what the epoch gave."""
        params = run_context.original_args()
        if params.get("mode", "train") != "train":
            return
        self.epoch["epoch"].append(params["cur_epoch_num"])
        self.history.setdefault("net_output", []).append(first_output(params))
        for name, value in (params.get("metrics") or {}).items():
            self.history.setdefault(name, []).append(value)


class LearningRateScheduler(Callback):
    """Sets the learning rate after each step.

    Args:
        learning_rate_function: takes the learning rate and the number of steps so far; returns the learning rate.

    Examples:
        >>> schedule = LearningRateScheduler(lambda rate, step: rate * 0.5 if step % 100 == 0 else rate)
    """

    def __init__(self, learning_rate_function: Callable[[float, int], float]) -> None:
        self.learning_rate_function = learning_rate_function

    def step_end(self, run_context: RunContext) -> None:
        """Set the learning rate."""
        params = run_context.original_args()
        if params.get("mode", "train") == "train":
            rate = learning_rate_of("LearningRateScheduler", params)
            rate.set_data(self.learning_rate_function(float(rate), params["cur_step_num"]))


def learning_rate_of(subject: str, params: dict[str, Any]) -> Parameter:
    """The optimizer's learning rate.

    Raises:
        ValueError: there is no single one that can be set.
    """
    optimizer = params.get("optimizer")
    rates = optimizer.get_lr_parameter(list(optimizer.parameters)) if isinstance(optimizer, Optimizer) else [None]
    if len({id(rate) for rate in rates}) > 1 or not isinstance(rates[0], Parameter) or rates[0].ndim:
        given = f"an optimizer with the learning rate {rates[0]!r}"
        raise ValueError(explain(subject, given=given, expected="a number that can be set, not a schedule or groups"))
    return rates[0]
