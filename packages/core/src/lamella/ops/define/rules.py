"""Rules that many primitives share: type rules, derivative builders, batching rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lamella.dims import DimSize, Shape
from lamella.dtypes import DType, bool_
from lamella.errors import explain
from lamella.ops.define.opdef import BatchResult, Infer, OpDef, Vjp
from lamella.tensor import Tensor
from lamella.types import TensorType

# -- type rules --


def fail(op: str, given: object, expected: str, remedy: str = "", kind: type[Exception] = ValueError) -> Exception:
    """The error of a type rule, to be raised."""
    return kind(explain(f"ops.{op}", given=str(given), expected=expected, remedy=remedy))


def same_dtype(op: str, types: Sequence[TensorType]) -> DType:
    """The element type that all operands have."""
    first = types[0].dtype
    if any(t.dtype is not first for t in types):
        raise fail(op, f"types {', '.join(map(str, types))}", "one element type", kind=TypeError)
    return first


def check_kind(op: str, dtype: DType, kinds: Sequence[str]) -> None:
    """Refuse an element type of another kind."""
    if dtype.kind not in kinds:
        raise fail(op, f"a {dtype} tensor", f"an element type of kind {' or '.join(kinds)}", kind=TypeError)


def broadcast_shapes(op: str, shapes: Sequence[Shape]) -> Shape:
    """The shape that operands stretch to, by NumPy's rule."""
    ndim = max(map(len, shapes))
    result: list[DimSize] = []
    for axis in range(-ndim, 0):
        size: DimSize = 1
        for shape in shapes:
            if -axis <= len(shape) and shape[axis] != 1:
                if size != 1 and size != shape[axis]:
                    raise fail(op, f"shapes {' and '.join(map(str, shapes))}", "shapes that broadcast")
                size = shape[axis]
        result.append(size)
    return tuple(result)


ANY = ("bool", "int", "uint", "float", "complex")
ORDERED = ("bool", "int", "uint", "float")
NUMBER = ("int", "uint", "float", "complex")
REAL = ("int", "uint", "float")
INTEGER = ("int", "uint")
BITS = ("bool", "int", "uint")
FLOAT = ("float",)
INEXACT = ("float", "complex")
COMPLEX = ("complex",)


def infer_elementwise(op: str, kinds: Sequence[str] = ANY, result: DType | None = None) -> Infer:
    """Type rule of an elementwise primitive: operands of one element type broadcast together."""

    def infer(*types: TensorType) -> TensorType:
        dtype = same_dtype(op, types)
        check_kind(op, dtype, kinds)
        return TensorType(result or dtype, broadcast_shapes(op, [t.shape for t in types]))

    return infer


def infer_compare(op: str, kinds: Sequence[str] = ANY) -> Infer:
    """Type rule of a comparison: as elementwise, with a bool result."""
    return infer_elementwise(op, kinds, bool_)


def infer_same(*types: TensorType, **_: Any) -> TensorType:
    """Type rule of a primitive whose result has its first operand's type."""
    return types[0]


def check_axes(op: str, axes: Sequence[int], ndim: int) -> None:
    """Refuse axes that are negative, out of range or named twice: primitives take canonical ones."""
    if any(not 0 <= axis < ndim for axis in axes) or len(set(axes)) != len(axes):
        raise fail(op, f"axes {tuple(axes)} of a tensor with {ndim} axes", f"different axes in [0, {ndim})")


#: The derivative of a primitive whose results are constant wherever they are smooth (floor, comparisons, argmax).
ZERO = Vjp(lambda c, *_: [None] * len(c.types))


# -- batching: every batched operand carries its batch axis at position 0 --


def shifted(axes: Sequence[int]) -> tuple[int, ...]:
    """Axes of an unbatched tensor as axes of a batched one."""
    return tuple(axis + 1 for axis in axes)


def batch_axes(*names: str) -> Callable[..., BatchResult]:
    """Batching rule of a one-operand primitive that is told axes: they move up by one.

    Args:
        names: the attributes that hold an axis or a tuple of axes.
    """

    def rule(
        op: OpDef, size: DimSize, operands: Sequence[Tensor], batched: Sequence[bool], attrs: dict[str, Any]
    ) -> BatchResult:
        moved = {
            name: shifted(value) if isinstance(value, tuple) else value + 1
            for name, value in attrs.items()
            if name in names
        }
        results = op(*operands, **{**attrs, **moved})
        results = results if isinstance(results, tuple) else (results,)
        return results, [True] * len(results)

    return rule
