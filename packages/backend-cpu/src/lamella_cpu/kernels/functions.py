"""What kernels ask of the module that is being written: one function for all that need the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Protocol

from lamella.codegen.llvm import Module
from lamella_cpu.host import Host
from lamella_cpu.kernels.contraction import Contraction


class Functions(Protocol):
    """The functions of a module, by what they do."""

    @property
    def module(self) -> Module:
        """Where they are written."""
        ...

    @property
    def host(self) -> Host:
        """The processor that they are for."""
        ...

    def function(self, key: Hashable, name: str, write: Callable[[str], object]) -> str:
        """The name of a function, or other part of the module, that does something; written if it is not there.

        Args:
            key: what it does.
            name: how its name begins.
            write: writes it, under a name.
        """
        ...

    def contraction(self, spec: Contraction) -> str:
        """The name of the function `void(ptr A, ptr B, ptr C)` of a contraction."""
        ...
