"""Moving elements about: reshapes, transpositions and conversions that cancel, or that need not happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lamella.dtypes import DType
from lamella.ir.graph import Graph, Node, Value
from lamella.ir.rewriting import Rewriting, Rules, maker, rewritten
from lamella.ops import prims
from lamella.ops.prims.shape import inverse
from lamella_compiler.passes.broadcasts import is_elementwise


def settle(graph: Graph) -> Graph:
    """Drop and merge what only moves elements.

    Examples:
        >>> import lamella as ms
        >>> from lamella_compiler.passes.dead import prune
        >>> graph = ms.ir.build(lambda x: ms.ops.tanh(x.T).T, ms.ir.TensorType(ms.float32, (2, 3)))
        >>> print(prune(settle(graph)))
        graph lambda(%0: float32[2, 3]) -> float32[2, 3] {
          %1: float32[2, 3] = tanh(%0)
          return %1
        }
    """
    return rewritten(graph, RULES)


# -- one after another --


def _reshape(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    (x,) = node.operands
    if x.type == node.outputs[0].type:
        return [x]
    inner = maker(x, prims.reshape)
    if inner is not None:
        return rewriting.emit(prims.reshape, inner.operands, **node.attrs)
    return None


def _transpose(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    (x,), order = node.operands, node.attrs["permutation"]
    if order == tuple(range(len(order))):
        return [x]
    inner = maker(x, prims.transpose)
    if inner is not None:
        merged = tuple(inner.attrs["permutation"][axis] for axis in order)
        return rewriting.emit(prims.transpose, inner.operands, permutation=merged)
    moved = [axis for axis in order if x.shape[axis] != 1]
    if moved == sorted(moved):  # only axes of size 1 move: no element does
        return rewriting.emit(prims.reshape, (x,), shape=node.outputs[0].shape)
    return None


def _cast(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    (x,), wanted = node.operands, node.outputs[0].dtype
    if x.dtype is wanted:
        return [x]
    inner = maker(x, prims.cast)
    if inner is not None and _holds(x.dtype, inner.operands[0].dtype):
        return rewriting.emit(prims.cast, inner.operands, dtype=wanted.name)
    return None


def _holds(wide: DType, narrow: DType) -> bool:
    """Whether every number of one type is one of another, so that going by way of it changes nothing."""
    if wide is narrow or narrow.kind == "bool":
        return True
    if wide.is_complex:
        return _holds(wide.real, narrow.real)
    if narrow.is_complex:
        return False
    if narrow.kind == "float":
        return wide.kind == "float" and _digits(wide) >= _digits(narrow) and _exponents(wide) >= _exponents(narrow)
    bits = narrow.bits - (narrow.kind == "int")
    if wide.kind == "float":
        return _digits(wide) >= bits and _exponents(wide) > bits
    unsigned_to_signed = wide.kind == "int" and narrow.kind == "uint"
    return wide.kind != "bool" and (
        (wide.kind == narrow.kind and wide.bits >= narrow.bits) or (unsigned_to_signed and wide.bits > narrow.bits)
    )


#: For each floating-point type: binary digits of the significand, and the largest exponent.
_FLOATS: Final = {
    "float8_e4m3fn": (4, 8), "float8_e5m2": (3, 15),
    "float16": (11, 15), "bfloat16": (8, 127), "float32": (24, 127), "float64": (53, 1023),
}  # fmt: skip


def _digits(dtype: DType) -> int:
    return _FLOATS[dtype.name][0]


def _exponents(dtype: DType) -> int:
    return _FLOATS[dtype.name][1]


# -- through elementwise primitives --


def _transpose_of_elementwise(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """Undo a transposition of the operands behind an elementwise primitive instead of in front of it and behind it."""
    inner, order = node.operands[0].node, node.attrs["permutation"]
    if inner is None or not is_elementwise(inner.op) or rewriting.uses.get(node.operands[0], 2) > 1:
        return None
    operands = _transposed_back(inner.operands, inverse(order))
    return None if operands is None else rewriting.emit(inner.op, operands, **inner.attrs)


def _elementwise_of_transposes(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """One transposition of a result instead of several of the operands."""
    if len(node.operands) < 2:
        return None
    moved = [maker(x, prims.transpose) for x in node.operands]
    first = next((m for m in moved if m is not None), None)
    once = [rewriting.uses.get(x, 2) == 1 for x, m in zip(node.operands, moved, strict=True) if m is not None]
    if first is None or len(once) < 2 or not all(once):
        return None
    order = first.attrs["permutation"]
    operands = _transposed_back(node.operands, order)
    if operands is None:
        return None
    inner = rewriting.emit(node.op, operands, **node.attrs)
    return rewriting.emit(prims.transpose, inner, permutation=order)


def _transposed_back(operands: Sequence[Value], order: Sequence[int]) -> list[Value] | None:
    """Operands as they were before they were transposed in an order, all of them or none; 0-d ones stay."""
    result: list[Value] = []
    for x in operands:
        moved = maker(x, prims.transpose)
        if moved is not None and tuple(moved.attrs["permutation"]) == tuple(order):
            result.append(moved.operands[0])
        elif not x.shape:
            result.append(x)
        else:
            return None
    return result if any(x.shape for x in result) else None


# -- into contractions and reductions --


def _dot_of_transposes(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """A contraction names its axes: it can name those of the operand before it was transposed.

    The axes that stay come out in the operand's order, so that has to be the same.
    """
    operands = list(node.operands)
    contract, batch = list(node.attrs["contract"]), list(node.attrs["batch"])
    found = False
    for i, x in enumerate(operands):
        moved = maker(x, prims.transpose)
        if moved is None:
            continue
        order = moved.attrs["permutation"]
        free = [order[axis] for axis in range(len(order)) if axis not in contract[i] and axis not in batch[i]]
        if free == sorted(free):
            contract[i] = tuple(order[axis] for axis in contract[i])
            batch[i] = tuple(order[axis] for axis in batch[i])
            operands[i], found = moved.operands[0], True
    if not found:
        return None
    return rewriting.emit(prims.dot_general, operands, contract=tuple(contract), batch=tuple(batch))


def _transpose_of_dot(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """A product of matrices, transposed, is the product in the other order."""
    product, order = maker(node.operands[0], prims.dot_general), node.attrs["permutation"]
    if product is None or rewriting.uses.get(node.operands[0], 2) > 1:
        return None
    (x, y), batch = product.operands, product.attrs["batch"]
    lead = len(batch[0])
    n_x = x.type.ndim - len(product.attrs["contract"][0]) - lead
    total = len(order)
    if tuple(order) != (*range(lead), *range(lead + n_x, total), *range(lead, lead + n_x)):
        return None
    swapped = {name: product.attrs[name][::-1] for name in ("contract", "batch")}
    return rewriting.emit(prims.dot_general, (y, x), **swapped)


def _reduce_of_transpose(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """A maximum or minimum along axes is that along the axes before they were moved, if those that stay keep order."""
    moved, axes = maker(node.operands[0], prims.transpose), node.attrs["axes"]
    if moved is None:
        return None
    order = moved.attrs["permutation"]
    kept = [order[axis] for axis in range(len(order)) if axis not in axes]
    if kept != sorted(kept):
        return None
    return rewriting.emit(node.op, moved.operands, axes=tuple(sorted(order[axis] for axis in axes)))


# -- nothing to do --


def _slice(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    return [node.operands[0]] if node.operands[0].type == node.outputs[0].type else None


def _concat(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    return [node.operands[0]] if len(node.operands) == 1 else None


def _pad(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    nothing = all(size == 0 for sizes in node.attrs.values() for size in sizes)
    return [node.operands[0]] if nothing else None


def _flip(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    (x,) = node.operands
    if all(x.shape[axis] == 1 for axis in node.attrs["axes"]):
        return [x]
    inner = maker(x, prims.flip)
    if inner is None:
        return None
    axes = tuple(sorted(set(node.attrs["axes"]) ^ set(inner.attrs["axes"])))
    return rewriting.emit(prims.flip, inner.operands, axes=axes) if axes else inner.operands


def _reduce_of_ones(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """A maximum or minimum along axes of size 1, or along none."""
    (x,), axes = node.operands, node.attrs["axes"]
    if any(x.shape[axis] != 1 for axis in axes):
        return None
    return rewriting.emit(prims.reshape, (x,), shape=node.outputs[0].shape) if axes else [x]


#: The rules.
RULES: Final = Rules(
    (prims.reshape, _reshape),
    (prims.transpose, _transpose),
    (prims.transpose, _transpose_of_elementwise),
    (prims.transpose, _transpose_of_dot),
    (prims.cast, _cast),
    (prims.dot_general, _dot_of_transposes),
    (prims.slice_, _slice),
    (prims.concat, _concat),
    (prims.pad, _pad),
    (prims.flip, _flip),
    *((op, rule) for op in (prims.reduce_max, prims.reduce_min) for rule in (_reduce_of_ones, _reduce_of_transpose)),
    (is_elementwise, _elementwise_of_transposes),
)
