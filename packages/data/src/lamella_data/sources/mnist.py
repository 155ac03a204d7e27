"""`MnistDataset`: handwritten digits from IDX files.

Format: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", section "File formats": two zero bytes, a
byte for the element type, one for the number of axes, each axis as a big-endian int32, then the elements.
"""

from __future__ import annotations

import gzip
import os
import zlib
from importlib.resources import files
from pathlib import Path

import numpy as np

from lamella.errors import explain
from lamella_data._block import Array, Block
from lamella_data._checks import check_workers
from lamella_data.dataset import Dataset
from lamella_data.samplers import Sampler, choose_sampler
from lamella_data.sources.indexed import BlockNode

_PREFIXES = {"train": "train", "test": "t10k"}
_UNSIGNED_BYTE = 8


class MnistDataset(Dataset):
    """The MNIST digits, or others in the same files.

    Columns: "image", uint8 of shape (28, 28, 1), and "label", a uint32 from 0 to 9.

    Args:
        dataset_dir: the folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and
            t10k-labels-idx1-ubyte, each as it is or with .gz after its name.
        usage: "train", "test", or "all"; None is all that the folder has.
        num_samples: how many rows at most, for each shard where there are shards; None is all.
        num_parallel_workers: at most so many threads read rows. This source reads many rows in one call and
            needs no more than one.
        shuffle: whether the rows come in random order; None is True.
        sampler: chooses the rows instead of the other arguments; a sequence of row indices will do.
        num_shards: how many processes share the rows; see `DistributedSampler`.
        shard_id: which of them this is, from 0.
        cache: not supported, must be None: all rows are in memory anyway.

    Raises:
        FileNotFoundError: the folder or a file is missing.
        TypeError: an argument has a wrong type.
        ValueError: a file is damaged or does not fit its partner, `usage` is none of those above, or the arguments
            that choose rows contradict each other.

    Examples:
        >>> import lamella_data as data
        >>> digits = data.MnistDataset(data.mnist10k() / "test", shuffle=False)
        >>> len(digits)
        2000
        >>> image, label = next(digits.create_tuple_iterator(output_numpy=True))
        >>> image.shape, image.dtype, label.dtype
        ((28, 28, 1), dtype('uint8'), dtype('uint32'))
    """

    def __init__(
        self,
        dataset_dir: str | os.PathLike[str],
        usage: str | None = None,
        num_samples: int | None = None,
        num_parallel_workers: int | None = None,
        shuffle: bool | None = None,
        sampler: Sampler | list[int] | None = None,
        num_shards: int | None = None,
        shard_id: int | None = None,
        cache: object = None,
    ) -> None:
        kind = type(self).__name__
        check_workers(kind, num_parallel_workers)
        if cache is not None:
            raise ValueError(explain(f"{kind}: cache", given=f"{cache!r:.80}", expected="None"))
        if usage not in ("train", "test", "all", None):
            expected = '"train", "test", "all" or None'
            raise ValueError(explain(f"{kind}: usage", given=repr(usage), expected=expected))
        chosen = choose_sampler(kind, num_samples, shuffle, sampler, num_shards, shard_id)
        try:
            folder = Path(dataset_dir)
        except TypeError as error:
            given = f"{dataset_dir!r:.80}"
            raise TypeError(explain(f"{kind}: dataset_dir", given=given, expected="the path of a folder")) from error
        images, labels = _read(folder, usage)
        super().__init__(BlockNode(kind, ("image", "label"), chosen, Block([images, labels], len(images))))


def mnist10k() -> Path:
    """The folder of the digits that come with this package: a sample of 8,000 train and 2,000 test digits of MNIST.

    Returns:
        A folder with the folders "train" and "test", for `MnistDataset`.

    Examples:
        >>> import lamella_data as data
        >>> len(data.MnistDataset(data.mnist10k() / "train"))
        8000
    """
    return Path(str(files("lamella_data"))) / "mnist10k"


def _read(folder: Path, usage: str | None) -> tuple[Array, Array]:
    """The images, (N, H, W, 1), and labels, (N,), of a folder."""
    if not folder.is_dir():
        raise FileNotFoundError(explain("MnistDataset", given=f"{folder}, which is no folder", expected="a folder"))
    if usage is None:
        wanted = [p for p in _PREFIXES.values() if _find(folder, f"{p}-images-idx3-ubyte")]
    else:
        wanted = list(_PREFIXES.values()) if usage == "all" else [_PREFIXES[usage]]
    if not wanted:
        expected = "files train-images-idx3-ubyte or t10k-images-idx3-ubyte, plain or .gz"
        raise FileNotFoundError(explain("MnistDataset", given=f"{folder} without any", expected=expected))
    parts = [_read_pair(folder, prefix) for prefix in wanted]
    shapes = {images.shape[1:] for images, _ in parts}
    if len(shapes) != 1:
        raise ValueError(explain(str(folder), given=f"images of shapes {sorted(shapes)}", expected="one shape"))
    images = np.concatenate([images for images, _ in parts])
    return images[..., np.newaxis], np.concatenate([labels for _, labels in parts]).astype(np.uint32)


def _read_pair(folder: Path, prefix: str) -> tuple[Array, Array]:
    """The images and labels of one usage."""
    paths: list[Path] = []
    for name in (f"{prefix}-images-idx3-ubyte", f"{prefix}-labels-idx1-ubyte"):
        path = _find(folder, name)
        if path is None:
            expected = f"{name} or {name}.gz there"
            raise FileNotFoundError(explain("MnistDataset", given=f"{folder} without it", expected=expected))
        paths.append(path)
    images, labels = read_idx(paths[0], 3), read_idx(paths[1], 1)
    if len(images) != len(labels):
        expected = f"as many as the {len(images)} images in {paths[0].name}"
        raise ValueError(explain(str(paths[1]), given=f"{len(labels)} labels", expected=expected))
    if len(labels) and labels.max() > 9:
        at = int(np.argmax(labels > 9))
        raise ValueError(explain(str(paths[1]), given=f"label {labels[at]} at {at}", expected="labels from 0 to 9"))
    return images, labels


def _find(folder: Path, name: str) -> Path | None:
    """The file of that name, plain or compressed."""
    return next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)


def read_idx(path: Path, axes: int) -> Array:
    """The uint8 array in an IDX file, compressed if its name ends in .gz.

    Raises:
        ValueError: the file is damaged or holds something else.
    """
    subject = str(path)
    data = path.read_bytes()
    if path.suffix == ".gz":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(explain(subject, given=f"damaged gzip data ({error})", expected="a gzip file")) from None
    start = 4 + 4 * axes
    magic = bytes((0, 0, _UNSIGNED_BYTE, axes))
    if data[:4] != magic:
        expected = f"magic number {magic.hex()} (unsigned bytes, {axes} axes)"
        raise ValueError(explain(subject, given=f"magic number {data[:4].hex() or 'none'}", expected=expected))
    if len(data) < start:
        raise ValueError(explain(subject, given=f"{len(data)} bytes", expected=f"a header of {start} bytes"))
    shape = tuple(int(n) for n in np.frombuffer(data, ">u4", axes, 4))
    size = int(np.prod(shape, dtype=object))
    if len(data) - start != size:
        expected = f"{size}, as its header says: shape {shape}"
        raise ValueError(explain(subject, given=f"{len(data) - start} bytes of data", expected=expected))
    if not size:
        raise ValueError(explain(subject, given=f"shape {shape}", expected="at least one element"))
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
