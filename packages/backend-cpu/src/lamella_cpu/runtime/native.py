"""Native code: LLVM IR in, addresses of functions out.

Text is compiled to object code (or found in the cache on disk), linked with the functions it names, and stays loaded
as long as its `LoadedCode` lives. The code is position independent and has no address of this process in it, so that
any later process can use it: what it needs from outside it finds by name.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
import threading
from collections.abc import Callable
from functools import cache

import llvmlite.binding as llvm

from lamella_cpu.host import Host, host
from lamella_cpu.runtime import object_cache

# 2 is LLVM's "default"; code generation makes hardly a difference above 0.
_OPTIMIZATION = 2

_EXPORTED = re.compile(r"^\s*define (?!internal |private )[^@\n]*@([\w.$-]+)\(", re.MULTILINE)
_DECLARED = re.compile(r"^\s*declare [^@\n]*@(?!llvm\.)([\w.$-]+)\(", re.MULTILINE)

# LLVM works for one thread at a time. A fork waits for it, so that the child does not find it taken for ever.
_llvm = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_llvm.acquire, after_in_parent=_llvm.release, after_in_child=_llvm.release)

_numbers = itertools.count()
_symbols: dict[str, int] = {}


class LoadedCode:
    """Compiled code, loaded; it is unloaded when its last reference goes.

    Attributes:
        name: the module's name, for people.
    """

    def __init__(self, name: str, loaded: llvm.ResourceTracker) -> None:
        self.name = name
        self._loaded = loaded

    def address(self, function: str) -> int:
        """Where a function begins that is seen from outside the module.

        Raises:
            KeyError: the module exports no such function.
        """
        return self._loaded[function]

    def __del__(self, lock: threading.RLock = _llvm, ending: Callable[[], bool] = sys.is_finalizing) -> None:
        if not ending():  # else the process takes the code with it, and llvmlite may be gone
            with lock:
                self._loaded.close()

    def __repr__(self) -> str:
        return f"<LoadedCode {self.name}>"


def compile_module(text: str, name: str, target: Host | None = None) -> LoadedCode:
    """Compile a module and load it. May be called from any thread.

    Args:
        text: LLVM IR in final form: no optimization pass runs over it. Functions that it declares are those of the C
            library and those given to `provide`.
        name: for people.
        target: the processor to write code for; by default this one.

    Raises:
        RuntimeError: the text is no valid IR, or it uses a function that is not there.

    Examples:
        >>> import ctypes
        >>> native = compile_module("define i64 @twice(i64 %x) { %y = shl i64 %x, 1 ret i64 %y }", "example")
        >>> ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(native.address("twice"))(21)
        42
    """
    target = target or host()
    code = object_cache.load_or_make(text, target, lambda: object_code(text, name, target))
    exported = _EXPORTED.findall(text)
    library = llvm.JITLibraryBuilder().add_object_img(code).add_current_process()
    for symbol in exported:
        library.export_symbol(symbol)
    for symbol, address in list(_symbols.items()):
        if f"@{symbol}" in text and symbol not in exported:
            library.import_symbol(symbol, address)
    with _llvm:
        try:
            return LoadedCode(name, library.link(_linker(), f"{name}.{next(_numbers)}"))
        except RuntimeError as error:
            unknown = [s for s in _DECLARED.findall(text) if s not in _symbols and llvm.address_of_symbol(s) is None]
            raise RuntimeError(f"module {name!r} uses functions that are not there: {unknown} ({error})") from None


def provide(symbol: str, address: int) -> None:
    """Let modules compiled from now on use a function, or other memory, by name.

    Args:
        symbol: the name that they declare.
        address: where it is, as long as the process lives.
    """
    _symbols[symbol] = address


def assembly(text: str, target: Host | None = None) -> str:
    """The machine code of a module, readable.

    Args:
        text: LLVM IR.
        target: the processor to write code for; by default this one.
    """
    target = target or host()
    with _llvm:
        machine = _machine(target)
        return machine.emit_assembly(_parsed(text, "assembly", target, machine))


def object_code(text: str, name: str, target: Host) -> bytes:
    """An object file of a module, for any processor.

    Args:
        text: LLVM IR.
        name: for people.
        target: the processor to write code for.

    Raises:
        RuntimeError: the text is no valid IR.
    """
    with _llvm:
        machine = _machine(target)
        return machine.emit_object(_parsed(text, name, target, machine))


def _parsed(text: str, name: str, target: Host, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    try:
        # A context of its own: what LLVM makes for a module goes with it, and threads do not meet.
        module = llvm.parse_assembly(text, context=llvm.create_context())
        module.triple = target.triple
        module.data_layout = str(machine.target_data)
        module.verify()
    except RuntimeError as error:
        raise RuntimeError(f"module {name!r} is no valid LLVM IR: {error}") from None
    return module


@cache
def _machine(target: Host) -> llvm.TargetMachine:
    _start_all() if target != host() else _start()
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=_OPTIMIZATION, reloc="pic", codemodel="small", jit=True
    )


@cache
def _linker() -> llvm.LLJIT:
    _start()
    return llvm.create_lljit_compiler(use_jit_link=True, suppress_errors=True)


@cache
def _start() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


@cache
def _start_all() -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
