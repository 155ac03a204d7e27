"""Which primitives become native code, on which types; the others run on the reference kernels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lamella.codegen import vectormath
from lamella.codegen.scalars import REDUCE, REGISTER, TABLE
from lamella.dims import Dim
from lamella.ir import Graph, legalize
from lamella.lowering import grouped, narrow, rules
from lamella.lowering.checks import CHECKS
from lamella.lowering.decompositions import REWRITTEN
from lamella.lowering.layout import VIEWED
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef
from lamella.types import TensorType
from lamella_cpu.host import SCRATCH_BYTES, Host, host
from lamella_cpu.kernels import sorting
from lamella_cpu.kernels.windows import WINDOWS

#: What has no condition but that on all types.
_ANY_TYPE: frozenset[OpDef] = frozenset(
    [
        *VIEWED,
        *TABLE,
        *REDUCE,
        *CHECKS,
        *REWRITTEN,
        *(prims.cast, prims.gather, prims.scatter, prims.pad, prims.concat, prims.iota),
        *(prims.cumsum, prims.cumprod, prims.random_bits),
        *(prims.cond, prims.while_loop, prims.scan),
    ]
)

_PRODUCTS = frozenset([prims.dot_general, prims.conv, prims.conv_input_grad, prims.conv_weight_grad])

#: The primitives that become native code, by name; on which types, `is_native` says.
NATIVE: Mapping[str, OpDef] = {
    op.name: op for op in (*_ANY_TYPE, *vectormath.TABLE, *_PRODUCTS, *WINDOWS, prims.constant, prims.sort)
}


def is_native(op: OpDef, types: Sequence[TensorType], attrs: Mapping[str, Any], target: Host | None = None) -> bool:
    """Whether a primitive on operands of these types, with these attributes, becomes native code: here, or elsewhere.

    Examples:
        >>> from lamella import float32
        >>> is_native(prims.add, [TensorType(float32, (2, 3))] * 2, {}), is_native(prims.print_, [], {"template": ""})
        (True, False)
    """
    if not all(t.dtype.name in REGISTER and all(isinstance(n, int) and n for n in t.shape) for t in types):
        return False
    if not _converts(types, attrs, target or host()):
        return False
    types = narrow.computed(types, op)
    if any(map(_is_open, attrs.values())) or attrs.get("save") not in (None, False, True, ""):
        return False
    if op in (prims.cast, prims.iota) and attrs["dtype"] not in REGISTER:
        return False
    if op is prims.constant:
        return attrs["value"].dtype.name in REGISTER
    if op is prims.sort:
        return sorting.scratch_bytes(types[0].dtype, types[0].shape[attrs["axis"]]) <= SCRATCH_BYTES
    if op in _PRODUCTS:
        return all(t.dtype.is_float for t in types) and (op is prims.dot_general or grouped.is_native(op, types, attrs))
    if op in WINDOWS:
        return all(t.dtype.kind != "bool" for t in types)
    if op in vectormath.TABLE:
        return all(t.dtype.name == "float32" or (t.dtype.name == "float64" and op in vectormath.DOUBLE) for t in types)
    return op in _ANY_TYPE


def is_native_version(
    op: str, version: int, types: Sequence[TensorType], attrs: Mapping[str, Any], target: Host | None = None
) -> bool:
    """The same of a primitive by name, as core asks; all versions of one do alike."""
    native = NATIVE.get(op)
    return native is not None and is_native(native, types, attrs, target)


def lower(graph: Graph) -> Graph:
    """Write a graph by the primitives that become native code, as far as there are rules for it."""
    return legalize(graph, is_native_version, rules)


def _converts(types: Sequence[TensorType], attrs: Mapping[str, Any], target: Host) -> bool:
    """Whether a processor can convert the 16-bit floats among some types and a cast's target."""
    names = [*(t.dtype.name for t in types), attrs.get("dtype")]
    if "float16" in names and not target.converts_half:
        return False
    # Through float32, a double would be rounded twice.
    return not ("float64" in names and attrs.get("dtype") in narrow.NARROW)


def _is_open(attribute: Any) -> bool:
    """Whether an attribute has a size that is known only at run time."""
    return isinstance(attribute, Dim) or (isinstance(attribute, tuple) and any(map(_is_open, attribute)))
