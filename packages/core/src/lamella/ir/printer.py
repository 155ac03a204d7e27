"""A graph as text that people read and `parser` reads back."""

from __future__ import annotations

import base64
import linecache
from typing import Any

import numpy as np

from lamella.dims import Dim
from lamella.dtypes import BY_NUMPY
from lamella.ir.graph import Graph, Node, Value

# Arrays up to this many elements are written as numbers, larger ones as base64 of their bytes.
_SMALL = 16


def print_graph(graph: Graph, locations: bool = False) -> str:
    """Write a graph.

    Args:
        graph: the graph.
        locations: whether each node is followed by its location, and the user's line as a comment.

    Returns:
        Text that `parse_graph` turns into an equal graph.
    """
    names: dict[Value, str] = {}
    lines: list[str] = []
    _print(graph, names, lines, "", "graph " + _identifier(graph.name), locations)
    return "\n".join(lines)


def _print(graph: Graph, names: dict[Value, str], lines: list[str], indent: str, head: str, locations: bool) -> None:
    def name(value: Value) -> str:
        return names.setdefault(value, f"%{len(names)}")

    params = ", ".join(f"{name(p)}: {p.type}" for p in graph.params)
    lines.append(f"{indent}{head}({params}) -> {_types(graph.results)} {{")
    for dim, relation in graph.guards:
        lines.append(f"{indent}  guard {dim} {relation}")
    for node in graph.nodes:
        outputs = ", ".join(f"{name(v)}: {v.type}" for v in node.outputs)
        operands = ", ".join(map(name, node.operands))
        attrs = [f"{key}={_attribute(value)}" for key, value in node.attrs.items() if not isinstance(value, Graph)]
        version = f"@{node.op.version}" if node.op.version != 1 else ""
        text = f"{outputs} = " if outputs else ""
        text += f"{node.op.name}{version}({operands})" + (f" {{{', '.join(attrs)}}}" if attrs else "")
        lines.append(f"{indent}  {text}{_place(node) if locations else ''}")
        for key, region in node.regions().items():
            _print(region, names, lines, indent + "    ", f"{key} = graph {_identifier(region.name)}", locations)
    lines.append(f"{indent}  return {', '.join(map(name, graph.results))}".rstrip())
    lines.append(f"{indent}}}")


def _identifier(name: str) -> str:
    return "".join(c if c.isalnum() or c == "_" else "_" for c in name) or "_"


def _types(values: list[Value]) -> str:
    return str(values[0].type) if len(values) == 1 else f"({', '.join(str(v.type) for v in values)})"


def _place(node: Node) -> str:
    if node.location is None:
        return ""
    text = linecache.getline(node.location.file, node.location.line).strip()
    return f" at {_attribute(tuple(node.location))}" + (f"  # {text}" if text else "")


def _attribute(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_attribute, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, Dim):
        return f"<{value}>"
    if isinstance(value, (bool, int, float, str)) or value is None:
        return repr(value)
    raise TypeError(f"A graph cannot be written with an attribute of type {type(value).__name__}: {value!r}.")


def _array(array: np.ndarray[Any, Any]) -> str:
    head = f"{BY_NUMPY[array.dtype].name}[{', '.join(map(str, array.shape))}]"
    if array.size <= _SMALL:
        flat = array.reshape(-1)
        parts = flat.view(flat.real.dtype) if flat.dtype.kind == "c" else flat  # real and imaginary parts in turn
        # repr of a Python float names it exactly; float32 and shorter are exact as floats.
        return f"{head}({', '.join(map(repr, parts.tolist()))})"
    return f"{head}(b64'{base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()}')"


Graph.__str__ = print_graph  # type: ignore[assignment,method-assign]  # a graph itself knows nothing of texts
