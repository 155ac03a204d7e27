"""`Model`: a network with its loss, optimizer and metrics, and the loops that train and evaluate it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from lamella import tree
from lamella.errors import explain
from lamella.nn.cell import Cell
from lamella.nn.wrap import TrainOneStepCell, WithEvalCell, WithLossCell
from lamella.tensor import Tensor
from lamella.train.callback.base import STAGES, Callback, RunContext, RunParams, as_callbacks, first_output, notify
from lamella.train.feed import Feed
from lamella.train.metrics import Loss, get_metrics
from lamella.train.resume import load_training

Callbacks = Callback | Sequence[Callback] | None


class Model:
    """A network with what it takes to train, evaluate and use it.

    Args:
        network: the network.
        loss_fn: takes what the network returns, and labels. Without one, the network returns the loss itself.
        optimizer: changes the parameters. Without one, calling the network is a step of training.
        metrics: what evaluation computes: names such as {"accuracy"}, or metrics (or their names) by names of one's
            own.
        eval_network: the network for evaluation; default: `network` with `loss_fn`, which gives the loss, the
            prediction and the label.
        eval_indexes: which outputs of `eval_network` are the loss, the prediction and the label; default: metrics get
            all outputs.
        amp_level: in which precision the network computes, see `amp.build_train_network`; "O0" for that of its
            parameters.
        boost_level: must be "O0": there is no boost mode.
        loss_scale_manager: how the loss is scaled, or None; default: as `amp_level` says.
        keep_batchnorm_fp32: whether normalizations compute in 32 bits; default: as `amp_level` says.

    Raises:
        TypeError: arguments of other types.
        ValueError: another level; metrics without a loss function or `eval_network`; `eval_indexes` are not three.

    Examples:
        >>> import numpy as np
        >>> from lamella import nn
        >>> x = np.random.default_rng(0).random((64, 2), np.float32)
        >>> data = [(x[i : i + 16], x[i : i + 16].sum(1, keepdims=True)) for i in range(0, 64, 16)]
        >>> net = nn.Dense(2, 1)
        >>> model = Model(net, nn.MSELoss(), nn.Momentum(net.trainable_params(), 0.1, 0.9), metrics={"mse"})
        >>> model.train(50, data)
        >>> bool(model.eval(data)["mse"] < 1e-3)
        True
        >>> model.predict(Tensor([[1.0, 2.0]])).shape
        (1, 1)
    """

    def __init__(
        self,
        network: Cell,
        loss_fn: Any = None,
        optimizer: Cell | None = None,
        metrics: Any = None,
        eval_network: Cell | None = None,
        eval_indexes: Sequence[int] | None = None,
        amp_level: str = "O0",
        boost_level: str = "O0",
        *,
        loss_scale_manager: Any = "by level",
        keep_batchnorm_fp32: bool | None = None,
    ) -> None:
        for name, cell in (("network", network), ("optimizer", optimizer), ("eval_network", eval_network)):
            if not isinstance(cell, Cell) and (cell is not None or name == "network"):
                raise TypeError(explain(f"Model({name}=…)", given=type(cell).__name__, expected="a Cell"))
        if loss_fn is not None and not callable(loss_fn):
            raise TypeError(explain("Model(loss_fn=…)", given=type(loss_fn).__name__, expected="a Cell or function"))
        if boost_level != "O0":
            remedy = "There is no boost mode here."
            raise ValueError(explain("Model(boost_level=…)", given=repr(boost_level), expected='"O0"', remedy=remedy))
        if eval_indexes is not None and len(eval_indexes) != 3:
            expected = "three positions: of loss, prediction and label"
            raise ValueError(explain("Model(eval_indexes=…)", given=repr(eval_indexes), expected=expected))
        self._network, self._loss_fn, self._optimizer = network, loss_fn, optimizer
        self._metrics = get_metrics(metrics)
        self._eval_indexes = eval_indexes
        plain = amp_level == "O0" and keep_batchnorm_fp32 is None and loss_scale_manager in (None, "by level")
        self._train_network = (
            self._step() if plain else self._mixed_step(amp_level, loss_scale_manager, keep_batchnorm_fp32)
        )
        self._eval_network = eval_network
        if eval_network is None and self._metrics:
            if loss_fn is None:
                given, expected = "metrics without loss_fn", "a loss_fn or an eval_network"
                raise ValueError(explain("Model", given=given, expected=expected))
            self._eval_network = WithEvalCell(network, loss_fn, not plain)
            self._eval_indexes = (0, 1, 2)

    def _step(self) -> Cell:
        """A step of training in the precision of the parameters."""
        trained = self._network if self._loss_fn is None else WithLossCell(self._network, self._loss_fn)
        return trained if self._optimizer is None else TrainOneStepCell(trained, self._optimizer)

    def _mixed_step(self, level: str, loss_scale_manager: Any, keep_batchnorm_fp32: bool | None) -> Cell:
        """A step of training in mixed precision, or with a scaled loss."""
        from lamella import amp

        if self._optimizer is None:
            raise ValueError(
                explain("Model", given="mixed precision or a loss scale without optimizer", expected="an optimizer")
            )
        return amp.build_train_network(
            self._network,
            self._optimizer,
            self._loss_fn,
            level,
            loss_scale_manager=loss_scale_manager,
            keep_batchnorm_fp32=keep_batchnorm_fp32,
        )

    @property
    def train_network(self) -> Cell:
        """The cell that makes a step of training."""
        return self._train_network

    @property
    def eval_network(self) -> Cell | None:
        """The cell that evaluates a batch; None without metrics."""
        return self._eval_network

    @property
    def predict_network(self) -> Cell:
        """The network that was given."""
        return self._network

    def train(
        self,
        epoch: int,
        train_dataset: Any,
        callbacks: Callbacks = None,
        dataset_sink_mode: bool = False,
        sink_size: int = -1,
        initial_epoch: int = 0,
        resume_from: str | os.PathLike[str] | None = None,
    ) -> None:
        """Train for some epochs. Afterwards every cell is in training mode or not as it was before.

        Args:
            epoch: number of the last epoch.
            train_dataset: a pipeline of `lamella.dataset`, or anything else that gives tuples of tensors or arrays each
                time it is iterated over: data and label with a loss function, otherwise what the network takes.
            callbacks: one, or several, to be told of each stage.
            dataset_sink_mode: no effect on its own: there is no queue on the device, batches are passed as they come.
            sink_size: with `dataset_sink_mode`, steps in an epoch, which goes on where the one before stopped; -1 for
                all batches.
            initial_epoch: number of epochs that count as done.
            resume_from: a file of `ModelCheckpoint`: training goes on exactly where it was saved, as if it had never
                stopped. An epoch whose last step was saved counts as done.

        Raises:
            TypeError: arguments or batches of other types.
            ValueError: numbers out of range; an epoch without batches; batches that do not fit.
            CheckpointError: the file does not fit.
        """
        limit = sink_size if _check_sinking("Model.train", dataset_sink_mode, sink_size) else None
        self._run(
            "Model.train", epoch, train_dataset, None, set(), as_callbacks(callbacks), limit, initial_epoch, resume_from
        )

    def fit(
        self,
        epoch: int,
        train_dataset: Any,
        valid_dataset: Any = None,
        valid_frequency: int | Sequence[int] = 1,
        callbacks: Callbacks = None,
        dataset_sink_mode: bool = False,
        valid_dataset_sink_mode: bool = False,
        sink_size: int = -1,
        initial_epoch: int = 0,
        resume_from: str | os.PathLike[str] | None = None,
    ) -> None:
        """Train, and evaluate after epochs.

        Args:
            epoch: number of the last epoch.
            train_dataset: as for `train`.
            valid_dataset: as for `eval`; None for no evaluation.
            valid_frequency: every so many epochs, or after epochs of these numbers.
            callbacks: one, or several, to be told of each stage of both.
            dataset_sink_mode: as for `train`.
            valid_dataset_sink_mode: no effect.
            sink_size: as for `train`.
            initial_epoch: number of epochs that count as done.
            resume_from: as for `train`.

        Raises:
            TypeError: arguments or batches of other types.
            ValueError: as for `train` and `eval`; a callback defines methods such as `step_end`, which are called in
                training and in evaluation alike.
        """
        listed = as_callbacks(callbacks)
        for callback in listed:
            _refuse_ambiguous(callback)
        limit = sink_size if _check_sinking("Model.fit", dataset_sink_mode, sink_size) else None
        _check_sinking("Model.fit", valid_dataset_sink_mode, -1)
        if isinstance(valid_frequency, int) and valid_frequency > 0:
            chosen = (
                set(range(initial_epoch + valid_frequency, epoch + 1, valid_frequency))
                if valid_dataset is not None
                else set[int]()
            )
        elif isinstance(valid_frequency, (list, tuple, set, range)) and all(
            isinstance(n, int) for n in valid_frequency
        ):
            chosen = set(valid_frequency)
        else:
            given, expected = repr(valid_frequency), "an int above 0, or numbers of epochs"
            raise ValueError(explain("Model.fit(valid_frequency=…)", given=given, expected=expected))
        if valid_dataset is not None:
            self._require_metrics("Model.fit")
        self._run("Model.fit", epoch, train_dataset, valid_dataset, chosen, listed, limit, initial_epoch, resume_from)

    def eval(self, valid_dataset: Any, callbacks: Callbacks = None, dataset_sink_mode: bool = False) -> dict[str, Any]:
        """Compute the metrics over a data set, outside training mode.

        Args:
            valid_dataset: as for `train`: tuples of data and label, or of what `eval_network` takes.
            callbacks: one, or several, to be told of each stage.
            dataset_sink_mode: no effect.

        Returns:
            The value of each metric by its name.

        Raises:
            TypeError: arguments or batches of other types.
            ValueError: there are no metrics, or no batches.
        """
        _check_sinking("Model.eval", dataset_sink_mode, -1)
        self._require_metrics("Model.eval")
        listed = as_callbacks(callbacks)
        with ExitStack() as entered:
            for callback in listed:
                entered.enter_context(callback)
            return self._evaluate(valid_dataset, listed, RunParams())[0]

    def predict(self, *predict_data: Any) -> Any:
        """What the network gives, outside training mode.

        Args:
            predict_data: tensors or arrays.
        """
        with _mode(self._network, training=False):
            return self._network(*(Tensor(x) if isinstance(x, np.ndarray) else x for x in predict_data))

    def _run(
        self,
        subject: str,
        epochs: int,
        train_dataset: Any,
        valid_dataset: Any,
        valid_epochs: set[int],
        callbacks: list[Callback],
        limit: int | None,
        initial_epoch: int,
        resume_from: Any,
    ) -> None:
        """The loop of `train` and `fit`."""
        for name, number, least in (("epoch", epochs, 1), ("initial_epoch", initial_epoch, 0)):
            if type(number) is not int:
                raise TypeError(explain(f"{subject}({name}=…)", given=repr(number), expected="an int"))
            if number < least:
                raise ValueError(explain(f"{subject}({name}=…)", given=str(number), expected=f"{least} or more"))
        if initial_epoch >= epochs:
            given = f"epoch={epochs}, initial_epoch={initial_epoch}"
            raise ValueError(explain(subject, given=given, expected="epoch above initial_epoch"))
        feed = Feed(train_dataset, f"{subject}(train_dataset=…)")
        step, first, done = 0, initial_epoch + 1, 0
        if resume_from is not None:
            if initial_epoch:
                expected = "one of them"
                raise ValueError(explain(subject, given="initial_epoch and resume_from", expected=expected))
            progress = load_training(resume_from, self._train_network, self._optimizer, feed)
            step, first, done = progress["step"], progress["epoch"], progress["step_in_epoch"]
        params = RunParams(
            mode="train", network=self._network, train_network=self._train_network, loss_fn=self._loss_fn,
            optimizer=self._optimizer, parallel_mode="stand_alone", device_number=1, train_dataset=train_dataset,
            valid_dataset=valid_dataset, train_iterator=feed, list_callback=callbacks, epoch_num=epochs,
            batch_num=limit or feed.size, dataset_sink_mode=limit is not None, cur_step_num=step, net_outputs=None,
            last_save_ckpt_step=None, latest_ckpt_file=None,
        )  # fmt: skip
        context = RunContext(params)
        with ExitStack() as entered:
            for callback in callbacks:
                entered.enter_context(callback)
            entered.enter_context(_mode(self._train_network, training=True))
            notify(callbacks, "train", "begin", context)
            for epoch in range(first, epochs + 1):
                batches = feed.batches(limit and limit - done)
                batch = next(batches, None)
                if batch is None and done:  # the saved epoch had ended
                    done = 0
                    continue
                params.update(cur_epoch_num=epoch, metrics={}, eval_results={})
                notify(callbacks, "train", "epoch_begin", context)
                if batch is None:
                    remedy = "What can be iterated over only once serves one epoch."
                    given = f"no batches in epoch {epoch}"
                    raise ValueError(explain(subject, given=given, expected="data in every epoch", remedy=remedy))
                while batch is not None:
                    done += 1
                    params.update(cur_step_num=params["cur_step_num"] + 1, cur_step_in_epoch=done)
                    params["train_dataset_element"] = batch
                    notify(callbacks, "train", "step_begin", context)
                    params["net_outputs"] = self._call(subject, self._train_network, batch, self._loss_fn)
                    notify(callbacks, "train", "step_end", context)
                    batch = None if context.get_stop_requested() else next(batches, None)
                done = 0
                if valid_dataset is not None and epoch in valid_epochs:
                    params["metrics"], loss = self._evaluate(valid_dataset, callbacks, params)
                    params["eval_results"] = {**params["metrics"], "eval_loss": loss}
                notify(callbacks, "train", "epoch_end", context)
                if context.get_stop_requested():
                    break
            notify(callbacks, "train", "end", context)

    def _evaluate(
        self, dataset: Any, callbacks: list[Callback], params: Mapping[str, Any]
    ) -> tuple[dict[str, Any], float]:
        """The metrics and the mean loss."""
        network = self._eval_network
        assert network is not None
        feed = Feed(dataset, "Model.eval(valid_dataset=…)")
        params = RunParams(params)
        params.update(
            mode="eval", network=self._network, eval_network=network, valid_dataset=dataset, batch_num=feed.size,
            list_callback=callbacks, cur_step_num=0, metrics={}, dataset_sink_mode=False,
        )  # fmt: skip
        params.setdefault("net_outputs", None)
        context = RunContext(params)
        for metric in self._metrics.values():
            metric.clear()
        losses: list[float] = []
        loss_fn = self._loss_fn if isinstance(network, WithEvalCell) else None
        with _mode(network, training=False):
            notify(callbacks, "eval", "begin", context)
            notify(callbacks, "eval", "epoch_begin", context)
            for step, batch in enumerate(feed.batches(), 1):
                params.update(cur_step_num=step, cur_step_in_epoch=step, eval_dataset_element=batch)
                notify(callbacks, "eval", "step_begin", context)
                params["net_outputs"] = outputs = self._call("Model.eval", network, batch, loss_fn)
                if not _is_empty(batch):  # its mean loss is NaN, and says nothing about the others
                    self._update_metrics(outputs if isinstance(outputs, (tuple, list)) else (outputs,))
                    losses.append(first_output(params))
                notify(callbacks, "eval", "step_end", context)
                if context.get_stop_requested():
                    break
            if not losses:
                raise ValueError(explain("Model.eval", given="no batches, or none with rows", expected="data"))
            notify(callbacks, "eval", "epoch_end", context)
            params["metrics"] = {name: metric.eval() for name, metric in self._metrics.items()}
            params["eval_results"] = {**params["metrics"], "eval_loss": float(np.mean(losses))}
            notify(callbacks, "eval", "end", context)
        return params["metrics"], params["eval_results"]["eval_loss"]

    def _update_metrics(self, outputs: Sequence[Any]) -> None:
        for metric in self._metrics.values():
            if metric.indexes is not None or self._eval_indexes is None:
                metric.update(*outputs)
            elif isinstance(metric, Loss):
                metric.update(outputs[self._eval_indexes[0]])
            else:
                metric.update(*(outputs[index] for index in self._eval_indexes[1:]))

    @staticmethod
    def _call(subject: str, network: Cell, batch: tuple[Any, ...], loss_fn: Any) -> Any:
        if loss_fn is not None and len(batch) != 2:
            remedy = "With other batches, let the network compute the loss, and leave loss_fn out."
            given = f"batches of {len(batch)} columns"
            raise ValueError(explain(subject, given=given, expected="data and label", remedy=remedy))
        return network(*batch)

    def _require_metrics(self, subject: str) -> None:
        if not self._metrics:
            remedy = 'Give the model some, such as metrics={"accuracy"}.'
            raise ValueError(explain(subject, given="a model without metrics", expected="metrics", remedy=remedy))


@contextmanager
def _mode(network: Cell, *, training: bool) -> Iterator[None]:
    """Put a cell and those below into training mode, or out of it, for a while."""
    before = [(cell, cell.training) for _, cell in network.cells_and_names()]
    network.set_train(training)
    try:
        yield
    finally:
        for cell, mode in before:
            cell.add_flags(training=mode)


def _is_empty(batch: Any) -> bool:
    """Whether a batch has no rows, as a filter may leave it."""
    sizes = [part.shape[0] for part in tree.flatten(batch)[0] if getattr(part, "shape", ())]
    return bool(sizes) and not any(sizes)


def _check_sinking(subject: str, sink_mode: Any, sink_size: Any) -> bool:
    """Whether an epoch has `sink_size` steps rather than all batches."""
    if not isinstance(sink_mode, bool):
        raise TypeError(explain(f"{subject}(dataset_sink_mode=…)", given=repr(sink_mode), expected="a bool"))
    if type(sink_size) is not int or (sink_size < 1 and sink_size != -1):
        raise ValueError(explain(f"{subject}(sink_size=…)", given=repr(sink_size), expected="an int above 0, or -1"))
    return sink_mode and sink_size > 0


def _refuse_ambiguous(callback: Callback) -> None:
    """A callback from outside must say which of training and evaluation its methods are for."""
    for kind in type(callback).__mro__:
        if kind.__module__.startswith("lamella."):
            return
        for stage in STAGES:
            if stage in vars(kind):
                given = f"{type(callback).__name__}.{stage}, which is called in training and in evaluation"
                expected = f"on_train_{stage} or on_eval_{stage}"
                raise ValueError(explain("Model.fit(callbacks=…)", given=given, expected=expected))
