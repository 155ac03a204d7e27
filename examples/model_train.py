"""The network of quickstart.py, trained by `Model` with callbacks, stopped halfway and resumed."""

from __future__ import annotations

import argparse
import tempfile

from quickstart import Network, digits

import lamella as ms
from lamella import nn
from lamella.train import CheckpointConfig, LossMonitor, Model, ModelCheckpoint, TimeMonitor


def digits_model(epochs: int, steps: int) -> Model:
    """A new network with its loss, optimizer and metrics, for so many epochs of so many steps."""
    network = Network()
    rates = nn.cosine_decay_lr(0.0, 0.05, epochs * steps, steps, epochs)
    optimizer = nn.SGD(network.trainable_params(), rates, momentum=0.9)
    return Model(network, nn.CrossEntropyLoss(), optimizer, metrics={"accuracy", "loss"})


def main(arguments: list[str] | None = None) -> float:
    """Do it all; returns the accuracy on the test digits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args(arguments)

    ms.set_seed(1)
    train, test = digits("train", 64), digits("test", 500)
    with tempfile.TemporaryDirectory() as folder:
        every_epoch = CheckpointConfig(save_checkpoint_steps=len(train), keep_checkpoint_max=2)
        saving = ModelCheckpoint("digits", folder, every_epoch)
        half = (options.epochs + 1) // 2
        digits_model(options.epochs, len(train)).train(half, train, [LossMonitor(len(train)), TimeMonitor(), saving])

        # What follows could be another process: the file holds all that training needs to go on as if never stopped.
        model = digits_model(options.epochs, len(train))
        if half < options.epochs:
            monitors = [LossMonitor(len(train)), TimeMonitor()]
            model.fit(options.epochs, train, test, callbacks=monitors, resume_from=saving.latest_ckpt_file_name)

    found = model.eval(test)
    print(f"accuracy on 2,000 test digits: {found['accuracy']:.2%}, loss {found['loss']:.3f}")
    assert found["accuracy"] >= (0.945 if options.epochs >= 5 else 0.0)
    return float(found["accuracy"])


if __name__ == "__main__":
    main()
