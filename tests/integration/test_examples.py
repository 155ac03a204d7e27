"""The examples run and reach what they promise."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


#: What it takes to run a program in GRAPH_MODE: one line before it.
IN_GRAPH_MODE = """
import runpy, sys
import lamella
lamella.set_context(mode=lamella.GRAPH_MODE)
sys.argv = sys.argv[1:]
sys.path.insert(0, sys.argv[0].rpartition("/")[0])
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@cache
def run(name: str, *arguments: str, graph: bool = False, device: str = "reference") -> str:
    command = [str(EXAMPLES / f"{name}.py"), *arguments]
    if graph:
        command = ["-c", IN_GRAPH_MODE, *command]
    environment = {**os.environ, "LAMELLA_DEVICE": device}
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def without_times(output: str) -> list[str]:
    return [re.sub(r"[\d.]+ m?s\b", "", line) for line in output.splitlines()]


def accuracy(output: str) -> float:
    return float(output.rpartition("accuracy on 2,000 test digits: ")[2].split("%")[0])


def test_quickstart_and_model_train_reach_the_same_accuracy():
    first, second = run("quickstart"), run("model_train")
    assert accuracy(first) >= 94.5
    assert accuracy(second) == accuracy(first)  # although the second was stopped and resumed


def test_cnn():
    assert accuracy(run("cnn")) >= 97


def test_char_gru():
    assert "Beware" in run("char_gru")


@pytest.mark.parametrize("name", ["custom_derivative"])
def test_others_check_themselves(name):
    run(name)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("quickstart", ["--epochs", "1"]), ("char_gru", []), ("custom_derivative", [])],
)
def test_in_graph_mode_they_print_the_same(name, arguments):
    assert without_times(run(name, *arguments, graph=True)) == without_times(run(name, *arguments))


def figures(output: str) -> list[float]:
    return [float(number) for number in re.findall(r"(?:loss|digits:)\D{1,5}([\d.]+)", output)]


@pytest.mark.parametrize("graph", [False, True], ids=["pynative", "graph"])
@pytest.mark.parametrize(
    ("name", "arguments"), [("quickstart", ["--epochs", "1"]), ("cnn", ["--epochs", "1"]), ("char_gru", [])]
)
def test_on_the_cpu_they_learn_as_much(name, arguments, graph):
    found, expected = figures(run(name, *arguments, graph=graph, device="CPU")), figures(run(name, *arguments))
    assert found
    assert found == pytest.approx(expected, rel=0.02)  # rounding grows with the steps


def test_in_graph_mode_the_cnn_learns_as_much():
    """The compiler sums some gradients in another order, so not the same to the last digit."""
    one = "--epochs", "1"
    assert figures(run("cnn", *one, graph=True)) == pytest.approx(figures(run("cnn", *one)), rel=0.02)


def test_the_quick_start_of_the_readme():
    assert accuracy(run("quickstart", "--graph", "--device", "CPU")) >= 94.5


def test_a_model_is_trained_and_resumed_in_graph_mode():
    assert accuracy(run("model_train", graph=True)) >= 94.5


RESUMED = """
import sys
sys.path.insert(0, sys.argv[1])
import lamella as ms
from lamella import nn
from lamella.train import LambdaCallback, Model, ModelCheckpoint
from quickstart import Network, digits

def model(seed):
    ms.set_seed(seed)
    net = Network()
    return Model(net, nn.CrossEntropyLoss(), nn.Momentum(net.trainable_params(), 0.01, 0.9))

def losses(model, dataset, callbacks=(), **options):
    seen = []
    note = LambdaCallback(on_train_step_end=lambda c: seen.append(c.original_args().net_outputs.item()))
    model.train(2, dataset, [note, *callbacks], **options)
    return seen

def stop(run_context):
    if run_context.original_args().cur_step_num == 20:
        run_context.request_stop()

trained = model(1)
data = lambda: digits("train", 500)
whole = losses(trained, data())
saving = ModelCheckpoint("run", sys.argv[2])
first = losses(model(1), data(), [saving, LambdaCallback(on_train_step_end=stop)])
ms.set_seed(5)
rest = losses(model(7), data(), resume_from=saving.latest_ckpt_file_name)
assert len(whole) == 32 and len(first) == 20
assert first + rest == whole, (first, rest, whole)
"""


def test_training_on_digits_resumes_in_the_middle_of_a_shuffled_epoch(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", RESUMED, str(EXAMPLES), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
