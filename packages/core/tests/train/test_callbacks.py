"""What the callbacks print, save and change."""

from __future__ import annotations

import io
import os
import re

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, nn, ops
from lamella.train import (
    CheckpointConfig,
    EarlyStopping,
    History,
    LambdaCallback,
    LearningRateScheduler,
    LossMonitor,
    Metric,
    Model,
    ModelCheckpoint,
    ProgressBar,
    ReduceLROnPlateau,
    RunContext,
    TimeMonitor,
    load_checkpoint,
)


class Scripted(nn.Cell):
    """A network whose loss follows a script."""

    def __init__(self, losses):
        super().__init__()
        self.w = Parameter(Tensor(1.0))
        self.losses, self.step = losses, 0

    def construct(self, x):
        self.step += 1
        return ops.mean(x) * 0.0 + self.w * 0.0 + self.losses[self.step - 1]


class Given(Metric):
    """A metric whose values follow a script."""

    def __init__(self, values):
        super().__init__()
        self.values = iter(values)

    def clear(self):
        pass

    def update(self, *_):
        pass

    def eval(self):
        return next(self.values)


DATA = [(np.ones((2, 3), np.float32),)] * 3


def scripted(losses, rate=0.1, **options) -> Model:
    net = Scripted(losses)
    return Model(net, optimizer=nn.SGD(net.trainable_params(), rate), **options)


def fit(values, callback, losses=None, epochs=None, rate=0.1, name="accuracy") -> Model:
    """Fit a model whose metric takes one of the values after each epoch."""
    net = Scripted(losses or [0.5] * 100)
    model = Model(net, optimizer=nn.SGD(net.trainable_params(), rate), metrics={name: Given(values)}, eval_network=net)
    model.fit(epochs or len(values), DATA[:1], DATA[:1], callbacks=callback)
    return model


def test_loss_monitor_prints_as_mindspore(capsys):
    scripted([0.5, 0.25, 0.125, 1, 2, 3]).train(2, DATA, LossMonitor())
    assert capsys.readouterr().out.splitlines() == [
        "epoch: 1 step: 1, loss is 0.5",
        "epoch: 1 step: 2, loss is 0.25",
        "epoch: 1 step: 3, loss is 0.125",
        "epoch: 2 step: 1, loss is 1.0",
        "epoch: 2 step: 2, loss is 2.0",
        "epoch: 2 step: 3, loss is 3.0",
    ]


def test_loss_monitor_prints_every_few_steps(capsys):
    monitor = LossMonitor(4)
    for _ in range(2):
        scripted([1.0] * 9).train(3, DATA, monitor)
    assert (
        capsys.readouterr().out.splitlines() == ["epoch: 2 step: 1, loss is 1.0", "epoch: 3 step: 2, loss is 1.0"] * 2
    )
    scripted([1.0] * 9).train(3, DATA, LossMonitor(0))
    assert capsys.readouterr().out == ""


def test_loss_monitor_prints_metrics_and_keeps_still_in_evaluation(capsys):
    fit([0.5, 0.75], LossMonitor())
    assert capsys.readouterr().out.splitlines() == [
        "epoch: 1 step: 1, loss is 0.5",
        "Eval result: epoch 1, metrics: {'accuracy': 0.5}",
        "epoch: 2 step: 1, loss is 0.5",
        "Eval result: epoch 2, metrics: {'accuracy': 0.75}",
    ]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("times", [0, 1])
def test_loss_monitor_stops_where_the_loss_is_no_number(bad, times):
    with pytest.raises(ValueError, match=r"epoch: 1 step: 2: got a loss of (nan|-?inf)"):
        scripted([1.0, bad, 1.0]).train(1, DATA, LossMonitor(times))


def test_time_monitor_times_training_and_evaluation(capsys):
    fit([0.5], [TimeMonitor(), LambdaCallback(on_train_step_end=lambda _: __import__("time").sleep(0.02))])
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r"\d+\.\d{3}", "T", line) for line in lines] == [
        "Eval epoch time: T ms, per step time: T ms",
        "Train epoch time: T ms, per step time: T ms",
    ]
    assert float(re.findall(r"\d+\.\d{3}", lines[1])[0]) > 20


def test_time_monitor_needs_to_know_the_steps(capsys):
    class Endless:
        def __iter__(self):
            return iter(DATA)

    with pytest.raises(RuntimeError, match="data of unknown size"):
        scripted([1.0] * 3).train(1, Endless(), TimeMonitor())
    scripted([1.0] * 3).train(1, Endless(), [TimeMonitor(3), LossMonitor()])
    assert "epoch: 1 step: 3" in capsys.readouterr().out


def test_progress_bar_uses_no_escape_codes_outside_terminals():
    out = io.StringIO()
    scripted([1.0] * 6).train(2, DATA, ProgressBar(out))
    assert re.sub(r"\d\.\d s", "T s", out.getvalue()) == (
        "epoch 1/2: 3 steps, loss 1.0000, T s\nepoch 2/2: 3 steps, loss 1.0000, T s\n"
    )


def test_progress_bar_draws_in_terminals():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    scripted([1.0] * 3).train(1, DATA, ProgressBar(out, per_seconds=0))
    assert "\repoch 1/1 step 2/3, loss 1.0000 ━" in out.getvalue()
    assert out.getvalue().endswith(" s\x1b[K\n")


def test_history_keeps_last_losses_and_metrics():
    history = History()
    fit([0.5, 0.75], history, losses=[3.0, 0.0, 2.0, 0.0])  # each epoch a step of training and one of evaluation
    assert history.epoch == {"epoch": [1, 2]}
    assert history.history == {"net_output": [3.0, 2.0], "accuracy": [0.5, 0.75]}


def test_lambda_callback_refuses_what_is_no_function():
    with pytest.raises(TypeError, match="on_eval_end"):
        LambdaCallback(on_eval_end=3)


def test_learning_rate_follows_the_function():
    model = scripted([1.0] * 3, rate=0.5)
    model.train(1, DATA, LearningRateScheduler(lambda rate, step: rate / 2 if step < 3 else rate))
    assert model.train_network.optimizer.learning_rate.item() == 0.125
    net = Scripted([1.0])
    scheduled = Model(net, optimizer=nn.SGD(net.trainable_params(), [0.1, 0.2]))
    with pytest.raises(ValueError, match="not a schedule"):
        scheduled.train(1, DATA[:1], LearningRateScheduler(lambda rate, step: rate))


@pytest.mark.parametrize(
    ("values", "options", "epochs"),
    [
        ([0.1, 0.2, 0.15, 0.3, 0.4], {}, 3),
        ([0.1, 0.2, 0.15, 0.3, 0.4], {"patience": 2}, 5),
        ([0.3, 0.2, 0.1, 0.0, 0.0], {"patience": 2}, 3),
        ([0.3, 0.2, 0.1, 0.15, 0.0], {"mode": "min"}, 4),
        ([0.1, 0.11, 0.12, 0.13, 0.3], {"min_delta": 0.1, "patience": 3}, 4),
        ([0.1, 0.2, 0.3, 0.4, 0.5], {"baseline": 0.9, "patience": 3}, 3),
        ([0.1, 0.2, 0.95, 0.96, 0.97], {"baseline": 0.9, "patience": 3}, 5),
        ([0.5, float("nan"), 0.6, 0.7, 0.8], {}, 2),
    ],
)
def test_early_stopping(values, options, epochs):
    history = History()
    fit(values, [EarlyStopping("accuracy", **options), history])
    assert history.epoch["epoch"][-1] == epochs


def test_early_stopping_says_so_and_restores_the_best(capsys):
    model = scripted([1.0] * 9)
    weight = model.predict_network.w
    move = LambdaCallback(on_train_step_end=lambda c: weight.set_data(weight + 1))
    script = iter([3.0, 1.0, 2.0])
    lower = LambdaCallback(on_train_epoch_end=lambda c: c.original_args().update(net_outputs=next(script)))
    model.train(3, DATA, [move, lower, EarlyStopping("loss", verbose=True, restore_best_weights=True)])
    assert weight.item() == 7.0  # as after the second epoch
    assert capsys.readouterr().out == "Epoch 3: early stopping\n"


@pytest.mark.parametrize(("losses", "best"), [([3.0, 1.0, 2.0], 7.0), ([3.0, 2.0, 1.0], 10.0)])
def test_early_stopping_restores_the_best_where_training_ends_by_itself(losses, best):
    model = scripted([1.0] * 9)
    weight = model.predict_network.w
    move = LambdaCallback(on_train_step_end=lambda c: weight.set_data(weight + 1))
    script = iter(losses)
    lower = LambdaCallback(on_train_epoch_end=lambda c: c.original_args().update(net_outputs=next(script)))
    stopping = EarlyStopping("loss", patience=5, restore_best_weights=True)
    model.train(3, DATA, [move, lower, stopping])
    assert weight.item() == best and stopping.stopped_epoch == 0


@pytest.mark.parametrize(
    ("values", "options", "rate"),
    [
        ([1, 2, 3, 4], {"patience": 1}, 1.0),
        ([4, 3, 3, 3], {"patience": 2}, 0.1),
        ([4, 4, 4, 4], {"patience": 1, "cooldown": 1}, 0.1 * 0.1),
        ([4, 4, 4, 4], {"patience": 1}, 0.1**3),
        ([4, 4, 4, 4], {"patience": 1, "min_lr": 0.05}, 0.05),
        ([4, 4, 4, 4], {"patience": 1, "factor": 0.5}, 0.125),
        ([4.0, 4.00005, 5, 6], {"patience": 1, "min_delta": 1e-4}, 0.1),
    ],
)
def test_learning_rate_is_lowered_on_a_plateau(values, options, rate):
    model = fit(values, ReduceLROnPlateau("accuracy", **options), rate=1.0)
    np.testing.assert_allclose(model.train_network.optimizer.learning_rate.item(), rate, rtol=1e-6)


def test_monitored_number_must_be_there():
    with pytest.raises(ValueError, match=r"monitor='eval_loss', expected one of loss, or Model\.fit"):
        scripted([1.0] * 3).train(1, DATA, EarlyStopping())
    with pytest.raises(ValueError, match="expected one of loss, accuracy, eval_loss"):
        fit([0.5], EarlyStopping("other"))
    with pytest.raises(ValueError, match="a single number"):
        fit([np.ones(2)], EarlyStopping("accuracy"))


def small(rate=0.1):
    ms.set_seed(1)
    net = nn.Dense(3, 2)
    return Model(net, nn.MSELoss(), nn.Momentum(net.trainable_params(), rate, 0.9))


PAIRS = [(np.ones((2, 3), np.float32), np.zeros((2, 2), np.float32))] * 4


def test_checkpoints_are_named_and_the_newest_kept(tmp_path):
    saving = ModelCheckpoint("p", tmp_path / "new" / "folder", CheckpointConfig(keep_checkpoint_max=3))
    small().train(2, PAIRS, saving)
    folder = tmp_path / "new" / "folder"
    assert sorted(os.listdir(folder)) == ["p-2_2.ckpt", "p-2_3.ckpt", "p-2_4.ckpt"]
    assert saving.latest_ckpt_file_name == str(folder / "p-2_4.ckpt")
    names = set(load_checkpoint(folder / "p-2_4.ckpt"))
    assert {"weight", "bias", "global_step", "moments.weight"} <= names


def test_checkpoints_of_another_run_stay(tmp_path):
    for _ in range(3):
        small().train(1, PAIRS[:1], ModelCheckpoint("p", tmp_path))
    small().train(1, PAIRS[:1], ModelCheckpoint("other", str(tmp_path)))
    assert sorted(os.listdir(tmp_path)) == ["other-1_1.ckpt", "p-1_1.ckpt", "p_1-1_1.ckpt", "p_2-1_1.ckpt"]


def test_checkpoints_by_steps_and_at_the_end(tmp_path):
    small().train(2, PAIRS, ModelCheckpoint("p", tmp_path, CheckpointConfig(save_checkpoint_steps=3)))
    assert sorted(os.listdir(tmp_path)) == ["p-1_3.ckpt", "p-2_2.ckpt", "p-2_4.ckpt"]


def test_checkpoints_by_time(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    tick = LambdaCallback(on_train_step_begin=lambda _: now.__setitem__(0, now[0] + 20))
    config = CheckpointConfig(save_checkpoint_steps=None, save_checkpoint_seconds=40, keep_checkpoint_max=None)
    small().train(2, PAIRS, [tick, ModelCheckpoint("s", tmp_path, config)])
    assert sorted(os.listdir(tmp_path)) == ["s-1_2.ckpt", "s-1_4.ckpt", "s-2_2.ckpt", "s-2_4.ckpt"]
    config = CheckpointConfig(1, keep_checkpoint_max=0, keep_checkpoint_per_n_minutes=1)
    small().train(2, PAIRS, [tick, ModelCheckpoint("m", tmp_path, config)])
    kept = sorted(name for name in os.listdir(tmp_path) if name.startswith("m"))
    assert kept == ["m-1_3.ckpt", "m-2_2.ckpt", "m-2_4.ckpt"]  # one a minute, which is three steps, and the newest


def test_checkpoints_hold_what_is_appended(tmp_path):
    config = CheckpointConfig(append_info=["epoch_num", "step_num", {"note": "x", "rate": 0.1}])
    saving = ModelCheckpoint("p", tmp_path, config)
    small().train(2, PAIRS, saving)
    found = load_checkpoint(saving.latest_ckpt_file_name)
    assert (found["epoch_num"].item(), found["step_num"].item(), found["note"], found["rate"].item()) == (
        2,
        8,
        "x",
        0.1,
    )


def test_checkpoint_names_may_be_computed(tmp_path):
    saving = ModelCheckpoint(lambda params: f"at{params.cur_step_num}", lambda params: str(tmp_path))
    small().train(1, PAIRS[:2], saving)
    assert sorted(os.listdir(tmp_path)) == ["at1.ckpt", "at2.ckpt"]


def test_checkpoint_of_another_network(tmp_path):
    model = small()
    saving = ModelCheckpoint("p", tmp_path, CheckpointConfig(saved_network=model.predict_network))
    model.train(1, PAIRS, saving)
    assert list(load_checkpoint(saving.latest_ckpt_file_name)) == ["weight", "bias"]


@pytest.mark.parametrize(("wanted", "files"), [(True, ["p-1_2.ckpt"]), (False, [])])
def test_checkpoint_when_training_fails(tmp_path, wanted, files):
    def fail(run_context):
        if run_context.original_args().cur_step_num == 2:
            raise KeyError("x")

    config = CheckpointConfig(save_checkpoint_steps=100, exception_save=wanted)
    with pytest.raises(KeyError):
        small().train(1, PAIRS, [ModelCheckpoint("p", tmp_path, config), LambdaCallback(on_train_step_end=fail)])
    assert os.listdir(tmp_path) == files


def test_evaluation_saves_nothing(tmp_path):
    fit([0.5, 0.6], ModelCheckpoint("p", tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["p-1_1.ckpt", "p-2_1.ckpt"]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda: LossMonitor(-1), ValueError),
        (lambda: LossMonitor(1.5), ValueError),
        (lambda: TimeMonitor(0), ValueError),
        (lambda: RunContext(3), TypeError),
        (lambda: EarlyStopping(mode="up"), ValueError),
        (lambda: EarlyStopping(patience=-1), ValueError),
        (lambda: EarlyStopping(monitor=3), TypeError),
        (lambda: ReduceLROnPlateau(factor=1.0), ValueError),
        (lambda: CheckpointConfig(0, 0), ValueError),
        (lambda: CheckpointConfig(-1), ValueError),
        (lambda: CheckpointConfig(keep_checkpoint_max=1.5), ValueError),
        (lambda: CheckpointConfig(enc_key=b"k"), ValueError),
        (lambda: CheckpointConfig(saved_network=3), TypeError),
        (lambda: CheckpointConfig(append_info=["other"]), TypeError),
        (lambda: ModelCheckpoint("a/b"), ValueError),
        (lambda: ModelCheckpoint(3), ValueError),
        (lambda: ModelCheckpoint(directory=3), ValueError),
        (lambda: ModelCheckpoint(config=3), TypeError),
    ],
)
def test_bad_arguments_are_told(call, kind):
    with pytest.raises(kind, match=r"got .*, expected"):
        call()


def test_params_are_attributes_too():
    seen = []
    note = LambdaCallback(on_train_end=lambda c: seen.append(c.original_args()))
    small().train(1, PAIRS, note)
    assert (seen[0].cur_step_num, seen[0]["batch_num"], seen[0].get("none")) == (4, 4, None)
    with pytest.raises(AttributeError, match="the run has no 'none'"):
        _ = seen[0].none
