"""Train a network of three layers on handwritten digits, save it, load it again and use it.

With `--graph --device CPU` the training step runs as one native function, if lamella-compiler and lamella-backend-cpu
are installed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import lamella.dataset as ds

import lamella as ms
from lamella import nn


class Network(nn.Cell):
    """Images of 28 x 28 in, a score for each of ten digits out."""

    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.layers = nn.SequentialCell(
            nn.Dense(28 * 28, 512),
            nn.ReLU(),
            nn.Dense(512, 512),
            nn.ReLU(),
            nn.Dense(512, 10),
        )

    def construct(self, x: ms.Tensor) -> ms.Tensor:
        """Compute the scores."""
        return self.layers(self.flatten(x))


def digits(part: str, batch_size: int) -> ds.Dataset:
    """Batches of (image, label): "train" has 8,000 digits of MNIST, "test" 2,000 others."""
    images = [ds.vision.Rescale(1 / 255, 0.0), ds.vision.Normalize((0.1307,), (0.3081,)), ds.vision.HWC2CHW()]
    dataset = ds.MnistDataset(ds.mnist10k() / part, shuffle=part == "train")
    dataset = dataset.map(images, "image").map(ds.transforms.TypeCast(ms.int32), "label")
    return dataset.batch(batch_size)


def train(network: Network, dataset: ds.Dataset, epochs: int) -> None:
    """Change the network's parameters so that its loss falls."""
    loss_fn = nn.CrossEntropyLoss()
    rates = nn.cosine_decay_lr(0.0, 0.05, epochs * len(dataset), len(dataset), epochs)
    optimizer = nn.SGD(network.trainable_params(), rates, momentum=0.9)

    step = nn.TrainOneStepCell(nn.WithLossCell(network, loss_fn), optimizer)

    network.set_train()
    for epoch in range(epochs):
        for image, label in dataset:
            loss = step(image, label)
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")


def accuracy(network: Network, dataset: ds.Dataset) -> float:
    """The part of the digits that the network reads rightly."""
    network.set_train(False)
    right = total = 0
    for image, label in dataset:
        right += (network(image).argmax(1) == label).sum().item()
        total += len(label)
    return right / total


def main(arguments: list[str] | None = None) -> float:
    """Do it all; returns the accuracy on the test digits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--graph", action="store_true", help="compile the training step and the network")
    parser.add_argument("--device", help="where to run; CPU compiles to native code")
    options = parser.parse_args(arguments)

    if options.device:
        ms.set_context(device_target=options.device)
    if options.graph:
        ms.set_context(mode=ms.GRAPH_MODE)
    ms.set_seed(1)
    network = Network()
    train(network, digits("train", 64), options.epochs)

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "digits.ckpt"
        ms.save_checkpoint(network, file)
        restored = Network()
        ms.load_param_into_net(restored, ms.load_checkpoint(file), strict_load=True)

    test = digits("test", 500)
    result = accuracy(restored, test)
    image, label = next(iter(test))
    print(f"predicted {restored(image[:10]).argmax(1).tolist()}, labels {label[:10].tolist()}")
    print(f"accuracy on 2,000 test digits: {result:.2%}")
    assert result >= (0.945 if options.epochs >= 5 else 0.5)
    return result


if __name__ == "__main__":
    main()
