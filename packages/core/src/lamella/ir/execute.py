"""The reference way to run a graph: as one Python function that calls the NumPy kernels in order.

The function is written as source text and compiled once, so that running it costs little beside the kernels. Memory
of values that are used up is taken for results of ufuncs (`out=`); so is the memory of donated parameters, and then
everything that can fail runs before the first of those writes.
"""

from __future__ import annotations

import heapq
import linecache
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from lamella.dims import Dim
from lamella.ir.analysis import is_total
from lamella.ir.graph import Graph, Node, Value
from lamella.ir.interpret import bind_sizes, closed, specialized
from lamella.ops.prims.given import constant
from lamella.types import TOKEN, TensorType

#: Runs on one array for each parameter that is not a token; `began` gets an element before the first state write.
Runner = Callable[..., tuple[Any, ...]]

# Below this many bytes a fresh result is as cheap as `out=`.
_WORTH_REUSING = 4096

# Under this name a graph's function finds, in its globals, the node that each of its lines stands for.
_NODES = "__lamella_nodes__"

#: How `execute` runs a graph while someone steps through the graphs that primitives have; None for its own way.
stepping: ContextVar[Callable[[Graph, Sequence[Any]], tuple[Any, ...]] | None] = ContextVar("stepping", default=None)

_runners: WeakKeyDictionary[Graph, dict[Any, Runner]] = WeakKeyDictionary()


def add_location(error: BaseException) -> None:
    """Note at an error from inside a graph which primitive raised it and where its user wrote it."""
    innermost: Node | None = None
    trace = error.__traceback__
    while trace is not None:
        innermost = trace.tb_frame.f_globals.get(_NODES, {}).get(trace.tb_lineno, innermost)
        trace = trace.tb_next
    if innermost is not None:
        note_node(error, innermost)


def note_node(error: BaseException, node: Node) -> None:
    """Note at an error which primitive it came from and where its user wrote it."""
    if node.location is not None:
        file, line = node.location[:2]
        text = linecache.getline(file, line).strip()
        error.add_note(f"in ops.{node.op.name}, built at {file}:{line}: {text}")


def execute(graph: Graph, arrays: Sequence[Any]) -> tuple[Any, ...]:
    """Run a graph on NumPy arrays.

    Args:
        graph: a graph.
        arrays: one for each parameter that is not a token.

    Returns:
        One array (or NumPy scalar, for 0-d) for each result that is not a token.
    """
    step = stepping.get()
    return runner(graph, arrays, frozenset())(*arrays, began=[]) if step is None else step(graph, arrays)


def runner(graph: Graph, arrays: Sequence[Any], donated: frozenset[int]) -> Runner:
    """The function that runs a graph on arrays like these.

    Args:
        graph: a graph; its open sizes are read off the arrays.
        arrays: one for each parameter that is not a token.
        donated: positions among them whose memory may be taken for results.

    Raises:
        GraphError: an array does not fit its parameter's type, or what the graph assumed of open sizes does not hold.
    """
    known = _runners.get(graph)
    if known is None:
        known = _runners.setdefault(graph, {})
    found = known.get(donated)
    if found is not None:
        return found
    params = [p for p in graph.params if p.type != TOKEN]
    if not any(isinstance(size, Dim) for p in params for size in p.type.shape):
        return known.setdefault(donated, _compile(graph, donated))
    sizes: dict[str, Any] = {}
    for param, array in zip(params, arrays, strict=True):
        bind_sizes(param.type, array.shape, sizes)
    key = donated, tuple(sorted(sizes.items()))
    if key not in known:
        known[key] = _compile(closed(graph, sizes), donated)
    return known[key]


def _compile(graph: Graph, donated: frozenset[int]) -> Runner:
    params = [p for p in graph.params if p.type != TOKEN]
    given = {params[i] for i in donated}
    nodes, writes = _schedule(graph, given)
    last_use = _last_uses(nodes, graph)
    names: dict[Value, str] = {p: f"a{i}" for i, p in enumerate(params)}
    scope: dict[str, Any] = {"bind_sizes": bind_sizes, "run_open": _run_open, _NODES: {}}
    lines = [f"def run({''.join(f'{names[p]}, ' for p in params)}*, began):", "    sizes = {}"]
    viewed = {v for node in nodes if node.op.shares for v in node.operands}
    owned: set[Value] = set()
    began = False
    for number, node in enumerate(nodes):
        operands = [v for v in node.operands if v.type != TOKEN]
        outputs = [v for v in node.outputs if v.type != TOKEN]
        for i, value in enumerate(outputs):
            names[value] = f"v{number}_{i}"
        if node.op is constant:
            scope[names[outputs[0]]] = node.attrs["value"]
            continue
        target = "".join(f"{names[v]}, " for v in outputs) if node.op.multiple else names[outputs[0]]
        arguments = [names[v] for v in operands]
        if _is_open(node):
            scope[f"n{number}"] = node
            call = f"run_open({', '.join([f'n{number}', 'sizes', *arguments])})"
        else:
            scope[f"k{number}"] = node.op.kernel
            for name, value in node.attrs.items():
                scope[f"c{number}_{name}"] = value
                arguments.append(f"{name}=c{number}_{name}")
            reused = _reusable(node, owned, last_use, number, given, writes)
            if reused is not None:
                arguments.append(f"out={names[reused]}")
                if reused in given and not began:
                    began = True
                    lines.append("    began.append(True)")
            call = f"k{number}({', '.join(arguments)})"
            if isinstance(node.op.kernel, np.ufunc) and outputs[0] not in viewed:
                owned.add(outputs[0])
        lines.append(f"    {target} = {call}" if outputs else f"    {call}")
        scope[_NODES][len(lines)] = node
        for value in outputs:
            if any(isinstance(size, Dim) for size in value.type.shape):
                scope[f"t_{names[value]}"] = value.type
                lines.append(f"    bind_sizes(t_{names[value]}, {names[value]}.shape, sizes)")
        dead = [names[v] for v in {*operands, *outputs} if last_use.get(v) == number and v.node is not None]
        dead = [name for name in dead if name not in scope]
        if dead:
            lines.append(f"    del {', '.join(sorted(dead))}")
    results = "".join(f"{names[v]}, " for v in graph.results if v.type != TOKEN)
    lines.append(f"    return ({results})")
    exec(compile("\n".join(lines), f"<graph {graph.name}>", "exec"), scope)
    run: Runner = scope["run"]
    return run


def _is_open(node: Node) -> bool:
    """Whether its attributes hold sizes that are known only when it runs."""

    def is_open(data: Any) -> bool:
        if isinstance(data, tuple):
            return any(map(is_open, data))
        if isinstance(data, Graph):
            values = [*data.params, *(v for _, inner in data.walk() for v in inner.outputs)]
            return any(is_open(v.type.shape) for v in values if isinstance(v.type, TensorType)) or any(
                map(_is_open, data.nodes)
            )
        return isinstance(data, Dim)

    return any(map(is_open, node.attrs.values()))


def _run_open(node: Node, sizes: dict[str, Any], *operands: Any) -> Any:
    attrs = {name: specialized(value, sizes, strict=True) for name, value in node.attrs.items()}
    return node.op.kernel(*operands, **attrs)


def _last_uses(nodes: Sequence[Node], graph: Graph) -> dict[Value, int]:
    """The position of each value's last reader; results are read at the end."""
    last: dict[Value, int] = {}
    for number, node in enumerate(nodes):
        for value in (*node.operands, *node.outputs):
            last[value] = number
    for value in graph.results:
        last[value] = len(nodes)
    return last


def _schedule(graph: Graph, donated: set[Value]) -> tuple[list[Node], dict[Value, Node]]:
    """The nodes in an order in which donated memory can be overwritten, and the node that overwrites each.

    A parameter may be overwritten by a reader of it that gives a result of its type, once everybody else who reads
    it, or something that shares its memory, is done. Such nodes, and what depends on them, come last.
    """
    position = {node: i for i, node in enumerate(graph.nodes)}
    writes: dict[Value, Node] = {}
    before: dict[Node, set[Node]] = {}  # what must run before a node although it does not feed it
    for param in donated:
        sharing = {param}
        readers: list[Node] = []
        for node in graph.nodes:
            if not sharing.isdisjoint(node.operands):
                readers.append(node)
                if node.op.shares:
                    sharing.update(node.outputs)
        if not sharing.isdisjoint(graph.results):
            continue
        for candidate in reversed(readers):
            others = set(readers) - {candidate}
            if _can_write(candidate, param) and others.isdisjoint(_dependents(graph, [candidate])):
                writes[param] = candidate
                before.setdefault(candidate, set()).update(others)
                break
    while True:
        late = _with_harmless_feeders(graph, _dependents(graph, list(writes.values())))
        order = _ordered(graph, before, {node: (node in late, i) for node, i in position.items()})
        if len(order) == len(graph.nodes):
            return order, writes
        # Two writes wait for each other: one parameter keeps its memory.
        stuck = next(param for param, node in writes.items() if node not in order)
        before.pop(writes.pop(stuck))


def _dependents(graph: Graph, nodes: Sequence[Node]) -> set[Node]:
    """The nodes and all that need what they give."""
    found = set(nodes)
    values = {v for node in nodes for v in node.outputs}
    if found:
        for node in graph.nodes:
            if not values.isdisjoint(node.operands):
                found.add(node)
                values.update(node.outputs)
    return found


def _with_harmless_feeders(graph: Graph, late: set[Node]) -> set[Node]:
    """Also what cannot fail and only late nodes read: beside its readers, its memory is soon free again."""
    found = set(late)
    readers: dict[Value, list[Node | None]] = {v: [None] for v in graph.results}
    for node in reversed(graph.nodes):
        readers_are_late = all(reader in found for v in node.outputs for reader in readers.get(v, [None]))
        if late and readers_are_late and is_total(node):
            found.add(node)
        for value in node.operands:
            readers.setdefault(value, []).append(node)
    return found


def _ordered(graph: Graph, before: dict[Node, set[Node]], rank: Mapping[Node, Any]) -> list[Node]:
    """The nodes by rank, as far as what each needs allows; those on a cycle are left out."""
    if not before:
        return list(graph.nodes)
    needs = {
        node: {v.node for v in node.operands if v.node is not None} | before.get(node, set()) for node in graph.nodes
    }
    needed_by: dict[Node, list[Node]] = {}
    for node, required in needs.items():
        for other in required:
            needed_by.setdefault(other, []).append(node)
    ready = [(rank[node], i, node) for i, node in enumerate(graph.nodes) if not needs[node]]
    heapq.heapify(ready)
    order: list[Node] = []
    while ready:
        *_, node = heapq.heappop(ready)
        order.append(node)
        for other in needed_by.get(node, ()):
            needs[other].discard(node)
            if not needs[other]:
                heapq.heappush(ready, (rank[other], len(order) + len(graph.nodes), other))
    return order


def _can_write(node: Node, value: Value) -> bool:
    return isinstance(node.op.kernel, np.ufunc) and value in node.operands and node.outputs[0].type == value.type


def _reusable(
    node: Node,
    owned: set[Value],
    last_use: dict[Value, int],
    number: int,
    donated: set[Value],
    writes: dict[Value, Node],
) -> Value | None:
    """An operand whose memory the node's result can take."""
    if not isinstance(node.op.kernel, np.ufunc):
        return None
    for value in node.operands:
        if value in donated:
            if writes.get(value) is node and value.type.shape:
                return value
        elif value in owned and last_use[value] == number and _can_write(node, value) and _is_large(value.type):
            return value
    return None


def _is_large(type: TensorType) -> bool:
    size = type.size
    return isinstance(size, int) and bool(type.shape) and size * type.dtype.itemsize >= _WORTH_REUSING
