"""What is found out about the processor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lamella_cpu import host as module
from lamella_cpu.host import host
from lamella_cpu.runtime.native import assembly

WIDE = """
define void @f(ptr %x) {
  %v = load <16 x float>, ptr %x, align 4
  %w = fadd <16 x float> %v, %v
  store <16 x float> %w, ptr %x, align 4
  ret void
}
"""


def test_the_host_is_described_completely() -> None:
    here = host()
    assert here is host()
    assert here.vector_bits in (128, 256, 512)
    assert here.registers in (16, 32)
    assert 8 << 10 <= here.l1_bytes <= here.l2_bytes <= here.l3_bytes
    assert here.cores >= 1
    assert here.lanes("float") * 32 == here.lanes("double") * 64 == here.lanes("i8") * 8 == here.vector_bits


def test_vectors_of_the_host_fit_one_register() -> None:
    if host().vector_bits == 512:
        assert "zmm" in assembly(WIDE)
        assert "ymm" not in assembly(WIDE)


@pytest.mark.parametrize(
    ("has", "bits", "registers"),
    [
        ({}, 128, 16),
        ({"avx2": True}, 128, 16),
        ({"avx2": True, "fma": True}, 256, 16),
        ({"avx2": True, "fma": True, "avx512f": True}, 256, 16),
        (dict.fromkeys(("avx2", "fma", "avx512f", "avx512vl", "avx512bw", "avx512dq"), True), 512, 32),
    ],
)
def test_features_decide_the_vectors(
    has: dict[str, bool], bits: int, registers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_features", lambda: has)
    monkeypatch.setattr(module.platform, "machine", lambda: "x86_64")
    found = host.__wrapped__()
    assert (found.vector_bits, found.registers) == (bits, registers)


def test_arm_has_more_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_features", lambda: {"neon": True})
    monkeypatch.setattr(module.platform, "machine", lambda: "arm64")
    found = host.__wrapped__()
    assert (found.vector_bits, found.registers) == (128, 32)


def test_what_the_system_does_not_say_is_assumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CACHES", tmp_path / "nowhere")
    monkeypatch.setattr(module.platform, "system", lambda: "Other")
    assert module._cache_sizes() == (32 << 10, 512 << 10, 512 << 10)


def test_sizes_of_caches_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [("1", "Data", "48K"), ("1", "Instruction", "32K"), ("2", "Unified", "2048K"), ("3", "Unified", "16M")]
    for i, texts in enumerate([*listed, ("x", "Data", "?")]):
        (tmp_path / f"index{i}").mkdir()
        for name, text in zip(("level", "type", "size"), texts, strict=True):
            (tmp_path / f"index{i}" / name).write_text(text + "\n")
    (tmp_path / "index9").mkdir()
    monkeypatch.setattr(module, "_CACHES", tmp_path)
    assert module._cache_sizes() == (48 << 10, 2 << 20, 16 << 20)


def test_hosts_can_be_imagined() -> None:
    assert replace(host(), vector_bits=256).lanes("float") == 8
