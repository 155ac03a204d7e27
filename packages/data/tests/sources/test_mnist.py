from __future__ import annotations

import gzip
import struct
from itertools import chain

import numpy as np
import pytest

import lamella_data as data

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 4, 5), np.uint8)
LABELS = np.arange(7, dtype=np.uint8)


def idx(array, kind=8):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape) + array.tobytes()


def write(folder, images=None, labels=None, prefix="train", end=""):
    pack = gzip.compress if end else bytes
    (folder / f"{prefix}-images-idx3-ubyte{end}").write_bytes(pack(idx(IMAGES) if images is None else images))
    (folder / f"{prefix}-labels-idx1-ubyte{end}").write_bytes(pack(idx(LABELS) if labels is None else labels))
    return folder


@pytest.mark.parametrize("end", ["", ".gz"])
def test_reads_plain_and_compressed_files(tmp_path, end):
    dataset = data.MnistDataset(write(tmp_path, end=end), shuffle=False)
    rows = list(dataset.create_dict_iterator(num_epochs=1, output_numpy=True))
    assert np.array_equal(np.stack([row["image"] for row in rows]), IMAGES[..., None])
    assert [row["label"] for row in rows] == list(range(7))
    assert dataset.output_types() == [np.uint8, np.uint32]
    assert dataset.output_shapes() == [[4, 5, 1], []]


def test_usage_chooses_files(tmp_path):
    write(tmp_path)
    write(tmp_path, idx(IMAGES[:2]), idx(LABELS[:2]), "t10k")
    sizes = {usage: len(data.MnistDataset(str(tmp_path), usage)) for usage in ("train", "test", "all", None)}
    assert sizes == {"train": 7, "test": 2, "all": 9, None: 9}


def test_shards_share_the_digits(tmp_path, p):
    write(tmp_path)
    shards = [data.MnistDataset(tmp_path, num_shards=3, shard_id=i).project("label") for i in range(3)]
    labels = [p.column(shard) for shard in shards]
    assert [len(part) for part in labels] == [3, 3, 3]
    assert set(chain.from_iterable(labels)) == set(range(7))


def test_the_digits_of_the_package_are_there():
    for usage, size in (("train", 8000), ("test", 2000)):
        digits = data.MnistDataset(data.mnist10k() / usage, usage, shuffle=False)
        image, label = next(digits.batch(size).create_tuple_iterator(output_numpy=True))
        assert image.shape == (size, 28, 28, 1)
        counts = np.bincount(label, minlength=10)
        assert counts.sum() == size and counts.min() > 0.08 * size
        assert 30 < image.mean() < 37 and (image == 0).mean() > 0.7


@pytest.mark.parametrize(
    ("files", "match"),
    [
        ({"images": idx(LABELS)}, r"train-images.*magic number 00000801, expected magic number 00000803"),
        ({"labels": idx(IMAGES)}, r"train-labels.*magic number 00000803, expected magic number 00000801"),
        ({"images": idx(IMAGES, kind=13)}, "00000d03"),
        ({"images": b""}, "magic number none"),
        ({"images": idx(IMAGES)[:9]}, "got 9 bytes, expected a header of 16 bytes"),
        ({"images": idx(IMAGES)[:-1]}, r"got 139 bytes of data, expected 140, as its header says: shape \(7, 4, 5\)"),
        ({"images": idx(IMAGES) + b"x"}, "got 141 bytes"),
        ({"images": struct.pack(">4I", 0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1)}, "got 0 bytes of data, expected 79"),
        ({"labels": idx(LABELS[:5])}, "got 5 labels, expected as many as the 7 images in train-images-idx3-ubyte"),
        ({"labels": idx(LABELS + 5)}, "got label 10 at 5, expected labels from 0 to 9"),
        ({"images": idx(IMAGES[:0]), "labels": idx(LABELS[:0])}, "at least one element"),
    ],
)
def test_damaged_files_are_refused_by_name(tmp_path, files, match):
    with pytest.raises(ValueError, match=match):
        data.MnistDataset(write(tmp_path, **files))


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:40] + b"xxxx" + b[44:], lambda b: b"no gzip", bytes])
def test_damaged_compressed_files_are_refused_by_name(tmp_path, damage):
    write(tmp_path, end=".gz")
    path = tmp_path / "train-images-idx3-ubyte.gz"
    broken = damage(path.read_bytes()) if damage is not bytes else b""
    path.write_bytes(broken)
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte\.gz: got"):
        data.MnistDataset(tmp_path)


def test_missing_files_are_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        data.MnistDataset(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte or t10k-images"):
        data.MnistDataset(tmp_path)
    write(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"t10k-images-idx3-ubyte or t10k-images-idx3-ubyte\.gz"):
        data.MnistDataset(tmp_path, "all")
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError, match="train-labels-idx1-ubyte"):
        data.MnistDataset(tmp_path)


def test_images_of_two_sizes_are_refused(tmp_path):
    write(tmp_path)
    write(tmp_path, idx(IMAGES[:, :2]), prefix="t10k")
    with pytest.raises(ValueError, match=r"shapes \[\(2, 5\), \(4, 5\)\]"):
        data.MnistDataset(tmp_path)


def test_wrong_arguments_are_refused(tmp_path):
    with pytest.raises(ValueError, match="usage: got 'val'"):
        data.MnistDataset(write(tmp_path), "val")
    with pytest.raises(TypeError, match="dataset_dir"):
        data.MnistDataset(3)
    with pytest.raises(ValueError, match="cache"):
        data.MnistDataset(tmp_path, cache="yes")
