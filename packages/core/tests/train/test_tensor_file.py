"""The file format: what is read is what was written, or an error that names the file."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from lamella import dtypes
from lamella.errors import CheckpointError
from lamella.train import tensor_file


def sample() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    arrays = {d.name: (rng.random((3, 2)) * 100).astype(d.numpy) for d in dtypes.BY_NAME.values()}
    arrays["0-d"] = np.float64(np.pi) * np.ones(())
    arrays["empty"] = np.zeros((0, 3), np.float32)
    arrays["special"] = np.array([np.nan, np.inf, -np.inf, -0.0], np.float32)
    arrays["strided"] = np.arange(12, dtype=np.int16).reshape(3, 4)[:, ::2]
    return arrays


def test_every_type_and_shape_comes_back_in_order(tmp_path):
    arrays = sample()
    tensor_file.write(tmp_path / "a", arrays, {"note": {"é": [1, None, 2**63]}})
    found, info = tensor_file.read(tmp_path / "a")
    assert list(found) == list(arrays)
    assert info["note"] == {"é": [1, None, 2**63]}
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()


def test_safetensors_itself_reads_what_is_written(tmp_path):
    unknown = {"bfloat16", "float8_e4m3fn", "float8_e5m2", "int4"}  # its NumPy side has no such types, and int8 for one
    arrays = {name: a for name, a in sample().items() if name not in unknown}
    tensor_file.write(tmp_path / "a", arrays, {})
    found = safetensors.numpy.load_file(tmp_path / "a")
    assert found.keys() == arrays.keys()
    assert all(found[name].tobytes() == array.tobytes() for name, array in arrays.items())


def test_data_are_aligned(tmp_path):
    tensor_file.write(tmp_path / "a", {"byte": np.ones(3, np.int8), "double": np.ones(3)}, {})
    content = (tmp_path / "a").read_bytes()
    size = int.from_bytes(content[:8], "little")
    assert size % 8 == 0
    assert json.loads(content[8 : 8 + size])["double"]["data_offsets"][0] % 8 == 0


def test_files_of_other_programs_are_read(tmp_path):
    safetensors.numpy.save_file({"b": np.ones(2), "a": np.zeros((2, 2), np.int8)}, tmp_path / "a", {"format": "pt"})
    found, info = tensor_file.read(tmp_path / "a")
    assert sorted(found) == ["a", "b"]
    assert info == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"1234567", "starts with b'1234567'"),
        (b"PK\x03\x04" + b"\0" * 200, "starts with b'PK"),
        (b"\x80\x04\x95" + b"\0" * 200, "safetensors"),
        (b"\xff" * 100, "too large"),
        (b"\2\0\0\0\0\0\0\0{}junk", "safetensors"),
    ],
)
def test_foreign_files_are_named(tmp_path, content, words):
    (tmp_path / "foreign.ckpt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"foreign\.ckpt.*expected a whole safetensors file") as caught:
        tensor_file.read(tmp_path / "foreign.ckpt")
    assert words in str(caught.value)


@pytest.mark.parametrize("header", [b'{"a":' * 30_000 + b"1" + b"}" * 30_000, b"[" * 30_000])
def test_headers_that_nest_deeper_than_python_reads_are_refused(tmp_path, header):
    (tmp_path / "deep.ckpt").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CheckpointError, match=r"deep\.ckpt"):
        tensor_file.read(tmp_path / "deep.ckpt")


def test_metadata_that_nest_deeper_than_python_reads_are_refused(tmp_path):
    text = '{"a":' * 30_000 + "1" + "}" * 30_000
    metadata = {tensor_file._TEXT: text, tensor_file._CHECK: str(zlib.crc32(text.encode()))}
    header = json.dumps({"__metadata__": metadata}).encode()
    (tmp_path / "deep.ckpt").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CheckpointError, match=r"deep\.ckpt: got metadata"):
        tensor_file.read(tmp_path / "deep.ckpt")


def test_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"none\.ckpt: got no file"):
        tensor_file.read(tmp_path / "none.ckpt")


def test_unknown_element_type_is_named(tmp_path):
    header = b'{"w":{"dtype":"F8_E8M0","shape":[2],"data_offsets":[0,2]}}'
    (tmp_path / "a").write_bytes(len(header).to_bytes(8, "little") + header + b"\1\2")
    with pytest.raises(CheckpointError, match="tensor 'w' of type F8_E8M0, expected one of"):
        tensor_file.read(tmp_path / "a")


def small(path: Path) -> bytes:
    tensor_file.write(path, {"w": np.arange(3.0), "b": np.ones(2, np.int8)}, {"note": "abc"})
    return path.read_bytes()


def test_every_truncation_is_found(tmp_path):
    whole = small(tmp_path / "a")
    for size in range(len(whole)):
        (tmp_path / "a").write_bytes(whole[:size])
        with pytest.raises(CheckpointError, match="expected a whole safetensors file"):
            tensor_file.read(tmp_path / "a")
    (tmp_path / "a").write_bytes(whole[:-1])
    with pytest.raises(CheckpointError, match=f"{len(whole) - 1} bytes whose header tells of {len(whole)}"):
        tensor_file.read(tmp_path / "a")


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_no_flipped_bit_changes_what_is_read(tmp_path_factory, place, bit):
    path = tmp_path_factory.mktemp("flip") / "a"
    whole = bytearray(small(path))
    whole[place % len(whole)] ^= 1 << bit
    path.write_bytes(whole)
    try:
        found, info = tensor_file.read(path)
    except CheckpointError:
        return
    assert list(found) == ["w", "b"]  # a bit that no reader looks at: blanks, for example
    assert found["w"].tolist() == [0, 1, 2]
    assert found["b"].tolist() == [1, 1]
    assert info["note"] == "abc"


def test_hostile_metadata_give_an_error(tmp_path):
    import zlib

    for text in ("[1]", "{}", '{"version": 1, "tensors": 3}', '{"version": 99, "tensors": []}', "not JSON"):
        metadata = {"lamella": text, "lamella_crc32": str(zlib.crc32(text.encode()))}
        safetensors.numpy.save_file({"a": np.ones(1)}, tmp_path / "a", metadata)
        with pytest.raises(CheckpointError):
            tensor_file.read(tmp_path / "a")


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    small(tmp_path / "a")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        tensor_file.write(tmp_path / "a", {"w": np.zeros(3)}, {})
    assert os.listdir(tmp_path) == ["a"]
    assert tensor_file.read(tmp_path / "a")[0]["w"].tolist() == [0, 1, 2]


def test_file_behind_a_link_is_replaced(tmp_path):
    small(tmp_path / "target")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    tensor_file.write(tmp_path / "link", {"w": np.zeros(3)}, {})
    assert (tmp_path / "link").is_symlink()
    assert tensor_file.read(tmp_path / "target")[0]["w"].tolist() == [0, 0, 0]


def test_file_has_the_ordinary_permissions(tmp_path):
    (tmp_path / "other").touch()
    small(tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)


def test_leftovers_of_killed_writers_are_removed_when_old(tmp_path):
    old, fresh = tmp_path / ".a.1234.tmp", tmp_path / ".a.5678.tmp"
    old.touch()
    fresh.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    small(tmp_path / "a")
    assert sorted(os.listdir(tmp_path)) == [".a.5678.tmp", "a"]


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from lamella.train import tensor_file
place, path = sys.argv[1], Path(sys.argv[2])
if place == "random":
    print("ready", flush=True)
    n = 0
    while True:
        n += 1
        tensor_file.write(path, {"w": np.full(300_000, n, np.float32), "v": np.full(1000, n)}, {"n": n})
else:
    setattr(os, place, lambda *a: os.kill(os.getpid(), signal.SIGKILL))
tensor_file.write(path, {"w": np.zeros(3), "v": np.ones(100)}, {})
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("place", ["fsync", "replace"])
def test_kill_before_the_end_leaves_the_old_file(tmp_path, place):
    small(tmp_path / "a")
    code = subprocess.run([sys.executable, "-c", KILLED, place, str(tmp_path / "a")], check=False).returncode
    assert code == -signal.SIGKILL
    found, info = tensor_file.read(tmp_path / "a")
    assert found["w"].tolist() == [0, 1, 2]
    assert info["note"] == "abc"


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_kill_at_any_time_leaves_one_whole_file(tmp_path):
    rng = np.random.default_rng()
    written = set()
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, "random", str(tmp_path / "a")], stdout=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.readline()
        while not (tmp_path / "a").exists():
            time.sleep(0.001)
        time.sleep(rng.random() * 0.1)
        process.kill()
        process.wait()
        process.stdout.close()
        found, info = tensor_file.read(tmp_path / "a")
        assert (found["w"] == info["n"]).all()
        assert (found["v"] == info["n"]).all()
        written.add(info["n"])
    assert written
