"""Stretching that is not needed: elementwise primitives stretch their operands themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from lamella.dims import Shape
from lamella.ir.graph import Graph, Node, Value
from lamella.ir.rewriting import Rewriting, Rules, constant_of, maker, rewritten
from lamella.ops import prims
from lamella.ops.define.opdef import Kind, OpDef
from lamella.ops.define.rules import broadcast_shapes
from lamella_compiler.passes.algebra import uniform


def relax(graph: Graph) -> Graph:
    """Drop stretching that is not needed.

    Examples:
        >>> import lamella as ms
        >>> from lamella_compiler.passes.dead import prune
        >>> types = [ms.ir.TensorType(ms.float32, shape) for shape in ((2, 3), (3,))]
        >>> graph = ms.ir.build(lambda x, y: x * ms.ops.broadcast_to(y, (2, 3)), *types)
        >>> print(prune(relax(graph)))
        graph lambda(%0: float32[2, 3], %1: float32[3]) -> float32[2, 3] {
          %2: float32[2, 3] = mul(%0, %1)
          return %2
        }
    """
    return rewritten(graph, RULES)


def is_elementwise(op: OpDef) -> bool:
    """Whether a primitive works on each element by itself, and stretches its operands."""
    return op.kind is Kind.ELEMENTWISE


def _relaxed(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    """Operands of an elementwise primitive as they were before they were stretched."""
    if len(node.operands) < 2:
        return None
    wanted: Shape = node.outputs[0].shape
    operands = list(node.operands)
    found = False
    for i, operand in enumerate(operands):
        for smaller in _smaller(rewriting, operand):
            shapes = [v.shape for v in (*operands[:i], smaller, *operands[i + 1 :])]
            if _stretch_to(shapes, wanted):
                operands[i], found = smaller, True
                break
    return rewriting.emit(node.op, operands, **node.attrs) if found else None


def _smaller(rewriting: Rewriting, operand: Value) -> Sequence[Value]:
    """Values that stretch to an operand, the smallest first."""
    stretched = maker(operand, prims.broadcast_to)
    if stretched is not None:
        return [stretched.operands[0]]
    reshaped = maker(operand, prims.reshape)
    if reshaped is not None:
        inner = reshaped.operands[0]
        lead = operand.type.ndim - inner.type.ndim
        if lead > 0 and operand.shape == (*(1,) * lead, *inner.shape):
            return [inner]
    if constant_of(operand) is not None and operand.shape and (number := uniform(operand)) is not None:
        return [rewriting.constant(np.array(number))]
    return ()


def _stretch_to(shapes: Sequence[Shape], wanted: Shape) -> bool:
    try:
        return broadcast_shapes("broadcast", shapes) == wanted
    except ValueError:
        return False


def _broadcast_to(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    (x,), shape = node.operands, node.outputs[0].shape
    if x.shape == shape:
        return [x]
    for smaller in _smaller(rewriting, x):
        return rewriting.emit(prims.broadcast_to, (smaller,), shape=shape)
    return None


#: The rules.
RULES: Final = Rules((prims.broadcast_to, _broadcast_to), (is_elementwise, _relaxed))
