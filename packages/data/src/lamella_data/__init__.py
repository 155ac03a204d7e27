"""Data sets for Lamella: sources, steps between them and a training loop, and iterators that can be saved.

A pipeline is a source, such as `MnistDataset`, followed by steps, such as `.map(...)`, `.shuffle(...)` and
`.batch(...)`. Names and meanings are those of `mindspore.dataset`. With this package installed, it is also
`lamella.dataset`.

Examples:
    >>> import lamella_data as data
    >>> digits = data.MnistDataset(data.mnist10k() / "train", shuffle=False)
    >>> digits = digits.map([data.vision.Rescale(1 / 255, 0.0), data.vision.HWC2CHW()], "image")
    >>> digits = digits.map(data.transforms.TypeCast("int32"), "label").shuffle(1000).batch(64)
    >>> image, label = next(digits.create_tuple_iterator(output_numpy=True))
    >>> image.shape, label.dtype
    ((64, 1, 28, 28), dtype('int32'))
"""

from lamella_data import config, transforms, vision
from lamella_data.dataset import Dataset
from lamella_data.dataset import zip_datasets as zip
from lamella_data.iterators import DictIterator, TupleIterator
from lamella_data.samplers import (
    DistributedSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    SubsetSampler,
)
from lamella_data.sources.generator import GeneratorDataset
from lamella_data.sources.mnist import MnistDataset, mnist10k
from lamella_data.sources.numpy_slices import NumpySlicesDataset
from lamella_data.steps.batch import BatchInfo

__version__ = "0.1.0"

__all__ = [
    "BatchInfo",
    "Dataset",
    "DictIterator",
    "DistributedSampler",
    "GeneratorDataset",
    "MnistDataset",
    "NumpySlicesDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "SubsetSampler",
    "TupleIterator",
    "config",
    "mnist10k",
    "transforms",
    "vision",
    "zip",
]
