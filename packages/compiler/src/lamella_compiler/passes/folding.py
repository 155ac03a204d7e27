"""Constants: what is computed from constants alone is computed now, by the reference kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from lamella.dims import Dim
from lamella.ir.graph import Graph, Node, Value
from lamella.ir.rewriting import Rewriting, Rules, constant_of, rewritten
from lamella.ops import prims
from lamella.ops.define.opdef import Kind

#: A result of up to so many elements becomes a constant; a larger one only if it is no larger than what it is made of.
MOST_ELEMENTS: Final = 1024

# Short to say, long to hold: these stay, beyond a few elements.
_GENERATORS: Final = frozenset({prims.broadcast_to, prims.iota, prims.pad})
_MOST_GENERATED: Final = 16


def fold(graph: Graph) -> Graph:
    """Compute what is constant.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.parse_graph("graph g() -> int64[] { %0: int64[] = constant() {value=int64[](20)} "
        ...                           "%1: int64[] = add(%0, %0) return %1 }")
        >>> from lamella_compiler.passes.dead import prune
        >>> print(prune(fold(graph)))
        graph g() -> int64[] {
          %0: int64[] = constant() {value=int64[](40)}
          return %0
        }
    """
    return rewritten(graph, RULES)


def _fold(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    arrays: list[np.ndarray[Any, Any]] = []
    for operand in node.operands:
        array = constant_of(operand)
        if array is None:
            return None
        arrays.append(array)
    if any(map(_is_open, node.attrs.values())):
        return None
    size = sum(v.type.size for v in node.outputs)
    most = _MOST_GENERATED if node.op in _GENERATORS else max(MOST_ELEMENTS, sum(array.size for array in arrays))
    if not isinstance(size, int) or size > most:
        return None
    try:
        with np.errstate(all="ignore"):
            results = node.op.kernel(*arrays, **node.attrs)
    except Exception:  # an error of the program is its own to raise, when it gets there
        return None
    listed = results if node.op.multiple else (results,)
    return [rewriting.constant(np.array(result, v.dtype.numpy)) for result, v in zip(listed, node.outputs, strict=True)]


def _is_open(value: Any) -> bool:
    return isinstance(value, Dim) or (isinstance(value, tuple) and any(map(_is_open, value)))


#: The rule.
RULES: Final = Rules((lambda op: op is not prims.constant and op.kind is not Kind.EFFECT, _fold))
