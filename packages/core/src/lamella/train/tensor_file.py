"""The file format of checkpoints: safetensors, replaced atomically, with checksums.

A file is a header and the bytes of the tensors (https://huggingface.co/docs/safetensors): reading one runs no code, and
any program that reads safetensors reads it. Its metadata carry a JSON text of ours: the order of the tensors, a
checksum of each, and what else the caller wants kept; and the checksum of that text. Integers of 4 bits, which
safetensors has no type for, lie in the file as integers of 8 bits, and complex numbers, which not every version has, as
their two parts along a last axis; the text says of which tensors that is true.
"""

from __future__ import annotations

import glob
import json
import os
import secrets
import time
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import safetensors

from lamella import dtypes
from lamella.errors import CheckpointError, explain

Array = np.ndarray[Any, Any]

CODES: Final[dict[str, dtypes.DType]] = {
    "BOOL": dtypes.bool_, "I8": dtypes.int8, "I16": dtypes.int16, "I32": dtypes.int32, "I64": dtypes.int64,
    "U8": dtypes.uint8, "U16": dtypes.uint16, "U32": dtypes.uint32, "U64": dtypes.uint64,
    "F16": dtypes.float16, "BF16": dtypes.bfloat16, "F32": dtypes.float32, "F64": dtypes.float64,
    "C64": dtypes.complex64, "F8_E4M3": dtypes.float8_e4m3fn, "F8_E5M2": dtypes.float8_e5m2,
}  # fmt: skip
_CODE_OF: Final = {dtype.numpy: code for code, dtype in CODES.items()}

_STORED_AS: Final = {
    dtypes.int4: dtypes.int8,
    dtypes.uint4: dtypes.uint8,
    dtypes.complex64: dtypes.float32,
    dtypes.complex128: dtypes.float64,
}

_TEXT, _CHECK = "lamella", "lamella_crc32"  # names of our two entries in the metadata
_VERSION: Final = 1
_ABANDONED_SECONDS: Final = 3600  # a temporary file not written to for so long was left by a killed process


def write(file: Path, arrays: Mapping[str, Array], info: Mapping[str, Any]) -> None:
    """Put the arrays into a file, which holds the old content or the new one, whole, whatever happens meanwhile.

    Args:
        file: where; a file that is there is replaced.
        arrays: by name, contiguous, in types that tensors have.
        info: JSON values to keep with them.
    """
    narrow = {name: dtypes.BY_NUMPY[array.dtype] for name, array in arrays.items()}
    narrow = {name: dtype for name, dtype in narrow.items() if dtype in _STORED_AS}
    arrays = {name: _stored(array, narrow[name]) if name in narrow else array for name, array in arrays.items()}
    # Large items first, as safetensors' own writer has it: then all data are aligned.
    stored = sorted(arrays.items(), key=lambda entry: -entry[1].itemsize)
    table: dict[str, Any] = {}
    end = 0
    for name, array in stored:
        start, end = end, end + array.nbytes
        shape = list(array.shape)
        table[name] = {"dtype": _CODE_OF[array.dtype], "shape": shape, "data_offsets": [start, end]}
    checks = [[name, _checksum(_CODE_OF[a.dtype], a.shape, _bytes(a))] for name, a in arrays.items()]
    told = {"narrow": {name: dtype.name for name, dtype in narrow.items()}} if narrow else {}
    text = json.dumps({"version": _VERSION, "tensors": checks, **told, **info})
    metadata = {_TEXT: text, _CHECK: str(zlib.crc32(text.encode()))}
    header = json.dumps({"__metadata__": metadata, **table}).encode()
    header += b" " * (-len(header) % 8)
    _replace(file, [len(header).to_bytes(8, "little"), header, *(_bytes(array) for _, array in stored)])


def read(file: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays of a file in the order in which they were given, and the info; none from other programs' files.

    Raises:
        CheckpointError: there is no such file, it is damaged, or something else.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise _error(file, "no file", "a checkpoint there") from None
    try:
        found = dict(safetensors.deserialize(content))  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise _error(file, _what_is_wrong(content, error), "a whole safetensors file") from None
    arrays = {name: _array(file, name, entry) for name, entry in found.items()}
    metadata: dict[str, str] = _header(content).get("__metadata__") or {}
    if _TEXT not in metadata and _CHECK not in metadata:
        return arrays, {}  # written by another program
    text = metadata.get(_TEXT, "")
    if metadata.get(_CHECK) != str(zlib.crc32(text.encode())):
        raise _error(file, "metadata that do not fit their checksum", "the text that was saved")
    try:
        info = json.loads(text)
        version, checks = info["version"], dict(info["tensors"])
    except (ValueError, TypeError, KeyError, RecursionError):  # JSON may nest deeper than Python reads it
        raise _error(file, f"metadata {text!r:.80}", "the text that was saved") from None
    if version != _VERSION:
        raise _error(file, f"format version {version}", f"version {_VERSION}", "Update lamella-core.")
    if checks.keys() != arrays.keys():
        raise _error(file, "other tensors than its metadata name", "the tensors that were saved")
    for name, check in checks.items():
        if _checksum(found[name]["dtype"], found[name]["shape"], found[name]["data"]) != check:
            raise _error(file, f"data of tensor {name!r} that do not fit their checksum", "the data that were saved")
    for name, dtype_name in info.pop("narrow", {}).items():
        dtype = dtypes.BY_NAME[dtype_name]
        arrays[name] = arrays[name].view(dtype.numpy)[..., 0] if dtype.is_complex else arrays[name].astype(dtype.numpy)
    return {name: arrays[name] for name in checks}, info


def _stored(array: Array, dtype: dtypes.DType) -> Array:
    """Numbers of a type that the format lacks, in the one that stands for it."""
    held = _STORED_AS[dtype].numpy
    return np.ascontiguousarray(array[..., None]).view(held) if dtype.is_complex else array.astype(held)


def _bytes(array: Array) -> memoryview:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _checksum(code: str, shape: Iterable[int], data: Any) -> int:
    return zlib.crc32(data, zlib.crc32(f"{code}{list(shape)}".encode()))


def _array(file: Path, name: str, entry: dict[str, Any]) -> Array:
    dtype = CODES.get(entry["dtype"])
    if dtype is None:
        expected = f"one of {', '.join(CODES)}"
        raise _error(file, f"tensor {name!r} of type {entry['dtype']}", expected)
    return np.frombuffer(entry["data"], dtype.numpy).reshape(entry["shape"])


def _header(content: bytes) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return result


def _what_is_wrong(content: bytes, error: Exception) -> str:
    """Words for a file that is not one of ours, told apart from one of ours that is cut off."""
    if not content:
        return "an empty file"
    try:
        end = max(entry["data_offsets"][1] for name, entry in _header(content).items() if name != "__metadata__")
        whole = 8 + int.from_bytes(content[:8], "little") + end
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return f"a file of {len(content)} bytes that starts with {content[:8]!r} ({error})"
    return f"a file of {len(content)} bytes whose header tells of {whole}"


def _error(file: Path, given: str, expected: str, remedy: str = "") -> CheckpointError:
    return CheckpointError(explain(f"checkpoint {file}", given=given, expected=expected, remedy=remedy))


def _replace(file: Path, chunks: Iterable[bytes | memoryview]) -> None:
    """Write a file beside the other, bring it to the disk, and only then give it the name."""
    file = file.resolve()  # of a link, the file that it names is replaced
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if os.name == "posix":  # elsewhere folders cannot be opened
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    for leftover in file.parent.glob(f".{glob.escape(file.name)}.*.tmp"):
        with suppress(OSError):  # another process removed it first
            if time.time() - leftover.stat().st_mtime > _ABANDONED_SECONDS:
                leftover.unlink()
