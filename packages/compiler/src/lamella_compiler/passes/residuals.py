"""What the derivative of a scan or branch keeps from the forward run, rather than compute it again.

The derivative of a control flow primitive runs its region again (see `lamella.ops.prims.control`). Cheap elementwise
values may well be computed twice; what is expensive (products of matrices, convolutions, reductions, exponentials)
becomes one more result of the forward region, and an operand of the derivative's:

    scan(save)   carry0 -> carry1 -> …        scan(save)   carry0 -> carry1 -> …
                   |         |                               |  z0     |  z1        z: what is expensive
    scan(vjp)    f, f' <-  f, f' <- …         scan(vjp)    f' <---   f' <--- …

Both regions number their values by how they are computed; equal numbers are equal values. The carries that are then
no longer needed go with the dead code. A `while_loop` keeps its carries only: how many there will be is not known, and
so there is no place for more.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from lamella.ir.graph import Graph, Node, Value, substitute
from lamella.ir.rewriting import attributes_key, has_effect
from lamella.ops import prims
from lamella.ops.prims.regions import trace
from lamella.ops.prims.shape import filled
from lamella.types import TensorType
from lamella_compiler.passes.dead import prune


class _Kept(NamedTuple):
    """A value of a forward region that its derivative uses.

    Attributes:
        region: the attribute that has the region.
        forward: the value there.
        backward: the same value in the derivative's region.
    """

    region: str
    forward: Value
    backward: Value


class _Pair(NamedTuple):
    forward: Node
    backward: Node
    kept: list[_Kept]


def keep_residuals(graph: Graph) -> Graph:
    """Let derivatives of scans and branches use expensive values of the forward run.

    Examples:
        >>> import lamella as ms
        >>> from lamella import ops
        >>> from lamella_compiler.passes import simplify
        >>> def power(x):
        ...     return ops.scan(lambda c, _: (ops.tanh(c), None), x, None, length=3)[0]
        >>> graph = prune(simplify(ms.ir.build(ms.grad(power), ms.ir.TensorType(ms.float32, ()))))
        >>> [[n.op.name for n in node.attrs["body"].nodes].count("tanh") for _, node in graph.walk() if node.regions()]
        [1, 1]
        >>> graph = prune(keep_residuals(graph))
        >>> [[n.op.name for n in node.attrs["body"].nodes].count("tanh") for _, node in graph.walk() if node.regions()]
        [1, 0]
    """
    regions = {node: _inner(node) for node in graph.nodes if node.regions()}
    pairs = _pairs(list(regions))
    if not pairs and all(attrs is node.attrs for node, attrs in regions.items()):
        return graph
    nodes: list[Node] = []
    extra: dict[Node, Sequence[Value]] = {}
    forwards = {pair.forward: pair for pair in pairs}
    backwards = {pair.backward: pair for pair in pairs}
    for node in graph.nodes:
        operands, attrs = node.operands, regions.get(node, node.attrs)
        fresh: list[TensorType] = []
        if node in forwards:
            attrs, fresh = _keeping(forwards[node])
        elif node in backwards:
            attrs = _using(backwards[node])
            operands = (*operands, *extra[backwards[node].forward])
        extra[node] = [Value(type, graph, None) for type in fresh]
        at = _first_saved(node)
        nodes.append(substitute(node, operands, attrs, (*node.outputs[:at], *extra[node], *node.outputs[at:])))
    return graph.copied(nodes=nodes)


def _inner(node: Node) -> Mapping[str, Any]:
    """The attributes of a node, with the same done in its regions."""
    regions = {name: keep_residuals(region) for name, region in node.regions().items()}
    return node.attrs if all(regions[n] is node.attrs[n] for n in regions) else {**node.attrs, **regions}


def _first_saved(node: Node) -> int:
    """Where among a node's outputs the saved carries begin, before which there is room for more results."""
    saved = node.attrs["carry"] if node.op is prims.scan and node.attrs["save"] else 0
    return len(node.outputs) - saved


# -- finding pairs --


def _pairs(nodes: Sequence[Node]) -> list[_Pair]:
    found: list[_Pair] = []
    taken: set[Node] = set()
    for i, forward in enumerate(nodes):
        for backward in nodes[i + 1 :]:
            if forward in taken or backward in taken or forward.op is not backward.op:
                continue
            kept = _KINDS[forward.op](forward, backward) if forward.op in _KINDS else []
            if kept:
                found.append(_Pair(forward, backward, kept))
                taken |= {forward, backward}
    return found


def _kept_by_scan(forward: Node, backward: Node) -> list[_Kept]:
    a, b = forward.attrs, backward.attrs
    if not a["save"] or a["length"] != b["length"] or has_effect(forward) or has_effect(backward):
        return []
    saved = {v: j for j, v in enumerate(forward.outputs[_first_saved(forward) :])}
    start = b["consts"] + b["carry"]
    if saved.keys().isdisjoint(backward.operands[start:]):
        return []
    known: dict[Value, Hashable] = {}
    for i, (operand, param) in enumerate(zip(forward.operands, a["body"].params, strict=True)):
        if i < a["consts"]:
            known[param] = ("const", operand)
        elif i < a["consts"] + a["carry"]:
            known[param] = ("carry", i - a["consts"])
        else:
            known[param] = ("item", operand)
    for i, (operand, param) in enumerate(zip(backward.operands, b["body"].params, strict=True)):
        if i < b["consts"]:
            known[param] = ("const", operand)
        elif i >= start:
            known[param] = ("carry", saved[operand]) if operand in saved else ("item", operand)
    return _expensive_in_both("body", a["body"], b["body"], known)


def _kept_by_cond(forward: Node, backward: Node) -> list[_Kept]:
    if has_effect(forward) or has_effect(backward) or forward.operands[0] is not backward.operands[0]:
        return []
    kept: list[_Kept] = []
    for name in ("then", "orelse"):
        known: dict[Value, Hashable] = {}
        for node in (forward, backward):
            known.update(zip(node.attrs[name].params, (("const", v) for v in node.operands[1:]), strict=True))
        kept += _expensive_in_both(name, forward.attrs[name], backward.attrs[name], known)
    return kept


_KINDS = {prims.scan: _kept_by_scan, prims.cond: _kept_by_cond}


def _expensive_in_both(name: str, forward: Graph, backward: Graph, known: dict[Value, Hashable]) -> list[_Kept]:
    """Expensive values that both regions compute, and that something in the second needs which is not in the first."""
    numbers: dict[Hashable, int] = {}
    mine, theirs = _numbered(forward, known, numbers), _numbered(backward, known, numbers)
    there = {number: value for value, number in mine.items() if value.node is not None}
    repeated = {v for v, number in theirs.items() if number in there and v.node is not None}
    found: dict[Value, _Kept] = {}
    seen: set[Value] = set()

    def visit(value: Value) -> None:
        """Go from a value that is needed to the expensive ones that it is made of."""
        stack = [value]
        while stack:
            v = stack.pop()
            if v not in repeated or v in seen:
                continue
            seen.add(v)
            assert v.node is not None
            if v.node.op.expensive:
                found[v] = _Kept(name, there[theirs[v]], v)
            else:
                stack += v.node.operands

    for node in backward.nodes:
        if not repeated.issuperset(node.outputs):
            for v in node.operands:
                visit(v)
    for v in backward.results:
        visit(v)
    return list(found.values())


def _numbered(region: Graph, known: Mapping[Value, Hashable], numbers: dict[Hashable, int]) -> dict[Value, int]:
    """A number for each value: the same for values that are computed in the same way from the same things."""

    def number(key: Hashable) -> int:
        return numbers.setdefault(key, len(numbers))

    result = {p: number(known.get(p, p)) for p in region.params}
    for node in region.nodes:
        attributes = attributes_key(node.attrs)
        alone = attributes is None or has_effect(node)
        key = node if alone else (node.op, tuple(result[v] for v in node.operands), attributes)
        for i, v in enumerate(node.outputs):
            result[v] = number((key, i))
    return result


# -- using what was found --


def _keeping(pair: _Pair) -> tuple[dict[str, Any], list[TensorType]]:
    """Attributes of the forward node with what is kept as further results, and the types of these."""
    attrs = dict(pair.forward.attrs)
    types: list[TensorType] = [kept.forward.type for kept in pair.kept]
    if pair.forward.op is prims.scan:
        body = attrs["body"]
        attrs["body"] = _with_results(body, [kept.forward for kept in pair.kept])
        return attrs, [t.with_shape((attrs["length"], *t.shape)) for t in types]
    for name in ("then", "orelse"):
        attrs[name] = _with_results(
            attrs[name], [kept.forward if kept.region == name else kept.forward.type for kept in pair.kept]
        )
    return attrs, types


def _with_results(region: Graph, more: Sequence[Value | TensorType]) -> Graph:
    """A region with further results: values of it, or zeros of a type."""
    nodes, results = list(region.nodes), list(region.results)
    for part in more:
        if isinstance(part, Value):
            results.append(part)
        else:
            zeros = trace(lambda type=part: [filled(type)], [], "zeros")
            nodes += zeros.nodes
            results += zeros.results
    return region.copied(nodes=nodes, results=results)


def _using(pair: _Pair) -> dict[str, Any]:
    """Attributes of the derivative with what is kept as further parameters, in the place of what it computed."""
    attrs = dict(pair.backward.attrs)
    for name in pair.backward.regions():
        region = attrs[name]
        added = [kept.backward if kept.region == name else kept.forward.type for kept in pair.kept]
        attrs[name] = prune(region.copied(params=[*region.params, *added]))
    return attrs
