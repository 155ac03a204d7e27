"""NumPy's functions on tensors, under MindSpore's names: they run on every device, compile, and have derivatives.

Lists and NumPy arrays become tensors of at most 32 bits. What each function does is what NumPy's does, but for what
`docs/ideas/differences.md` names.
"""

import math as _math

from lamella import dtypes as _dtypes
from lamella.numpy import (
    arrays,
    counting,
    elementwise,
    grids,
    joining,
    padding,
    picking,
    places,
    polynomials,
    products,
    reductions,
    series,
    shapes,
    statistics,
)

inf, nan, pi, e, euler_gamma, newaxis = _math.inf, _math.nan, _math.pi, _math.e, 0.5772156649015329, None
PINF, NINF, PZERO, NZERO = _math.inf, -_math.inf, 0.0, -0.0
int_, uint, float_ = _dtypes.int32, _dtypes.uint32, _dtypes.float32

MODULES = (
    arrays,
    counting,
    elementwise,
    grids,
    joining,
    padding,
    picking,
    places,
    polynomials,
    products,
    reductions,
    series,
    shapes,
    statistics,
)
__all__ = [
    "e",
    "euler_gamma",
    "float_",
    "inf",
    "int_",
    "nan",
    "newaxis",
    "pi",
    "uint",
]
for _module in MODULES:
    __all__ += _module.__all__
    globals().update((_name, getattr(_module, _name)) for _name in _module.__all__)

for _name, _dtype in _dtypes.BY_NAME.items():
    _name = f"{_name}_" if _name == "bool" else _name
    globals()[_name] = _dtype
    __all__ += [_name]
