"""Dead code: nodes that are not read, and within control flow the results, carried values and operands that are not.

Effects stay, in their order: their tokens are read, in the end by the graph's result. A draw of random numbers stays
for as long as its advanced counter is read, as it is where the counter is state; so that later draws are the same
whatever became of this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from lamella.ir.graph import Graph, Node, Value, substitute
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef
from lamella.types import TOKEN


def prune(graph: Graph) -> Graph:
    """Drop what is dead. The graph keeps its parameters and results.

    Examples:
        >>> import lamella as ms
        >>> graph = ms.ir.build(lambda x: (x + 1, x * 2)[1], ms.ir.TensorType(ms.float32, ()))
        >>> [node.op.name for node in prune(graph).nodes]
        ['constant', 'mul']
    """
    return _pruned(graph, graph.results)


def _pruned(graph: Graph, results: Sequence[Value]) -> Graph:
    """A graph with some of its results, without what is dead then; the very graph if that is all of it."""
    live = set(results)
    kept: list[Node] = []
    changed = results is not graph.results
    # Backwards, so that all readers of a node are known; a node that is cut down is replaced by its smaller form.
    for node in reversed(graph.nodes):
        if live.isdisjoint(node.outputs):
            changed = True
            continue
        smaller = _smaller(node, live)
        changed |= smaller is not node
        kept.append(smaller)
        live.update(smaller.operands)
    return graph.copied(nodes=kept[::-1], results=results) if changed else graph


def _smaller(node: Node, live: set[Value]) -> Node:
    """A node of control flow without what is not read; its outputs are those of the node that are still there."""
    cut = _CUTS.get(node.op)
    if cut is None:
        return node
    wanted = [v in live for v in node.outputs if v.type != TOKEN]
    n_tokens = len(node.outputs) - len(wanted)
    operands = node.operands[n_tokens:]
    outcome = cut(node, operands, wanted)
    if outcome is None:
        return node
    kept_operands, kept_outputs, attrs = outcome
    outputs = node.outputs[n_tokens:]
    return substitute(
        node,
        (*node.operands[:n_tokens], *(operands[i] for i in kept_operands)),
        attrs,
        (*node.outputs[:n_tokens], *(outputs[i] for i in kept_outputs)),
    )


#: What is left of a node: positions of its operands and outputs (tokens left out), and its attributes.
_Cut = tuple[list[int], list[int], dict[str, Any]]


def _cut_cond(node: Node, operands: Sequence[Value], wanted: list[bool]) -> _Cut | None:
    regions = [_restricted(node.attrs[name], wanted) for name in ("then", "orelse")]
    read = [a or b for a, b in zip(*map(_params_read, regions), strict=True)]
    if all(wanted) and all(read) and all(r is node.attrs[n] for r, n in zip(regions, ("then", "orelse"), strict=True)):
        return None
    then, orelse = (_without_params(region, read) for region in regions)
    kept = [0, *(i + 1 for i, used in enumerate(read) if used)]
    return kept, _positions(wanted), {"then": then, "orelse": orelse}


def _cut_while(node: Node, operands: Sequence[Value], wanted: list[bool]) -> _Cut | None:
    attrs = node.attrs
    consts, n = attrs["consts"], len(operands) - attrs["consts"]
    test = prune(attrs["test"])
    save = attrs["save"] if any(wanted[n:]) else ""  # saved carries are given for all or none
    needed = [w or used or bool(save) for w, used in zip(wanted[:n], _params_read(test)[consts:], strict=True)]
    body, carried = _carried(attrs["body"], needed, consts, n)
    read = [a or b for a, b in zip(_params_read(body), _params_read(test), strict=True)]
    keep = [*read[:consts], *carried]
    if all(keep) and save == attrs["save"] and body is attrs["body"] and test is attrs["test"]:
        return None
    parts = {"test": _without_params(test, keep), "body": _without_params(body, keep)}
    outputs = [*_positions(carried), *(range(n, 2 * n) if save else ())]
    return _positions(keep), outputs, {**attrs, **parts, "consts": sum(keep[:consts]), "save": save}


def _cut_scan(node: Node, operands: Sequence[Value], wanted: list[bool]) -> _Cut | None:
    attrs = node.attrs
    consts, n = attrs["consts"], attrs["carry"]
    n_ys = len(wanted) - n * (2 if attrs["save"] else 1)
    ys, saved = wanted[n : n + n_ys], wanted[n + n_ys :]
    save = attrs["save"] and any(saved)
    needed = [True] * n if save else wanted[:n]
    body, carried = _carried(attrs["body"], needed, consts, n, ys)
    keep = _params_read(body)
    keep[consts : consts + n] = carried
    if not isinstance(attrs["length"], int) and len(keep) > consts + n and not any(keep[consts + n :]):
        keep[-1] = True  # who runs it reads an open length off what it goes over
    if all(keep) and all(ys) and save == attrs["save"] and body is attrs["body"]:
        return None
    outputs = [*_positions(carried), *(n + i for i in _positions(ys)), *(range(n + n_ys, len(wanted)) if save else ())]
    counts = {"consts": sum(keep[:consts]), "carry": sum(carried), "save": save}
    return _positions(keep), outputs, {**attrs, **counts, "body": _without_params(body, keep)}


_CUTS: Final[dict[OpDef, Callable[[Node, Sequence[Value], list[bool]], _Cut | None]]] = {
    prims.cond: _cut_cond,
    prims.while_loop: _cut_while,
    prims.scan: _cut_scan,
}


def _carried(
    body: Graph, needed: Sequence[bool], consts: int, n: int, ys: Sequence[bool] = ()
) -> tuple[Graph, list[bool]]:
    """The body without carried values that nothing needs but themselves, and which are left.

    Args:
        body: the body.
        needed: which carried values are read after the loop, or by its condition.
        consts: number of constants before them among the parameters.
        n: number of carried values.
        ys: which results after the carried values are read.
    """
    carried = list(needed)
    while True:
        smaller = _restricted(body, [*carried, *ys])
        read = _params_read(smaller)[consts : consts + n]
        grown = [a or b for a, b in zip(carried, read, strict=True)]
        if grown == carried:
            return smaller, carried
        carried = grown


def _restricted(region: Graph, wanted: Sequence[bool]) -> Graph:
    """A region with only some of its results, without what is dead then; a token stays."""
    if all(wanted):
        return prune(region)
    lead = int(region.effects)
    kept = [r for r, w in zip(region.results[lead:], wanted, strict=True) if w]
    return _pruned(region, [*region.results[:lead], *kept])


def _params_read(region: Graph) -> list[bool]:
    """Which parameters that are no tokens are read."""
    read = {v for node in region.nodes for v in node.operands} | set(region.results)
    return [p in read for p in region.params if p.type != TOKEN]


def _without_params(region: Graph, kept: Sequence[bool]) -> Graph:
    """A region without some of the parameters that are not read."""
    if all(kept):
        return region
    lead = int(region.effects)
    params = [p for p, keep in zip(region.params[lead:], kept, strict=True) if keep]
    return region.copied(params=[*region.params[:lead], *params])


def _positions(flags: Sequence[bool]) -> list[int]:
    return [i for i, flag in enumerate(flags) if flag]
