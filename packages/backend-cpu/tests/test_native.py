"""Compiling, linking, unloading; the cache of object code on disk."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from lamella import context
from lamella_cpu.host import host
from lamella_cpu.runtime import native, object_cache
from lamella_cpu.runtime.object_cache import load_or_make


def adding(number: int) -> str:
    """A module with one function, which adds a number."""
    return f"define i64 @add(i64 %x) {{\n  %y = add i64 %x, {number}\n  ret i64 %y\n}}\n"


def call(code: native.Native, argument: int, name: str = "add") -> int:
    return ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address(name))(argument)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv(object_cache.VARIABLE, str(folder))
    return folder


def test_functions_are_called() -> None:
    assert call(native.compile_module(adding(3), "three"), 4) == 7


def test_modules_of_one_name_live_side_by_side() -> None:
    codes = [native.compile_module(adding(i), "same") for i in range(5)]
    assert [call(code, 10) for code in codes] == [10, 11, 12, 13, 14]


def test_functions_from_outside_are_found_by_name() -> None:
    told: list[int] = []
    hear = ctypes.CFUNCTYPE(None, ctypes.c_int64)(told.append)
    address = ctypes.cast(hear, ctypes.c_void_p).value
    assert address is not None
    native.provide("test_hear", address)
    text = """
    declare void @test_hear(i64)
    declare i64 @labs(i64)
    define i64 @add(i64 %x) {
      %y = call i64 @labs(i64 %x)
      call void @test_hear(i64 %y)
      ret i64 ptrtoint (ptr @test_hear to i64)
    }
    """
    assert call(native.compile_module(text, "calls"), -5) == address
    assert told == [5]


def test_a_function_that_is_not_there_is_named() -> None:
    text = (
        "declare void @nowhere_to_be_found()\ndefine void @f() {\n  call void @nowhere_to_be_found()\n  ret void\n}\n"
    )
    with pytest.raises(RuntimeError, match=r"'calls' uses functions that are not there: \['nowhere_to_be_found'\]"):
        native.compile_module(text, "calls")


@pytest.mark.parametrize("text", ["define nonsense", "define i64 @f() {\n  ret i32 0\n}", "define void @f() {\n}"])
def test_invalid_text_is_refused(text: str) -> None:
    with pytest.raises(RuntimeError, match="'broken' is no valid LLVM IR"):
        native.compile_module(text, "broken")


def test_an_unknown_function_has_no_address() -> None:
    with pytest.raises(KeyError):
        native.compile_module(adding(1), "one").address("subtract")


def test_internal_functions_are_not_exported() -> None:
    text = adding(1) + adding(2).replace("define i64 @add", "define internal i64 @hidden")
    with pytest.raises(KeyError):
        native.compile_module(text, "two").address("hidden")


def test_code_is_unloaded_with_its_last_reference() -> None:
    kept = native.compile_module(adding(0), "kept")
    for number in range(200):
        assert call(native.compile_module(adding(number % 3), "gone"), 1) == 1 + number % 3
    gc.collect()
    assert call(kept, 5) == 5


def test_threads_compile_at_once() -> None:
    results: dict[int, int] = {}

    def compile_some(first: int) -> None:
        for number in range(first, first + 10):
            results[number] = call(native.compile_module(adding(number), "thread"), 1000)

    threads = [threading.Thread(target=compile_some, args=(10 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: 1000 + number for number in range(40)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_the_child_of_a_fork_compiles() -> None:
    stop = threading.Event()

    def keep_compiling() -> None:
        number = 0
        while not stop.is_set():
            native.compile_module(adding(number), "busy")
            number += 1

    thread = threading.Thread(target=keep_compiling)
    thread.start()
    try:
        for _ in range(20):
            child = os.fork()
            if child == 0:
                os._exit(call(native.compile_module(adding(1), "child"), 1))
            deadline = time.monotonic() + 20
            while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0) and time.monotonic() < deadline:
                time.sleep(0.002)
            if ended == (0, 0):
                os.kill(child, 9)
                os.waitpid(child, 0)
            assert ended[0] == child and os.waitstatus_to_exitcode(ended[1]) == 2
    finally:
        stop.set()
        thread.join()


def test_the_second_compilation_reads_the_first_ones_file(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    native.compile_module(adding(5), "five")
    (file,) = cache.iterdir()
    monkeypatch.setattr(native, "object_code", lambda *_: pytest.fail("compiled again"))
    assert call(native.compile_module(adding(5), "other name"), 1) == 6
    assert list(cache.iterdir()) == [file]


@pytest.mark.parametrize("damage", ["cut", "empty", "flip", "replace"])
def test_a_damaged_file_is_replaced(cache: Path, damage: str) -> None:
    native.compile_module(adding(6), "six")
    (file,) = cache.iterdir()
    good = file.read_bytes()
    bad = {"cut": good[:-7], "empty": b"", "flip": good[:-1] + bytes([good[-1] ^ 1]), "replace": b"nonsense" * 99}
    file.write_bytes(bad[damage])
    assert call(native.compile_module(adding(6), "six"), 1) == 7
    assert file.read_bytes() == good


def test_text_and_processor_decide_the_file(cache: Path) -> None:
    native.compile_module(adding(7), "seven")
    native.compile_module(adding(8), "eight")
    lesser = native.Host(**{**vars(host()), "features": ""})
    native.compile_module(adding(7), "seven", lesser)
    assert len(list(cache.iterdir())) == 3


def test_files_hold_no_address_of_this_process(cache: Path) -> None:
    text = "declare i64 @labs(i64)\ndefine i64 @add(i64 %x) {\n  %y = call i64 @labs(i64 %x)\n  ret i64 %y\n}\n"
    code = native.compile_module(text, "calls")
    (file,) = cache.iterdir()
    assert code.address("add").to_bytes(8, "little")[:6] not in file.read_bytes()


def test_settings_choose_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(object_cache.VARIABLE, "from the environment")
    chosen = context.settings.model_copy(
        update={"enable_compile_cache": True, "compile_cache_path": str(tmp_path / "chosen")}
    )
    monkeypatch.setattr(context, "settings", chosen)
    assert object_cache.folder() == tmp_path / "chosen"
    native.compile_module(adding(9), "nine")
    assert len(list((tmp_path / "chosen").iterdir())) == 1


def test_the_environment_chooses_the_folder_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(object_cache.VARIABLE, "somewhere")
    assert object_cache.folder() == Path("somewhere")
    monkeypatch.setenv(object_cache.VARIABLE, "")
    assert object_cache.folder() is None
    assert call(native.compile_module(adding(10), "ten"), 1) == 11
    monkeypatch.delenv(object_cache.VARIABLE)
    folder = object_cache.folder()
    assert folder is not None
    assert folder.parent.name == "lamella"


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    monkeypatch.setenv(object_cache.VARIABLE, str(file))
    object_cache._warn.cache_clear()
    with pytest.warns(UserWarning, match="the compile cache: got .* set LAMELLA_CACHE_DIR"):
        assert call(native.compile_module(adding(11), "eleven"), 1) == 12
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert call(native.compile_module(adding(12), "twelve"), 1) == 13


def test_the_folder_does_not_outgrow_its_limit(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_cache, "LIMIT", 100_000)
    monkeypatch.setattr(object_cache, "_SWEEP", 1)
    for number in range(20):
        load_or_make(str(number), host(), lambda: bytes(10_000))
        (newest,) = (p for p in cache.iterdir() if p.name == f"{object_cache._key(str(number), host())}.o")
        os.utime(newest, (number, number))
    left = {path.name for path in cache.iterdir()}
    assert sum(path.stat().st_size for path in cache.iterdir()) <= 100_000
    assert f"{object_cache._key('18', host())}.o" in left
    assert f"{object_cache._key('0', host())}.o" not in left


def test_abandoned_drafts_are_swept_away(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_cache, "_SWEEP", 1)
    cache.mkdir()
    for name, age in (("old.draft", 7200), ("new.draft", 0), ("other", 7200)):
        (cache / name).touch()
        os.utime(cache / name, (time.time() - age,) * 2)
    load_or_make("text", host(), lambda: b"code")
    assert {path.name for path in cache.iterdir() if path.suffix != ".o"} == {"new.draft", "other"}


def test_what_is_used_stays(cache: Path) -> None:
    load_or_make("text", host(), lambda: b"code")
    (file,) = cache.iterdir()
    os.utime(file, (1, 1))
    load_or_make("text", host(), lambda: b"code")
    assert file.stat().st_mtime > 1


def test_nothing_is_left_of_a_failed_compilation(cache: Path) -> None:
    with pytest.raises(RuntimeError):
        native.compile_module("define nonsense", "broken")
    assert not cache.exists() or not list(cache.iterdir())


SHARING = """
import hashlib, sys
from lamella_cpu.runtime import object_cache
from lamella_cpu.host import host
object_cache._SWEEP, object_cache.LIMIT = 3, 200_000
for turn in range(60):
    text = str((turn * 7 + int(sys.argv[1])) % 12)
    content = hashlib.sha256(text.encode()).digest() * 1000
    assert object_cache.load_or_make(text, host(), lambda: content) == content
"""


def test_processes_share_a_folder(cache: Path) -> None:
    processes = [subprocess.Popen([sys.executable, "-W", "error", "-c", SHARING, str(seed)]) for seed in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert list(cache.glob("*.o"))
    assert not list(cache.glob("*.draft"))
