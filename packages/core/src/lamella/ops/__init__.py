"""Functions on tensors, under MindSpore's names.

They convert what they are given (numbers, NumPy arrays, mixed types) and call primitives (`lamella.ops.prims`).
What is here is what the modules of `functions` and `nn` say in their `__all__`; type checkers read it in
`__init__.pyi`, which `nox -s names` writes.
"""

from lamella.ops import convert, functions, nn
from lamella.ops.tensor_methods.methods import attach

__all__ = ["GradOperation", "prims"]

for _module in (convert, *functions.MODULES, *nn.MODULES):
    __all__ += _module.__all__
    globals().update((_name, getattr(_module, _name)) for _name in _module.__all__)

attach()
