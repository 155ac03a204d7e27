"""The quick start's training (examples/quickstart.py) in GRAPH_MODE on the CPU: the first 25 batches of real digits.

Lamella reads them as the quick start does, for each pass anew; torch has them in memory.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "examples"))
import quickstart

BATCHES, RATE, MOMENTUM = 25, 0.05, 0.9
_rng = np.random.default_rng(0)
WEIGHTS = [
    part
    for out, into in ((512, 784), (512, 512), (10, 512))
    for part in ((_rng.standard_normal((out, into)) / np.sqrt(into)).astype(np.float32), np.zeros(out, np.float32))
]


def digits():
    """The batches, in their order."""
    import lamella.dataset as ds

    images = [ds.vision.Rescale(1 / 255, 0.0), ds.vision.Normalize((0.1307,), (0.3081,)), ds.vision.HWC2CHW()]
    dataset = ds.MnistDataset(ds.mnist10k() / "train", shuffle=False)
    return dataset.map(images, "image").map(ds.transforms.TypeCast(np.int32), "label").batch(64).take(BATCHES)


def lamella():
    import lamella as ms
    from lamella import nn

    ms.set_context(mode=ms.GRAPH_MODE, device_target="CPU")
    network = quickstart.Network()
    for parameter, weight in zip(network.trainable_params(), WEIGHTS, strict=True):
        parameter.set_data(ms.Tensor(weight))
    optimizer = nn.SGD(network.trainable_params(), RATE, momentum=MOMENTUM)
    step = nn.TrainOneStepCell(nn.WithLossCell(network, nn.CrossEntropyLoss()), optimizer)
    dataset = digits()

    def train():
        for image, label in dataset:
            loss = step(image, label)
        return loss

    return train, lambda: [train().asnumpy()]


def torch():
    import torch

    torch.set_num_threads(2)
    network = torch.nn.Sequential(
        torch.nn.Flatten(),
        *(torch.nn.Linear(784, 512), torch.nn.ReLU()),
        *(torch.nn.Linear(512, 512), torch.nn.ReLU()),
        torch.nn.Linear(512, 10),
    )
    with torch.no_grad():
        for parameter, weight in zip(network.parameters(), WEIGHTS, strict=True):
            parameter.copy_(torch.from_numpy(weight))
    optimizer = torch.optim.SGD(network.parameters(), RATE, momentum=MOMENTUM)
    batches = [
        (torch.from_numpy(image.asnumpy().copy()), torch.from_numpy(label.asnumpy().astype(np.int64)))
        for image, label in digits()
    ]

    def train():
        for image, label in batches:
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(image), label)
            loss.backward()
            optimizer.step()
        return loss

    return train, lambda: [train().detach().numpy()]
