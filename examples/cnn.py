"""Train a small convolutional network on handwritten digits."""

from __future__ import annotations

import argparse

from quickstart import digits

import lamella as ms
from lamella import nn
from lamella.train import Model, ProgressBar


class Network(nn.Cell):
    """Images (N, 1, 28, 28) in, scores (N, 10) out."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.SequentialCell(
            nn.Conv2d(1, 16, 5, stride=2, pad_mode="pad", padding=2, has_bias=True),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, pad_mode="pad", padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.MaxPool2d(2, stride=2),
        )
        self.classifier = nn.SequentialCell(nn.Flatten(), nn.Dropout(p=0.3), nn.Dense(32 * 7 * 7, 10))

    def construct(self, x: ms.Tensor) -> ms.Tensor:
        """Compute the scores."""
        return self.classifier(self.features(x))


def main(arguments: list[str] | None = None) -> float:
    """Train; returns the accuracy on the test digits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args(arguments)

    ms.set_seed(1)
    network = Network()
    train = digits("train", 64)
    rate = nn.cosine_decay_lr(1e-5, 3e-3, options.epochs * len(train), len(train), options.epochs)
    model = Model(network, nn.CrossEntropyLoss(), nn.Adam(network.trainable_params(), rate), metrics={"accuracy"})
    model.train(options.epochs, train, callbacks=ProgressBar())

    result = float(model.eval(digits("test", 500))["accuracy"])
    print(f"accuracy on 2,000 test digits: {result:.2%}")
    assert result >= (0.97 if options.epochs >= 5 else 0.0)
    return result


if __name__ == "__main__":
    main()
