"""Lamella: the compiler."""

from importlib.metadata import version

from lamella_compiler.jit import jit

__all__ = ["jit"]
__version__ = version("lamella-compiler")
