"""Rectifying after pooling instead of before.

The maximum of rectified numbers is the rectified maximum. So `max(relu(x))` over windows becomes `relu(max(x))`, which
has as many fewer numbers to rectify as a window has places. In the derivative the mask moves in front of the scattering
of cotangents for the same reason: where a window's maximum is positive, its place is the same for both; where it is
not, the cotangent is zero. It matters only that nothing else asks for the places, or for what lies between the two
derivatives.

A derivative of pooling that is summed over all places need not be scattered for that: what is scattered has the sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lamella.ir.graph import Graph, Node, Value, substitute
from lamella.ops import prims
from lamella.ops.define.opdef import OpDef


def rectify_after_pooling(graph: Graph) -> Graph:
    """Exchange rectifying and pooling, in regions too.

    Examples:
        >>> import lamella as ms
        >>> from lamella_compiler.passes.dead import prune
        >>> pool = ms.nn.MaxPool2d(2, 2)
        >>> graph = ms.ir.build(lambda x: pool(ms.ops.relu(x)), ms.ir.TensorType(ms.float32, (1, 1, 4, 4)))
        >>> [node.op.name for node in prune(rectify_after_pooling(graph)).nodes]
        ['constant', 'window_max', 'le', 'select']
    """
    writing = _Writing(graph)
    for node in graph.nodes:
        writing.add(node)
    return graph.copied(nodes=writing.nodes, instead=writing.instead) if writing.changed else graph


class _Writing:
    """The nodes of the new graph, in their order.

    Attributes:
        nodes: those so far.
        instead: values that are read in the place of others.
        changed: whether there is anything new.
        scattered: what a new derivative of a pooling scatters, by what comes of it.
    """

    def __init__(self, graph: Graph) -> None:
        self.nodes: list[Node] = []
        self.instead: dict[Value, Value] = {}
        self.changed = False
        self._graph = graph
        self._found = _Pooled(graph).found
        self.scattered: dict[Value, Value] = {}

    def add(self, node: Node) -> None:
        """Put a node in, or what takes its place."""
        rewrite = self._found.get(node)
        if rewrite is not None:
            rewrite.write(self, node)
            return
        attrs = {**node.attrs, **{name: rectify_after_pooling(region) for name, region in node.regions().items()}}
        operands = node.operands
        if node.op is prims.reduce_sum:
            x = self.instead.get(operands[0], operands[0])
            scattered = _whole_sum(x, node.attrs["axes"])
            operands = operands if scattered is None else (self.scattered.get(x, scattered),)
        if operands is node.operands and all(attrs[name] is node.attrs[name] for name in attrs):
            self.nodes.append(node)
        else:
            self.put(node, operands, attrs, node.outputs)

    def put(self, like: Node, operands: Sequence[Value], attrs: Mapping[str, Any], outputs: Sequence[Value]) -> None:
        """Put a node of the same primitive as another in."""
        self.changed = True
        self.nodes.append(substitute(like, operands, attrs, outputs))

    def one(self, op: OpDef, *operands: Value, like: Node, output: Value | None = None) -> Value:
        """Put a node in that stands for part of another; its output."""
        if output is None:
            output = Value(op.result_types([v.type for v in operands], {})[0], self._graph, None)
        self.nodes.append(Node(op, operands, {}, (output,), like.location))
        return output


def _whole_sum(x: Value, axes: Sequence[int]) -> Value | None:
    """What was scattered to places all of which are summed up; None if `x` is something else."""
    node = x.node
    if node is None or node.op is not prims.window_max_grad:
        return None
    places = range(len(x.shape) - len(node.attrs["window"]), len(x.shape))
    return node.operands[0] if set(places) <= set(axes) else None


def _rectified(value: Value) -> tuple[Value, Value] | None:
    """The mask and the operand of `select(x <= 0, 0, x)`."""
    node = value.node
    if node is None or node.op is not prims.select:
        return None
    mask, zero, x = node.operands
    test = mask.node
    if test is None or test.op is not prims.le or test.operands != (x, zero) or not _is_zero(zero):
        return None
    return mask, x


def _has_data_in_each_window(pool: Node) -> bool:
    """Whether no window lies in the padding, where the maximum is minus infinity and would be rectified to zero."""
    attrs = pool.attrs
    return all(
        d == 1 and max(padding) < k
        for k, padding, d in zip(attrs["window"], attrs["padding"], attrs["dilation"], strict=True)
    )


def _is_zero(value: Value) -> bool:
    node = value.node
    return node is not None and node.op is prims.constant and not value.shape and not node.attrs["value"].any()


class _Rewrite:
    """What takes the place of one node.

    Args:
        kind: "pool", "scatter" or "mask".
        pool: the pooling that it belongs to.
        x: what is rectified before the pooling.
        shared: values that the nodes of one pooling share.
    """

    def __init__(self, kind: str, pool: Node, x: Value, shared: dict[str, Value]) -> None:
        self.kind = kind
        self.pool = pool
        self.x = x
        self.shared = shared

    def write(self, writing: _Writing, node: Node) -> None:
        """Put in what takes the node's place."""
        if self.kind == "pool":
            relu = self.pool.operands[0].node
            assert relu is not None
            zero, (values, places) = relu.operands[1], node.outputs
            most = Value(values.type, values.graph, None)
            writing.put(node, (self.x,), node.attrs, (most, places))
            mask = writing.one(prims.le, most, zero, like=node)
            self.shared.update(zero=zero, mask=mask)
            writing.one(prims.select, mask, zero, most, like=node, output=values)
        elif self.kind == "scatter":
            given, places = node.operands
            cotangent = writing.one(prims.select, self.shared["mask"], self.shared["zero"], given, like=node)
            writing.put(node, (cotangent, places), node.attrs, node.outputs)
            writing.scattered[node.outputs[0]] = cotangent
        else:  # the mask: what was scattered is masked already
            writing.instead[node.outputs[0]] = node.operands[2]
            writing.changed = True


class _Pooled:
    """Finds what can be exchanged.

    Attributes:
        found: for each node that something else takes the place of, what that is.
    """

    def __init__(self, graph: Graph) -> None:
        self.found: dict[Node, _Rewrite] = {}
        readers: dict[Value, list[Node]] = {}
        for node in graph.nodes:
            for value in node.operands:
                readers.setdefault(value, []).append(node)
        results = set(graph.results)
        for node in graph.nodes:
            if node.op is prims.window_max:
                self._look_at(node, readers, results)

    def _look_at(self, pool: Node, readers: dict[Value, list[Node]], results: set[Value]) -> None:
        rectified = _rectified(pool.operands[0])
        if (
            rectified is None
            or not _has_data_in_each_window(pool)
            or readers[pool.operands[0]] != [pool]
            or pool.operands[0] in results
        ):
            return
        mask, x = rectified
        places = pool.outputs[1]
        scatters = readers.get(places, [])
        masks: list[Node] = []
        for scatter in scatters:
            after = readers.get(scatter.outputs[0], []) if scatter.op is prims.window_max_grad else []
            if len(after) != 1 or scatter.outputs[0] in results or scatter.operands[0] is places:
                return
            (user,) = after
            if (
                user.op is not prims.select
                or user.operands[0] is not mask
                or user.operands[2] is not scatter.outputs[0]
            ):
                return
            if not _is_zero(user.operands[1]):
                return
            masks.append(user)
        if places in results:
            return
        shared: dict[str, Value] = {}
        self.found[pool] = _Rewrite("pool", pool, x, shared)
        self.found.update((node, _Rewrite("scatter", pool, x, shared)) for node in scatters)
        self.found.update((node, _Rewrite("mask", pool, x, shared)) for node in masks)
