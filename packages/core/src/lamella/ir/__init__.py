"""Graphs: typed programs as data. How one is built, printed, checked, run and taken apart.

    graph      Graph, Node, Value
    build      from a Python function to a graph
    staged     functions that run as compiled graphs
    printer    a graph as text; parser: and back
    verifier   whether a graph is well-formed
    interpret  running a graph on an engine; execute: with NumPy
    analysis   lifetimes and aliases
    partition  cutting a graph where a backend lacks a primitive
"""

from lamella.dims import Dim
from lamella.ir.analysis import aliases, lifetimes
from lamella.ir.build import build
from lamella.ir.graph import Graph, Location, Node, Value
from lamella.ir.parser import parse_graph
from lamella.ir.partition import legalize, partition
from lamella.ir.printer import print_graph
from lamella.ir.staged import Staged, staged
from lamella.ir.verifier import verify
from lamella.types import TOKEN, TensorType, TokenType

__all__ = [
    "TOKEN",
    "Dim",
    "Graph",
    "Location",
    "Node",
    "Staged",
    "TensorType",
    "TokenType",
    "Value",
    "aliases",
    "build",
    "legalize",
    "lifetimes",
    "parse_graph",
    "partition",
    "print_graph",
    "staged",
    "verify",
]
