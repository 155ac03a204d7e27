"""Object code on disk, so that a later process need not compile what an earlier one did.

One file per module, named after everything that decides its content: the IR, the versions of the tools, the processor.
A file begins with a checksum of the rest; one that does not fit is as good as none. Files are written beside their
place and moved into it, so that no process sees half of one. When they take too much room, those go that were used
least recently.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm
import platformdirs

from lamella import context
from lamella.errors import explain
from lamella_cpu.host import Host

VARIABLE = "LAMELLA_CACHE_DIR"
LIMIT = 512 << 20  # bytes that the files of a folder may take together

_DIGEST = 32
_SWEEP = 64  # files written between two looks at how much room they take
_ABANDONED = 3600  # seconds after which a draft is taken for one of a process that ended
_written = 0


def folder() -> Path | None:
    """Where object code is kept; None where it is not.

    `set_context(enable_compile_cache=True, compile_cache_path=...)` decides, else the environment variable
    LAMELLA_CACHE_DIR, which if empty turns the cache off, else the platform's folder for caches.
    """
    settings = context.settings
    if settings.enable_compile_cache:
        return Path(settings.compile_cache_path)
    named = os.environ.get(VARIABLE)
    if named is None:
        return platformdirs.user_cache_path("lamella") / "cpu"
    return Path(named) if named else None


def load_or_make(text: str, target: Host, make: Callable[[], bytes]) -> bytes:
    """The object code of a module: from disk, or made and then kept there.

    Args:
        text: the IR.
        target: the processor that it is compiled for.
        make: compiles it.
    """
    place = folder()
    if place is None:
        return make()
    path = place / f"{_key(text, target)}.o"
    code = _load(path)
    if code is None:
        code = make()
        _keep(path, code)
    return code


def _key(text: str, target: Host) -> str:
    parts = (text, target.triple, target.cpu, target.features, *_versions())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _versions() -> tuple[str, ...]:
    return version("lamella-backend-cpu"), llvmlite.__version__, *map(str, llvm.llvm_version_info)


def _load(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
        if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
            return None
        os.utime(path)
    except OSError:
        return None
    return content[_DIGEST:]


def _keep(path: Path, code: bytes) -> None:
    global _written
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(code).digest() + code)
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
        if _written % _SWEEP == 0:
            _sweep(path.parent)
        _written += 1
    except OSError as error:
        _warn(path.parent, str(error))


@cache
def _warn(place: Path, problem: str) -> None:
    """Say once that a folder cannot be used."""
    remedy = f"Code is compiled anew by each process; set {VARIABLE} to another folder, or to nothing to have no cache."
    message = explain("the compile cache", given=problem, expected=f"to write into {place}", remedy=remedy)
    warnings.warn(message, stacklevel=2)


def _sweep(place: Path) -> None:
    """Delete drafts that were given up; and what was used least recently, until a quarter of the room is free."""
    files = []
    for entry in os.scandir(place):
        try:
            status = entry.stat()
        except FileNotFoundError:  # another process swept it away
            continue
        if entry.name.endswith(".o"):
            files.append((status.st_mtime, status.st_size, entry.path))
        elif entry.name.endswith(".draft") and status.st_mtime < time.time() - _ABANDONED:
            Path(entry.path).unlink(missing_ok=True)
    room = sum(size for _, size, _ in files)
    if room <= LIMIT:
        return
    for _, size, path in sorted(files):
        Path(path).unlink(missing_ok=True)
        room -= size
        if room <= LIMIT * 3 // 4:
            return
