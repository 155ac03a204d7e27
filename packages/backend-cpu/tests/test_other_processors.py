"""Kernels for processors that are not at hand compile, and call nothing that they should not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import llvmlite.binding as llvm
import pytest

from lamella.codegen.llvm import INDEX, Function, Module
from lamella.codegen.philox import emit_random_bits
from lamella.dtypes import float32
from lamella_cpu.accuracy import FUNCTIONS, PAIRS
from lamella_cpu.host import Host, host
from lamella_cpu.kernels.contraction import Contraction, emit, tile
from lamella_cpu.kernels.sorting import emit_sort
from lamella_cpu.kernels.transpose import emit_copy
from lamella_cpu.runtime import pool
from lamella_cpu.runtime.native import assembly

ARM = replace(host(), triple="aarch64-unknown-linux-gnu", cpu="neoverse-n1", features="", vector_bits=128, registers=32)
PRODUCT = Contraction("float", ((512, 784, 64),), 64, ((784, 1, 64),))

WRITERS: dict[str, Callable[[Module, Host], object]] = {
    "product": lambda module, target: emit(module, "kernel", PRODUCT, target),
    "odd product": lambda module, target: emit(module, "kernel", PRODUCT._replace(columns=37), target),
    "one column": lambda module, target: emit(module, "kernel", PRODUCT._replace(columns=1), target),
    "transpose": lambda module, target: emit_copy(module, "kernel", "float", [(65, 66, 1), (66, 1, 65)], target),
    "random bits": lambda module, target: emit_random_bits(module, "kernel", target.lanes(INDEX)),
    "sort": lambda module, target: emit_sort(module, "kernel", float32, 100, False),
}


@pytest.fixture(autouse=True, scope="module")
def _other_targets() -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()


def called(text: str) -> set[str]:
    """The functions that code for 64-bit ARM calls."""
    return set(re.findall(r"\bbl?\s+([A-Za-z]\w*)$", text, re.MULTILINE))


@pytest.mark.parametrize("name", list(WRITERS))
def test_kernels_call_nothing(name: str) -> None:
    module = Module(name)
    WRITERS[name](module, ARM)
    module.functions["kernel"] = module.functions["kernel"].replace("internal ", "")
    assert not called(assembly(str(module), ARM))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_call_no_library(name: str) -> None:
    module = Module(name)
    f = Function(module, "run", ["ptr", "ptr"], external=True)
    x = f.load("<4 x float>", f.parameters[0])
    f.store(FUNCTIONS[name](f, *[x] * (2 if name in PAIRS else 1)), f.parameters[1])
    f.ret()
    f.finish()
    assert called(assembly(str(module), ARM)) <= {"reduce_large_float", "reduce_large_double"}


def test_a_tile_uses_registers_only() -> None:
    module = Module("product")
    emit(module, "kernel", PRODUCT, ARM)
    module.functions["kernel"] = module.functions["kernel"].replace("internal ", "")
    text = assembly(str(module), ARM)
    height, width = tile(PRODUCT, ARM)
    assert text.count("fmla") >= height * width
    assert not re.search(r"\bfmla\b[^\n]*\n[^\n]*\bstr\s+q\d+, \[sp", text)


@pytest.mark.parametrize("futex", [True, False])
def test_the_pool_is_made_of_atomic_instructions(futex: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool.platform, "machine", lambda: "aarch64")
    text = assembly(pool._text(futex), ARM)
    assert "isb" in text
    assert ("syscall" in text) is futex
    assert re.search(r"swpal?\s", text) and re.search(r"ldaddal\s", text)
