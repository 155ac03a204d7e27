"""Callbacks that tell how a run goes."""

from __future__ import annotations

import math
import shutil
import sys
import time
from typing import Any, TextIO

from lamella.errors import explain
from lamella.train.callback.base import Callback, RunContext, first_output


class LossMonitor(Callback):
    """Prints the loss of training steps, in `Model.fit` the metrics too, and stops where the loss is not a number.

    Args:
        per_print_times: how many steps from one print to the next; 0 for none.

    Raises:
        ValueError: `per_print_times` is not an int, 0 or more.

    Examples:
        >>> from lamella import Tensor
        >>> state = {"mode": "train", "cur_epoch_num": 2, "cur_step_num": 7, "batch_num": 4, "net_outputs": Tensor(0.5)}
        >>> LossMonitor().on_train_step_end(RunContext(state))
        epoch: 2 step: 3, loss is 0.5
    """

    def __init__(self, per_print_times: int = 1) -> None:
        if type(per_print_times) is not int or per_print_times < 0:
            given = repr(per_print_times)
            raise ValueError(explain("LossMonitor(per_print_times=…)", given=given, expected="an int, 0 or more"))
        self._per_print_times = per_print_times
        self._printed = 0

    def on_train_begin(self, run_context: RunContext) -> None:
        """Count the steps anew."""
        super().on_train_begin(run_context)
        self._printed = run_context.original_args().get("cur_step_num", 0)

    def step_end(self, run_context: RunContext) -> None:
        """Print the loss.

        Raises:
            ValueError: it is infinite or not a number.
        """
        params = run_context.original_args()
        if params.get("mode", "train") != "train":
            return
        loss, step = first_output(params), params["cur_step_num"]
        place = f"epoch: {params['cur_epoch_num']} step: {step_in_epoch(params)}"
        if not math.isfinite(loss):
            remedy = "Training is stopped; a smaller learning rate may help."
            raise ValueError(explain(place, given=f"a loss of {loss}", expected="a finite one", remedy=remedy))
        if self._per_print_times and step - self._printed >= self._per_print_times:
            self._printed = step
            print(f"{place}, loss is {loss}", flush=True)

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Print the metrics of the evaluation that belongs to this epoch."""
        super().on_train_epoch_end(run_context)
        params = run_context.original_args()
        if params.get("metrics"):
            print(f"Eval result: epoch {params['cur_epoch_num']}, metrics: {params['metrics']}", flush=True)


class TimeMonitor(Callback):
    """Prints the time that each epoch took, and a step of it.

    Args:
        data_size: steps in an epoch, where the run does not know.

    Raises:
        ValueError: `data_size` is not an int above 0.

    Examples:
        >>> TimeMonitor(data_size=100)._data_size
        100
    """

    def __init__(self, data_size: int | None = None) -> None:
        if data_size is not None and (type(data_size) is not int or data_size < 1):
            raise ValueError(explain("TimeMonitor(data_size=…)", given=repr(data_size), expected="an int above 0"))
        self._data_size = data_size
        self._started: dict[str, float] = {}  # by mode: an evaluation may lie within an epoch of training

    def epoch_begin(self, run_context: RunContext) -> None:
        """Note the time."""
        self._started[run_context.original_args().get("mode", "train")] = time.perf_counter()

    def epoch_end(self, run_context: RunContext) -> None:
        """Print the time since."""
        params = run_context.original_args()
        mode = params.get("mode", "train")
        milliseconds = (time.perf_counter() - self._started[mode]) * 1000
        steps = params.get("batch_num") or self._data_size
        if not steps:
            raise RuntimeError(
                explain("TimeMonitor", given="data of unknown size", expected="`data_size`, the steps of an epoch")
            )
        print(
            f"{mode.capitalize()} epoch time: {milliseconds:.3f} ms, per step time: {milliseconds / steps:.3f} ms",
            flush=True,
        )


class ProgressBar(Callback):
    """Shows a bar with the loss while an epoch runs; a line for each epoch where the output is not a terminal.

    Args:
        file: where to; default: `sys.stderr`.
        per_seconds: the least time between two states of the bar.

    Examples:
        >>> from lamella import Tensor
        >>> state = {"mode": "train", "cur_epoch_num": 1, "epoch_num": 5, "cur_step_num": 4, "batch_num": 4,
        ...          "net_outputs": Tensor(0.5)}
        >>> import sys
        >>> bar = ProgressBar(sys.stdout)
        >>> bar.on_train_epoch_begin(RunContext(state))
        >>> bar.on_train_epoch_end(RunContext(state))  # doctest: +ELLIPSIS
        epoch 1/5: 4 steps, loss 0.5000, ... s
    """

    def __init__(self, file: TextIO | None = None, per_seconds: float = 0.1) -> None:
        self._file = file
        self._per_seconds = per_seconds
        self._started = self._shown = 0.0

    def on_train_epoch_begin(self, run_context: RunContext) -> None:
        """Start the clock."""
        self._started = time.perf_counter()
        self._shown = 0.0

    def on_train_step_end(self, run_context: RunContext) -> None:
        """Draw the bar, if it is time."""
        out, now = self._file or sys.stderr, time.perf_counter()
        if out.isatty() and now - self._shown >= self._per_seconds:
            self._shown = now
            params = run_context.original_args()
            done, all_steps = step_in_epoch(params), params.get("batch_num")
            text = (
                f"{_epoch(params)} step {done}{f'/{all_steps}' if all_steps else ''}, loss {first_output(params):.4f}"
            )
            room = min(30, shutil.get_terminal_size().columns - len(text) - 3)
            if all_steps and room > 5:
                filled = room * done // all_steps
                text = f"{text} {'━' * filled}{'╌' * (room - filled)}"
            out.write(f"\r{text}\x1b[K")
            out.flush()

    def on_train_epoch_end(self, run_context: RunContext) -> None:
        """Leave a line about the epoch."""
        out, params = self._file or sys.stderr, run_context.original_args()
        seconds = time.perf_counter() - self._started
        text = f"{_epoch(params)}: {step_in_epoch(params)} steps, loss {first_output(params):.4f}, {seconds:.1f} s"
        metrics = params.get("metrics") or {}
        text += "".join(f", {name} {value:.4f}" for name, value in metrics.items() if isinstance(value, float))
        out.write(f"\r{text}\x1b[K\n" if out.isatty() else f"{text}\n")
        out.flush()


def step_in_epoch(params: dict[str, Any]) -> int:
    """The number of the step in its epoch, from 1."""
    if "cur_step_in_epoch" in params:
        return int(params["cur_step_in_epoch"])
    return int((params["cur_step_num"] - 1) % params["batch_num"] + 1)


def _epoch(params: dict[str, Any]) -> str:
    return f"epoch {params['cur_epoch_num']}/{params['epoch_num']}"
