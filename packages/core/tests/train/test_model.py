"""`Model`: its loops against loops written out, the stages it reports, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

import lamella as ms
from lamella import Parameter, Tensor, nn
from lamella.errors import CheckpointError
from lamella.train import Accuracy, Callback, History, LambdaCallback, Loss, Metric, Model, ModelCheckpoint

STAGES = ["begin", "epoch_begin", "step_begin", "step_end", "epoch_end", "end"]


def batches(n: int = 4) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(0)
    return [(rng.random((8, 3), np.float32), rng.integers(0, 2, 8).astype(np.int32)) for _ in range(n)]


def network() -> nn.Cell:
    ms.set_seed(3)
    return nn.SequentialCell(nn.Dense(3, 8), nn.ReLU(), nn.Dropout(p=0.2), nn.Dense(8, 2))


def model(**options) -> Model:
    net = network()
    return Model(net, nn.CrossEntropyLoss(), nn.Momentum(net.trainable_params(), 0.1, 0.9), **options)


def losses_of(run) -> list[float]:
    seen: list[float] = []
    run(LambdaCallback(on_train_step_end=lambda c: seen.append(c.original_args().net_outputs.item())))
    return seen


def weights(cell: nn.Cell) -> list[bytes]:
    return [p.asnumpy().tobytes() for p in cell.get_parameters()]


def test_train_gives_the_losses_of_a_loop_written_out():
    net, loss_fn = network(), nn.CrossEntropyLoss()
    optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
    step = ms.value_and_grad(lambda x, y: loss_fn(net(x), y), None, optimizer.parameters)
    net.set_train()
    expected = []
    for _ in range(3):
        for x, y in batches():
            loss, gradients = step(Tensor(x), Tensor(y))
            optimizer(gradients)
            expected.append(loss.item())
    trained = model()
    assert losses_of(lambda callback: trained.train(3, batches(), callback)) == expected
    assert weights(trained.predict_network) == weights(net)


def test_network_may_compute_its_loss_and_make_its_step():
    expected = losses_of(lambda callback: model().train(2, batches(), callback))
    net = network()
    with_loss = nn.WithLossCell(net, nn.CrossEntropyLoss())
    optimizer = nn.Momentum(net.trainable_params(), 0.1, 0.9)
    assert losses_of(lambda c: Model(with_loss, optimizer=optimizer).train(2, batches(), c)) == expected
    net = network()
    with_loss = nn.WithLossCell(net, nn.CrossEntropyLoss())
    step = nn.TrainOneStepCell(with_loss, nn.Momentum(net.trainable_params(), 0.1, 0.9))
    assert losses_of(lambda c: Model(step).train(2, batches(), c)) == expected


class Recorder(Callback):
    def __init__(self):
        self.seen = []


def record(mode: str, stage: str):
    def method(self, run_context):
        params = run_context.original_args()
        self.seen.append((mode, stage, params.get("cur_epoch_num"), params.cur_step_num, params.mode))

    return method


for _mode in ("train", "eval"):
    for _stage in STAGES:
        setattr(Recorder, f"on_{_mode}_{_stage}", record(_mode, _stage))


def test_stages_come_in_mindspores_order():
    """The sequence that MindSpore 2.10 printed for Model.fit(2, …) with two batches."""
    recorder = Recorder()
    model(metrics={"acc"}).fit(2, batches(2), batches(2), callbacks=recorder)
    evaluation = ["begin", "epoch_begin", "step_begin", "step_end", "step_begin", "step_end", "epoch_end", "end"]
    steps = ["step_begin", "step_end"] * 2
    epoch = (
        [("train", s) for s in ["epoch_begin", *steps]] + [("eval", s) for s in evaluation] + [("train", "epoch_end")]
    )
    assert [(mode, stage) for mode, stage, *_ in recorder.seen] == [
        ("train", "begin"), *epoch, *epoch, ("train", "end")
    ]  # fmt: skip
    assert [s[2:] for s in recorder.seen if s[:2] == ("train", "step_end")] == [
        (1, 1, "train"), (1, 2, "train"), (2, 3, "train"), (2, 4, "train")
    ]  # fmt: skip
    assert [s[2:] for s in recorder.seen if s[:2] == ("eval", "step_end")] == [
        (1, 1, "eval"), (1, 2, "eval"), (2, 1, "eval"), (2, 2, "eval")
    ]  # fmt: skip


def test_older_names_are_called_in_training_and_evaluation():
    seen = []
    older = type(
        "Older", (Callback,), {s: lambda self, c, s=s: seen.append((c.original_args().mode, s)) for s in STAGES}
    )
    trained = model(metrics={"acc"})
    trained.train(1, batches(1), callbacks=[older()])
    trained.eval(batches(1), callbacks=older())
    assert seen == [(mode, stage) for mode in ("train", "eval") for stage in STAGES]
    with pytest.raises(
        ValueError, match=r"Older\.begin, which is called in training and in evaluation, expected on_train_begin"
    ):
        trained.fit(1, batches(1), callbacks=older())


def test_callbacks_are_left_when_training_fails():
    left = []

    class Failing(Callback):
        def __exit__(self, *error):
            left.append(error[0])

        def on_train_step_end(self, run_context):
            raise KeyError("x")

    trained = model()
    with pytest.raises(KeyError):
        trained.train(1, batches(), Failing())
    assert left == [KeyError]
    assert not trained.predict_network.training


def test_stop_is_heeded_after_the_step_and_after_the_epoch():
    recorder, stop = Recorder(), lambda c: c.request_stop()
    model().train(3, batches(), [recorder, LambdaCallback(on_train_step_end=stop)])
    assert [s for _, s, *_ in recorder.seen] == STAGES
    recorder = Recorder()
    model().train(3, batches(2), [recorder, LambdaCallback(on_train_epoch_end=stop)])
    assert recorder.seen[-1][:4] == ("train", "end", 1, 2)


def test_initial_epoch_counts_as_done():
    history = History()
    model().train(3, batches(), history, initial_epoch=1)
    assert history.epoch == {"epoch": [2, 3]}


def test_sink_size_goes_on_where_the_epoch_before_stopped():
    elements = []
    data = [(np.full((2, 3), i, np.float32), np.zeros(2, np.int32)) for i in range(3)]
    note = LambdaCallback(
        on_train_step_end=lambda c: elements.append(
            (c.original_args().cur_epoch_num, int(c.original_args().train_dataset_element[0][0, 0].item()))
        )
    )
    model().train(3, data, note, dataset_sink_mode=True, sink_size=2)
    assert elements == [(1, 0), (1, 1), (2, 2), (2, 0), (3, 1), (3, 2)]
    elements.clear()
    model().train(1, data, note, dataset_sink_mode=True)
    assert elements == [(1, 0), (1, 1), (1, 2)]


def test_training_mode_is_set_and_restored():
    class Asks(nn.Cell):
        def __init__(self, cell):
            super().__init__()
            self.cell = cell
            self.seen = []

        def construct(self, x):
            self.seen.append(self.training)
            return self.cell(x)

    net = Asks(nn.Dense(3, 2))
    net.cell.set_train()
    trained = Model(net, nn.CrossEntropyLoss(), nn.SGD(net.trainable_params()), metrics={"acc"})
    trained.train(1, batches(1))
    trained.eval(batches(1))
    trained.predict(batches(1)[0][0])
    assert net.seen == [True, False, False]
    assert (net.training, net.cell.training) == (False, True)


def test_eval_gives_the_metrics_of_a_loop_written_out():
    trained = model(metrics={"acc": Accuracy(), "loss": Loss(), "top": "top_1_accuracy"})
    found = trained.eval(batches())
    net, loss_fn = trained.predict_network, nn.CrossEntropyLoss()
    outputs = [(net(Tensor(x)), Tensor(y)) for x, y in batches()]
    right = np.concatenate([o.asnumpy().argmax(1) == y.asnumpy() for o, y in outputs])
    assert found["acc"] == found["top"] == right.mean()
    assert found["loss"] == np.mean([loss_fn(o, y).item() for o, y in outputs])


def test_eval_network_and_indexes():
    net = network()

    class Evaluating(nn.Cell):
        def __init__(self):
            super().__init__()
            self.net = net

        def construct(self, x, y):
            return y, self.net(x), Tensor(7.0)

    direct = Model(net, nn.CrossEntropyLoss(), metrics={"acc"}).eval(batches())["acc"]
    by_indexes = Model(net, metrics={"acc", "loss"}, eval_network=Evaluating(), eval_indexes=[2, 1, 0])
    assert by_indexes.eval(batches()) == {"acc": direct, "loss": 7.0}
    by_metric = Model(net, metrics={"a": Accuracy().set_indexes([1, 0])}, eval_network=Evaluating())
    assert by_metric.eval(batches()) == {"a": direct}


def test_fit_evaluates_at_the_chosen_epochs():
    for frequency, expected in [(1, [1, 2, 3, 4]), (2, [2, 4]), ([1, 4], [1, 4])]:
        seen = []
        callback = LambdaCallback(on_eval_end=lambda c, seen=seen: seen.append(c.original_args().cur_epoch_num))
        model(metrics={"acc"}).fit(4, batches(), batches(), frequency, callback)
        assert seen == expected


def test_predict_takes_arrays_and_tensors():
    trained = model()
    x = batches()[0][0]
    np.testing.assert_array_equal(trained.predict(x).asnumpy(), trained.predict(Tensor(x)).asnumpy())


@pytest.mark.parametrize("saved", [2, 3, 4, 6, 8], ids=lambda n: f"after step {n}")
def test_resumed_training_is_the_same_to_the_bit(tmp_path, saved):
    whole = model()
    expected = losses_of(lambda callback: whole.train(2, batches(), callback))

    def stop(run_context):
        if run_context.original_args().cur_step_num == saved:
            run_context.request_stop()

    saving = ModelCheckpoint("run", tmp_path)
    first = losses_of(lambda c: model().train(2, batches(), [c, saving, LambdaCallback(on_train_step_end=stop)]))
    ms.set_seed(77)
    resumed = model()
    rest = losses_of(lambda c: resumed.train(2, batches(), c, resume_from=saving.latest_ckpt_file_name))
    assert first + rest == expected
    assert weights(resumed.train_network) == weights(whole.train_network)


@pytest.mark.parametrize("saved", [2, 3, 5])
def test_resume_goes_on_within_a_sunk_epoch(tmp_path, saved):
    options = {"dataset_sink_mode": True, "sink_size": 3}  # three steps an epoch, from four batches
    expected = losses_of(lambda callback: model().train(3, batches(), callback, **options))
    assert len(expected) == 9

    def stop(run_context):
        if run_context.original_args().cur_step_num == saved:
            run_context.request_stop()

    saving = ModelCheckpoint("run", tmp_path)
    callbacks = [saving, LambdaCallback(on_train_step_end=stop)]
    first = losses_of(lambda c: model().train(3, batches(), [c, *callbacks], **options))
    file = saving.latest_ckpt_file_name
    assert first + losses_of(lambda c: model().train(3, batches(), c, **options, resume_from=file)) == expected


def test_resume_finds_other_data(tmp_path):
    saving = ModelCheckpoint("run", tmp_path)
    model().train(1, batches(4), saving)
    with pytest.raises(CheckpointError, match="data that end before the saved place"):
        model().train(2, batches(3), resume_from=saving.latest_ckpt_file_name)
    with pytest.raises(ValueError, match="initial_epoch and resume_from"):
        model().train(3, batches(), initial_epoch=1, resume_from=saving.latest_ckpt_file_name)


def test_data_that_serve_one_epoch_are_told():
    with pytest.raises(ValueError, match=r"no batches in epoch 2.*only once"):
        model().train(2, iter(batches()))
    with pytest.raises(ValueError, match="no batches in epoch 1"):
        model().train(1, [])
    with pytest.raises(ValueError, match="no batches"):
        model(metrics={"acc"}).eval([])


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: Model(3), TypeError, "network=….*a Cell"),
        (lambda: Model(network(), loss_fn=3), TypeError, "loss_fn"),
        (lambda: Model(network(), optimizer=3), TypeError, "optimizer"),
        (lambda: model(amp_level="O4"), ValueError, "level='O4'.*expected level one of O0"),
        (lambda: model(boost_level="O1"), ValueError, 'boost_level.*expected "O0"'),
        (lambda: model(metrics="acc"), TypeError, "metrics"),
        (lambda: model(metrics={"none"}), ValueError, "expected one of F1, acc"),
        (lambda: model(eval_indexes=[1, 2]), ValueError, "three positions"),
        (lambda: Model(network(), metrics={"acc"}), ValueError, "metrics without loss_fn"),
        (lambda: model().eval(batches()), ValueError, "a model without metrics"),
        (lambda: model().fit(1, batches(), batches()), ValueError, "a model without metrics"),
        (lambda: model().train(0, batches()), ValueError, "1 or more"),
        (lambda: model().train("1", batches()), TypeError, "an int"),
        (lambda: model().train(1, batches(), initial_epoch=1), ValueError, "epoch above initial_epoch"),
        (lambda: model().train(1, 3), TypeError, "something else to iterate over"),
        (lambda: model().train(1, [("a", "b")]), TypeError, "a batch with a str"),
        (lambda: model().train(1, [(np.ones((2, 3), np.float32),)]), ValueError, "batches of 1 columns"),
        (lambda: model().train(1, batches(), 3), TypeError, "Callback objects"),
        (lambda: model().train(1, batches(), [History]), TypeError, "a type, not an object of it"),
        (lambda: model().train(1, batches(), dataset_sink_mode=3), TypeError, "a bool"),
        (lambda: model().train(1, batches(), sink_size=0), ValueError, "sink_size"),
        (lambda: model(metrics={"acc"}).fit(1, batches(), batches(), 0), ValueError, "valid_frequency"),
    ],
)
def test_bad_arguments_are_told(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_metrics_of_ones_own():
    class Count(Metric):
        def clear(self):
            self.n = 0

        def update(self, *outputs):
            self.n += len(outputs[0])

        def eval(self):
            return self.n

    assert model(metrics={"n": Count()}).eval(batches()) == {"n": 32}


def test_networks_of_a_model():
    trained = model(metrics={"acc"})
    assert isinstance(trained.train_network, nn.TrainOneStepCell)
    assert isinstance(trained.eval_network, nn.WithEvalCell)
    assert isinstance(trained.predict_network, nn.SequentialCell)
    assert model().eval_network is None
    assert isinstance(trained.predict_network[0].weight, Parameter)


def test_batches_without_rows_do_not_spoil_an_evaluation():
    rows = batches(2)
    nothing = (np.zeros((0, 3), np.float32), np.zeros((0,), np.int32))
    evaluated = model(metrics={"loss": Loss(), "accuracy": Accuracy()})
    expected = evaluated.eval(rows)
    assert np.isfinite(expected["loss"])
    assert evaluated.eval([nothing, rows[0], nothing, rows[1]]) == expected
    with pytest.raises(ValueError, match="none with rows"):
        evaluated.eval([nothing])


def test_batches_without_rows_do_not_spoil_a_network():
    net = nn.SequentialCell(nn.Dense(3, 4), nn.BatchNorm1d(4), nn.Dense(4, 2))
    trained = Model(net, nn.CrossEntropyLoss(), nn.SGD(net.trainable_params(), 0.1))
    before = weights(net)
    trained.train(1, [(np.zeros((0, 3), np.float32), np.zeros((0,), np.int32))])
    assert weights(net) == before
