"""Graphs: typed programs as data. How one is built, printed, checked, run and taken apart.

graph      Graph, Node, Value
tracing    from a Python function to a graph
program    a traced function that runs; staging: functions that run as compiled graphs
pipeline   passes over graphs; rewriting: passes made of local rules
drawing    a graph as a picture
printer    a graph as text; parser: and back
verifier   whether a graph is well-formed
interpret  running a graph on an engine; execute: with NumPy
analysis   lifetimes and aliases
registry   what plugins add; files
partition  cutting a graph where a backend lacks a primitive
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lamella.ir.printer import print_graph

if TYPE_CHECKING:
    from lamella.dims import Dim
    from lamella.ir.analysis import aliases, lifetimes
    from lamella.ir.graph import Graph, Location, Node, Value
    from lamella.ir.parser import parse_graph
    from lamella.ir.partitioning import Segment, legalize, partition
    from lamella.ir.registry import IrRegistry, load, save
    from lamella.ir.staging import Staged, staged
    from lamella.ir.tracing import build
    from lamella.ir.verifier import verify
    from lamella.types import TOKEN, TensorType, TokenType

# The engines import `ir.graph`, and `ir.build` imports the engines: names are resolved on first use.
_HOMES = {
    "lamella.dims": ("Dim",),
    "lamella.types": ("TOKEN", "TensorType", "TokenType"),
    "lamella.ir.analysis": ("aliases", "lifetimes"),
    "lamella.ir.tracing": ("build",),
    "lamella.ir.graph": ("Graph", "Location", "Node", "Value"),
    "lamella.ir.parser": ("parse_graph",),
    "lamella.ir.partitioning": ("Segment", "legalize", "partition"),
    "lamella.ir.registry": ("IrRegistry", "load", "save"),
    "lamella.ir.staging": ("Staged", "staged"),
    "lamella.ir.verifier": ("verify",),
}

__all__ = [
    "TOKEN",
    "Dim",
    "Graph",
    "IrRegistry",
    "Location",
    "Node",
    "Segment",
    "Staged",
    "TensorType",
    "TokenType",
    "Value",
    "aliases",
    "build",
    "legalize",
    "lifetimes",
    "load",
    "parse_graph",
    "partition",
    "print_graph",
    "save",
    "staged",
    "verify",
]


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(module), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
