"""A training that is saved, killed and loaded gives the same numbers, bit for bit, as one that never stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lamella as ms
from lamella import Generator, Parameter, Tensor, nn, ops
from lamella.errors import CheckpointError
from lamella.ops.functions.random import default_generator
from lamella.train import load_checkpoint, load_training, save_checkpoint, save_training

# A network with dropout (random), batch statistics by hand (state), a generator of its own, and momentum.
TRAINING = """
import os, signal, sys
import numpy as np
import lamella as ms
from lamella import nn, ops
from lamella.train import load_training, save_training

class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.first = nn.Dense(4, 16)
        self.dropout = nn.Dropout(p=0.3)
        self.last = nn.Dense(16, 1)
        self.mean = ms.Parameter(ops.zeros((16,)), requires_grad=False)
        self.noise = ms.Generator(5)
    def construct(self, x):
        h = self.dropout(ops.tanh(self.first(x)))
        self.mean.set_data(self.mean * 0.9 + h.mean(0) * 0.1)
        return self.last(h - self.mean) + ops.randn(1, generator=self.noise) * 0.1

rng = np.random.default_rng(0)
x = rng.random((48, 4), np.float32)
y = (x.sum(1, keepdims=True) ** 2).astype(np.float32)

class Rows:  # an iterator that shuffles each epoch, with a state
    def __init__(self):
        self.epoch, self.row = 0, 0
    def __iter__(self):
        return self
    def __next__(self):
        order = np.random.default_rng(self.epoch).permutation(48)
        if self.row == 48:
            self.epoch, self.row = self.epoch + 1, 0
            raise StopIteration
        chosen = order[self.row : self.row + 8]
        self.row += 8
        return ms.Tensor(x[chosen]), ms.Tensor(y[chosen])
    def state_dict(self):
        return {"epoch": self.epoch, "row": self.row}
    def load_state_dict(self, state):
        self.epoch, self.row = state["epoch"], state["row"]

def main(file, save_at, resume, epochs=2):
    ms.set_seed(99 if resume else 1)
    net, rows = Net().set_train(), Rows()
    optimizer = nn.Momentum(net.trainable_params(), [0.1, 0.05, 0.02], 0.9)
    loss_fn = nn.MSELoss()
    step = ms.value_and_grad(lambda a, b: loss_fn(net(a), b), None, optimizer.parameters)
    first, count, losses = 0, 0, []
    if resume:
        progress = load_training(file, net, optimizer, rows)
        first, count = progress["epoch"], progress["step"]
    for epoch in range(first, epochs):
        for a, b in rows:
            loss, gradients = step(a, b)
            optimizer(gradients)
            losses.append(loss.asnumpy().tobytes().hex())
            count += 1
            if count == save_at:
                save_training(file, net, optimizer, rows, epoch=epoch, step=count)
                print(*losses, flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
    final = [p.asnumpy().tobytes().hex() for p in [*net.get_parameters(), *optimizer.get_parameters()]]
    print(*losses, "|", *final)

main(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "resume")
"""


def run(file: Path, save_at: int = 0, mode: str = "start") -> tuple[list[str], list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", TRAINING, str(file), str(save_at), mode], capture_output=True, text=True, check=False
    )
    assert done.returncode == (-signal.SIGKILL if save_at else 0), done.stderr
    losses, _, final = done.stdout.partition("|")
    return losses.split(), final.split()


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("save_at", [6, 3, 10], ids=["after the epoch", "in the first epoch", "in the second epoch"])
def test_resumed_training_is_the_same_to_the_bit(tmp_path, save_at):
    losses, final = run(tmp_path / "x")
    assert len(losses) == len(set(losses)) == 12
    before, _ = run(tmp_path / "a.ckpt", save_at)
    after, resumed = run(tmp_path / "a.ckpt", mode="resume")
    assert before + after == losses
    assert resumed == final


def pair(seed: int = 1) -> tuple[nn.Cell, nn.Cell]:
    ms.set_seed(seed)
    net = nn.SequentialCell(nn.Dense(3, 2), nn.ReLU())
    return net, nn.Momentum(net.trainable_params(), 0.1, 0.9)


def state(net: nn.Cell, optimizer: nn.Cell) -> list:
    cells = [p.tolist() for cell in (net, optimizer) for p in cell.get_parameters()]
    return [cells, default_generator.get_state().tolist()]


def test_file_is_a_checkpoint_too(tmp_path):
    net, optimizer = pair()
    save_training(tmp_path / "a", net, optimizer, append_dict={"note": "x"}, epoch=3)
    found = load_checkpoint(tmp_path / "a.ckpt")
    names = {p.name for cell in (net, optimizer) for p in cell.get_parameters()}
    assert found.keys() == names | {"note"}
    assert {"0.weight", "global_step"} <= names


def test_progress_comes_back(tmp_path):
    net, optimizer = pair()
    progress = {"epoch": 3, "best": 0.1, "names": ["a", None], "nested": {"b": True}}
    save_training(tmp_path / "a.ckpt", net, optimizer, **progress)
    assert load_training(tmp_path / "a.ckpt", net, optimizer) == progress
    with pytest.raises(TypeError, match="values that JSON can hold"):
        save_training(tmp_path / "a.ckpt", net, loss=Tensor(1.0))


def test_random_streams_go_on(tmp_path):
    class Noisy(nn.Cell):
        def __init__(self):
            super().__init__()
            self.one = self.same = Generator(1)
            self.inner = nn.Cell()
            self.inner.other = Generator(2)

    cell = Noisy()
    ms.set_seed(2**64 - 1)
    ops.rand(3)
    save_training(tmp_path / "a.ckpt", cell)
    draw = lambda: [ops.rand(2, generator=g).tolist() for g in (default_generator, cell.one, cell.inner.other)]  # noqa: E731
    expected = draw()
    ms.set_seed(0)
    assert draw() != expected
    load_training(tmp_path / "a.ckpt", cell)
    assert draw() == expected


def test_saving_changes_nothing(tmp_path):
    net, optimizer = pair()
    before = state(net, optimizer)
    save_training(tmp_path / "a.ckpt", net, optimizer)
    assert state(net, optimizer) == before


def test_misfits_change_nothing(tmp_path):
    net, optimizer = pair()
    save_training(tmp_path / "net.ckpt", net)
    save_checkpoint(net, tmp_path / "plain.ckpt")
    other = nn.SequentialCell(nn.Dense(3, 5), nn.ReLU())
    save_training(tmp_path / "other.ckpt", other, nn.Momentum(other.trainable_params(), 0.1, 0.9))
    noisy = nn.Cell()
    noisy.g = Generator(1)
    save_training(tmp_path / "noisy.ckpt", noisy)
    before = state(net, optimizer)

    class Place:
        def load_state_dict(self, _):
            raise AssertionError("must not be called")

    for name, words, given in [
        ("net", "got no .*moments", (net, optimizer)),
        ("plain", "no state of a training", (net, optimizer)),
        ("other", "has shape", (net, optimizer)),
        ("noisy", "2 random generators, expected the network's 1", (nn.Cell(),)),
        ("net", "no place in the data", (net, None, Place())),
        ("none", "no file", (net, optimizer)),
    ]:
        with pytest.raises(CheckpointError, match=words):
            load_training(tmp_path / f"{name}.ckpt", *given)
    assert state(net, optimizer) == before
    with pytest.raises(TypeError, match="an object with `state_dict`"):
        save_training(tmp_path / "a.ckpt", net, iterator=[1, 2])
    with pytest.raises(TypeError, match="expected Cells"):
        save_training(tmp_path / "a.ckpt", 3)


def test_iterator_that_refuses_its_state_changes_nothing(tmp_path):
    class Place:
        def state_dict(self):
            return {"place": 3}

        def load_state_dict(self, _):
            raise ValueError("other data")

    net, optimizer = pair()
    save_training(tmp_path / "a.ckpt", net, optimizer, Place())
    other = pair(2)
    before = state(*other)
    with pytest.raises(ValueError, match="other data"):
        load_training(tmp_path / "a.ckpt", *other, Place())
    assert state(*other) == before


def test_two_parameters_of_one_name_are_refused(tmp_path):
    net, other = nn.Cell(), nn.Cell()
    net.w = Parameter(Tensor(1.0), "w")
    other.w = Parameter(Tensor(2.0), "w")
    with pytest.raises(ValueError, match="'w' in the network and another in the optimizer"):
        save_training(tmp_path / "a.ckpt", net, other)


def test_one_file_for_many_arrays_keeps_each(tmp_path):
    cell = nn.Cell()
    for i, dtype in enumerate((np.float32, np.int8, np.float64, np.bool_)):
        setattr(cell, f"p{i}", Parameter(Tensor(np.ones((2, 3), dtype)), requires_grad=False))
    save_training(tmp_path / "a.ckpt", cell)
    for p in cell.get_parameters():
        p.set_data(ops.zeros(p.shape, p.dtype))
    load_training(tmp_path / "a.ckpt", cell)
    assert all(p.asnumpy().all() for p in cell.get_parameters())
