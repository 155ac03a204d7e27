"""What only matters while derivatives are taken, and branches that are known: replaced by what they come down to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lamella.ir.graph import Graph, Node, Value
from lamella.ir.rewriting import Rewriting, Rules, constant_of, rewritten
from lamella.ops import prims
from lamella.types import TOKEN


def unwrap(graph: Graph) -> Graph:
    """Drop aliases, take functions with derivatives of their own apart, and branches whose condition is known.

    Examples:
        >>> import lamella as ms
        >>> from lamella_compiler.passes.dead import prune
        >>> def scaled(x):
        ...     return ms.ops.custom_derivative(lambda x: x * 2, lambda x, out, g: g, x)
        >>> graph = ms.ir.build(scaled, ms.ir.TensorType(ms.float32, ()))
        >>> [node.op.name for node in graph.nodes], [node.op.name for node in prune(unwrap(graph)).nodes]
        (['custom_vjp'], ['constant', 'mul'])
    """
    return rewritten(graph, RULES)


def _operand(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    return node.operands


def _custom_vjp(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    return _inlined(rewriting, node, node.attrs["forward"], node.operands)


def _cond(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    token = node.operands[:1] if node.operands[0].type == TOKEN else ()
    predicate, *operands = node.operands[len(token) :]
    known = constant_of(predicate)
    if known is None:
        return None
    return _inlined(rewriting, node, node.attrs["then" if known else "orelse"], (*token, *operands))


def _inlined(rewriting: Rewriting, node: Node, region: Graph, values: Sequence[Value]) -> Sequence[Value] | None:
    """The results of a region in the place of the node that has it."""
    if node.outputs and node.outputs[0].type == TOKEN and not region.effects:
        token, *rest = values
        return [token, *rewriting.inline(region, rest)]
    return rewriting.inline(region, values)


#: The rules.
RULES: Final = Rules(
    (prims.alias, _operand),
    (prims.stop_gradient, _operand),
    (prims.custom_vjp, _custom_vjp),
    (prims.cond, _cond),
)
