"""Which primitives become native code, on which types; the others run on the reference kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lamella.dims import Dim
from lamella.types import TensorType
from lamella_cpu import grouped, half, sorting, vectormath
from lamella_cpu.fusion import GIVEN, PRODUCTS, REDUCTIONS, VIEWS
from lamella_cpu.host import Host, host
from lamella_cpu.pool import SCRATCH_BYTES
from lamella_cpu.scalars import REGISTER, TABLE
from lamella_cpu.windows import WINDOWS

#: What works on each element by itself.
ELEMENTWISE = frozenset([*TABLE, *vectormath.TABLE, "cast", "gather", "checked_index", "checked_divisor"])

#: Composites that are taken whole, to be written otherwise than core would.
_COMPOSITES = frozenset(
    ["softmax", "log_softmax", "softmax_cross_entropy", "softmax_cross_entropy_grad", "window_max_grad", "flat_index"]
)

_OTHERS = frozenset(
    [
        "cumsum",
        "cumprod",
        "pad",
        "concat",
        "scatter",
        "argmax",
        "argmin",
        "cond",
        "while_loop",
        "scan",
        "custom_vjp",
        "random_bits",
        "sort",
        "dim_value",
    ]
)

_ANY_TYPE = VIEWS | GIVEN | REDUCTIONS | _COMPOSITES | ELEMENTWISE | _OTHERS


def is_native(op: str, types: Sequence[TensorType], attrs: Mapping[str, Any], target: Host | None = None) -> bool:
    """Whether a primitive on operands of these types, with these attributes, becomes native code: here, or elsewhere.

    Examples:
        >>> from lamella import float32, int32
        >>> is_native("add", [TensorType(float32, (2, 3))] * 2, {}), is_native("print", [TensorType(int32, (4,))], {})
        (True, False)
    """
    if not all(t.dtype.name in REGISTER and all(isinstance(n, int) and n for n in t.shape) for t in types):
        return False
    if not half.is_native(types, attrs, target or host()):
        return False
    types = half.computed(types, op)
    if any(map(_is_open, attrs.values())) or attrs.get("save") not in (None, False, True, ""):
        return False
    if op in ("cast", "iota") and attrs["dtype"] not in REGISTER:
        return False
    if op == "constant":
        return attrs["value"].dtype.name in REGISTER
    if op == "sort":
        return sorting.scratch_bytes(types[0].dtype, types[0].shape[attrs["axis"]]) <= SCRATCH_BYTES
    if op in PRODUCTS:
        return all(t.dtype.is_float for t in types) and (op == "dot_general" or grouped.is_native(op, types, attrs))
    if op in WINDOWS:
        return all(t.dtype.kind != "bool" for t in types)
    if op in vectormath.TABLE:
        return all(t.dtype.name == "float32" or (t.dtype.name == "float64" and op in vectormath.DOUBLE) for t in types)
    return op in _ANY_TYPE


def _is_open(attribute: Any) -> bool:
    """Whether an attribute has a size that is known only at run time."""
    return isinstance(attribute, Dim) or (isinstance(attribute, tuple) and any(map(_is_open, attribute)))
