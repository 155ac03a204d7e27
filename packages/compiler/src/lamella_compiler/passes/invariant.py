"""What a loop computes the same in every iteration: computed once, before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from lamella.ir.analysis import is_total
from lamella.ir.graph import Graph, Node, Value
from lamella.ir.rewriting import Rewriting, Rules, rewritten
from lamella.ops import prims
from lamella.ops.define.opdef import Kind
from lamella.types import TOKEN, Type

_REGIONS: Final = {prims.scan: ("body",), prims.while_loop: ("test", "body")}


def hoist(graph: Graph) -> Graph:
    """Move what does not change in a loop out of it.

    Only what cannot fail moves: the loop may not run at all. Reshapes and the like stay unless something else that
    moves needs them, because they cost nothing in the loop.

    Examples:
        >>> import lamella as ms
        >>> from lamella import ops
        >>> from lamella_compiler.passes.dead import prune
        >>> def power(x, w):
        ...     return ops.while_loop(lambda c: c < 100, lambda c: c * ops.exp(w), x)
        >>> graph = ms.ir.build(power, *[ms.ir.TensorType(ms.float32, ())] * 2)
        >>> [node.op.name for node in prune(hoist(graph)).nodes]
        ['exp', 'while_loop']
    """
    return rewritten(graph, RULES)


def _hoist(rewriting: Rewriting, node: Node) -> Sequence[Value] | None:
    names = _REGIONS[node.op]
    regions: list[Graph] = [node.attrs[name] for name in names]
    found = [_moving(region, node.attrs["consts"]) for region in regions]
    if not any(leaving for _, leaving in found):
        return None
    lead = int(node.operands[0].type == TOKEN) if node.operands else 0
    consts: int = node.attrs["consts"]
    outer = node.operands[lead : lead + consts]
    fresh: list[Value] = []
    for region, (nodes, leaving) in zip(regions, found, strict=True):
        start = int(region.effects)
        env = dict(zip(region.params[start : start + consts], outer, strict=True))
        for moved in nodes:
            made = rewriting.emit(moved.op, [env[v] for v in moved.operands], **moved.attrs)
            env.update(zip(moved.outputs, made, strict=True))
        fresh += [env[v] for v in leaving]
    attrs: dict[str, Any] = {**node.attrs, "consts": consts + len(fresh)}
    at = 0
    for name, region, (_, leaving) in zip(names, regions, found, strict=True):
        attrs[name] = _with_consts(region, consts, fresh, {v: at + i for i, v in enumerate(leaving)})
        at += len(leaving)
    operands = (*node.operands[: lead + consts], *fresh, *node.operands[lead + consts :])
    return rewriting.emit(node.op, operands, **attrs)


def _moving(region: Graph, consts: int) -> tuple[list[Node], list[Value]]:
    """The nodes of a region that move out, and their values that what stays reads."""
    start = int(region.effects)
    constant: set[Value] = set(region.params[start : start + consts])
    steady: list[Node] = []
    for node in region.nodes:
        if is_total(node) and all(v in constant for v in node.operands):
            constant.update(node.outputs)
            steady.append(node)
    read_by_rest = {v for node in region.nodes if not constant.issuperset(node.outputs) for v in node.operands}
    read_by_rest |= {v for node in region.nodes if not node.outputs for v in node.operands}
    read_by_rest.update(region.results)
    # What costs nothing stays, unless it is on the way to something that does not.
    needed: set[Value] = set()
    moving: list[Node] = []
    for node in reversed(steady):
        worth = bool(node.operands) and node.op.kind is not Kind.VIEW and not read_by_rest.isdisjoint(node.outputs)
        if node.op.kind is Kind.VIEW:  # it may stand between what moves and what stays
            if not needed.isdisjoint(node.outputs):
                worth = True
            elif not read_by_rest.isdisjoint(node.outputs):
                read_by_rest.update(node.operands)
        if worth or not needed.isdisjoint(node.outputs):
            moving.append(node)
            needed.update(node.operands)
    moving.reverse()
    gone = set(moving)
    staying = [node for node in region.nodes if node not in gone]
    read = {v for node in staying for v in node.operands} | set(region.results)
    return moving, [v for node in moving if node.operands for v in node.outputs if v in read]


def _with_consts(region: Graph, consts: int, fresh: Sequence[Value], places: dict[Value, int]) -> Graph:
    """A region with more constants among its parameters, some of which take the place of values computed in it."""
    added: list[Value | Type] = [v.type for v in fresh]
    for value, place in places.items():
        added[place] = value
    at = int(region.effects) + consts
    nodes = [node for node in region.nodes if not node.outputs or not places.keys() >= set(node.outputs)]
    return region.copied(params=[*region.params[:at], *added, *region.params[at:]], nodes=nodes)


#: The rule.
RULES: Final = Rules((prims.scan, _hoist), (prims.while_loop, _hoist))
