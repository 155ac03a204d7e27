"""`Callback`, and the `RunContext` that its methods are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np

from lamella.errors import explain
from lamella.tensor import Tensor

#: The stages of training and of evaluation, as the names of methods without what they are stages of.
STAGES: Final = ("begin", "epoch_begin", "epoch_end", "step_begin", "step_end", "end")


class RunParams(dict[str, Any]):
    """What is known about a run: a dict whose entries are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the run has no {name!r}, only {', '.join(self)}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class RunContext:
    """What a callback can learn about the run, and how it stops it.

    Args:
        original_args: what is known about the run.

    Raises:
        TypeError: `original_args` is not a dict.

    Examples:
        >>> context = RunContext({"cur_epoch_num": 4})
        >>> context.request_stop()
        >>> context.original_args()["cur_epoch_num"], context.get_stop_requested()
        (4, True)
    """

    def __init__(self, original_args: dict[str, Any]) -> None:
        if not isinstance(original_args, dict):
            raise TypeError(explain("RunContext", given=type(original_args).__name__, expected="a dict"))
        self._original_args = original_args
        self._stop_requested = False

    def original_args(self) -> Any:
        """What is known about the run: a dict, in a `Model`'s runs with attributes of the same names.

        In training: `mode` ("train"), `network`, `train_network`, `loss_fn`, `optimizer`, `train_dataset`,
        `valid_dataset`, `train_iterator`, `train_dataset_element` (the batch), `epoch_num` (the last epoch's number),
        `cur_epoch_num`, `cur_step_num` (steps since the start), `cur_step_in_epoch`, `batch_num` (steps of an epoch,
        None if not known), `net_outputs` (of the last step), `metrics` and `eval_results` (of the evaluation that
        belongs to this epoch, the latter with "eval_loss"), `list_callback`. In evaluation: `mode` ("eval"),
        `eval_network`, `valid_dataset`, `eval_dataset_element`, `cur_step_num`, `net_outputs`, at the end `metrics`.
        """
        return self._original_args

    def request_stop(self) -> None:
        """Ask for the end of the run after this step or epoch."""
        self._stop_requested = True

    def get_stop_requested(self) -> bool:
        """Whether a callback asked for the end of the run."""
        return self._stop_requested


class Callback:
    """Base of all callbacks: a subclass defines the methods of the stages at which it does something.

    A callback is a context manager that is entered when the run begins and left when it ends, by an error too.

    Examples:
        >>> class Steps(Callback):
        ...     def on_train_step_end(self, run_context):
        ...         print("step", run_context.original_args()["cur_step_num"])
        >>> Steps().on_train_step_end(RunContext({"cur_step_num": 3}))
        step 3
    """

    def __enter__(self) -> Callback:
        return self

    def __exit__(self, *error: Any) -> None:
        pass

    def begin(self, run_context: RunContext) -> None:
        """Before training, and before evaluation: the older name of both."""

    def epoch_begin(self, run_context: RunContext) -> None:
        """Before an epoch of training or evaluation: the older name of both."""

    def epoch_end(self, run_context: RunContext) -> None:
        """After an epoch of training or evaluation: the older name of both."""

    def step_begin(self, run_context: RunContext) -> None:
        """Before a step of training or evaluation: the older name of both."""

    def step_end(self, run_context: RunContext) -> None:
        """After a step of training or evaluation: the older name of both."""

    def end(self, run_context: RunContext) -> None:
        """After training, and after evaluation: the older name of both."""

    def on_train_begin(self, run_context: RunContext) -> None:
        """Before training."""
        self.begin(run_context)

    def on_train_epoch_begin(self, run_context: RunContext) -> None:
        """Before each epoch of training."""
        self.epoch_begin(run_context)

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """After each epoch of training, and the evaluation that follows it in `Model.fit`."""
        self.epoch_end(run_context)

    def on_train_step_begin(self, run_context: RunContext) -> None:
        """Before each step of training."""
        self.step_begin(run_context)

    def on_train_step_end(self, run_context: RunContext) -> None:
        """After each step of training."""
        self.step_end(run_context)

    def on_train_end(self, run_context: RunContext) -> None:
        """After training."""
        self.end(run_context)

    def on_eval_begin(self, run_context: RunContext) -> None:
        """Before evaluation."""
        self.begin(run_context)

    def on_eval_epoch_begin(self, run_context: RunContext) -> None:
        """Before the one epoch of evaluation."""
        self.epoch_begin(run_context)

    def on_eval_epoch_end(self, run_context: RunContext) -> None:
        """After the one epoch of evaluation."""
        self.epoch_end(run_context)

    def on_eval_step_begin(self, run_context: RunContext) -> None:
        """Before each step of evaluation."""
        self.step_begin(run_context)

    def on_eval_step_end(self, run_context: RunContext) -> None:
        """After each step of evaluation."""
        self.step_end(run_context)

    def on_eval_end(self, run_context: RunContext) -> None:
        """After evaluation."""
        self.end(run_context)


def as_callbacks(callbacks: Callback | Sequence[Callback] | None) -> list[Callback]:
    """The callbacks that a `Model`'s method is given.

    Raises:
        TypeError: something is not a callback.
    """
    listed: list[Any] = (
        [] if callbacks is None else list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks]
    )
    for callback in listed:
        if not isinstance(callback, Callback):
            given = f"a {type(callback).__name__}" + (", not an object of it" if isinstance(callback, type) else "")
            raise TypeError(explain("callbacks", given=given, expected="Callback objects"))
    return listed


def notify(callbacks: Sequence[Callback], mode: str, stage: str, context: RunContext) -> None:
    """Tell the callbacks that a stage is reached, in their order."""
    for callback in callbacks:
        method: Callable[[RunContext], None] = getattr(callback, f"on_{mode}_{stage}")
        method(context)


def first_output(params: dict[str, Any]) -> Any:
    """The mean of the first of the network's outputs as a float: the loss, unless the network is an unusual one."""
    outputs = params["net_outputs"]
    while isinstance(outputs, (tuple, list)) and outputs:
        outputs = outputs[0]
    if isinstance(outputs, Tensor):
        outputs = outputs.asnumpy()
    return float(np.mean(outputs))
