"""GRAPH_MODE and `jit`: Python functions as compiled graphs.

frontend   what a function's source becomes, so that control flow on tensors is part of the graph
function   a compiled function: its graphs, which of them fits a call, building new ones
arguments  what of a call is an input; guards, cells, values: what else a graph depends on
passes     what is done to every graph before a device gets it
plugin     what core calls in GRAPH_MODE; jit: what users call
"""

from importlib.metadata import version

from lamella_compiler.function import RecompilationWarning
from lamella_compiler.jit import JitConfig, jit, jit_cache_info, jit_class, ms_function
from lamella_compiler.mutable import mutable
from lamella_compiler.statistics import CacheInfo

__all__ = [
    "CacheInfo",
    "JitConfig",
    "RecompilationWarning",
    "jit",
    "jit_cache_info",
    "jit_class",
    "ms_function",
    "mutable",
]
__version__ = version("lamella-compiler")
