"""`ModelCheckpoint`: saves the training every so often."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.train.callback.base import Callback, RunContext
from lamella.train.callback.monitors import step_in_epoch
from lamella.train.resume import save_training

Name: TypeAlias = str | Callable[[Any], str]


class CheckpointConfig:
    """When a `ModelCheckpoint` saves, what, and which files it keeps.

    Args:
        save_checkpoint_steps: steps from one save to the next; 0 or None for another rule.
        save_checkpoint_seconds: without that, seconds from one save to the next.
        keep_checkpoint_max: how many files are kept, the newest; 0 or None for another rule.
        keep_checkpoint_per_n_minutes: without that, one file is kept for every so many minutes, and the newest; 0 or
            None to keep all.
        integrated_save: no effect.
        async_save: no effect: a file is complete before training goes on.
        saved_network: what to save instead of the network that is trained.
        append_info: what else to save: "epoch_num" and "step_num" for the numbers of the epoch and step, and dicts as
            for `save_checkpoint`.
        enc_key: must be None: files are not encrypted.
        enc_mode: without a key, no effect.
        exception_save: whether to save when training ends with an error.

    Raises:
        TypeError: `saved_network` is not a cell, `append_info` not a list of such.
        ValueError: a number is negative, there is no rule for saving, or `enc_key` is given.

    Examples:
        >>> CheckpointConfig(save_checkpoint_steps=100, keep_checkpoint_max=3).get_checkpoint_policy()
        {'save_checkpoint_steps': 100, 'save_checkpoint_seconds': 0, 'keep_checkpoint_max': 3, \
'keep_checkpoint_per_n_minutes': 0, 'saved_network': None}
    """

    def __init__(
        self,
        save_checkpoint_steps: int | None = 1,
        save_checkpoint_seconds: int | None = 0,
        keep_checkpoint_max: int | None = 5,
        keep_checkpoint_per_n_minutes: int | None = 0,
        integrated_save: bool = True,
        async_save: bool | str = False,
        saved_network: Cell | None = None,
        append_info: Sequence[Any] | None = None,
        enc_key: bytes | None = None,
        enc_mode: str = "AES-GCM",
        exception_save: bool = False,
    ) -> None:
        self.save_checkpoint_steps = _count("save_checkpoint_steps", save_checkpoint_steps)
        self.save_checkpoint_seconds = _count("save_checkpoint_seconds", save_checkpoint_seconds)
        self.keep_checkpoint_max = _count("keep_checkpoint_max", keep_checkpoint_max)
        self.keep_checkpoint_per_n_minutes = _count("keep_checkpoint_per_n_minutes", keep_checkpoint_per_n_minutes)
        if not self.save_checkpoint_steps and not self.save_checkpoint_seconds:
            expected = "save_checkpoint_steps or save_checkpoint_seconds"
            raise ValueError(explain("CheckpointConfig", given="no rule for saving", expected=expected))
        if enc_key is not None:
            remedy = "Files are not encrypted."
            raise ValueError(explain("CheckpointConfig(enc_key=…)", given="a key", expected="None", remedy=remedy))
        _check_kind("CheckpointConfig(saved_network=…)", saved_network, Cell)
        for item in append_info or ():
            if item not in ("epoch_num", "step_num") and not isinstance(item, Mapping):
                expected = '"epoch_num", "step_num" and dicts'
                raise TypeError(explain("CheckpointConfig(append_info=…)", given=repr(item), expected=expected))
        self.saved_network = saved_network
        self.append_info = list(append_info or ())
        self.exception_save = exception_save

    def get_checkpoint_policy(self) -> dict[str, Any]:
        """The rules by name."""
        names = (
            "save_checkpoint_steps",
            "save_checkpoint_seconds",
            "keep_checkpoint_max",
            "keep_checkpoint_per_n_minutes",
            "saved_network",
        )
        return {name: getattr(self, name) for name in names}


class ModelCheckpoint(Callback):
    """Saves the training to files called like `prefix-2_100.ckpt`, by epoch and step, and when it ends.

    The files are checkpoints with the parameters of network and optimizer, and hold all that `Model.train` needs to go
    on exactly where the training was, with `resume_from`. If files with the prefix are there, another run's, a number
    is appended to it.

    Args:
        prefix: how names of files begin; or a function of what `RunContext.original_args` returns, which gives the
            name without ".ckpt".
        directory: the folder, which is made if need be; or a function that returns it. Default: the current one.
        config: when, what, and which files to keep; default: `CheckpointConfig()`.

    Raises:
        TypeError: `config` is not a CheckpointConfig.
        ValueError: `prefix` is not a text without "/", or `directory` not a text.

    Examples:
        >>> saving = ModelCheckpoint("digits", "checkpoints", CheckpointConfig(save_checkpoint_steps=100))
    """

    def __init__(
        self,
        prefix: Name = "CKP",
        directory: Name | os.PathLike[str] | None = None,
        config: CheckpointConfig | None = None,
    ) -> None:
        if not callable(prefix) and (not isinstance(prefix, str) or "/" in prefix):
            raise ValueError(explain("ModelCheckpoint(prefix=…)", given=repr(prefix), expected='a text without "/"'))
        if directory is not None and not callable(directory) and not isinstance(directory, (str, os.PathLike)):
            raise ValueError(explain("ModelCheckpoint(directory=…)", given=repr(directory), expected="a path"))
        _check_kind("ModelCheckpoint(config=…)", config, CheckpointConfig)
        self._prefix, self._directory = prefix, directory
        self._config = config or CheckpointConfig()
        self._name: str | None = None  # the prefix of this run
        self._files: list[Path] = []
        self._saved_step, self._saved_time = 0, 0.0
        self._kept_time = 0.0  # when the file was saved that stands for the present stretch of minutes
        self._context: RunContext | None = None

    @property
    def latest_ckpt_file_name(self) -> str:
        """The file that was saved last; empty before the first."""
        return str(self._files[-1]) if self._files else ""

    def __exit__(self, *error: Any) -> None:
        if error and error[0] is not None and self._config.exception_save and self._context is not None:
            self._save(self._context)
        self._context = None

    def begin(self, run_context: RunContext) -> None:
        """Find the folder and a prefix of this run's own."""
        params = run_context.original_args()
        if params["mode"] != "train":
            return
        self._context = run_context
        self._saved_step, self._saved_time = params["cur_step_num"], time.monotonic()
        self._folder = Path(
            (self._directory(params) if callable(self._directory) else self._directory) or "."
        ).resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        if isinstance(self._prefix, str) and self._name is None:
            taken = {re.sub(r"-\d+_\d+\.ckpt$", "", path.name) for path in self._folder.glob("*.ckpt")}
            names = [self._prefix, *(f"{self._prefix}_{n}" for n in range(1, len(taken) + 1))]
            self._name = next(name for name in names if name not in taken)

    def step_end(self, run_context: RunContext) -> None:
        """Save, if it is time."""
        params = run_context.original_args()
        if params["mode"] != "train":
            return
        steps, seconds = self._config.save_checkpoint_steps, self._config.save_checkpoint_seconds
        if steps:
            due = params["cur_step_num"] - self._saved_step >= steps
        else:
            due = time.monotonic() - self._saved_time >= seconds
        if due:
            self._save(run_context)

    def end(self, run_context: RunContext) -> None:
        """Save the last step."""
        params = run_context.original_args()
        if params["mode"] == "train" and params["cur_step_num"] != self._saved_step:
            self._save(run_context)

    def _save(self, run_context: RunContext) -> None:
        params = run_context.original_args()
        epoch, step = params["cur_epoch_num"], step_in_epoch(params)
        name = self._prefix(params) if callable(self._prefix) else f"{self._name}-{epoch}_{step}"
        file = self._folder / f"{name}.ckpt"
        numbers = {"epoch_num": epoch, "step_num": params["cur_step_num"]}
        append: dict[str, Any] = {}
        for item in self._config.append_info:
            append |= {item: numbers[item]} if isinstance(item, str) else item
        network = self._config.saved_network
        save_training(
            file,
            network or params["train_network"],
            None if network else params["optimizer"],
            params.get("train_iterator"),
            append,
            epoch=epoch,
            step=params["cur_step_num"],
            step_in_epoch=step,
        )
        self._saved_step, self._saved_time = params["cur_step_num"], time.monotonic()
        params["last_save_ckpt_step"], params["latest_ckpt_file"] = params["cur_step_num"], str(file)
        self._files = [*(old for old in self._files if old != file), file]
        self._remove_old()

    def _remove_old(self) -> None:
        """Keep the files that the rules keep."""
        newest, minutes = self._config.keep_checkpoint_max, self._config.keep_checkpoint_per_n_minutes
        if newest:
            surplus = self._files[:-newest]
        elif minutes and len(self._files) > 1 and self._saved_time - self._kept_time < 60 * minutes:
            surplus = self._files[-2:-1]
        else:
            surplus = []
            self._kept_time = self._saved_time
        for file in surplus:
            file.unlink(missing_ok=True)
        self._files = [file for file in self._files if file not in surplus]


def _check_kind(subject: str, given: Any, kind: type) -> None:
    if given is not None and not isinstance(given, kind):
        raise TypeError(explain(subject, given=type(given).__name__, expected=f"a {kind.__name__}"))


def _count(name: str, given: int | None) -> int:
    if given is None:
        return 0
    if type(given) is not int or given < 0:
        raise ValueError(
            explain(f"CheckpointConfig({name}=…)", given=repr(given), expected="an int, 0 or more, or None")
        )
    return given
