"""What only matters while derivatives are taken, and branches that are known: replaced by what they come down to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lamella.ir.graph import Graph, Node, Value
from lamella.ir.rewriting import Rewriting, Rules, constant_of, rewritten
from lamella.types import TOKEN


def unwrap(graph: Graph) -> Graph:
    """Drop aliases, take functions with derivatives of their own apart, and branches whose condition is known.

    Examples:
        >>> import lamella as ms
        >>> from lamella_compiler.passes.dead import prune
        >>> graph = ms.ir.build(ms.grad(lambda x: x * x), ms.ir.TensorType(ms.float32, ()))
        >>> print(prune(unwrap(graph)))
        graph grad(%0: float32[]) -> float32[] {
          %1: float32[] = constant() {value=float32[](1.0)}
          %2: float32[] = mul(%1, %0)
          %3: float32[] = add(%2, %2)
          return %3
        }
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


#: The rules, as a table for `rewritten`.
RULES: Final[Rules] = {
    "alias": [_operand],
    "stop_gradient": [_operand],
    "custom_vjp": [_custom_vjp],
    "cond": [_cond],
}
