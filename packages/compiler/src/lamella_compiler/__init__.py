"""GRAPH_MODE and `jit`: Python functions as compiled graphs.

frontend   what a function's source becomes, so that control flow on tensors is part of the graph
call       a compiled function: its arguments, its graphs, which of them fits a call, building new ones
state      what a function reads and changes of Python's state: guards, and what is done again at each call
passes     what is done to every graph before a device gets it
plugin     what core calls in GRAPH_MODE; jit: what users call
"""

from importlib.metadata import version

from lamella_compiler.call.function import RecompilationWarning
from lamella_compiler.call.mutable import mutable
from lamella_compiler.call.statistics import CacheInfo
from lamella_compiler.jit import JitConfig, jit, jit_cache_info, jit_class, ms_function

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
